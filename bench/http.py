"""Reports over HTTP, one per request, answered only when they are on disk."""

import asyncio
import tempfile
import time
from pathlib import Path

from bench.common import Peak, bars, table
from bench.server import Server, post, report

REPORTS = 20_000
CONNECTIONS = 48


async def drive(port: int, numbers: "asyncio.Queue[int]", delays: list[float]) -> int:
    """One connection until there is nothing left; how many were accepted."""
    accepted = 0
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while not numbers.empty():
        number = numbers.get_nowait()
        started = time.perf_counter()
        status = await post(reader, writer, port, report(number))
        if status == 503:
            numbers.put_nowait(number)
            await asyncio.sleep(0.2)
            continue
        delays.append(time.perf_counter() - started)
        accepted += status == 202
    writer.close()
    return accepted


async def load(port: int) -> tuple[int, float, list[float]]:
    """All reports over many connections."""
    numbers: asyncio.Queue[int] = asyncio.Queue()
    for number in range(REPORTS):
        numbers.put_nowait(number)
    delays: list[float] = []
    started = time.perf_counter()
    accepted = sum(await asyncio.gather(*(drive(port, numbers, delays) for _ in range(CONNECTIONS))))
    return accepted, time.perf_counter() - started, sorted(delays)


def main() -> None:
    """Accept, then wait until all is stored and compare."""
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder, Server(Path(folder) / "data") as server:
        assert server.process
        with Peak(server.process.pid) as peak:
            accepted, seconds, delays = asyncio.run(load(server.port))
            started = time.perf_counter()
            stored = 0
            while stored < accepted and time.perf_counter() - started < 300:
                stored = sum(int(row["accepted"]) for row in server.json("/api/v1/intake")["rows"])
                time.sleep(0.5)
        table(
            "HTTP reports",
            ["sent", "accepted", "stored", "s", "per s", "p50 ms", "p99 ms", "s until stored", "MB"],
            [
                [
                    REPORTS,
                    accepted,
                    stored,
                    seconds,
                    accepted / seconds,
                    delays[len(delays) // 2] * 1000,
                    delays[int(len(delays) * 0.99)] * 1000,
                    seconds + time.perf_counter() - started,
                    peak.mb,
                ]
            ],
        )
        bars(
            [
                ("http_reports_per_second", accepted / seconds, 1000, True),
                ("http_accepted_but_not_stored", accepted - stored, 0, False),
                ("resident_mb", peak.mb, 1200, False),
            ]
        )


if __name__ == "__main__":
    main()
