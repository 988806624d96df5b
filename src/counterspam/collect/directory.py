"""Files, folders, mbox, Maildir, archives of them and standard input -> Raw.

The order is the same on every run: names sorted by bytes, folders in depth. Links inside a folder are not followed, hidden
files and a Maildir's tmp/ are skipped. Every other file is handed on, evidence or not: what is none ends as a rejected
record with its reason. What cannot even be read becomes a `Problem`, which the caller counts as read and rejected.
"""

import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from counterspam.collect import tables
from counterspam.collect.unpack import FAULTS, Bomb, Problem, Readable, files, problem
from counterspam.errors import Reason
from counterspam.model import Raw

MB = 1024 * 1024
_BOOKKEEPING = ("dovecot", "courier", "maildir", "subscriptions")  # of IMAP servers, beside the messages of a Maildir
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What goes into every Raw, and limits. `now` gives ms since 1970, `new_id` 32 hex digits (a UUIDv7).

    `progress(bytes done, bytes in all, name)` is called now and then; bytes are those on disk, 0 in all where unknown.
    """

    intake: str
    now: Callable[[], int]
    new_id: Callable[[], str]
    source: str = ""
    channel: str = ""
    jurisdiction: str = ""
    reporter: str = ""
    mapping: Mapping[str, str] = field(default_factory=dict)
    synthetic: bool = False
    max_item: int = 32 * MB
    progress: Progress | None = None
    stdin: BinaryIO | None = None

    def raw(self, name: str, data: bytes, first: int = 0) -> Raw:
        """A Raw stamped with id and time."""
        return Raw(
            id=self.new_id(),
            data=data,
            received_at=self.now(),
            intake=self.intake,
            name=name,
            source=self.source,
            channel=self.channel,
            reporter=self.reporter,
            jurisdiction=self.jurisdiction,
            mapping=self.mapping,
            first=first,
            synthetic=self.synthetic,
        )


def read(paths: Iterable[Path | str], options: Options) -> Iterator[Raw | Problem]:
    """Everything under `paths`, "-" for standard input, one after another."""
    found = list(_walk_all(paths))
    total = sum(size for _, size, _ in found)
    done = 0
    for path, size, fault in found:
        name = str(path) if path else "stdin"
        if fault:
            yield Problem(name, Reason.BAD_VALUE, fault)
            continue
        try:
            with _opened(path, options) as file:
                yield from _file(name, _Counted(file, done, total, name, options.progress), options)
        except OSError as error:
            yield Problem(name, Reason.BAD_VALUE, f"cannot be read: {error.strerror or error}")
        done += size
        if options.progress:
            options.progress(done, total, name)


class _Counted:
    """Tells the progress while a file is read."""

    def __init__(self, file: Readable, done: int, total: int, name: str, progress: Progress | None) -> None:
        self._file, self._done, self._total, self._name, self._progress = file, done, total, name, progress

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self._done += len(data)
        if self._progress and data:
            self._progress(self._done, self._total, self._name)
        return data


@contextmanager
def _opened(path: Path | None, options: Options) -> Iterator[BinaryIO]:
    if path is None:
        yield options.stdin or sys.stdin.buffer  # not ours to close
    else:
        with open(path, "rb") as file:
            yield file


def _walk_all(paths: Iterable[Path | str]) -> Iterator[tuple[Path | None, int, str]]:
    """(path or None for standard input, size, fault) of each file."""
    for given in paths:
        if str(given) == "-":
            yield None, 0, ""
            continue
        path = Path(given)
        try:
            status = path.stat()
        except OSError as error:
            yield path, 0, f"cannot be read: {error.strerror or error}"
            continue
        if stat.S_ISDIR(status.st_mode):
            yield from _walk(path)
        else:
            yield path, status.st_size, ""


def _walk(folder: Path) -> Iterator[tuple[Path | None, int, str]]:
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: os.fsencode(entry.name))
    except OSError as error:
        yield folder, 0, f"cannot be read: {error.strerror or error}"
        return
    maildir = {"cur", "new"} <= {entry.name for entry in entries if entry.is_dir(follow_symlinks=False)}
    for entry in entries:
        if entry.is_symlink() or (maildir and entry.name == "tmp"):
            continue
        if entry.is_dir(follow_symlinks=False):
            if not entry.name.startswith(".") or (maildir and os.path.isdir(os.path.join(entry.path, "cur"))):
                yield from _walk(Path(entry.path))  # a Maildir++ folder is named with a dot
        elif entry.is_file(follow_symlinks=False) and not entry.name.startswith(
            (".", *_BOOKKEEPING) if maildir else "."
        ):
            yield Path(entry.path), entry.stat(follow_symlinks=False).st_size, ""


def _file(name: str, source: Readable, options: Options) -> Iterator[Raw | Problem]:
    for entry in files(name, source):
        if isinstance(entry, Problem):
            yield entry
            continue
        try:
            yield from _items(*entry, options)
        except FAULTS as error:
            yield problem(entry[0], error)
            if isinstance(error, Bomb):
                return


def _items(name: str, reader: io.BufferedReader, options: Options) -> Iterator[Raw | Problem]:
    """The raw items of one unpacked file."""
    head = reader.peek(1024)
    if head[:5] == b"From " and _starts_message(head.partition(b"\n")[0]):
        yield from _mbox(name, reader, options)
        return
    start = reader.read(tables.LINES)
    if len(start) < tables.LINES:
        yield options.raw(name, start) if len(start) <= options.max_item else _too_large(name, options)
        return
    whole = io.BufferedReader(_Again(start, reader), tables.PIECE)
    if form := tables.kind(name, start):
        for first, piece in tables.cut(whole, form, tables.LINES if form == "lines" else tables.PIECE):
            if len(piece) > options.max_item:
                yield _too_large(name, options)
            else:
                yield options.raw(name, piece, first)
        return
    data = whole.read(options.max_item + 1)
    if len(data) > options.max_item:
        yield _too_large(name, options)
    else:
        yield options.raw(name, data)


def _too_large(name: str, options: Options) -> Problem:
    return Problem(name, Reason.TOO_LARGE, f"larger than {options.max_item // MB} MB (max_item_mb)")


class _Again(io.RawIOBase):
    """`start`, which was read already, then the rest of `reader`."""

    def __init__(self, start: bytes, reader: io.BufferedReader) -> None:
        self._start: io.BytesIO | None = io.BytesIO(start)
        self._reader = reader

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._start is not None:
            if size := self._start.readinto(buffer):
                return size
            self._start = None
        return self._reader.readinto(buffer)


def _starts_message(line: bytes) -> bool:
    """Whether a line begins a message in an mbox file: "From ", sender, a date as asctime writes it (RFC 4155)."""
    if line[:5] != b"From " or len(line) > 512:
        return False
    words = line.split()
    return (
        len(words) >= 6
        and any(w.count(b":") >= 1 for w in words[2:])
        and any(len(w) == 4 and w.isdigit() for w in words[4:])
    )


def _mbox(name: str, reader: io.BufferedReader, options: Options) -> Iterator[Raw | Problem]:
    """Messages of an mbox file without their "From " lines; ">From " in a text is left as it stands."""
    number, size, blank = 0, 0, True
    lines: list[bytes] = []
    while line := reader.readline(MB):
        if blank and _starts_message(line):
            if number:
                yield _message(name, number, lines, size, options)
            number, size, lines = number + 1, 0, []
        else:
            size += len(line)
            if size <= options.max_item:
                lines.append(line)
        blank = line in (b"\n", b"\r\n")
    yield _message(name, number, lines, size, options)


def _message(name: str, number: int, lines: list[bytes], size: int, options: Options) -> Raw | Problem:
    place = f"{name}#{number}"
    if lines and lines[-1] in (b"\n", b"\r\n"):
        del lines[-1]  # the empty line before the next "From " belongs to the mailbox, not to the message
    return _too_large(place, options) if size > options.max_item else options.raw(place, b"".join(lines))
