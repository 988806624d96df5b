"""Whether an entry may be kept: each fault with the field that it is in and a code that pages put into words."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import re2

from counterspam.policy.repository.fields import FIELDS, Content, Field, Kind, Type, leaves

MOST_FAULTS = 100
MOST_DEPTH = 4  # an entry has lists of records; nothing goes deeper
_ID = re2.compile(r"[A-Z0-9][A-Za-z0-9.-]{1,39}")
_JURISDICTION = re2.compile(r"[A-Z]{2}")
_CURRENCY = re2.compile(r"[A-Z]{3}")
_LANGUAGE = re2.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_CODES = {"id": _ID, "jurisdiction": _JURISDICTION, "currency": _CURRENCY, "language": _LANGUAGE}
# Control characters, and those that change the direction of what follows or are not seen at all.
_UNSEEN = re2.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]")


class Code(StrEnum):
    """What is wrong with a value."""

    MISSING = "missing"
    UNKNOWN_FIELD = "unknown-field"
    WRONG_TYPE = "wrong-type"
    TOO_LONG = "too-long"
    TOO_MANY = "too-many"
    NOT_ALLOWED = "not-allowed"
    NOT_IN_RANGE = "not-in-range"
    BAD_CHARACTERS = "bad-characters"
    BAD_FORM = "bad-form"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: `place` is the path of the field (`authority.0.url`), `limit` what bounds it where that is the matter."""

    place: str
    code: Code
    limit: int = 0

    def __str__(self) -> str:
        return f"{self.place}: {self.code}" + (f" (limit {self.limit})" if self.limit else "")


def faults(kind: Kind, content: Content) -> list[Fault]:
    """Every fault of an entry, at most MOST_FAULTS; [] when it may be kept. Expects the result of `fields.complete`."""
    found: list[Fault] = []
    for fault in _faults(kind, content):
        found.append(fault)
        if len(found) == MOST_FAULTS:
            break
    return found


def _faults(kind: Kind, content: Content) -> Iterator[Fault]:
    known = {one.name for one in FIELDS[kind]}
    yield from (Fault(str(name)[:60], Code.UNKNOWN_FIELD) for name in content if name not in known)
    for one in FIELDS[kind]:
        yield from _field(one, content.get(one.name), one.name)
    if kind == Kind.LAW:
        yield from _general(content)


def _general(content: Content) -> Iterator[Fault]:
    """`from_general_knowledge` names fields, or parts of them."""
    known = {path for path, _ in leaves(FIELDS[Kind.LAW])} | {one.name for one in FIELDS[Kind.LAW]}
    known |= {f"{one.name}.{inner.name}" for one in FIELDS[Kind.LAW] for inner in one.fields}
    named = content.get("from_general_knowledge")
    for name in named if isinstance(named, list) else ():
        if isinstance(name, str) and name not in known:
            yield Fault("from_general_knowledge", Code.NOT_ALLOWED)


def _field(one: Field, value: Any, place: str) -> Iterator[Fault]:
    if value is None or (value == [] and one.type == Type.CHOICES and one.required):
        if one.required:
            yield Fault(place, Code.MISSING)
        return
    yield from _CHECKS[one.type](one, value, place)


def _text(one: Field, value: Any, place: str) -> Iterator[Fault]:
    if not isinstance(value, str):
        yield Fault(place, Code.WRONG_TYPE)
    elif not value.strip():
        yield Fault(place, Code.MISSING)
    elif len(value) > one.limit:
        yield Fault(place, Code.TOO_LONG, one.limit)
    elif not _storable(value) or (one.type != Type.TEXT and "\n" in value):
        yield Fault(place, Code.BAD_CHARACTERS)


def _storable(value: str) -> bool:
    """Whether every store and format takes it: no control characters, no halves of a surrogate pair."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return not _UNSEEN.search(value)


def _url(one: Field, value: Any, place: str) -> Iterator[Fault]:
    wrong = list(_text(one, value, place))
    yield from wrong
    if not wrong and not _is_web(value):
        yield Fault(place, Code.BAD_FORM)


def _is_web(value: str) -> bool:
    """A whole address that a browser may be led to: http or https, with a host, without a name or password in it."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    plain = not any(char in value for char in ' \t"<>\\')
    return plain and parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc


def _code(one: Field, value: Any, place: str) -> Iterator[Fault]:
    wrong = list(_text(one, value, place))
    yield from wrong
    if not wrong and not _CODES[one.name].fullmatch(value):
        yield Fault(place, Code.BAD_FORM)


def _date(one: Field, value: Any, place: str) -> Iterator[Fault]:
    try:
        known = isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        known = False
    if not known:
        yield Fault(place, Code.BAD_FORM)


def _number(one: Field, value: Any, place: str) -> Iterator[Fault]:
    allowed = (int,) if one.type == Type.YEAR or one.name != "amount" else (int, float)
    if isinstance(value, bool) or not isinstance(value, allowed):
        yield Fault(place, Code.WRONG_TYPE)
    elif not (1800 if one.type == Type.YEAR else 0) <= value <= one.limit:  # not-a-number is in no range
        yield Fault(place, Code.NOT_IN_RANGE, one.limit)


def _flag(one: Field, value: Any, place: str) -> Iterator[Fault]:
    if not isinstance(value, bool):
        yield Fault(place, Code.WRONG_TYPE)


def _choice(one: Field, value: Any, place: str) -> Iterator[Fault]:
    if not isinstance(value, str) or value not in one.values:
        yield Fault(place, Code.NOT_ALLOWED)


def _list(one: Field, value: Any, place: str) -> Iterator[Fault]:
    if not isinstance(value, list):
        yield Fault(place, Code.WRONG_TYPE)
    elif len(value) > one.limit:
        yield Fault(place, Code.TOO_MANY, one.limit)
    elif one.type == Type.RECORDS:
        for number, each in enumerate(value):
            yield from _record(one, each, f"{place}.{number}")
    else:
        yield from _members(one, value, place)


def _members(one: Field, value: list[Any], place: str) -> Iterator[Fault]:
    if all(isinstance(each, str) for each in value) and len(set(value)) < len(value):
        yield Fault(place, Code.TWICE)
    inner = {Type.CHOICES: Type.CHOICE, Type.LINES: Type.LINE, Type.URLS: Type.URL}[one.type]
    member = Field(one.name, inner, required=True, values=one.values)
    for number, each in enumerate(value):
        yield from (Fault(f"{place}.{number}", fault.code, fault.limit) for fault in _field(member, each, place))


def _record(one: Field, value: Any, place: str) -> Iterator[Fault]:
    if not isinstance(value, Mapping):
        yield Fault(place, Code.WRONG_TYPE)
        return
    known = {inner.name for inner in one.fields}
    yield from (Fault(f"{place}.{str(name)[:60]}", Code.UNKNOWN_FIELD) for name in value if name not in known)
    for inner in one.fields:
        yield from _field(inner, value.get(inner.name), f"{place}.{inner.name}")


_CHECKS: Mapping[Type, Callable[[Field, Any, str], Iterator[Fault]]] = {
    Type.LINE: _text,
    Type.TEXT: _text,
    Type.CODE: _code,
    Type.URL: _url,
    Type.DATE: _date,
    Type.YEAR: _number,
    Type.NUMBER: _number,
    Type.FLAG: _flag,
    Type.CHOICE: _choice,
    Type.CHOICES: _list,
    Type.LINES: _list,
    Type.URLS: _list,
    Type.RECORD: _record,
    Type.RECORDS: _list,
}
