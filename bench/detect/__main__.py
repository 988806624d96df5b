"""`make bench-detect`: every part, or those named (`PARTS="mail sms" make bench-detect`); writes docs/detection.md.

A part keeps its results in docs/detection.json, so that parts can be measured on different days.
"""

import os
import sys
import time

from bench.common import bars, table
from bench.detect import mail, social, speed, transfer
from bench.detect.report import Bar, Row, keep

PARTS = {
    "mail": mail.measure,
    "phishing": mail.phishing,
    "sms": social.sms,
    "social": social.social,
    "transfer": transfer.measure,
    "hostile": social.hostile,
    "speed": speed.measure,
}


def main() -> None:
    """Measure, print, write; exit 1 when a bar is short."""
    wanted = os.environ.get("PARTS", "").split() or list(PARTS)
    if unknown := set(wanted) - PARTS.keys():
        sys.exit(f"no part {' '.join(sorted(unknown))}; there are {' '.join(PARTS)}")
    found: list[Bar] = []
    for name in wanted:
        started = time.perf_counter()
        rows, asked, note = PARTS[name]()
        keep(name, rows, asked, note)
        show(f"{name} ({time.perf_counter() - started:.0f} s)", rows)
        found += asked
    bars([(one.name, one.value, one.bar, one.more) for one in found])


def show(title: str, rows: list[Row]) -> None:
    """Print the rows of a part."""
    columns = ["set", "protocol", "filter", "(1-ROCAC)%", "LAM%", "MCC", "lost", "missed"]
    cells = [[r.set, r.protocol, r.filter, *(_cell(v) for v in (r.roca, r.lam, r.mcc, r.lost, r.missed))] for r in rows]
    table(title, columns, cells)


def _cell(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
