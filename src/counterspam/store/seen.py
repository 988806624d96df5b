"""Which evidence is stored already: its identity, and who claimed it. This is what makes counting it twice impossible."""

import operator
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from counterspam.store import records

CHUNK = 8_000  # keys that one SQLite statement asks for; its own limit is 32,766 parameters


def claim(conn: Connection, keys: Sequence[str], owners: Sequence[str]) -> list[bool]:
    """Whether each key is (now) its owner's: new keys go to the first owner in the list, others stay with whom they are.

    Keys and owners are UUIDs or 32 hex digits. Claiming again by the same owner is granted again, so a part that is
    repeated after a crash gets the same answers.
    """
    asked, asking = _pack(keys), _pack(owners)
    holder = dict(zip(reversed(asked), reversed(asking), strict=True))  # of several owners the first stays
    if not holder:
        return []
    pairs = sorted(holder.items())  # the same order on every node: two of them cannot wait for each other
    query = "INSERT INTO seen (key_, owner) {} ON CONFLICT DO NOTHING"
    if records.insert(conn, query, ("bytea", "bytea"), pairs) < len(pairs):
        holder = _holders(conn, [key for key, _ in pairs])
    return list(map(operator.eq, map(holder.__getitem__, asked), asking))


def _pack(ids: Sequence[str]) -> list[bytes]:
    """16 bytes each, all in one go."""
    packed = bytes.fromhex("".join(ids).replace("-", ""))
    if len(packed) != 16 * len(ids):
        raise ValueError("keys and owners are 32 hex digits each")
    return [packed[start : start + 16] for start in range(0, len(packed), 16)]


def _holders(conn: Connection, keys: list[bytes]) -> dict[bytes, bytes]:
    """Who has each key. A new statement sees what another node committed while the insert waited (READ COMMITTED)."""
    query = "SELECT key_, owner FROM seen WHERE key_"
    if conn.dialect.name == "postgresql":
        return _pairs(conn.exec_driver_sql(query + " = ANY(%s::bytea[])", (keys,)).all())
    holders: dict[bytes, bytes] = {}
    for start in range(0, len(keys), CHUNK):
        some = tuple(keys[start : start + CHUNK])
        holders |= _pairs(conn.exec_driver_sql(f"{query} IN ({','.join('?' * len(some))})", some).all())
    return holders


def _pairs(rows: Iterable[Sequence[bytes]]) -> dict[bytes, bytes]:
    return {bytes(row[0]): bytes(row[1]) for row in rows}
