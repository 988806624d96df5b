"""The live page on ten million events: its queries, its weight, and how soon new evidence shows."""

import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench.common import Peak, bars, table
from bench.server import Server, report
from counterspam import config
from counterspam.measure import periods, questions
from counterspam.store import rows
from counterspam.store.events import Events
from counterspam.web import board

EVENTS = int(os.environ.get("BENCH_EVENTS", "10000000"))
BLOCK = 200_000
ROUNDS = 20


def block(number: int, count: int, now_ms: int) -> pa.Table:
    """Rows as the path writes them, spread over the last 30 days, with realistic numbers of distinct values."""
    dice = np.random.default_rng(number)
    day = 86_400_000
    received = now_ms - (dice.beta(1, 2, count) * 30 * day).astype(np.int64)
    values: dict[str, object] = {
        "id": _ids(received, dice),
        "received_at": received,
        "observed_at": received,
        "channel": dice.choice(["email", "sms", "voice", "im", "social"], count, p=[0.5, 0.3, 0.1, 0.05, 0.05]),
        "source": dice.choice(["user-report", "trap", "filter", "call-record"], count, p=[0.4, 0.3, 0.2, 0.1]),
        "country": dice.choice(["US", "CN", "RU", "BR", "IN", "FR", "NG", "VN", "DE", ""], count),
        "network": np.char.add("Network ", dice.zipf(1.5, count).clip(1, 3000).astype(str)),
        "recipient_country": dice.choice(["FR", "SN", "GB"], count),
        "content_type": dice.choice(["parcel", "bank", "loan", "job-offer", "ham", "unknown"], count),
        "count": np.ones(count, np.uint32),
        "campaign": dice.zipf(1.3, count).clip(1, 200_000).astype(np.uint64),
        "spam": dice.integers(0, 2, count).astype(np.uint8),
        "probability": dice.random(count).astype(np.float32),
        "sender": np.char.add("+4477009", dice.integers(0, 99_999, count).astype(str)),
        "excerpt": np.char.add("your parcel is on hold ", dice.integers(0, 9999, count).astype(str)),
    }
    columns = []
    for field in rows.SCHEMA:
        if field.name in values:
            columns.append(_column(values[field.name], field.type))
        else:
            columns.append(_blank(field.type, count))
    return pa.Table.from_arrays(columns, schema=rows.SCHEMA)


def _ids(received: Any, dice: np.random.Generator) -> list[str]:
    """UUIDv7 by time of receipt, as the path makes them."""
    tails = dice.integers(0, 2**62, len(received))
    return [
        str(uuid.UUID(int=int(at) << 80 | 7 << 76 | 2 << 62 | int(tail)))
        for at, tail in zip(received, tails, strict=True)
    ]


def _column(value: object, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(value, pa.int64()).cast(kind)
    if pa.types.is_dictionary(kind):
        return pa.array(np.asarray(value).astype(object), pa.string()).dictionary_encode().cast(kind)
    return pa.array(np.asarray(value).astype(object) if pa.types.is_string(kind) else value, kind)


def _blank(kind: pa.DataType, count: int) -> pa.Array:
    if pa.types.is_list(kind):
        return pa.array([[]] * count, kind)
    if pa.types.is_dictionary(kind):
        return pa.array([""] * count, pa.string()).dictionary_encode().cast(kind)
    return pa.array(["" if pa.types.is_string(kind) else 0] * count, kind)


def fill(data: Path) -> None:
    """Write the events."""
    store = Events.open(config.load(data=data))
    store.migrate()
    started, now_ms = time.perf_counter(), time.time_ns() // 1_000_000
    for number in range(EVENTS // BLOCK):
        store.insert(block(number, BLOCK, now_ms), f"bench-{number}")
    print(f"{EVENTS:,} events written in {time.perf_counter() - started:.0f} s", flush=True)
    store.close()


def ask(data: Path) -> None:
    """The queries of the live page, for each period, as the page asks them; prints name, p50, p95 in ms as JSON."""
    store = Events.open(config.load(data=data))
    delays: dict[str, list[float]] = {}

    def query(sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        started = time.perf_counter()
        rows = store.query(sql, parameters)
        question = sql.split("Question: ")[1].splitlines()[0]
        delays.setdefault(question, []).append((time.perf_counter() - started) * 1000)
        return rows

    first = time.time() - 30 * 86_400
    for _ in range(ROUNDS):
        for name in ("1h", "24h", "7d", "30d"):
            scope = questions.Scope(periods.period(name, int(time.time()), int(first)))
            board.board(query, scope, int(first), 0)
            questions.newest_evidence(query, scope)
    store.close()
    result = {name: (sorted(v)[len(v) // 2], sorted(v)[int(len(v) * 0.95)]) for name, v in delays.items()}
    print(json.dumps(result))


def apart(function: str, data: Path) -> str:
    """Run a function of this file in a process of its own, for one process at a time has the engine."""
    command = [sys.executable, "-m", "bench.live", function, str(data)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


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
    mark = f"zebra{random.randrange(10**8)}"
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
        print(apart("fill", data), end="", flush=True)
        delays = json.loads(apart("ask", data))
        with Server(data) as server:
            assert server.process
            with Peak(server.process.pid) as peak:
                weight = page_bytes(server) / 1024
                visible = max(until_visible(server) for _ in range(10))
    table("Live page", ["question", "p50 ms", "p95 ms"], [[name, *pair] for name, pair in delays.items()])
    bars(
        [
            ("slowest_query_p95_ms", max(p95 for _, p95 in delays.values()), 100, False),
            ("page_kilobytes_compressed", weight, 60, False),
            ("seconds_until_visible_worst_of_10", visible, 2, False),
            ("resident_mb", peak.mb, 1200, False),
        ]
    )


if __name__ == "__main__":
    if len(sys.argv) == 3:
        {"fill": fill, "ask": ask}[sys.argv[1]](Path(sys.argv[2]))
    else:
        main()
