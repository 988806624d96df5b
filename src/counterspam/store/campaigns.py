"""Campaigns: evidence that shares a key (text, link, number, sender) belongs together, however long the chain.

The id of a campaign is the least key of its component, so it does not depend on the order of arrival nor on the node.
A key remembers the campaign that it was first put into and never changes; a campaign that became part of another points
at it (`merged_into`, always one step to the end).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from sqlalchemy import Connection, text

from counterspam.store import records


@dataclass(frozen=True, slots=True)
class CampaignInfo:
    """What one piece of evidence brings to its campaign. `exemplar` is its evidence id, `observed_at` in ms."""

    title: str
    exemplar: str
    channel: str
    observed_at: int
    count: int


@dataclass(frozen=True, slots=True)
class Assigned:
    """Parallel to the evidence: `campaigns` (0: no keys), `seen_before` messages of it. `merged` are (old id, new id)."""

    campaigns: list[int]
    seen_before: list[int]
    merged: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    """A row of `campaigns` that is not merged into another."""

    id: int
    title: str
    exemplar: str
    channel: str
    first_seen: int
    last_seen: int
    messages: int
    reports: int


class _Union:
    """Union-find where the root of a set is its least member."""

    def __init__(self) -> None:
        self.parent: dict[int, int] = {}

    def find(self, key: int) -> int:
        parent = self.parent
        root = parent.setdefault(key, key)
        while parent[root] != root:
            root = parent[root]
        while parent[key] != root:
            parent[key], key = root, parent[key]
        return root

    def join(self, one: int, other: int) -> None:
        one, other = self.find(one), self.find(other)
        if one != other:
            self.parent[max(one, other)] = min(one, other)


def assign(conn: Connection, keys: Sequence[Sequence[int]], infos: Sequence[CampaignInfo]) -> Assigned:
    """Put evidence into campaigns and count it there. Keys are from 1 to 2^63 - 1; evidence without keys stays alone.

    One node at a time; the others wait for the transaction to end.
    """
    records.hold(conn, records.GROUPING)
    union = _Union()
    distinct = {key for group in keys for key in group}
    known = dict(_select(conn, "SELECT key_, campaign FROM campaign_keys WHERE key_", distinct))
    states, roots = _load(conn, set(known.values()))
    for key, campaign in known.items():
        union.join(key, roots[campaign])
    for group in keys:
        for key in group[1:]:
            union.join(group[0], key)
    merged = _merge(conn, union, states)
    ids = [union.find(group[0]) if group else 0 for group in keys]
    seen_before = _count(states, ids, infos)
    _insert_keys(conn, sorted((key, union.find(key)) for key in distinct - known.keys()))
    _write(conn, [states[id] for id in sorted(set(ids) - {0})])
    return Assigned(ids, seen_before, merged)


def resolve(conn: Connection, ids: Iterable[int]) -> dict[int, int]:
    """Each id with the campaign that it is part of today. Any id that was ever given is also a key."""
    known = dict(_select(conn, "SELECT key_, campaign FROM campaign_keys WHERE key_", set(ids)))
    _, roots = _load(conn, set(known.values()))
    return {id: roots[campaign] for id, campaign in known.items()}


def _load(conn: Connection, ids: set[int]) -> tuple[dict[int, _State], dict[int, int]]:
    """The roots of these campaigns with their state, and which root each has."""
    rows = _select(
        conn,
        "SELECT c.id, r.id, r.title, r.exemplar, r.channel, r.first_seen, r.last_seen, r.messages, r.reports"
        " FROM campaigns c JOIN campaigns r ON r.id = COALESCE(c.merged_into, c.id) WHERE c.id",
        ids,
    )
    return {row[1]: _State(*row[1:]) for row in rows}, {row[0]: row[1] for row in rows}


def _merge(conn: Connection, union: _Union, states: dict[int, _State]) -> list[tuple[int, int]]:
    """Fold stored campaigns that turned out to be one into the least; everything that pointed at them follows."""
    moved = {id: union.find(id) for id in states if union.find(id) != id}
    if not moved:
        return []
    for old, new in sorted(moved.items()):
        state = states.pop(old)
        known = states.get(new)
        states[new] = _joined(known, state) if known else replace(state, id=new)
    followers = _select(conn, "SELECT id, merged_into FROM campaigns WHERE merged_into", set(moved))
    pairs = sorted([*moved.items(), *((id, moved[old]) for id, old in followers)])
    # Totals go along, so that adding up all rows still gives the sum.
    update = text("UPDATE campaigns SET merged_into = :new, messages = 0, reports = 0 WHERE id = :old")
    conn.execute(update, [{"old": old, "new": new} for old, new in pairs])
    return pairs


def _joined(one: _State, other: _State) -> _State:
    oldest = min(one, other, key=lambda state: (state.first_seen, state.exemplar))
    return replace(
        oldest,
        id=one.id,
        last_seen=max(one.last_seen, other.last_seen),
        messages=one.messages + other.messages,
        reports=one.reports + other.reports,
    )


def _count(states: dict[int, _State], ids: list[int], infos: Sequence[CampaignInfo]) -> list[int]:
    """Add the evidence to its campaigns; what each campaign had before, parallel to the evidence."""
    before = []
    for id, info in zip(ids, infos, strict=True):
        if not id:
            before.append(0)
            continue
        state = states.get(id)
        before.append(state.messages if state else 0)
        if state is None:
            title, exemplar = records.clean(info.title, 200), info.exemplar
            states[id] = _State(id, title, exemplar, info.channel, info.observed_at, info.observed_at, info.count, 1)
            continue
        if (info.observed_at, info.exemplar) < (state.first_seen, state.exemplar):
            state.title, state.exemplar = records.clean(info.title, 200), info.exemplar
            state.channel, state.first_seen = info.channel, info.observed_at
        state.last_seen = max(state.last_seen, info.observed_at)
        state.messages += info.count
        state.reports += 1
    return before


def _select(conn: Connection, query: str, values: set[int]) -> list[Any]:
    """Rows of `query`, which ends in the column that must be among `values`."""
    if not values:
        return []
    wanted = sorted(values)
    if conn.dialect.name == "postgresql":
        return list(conn.exec_driver_sql(query + " = ANY(%s::bigint[])", (wanted,)))
    return list(conn.exec_driver_sql(query + " IN (SELECT value FROM json_each(?))", (orjson.dumps(wanted).decode(),)))  # noqa: S608 (a constant)


def _insert_keys(conn: Connection, pairs: list[tuple[int, int]]) -> None:
    if not pairs:
        return
    if conn.dialect.name == "postgresql":
        statement = "INSERT INTO campaign_keys (key_, campaign) SELECT * FROM unnest(%s::bigint[], %s::bigint[])"
        conn.exec_driver_sql(statement, ([key for key, _ in pairs], [campaign for _, campaign in pairs]))
    else:
        conn.exec_driver_sql("INSERT INTO campaign_keys (key_, campaign) VALUES (?, ?)", pairs)


_WRITE = text(
    "INSERT INTO campaigns (id, title, exemplar, channel, first_seen, last_seen, messages, reports)"
    " VALUES (:id, :title, :exemplar, :channel, :first_seen, :last_seen, :messages, :reports)"
    " ON CONFLICT (id) DO UPDATE SET title = excluded.title, exemplar = excluded.exemplar, channel = excluded.channel,"
    " first_seen = excluded.first_seen, last_seen = excluded.last_seen, messages = excluded.messages,"
    " reports = excluded.reports"
)


def _write(conn: Connection, states: list[_State]) -> None:
    if states:
        conn.execute(_WRITE, [{name: getattr(state, name) for name in _State.__slots__} for state in states])
