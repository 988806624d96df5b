"""Periods: their steps cover what they say, and rollups can answer for them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from counterspam.measure import periods
from counterspam.measure.periods import DAY, HOUR, MAX_STEPS

NOW = st.integers(1_600_000_000, 4_000_000_000)


@pytest.mark.parametrize(
    ("name", "start", "end", "step"),
    [
        ("1h", "2026-11-22T05:01", "2026-11-22T06:01", 60),
        ("24h", "2026-11-21T07:00", "2026-11-22T07:00", HOUR),
        ("7d", "2026-11-16T00:00", "2026-11-22T09:00", 3 * HOUR),
        ("30d", "2026-10-24T00:00", "2026-11-23T00:00", DAY),
        ("nonsense", "2026-11-21T07:00", "2026-11-22T07:00", HOUR),
    ],
)
def test_period(name: str, start: str, end: str, step: int) -> None:
    from datetime import UTC, datetime

    found = periods.period(name, 1_795_327_230)
    shown = [datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M") for at in (found.start, found.end)]
    assert (*shown, found.step) == (start, end, step)


@example("all", 1_600_000_000, 84_401)
@given(st.sampled_from(list(periods.PERIODS)), NOW, st.integers(0, 1_500_000_000))
def test_steps_cover_now_and_are_few(name: str, now: int, age: int) -> None:
    found = periods.period(name, now, now - age)
    assert found.start % found.step == found.end % found.step == 0
    assert found.end - found.step <= now < found.end
    assert 1 <= len(found.steps) <= MAX_STEPS
    if name == periods.ALL:
        assert found.start <= now - age
    if found.in_days:
        assert found.start % DAY == 0
    elif found.step >= HOUR:
        assert found.whole_hours == found.start


@given(st.sampled_from(list(periods.PERIODS)), NOW)
def test_the_period_before_is_as_long_and_ends_where_this_one_starts(name: str, now: int) -> None:
    found = periods.period(name, now, now - 10 * DAY)
    past = periods.before(found)
    assert past.end == found.start
    assert len(past.steps) == len(found.steps)


def test_nothing_stored_yet() -> None:
    found = periods.period("all", 1_795_327_230, 0)
    assert len(found.steps) == 24
