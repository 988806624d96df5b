"""Open sessions of the pages: the cookie holds a random secret, the table its SHA-256, so that none can be read out of it."""

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Session:
    """An open session of an account or an API key (`kind`). Times in ms."""

    account: str
    kind: str
    created_at: int
    expires_at: int


def hashed(secret: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(secret[:200].encode("utf-8", "replace")).hexdigest()


def open(conn: Connection, account: str, kind: str, now: int, seconds: int) -> str:
    """A new session of so many seconds: its secret. Those that have ended are cleared away."""
    secret = secrets.token_urlsafe(32)
    conn.execute(text("DELETE FROM sessions WHERE expires_at <= :now"), {"now": now})
    conn.execute(
        text(
            "INSERT INTO sessions (hash, account, kind, created_at, expires_at) VALUES (:hash, :account, :kind, :now, :end)"
        ),
        {"hash": hashed(secret), "account": account, "kind": kind, "now": now, "end": now + seconds * 1000},
    )
    return secret


def find(conn: Connection, secret: str, now: int) -> Session | None:
    """The open session that a secret belongs to."""
    row = conn.execute(
        text("SELECT account, kind, created_at, expires_at FROM sessions WHERE hash = :hash AND expires_at > :now"),
        {"hash": hashed(secret), "now": now},
    ).one_or_none()
    return Session(*row) if row else None


def end(conn: Connection, secret: str) -> None:
    """One session is over."""
    conn.execute(text("DELETE FROM sessions WHERE hash = :hash"), {"hash": hashed(secret)})


def end_all(conn: Connection, account: str, but: str = "") -> int:
    """All sessions of an account or key are over, but that of the secret `but`; returns how many."""
    done = conn.execute(
        text("DELETE FROM sessions WHERE account = :account AND hash <> :but"),
        {"account": account, "but": hashed(but) if but else ""},
    )
    return done.rowcount
