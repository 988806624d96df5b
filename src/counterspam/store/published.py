"""Published periods: each revision is a row that is added once and never changed, with the figures as canonical JSON."""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import zstandard
from sqlalchemy import Connection, text

from counterspam.config import MB
from counterspam.errors import StoreError
from counterspam.store.records import clean

MOST_CONTENT = 256 * MB  # bytes of the figures of one revision
LEVEL = 12  # of compression: these are written once and kept for ever


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision of a published period, without its figures. Times in ms; `ends_at` is not part of the period.

    `snapshot` is the SHA-256 of the figures, `definitions` a hash of what they are made by, `last_updated` when the latest
    evidence of the node had arrived. `tables` are those that differ from the revision before; `added`, `removed` and
    `changed` count the rows that do.
    """

    period: str
    revision: int
    starts_at: int
    ends_at: int
    published_at: int
    published_by: str
    software: str
    definitions: str
    reason: str
    snapshot: str
    last_updated: int
    tables: tuple[str, ...] = ()
    added: int = 0
    removed: int = 0
    changed: int = 0


_NAMES = [field.name for field in fields(Revision)]
_COLUMNS = ", ".join(_NAMES)
_ADD = text(
    f"INSERT INTO published ({_COLUMNS}, content) VALUES (:{', :'.join(_NAMES)}, :content) ON CONFLICT DO NOTHING"  # noqa: S608 (constants)
)
_HISTORY = text(
    f"SELECT {_COLUMNS} FROM published WHERE :period = '' OR period = :period"  # noqa: S608 (constants)
    " ORDER BY starts_at DESC, ends_at, period, revision DESC"
)
_CONTENT = text("SELECT content, snapshot FROM published WHERE period = :period AND revision = :revision")


def snapshot(content: bytes) -> str:
    """The id of the figures: 64 hex digits of SHA-256."""
    return hashlib.sha256(content).hexdigest()


def add(conn: Connection, revision: Revision, content: bytes) -> bool:
    """Keep a revision with its figures; False when there is one of this number already, which stays as it is."""
    packed = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True).compress(content)
    words = {name: clean(value, 1000) for name, value in asdict(revision).items() if isinstance(value, str)}
    row = {**asdict(revision), **words, "tables": " ".join(revision.tables), "content": packed}
    return bool(conn.execute(_ADD, row).rowcount)


def history(conn: Connection, period: str = "") -> Sequence[Revision]:
    """Every revision of a period, or of all: the latest period first, and its latest revision first."""
    return [_revision(row) for row in conn.execute(_HISTORY, {"period": clean(period, 20)})]


def content(conn: Connection, period: str, revision: int) -> bytes | None:
    """The figures of a revision as canonical JSON, None when there is no such revision.

    Raises StoreError when they are not those that were published.
    """
    row = conn.execute(_CONTENT, {"period": clean(period, 20), "revision": revision}).one_or_none()
    if row is None:
        return None
    try:
        found = zstandard.ZstdDecompressor().decompress(bytes(row.content), max_output_size=MOST_CONTENT)
    except zstandard.ZstdError as error:
        raise StoreError(f"revision {revision} of {period} cannot be read: {error}") from error
    if snapshot(found) != row.snapshot:
        raise StoreError(f"revision {revision} of {period} is not what was published: its figures have another hash")
    return found


def _revision(row: Any) -> Revision:
    values = dict(row._mapping)
    return Revision(**{**values, "tables": tuple(values["tables"].split())})
