"""Instruments of a union in its members: who belongs to it when, and that they never become the country's own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.policy.repository import compare, covered, gaps, places, provisions, unions
from counterspam.policy.repository.fields import Content, Kind, complete
from counterspam.policy.repository.provisions import Answer
from counterspam.policy.repository.shipped import shipped
from counterspam.policy.repository.unions import Above

PLACES = places.by_place(shipped(Kind.LAW).values())
DAY = date(2026, 11, 22)
ABOVE = unions.applying(PLACES, DAY)
QUESTION = provisions.QUESTIONS["criminal_sanctions"]
(EU,) = unions.shipped_unions()
ANSWERS = st.lists(st.sampled_from([Answer.YES, Answer.NO, Answer.UNKNOWN]), max_size=4)


def law(id: str = "ZZ-A", **given: Any) -> Content:
    base = {"id": id, "jurisdiction": id[:2], "status": "in force", "confidence": "high", "from_general_knowledge": []}
    return complete(Kind.LAW, {**base, **given})


# Membership


@pytest.mark.parametrize(
    ("day", "count", "kingdom"),
    [
        (date(1957, 12, 31), 0, False),
        (date(1958, 1, 1), 6, False),
        (date(1973, 1, 1), 9, True),
        (date(1995, 1, 1), 15, True),
        (date(2004, 4, 30), 15, True),
        (date(2004, 5, 1), 25, True),
        (date(2013, 7, 1), 28, True),
        (date(2020, 1, 31), 28, True),
        (date(2020, 12, 31), 28, True),  # it had left, the rules still applied
        (date(2021, 1, 1), 27, False),
        (DAY, 27, False),
    ],
)
def test_who_belongs_to_the_european_union_on_a_day(day: date, count: int, kingdom: bool) -> None:
    found = unions.members("EU", day)
    assert len(set(found)) == len(found) == count
    assert ("GB" in found) is kingdom
    assert not {"NO", "IS", "LI", "CH", "EU"} & set(found)
    assert unions.members("XX", day) == []


def test_the_file_names_sources_and_instruments_that_there_are() -> None:
    assert EU.sources
    assert set(EU.acts) <= {one["id"] for one in PLACES[EU.code]}
    assert all(one.last is None or one.first < one.last for one in EU.members)
    # Pages list jurisdictions by their laws: a member without one would be left out of the map.
    assert set(unions.members("EU", DAY)) <= set(PLACES)


def test_what_applies_in_a_member_and_nowhere_else() -> None:
    assert sorted(ABOVE) == unions.members("EU", DAY)
    assert {(one.law["id"], one.union, one.act, one.direct) for found in ABOVE.values() for one in found} == {
        ("EU-EPRIVACY", "EU", "directive", False)
    }
    assert "GB" not in ABOVE
    assert "GB" in unions.applying(PLACES, date(2020, 6, 1))
    assert unions.applying(PLACES, date(2001, 12, 31)) == {}, "not enacted yet"


@pytest.mark.parametrize("status", ["enacted-not-in-force", "draft", "repealed", "none"])
def test_what_is_not_in_force_does_not_apply(status: str) -> None:
    assert unions.applying({"EU": [law("EU-X", status=status)]}, DAY) == {}


def test_an_instrument_of_unknown_kind_is_not_taken_to_apply_directly() -> None:
    (one,) = unions.applying({"EU": [law("EU-X")]}, DAY)["DE"]
    assert (one.act, one.direct) == ("", False)
    with pytest.raises(ValueError, match="acts of EU"):
        unions.union({"code": "EU", "name": "", "sources": [], "acts": {"EU-X": "treaty"}, "members": []})


# Answers


@pytest.mark.parametrize(
    ("own", "act", "theirs", "expected"),
    [
        (None, "directive", True, Answer.UNION),
        (None, "", True, Answer.UNION),
        (None, "regulation", True, Answer.YES),
        (None, "directive", False, Answer.UNKNOWN),
        (None, "regulation", False, Answer.UNKNOWN),
        (True, "directive", False, Answer.YES),
        (False, "directive", True, Answer.NO),
        (False, "directive", None, Answer.NO),
        (False, "regulation", True, Answer.YES),
        (False, "regulation", None, Answer.UNKNOWN),
        (False, "regulation", False, Answer.NO),
    ],
)
def test_what_a_country_answers_with_its_union(
    own: bool | None, act: str, theirs: bool | None, expected: Answer
) -> None:
    above = [Above(law("EU-X", criminal_sanctions=theirs), "EU", act)]
    answer, found = provisions.of_place([law(criminal_sanctions=own)], QUESTION, above)
    assert answer == expected
    assert [(one.law, one.union, one.act) for one in found] == [("ZZ-A", "", ""), ("EU-X", "EU", act)]


def test_a_country_without_laws_here_has_no_no_of_its_union() -> None:
    for act in ("directive", "regulation", ""):
        above = [Above(law("EU-X", criminal_sanctions=False), "EU", act)]
        assert provisions.of_place([], QUESTION, above)[0] == Answer.UNKNOWN


@given(ANSWERS, ANSWERS, ANSWERS)
def test_a_directive_fills_only_what_is_unknown(own: list[Answer], direct: list[Answer], through: list[Answer]) -> None:
    without, with_ = (provisions.together(own, direct, each) for each in ([], through))
    assert without in (Answer.YES, Answer.NO, Answer.UNKNOWN)
    if without == Answer.UNKNOWN:
        assert with_ == (Answer.UNION if Answer.YES in through else Answer.UNKNOWN)
    else:
        assert with_ == without
    assert with_ != Answer.NO or provisions.together(own) == Answer.NO, "a no is always the country's own"


# All pages


def test_a_country_outside_unions_answers_as_before() -> None:
    outside = {code: laws for code, laws in PLACES.items() if code not in ABOVE}
    assert compare.compared(outside, ABOVE) == compare.compared(outside)
    assert covered.covered(outside["AU"], outside["US"], (ABOVE.get("AU", ()), ())) == covered.covered(
        outside["AU"], outside["US"]
    )
    assert gaps.gaps("GH", outside, above=ABOVE) == gaps.gaps("GH", outside)


def test_no_shipped_answer_of_a_member_is_changed_but_from_unknown() -> None:
    turned = 0
    for code, above in ABOVE.items():
        for name, question in provisions.QUESTIONS.items():
            before, own = provisions.of_place(PLACES[code], question)
            after, found = provisions.of_place(PLACES[code], question, above)
            assert after == before or (before, after) == (Answer.UNKNOWN, Answer.UNION), (code, name)
            assert found[: len(own)] == own
            assert {one.union for one in found[len(own) :]} == {"EU"}
            turned += before != after
    assert turned > 0


def test_the_comparison_marks_what_is_of_the_union_and_does_not_sum_up_directives(
    golden: Callable[[str, Any], None],
) -> None:
    found = compare.compared({code: PLACES[code] for code in ("FR", "GB")}, ABOVE)
    golden("compare-union", [asdict(line) for line in found])
    plain = compare.compared({code: PLACES[code] for code in ("FR", "GB")})
    for line, before in zip(found, plain, strict=True):
        for side, was in zip(line.sides, before.sides, strict=True):
            assert (side.strictest, side.summed, side.open_) == (was.strictest, was.summed, was.open_)
            assert [one for one in side.given if not one.union] == was.given
    assert not any(one.union for line in found for one in line.sides[1].given), "the United Kingdom left"
    assert any(line.sides[0].by_union for line in found)


def test_a_regulation_takes_part_in_the_sum() -> None:
    places_ = {"ZZ": [law(consent_model="opt-out")]}
    for act, expected in (("regulation", "opt-in"), ("directive", "opt-out")):
        above = {"ZZ": [Above(law("EU-X", consent_model="opt-in"), "EU", act)]}
        line = next(one for one in compare.compared(places_, above) if one.path == "consent_model")
        assert line.sides[0].strictest == expected
        assert not line.sides[0].by_union


def test_the_gap_report_of_a_member(golden: Callable[[str, Any], None]) -> None:
    found = gaps.gaps("FR", PLACES, others=["DE", "IT", "GB"], above=ABOVE)
    golden("gaps-union", [asdict(one) for one in found])
    assert {one.answer for one in found} >= {Answer.YES, Answer.UNION, Answer.UNKNOWN}
    assert not any(other.union for one in found for other in one.others), "once, of the union itself"
    assert all(sum(one.counts.values()) == 3 for one in found)


def test_covered_violations_between_a_member_and_another_country(golden: Callable[[str, Any], None]) -> None:
    found = covered.covered(PLACES["FR"], PLACES["AU"], (ABOVE["FR"], ()))
    golden("covered-union", [asdict(one) for one in found])
    for one, before in zip(found, covered.covered(PLACES["FR"], PLACES["AU"]), strict=True):
        assert one.answer == before.answer or (before.answer, one.answer) == (Answer.UNKNOWN, Answer.UNION)


def _missing(
    side: Sequence[Content], other: Sequence[Content], above: Mapping[int, Sequence[Above]]
) -> covered.Conduct:
    found = covered.covered(side, other, (above.get(0, ()), above.get(1, ())))
    return next(one for one in found if one.name == "missing-label")


def test_a_breach_by_a_directive_alone_is_covered_by_the_rules_of_the_union() -> None:
    label = {"labelling": {"required": True}, "channels": ["sms"]}
    silent, full = law(), law("YY-A", **label)
    above = [Above(law("EU-X", **label), "EU", "directive")]
    one = _missing([silent], [full], {0: above})
    assert (one.answer, one.sides, one.channels) == (Answer.UNION, (Answer.UNION, Answer.YES), ["sms"])
    assert [each.union for each in one.breaches[0]] == ["", "EU"]
    assert _missing([silent], [silent], {0: above, 1: above}).answer == Answer.UNION
    assert _missing([silent], [full], {0: [Above(above[0].law, "EU", "regulation")]}).answer == Answer.YES
    assert _missing([silent], [law("YY-A")], {0: above}).answer == Answer.UNKNOWN
    assert _missing([law(labelling={"required": False})], [full], {0: above}).answer == Answer.NO
    # Both are breaches of own laws, but the channel in common is named by the directive only.
    other = law(labelling={"required": True}, channels=["email"])
    found = _missing([other], [full], {0: above})
    assert (found.answer, found.sides, found.apart) == (Answer.UNION, (Answer.YES, Answer.YES), False)
    apart = _missing([silent], [law("YY-A", labelling={"required": True}, channels=["fax"])], {0: above})
    assert (apart.answer, apart.apart) == (Answer.UNKNOWN, True)
