"""A lock that is given out in the order in which it was asked for.

SQLite lets waiting writers poll, so one that writes nearly all the time (the settling of batches) could keep a person who
presses a button waiting for many seconds.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from counterspam.errors import StoreBusy

WAIT = 60.0  # seconds


class Turns:
    """One holder at a time, first come, first served; not to be taken twice by one thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Hold it. Raises StoreBusy when that takes longer than WAIT."""
        self._wait()
        try:
            yield
        finally:
            self._pass_on()

    def _wait(self) -> None:
        mine = threading.Lock()
        mine.acquire()
        with self._lock:
            if not self._held:
                self._held = True
                return
            self._waiting.append(mine)
        got = False
        try:
            got = mine.acquire(timeout=WAIT)
        finally:
            if not got:
                self._leave(mine)
        if not got:
            raise StoreBusy("the records store is being written to by others all the time")

    def _leave(self, mine: threading.Lock) -> None:
        with self._lock:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return
        self._pass_on()  # it became ours at the last moment

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False
