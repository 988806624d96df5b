"""The records store: SQLite by default, PostgreSQL by URL, through SQLAlchemy.

SQLite has one writer at a time, so `begin` takes the write lock at once, in turn with the other threads, and `read` takes none.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from counterspam.config import Config
from counterspam.errors import ConfigError, StoreBusy, StoreError
from counterspam.store import migrate
from counterspam.store.turns import Turns

MIGRATING = 7_021_001  # PostgreSQL advisory locks: who migrates,
GROUPING = 7_021_002  # who assigns campaigns,
AUDITING = 7_021_004  # and who writes the next row of the audit log
ROWS = 500  # that one SQLite statement inserts

_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA busy_timeout = 30000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA cache_size = -32768",
    "PRAGMA wal_autocheckpoint = 4000",
)


def clean(value: str, limit: int = 10_000) -> str:
    """`value` as every store takes it: at most `limit` characters, no NUL (PostgreSQL), no lone surrogates (UTF-8)."""
    return value[:limit].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def hold(conn: Connection, lock: int) -> None:
    """Wait until no other transaction holds `lock`; held until this one ends. SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})


def insert(conn: Connection, query: str, types: Sequence[str], rows: Sequence[Sequence[Any]]) -> int:
    """Run an INSERT with `{}` in the place of its rows; return how many were stored. `types` are those of PostgreSQL.

    Many rows to a statement: one by one, more time goes into handing them over than into storing them.
    """
    if not rows:
        return 0
    if conn.dialect.name == "postgresql":
        source = f"SELECT * FROM unnest({', '.join(f'%s::{type}[]' for type in types)})"  # noqa: S608 (constants)
        return conn.exec_driver_sql(query.format(source), tuple(map(list, zip(*rows, strict=True)))).rowcount
    stored = 0
    row = f"({', '.join('?' * len(types))})"
    for start in range(0, len(rows), ROWS):
        some = rows[start : start + ROWS]
        filled = query.format(f"VALUES {', '.join([row] * len(some))}")
        stored += conn.exec_driver_sql(filled, tuple(chain.from_iterable(some))).rowcount
    return stored


class Records:
    """An open records store."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.dialect = engine.dialect.name
        self._turns = Turns() if self.dialect == "sqlite" else None

    @classmethod
    def open(cls, config: Config) -> "Records":
        """Connect lazily. Raises ConfigError when the URL is wrong, StoreError when the folder cannot be made."""
        try:
            url = make_url(config.records_url())
            if url.get_backend_name() not in ("sqlite", "postgresql"):
                raise ConfigError("setting records: only sqlite and postgresql+psycopg are supported")
            if url.get_backend_name() == "sqlite":
                config.data.mkdir(parents=True, exist_ok=True)
                return cls(_sqlite(url))
            return cls(create_engine(url, pool_pre_ping=True))
        except (ArgumentError, NoSuchModuleError, ImportError) as error:
            raise ConfigError(f"setting records: {error}") from error
        except OSError as error:
            raise StoreError(f"the folder of the records store cannot be made: {error}") from error

    def migrate(self) -> list[str]:
        """Bring the schema up to date; return the names of what was applied."""
        with self.begin() as conn:
            hold(conn, MIGRATING)
            conn.exec_driver_sql(
                "CREATE TABLE IF NOT EXISTS migrations"
                " (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)"
            )
            applied = set(conn.scalars(text("SELECT number FROM migrations")))

            def record(done: migrate.Migration) -> None:
                conn.execute(
                    text("INSERT INTO migrations VALUES (:number, :name, :at)"),
                    {"number": done.number, "name": done.name, "at": time.time_ns() // 1_000_000},
                )

            return migrate.run(migrate.series("records", self.dialect), applied, conn.exec_driver_sql, record)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction that may write: committed at the end, rolled back on any exception. Raises StoreError."""
        turn = self._turns.taken() if self._turns else nullcontext()
        with turn, _errors(), self.engine.begin() as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that only reads, and waits for no writer."""
        with (
            _errors(),
            self.engine.connect().execution_options(counterspam_read=True, postgresql_readonly=True) as conn,
        ):
            yield conn

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _sqlite(url: Any) -> Engine:
    engine = create_engine(url)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves: the driver's own would leave schema changes outside
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begun(conn: Connection) -> None:
        reading = conn.get_execution_options().get("counterspam_read")
        conn.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip()
        if "database is locked" in reason:
            raise StoreBusy("the records store is held by another process") from error
        raise StoreError(f"records store: {reason}") from error
