"""What is normal: the expected count of each series, how far counts stray from it, and how far is out of the ordinary.

A series is a row of hourly counts. Its expectation is the median of the same hour in other weeks, times how the last day
compares with that; a count beyond three times the expectation hardly moves it, so a past surge does not poison it. Counts
scatter around it as a negative binomial: variance = mu + spread * mu^2. A score is the distance on the scale that makes this
variance 1 (asinh). How high a score is out of the ordinary is read from the node's own weeks: the tail of all scores of a
family of series, extrapolated (exponential excesses over a threshold) to the false alarms that are allowed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DAY = 24
WEEK = 7 * DAY
WEEKS, DAYS = 5, 10  # most cycles of history that are looked at
LEAST_SPREAD = 0.01  # even a large steady series strays by a tenth
UNSEEN = 0.02  # messages an hour that a series without history may have
BLEND = 0.6  # how much of the last day's departure goes into the next hour
LAG = 2  # newest hours that the level leaves out: what is just beginning must not hide itself
CALM = 20.0  # messages that pull a level towards 1, so that a handful does not move it
LOWEST, HIGHEST = 4.0, 12.0  # limits of a score are kept between these
HUNDREDTH = 100  # scores needed to tell the highest hundredth
NORMAL_99 = 2.326  # the highest hundredth of a normal distribution lies above this
EPISODE = 12  # hours in which high scores of one series count as one


@dataclass(frozen=True, slots=True)
class Normal:
    """The normal of several series, a row each; the last row stands for a series without history.

    `profile` messages per hour at each place of the season, place 0 being hour number `first` since 1970; `level` what to
    multiply it with now; `hours` of history behind it.
    """

    first: int
    hours: int
    profile: Floats
    level: Floats

    def expected(self, rows: Ints, start: int, end: int) -> Floats:
        """Messages that each of `rows` should bring from `start` to before `end` (seconds)."""
        hours = np.arange(start // 3600, -(-end // 3600))
        part = (np.minimum(hours * 3600 + 3600, end) - np.maximum(hours * 3600, start)) / 3600
        place = (hours - self.first) % self.profile.shape[1]
        found: Floats = (self.profile[rows][:, place] @ part) * self.level[rows]
        return found


@dataclass(frozen=True, slots=True)
class Past:
    """Complete hours that could be judged: what was counted, and what was expected from the others."""

    counted: Floats
    expected: Floats

    def blocks(self, hours: int) -> "Past":
        """The same in blocks of so many hours; what does not fill one at the beginning is left out."""
        rows, width = self.counted.shape
        cut = width % hours
        shape = (rows, width // hours, hours)
        return Past(self.counted[:, cut:].reshape(shape).sum(2), self.expected[:, cut:].reshape(shape).sum(2))


def season(hours: int) -> int:
    """The cycle that so much history can show, in hours: a week, a day, or none (1)."""
    return WEEK if hours >= 3 * WEEK else DAY if hours >= 4 * DAY else 1


def learn(counts: Floats, first: int, left_out: Bools | None = None, *, judged: bool = True) -> tuple[Normal, Past]:
    """The normal of series (rows) over complete hours (columns, the first being hour number `first`), and how it fared.

    Each hour of the past is expected from the other cycles and from the hours before it, but for what is not to be `judged`,
    which takes a fifth of the time. `left_out` marks cells that a known change has spoilt.
    """
    rows, width = counts.shape
    cycle = season(width)
    cycles = min(width // cycle, {WEEK: WEEKS, DAY: DAYS}.get(cycle, width))
    cut = width - cycles * cycle
    counts = _mended(counts[:, cut:], None if left_out is None else left_out[:, cut:], cycle)
    samples = np.stack([np.roll(counts, shift, axis=1) for shift in (-1, 0, 1)]).reshape(3, rows, cycles, cycle)
    profile = _profile(samples)
    others = np.tile(profile, cycles)
    if judged and cycle > 1:
        others = np.hstack([_profile(np.delete(samples, left, axis=2)) for left in range(cycles)])
    levels = _levels(counts, others)
    told = np.vstack([profile, np.full((1, cycle), UNSEEN)])
    normal = Normal(first + cut, width, told, np.append(levels[:, -1], 1.0))
    skip = min(DAY, width // 2)
    return normal, Past(counts[:, skip:], (others * levels[:, :-1])[:, skip:])


def _mended(counts: Floats, left_out: Bools | None, cycle: int) -> Floats:
    """Counts with the usual of the other cycles where they are left out."""
    if left_out is None or not left_out.any():
        return counts
    rows = left_out.any(axis=1)
    bad = left_out[rows]
    some = np.ma.array(counts[rows], mask=bad).reshape(len(bad), -1, cycle)
    usual = np.ma.median(some, axis=1).filled(0.0)  # type: ignore[no-untyped-call]
    mended = counts.copy()
    mended[rows] = np.where(bad, np.tile(usual, counts.shape[1] // cycle), counts[rows])
    return mended


def _profile(samples: Floats) -> Floats:
    """The usual count at each place of the cycle: a median, lifted to the mean of what is not extreme."""
    middle = np.median(samples, axis=(0, 2))
    capped = np.minimum(samples[1], 3 * middle[:, None, :] + 5)
    lift = np.maximum(capped.mean(axis=(1, 2)) - middle.mean(axis=1), 0)
    found: Floats = middle + lift[:, None] + UNSEEN
    return found


def _levels(counts: Floats, expected: Floats) -> Floats:
    """What to multiply the profile with in each hour and in the next: how the day before (without its end) compared."""

    def trailing(values: Floats) -> Floats:
        sums = np.hstack([np.zeros((len(values), 1)), np.cumsum(values, axis=1)])
        end = np.maximum(np.arange(sums.shape[1]) - LAG, 0)
        found: Floats = sums[:, end] - sums[:, np.maximum(end - DAY, 0)]
        return found

    ratio = (trailing(np.minimum(counts, 3 * expected + 5)) + CALM) / (trailing(expected) + CALM)
    found: Floats = np.clip(ratio, 0.1, 10) ** BLEND
    return found


def spread(past: Past) -> Floats:
    """Spread of each series, and of one without history: that of all together. Extremes are cut: the limit has them."""
    counted = np.minimum(past.counted, 3 * past.expected + 5)
    excess = ((counted - past.expected) ** 2 - past.expected).sum(axis=1)
    square = (past.expected**2).sum(axis=1)
    weight = 200.0
    common = max(float(np.maximum(excess, 0).sum() / max(square.sum(), 1e-9)), LEAST_SPREAD)
    own = np.maximum((excess + weight * common) / (square + weight), LEAST_SPREAD)
    return np.append(own, max(common, float(np.median(own)) if own.size else common))


def score(counted: Floats, expected: Floats, spread: Floats) -> Floats:
    """How far a count lies from what was expected, in standard deviations on the scale of the asinh."""
    root = np.sqrt(spread)
    found: Floats = 2 / root * (_stretch(counted, spread) - _stretch(expected, spread))
    return found


def _stretch(values: Floats, spread: Floats) -> Floats:
    found: Floats = np.arcsinh(np.sqrt(spread * (values + 0.375)))
    return found


def tail(scores: Floats) -> Floats:
    """By how much the highest hundredth of each row's scores exceeds that of a normal distribution; the median row at the end.

    At least 1; also 1 where there are too few scores to tell.
    """
    if scores.shape[1] < HUNDREDTH or not len(scores):
        return np.ones(len(scores) + 1)
    found = np.maximum(np.quantile(scores, 0.99, axis=1) / NORMAL_99, 1.0)
    return np.append(found, np.median(found))


def at(score: float, expected: float, spread: float) -> float:
    """The count that has this score."""
    place = np.arcsinh(np.sqrt(spread * (expected + 0.375))) + score * np.sqrt(spread) / 2
    return max(float(np.sinh(max(place, 0.0)) ** 2 / spread - 0.375), 0.0)


def limit(scores: Floats, allowed: float, block: int = EPISODE) -> float:
    """The score that independent episodes would have exceeded `allowed` times (may be under 1) in this past."""
    rows, width = scores.shape
    if width < 2 * block or not rows:
        return (LOWEST + HIGHEST) / 2
    peaks = scores[:, width % block :].reshape(rows, -1, block).max(axis=2).ravel()
    top = int(np.clip(peaks.size // 50, 10, 100))
    if peaks.size <= top:
        return (LOWEST + HIGHEST) / 2
    tail = np.sort(np.partition(peaks, -top - 1)[-top - 1 :])
    base, excess = tail[0], float((tail[1:] - tail[0]).mean())
    return float(np.clip(base + excess * np.log(top / allowed), LOWEST, HIGHEST))
