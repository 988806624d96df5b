"""Tables: which delimiter, which encoding, and which column holds which field.

A mapping is column -> field, as the operator gives it (`raw.mapping`); a time field may carry its strptime form after a
colon ("observed_at:%d/%m/%Y %H:%M"). Without one, columns are recognised by their usual names.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from counterspam.decode.record import MAX_TEXT
from counterspam.errors import DecodeError, Reason
from counterspam.model import Raw

DELIMITERS = ",;\t|"
HEAD = 64 * 1024
MAX_COLUMNS = 500
MAX_COLUMN_NAME = 200
_WORD = re.compile(r"[\W_]+")
csv.field_size_limit(MAX_TEXT)  # what is longer is not a cell but a quote that was never closed


def utf8(data: bytes) -> bytes:
    """`data` as UTF-8 without byte order mark: UTF-8 or UTF-16 by its mark, else UTF-8 where it fits, else Latin-1."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace").encode()
    return data


def head(data: bytes) -> bytes:
    """The first lines as UTF-8, cut at a line end so that no character is cut."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return utf8(data[:HEAD])
    part = data[:HEAD]
    if len(data) > HEAD:
        part = part[: part.rfind(b"\n") + 1]
    return utf8(part)


def delimiter(line: str) -> str:
    """The delimiter that cuts the header into most columns."""
    marks = [mark for mark in DELIMITERS if mark in line]
    return max(marks, key=lambda mark: len(_row(line, mark))) if len(marks) > 1 else "".join(marks) or ","


@lru_cache(maxsize=1)  # several formats ask about the same item in turn
def names(data: bytes) -> tuple[str, list[str]]:
    """Delimiter and column names of the first line that is not blank; no names when it is not the header of a table."""
    start = head(data).lstrip(b"\r\n \t")
    line = start.split(b"\n", 1)[0].decode("utf-8", "replace").rstrip("\r")
    if not line or len(line) > MAX_COLUMNS * 40 or "\0" in line:
        return ",", []
    mark = delimiter(line)
    found = [name.strip() for name in _row(line, mark)]
    if len(found) > MAX_COLUMNS or any(len(name) > MAX_COLUMN_NAME for name in found):
        return mark, []
    return mark, found


@lru_cache(maxsize=4096)
def plain(name: str) -> str:
    """A column name to compare by: lower case, words joined by one underscore."""
    return str(_WORD.sub("_", name.strip().casefold())).strip("_")


def recognise(given: Iterable[str], known: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Field -> column, by the usual names in `known` (field -> names, the most usual first)."""
    columns: dict[str, str] = {}
    for name in given:
        columns.setdefault(plain(name), name)
    found = {}
    for field, usual in known.items():
        for name in usual:
            if name in columns:
                found[field] = columns[name]
                break
    return found


def assigned(
    raw: Raw, given: Iterable[str], known: Mapping[str, Sequence[str]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Field -> column and field -> strptime form: by `raw.mapping` where there is one, else by the usual names.

    Raises DecodeError when the mapping names a field that this format has not, or a column that the table has not.
    """
    wanted = {column: field for column, field in raw.mapping.items() if field}
    if not wanted:
        return recognise(given, known), {}
    present = {plain(name): name for name in given}
    columns, forms = {}, {}
    for column, target in wanted.items():
        field, _, form = target.partition(":")
        if field not in known:
            raise DecodeError(Reason.BAD_VALUE, f"mapping: {field!r} is no field; known are {', '.join(known)}"[:1000])
        if plain(column) not in present:
            raise DecodeError(Reason.MISSING_FIELD, f"mapping: the table has no column {column[:100]!r}")
        columns[field] = present[plain(column)]
        if form:
            forms[field] = form
    return columns, forms


def targets(raw: Raw) -> set[str]:
    """The fields that the mapping names, without their forms."""
    return {field.partition(":")[0] for field in raw.mapping.values() if field} if raw.mapping else set()


def rows(data: bytes, mark: str) -> Iterator[tuple[list[str] | None, str]]:
    """(cells, the text they stood in) of every row that is not blank; cells are None where the row cannot be read.

    `data` is UTF-8. A quote that never closes costs one row: reading goes on at the next line.
    """
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", errors="replace", newline=""):
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=mark)
    while True:
        taken.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield None, "".join(taken)
            continue
        if cells and (len(cells) > 1 or cells[0].strip()):
            yield cells, "".join(taken)


def _row(line: str, mark: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=mark), [])
    except csv.Error:
        return []
