"""What judging under national definitions costs: processor time for a piece of evidence, beside the rest of its path.

Processor time, not time on the clock, so that a busy machine gives the same answer. What the stores cost is not counted beside
it, so the share that this prints is an upper bound.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from bench.common import bars, members, shared, table
from bench.path import SMS, dmarc, pieces
from counterspam import config, pipeline
from counterspam.defining import merged, with_answers
from counterspam.detect import manners
from counterspam.lately import WINDOWS
from counterspam.model import Finding, Raw
from counterspam.node import new_id, now
from counterspam.policy.definitions.judge import Judge
from counterspam.store import rows
from counterspam.tools import Tools

BATCH = 2_000
MOST = 20_000  # records of a load
ROUNDS = 5


def _run(load: Iterable[bytes], tools: Tools, judge: Judge) -> tuple[int, float, float]:
    """Records, and seconds of processor time: of the path from bytes to the table, and of manners and definitions."""
    raws = [Raw(id=new_id(), data=data, received_at=now(), intake="bench") for data in load]
    count, path, judging = 0, 0.0, 0.0
    found = (one for _, _, one in pipeline.process(raws, tools) if isinstance(one, Finding))
    while count < MOST:
        started = time.process_time()
        findings = list(islice(found, BATCH))
        if not findings:
            break
        made = rows.table(findings, "bench")
        path += time.process_time() - started
        made = _grouped(made, count)
        started = time.process_time()
        for one in findings:
            if one.evidence.text or one.evidence.subject:
                manners.traits(one.evidence, one.facts)
        with_answers(made, judge)
        judging += time.process_time() - started
        count += len(findings)
    return count, path - judging_in(tools), judging


def judging_in(tools: Tools) -> float:
    """What reading manners took as a step of the path, which is counted apart."""
    return tools.seconds.pop("manners", 0.0)


def _grouped(made: pa.Table, count: int) -> pa.Table:
    """As after campaigns were assigned: how often each was seen differs from row to row, which is the hardest case."""
    seen = pa.array(np.arange(count, count + len(made), dtype=np.uint32))
    for name in WINDOWS:
        made = made.set_column(made.column_names.index(name), name, seen)
    return made


def main() -> None:
    """Each load several times; the middle of the shares counts, as both parts of a share are measured in the same seconds."""
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
            data = list(loads[name]())
            runs = sorted((_run(data, tools, judge) for _ in range(ROUNDS)), key=lambda run: run[2] / run[1])
            count, path, judging = runs[ROUNDS // 2]
            measured[name] = 100 * judging / path
            shown.append([name, count, 1e6 * path / count, 1e6 * judging / count, measured[name]])
    heads = ["load", "records", "µs each without", "µs each more", "% more"]
    table(f"Judging under {len(judge.compiled)} definitions", heads, shown)
    bars([(f"definitions_{name}_percent", value, 5, False) for name, value in measured.items()])


if __name__ == "__main__":
    main()
