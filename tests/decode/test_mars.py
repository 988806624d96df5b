"""Mobile abuse reports."""

import json
from pathlib import Path
from typing import Any

import pytest
from golden_records import accepted, compare, raw, rejected, run, samples
from hypothesis import given
from hypothesis import strategies as st

from counterspam.decode import mars
from counterspam.errors import Reason
from counterspam.taxonomy import Channel, SenderKind, Source

REPORT: dict[str, Any] = {
    "v": "1",
    "u": "Example/Messages/1",
    "s": "+15550100123",
    "m": {"p": "sms", "t": "2026-01-01T10:00:00Z", "c": "Win now"},
}


@pytest.mark.parametrize("path", samples("mars"), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    item = raw(path.read_bytes(), name=path.name)
    assert mars.looks_like(item)
    compare(path, run(mars, item))


def test_one_report() -> None:
    (found,) = accepted(run(mars, raw(json.dumps({**REPORT, "r": "+15550100999", "d": "legit"}, indent=2).encode())))
    assert (found.channel, found.source, found.reporter) == (Channel.SMS, Source.USER_REPORT, "+15550100999")
    assert (found.sender, found.sender_kind) == ("+15550100123", SenderKind.PHONE)
    assert found.reported_spam is False


def test_the_reporters_own_number_is_no_sender() -> None:
    (found,) = accepted(run(mars, raw(json.dumps([{**REPORT, "r": "+1 555 010 0123"}]).encode())))
    assert (found.sender, found.sender_kind, found.sender_raw) == ("", SenderKind.UNKNOWN, "+15550100123")


def test_the_same_report_again_has_the_same_key_and_another_reporter_another() -> None:
    lines = [REPORT, REPORT, {**REPORT, "r": "+15550100999"}]
    keys = [e.key for e in accepted(run(mars, raw("\n".join(map(json.dumps, lines)).encode())))]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"v": "9"}, Reason.UNSUPPORTED, "v"),
        ({"v": 1}, Reason.BAD_VALUE, "v"),
        ({"s": ""}, Reason.MISSING_FIELD, "s"),
        ({"s": "x" * 351}, Reason.TOO_LARGE, "s"),
        ({"d": "dunno"}, Reason.BAD_VALUE, "d"),
        ({"m": {**REPORT["m"], "t": "now"}}, Reason.BAD_VALUE, "m.t"),
        ({"m": {**REPORT["m"], "p": "fax"}}, Reason.BAD_VALUE, "m.p"),
        ({"m": {"p": "sms", "t": "2026-01-01T10:00:00Z"}}, Reason.MISSING_FIELD, "m.c"),
    ],
)
def test_a_bad_field_is_named(change: dict[str, Any], reason: Reason, field: str) -> None:
    (found,) = rejected(run(mars, raw(json.dumps(REPORT | change).encode())))
    assert found.reason is reason
    assert found.detail.startswith(field + ":")


VALUES = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=30) | st.just("2026-01-01T10:00:00Z")


@given(
    st.dictionaries(
        st.sampled_from(["v", "u", "s", "i", "r", "d", "m", "z"]), VALUES | st.just(REPORT["m"]), max_size=8
    )
)
def test_any_object(change: dict[str, Any]) -> None:
    assert len(run(mars, raw(json.dumps(REPORT | change).encode()))) == 1


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    item = raw(data)
    assert mars.looks_like(item) in (True, False)
    run(mars, item)
