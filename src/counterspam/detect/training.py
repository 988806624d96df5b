"""Trains the model that is shipped, measures it, and writes down both: `counterspam train`.

Only sets whose licence allows shipping what was learned from them are trained on; others are measured on. Order, folds
and rounding are fixed, so the same files give the same model. What calls this hands in the decoding of the pipeline.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from counterspam.detect import learned, model_card, views
from counterspam.detect.figures import Figures, fit_slope, measure
from counterspam.detect.labelled import (
    HELD_OUT,
    OWN,
    SEED,
    TRAINED,
    Decode,
    Example,
    Progress,
    Read,
    read_all,
    read_texts,
)
from counterspam.taxonomy import Channel

FOLDS = 5
EPOCHS = 4
# An n-gram seen in fewer messages is forgotten: it would be somebody's name or address.
MIN_MESSAGES = 3
# The rarer label of a set counts more, up to this factor, so that no set teaches "messages here are ham".
MOST_WEIGHT = 4.0
# The texts of our own are many and invented: they count less, so that real messages are learned first (measured).
OWN_WEIGHT = 0.1


@dataclass(frozen=True, slots=True)
class Record:
    """All there is to know about a model; written beside it as model.json."""

    model: learned.Model
    sets: tuple[dict[str, Any], ...]
    figures: dict[str, Figures]
    held_out: dict[str, Figures]


def train(
    shared: Path, out: Path, decode: Decode, progress: Progress = lambda _: None, card: Path | None = None
) -> Record:
    """Train on the sets under `shared`, write model.npz and model.json to `out`, and the model card to `card`.

    Raises ConfigError when a set is missing or empty.
    """
    reads = [*read_all(TRAINED, shared, decode, progress), read_texts(decode)]
    examples = [example for read in reads for example in read.examples]
    names = np.array([read.set.name for read in reads for _ in read.examples])
    spam = np.array([example.spam for example in examples])
    weights = balanced(names, spam)
    raw = _cross_validate(examples, weights, progress)
    slope = fit_slope(raw, spam, weights)
    odds = slope * raw
    figures = {read.set.name: measure(spam[names == read.set.name], odds[names == read.set.name]) for read in reads}
    progress("learning from all of them")
    model = fit(examples, weights)
    sets = tuple(_described(read) for read in reads)
    final = learned.Model(_rounded(model.weights), model.bias, slope, {})
    held_out = {}
    for read in read_all(HELD_OUT, shared, decode, progress):
        found = np.array([final.log_odds(example.found)[0] for example in read.examples])
        held_out[read.set.name] = measure(np.array([example.spam for example in read.examples]), found)
    record = Record(final, sets, figures, held_out)
    final.record = _written(record)
    final.save(out)
    if card:
        card.write_text(model_card.text(final.record, final.version), encoding="utf-8")
    return record


def of(reads: Sequence[Read]) -> learned.Model:
    """A model of these sets, as it is shipped but for its calibration."""
    examples = [example for read in reads for example in read.examples]
    names = np.array([read.set.name for read in reads for _ in read.examples])
    return fit(examples, balanced(names, np.array([example.spam for example in examples])))


def fit(examples: list[Example], weights: npt.NDArray[np.float64]) -> learned.Model:
    """A model of these examples: several passes in a fixed random order, the second half of them averaged."""
    model = learned.Model.empty()
    order = np.random.default_rng(SEED)
    total = np.zeros_like(model.weights)
    bias = np.zeros_like(model.bias)
    for epoch in range(EPOCHS):
        for i in order.permutation(len(examples)):
            model.step(examples[i].found, examples[i].spam, float(weights[i]))
        if epoch >= EPOCHS // 2:
            total += model.weights
            bias += model.bias
    seen = np.zeros(len(total), np.uint16)
    for example in examples:
        seen[np.unique(example.found.buckets)] += 1
    averaged = np.where(seen >= MIN_MESSAGES, total / (EPOCHS - EPOCHS // 2), np.float32(0))
    return learned.Model(averaged.astype(np.float32), bias / (EPOCHS - EPOCHS // 2), 1.0, {})


def balanced(names: npt.NDArray[np.str_], spam: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Weights that make spam and ham of each set count alike, as far as MOST_WEIGHT allows."""
    weights = np.ones(len(spam))
    for name in np.unique(names):
        for label in (False, True):
            chosen = (names == name) & (spam == label)
            if chosen.any():
                weights[chosen] = min(MOST_WEIGHT, 0.5 * float((names == name).sum()) / float(chosen.sum()))
    weights[names == OWN] *= OWN_WEIGHT
    return weights


def _cross_validate(
    examples: list[Example], weights: npt.NDArray[np.float64], progress: Progress
) -> npt.NDArray[np.float64]:
    """Log-odds before calibration of each example under a model that did not see its group."""
    folds = np.array(
        [int(hashlib.blake2b(example.group.encode(), digest_size=4).hexdigest(), 16) % FOLDS for example in examples]
    )
    raw = np.zeros(len(examples))
    for fold in range(FOLDS):
        progress(f"fold {fold + 1} of {FOLDS}")
        inside = np.flatnonzero(folds != fold)
        model = fit([examples[i] for i in inside], weights[inside])
        for i in np.flatnonzero(folds == fold):
            raw[i] = model.log_odds(examples[i].found)[0]
    return raw


def _rounded(weights: learned.Weights) -> learned.Weights:
    """Weights as they are stored."""
    return weights.astype(np.float16).astype(np.float32)


def _described(read: Read) -> dict[str, Any]:
    spam = sum(example.spam for example in read.examples)
    return {
        "name": read.set.name,
        "file": f"corpora/{read.set.path}" if read.set.channel is not Channel.OTHER else read.set.path,
        "sha256": read.sha256,
        "licence": read.set.licence,
        "spam": spam,
        "ham": len(read.examples) - spam,
        "repeated": read.repeated,
        "unread": read.unread,
    }


def _written(record: Record) -> dict[str, Any]:
    """The record as model.json holds it."""
    return {
        "code": version("counterspam"),
        "settings": {
            "bits": views.BITS,
            "sizes": list(views.SIZES),
            "bytes": views.MAX_TEXT,
            "head_bytes": views.MAX_HEAD,
            "shares": learned.SHARES.tolist(),
            "rate": learned.RATE,
            "start": learned.START,
            "silent_below": learned.SILENT,
            "fluent_from": learned.FLUENT,
            "half": learned.HALF,
            "epochs": EPOCHS,
            "folds": FOLDS,
            "seed": SEED,
            "min_messages": MIN_MESSAGES,
            "most_weight": MOST_WEIGHT,
            "own_weight": OWN_WEIGHT,
        },
        "sets": list(record.sets),
        "figures": {name: asdict(figures) for name, figures in record.figures.items()},
        "held_out": {name: asdict(figures) for name, figures in record.held_out.items()},
    }
