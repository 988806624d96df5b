"""Watching the figures: every few minutes a look for changes, and telling those who asked for them."""

import logging
import threading
import time
from collections.abc import Callable

from counterspam.lookout import Lookout
from counterspam.node import Node
from counterspam.notify import Notifier

PAUSE = 20  # seconds between two rounds of telling
log = logging.getLogger(__name__)


class Watch:
    """The threads of a node that look for changes and tell them; `node.doors` says how they are doing."""

    def __init__(self, node: Node) -> None:
        self.stop = threading.Event()
        self._doors, self._minutes = node.doors, node.config.change_minutes
        self._lookout = Lookout(node.events.query, node.records)
        self._notifier = Notifier(node.config, node.records, node.doors)
        self._threads = []
        if self._minutes:
            self._threads.append(
                threading.Thread(target=self._every, args=(self._minutes * 60, self._look), name="changes")
            )
        if self._notifier.wanted:
            self._threads.append(threading.Thread(target=self._every, args=(PAUSE, self._tell), name="telling"))

    def start(self) -> None:
        """Start looking."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop; a look or a telling that is under way is finished."""
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def _every(self, seconds: float, do: Callable[[], None]) -> None:
        name = threading.current_thread().name
        while not self.stop.is_set():
            try:
                do()
            except Exception as error:  # a look that fails must not be the last; the operator page shows it
                log.exception("%s", name)
                self._doors[name] = f"{type(error).__name__}: {error}"[:200]
            self.stop.wait(seconds)

    def _look(self) -> None:
        for change in self._lookout.look(int(time.time())):
            log.info("change found: %s %s", change.kind, change.id)
        self._doors["changes"] = "ok"

    def _tell(self) -> None:
        self._notifier.round(time.time_ns() // 1_000_000)
        self._doors["telling"] = "ok"
