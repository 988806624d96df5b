"""bogofilter, with its defaults, in a folder of its own: a process per message as a delivery agent runs it."""

import math
import resource
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.detect import peers
from bench.detect.sets import Item

# Beyond 1 - 1e-15 a double has no digits left.
_EDGE = 1e-15
_DIGITS = "--spamicity-formats=%0.16f, %0.16f, %0.16f"
_BATCH = 500


def logit(spamicity: float) -> float:
    """Log-odds of a probability, at most 34.5 from 0."""
    clipped = min(max(spamicity, _EDGE), 1 - _EDGE)
    return math.log(clipped / (1 - clipped))


class Bogofilter:
    """Scores are the log-odds of its spamicity; it calls spam from 0.99 on."""

    thresholds = (logit(0.99), 0.0)

    def __init__(self, place: Path) -> None:
        self.program = peers.version("bogofilter", "-V")
        self._place, self._base = place, ["bogofilter", "-C", "-d", str(place)]
        # An empty word list, so that the first message can be scored.
        subprocess.run([*self._base, "-n"], input=b"", check=True, capture_output=True)

    def score(self, item: Item) -> float:
        """Log-odds; exit codes 0 to 2 are spam, ham and unsure."""
        command = [*self._base, "-t", _DIGITS, "--terse-format=%p"]
        done = subprocess.run(command, input=peers.message(item), capture_output=True, check=False)
        if done.returncode > 2:
            raise peers.Failed(done.stderr.decode(errors="replace"))
        return logit(float(done.stdout))

    def learn(self, item: Item, spam: bool) -> None:
        """Register one message."""
        command = [*self._base, "-s" if spam else "-n"]
        subprocess.run(command, input=peers.message(item), check=True, capture_output=True)

    def learn_all(self, items: Iterable[Item]) -> None:
        """Spam, then ham, many in a process: it only adds counts, so the word list ends the same in any order."""
        batch = list(items)
        for spam in (True, False):
            part = [item for item in batch if item.spam is spam]
            for start in range(0, len(part), _BATCH):
                self._learn_files(part[start : start + _BATCH], spam)

    def _learn_files(self, items: list[Item], spam: bool) -> None:
        names = []
        for number, item in enumerate(items):
            path = self._place / f"{number}.eml"
            path.write_bytes(peers.message(item))
            names.append(str(path))
        command = [*self._base, "-s" if spam else "-n", "-B", *names]
        subprocess.run(command, check=True, capture_output=True)

    def memory_mb(self) -> float:
        """Of one process that has scored a message and waits for the next."""
        path = self._place / "memory.eml"
        path.write_bytes(b"Subject: memory\n\nA message to measure the memory with.\n")
        command = [*self._base, "-b", "-t"]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
            assert process.stdin
            process.stdin.write(f"{path}\n".encode())
            process.stdin.flush()
            time.sleep(0.5)
            return peers.memory_mb(process.pid)

    def processor_seconds(self) -> float:
        """Of all processes that have ended."""
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime


@contextmanager
def start() -> Iterator[Bogofilter]:
    """bogofilter with an empty word list in a temporary folder."""
    with peers.folder("nobody") as place:
        yield Bogofilter(place)
