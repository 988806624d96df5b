"""A node that kills itself right after a step of settling, or finishes what a killed one left. Run by test_node.py."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from counterspam import config, settle
from counterspam.node import Node
from counterspam.store.events import Events

STEPS: dict[str, tuple[Any, str]] = {
    "plan": (settle.Stores, "plan"),
    "claim": (settle.seen, "claim"),
    "assign": (settle.campaigns, "assign"),
    "insert": (Events, "insert"),
    "advance": (settle.progress, "advance"),
}


def deadly(step: Callable[..., Any]) -> Callable[..., Any]:
    """The same step, and then nothing more."""

    def run(*arguments: Any) -> Any:
        step(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    return run


def main(folder: str, mode: str) -> None:
    """Submit thirty reports of one campaign and die, or work them off and print what is stored."""
    if mode in STEPS:
        owner, name = STEPS[mode]
        setattr(owner, name, deadly(getattr(owner, name)))
    node = Node.open(config.load(data=Path(folder), workers=1, batch_seconds=0.05))
    node.start()
    if mode != "finish":
        own = {"counterspam": "1", "channel": "sms", "sender": "+447700900123"}
        lines = [{**own, "text": f"Free prize {n}, call now please", "reporter": f"r{n}"} for n in range(30)]
        node.submit([node.new_raw(json.dumps(line).encode(), intake="test") for line in lines]).result()
        time.sleep(60)
    while node.pending("test"):
        time.sleep(0.02)
    sums = node.events.query("SELECT count() AS events, sum(count) AS messages FROM events")[0]
    most = node.events.query("SELECT sum(reports) AS n FROM campaigns_hours GROUP BY campaign ORDER BY n DESC LIMIT 1")
    rows = node.settled("test")
    found = {**sums, "accepted": sum(r["accepted"] for r in rows), "duplicate": sum(r["duplicate"] for r in rows)}
    print(json.dumps({**found, "campaign": most[0]["n"], "differences": node.reconcile()}))
    node.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
