"""Large tables (CSV, NDJSON) cut into pieces of whole records, for several workers and flat memory."""

from collections.abc import Iterator
from typing import Protocol

MB = 1024 * 1024
# Pieces of lines are small, so that all workers have some; those of a CSV large, for calls are aggregated within one.
LINES, PIECE = MB // 4, 4 * MB
MAX_RECORD = MB  # longer "records" are a quote that is never closed
_CSV = (".csv", ".tsv", ".tab")
_LINES = (".ndjson", ".jsonl", ".jsonlines")
_DELIMITERS = (b",", b";", b"\t", b"|")
_BOM = b"\xef\xbb\xbf"


class Lines(Protocol):
    """What is read line by line."""

    def readline(self, size: int = ..., /) -> bytes:
        """The next line with its end, at most `size` bytes."""


def kind(name: str, head: bytes) -> str:
    """ "csv", "lines" (one JSON value a line) or "" by the name's ending, else by the first 64 KiB."""
    head = head[: 64 * 1024]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\0" in head or b"\n" not in head:
        return ""  # not cut at bytes that look like line ends
    low = name.lower()
    if low.endswith(_LINES):
        return "lines"
    if low.endswith(_CSV):
        return "csv"
    lines = [line.strip() for line in head.removeprefix(_BOM).split(b"\n")[:-1] if line.strip()][:5]
    if len(lines) >= 2 and all(line[:1] == b"{" and line[-1:] == b"}" for line in lines):
        return "lines"
    if len(lines) >= 3 and lines[0][:1] not in b"<{[":
        for mark in _DELIMITERS:
            if len(counts := {line.count(mark) for line in lines if b'"' not in line}) == 1 and counts.pop() >= 1:
                return "csv"
    return ""


def cut(stream: Lines, form: str, size: int) -> Iterator[tuple[int, bytes]]:
    """(index of the first record, piece) one after another; each piece of a CSV begins with the header record.

    Raises what reading the stream raises; pieces before it have been given.
    """
    header = _record(stream) if form == "csv" else b""
    first = count = 0
    parts, held = [header], 0
    while record := (_record(stream) if form == "csv" else stream.readline(MAX_RECORD * 32)):
        parts.append(record)
        held += len(record)
        count += bool(record.strip())
        if held >= size:
            yield first, b"".join(parts)
            parts, held, first = [header], 0, count
    if held or not count:
        yield first, b"".join(parts)


def _record(stream: Lines) -> bytes:
    """One CSV record with its line end; a line end inside quotes does not count (RFC 4180 section 2)."""
    line = stream.readline(MAX_RECORD * 32)
    if not line.count(b'"') & 1:
        return line
    parts, quotes, length = [line], line.count(b'"'), len(line)
    while quotes & 1 and length < MAX_RECORD and (line := stream.readline(MAX_RECORD)):
        parts.append(line)
        quotes += line.count(b'"')
        length += len(line)
    return b"".join(parts)
