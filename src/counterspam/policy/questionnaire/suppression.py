"""Which cells of published tables are hidden, so that no figure tells of fewer than 5 respondents.

A cell is sensitive when 1 to 4 respondents stand behind it, or 1 to 4 of those who did not answer publicly: the answers of
the others are listed by name and could be taken off. A total is sensitive too when it is dominated: when what remains without
the two greatest is less than 15 % of the greatest, the second could work the greatest out well (the p % rule, p = 15).

Cells stand in lines, parts and their total. Sensitive cells are hidden; then further ones, the smallest first, until in each
line two or more are hidden, at least 5 respondents stand behind the hidden parts together, and no hidden cell follows from
the shown ones by any combination of lines.
Source: the method of complementary suppression as handbooks of statistical disclosure control describe it.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

LEAST = 5  # respondents behind a figure that is shown
DOMINANCE = 0.15  # p of the p % rule
_ZERO = 1e-9


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands behind a cell: all respondents, those who did not answer publicly, and whether it is dominated."""

    people: int
    protected: int
    dominated: bool = False

    @property
    def sensitive(self) -> bool:
        """Whether it must be hidden for itself."""
        return 0 < self.people < LEAST or 0 < self.protected < LEAST or self.dominated


@dataclass(frozen=True, slots=True)
class Line:
    """A total and the parts that add up to it."""

    total: Hashable
    parts: tuple[Hashable, ...]


def dominated(values: Sequence[float]) -> bool:
    """Whether the total of these contributions lets the second greatest contributor estimate the greatest."""
    if not any(values):
        return False
    ordered = sorted((abs(one) for one in values), reverse=True)
    return sum(ordered[2:]) < DOMINANCE * ordered[0]


def hidden(cells: Mapping[Hashable, Cell], lines: Sequence[Line]) -> set[Hashable]:
    """The cells that are not shown."""
    gone = {name for name, cell in cells.items() if cell.sensitive}
    while more := _next(cells, lines, gone):
        gone.add(more)
    return gone


def determined(lines: Sequence[Line], gone: set[Hashable]) -> set[Hashable]:
    """The hidden cells that follow from those shown: the ones that are the same in every solution of the lines."""
    unknown = sorted(gone, key=repr)
    place = {name: at for at, name in enumerate(unknown)}
    rows = []
    for line in lines:
        row = np.zeros(len(unknown))
        for name in line.parts:
            if name in place:
                row[place[name]] += 1
        if line.total in place:
            row[place[line.total]] -= 1
        if row.any():
            rows.append(row)
    if not rows:
        return set()
    _, sizes, right = np.linalg.svd(np.array(rows), full_matrices=True)
    rank = int((sizes > _ZERO).sum())
    free = right[rank:]
    return {name for name, at in place.items() if not len(free) or bool(np.abs(free[:, at]).max() < _ZERO)}


def _next(cells: Mapping[Hashable, Cell], lines: Sequence[Line], gone: set[Hashable]) -> Hashable | None:
    """One more cell to hide, None when it is enough."""
    for line in lines:
        parts = [name for name in line.parts if name in gone]
        if not parts or line.total in gone:
            continue
        if len(parts) == 1 or sum(cells[name].people for name in parts) < LEAST:
            return _smallest(cells, line, gone)
    known = determined(lines, gone)
    if not known:
        return None
    for near in (known, gone, set(cells)):  # in a line of such a cell, else in one that is joined to it by others
        for line in lines:
            if near.intersection((*line.parts, line.total)) and (found := _smallest(cells, line, gone)) is not None:
                return found
    return None


def _smallest(cells: Mapping[Hashable, Cell], line: Line, gone: set[Hashable]) -> Hashable | None:
    """The smallest part that is still shown and has somebody behind it, else the total, else a part with nobody behind it."""
    shown = [name for name in line.parts if name not in gone]
    some = [name for name in shown if cells[name].people]
    if some:
        return min(some, key=lambda name: (cells[name].people, repr(name)))
    if line.total not in gone:
        return line.total
    return min(shown, key=repr) if shown else None
