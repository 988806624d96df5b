"""Trains and measures the score for machine-written text: `counterspam train --machine`.

Machine-written: our own texts in that style, in English. Human: sets whose licence allows shipping what was learned, written
before such machines or by people in a chat; foff_milter is of 2025 and 2026 and may hold machine-written newsletters, which
only makes the score more careful. Thresholds and calibration come from sets and templates left out, one set at a time, so
that neither the topic nor the year of a set passes for style. Other sets are measured only.
"""

import hashlib
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from counterspam.detect import machine, texts
from counterspam.detect.facts import derive
from counterspam.detect.figures import area, calibration_error
from counterspam.detect.labelled import OWN, SEED, TEXTS, TRAINED, Decode, Progress, Set, evidences, lines
from counterspam.errors import ConfigError
from counterspam.intervals import wilson
from counterspam.taxonomy import Channel

LANGUAGE = "en"
FOLDS = 5
WORDINGS = 4  # of each template
SAMPLE = 2000  # texts of one human set
FEWEST = 100  # texts of a human set from which on a threshold may rest on it
WRONG = 0.005  # share of the human texts of each set that may be called machine-written
SURE = 0.9  # probability below which a text is never called machine-written
MISSED = 0.02  # share of our machine-written texts that may be called human
STEPS, RATE, RIDGE = 80, 0.3, 1e-4
HUMAN = tuple(part for part in TRAINED if part.channel is not Channel.VOICE)

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Text:
    """Words of one text, where it is from, and what must stay on one side of a split with it. `at` is ms since 1970."""

    words: list[str]
    name: str
    group: str
    lang: str
    channel: Channel
    at: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What was said of one set left out: `texts` long enough, shares that were called machine-written, human, neither."""

    texts: int
    machine: float
    human: float
    silent: float


def train(shared: Path, out: Path, decode: Decode, progress: Progress = lambda _: None) -> machine.Machine:
    """Train on the sets under `shared` and our own texts, and write machine.npz and machine.json to `out`."""
    own = [text for text in own_texts(decode) if text.lang == LANGUAGE and len(text.words) >= machine.LEAST]
    human = []
    for part in HUMAN:
        progress(f"reading {part.name}")
        human += human_texts(part, shared, decode)
    all = [*human, *own]
    y = np.array([text.name == OWN for text in all])
    progress("leaving out one set after the other")
    margins = _left_out(all, y)
    names = np.array([text.name for text in all])
    weights, bias = fit(all, np.ones(len(all), np.bool_))
    slope, offset = _calibrated(margins, y, _balanced(names, np.ones(len(all), np.bool_)))
    sets = [name for name in dict.fromkeys(names.tolist()) if name != OWN and (names == name).sum() >= FEWEST]
    high = max(float(np.quantile(margins[names == name], 1 - WRONG, method="higher")) for name in sets) + 1e-6
    high = max(high, (math.log(SURE / (1 - SURE)) - offset) / slope)
    low = min(float(np.quantile(margins[y], MISSED)), -offset / slope)
    rounded = weights.astype(np.float16).astype(np.float32)
    made = machine.Machine(rounded, bias, slope, offset, low, high, frozenset((LANGUAGE,)), 0.0)
    told = {name: _told(made, margins[names == name]) for name in dict.fromkeys(names.tolist())}
    odds = slope * margins + offset
    record: dict[str, Any] = {
        "sets": {name: asdict(one) for name, one in told.items()},
        "area": {name: area(y[k], margins[k]) for name in sets if len(k := np.flatnonzero((names == name) | y))},
        "calibration": calibration_error(y, odds),
        "templates": len({text.group for text in own}),
        "settings": {"least_words": machine.LEAST, "wrong": WRONG, "missed": MISSED, "ridge": RIDGE, "steps": STEPS},
    }
    wrong = max(_at_most(told[name]) for name in sets)
    made = replace(made, wrong=wrong, record=record)
    made.save(out)
    return made


def own_texts(decode: Decode) -> Iterator[Text]:
    """Our own texts in the style of machines, some wordings of each template, in every language; short ones too."""
    for text in texts.read(TEXTS):
        if not text.template.startswith("machine"):
            continue
        for wording in texts.variants(text, WORDINGS, SEED):
            line = orjson.dumps({"subject": wording.subject or "", "text": wording.text, "label": text.label})
            for evidence, _, _ in evidences([(line, True, "", text.channel)], decode):
                if evidence:
                    words = machine.words(derive(evidence).words)
                    yield Text(words, OWN, text.template, text.lang, text.channel)


def human_texts(part: Set, shared: Path, decode: Decode, least: int = machine.LEAST) -> list[Text]:
    """The distinct texts of a set in the language, of at least so many words; a fixed sample of a large set."""
    found = [text for text in set_texts(part, shared, decode) if text.lang == LANGUAGE and len(text.words) >= least]
    chosen = np.sort(np.random.default_rng(SEED).permutation(len(found))[:SAMPLE])
    return [found[i] for i in chosen]


def set_texts(part: Set, shared: Path, decode: Decode) -> Iterator[Text]:
    """All distinct texts of a set with their words. Raises ConfigError when the file is missing."""
    seen = set()
    for evidence, _, cluster in evidences(lines(part, shared)[1], decode):
        if evidence is None:
            continue
        facts = derive(evidence)
        key = hashlib.blake2b(" ".join(words := machine.words(facts.words)).encode("utf-8", "replace")).hexdigest()
        if words and key not in seen:
            seen.add(key)
            yield Text(words, part.name, cluster or key, facts.language, part.channel, evidence.observed_at)


def fit(some: list[Text], chosen: Flags) -> tuple[machine.Weights, float]:
    """Weights and bias of a ridge logistic regression on the chosen texts, by Adam steps over all of them.

    Human texts are cut to the lengths of ours, so that length does not pass for style. Raises ConfigError without any of ours.
    """
    lengths = [len(text.words) for text in some if text.name == OWN]
    if not lengths:
        raise ConfigError("no machine-written text of our own to train on")
    dice = np.random.default_rng(SEED)
    found = [
        machine.buckets(_window(text, lengths, dice)) for text in some
    ]  # all, so that the same window is cut always
    kept = np.flatnonzero(chosen)
    y = np.array([some[i].name == OWN for i in kept], np.float64)
    counts = np.array([len(found[i]) for i in kept])
    row = np.repeat(np.arange(len(kept)), counts)
    unit = (1 / np.sqrt(counts))[row]
    used, column = np.unique(np.concatenate([found[i] for i in kept]), return_inverse=True)
    shares = _balanced(np.array([text.name for text in some]), chosen)[kept]
    weights, bias = _descend(row, column, unit, y, shares, len(used))
    whole = np.zeros(1 << machine.BITS, np.float32)
    whole[used] = weights
    return whole, bias


def _descend(row: Any, column: Any, unit: Numbers, y: Numbers, shares: Numbers, width: int) -> tuple[Numbers, float]:
    weights, first, second = np.zeros(width + 1), np.zeros(width + 1), np.zeros(width + 1)  # the last one is the bias
    for step in range(1, STEPS + 1):
        margin = np.bincount(row, weights[column] * unit, len(y)) + weights[-1]
        error = (1 / (1 + np.exp(-np.clip(margin, -60, 60))) - y) * shares
        slope = np.append(np.bincount(column, error[row] * unit, width) + RIDGE * weights[:-1], error.sum())
        first = 0.9 * first + 0.1 * slope
        second = 0.99 * second + 0.01 * slope**2
        weights -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.99**step)) + 1e-8)
    return weights[:-1], float(weights[-1])


def _window(text: Text, lengths: list[int], dice: np.random.Generator) -> list[str]:
    size = int(dice.choice(lengths))
    begin = int(dice.integers(0, max(1, len(text.words) - size))) if dice.random() < 0.4 else 0
    return text.words if text.name == OWN else text.words[begin : begin + size]


def _balanced(names: npt.NDArray[np.str_], chosen: Flags) -> Numbers:
    """Weights that sum to 1: half for ours; human sets count alike, small ones less."""
    shares = np.zeros(len(names))
    for name in np.unique(names[chosen]):
        which = chosen & (names == name)
        shares[which] = (1.0 if name == OWN else min(1.0, which.sum() / 500)) / which.sum()
    ours = names == OWN
    for part in (ours, ~ours):
        shares[part] /= 2 * max(shares[part].sum(), 1e-9)
    return shares


def _left_out(some: list[Text], y: Flags) -> Numbers:
    """The margin of each text under a model that saw neither its set (human) nor its template (ours)."""
    fold = {group: i % FOLDS for i, group in enumerate(sorted({text.group for text in some if text.name == OWN}))}
    part = np.array([f"{fold[text.group]}" if text.name == OWN else text.name for text in some])
    margins = np.zeros(len(some))
    for name in np.unique(part):
        weights, bias = fit(some, part != name)
        made = machine.Machine(weights, bias, 1.0, 0.0, 0.0, 0.0, frozenset(), 0.0)
        for i in np.flatnonzero(part == name):
            margins[i] = made.margin(some[i].words)
    return margins


def _calibrated(margins: Numbers, y: Flags, shares: Numbers) -> tuple[float, float]:
    """Slope and offset of Platt scaling, by Newton's method."""
    x = np.stack((margins, np.ones(len(margins))))
    found = np.array((1.0, 0.0))
    for _ in range(50):
        probability = 1 / (1 + np.exp(-np.clip(found @ x, -60, 60)))
        curve = (x * (shares * probability * (1 - probability))) @ x.T + 1e-9 * np.eye(2)
        found -= np.linalg.solve(curve, x @ (shares * (probability - y)))
    return float(found[0]), float(found[1])


def _at_most(told: Told) -> float:
    """Upper bound (95 %) of the share called machine-written."""
    found = wilson(told.machine * told.texts, told.texts)
    return found.high if found else 1.0


def _told(made: machine.Machine, margins: Numbers) -> Told:
    called, other = float((margins >= made.high).mean()), float((margins <= made.low).mean())
    return Told(len(margins), called, other, 1 - called - other)
