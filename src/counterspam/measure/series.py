"""Counts per hour as tables of numbers, and counts of a time that began within an hour: from what earlier looks saw."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from counterspam.measure.baseline import Floats
from counterspam.measure.change_questions import change_hours
from counterspam.measure.periods import HOUR
from counterspam.measure.scope import Query

Key = tuple[str, str]  # channel, and the value of the facet ("" for the whole channel)
Cell = tuple[int, int]  # messages, reports


@dataclass(frozen=True, slots=True)
class Facet:
    """One way to cut the traffic: the rollup, its column, and whether only what was judged spam counts."""

    name: str
    rollup: str
    column: str
    spam: int = 1


TYPES = Facet("content_type", "volume_hours", "content_type")
ORIGINS = Facet("country", "places_hours", "country")
DESTINATIONS = Facet("recipient_country", "places_hours", "recipient_country")
SOURCES = Facet("source", "volume_hours", "source", spam=0)


@dataclass(frozen=True, slots=True)
class Grid:
    """Messages and reports of each key (rows) in each hour (columns) from `start` (seconds); which keys hold synthetic ones."""

    keys: list[Key]
    start: int
    messages: Floats
    reports: Floats
    synthetic: frozenset[Key]

    def since(self, start: int) -> dict[Key, Cell]:
        """Messages and reports in the hours from `start` on."""
        column = max((start - self.start) // HOUR, 0)
        messages, reports = self.messages[:, column:].sum(axis=1), self.reports[:, column:].sum(axis=1)
        return {key: (int(m), int(r)) for key, m, r in zip(self.keys, messages, reports, strict=True) if r}


def grid(query: Query, facet: Facet, start: int, end: int) -> Grid:
    """Counts of whole hours from `start` to before `end`; the hour in which `end` lies counts as far as it has come."""
    rows = change_hours(query, rollup=facet.rollup, facet=facet.column, spam=facet.spam, start=start, end=end)
    shape = (len(rows), -(-(end - start) // HOUR))
    messages, reports = np.zeros(shape), np.zeros(shape)
    for number, row in enumerate(rows):
        columns = (np.array(row["hours"], np.int64) - start) // HOUR
        messages[number, columns] = row["messages"]
        reports[number, columns] = row["reports"]
    keys = [(row["channel"], row["value"]) for row in rows]
    made_up = frozenset(key for key, row in zip(keys, rows, strict=True) if row["synthetic"])
    return Grid(keys, start, messages, reports, made_up)


def channels(types: Grid) -> Grid:
    """The whole of each channel, from its parts."""
    names = sorted({channel for channel, _ in types.keys})
    of = np.array([[channel == name for channel, _ in types.keys] for name in names], np.float64)
    made_up = frozenset((channel, "") for channel, _ in types.synthetic)
    of = of.reshape(len(names), len(types.keys))
    return Grid([(name, "") for name in names], types.start, of @ types.messages, of @ types.reports, made_up)


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found in the hour that was running: when (seconds), and the counts so far."""

    at: int
    counts: dict[Key, Cell]


class Looks:
    """The running hour as the looks of the last hour saw it: the rollups know hours only, and a surge does not wait.

    At the full hour every count is 0, so a node that has just started knows windows that begin there.
    """

    def __init__(self) -> None:
        self._seen: deque[Seen] = deque(maxlen=64)

    def note(self, now: int, recent: Grid) -> None:
        """Remember what the hour of `now` had so far."""
        self._seen.append(Seen(now, recent.since(now - now % HOUR)))

    def starts(self, now: int, longest: int) -> Sequence[int]:
        """Moments since which counts are known, the newest first, back to `longest` seconds ago."""
        hour = now - now % HOUR
        known = {seen.at for seen in self._seen} | {hour, hour - HOUR}
        return sorted((at for at in known if now - longest <= at < now), reverse=True)

    def since(self, start: int, recent: Grid) -> dict[Key, Cell]:
        """Messages and reports since a moment of `starts`."""
        found = recent.since(start - start % HOUR)
        before = next((seen.counts for seen in self._seen if seen.at == start), {}) if start % HOUR else {}
        for key, (messages, reports) in before.items():
            if key in found:
                now = found[key]
                found[key] = (now[0] - messages, now[1] - reports)
        return found
