"""JSON objects in bytes: a single one, an array of them, or one per line; bounded in depth and number.

Shared by the formats that are JSON inside. What is wrong with one object never hides the others.
"""

import io
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from counterspam.decode.record import MAX_CUT, MAX_DEPTH, MAX_RECORDS, MB
from counterspam.errors import DecodeError, Reason
from counterspam.model import Evidence, Raw, Rejected

PEEK = MB
_BLANK = b" \t\r\n"
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))

Item = tuple[int, dict[str, Any] | Rejected, bytes]


def plain(data: bytes) -> bytes:
    """`data` as UTF-8 without byte order mark. RFC 8259 section 8.1 asks for that; exports from desktops differ."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            if encoding == "utf-8":
                return data[3:]
            return data.decode(encoding, "replace").encode("utf-8")
    return data


def begins(data: bytes) -> bool:
    """Whether `data` may begin with an object or an array; False for all that begins with a letter."""
    head = data[:4].lstrip(_BLANK)
    return data[:1] in b"{[ \t\r\n\xef\xff\xfe" and (not head or head[:1] in b"{[\xef\xff\xfe")


def peek(data: bytes) -> dict[str, Any]:
    """The first object, or {} when `data` does not begin with one. Reads one line, or at most 1 MB."""
    if not begins(data):
        return {}
    start = plain(data[:PEEK]).lstrip(_BLANK)
    if start[:1] == b"{":
        for line in start.split(b"\n", 5)[:5]:
            value = _parsed(line)
            if isinstance(value, dict):
                return value
    if start[:1] in b"{[":
        value = _parsed(start) if len(data) <= PEEK else _first(start)
        value = value[0] if isinstance(value, list) and value else value
        return value if isinstance(value, dict) else {}
    return {}


def objects(data: bytes, format: str) -> Iterator[Item]:
    """(index, object or Rejected, its bytes) of every object in `data`.

    Raises DecodeError when `data` is one JSON text, and a broken one.
    """
    data = plain(data).strip(_BLANK)
    if not data:
        raise DecodeError(Reason.EMPTY, "nothing in it")
    try:
        value = parse(data)
    except DecodeError:
        # A second object at the start of a line, or a first line that is closed: one object a line.
        if data[:1] == b"[" or not (b"\n{" in data or (data[: _end(data)].rstrip().endswith(b"}") and b"\n" in data)):
            raise
        yield from _lines(data, format)
        return
    yield from _items(value if isinstance(value, list) else [value], format)


def evidence(
    raw: Raw, format: str, build: Callable[[Raw, int, dict[str, Any]], Evidence]
) -> Iterator[Evidence | Rejected]:
    """What `build` makes of each object, or Rejected with its bytes and what is wrong with it."""
    for index, item, line in objects(raw.data, format):
        if isinstance(item, Rejected):
            yield item
            continue
        try:
            yield build(raw, index, item)
        except DecodeError as error:
            yield Rejected(error.reason, error.detail, index, format, (line or orjson.dumps(item))[:MAX_CUT])


def parse(data: bytes) -> Any:
    """One JSON text. Raises DecodeError with the reason why it is refused."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        message = str(error)
        reason = Reason.BAD_SYNTAX
        if "depth limit" in message:
            reason = Reason.TOO_DEEP
        elif "UTF-8" in message:
            reason = Reason.BAD_ENCODING
        raise DecodeError(reason, f"not JSON: {message}") from error
    # Counting brackets is cheap and an upper bound; only what fails it is walked.
    if data.count(b"{") + data.count(b"[") > MAX_DEPTH and not _shallow(value):
        raise DecodeError(Reason.TOO_DEEP, f"nested more than {MAX_DEPTH} levels")
    return value


def _shallow(value: Any) -> bool:
    level = [value]
    for _ in range(MAX_DEPTH + 2):
        deeper: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                deeper.extend(v for v in item.values() if isinstance(v, dict | list))
            elif isinstance(item, list):
                deeper.extend(v for v in item if isinstance(v, dict | list))
        if not deeper:
            return True
        level = deeper
    return False


def _items(values: list[Any], format: str) -> Iterator[Item]:
    for index, value in enumerate(values):
        if index >= MAX_RECORDS:
            yield index, _too_many(format), b""
            return
        if isinstance(value, dict):
            yield index, value, b""
        else:
            cut = orjson.dumps(value)[:MAX_CUT]
            yield index, Rejected(Reason.BAD_VALUE, "not a JSON object", index, format, cut), cut


def _lines(data: bytes, format: str) -> Iterator[Item]:
    index = 0
    for number, raw in enumerate(io.BytesIO(data), 1):
        line = raw.strip(_BLANK)
        if not line:
            continue
        if index >= MAX_RECORDS:
            yield index, _too_many(format), b""
            return
        try:
            value = parse(line)
            if not isinstance(value, dict):
                raise DecodeError(Reason.BAD_VALUE, "not a JSON object")
            yield index, value, line
        except DecodeError as error:
            cut = line[:MAX_CUT]
            yield index, Rejected(error.reason, f"line {number}: {error.detail}", index, format, cut), cut
        index += 1


def _too_many(format: str) -> Rejected:
    return Rejected(Reason.TOO_MANY, f"more than {MAX_RECORDS} records: feed the rest on its own", MAX_RECORDS, format)


def _end(data: bytes) -> int:
    at = data.find(b"\n")
    return len(data) if at < 0 else at


def _parsed(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return None


def _first(data: bytes) -> Any:
    """The first object of a text too long to be read whole: tried at each closing bracket of the first few."""
    body = data.lstrip(b"[ \t\r\n")
    at = -1
    for _ in range(50):
        at = body.find(b"}", at + 1)
        if at < 0:
            return None
        if (value := _parsed(body[: at + 1])) is not None:
            return value
    return None
