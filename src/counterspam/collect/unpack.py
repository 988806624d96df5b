"""Archives and compressed files -> the files inside, as streams; bombs are cut off, never unfolded.

gzip, zstd, zip and tar in any nesting of at most three. Nothing is written under a name from an archive, so a member's
path can do no harm. What cannot be read ends as a `Problem`: the caller counts it as read and rejected; the archive
itself stays where it was, and members before the fault are kept.
"""

import gzip
import io
import shutil
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import zstandard

from counterspam.errors import Reason

MB = 1024 * 1024
MAX_DEPTH = 3
MAX_MEMBERS = 1_000_000
MAX_BYTES = 64 * 1024 * MB
MAX_RATIO = 250  # text of one kind reaches 50, a report 120, a bomb 1000 and more
FREE_BYTES = 32 * MB  # below it the ratio is not looked at
MAX_WINDOW = 128 * MB
MAX_HEADER = MB
CHUNK = 256 * 1024
_BROKEN = (
    *(OSError, EOFError, ValueError, zlib.error, zstandard.ZstdError, tarfile.TarError, zipfile.BadZipFile),
    NotImplementedError,  # zipfile raises it for a version of the format that it does not know
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be read; `name` is the file, with the member after a slash."""

    name: str
    reason: Reason
    detail: str


class Bomb(Exception):
    """A limit was reached; the rest of the file is not looked at."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass
class Budget:
    """What may still come out of one file. `taken` counts its bytes as they are on disk, `given` the unfolded ones."""

    taken: int = 0
    given: int = 0
    members: int = 0
    limit: int = field(default=MAX_BYTES)

    def member(self) -> None:
        self.members += 1
        if self.members > MAX_MEMBERS:
            raise Bomb(Reason.TOO_MANY, f"more than {MAX_MEMBERS} files in one archive")

    def give(self, size: int) -> None:
        self.given += size
        if self.given > self.limit:
            raise Bomb(Reason.TOO_LARGE, f"more than {self.limit // MB} MB when unfolded")
        if self.given > FREE_BYTES and self.given > MAX_RATIO * max(self.taken, 1):
            raise Bomb(Reason.TOO_LARGE, f"unfolds to more than {MAX_RATIO} times its size")


class Readable(Protocol):
    """What is read from: an open file, standard input."""

    def read(self, size: int = ..., /) -> bytes:
        """At most `size` bytes."""


class _Metered(io.RawIOBase):
    """Reads from `source` and reports the bytes to the budget: those of the file itself, or unfolded ones."""

    def __init__(self, source: Readable, budget: Budget, unfolded: bool) -> None:
        self._source = source
        self._budget = budget
        self._unfolded = unfolded

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._source.read(min(len(buffer), CHUNK))
        buffer[: len(data)] = data
        if self._unfolded:
            self._budget.give(len(data))
        else:
            self._budget.taken += len(data)
        return len(data)


Reader = io.BufferedReader
Entry = tuple[str, Reader]
Found = Iterator[Entry | Problem]
Unfold = Callable[[str, Reader, Budget, int], Found]


def _reader(source: Any, budget: Budget, unfolded: bool) -> Reader:
    return io.BufferedReader(_Metered(source, budget, unfolded), CHUNK)


def files(name: str, source: Readable) -> Found:
    """The files in `source`: itself, or what is packed in it. Read each stream before asking for the next one.

    A fault while the caller reads a stream (a broken member, a limit reached) is raised there as one of FAULTS, and
    `problem` says what it was; after a Bomb nothing more may be asked for.
    """
    budget = Budget()
    yield from _open(name, _reader(source, budget, unfolded=False), budget, 0)


FAULTS = (*_BROKEN, Bomb)


def problem(name: str, error: BaseException) -> Problem:
    """One of FAULTS as a Problem."""
    if isinstance(error, Bomb):
        return Problem(name, error.reason, str(error))
    return Problem(name, Reason.BAD_SYNTAX, f"cannot be unpacked: {str(error) or type(error).__name__}"[:300])


def _open(name: str, reader: Reader, budget: Budget, depth: int) -> Found:
    try:
        unfold = _unfolder(reader.peek(512))
        if unfold is None:
            yield name, reader
        elif depth >= MAX_DEPTH:
            yield Problem(name, Reason.TOO_DEEP, f"packed more than {MAX_DEPTH} times")
        else:
            yield from unfold(name, reader, budget, depth + 1)
    except FAULTS as error:
        if depth and isinstance(error, Bomb):
            raise
        yield problem(name, error)


def _unfolder(head: bytes) -> Unfold | None:
    """The function that unfolds what starts with `head`."""
    if head[:3] == b"\x1f\x8b\x08":
        return _gzip
    if head[:4] == b"\x28\xb5\x2f\xfd":
        return _zstd
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _zip
    return _tar if head[257:262] == b"ustar" else None


def _stem(name: str, *endings: str) -> str:
    for ending in endings:
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def _gzip(name: str, reader: Reader, budget: Budget, depth: int) -> Found:
    with gzip.GzipFile(fileobj=reader) as inner:
        yield from _open(_stem(name, ".gz"), _reader(inner, budget, unfolded=True), budget, depth)


def _zstd(name: str, reader: Reader, budget: Budget, depth: int) -> Found:
    engine = zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
    with engine.stream_reader(reader, read_across_frames=True, closefd=False) as inner:
        yield from _open(_stem(name, ".zst", ".zstd"), _reader(inner, budget, unfolded=True), budget, depth)


_LONG = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)


class _Header(tarfile.TarInfo):
    """A member's header. Those that hold a long name are read into memory whole, so they must be short."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> "_Header":
        header = super().frombuf(buf, encoding, errors)
        if header.type in _LONG and header.size > MAX_HEADER:
            raise Bomb(Reason.TOO_LARGE, "a tar header larger than 1 MB")
        return header


def _tar(name: str, reader: Reader, budget: Budget, depth: int) -> Found:
    with tarfile.open(fileobj=reader, mode="r|", bufsize=CHUNK, tarinfo=_Header) as archive:
        for member in archive:
            budget.member()
            place = f"{name}/{member.name}"
            if member.issparse():  # its holes are bytes that come from nowhere
                yield Problem(place, Reason.UNSUPPORTED, "a sparse file in a tar archive")
            elif member.isreg() and not _hidden(member.name) and (inner := archive.extractfile(member)):
                yield from _open(place, cast(Reader, inner), budget, depth)  # it is one


def _zip(name: str, reader: Reader, budget: Budget, depth: int) -> Found:
    with tempfile.SpooledTemporaryFile(8 * MB) as copy:  # the directory of a zip file is at its end
        shutil.copyfileobj(reader, copy, CHUNK)
        with zipfile.ZipFile(copy) as archive:
            for member in archive.infolist():
                budget.member()
                if member.is_dir() or _hidden(member.filename):
                    continue
                place = f"{name}/{member.filename}"
                try:
                    inner = archive.open(member)
                except (RuntimeError, NotImplementedError) as error:  # a password, a rare method
                    yield Problem(place, Reason.UNSUPPORTED, f"cannot be unpacked: {error}"[:300])
                    continue
                with inner:
                    yield from _open(place, _reader(inner, budget, unfolded=True), budget, depth)


def _hidden(path: str) -> bool:
    return path.rpartition("/")[2].startswith(".") or path.startswith("__MACOSX/")
