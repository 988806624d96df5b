"""What came in by each door: records read = accepted + duplicate + rejected, per intake and wire format."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, text

from counterspam.store.records import clean

COUNTS = ("items", "read", "accepted", "duplicate", "rejected", "rows", "messages")

_ADD = text(
    "INSERT INTO intake (intake, format, first_at, last_at, items, read_, accepted, duplicate, rejected, rows_, messages)"
    " VALUES (:intake, :format, :first_at, :last_at, :items, :read, :accepted, :duplicate, :rejected, :rows, :messages)"
    " ON CONFLICT (intake, format) DO UPDATE SET"
    " first_at = CASE WHEN excluded.first_at < intake.first_at THEN excluded.first_at ELSE intake.first_at END,"
    " last_at = CASE WHEN excluded.last_at > intake.last_at THEN excluded.last_at ELSE intake.last_at END,"
    " items = intake.items + excluded.items, read_ = intake.read_ + excluded.read_,"
    " accepted = intake.accepted + excluded.accepted, duplicate = intake.duplicate + excluded.duplicate,"
    " rejected = intake.rejected + excluded.rejected, rows_ = intake.rows_ + excluded.rows_,"
    " messages = intake.messages + excluded.messages"
)
_TOTALS = text(
    "SELECT COALESCE(SUM(items), 0) AS items, COALESCE(SUM(read_), 0) AS read, COALESCE(SUM(accepted), 0) AS accepted,"
    " COALESCE(SUM(duplicate), 0) AS duplicate, COALESCE(SUM(rejected), 0) AS rejected,"
    " COALESCE(SUM(rows_), 0) AS rows, COALESCE(SUM(messages), 0) AS messages FROM intake"
)


def add(conn: Connection, doors: Mapping[tuple[str, str], Mapping[str, int]], first_at: int, last_at: int) -> None:
    """Add counts (any of COUNTS) per (intake, format); times of receipt in ms. In one order, so nodes cannot deadlock."""
    rows = [
        {
            "intake": clean(door[0], 200),
            "format": clean(door[1], 200),
            "first_at": first_at,
            "last_at": last_at,
            **{name: counts.get(name, 0) for name in COUNTS},
        }
        for door, counts in sorted(doors.items())
    ]
    if rows:
        conn.execute(_ADD, rows)


def list(conn: Connection) -> Sequence[dict[str, Any]]:
    """Counts per intake and format, the latest first."""
    query = text(
        "SELECT intake, format, first_at, last_at, items, read_ AS read, accepted, duplicate, rejected, rows_ AS rows, messages"
        " FROM intake ORDER BY last_at DESC, intake, format"
    )
    return [dict(row) for row in conn.execute(query).mappings()]


def totals(conn: Connection) -> dict[str, int]:
    """The sums over all intakes, by the names of COUNTS."""
    row = conn.execute(_TOTALS).mappings().one()
    return {name: int(row[name]) for name in COUNTS}
