"""What the peer programs of the benchmark share: the messages they see, folders and ports of their own, a clean end."""

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from bench.common import resident_mb
from bench.detect.protocols import Filter
from bench.detect.sets import Item

START_SECONDS, END_SECONDS = 900.0, 10.0
# Header fields in which an earlier filter wrote its verdict. In foff_milter 133 of 149 ham carry X-Spam-Flag: YES and 1 of
# 136 spam: whoever counts words learns the label from it, and rspamd adds 5 points for it. No peer sees them.
_VERDICTS = re.compile(rb"(?:X-Spam|X-Spam-[^:]*|X-Spamd-[^:]*|X-Bogosity|X-Rspamd-[^:]*):", re.IGNORECASE)
_LINE_END = re.compile(rb"\r?\n")


class Peer(Filter, Protocol):
    """A running peer program.

    `program` is its name and version; `thresholds` its working thresholds on the scale of `score`, the default one first.
    """

    program: str
    thresholds: Sequence[float]

    def learn_all(self, items: Iterable[Item]) -> None:
        """The same as `learn` for each with its label, in order; faster where the program has a way."""

    def memory_mb(self) -> float:
        """Resident memory of the processes it needs, in megabytes."""

    def processor_seconds(self) -> float:
        """What its processes have used of the processors so far; unlike the time, it does not grow on a busy machine."""


Start = Callable[[], AbstractContextManager[Peer]]


class Failed(Exception):
    """A peer program did not start, or answered what it should not."""


def message(item: Item) -> bytes:
    """The bytes that every peer is given: without the "From " line of an mbox and without verdicts of earlier filters."""
    data = item.data
    if data.startswith(b"From "):
        data = data.partition(b"\n")[2]
    head, end = _head(data)
    lines, kept, drop = head.splitlines(keepends=True), [], False
    for line in lines:
        drop = drop if line[:1] in (b" ", b"\t") else bool(_VERDICTS.match(line))
        if not drop:
            kept.append(line)
    return b"".join(kept) + data[end:]


def _head(data: bytes) -> tuple[bytes, int]:
    end = 0
    while end < len(data) and (found := _LINE_END.search(data, end)):
        if found.start() == end:
            break
        end = found.end()
    return data[:end], end


def program(name: str) -> str:
    """Where a program is, also in the folders of the administrator; empty where it is not installed."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin") or ""


def version(*command: str) -> str:
    """The first line that a program says of its version."""
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    return (said.stdout or said.stderr).strip().splitlines()[0]


def port() -> int:
    """A port of the loopback interface that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


@contextmanager
def folder(user: str) -> Iterator[Path]:
    """A temporary folder, owned by an unprivileged user where we are root, since peers give root up."""
    with tempfile.TemporaryDirectory(prefix="counterspam-peer-") as name:
        own(Path(name), user)
        yield Path(name)


def own(path: Path, user: str) -> None:
    """Give a file or folder to a user; nothing where we are not root."""
    if os.getuid() == 0:
        entry = pwd.getpwnam(user)
        os.chown(path, entry.pw_uid, entry.pw_gid)


@contextmanager
def running(command: Sequence[str], log: Path, ready: Callable[[], bool]) -> Iterator[int]:
    """Start a server, wait until it is ready, yield its process id, end it. Raises Failed with the end of its log."""
    with log.open("wb") as out, subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out) as process:
        try:
            last = time.monotonic() + START_SECONDS
            while not ready():
                if process.poll() is not None or time.monotonic() > last:
                    raise Failed(f"{command[0]} did not start:\n" + log.read_text(errors="replace")[-2000:])
                time.sleep(0.1)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def listening(number: int) -> bool:
    """Whether something accepts connections on a port of the loopback interface."""
    with socket.socket() as probe:
        probe.settimeout(1.0)
        return probe.connect_ex(("127.0.0.1", number)) == 0


def memory_mb(*processes: int) -> float:
    """Resident memory of processes and their children; a page that children share counts once."""
    return sum(resident_mb(process) for process in processes)


def processor_seconds(*processes: int) -> float:
    """Seconds of the processors that running processes and their children, also ended ones, have used."""
    ticks, waiting = 0, list(processes)
    while waiting:
        place = Path(f"/proc/{waiting.pop()}")
        ticks += sum(int(field) for field in (place / "stat").read_text().rpartition(")")[2].split()[11:15])
        for thread in place.glob("task/*/children"):
            waiting += [int(child) for child in thread.read_text().split()]
    return ticks / os.sysconf("SC_CLK_TCK")
