"""The live page on ten million events: its queries, its weight, and how soon new evidence shows."""

import gzip
import os
import random
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import numpy as np
import pyarrow as pa
from counterspam.store.events import Events

from bench.common import Peak, bars, table
from bench.server import Server, report
from counterspam import config
from counterspam.store import rows

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000
BLOCK = 200_000
ROUNDS = 40


def block(number: int, count: int, now_ms: int) -> pa.Table:
    """Rows as the path writes them, spread over the last 30 days, with realistic numbers of distinct values."""
    dice = np.random.default_rng(number)
    day = 86_400_000
    received = now_ms - (dice.beta(1, 2, count) * 30 * day).astype(np.int64)
    values: dict[str, object] = {
        "id": [dice.bytes(16) for _ in range(count)],
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


def _column(value: object, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(kind):
        return pa.array(value, pa.int64()).cast(kind)
    if pa.types.is_dictionary(kind):
        return pa.array(np.asarray(value).astype(object), pa.string()).dictionary_encode().cast(kind)
    if pa.types.is_string(kind) and isinstance(value, list):
        return pa.array([v.hex() for v in value], kind)
    return pa.array(np.asarray(value).astype(object) if pa.types.is_string(kind) else value, kind)


def _blank(kind: pa.DataType, count: int) -> pa.Array:
    if pa.types.is_list(kind):
        return pa.array([[]] * count, kind)
    if pa.types.is_dictionary(kind):
        return pa.array([""] * count, pa.string()).dictionary_encode().cast(kind)
    return pa.array(["" if pa.types.is_string(kind) else 0] * count, kind)


def fill(data: Path) -> float:
    """Write the events; seconds."""
    store = Events.open(config.load(data=data))
    store.migrate()
    started, now_ms = time.perf_counter(), time.time_ns() // 1_000_000
    for number in range(EVENTS // BLOCK):
        store.insert(block(number, BLOCK, now_ms), f"bench-{number}")
    store.close()
    return time.perf_counter() - started


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
    """Fill, serve, ask."""
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        pid = os.fork()  # the engine is opened by the child only, and gone before the server starts
        if not pid:
            print(f"{EVENTS:,} events written in {fill(data):.0f} s", flush=True)
            os._exit(0)
        os.waitpid(pid, 0)
        with Server(data) as server:
            assert server.process
            with Peak(server.process.pid) as peak:
                delays: dict[str, list[float]] = {}
                for _ in range(ROUNDS):
                    for name, ms in server.json("/api/v1/status?probe=live")["queries"].items():  # type: ignore[attr-defined]
                        delays.setdefault(name, []).append(ms)
                weight = page_bytes(server) / 1024
                visible = max(until_visible(server) for _ in range(10))
    worst = {name: sorted(values)[int(len(values) * 0.95)] for name, values in delays.items()}
    table(
        "Live page",
        ["query", "p50 ms", "p95 ms"],
        [[name, sorted(v)[len(v) // 2], worst[name]] for name, v in delays.items()],
    )
    bars(
        [
            ("slowest_query_p95_ms", max(worst.values()), 100, False),
            ("page_kilobytes_compressed", weight, 60, False),
            ("seconds_until_visible_worst_of_10", visible, 2, False),
            ("resident_mb", peak.mb, 1200, False),
        ]
    )


if __name__ == "__main__":
    main()
