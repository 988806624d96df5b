"""How far a node has worked off its spool: up to where everything is stored, and the batch that is being stored."""

from dataclasses import dataclass

from sqlalchemy import Connection, text

from counterspam.store.spool import Position


@dataclass(frozen=True, slots=True)
class Mark:
    """Everything before `start` is stored. `batch` is the number of the batch that begins there.

    `planned` says that its end is fixed (`end`, else equal to `start`) and that its first `part` parts are stored.
    """

    start: Position
    batch: int
    planned: bool
    part: int
    end: Position


def load(conn: Connection, node: str) -> Mark:
    """The mark of a node; a new node starts at batch 1 at the beginning of its spool."""
    row = conn.execute(text("SELECT * FROM progress WHERE node = :node"), {"node": node}).one_or_none()
    if row is None:
        return Mark(Position(0, 0), 1, False, 0, Position(0, 0))
    start, end = Position(row.segment, row.offset_), Position(row.end_segment, row.end_offset)
    return Mark(start, row.batch, end != start, row.part, end)


_PLAN = text(
    "INSERT INTO progress (node, segment, offset_, batch, part, end_segment, end_offset)"
    " VALUES (:node, 0, 0, :batch, 0, :segment, :offset)"
    " ON CONFLICT (node) DO UPDATE SET batch = excluded.batch,"
    " part = CASE WHEN progress.batch = excluded.batch THEN progress.part ELSE 0 END,"
    " end_segment = excluded.end_segment, end_offset = excluded.end_offset"
)


def plan(conn: Connection, node: str, batch: int, end: Position) -> None:
    """Fix where the batch ends, before its first part is stored. Planning the same batch again changes nothing."""
    conn.execute(_PLAN, {"node": node, "batch": batch, "segment": end.segment, "offset": end.offset})


_PART = text("UPDATE progress SET part = :part WHERE node = :node AND batch = :batch")
_DONE = text(
    "UPDATE progress SET segment = :segment, offset_ = :offset, end_segment = :segment, end_offset = :offset,"
    " batch = batch + 1, part = 0 WHERE node = :node AND batch = :batch"
)


def advance(conn: Connection, node: str, batch: int, part: int, end: Position | None) -> None:
    """`part` parts of the batch are stored; with `end` all of it, and the next batch begins there."""
    named = {"node": node, "batch": batch}
    if end is None:
        conn.execute(_PART, {**named, "part": part})
    else:
        conn.execute(_DONE, {**named, "segment": end.segment, "offset": end.offset})
