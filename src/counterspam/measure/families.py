"""Families of series that are watched together, each with its normal: channels, their content types, origins, destinations.

A family has a normal for how much each part brings, and one for what share of its channel it has: there, what is expected
is the usual share of what the channel brought, so that a channel which doubles as a whole shifts no share.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from counterspam.measure import baseline
from counterspam.measure.baseline import DAY, WEEK, Bools, Floats, Ints, Normal, Past
from counterspam.measure.periods import HOUR
from counterspam.measure.series import Facet, Grid, Key

WINDOWS = (1, 6)  # hours over which counts are compared,
SHORT = 0  # and the last twenty minutes, taken to stray as much as an hour does and half as much again
SHORTER, HIGHER = 1.5, 0.7  # times the spread, and this much added to the limit
SLIDING = 2  # a window that slides meets its maximum about twice as often as one that starts with the hour
RANGE = 1.96  # standard deviations that 95 of 100 counts lie within
CERTAIN = 20  # records after which a row is believed to know what its records stand for
UNSURE = 1.3  # by which limits are raised in the first week


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A time (seconds) in which a known change moved a channel: its counts are not what is normal."""

    channel: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far the counts of each row stray in windows of so many hours (SHORT: 20 minutes), and what is out of the ordinary.

    `unit` is how many messages a record stands for: records are what comes independently. `spread` as in `baseline`; `tail`
    by how much the highest hundredth of a row's scores is higher than that of a normal distribution: some series are made of
    bursts, and for them a burst is normal.
    """

    unit: Floats
    spread: dict[int, Floats]
    tail: dict[int, Floats]
    limit: dict[int, float]

    def scores(self, hours: int, rows: Ints, counted: Floats, expected: Floats) -> Floats:
        """How far each count lies from what was expected."""
        unit, spread = self.unit[rows], self.spread[hours][rows]
        return baseline.score(counted / unit, expected / unit, spread) / self.tail[hours][rows]

    def of(self, rows: Ints) -> "Bounds":
        """The same for other rows."""
        spread = {hours: values[rows] for hours, values in self.spread.items()}
        tail = {hours: values[rows] for hours, values in self.tail.items()}
        return Bounds(self.unit[rows], spread, tail, self.limit)

    def usual(self, hours: int, row: int, expected: float) -> tuple[float, float]:
        """The range in which 95 of 100 counts lie where so much is expected."""
        unit, far = float(self.unit[row]), RANGE * float(self.tail[hours][row])
        spread = float(self.spread[hours][row])
        low, high = (unit * baseline.at(side * far, expected / unit, spread) for side in (-1, 1))
        return low, high


@dataclass(frozen=True, slots=True)
class Family:
    """The normal of every part of a facet. `share` is None where only volumes are watched."""

    facet: Facet
    keys: list[Key]
    rows: dict[Key, int]
    normal: Normal
    volume: Bounds
    share: Bounds | None

    def place(self, keys: Sequence[Key]) -> Ints:
        """The row of each key; the last one for a key that has no history."""
        return np.array([self.rows.get(key, len(self.rows)) for key in keys], np.int64)


def family(facet: Facet, grid: Grid, spoilt: Sequence[Spoilt], *, surges: float, shifts: float) -> Family:
    """Learn from complete hours. `surges` and `shifts` are the false alarms a day that each may give; 0 shifts: no shares."""
    left_out = _left_out(grid, spoilt)
    normal, past = baseline.learn(grid.messages, grid.start // HOUR, left_out)
    unit = _unit(grid)
    volume = _bounds(past, unit, surges, sides=1)
    share = _bounds(_of_channels(grid.keys, past), unit, shifts, sides=2) if shifts else None
    return Family(facet, grid.keys, {key: row for row, key in enumerate(grid.keys)}, normal, volume, share)


def refreshed(old: Family, grid: Grid, spoilt: Sequence[Spoilt]) -> Family:
    """The family with the normal of now; how far counts stray from it is that of the last time it was learnt."""
    normal, _ = baseline.learn(grid.messages, grid.start // HOUR, _left_out(grid, spoilt), judged=False)
    rows = np.append(old.place(grid.keys), len(old.rows))
    share = old.share.of(rows) if old.share else None
    return Family(
        old.facet, grid.keys, {key: row for row, key in enumerate(grid.keys)}, normal, old.volume.of(rows), share
    )


def sums(keys: Sequence[Key], values: Floats) -> Floats:
    """For each row the sum over all rows of its channel."""
    names = {name: number for number, name in enumerate(dict.fromkeys(channel for channel, _ in keys))}
    of = np.array([names[channel] for channel, _ in keys], np.int64)
    total = np.zeros((len(names), *values.shape[1:]))
    np.add.at(total, of, values)
    return total[of]


def _of_channels(keys: Sequence[Key], past: Past) -> Past:
    """The past with the usual share of what the channel really brought as what was expected."""
    usual = past.expected / np.maximum(sums(keys, past.expected), 1e-9)
    return Past(past.counted, usual * sums(keys, past.counted))


def _bounds(past: Past, unit: Floats, allowed: float, *, sides: int) -> Bounds:
    spreads, tails, limits = {}, {}, {}
    days = max(past.counted.shape[1] / DAY, 1)
    unsure = past.counted.shape[1] < WEEK - DAY
    past = Past(past.counted / unit[:-1, None], past.expected / unit[:-1, None])
    for hours in WINDOWS:
        blocks = past.blocks(hours)
        spread = baseline.spread(blocks) * (2 if unsure else 1)
        scores = baseline.score(blocks.counted, blocks.expected, spread[:-1, None])
        scores = np.abs(scores) if sides == 2 else scores
        tail = baseline.tail(scores)
        often = allowed * days / SLIDING / len(WINDOWS)
        limit = baseline.limit(scores / tail[:-1, None], often, max(baseline.EPISODE // hours, 1))
        spreads[hours], tails[hours], limits[hours] = spread, tail, limit * (UNSURE if unsure else 1)
    spreads[SHORT], tails[SHORT], limits[SHORT] = SHORTER * spreads[1], tails[1], limits[1] + HIGHER
    return Bounds(unit, spreads, tails, limits)


def _unit(grid: Grid) -> Floats:
    """Messages that a record of each row stands for, and of all together."""
    messages, reports = grid.messages.sum(axis=1), grid.reports.sum(axis=1)
    every = float(messages.sum() / max(reports.sum(), 1))
    own = (messages + every * CERTAIN) / (reports + CERTAIN)
    found: Floats = np.maximum(np.append(own, every), 1)
    return found


def _left_out(grid: Grid, spoilt: Sequence[Spoilt]) -> Bools | None:
    if not spoilt:
        return None
    marked = np.zeros(grid.messages.shape, np.bool_)
    of = np.array([channel for channel, _ in grid.keys])
    for one in spoilt:
        start, end = max((one.start - grid.start) // HOUR, 0), max(-(-(one.end - grid.start) // HOUR), 0)
        marked[of == one.channel, start:end] = True
    return marked
