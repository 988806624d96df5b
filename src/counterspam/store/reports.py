"""Reports: versions with what was typed, frozen snapshots, files, and the log of who wrote, reviewed, signed off and released.

A version that is released never changes; snapshots and log rows are added only. The files of a version are replaced until then.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson
import zstandard
from sqlalchemy import Connection, text

from counterspam.config import MB
from counterspam.errors import StoreError
from counterspam.store.records import clean, hold

LOGGING = 7_021_012  # PostgreSQL advisory lock: rows of the log are numbered one by one
MOST_CONTENT = 64 * MB
LEVEL = 12
STATES = ("draft", "submitted", "reviewed", "signed-off", "released")
MOST = 200  # reports in one list


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of a report, without its files. Times in ms; `built_at` 0 where no files fit what was typed."""

    id: str
    version: int
    kind: str
    period: str
    country: str = ""
    operator: str = ""
    topic: str = ""
    audience: str
    tlp: str
    exact: bool = False
    synthetic: bool = False
    author: str
    languages: tuple[str, ...]
    fields: Mapping[str, str]
    state: str = "draft"
    created_at: int
    changed_at: int
    built_at: int = 0
    snapshot: str = ""
    software: str = ""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a version: its name, its hash and its size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done to a version: when (ms), by whom, what, and the hash of each file at that moment."""

    number: int
    at: int
    who: str
    name: str
    act: str
    note: str
    files: Mapping[str, str]


_NAMES = [field.name for field in fields(Version)]
_COLUMNS = ", ".join(_NAMES)
_ADD = text(
    f"INSERT INTO reports ({_COLUMNS}) VALUES (:{', :'.join(_NAMES)}) ON CONFLICT DO NOTHING"  # noqa: S608 (constants)
)
_SET = text(
    f"UPDATE reports SET {', '.join(f'{name} = :{name}' for name in _NAMES[2:])}"  # noqa: S608 (constants)
    " WHERE id = :id AND version = :version AND state <> 'released' AND changed_at = :seen"
)
_GET = text(f"SELECT {_COLUMNS} FROM reports WHERE id = :id AND version = :version")  # noqa: S608 (constants)
_ALL = text(
    f"SELECT {_COLUMNS} FROM reports WHERE (:state = '' OR state = :state)"  # noqa: S608 (constants)
    " AND (:before = 0 OR changed_at < :before OR (changed_at = :before AND id < :last))"
    " ORDER BY changed_at DESC, id DESC, version DESC LIMIT :limit"
)
_VERSIONS = text(f"SELECT {_COLUMNS} FROM reports WHERE id = :id ORDER BY version DESC LIMIT 200")  # noqa: S608
_NEXT = text("SELECT COALESCE(MAX(number), 0) + 1 FROM report_log")
_LOG = text(
    "INSERT INTO report_log (number, report, version, at, who, name, act, note, files)"
    " VALUES (:number, :report, :version, :at, :who, :name, :act, :note, :files)"
)
_ACTS = text(
    "SELECT number, at, who, name, act, note, files FROM report_log WHERE report = :id AND version = :version"
    " ORDER BY number LIMIT 1000"
)
_FREEZE = text(
    "INSERT INTO report_snapshots (id, taken_at, software, content) VALUES (:id, :taken_at, :software, :content)"
    " ON CONFLICT DO NOTHING"
)
_SNAPSHOT = text("SELECT content FROM report_snapshots WHERE id = :id")
_CLEAR = text("DELETE FROM report_files WHERE report = :id AND version = :version")
_FILE = text(
    "INSERT INTO report_files (report, version, name, sha256, size, content)"
    " VALUES (:report, :version, :name, :sha256, :size, :content)"
)
_FILES = text("SELECT name, sha256, size FROM report_files WHERE report = :id AND version = :version ORDER BY name")
_READ = text("SELECT sha256, content FROM report_files WHERE report = :id AND version = :version AND name = :name")


def add(conn: Connection, version: Version) -> bool:
    """Keep a new version; False when there is one of this number already."""
    return bool(conn.execute(_ADD, _row(version)).rowcount)


def change(conn: Connection, version: Version, *, seen: int) -> bool:
    """Keep a version as it is now; False when it is released, or was changed by somebody else since `seen` (`changed_at`)."""
    return bool(conn.execute(_SET, {**_row(version), "seen": seen}).rowcount)


def get(conn: Connection, id: str, version: int) -> Version | None:
    """One version, None when there is none."""
    row = conn.execute(_GET, {"id": clean(id, 40), "version": version}).one_or_none()
    return _version(row) if row else None


def versions(conn: Connection, id: str) -> Sequence[Version]:
    """Every version of a report, the newest first."""
    return [_version(row) for row in conn.execute(_VERSIONS, {"id": clean(id, 40)})]


def every(
    conn: Connection, *, state: str = "", before: tuple[int, str] | None = None, limit: int = MOST
) -> Sequence[Version]:
    """Versions, what was changed last first; `before` are time and id of the last one that was seen."""
    at, last = before or (0, "")
    given = {"state": clean(state, 20), "before": at, "last": clean(last, 40), "limit": min(limit, MOST)}
    return [_version(row) for row in conn.execute(_ALL, given)]


def freeze(conn: Connection, id: str, content: bytes, *, at: int, software: str) -> None:
    """Keep a snapshot; one of this id that is kept already stays as it is. Raises StoreError where the id is not its hash."""
    if hashlib.sha256(content).hexdigest() != id:
        raise StoreError("a snapshot has the SHA-256 of its content as its id")
    packed = zstandard.ZstdCompressor(level=LEVEL, write_content_size=True).compress(content)
    conn.execute(_FREEZE, {"id": id, "taken_at": at, "software": clean(software, 100), "content": packed})


def snapshot(conn: Connection, id: str) -> bytes | None:
    """A snapshot as canonical JSON, None when there is none. Raises StoreError when it is not what was frozen."""
    row = conn.execute(_SNAPSHOT, {"id": clean(id, 64)}).one_or_none()
    return _unpacked(row.content, id, f"snapshot {id[:16]}") if row else None


def keep_files(conn: Connection, version: Version, contents: Mapping[str, bytes]) -> Sequence[File]:
    """The files of a version in place of those before."""
    conn.execute(_CLEAR, {"id": version.id, "version": version.version})
    packer = zstandard.ZstdCompressor(level=3, write_content_size=True)
    for name, content in contents.items():
        row = {"report": version.id, "version": version.version, "name": name, "size": len(content)}
        hash_ = hashlib.sha256(content).hexdigest()
        conn.execute(_FILE, {**row, "sha256": hash_, "content": packer.compress(content)})
    return files(conn, version.id, version.version)


def files(conn: Connection, id: str, version: int) -> Sequence[File]:
    """The files of a version, by name."""
    return [File(*row) for row in conn.execute(_FILES, {"id": clean(id, 40), "version": version})]


def file(conn: Connection, id: str, version: int, name: str) -> bytes | None:
    """The content of a file, None when there is none. Raises StoreError when it is not what was kept."""
    row = conn.execute(_READ, {"id": clean(id, 40), "version": version, "name": clean(name, 40)}).one_or_none()
    return _unpacked(row.content, row.sha256, f"file {name}") if row else None


def log(conn: Connection, version: Version, act: Act) -> Act:
    """Add a row to the log; it comes back with its number."""
    hold(conn, LOGGING)
    number = int(conn.execute(_NEXT).scalar_one())
    row = {**asdict(act), "number": number, "report": version.id, "version": version.version}
    row |= {"name": clean(act.name, 200), "note": clean(act.note, 1000), "files": orjson.dumps(act.files).decode()}
    conn.execute(_LOG, row)
    return Act(number, act.at, act.who, row["name"], act.act, row["note"], act.files)


def acts(conn: Connection, id: str, version: int) -> Sequence[Act]:
    """What was done to a version, in order."""
    found = conn.execute(_ACTS, {"id": clean(id, 40), "version": version})
    return [Act(**{**row, "files": orjson.loads(row["files"])}) for row in found.mappings()]


def _unpacked(content: bytes, hash_: str, what: str) -> bytes:
    try:
        found = zstandard.ZstdDecompressor().decompress(bytes(content), max_output_size=MOST_CONTENT)
    except zstandard.ZstdError as error:
        raise StoreError(f"{what} cannot be read: {error}") from error
    if hashlib.sha256(found).hexdigest() != hash_:
        raise StoreError(f"{what} is not what was kept: it has another hash")
    return found


def _row(version: Version) -> dict[str, Any]:
    row = {name: clean(value, 1000) if isinstance(value, str) else value for name, value in asdict(version).items()}
    row |= {
        "languages": " ".join(version.languages),
        "fields": clean(orjson.dumps(dict(version.fields)).decode(), 400_000),
    }
    return row | {name: int(row[name]) for name in ("exact", "synthetic")}


def _version(row: Any) -> Version:
    values = dict(row._mapping)
    values |= {"languages": tuple(values["languages"].split()), "fields": orjson.loads(values["fields"])}
    return Version(**{**values, "exact": bool(values["exact"]), "synthetic": bool(values["synthetic"])})
