"""The learned check: an online linear model over hashed features, the same for every channel and language.

Three logistic regressions, one per view of the message (`views.py`), each feature counted once and divided by the square root
of their number, learned one message at a time with AdaGrad steps (Duchi, Hazan, Singer, JMLR 12, 2011). Each view learns from
its own error, and their margins are added: the views err on different messages (measured, docs/detection.md).

It is one witness among others: what it says of the wording shrinks towards nothing where it knows few of the n-grams, which
is the case for very short texts and for languages it was not trained on.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from counterspam.detect import model_files, views
from counterspam.detect.disguise import undo
from counterspam.detect.fold import clean, fold
from counterspam.detect.stretches import Layer, stretches
from counterspam.detect.views import BITS, VIEWS, Found
from counterspam.model import Check, Evidence, Facts, Span
from counterspam.tools import Tools

CLIP = 6.0
RATE = 0.5
# AdaGrad's first denominator: small, so that the first sights of a feature count much (measured, docs/detection.md).
START = 1e-5
# That of the features that a loaded model knows: what was learned before yields to what is learned now, not at once.
KNOWN = np.float32(1e-4)
# How much of the model below is left out where the layer above fully knows the wording (measured, docs/detection.md).
YIELDS = 0.7
# How much each view counts in the sum; traits are few, and sure too early.
SHARES = np.array((1.0, 1.0, 0.5))
# Share of known n-grams below which it is silent, and from which it speaks with full weight (measured: foreign languages).
SILENT, FLUENT = 0.45, 0.85
# Known n-grams of the wording at which half of its weight is given; the square lets a usual SMS speak fully.
HALF = 60.0
_NO_TEXT = Check("learned", "no text", 0.0, "nothing to read")
_UNKNOWN = Check("learned", "unknown", 0.0, "the model knows too little of its wording")

Weights = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]


class Model:
    """Weights, bias of each view, slope of the calibration, the record of where they come from, and the model `base` below it.

    `step` changes this copy only, and never the base.
    """

    def __init__(
        self,
        weights: Weights,
        bias: Numbers,
        slope: float,
        record: Mapping[str, Any],
        version: str = "",
        base: "Model | None" = None,
    ) -> None:
        self.weights = weights
        self.bias = bias
        self.slope = slope
        self.record = record
        self.base = base
        self.learned = 0
        self._chance = float(np.count_nonzero(weights)) / len(weights)
        self._squares: Weights | None = None
        self._version = version or model_files.fingerprint(weights, bias, slope)[:12]

    @classmethod
    def empty(cls) -> "Model":
        """A model that knows nothing."""
        return cls(np.zeros(1 << BITS, np.float32), np.zeros(len(VIEWS)), 1.0, {})

    @classmethod
    def above(cls, base: "Model") -> "Model":
        """One that has learned nothing of its own yet, and leaves all to `base`."""
        return cls(np.zeros_like(base.weights), np.zeros_like(base.bias), 1.0, base.record, base.version, base)

    def copy(self) -> "Model":
        """One that learns without changing this one."""
        other = Model(self.weights.copy(), self.bias.copy(), self.slope, self.record, self._version, self.base)
        other._squares = None if self._squares is None else self._squares.copy()
        other.learned = self.learned
        return other

    @property
    def version(self) -> str:
        """12 hex digits over all its numbers, with what was learned since."""
        return f"{self._version}+{self.learned}" if self.learned else self._version

    def margins(self, found: Found) -> tuple[Numbers, Numbers]:
        """A row per message, the margin of each view, 0 for one that the message lacks; and the share, from 0 to 1, of the
        wording's that may be believed, to which that is shrunk. What is below has no part in it."""
        counts = np.diff(found.bounds)
        if not len(found.buckets):
            return np.zeros((len(counts) // 3, 3)), np.zeros(len(counts) // 3)
        filled = counts > 0
        first = found.bounds[:-1][filled]
        weights = self.weights.take(found.buckets)
        margins = np.zeros(len(counts))
        margins[filled] = np.add.reduceat(weights, first) / np.sqrt(counts[filled])
        known = np.zeros(len(counts))
        known[filled] = np.add.reduceat(weights != 0, first, dtype=np.int32)
        rows = (margins + np.tile(self.bias, len(counts) // 3) * filled).reshape(-1, 3)
        belief = self._belief(known[::3], counts[::3])
        rows[:, 0] *= belief
        return rows, belief

    def _belief(self, known: Numbers, counts: views.Places) -> Numbers:
        """The share of a wording's margin that may be believed, from 0 to 1."""
        # An unknown n-gram meets a used bucket by chance.
        chance = min(self._chance, 0.99)
        share = (known / np.maximum(counts, 1) - chance) / (1 - chance)
        fluency = np.minimum(np.maximum((share - SILENT) / (FLUENT - SILENT), 0), 1)
        return np.asarray(fluency * known**2 / (known**2 + HALF**2))

    def score(self, evidence: Evidence) -> float:
        """Calibrated log-odds that it is spam, positive for spam; 0 without anything to read."""
        return float(self.log_odds(views.read([evidence]))[0])

    def log_odds(self, found: Found) -> Numbers:
        """Calibrated log-odds that each message is spam, as if half of all messages were spam; 0 when unknown."""
        margins, belief = self.margins(found)
        odds = np.asarray(self.slope * (margins @ SHARES))
        return odds if self.base is None else odds + (1 - YIELDS * belief) * self.base.log_odds(found)

    def probability(self, evidence: Evidence) -> float:
        """Calibrated probability of spam, as if half of all messages were spam."""
        return sigmoid(self.score(evidence))

    def features(self, evidence: Evidence) -> views.Buckets:
        """The distinct buckets of a message's features; none without anything to read."""
        return np.unique(views.read([evidence]).buckets)

    def knows(self, buckets: views.Buckets) -> npt.NDArray[np.bool_]:
        """For which of these it has a weight, or what is below it."""
        own: npt.NDArray[np.bool_] = self.weights.take(buckets) != 0
        return own if self.base is None else own | self.base.knows(buckets)

    def step(self, found: Found, spam: bool, weight: float = 1.0) -> None:
        """One AdaGrad step of every view on the features of one message."""
        if self._squares is None:
            # What was loaded is shared, and cannot be written to.
            self.weights, self.bias = self.weights.copy(), self.bias.copy()
            self._squares = np.where(self.weights != 0, KNOWN, np.float32(START))
        places = found.buckets.astype(np.intp)
        squares = self._squares.take(places)
        weights = self.weights.take(places)
        slopes = np.empty(len(weights), np.float32)
        bounds = found.bounds.tolist()
        for view in range(len(VIEWS)):
            start, end = bounds[view : view + 2]
            if end > start:
                unit = 1 / (end - start) ** 0.5
                margin = float(weights[start:end].sum()) * unit + self.bias[view]
                error = (sigmoid(margin) - spam) * weight
                slopes[start:end] = error * unit
                self.bias[view] -= 0.01 * RATE * error
        squares += slopes * slopes
        self._squares[places] = squares
        self.weights[places] = weights - np.float32(RATE) * slopes / np.sqrt(squares)

    def save(self, folder: Path) -> None:
        """Write weights and record; what `load` reads."""
        model_files.save(self, folder)

    def spans(self, evidence: Evidence) -> tuple[Span, ...]:
        """The at most five stretches of subject and text that weighed most, heaviest first."""
        if not (evidence.text or evidence.subject):
            return ()
        found = views.read([evidence])
        return stretches(evidence, self._layers(found.buckets[: found.bounds[1]], 1.0))

    def _layers(self, wording: views.Buckets, share: float) -> list[Layer]:
        """What turns weights into log-odds of a message with these features, for this model and those below."""
        known = np.array([np.count_nonzero(self.weights.take(wording))], np.float64)
        belief = float(self._belief(known, np.array([len(wording)]))[0])
        own = Layer(self.weights, share * belief * self.slope / max(1, len(wording)) ** 0.5)
        return [own, *(self.base._layers(wording, share * (1 - YIELDS * belief)) if self.base else ())]


def load(folder: Path | None) -> Model:
    """The model in `folder`, or the shipped one. Raises ConfigError when it is missing, damaged or of another format."""
    stored = model_files.load(folder) if folder else model_files.shipped()
    return _model(stored)


def _model(stored: model_files.Stored) -> Model:
    base = _model(stored.base) if stored.base else None
    return Model(stored.weights, stored.bias, stored.slope, stored.record, stored.version, base)


def read(some: Sequence[Evidence], facts: Sequence[Facts], model: Model) -> None:
    """Put into each message's facts what the model says of it. A disguised one is read as a reader reads it."""
    worded = [(e, f) for e, f in zip(some, facts, strict=True) if e.text or e.subject or e.head]
    odds = [model.log_odds(views.read(piece)) for piece in views.pieces([_seen(e, f) for e, f in worded])]
    for (_, known), one in zip(worded, chain.from_iterable(odds), strict=True):
        known.odds = float(one)


def _seen(evidence: Evidence, facts: Facts) -> Evidence:
    if facts.obfuscation < 2 and not facts.disguised:
        return evidence
    return replace(evidence, subject=undo(fold(clean(evidence.subject))[0])[0], text=facts.words)


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """What the model says, as calibrated log-odds."""
    if not (evidence.text or evidence.subject or evidence.head):
        return _NO_TEXT
    if facts.odds is None:
        read([evidence], [facts], tools.model)
    odds = max(-CLIP, min(CLIP, facts.odds or 0.0))
    if not odds:
        return _UNKNOWN
    answer = f"{'spam' if odds > 0 else 'ham'} {min(0.99, max(0.01, sigmoid(odds))):.2f}"
    like = "known spam" if odds > 0 else "ordinary messages"
    return Check("learned", answer, odds, f"its wording is like that of {like}")


def sigmoid(odds: float) -> float:
    """The probability that log-odds stand for."""
    return 1 / (1 + math.exp(-min(60.0, max(-60.0, odds))))
