"""Each check before release fails for what it is there for, and for nothing else."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st
from sample_reports import FIELDS, content, given

from counterspam.policy.reports import checks, fields, kinds, tlp
from counterspam.policy.reports.given import Given
from counterspam.policy.reports.snapshot import canonical, identity
from counterspam.web.reports import making


def failed(of: Given, *, ended: bool = True, excerpts: tuple[str, ...] = ()) -> set[str]:
    """The names of the checks that do not pass."""
    found = checks.run(of, making.document(of, "en"), ended=ended, excerpts=excerpts)
    assert checks.passed(found) is (not any(not check.passed for check in found))
    return {check.name for check in found if not check.passed}


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_a_report_as_it_should_be_passes(kind: str) -> None:
    assert failed(given(kind)) == set()


def test_a_snapshot_that_was_changed_is_noticed() -> None:
    one = given("council")
    changed = {**one.snapshot, "node": "elsewhere"}
    assert failed(replace(one, snapshot=changed)) == {"snapshot"}


def test_a_period_that_still_runs_and_made_up_evidence_do_not_go_out() -> None:
    assert failed(given("council"), ended=False) == {"ended"}
    assert failed(given("council", synthetic=True)) == {"made-up"}


@pytest.mark.parametrize(
    ("kind", "label", "wrong"),
    [
        ("barometer", tlp.CLEAR, False),
        ("barometer", tlp.GREEN, True),
        ("member-state", tlp.AMBER, True),
        ("council", tlp.GREEN, False),
        ("council", tlp.AMBER, True),
        ("operator", tlp.STRICT, False),
        ("operator", tlp.RED, True),
    ],
)
def test_a_label_reaches_whom_the_report_is_for(kind: str, label: str, wrong: bool) -> None:
    assert failed(given(kind, tlp=label)) == ({"tlp"} if wrong else set())


def test_exact_figures_are_for_one_operator_and_under_a_label() -> None:
    assert failed(given("operator", exact=True, tlp=tlp.STRICT)) == set()
    assert failed(given("operator", exact=True, tlp=tlp.AMBER)) == set()
    assert failed(given("operator", exact=True, tlp=tlp.GREEN)) == {"exact"}
    assert failed(given("council", exact=True)) == {"exact", "small"}


def spoiled(name: str, change: dict[str, Any], **row: Any) -> Given:
    """A report whose answer `name` was changed before it was frozen."""
    one = content("council")
    query = next(each for each in (*one["queries"], *one["figures"]) if each["name"] == name)
    query["answer"].update(change)
    if row:
        query["answer"]["rows"][0].update(row)
    return given("council", queries=one["queries"], figures=one["figures"])


@pytest.mark.parametrize(
    "one",
    [
        spoiled("types", {}, spam_messages=13),
        spoiled("types", {"rounded": False}),
        spoiled("types", {"rounded_to": 1}),
        spoiled("origins", {"small": {"cells": 1, "messages": 3, "reports": 3, "spam_messages": 3, "spam_reports": 3}}),
        spoiled("k2_blocked_per_delivered", {}, numerator=3),
    ],
)
def test_an_answer_that_is_not_rounded_where_it_should_be_is_refused(one: Given) -> None:
    assert failed(one) == {"small"}


def test_a_section_with_a_small_cell_is_refused() -> None:
    section = {
        "columns": [["region", "Title", "text"], ["respondents", "Reports", "number"]],
        "rows": [["Europe", 7], ["Arab States", 4]],
        "contributors": "respondents",
        "least": 5,
        "path": "/questionnaire",
    }
    assert failed(given("council", sections={"questionnaire": section})) == {"small"}
    whole = {**section, "rows": [["Europe", 7]]}
    assert failed(given("council", sections={"questionnaire": whole})) == set()
    unknown = {**section, "rows": [["Europe", None]]}
    assert failed(given("council", sections={"questionnaire": unknown})) == {"small"}


@pytest.mark.parametrize("name", sorted(checks.FORBIDDEN))
def test_no_answer_holds_texts_or_people(name: str) -> None:
    assert failed(spoiled("types", {}, **{name: "x"})) == {"columns"}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Write to someone@example.org about it.", True),
        ("The number +33 6 12 34 56 78 called.", True),
        ("Numbers such as 0612345678 call.", True),
        ("On 2026-05-01 we met; see https://example.org/2026/1234567890 for more.", False),
        ("Blocked: 969,400,000 messages and 2.700.000 calls.", False),
        ("TD 123 of 14 May, cases 15 to 27.", False),
        ("", False),
    ],
)
def test_people_are_not_named(text: str, wrong: bool) -> None:
    assert failed(given("council", fields={"summary": text})) == ({"people"} if wrong else set())


EXCERPT = "Your parcel is waiting: pay the fee of 1.99 at hxxps://parcel[.]example"


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (f"We saw “{EXCERPT}” a lot.", True),
        ("We saw YOUR PARCEL, is waiting -- pay the FEE of 1.99 at ... often", True),
        ("Many messages told of a parcel that is waiting.", False),
        ("Your parcel is waiting", False),
    ],
)
def test_evidence_is_not_repeated(text: str, wrong: bool) -> None:
    one = given("council", fields={"summary": text})
    assert failed(one, excerpts=("short", EXCERPT)) == ({"excerpts"} if wrong else set())


@examples(st.text(max_size=200), st.lists(st.text(max_size=80), max_size=3))
def test_the_check_for_repeats_takes_any_text(text: str, excerpts: list[str]) -> None:
    assert checks._repeats(text, [*excerpts, text]) is (len(checks._bare(text[:2000])) >= checks.PASSAGE)


# What may be typed


@examples(st.dictionaries(st.sampled_from(["summary", "sg17-1.actions", "sg17-1.date", "x"]), st.text(max_size=60)))
def test_what_is_kept_is_clean_and_stays_as_it_is(typed: dict[str, str]) -> None:
    known = kinds.KINDS["tsag"].fields
    kept = fields.kept(known, typed)
    assert fields.kept(known, kept) == kept
    assert "x" not in kept
    for text in kept.values():
        assert text.encode()
        assert not any(ord(char) < 32 and char != "\n" for char in text)
        assert not set(text) & set("\u202a\u202e\u2066\u2069\u200b\ufeff\u2028")


def test_what_cannot_be_kept_is_said_beside_its_field() -> None:
    known = kinds.KINDS["tsag"].fields
    wrong = fields.problems(
        known,
        {
            "summary": "x" * 4001,
            "sg17-1.status": "finished",
            "sg17-1.date": "2026-02-30",
            "sg17-2.date": "20260301",
            "sg17-3.date": "2026-03-01",
            "sg17-3.status": "done",
        },
    )
    assert set(wrong) == {"summary", "sg17-1.status", "sg17-1.date", "sg17-2.date"}
    assert fields.problems(known, FIELDS) == {}
    much = {f"{field.name}": "x" * field.most for field in known if field.form == "text"}
    assert known[0].name in fields.problems(known, much)


def test_the_id_is_that_of_the_canonical_content() -> None:
    one = given("tracker")
    assert identity(canonical(one.snapshot)) == one.snapshot_id
