"""The answers of respondents: every version as it was saved, and what was signed or opened again. Rows are only added."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson
from sqlalchemy import Connection, text

from counterspam.errors import StoreError
from counterspam.store.records import clean, hold

SAVING = 7_021_009  # PostgreSQL advisory lock: two who save different sections at once
MOST_VERSIONS = 1000  # of one respondent
MOST_CONTENT = 400_000  # bytes of one version


class NotOpen(StoreError):
    """The answers are signed; the office can open them again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """All answers after a save, as texts by key. `way` is web, file or api; `version` counts from 1, 0: nothing yet. In ms."""

    invitation: str
    version: int
    saved_at: int = 0
    saved_by: str = ""
    way: str = ""
    section: str = ""
    content: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A sign-off or a reopening. `name` is who signs as stated, `reason` why it was opened again."""

    invitation: str
    number: int = 0
    act: str
    version: int
    at: int
    by: str
    name: str = ""
    reason: str = ""


_ACT_NAMES = [field.name for field in fields(Act)]
_ACTS = ", ".join(_ACT_NAMES)
_LAST = text("SELECT * FROM answer_versions WHERE invitation = :invitation ORDER BY version DESC LIMIT 1")
_ONE = text("SELECT * FROM answer_versions WHERE invitation = :invitation AND version = :version")
_HISTORY = text(
    "SELECT invitation, version, saved_at, saved_by, way, section, '' AS content FROM answer_versions"
    " WHERE invitation = :invitation ORDER BY version DESC LIMIT 100"
)
_SAVE = text(
    "INSERT INTO answer_versions (invitation, version, saved_at, saved_by, way, section, content)"
    " VALUES (:invitation, :version, :saved_at, :saved_by, :way, :section, :content)"
)
_ADD_ACT = text(
    f"INSERT INTO answer_acts ({_ACTS}) VALUES (:invitation,"  # noqa: S608 (constants)
    " (SELECT COALESCE(MAX(number), 0) + 1 FROM answer_acts WHERE invitation = :invitation),"
    " :act, :version, :at, :by, :name, :reason)"
)
_LIST_ACTS = text(f"SELECT {_ACTS} FROM answer_acts WHERE invitation = :invitation ORDER BY number")  # noqa: S608
# The last version and the last act of each invitation of a wave.
_STATES = text(
    "SELECT i.id, COALESCE(v.version, 0) AS version, COALESCE(v.saved_at, 0) AS saved_at, COALESCE(a.act, '') AS act"
    " FROM invitations i"
    " LEFT JOIN answer_versions v ON v.invitation = i.id"
    "  AND v.version = (SELECT MAX(version) FROM answer_versions WHERE invitation = i.id)"
    " LEFT JOIN answer_acts a ON a.invitation = i.id"
    "  AND a.number = (SELECT MAX(number) FROM answer_acts WHERE invitation = i.id)"
    " WHERE i.wave = :wave"
)
_SIGNED = text(
    "SELECT v.* FROM invitations i"
    " JOIN answer_acts a ON a.invitation = i.id AND a.act = 'sign'"
    "  AND a.number = (SELECT MAX(number) FROM answer_acts WHERE invitation = i.id)"
    " JOIN answer_versions v ON v.invitation = i.id AND v.version = a.version"
    " WHERE i.wave = :wave AND i.revoked_at = 0 ORDER BY i.id"
)


def last(conn: Connection, invitation: str) -> Version:
    """The answers as they stand; version 0 before the first save."""
    row = conn.execute(_LAST, {"invitation": clean(invitation, 40)}).one_or_none()
    return _version(row) if row else Version(invitation=invitation, version=0, content={})


def version(conn: Connection, invitation: str, number: int) -> Version | None:
    """One version."""
    row = conn.execute(_ONE, {"invitation": clean(invitation, 40), "version": number}).one_or_none()
    return _version(row) if row else None


def history(conn: Connection, invitation: str) -> Sequence[Version]:
    """The latest versions without their content, the newest first."""
    return [_version(row) for row in conn.execute(_HISTORY, {"invitation": clean(invitation, 40)})]


def save(
    conn: Connection,
    invitation: str,
    change: Callable[[Mapping[str, str]], Mapping[str, str]],
    *,
    by: str,
    at: int,
    way: str,
    section: str = "",
) -> Version:
    """Keep what `change` makes of the answers as they stand; nothing new is no new version. Raises NotOpen, StoreError."""
    hold(conn, SAVING)
    before = last(conn, invitation)
    if is_signed(conn, invitation):
        raise NotOpen("these answers are signed; the office can open them again")
    content = dict(change(before.content))
    if content == before.content:
        return before
    packed = orjson.dumps({clean(key, 100): clean(text, 5000) for key, text in content.items()})
    if len(packed) > MOST_CONTENT or before.version >= MOST_VERSIONS:
        raise StoreError("more answers, or more versions of them, than one respondent may have")
    made = Version(
        invitation=invitation,
        version=before.version + 1,
        saved_at=at,
        saved_by=clean(by, 100),
        way=clean(way, 10),
        section=clean(section, 20),
        content=content,
    )
    conn.execute(_SAVE, {**asdict(made), "content": packed.decode()})
    return made


def still(conn: Connection) -> None:
    """Nobody else saves or signs until this transaction ends."""
    hold(conn, SAVING)


def is_signed(conn: Connection, invitation: str) -> bool:
    """Whether the last act was a sign-off."""
    done = acts(conn, invitation)
    return bool(done) and done[-1].act == "sign"


def act(conn: Connection, done: Act) -> None:
    """Note a sign-off of a version or a reopening."""
    hold(conn, SAVING)
    row = {name: clean(one, 1000) if isinstance(one, str) else one for name, one in asdict(done).items()}
    conn.execute(_ADD_ACT, row)


def acts(conn: Connection, invitation: str) -> Sequence[Act]:
    """Sign-offs and reopenings in their order."""
    return [Act(**row._mapping) for row in conn.execute(_LIST_ACTS, {"invitation": clean(invitation, 40)})]


def states(conn: Connection, wave: str) -> dict[str, tuple[str, int]]:
    """By invitation: invited, started or signed, and when it was last saved (ms, 0 never)."""
    found = {}
    for row in conn.execute(_STATES, {"wave": clean(wave, 40)}):
        state = "signed" if row.act == "sign" else "started" if row.version else "invited"
        found[row.id] = state, row.saved_at
    return found


def signed(conn: Connection, wave: str) -> Sequence[Version]:
    """The signed answers of a wave: of each standing invitation the version that was signed last and not opened again."""
    return [_version(row) for row in conn.execute(_SIGNED, {"wave": clean(wave, 40)})]


def _version(row: Any) -> Version:
    values = dict(row._mapping)
    return Version(**{**values, "content": orjson.loads(values["content"] or "{}")})
