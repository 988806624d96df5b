"""In how many different messages each bucket was met since the shipped model: what may be told to others rests on it."""

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from counterspam.detect.labelled import text_key
from counterspam.detect.learned import Model
from counterspam.errors import ConfigError
from counterspam.model import Evidence

_FILE = "support.npz"
_MOST = 65_535


@dataclass(frozen=True)
class Support:
    """`counts` per bucket, `seen` the hashes of the messages counted (letters alone: copies of a text are one message)."""

    counts: npt.NDArray[np.uint16]
    seen: npt.NDArray[np.uint64]

    @property
    def messages(self) -> int:
        """Different messages."""
        return len(self.seen)


def empty(size: int) -> Support:
    """Nothing was met yet, in so many buckets."""
    return Support(np.zeros(size, np.uint16), np.zeros(0, np.uint64))


def more(before: Support, model: Model, messages: Iterable[Evidence]) -> Support:
    """`before` with these messages; those that it has seen add nothing."""
    counts, seen = before.counts.copy(), set(before.seen.tolist())
    for evidence in messages:
        key = int(text_key(evidence)[:16], 16)
        if key not in seen and len(found := model.features(evidence)):
            seen.add(key)
            counts[found] += counts[found] < _MOST
    return Support(counts, np.array(sorted(seen), np.uint64))


def save(support: Support, folder: Path) -> None:
    """Write it beside the model."""
    np.savez_compressed(folder / _FILE, counts=support.counts, seen=support.seen)


def load(folder: Path, size: int) -> Support:
    """What stands beside the model in `folder`, whose weights are `size`. Raises ConfigError when it is missing or damaged."""
    try:
        with (folder / _FILE).open("rb") as file, np.load(file, allow_pickle=False) as stored:
            found = Support(stored["counts"].astype(np.uint16), stored["seen"].astype(np.uint64))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"{folder / _FILE} cannot be read: {error!r}") from error
    if found.counts.shape != (size,):
        raise ConfigError(f"{folder / _FILE} belongs to a model of another size")
    return found
