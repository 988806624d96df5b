"""Golden files: `tests/golden/detect/NAME.test` holds cases for the check NAME.

A case is "expect ANSWER", then "field: value" lines, an empty line and the text; "---" ends it. For `verdict` the answer is
"spam|ham TYPE NATURE PAYLOAD TECHNIQUE".
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from counterspam import pipeline, taxonomy
from counterspam.detect import facts, learned, lists, verdict
from counterspam.model import Attachment, Authentication, Calls, Evidence
from counterspam.tools import Tools

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "detect"
CHECKS = tuple(module.__name__.rpartition(".")[2] for module in pipeline.CHECKS if module is not learned)
ENUMS = {
    "channel": taxonomy.Channel,
    "source": taxonomy.Source,
    "sender_kind": taxonomy.SenderKind,
    "disposition": taxonomy.Disposition,
}


@dataclass
class Case:
    name: str
    expect: str
    fields: dict[str, Any] = field(default_factory=dict)
    allow: list[str] = field(default_factory=list)
    block: list[str] = field(default_factory=list)


def _pairs(value: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in value.split())


def _field(case: Case, name: str, value: str) -> None:
    fields = case.fields
    if name in ("allow", "block"):
        getattr(case, name).append(value)
    elif name in ENUMS:
        fields[name] = ENUMS[name](value)
    elif name == "reported_spam":
        fields[name] = {"yes": True, "no": False}[value]
    elif name == "count":
        fields[name] = int(value)
    elif name == "auth":
        fields[name] = Authentication(**_pairs(value))
    elif name == "calls":
        fields[name] = Calls(
            **{k: int(v) if k in ("calls", "callees", "callbacks") else float(v) for k, v in _pairs(value).items()}  # type: ignore[arg-type]
        )
    elif name == "attachment":
        file, kind = value.split()
        fields["attachments"] = (*fields.get("attachments", ()), Attachment(file, kind, 1000, "0" * 64))
    elif name == "relay":
        fields["relays"] = (*fields.get("relays", ()), value)
    elif name.startswith("header "):
        fields["headers"] = {**fields.get("headers", {}), name.removeprefix("header "): value}
    else:
        assert name in Evidence.__dataclass_fields__, f"{case.name}: {name}"
        fields[name] = value


def _cases(check: str) -> list[Case]:
    found = []
    for number, block in enumerate((GOLDEN / f"{check}.test").read_text(encoding="utf-8").split("\n---\n"), 1):
        head, _, text = block.strip("\n").partition("\n\n")
        expect, *lines = head.splitlines()
        assert expect.startswith("expect ")
        case = Case(f"{check}-{number}-{expect.removeprefix('expect ')}", expect.removeprefix("expect "))
        for line in lines:
            name, _, value = line.partition(": ")
            _field(case, name, value)
        case.fields["text"] = text.strip()
        found.append(case)
    return found


def _tools(case: Case, folder: Path, with_lists: Callable[..., Tools]) -> Tools:
    paths = {}
    for name in ("allow", "block"):
        paths[name] = folder / name
        paths[name].write_text("\n".join(getattr(case, name)), encoding="utf-8")
    return with_lists(lists.load(paths["allow"], paths["block"]))


@pytest.mark.parametrize("case", [c for check in CHECKS for c in _cases(check)], ids=lambda c: c.name)
def test_check_answers_as_the_golden_file_says(
    case: Case, tmp_path: Path, make: Callable[..., Evidence], with_lists: Callable[..., Tools]
) -> None:
    name = case.name.partition("-")[0]
    module = importlib.import_module(f"counterspam.detect.{name}")
    evidence, tools = make(**case.fields), _tools(case, tmp_path, with_lists)
    answer = module.check(evidence, facts.derive(evidence), tools)
    assert answer.name == name
    assert answer.answer == case.expect, answer
    assert answer.detail
    assert "\n" not in answer.detail
    assert -5 <= answer.weight <= 5


@pytest.mark.parametrize("case", _cases("verdict"), ids=lambda c: c.name)
def test_verdict_is_as_the_golden_file_says(
    case: Case, tmp_path: Path, make: Callable[..., Evidence], with_lists: Callable[..., Tools]
) -> None:
    evidence, tools = make(**case.fields), _tools(case, tmp_path, with_lists)
    derived = facts.derive(evidence)
    modules = [importlib.import_module(f"counterspam.detect.{name}") for name in CHECKS]
    answers = tuple(module.check(evidence, derived, tools) for module in modules)
    found = verdict.judge(evidence, derived, answers, tools)
    told = f"{'spam' if found.spam else 'ham'} {found.content_type} {found.nature} {found.payload} {found.technique}"
    assert told == case.expect, found
    assert found.checks == answers
    assert found.model == "fixed-1"
    assert found.summary.endswith(".")
    assert 0.001 <= found.probability <= 0.999


def test_every_answer_that_a_golden_file_expects_is_documented() -> None:
    text = (GOLDEN.parent.parent.parent / "docs" / "checks.md").read_text(encoding="utf-8")
    for check in CHECKS:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{check}`"))
        known = {kind.value for kind in taxonomy.ContentType} if check == "text" else set()
        for case in _cases(check):
            assert case.expect in known or f"`{case.expect}`" in row, (check, case.expect)
