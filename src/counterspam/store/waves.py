"""Waves of the questionnaire, and the releases of their tables. A release is added once; what is decided about it, once too."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson
from sqlalchemy import Connection, text

from counterspam.store.records import clean

MOST = 200  # waves that a list gives
LONGEST = {"title": 200, "reminder": 4000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """One wave: a version of the questionnaire asked about a period. Times in ms. `synthetic`: a demonstration."""

    id: str
    title: str
    definition: str
    definition_hash: str
    period: str
    opens_at: int
    closes_at: int
    reminder: str
    synthetic: bool = False
    created_at: int = 0
    created_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Tables of a wave as prepared. `decision` is "", approved or refused; `content` is empty in lists."""

    wave: str
    number: int
    prepared_at: int
    prepared_by: str
    hash: str
    content: dict[str, Any]
    decision: str = ""
    decided_at: int = 0
    decided_by: str = ""
    reason: str = ""


_NAMES = [field.name for field in fields(Wave)]
_COLUMNS = ", ".join(_NAMES)
_ADD = text(f"INSERT INTO waves ({_COLUMNS}) VALUES (:{', :'.join(_NAMES)}) ON CONFLICT DO NOTHING")  # noqa: S608 (constants)
_LIST = text(f"SELECT {_COLUMNS} FROM waves ORDER BY opens_at DESC, id DESC LIMIT :limit")  # noqa: S608 (constants)
_GET = text(f"SELECT {_COLUMNS} FROM waves WHERE id = :id")  # noqa: S608 (constants)
_MOVE = text("UPDATE waves SET closes_at = :closes_at WHERE id = :id")
_PREPARE = text(
    "INSERT INTO wave_releases"
    " (wave, number, prepared_at, prepared_by, hash, content, decision, decided_at, decided_by, reason)"
    " VALUES (:wave, (SELECT COALESCE(MAX(number), 0) + 1 FROM wave_releases WHERE wave = :wave),"
    " :at, :by, :hash, :content, '', 0, '', '')"
)
_RELEASES = text(
    "SELECT wave, number, prepared_at, prepared_by, hash, '' AS content, decision, decided_at, decided_by, reason"
    " FROM wave_releases WHERE wave = :wave ORDER BY number DESC LIMIT 100"
)
_RELEASE = text("SELECT * FROM wave_releases WHERE wave = :wave AND number = :number")
_PUBLIC = text("SELECT * FROM wave_releases WHERE wave = :wave AND decision = 'approved' ORDER BY number DESC LIMIT 1")
_NEWEST = text("SELECT * FROM wave_releases WHERE wave = :wave ORDER BY number DESC LIMIT 1")
_DECIDE = text(
    "UPDATE wave_releases SET decision = :decision, decided_at = :at, decided_by = :by, reason = :reason"
    " WHERE wave = :wave AND number = :number AND decision = ''"
)


def add(conn: Connection, wave: Wave) -> bool:
    """Keep a wave; False when there is one of this id, which stays as it is."""
    row = {
        name: clean(one, LONGEST.get(name, 100)) if isinstance(one, str) else one for name, one in asdict(wave).items()
    }
    return bool(conn.execute(_ADD, row | {"synthetic": int(wave.synthetic)}).rowcount)


def every(conn: Connection, limit: int = MOST) -> Sequence[Wave]:
    """The waves, the newest first."""
    return [_wave(row) for row in conn.execute(_LIST, {"limit": min(limit, MOST)})]


def get(conn: Connection, id: str) -> Wave | None:
    """One wave."""
    row = conn.execute(_GET, {"id": clean(id, 40)}).one_or_none()
    return _wave(row) if row else None


def move_deadline(conn: Connection, id: str, closes_at: int) -> None:
    """Another end of a wave."""
    conn.execute(_MOVE, {"id": clean(id, 40), "closes_at": closes_at})


def prepare(conn: Connection, wave: str, content: dict[str, Any], *, by: str, at: int) -> Release:
    """Keep tables for somebody else to approve."""
    packed = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    given = {"wave": clean(wave, 40), "at": at, "by": clean(by, 100)}
    conn.execute(_PREPARE, {**given, "hash": hashlib.sha256(packed).hexdigest(), "content": packed.decode()})
    return _release(
        conn.execute(text("SELECT * FROM wave_releases WHERE wave = :wave ORDER BY number DESC LIMIT 1"), given).one()
    )


def releases(conn: Connection, wave: str) -> Sequence[Release]:
    """The releases of a wave without their content, the newest first."""
    return [_release(row) for row in conn.execute(_RELEASES, {"wave": clean(wave, 40)})]


def release(conn: Connection, wave: str, number: int) -> Release | None:
    """One release, whether approved or not."""
    row = conn.execute(_RELEASE, {"wave": clean(wave, 40), "number": number}).one_or_none()
    return _release(row) if row else None


def public(conn: Connection, wave: str) -> Release | None:
    """The last approved release of a wave: what everybody may see."""
    row = conn.execute(_PUBLIC, {"wave": clean(wave, 40)}).one_or_none()
    return _release(row) if row else None


def decide(conn: Connection, wave: str, number: int, decision: str, *, by: str, at: int, reason: str = "") -> bool:
    """Approve or refuse a release; False when there is none that waits for it."""
    given = {"wave": clean(wave, 40), "number": number, "decision": clean(decision, 10), "at": at, "by": clean(by, 100)}
    return bool(conn.execute(_DECIDE, {**given, "reason": clean(reason, 1000)}).rowcount)


def _wave(row: Any) -> Wave:
    values = dict(row._mapping)
    return Wave(**{**values, "synthetic": bool(values["synthetic"])})


def _release(row: Any) -> Release:
    values = dict(row._mapping)
    return Release(**{**values, "content": orjson.loads(values["content"] or "{}")})
