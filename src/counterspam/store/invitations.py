"""Who is invited to a wave, and the codes that open their answers. A code is shown once, when made; kept is its hash."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, text

from counterspam.store.records import clean

MOST = 1000  # invitations of a wave that a list gives
MOST_CODES = 50  # of one invitation
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that are taken for each other
_GROUPS, _SIZE = 5, 5  # 25 letters of 32: 125 bits


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One respondent of a wave. `account` is the id of an account or key that may answer without a code. Times in ms."""

    id: str
    wave: str
    member: str
    country: str
    role: str
    size: str
    contact: str = ""
    account: str = ""
    created_at: int = 0
    created_by: str = ""
    revoked_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What a code opens: all answers of an invitation, or one section. The code itself is not in it."""

    hash: str
    invitation: str
    section: str
    label: str
    created_at: int
    created_by: str
    used_at: int = 0
    revoked_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """A reminder that was sent or written out. `error` is "" when it was handed over."""

    invitation: str
    at: int
    by: str
    way: str
    error: str = ""


_NAMES = [field.name for field in fields(Invitation)]
_COLUMNS = ", ".join(_NAMES)
_CODE_NAMES = [field.name for field in fields(Code)]
_CODES = ", ".join(_CODE_NAMES)
_ADD = text(f"INSERT INTO invitations ({_COLUMNS}) VALUES (:{', :'.join(_NAMES)}) ON CONFLICT DO NOTHING")  # noqa: S608
_GET = text(f"SELECT {_COLUMNS} FROM invitations WHERE id = :id")  # noqa: S608 (constants)
_LIST = text(f"SELECT {_COLUMNS} FROM invitations WHERE wave = :wave ORDER BY member, country LIMIT :limit")  # noqa: S608
_OF_ACCOUNT = text(
    f"SELECT {_COLUMNS} FROM invitations WHERE account = :account AND account <> '' AND revoked_at = 0"  # noqa: S608
    " ORDER BY created_at DESC LIMIT 100"
)
_SAME = text(
    f"SELECT {_COLUMNS} FROM invitations WHERE member = :member AND country = :country AND wave = :wave"  # noqa: S608
)
_REVOKE = text("UPDATE invitations SET revoked_at = :at WHERE id = :id AND revoked_at = 0")
_ADD_CODE = text(f"INSERT INTO answer_codes ({_CODES}) VALUES (:{', :'.join(_CODE_NAMES)})")  # noqa: S608 (constants)
_CODE = text(f"SELECT {_CODES} FROM answer_codes WHERE hash = :hash")  # noqa: S608 (constants)
_LIST_CODES = text(f"SELECT {_CODES} FROM answer_codes WHERE invitation = :invitation ORDER BY created_at, hash")  # noqa: S608
_USED = text("UPDATE answer_codes SET used_at = :at WHERE hash = :hash AND used_at = 0")
_REVOKE_CODE = text("UPDATE answer_codes SET revoked_at = :at WHERE hash = :hash AND revoked_at = 0")
_REVOKE_CODES = text("UPDATE answer_codes SET revoked_at = :at WHERE invitation = :invitation AND revoked_at = 0")
_REMIND = text(
    "INSERT INTO reminders (invitation, number, at, by, way, error) VALUES (:invitation,"
    " (SELECT COALESCE(MAX(number), 0) + 1 FROM reminders WHERE invitation = :invitation), :at, :by, :way, :error)"
)
_REMINDERS = text(
    "SELECT r.invitation, r.at, r.by, r.way, r.error FROM reminders r JOIN invitations i ON i.id = r.invitation"
    " WHERE i.wave = :wave ORDER BY r.at DESC, r.invitation LIMIT 1000"
)
_ACCOUNT = text("SELECT id FROM accounts WHERE name = :name AND disabled_at IS NULL")


def hashed(code: str) -> str:
    """The hash of a code, however it was typed: small letters, spaces and dashes do not matter."""
    plain = "".join(c for c in code[:100].upper() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def add(conn: Connection, invitation: Invitation) -> bool:
    """Keep an invitation; False when this member has one in the wave."""
    row = {name: clean(one, 200) if isinstance(one, str) else one for name, one in asdict(invitation).items()}
    return bool(conn.execute(_ADD, row).rowcount)


def new_id() -> str:
    """An id for an invitation."""
    return secrets.token_hex(8)


def get(conn: Connection, id: str) -> Invitation | None:
    """One invitation."""
    row = conn.execute(_GET, {"id": clean(id, 40)}).one_or_none()
    return Invitation(**row._mapping) if row else None


def every(conn: Connection, wave: str, limit: int = MOST) -> Sequence[Invitation]:
    """The invitations of a wave by name, revoked ones too."""
    return [
        Invitation(**row._mapping) for row in conn.execute(_LIST, {"wave": clean(wave, 40), "limit": min(limit, MOST)})
    ]


def same(conn: Connection, member: str, country: str, wave: str) -> Invitation | None:
    """The invitation of this member in another wave."""
    row = conn.execute(_SAME, {"member": member, "country": country, "wave": wave}).one_or_none()
    return Invitation(**row._mapping) if row else None


def of_account(conn: Connection, account: str) -> Sequence[Invitation]:
    """The standing invitations that an account may answer, the newest first."""
    return [Invitation(**row._mapping) for row in conn.execute(_OF_ACCOUNT, {"account": clean(account, 100)})]


def revoke(conn: Connection, id: str, at: int) -> bool:
    """Take an invitation back, with all its codes; its answers stay."""
    conn.execute(_REVOKE_CODES, {"invitation": clean(id, 40), "at": at})
    return bool(conn.execute(_REVOKE, {"id": clean(id, 40), "at": at}).rowcount)


def make_code(conn: Connection, invitation: str, *, by: str, at: int, section: str = "", label: str = "") -> str:
    """A new code. It is in this answer and nowhere else."""
    code = "-".join("".join(secrets.choice(_LETTERS) for _ in range(_SIZE)) for _ in range(_GROUPS))
    made = Code(
        hash=hashed(code),
        invitation=clean(invitation, 40),
        section=clean(section, 20),
        label=clean(label, 100),
        created_at=at,
        created_by=clean(by, 100),
    )
    conn.execute(_ADD_CODE, asdict(made))
    return code


def code(conn: Connection, hash: str) -> Code | None:
    """What stands behind a hash."""
    row = conn.execute(_CODE, {"hash": clean(hash, 64)}).one_or_none()
    return Code(**row._mapping) if row else None


def codes(conn: Connection, invitation: str) -> Sequence[Code]:
    """The codes of an invitation in the order in which they were made."""
    return [Code(**row._mapping) for row in conn.execute(_LIST_CODES, {"invitation": clean(invitation, 40)})]


def used(conn: Connection, hash: str, at: int) -> None:
    """Note when a code was first used."""
    conn.execute(_USED, {"hash": hash, "at": at})


def revoke_code(conn: Connection, hash: str, at: int) -> bool:
    """A code opens nothing any more."""
    return bool(conn.execute(_REVOKE_CODE, {"hash": clean(hash, 64), "at": at}).rowcount)


def remind(conn: Connection, reminder: Reminder) -> None:
    """Note a reminder."""
    row = {name: clean(one, 300) if isinstance(one, str) else one for name, one in asdict(reminder).items()}
    conn.execute(_REMIND, row)


def reminders(conn: Connection, wave: str) -> Sequence[Reminder]:
    """The reminders of a wave, the newest first."""
    return [Reminder(**row._mapping) for row in conn.execute(_REMINDERS, {"wave": clean(wave, 40)})]


def account_id(conn: Connection, name: str) -> str:
    """The id of the account of this name; the name itself, which may be the id of a key, where there is none."""
    found: Any = conn.execute(_ACCOUNT, {"name": clean(name.strip().lower(), 200)}).scalar_one_or_none()
    return str(found) if found else clean(name.strip(), 100)
