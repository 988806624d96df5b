"""Reads reference tables, shipped ones and those of the operator: CSV in UTF-8, bounded, with errors that name the cell.

The first line that is not empty and no comment (`#`) names the columns, in any order. One record is one line.
"""

import csv
import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from counterspam.errors import ConfigError

MAX_BYTES = 4 * 1024 * 1024
MAX_ROWS = 20_000
MAX_CELL = 500
SHIPPED = files("counterspam") / "data"
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a table; `place` is the setting and the file, `number` the line as an editor counts it."""

    place: str
    number: int
    cells: dict[str, str]

    def wrong(self, column: str, why: str) -> ConfigError:
        """The error that says where the table is wrong, and why."""
        return ConfigError(f"{self.place}, line {self.number}, column {column}: {why}")

    def text(self, column: str, needed: bool = True) -> str:
        """The cell as it stands; "" where the column is missing and may be."""
        found = self.cells.get(column, "")
        if needed and not found:
            raise self.wrong(column, "is empty")
        return found

    def shaped(self, column: str, pattern: str, meaning: str, needed: bool = True) -> str:
        """A cell that matches `pattern`, which `meaning` says in words."""
        found = self.text(column, needed)
        if found and not re.fullmatch(pattern, found):
            raise self.wrong(column, f"{found!r} is not {meaning}")
        return found

    def country(self, column: str, needed: bool = True) -> str:
        """An ISO 3166 alpha-2 code that is in use, or "" where it may be missing."""
        found = self.text(column, needed)
        if found and found not in _countries():
            raise self.wrong(column, f"{found!r} is not an ISO 3166 alpha-2 code such as KE (the United Kingdom is GB)")
        return found

    def whole(self, column: str, least: int, most: int) -> int:
        """A whole number between two bounds, written with digits only."""
        found = self.text(column)
        if not re.fullmatch(r"[0-9]{1,15}", found) or not least <= int(found) <= most:
            raise self.wrong(column, f"{found!r} is not a whole number from {least} to {most}")
        return int(found)

    def number_or_none(self, column: str) -> float | None:
        """A number that is not negative, or None where the cell is empty."""
        found = self.text(column, needed=False)
        if not found:
            return None
        if not re.fullmatch(r"[0-9]{1,18}([.][0-9]{1,18})?", found):
            raise self.wrong(column, f"{found!r} is not a number such as 13.49 (a dot, no thousands mark, no sign)")
        return float(found)

    def day(self, column: str) -> str:
        """A date as YYYY-MM-DD, or as much of it as is known (YYYY-MM, YYYY), or `unknown`."""
        meaning = "a date as YYYY-MM-DD, YYYY-MM or YYYY, nor 'unknown'"
        found = self.shaped(column, r"unknown|[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", meaning)
        if found != UNKNOWN:
            try:
                date.fromisoformat(found + "-01-01"[len(found) - 4 :] if len(found) < 10 else found)
            except ValueError as error:
                raise self.wrong(column, f"{found!r} is not a day of the calendar") from error
        return found


@cache
def _countries() -> frozenset[str]:
    return frozenset(json.loads((SHIPPED / "countries.json").read_text(encoding="utf-8")))


def lines(
    setting: str, path: Path | Traversable, columns: Collection[str], optional: Collection[str]
) -> Iterator[Line]:
    """The records of a table that must have `columns` and may have `optional` ones.

    Raises ConfigError, which names setting, file, line and column, for a file that cannot be read, is over `MAX_BYTES` or
    `MAX_ROWS`, or is not such a table.
    """
    place = f"setting {setting}: {path.name}"
    header: list[str] = []
    count = 0
    for number, text in enumerate(_text(place, path).split("\n"), 1):
        if not text.strip() or text.startswith("#"):
            continue
        cells = _cells(place, number, text.rstrip("\r"))
        if not header:
            header = _header(place, number, cells, columns, optional)
            continue
        count += 1
        if count > MAX_ROWS:
            raise ConfigError(f"{place}, line {number}: more than {MAX_ROWS} rows")
        if len(cells) != len(header):
            raise ConfigError(
                f"{place}, line {number}: has {len(cells)} cells, the first line names {len(header)} columns"
            )
        yield Line(place, number, dict(zip(header, cells, strict=True)))
    if not header:
        raise ConfigError(f"{place}: is empty; it needs the columns {', '.join(columns)}")


def _text(place: str, path: Path | Traversable) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{place}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{place}: is not UTF-8 at byte {error.start}") from error
    if len(raw) > MAX_BYTES:
        raise ConfigError(f"{place}: is larger than {MAX_BYTES} bytes")
    return text


def _cells(place: str, number: int, text: str) -> list[str]:
    try:
        cells = [cell.strip() for cell in next(csv.reader([text], strict=True))]
    except csv.Error as error:
        raise ConfigError(f"{place}, line {number}: {error}") from error
    if any(len(cell) > MAX_CELL for cell in cells):
        raise ConfigError(f"{place}, line {number}: a cell has more than {MAX_CELL} characters")
    return cells


def _header(
    place: str, number: int, cells: list[str], columns: Collection[str], optional: Collection[str]
) -> list[str]:
    missing = [name for name in columns if name not in cells]
    foreign = [name for name in cells if name not in {*columns, *optional}]
    if missing or foreign or len(set(cells)) != len(cells):
        why = f"lacks {', '.join(missing)}" if missing else f"has {', '.join(map(repr, foreign)) or 'a column twice'}"
        raise ConfigError(f"{place}, line {number}: {why}; the columns are {', '.join([*columns, *optional])}")
    return cells
