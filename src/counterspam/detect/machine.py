"""Whether the style of a text is like that of machine-written ones: a calibrated probability, or silence.

A logistic regression on the words and pairs of neighbouring words of the folded text (`Facts.words`), each counted once,
hashed, and divided by the square root of their number. Case, punctuation, look-alike letters, links and digits are not read, so
that dropping or disguising them changes nothing. It says nothing where it was not shown to be right: in languages without
human text to test on, of speech, of short texts, and between two thresholds (docs/machine.md).

It never speaks for or against spam: people write honest mail with machines.
"""

import hashlib
import json
import math
import re
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from counterspam.errors import ConfigError
from counterspam.taxonomy import Channel

BITS = 18
FORMAT = 1
MOST = 120  # words that are read: the next 130 took as much time again and added nothing (measured)
LEAST = 25  # words below which it is silent: about 150 letters (measured, docs/machine.md)
READ = 1200  # characters that are looked at
SILENT = frozenset((Channel.VOICE,))  # transcripts of speech are another style: measured, it fails on them
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")
_PAIR = np.uint32(0x9E3779B1)  # odd (Knuth's multiplicative hashing): a pair is not the pair turned round

Buckets = npt.NDArray[np.uint32]
Weights = npt.NDArray[np.float32]


def words(folded: str) -> list[str]:
    """The first words of a folded text, without links and addresses."""
    text = folded[:READ]
    if "://" in text or "@" in text or "www." in text:
        text = " ".join(one for one in text.split() if "://" not in one and "@" not in one and "www." not in one)
    return _WORD.findall(text)[:MOST]


def buckets(some: Sequence[str]) -> Buckets:
    """The distinct buckets of words and of pairs of neighbours, ascending."""
    single = np.array([zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in some], np.uint32)
    pairs = (single[:-1] * _PAIR) ^ single[1:]
    found = np.concatenate((single, pairs * _PAIR)) >> np.uint32(32 - BITS)
    found.sort()
    new = np.ones(len(found), np.bool_)
    np.not_equal(found[1:], found[:-1], out=new[1:])
    return found[new]


@dataclass(frozen=True)
class Machine:
    """`slope` and `offset` make a margin log-odds; from `high` on and up to `low` (margins) it speaks, and only of texts in
    `languages`. `wrong` is the highest share of human texts that it may call machine-written: the upper bound (95 %) on the
    test set where it errs most."""

    weights: Weights
    bias: float
    slope: float
    offset: float
    low: float
    high: float
    languages: frozenset[str]
    wrong: float
    record: Mapping[str, Any] = field(default_factory=dict)

    def margin(self, some: Sequence[str]) -> float:
        """How much words are like those of machine-written texts, unbounded, not calibrated."""
        found = buckets(some)
        return float(self.weights.take(found).sum()) / math.sqrt(max(1, len(found))) + self.bias

    def probability(self, margin: float) -> float:
        """The calibrated probability that a margin stands for, as if half of all texts were machine-written."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.slope * margin + self.offset))))

    def score(self, folded: str, language: str, channel: Channel) -> float | None:
        """The probability that a machine wrote a text, as if half of all were; None where that cannot be said."""
        # Cheap refusals first: most messages are shorter than LEAST words of two letters with blanks.
        if len(folded) < 3 * LEAST or language not in self.languages or channel in SILENT:
            return None
        some = words(folded)
        if len(some) < LEAST:
            return None
        margin = self.margin(some)
        return None if self.low < margin < self.high else self.probability(margin)

    @property
    def version(self) -> str:
        """12 hex digits over all its numbers."""
        state = hashlib.sha256(np.ascontiguousarray(self.weights, dtype="<f4").tobytes())
        numbers = [float(n) for n in (self.bias, self.slope, self.offset, self.low, self.high, self.wrong)]
        state.update(repr((BITS, LEAST, MOST, READ, numbers, sorted(self.languages))).encode())
        return state.hexdigest()[:12]

    def save(self, folder: Path) -> None:
        """Write machine.npz and machine.json; what `load` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        stored = self.weights.astype(np.float16)
        np.savez_compressed(folder / "machine.npz", weights=stored)
        numbers = {name: getattr(self, name) for name in _NUMBERS}
        told = {"format": FORMAT, "version": self.version, **numbers, "languages": sorted(self.languages)}
        text = json.dumps({**told, "record": self.record}, indent=1, ensure_ascii=False)
        (folder / "machine.json").write_text(text + "\n", encoding="utf-8")


_NUMBERS = ("bias", "slope", "offset", "low", "high", "wrong")


def load(folder: Path | None) -> Machine | None:
    """The one beside the learned model in `folder`, or the shipped one; None where the folder of an own model has none.

    Raises ConfigError when it is damaged or of another format.
    """
    place = folder or Path(str(files("counterspam"))) / "data" / "model"
    if folder and not (place / "machine.json").is_file():
        return None
    try:
        told = json.loads((place / "machine.json").read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise ConfigError(f"machine.json in {place}: format {told['format']}, this version reads {FORMAT}")
        with (place / "machine.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
            weights = stored["weights"].astype(np.float32)
        numbers = {name: float(told[name]) for name in _NUMBERS}
        found = Machine(weights, languages=frozenset(told["languages"]), record=told["record"], **numbers)
    except OSError as error:
        raise ConfigError(f"machine.npz in {place} cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"machine.npz in {place} is damaged: {error!r}; restore it or train it again") from error
    if weights.shape != (1 << BITS,) or found.version != told["version"]:
        raise ConfigError(f"machine.npz in {place} is damaged: its numbers are not those of its record; train it again")
    return found
