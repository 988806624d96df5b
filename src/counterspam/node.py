"""A node: what was accepted goes from the spool through the workers into the stores.

    submit -> spool (fsync) -> batch -> workers (pipeline.process) -> settle -> stores

Two batches at most are under way, the spool refuses when its backlog is full, and each queue in between is bounded:
when the stores are slow the doors say "try again later", and nothing grows.
"""

import logging
import os
import queue
import threading
import time
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from typing import Any

from counterspam import __version__, memory
from counterspam.config import MB, Config
from counterspam.decide import Sources
from counterspam.defining import Definitions
from counterspam.errors import CounterspamError, StoreError
from counterspam.learning import Learning
from counterspam.model import Finding, Raw, Rejected
from counterspam.settle import Batch, Settled, Stores, parts, tasks, with_last
from counterspam.store import intake, progress, rejected
from counterspam.store.blobs import Blobs
from counterspam.store.events import Events
from counterspam.store.lock import Lock
from counterspam.store.records import Records
from counterspam.store.spool import Position, Spool
from counterspam.workers import Task, Workers

BATCH_ITEMS = 4000
log = logging.getLogger(__name__)


def now() -> int:
    """Milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def new_id() -> str:
    """A UUIDv7 as 32 hex digits (RFC 9562 section 5.7)."""
    value = now() << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return f"{value & ~(0x3 << 62) | 0x2 << 62:032x}"


class Node:
    """One running node. Open it with `Node.open`, then `start`, and `close` when done."""

    def __init__(
        self, config: Config, lock: Lock, records: Records, events: Events, blobs: Blobs, spool: Spool
    ) -> None:
        self.config = config
        self.records = records
        self.events = events
        self.blobs = blobs
        self.spool = spool
        self.workers = Workers(config)
        self.definitions = Definitions(records)
        self._stores = Stores(config, records, events, blobs, self.definitions)
        self.learning = Learning(Sources(config, events.query, records, blobs))
        self._lock = lock
        self._started = now()
        self._stop = threading.Event()
        self.failed = ""  # why it stands still, when it does
        self.doors: dict[str, str] = {}
        self._waiting: Counter[str] = Counter()
        self._waiting_lock = threading.Lock()
        self._totals: Counter[str] = Counter()
        self._rates: deque[tuple[float, Counter[str]]] = deque(maxlen=600)
        self._batches: queue.Queue[Batch | None] = queue.Queue(maxsize=1)
        self._threads = [
            threading.Thread(target=self._guard, args=(loop,), name=loop.__name__.strip("_"))
            for loop in (self._plan, self._settle)
        ]

    @classmethod
    def open(cls, config: Config) -> "Node":
        """Take the data folder, open and migrate every store. Raises StoreBusy when another process has it."""
        lock = Lock.take(config.data)
        memory.leave_out_pandas()
        try:
            records = Records.open(config)
            records.migrate()
            events = Events.open(config)
            events.migrate()
            spool = Spool(config.data / "spool", config.backlog_mb * MB)
            with records.begin() as conn:
                spool.release(progress.load(conn, config.node).start)
            return cls(config, lock, records, events, Blobs.open(config), spool)
        except BaseException:
            lock.release()
            raise

    def start(self) -> None:
        """Start workers and the two loops; what the spool still holds is worked off first."""
        self.workers.start()
        with self.records.begin() as conn:
            self._mark = progress.load(conn, self.config.node)
        self._count_waiting(self._mark.start)
        memory.settle_in()
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop taking new batches, store those under way, close everything."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join()
        self.workers.close()
        self.spool.close()
        self.events.close()
        self.records.close()
        self._lock.release()

    # Doors

    def new_raw(
        self,
        data: bytes,
        *,
        intake: str,
        name: str = "",
        source: str = "",
        channel: str = "",
        reporter: str = "",
        jurisdiction: str = "",
        mapping: Mapping[str, str] | None = None,
        first: int = 0,
        synthetic: bool = False,
        format: str = "",
    ) -> Raw:
        """Bytes stamped with id and time of receipt."""
        return Raw(
            id=new_id(),
            data=data,
            received_at=now(),
            intake=intake,
            name=name,
            source=source,
            channel=channel,
            reporter=reporter,
            jurisdiction=jurisdiction or self.config.jurisdiction,
            mapping=mapping or {},
            first=first,
            synthetic=synthetic,
            format=format,
        )

    def submit(self, raws: Sequence[Raw]) -> "Future[None]":
        """Accept raw items: the future is done when they are on disk. Raises SpoolFull when the backlog is full."""
        if self.failed:
            raise StoreError(f"the node has stopped working: {self.failed}")
        with self._waiting_lock:  # counted before it can be worked off
            done = self.spool.submit(raws)
            self._waiting.update(raw.intake for raw in raws)
        return done

    def check(self, raw: Raw) -> list[Finding | Rejected]:
        """The path without storing anything, for the first records of the item (see `judging`)."""
        task = Task([raw], whole=True)
        self.workers.put(task, first=True)
        return [found for output in task.results() for found in output]

    def retry(self, rejected_id: str) -> None:
        """Feed the raw item of a rejected record again; its accepted records count as duplicates then."""
        with self.records.begin() as conn:
            row = rejected.get(conn, rejected_id)
            if row is None or not row.blob:
                raise CounterspamError("no such rejected record, or its raw item is not kept")
            raw = self.new_raw(self.blobs.get(row.blob), intake="retry", name=row.name)
            self.submit([raw]).result()
            rejected.set_state(conn, rejected_id, "retried")

    def dismiss(self, rejected_id: str) -> None:
        """Take a rejected record off the list; it stays counted."""
        with self.records.begin() as conn:
            rejected.set_state(conn, rejected_id, "dismissed")

    # Looking inside

    def pending(self, intake: str) -> int:
        """Raw items of an intake that are accepted but not yet stored."""
        with self._waiting_lock:
            return self._waiting[intake]

    def settled(self, name: str) -> list[dict[str, Any]]:
        """Counts per format of an intake."""
        with self.records.begin() as conn:
            return [row for row in intake.list(conn) if row["intake"] == name]

    def ready(self) -> dict[str, str]:
        """Each component with "ok" or what is wrong."""
        state = {"node": self.failed or "ok"}
        for name, probe in (("events", lambda: self.events.query("SELECT 1 AS one")), ("records", self._probe_records)):
            try:
                probe()
                state[name] = "ok"
            except Exception as error:  # whatever a driver raises is what the operator must read
                state[name] = f"{type(error).__name__}: {error}"[:200]
        backlog = self.spool.backlog()
        state["spool"] = "ok" if backlog.bytes < self.config.backlog_mb * MB else "full"
        return state

    def status(self) -> dict[str, Any]:
        """What the operator page and the metrics show. Times in ms, rates per second over the last minute."""
        backlog, recent, since = self.spool.backlog(), Counter[str](), time.monotonic() - 60
        for at, counts in list(self._rates):
            if at >= since:
                recent.update(counts)
        return {
            "node": self.config.node,
            "version": __version__,
            "started_at": self._started,
            "failed": self.failed,
            "doors": dict(self.doors),
            "backlog_items": backlog.items,
            "backlog_bytes": backlog.bytes,
            "damaged": self.spool.damaged,
            "totals": dict(self._totals),
            "rates": {name: round(count / 60, 2) for name, count in recent.items()},
            "seconds": dict(self.workers.seconds),
            "worker_restarts": self.workers.restarts,
            "stores": self.events.size(),
            "drift": {place: asdict(found) for place, found in self.learning.drifts.items()},
        }

    def reconcile(self) -> list[str]:
        """Differences between what was counted at the doors, what is stored, and what the pages add up; [] is right."""
        with self.records.begin() as conn:
            return self.events.reconcile(intake.totals(conn))

    def _probe_records(self) -> None:
        with self.records.begin() as conn:
            intake.totals(conn)

    # The two loops

    def _guard(self, loop: Any) -> None:
        try:
            loop()
        except Exception as error:  # the node must say that it stands still, not die silently
            log.exception("the node stops working")
            self.failed = f"{type(error).__name__}: {error}"
            self._stop.set()

    def _count_waiting(self, position: Position) -> None:
        while True:
            raws, end = self.spool.read(position, 32 * MB, BATCH_ITEMS)
            if not raws:
                return
            with self._waiting_lock:
                self._waiting.update(raw.intake for raw in raws)
            position = end

    def _plan(self) -> None:
        """Cut the spool into batches and hand their tasks to the workers."""
        position, number = self._mark.start, self._mark.batch
        limit: Position | None = self._mark.end if self._mark.planned else None
        while not self._stop.is_set():
            if limit is None and not self.spool.wait(0.2, position):
                continue
            if limit is None:
                self._stop.wait(self.config.batch_seconds)  # let small submissions gather
            raws, end = self.spool.read(position, self.config.batch_mb * MB, BATCH_ITEMS, limit)
            limit = None
            if not raws:
                position = end
                continue
            batch = Batch(number, raws, end, tasks(raws))
            for _, task in batch.tasks:
                self.workers.put(task)
            self._hand_over(batch)
            position, number = end, number + 1
        self._hand_over(None)

    def _hand_over(self, batch: Batch | None) -> None:
        """Wait for the store, unless it has failed."""
        while not self.failed:
            try:
                return self._batches.put(batch, timeout=0.5)
            except queue.Full:
                continue

    def _settle(self) -> None:
        """Store batch after batch, part after part."""
        skip = self._mark.part
        while (batch := self._batches.get()) is not None:
            refs = self._stores.plan(batch)
            pieces = with_last(parts(batch))
            for number, (part, last) in enumerate(pieces):
                if number >= skip:
                    self._note(self._stores.settle(batch, part, refs, last))
            skip = 0
            self.spool.release(batch.end)
            memory.give_back()
            with self._waiting_lock:
                self._waiting.subtract(raw.intake for raw in batch.raws)

    def _note(self, settled: Settled) -> None:
        self._totals.update(settled.counts)
        self._totals.update({f"rejected:{reason}": n for reason, n in settled.reasons.items()})
        self._rates.append((time.monotonic(), settled.counts))
