"""Keys of the API: shown once, stored as SHA-256 (they are 256 random bits, so a slow hash would add nothing)."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from counterspam.errors import StoreError
from counterspam.store.records import clean


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. Times in ms; `reporter` is the identity that its submissions carry."""

    id: str
    label: str
    scopes: tuple[str, ...]
    reporter: str
    created_at: int
    last_used: int | None
    revoked_at: int | None


_ONE = text("SELECT hash, id, label, scopes, reporter, created_at, last_used, revoked_at FROM api_keys WHERE id = :id")
_ALL = text(
    "SELECT id, label, scopes, reporter, created_at, last_used, revoked_at FROM api_keys ORDER BY created_at DESC, id"
)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _key(row: Sequence[Any]) -> ApiKey:
    id, label, scopes, *rest = row
    return ApiKey(id, label, tuple(scopes.split()), *rest)


def create(conn: Connection, label: str, scopes: Sequence[str], reporter: str) -> tuple[str, str]:
    """A new key: its id, and its secret, which is kept nowhere."""
    id = secrets.token_hex(8)
    secret = f"cs_{id}_{base64.b32encode(secrets.token_bytes(32)).decode().rstrip('=').lower()}"
    conn.execute(
        text(
            "INSERT INTO api_keys (id, label, hash, scopes, reporter, created_at)"
            " VALUES (:id, :label, :hash, :scopes, :reporter, :at)"
        ),
        {
            "id": id,
            "label": clean(label, 200),
            "hash": _hash(secret),
            "scopes": " ".join(scopes),
            "reporter": clean(reporter, 200),
            "at": _now(),
        },
    )
    return id, secret


def verify(conn: Connection, secret: str) -> ApiKey | None:
    """The key that a secret belongs to; None when it is none of ours or revoked. Writes nothing: see `used`."""
    prefix, _, rest = secret[:200].partition("_")
    id = rest.partition("_")[0]
    if prefix != "cs" or len(id) != 16 or not id.isalnum() or not id.isascii():
        return None
    row = conn.execute(_ONE, {"id": id}).one_or_none()
    right = hmac.compare_digest(row[0] if row else "0" * 64, _hash(secret))
    return _key(row[1:]) if row and right and row.revoked_at is None else None


def used(conn: Connection, id: str, at: int) -> None:
    """Note when a key was used, in ms; callers do so now and then, not at every request."""
    conn.execute(text("UPDATE api_keys SET last_used = :at WHERE id = :id"), {"id": id, "at": at})


def list(conn: Connection) -> Sequence[ApiKey]:
    """All keys, the newest first."""
    return [_key(row) for row in conn.execute(_ALL)]


def find(conn: Connection, id: str) -> ApiKey | None:
    """The key with this id; None when there is none or it was revoked."""
    row = conn.execute(_ONE, {"id": clean(id, 16)}).one_or_none()
    return _key(row[1:]) if row and row.revoked_at is None else None


def revoke(conn: Connection, id: str) -> None:
    """Make a key worthless, for good. Raises StoreError when there is no such key."""
    done = conn.execute(
        text("UPDATE api_keys SET revoked_at = COALESCE(revoked_at, :at) WHERE id = :id"),
        {"id": clean(id, 16), "at": _now()},
    )
    if not done.rowcount:
        raise StoreError(f"there is no API key {id}")


def _now() -> int:
    return time.time_ns() // 1_000_000
