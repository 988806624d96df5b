"""The schema of the event store on a ClickHouse cluster, as SQL to be run once by its administrator.

On every server the rows of its shard stand in replicated tables NAME_local; tables NAME spread inserts over the shards and
gather answers from them, so nodes ask with the same SQL as on one machine. Shard and replica come from the servers' macros
`{shard}` and `{replica}`. Campaign aliases are few and joined everywhere, so each server has all of them.
"""

import re
from collections.abc import Iterator

from counterspam.errors import ConfigError
from counterspam.rollups import ROLLUPS
from counterspam.store import migrate, rollup_tables

_PATH = "/clickhouse/tables/{where}/{{database}}/{name}"
_ADDED = re.compile(r"ALTER TABLE events ADD COLUMN IF NOT EXISTS (.+)")
_LOCAL_SETTINGS = rollup_tables.SETTINGS.replace("non_replicated_deduplication", "replicated_deduplication")


def statements(cluster: str, keep_days: int) -> Iterator[str]:
    """Every statement in order; `cluster` is its name in the servers' configuration, events are kept `keep_days`.

    Raises ConfigError for what cannot be the name of a cluster.
    """
    if not re.fullmatch(r"[A-Za-z0-9_.{}-]{1,64}", cluster):
        raise ConfigError("the name of a cluster has letters, digits, '.', '-', '_' or a macro in braces")
    on = f" ON CLUSTER '{cluster}'"
    series = migrate.series("events", "clickhouse")
    yield _everywhere("migrations", "number UInt32, name String, applied_at DateTime DEFAULT now()", "number", "", on)
    yield _everywhere("campaign_aliases", "campaign UInt64, now UInt64, version UInt64", "campaign", "version", on)
    columns, order = _of_events(series[0].statements)
    added = [_ADDED.fullmatch(one) for migration in series for one in migration.statements]
    columns = ", ".join([columns.rstrip(), *(found[1] for found in added if found)])
    ttl = f" TTL toDateTime(received_at) + toIntervalDay({keep_days})"
    yield _local("events", columns, "toYYYYMM(received_at)", order, on, "MergeTree", ttl)
    yield _spread("events", cluster, on, "cityHash64(id)")
    for rollup in ROLLUPS:
        for step, finer in rollup_tables.steps(rollup):
            name, order = rollup.table(step), rollup_tables.order(rollup, step)
            columns = rollup_tables.columns(rollup, step)
            granules = f", index_granularity = {rollup.granularity}"
            yield _local(name, columns, f"toYYYYMM({step})", order, on, "AggregatingMergeTree") + granules
            yield _spread(name, cluster, on, "rand()")
            source = f"{rollup.table(finer)}_local AS lower" if finer else "events_local"
            made = re.sub(
                r" FROM \S+( AS lower)?", f" FROM {source}", rollup_tables.selected(rollup, step, finer), count=1
            )
            feed = rollup_tables.feed(rollup, step)
            yield f"CREATE MATERIALIZED VIEW IF NOT EXISTS {feed}{on} TO {name}_local AS {made}"
    done = ", ".join(f"({one.number}, '{one.name}')" for one in series)
    yield f"INSERT INTO migrations (number, name) VALUES {done}"  # noqa: S608


def _of_events(created: tuple[str, ...]) -> tuple[str, str]:
    """Columns and sorting key of the events, from the first migration, with the lighter compression of a later one."""
    text = next(statement for statement in created if statement.startswith("CREATE TABLE IF NOT EXISTS events"))
    columns = text[text.index("(") + 1 : text.index("\n)\nENGINE")]
    key = re.search(r"ORDER BY \((.*)\)\nSETTINGS", text)
    assert key
    return " ".join(columns.replace("ZSTD(3)", "ZSTD(1)").split()), key[1]


def _local(name: str, columns: str, month: str, order: str, on: str, engine: str, ttl: str = "") -> str:
    path = _PATH.format(where="{shard}", name=name)
    return (
        f"CREATE TABLE IF NOT EXISTS {name}_local{on} ({columns}) ENGINE = Replicated{engine}('{path}', '{{replica}}')"
        f" PARTITION BY {month} ORDER BY ({order}){ttl} SETTINGS {_LOCAL_SETTINGS}"
    )


def _spread(name: str, cluster: str, on: str, key: str) -> str:
    return (
        f"CREATE TABLE IF NOT EXISTS {name}{on} AS {name}_local"
        f" ENGINE = Distributed('{cluster}', currentDatabase(), {name}_local, {key})"
    )


def _everywhere(name: str, columns: str, order: str, version: str, on: str) -> str:
    path = _PATH.format(where="all", name=name)
    engine = f"ReplicatedReplacingMergeTree('{path}', '{{shard}}-{{replica}}'{', ' + version if version else ''})"
    return f"CREATE TABLE IF NOT EXISTS {name}{on} ({columns}) ENGINE = {engine} ORDER BY {order}"
