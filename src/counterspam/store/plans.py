"""What was said of the items of the national action plan. Rows are added, never changed; the last one of an item counts."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, text

from counterspam.store.records import clean, hold

PLANNING = 7_021_072  # PostgreSQL advisory lock: numbers follow the order of saying
MOST = 20_000  # rows of the history that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing said of an item; `due` is an ISO date or "", `said_at` in ms."""

    number: int = 0
    item: str
    status: str
    responsible: str = ""
    due: str = ""
    note: str = ""
    said_at: int
    said_by: str
    said_name: str = ""


_NAMES = [field.name for field in fields(Row)]
_COLUMNS = ", ".join(_NAMES)
_ADD = text(f"INSERT INTO plan ({_COLUMNS}) VALUES (:{', :'.join(_NAMES)})")  # noqa: S608 (constants)
_NEXT = text("SELECT COALESCE(MAX(number), 0) + 1 FROM plan")
_ALL = text(f"SELECT {_COLUMNS} FROM plan WHERE :item = '' OR item = :item ORDER BY number DESC LIMIT :limit")  # noqa: S608
_STANDING = text(
    f"SELECT {_COLUMNS} FROM plan p WHERE NOT EXISTS"  # noqa: S608 (constants)
    " (SELECT 1 FROM plan n WHERE n.item = p.item AND n.number > p.number) ORDER BY number"
)


def add(conn: Connection, row: Row) -> Row:
    """Keep what is said; it comes back with its number."""
    hold(conn, PLANNING)
    values: dict[str, Any] = {
        name: clean(value, 4000) if isinstance(value, str) else value for name, value in asdict(row).items()
    }
    values["number"] = int(conn.execute(_NEXT).scalar_one())
    conn.execute(_ADD, values)
    return Row(**values)


def history(conn: Connection, item: str = "", limit: int = MOST) -> Sequence[Row]:
    """What was said of an item, or of all, in order; at most the last `limit`."""
    found = conn.execute(_ALL, {"item": clean(item, 60), "limit": min(limit, MOST)}).mappings()
    return [Row(**dict(row)) for row in found][::-1]


def standing(conn: Connection) -> dict[str, Row]:
    """What was said last of each item."""
    return {row["item"]: Row(**dict(row)) for row in conn.execute(_STANDING).mappings()}
