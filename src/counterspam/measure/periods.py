"""The periods that may be asked for, cut into at most 60 equal steps. Times are seconds since 1970, days are UTC.

A period is named by its length (`7d`), by the calendar (`2026`, `2026-10`, `2026-W43`, `2026-10-05`), or by its first and last
day or hour (`2026-10-05..2026-10-12`, `2026-11-22T06..2026-11-22T18`), which both count. One of days starts at midnight, so
that a day's total is never cut in two; one that is still running ends with the step in which `now` lies.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from counterspam.rollups import starts

HOUR = 3600
DAY = 24 * HOUR
WEEK = 7 * DAY
ALL = "all"
YEAR = "12m"
DEFAULT = "24h"
MAX_STEPS = 60
FIRST_YEAR, LAST_YEAR = 2000, 2099

# name -> (what it is called, seconds of one step, seconds of the whole, 0 what there is)
PERIODS: dict[str, tuple[str, int, int]] = {
    "1h": ("last hour", 60, HOUR),
    "24h": ("last 24 hours", HOUR, DAY),
    "7d": ("last 7 days", 3 * HOUR, 7 * DAY),
    "30d": ("last 30 days", DAY, 30 * DAY),
    ALL: ("whole time", DAY, 0),
}
POSSIBLE = (
    f"{', '.join(PERIODS)}, {YEAR}, a year (2026), month (2026-10), week (2026-W43) or day (2026-10-05),"
    " or a range of days (2026-10-05..2026-10-12) or hours (2026-11-22T06..2026-11-22T18), in UTC"
)
_STEPS = (60, 300, 900, HOUR, 3 * HOUR, 6 * HOUR, DAY, 2 * DAY)
_MONTH = re.compile(r"(\d{4})-(\d\d)", re.ASCII)
_WEEK = re.compile(r"(\d{4})-W(\d\d)", re.ASCII)
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_HOUR = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to before `end`, in steps of `step` seconds; the last step may still be running, or be shorter."""

    name: str
    label: str
    start: int
    end: int
    step: int

    @property
    def steps(self) -> range:
        """The starts of all steps, in order."""
        return range(self.start, self.end, self.step)

    @property
    def whole_hours(self) -> int:
        """Start of the hour in which the period starts: rollups by the hour count from there."""
        return self.start - self.start % HOUR

    @property
    def in_days(self) -> bool:
        """Whether the period consists of whole days (today's is still running), so that rollups by the day answer for it."""
        return self.start % DAY == 0 and self.end - self.start >= 2 * DAY and "T" not in self.name

    @property
    def in_months(self) -> bool:
        """Whether the period consists of whole months; one that is still running is counted as if it were over."""
        running = self.name in (YEAR, ALL)
        return (
            self.end - self.start >= 60 * DAY and starts(self.start, "month") and (running or starts(self.end, "month"))
        )


def known(name: str) -> bool:
    """Whether there is such a period; POSSIBLE says which there are."""
    return name in PERIODS or name == YEAR or _dated(name) is not None


def period(name: str, now: int, first: int = 0) -> Period:
    """The period `name`, as far as it has come by `now`; an unknown name gives the default.

    `first` is when the evidence starts (0 nothing yet); only the whole time depends on it.
    """
    if name == YEAR:
        return _cut(name, "last 12 months", _year_before(now), now - now % DAY + DAY, now)
    dated = None if name in PERIODS else _dated(name)
    if dated:
        return _cut(name, name.replace("..", " to "), *dated, now)
    if name not in PERIODS:
        name = DEFAULT
    label, step, length = PERIODS[name]
    end = now - now % step + step
    start = end - length if length < 2 * DAY else now - now % DAY + DAY - length
    if name == ALL:
        step, start = _whole(now, first or now)
        end = start + ((now - start) // step + 1) * step
    return Period(name, label, start, end, step)


def _whole(now: int, first: int) -> tuple[int, int]:
    """Seconds of one step, and where the first one starts, so that the steps reach from `first` to `now`."""
    if now - first < DAY - HOUR:
        return HOUR, now - now % HOUR + HOUR - DAY
    start = first - first % DAY
    for step in (HOUR, 3 * HOUR, 6 * HOUR, DAY // 2):
        if now - start < MAX_STEPS * step:
            return step, start
    start = _seconds(datetime.fromtimestamp(first, UTC).date().replace(day=1))
    return DAY * -(-(now - start + DAY) // (DAY * (MAX_STEPS - 1))), start


def _year_before(now: int) -> int:
    """The first day of the month that is the eleventh before the running one."""
    today = datetime.fromtimestamp(now, UTC).date()
    months = today.year * 12 + today.month - 12
    return _seconds(date(months // 12, months % 12 + 1, 1))


def _cut(name: str, label: str, start: int, end: int, now: int) -> Period:
    """The period with the least step that is not too many, ended after the step of `now`; it has at least one."""
    days = -(-(end - start) // DAY)
    step = next((step for step in _STEPS if (end - start) <= MAX_STEPS * step), WEEK * -(-days // (7 * MAX_STEPS)))
    running = start + max((now - start) // step + 1, 1) * step
    return Period(name, label, start, min(end, running), step)


def _dated(name: str) -> tuple[int, int] | None:
    """Start and end of a period that the calendar names; None for what is none."""
    first, dots, last = name.partition("..")
    try:
        if not dots:
            return _unit(first)
        if len(first) != len(last) or not (_DAY.fullmatch(first) or _HOUR.fullmatch(first)):
            return None
        begin, end = _unit(first), _unit(last)
    except ValueError:  # such as 2026-02-30
        return None
    return (begin[0], end[1]) if begin and end and begin[0] < end[1] else None


def _unit(text: str) -> tuple[int, int] | None:
    """Start and end of a year, month, week, day or hour. Raises ValueError for one that the calendar does not have."""
    if not (text[:4].isdecimal() and text.isascii() and FIRST_YEAR <= int(text[:4]) <= LAST_YEAR):
        return None
    if len(text) == 4:
        return _seconds(date(int(text), 1, 1)), _seconds(date(int(text) + 1, 1, 1))
    if found := _MONTH.fullmatch(text):
        year, month = map(int, found.groups())
        return _seconds(date(year, month, 1)), _seconds(date(year + month // 12, month % 12 + 1, 1))
    if found := _WEEK.fullmatch(text):
        start = _seconds(date.fromisocalendar(int(found[1]), int(found[2]), 1))
        return start, start + WEEK
    if found := _DAY.fullmatch(text):
        start = _seconds(date(*map(int, found.groups())))
        return start, start + DAY
    if found := _HOUR.fullmatch(text):
        year, month, day, hour = map(int, found.groups())
        start = int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())
        return start, start + HOUR
    return None


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


def spelled(given: Period) -> str:
    """A period by its first and last day or hour, as an address names it; "" where it is cut by minutes."""
    if given.start % HOUR or given.end % HOUR:
        return ""
    form, unit = ("%Y-%m-%d", DAY) if given.start % DAY == given.end % DAY == 0 else ("%Y-%m-%dT%H", HOUR)
    first, last = (datetime.fromtimestamp(at, UTC).strftime(form) for at in (given.start, given.end - unit))
    return first if first == last and unit == DAY else f"{first}..{last}"


def before(given: Period) -> Period:
    """The period before `given`: the year, month, week, day or hour before one of the calendar, else one of the same length.

    One of days starts whole days earlier, so that the same hours of the day are compared; while `given` is still running,
    the one before ends as long before `given` starts as `given` lacks to whole days, or to the whole unit of the calendar.
    """
    start, length = given.start, given.end - given.start
    whole = _unit(given.name)
    day = datetime.fromtimestamp(start, UTC).date()
    if given.name == YEAR or (whole and len(given.name) == 4):
        start = _seconds(day.replace(year=day.year - 1))
    elif whole and _MONTH.fullmatch(given.name):
        start = _seconds((day - timedelta(1)).replace(day=1))
    elif whole:
        start -= whole[1] - whole[0]
    else:
        of_days = start % DAY == 0 and given.step >= HOUR and "T" not in given.name
        start -= -(-length // DAY) * DAY if of_days else length
    end = given.start if whole and given.end == whole[1] else min(start + length, given.start)
    return Period(given.name, "the same time before", start, end, given.step)
