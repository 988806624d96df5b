"""What the workers found goes into the stores: exactly once, whatever instant the process is killed at.

A batch is a range of the spool. Its end is written down before its first part is stored, so after a crash the same range
is worked off again and gives the same parts; a part is stored in this order:

1. the identities of its evidence are claimed (records store, committed; claiming again by the same owner changes nothing);
2. its rows go into the event store under a deduplication token that names batch and part (again: nothing changes);
3. campaigns, counters, rejected records and the progress mark are committed together. A part whose mark is there is skipped.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import compress
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from counterspam import privacy
from counterspam.config import MB, Config
from counterspam.decode.record import evidence_id
from counterspam.defining import Definitions
from counterspam.detect import duplicate
from counterspam.model import Raw
from counterspam.store import campaigns, intake, progress, rejected, seen
from counterspam.store.blobs import Blobs
from counterspam.store.events import Events
from counterspam.store.records import Records
from counterspam.store.spool import Position
from counterspam.workers import Output, Task

PART_ROWS = 20_000
TASK_ITEMS = 64
TASK_BYTES = MB // 2
T = TypeVar("T")
Flags = NDArray[np.bool_]


@dataclass
class Batch:
    """A range of the spool, from where the last one ended to `end`, cut into tasks."""

    number: int
    raws: list[Raw]
    end: Position
    tasks: list[tuple[int, Task]]


def tasks(raws: list[Raw]) -> list[tuple[int, Task]]:
    """Pieces of a batch for single workers, with the index of their first item."""
    found: list[tuple[int, Task]] = []
    start = size = 0
    for index, raw in enumerate(raws):
        size += len(raw.data)
        if size >= TASK_BYTES or index - start + 1 >= TASK_ITEMS:
            found.append((start, Task(raws[start : index + 1])))
            start, size = index + 1, 0
    if start < len(raws):
        found.append((start, Task(raws[start:])))
    return found


@dataclass(frozen=True)
class Settled:
    """What one part came to: read, accepted, duplicate, rejected, rows, messages; and rejections by reason."""

    counts: Counter[str]
    reasons: Counter[str]


@dataclass(frozen=True)
class Part:
    """Outputs for one insert, each with the index of its task's first item; items up to `known` began in earlier parts."""

    number: int
    outputs: list[tuple[int, Output]]
    known: int


def parts(batch: Batch) -> Iterator[Part]:
    """The outputs of a batch in order, gathered into parts.

    Where a part ends depends on nothing but the outputs, so a repeated batch has the same parts.
    """
    part, number, known = Part(0, [], -1), 0, -1
    size = 0
    for base, task in batch.tasks:
        for output in task.results():
            part.outputs.append((base, output))
            known = max([known, *(base + item for item in {*output.items, *(item for item, _ in output.rejected)})])
            size += len(output.items) + len(output.rejected)
            if size >= PART_ROWS:
                yield part
                number += 1
                part, size = Part(number, [], known), 0
    yield part


def with_last(items: Iterable[T]) -> Iterator[tuple[T, bool]]:
    """Each item with whether it is the last one."""
    waiting: list[T] = []
    for item in items:
        yield from ((before, False) for before in waiting)
        waiting = [item]
    yield from ((item, True) for item in waiting)


class Stores:
    """The stores that a part is written to."""

    def __init__(
        self, config: Config, records: Records, events: Events, blobs: Blobs, definitions: Definitions
    ) -> None:
        self.config = config
        self.records = records
        self.events = events
        self.blobs = blobs
        self.definitions = definitions

    def plan(self, batch: Batch) -> list[str]:
        """Write down where the batch ends, store its raw items, and return a blob reference for each."""
        with self.records.begin() as conn:
            progress.plan(conn, self.config.node, batch.number, batch.end)
        if not self.config.keep_raw_days:
            return [""] * len(batch.raws)
        return self.blobs.put(
            [raw.data for raw in batch.raws], f"{self.config.node}-{batch.number:09d}", batch.raws[0].received_at
        )

    def settle(self, batch: Batch, part: Part, refs: list[str], last: bool) -> Settled:
        """Store one part; `last` also moves the progress mark to the end of the batch."""
        found = _Rows(part.outputs, refs)
        with self.records.begin() as conn:
            accepted = np.array(seen.claim(conn, found.keys, found.owners), np.bool_)
        with self.records.begin() as conn:
            token = f"{self.config.node}-{batch.number}-{part.number}"
            if accepted.any():
                table, merged = self._assign(conn, found, accepted, batch.raws[-1].received_at)
                self.events.insert(table, token)
                if merged:
                    self.events.insert_aliases(merged)
            bad = _rejected(part.outputs, batch.raws, refs)
            rejected.add(conn, bad)
            doors = _doors(found, accepted, bad)
            for door in _items(part, batch.raws):
                doors[door]["items"] += 1
            intake.add(conn, doors, batch.raws[0].received_at, batch.raws[-1].received_at)
            progress.advance(conn, self.config.node, batch.number, part.number + 1, batch.end if last else None)
        return Settled(sum(doors.values(), Counter()), Counter(row.reason for row in bad))

    def _assign(
        self, conn: Any, found: "_Rows", accepted: Flags, received_at: int
    ) -> tuple[pa.Table, list[tuple[int, int]]]:
        """The accepted rows with their campaign, what its size so far says about spam, and the national definitions that they
        meet; and campaigns that merged."""
        table, groups = found.table(), found.groups
        if not accepted.all():
            table, groups = table.filter(pa.array(accepted)), list(compress(groups, accepted.tolist()))
        assigned = campaigns.assign(conn, groups, table)
        ids, before = np.array(assigned.campaigns, np.uint64), np.array(assigned.seen_before, np.int64)
        table = _weigh_bulk(table, ids, before, self.config.spam_threshold)
        grown = {now for _, now in assigned.merged}
        return self.definitions.stamped(table, self.events.query, received_at, grown), assigned.merged


def _weigh_bulk(table: pa.Table, ids: Any, before: Any, threshold: float) -> pa.Table:
    """Bulk is half of the definition of spam: the more of a campaign came before, the surer."""
    if not before.any():
        return table.set_column(table.column_names.index("campaign"), "campaign", pa.array(ids))
    seen_before = np.minimum(before, 2**32 - 1).astype(np.uint32)
    probability = table["probability"].to_numpy().astype(np.float64).clip(1e-6, 1 - 1e-6)
    odds = np.log(probability / (1 - probability)) + duplicate.bulk(seen_before)
    probability = 1 / (1 + np.exp(-odds))
    spam = probability >= threshold
    content = table["content_type"].cast(pa.string())
    unclear = pc.and_(pa.array(spam), pc.equal(content, "ham"))
    columns = {
        "campaign": pa.array(ids),
        "seen_before": pa.array(seen_before),
        "probability": pa.array(probability.astype(np.float32)),
        "spam": pa.array(spam.astype(np.uint8)),
        "content_type": pc.if_else(unclear, "unknown", content),
    }
    for name, column in columns.items():
        index = table.column_names.index(name)
        table = table.set_column(index, name, column.cast(table.schema.field(index).type))
    return table


class _Rows:
    """The outputs of a part side by side."""

    def __init__(self, outputs: list[tuple[int, Output]], refs: list[str]) -> None:
        full = [(base, o) for base, o in outputs if o.items]
        self.tables = [o.table for _, o in full]
        self.places = [place for _, o in full for place in o.places]
        self.keys = [key for _, o in full for key in o.keys]
        self.owners = [owner for _, o in full for owner in o.owners]
        self.groups = [group for _, o in full for group in o.groups]
        self.records = [count for _, o in full for count in o.records]
        self.doors = [door for _, o in full for door in o.doors]
        self.blobs = [refs[base + item] for base, o in full for item in o.items]

    def table(self) -> pa.Table:
        """All rows, with the reference of the raw item that each came from."""
        table = pa.concat_tables(self.tables, promote_options="permissive")
        for name, values in (("blob", pa.array(self.blobs)), ("record", pa.array(self.places, pa.uint32()))):
            table = table.set_column(table.column_names.index(name), name, values)
        return table

    def counts(self) -> NDArray[np.int64]:
        """Messages per row."""
        return np.concatenate([np.zeros(0, np.int64), *(table["count"].to_numpy() for table in self.tables)])


def _rejected(outputs: list[tuple[int, Output]], raws: list[Raw], refs: list[str]) -> list[rejected.Row]:
    rows = []
    for base, output in outputs:
        for item, bad in output.rejected:
            raw = raws[base + item]
            rows.append(
                rejected.Row(
                    id=evidence_id(raw, bad.index),
                    received_at=raw.received_at,
                    intake=raw.intake,
                    name=raw.name,
                    format=bad.format,
                    reason=str(bad.reason),
                    detail=bad.detail[:500],
                    blob=refs[base + item],
                    record=raw.first + bad.index,
                    excerpt=privacy.mask(bad.data[:400].decode("utf-8", "replace")),
                )
            )
    return rows


def _doors(found: _Rows, accepted: Flags, bad: list[rejected.Row]) -> dict[tuple[str, str], Counter[str]]:
    """(intake, format) -> read, accepted, duplicate, rejected, messages."""
    doors: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    places = {door: place for place, door in enumerate(dict.fromkeys(found.doors))}
    which = np.fromiter(map(places.__getitem__, found.doors), np.int64, len(found.doors))
    records = np.array(found.records, np.int64)
    columns = {
        "read": records,
        "accepted": records * accepted,
        "duplicate": records * ~accepted,
        "rows": accepted,
        "messages": found.counts() * accepted,
    }
    for name, column in columns.items():
        totals = np.bincount(which, column, len(places))  # as floats, which are exact up to 2^53
        for door, place in places.items():
            doors[door][name] = int(totals[place])
    for row in bad:
        doors[row.intake, row.format].update(read=1, rejected=1)
    return doors


def _items(part: Part, raws: list[Raw]) -> list[tuple[str, str]]:
    """(intake, format) of every raw item whose first record is in this part."""
    first: dict[int, str] = {}
    for base, output in part.outputs:
        for item, (_, format) in zip(output.items, output.doors, strict=True):
            first.setdefault(base + item, format)
        for item, bad in output.rejected:
            first.setdefault(base + item, bad.format)
    return [(raws[item].intake, format) for item, format in first.items() if item > part.known]
