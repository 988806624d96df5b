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
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import text

from bench.common import Peak, bars, table
from bench.server import Server, report
from counterspam import config
from counterspam.measure import periods, questions
from counterspam.measure.scope import Scope
from counterspam.store import rows
from counterspam.store.events import Events
from counterspam.store.records import Records
from counterspam.web import board, titles

EVENTS = int(os.environ.get("BENCH_EVENTS", "10000000"))
BLOCK = 200_000
CAMPAIGNS = 200_000
ROUNDS = 20


def block(number: int, count: int, now_ms: int) -> pa.Table:
    """Rows as the path writes them, spread over the last 30 days, with realistic numbers of distinct values."""
    dice = np.random.default_rng(number)
    day = 86_400_000
    received = now_ms - (dice.beta(1, 2, count) * 30 * day).astype(np.int64)
    channel = dice.choice(["email", "sms", "voice", "im", "social"], count, p=[0.5, 0.3, 0.1, 0.05, 0.05])
    by_number = np.isin(channel, ["sms", "voice"])
    asn = np.where(by_number, 0, dice.zipf(1.5, count).clip(1, 3000)).astype(np.uint32)
    operator = np.where(by_number, dice.zipf(1.5, count).clip(1, 500), 0)
    countries = np.array(["US", "CN", "RU", "BR", "IN", "FR", "NG", "VN", "DE", ""])
    reported = dice.random(count) < 0.4
    values: dict[str, object] = {
        "id": _ids(received, dice),
        "received_at": received,
        "observed_at": received,
        "channel": channel,
        "source": np.where(
            reported, "user-report", dice.choice(["trap", "filter", "call-record"], count, p=[0.5, 0.3, 0.2])
        ),
        "reporter": np.where(reported, dice.integers(0, 200_000, count).astype(str), ""),
        "country": countries[(asn + operator) * 7 % len(countries)],  # a network or operator is in one country
        "asn": asn,
        "network": np.where(asn > 0, np.char.add("Network ", asn.astype(str)), ""),
        "operator": np.where(by_number, np.char.add("Operator ", operator.astype(str)), ""),
        "transit": _transit(dice, count),
        "recipient_country": dice.choice(["FR", "SN", "GB"], count),
        "content_type": dice.choice(["parcel", "bank", "loan", "job-offer", "ham", "unknown"], count),
        "count": np.ones(count, np.uint32),
        "campaign": (campaign := dice.zipf(1.3, count).clip(1, CAMPAIGNS).astype(np.uint64)),
        "seen_before": _seen_before(campaign, number),
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


def _transit(dice: Any, count: int) -> pa.Array:
    """One message in ten names one or two countries that it passed."""
    passed = dice.choice([0, 1, 2], count, p=[0.9, 0.06, 0.04])
    offsets = np.concatenate([[0], np.cumsum(passed)]).astype(np.int32)
    names = dice.choice(["NL", "FR", "DE", "GB", "SG", ""], offsets[-1])
    return pa.ListArray.from_arrays(offsets, _column(names, rows.SCHEMA.field("transit").type.value_type))


def _seen_before(campaign: Any, number: int) -> Any:
    """Messages of the same campaign before each: those of earlier blocks, as if they were like this one."""
    order = np.argsort(campaign, kind="stable")
    _, starts, sizes = np.unique(campaign[order], return_index=True, return_counts=True)
    found = np.empty(len(campaign), np.uint32)
    found[order] = np.arange(len(campaign)) - np.repeat(starts, sizes) + number * np.repeat(sizes, sizes)
    return found


def _column(value: object, kind: pa.DataType) -> pa.Array:
    if isinstance(value, pa.Array):
        return value
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
    name_campaigns(data)


def name_campaigns(data: Path) -> None:
    """Write a title for each campaign."""
    records = Records.open(config.load(data=data))
    records.migrate()
    named = [{"id": id, "title": f"your parcel is on hold {id}"} for id in range(1, CAMPAIGNS + 1)]
    with records.begin() as conn:
        conn.execute(text("INSERT INTO campaigns VALUES (:id, :title, '', 'sms', 1, 1, 1, 1, NULL)"), named)
    records.close()


def ask(data: Path) -> None:
    """The queries of the live page, for each period, as the page asks them; prints name, p50, p95 in ms as JSON."""
    store, records = Events.open(config.load(data=data)), Records.open(config.load(data=data))
    look_up = titles.reader(records)
    delays: dict[str, list[float]] = {}

    def query(sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
        started = time.perf_counter()
        rows = store.query(sql, parameters)
        question = sql.split("Question: ")[1].splitlines()[0]
        delays.setdefault(question, []).append((time.perf_counter() - started) * 1000)
        return rows

    def named(ids: Sequence[int]) -> Mapping[int, str]:
        started = time.perf_counter()
        found = look_up(ids)
        delays.setdefault("What are these campaigns called?", []).append((time.perf_counter() - started) * 1000)
        return found

    first = time.time() - 30 * 86_400
    for _ in range(ROUNDS):
        for name in ("1h", "24h", "7d", "30d"):
            scope = Scope(periods.period(name, int(time.time()), int(first)))
            board.board(query, named, scope, int(first), questions.reporters(query, scope))
            questions.newest_evidence(query, scope)
    store.close()
    records.close()
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
