"""Periods: their steps cover what they say, and rollups can answer for them."""

from datetime import UTC, date, datetime, timedelta

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
        ("12m", "2025-12-01T00:00", "2026-11-23T00:00", 7 * DAY),
        ("2025", "2025-01-01T00:00", "2026-01-01T00:00", 7 * DAY),
        ("2026", "2026-01-01T00:00", "2026-11-26T00:00", 7 * DAY),
        ("2026-10", "2026-10-01T00:00", "2026-11-01T00:00", DAY),
        ("2026-11", "2026-11-01T00:00", "2026-11-23T00:00", DAY),
        ("2025-12", "2025-12-01T00:00", "2026-01-01T00:00", DAY),
        ("2026-W43", "2026-10-19T00:00", "2026-10-26T00:00", 3 * HOUR),
        ("2020-W53", "2020-12-28T00:00", "2021-01-04T00:00", 3 * HOUR),
        ("2026-10-05", "2026-10-05T00:00", "2026-10-06T00:00", HOUR),
        ("2026-11-22", "2026-11-22T00:00", "2026-11-22T07:00", HOUR),
        ("2026-10-05..2026-10-12", "2026-10-05T00:00", "2026-10-13T00:00", 6 * HOUR),
        ("2026-11-21T06..2026-11-21T18", "2026-11-21T06:00", "2026-11-21T19:00", 900),
        ("2026-11-22T06..2026-11-22T18", "2026-11-22T06:00", "2026-11-22T06:15", 900),
        ("2026-11-22T03..2026-11-22T03", "2026-11-22T03:00", "2026-11-22T04:00", 60),
        ("2027-01", "2027-01-01T00:00", "2027-01-02T00:00", DAY),
    ],
)
def test_period(name: str, start: str, end: str, step: int) -> None:
    found = periods.period(name, 1_795_327_230)
    shown = [datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M") for at in (found.start, found.end)]
    assert (*shown, found.step) == (start, end, step)


@example("all", 1_600_000_000, 84_401)
@given(st.sampled_from(list(periods.PERIODS)), NOW, st.integers(0, 1_500_000_000))
def test_steps_cover_now_and_are_few(name: str, now: int, age: int) -> None:
    found = periods.period(name, now, now - age)
    assert (found.end - found.start) % found.step == 0
    assert found.start % min(found.step, DAY) == 0
    assert found.end - found.step <= now < found.end
    assert 1 <= len(found.steps) <= MAX_STEPS
    if name == periods.ALL:
        assert found.start <= now - age
    if found.in_days:
        assert found.start % DAY == 0
    elif found.step >= HOUR:
        assert found.whole_hours == found.start


@given(st.sampled_from([*periods.PERIODS, periods.YEAR]), NOW)
def test_the_period_before_is_as_long_and_ends_before_this_one_starts(name: str, now: int) -> None:
    found = periods.period(name, now, now - 10 * DAY)
    past = periods.before(found)
    assert len(past.steps) == len(found.steps)
    leap = DAY if name == periods.YEAR else 0  # a whole year may have a day more than the one before
    assert 0 <= (found.end - found.start) - (past.end - past.start) <= leap
    if name in ("1h", "24h"):
        assert past.end == found.start
    elif name == periods.YEAR:
        assert datetime.fromtimestamp(past.start, UTC).month == datetime.fromtimestamp(found.start, UTC).month
    else:
        assert (found.start - past.start) % DAY == 0  # the same hours of the day
        assert 0 <= found.start - past.end < DAY


@given(NOW, st.integers(0, 4000 * DAY))
def test_what_is_counted_by_months_starts_with_one(now: int, age: int) -> None:
    whole, year = periods.period("all", now, now - age), periods.period(periods.YEAR, now)
    assert year.in_months
    assert now - year.start >= 334 * DAY
    assert whole.in_months is (whole.end - whole.start >= 60 * DAY and is_first(whole.start))
    assert now <= whole.end <= now + whole.step, "which may add a day or two to the time until now"
    if age > 61 * DAY:
        assert is_first(whole.start)
        assert whole.start > now - age - 31 * DAY


def is_first(at: int) -> bool:
    """Whether a month starts then."""
    day = datetime.fromtimestamp(at, UTC)
    return (day.day, day.hour, day.minute, day.second) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "in_months"),
    [
        ("2025", True),
        ("2026", False),  # still running: it ends with a week
        ("2026-09-01..2026-10-31", True),
        ("2026-09-01..2026-10-30", False),
        ("2026-09-02..2026-10-31", False),
        ("2026-09-01T00..2026-10-31T23", True),
        ("2026-10", False),  # by the day it is as quick
        ("30d", False),
        ("24h", False),
    ],
)
def test_which_periods_consist_of_whole_months(name: str, in_months: bool) -> None:
    assert periods.period(name, 1_795_327_230).in_months is in_months


def test_nothing_stored_yet() -> None:
    found = periods.period("all", 1_795_327_230, 0)
    assert len(found.steps) == 24


@pytest.mark.parametrize(
    "name",
    ["", "x", "2h", "1999", "2100", "2026-13", "2026-00", "2026-1", "2026-W54", "2026-W00", "2025-W53", "2026-02-30",
     "2026-10-5", "2026-10-05..", "..2026-10-05", "2026-10-12..2026-10-05", "2026..2027", "2026-10..2026-11",
     "2026-10-05..2026-10-06T05",
     "2026-10-05T24", "2026-10-05T24..2026-10-06T01", "2026-10-05..2026-10-06..2026-10-07", "٢٠٢٦", "2026-10-05 ", " 2026",
     "2026\n"],
)  # fmt: skip
def test_what_is_no_period(name: str) -> None:
    assert not periods.known(name)
    assert periods.period(name, 1_795_327_230).name == periods.DEFAULT


@given(st.text(max_size=30))
def test_any_text_is_a_period_or_is_not(name: str) -> None:
    found = periods.period(name, 1_795_327_230)
    assert (found.name == name) == (periods.known(name) or name == periods.DEFAULT)


DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31))


@given(DAYS, st.integers(0, 3000), st.sampled_from(["", "T05"]), NOW)
def test_a_range_holds_both_its_ends_in_few_steps(first: date, days: int, hour: str, now: int) -> None:
    last = min(first + timedelta(days), date(2099, 12, 31))
    name = f"{first}{hour}..{last}{hour}"
    assert periods.known(name)
    found = periods.period(name, now)
    assert 1 <= len(found.steps) <= MAX_STEPS
    begin = datetime.fromisoformat(f"{first}{hour or 'T00'}:00+00:00").timestamp()
    end = datetime.fromisoformat(f"{last}{hour or 'T00'}:00+00:00").timestamp() + (HOUR if hour else DAY)
    assert found.start == begin
    assert found.end == end or (found.end < end and now < found.end <= max(now, begin) + found.step)
    assert found.in_days == (not hour and found.end - found.start >= 2 * DAY)


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("2026-03", "2026-02-01", "2026-03-01"),
        ("2026-01", "2025-12-01", "2026-01-01"),
        ("2025", "2024-01-01", "2025-01-01"),
        ("2026-W43", "2026-10-12", "2026-10-19"),
        ("2026-10-05", "2026-10-04", "2026-10-05"),
        ("2026-10-05..2026-10-12", "2026-09-27", "2026-10-05"),
        ("2026-11", "2026-10-01", "2026-10-23"),
        ("2026-W47", "2026-11-09", "2026-11-15"),
        ("2026-11-22", "2026-11-21", "2026-11-21"),
        ("2026-11-20..2026-11-25", "2026-11-17", "2026-11-19"),
        ("12m", "2024-12-01", "2025-11-23"),
    ],
)
def test_the_period_before_one_of_the_calendar(name: str, start: str, end: str) -> None:
    past = periods.before(periods.period(name, 1_795_327_230))
    shown = [datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d") for at in (past.start, past.end)]
    assert shown == [start, end]


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("2026-10-05", "2026-10-05"),
        ("2026-10", "2026-10-01..2026-10-31"),
        ("2026-11-20T06..2026-11-20T18", "2026-11-20T06..2026-11-20T18"),
        ("24h", "2026-11-21T09..2026-11-22T08"),
        ("1h", ""),
    ],
)
def test_a_period_is_spelled_as_an_address_names_it(name: str, spelled: str) -> None:
    now = int(datetime(2026, 11, 22, 8, 30, tzinfo=UTC).timestamp())
    found = periods.period(name, now)
    assert periods.spelled(found) == spelled
    if spelled:
        again = periods.period(spelled, now)
        assert (again.start, again.end) == (found.start, found.end)
