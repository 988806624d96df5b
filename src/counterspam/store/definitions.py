"""National definitions that this node keeps: drafts, proposals, and published versions with their history.

draft -> proposed -> published -> superseded, or refused. A version is never changed once it is published, except that a later
one ends it on the day before its own first day. Every published and superseded version judges evidence, each on its days.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, text

from counterspam.errors import CounterspamError
from counterspam.store.records import clean, hold

WRITING = 7_021_008  # PostgreSQL advisory lock: versions of an id are counted, and decided about, one at a time
DRAFT, PROPOSED, PUBLISHED, SUPERSEDED, REFUSED = "draft", "proposed", "published", "superseded", "refused"
OPEN = (DRAFT, PROPOSED)
IN_FORCE = (PUBLISHED, SUPERSEDED)
MOST = 2_000  # versions that a node keeps
MOST_IN_FORCE = 200  # different definitions that judge evidence


class NotPossible(CounterspamError):
    """The state of a definition does not allow it; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a definition of this node. Times in ms, days ISO 8601; the fields are those of the definition."""

    id: str
    version: int = 0
    state: str = DRAFT
    jurisdiction: str = ""
    title: str
    language: str = "en"
    words: str
    expression: str
    valid_from: str = ""
    valid_to: str = ""
    law: str = ""
    sources: tuple[str, ...] = ()
    confidence: str = ""
    note: str = ""
    written_by: str = ""
    written_name: str = ""
    written_at: int = 0
    decided_by: str = ""
    decided_name: str = ""
    decided_at: int = 0
    remark: str = ""


_NAMES = [field.name for field in fields(Version)]
_COLUMNS = ", ".join(_NAMES)
_ADD = text(f"INSERT INTO definitions ({_COLUMNS}) VALUES (:{', :'.join(_NAMES)})")  # noqa: S608 (constants)
_SET = text(
    f"UPDATE definitions SET {', '.join(f'{name} = :{name}' for name in _NAMES[2:])}"  # noqa: S608 (constants)
    " WHERE id = :id AND version = :version"
)
_ONE = text(f"SELECT {_COLUMNS} FROM definitions WHERE id = :id AND version = :version")  # noqa: S608 (constants)
_OF_ID = text(f"SELECT {_COLUMNS} FROM definitions WHERE id = :id ORDER BY version DESC")  # noqa: S608 (constants)
_ALL = text(f"SELECT {_COLUMNS} FROM definitions ORDER BY jurisdiction, id, version DESC LIMIT {MOST}")  # noqa: S608
_COUNT = text("SELECT COUNT(*) FROM definitions")
_IDS = text("SELECT COUNT(DISTINCT id) FROM definitions WHERE id <> :id AND state IN ('published', 'superseded')")
_STAMP = text("SELECT number FROM definition_changes")
_TICK = text("UPDATE definition_changes SET number = number + 1")


def listed(conn: Connection) -> Sequence[Version]:
    """Every version, by country and id, the latest first."""
    return [_version(row) for row in conn.execute(_ALL).mappings()]


def history(conn: Connection, id: str) -> Sequence[Version]:
    """Every version of one definition, the latest first."""
    return [_version(row) for row in conn.execute(_OF_ID, {"id": clean(id, 60)}).mappings()]


def get(conn: Connection, id: str, version: int) -> Version | None:
    """One version, None when there is none."""
    row = conn.execute(_ONE, {"id": clean(id, 60), "version": version}).mappings().one_or_none()
    return _version(row) if row else None


def in_force(conn: Connection) -> Sequence[Version]:
    """Every version that judges evidence on the days that it names."""
    return [one for one in listed(conn) if one.state in IN_FORCE]


def stamp(conn: Connection) -> int:
    """A number that changes whenever one is published."""
    return int(conn.execute(_STAMP).scalar_one())


def write(conn: Connection, given: Version, now: int) -> Version:
    """Keep a draft: a new version of its id, or the one with its number anew, if that is open still. It is a draft then.

    Raises NotPossible: "decided" when that version is published or refused, "open" when the id has another open version,
    "full" when there are too many.
    """
    hold(conn, WRITING)
    known = history(conn, given.id)
    mine = next((one for one in known if one.version == given.version), None)
    if given.version and mine is None:
        raise NotPossible("missing")
    if mine is not None and mine.state not in OPEN:
        raise NotPossible("decided")
    if any(one.state in OPEN and one.version != given.version for one in known):
        raise NotPossible("open")
    made = replace(given, state=DRAFT, written_at=now, decided_by="", decided_name="", decided_at=0, remark="")
    if mine is not None:
        conn.execute(_SET, _row(made))
        return made
    if int(conn.execute(_COUNT).scalar_one()) >= MOST:
        raise NotPossible("full")
    made = replace(made, version=max((one.version for one in known), default=0) + 1)
    conn.execute(_ADD, _row(made))
    return made


def propose(conn: Connection, id: str, version: int, now: int) -> Version:
    """Ask for a draft to be published. Raises NotPossible."""
    hold(conn, WRITING)
    one = _open(conn, id, version)
    made = replace(one, state=PROPOSED)
    conn.execute(_SET, _row(made))
    return made


def refuse(conn: Connection, id: str, version: int, by: str, name: str, remark: str, now: int) -> Version:
    """Refuse what was proposed, or give a draft up. Raises NotPossible."""
    hold(conn, WRITING)
    one = _open(conn, id, version)
    made = replace(one, state=REFUSED, decided_by=by, decided_name=name, decided_at=now, remark=remark)
    conn.execute(_SET, _row(made))
    return made


def publish(
    conn: Connection,
    id: str,
    version: int,
    by: str,
    name: str,
    remark: str,
    *,
    now: int,
    today: str,
    alone: bool = False,
) -> Version:
    """Put a proposed version in force, and end the one before on the day before.

    A day that has a version keeps it: a further version begins today or later, and after the first day of the one before. The
    first version of a definition may begin on any day. Raises NotPossible: "same-person" unless `alone`, "not-proposed",
    "past", "first-day", "full".
    """
    hold(conn, WRITING)
    one = _open(conn, id, version)
    if one.state != PROPOSED:
        raise NotPossible("not-proposed")
    if one.written_by == by and not alone:
        raise NotPossible("same-person")
    before = [other for other in history(conn, id) if other.state in IN_FORCE]
    if before and not one.valid_from >= today:
        raise NotPossible("past")
    if any(other.valid_from >= one.valid_from for other in before):
        raise NotPossible("first-day")
    if int(conn.execute(_IDS, {"id": id}).scalar_one()) >= MOST_IN_FORCE:
        raise NotPossible("full")
    for other in before:
        if other.state == PUBLISHED:
            last = (date.fromisoformat(one.valid_from) - timedelta(1)).isoformat()
            ends = min(other.valid_to, last) if other.valid_to else last
            conn.execute(_SET, _row(replace(other, state=SUPERSEDED, valid_to=ends)))
    made = replace(one, state=PUBLISHED, decided_by=by, decided_name=name, decided_at=now, remark=remark)
    conn.execute(_SET, _row(made))
    conn.execute(_TICK)
    return made


def _open(conn: Connection, id: str, version: int) -> Version:
    one = get(conn, id, version)
    if one is None:
        raise NotPossible("missing")
    if one.state not in OPEN:
        raise NotPossible("decided")
    return one


def _row(one: Version) -> dict[str, Any]:
    row = {name: clean(value) if isinstance(value, str) else value for name, value in asdict(one).items()}
    return row | {"sources": " ".join(map(clean, one.sources))}


def _version(row: Any) -> Version:
    return Version(**{**row, "sources": tuple(row["sources"].split())})
