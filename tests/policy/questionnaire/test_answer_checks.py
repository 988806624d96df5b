"""What is a value, and what is wrong or doubtful in a set of answers."""

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from counterspam.policy.questionnaire.answers import level, merged
from counterspam.policy.questionnaire.checks import check, standing
from counterspam.policy.questionnaire.definition import load
from counterspam.policy.questionnaire.values import Wrong, canonical, read

KNOWN = load("2026")


def codes(answers: dict[str, str], before: dict[str, str] | None = None) -> set[tuple[str, str]]:
    """Key and code of every problem but those of what is needed in any case."""
    return {(one.key, one.code) for one in check(KNOWN, answers, before) if one.code not in ("required", "quality")}


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("B2.1/sms/total", "1 234 567", 1234567.0),
        ("B2.1/sms/total", "٣٤٥", 345.0),
        ("B2.2/sms/share", "85.5 %", 85.5),
        ("B2.2/sms/share", "٪", None),
        ("B1.2", "voice sms", ("sms", "voice")),
        ("B0.1", "fr", "FR"),
        ("B1.1c", "https://law.example/1", "https://law.example/1"),
        ("B2.1#period", "2025-H2", "2025-H2"),
        ("B0.2", "  a \n b\x00 ", "a b"),
        ("B0.2", "", None),
    ],
)
def test_values(key: str, text: str, value: object) -> None:
    if text == "٪":
        with pytest.raises(Wrong):
            read(KNOWN.fields[key], text)
        return
    assert read(KNOWN.fields[key], text) == value


@pytest.mark.parametrize(
    ("key", "text", "code"),
    [
        ("B2.1/sms/total", "12,5", "number-comma"),
        ("B2.1/sms/total", "many", "number"),
        ("B2.1/sms/total", "1.5", "integer"),
        ("B2.1/sms/total", "-1", "at-least"),
        ("B2.1/sms/total", "1e9", "number"),
        ("B2.1/sms/total", "9" * 40, "number"),
        ("B2.2/sms/share", "100.1", "at-most"),
        ("B5.1/lists/since", "1066", "at-least"),
        ("B0.3", "king", "choice"),
        ("B1.2", "sms smoke", "choice"),
        ("B0.1", "Atlantis", "country"),
        ("B1.1c", "javascript:alert(1)", "url"),
        ("B1.1c", "http://[", "url"),
        ("B2.1#period", "2025-13", "form"),
        ("B4.1b/1/item", "AS 1", "form"),
        ("B0.2", "x" * 301, "too-long"),
    ],
)
def test_wrong_values_stay_as_they_are_and_are_named(key: str, text: str, code: str) -> None:
    with pytest.raises(Wrong) as caught:
        read(KNOWN.fields[key], text)
    assert caught.value.code == code
    assert canonical(KNOWN.fields[key], text) == text
    assert (key, code) in codes({key: text})


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        ({"B2.1/sms/total": "5", "B2.1/sms/spam": "7"}, {("B2.1/sms/spam", "spam-total")}),
        ({"B2.1/sms/total": "7", "B2.1/sms/spam": "7"}, set()),
        ({"B2.1/sms/spam": "7"}, set()),
        (
            {"B2.1/sms/total": "9", "B2.3/sms/blocked": "5", "B2.3/sms/delivered": "5"},
            {("B2.3/sms/blocked", "fate-total")},
        ),
        ({"B4.2/on-net/share": "60", "B4.2/ott/share": "39.5"}, set()),
        ({"B4.2/on-net/share": "60", "B4.2/ott/share": "30"}, {("B4.2/on-net/share", "routes-100")}),
        (
            {"B4.1a/1/item": "FR", "B4.1a/1/share": "60", "B4.1a/2/item": "DE", "B4.1a/2/share": "50"},
            {("B4.1a/1/share", "origins-100")},
        ),
        ({"B4.1a/1/item": "FR", "B4.1a/3/item": "FR"}, {("B4.1a/3/item", "gap"), ("B4.1a/3/item", "twice")}),
        ({"B4.1a/1/share": "9"}, {("B4.1a/1/item", "no-name")}),
        (
            {"B4.1a/1/item": "FR", "B4.1a/1/share": "5", "B4.1a/2/item": "DE", "B4.1a/2/share": "6"},
            {("B4.1a/2/share", "order")},
        ),
        (
            {"B2.1/sms/total": "100", "B2.1/sms/spam": "50", "B2.2/sms/share": "60"},
            {("B2.2/sms/share", "share-agrees")},
        ),
        ({"B6.2a": "5"}, {("B6.0a", "currency-rate"), ("B6.0b", "currency-rate")}),
        ({"B6.2a": "5", "B6.0a": "USD", "B6.0b": "2"}, {("B6.0b", "dollar-rate")}),
        ({"B0.6": "no"}, {("B0.6", "agreed")}),
        ({"B8.2a": "1", "B8.2b": "2"}, {("B8.2b", "closed-found")}),
        ({"B4.3": "31"}, {("B4.3", "unusual")}),
    ],
)
def test_rules(answers: dict[str, str], found: set[tuple[str, str]]) -> None:
    assert codes(answers) == found


def test_against_the_wave_before() -> None:
    assert codes({"B0.4a": "600"}, {"B0.4a": "100"}) == {("B0.4a", "wave-before")}
    assert codes({"B0.4a": "10"}, {"B0.4a": "100"}) == {("B0.4a", "wave-before")}
    assert codes({"B0.4a": "400"}, {"B0.4a": "100"}) == set()


def test_a_comment_confirms_what_is_soft_and_nothing_else() -> None:
    answers = {"B4.3": "31", "B4.3#quality": "measured", "B4.3#comment": "A flood of January."}
    assert [one.code for one in check(KNOWN, answers, section="B4") if not one.confirmed] == []
    hard = {**answers, "B4.3": "131"}
    assert [one.code for one in standing(check(KNOWN, hard, section="B4"))] == ["at-most"]


def test_numbers_say_how_they_are_known() -> None:
    assert ("B2.1#quality", "quality") in {(one.key, one.code) for one in check(KNOWN, {"B2.1/sms/total": "0"})}
    years = check(KNOWN, {"B5.1/lists/since": "2020", "B5.1/lists/use": "used"}, section="B5")
    assert years == [], "a year is no number that one estimates"


def test_levels_of_disclosure() -> None:
    question = KNOWN.question("B2.1")
    assert level(question, {}) == "aggregate"
    assert level(question, {"B2.1#disclosure": "public"}) == "public"
    assert level(question, {"B2.1#disclosure": "nonsense"}) == "office"
    assert level(KNOWN.question("B0.5"), {"B0.5#disclosure": "public"}) == "office"


def test_given_answers_replace_and_empty_ones_take_away() -> None:
    old = merged(KNOWN, {}, {"B2.1/sms/total": "5", "B0.2": "x", "nonsense": "y"})
    assert old == {"B0.2": "x", "B2.1/sms/total": "5"}
    assert merged(KNOWN, old, {"B2.1/sms/total": "", "B0.2": "z"}, section="B2") == {"B0.2": "x"}
    assert merged(KNOWN, old, {"B2.1#disclosure": "aggregate"}) == old, "what is so anyway is not stored"


@hypothesis_given(st.dictionaries(st.sampled_from(sorted(KNOWN.fields)), st.text(max_size=40) | st.integers().map(str)))
def test_any_answers_are_kept_and_checked(answers: dict[str, str]) -> None:
    kept = merged(KNOWN, {}, answers)
    assert merged(KNOWN, kept, kept) == kept
    for one in check(KNOWN, kept):
        assert one.key in KNOWN.fields
        assert one.level in ("hard", "soft")
