"""Raw evidence: packs of compressed items under `YYYY/MM/DD/NAME`, in a local folder or an S3-compatible store.

A reference `YYYY/MM/DD/NAME#offset+length` names one item: 32 bytes SHA-256 of the item, then a zstd frame of it.
"""

import hashlib
import os
import shutil
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import obstore
import re2
import zstandard
from obstore.exceptions import BaseError
from obstore.store import ObjectStore, from_url

from counterspam.config import MB, Config
from counterspam.errors import ConfigError, StoreError
from counterspam.store.segment import sync_folder

MAX_ITEM = 256 * MB
_REF = re2.compile(r"^(\d{4}/\d{2}/\d{2}/[A-Za-z0-9_-]{1,100})#(\d{1,12})\+(\d{1,12})$")


class Place(Protocol):
    """Where packs are kept."""

    def write(self, path: str, data: bytes) -> None:
        """Durable when it returns; the same path again replaces."""

    def read(self, path: str, start: int, length: int) -> bytes:
        """A range of a pack; raises StoreError when there is none."""

    def expire(self, before: date) -> int:
        """Delete the packs of all days before; return how many."""


class Blobs:
    """The store of raw evidence."""

    def __init__(self, place: Place) -> None:
        self._place = place

    @classmethod
    def open(cls, config: Config) -> "Blobs":
        """By URL: file:///PATH or s3://BUCKET/PREFIX (credentials, region, endpoint from the usual AWS_ variables)."""
        url = urlsplit(config.blobs_url())
        if url.scheme == "file" and url.path:
            return cls(_Folder(Path(unquote(url.path))))
        if url.scheme != "s3":
            raise ConfigError(f"setting blobs: {config.blobs_url()!r} is not file:///PATH or s3://BUCKET/PREFIX")
        try:
            return cls(_Bucket(from_url(config.blobs_url())))
        except BaseError as error:
            raise ConfigError(f"setting blobs: {error}") from error

    def put(self, items: Sequence[bytes], name: str, at: int) -> list[str]:
        """Store items as one pack named by the day of `at` (ms) and `name`; return a reference for each.

        Repeating it with the same items gives the same bytes under the same name.
        """
        day = datetime.fromtimestamp(at / 1000, UTC).strftime("%Y/%m/%d")
        compressor = zstandard.ZstdCompressor(level=1)
        parts, refs, offset = [], [], 0
        for item in items:
            frame = hashlib.sha256(item).digest() + compressor.compress(item)
            parts.append(frame)
            refs.append(f"{day}/{name}#{offset}+{len(frame)}")
            offset += len(frame)
        if parts:
            self._place.write(f"{day}/{name}", b"".join(parts))
        return refs

    def get(self, ref: str) -> bytes:
        """The item of a reference, verified. Raises StoreError when it is gone or damaged."""
        found = _REF.match(ref)
        if found is None or int(found.group(3)) > MAX_ITEM + MB:
            raise StoreError(f"{ref!r} is not a reference of raw evidence")
        frame = self._place.read(found.group(1), int(found.group(2)), int(found.group(3)))
        try:
            if zstandard.get_frame_parameters(frame[32:]).content_size > MAX_ITEM:
                raise StoreError(f"raw evidence {ref} is damaged")
            item = zstandard.ZstdDecompressor().decompress(frame[32:], max_output_size=MAX_ITEM)
        except zstandard.ZstdError as error:
            raise StoreError(f"raw evidence {ref} is damaged: {error}") from error
        if hashlib.sha256(item).digest() != frame[:32]:
            raise StoreError(f"raw evidence {ref} is damaged: its SHA-256 differs")
        return item

    def expire(self, before_ms: int) -> int:
        """Delete the packs of all days (UTC) that ended before `before_ms`; return how many."""
        return self._place.expire(datetime.fromtimestamp(before_ms / 1000, UTC).date())


class _Folder:
    """A local folder. Plain files, as the object store library does not sync what it writes."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, data: bytes) -> None:
        target = self.root / path
        try:
            self._make(target.parent)
            half = target.with_name(target.name + ".part")
            with half.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            half.replace(target)
            sync_folder(target.parent)
        except OSError as error:
            raise StoreError(f"raw evidence cannot be written to {target}: {error}") from error

    def _make(self, folder: Path) -> None:
        """The folder, and its name on disk in each one above."""
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(exist_ok=True)
            sync_folder(folder.parent)

    def read(self, path: str, start: int, length: int) -> bytes:
        try:
            with (self.root / path).open("rb") as file:
                file.seek(start)
                return file.read(length)
        except OSError as error:
            raise StoreError(f"raw evidence {path} is not there: {error}") from error

    def expire(self, before: date) -> int:
        gone = 0
        for folder in sorted(self.root.glob("[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]")):
            if _day("/".join(folder.parts[-3:])) < before:
                gone += sum(1 for _ in folder.iterdir())
                shutil.rmtree(folder)
                for empty in (folder.parent, folder.parent.parent):
                    if not any(empty.iterdir()):
                        empty.rmdir()
        return gone


class _Bucket:
    """An S3-compatible store."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    def write(self, path: str, data: bytes) -> None:
        try:
            obstore.put(self.store, path, data)
        except BaseError as error:
            raise StoreError(f"raw evidence cannot be written: {error}") from error

    def read(self, path: str, start: int, length: int) -> bytes:
        try:
            return bytes(obstore.get_range(self.store, path, start=start, length=length))
        except (BaseError, FileNotFoundError) as error:
            raise StoreError(f"raw evidence {path} is not there: {error}") from error

    def expire(self, before: date) -> int:
        gone = 0
        try:
            for found in obstore.list(self.store, chunk_size=1000):
                old = [one["path"] for one in found if _day(one["path"]) < before]
                if old:
                    obstore.delete(self.store, old)
                gone += len(old)
        except BaseError as error:
            raise StoreError(f"raw evidence cannot be deleted: {error}") from error
        return gone


def _day(path: str) -> date:
    """The day that a pack's path begins with; the last day of all for what is not ours."""
    try:
        return date(*(int(part) for part in path.split("/")[:3]))
    except (ValueError, TypeError):
        return date.max
