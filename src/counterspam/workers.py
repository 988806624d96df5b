"""The path in several processes: a task of raw items goes in, its outputs come back in order.

A worker is a spawned process (chDB must never be forked) that runs `pipeline.process`; one thread here serves each worker
over a pipe, so a busy worker holds its thread back and nothing piles up. A worker that dies or hangs is replaced, and
the item that killed it is rejected with its reason rather than tried for ever.
"""

import itertools
import logging
import multiprocessing
import queue
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from counterspam import judging, memory, pipeline
from counterspam.config import Config
from counterspam.errors import Reason, StoreError
from counterspam.model import Finding, Raw, Rejected
from counterspam.store import rows
from counterspam.tools import Tools

ROWS = 2_500  # findings in one output
HANG = 120.0  # seconds of silence after which a worker is taken for stuck
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Output:
    """A piece of what a task found, in order. Lists are parallel to the rows of `table`.

    `items` is the index of the raw item within the task, `places` the place of the record in that item, `ids` the evidence,
    `keys` the identities, `owners` who may claim a key (see `store.seen`), `groups` the campaign keys, `records` the wire
    records behind each row, `doors` (intake, format).
    """

    table: Any
    items: list[int]
    places: list[int]
    ids: list[str]
    keys: list[str]
    owners: list[str]
    groups: list[tuple[int, ...]]
    records: list[int]
    doors: list[tuple[str, str]]
    rejected: list[tuple[int, Rejected]]


def _bad(item: int, reason: Rejected) -> Output:
    return Output(None, [], [], [], [], [], [], [], [], [(item, reason)])


@dataclass(frozen=True, slots=True)
class Request:
    """What a worker is asked: items from index `base` on; the first `skip` records of the first are known already."""

    raws: Sequence[Raw]
    base: int = 0
    skip: int = 0
    whole: bool = False


@dataclass
class Task:
    """Raw items for one worker. `outputs` ends with None; it is bounded, so a fast worker waits for the store."""

    raws: Sequence[Raw]
    whole: bool = False
    outputs: queue.Queue[Any] = field(default_factory=lambda: queue.Queue(maxsize=2))

    def results(self) -> Iterator[Any]:
        """Outputs in order; blocks until they are there."""
        return iter(self.outputs.get, None)


def _outputs(request: Request, tools: Tools) -> Iterator[Output]:
    findings: list[Finding] = []
    items: list[tuple[int, int]] = []
    rejected: list[tuple[int, Rejected]] = []
    for at, place, found in pipeline.process(request.raws, tools):
        if not at and place < request.skip:
            continue
        if isinstance(found, Rejected):
            rejected.append((request.base + at, found))
        else:
            findings.append(found)
            items.append((request.base + at, place))
        if len(findings) + len(rejected) >= ROWS:
            yield _output(findings, items, rejected, request, tools)
            findings, items, rejected = [], [], []
    if findings or rejected:
        yield _output(findings, items, rejected, request, tools)


def _output(
    findings: list[Finding],
    items: list[tuple[int, int]],
    rejected: list[tuple[int, Rejected]],
    request: Request,
    tools: Tools,
) -> Output:
    evidence = [finding.evidence for finding in findings]
    return Output(
        table=rows.table(findings, tools.config.node),
        items=[item for item, _ in items],
        places=[place for _, place in items],
        ids=[e.id for e in evidence],
        keys=[e.key for e in evidence],
        owners=[
            request.raws[i - request.base].id if e.shared_key else e.id
            for (i, _), e in zip(items, evidence, strict=True)
        ],
        groups=[finding.keys for finding in findings],
        records=[e.records for e in evidence],
        doors=[(e.intake, e.format) for e in evidence],
        rejected=rejected,
    )


def serve(pipe: Connection, config: Config) -> None:
    """The life of a worker process: receive raw items, send outputs, then the seconds that each step took."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the node ends its workers itself
    memory.leave_out_pandas()
    tools = pipeline.open_tools(config)
    closely = replace(tools, spans=True)  # for somebody who reads the verdict
    memory.settle_in()
    pipe.send(None)
    while (request := pipe.recv()) is not None:
        if (now := pipeline.renewed(tools)) is not tools:  # another version of the model was chosen
            tools, closely = now, replace(now, spans=True)
        tools.seconds.clear()
        if request.whole:
            pipe.send([found for raw in request.raws for found in judging.judge(raw, closely)])
        else:
            for output in _outputs(request, tools):
                pipe.send(output)
        pipe.send(dict(tools.seconds))


class _Died(Exception):
    """The worker process ended or fell silent."""


@dataclass
class _Place:
    """How far outputs reach: `records` records of item `item` are known, and all of the items before it."""

    item: int = 0
    records: int = 0

    def advance(self, output: Output) -> None:
        touched = output.items + [index for index, _ in output.rejected]
        last = max(touched)
        known = self.records if last == self.item else 0
        self.item, self.records = last, known + touched.count(last)


class Workers:
    """A fixed number of worker processes that take tasks in the order they are given."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.seconds: dict[str, float] = {}
        self.restarts = 0
        self.processes: set[BaseProcess] = set()
        self._tasks: queue.PriorityQueue[tuple[int, int, Task | None]] = queue.PriorityQueue()
        self._count = itertools.count()
        self._lock = threading.Lock()
        self._started: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._serve, name=f"worker-{n}") for n in range(config.workers)]

    def start(self) -> None:
        """Start the processes. Raises StoreError when one cannot start, with what it wrote to the log."""
        for thread in self._threads:
            thread.start()
        for _ in self._threads:
            if error := self._started.get():
                raise StoreError(error)

    def put(self, task: Task, *, first: bool = False) -> None:
        """Queue a task; `first` puts it before all waiting ones (somebody is looking at the screen)."""
        self._tasks.put((0 if first else 1, next(self._count), task))

    def close(self) -> None:
        """Finish what is queued, then end the processes."""
        for _ in self._threads:
            self._tasks.put((2, next(self._count), None))
        for thread in self._threads:
            if thread.is_alive():
                thread.join()

    def _spawn(self) -> tuple[Any, Connection]:
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        process = context.Process(target=serve, args=(there, self.config), daemon=True)
        process.start()
        self.processes.add(process)
        there.close()
        self._receive(here)  # the worker says when its tables are loaded
        return process, here

    def _serve(self) -> None:
        try:
            process, pipe = self._spawn()
        except _Died:
            return self._started.put("a worker process could not start; its own message stands above")
        self._started.put("")
        while (task := self._tasks.get()[2]) is not None:
            process, pipe = self._work(process, pipe, task)
            task.outputs.put(None)
        pipe.send(None)
        process.join()

    def _work(self, process: Any, pipe: Connection, task: Task) -> tuple[Any, Connection]:
        """The task in one go or, when the worker died over it, item by item from where its outputs ended."""
        place = _Place()
        try:
            self._run(pipe, Request(task.raws, whole=task.whole), task, place)
            return process, pipe
        except _Died:
            process, pipe = self._replace(process)
        for index in range(place.item, len(task.raws)):
            skip = place.records if index == place.item else 0
            request = Request(task.raws[index : index + 1], index, skip, task.whole)
            try:
                self._run(pipe, request, task, _Place())
            except _Died:
                process, pipe = self._replace(process)
                reason = Rejected(Reason.INTERNAL, "the program failed on this item; please report it")
                task.outputs.put([reason] if task.whole else _bad(index, reason))
        return process, pipe

    def _replace(self, process: Any) -> tuple[Any, Connection]:
        process.kill()
        process.join()
        self.processes.discard(process)
        self.restarts += 1
        log.error("a worker died (exit code %s) and is replaced", process.exitcode)
        while True:
            try:
                return self._spawn()
            except _Died:  # no memory just now, perhaps; the doors fill up and say so
                log.exception("a worker cannot be started; trying again in 5 s")
                time.sleep(5)

    def _run(self, pipe: Connection, request: Request, task: Task, place: _Place) -> None:
        """Outputs of one request into the task; `place` says how far they reach."""
        try:
            pipe.send(request)
        except OSError as error:
            raise _Died from error
        while not isinstance(output := self._receive(pipe), dict):
            if isinstance(output, Output):
                place.advance(output)
            task.outputs.put(output)
        with self._lock:
            for name, seconds in output.items():
                self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    @staticmethod
    def _receive(pipe: Connection) -> Any:
        try:
            if not pipe.poll(HANG):
                raise _Died
            return pipe.recv()
        except (EOFError, OSError) as error:
            raise _Died from error
