"""What judging under national definitions costs: processor time for a piece of evidence, beside the rest of its path.

Processor time, not time on the clock, so that a busy machine gives the same answer. What the stores cost is not counted beside
it, so the share that this prints is an upper bound.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from bench.common import bars, members, shared, table
from bench.path import SMS, dmarc, pieces
from counterspam import config, pipeline
from counterspam.defining import merged, with_answers
from counterspam.detect import manners
from counterspam.model import Evidence, Facts, Finding, Raw
from counterspam.node import new_id, now
from counterspam.policy.definitions.judge import Judge
from counterspam.store import rows

BATCH = 2_000
MOST = 20_000  # records of a load


def _none(evidence: Evidence, facts: Facts) -> str:
    return ""


def _run(load: Iterable[bytes], tools: Any, finish: Callable[[pa.Table], object]) -> tuple[int, float]:
    """Records, and seconds of processor time from bytes to the table that would be stored."""
    raws = [Raw(id=new_id(), data=data, received_at=now(), intake="bench") for data in load]
    findings: list[Finding] = []
    count, started = 0, time.process_time()
    for _, _, found in pipeline.process(raws, tools):
        if isinstance(found, Finding):
            findings.append(found)
        if len(findings) == BATCH:
            count += len(findings)
            finish(_grouped(rows.table(findings, "bench"), count))
            findings = []
        if count >= MOST:
            break
    if findings:
        count += len(findings)
        finish(_grouped(rows.table(findings, "bench"), count))
    return count, time.process_time() - started


def _grouped(made: pa.Table, count: int) -> pa.Table:
    """As after campaigns were assigned: how often each was seen differs from row to row, which is the hardest case."""
    seen = pa.array(np.arange(count, count + len(made), dtype=np.uint32))
    for name in ("seen_24h", "seen_30d", "seen_365d"):
        made = made.set_column(made.column_names.index(name), name, seen)
    return made


def main() -> None:
    """Each load without and with manners and definitions, several times in turn; the least of each counts."""
    corpora = shared()
    loads: dict[str, Callable[[], Iterable[bytes]]] = {
        "mail": lambda: members(corpora / "spamassassin/spamassassin.tar.zst"),
        "sms": lambda: (piece for name in SMS for piece in pieces(corpora / name / "messages.jsonl.zst")),
        "dmarc": lambda: (dmarc(10_000, seed) for seed in range(2)),
    }
    judge, shown, measured = Judge(merged(())), [], {}
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
        tools = pipeline.open_tools(config.load(data=Path(folder)))
        for name in sys.argv[1:] or list(loads):
            data, times = list(loads[name]()), {False: [0.0] * 0, True: [0.0] * 0}
            count = 0
            for number in range(6):
                judged = number % 2 == 1
                real, manners.traits = manners.traits, manners.traits if judged else _none
                count, seconds = _run(data, tools, (lambda made: with_answers(made, judge)) if judged else len)
                manners.traits = real
                times[judged].append(seconds / count * 1e6)
            without, with_all = min(times[False]), min(times[True])
            measured[name] = 100 * (with_all / without - 1)
            shown.append([name, count, without, with_all, measured[name]])
    heads = ["load", "records", "µs each without", "µs each with", "% more"]
    table(f"Judging under {len(judge.compiled)} definitions", heads, shown)
    bars([(f"definitions_{name}_percent", value, 5, False) for name, value in measured.items()])


if __name__ == "__main__":
    main()
