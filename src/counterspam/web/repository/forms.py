"""An entry as the fields of a form, and back: what is typed is kept as it is until it is valid.

A list is a field of several lines, one member a line; the members of a record are separated by ` | `. Nothing means unknown, a
single hyphen that there is none.
"""

from collections.abc import Mapping
from typing import Any

from counterspam.policy.repository.fields import FIELDS, Content, Field, Kind, Type, complete, leaves, value

Typed = Mapping[str, list[str]]  # by path, what was typed or chosen
NONE = "-"
FLAGS = {"true": True, "false": False}
MOST_TYPED = 60_000  # characters of one field
_LISTS = (Type.LINES, Type.URLS, Type.RECORDS)


def typed(kind: Kind, content: Content) -> dict[str, list[str]]:
    """An entry as it stands in its form."""
    return {path: _typed(one, value(content, path)) for path, one in leaves(FIELDS[kind])}


def _typed(one: Field, given: Any) -> list[str]:
    if given is None:
        return []
    if one.type == Type.CHOICES:
        return list(given)
    if one.type in _LISTS:
        lines = [_line(one, each) if isinstance(each, Mapping) else str(each) for each in given]
        return ["\n".join(lines) if lines else NONE]
    return ["true" if given is True else "false" if given is False else str(given)]


def _line(one: Field, record: Content) -> str:
    cells = ["" if record[inner.name] is None else str(record[inner.name]) for inner in one.fields]
    return " | ".join(cell.replace("\\", "\\\\").replace("|", "\\|") for cell in cells)


def content(kind: Kind, given: Typed) -> dict[str, Any]:
    """What was typed as an entry; a value that cannot be read stays text, for validation to refuse."""
    found: dict[str, Any] = {}
    for path, one in leaves(FIELDS[kind]):
        name, _, inner = path.partition(".")
        read = _read(one, [each[:MOST_TYPED] for each in given.get(path, [])])
        if inner:
            found.setdefault(name, {})[inner] = read
        else:
            found[name] = read
    return complete(kind, found)


def _read(one: Field, given: list[str]) -> Any:
    if one.type == Type.CHOICES:
        chosen = [each for each in given if each]
        return chosen if chosen or one.required else None
    text = (given[0] if given else "").replace("\r\n", "\n").strip()
    if one.type in _LISTS:
        return _many(one, text)
    return _single(one, text) if text else None


def _many(one: Field, text: str) -> list[Any] | None:
    if text == NONE:
        return []
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if not lines:
        return [] if one.required else None
    return [_record(one, line) for line in lines] if one.type == Type.RECORDS else list(lines)


def _record(one: Field, line: str) -> dict[str, Any]:
    cells = _cells(line)
    names = [inner.name for inner in one.fields]
    given = dict(zip(names, cells, strict=False))
    more = {f"cell-{number}": cell for number, cell in enumerate(cells[len(names) :], len(names) + 1)}
    read = {inner.name: _single(inner, given.get(inner.name, "")) or None for inner in one.fields}
    zero = {inner.name: 0 for inner in one.fields if given.get(inner.name) == "0" and inner.type == Type.NUMBER}
    return read | zero | more


def _cells(line: str) -> list[str]:
    cells, text, escaped = [], "", False
    for char in line:
        if escaped or char not in "\\|":
            text, escaped = text + char, False
        elif char == "\\":
            escaped = True
        else:
            cells.append(text.strip())
            text = ""
    return [*cells, text.strip()]


def _single(one: Field, text: str) -> Any:
    if one.type == Type.FLAG:
        return FLAGS.get(text, text)
    if one.type in (Type.NUMBER, Type.YEAR):
        if len(text) < 20 and text.isascii() and text.isdecimal():
            return int(text)
        try:
            return float(text) if one.name == "amount" and len(text) < 30 else text
        except ValueError:
            return text
    return text
