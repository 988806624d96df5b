"""Entries as YAML, JSON and CSV, and back again without loss.

YAML and JSON are lists of entries as they are. CSV (RFC 4180, UTF-8, a head) has a row per entry and a column per
field, those of a single record as `unsubscribe.required`. A null is an empty cell; lists, and lists of records, are
JSON in their cell; flags are `true` and `false`. A text that begins with `=`, `+`, `-`, `@`, a tab, a line break or
an apostrophe has one apostrophe before it, so that no spreadsheet takes it for a formula; reading takes that one
away.
"""

import csv
import io
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson
import yaml

from counterspam.errors import DecodeError, Reason
from counterspam.policy.repository.fields import FIELDS, Content, Field, Kind, Type, complete, leaves, value
from counterspam.policy.repository.shipped import LOADER

MOST_BYTES = 8 * 1024 * 1024
MOST_ENTRIES = 5000
MOST_DEPTH = 8
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "\n", "'")
_LISTS = (Type.CHOICES, Type.LINES, Type.URLS, Type.RECORDS)


def to_yaml(kind: Kind, entries: Iterable[Content]) -> bytes:
    """Entries as a YAML list."""
    content = [complete(kind, entry) for entry in entries]
    written: str = yaml.dump(content, Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=110)
    return written.encode()


def to_json(kind: Kind, entries: Iterable[Content]) -> bytes:
    """Entries as a JSON list, indented for people."""
    return orjson.dumps([complete(kind, entry) for entry in entries], option=orjson.OPT_INDENT_2)


def to_csv(kind: Kind, entries: Iterable[Content]) -> bytes:
    """Entries as CSV."""
    columns = list(leaves(FIELDS[kind]))
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow([path for path, _ in columns])
    for entry in entries:
        writer.writerow([_cell(value(entry, path)) for path, _ in columns])
    return file.getvalue().encode()


def from_yaml(kind: Kind, data: bytes) -> list[dict[str, Any]]:
    """Entries of a YAML list. Raises DecodeError. Aliases are refused: a few lines of them can stand for gigabytes."""
    text = _text(data)
    try:
        depth = 0
        for event in yaml.parse(text, Loader=LOADER):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if isinstance(event, yaml.AliasEvent) or depth > MOST_DEPTH:
                raise DecodeError(Reason.TOO_DEEP, "aliases and deep nesting are not taken")
        found = yaml.load(text, Loader=LOADER)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise DecodeError(Reason.BAD_SYNTAX, "this is not YAML that can be read") from error
    return _entries(kind, found)


def from_json(kind: Kind, data: bytes) -> list[dict[str, Any]]:
    """Entries of a JSON list. Raises DecodeError."""
    try:
        found = orjson.loads(_text(data))
    except orjson.JSONDecodeError as error:
        raise DecodeError(Reason.BAD_SYNTAX, "this is not JSON that can be read") from error
    return _entries(kind, found)


def from_csv(kind: Kind, data: bytes) -> list[dict[str, Any]]:
    """Entries of a CSV file. Raises DecodeError, which names the line and column."""
    known = dict(leaves(FIELDS[kind]))
    reader = csv.reader(io.StringIO(_text(data).removeprefix("\ufeff"), newline=""), strict=True)
    try:
        head = next(reader, [])
        if len(set(head)) < len(head) or not set(head) <= set(known):
            raise DecodeError(Reason.BAD_SYNTAX, "the head has a column that is not known, or one twice")
        return _entries(kind, [_row(known, head, row, reader.line_num) for row in reader if row])
    except csv.Error as error:
        raise DecodeError(Reason.BAD_SYNTAX, f"line {reader.line_num}: {error}") from error


FORMS: Mapping[str, tuple[str, Callable[[Kind, Iterable[Content]], bytes]]] = {
    "yaml": ("application/yaml", to_yaml),
    "json": ("application/json", to_json),
    "csv": ("text/csv; charset=utf-8", to_csv),
}
READERS: Mapping[str, Callable[[Kind, bytes], list[dict[str, Any]]]] = {
    "yaml": from_yaml,
    "json": from_json,
    "csv": from_csv,
}


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise DecodeError(Reason.TOO_LARGE, f"more than {MOST_BYTES} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise DecodeError(Reason.BAD_ENCODING, "this is not UTF-8") from error


def _entries(kind: Kind, found: Any) -> list[dict[str, Any]]:
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise DecodeError(Reason.BAD_SYNTAX, "entries are expected as a list")
    if len(found) > MOST_ENTRIES:
        raise DecodeError(Reason.TOO_MANY, f"more than {MOST_ENTRIES} entries")
    return [complete(kind, each) for each in found]


def _cell(given: Any) -> str:
    if given is None:
        return ""
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, list | Mapping):
        return orjson.dumps(given).decode()
    return f"'{given}" if isinstance(given, str) and given.startswith(_GUARDED) else str(given)


def _row(known: Mapping[str, Field], head: Sequence[str], row: Sequence[str], line: int) -> dict[str, Any]:
    if len(row) != len(head):
        raise DecodeError(Reason.BAD_SYNTAX, f"line {line}: {len(row)} cells under {len(head)} columns")
    found: dict[str, Any] = {}
    for path, cell in zip(head, row, strict=True):
        name, _, inner = path.partition(".")
        try:
            given = _read(known[path], cell)
        except ValueError as error:
            raise DecodeError(Reason.BAD_VALUE, f"line {line}, column {path}: {error}") from error
        if inner:
            found.setdefault(name, {})[inner] = given
        else:
            found[name] = given
    return found


def _read(one: Field, cell: str) -> Any:
    if cell == "":
        return None
    if one.type in _LISTS:
        given = orjson.loads(cell)
        if not isinstance(given, list):
            raise ValueError("a list is expected")
        return given
    if one.type == Type.FLAG:
        if cell not in ("true", "false"):
            raise ValueError("true, false or nothing is expected")
        return cell == "true"
    if one.type in (Type.NUMBER, Type.YEAR):
        return _number(cell)
    return cell[1:] if cell.startswith("'") else cell


def _number(cell: str) -> int | float:
    if len(cell) > 30:
        raise ValueError("this is no number")
    if cell.lstrip("-").isascii() and cell.lstrip("-").isdecimal():
        return int(cell)
    found = float(cell)
    if not math.isfinite(found):
        raise ValueError("this is no number")
    return found
