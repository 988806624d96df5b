"""Many definitions at once: answers are kept, read again, and the same however rows are grouped."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.policy.definitions.definition import Definition, shipped
from counterspam.policy.definitions.expression import NO, YES, read
from counterspam.policy.definitions.facts import UNKNOWN, columns, of_row
from counterspam.policy.definitions.judge import Judge, stored
from counterspam.policy.definitions.trial import MOST_EXAMPLES, lines, run

JUDGE = Judge(shipped())


def made(id: str, expression: str, **given: str) -> Definition:
    """A definition."""
    return Definition(id=id, title=id, words="w", expression=expression, **given)


def test_a_broken_definition_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    judge = Judge([made("a", "spam"), made("b", "spam &&"), made("c", "!spam")])
    assert judge.judged({"spam": True}, "2026-01-01").line == "a@1 c@1"
    assert list(judge.broken) == ["b@1"]
    assert "b@1" in caplog.text


def test_answers_are_kept_in_one_line_and_read_again() -> None:
    judge = Judge([made("a", "spam"), made("b", "consent"), made("c", "!spam")])
    found = judge.judged({"spam": True}, "2026-01-01")
    assert (found.met, found.line) == (("a@1",), "a@1 b@1? c@1")
    assert stored(found.met, found.line) == {"a@1": YES, "b@1": UNKNOWN, "c@1": NO}
    assert stored((), "") == {}


@given(st.integers(1, 30_000), st.integers(1, 30_000))
def test_numbers_of_one_class_have_the_same_answers(one: int, other: int) -> None:
    first, second = JUDGE.classes("seen_24h", np.array([one, other])).tolist()
    row = {"channel": "email", "source": "trap", "nature": "commercial", "traits": "text", "spam": 1, "count": 1}
    answers = [JUDGE.judged(of_row({**row, "seen_24h": number}), "2026-11-28") for number in (one, other)]
    assert first != second or answers[0] == answers[1]


def test_a_number_that_is_calculated_with_has_no_classes() -> None:
    judge = Judge([made("a", "count * 2 > 7")])
    assert judge.classes("count", np.array([1, 5])).tolist() == [1, 5]


def test_facts_come_from_columns_and_unknown_ones_are_left_out() -> None:
    row = {
        "channel": "sms", "source": "honeypot", "sender_kind": "unknown", "count": 3, "seen_24h": 0, "spam": 0,
        "probability": 0.25, "content_type": "unknown", "nature": "", "payload": "none", "traits": "",
    }  # fmt: skip
    assert of_row(row) == {
        "channel": "sms", "source": "honeypot", "count": 3, "spam": False, "probability": 0.25, "consent": False,
        "existing_customer": False,
    }  # fmt: skip
    read_text = of_row({**row, "traits": "text opt-out"})
    assert (read_text["has_opt_out"], read_text["labelled"], read_text["payload"]) == (True, False, "none")
    assert columns(["consent", "has_opt_out", "opted_out", "unknown"]) == ("source", "traits")


def test_a_trial_counts_against_verdict_and_another_definition() -> None:
    rows = [
        {"channel": "sms", "source": "filter", "spam": n % 2, "nature": "commercial" if n % 3 else ""}
        for n in range(60)
    ]
    found = run(read('nature == "commercial"'), rows, read("spam"))
    assert found.rows == 60
    assert found.verdicts == {("yes", False): 20, ("yes", True): 20, ("unknown", False): 10, ("unknown", True): 10}
    assert found.against["yes", "yes"] == 20
    assert found.missing == {"nature": 20}
    assert found.answers == {"yes": 40, "unknown": 20}
    assert len(found.examples["unknown"]) == MOST_EXAMPLES
    assert found.examples["only-verdict"] == []


def test_differences_are_told_line_by_line() -> None:
    assert lines("a\nb", "a\nc") == [("same", "a"), ("out", "b"), ("in", "c")]
