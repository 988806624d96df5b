"""The spool: what was accepted is on disk, fsynced, before the sender is told so; the node works it off in order.

Segment files `NUMBER-MARKER.spool` hold entries one after the other:

    marker (8 bytes)  length of meta, length of data, CRC-32 (4 bytes each, little-endian)  meta (JSON)  data

The marker is drawn at random for each segment, so that no sender can write bytes that look like an entry: where an entry is
corrupt, reading goes on at the next marker. A crash may leave a torn entry at the end of a segment; nobody was told that
it is accepted, and a new process begins a new segment.
"""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NamedTuple

from counterspam.errors import SpoolFull, StoreError
from counterspam.model import Raw
from counterspam.store import segment
from counterspam.store.segment import Position, Segment

SEGMENT_BYTES = 64 * 1024 * 1024
log = logging.getLogger(__name__)
__all__ = ["Backlog", "Position", "Spool"]


class Backlog(NamedTuple):
    """What is accepted and not yet worked off."""

    items: int
    bytes: int


class _Waiting(NamedTuple):
    metas: list[bytes]
    raws: Sequence[Raw]
    size: int
    done: "Future[None]"


class Spool:
    """An open spool. One writer thread; all submissions that wait share one fsync."""

    def __init__(self, folder: Path, limit_bytes: int, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Open or make the spool in `folder`; `limit_bytes` is the backlog at which `submit` refuses. Raises StoreError."""
        self._folder = folder
        self._limit = limit_bytes
        self._segment_bytes = segment_bytes
        self._cond = threading.Condition()
        self._reading = threading.Lock()
        self._waiting: list[_Waiting] = []
        self._closing = False
        self._damaged: set[Position] = set()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._segments = {found.number: found for found in segment.find(folder)}
        except OSError as error:
            raise StoreError(f"the spool {folder} cannot be opened: {error}") from error
        self._active: Segment | None = None
        self._released = Position(min(self._segments, default=0), 0)
        self._next = max(self._segments, default=0) + 1
        self._end = Position(self._next - 1, self._segments[self._next - 1].size) if self._segments else Position(0, 0)
        self._items = self._bytes = 0
        for number in sorted(self._segments):
            self._items += sum(1 for _ in self._entries(self._segments[number], 0))
            self._bytes += self._segments[number].size
        self._thread = threading.Thread(target=self._write_loop, name="spool", daemon=True)
        self._thread.start()

    @property
    def damaged(self) -> int:
        """Places where corrupt bytes were skipped."""
        return len(self._damaged)

    # Writing

    def submit(self, raws: Sequence[Raw]) -> "Future[None]":
        """Accept raw items, all or none; the future is done once they are on disk, or has a StoreError.

        Raises SpoolFull at once when the backlog would pass its limit.
        """
        metas = [segment.meta(raw) for raw in raws]
        size = sum(len(meta) + len(raw.data) + segment.HEAD.size for meta, raw in zip(metas, raws, strict=True))
        done: Future[None] = Future()
        with self._cond:
            if self._closing:
                raise StoreError("the spool is closed")
            if self._bytes and self._bytes + size > self._limit:
                raise SpoolFull
            self._bytes += size
            self._items += len(raws)
            self._waiting.append(_Waiting(metas, raws, size, done))
            self._cond.notify_all()
        return done

    def _write_loop(self) -> None:
        while True:
            with self._cond:
                self._cond.wait_for(lambda: self._waiting or self._closing)
                batch, self._waiting = self._waiting, []
                if not batch:
                    return
            self._write(batch)

    def _write(self, batch: list[_Waiting]) -> None:
        """Append a batch, sync it once, and tell everyone who waits for it."""
        running = [one for one in batch if one.done.set_running_or_notify_cancel()]
        try:
            for one in running:
                active = self._room(one.size)
                active.append(one.metas, one.raws)
            if running:
                self._sync()
            error = None
        except OSError as failure:
            error = StoreError(f"the spool cannot be written: {failure}")
            error.__cause__ = failure
            self._abandon()
        written = running if error is None else []
        with self._cond:
            lost = [one for one in batch if one not in written]
            self._bytes -= sum(one.size for one in lost)
            self._items -= sum(len(one.raws) for one in lost)
            self._cond.notify_all()
        for one in running:
            if error is None:
                one.done.set_result(None)
            else:
                one.done.set_exception(error)

    def _room(self, size: int) -> Segment:
        """The segment to write to: the next one when `size` more bytes would overfill this one."""
        if self._active and self._active.size and self._active.size + size > self._segment_bytes:
            self._sync()
            self._active.seal()
            self._active = None
        if self._active is None:
            self._active = Segment.create(self._folder, self._next)
            with self._cond:
                self._segments[self._next] = self._active
                self._next += 1
        return self._active

    def _sync(self) -> None:
        assert self._active
        self._active.sync()
        with self._cond:
            self._end = Position(self._active.number, self._active.size)

    def _abandon(self) -> None:
        """After a failed write nothing is known about the file: cut it back to what was synced, and go on in a new one."""
        if self._active:
            self._active.cut_back()
            self._active = None

    # Reading

    def wait(self, timeout: float, position: Position | None = None) -> bool:
        """Block until something durable lies behind `position` (default: what was released), at most `timeout` seconds."""
        with self._cond:
            return self._cond.wait_for(lambda: self._end > (position or self._released), timeout)

    def read(
        self, position: Position, max_bytes: int, max_items: int, limit: Position | None = None
    ) -> tuple[list[Raw], Position]:
        """Raw items from `position` on, at least one if there is any, and the position behind them.

        With `limit`, everything up to there instead, whatever its size: a planned batch is the same batch again.
        """
        raws: list[Raw] = []
        size = 0
        with self._cond:
            end = min(limit, self._end) if limit else self._end
            todo = [self._segments[number] for number in sorted(self._segments) if number >= position.segment]
        for one in todo:
            if one.number > end.segment:
                break
            start = position.offset if one.number == position.segment else 0
            for raw, behind in self._entries(one, start, end.offset if one.number == end.segment else None):
                size += len(raw.data)
                if raws and not limit and (size > max_bytes or len(raws) >= max_items):
                    return raws, position
                raws.append(raw)
                position = Position(one.number, behind)
        return raws, max(position, end) if not limit or raws else limit

    def _entries(self, one: Segment, start: int, end: int | None = None) -> "segment.Entries":
        """Entries of a segment; corrupt stretches are noted."""

        def damaged(offset: int) -> None:
            if Position(one.number, offset) not in self._damaged:
                self._damaged.add(Position(one.number, offset))
                log.error("the spool is damaged: segment %d at byte %d; went on at the next entry", one.number, offset)

        return one.entries(start, end, damaged)

    def release(self, position: Position) -> None:
        """Everything before `position` is stored: it no longer counts as backlog, and whole segments before it are deleted."""
        with self._cond:
            if position <= self._released:
                return
            passed = [
                self._segments[n] for n in sorted(self._segments) if self._released.segment <= n <= position.segment
            ]
        items = size = 0
        for one in passed:
            start = self._released.offset if one.number == self._released.segment else 0
            end = min(position.offset, one.size) if one.number == position.segment else one.size
            items += sum(1 for _ in self._entries(one, start, end))
            size += max(0, end - start)
        with self._cond:
            self._items -= items
            self._bytes -= size
            self._released = position
            self._next = max(self._next, position.segment + 1)  # a spool that was lost must not start behind the mark
            self._end = max(self._end, position)
            gone = [self._segments.pop(n) for n in sorted(self._segments) if n < position.segment]
        for one in gone:
            one.delete()

    def backlog(self) -> Backlog:
        """What is accepted (synced or about to be) and not released."""
        with self._cond:
            return Backlog(self._items, max(0, self._bytes))

    def close(self) -> None:
        """Write what waits, then end the writer."""
        with self._cond:
            self._closing = True
            self._cond.notify_all()
        self._thread.join()
        if self._active:
            self._active.seal()
            self._active = None
