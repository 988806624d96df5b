"""Guesses at secrets (passwords, keys, codes): failures by address and name are counted, and too many close the door a while.

What succeeds counts for nothing, as many people may share one address.
"""

import time
from collections import OrderedDict, deque

from starlette.requests import Request

from counterspam.web import public
from counterspam.web.problems import later

WINDOW = 300.0  # seconds
MOST_REMEMBERED = 10_000


class Tries:
    """Failures within the last five minutes, bounded in number; `most` of one address or name close the door."""

    def __init__(self, most: int, said: str) -> None:
        self.most, self.said = most, said
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, *names: str) -> None:
        """Problem 429 for one that failed too often."""
        for name in names:
            failed = self._failed.get(name, deque())
            while failed and failed[0] < time.monotonic() - WINDOW:
                failed.popleft()
            if len(failed) >= self.most:
                raise later(int(failed[0] + WINDOW - time.monotonic()) + 1, self.said, 429)

    def failed(self, *names: str) -> None:
        """Note a failure."""
        for name in names:
            self._failed.setdefault(name, deque()).append(time.monotonic())
            self._failed.move_to_end(name)
        while len(self._failed) > MOST_REMEMBERED:
            self._failed.popitem(last=False)


def tries(request: Request, door: str, most: int, said: str) -> Tries:
    """The failures at one door of the application that serves this request."""
    state = request.app.state
    if not hasattr(state, "tries"):
        state.tries = {}
    found: Tries = state.tries.setdefault(door, Tries(most, said))
    return found


def address(request: Request) -> str:
    """Where a request comes from, as far as own proxies say so."""
    return f"address {public.gate(request).address(request)}"
