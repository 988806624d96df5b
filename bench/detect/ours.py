"""Our own filter under the protocols: the learned model, with the features of each message read once."""

import time
from collections.abc import Sequence

import numpy as np

from bench.detect.protocols import Scores
from bench.detect.sets import Item
from counterspam.detect import views
from counterspam.detect.figures import fit_slope
from counterspam.detect.learned import Model
from counterspam.detect.learner import AGAIN, Learner

SEED = 1


class Ours:
    """The learned model as a filter. Scores are calibrated log-odds; `features` holds those of messages read before."""

    threshold = 0.0

    def __init__(self, features: dict[int, views.Found], start: Model | None = None, again: int = AGAIN) -> None:
        self.model = Model.above(start) if start else Model.empty()
        self.learner = Learner(self.model, again)
        self.features = features

    def found(self, item: Item) -> views.Found:
        """The features of a message, read once."""
        known = self.features.get(id(item))
        if known is None:
            known = self.features[id(item)] = views.read([item.evidence])
        return known

    def score(self, item: Item) -> float:
        """Log-odds of spam."""
        return float(self.model.log_odds(self.found(item))[0])

    def learn(self, item: Item, spam: bool) -> None:
        """One decision."""
        self.learner.learn(self.found(item), spam)


def read(items: Sequence[Item]) -> dict[int, views.Found]:
    """The features of all, by identity of the item."""
    found = views.read_all([item.evidence for item in items])
    return {id(item): one for item, one in zip(items, found, strict=True)}


def fitted(items: Sequence[Item], features: dict[int, views.Found], epochs: int = 3, rare: float = 2.0) -> Ours:
    """A filter that went over the items several times in a fixed random order.

    The rarer label counts more, at most `rare` times. The slope of the calibration comes from the second half of the first
    pass, in which every message is scored before it is learned.
    """
    filter, dice = Ours(features, again=0), np.random.default_rng(SEED)
    spam = np.array([item.spam for item in items])
    share = spam.mean()
    weights = np.where(spam, min(rare, max(1.0, (1 - share) / share)), min(rare, max(1.0, share / (1 - share))))
    seen = np.zeros(len(items))
    for epoch in range(epochs):
        order = dice.permutation(len(items))
        for i in order:
            if not epoch:
                seen[i] = filter.score(items[i])
            filter.model.step(filter.found(items[i]), items[i].spam, float(weights[i]))
        if not epoch:
            late = order[len(order) // 2 :]
            slope = fit_slope(seen[late], spam[late], np.ones(len(late)))
    filter.model.slope = min(2.0, max(0.2, slope))
    return filter


def speed(items: Sequence[Item]) -> tuple[float, float]:
    """Messages a second read and scored, and learned, by one core."""
    model, messages = Model.empty(), [item.evidence for item in items]
    features = views.read_all(messages)
    started = time.perf_counter()
    for found, item in zip(features, items, strict=True):
        model.step(found, item.spam)
    learned = time.perf_counter() - started
    started = time.perf_counter()
    for piece in views.pieces(messages):
        model.log_odds(views.read(piece))
    return len(items) / (time.perf_counter() - started), len(items) / learned


def scores(filter: Ours, items: Sequence[Item]) -> Scores:
    """Scores of messages, nothing learned."""
    return np.array([filter.score(item) for item in items])
