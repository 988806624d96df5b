"""National scale: a hundred million events, every public page asked while a thousand more arrive each second.

Also: how fast pre-decoded events are stored, what a million of them take on disk, and whether the rollups equal a recount.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from bench import events
from bench.common import Peak, bars, table
from counterspam import config
from counterspam.measure import questions
from counterspam.rollups import ROLLUPS
from counterspam.store import rollup_tables
from counterspam.store.events import Events
from counterspam.store.records import Records
from counterspam.web.kept import Kept
from counterspam.web.titles import reader
from counterspam.web.view import View
from counterspam.web.views import PAGES
from counterspam.web.views.page import Asker, Page

EVENTS = int(os.environ.get("BENCH_EVENTS", "100000000"))
DAYS = 365
BLOCK = 200_000
POOL = 12
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "20"))
EACH = 1000  # rows of one insert while questions are asked: a node stores about once a second
PERIODS = ("1h", "24h", "7d", "30d", "12m", "all")
DAY = 86_400_000


def fill(data: Path, count: int = EVENTS, days: int = DAYS) -> dict[str, float]:
    """Write the events in the order in which they arrive; only the store's time counts."""
    store = _open(data)
    made, blocks, spent = events.pool(POOL, BLOCK), count // BLOCK, 0.0
    start = time.time_ns() // 1_000_000 - days * DAY
    for number in range(blocks):
        block = made.arrived(number, start + number * days * DAY // blocks, days * DAY // blocks)
        began = time.perf_counter()
        store.insert(block, f"bench-{number}")
        spent += time.perf_counter() - began
        if number % 50 == 49:
            print(f"{(number + 1) * BLOCK:,} rows, {(number + 1) * BLOCK / spent:,.0f}/s", file=sys.stderr, flush=True)
    sizes = store.size()
    store.close()
    disk = sum(size["bytes"] for size in sizes.values()) / 1e6
    rollups = disk - sizes["events"]["bytes"] / 1e6
    return {"rows_a_second": count / spent, "mb_a_million": disk / (count / 1e6), "rollups_mb": rollups}


def ask(data: Path, pages: Sequence[Page] = PAGES, periods: Sequence[str] = PERIODS) -> dict[str, Any]:
    """Public pages for each period while rows arrive; milliseconds of each query by page (median, 95th per cent, worst)."""
    store, records = _open(data), Records.open(config.load(data=data))
    _settled(store)
    records.migrate()
    watch = _Watch(store)
    node = SimpleNamespace(config=config.load(data=data), events=SimpleNamespace(query=watch.query), records=records)
    arriving = _Arriving(store)
    with arriving, Peak() as peak:
        for round_ in range(ROUNDS):
            for page in pages:
                watch.page = page.path
                for period in periods:
                    chosen = View(period, "sms" if round_ % 4 == 3 else "", subject="FR" if page.subjects else "")
                    page.build(Asker(node, Kept(), chosen, questions.span(store.query), reader(records)))
    store.close()
    records.close()
    found = {page: _middle(values) for page, values in watch.delays.items()}
    return {"delays": found, "arrived": arriving.rate(), "mb": peak.mb, "slowest": watch.slowest}


def _settled(store: Events) -> None:
    """Wait until the merges are done that a hundred million rows in a quarter of an hour left behind; no year brings that."""
    for _ in range(600):
        if not store.query("SELECT count() AS merges FROM system.merges")[0]["merges"]:
            return
        time.sleep(1)


class _Watch:
    """Times each query, and keeps the slowest of each page."""

    def __init__(self, store: Events) -> None:
        self._store, self.page = store, ""
        self.delays: dict[str, list[float]] = {}
        self.slowest: dict[str, tuple[float, str]] = {}

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """What the store answers."""
        began = time.perf_counter()
        rows = self._store.query(sql, parameters)
        took = (time.perf_counter() - began) * 1000
        self.delays.setdefault(self.page, []).append(took)
        if took > self.slowest.get(self.page, (0, ""))[0]:
            code = " ".join(line for line in sql.splitlines() if not line.startswith("--"))
            self.slowest[self.page] = took, f"{' '.join(code.split())[:600]} {parameters}"[:900]
        return rows


def _middle(values: list[float]) -> tuple[float, float, float]:
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.95)], ordered[-1]


class _Arriving:
    """A thousand rows a second while it runs."""

    def __init__(self, store: Events) -> None:
        self._store, self._made = store, events.pool(1, EACH, seed=2)
        self._stop, self._thread = threading.Event(), threading.Thread(target=self._run, daemon=True)
        self._rows, self._began = 0, 0.0

    def __enter__(self) -> "_Arriving":
        self._began = time.perf_counter()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._ended = time.perf_counter()

    def _run(self) -> None:
        number = 0
        while not self._stop.is_set():
            due = self._began + number * EACH / 1000
            if (wait := due - time.perf_counter()) > 0:
                self._stop.wait(wait)
            block = self._made.arrived(number, time.time_ns() // 1_000_000 - EACH, EACH)
            self._store.insert(block, f"live-{self._began}-{number}")
            number += 1
            self._rows += EACH

    def rate(self) -> float:
        """Rows a second."""
        return self._rows / (self._ended - self._began)


def recount(data: Path) -> dict[str, Any]:
    """Every rollup month by month, the finest step against the events, each coarser one against the finer: rows that differ."""
    store = _open(data)
    months = [
        row["m"]
        for row in store.query("SELECT DISTINCT toYYYYMM(received_at) AS m FROM events ORDER BY m", seconds=120)
    ]
    differing, compared = 0, 0
    for rollup in ROLLUPS:
        sums = [measure for measure in rollup.measures if measure.name not in ("contributors", "reporters")]
        for step, finer in rollup_tables.steps(rollup):
            for month in months:
                if sums:
                    both = _both(rollup, step, finer, sums, month)
                    wanted, found = (store.query(sql, seconds=600)[0] for sql in both)
                    compared += found["cells"]
                    differing += wanted != found
    store.close()
    return {"differing": differing, "compared": compared}


def _both(rollup: Any, step: str, finer: str, sums: list[Any], month: int) -> tuple[str, str]:
    """A fingerprint of all cells of a month, from what feeds the rollup (the events, or its finer step) and from itself."""
    names = ", ".join([step, *rollup.dimensions])
    cells = ", ".join([names, *(measure.name for measure in sums)])
    mark = f"SELECT count() AS cells, sum(cityHash64({cells})) AS mark"
    source, at = (rollup.table(finer), finer) if finer else ("events", "received_at")
    made = rollup_tables.selected(rollup, step, finer).replace(f"FROM {source}", "FROM of_month", 1)
    only = f"WITH of_month AS (SELECT * FROM {source} WHERE toYYYYMM({at}) = {month}) "
    of_rows = ", ".join(f"{measure.of_rows} AS {measure.name}" for measure in sums)
    merged = f"SELECT {names}, {of_rows} FROM {rollup.table(step)} AS lower WHERE toYYYYMM({step}) = {month} GROUP BY {names}"
    return f"{only}{mark} FROM ({made})", f"{mark} FROM ({merged})"


def _open(data: Path) -> Events:
    store = Events.open(config.load(data=data))
    store.migrate()
    return store


def apart(function: str, data: Path) -> Any:
    """Run a function of this file in a process of its own, for one process at a time has the engine."""
    command = [sys.executable, "-m", "bench.statistics", function, str(data)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def main() -> None:
    """Fill, ask, recount."""
    kept = os.environ.get("BENCH_DATA")  # a folder to leave the events in, and to take them from
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
        data = Path(kept or folder) / "data"
        data.mkdir(parents=True, exist_ok=True)
        mark = data.parent / "filled.json"
        stored = json.loads(mark.read_text()) if mark.exists() else apart("fill", data)
        mark.write_text(json.dumps(stored))
        asked = apart("ask", data)
        rows: list[list[object]] = [[page, *delays] for page, delays in asked["delays"].items()]
        table(f"{EVENTS:,} events", ["page", "p50 ms", "p95 ms", "worst ms"], rows)
        for page, (took, sql) in asked["slowest"].items():
            if took > 100:
                print(f"{page}: {took:.0f} ms: {sql}", flush=True)
        same = apart("recount", data)
    print(
        f"{same['compared']:,} cells compared; rollups {stored['rollups_mb']:,.0f} MB; asking process {asked['mb']:,.0f} MB"
    )
    bars(
        [
            ("slowest_page_query_p95_ms", max(delays[1] for delays in asked["delays"].values()), 100, False),
            ("events_arriving_a_second", asked["arrived"], 990, True),
            ("rows_stored_a_second", stored["rows_a_second"], 100_000, True),
            ("mb_on_disk_a_million", stored["mb_a_million"], 100, False),
            ("months_of_rollups_that_differ_from_recount", same["differing"], 0, False),
        ]
    )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps({"fill": fill, "ask": ask, "recount": recount}[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main()
