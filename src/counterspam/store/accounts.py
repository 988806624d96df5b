"""Accounts: who signs in to the node by name, with what roles. Passwords are here as argon2id hashes only."""

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from counterspam.errors import CounterspamError, StoreError
from counterspam.store.records import clean

MOST = 10_000  # accounts of one node


class NameTaken(CounterspamError):
    """Another account has this name."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account. `name` signs in; `display` is what others read. Times in ms.

    `hash` is "" for who signs in elsewhere only: with `subject` at the OpenID Connect `issuer`.
    """

    id: str
    name: str
    display: str
    roles: tuple[str, ...]
    hash: str
    issuer: str
    subject: str
    created_at: int
    last_used: int | None
    disabled_at: int | None


_COLUMNS = "id, name, display, roles, hash, issuer, subject, created_at, last_used, disabled_at"
_ADD = text(
    "INSERT INTO accounts (id, name, display, roles, hash, issuer, subject, created_at)"
    " VALUES (:id, :name, :display, :roles, :hash, :issuer, :subject, :at)"
)
_ID = text(f"SELECT {_COLUMNS} FROM accounts WHERE id = :id")  # noqa: S608 (constants)
_NAME = text(f"SELECT {_COLUMNS} FROM accounts WHERE name = :name")  # noqa: S608
_SUBJECT = text(f"SELECT {_COLUMNS} FROM accounts WHERE issuer = :issuer AND subject = :subject")  # noqa: S608
_ALL = text(f"SELECT {_COLUMNS} FROM accounts ORDER BY name LIMIT :most")  # noqa: S608


def named(name: str) -> str:
    """A name as it is stored and compared."""
    return clean(name.strip().lower(), 100)


def create(
    conn: Connection,
    name: str,
    display: str,
    roles: Sequence[str],
    hash: str,
    *,
    issuer: str = "",
    subject: str = "",
) -> Account:
    """A new account. Raises NameTaken."""
    id = f"a{secrets.token_hex(8)}"
    row = {
        "id": id,
        "name": named(name),
        "display": clean(display.strip(), 200) or named(name),
        "roles": " ".join(roles),
        "hash": hash,
        "issuer": clean(issuer, 500),
        "subject": clean(subject, 300),
        "at": _now(),
    }
    try:
        with conn.begin_nested():
            conn.execute(_ADD, row)
    except IntegrityError as error:
        raise NameTaken(f"there is an account {named(name)} already") from error
    found = by_id(conn, id)
    assert found is not None
    return found


def by_id(conn: Connection, id: str) -> Account | None:
    """The account with this id."""
    return _one(conn.execute(_ID, {"id": clean(id, 40)}).one_or_none())


def by_name(conn: Connection, name: str) -> Account | None:
    """The account with this name, in whatever case."""
    return _one(conn.execute(_NAME, {"name": named(name)}).one_or_none())


def by_subject(conn: Connection, issuer: str, subject: str) -> Account | None:
    """The account of somebody whom an OpenID Connect issuer knows."""
    return _one(conn.execute(_SUBJECT, {"issuer": clean(issuer, 500), "subject": clean(subject, 300)}).first())


def list(conn: Connection) -> Sequence[Account]:
    """All accounts by name."""
    return [_account(row) for row in conn.execute(_ALL, {"most": MOST})]


def change(conn: Connection, id: str, **values: Any) -> None:
    """Set `display`, `roles` (a sequence), `hash`, `last_used` or `disabled_at`. Raises StoreError for an unknown account."""
    wanted = {name: " ".join(value) if name == "roles" else value for name, value in values.items()}
    assert wanted.keys() <= {"display", "roles", "hash", "last_used", "disabled_at"}
    setting = ", ".join(f"{name} = :{name}" for name in wanted)
    done = conn.execute(text(f"UPDATE accounts SET {setting} WHERE id = :id"), {**wanted, "id": clean(id, 40)})  # noqa: S608
    if not done.rowcount:
        raise StoreError(f"there is no account {id}")


def _one(row: Any) -> Account | None:
    return _account(row) if row else None


def _account(row: Sequence[Any]) -> Account:
    id, name, display, roles, *rest = row
    return Account(id, name, display, tuple(roles.split()), *rest)


def _now() -> int:
    return time.time_ns() // 1_000_000
