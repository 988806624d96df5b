"""Keeping a node small: batches come and go, and what they leave must go back to the system.

All of this is advice to the allocators of glibc, Arrow and Python; elsewhere it does nothing.
"""

import ctypes
import gc
import sys
from collections.abc import Sequence

import pyarrow as pa

_ARENA_MAX = -8  # of mallopt(3)


def _libc() -> ctypes.CDLL | None:
    try:
        libc = ctypes.CDLL("libc.so.6")
        return libc if hasattr(libc, "malloc_trim") else None
    except OSError:
        return None


_LIBC = _libc()


class _Unwanted:
    """An import hook: pyarrow loads pandas, 30 MB in every process, as soon as it is installed; nothing here uses it."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("pandas is left out to save memory", name=name)


def leave_out_pandas() -> None:
    """Call before the first table is made."""
    if _Unwanted not in sys.meta_path and "pandas" not in sys.modules:
        sys.meta_path.insert(0, _Unwanted)


def settle_in() -> None:
    """Call once, when everything is loaded: few arenas for many threads, and a collector that knows batches.

    Findings live for one batch of thousands; looking through all of them again and again finds nothing to free.
    """
    if _LIBC:
        _LIBC.mallopt(_ARENA_MAX, 2)
    pa.set_memory_pool(pa.system_memory_pool())
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 50)


def give_back() -> None:
    """Call after a batch: unused pages go back to the system."""
    if _LIBC:
        _LIBC.malloc_trim(0)
