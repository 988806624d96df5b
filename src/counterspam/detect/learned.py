"""The learned check: an online linear model over hashed byte n-grams, the same for every channel and language.

Logistic regression on the 2-, 4- and 6-grams of the UTF-8 of subject and text, each counted once, divided by the square
root of their number, learned one message at a time with AdaGrad steps (Duchi, Hazan, Singer, JMLR 12, 2011). Digits are
all read as 0, so that it learns neither years nor anybody's number; headers are not read at all.

It is one witness among others: what it says shrinks towards nothing where it knows few of the n-grams, which is the case
for very short texts and for languages it was not trained on.
"""

import hashlib
import json
import math
import zipfile
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from counterspam.detect import ngrams
from counterspam.detect.ngrams import BITS, MAX_SUBJECT, SIZES, Buckets, buckets
from counterspam.errors import ConfigError
from counterspam.model import Check, Evidence, Facts, Span
from counterspam.tools import Tools

FORMAT = 1
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
_BUCKET = np.uint32((1 << BITS) - 1)
TOGETHER = 16  # messages read in one go: more would not fit the processor's cache
_NO_TEXT = Check("learned", "no text", 0.0, "nothing to read")
_UNKNOWN = Check("learned", "unknown", 0.0, "the model knows too little of its wording")

Weights = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


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

    def copy(self) -> "Model":
        """The same model, which can learn without changing this one."""
        twin = Model(self.weights.copy(), self.bias, self.slope, dict(self.record))
        twin.learned, twin._base = self.learned, self._base
        twin._squares = None if self._squares is None else self._squares.copy()
        return twin

    @property
    def version(self) -> str:
        """12 hex digits over all its numbers, with what was learned since."""
        return f"{self._base}+{self.learned}" if self.learned else self._base

    def margins(self, found: Buckets, messages: int) -> tuple[Numbers, Numbers]:
        """Raw margin of each message (see `ngrams.distinct`), and the share of it that may be believed, from 0 to 1."""
        if not len(found):
            return np.zeros(messages), np.zeros(messages)
        bounds = found.searchsorted(np.arange(messages + 1, dtype=np.uint32) << np.uint32(BITS))
        first, count = bounds[:-1], bounds[1:] - bounds[:-1]
        weights = self.weights.take(found & _BUCKET)
        known = np.add.reduceat(weights != 0, first, dtype=np.int32)
        margin = np.add.reduceat(weights, first) / np.sqrt(count) + self.bias
        # An unknown n-gram meets a used bucket by chance.
        chance = min(self._chance, 0.99)
        share = (known / count - chance) / (1 - chance)
        fluency = np.minimum(np.maximum((share - SILENT) / (FLUENT - SILENT), 0), 1)
        return margin, fluency * known**2 / (known**2 + HALF**2)

    def score(self, evidence: Evidence) -> float:
        """The raw margin: positive for spam, neither shrunk nor calibrated; 0 without text."""
        found = buckets(evidence)
        return float(self.margins(found, 1)[0][0]) if len(found) else 0.0

    def log_odds(self, found: Buckets, messages: int = 1) -> Numbers:
        """Calibrated log-odds that each message is spam, as if half of all messages were spam; 0 when unknown."""
        margin, belief = self.margins(found, messages)
        return belief * self.slope * margin

    def probability(self, evidence: Evidence) -> float:
        """Calibrated probability of spam, as if half of all messages were spam."""
        return _sigmoid(float(self.log_odds(buckets(evidence))[0]))

    def features(self, evidence: Evidence) -> Buckets:
        """The distinct buckets of a message's features, ascending; none without text."""
        return buckets(evidence)

    def learn(self, evidence: Evidence, label: bool, weight: float = 1.0) -> None:
        """One step towards `label` (True is spam); `weight` is how much the message counts."""
        found = self.features(evidence)
        if len(found):
            self.step(found, label, weight)
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
        data = ngrams.read(evidence)
        found = ngrams.grid([data])
        distinct, first = np.unique(found, return_index=True)
        inside = distinct < 1 << BITS
        distinct, first = distinct[inside], first[inside]
        unit = self.margins(distinct, 1)[1][0] * self.slope / len(distinct) ** 0.5
        parts = np.zeros(found.size)
        parts[first] = self.weights[distinct] * unit
        return _stretches(data, _per_byte(parts.reshape(found.shape), len(data)), len(evidence.subject[:MAX_SUBJECT]))

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


def read(some: Sequence[Evidence], facts: Sequence[Facts], model: Model) -> None:
    """Put into each message's facts what the model says of its subject and text."""
    worded = [(e, f) for e, f in zip(some, facts, strict=True) if e.text or e.subject]
    for start in range(0, len(worded), TOGETHER):
        piece = worded[start : start + TOGETHER]
        found = model.log_odds(ngrams.distinct([ngrams.read(e) for e, _ in piece]), len(piece))
        for (_, known), odds in zip(piece, found.tolist(), strict=True):
            known.odds = odds


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """What the model says of subject and text, as calibrated log-odds."""
    if not (evidence.text or evidence.subject):
        return _NO_TEXT
    if facts.odds is None:
        read([evidence], [facts], tools.model)
    odds = max(-CLIP, min(CLIP, facts.odds or 0.0))
    if not odds:
        return _UNKNOWN
    answer = f"{'spam' if odds > 0 else 'ham'} {min(0.99, max(0.01, _sigmoid(odds))):.2f}"
    like = "known spam" if odds > 0 else "ordinary messages"
    return Check("learned", answer, odds, f"its wording is like that of {like}")


def _sigmoid(odds: float) -> float:
    return 1 / (1 + math.exp(-min(60.0, max(-60.0, odds))))


def _per_byte(parts: Numbers, length: int) -> Numbers:
    """The weight of each byte: every n-gram shares its own out among the bytes it covers."""
    change = np.zeros(length + 1)
    for row, size in zip(parts, SIZES, strict=True):
        count = max(0, length - size + 1)
        share = row[:count] / size
        change[:count] += share
        change[size : size + count] -= share
    return np.cumsum(change[:length])


def _stretches(data: bytes, weights: Numbers, subject: int) -> tuple[Span, ...]:
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
