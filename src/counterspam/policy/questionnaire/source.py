"""The text of a questionnaire that a user wrote: YAML read without trust, each value with the line that it stands on.

Only maps, lists, texts, numbers and truths: no anchors, aliases, merges or tags, nothing large, nothing deep. What goes wrong
is a fault with its line; nothing of the text is ever run.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

MOST_BYTES = 512 * 1024
MOST_DEPTH = 12
MOST_VALUES = 60_000
MOST_DIGITS = 40  # of a number
MOST_FAULTS = 100
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = {f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null")}
# Control characters, halves of pairs, what turns the direction of a text around, and what XML does not take.
_NO_CHARACTERS = {
    *map(chr, (*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), *range(0x202A, 0x202F))),
    *map(chr, (*range(0x2066, 0x206A), 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)),
} - {"\n", "\r", "\t"}

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at a place: `line` from 1, 0 unknown; `code` is in web/questionnaire/faults.py, `given` what it names."""

    place: str
    line: int
    code: str
    given: tuple[str, ...] = ()


class NotWellMade(Exception):
    """A text is no questionnaire; `faults` say where and why, in the order of the text."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = faults


@dataclass(slots=True)
class Source:
    """What a text says, and where."""

    value: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def say(self, path: Path, code: str, *given: str) -> None:
        """Note a fault; of very many the first are enough."""
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(place(path), self.line(path), code, tuple(one[:100] for one in given)))

    def line(self, path: Path) -> int:
        """The line of a place, or of what it stands in."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 0)


def place(path: Path) -> str:
    """A place as one reads it: sections[2].questions[0].kind, counted from 1."""
    return "".join(f"[{one + 1}]" if isinstance(one, int) else f".{one[:60]}" for one in path).lstrip(".")


def read(data: bytes) -> Source:
    """The values of a text and their lines. Raises NotWellMade where it is no such text."""
    if len(data) > MOST_BYTES:
        _refuse(0, "large", str(MOST_BYTES // 1024))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        _refuse(data.count(b"\n", 0, error.start) + 1, "encoding")
    for number, line in enumerate(text.split("\n"), 1):
        if not _NO_CHARACTERS.isdisjoint(line):
            _refuse(number, "character")
    found = Source()
    try:
        _inspect(text)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        _refuse(mark.line + 1 if mark else 0, "yaml", str(getattr(error, "problem", None) or ""))
    found.value = _value(found, node, ()) if node else None
    return found


def _refuse(line: int, code: str, *given: str) -> Any:
    raise NotWellMade([Fault("", line, code, tuple(one[:200] for one in given))])


def _inspect(text: str) -> None:
    """Look at the parts of a text before anything is made of them."""
    depth = values = 0
    for event in yaml.parse(text, Loader=_LOADER):
        mark: Any = event.start_mark
        line = mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) or getattr(event, "tag", None):
            _refuse(line, "alias")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        values += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.ScalarEvent) and not _NO_CHARACTERS.isdisjoint(event.value):
            _refuse(line, "character")  # written as an escape
        if depth > MOST_DEPTH:
            _refuse(line, "deep", str(MOST_DEPTH))
        if values > MOST_VALUES:
            _refuse(line, "many", str(MOST_VALUES))


def _value(found: Source, node: Any, path: Path) -> Any:
    found.lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _map(found, node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_value(found, one, (*path, number)) for number, one in enumerate(node.value)]
    return _scalar(node)


def _map(found: Source, node: Any, path: Path) -> Mapping[str, Any]:
    values: dict[str, Any] = {}
    for name, one in node.value:
        inside = (*path, str(name.value) if isinstance(name, yaml.ScalarNode) else "?")
        found.lines[inside] = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode) or not isinstance(_scalar(name), str):
            found.say(inside, "key")
        elif name.tag == "tag:yaml.org,2002:merge":
            found.say(inside, "alias")
        elif inside[-1] in values:
            found.say(inside, "twice")
        else:
            values[name.value] = _value(found, one, inside)
            found.lines[inside] = name.start_mark.line + 1
    return values


def _scalar(node: Any) -> Any:
    """A text, number, truth or nothing; a number without end, or longer than any that is meant, stays a text."""
    if node.tag not in _PLAIN or len(node.value) > MOST_DIGITS:
        return node.value
    try:
        value = yaml.constructor.SafeConstructor().construct_object(node)
    except ValueError:
        return node.value
    return node.value if isinstance(value, float) and not math.isfinite(value) else value


class _Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Writes everything out, without aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Never."""
        return True


def written(value: Mapping[str, Any]) -> str:
    """A questionnaire as a text that `read` takes."""
    return str(yaml.dump(dict(value), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120))
