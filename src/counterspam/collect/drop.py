"""A watched folder: files put there are taken in, then moved to done/, or to failed/ with the reason beside them.

A file or folder counts as complete when it has not changed between two looks. It is moved only after everything in it is
durable; after a crash in between it is read again, and its records are found to be duplicates.
"""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from counterspam.collect.directory import Options, read
from counterspam.collect.unpack import Problem
from counterspam.config import MB
from counterspam.errors import ConfigError, SpoolFull
from counterspam.model import Raw

BATCH = 1000
BATCH_BYTES = 8 * MB
_UNFINISHED = (".part", ".tmp", ".partial", ".crdownload")

Submit = Callable[[list[Raw]], None]
Signature = tuple[tuple[str, int, int], ...]


def watch(folder: Path, submit: Submit, options: Options, stop: threading.Event, seconds: float = 2.0) -> None:
    """Look into `folder` every `seconds` until `stop` is set; runs in a thread of its own.

    `submit` returns when the raw items are durable. Raises ConfigError when the folder cannot be used.
    """
    try:
        for name in ("done", "failed"):
            (folder / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"drop: cannot use {folder}: {error.strerror or error}") from error
    before: dict[Path, Signature] = {}
    while not stop.is_set():
        before = look(folder, before, submit, options, stop)
        stop.wait(seconds)


def look(
    folder: Path, before: dict[Path, Signature], submit: Submit, options: Options, stop: threading.Event
) -> dict[Path, Signature]:
    """Take in what has not changed since `before`; what is there now and was not taken is returned."""
    now = {path: signature for path in _candidates(folder) if (signature := _signature(path))}
    for path, signature in sorted(now.items()):
        if before.get(path) != signature:
            continue
        problems: list[Problem] = []
        stored = 0
        for batch in _batches(path, options, problems):
            if not _patiently(batch, submit, stop):
                return {}
            stored += len(batch)
        _finish(folder, path, problems, stored)
        del now[path]
    return now


def _candidates(folder: Path) -> Iterator[Path]:
    for entry in os.scandir(folder):
        hidden = entry.name.startswith(".") or entry.name.lower().endswith(_UNFINISHED)
        if not hidden and entry.name not in ("done", "failed") and not entry.is_symlink():
            yield Path(entry.path)


def _signature(path: Path) -> Signature:
    """Names, sizes and times of a file or of all the files in a folder; empty when it is gone or holds nothing."""
    paths = [path] if path.is_file() else sorted(path.rglob("*"))
    found = []
    for each in paths:
        try:
            status = each.lstat()
        except OSError:
            return ()
        found.append((str(each), status.st_size, status.st_mtime_ns))
    return tuple(found)


def _batches(path: Path, options: Options, problems: list[Problem]) -> Iterator[list[Raw]]:
    batch: list[Raw] = []
    held = 0
    for item in read([path], options):
        if isinstance(item, Problem):
            problems.append(item)
            continue
        batch.append(item)
        held += len(item.data)
        if len(batch) >= BATCH or held >= BATCH_BYTES:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _patiently(batch: list[Raw], submit: Submit, stop: threading.Event) -> bool:
    """Submit, waiting as long as the spool is full; False when told to stop before."""
    while not stop.is_set():
        try:
            submit(batch)
            return True
        except SpoolFull as error:
            stop.wait(error.retry_after)
    return False


def _finish(folder: Path, path: Path, problems: Sequence[Problem], stored: int) -> None:
    target = _free(folder / ("failed" if problems else "done"), path.name)
    if problems:
        lines = [f"{stored} items were taken in; these could not be read:"]
        lines += [f"{problem.name}: {problem.reason}: {problem.detail}" for problem in problems[:1000]]
        target.with_name(target.name + ".reason").write_text("\n".join(lines) + "\n", encoding="utf-8")
    os.rename(path, target)


def _free(folder: Path, name: str) -> Path:
    """A name in `folder` that is not taken."""
    target, number = folder / name, 1
    while target.exists():
        number += 1
        target = folder / f"{number}-{name}"
    return target
