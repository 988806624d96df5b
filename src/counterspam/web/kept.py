"""Answers that are worked out once for everybody who asks within a short time."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

T = TypeVar("T")
MOST = 512


@dataclass(slots=True)
class _Answer:
    lock: threading.Lock = field(default_factory=threading.Lock)
    until: float = 0.0
    value: Any = None


class Kept:
    """Values by key, each at most so many seconds old; one that takes long is worked out less often.

    So no key ever takes more than a fifth of one processor core.
    """

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._answers: OrderedDict[Hashable, _Answer] = OrderedDict()
        self._lock = threading.Lock()

    def answer(self, key: Hashable, seconds: float, compute: Callable[[], T]) -> T:
        """The value of `compute`, at most `seconds` old; only one thread computes it, the others wait for that."""
        with self._lock:
            entry = self._answers.setdefault(key, _Answer())
            self._answers.move_to_end(key)
            while len(self._answers) > self.most:
                self._answers.popitem(last=False)
        with entry.lock:
            started = time.monotonic()
            if entry.until <= started:
                entry.value = compute()
                took = time.monotonic() - started
                entry.until = started + took + max(seconds, 4 * took)
            return cast(T, entry.value)
