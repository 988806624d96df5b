"""Watching the figures: every few minutes a look for changes, and telling those who asked for them."""

import logging
import threading
import time
from collections.abc import Callable

from counterspam.errors import CounterspamError
from counterspam.learning import NothingToLearn
from counterspam.lookout import Lookout
from counterspam.node import Node
from counterspam.notify import Notifier

HOUR = 3_600_000
LOOK = 600  # seconds between two looks whether it is time to learn
LEAST = 10  # new decisions without which no run begins by itself
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
        self._learning, self._hours = node.learning, node.config.learn_hours
        self._tried: dict[str, int] = {}
        if self._hours:
            self._threads.append(threading.Thread(target=self._every, args=(LOOK, self._learn), name="learning"))
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

    def _learn(self) -> None:
        """A run for each model that is due and has new decisions, and a look whether the models drift."""
        now, said = time.time_ns() // 1_000_000, []
        for place in self._learning.places:
            said += [f"{place}: {one}" for one in self._taught(place, now)]
            said += [f"{place}: {alarm} beyond the limit" for alarm in self._learning.watch(place, now).alarms]
        for one in said:
            log.warning("model: %s", one)
        self._doors["learning"] = "; ".join(said)[:200] or "ok"

    def _taught(self, place: str, now: int) -> list[str]:
        """Learn if it is time; what an operator should know about it."""
        last = max(self._tried.get(place, 0), self._learning.last_made(place))
        if now - last < self._hours * HOUR or self._learning.waiting(place) < LEAST:
            return []
        self._tried[place] = now
        try:
            made = self._learning.learn(place, by="schedule", now=now)
        except NothingToLearn:
            return []
        except CounterspamError as error:  # one model must not keep the others from learning
            return [str(error)]
        return [] if made.record["test"]["passed"] else [f"version {made.name} is worse and not used"]

    def _tell(self) -> None:
        self._notifier.round(time.time_ns() // 1_000_000)
        self._doors["telling"] = "ok"
