"""Which evidence is stored already: its identity, and who claimed it. This is what makes counting it twice impossible."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

CHUNK = 8_000  # parameters of one SQLite statement; its own limit is 32,766

_POSTGRESQL = (
    "INSERT INTO seen (key_, owner) SELECT * FROM unnest(%s::bytea[], %s::bytea[]) ON CONFLICT DO NOTHING",
    "SELECT key_, owner FROM seen WHERE key_ = ANY(%s::bytea[])",
)
_SQLITE = (
    "INSERT INTO seen (key_, owner) VALUES (?, ?) ON CONFLICT DO NOTHING",
    "SELECT key_, owner FROM seen WHERE key_ IN ({})",
)


def claim(conn: Connection, keys: Sequence[str], owners: Sequence[str]) -> list[bool]:
    """Whether each key is (now) its owner's: new keys go to the first owner in the list, others stay with whom they are.

    Keys and owners are UUIDs or 32 hex digits. Claiming again by the same owner is granted again, so a part that is
    repeated after a crash gets the same answers.
    """
    asked = [(_pack(key), _pack(owner)) for key, owner in zip(keys, owners, strict=True)]
    first: dict[bytes, bytes] = {}
    for key, owner in asked:
        first.setdefault(key, owner)
    if not first:
        return []
    pairs = sorted(first.items())  # the same order on every node: two of them cannot wait for each other
    holder = _postgresql(conn, pairs) if conn.dialect.name == "postgresql" else _sqlite(conn, pairs)
    return [holder[key] == owner for key, owner in asked]


def _pack(id: str) -> bytes:
    return bytes.fromhex(id.replace("-", ""))


def _postgresql(conn: Connection, pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    keys = [key for key, _ in pairs]
    conn.exec_driver_sql(_POSTGRESQL[0], (keys, [owner for _, owner in pairs]))
    # A new statement sees what another node committed while the insert waited for it (READ COMMITTED).
    return _holders(conn.exec_driver_sql(_POSTGRESQL[1], (keys,)).all())


def _sqlite(conn: Connection, pairs: list[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    conn.exec_driver_sql(_SQLITE[0], pairs)
    found: dict[bytes, bytes] = {}
    for start in range(0, len(pairs), CHUNK):
        keys = tuple(key for key, _ in pairs[start : start + CHUNK])
        found |= _holders(conn.exec_driver_sql(_SQLITE[1].format(",".join("?" * len(keys))), keys).all())
    return found


def _holders(rows: Iterable[Sequence[bytes]]) -> dict[bytes, bytes]:
    return {bytes(row[0]): bytes(row[1]) for row in rows}
