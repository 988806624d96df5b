"""Surges and shifts of shares: the parts of a family whose last hour, or last six, are far from what is normal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from counterspam.measure import families
from counterspam.measure.baseline import Bools, Floats, Ints
from counterspam.measure.families import Family
from counterspam.measure.observation import LEAST_MESSAGES, LEAST_REPORTS, SHIFT, SURGE, Observation, Subject
from counterspam.measure.periods import HOUR
from counterspam.measure.series import DESTINATIONS, ORIGINS, TYPES, Cell, Grid, Key, Looks

SURE = 2.0  # standard deviations over the limit that need no second look
CALM = 0.5  # part of the limit under which a subject is as usual again
LEAST_RATIO = 1.5  # of observed to expected for a surge
LEAST_SHIFT = 0.05  # of a share
ITSELF = 1.25  # by which a part itself must be above or below the usual, not only the others
LEAST_CHANNEL = 100  # messages of a channel whose shares are compared
WHOLE = 0.9  # share from which a part is the channel, and not said again
VAGUE = ("", "unknown", "other", "ham")  # values that are no subject of their own
EXCESS = 0.9  # of what is beyond the expected must have come since a change began


@dataclass(frozen=True, slots=True)
class Window:
    """Counts of a family from `start` to now, a row for each key, compared in blocks of `hours`."""

    hours: int
    start: int
    keys: list[Key]
    rows: Ints
    messages: Floats
    reports: Floats


def windows(family: Family, recent: Grid, looks: Looks, now: int) -> Iterator[Window]:
    """The last twenty minutes and the last hour, as far as earlier looks know when they began, and five to six hours."""
    hour = now - now % HOUR
    near = [at for at in looks.starts(now, 2 * HOUR) if now - at >= 2 * HOUR // 3]
    one = min(near, key=lambda at: abs(now - at - HOUR))
    short = [at for at in looks.starts(now, HOUR // 2) if now - at >= HOUR // 4]
    wanted = [(1, one), (6, hour - 5 * HOUR)]
    if short:
        wanted.insert(0, (families.SHORT, min(short, key=lambda at: abs(now - at - HOUR // 3))))
    for hours, start in wanted:
        counts = looks.since(start, recent)
        keys = [*family.keys, *(key for key in counts if key not in family.rows)]
        cells = np.array([counts.get(key, (0, 0)) for key in keys], np.float64).reshape(len(keys), 2)
        yield Window(hours, start, keys, family.place(keys), cells[:, 0], cells[:, 1])


def surges(family: Family, window: Window, now: int, ordinary: float) -> Iterator[tuple[Key, Observation]]:
    """Parts that bring far more than they use to. `ordinary` is what a usual campaign brings in an hour."""
    expected = family.normal.expected(window.rows, window.start, now)
    limit = family.volume.limit[window.hours]
    scores = family.volume.scores(window.hours, window.rows, window.messages, expected)
    part = window.messages / np.maximum(families.sums(window.keys, window.messages), 1)
    enough = (window.messages >= LEAST_MESSAGES) & (window.reports >= LEAST_REPORTS)
    enough &= _beyond_a_campaign(window, expected, now, ordinary)
    for row in np.flatnonzero((scores >= CALM * limit) & enough):
        key = window.keys[row]
        value = key[1]
        if value and (value in VAGUE or part[row] > WHOLE):
            continue
        mu, score = float(expected[row]), float(scores[row])
        low, high = family.volume.usual(window.hours, int(window.rows[row]), mu)
        alarm = score >= limit and window.messages[row] >= LEAST_RATIO * mu
        yield (
            key,
            Observation(
                subject=_subject(SURGE, family, key),
                began_at=window.start,
                window=now - window.start,
                observed=float(window.messages[row]),
                expected=mu,
                low=low,
                high=high,
                score=score,
                reports=int(window.reports[row]),
                alarm=bool(alarm),
                sure=score >= limit + SURE,
            ),
        )


def shifts(family: Family, window: Window, now: int, ordinary: float) -> Iterator[tuple[Key, Observation]]:
    """Parts whose share of their channel is far from what it uses to be."""
    assert family.share
    expected = family.normal.expected(window.rows, window.start, now)
    usual = expected / np.maximum(families.sums(window.keys, expected), 1e-9)
    whole = families.sums(window.keys, window.messages)
    limit = family.share.limit[window.hours]
    scores = family.share.scores(window.hours, window.rows, window.messages, usual * whole)
    shift = window.messages / np.maximum(whole, 1) - usual
    moved = np.where(shift > 0, window.messages >= ITSELF * expected, window.messages * ITSELF <= expected)
    enough = (whole >= LEAST_CHANNEL) & (families.sums(window.keys, window.reports) >= LEAST_REPORTS)
    enough &= (np.maximum(window.messages, usual * whole) >= LEAST_MESSAGES) & moved
    enough &= _beyond_a_campaign(window, usual * whole, now, ordinary)
    for row in np.flatnonzero((np.abs(scores) >= CALM * limit) & enough):
        key = window.keys[row]
        if key[1] in VAGUE:
            continue
        score, brought = float(scores[row]), float(whole[row])
        low, high = family.share.usual(window.hours, int(window.rows[row]), float(usual[row] * brought))
        yield (
            key,
            Observation(
                subject=_subject(SHIFT, family, key),
                began_at=window.start,
                window=now - window.start,
                observed=float(window.messages[row] / brought),
                expected=float(usual[row]),
                low=low / brought,
                high=min(high / brought, 1.0),
                score=score,
                reports=int(window.reports[row]),
                alarm=abs(score) >= limit and abs(shift[row]) >= LEAST_SHIFT,
                sure=abs(score) >= limit + SURE,
            ),
        )


def _beyond_a_campaign(window: Window, expected: Floats, now: int, ordinary: float) -> Bools:
    """Rows that a usual campaign would not explain: a part that brings hardly anything has never shown what one does to it."""
    known = expected * HOUR >= LEAST_MESSAGES * (now - window.start)
    found: Bools = known | (np.abs(window.messages - expected) >= ordinary)
    return found


def _subject(kind: str, family: Family, key: Key) -> Subject:
    channel, value = key
    name = family.facet.name
    return Subject(
        kind=kind,
        channel=channel,
        content_type=value if name == TYPES.name else "",
        country=value if name == ORIGINS.name else "",
        recipient_country=value if name == DESTINATIONS.name else "",
    )


def began(family: Family, key: Key, recent: Grid, looks: Looks, found: Observation, now: int) -> int:
    """The latest known moment since which nearly all of what is beyond the expected came."""
    row = family.place([key])
    hour = now - now % HOUR
    starts: Sequence[int] = looks.starts(now, found.window)
    starts = [*starts, *(hour - back * HOUR for back in range(2, 6) if found.window > back * HOUR)]
    excess: list[float] = []
    for start in starts:
        counted: Cell = looks.since(start, recent).get(key, (0, 0))
        excess.append(counted[0] - float(family.normal.expected(row, start, now)[0]))
    most = max(excess, default=0.0)
    return next((start for start, much in zip(starts, excess, strict=True) if much >= EXCESS * most), found.began_at)
