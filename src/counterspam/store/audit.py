"""The audit log: what was done by whom, as a chain of keyed hashes in which a change, a gap or a cut beginning shows.

Each row's `mac` covers the row and the mac before it, under a key of the node that is not in the database. Whoever can write
to the database alone cannot make a chain that fits. Rows cut off at the end do not show by themselves: `head` is what an
administrator writes down elsewhere and compares with later.
"""

import hashlib
import hmac
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Any

import orjson
from sqlalchemy import Connection, text

from counterspam.store.records import AUDITING, clean, hold

FIRST = "0" * 64  # what stands before the first row
MOST_DETAIL = 4000  # characters
BATCH = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done. `at` in ms; `action` is noun.verb; `detail` is JSON with nothing personal or secret in it."""

    number: int
    at: int
    who: str
    name: str
    action: str
    subject: str
    detail: str
    mac: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking the chain found: rows, mac of the last, and the number of the first row that does not fit (0: none)."""

    rows: int
    head: str
    broken: int


_COLUMNS = "number, at, who, name, action, subject, detail, mac"
_LAST = text("SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1")
_ADD = text(
    f"INSERT INTO audit ({_COLUMNS}) VALUES (:number, :at, :who, :name, :action, :subject, :detail, :mac)"  # noqa: S608 (constants)
)
_AFTER = text(f"SELECT {_COLUMNS} FROM audit WHERE number > :after ORDER BY number LIMIT :limit")  # noqa: S608
_LATEST = text(
    f"SELECT {_COLUMNS} FROM audit WHERE (:action = '' OR action LIKE :action) AND (:subject = '' OR subject = :subject)"  # noqa: S608
    " ORDER BY number DESC LIMIT :limit OFFSET :offset"
)


def now() -> int:
    """The time, in ms."""
    return time.time_ns() // 1_000_000


def key(node_key: bytes) -> bytes:
    """The key of the chain, from the secret of the node."""
    return hashlib.blake2b(node_key, person=b"audit chain").digest()


def add(
    conn: Connection,
    key: bytes,
    who: str,
    name: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
) -> Entry:
    """Write one row, in the transaction of what it tells about: both are stored, or neither."""
    hold(conn, AUDITING)
    last = conn.execute(_LAST).one_or_none()
    number, before = (last[0] + 1, last[1]) if last else (1, FIRST)
    said = orjson.dumps(detail or {}, option=orjson.OPT_SORT_KEYS).decode()
    if len(said) > MOST_DETAIL:
        said = orjson.dumps({"cut": len(said)}).decode()
    unsealed = Entry(
        number,
        now(),
        clean(who, 100),
        clean(name, 200),
        clean(action, 60),
        clean(subject, 200),
        clean(said, MOST_DETAIL),
        "",
    )
    row = replace(unsealed, mac=_mac(key, before, unsealed))
    conn.execute(_ADD, dict(zip(_COLUMNS.split(", "), astuple(row), strict=True)))
    return row


def check(conn: Connection, key: bytes) -> Checked:
    """Go through the whole chain."""
    rows, before = 0, FIRST
    for row in _every(conn):
        rows += 1
        if row.number != rows or not hmac.compare_digest(row.mac, _mac(key, before, row)):
            return Checked(rows, before, rows)
        before = row.mac
    return Checked(rows, before if rows else "", 0)


def latest(
    conn: Connection, *, action: str = "", subject: str = "", limit: int = 100, offset: int = 0
) -> Sequence[Entry]:
    """The newest rows; `action` may be its beginning ("law.")."""
    given = {
        "action": clean(action, 60).replace("%", "").replace("_", "") + "%" if action else "",
        "subject": clean(subject, 200),
    }
    return [Entry(*row) for row in conn.execute(_LATEST, {**given, "limit": limit, "offset": offset})]


def _every(conn: Connection) -> Iterator[Entry]:
    after = -1 << 62  # below any number, so that a row smuggled in before the first shows too
    while rows := [Entry(*row) for row in conn.execute(_AFTER, {"after": after, "limit": BATCH})]:
        yield from rows
        after = rows[-1].number


def _mac(key: bytes, before: str, row: Entry) -> str:
    content = orjson.dumps([before, *astuple(row)[:-1]])
    return hmac.new(key, content, hashlib.sha256).hexdigest()
