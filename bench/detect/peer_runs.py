"""The peers through the protocols; a file of scores per run, so that a run that was broken off goes on.

Use: `python -m bench.detect.peer_runs [--only NAME] [--out FOLDER]`, NAME a peer or the start of its name.
SpamAssassin scores 3 messages and learns 11 per second of a processor: online runs take 45 minutes, the tenfold run two hours.
"""

import argparse
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import orjson

from bench.common import ROOT, table
from bench.detect import bogofilter, protocols, rspamd, sets, spamassassin
from bench.detect.peers import Peer, Start
from bench.detect.sets import Item
from counterspam.detect import figures

RESULTS = ROOT / "bench" / "results"
# SpamAssassin and rspamd let Bayes speak only after 200 spam and 200 ham; the variants let it speak from the first.
FROM_ONE = ", Bayes from 1"
PEERS: dict[str, Start] = {
    "bogofilter": bogofilter.start,
    "rspamd": rspamd.start,
    f"rspamd{FROM_ONE}": lambda: rspamd.start(least=1),
    "SpamAssassin": spamassassin.start,
    f"SpamAssassin{FROM_ONE}": lambda: spamassassin.start(least=1),
}
# Set, protocol, and the set learned before.
RUNS = (
    ("foff_milter", "online", ""),
    ("SpamAssassin", "online", ""),
    ("foff_milter", "online", "SpamAssassin"),
    ("SpamAssassin", "tenfold", ""),
)


@dataclass(slots=True)
class Spent:
    """Messages, seconds on the clock, and seconds of the processors."""

    messages: int = 0
    seconds: float = 0.0
    processor: float = 0.0


class Timed:
    """A peer as the protocols see it: counts what it takes, and hands messages learned in a row over at once."""

    def __init__(self, peer: Peer, scoring: Spent, learning: Spent) -> None:
        self._peer, self._scoring, self._learning = peer, scoring, learning
        self._waiting = list[Item]()

    def score(self, item: Item) -> float:
        """The score, after all that waits was learned."""
        if self._waiting:
            with self._counted(self._learning, len(self._waiting)):
                self._catch_up()
        with self._counted(self._scoring, 1):
            return self._peer.score(item)

    def learn(self, item: Item, spam: bool) -> None:
        """Learned before the next score. Raises ValueError where the label is not that of the item."""
        if bool(spam) != item.spam:
            raise ValueError("the peers are measured with true labels only")
        self._waiting.append(item)

    def _catch_up(self) -> None:
        if len(self._waiting) == 1:
            self._peer.learn(self._waiting[0], self._waiting[0].spam)
        else:
            self._peer.learn_all(self._waiting)
        self._waiting.clear()

    @contextmanager
    def _counted(self, spent: Spent, messages: int) -> Iterator[None]:
        seconds, processor = time.perf_counter(), self._peer.processor_seconds()
        yield
        spent.seconds += time.perf_counter() - seconds
        spent.processor += self._peer.processor_seconds() - processor
        spent.messages += messages


class Run:
    """One peer through one protocol; opens as many instances of it as the protocol asks for, one after the other."""

    def __init__(self, start: Start) -> None:
        self._start, self._open = start, ExitStack()
        self.scoring, self.learning = Spent(), Spent()
        self.program, self.thresholds, self.memory = "", list[float](), 0.0

    def make(self) -> Timed:
        """A new instance; the one before ends."""
        self.end()
        peer = self._open.enter_context(self._start())
        self.program, self.thresholds = peer.program, list(peer.thresholds)
        self._open.callback(self._remember, peer)
        return Timed(peer, self.scoring, self.learning)

    def _remember(self, peer: Peer) -> None:
        self.memory = max(self.memory, peer.memory_mb())

    def end(self) -> None:
        """End the last instance."""
        self._open.close()

    def result(self) -> dict[str, object]:
        """What was counted on the way."""
        return {
            "program": self.program,
            "thresholds": self.thresholds,
            "memory_mb": round(self.memory, 1),
            "scoring": asdict(self.scoring),
            "learning": asdict(self.learning),
        }


def measure(items: Sequence[Item], protocol: str, before: Sequence[Item], start: Start) -> dict[str, object]:
    """Scores of the items, and what the run took."""
    run = Run(start)

    def make() -> Timed:
        filter = run.make()
        for item in before:
            filter.learn(item, item.spam)
        return filter

    try:
        way = protocols.online if protocol == "online" else protocols.tenfold
        scores = way(items, make)
    finally:
        run.end()
    kept = {"ids": [i.id for i in items], "spam": [i.spam for i in items], "scores": scores.tolist()}
    return {**run.result(), **kept}


def name(peer: str, of: str, protocol: str, before: str) -> str:
    """Of the file of a run."""
    words = f"{peer} {protocol} {of}" + (f" after {before}" if before else "")
    return "".join(c if c.isalnum() else "-" for c in words.lower()).replace("--", "-") + ".json"


def main() -> None:
    """Run what is not there yet, then print the figures of all runs."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="")
    options.add_argument("--out", type=Path, default=RESULTS)
    chosen = options.parse_args()
    # So that the servers end with us.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    chosen.out.mkdir(parents=True, exist_ok=True)
    loaded: dict[str, list[Item]] = {"": []}
    for peer, start in PEERS.items():
        for of, protocol, before in RUNS:
            path = chosen.out / name(peer, of, protocol, before)
            if (
                path.exists()
                or not peer.startswith(chosen.only)
                or (peer.endswith(FROM_ONE) and (before or protocol != "online"))
            ):
                continue
            for needed in (of, before):
                if needed not in loaded:
                    loaded[needed] = sets.load(needed)
            found = measure(loaded[of], protocol, loaded[before], start)
            head = {"peer": peer, "set": of, "protocol": protocol, "after": before}
            path.write_bytes(orjson.dumps({**head, **found}))
            print(path.name, flush=True)
    show(chosen.out)


def show(folder: Path) -> None:
    """A row per run and threshold."""
    columns = ["peer", "run", "from", "1-ROCA %", "LAM %", "ham lost %", "spam missed %", "scored", "learned", "MB"]
    rows: list[list[object]] = []
    for path in sorted(folder.glob("*.json")):
        kept = orjson.loads(path.read_bytes())
        scores, spam = np.array(kept["scores"]), np.array(kept["spam"])
        for threshold in kept["thresholds"]:
            f = figures.measure(spam, np.nextafter(scores - threshold, np.inf))
            run = f"{kept['set']} {kept['protocol']} {kept['after']}"
            rates = [way["messages"] / max(way["processor"], 0.01) for way in (kept["scoring"], kept["learning"])]
            quality = [f"{value:.2f}" for value in (f.roca, f.lam, f.ham_lost, f.spam_missed) if value is not None]
            rows.append([kept["peer"], run, f"{threshold:.2f}", *quality, *rates, kept["memory_mb"]])
    table("Peers; messages scored and learned per second of a processor", columns, rows)


if __name__ == "__main__":
    main()
