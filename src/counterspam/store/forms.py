"""Questionnaires that this node wrote: drafts, proposals and published versions, each with everything that was done to it.

draft -> proposed -> published, or refused; what was refused may be written anew under its name. A published version is never
changed: waves keep its hash.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, text

from counterspam.errors import CounterspamError
from counterspam.store.records import clean, hold

WRITING = 7_021_013  # PostgreSQL advisory lock: versions are written and decided about one at a time
DRAFT, PROPOSED, PUBLISHED, REFUSED = "draft", "proposed", "published", "refused"
OPEN = (DRAFT, PROPOSED)
MOST = 200  # versions that a node keeps
MOST_ACTS = 100  # that a list gives
MOST_REMARK = 1000  # characters


class NotPossible(CounterspamError):
    """The state of a version does not allow it; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One version. Times in ms; `content` is empty in lists."""

    version: str
    state: str = DRAFT
    derived_from: str = ""
    title: str
    content: str
    hash: str
    written_by: str
    written_name: str = ""
    written_at: int = 0
    decided_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What somebody did to a version."""

    version: str
    number: int
    act: str
    at: int
    by: str
    name: str
    hash: str
    remark: str


@dataclass(frozen=True, slots=True)
class Who:
    """Who does something: id, what they are called, and the moment in ms."""

    by: str
    name: str
    at: int


_NAMES = [field.name for field in fields(Form)]
_ADD = text(f"INSERT INTO forms ({', '.join(_NAMES)}) VALUES (:{', :'.join(_NAMES)})")  # noqa: S608 (constants)
_SET = text(f"UPDATE forms SET {', '.join(f'{one} = :{one}' for one in _NAMES[1:])} WHERE version = :version")  # noqa: S608
_SHORT = ", ".join("'' AS content" if one == "content" else one for one in _NAMES)
_LIST = text(f"SELECT {_SHORT} FROM forms ORDER BY written_at DESC, version LIMIT {MOST}")  # noqa: S608 (constants)
_GET = text(f"SELECT {', '.join(_NAMES)} FROM forms WHERE version = :version")  # noqa: S608 (constants)
_NUMBER = text("SELECT COUNT(*) FROM forms")
_ACT = text(
    "INSERT INTO form_acts (version, number, act, at, by, name, hash, remark) VALUES (:version,"
    " (SELECT COALESCE(MAX(number), 0) + 1 FROM form_acts WHERE version = :version),"
    " :act, :at, :by, :name, :hash, :remark)"
)
_ACTS = text(f"SELECT * FROM form_acts WHERE version = :version ORDER BY number DESC LIMIT {MOST_ACTS}")  # noqa: S608
_WRITERS = text("SELECT DISTINCT by FROM form_acts WHERE version = :version AND act = 'write'")


def listed(conn: Connection) -> Sequence[Form]:
    """Every version without its content, the last written first."""
    return [Form(**row) for row in conn.execute(_LIST).mappings()]


def get(conn: Connection, version: str) -> Form | None:
    """One version, None when there is none."""
    row = conn.execute(_GET, {"version": clean(version, 40)}).mappings().one_or_none()
    return Form(**row) if row else None


def acts(conn: Connection, version: str) -> Sequence[Act]:
    """What was done to a version, the last first."""
    return [Act(**row) for row in conn.execute(_ACTS, {"version": clean(version, 40)}).mappings()]


def write(conn: Connection, given: Form, who: Who) -> Form:
    """Keep a draft, new or in the place of what was open or refused. Raises NotPossible "decided" or "full"."""
    hold(conn, WRITING)
    known = get(conn, given.version)
    if known is not None and known.state == PUBLISHED:
        raise NotPossible("decided")
    if known is None and int(conn.execute(_NUMBER).scalar_one()) >= MOST:
        raise NotPossible("full")
    made = replace(given, state=DRAFT, written_by=who.by, written_name=who.name, written_at=who.at, decided_at=0)
    conn.execute(_ADD if known is None else _SET, _row(made))
    _note(conn, made, "write", who, "")
    return made


def propose(conn: Connection, version: str, hash: str, who: Who) -> Form:
    """Ask for a draft to be published. Raises NotPossible."""
    return _decide(conn, _open(conn, version, hash), PROPOSED, "propose", who, "")


def publish(conn: Connection, version: str, hash: str, who: Who, remark: str, *, alone: bool = False) -> Form:
    """Publish what was proposed. Raises NotPossible: "same-person" for whoever wrote any of it, unless `alone`."""
    one = _open(conn, version, hash)
    if one.state != PROPOSED:
        raise NotPossible("not-proposed")
    if not alone and who.by in {row.by for row in conn.execute(_WRITERS, {"version": version})}:
        raise NotPossible("same-person")
    return _decide(conn, one, PUBLISHED, "publish", who, remark)


def refuse(conn: Connection, version: str, hash: str, who: Who, remark: str) -> Form:
    """Refuse what was proposed, or give a draft up. Raises NotPossible."""
    return _decide(conn, _open(conn, version, hash), REFUSED, "refuse", who, remark)


def _open(conn: Connection, version: str, hash: str) -> Form:
    """A version that is not decided about, and still has the content that was looked at."""
    hold(conn, WRITING)
    one = get(conn, version)
    if one is None:
        raise NotPossible("missing")
    if one.state not in OPEN:
        raise NotPossible("decided")
    if one.hash != hash:
        raise NotPossible("changed")
    return one


def _decide(conn: Connection, one: Form, state: str, act: str, who: Who, remark: str) -> Form:
    made = replace(one, state=state, decided_at=who.at if state not in OPEN else 0)
    conn.execute(_SET, _row(made))
    _note(conn, made, act, who, remark)
    return made


def _note(conn: Connection, one: Form, act: str, who: Who, remark: str) -> None:
    given = {"version": one.version, "act": act, "at": who.at, "by": clean(who.by, 100), "name": clean(who.name, 100)}
    conn.execute(_ACT, given | {"hash": one.hash, "remark": clean(remark, MOST_REMARK)})


def _row(one: Form) -> dict[str, Any]:
    """As it is stored; the content stays as it is, or its hash would be wrong: it has no character that a store refuses."""
    return asdict(one) | {"title": clean(one.title, 200), "written_name": clean(one.written_name, 100)}
