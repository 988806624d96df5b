"""The live page on ten million events: its queries, its weight, and how soon new evidence shows."""

import gzip
import json
import os
import random
import string
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from sqlalchemy import text

from bench import statistics
from bench.common import Peak, bars, table
from bench.events import CAMPAIGNS
from bench.server import Server, report
from counterspam import config
from counterspam.store.records import Records
from counterspam.web.views import overview

EVENTS = int(os.environ.get("BENCH_EVENTS", "10000000"))
DAYS = 30


def fill(data: Path) -> dict[str, float]:
    """Write the events, and a title for each campaign."""
    stored = statistics.fill(data, EVENTS, DAYS)
    name_campaigns(data)
    return stored


def name_campaigns(data: Path) -> None:
    """Write a title for each campaign."""
    records = Records.open(config.load(data=data))
    records.migrate()
    named = [{"id": id, "title": f"your parcel is on hold {id}"} for id in range(1, CAMPAIGNS + 1)]
    with records.begin() as conn:
        conn.execute(text("INSERT INTO campaigns VALUES (:id, :title, '', 'sms', 1, 1, 1, 1, NULL)"), named)
    records.close()


def ask(data: Path) -> dict[str, Any]:
    """The queries of the live page, as the page asks them."""
    return statistics.ask(data, [overview.PAGE], ("1h", "24h", "7d", "30d"))


def apart(function: str, data: Path) -> Any:
    """Run a function of this file in a process of its own, for one process at a time has the engine."""
    command = [sys.executable, "-m", "bench.live", function, str(data)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def page_bytes(server: Server) -> int:
    """Compressed bytes of the live page with all it loads."""
    total, seen = 0, ["/"]
    for path in seen:
        ask = urllib.request.Request(server.url + path, headers={"Accept-Encoding": "gzip"})
        with urllib.request.urlopen(ask) as answer:
            body = answer.read()
        total += len(body)
        if path == "/":
            text = gzip.decompress(body).decode()
            seen += {
                part.split('"')[0]
                for key in ('src="', 'href="')
                for part in text.split(key)[1:]
                if part.startswith("/static/")
            }
    return total


def until_visible(server: Server) -> float:
    """Seconds from sending a report until the live page shows it."""
    mark = "zebra" + "".join(random.choices(string.ascii_lowercase, k=8))  # digits would be masked as a number
    body = report(random.randrange(10**6), mark)
    started = time.perf_counter()
    ask = urllib.request.Request(
        f"{server.url}/api/v1/reports", data=body, headers={"Content-Type": "application/json"}
    )
    urllib.request.urlopen(ask).read()
    while mark.encode() not in server.get("/?period=1h"):
        if time.perf_counter() - started > 30:
            return 30.0
        time.sleep(0.05)
    return time.perf_counter() - started


def main() -> None:
    """Fill, ask, serve, look."""
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        apart("fill", data)
        delays = apart("ask", data)["delays"]
        with Server(data) as server:
            assert server.process
            with Peak(server.process.pid) as peak:
                weight = page_bytes(server) / 1024
                visible = max(until_visible(server) for _ in range(10))
    table("Live page", ["page", "p50 ms", "p95 ms", "worst ms"], [[name, *three] for name, three in delays.items()])
    bars(
        [
            ("slowest_query_p95_ms", max(p95 for _, p95, _ in delays.values()), 100, False),
            ("page_kilobytes_compressed", weight, 60, False),
            ("seconds_until_visible_worst_of_10", visible, 2, False),
            ("resident_mb", peak.mb, 1200, False),
        ]
    )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps({"fill": fill, "ask": ask}[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main()
