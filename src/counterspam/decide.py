"""Deciding about evidence, and reading its text again from the raw item: what an analyst decides is what models learn from.

The figures in the event store stay as they were counted: a decision changes what is judged later, not what was judged before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import orjson

from counterspam import pipeline
from counterspam.config import MB, Config
from counterspam.detect.facts import derive
from counterspam.errors import CounterspamError
from counterspam.measure import questions
from counterspam.measure.scope import Query, Row
from counterspam.model import Evidence, Raw
from counterspam.store import decisions
from counterspam.store.blobs import Blobs
from counterspam.store.decisions import Decision
from counterspam.store.records import Records

MOST_READ = 8 * MB  # of a raw item that is decoded once more
CHECK = "learned"


@dataclass(frozen=True)
class Sources:
    """Where evidence, decisions and raw items are found."""

    config: Config
    query: Query
    records: Records
    blobs: Blobs


def decide(sources: Sources, id: str, spam: bool, content_type: str, *, by: str, now: int) -> Decision | None:
    """Keep that this evidence is spam or not; `by` is the id of a key, `now` in ms. None when there is no such evidence."""
    row = questions.evidence(sources.query, id)
    if row is None:
        return None
    again = reread(sources.blobs, [row]).get(id)
    reported = -1 if again is None or again.reported_spam is None else int(again.reported_spam)
    made = Decision(
        evidence=id,
        decided_at=now,
        decided_by=by,
        spam=spam,
        content_type=content_type if spam else "",
        received_at=row["received_at"],
        reported=reported,
        campaign=row["campaign"] & (2**63 - 1),
        was_spam=bool(row["spam"]),
        was_type=row["content_type"],
        probability=float(row["probability"]),
        odds=_odds(row),
        model=row.get("model", ""),
        synthetic=bool(row["synthetic"]),
        **{name: row.get(name, "") for name in ("jurisdiction", "channel", "source", "reporter")},
    )
    with sources.records.begin() as conn:
        return decisions.add(conn, made)


def reread(blobs: Blobs, rows: Iterable[Mapping[str, Any]]) -> dict[str, Evidence]:
    """The evidence of these rows of the event store, by id, decoded once more from the raw items.

    Left out are those whose raw item is gone or too large, or does not give the same text now (a table whose columns were
    named by hand when it was taken in; a decoder that has changed since).
    """
    by_blob: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        if row["blob"]:
            by_blob[row["blob"]].append(row)
    found: dict[str, Evidence] = {}
    for blob, some in by_blob.items():
        try:
            data = blobs.get(blob)
        except CounterspamError:
            continue
        if len(data) <= MOST_READ:
            found |= _same(data, some)
    return found


def _same(data: bytes, rows: list[Mapping[str, Any]]) -> dict[str, Evidence]:
    one = rows[0]
    raw = Raw(
        id="0" * 32,
        data=data,
        received_at=one["received_at"],
        intake="again",
        source=one["source"],
        channel=one["channel"],
        jurisdiction=one.get("jurisdiction", ""),
    )
    places = {row["record"]: row for row in rows}
    found = {}
    for place, record in enumerate(islice(pipeline.decode(raw), max(places) + 1)):
        row = places.get(place)
        if row is not None and isinstance(record, Evidence) and derive(record).body_hash == row["body_hash"]:
            record.reporter = row["reporter"]
            found[str(row["id"])] = record
    return found


def _odds(row: Row) -> float:
    """What the learned check alone had said, in log-odds."""
    checks = orjson.loads(row["detail"]).get("checks", []) if row.get("detail") else []
    return next((float(weight) for name, _, weight, _ in checks if name == CHECK), 0.0)
