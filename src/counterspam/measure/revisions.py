"""How two revisions of a published period differ, table by table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CELL, SMALL, TOTAL = "cell", "small", "total"
Counts = Mapping[str, Any]
Key = tuple[str, tuple[tuple[str, Any], ...]]


@dataclass(frozen=True, slots=True)
class Line:
    """One row that differs. `part` is cell, small (all that is too small to be shown) or total; `key` names a cell.

    `before` and `after` are the counts, None where there is no such row.
    """

    part: str
    key: Mapping[str, Any]
    before: Counts | None
    after: Counts | None


@dataclass(frozen=True, slots=True)
class Difference:
    """The rows of one table that were added, removed, or have other counts."""

    table: str
    lines: tuple[Line, ...]

    @property
    def added(self) -> int:
        """How many rows only the later revision has."""
        return sum(line.before is None for line in self.lines)

    @property
    def removed(self) -> int:
        """How many rows only the earlier revision has."""
        return sum(line.after is None for line in self.lines)

    @property
    def changed(self) -> int:
        """How many rows have other counts."""
        return len(self.lines) - self.added - self.removed


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The tables in which two contents (`frozen.Frozen.content`) differ; [] when every figure is the same."""
    old = {table["name"]: _rows(table) for table in before["tables"]}
    new = {table["name"]: _rows(table) for table in after["tables"]}
    found = []
    for name in dict.fromkeys([*new, *old]):
        was, now = old.get(name, {}), new.get(name, {})
        lines = [
            Line(part, dict(key), was.get((part, key)), now.get((part, key)))
            for part, key in dict.fromkeys([*now, *was])
            if was.get((part, key)) != now.get((part, key))
        ]
        if lines:
            found.append(Difference(name, tuple(lines)))
    return found


def _rows(table: Mapping[str, Any]) -> dict[Key, Counts]:
    """Every row of a table by what it is."""
    names = ("at", *table["dimensions"])
    rows: dict[Key, Counts] = {}
    for row in table["rows"]:
        key = tuple((name, row[name]) for name in names if name in row)
        rows[CELL, key] = {name: value for name, value in row.items() if name not in names}
    for part, counts in ((SMALL, table["small"]), (TOTAL, table["totals"])):
        if counts:
            rows[part, ()] = counts
    return rows
