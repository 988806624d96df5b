"""Expressions: what may be written, what is refused and where, and the three answers."""

import itertools
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.policy.definitions.expression import (
    MOST_CHARACTERS,
    MOST_NESTED,
    MOST_OPERATORS,
    NO,
    SAMPLES,
    YES,
    Answer,
    Expression,
    Wrong,
    read,
)
from counterspam.policy.definitions.facts import FACTS, NUMBER, TRUTH, UNKNOWN, stated


def or_wrong(text: str) -> Expression | Wrong:
    """The expression, or what is wrong with it."""
    try:
        return read(text)
    except Wrong as error:
        return error


COMMERCIAL = 'nature == "commercial" && !consent'


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "empty", 0),
        ("   \n ", "empty", 0),
        ("spam" + " " * MOST_CHARACTERS, "too-long", MOST_CHARACTERS),
        ("spam # x", "character", 5),
        ("spam ? true : false", "character", 5),
        ('channel == "a\\n"', "character", 11),
        ("foo && spam", "name", 0),
        ("spam && null == consent", "name", 8),
        ("size(language) > 1", "name", 0),
        ('language.matches("a*")', "function", 9),
        ("spam && [1].all(count, count > 0)", "syntax", 11),
        ("spam.contains('x')", "syntax", 4),
        ("spam && (", "syntax", 9),
        ("spam)", "syntax", 4),
        ("1 +", "syntax", 3),
        ('nature == "comercial"', "value", 10),
        ('"emial" == channel', "value", 0),
        ('channel in ["sms", "mail"]', "value", 19),
        ('count == "3"', "kind", 9),
        ("spam == 1", "kind", 8),
        ('language < "en"', "order", 9),
        ("true", "constant", 0),
        ("count + 1", "no-truth", 0),
        ("spam && count", "types", 0),
        ("probability * 2 > 1", "types", 0),
        ("!" * (MOST_OPERATORS + 1) + "spam", "too-many", MOST_OPERATORS),
        ("(" * (MOST_NESTED + 1) + "spam" + ")" * (MOST_NESTED + 1), "too-deep", MOST_NESTED),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, code: str, place: int) -> None:
    with pytest.raises(Wrong) as error:
        read(text)
    assert (error.value.code, error.value.place) == (code, place)
    assert str(error.value)


def test_what_is_not_known_is_unknown_and_never_no() -> None:
    made = read(COMMERCIAL)
    assert made.answer({"nature": "commercial", "consent": False}) == Answer(YES)
    assert made.answer({"nature": "commercial", "consent": True}) == Answer(NO)
    assert made.answer({"nature": "commercial"}) == Answer(UNKNOWN, ("consent",))
    assert made.answer({"nature": "influence"}) == Answer(NO)  # whatever the consent
    assert made.answer({"consent": True}) == Answer(NO)
    assert made.answer({}) == Answer(UNKNOWN, ("nature", "consent"))


def test_the_name_unknown_makes_a_threshold_one_sided() -> None:
    made = read("seen_24h > 100 || unknown")
    assert made.answer({"seen_24h": 101}).value == YES
    assert made.answer({"seen_24h": 3}) == Answer(UNKNOWN, ("unknown",))


def test_arithmetic_that_fails_is_unknown_with_its_reason() -> None:
    found = read("count / (count - 1) > 0").answer({"count": 1})
    assert found.value == UNKNOWN
    assert "Zero" in found.failed


def _kleene(op: str, one: bool | None, other: bool | None) -> bool | None:
    if op == "&&":
        return False if False in (one, other) else None if None in (one, other) else True
    return True if True in (one, other) else None if None in (one, other) else False


@pytest.mark.parametrize("op", ["&&", "||"])
@pytest.mark.parametrize("values", list(itertools.product((True, False, None), repeat=2)))
def test_and_and_or_follow_the_tables_of_kleene(op: str, values: tuple[bool | None, bool | None]) -> None:
    made = read(f"consent {op} opted_out")
    facts = {name: value for name, value in zip(("consent", "opted_out"), values, strict=True) if value is not None}
    assert made.decide(facts) == {True: YES, False: NO, None: UNKNOWN}[_kleene(op, *values)]


ATOMS = st.sampled_from(["spam", "consent", 'channel == "sms"', "count > 3", 'nature in ["commercial"]', "labelled"])
TEXTS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(lambda parts: f"({parts[0]} {parts[1]} {parts[2]})"),
        inner.map(lambda one: f"!({one})"),
    ),
    max_leaves=8,
)


@given(
    TEXTS, st.integers(0, 35), st.sets(st.sampled_from(["spam", "consent", "channel", "count", "nature", "labelled"]))
)
def test_knowing_more_never_turns_an_answer_around(text: str, sample: int, hidden: set[str]) -> None:
    made = or_wrong(text)
    if isinstance(made, Wrong):
        assert made.code in ("too-deep", "too-many")
        return
    known = dict(SAMPLES[sample])
    less = made.decide({name: value for name, value in known.items() if name not in hidden})
    assert less in (UNKNOWN, made.decide(known))


@given(st.text(max_size=300) | st.text("spamcount()[]!&|<>=+-*/%.,\"' 10", max_size=200))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    made = or_wrong(text)
    if isinstance(made, Wrong):
        assert 0 <= made.place <= MOST_CHARACTERS
        return
    assert made.decide({}) in (YES, NO, UNKNOWN)


LARGEST = [
    "spam" + " && spam" * MOST_OPERATORS,
    "spam" + " || consent" * MOST_OPERATORS,
    "!" * MOST_OPERATORS + "spam",
    "count" + " + 1" * (MOST_OPERATORS - 1) + " > 0",
    "-" * (MOST_OPERATORS - 2) + "count < 0",
    "(" * MOST_NESTED + "spam" + ")" * MOST_NESTED,
    "channel in [" + ", ".join(['"sms"'] * (MOST_OPERATORS - 1)) + "]",
]


def test_the_largest_expressions_fit_into_a_small_stack() -> None:
    """Threads of some systems have 512 KB; an overflow would end the process."""
    found: list[Expression] = []
    threading.stack_size(256 * 1024)
    try:
        thread = threading.Thread(target=lambda: found.extend(map(read, LARGEST)))
        thread.start()
        thread.join()
    finally:
        threading.stack_size(0)
    assert len(found) == len(LARGEST)
    assert all(made.decide({"spam": True, "count": 2, "channel": "sms"}) in (YES, NO) for made in found)


def test_the_parts_that_must_all_be_met_are_known() -> None:
    made = read("spam && (count > 3 || consent) && !labelled")
    assert [part.text for part in made.parts] == ["spam", "(count > 3 || consent)", "!labelled"]
    assert read("spam || consent").parts == ()


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("count > 3 && count <= 20", (3.0, 20.0)),
        ("3 < count", (3.0,)),
        ("count + 1 > 3", None),
        ("count > 3 * 2", None),
        ("-count < 3", None),
        ("count > seen_24h", None),
        ("count in [3]", None),
    ],
)
def test_numbers_that_nothing_tells_apart_are_known(text: str, steps: tuple[float, ...] | None) -> None:
    assert read(text).steps["count"] == steps


def test_stated_facts_are_checked() -> None:
    assert stated({"channel": "sms", "consent": None, "nature": "unknown"}) == {"channel": "sms"}
    assert stated({"source": "trap"}) == {"source": "trap", "consent": False, "existing_customer": False}
    for wrong in (
        {"channel": "x"},
        {"foo": 1},
        {"unknown": True},
        {"consent": 1},
        {"count": True},
        {"count": -1},
        {"language": "x" * 200},
    ):
        with pytest.raises(ValueError, match=r"fact|is "):
            stated(wrong)


def test_every_fact_says_what_it_is() -> None:
    for name, fact in FACTS.items():
        assert fact.name == name
        assert fact.meaning
        assert fact.kind in ("text", NUMBER, TRUTH)
