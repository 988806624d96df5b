"""The event store: ClickHouse SQL, embedded (chdb://) or on a server (clickhouse://), with one schema.

The engine takes one query at a time per client but several clients at once, so one client writes and a few others read.
The embedded engine must not be forked once it is open, and one process at a time has its folder.
"""

import contextlib
import fcntl
import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

import clickhouse_connect
import pyarrow as pa
import pyarrow.compute as pc
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from counterspam.config import MB, Config
from counterspam.errors import ConfigError, StoreBusy, StoreError
from counterspam.store import migrate, rollup_tables
from counterspam.store.reconcile import differences

READERS = 3
PIECE = 8 * MB  # bytes of `detail` in one insert
LARGE = 20_000  # rows from which an insert feeds its rollups in parallel; a lesser one leaves a processor to readers
PAUSES = (0.2, 1.0, 4.0)  # seconds before an insert is tried again; its token makes that harmless
_MADE = "SELECT create_table_query AS made, engine FROM system.tables WHERE database = currentDatabase() AND name = 'events'"
T = TypeVar("T")
log = logging.getLogger(__name__)

# What keeps the embedded engine small (measured with 20,000-row inserts: 480 MB instead of 850 between merges). The
# allocator reads its line when the engine is loaded: few arenas, and freed memory goes back at once.
MALLOC = "narenas:2,dirty_decay_ms:0,muzzy_decay_ms:0"
EMBEDDED = {
    "mark_cache_size": 16 * MB,
    "primary_index_cache_size": 16 * MB,
    "index_mark_cache_size": MB,
    "compiled_expression_cache_size": MB,
    "background_pool_size": 1,
    "background_merges_mutations_concurrency_ratio": 1,
    "os_threads_nice_value_merge_mutate": 10,  # as writing: readers go first
    "max_threads": 2,
    "max_insert_threads": 1,
}
# An insert has ended when every rollup, and on a cluster every shard, has it.
WRITING = {
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    "async_insert": 0,
    "optimize_on_insert": 0,  # views give each key once; what is left to merge is merged later
    "distributed_foreground_insert": 1,
    "os_thread_priority": 10,  # readers go first: they wait for an answer
}


class Events:
    """An open event store."""

    def __init__(self, open_client: Callable[[dict[str, Any]], Client], config: Config, dialect: str) -> None:
        self._config = config
        self._dialect = dialect
        self._writing = threading.Lock()
        self._readers: queue.LifoQueue[Client] = queue.LifoQueue()
        self._writer = open_client({})
        reading = {
            "readonly": 2,  # no change of data; settings of a query may still be given
            "max_memory_usage": config.memory_mb * MB // 2,
            "max_bytes_before_external_group_by": config.memory_mb * MB // 6,
            "max_bytes_before_external_sort": config.memory_mb * MB // 6,
            "result_overflow_mode": "throw",
        }
        self._clients = [open_client(reading) for _ in range(READERS)]
        for client in self._clients:
            self._readers.put(client)

    @classmethod
    def open(cls, config: Config) -> "Events":
        """Open or connect. Raises StoreBusy when another process has the embedded store, StoreError, ConfigError."""
        url = config.events_url()
        scheme = urlsplit(url).scheme
        if scheme == "chdb":
            return cls(_embedded(url, config), config, "chdb")
        if scheme in ("clickhouse", "clickhouses"):
            return cls(_server(url, scheme == "clickhouses"), config, "clickhouse")
        raise ConfigError(
            f"setting events: {scheme or url!r} is not chdb:// or clickhouse:// (clickhouses:// with TLS)"
        )

    def migrate(self) -> list[str]:
        """Bring schema, rollups and retention up to date; return the names of what was applied or made."""
        self._write(
            lambda c: c.command(
                "CREATE TABLE IF NOT EXISTS migrations (number UInt32, name String, applied_at DateTime DEFAULT now())"
                " ENGINE = ReplacingMergeTree ORDER BY number"
            )
        )
        applied = {row["number"] for row in self.query("SELECT number FROM migrations")}

        def record(done: migrate.Migration) -> None:
            self._write(lambda c: c.insert("migrations", [[done.number, done.name]], column_names=["number", "name"]))

        def execute(statement: str) -> None:
            self._write(lambda c: c.command(statement))

        done = migrate.run(migrate.series("events", self._dialect), applied, execute, record)
        tables = {
            row["name"] for row in self.query("SELECT name FROM system.tables WHERE database = currentDatabase()")
        }
        for name, statements in rollup_tables.missing(tables):
            for statement in statements:
                execute(statement)
            done.append(name)
        keep = f"toIntervalDay({self._config.keep_events_days})"
        found = self.query(_MADE)
        if keep not in found[0]["made"] and found[0]["engine"] != "Distributed":  # on a cluster the schema says it
            execute(f"ALTER TABLE events MODIFY TTL toDateTime(received_at) + {keep}")
        return done

    def insert(self, table: pa.Table, token: str) -> None:
        """Store rows (see `rows.SCHEMA`). The same token again adds nothing, neither here nor in the rollups."""
        for number, piece in enumerate(_pieces(table)):
            self._write(_inserting(piece, f"{token}.{number}"), PAUSES)

    def insert_aliases(self, pairs: Sequence[tuple[int, int]]) -> None:
        """Note campaigns that became part of another: (campaign, now). Again, or in another order, changes nothing."""
        rows = [[campaign, now, 2**63 - now] for campaign, now in pairs]
        if rows:
            self._write(
                lambda c: c.insert("campaign_aliases", rows, column_names=["campaign", "now", "version"]), PAUSES
            )

    def query(
        self, sql: str, parameters: Mapping[str, Any] | None = None, *, seconds: float = 10, rows: int = 100_000
    ) -> list[dict[str, Any]]:
        """Rows of a SELECT with `{name:Type}` parameters. Raises StoreError beyond `seconds` or `rows`."""
        limits = {"max_execution_time": seconds, "max_result_rows": rows}
        with self._reader(seconds) as client:
            return list(client.query(sql, parameters=_plain(parameters), settings=limits).named_results())

    def query_arrow(
        self, sql: str, parameters: Mapping[str, Any] | None = None, *, seconds: float = 60, rows: int = 1_000_000
    ) -> pa.Table:
        """The same as an Arrow table, all of it in memory."""
        limits = {"max_execution_time": seconds, "max_result_rows": rows, "output_format_arrow_string_as_string": 1}
        with self._reader(seconds) as client:
            return client.query_arrow(sql, parameters=_plain(parameters), settings=limits)

    def stream(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Iterator[list[dict[str, Any]]]:
        """Blocks of rows for exports of any size, in flat memory. Close the iterator if it is not read to its end."""
        with self._reader(60) as client, client.query_row_block_stream(sql, parameters=_plain(parameters)) as blocks:
            names = blocks.source.column_names
            for block in blocks:
                yield [dict(zip(names, row, strict=True)) for row in block]

    def size(self) -> dict[str, dict[str, int]]:
        """Rows and bytes on disk per table."""
        found = self.query(
            "SELECT name, total_rows AS rows, total_bytes AS bytes FROM system.tables"
            " WHERE database = currentDatabase() AND endsWith(engine, 'MergeTree') ORDER BY name"
        )
        return {row["name"]: {"rows": row["rows"], "bytes": row["bytes"]} for row in found}

    def reconcile(self, totals: Mapping[str, int]) -> list[str]:
        """What does not add up between events, rollups and the doors' `totals` (`intake.totals`); [] when all does.

        Run it while nothing is being stored.
        """
        keep = self._config.keep_events_days
        return differences(lambda sql, parameters: self.query(sql, parameters, seconds=120), totals, keep)

    def close(self) -> None:
        """Close every client; the embedded engine ends with the last."""
        with self._writing:
            for client in [self._writer, *self._clients]:
                client.close()

    def _write(self, do: Callable[[Client], T], pauses: Sequence[float] = ()) -> T:
        with self._writing:
            for pause in pauses:
                try:
                    return do(self._writer)
                except ClickHouseError as error:
                    log.warning("event store: %s; trying again in %s s", error, pause)
                    time.sleep(pause)
            with _errors():
                return do(self._writer)

    @contextlib.contextmanager
    def _reader(self, seconds: float) -> Iterator[Client]:
        try:
            client = self._readers.get(timeout=seconds)
        except queue.Empty as error:
            raise StoreError(f"event store: all {READERS} readers have been busy for {seconds} s") from error
        try:
            with _errors():
                yield client
        finally:
            self._readers.put(client)


def _pieces(table: pa.Table) -> Iterator[pa.Table]:
    """Blocks for one insert each, small enough for the engine's memory; the same rows always give the same blocks."""
    if not table.num_rows:
        return
    size = pc.sum(pc.binary_length(table["detail"])).as_py()
    step = -(-table.num_rows // (1 + size // PIECE))
    for start in range(0, table.num_rows, step):
        # One record batch: one block under the token, and an Arrow file takes one dictionary a column.
        yield table.slice(start, step).unify_dictionaries().combine_chunks()


def _inserting(piece: pa.Table, token: str) -> Callable[[Client], object]:
    large = {"parallel_view_processing": 1} if len(piece) > LARGE else {}
    settings = {**WRITING, **large, "insert_deduplication_token": token}
    return lambda client: client.insert_arrow("events", piece, settings=settings)


def _plain(parameters: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return dict(parameters) if parameters else None


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except (ClickHouseError, RuntimeError) as error:  # the embedded engine raises the latter for bad parameters
        raise StoreError(f"event store: {error}") from error


def _embedded(url: str, config: Config) -> Callable[[dict[str, Any]], Client]:
    path = urlsplit(url).path
    if not path:
        raise ConfigError("setting events: chdb:// needs a path: chdb:///var/lib/counterspam/events")
    _refuse_if_held(path)
    os.environ.setdefault("MALLOC_CONF", MALLOC)
    options = {**EMBEDDED, "merges_mutations_memory_usage_soft_limit": config.memory_mb * MB // 3}

    def open_client(settings: dict[str, Any]) -> Client:
        try:
            os.makedirs(path, exist_ok=True)
            return clickhouse_connect.get_client(interface="chdb", path=path, chdb_options=options, settings=settings)
        except (ClickHouseError, RuntimeError, OSError) as error:
            raise StoreError(f"the event store {path} cannot be opened: {error}") from error

    return open_client


def _refuse_if_held(path: str) -> None:
    """The engine locks its `status` file but, when that fails, does not say so in its error."""
    try:
        with open(os.path.join(path, "status"), "rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = file.readline(100).decode("ascii", "replace").strip()
                raise StoreBusy(f"the event store {path} is in use by another process ({holder})") from error
    except FileNotFoundError:
        pass


def _server(url: str, tls: bool) -> Callable[[dict[str, Any]], Client]:
    def open_client(settings: dict[str, Any]) -> Client:
        try:
            return clickhouse_connect.get_client(dsn=url, secure=tls, settings=settings, autogenerate_session_id=False)
        except ClickHouseError as error:
            raise StoreError(f"the event store at {urlsplit(url).hostname} cannot be reached: {error}") from error

    return open_client
