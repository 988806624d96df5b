"""One file of the spool; see `spool` for its format."""

import mmap
import os
import secrets
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from counterspam.errors import StoreError
from counterspam.model import Raw

HEAD = struct.Struct("<8sIII")
MAX_PARTS = 512  # buffers of one writev; the system's limit is 1024

Entries = Iterator[tuple[Raw, int]]
_FIELDS = {f.name: f.default for f in fields(Raw) if f.name != "data"}


class Position(NamedTuple):
    """A place in the spool."""

    segment: int
    offset: int


def meta(raw: Raw) -> bytes:
    """All of a raw item but its data, as JSON; what has its default value is left out."""
    known = {name: getattr(raw, name) for name, default in _FIELDS.items() if getattr(raw, name) != default}
    known["mapping"] = dict(raw.mapping)
    if not known["mapping"]:
        del known["mapping"]
    try:
        return orjson.dumps(known)
    except TypeError:  # a name with bytes that are not UTF-8 (lone surrogates)
        return orjson.dumps(
            {k: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for k, v in known.items()}
        )


def _checksum(lengths: bytes, meta: Any, data: Any) -> int:
    return zlib.crc32(data, zlib.crc32(meta, zlib.crc32(lengths)))


class Segment:
    """A segment file, open for appending (`fd` >= 0) or only for reading."""

    def __init__(self, path: Path, number: int, marker: bytes, fd: int = -1) -> None:
        self.path = path
        self.number = number
        self.marker = marker
        self._fd = fd
        self.size = path.stat().st_size
        self._synced = self.size

    @classmethod
    def create(cls, folder: Path, number: int) -> "Segment":
        """A new, empty segment whose name is on disk."""
        marker = secrets.token_bytes(8)
        path = folder / f"{number:012d}-{marker.hex()}.spool"
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            sync_folder(folder)
            return cls(path, number, marker, fd)
        except OSError:
            os.close(fd)
            raise

    def append(self, metas: Sequence[bytes], raws: Sequence[Raw]) -> None:
        """Write entries; not durable before `sync`."""
        parts: list[bytes] = []
        for meta, raw in zip(metas, raws, strict=True):
            lengths = struct.pack("<II", len(meta), len(raw.data))
            head = HEAD.pack(self.marker, len(meta), len(raw.data), _checksum(lengths, meta, raw.data))
            parts += (head + meta, raw.data) if raw.data else (head + meta,)
            if len(parts) >= MAX_PARTS:
                self._write(parts)
                parts = []
        self._write(parts)

    def _write(self, parts: list[bytes]) -> None:
        total = sum(map(len, parts))
        if not total:
            return
        written = os.writev(self._fd, parts)
        if written < total:  # rare: a signal, or the disk is nearly full
            rest = memoryview(b"".join(parts))[written:]
            while rest:
                rest = rest[os.write(self._fd, rest) :]
        self.size += total

    def sync(self) -> None:
        """What was appended is on disk when this returns."""
        os.fdatasync(self._fd)
        self._synced = self.size

    def cut_back(self) -> None:
        """Drop what was appended since the last sync, as far as the disk lets us; no more appending."""
        try:
            os.ftruncate(self._fd, self._synced)
            os.fdatasync(self._fd)
        except OSError:
            pass  # what remains is behind the last position that anyone reads to, or torn
        self.size = self._synced
        self.seal()

    def seal(self) -> None:
        """No more appending."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def delete(self) -> None:
        """Remove the file."""
        self.seal()
        self.path.unlink(missing_ok=True)

    def entries(self, start: int, end: int | None, damaged: Callable[[int], None]) -> Entries:
        """Raw items from `start` to `end` with the offset behind each. `damaged` hears where a corrupt stretch begins.

        A torn tail, behind which no entry comes, is not damage.
        """
        end = self.size if end is None else min(end, self.size)
        if start >= end:
            return
        with self.path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as view:
            broken = -1
            while 0 <= start < end:
                found = self._entry(view, start, end)
                if found is None:
                    broken = start if broken < 0 else broken
                    start = view.find(self.marker, start + 1, end)
                    continue
                if broken >= 0:
                    damaged(broken)
                    broken = -1
                start = found[1]
                yield found

    def _entry(self, view: mmap.mmap, start: int, end: int) -> tuple[Raw, int] | None:
        """The entry that begins at `start`, None when there is none or it is corrupt."""
        if start + HEAD.size > end:
            return None
        marker, meta_length, data_length, checksum = HEAD.unpack_from(view, start)
        middle = start + HEAD.size + meta_length
        behind = middle + data_length
        if marker != self.marker or behind > end:
            return None
        meta, data = view[start + HEAD.size : middle], view[middle:behind]
        if _checksum(view[start + 8 : start + 16], meta, data) != checksum:
            return None
        return Raw(data=data, **{k: v for k, v in orjson.loads(meta).items() if k in _FIELDS}), behind


def find(folder: Path) -> list[Segment]:
    """The segments of a folder, in order."""
    found = []
    for path in sorted(folder.glob("*.spool")):
        number, _, marker = path.stem.partition("-")
        try:
            found.append(Segment(path, int(number), bytes.fromhex(marker)))
        except ValueError as error:
            raise StoreError(f"{path} is not a segment of the spool") from error
    return found


def sync_folder(folder: Path) -> None:
    """Names in `folder` are on disk when this returns."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
