"""The XML of DMARC aggregate reports (RFC 7489 appendix C, RFC 9990), cut into records and flattened.

Records are cut out by their tags and parsed one at a time: memory stays flat, and a broken record costs only itself. No
entity is ever expanded: a document type is refused. Namespaces and their prefixes are not looked at.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple
from xml.parsers import expat

from counterspam.decode.charset import decode_text
from counterspam.errors import DecodeError, Reason

MAX_VALUE = 1000
MAX_LEVELS = 20

Fields = dict[str, list[str]]

_OPEN = re.compile(rb"<((?:[\w.-]{1,64}:)?record)[\s>]")
_END = re.compile(rb"</(?:[\w.-]+:)?feedback\s*>")
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.S)
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")


def to_utf8(data: bytes) -> bytes:
    """The document in UTF-8 and without comments. Raises DecodeError when it declares a document type."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in data[:4]:
        little = data[:2] == b"\xff\xfe" or data[1:2] == b"\0"
        data = data.decode("utf-16-le" if little else "utf-16-be", "replace").lstrip("\ufeff").encode()
    else:
        data = data.removeprefix(b"\xef\xbb\xbf")
        declared = _ENCODING.match(data)
        if not data.isascii():
            data = _reencode(data, declared[1].decode("ascii") if declared else "utf-8")
    for word in _FORBIDDEN:
        if word in data:
            raise DecodeError(Reason.UNSUPPORTED, f"XML with {word.decode()}: entities are not expanded")
    return _COMMENT.sub(b"", data) if b"<!--" in data else data


def _reencode(data: bytes, declared: str) -> bytes:
    if declared.lower() in ("utf-8", "utf8"):
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("utf-8", "replace").encode()
        return data
    return decode_text(data, declared).encode()


class Cut(NamedTuple):
    """One record with its tags. `broken`: its end is missing."""

    data: bytes
    broken: bool = False


def frame(data: bytes) -> tuple[bytes, bool]:
    """What stands before the first record and after the last, up to the end of the feedback element; whether that end is there.

    What follows that end, and a root around it that is never closed, are flaws that cost nothing.
    """
    first = _OPEN.search(data)
    tail = 0
    if first is not None:
        last = max(data.rfind(b"</" + first[1]), first.end())
        tail = data.find(b">", last) + 1
    end = _END.search(data, tail)
    rest = data[tail : end.end() if end else len(data)]
    return (data[: first.start()] if first else b"") + rest, end is not None


def records(data: bytes) -> Iterator[Cut]:
    """The records in order, each with its tags. One whose end is missing reaches to the next one or to the end."""
    first = _OPEN.search(data)
    if first is None:
        return
    opening, closing = b"<" + first[1], b"</" + first[1]
    start, close = first.start(), 0
    while start >= 0:
        if 0 <= close < start:
            close = data.find(closing, start)
        end = data.find(b">", close) + 1 if close >= 0 else 0
        following = data.find(opening, start + 1, end or len(data))
        if following >= 0 or not end:
            yield Cut(data[start : following if following >= 0 else len(data)], broken=True)
            start = following
        else:
            yield Cut(data[start:end])
            start = data.find(opening, end)


def flatten(data: bytes, whole: bool = True) -> Fields:
    """Path below the root -> values, as `row/count`; names without prefix, lower case. `whole` False: the end may be missing.

    Raises DecodeError BAD_SYNTAX when it is not well-formed, TOO_DEEP beyond 20 levels.
    """
    fields: Fields = {}
    path: list[str] = []
    text: list[str] = []

    def start(name: str, _: dict[str, str]) -> None:
        if len(path) >= MAX_LEVELS:
            raise DecodeError(Reason.TOO_DEEP, f"XML elements nested more than {MAX_LEVELS} deep")
        path.append(name.rpartition(":")[2].lower())
        text.clear()

    def end(_: str) -> None:
        if text and (value := "".join(text).strip()):
            fields.setdefault("/".join(path[1:]), []).append(value[:MAX_VALUE])
        text.clear()
        path.pop()

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text.append
    try:
        parser.Parse(data, whole)
    except expat.ExpatError as error:
        raise DecodeError(Reason.BAD_SYNTAX, f"XML: {error}") from error
    return fields
