"""The schema for a cluster: the engine reads every statement, and it holds what the schema of one machine holds."""

import re

import pytest

from counterspam.errors import ConfigError
from counterspam.rollups import ROLLUPS
from counterspam.store import cluster
from counterspam.store.events import Events

STATEMENTS = list(cluster.statements("national", 1830))


def test_the_engine_reads_every_statement(events: Events) -> None:
    events.migrate()
    for statement in STATEMENTS:
        assert events.query(f"EXPLAIN AST {statement}")


def test_every_table_of_one_machine_has_its_local_and_its_spread_table(events: Events) -> None:
    events.migrate()
    tables = events.query("SELECT name, engine FROM system.tables WHERE database = currentDatabase()")
    made = {
        found[1]
        for text in STATEMENTS
        if (found := re.match(r"CREATE (?:TABLE|MATERIALIZED VIEW) IF NOT EXISTS (\w+)", text))
    }
    for table in tables:
        assert table["name"] in made
        if table["engine"].endswith("MergeTree") and table["name"] not in ("migrations", "campaign_aliases"):
            assert f"{table['name']}_local" in made


def test_the_tables_of_a_shard_take_what_those_of_one_machine_take(events: Events) -> None:
    """The same columns: local tables made without replication have what the real ones have."""
    events.migrate()
    for text in STATEMENTS:
        if name := re.match(r"CREATE TABLE IF NOT EXISTS (\w+)_local", text):
            plain = re.sub(r"Replicated(\w+)\('[^']*', '[^']*'\)", r"\1", text).replace(" ON CLUSTER 'national'", "")
            plain = plain.replace("replicated_dedup", "non_replicated_dedup")
            events._write(lambda client, sql=plain: client.command(sql))  # type: ignore[misc]
            columns = "SELECT name, type, is_in_sorting_key FROM system.columns WHERE database = currentDatabase()"
            found = events.query(f"{columns} AND table = '{name[1]}_local'")
            events._write(lambda client, table=name[1]: client.command(f"DROP TABLE {table}_local"))  # type: ignore[misc]
            assert found == events.query(f"{columns} AND table = '{name[1]}'") != []
    assert len(ROLLUPS) > 10


def test_a_name_that_is_no_name_is_refused() -> None:
    with pytest.raises(ConfigError, match="name of a cluster"):
        list(cluster.statements("a'b", 30))
