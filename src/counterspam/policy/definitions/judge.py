"""Judging evidence under many definitions at once: each version answers about the days on which it is in force."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from counterspam.errors import CounterspamError
from counterspam.policy.definitions import facts as known_facts
from counterspam.policy.definitions.definition import Definition
from counterspam.policy.definitions.expression import NO, YES, Answer, Expression, read
from counterspam.policy.definitions.facts import UNKNOWN, Facts

MOST_KEPT = 50_000  # answers that are remembered
_EPOCH = date(1970, 1, 1).toordinal()
OPEN = "?"  # behind a version that could not tell
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Judged:
    """What all definitions of a day say: those that it meets, and in one line every version that judged it.

    The line has the versions in order with a space between them; one that could not tell has a "?" behind it.
    """

    met: tuple[str, ...] = ()
    line: str = ""


NOT_JUDGED = Judged()


class Judge:
    """A set of versions, compiled. One that cannot be compiled is left out and named in `broken`; it stops no other."""

    def __init__(self, definitions: Iterable[Definition]) -> None:
        self.compiled: list[tuple[Definition, Expression]] = []
        self.broken: dict[str, str] = {}
        for one in definitions:
            try:
                self.compiled.append((one, read(one.expression)))
            except CounterspamError as error:
                self.broken[one.label] = str(error)
                log.error("the definition %s is not used: %s", one.label, error)
        self.names = tuple(dict.fromkeys(name for _, made in self.compiled for name in made.names))
        self.columns = known_facts.columns(self.names)
        self._steps = {name: _together(made.steps.get(name, ()) for _, made in self.compiled) for name in self.names}
        firsts = {one.valid_from for one, _ in self.compiled} | {_after(one.valid_to) for one, _ in self.compiled}
        self._changes = np.array(sorted(map(_number, firsts - {""})), np.int64)  # days on which others come into force
        self._days: dict[str, list[tuple[Definition, Expression]]] = {}
        self._kept: dict[tuple[object, ...], Judged] = {}
        self._same: dict[Judged, Judged] = {}

    def of_day(self, day: str) -> Sequence[tuple[Definition, Expression]]:
        """The versions in force on a day (ISO 8601), compiled."""
        if day not in self._days:
            if len(self._days) > 5000:
                self._days.clear()
            self._days[day] = [(one, made) for one, made in self.compiled if one.in_force(day)]
        return self._days[day]

    def answers(self, facts: Facts, day: str) -> list[tuple[Definition, Expression, Answer]]:
        """What each version of the day answers, with its reasons."""
        return [(one, made, made.answer(facts)) for one, made in self.of_day(day)]

    def judged(self, facts: Facts, day: str) -> Judged:
        """What they say, as evidence keeps it."""
        met, line = [], []
        for one, made in self.of_day(day):
            value = made.decide(facts)
            if value == YES:
                met.append(one.label)
            line.append(one.label + (OPEN if value == UNKNOWN else ""))
        return Judged(tuple(met), " ".join(line))

    def classes(self, name: str, numbers: NDArray[Any]) -> NDArray[Any]:
        """Numbers of a fact as classes within which no definition tells one from another; the numbers where any does."""
        steps = self._steps.get(name)
        if steps is None:
            return numbers
        return np.searchsorted(steps, numbers, "left") + np.searchsorted(steps, numbers, "right")

    def eras(self, days: NDArray[np.int64]) -> NDArray[np.int64]:
        """Days (since 1970) as times within which the same versions are in force."""
        return np.searchsorted(self._changes, days, "right")

    def of_row(self, row: Mapping[str, object], day: int, like: tuple[object, ...]) -> Judged:
        """What they say of as much of a row of the event store as `columns` name, observed on a day (since 1970).

        Rows that are `like` each other, era included, share an answer; answers that are the same are one object.
        """
        if (found := self._kept.get(like)) is None:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
                self._same.clear()
            found = self.judged(known_facts.of_row(row, self.names), date.fromordinal(day + _EPOCH).isoformat())
            found = self._kept[like] = self._same.setdefault(found, found)
        return found


def explained(judge: Judge, facts: Facts, day: str) -> list[dict[str, Any]]:
    """What each definition of a day says: with the parts that decide, and the facts that are missing."""
    found = []
    for one, made, answer in judge.answers(facts, day):
        parts = [{"expression": part.text, "answer": part.decide(facts)} for part in made.parts or (made,)]
        found.append(
            {
                "id": one.id,
                "version": one.version,
                "jurisdiction": one.jurisdiction,
                "title": one.title,
                "answer": answer.value,
                "missing": list(answer.missing),
                "failed": answer.failed,
                "parts": parts,
            }
        )
    return found


def _number(day: str) -> int:
    return date.fromisoformat(day).toordinal() - _EPOCH


def _after(day: str) -> str:
    """The next day; "" for none."""
    return (date.fromisoformat(day) + timedelta(1)).isoformat() if day else ""


def _together(some: Iterable[tuple[float, ...] | None]) -> tuple[float, ...] | None:
    """The steps of all expressions, None where one of them has none."""
    found: set[float] = set()
    for steps in some:
        if steps is None:
            return None
        found.update(steps)
    return tuple(sorted(found))


def stored(met: Iterable[str], line: str) -> dict[str, str]:
    """What evidence keeps, read again: version -> yes, no or unknown."""
    given = set(met)
    return {
        name.removesuffix(OPEN): UNKNOWN if name.endswith(OPEN) else YES if name in given else NO
        for name in line.split()
    }
