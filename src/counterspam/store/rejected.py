"""Records that could not be accepted: kept with a typed reason until an operator retries or dismisses them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from counterspam.errors import StoreError
from counterspam.store.records import clean

STATES = ("open", "retried", "dismissed")


@dataclass(frozen=True, slots=True)
class Row:
    """A rejected record. `record` is its place in the raw item `blob`, `excerpt` its masked beginning, times in ms."""

    id: str
    received_at: int
    intake: str
    name: str
    format: str
    reason: str
    detail: str
    blob: str
    record: int
    excerpt: str
    state: str = "open"


_ADD = text(
    "INSERT INTO rejected (id, received_at, intake, name, format, reason, detail, blob, record, excerpt, state)"
    " VALUES (:id, :received_at, :intake, :name, :format, :reason, :detail, :blob, :record, :excerpt, :state)"
    " ON CONFLICT (id) DO NOTHING"
)
_LIST = text(
    "SELECT * FROM rejected WHERE (:state = '' OR state = :state) AND (:reason = '' OR reason = :reason)"
    " AND (:intake = '' OR intake = :intake) ORDER BY received_at DESC, id LIMIT :limit OFFSET :offset"
)


def add(conn: Connection, rows: Sequence[Row]) -> None:
    """Keep rejected records; one that is kept already stays as it is."""
    clean_rows = [
        {name: clean(value, 2000) if isinstance(value, str) else value for name, value in asdict(row).items()}
        for row in rows
    ]
    if clean_rows:
        conn.execute(_ADD, clean_rows)


def list(
    conn: Connection, *, state: str = "open", reason: str = "", intake: str = "", limit: int = 100, offset: int = 0
) -> Sequence[Row]:
    """The newest rejected records; "" for any state, reason or intake."""
    wanted: dict[str, Any] = {"state": state, "reason": reason, "intake": intake, "limit": limit, "offset": offset}
    return [Row(*row) for row in conn.execute(_LIST, wanted)]


def counts(conn: Connection) -> dict[tuple[str, str], int]:
    """How many there are, by (state, reason)."""
    query = text("SELECT state, reason, COUNT(*) FROM rejected GROUP BY state, reason ORDER BY state, reason")
    return {(state, reason): count for state, reason, count in conn.execute(query)}


def get(conn: Connection, id: str) -> Row | None:
    """One rejected record."""
    row = conn.execute(text("SELECT * FROM rejected WHERE id = :id"), {"id": clean(id, 36)}).one_or_none()
    return Row(*row) if row else None


def set_state(conn: Connection, id: str, state: str) -> None:
    """Note what the operator did with it. Raises StoreError when there is no such record or state."""
    if state not in STATES:
        raise StoreError(f"a rejected record is {', '.join(STATES)}, never {state!r}")
    done = conn.execute(
        text("UPDATE rejected SET state = :state WHERE id = :id"), {"id": clean(id, 36), "state": state}
    )
    if not done.rowcount:
        raise StoreError(f"there is no rejected record {id}")
