"""What the benchmarks share: bars, corpora, a node in a temporary folder, memory of a process tree."""

import os
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zstandard
from rich.console import Console
from rich.table import Table

from counterspam import config, pipeline
from counterspam.node import Node
from counterspam.tools import Tools

ROOT = Path(__file__).resolve().parent.parent


def fresh_tools(**settings: Any) -> Tools:
    """What the checks of a node without evidence work with."""
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
        return pipeline.open_tools(config.load(data=Path(folder), **settings))


def shared() -> Path:
    """The shared corpora; the benchmark ends with a clear word where they are not."""
    folder = Path(os.environ.get("COUNTERSPAM_SHARED", ROOT.parent / "shared")) / "corpora"
    if not folder.is_dir():
        sys.exit("this benchmark needs the shared corpora: set COUNTERSPAM_SHARED to their folder")
    return folder


def members(archive: Path) -> Iterator[bytes]:
    """The files of a .tar.zst, as bytes."""
    with zstandard.open(archive, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in tar:
            if member.isfile() and (file := tar.extractfile(member)):
                yield file.read()


def lines(path: Path) -> bytes:
    """A whole .jsonl.zst."""
    with zstandard.open(path, "rb") as stream:
        data: bytes = stream.read()
    return data


def table(title: str, columns: list[str], rows: list[list[object]]) -> None:
    """Print a small table."""
    out = Table(*columns, title=title)
    for row in rows:
        out.add_row(*(f"{cell:,.1f}" if isinstance(cell, float) else str(cell) for cell in row))
    Console(width=120).print(out)


def bars(measured: list[tuple[str, float, float, bool]]) -> None:
    """(name, value, bar, more is better): a line each; exit 1 when one is short."""
    short = False
    for name, value, bar, more in measured:
        ok = value >= bar if more else value <= bar
        short |= not ok
        print(f"{name} {value:.6g} {bar:.6g} {'ok' if ok else 'short'}")
    sys.exit(1 if short else 0)


@contextmanager
def node(**settings: object) -> Iterator[Node]:
    """A started node in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
        opened = Node.open(config.load(data=Path(folder), **settings))
        opened.start()
        try:
            yield opened
        finally:
            opened.close()


def drain(running: Node, intake: str) -> None:
    """Wait until everything of an intake is stored."""
    while running.pending(intake):
        time.sleep(0.05)
        if running.failed:
            sys.exit(running.failed)


def _resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/smaps_rollup").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0
    own = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("Pss:")), 0)
    return own + sum(_resident(int(child)) for child in _children(pid, children))


def _children(pid: int, first: list[str]) -> set[str]:
    found = set(first)
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found.update(thread.read_text().split())
        except OSError:
            continue
    return found


def resident_mb(pid: int = 0) -> float:
    """Resident memory of a process and its children, in megabytes; a page that they share counts once (PSS)."""
    return _resident(pid or os.getpid()) / 1024


class Peak:
    """The highest resident memory while it runs, sampled every second: looking takes 20 ms of processor time."""

    def __init__(self, pid: int = 0) -> None:
        self.mb = 0.0
        self._pid, self._stop = pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(1.0):
            self.mb = max(self.mb, resident_mb(self._pid))
