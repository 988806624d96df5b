"""The shipped definitions: each is tested by what meets it and what does not, and rests on an entry of the facts."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from counterspam.policy.definitions.definition import Refused, check, day_of, of_mapping, read_yaml, shipped
from counterspam.policy.definitions.expression import NO, YES, Wrong
from counterspam.policy.definitions.facts import UNKNOWN, stated
from counterspam.policy.definitions.judge import Judge

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text(encoding="utf-8"))
JUDGE = Judge(shipped())
TODAY = "2026-11-28"


@pytest.fixture(scope="module")
def laws(shared: Path) -> dict[str, Any]:
    """The entries of the repository of laws, by id."""
    text = (shared / "facts" / "legal_frameworks.yaml").read_text(encoding="utf-8")
    return {law["id"]: law for law in yaml.load(text, Loader=yaml.CSafeLoader)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_a_message_is_judged_under_several_definitions(case: dict[str, Any]) -> None:
    found = {one.id: answer.value for one, _, answer in JUDGE.answers(stated(case["facts"]), TODAY)}
    wanted = {id: value for value in (YES, NO, UNKNOWN) for id in case.get(value, ())}
    assert {id: found[id] for id in wanted} == wanted


def test_every_definition_has_a_case_that_meets_it_and_one_that_does_not() -> None:
    met = {id for case in CASES for id in case.get("yes", ())}
    others = {id for case in CASES for id in (*case.get("no", ()), *case.get("unknown", ()))}
    ids = {one.id for one in shipped()}
    assert ids - met == set()
    assert ids - others == set()


def test_they_are_whole_and_their_names_are_their_files() -> None:
    assert not JUDGE.broken
    assert len(shipped()) >= 30
    assert len({one.label for one in shipped()}) == len(shipped())
    for one in shipped():
        assert one.words
        if one.jurisdiction:
            assert one.law.startswith(one.jurisdiction)
            assert one.sources
            assert one.confidence


def test_law_sources_and_confidence_are_those_of_the_facts(laws: dict[str, Any]) -> None:
    for one in shipped():
        if one.law:
            law = laws[one.law]
            assert law["jurisdiction"] == one.jurisdiction
            assert law["confidence"] == one.confidence
            assert set(one.sources) <= {law["official_url"], *law["sources"]}
            assert law["status"] == "in force"


def test_bulk_numbers_are_those_of_the_facts(laws: dict[str, Any]) -> None:
    hours = {24: "seen_24h", 720: "seen_30d", 8760: "seen_365d"}
    for id in ("sg-spam-control", "us-multiple-messages", "hk-multiple-messages"):
        one, made = next((one, made) for one, made in JUDGE.compiled if one.id == id)
        stated_numbers = laws[one.law]["bulk_threshold"]
        assert all(number["comparison"] == "more than" for number in stated_numbers)
        assert {hours[n["period_hours"]]: (float(n["count"]),) for n in stated_numbers} == dict(made.steps)


def test_evidence_of_a_day_before_a_law_is_not_judged_by_it() -> None:
    facts = stated(CASES[0]["facts"])
    before = {one.id for one, _, _ in JUDGE.answers(facts, "2024-11-09")}
    after = {one.id for one, _, _ in JUDGE.answers(facts, "2024-11-10")}
    assert after - before == {"pl-electronic-communications"}
    assert "ge-personal-data" not in {one.id for one, _, _ in JUDGE.answers(facts, "2024-02-29")}


def test_a_file_may_hold_several_versions() -> None:
    text = """
id: xx-law
title: Law
versions:
- {version: 1, valid_to: 2025-12-31, words: a, expression: spam}
- {version: 2, valid_from: 2026-01-01, words: b, expression: "!spam"}
"""
    one, two = read_yaml(text)
    judge = Judge([one, two])
    assert judge.judged({"spam": True}, "2025-12-31").line == "xx-law@1"
    assert judge.judged({"spam": True}, "2025-12-31").met == ("xx-law@1",)
    assert judge.judged({"spam": True}, "2026-01-01").met == ()
    assert judge.judged({"spam": True}, day_of(1_767_225_600_000)).line == "xx-law@2"


GOOD = {"id": "xx-a", "title": "A", "words": "w", "expression": "spam"}


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("id", "X", "id"),
        ("title", " ", "missing"),
        ("words", "x" * 5000, "long"),
        ("jurisdiction", "sg", "country"),
        ("language", "!", "language"),
        ("valid_from", "2026-02-30", "day"),
        ("valid_from", "20260201", "day"),
        ("law", "a b", "law"),
        ("sources", ["ftp://x"], "source"),
        ("confidence", "sure", "confidence"),
        ("foo", "x", "field"),
        ("title", 3, "type"),
    ],
)
def test_what_is_wrong_with_a_definition_is_said_by_field(field: str, value: Any, code: str) -> None:
    with pytest.raises(Refused) as error:
        check(of_mapping({**GOOD, field: value}))
    assert error.value.faults == {field: code}


def test_dates_and_expression_are_checked_too() -> None:
    with pytest.raises(Refused) as error:
        check(of_mapping({**GOOD, "valid_from": "2026-02-02", "valid_to": "2026-02-01"}))
    assert error.value.faults == {"valid_to": "order"}
    with pytest.raises(Wrong):
        check(of_mapping({**GOOD, "expression": "spam &&"}))
    with pytest.raises(Refused):
        of_mapping({"id": "a"})
