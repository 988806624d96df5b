import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from findings import AT, finding

from counterspam.config import Config
from counterspam.errors import ConfigError, StoreBusy, StoreError
from counterspam.rollups import ROLLUPS
from counterspam.store import rollup_tables, rows
from counterspam.store.events import Events

HERE = Path(__file__).parent


def table(start: int, stop: int, campaign: int = 7) -> pa.Table:
    made = rows.table([finding(n) for n in range(start, stop)], "a")
    index = made.column_names.index("campaign")
    return made.set_column(index, "campaign", pa.array([campaign] * made.num_rows, pa.uint64()))


def totals(start: int, stop: int) -> dict[str, int]:
    return {"rows": stop - start, "messages": sum(n % 5 + 1 for n in range(start, stop))}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A ClickHouse over HTTP: see bridge.py."""
    folder = tmp_path_factory.mktemp("server")
    process = subprocess.Popen([sys.executable, HERE / "bridge.py", folder], stdout=subprocess.PIPE)
    assert process.stdout is not None
    yield f"clickhouse://default@127.0.0.1:{int(process.stdout.readline())}/default"
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.fixture(params=["chdb", "http"])
def store(request: pytest.FixtureRequest, tmp_path: Path, emptied: Callable[[Events], None]) -> Iterator[Events]:
    """The same suite on the embedded engine and over HTTP."""
    if request.param == "chdb":
        yield request.getfixturevalue("events")
        return
    over_http = Events.open(Config(data=tmp_path, events=request.getfixturevalue("server")))
    over_http.migrate()
    emptied(over_http)
    yield over_http
    over_http.close()


def test_rows_and_rollups_add_up_and_a_repeated_token_adds_nothing(store: Events) -> None:
    store.insert(table(0, 50), "n-1-0")
    store.insert(table(50, 80), "n-1-1")
    store.insert(table(0, 50), "n-1-0")
    store.insert(table(0, 0), "n-1-2")
    assert store.reconcile(totals(0, 80)) == []
    assert store.size()["events"]["rows"] == 80
    assert store.size()["volume_minutes"]["bytes"] > 0


def test_a_large_part_is_cut_and_still_counts_once(events: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("counterspam.store.events.PIECE", 3000)
    large = pa.concat_tables([table(0, 40), table(40, 60)])
    for _ in range(2):
        events.insert(large, "n-1-0")
    assert events.reconcile(totals(0, 60)) == []
    assert events.query("SELECT count() AS parts FROM system.parts WHERE table = 'events'")[0]["parts"] > 2


def test_differences_are_named(store: Events) -> None:
    store.insert(table(0, 10), "n-1-0")
    store._write(lambda client: client.command("TRUNCATE TABLE places_hours"))
    assert store.reconcile(totals(0, 9)) == [
        "events has 10 reports, places_hours has 0",
        "events has 30 messages, places_hours has 0",
        "accepted at the doors has 9 reports, volume has 10",
        "accepted at the doors has 25 messages, volume has 30",
    ]


def test_a_rollup_that_came_later_is_filled_from_what_was_stored(store: Events) -> None:
    store.insert(table(0, 60), "n-1-0")
    store.insert(table(60, 90), "n-1-1")
    places = ["places_hours", "places_days", "places_months"]
    before = [store.query(f"SELECT * EXCEPT contributors FROM {name} FINAL ORDER BY ALL") for name in places]
    for lost in places:
        store._write(lambda client, name=lost: client.command(f"DROP TABLE {name}_feed"))  # type: ignore[misc]
        assert store.migrate() == places[places.index(lost) :]
        after = [store.query(f"SELECT * EXCEPT contributors FROM {name} FINAL ORDER BY ALL") for name in places]
        assert after == before
    assert store.migrate() == []
    store.insert(table(90, 95), "n-1-2")
    assert store.reconcile(totals(0, 95)) == []


def test_days_add_up_from_hours_and_hours_from_minutes(store: Events) -> None:
    store.insert(table(0, 60), "n-1-0")
    store.insert(table(60, 90), "n-1-1")
    compared = 0
    for rollup in ROLLUPS:
        sums = [
            f"{one.of_rows} AS {one.name}" for one in rollup.measures if one.name not in ("contributors", "reporters")
        ]
        names = ", ".join(rollup.dimensions)
        for step, finer in rollup_tables.steps(rollup):
            if finer and sums:
                start = rollup_tables.STARTS[step].format(finer)
                coarse, fine = (
                    f"SELECT {time} AS at, {names}, {', '.join(sums)} FROM {rollup.table(read)} AS lower"
                    f" GROUP BY at, {names} ORDER BY ALL"
                    for time, read in ((step, step), (start, finer))
                )
                rows = store.query(coarse)
                assert rows == store.query(fine)
                compared += bool(rows)
    assert compared > 5


def test_what_went_in_comes_out(store: Events) -> None:
    store.insert(table(3, 4), "n-1-0")
    row = store.query("SELECT *, toString(id) AS text_id, toUnixTimestamp64Milli(received_at) AS ms FROM events")[0]
    wanted = rows.table([finding(3)], "a").to_pylist()[0]
    assert row["ms"] == AT + 180_000
    assert row["text_id"] == wanted["id"]
    same = set(wanted) - {"id", "received_at", "observed_at", "campaign"}
    assert {name: row[name] for name in same} == {name: wanted[name] for name in same}
    assert row["campaign"] == 7


def test_parameters_are_values_never_sql(store: Events) -> None:
    hostile = "x'); DROP TABLE events; -- \\ \n\t{a:String} é"
    asked = {"text": hostile, "ids": [1, 2**63], "words": ["a'b", "c,d"], "empty": []}
    sql = "SELECT {text:String} AS text, {ids:Array(UInt64)} AS ids, {words:Array(String)} AS words,"
    sql += " {empty:Array(String)} AS empty"
    assert store.query(sql, asked) == [asked]


def test_reading_cannot_write(store: Events) -> None:
    store.insert(table(0, 3), "n-1-0")
    for sql in ("TRUNCATE TABLE events", "INSERT INTO events (count) VALUES (1)", "DROP TABLE events"):
        with pytest.raises(StoreError, match=r"(?i)readonly"):
            store.query(sql)
    assert store.size()["events"]["rows"] == 3


def test_limits_of_time_and_rows(store: Events) -> None:
    with pytest.raises(StoreError, match="TOO_MANY_ROWS"):
        store.query("SELECT number FROM numbers(200000)", rows=1000)
    with pytest.raises(StoreError, match="TIMEOUT_EXCEEDED"):
        store.query("SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1", seconds=0.2)
    with pytest.raises(StoreError, match="nosuch"):
        store.query("SELECT nosuch FROM events")


def test_exports(store: Events) -> None:
    store.insert(table(0, 40), "n-1-0")
    found = store.query_arrow(
        "SELECT channel, count FROM events WHERE count > {least:UInt32} ORDER BY id", {"least": 2}
    )
    assert found.num_rows == 24
    assert set(found["channel"].to_pylist()) == {"email", "sms"}
    blocks = list(store.stream("SELECT toString(id) AS id, count FROM events ORDER BY id"))
    assert sum(map(len, blocks)) == 40
    assert blocks[0][0] == {"id": "00000000-0000-0000-0000-000000000000", "count": 1}


def test_the_least_alias_counts_whatever_the_order(store: Events) -> None:
    store.insert_aliases([(70, 50), (2**63 - 1, 3)])
    store.insert_aliases([(70, 10), (50, 10)])
    store.insert_aliases([(70, 50)])  # repeated after a crash
    store.insert_aliases([])
    found = store.query("SELECT campaign, now FROM campaign_aliases FINAL ORDER BY campaign")
    assert found == [{"campaign": 50, "now": 10}, {"campaign": 70, "now": 10}, {"campaign": 2**63 - 1, "now": 3}]


def test_migrating_again_changes_nothing(store: Events) -> None:
    assert store.migrate() == []


def test_retention_follows_the_setting(events: Events) -> None:
    events._config = events._config.model_copy(update={"keep_events_days": 30})
    events.migrate()
    made = "SELECT create_table_query AS made FROM system.tables WHERE name = 'events' AND database = currentDatabase()"
    assert "toIntervalDay(30)" in events.query(made)[0]["made"]
    old = rows.table(
        [finding(1, received_at=1_700_000_000_000), finding(2, received_at=time.time_ns() // 1_000_000)], "a"
    )
    events.insert(old, "n-9-0")
    events._write(lambda client: client.command("OPTIMIZE TABLE events FINAL"))
    assert events.size()["events"]["rows"] == 1
    assert events.reconcile({"rows": 2, "messages": 5}) == []  # totals stay, and that is no difference
    events._config = events._config.model_copy(update={"keep_events_days": 1830})
    events.migrate()


def test_reading_goes_on_while_others_read_and_write(events: Events) -> None:
    def slow(seconds: float) -> None:
        with pytest.raises(StoreError):
            events.query("SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1", seconds=seconds)

    # On a busy machine the others may take longer than the slow one is let run; then it is let run longer.
    for tries, seconds in enumerate((5.0, 20.0, 60.0), start=1):
        thread = threading.Thread(target=slow, args=(seconds,))
        thread.start()
        events.insert(table(0, 10), f"p-{tries}")
        assert events.query("SELECT count() AS n FROM events")[0]["n"] == 10 * tries
        together = thread.is_alive()
        thread.join()
        if together:
            break
    assert together


def test_a_second_process_is_told_that_the_store_is_busy(events: Events, events_config: Config) -> None:
    code = (
        "import sys; from pathlib import Path; from counterspam.config import Config\n"
        "from counterspam.store.events import Events; from counterspam.errors import StoreBusy\n"
        "try: Events.open(Config(data=Path(sys.argv[1])))\n"
        "except StoreBusy as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code, events_config.data], capture_output=True, text=True, timeout=120)
    assert done.stdout.endswith(f"is in use by another process (PID: {os.getpid()})\n"), done.stderr


CRASH = """
import sys
sys.path[:0] = [sys.argv[2]]
from pathlib import Path
from counterspam.config import Config
from counterspam.store.events import Events
from test_events import table
events = Events.open(Config(data=Path(sys.argv[1])))
events.migrate()
for n in range(int(sys.argv[3]), 10):
    print("start", n, flush=True)
    events.insert(table(n * 300, n * 300 + 300), f"n-1-{n}")
print(events.reconcile({"rows": 3000, "messages": 9000}), flush=True)
"""


def crash(folder: Path, begin: int, delay: float) -> int:
    """Insert from part `begin` on, and kill that `delay` seconds into the third insert; the part under way then."""
    command = [sys.executable, "-c", CRASH, folder, HERE, str(begin)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for number, line in enumerate(process.stdout, 1):
            if number == 3:
                time.sleep(delay)
                process.kill()
                return int(line.split()[1])
    raise AssertionError("ended too early")


def test_killed_at_any_instant_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    """SIGKILL in the middle of inserts; the part that was under way is inserted again under its token."""
    begin = 0
    for delay in (0.005, 0.03, 0.1):
        begin = crash(tmp_path, begin, delay)
    command = [sys.executable, "-c", CRASH, tmp_path, HERE, str(begin)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.stdout.splitlines()[-1:] == ["[]"], done.stderr


@pytest.mark.parametrize("url", ["sqlite:///x", "chdb://", "x"])
def test_wrong_urls_name_the_setting(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="events"):
        Events.open(Config(data=tmp_path, events=url))


def test_an_absent_server_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"127\.0\.0\.1"):
        Events.open(Config(data=tmp_path, events="clickhouse://u@127.0.0.1:1/d"))


def test_the_exceptions_of_the_store_are_one_family() -> None:
    assert issubclass(StoreBusy, StoreError)
