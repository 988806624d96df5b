"""Our own JSON: golden files, agreement with the published schema, nothing lost."""

import base64
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import re2
from golden_records import accepted, compare, raw, rejected, run, samples
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from counterspam.decode import evidence_fields, evidence_json
from counterspam.errors import DecodeError, Reason
from counterspam.taxonomy import Channel, Disposition, Source

ROOT = Path(__file__).resolve().parent.parent.parent
SCHEMA = ROOT / "src" / "counterspam" / "data" / "evidence.schema.json"
MINIMAL = {"counterspam": "1", "channel": "sms", "text": "x"}


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Any:
    """JSON Schema patterns are ECMA 262: a dollar sign does not match before a newline, as it does in Python."""
    if isinstance(value, str) and not re2.search(pattern, value):
        yield jsonschema.ValidationError("pattern")


Validator = jsonschema.validators.extend(jsonschema.Draft202012Validator, {"pattern": _pattern})
SCHEMA_CHECK = Validator(json.loads(SCHEMA.read_text()), format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("path", samples("evidence_json"), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    item = raw(path.read_bytes(), name=path.name)
    assert evidence_json.looks_like(item)
    compare(path, run(evidence_json, item))


def test_the_published_schema_is_generated() -> None:
    jsonschema.Draft202012Validator.check_schema(evidence_fields.json_schema())
    assert json.loads(SCHEMA.read_text()) == evidence_fields.json_schema(), (
        "python -m counterspam.decode.evidence_fields > src/counterspam/data/evidence.schema.json"
    )


def test_the_documented_table_is_generated() -> None:
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    for name, field in evidence_fields.json_schema()["properties"].items():
        assert f"| `{name}` |" in page, name
        assert field.get("description", "") in page, name


def test_the_documented_examples_are_accepted() -> None:
    page = (ROOT / "docs" / "evidence.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith('{"counterspam"')]
    assert len(lines) >= 3
    assert not rejected(run(evidence_json, raw("\n".join(lines).encode())))


def _decoder_takes(item: Any) -> bool:
    try:
        evidence_json.check(item)
    except DecodeError:
        return False
    return True


WORDS = st.sampled_from(
    [
        *Channel,
        *Source,
        *Disposition,
        "1",
        "pass",
        "A",
        "GB",
        "en-GB",
        "",
        "192.0.2.1",
        "::1",
        "fe80::1%eth0",
        "2026-02-29T10:00:00Z",
        "2026-02-30T10:00:00Z",
        "2026-01-01T10:00:00+01:00\n",
        "+15550100123",
        "QUJD",
        "QUJ",
        "a" * 64,
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, 1.0, 2.5, -1, 10**9, 10**10, 2**70, 1e300])
    | WORDS
    | st.text(max_size=12)
)
NAMES = st.sampled_from(
    [
        *evidence_fields.Fields.model_fields,
        *evidence_fields.Pattern.model_fields,
        "x_",
        "x_note",
        "sha256",
        "size",
        "name",
        "spf",
        "stir",
        "country",
        "operator",
        "typo",
    ]
)
VALUES = st.recursive(LEAVES, lambda v: st.lists(v, max_size=3) | st.dictionaries(NAMES, v, max_size=7), max_leaves=10)
CALLS = {"calls": 2, "callees": 1, "answered": 0.5, "mean_duration": 1, "short_ring": 1}


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(NAMES, VALUES, max_size=6), st.booleans())
@example({"calls": CALLS}, True)
@example({"calls": CALLS | {"calls": 2.0}}, True)
@example({"calls": CALLS | {"answered": 2}}, True)
@example({"calls": None}, True)
@example({"attachments": [{"sha256": "a" * 64}]}, True)
@example({"attachments": [{"sha256": "a" * 64, "size": 1.5}]}, True)
@example({"count": 1.0}, True)
@example({"count": True}, True)
@example({"channel": "carrier pigeon"}, True)
@example({"text": "é" * 200_000}, True)
@example({"text": "é" * 200_001}, True)
@example({"urls": ["x"] * 201}, True)
@example({"reported_spam": None}, True)
@example({"source_ip": "fe80::1%eth0"}, True)
@example({"id": ""}, True)
@example({"x_mine": {"deep": [1]}}, False)
def test_decoder_and_schema_agree(change: dict[str, Any], whole: bool) -> None:
    item = (MINIMAL | change) if whole else change
    assert _decoder_takes(item) == SCHEMA_CHECK.is_valid(item)


@pytest.mark.parametrize(
    ("change", "reason", "words"),
    [
        ({"txt": "x"}, Reason.BAD_VALUE, "txt: is not a field"),
        ({"count": 0}, Reason.BAD_VALUE, "count"),
        ({"auth": {"spf": "maybe"}}, Reason.BAD_VALUE, "auth.spf"),
        ({"channel": "pigeon"}, Reason.BAD_VALUE, "channel"),
        ({"raw_mail": base64.b64encode(b"\n\nno header").decode()}, Reason.BAD_SYNTAX, "header"),
    ],
)
def test_a_bad_line_says_why_and_keeps_its_bytes(change: dict[str, Any], reason: Reason, words: str) -> None:
    line = json.dumps(MINIMAL | change)
    found = run(evidence_json, raw(f"{json.dumps(MINIMAL)}\n{line}\n".encode()))
    (bad,) = rejected(found)
    assert (bad.reason, bad.index, bad.data) == (reason, 1, line.encode())
    assert words in bad.detail
    assert len(accepted(found)) == 1


def test_identity() -> None:
    """The client's id makes it the same; without one, content and place do."""
    again = [
        {**MINIMAL, "id": "a"},
        {**MINIMAL, "id": "a", "text": "y"},
        {**MINIMAL, "id": "a", "reporter": "other"},
        MINIMAL,
        MINIMAL,
    ]
    data = "\n".join(map(json.dumps, again)).encode()
    keys = [e.key for e in accepted(run(evidence_json, raw(data)))]
    assert keys[0] == keys[1] != keys[2]
    assert len(set(keys)) == 4
    assert keys == [e.key for e in accepted(run(evidence_json, raw(data, id="f" * 32)))]


@pytest.mark.parametrize(
    "wrap",
    [lambda b: b, lambda b: b"[" + b + b"]", lambda b: b"\xef\xbb\xbf" + b, lambda b: b.decode().encode("utf-16")],
)
def test_one_object_an_array_a_mark(wrap: Any) -> None:
    item = raw(wrap(json.dumps(MINIMAL, indent=1).encode()))
    assert evidence_json.looks_like(item)
    assert len(accepted(run(evidence_json, item))) == 1


def test_too_deep_is_refused_alone() -> None:
    deep = json.dumps(MINIMAL)[:-1] + ', "x_y": ' + "[" * 60 + "]" * 60 + "}"
    found = run(evidence_json, raw(f"{json.dumps(MINIMAL)}\n{deep}\n{'[' * 5000}\n".encode()))
    assert [r.reason for r in rejected(found)] == [Reason.TOO_DEEP, Reason.TOO_DEEP]


@given(
    st.lists(
        st.binary(max_size=60).filter(lambda b: b"\n" not in b and b"\r" not in b)
        | st.just(json.dumps(MINIMAL).encode()),
        max_size=6,
    )
)
def test_every_line_is_accounted_for(lines: list[bytes]) -> None:
    data = json.dumps(MINIMAL).encode() + b"\n" + b"\n".join([*lines, json.dumps(MINIMAL).encode()])
    found = run(evidence_json, raw(data))
    assert len(found) == 2 + sum(1 for line in lines if line.strip(b" \t\r\n"))


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    for item in (raw(data), raw(b'{"counterspam":"1"' + data)):
        assert evidence_json.looks_like(item) in (True, False)
        run(evidence_json, item)
