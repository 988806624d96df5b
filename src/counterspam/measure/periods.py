"""The periods that a page may ask for, cut into at most 60 equal steps. Times are seconds since 1970, days are UTC.

A period of days starts at midnight, so that a day's total is never cut in two; its last day is today.
"""

from dataclasses import dataclass

HOUR = 3600
DAY = 24 * HOUR
ALL = "all"
DEFAULT = "24h"
MAX_STEPS = 60

# name -> (what it is called, seconds of one step, seconds of the whole, 0 what there is)
PERIODS: dict[str, tuple[str, int, int]] = {
    "1h": ("last hour", 60, HOUR),
    "24h": ("last 24 hours", HOUR, DAY),
    "7d": ("last 7 days", 3 * HOUR, 7 * DAY),
    "30d": ("last 30 days", DAY, 30 * DAY),
    ALL: ("whole time", DAY, 0),
}


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` to before `end`, in steps of `step` seconds; the last step is still running."""

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
        """Whether the period consists of whole days, so that rollups by the day answer for it."""
        return self.start % DAY == 0 and self.end - self.start >= 2 * DAY


def period(name: str, now: int, first: int = 0) -> Period:
    """The period `name` that ends with the step in which `now` lies; an unknown name gives the default.

    `first` is when the evidence starts (0 nothing yet); only the whole time depends on it.
    """
    if name not in PERIODS:
        name = DEFAULT
    label, step, length = PERIODS[name]
    end = now - now % step + step
    start = end - length if length < 2 * DAY else now - now % DAY + DAY - length
    if name == ALL:
        step, start = _whole(now, first or now)
        end = now - now % step + step
    return Period(name, label, start, end, step)


def _whole(now: int, first: int) -> tuple[int, int]:
    """Seconds of one step, and where the first one starts, so that the steps reach from `first` to `now`."""
    if now - first < DAY - HOUR:
        return HOUR, now - now % HOUR + HOUR - DAY
    start = first - first % DAY
    for step in (HOUR, 3 * HOUR, 6 * HOUR, DAY // 2):
        if now - start < MAX_STEPS * step:
            return step, start
    step = DAY * -(-(now - start + DAY) // (DAY * (MAX_STEPS - 1)))
    return step, first - first % step


def before(given: Period) -> Period:
    """The period of the same length just before `given`."""
    length = given.end - given.start
    return Period(given.name, "the same time before", given.start - length, given.start, given.step)
