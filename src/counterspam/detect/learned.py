"""The learned check: an online linear model over hashed byte n-grams, the same for every channel and language.

Logistic regression on the 2-, 4- and 6-grams of the UTF-8 of subject and text, each counted once, divided by the square
root of their number, learned one message at a time with AdaGrad steps (Duchi, Hazan, Singer, JMLR 12, 2011). Digits are
all read as 0, so that it learns neither years nor anybody's number; headers are not read at all.

It is one witness among others: what it says shrinks towards nothing where it knows few of the n-grams, which is the case
for very short texts and for languages it was not trained on.
"""

import hashlib
import json
import threading
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from counterspam.errors import ConfigError
from counterspam.model import Check, Evidence, Facts, Span
from counterspam.tools import Tools

FORMAT = 1
BITS = 20
SIZES = (2, 4, 6)
MAX_SUBJECT = 512
MAX_BYTES = 4096
CLIP = 6.0
RATE = 0.5
# AdaGrad's first denominator: larger values make it behave like plain SGD (measured, see docs/model.md).
START = 1e-3
# Share of known n-grams below which it is silent, and from which it speaks with full weight (measured: foreign languages).
SILENT, FLUENT = 0.45, 0.85
# Known n-grams (about 15 characters) at which half of the weight is given; the square lets a usual SMS speak fully.
HALF = 40.0
MAX_SPANS = 5
# A word is part of a stretch when it weighs at least this share of the heaviest.
STRONG = 0.2

Buckets = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]

_BLANKS = bytes.maketrans(b"\t\n\v\f\r123456789", b"     000000000")
_SHIFT = np.uint64(64 - BITS)
_EIGHT, _SIXTEEN = np.uint64(8), np.uint64(16)
# Odd multipliers (Knuth's multiplicative hashing), one per size, so that equal bytes of two sizes part.
_MULTIPLIERS = tuple(np.uint64(m) for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93))
_COUNT = np.arange(len(SIZES) * (MAX_BYTES + 2), dtype=np.uint16)
_scratch = threading.local()


def _bytes(evidence: Evidence) -> bytes:
    """What the model reads, one byte for one byte of the original but for the blank at either end."""
    text = f"{evidence.subject[:MAX_SUBJECT]}\n{evidence.text[:MAX_BYTES]}"
    # The dotted capital I is the only letter whose lower case is longer; offsets must survive.
    data = text.replace("İ", "i").lower().encode("utf-8", "surrogatepass")[:MAX_BYTES]
    return b" " + data.translate(_BLANKS) + b" "


def _occurrences(data: bytes) -> Buckets:
    """The bucket of every n-gram in order of place, sizes one after the other. `data` has at least two bytes."""
    byte = np.frombuffer(data, np.uint8).astype(np.uint64)
    two = (byte[:-1] << _EIGHT) | byte[1:]
    four = (two[:-2] << _SIXTEEN) | two[2:]
    six = (four[:-2] << _SIXTEEN) | two[4:]
    grams = np.concatenate([size * by for size, by in zip((two, four, six), _MULTIPLIERS, strict=True)])
    grams >>= _SHIFT
    return grams.view(np.int64)


def _first(buckets: Buckets) -> npt.NDArray[np.bool_]:
    """Which occurrences are the first of their bucket. Sorting would take ten times as long."""
    place = getattr(_scratch, "place", None)
    if place is None:
        place = _scratch.place = np.zeros(1 << BITS, np.uint16)
    count = _COUNT[: len(buckets)]
    place[buckets[::-1]] = count[::-1]  # of several writes to one place the last stays
    return np.asarray(place[buckets] == count)


def buckets(evidence: Evidence) -> Buckets:
    """The features of a message: its distinct buckets, none when it has no text."""
    if not (evidence.text or evidence.subject):
        return np.zeros(0, np.int64)
    found = _occurrences(_bytes(evidence))
    return found[_first(found)]


class Model:
    """Weights, bias, slope of the calibration and the record of where they come from. `learn` changes this copy only."""

    def __init__(self, weights: Weights, bias: float, slope: float, record: Mapping[str, Any]) -> None:
        self.weights = weights
        self.bias = bias
        self.slope = slope
        self.record = record
        self.learned = 0
        self._chance = float(np.count_nonzero(weights)) / len(weights)
        self._squares: Weights | None = None
        self._base = fingerprint(weights, bias, slope)[:12]

    @classmethod
    def empty(cls) -> "Model":
        """A model that knows nothing."""
        return cls(np.zeros(1 << BITS, np.float32), 0.0, 1.0, {})

    @property
    def version(self) -> str:
        """12 hex digits over all its numbers, with what was learned since."""
        return f"{self._base}+{self.learned}" if self.learned else self._base

    def margin(self, found: Buckets) -> tuple[float, float]:
        """Raw margin of these features, and the share of it that may be believed, from 0 to 1."""
        if not len(found):
            return 0.0, 0.0
        weights = self.weights[found]
        known = float(np.count_nonzero(weights))
        margin = float(weights.sum()) / len(found) ** 0.5 + self.bias
        # An unknown n-gram meets a used bucket by chance.
        chance = min(self._chance, 0.99)
        share = (known / len(found) - chance) / (1 - chance)
        fluency = min(1.0, max(0.0, (share - SILENT) / (FLUENT - SILENT)))
        return margin, fluency * known**2 / (known**2 + HALF**2)

    def score(self, evidence: Evidence) -> float:
        """The raw margin: positive for spam, neither shrunk nor calibrated."""
        return self.margin(buckets(evidence))[0]

    def log_odds(self, found: Buckets) -> float:
        """Calibrated log-odds that these features are spam's, as if half of all messages were spam; 0 when unknown."""
        margin, belief = self.margin(found)
        return belief * self.slope * margin

    def probability(self, evidence: Evidence) -> float:
        """Calibrated probability of spam, as if half of all messages were spam."""
        return _sigmoid(self.log_odds(buckets(evidence)))

    def learn(self, evidence: Evidence, label: bool) -> None:
        """One step towards `label` (True is spam)."""
        found = buckets(evidence)
        if len(found):
            self.step(found, label)
            self.learned += 1

    def step(self, found: Buckets, label: bool, weight: float = 1.0) -> None:
        """One AdaGrad step on features; `weight` is how much the message counts."""
        if self._squares is None:
            self._squares = np.full(len(self.weights), START, np.float32)
        unit = 1 / len(found) ** 0.5
        weights = self.weights[found]
        error = (_sigmoid(float(weights.sum()) * unit + self.bias) - label) * weight
        slope = error * unit
        squares = self._squares[found] + np.float32(slope * slope)
        self._squares[found] = squares
        self.weights[found] = weights - np.float32(RATE * slope) / np.sqrt(squares)
        self.bias -= 0.01 * RATE * error

    def spans(self, evidence: Evidence) -> tuple[Span, ...]:
        """The at most five stretches of subject and text that weighed most, heaviest first."""
        if not (evidence.text or evidence.subject):
            return ()
        data = _bytes(evidence)
        found = _occurrences(data)
        first = _first(found)
        belief = self.margin(found[first])[1]
        unit = belief * self.slope / float(np.count_nonzero(first)) ** 0.5
        parts = np.where(first, self.weights[found], np.float32(0)) * np.float32(unit)
        return _stretches(data, _per_byte(parts, len(data)), len(evidence.subject[:MAX_SUBJECT]))

    def save(self, folder: Path) -> None:
        """Write weights and record; what `load` reads."""
        folder.mkdir(parents=True, exist_ok=True)
        weights = self.weights.astype(np.float16)
        whole = fingerprint(weights.astype(np.float32), self.bias, self.slope)
        np.savez_compressed(folder / "model.npz", weights=weights)
        numbers = {"bias": self.bias, "slope": self.slope, "sha256": whole, "version": whole[:12]}
        record = {
            "format": FORMAT,
            **numbers,
            **{k: v for k, v in self.record.items() if k not in numbers and k != "format"},
        }
        (folder / "model.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(folder: Path | None) -> Model:
    """The model in `folder`, or the shipped one. Raises ConfigError when it is missing, damaged or of another format."""
    place = folder or Path(str(files("counterspam"))) / "data" / "model"
    try:
        record = json.loads((place / "model.json").read_text(encoding="utf-8"))
        if record["format"] != FORMAT:
            raise ConfigError(
                f"model in {place}: format {record['format']}, this version reads {FORMAT}; train it again"
            )
        with (place / "model.npz").open("rb") as file, np.load(file, allow_pickle=False) as stored:
            weights = stored["weights"].astype(np.float32)
        slope, bias, expected = float(record["slope"]), float(record["bias"]), record["sha256"]
    except OSError as error:
        raise ConfigError(f"model in {place} cannot be read: {error}") from error
    except (ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigError(f"model in {place} is damaged: {error!r}; restore it or train it again") from error
    if weights.shape != (1 << BITS,) or fingerprint(weights, bias, slope) != expected:
        raise ConfigError(f"model in {place} is damaged: the weights are not those of its record; train it again")
    return Model(weights, bias, slope, record)


def fingerprint(weights: Weights, bias: float, slope: float) -> str:
    """SHA-256 over every number of a model."""
    state = hashlib.sha256(np.ascontiguousarray(weights, dtype="<f4").tobytes())
    state.update(repr((BITS, SIZES, float(bias), float(slope))).encode())
    return state.hexdigest()


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """What the model says of subject and text, as calibrated log-odds."""
    found = buckets(evidence)
    if not len(found):
        return Check("learned", "no text", 0.0, "nothing to read")
    odds = max(-CLIP, min(CLIP, tools.model.log_odds(found)))
    probability = _sigmoid(odds)
    answer = f"{'spam' if odds > 0 else 'ham'} {min(0.99, max(0.01, probability)):.2f}"
    if not odds:
        return Check("learned", "unknown", 0.0, "the model knows too little of its wording")
    like = "known spam" if odds > 0 else "ordinary messages"
    return Check("learned", answer, odds, f"its wording is like that of {like}")


def _sigmoid(odds: float) -> float:
    return float(1 / (1 + np.exp(-min(60.0, max(-60.0, odds)))))


def _per_byte(parts: Weights, length: int) -> npt.NDArray[np.float64]:
    """The weight of each byte: every n-gram shares its own out among the bytes it covers."""
    change = np.zeros(length + 1)
    start = 0
    for size in SIZES:
        count = max(0, length - size + 1)
        share = parts[start : start + count] / size
        change[:count] += share
        change[size : size + count] -= share
        start += count
    return np.cumsum(change[:length])


def _stretches(data: bytes, weights: npt.NDArray[np.float64], subject: int) -> tuple[Span, ...]:
    """Words that weigh much, neighbours of one sign merged, as places in the subject of this length and the text."""
    byte = np.frombuffer(data, np.uint8)
    blank = byte == 0x20
    # A word begins after a blank; in scripts without blanks (three-byte characters from U+3000 on) with each character.
    starts = ~blank & (np.concatenate(([True], blank[:-1])) | ((byte >= 0xE3) & (byte < 0xF0)))
    begins = np.flatnonzero(starts)
    if not len(begins):
        return ()
    words = np.add.reduceat(weights, begins)
    signs = np.where(np.abs(words) >= STRONG * np.abs(words).max(), np.sign(words), 0)
    # Place in subject + newline + text; the blank put before does not count.
    place = np.cumsum((byte & 0xC0) != 0x80) - 2
    in_text = place[begins] > subject
    changes = np.flatnonzero(np.concatenate(([True], (signs[1:] != signs[:-1]) | (in_text[1:] != in_text[:-1]))))
    sums = np.add.reduceat(words, changes)
    filled = np.maximum.accumulate(np.where(blank, 0, np.arange(len(byte))))
    after = np.append(begins[changes[1:]], len(data))
    found = []
    for i in np.argsort(-np.abs(sums), kind="stable")[: 2 * MAX_SPANS]:
        if signs[changes[i]]:
            start, end = int(place[begins[changes[i]]]), int(place[filled[after[i] - 1]]) + 1
            field, shift = ("text", subject + 1) if in_text[changes[i]] else ("subject", 0)
            found.append(Span(field, start - shift, end - shift, float(sums[i])))
    return tuple(found[:MAX_SPANS])
