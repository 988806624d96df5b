"""Versions of repository entries: every proposal with what was decided about it, and every version that was published.

A row is written when something is proposed and changed once, when that is published, refused or withdrawn. The content is JSON
that the caller has checked. Times in ms.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson
from sqlalchemy import Connection, text

from counterspam.errors import CounterspamError
from counterspam.store.records import clean, hold

PROPOSING = (
    7_021_071  # PostgreSQL advisory lock: numbers follow the order of proposal, versions of an entry follow each other
)
MOST_OPEN = 500  # proposals of the public that wait; so many that nobody could flood the queue further
MOST_CONTENT = 200_000  # characters
NEW = -1  # `base` of a proposal for an entry that there is not yet


class TooManyOpen(CounterspamError):
    """So many proposals wait that no more are taken from the public."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One proposal or version; `number` is 0 before it is kept, `content` the whole entry."""

    number: int = 0
    kind: str
    id: str
    base: int
    version: int = 0
    state: str = "proposed"
    content: dict[str, Any]
    comment: str = ""
    author: str = ""
    author_name: str = ""
    contact: str = ""
    proposed_at: int
    decided_at: int = 0
    approver: str = ""
    approver_name: str = ""
    reason: str = ""


_NAMES = [field.name for field in fields(Version)]
_COLUMNS = ", ".join(_NAMES)
_ADD = text(f"INSERT INTO entry_versions ({_COLUMNS}) VALUES (:{', :'.join(_NAMES)})")  # noqa: S608 (constants)
_NEXT = text("SELECT COALESCE(MAX(number), 0) + 1 FROM entry_versions")
_OPEN = text("SELECT COUNT(*) FROM entry_versions WHERE state = 'proposed' AND author = ''")
_ONE = text(f"SELECT {_COLUMNS} FROM entry_versions WHERE number = :number")  # noqa: S608 (constants)
_CURRENT = text(
    f"SELECT {_COLUMNS} FROM entry_versions e WHERE state = 'published' AND NOT EXISTS ("  # noqa: S608 (constants)
    "SELECT 1 FROM entry_versions n WHERE n.kind = e.kind AND n.id = e.id AND n.version > e.version) ORDER BY number"
)
_HISTORY = text(
    f"SELECT {_COLUMNS} FROM entry_versions WHERE kind = :kind AND id = :id AND state = 'published'"  # noqa: S608 (constants)
    " ORDER BY version DESC LIMIT :limit"
)
_LISTED = text(
    f"SELECT {_COLUMNS} FROM entry_versions WHERE state = :state AND (:author = '' OR author = :author)"  # noqa: S608 (constants)
    " ORDER BY decided_at DESC, number DESC LIMIT :limit OFFSET :offset"
)
_COUNTS = text("SELECT state, COUNT(*) FROM entry_versions GROUP BY state")
_LAST = text(
    "SELECT COALESCE(MAX(version), 0) FROM entry_versions WHERE kind = :kind AND id = :id AND state = 'published'"
)
_STAMP = text("SELECT COUNT(*), COALESCE(MAX(decided_at), 0) FROM entry_versions WHERE state = 'published'")
_DECIDE = text(
    "UPDATE entry_versions SET state = :state, version = :version, content = :content, decided_at = :decided_at,"
    " approver = :approver, approver_name = :approver_name, reason = :reason, contact = ''"
    " WHERE number = :number AND state = 'proposed'"
)


def propose(conn: Connection, version: Version) -> Version:
    """Keep a proposal; it comes back with its number. Raises TooManyOpen where the public has too many open."""
    hold(conn, PROPOSING)
    if not version.author and int(conn.execute(_OPEN).scalar_one()) >= MOST_OPEN:
        raise TooManyOpen("too many proposals wait to be looked at; try again another day")
    row = {name: clean(value, 2000) if isinstance(value, str) else value for name, value in asdict(version).items()}
    row |= {"number": int(conn.execute(_NEXT).scalar_one()), "content": _packed(version.content)}
    conn.execute(_ADD, row)
    return _version(row)


def decide(
    conn: Connection,
    number: int,
    state: str,
    *,
    approver: str,
    approver_name: str,
    reason: str,
    at: int,
    content: dict[str, Any] | None = None,
) -> Version | None:
    """Publish, refuse or withdraw a proposal, once; None where there is none that waits. `content` replaces what was proposed.

    What is published gets the next version of its entry. The contact of the author is deleted.
    """
    hold(conn, PROPOSING)
    found = one(conn, number)
    if found is None or found.state != "proposed":
        return None
    last = int(conn.execute(_LAST, {"kind": found.kind, "id": found.id}).scalar_one())
    row = {
        "number": number,
        "state": state,
        "version": last + 1 if state == "published" else 0,
        "content": _packed(content or found.content),
        "decided_at": at,
        "approver": clean(approver, 100),
        "approver_name": clean(approver_name, 200),
        "reason": clean(reason, 2000),
    }
    conn.execute(_DECIDE, row)
    return one(conn, number)


def one(conn: Connection, number: int) -> Version | None:
    """A proposal or version by its number."""
    row = conn.execute(_ONE, {"number": number}).mappings().one_or_none()
    return _version(row) if row else None


def current(conn: Connection) -> Sequence[Version]:
    """The latest published version of every entry that the node has one of."""
    return [_version(row) for row in conn.execute(_CURRENT).mappings()]


def history(conn: Connection, kind: str, id: str, limit: int = 200) -> Sequence[Version]:
    """The published versions of an entry, the latest first."""
    given = {"kind": clean(kind, 20), "id": clean(id, 60), "limit": limit}
    return [_version(row) for row in conn.execute(_HISTORY, given).mappings()]


def listed(conn: Connection, state: str, *, author: str = "", limit: int = 50, offset: int = 0) -> Sequence[Version]:
    """Proposals in a state, those decided or made last first; of one author where one is named."""
    given = {"state": clean(state, 20), "author": clean(author, 100), "limit": limit, "offset": offset}
    return [_version(row) for row in conn.execute(_LISTED, given).mappings()]


def counts(conn: Connection) -> dict[str, int]:
    """How many there are in each state."""
    return {state: int(count) for state, count in conn.execute(_COUNTS)}


def stamp(conn: Connection) -> tuple[int, int]:
    """Differs whenever something was published since: how many versions there are, and when the last was decided."""
    count, at = conn.execute(_STAMP).one()
    return int(count), int(at)


def _packed(content: dict[str, Any]) -> str:
    packed = orjson.dumps(content).decode()
    if len(packed) > MOST_CONTENT:
        raise ValueError(f"an entry has more than {MOST_CONTENT} characters")
    return packed


def _version(row: Any) -> Version:
    values = dict(row)
    return Version(**{**values, "content": orjson.loads(values["content"])})
