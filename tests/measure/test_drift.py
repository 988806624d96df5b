"""The watch over the model: figures worked out by hand."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.measure import drift
from counterspam.measure.drift import Decided, watch

EVEN = (60,) * 10
RIGHT = Decided(True, True, 0.95, 2.0)
WRONG = Decided(False, True, 0.95, 0.0)


def test_too_little_says_nothing() -> None:
    seen = watch([RIGHT] * 29, ((1,) * 10, (1,) * 10))
    assert (seen.recent, seen.errors, seen.calibration, seen.silent, seen.stability) == (29, None, None, None, None)
    assert seen.alarms == ()


def test_all_well() -> None:
    seen = watch([RIGHT] * 200, (EVEN, EVEN))
    assert (seen.errors, seen.silent, seen.stability) == (0.0, 0.0, 0.0)
    assert seen.calibration == pytest.approx(0.05)
    assert seen.alarms == ()


def test_errors_that_rise_are_an_alarm() -> None:
    good, bad = [RIGHT] * 300, [RIGHT] * 150 + [WRONG] * 50
    seen = watch(good + bad, (EVEN, EVEN))
    assert (seen.recent, seen.earlier, seen.errors, seen.before) == (200, 300, 0.25, 0.0)
    assert seen.low is not None
    assert seen.low < 0.25
    assert seen.silent == 0.25
    assert "errors" in seen.alarms
    assert watch(bad + bad, (EVEN, EVEN)).alarms == ("calibration",)  # as many as before: no rise, only far off


def test_scores_that_move_are_an_alarm() -> None:
    before, after = (900, 0, 0, 0, 0, 0, 0, 0, 0, 100), (500, 0, 0, 0, 0, 0, 0, 0, 0, 500)
    expected = (0.5 - 0.9) * math.log(0.5 / 0.9) + (0.5 - 0.1) * math.log(0.5 / 0.1)
    seen = watch([], (before, after))
    assert seen.stability == pytest.approx(expected, abs=0.01)
    assert seen.alarms == ("stability",)
    assert seen.records == (1000, 1000)


def test_calibration_by_hand() -> None:
    some = [Decided(spam, True, 0.85, 1.0) for spam in [True] * 6 + [False] * 4]
    assert drift.calibration_error(some) == pytest.approx(0.25)
    assert drift.calibration_error([Decided(True, True, 1.0, 1.0)]) == 0


@given(
    st.lists(st.integers(0, 10**6), min_size=10, max_size=10), st.lists(st.integers(0, 10**6), min_size=10, max_size=10)
)
def test_the_index_is_never_negative(before: list[int], after: list[int]) -> None:
    assert drift.stability(before, after) >= -1e-12
    assert drift.stability(before, before) == 0
