"""What is said of laws: provisions, comparison, gaps, covered violations, search, differences, reviews."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.policy.repository import compare, covered, fields, gaps, places, provisions, review, search
from counterspam.policy.repository.differences import differences, merged
from counterspam.policy.repository.fields import Content, Kind, complete
from counterspam.policy.repository.provisions import Answer
from counterspam.policy.repository.shipped import shipped

LAWS = shipped(Kind.LAW)
PLACES = places.by_place(LAWS.values())


def law(**given: Any) -> Content:
    base = {
        "id": "ZZ-A",
        "jurisdiction": "ZZ",
        "status": "in force",
        "confidence": "high",
        "from_general_knowledge": [],
    }
    return complete(Kind.LAW, {**base, **given})


def test_the_comparison_of_four_jurisdictions(golden: Callable[[str, Any], None]) -> None:
    found = compare.compared({code: PLACES[code] for code in ("US", "SG", "ZA", "EU")})
    golden("compare", [asdict(line) for line in found])


def test_the_gap_report_of_ghana(golden: Callable[[str, Any], None]) -> None:
    found = gaps.gaps("GH", PLACES, others=["ZA", "NG", "KE", "SG", "AU"])
    golden("gaps", [asdict(one) for one in found])


def test_covered_violations_between_australia_and_the_united_states(golden: Callable[[str, Any], None]) -> None:
    golden("covered", [asdict(one) for one in covered.covered(PLACES["AU"], PLACES["US"])])


# Unknown is never no


def test_null_is_unknown_and_no_is_only_what_is_said() -> None:
    nothing = law()
    for question in provisions.QUESTIONS.values():
        assert provisions.asked(nothing, question).answer == Answer.UNKNOWN, question.name
    for conduct in covered.covered([nothing], [nothing]):
        assert conduct.answer == Answer.UNKNOWN
    for line in compare.compared({"ZZ": [nothing]}):
        assert line.sides[0].strictest is None
        assert line.sides[0].open_ == 1
    assert provisions.asked(law(channels=["sms"]), provisions.QUESTIONS["covers-email"]).answer == Answer.UNKNOWN
    assert provisions.asked(law(consent_model="opt-out"), provisions.QUESTIONS["consent"]).answer == Answer.NO
    assert (
        provisions.asked(law(criminal_sanctions=False), provisions.QUESTIONS["criminal_sanctions"]).answer == Answer.NO
    )
    assert provisions.asked(law(complaint_channels=[]), provisions.QUESTIONS["complaint_channels"]).answer == Answer.NO


def test_several_laws_say_no_only_together_and_those_not_in_force_nothing() -> None:
    question = provisions.QUESTIONS["criminal_sanctions"]
    yes, no, open_ = (law(criminal_sanctions=one) for one in (True, False, None))
    draft = law(criminal_sanctions=True, status="draft")
    for laws, expected in (
        ([yes, no], Answer.YES),
        ([no, no], Answer.NO),
        ([no, open_], Answer.UNKNOWN),
        ([no, draft], Answer.NO),
        ([draft], Answer.UNKNOWN),
        ([], Answer.UNKNOWN),
    ):
        assert provisions.of_place(laws, question)[0] == expected


@pytest.mark.parametrize(
    ("named", "path", "expected"),
    [
        (["authority"], "authority", True),
        (["authority.url"], "authority", False),
        (["unsubscribe"], "unsubscribe.required", True),
        (["unsubscribe.required"], "unsubscribe.required", True),
        (["max_penalty.amount"], "max_penalty", False),
        (["max_penalty.amount", "max_penalty.note"], "max_penalty", True),
        ([], "authority", False),
    ],
)
def test_what_comes_from_general_knowledge_is_known_to(named: list[str], path: str, expected: bool) -> None:
    one = law(
        from_general_knowledge=named,
        authority=[{"name": "A", "url": "https://a.example"}],
        unsubscribe={"required": True},
        max_penalty={"amount": 5, "note": "x"},
    )
    assert provisions.guessed(one, path) is expected


@pytest.mark.parametrize(
    ("path", "values", "expected"),
    [
        ("consent_model", ["opt-out", "opt-in"], "opt-in"),
        ("consent_model", ["none", "mixed"], "mixed"),
        ("scope", ["commercial", "all"], "all"),
        ("criminal_sanctions", [False, True], True),
        ("channels", [["sms"], ["email", "sms"]], ["email", "sms"]),
        ("unsubscribe.time_limit_days", [10, 5], 5),
        ("sending_hours", ["9 to 5", "8 to 6"], None),
        ("sending_hours", ["9 to 5", "9 to 5"], "9 to 5"),
        ("max_penalty", [("EUR", 5), ("EUR", 7.5)], ("EUR", 7.5)),
        ("max_penalty", [("EUR", 5), ("USD", 7)], None),
        ("max_penalty", [("EUR", 5), ("EUR", None)], None),
    ],
)
def test_the_strictest_known(path: str, values: list[Any], expected: Any) -> None:
    def whole(given: Any) -> Any:
        return (
            {"amount": given[1], "amount_kind": "money", "currency": given[0]}
            if path == "max_penalty" and given
            else given
        )

    one = fields.provisions()[path]
    assert compare.strictest(path, one, [whole(each) for each in values]) == whole(expected)


CONSENT_CASES = [
    ({"consent_model": "opt-in", "channels": ["sms"]}, "unsolicited-sms", "yes", "opt-in"),
    ({"consent_model": "opt-in", "channels": ["sms"]}, "unsolicited-email", "unknown", "channel-not-named"),
    ({"consent_model": "opt-out", "channels": ["email"]}, "unsolicited-email", "no", "opt-out"),
    ({"consent_model": "opt-out", "channels": ["email"]}, "after-refusal", "yes", "refusal-binds"),
    ({"consent_model": "mixed", "channels": ["email"]}, "unsolicited-email", "unknown", "mixed"),
    (
        {"consent_model": "mixed", "consent_by_channel": [{"channel": "email", "model": "opt-in"}]},
        "unsolicited-email",
        "yes",
        "opt-in",
    ),
    ({"consent_model": "none"}, "unsolicited-voice", "no", "no-consent-rule"),
    (
        {"status": "repealed", "consent_model": "opt-in", "channels": ["sms"]},
        "unsolicited-sms",
        "unknown",
        "not-in-force",
    ),
    ({"unsubscribe": {"required": False}}, "no-unsubscribe", "no", "not-required"),
    ({"scope": "commercial"}, "non-commercial", "no", "commercial-only"),
    ({"do_not_contact_registry": "A list"}, "listed-number", "yes", "registry"),
    ({"address_harvesting_banned": True}, "harvesting", "yes", "banned"),
]


@pytest.mark.parametrize(("given_", "name", "answer", "why"), CONSENT_CASES)
def test_what_makes_a_breach(given_: dict[str, Any], name: str, answer: str, why: str) -> None:
    found = next(one for one in covered.covered([law(**given_)], []) if one.name == name)
    breach = found.breaches[0][0]
    assert (breach.answer, breach.why) == (answer, why)
    assert found.sides[1] == Answer.UNKNOWN


def test_two_breaches_on_different_channels_are_not_said_to_be_similar() -> None:
    one, other = (law(channels=[channel], labelling={"required": True}) for channel in ("sms", "email"))
    found = next(each for each in covered.covered([one], [other]) if each.name == "missing-label")
    assert (found.answer, found.sides, found.apart) == (Answer.UNKNOWN, (Answer.YES, Answer.YES), True)
    found = next(each for each in covered.covered([one], [one, other]) if each.name == "missing-label")
    assert (found.answer, found.channels) == (Answer.YES, ["sms"])


def test_a_violation_is_covered_only_where_it_is_one_on_both_sides() -> None:
    yes, no, open_ = (law(address_harvesting_banned=one, channels=["email"]) for one in (True, False, None))
    for one, other, expected in ((yes, yes, "yes"), (yes, no, "no"), (no, open_, "no"), (yes, open_, "unknown")):
        found = {each.name: each.answer for each in covered.covered([one], [other])}
        assert found["harvesting"] == expected
        assert found["harvesting"] == {each.name: each.answer for each in covered.covered([other], [one])}["harvesting"]


# Search


@pytest.mark.parametrize(
    ("written", "typed"),
    [
        ("Côte d’Ivoire", "cote d'ivoire"),
        ("Autorité de Régulation", "REGULATION"),
        ("الإعلانات التجارية", "اعلانات"),
        ("مُزْعِجَة", "مزعجه"),
        ("Закон о рекламе", "ЗАКОН рекламе"),
        ("Straße", "strasse"),
        ("Türkiye, Işık", "turkiye isik"),
        ("特定電子メール", "電子メール"),
        ("Łódź", "lodz"),
        ("Việt Nam", "viet nam"),
    ],
)
def test_accents_case_and_spelling_do_not_matter(written: str, typed: str) -> None:
    assert search.matches(search.text({"a": [written]}), search.words(typed))


def test_every_word_must_be_there_and_many_are_cut() -> None:
    text = search.text(LAWS["US-CANSPAM"])
    assert search.matches(text, search.words("can-spam federal"))
    assert not search.matches(text, search.words("can-spam zebra"))
    assert len(search.words("a " * 1000)) == search.MOST_WORDS
    assert search.words("") == []


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = search.folded(text)
    assert search.folded(search.folded(once)) == search.folded(once)


# Versions


def test_differences_name_each_field() -> None:
    one = law(title="A", unsubscribe={"required": True})
    other = law(title="B", unsubscribe={"required": True, "time_limit_days": 5}, criminal_sanctions=False)
    found = [(each.path, each.before, each.after) for each in differences(Kind.LAW, one, other)]
    assert found == [("title", "A", "B"), ("unsubscribe.time_limit_days", None, 5), ("criminal_sanctions", None, False)]
    assert differences(Kind.LAW, one, one) == []
    assert {each.path for each in differences(Kind.LAW, None, one)} >= {"id", "title", "unsubscribe.required"}


def test_a_proposal_on_an_older_version_keeps_what_changed_since() -> None:
    base = law(title="A", scope="all")
    current = law(title="A", scope="commercial", unsubscribe={"required": True})
    proposed = law(title="B", scope="all", unsubscribe={"time_limit_days": 5})
    found, conflicts = merged(Kind.LAW, base, current, proposed)
    assert conflicts == []
    assert (found["title"], found["scope"]) == ("B", "commercial")
    assert found["unsubscribe"] == {"required": True, "time_limit_days": 5, "day_type": None}
    assert merged(Kind.LAW, base, base, proposed) == (dict(proposed), [])
    assert merged(Kind.LAW, None, None, proposed) == (dict(proposed), [])
    _, conflicts = merged(Kind.LAW, base, law(title="C"), proposed)
    assert conflicts == ["title"]
    assert base["title"] == "A"


# Reviews


def test_an_entry_is_stale_two_years_after_its_last_review_or_its_record() -> None:
    one = law(date_recorded="2024-02-29")
    assert review.review(one, date(2026, 2, 27)).state == "soon"
    assert review.review(one, date(2026, 2, 28)).state == "stale"
    assert review.review(one, date(2025, 1, 1)).state == "fresh"
    later = law(date_recorded="2024-02-29", last_reviewed="2026-01-31")
    assert review.review(later, date(2026, 2, 28)).due == date(2028, 1, 31)
    assert review.after(date(2026, 1, 31), 1) == date(2026, 2, 28)


def test_the_figures_of_the_repository() -> None:
    found = review.figures(Kind.LAW, LAWS, date(2026, 12, 2))
    # 116 jurisdictions, of which one entry says that no instrument was found.
    assert (found.entries, found.covered, found.reviewed, found.stale) == (143, 115, 0, 0)
    assert (found.age_reviewed, found.age_recorded) == (None, 10)
    reviewed = {**LAWS, "BN-NONE": law(id="BN-NONE", date_recorded="2026-11-22", last_reviewed="2026-11-30")}
    found = review.figures(Kind.LAW, reviewed, date(2026, 12, 2))
    assert (found.reviewed, found.age_reviewed) == (1, 2)
    assert review.figures(Kind.LAW, LAWS, date(2029, 1, 1)).stale == 143
