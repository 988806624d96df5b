"""The whole path: raw bytes to stored verdict, campaign and origin, per channel; DMARC beside parsedmarc."""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.common import Peak, bars, drain, members, node, resident_mb, shared, table
from counterspam.collect import directory
from counterspam.config import MB
from counterspam.errors import SpoolFull
from counterspam.model import Raw
from counterspam.node import Node, new_id

RECORDS = 10_000  # in one DMARC report
CALLS = 1_000_000
SMS = ("sms_uci", "sms_super_legacy", "sms_turkish")


def dmarc(records: int, seed: int = 0) -> bytes:
    """An aggregate report of that many records, invented."""
    dice = random.Random(seed)
    rows = []
    for _ in range(records):
        ip = ".".join(str(dice.randrange(1, 224)) for _ in range(4))
        dkim, spf = dice.choice(("pass", "fail")), dice.choice(("pass", "fail"))
        rows.append(
            f"<record><row><source_ip>{ip}</source_ip><count>{dice.randrange(1, 90)}</count><policy_evaluated>"
            f"<disposition>none</disposition><dkim>{dkim}</dkim><spf>{spf}</spf></policy_evaluated></row><identifiers><header_from>example.com"
            f"</header_from></identifiers><auth_results><dkim><domain>example.com</domain><result>{dkim}</result></dkim><spf><domain>"
            f"example.com</domain><result>{spf}</result></spf></auth_results></record>\n"
        )
    return (
        '<?xml version="1.0"?><feedback><version>1.0</version><report_metadata><org_name>receiver.example</org_name><email>'
        f"dmarc@receiver.example</email><report_id>bench-{seed}</report_id><date_range><begin>1760000000</begin><end>1760086400"
        "</end></date_range></report_metadata><policy_published><domain>example.com</domain><adkim>r</adkim><aspf>r</aspf><p>none"
        f"</p><sp>none</sp><pct>100</pct></policy_published>{''.join(rows)}</feedback>"
    ).encode()


def pieces(path: Path) -> Iterator[bytes]:
    """A table as the command line cuts it."""
    options = directory.Options(intake="", now=lambda: 0, new_id=new_id)
    return (raw.data for raw in directory.read([path], options) if isinstance(raw, Raw))


def calls(count: int, pieces: int, seed: int = 0) -> Iterator[bytes]:
    """Call records of a day in `pieces` tables: ordinary subscribers and some that ring many numbers briefly."""
    dice = random.Random(seed)
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for _ in range(pieces):
        rows = ["caller,called,start,duration,answered,trunk"]
        for _ in range(count // pieces):
            loud = dice.random() < 0.1
            caller = f"+88210000{dice.randrange(40):04d}" if loud else f"+4477009{dice.randrange(100_000):05d}"
            at = (start + timedelta(seconds=dice.randrange(86_400))).strftime("%Y-%m-%dT%H:%M:%SZ")
            seconds = 0 if loud else dice.randrange(600)
            rows.append(
                f"{caller},+4420794{dice.randrange(100_000):05d},{at},{seconds},{int(seconds > 0)},trunk-{dice.randrange(9)}"
            )
        yield ("\n".join(rows) + "\n").encode()


def groups(load: Iterator[bytes]) -> Iterator[list[bytes]]:
    """What one submission carries: at most 100 items, and no more once they come to 4 MB."""
    some: list[bytes] = []
    for data in load:
        some.append(data)
        if len(some) >= 100 or sum(map(len, some)) >= 4 * MB:
            yield some
            some = []
    if some:
        yield some


def run(running: Node, name: str, load: Iterator[bytes], file: str) -> tuple[float, dict[str, int]]:
    """Seconds from the first submission until all is stored, and the counts."""
    started = time.perf_counter()
    for some in groups(load):
        raws = [running.new_raw(data, intake=name, name=file) for data in some]
        while True:
            try:
                running.submit(raws).result()
                break
            except SpoolFull:
                time.sleep(0.05)
    drain(running, name)
    seconds = time.perf_counter() - started
    rows = running.settled(name)
    return seconds, {key: sum(row[key] for row in rows) for key in ("read", "accepted", "duplicate", "rejected")}


def _kept(path: Path, data: bytes) -> Path:
    """Made beforehand and kept on disk, so that neither time nor memory of making it is measured."""
    path.write_bytes(data)
    return path


def parsedmarc_rate(report: bytes, records: int) -> float:
    """Records per second of the peer on the same report, without network."""
    from parsedmarc import parse_report_file

    with tempfile.NamedTemporaryFile(suffix=".xml") as file:
        Path(file.name).write_bytes(report)
        started = time.perf_counter()
        parse_report_file(file.name, offline=True)
        return records / (time.perf_counter() - started)


def main() -> None:
    """Each channel in turn on one node, memory watched throughout."""
    corpora = shared()
    rows: list[list[object]] = []
    rates: dict[str, float] = {}
    loads: dict[str, tuple[str, Callable[[], Iterable[bytes]]]] = {
        "mail": ("", lambda: members(corpora / "spamassassin/spamassassin.tar.zst")),
        "sms": ("", lambda: (piece for name in SMS for piece in pieces(corpora / name / "messages.jsonl.zst"))),
        "calls": ("calls.csv", lambda: calls(CALLS, 20)),
        "dmarc": ("", lambda: (dmarc(RECORDS, seed) for seed in range(10))),
        "dmarc-5x": ("", lambda: (dmarc(RECORDS, seed) for seed in range(10, 60))),
    }
    wanted = sys.argv[1:] or list(loads)
    with node() as running, Peak() as peak:
        for name in wanted:
            file, load = loads[name]
            with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
                made = [_kept(Path(folder) / str(number), data) for number, data in enumerate(load())]
                seconds, counts = run(running, name, (path.read_bytes() for path in made), file)
            rates[name] = counts["read"] / seconds
            rows.append([name, *counts.values(), seconds, rates[name], resident_mb()])
        problems = running.reconcile()
    table("The path", ["load", "read", "accepted", "duplicate", "rejected", "s", "per s", "MB"], rows)
    if "dmarc" in rates:
        peer = parsedmarc_rate(dmarc(10_000), 10_000)
        print(f"parsedmarc, the same kind of report, offline: {peer:,.0f} records/s; ratio {rates['dmarc'] / peer:.1f}")
    if problems:
        sys.exit("\n".join(problems))
    bars(
        [
            (f"{name.replace('-', '_')}_per_second", rates[name], bar, True)
            for name, bar in (("mail", 800), ("sms", 5000), ("dmarc", 20_000), ("dmarc-5x", 20_000), ("calls", 100_000))
            if name in rates
        ]
        + [("resident_mb", peak.mb, 1200, False)]
    )


if __name__ == "__main__":
    main()
