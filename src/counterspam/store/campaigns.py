"""Campaigns: evidence that shares a key (text, link, number, sender) belongs together, however long the chain.

The id of a campaign is the least key of its component, so it does not depend on the order of arrival nor on the node.
A key remembers the campaign that it was first put into and never changes; a campaign that became part of another points
at it (`merged_into`, always one step to the end).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from counterspam.store import records

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Assigned:
    """Parallel to the evidence: `campaigns` (0: no keys), `seen_before` messages of it. `merged` are (old id, new id)."""

    campaigns: list[int]
    seen_before: list[int]
    merged: list[tuple[int, int]] = field(default_factory=list)


class _State(NamedTuple):
    """A row of `campaigns` that is not merged into another. `exemplar` is an evidence id, times are in ms."""

    id: int
    title: str
    exemplar: str
    channel: str
    first_seen: int
    last_seen: int
    messages: int
    reports: int


class _Components:
    """What is connected by pairs (one, other) of keys and campaigns; the id of each component is its least member."""

    def __init__(self, one: Ints, other: Ints) -> None:
        self.members, places = np.unique(np.concatenate([one, other]), return_inverse=True)
        self.ids = self.members[_least(len(self.members), *np.split(places, 2))]

    def of(self, members: Ints) -> Ints:
        """The id of the component of each member."""
        return self.ids[np.searchsorted(self.members, members)]


def _least(size: int, one: Ints, other: Ints) -> Ints:
    """The least number that each of 0 ... size - 1 is connected with.

    In a round every root goes below the least of its neighbours, if that is less, and all move up to their new root.
    Within two rounds each root that has neighbours goes or takes in another, so 2 log2(size) rounds do for any shape.
    """
    root = np.arange(size)
    while one.size:
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(root, above := root[root]):
            root = above
        one, other = root[one], root[other]
        apart = one != other
        one, other = one[apart], other[apart]
    return root


def assign(conn: Connection, keys: Sequence[Sequence[int]], evidence: pa.Table) -> Assigned:
    """Put evidence into campaigns and count it there. Keys are from 1 to 2^63 - 1; evidence without keys stays alone.

    `evidence` has the columns of the event store (see `rows.SCHEMA`) and is parallel to `keys`. One node at a time; the
    others wait for the transaction to end.
    """
    records.hold(conn, records.GROUPING)
    sizes = np.fromiter(map(len, keys), np.int64, len(keys))
    flat = np.fromiter(chain.from_iterable(keys), np.int64, int(sizes.sum()))
    grouped = np.flatnonzero(sizes)
    first = flat[(np.cumsum(sizes) - sizes)[grouped]]
    ordered = np.sort(flat)  # np.unique would hash, which takes many times as long
    distinct = ordered[np.diff(ordered, prepend=0) > 0]
    known = dict(_select(conn, "SELECT key_, campaign FROM campaign_keys WHERE key_", distinct.tolist()))
    states, roots = _load(conn, set(known.values()))
    stored = np.array(list(known), np.int64)
    theirs = np.array([roots[campaign] for campaign in known.values()], np.int64)
    union = _Components(np.concatenate([np.repeat(first, sizes[grouped]), stored]), np.concatenate([flat, theirs]))
    merged = _merge(conn, union, states)
    ids = np.zeros(len(keys), np.int64)
    ids[grouped] = union.of(first)
    seen_before = _count(states, ids, evidence)
    fresh = np.setdiff1d(distinct, stored, assume_unique=True)
    pairs = list(zip(fresh.tolist(), union.of(fresh).tolist(), strict=True))
    records.insert(conn, "INSERT INTO campaign_keys (key_, campaign) {}", ("bigint", "bigint"), pairs)
    records.insert(conn, _WRITE, _TYPES, [states[id] for id in np.unique(ids[grouped]).tolist()])
    return Assigned(ids.tolist(), seen_before.tolist(), merged)


def resolve(conn: Connection, ids: Iterable[int]) -> dict[int, int]:
    """Each id with the campaign that it is part of today. Any id that was ever given is also a key."""
    known = dict(_select(conn, "SELECT key_, campaign FROM campaign_keys WHERE key_", set(ids)))
    _, roots = _load(conn, set(known.values()))
    return {id: roots[campaign] for id, campaign in known.items()}


def titles(conn: Connection, ids: Iterable[int]) -> dict[int, str]:
    """The title (masked) of the campaign that each id is part of today; ids without a row are left out."""
    query = "SELECT c.id, r.title FROM campaigns c JOIN campaigns r ON r.id = COALESCE(c.merged_into, c.id) WHERE c.id"
    return {row[0]: row[1] for row in _select(conn, query, set(ids))}


def _load(conn: Connection, ids: set[int]) -> tuple[dict[int, _State], dict[int, int]]:
    """The roots of these campaigns with their state, and which root each has."""
    rows = _select(
        conn,
        "SELECT c.id, r.id, r.title, r.exemplar, r.channel, r.first_seen, r.last_seen, r.messages, r.reports"
        " FROM campaigns c JOIN campaigns r ON r.id = COALESCE(c.merged_into, c.id) WHERE c.id",
        ids,
    )
    return {row[1]: _State(*row[1:]) for row in rows}, {row[0]: row[1] for row in rows}


def _merge(conn: Connection, union: _Components, states: dict[int, _State]) -> list[tuple[int, int]]:
    """Fold stored campaigns that turned out to be one into the least; everything that pointed at them follows."""
    before = np.array(sorted(states), np.int64)
    now = union.of(before)
    apart = before != now
    moved = dict(zip(before[apart].tolist(), now[apart].tolist(), strict=True))
    if not moved:
        return []
    for old, new in moved.items():
        _add(states, states.pop(old)._replace(id=new))
    followers = _select(conn, "SELECT id, merged_into FROM campaigns WHERE merged_into", set(moved))
    pairs = sorted([*moved.items(), *((id, moved[old]) for id, old in followers)])
    # Totals go along, so that adding up all rows still gives the sum.
    update = text("UPDATE campaigns SET merged_into = :new, messages = 0, reports = 0 WHERE id = :old")
    conn.execute(update, [{"old": old, "new": new} for old, new in pairs])
    return pairs


def _add(states: dict[int, _State], more: _State) -> None:
    """Add to the campaign of that id what `more` says of it. The oldest evidence stands for the whole."""
    known = states.get(more.id, more)
    if known is not more:
        oldest = min(known, more, key=lambda state: (state.first_seen, state.exemplar))
        more = oldest._replace(
            last_seen=max(known.last_seen, more.last_seen),
            messages=known.messages + more.messages,
            reports=known.reports + more.reports,
        )
    states[more.id] = more


def _count(states: dict[int, _State], ids: Ints, evidence: pa.Table) -> Ints:
    """Add the evidence to its campaigns; what each campaign had before, parallel to the evidence."""
    before = np.zeros(len(ids), np.int64)
    order = np.argsort(ids, kind="stable")
    order = order[np.searchsorted(ids[order], 1) :]  # campaign by campaign; 0 is none
    if not order.size:
        return before
    found, starts, sizes = np.unique(ids[order], return_index=True, return_counts=True)
    counts = evidence["count"].to_numpy().astype(np.int64)[order]
    earlier = np.cumsum(counts) - counts
    stored = [states[id].messages if id in states else 0 for id in found.tolist()]
    before[order] = earlier + np.repeat(np.array(stored, np.int64) - earlier[starts], sizes)
    times = pc.cast(evidence["observed_at"], pa.int64()).to_numpy()
    by_age = pa.table({"campaign": ids[order], "time": times[order], "id": evidence["id"].take(order)})
    ages = pc.sort_indices(by_age, [(name, "ascending") for name in by_age.column_names]).to_numpy()
    oldest = order[ages[starts]]
    columns = [times[oldest], np.maximum.reduceat(times[order], starts), np.add.reduceat(counts, starts), sizes]
    shown = _shown(evidence.select(["subject", "excerpt", "id", "channel"]).take(oldest))
    for state in map(_State, found.tolist(), *shown, *(column.tolist() for column in columns)):
        _add(states, state)
    return before


def _shown(evidence: pa.Table) -> list[list[str]]:
    """Titles, ids and channels."""
    subjects, excerpts, ids, channels = (column.cast(pa.string()).to_numpy().tolist() for column in evidence.columns)
    titles = [records.clean(s or e, 200) for s, e in zip(subjects, excerpts, strict=True)]
    return [titles, ids, channels]


def _select(conn: Connection, query: str, values: Iterable[int]) -> Sequence[Any]:
    """Rows of `query`, which ends in the column that must be among `values`."""
    wanted = sorted(values)
    if not wanted:
        return []
    if conn.dialect.name == "postgresql":
        return conn.exec_driver_sql(query + " = ANY(%s::bigint[])", (wanted,)).all()
    return conn.exec_driver_sql(query + " IN (SELECT value FROM json_each(?))", (orjson.dumps(wanted).decode(),)).all()  # noqa: S608 (a constant)


_WRITE = (
    "INSERT INTO campaigns (id, title, exemplar, channel, first_seen, last_seen, messages, reports) {}"
    " ON CONFLICT (id) DO UPDATE SET title = excluded.title, exemplar = excluded.exemplar, channel = excluded.channel,"
    " first_seen = excluded.first_seen, last_seen = excluded.last_seen, messages = excluded.messages,"
    " reports = excluded.reports"
)
_TYPES = ("bigint", "text", "text", "text", "bigint", "bigint", "bigint", "bigint")
