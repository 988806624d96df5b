"""The protocols of the field, the same for every filter: in order of arrival with feedback, in folds, from one set to
another.

A filter is anything with `score` and `learn`. Scores grow with spam; each filter states its own working threshold.
"""

import hashlib
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from bench.detect.sets import Item

Scores = npt.NDArray[np.float64]
FOLDS = 10


class Filter(Protocol):
    """What is measured: ours or a peer."""

    def score(self, item: Item) -> float:
        """How much like spam, unbounded; nothing is learned."""

    def learn(self, item: Item, spam: bool) -> None:
        """Take one labelled message in."""


class Leakage(Exception):
    """A message, or one of its near-duplicates, stands in both the training and the test part."""


def refuse_leakage(train: Sequence[Item], test: Sequence[Item]) -> None:
    """Raises Leakage when a group of near-duplicates or the bytes of a message are on both sides."""
    groups, seen = {item.group for item in train}, {item.data for item in train}
    for item in test:
        if item.group in groups or item.data in seen:
            raise Leakage(f"{item.id} is in the test part, and it or a near-duplicate in the training part")


def online(
    items: Sequence[Item],
    make: Callable[[], Filter],
    delay: int = 0,
    share: float = 1.0,
    lies: float = 0.0,
    seed: int = 1,
) -> Scores:
    """Scores in order of arrival; each message is learned once judged, as in TREC's spam tracks.

    The label comes after `delay` further messages, for a `share` of the messages, and is wrong for a share `lies` of them.
    """
    dice = np.random.default_rng(seed)
    told, wrong = dice.random(len(items)) < share, dice.random(len(items)) < lies
    filter = make()
    scores = np.zeros(len(items))
    for i, item in enumerate(items):
        scores[i] = filter.score(item)
        known = i - delay
        if known >= 0 and told[known]:
            filter.learn(items[known], items[known].spam != wrong[known])
    return scores


def folds(items: Sequence[Item]) -> npt.NDArray[np.int64]:
    """The fold of each item, 0 to 9; a group stays in one."""
    return np.array([int(hashlib.blake2b(i.group.encode(), digest_size=4).hexdigest(), 16) % FOLDS for i in items])


def tenfold_fitted(
    items: Sequence[Item], fit: Callable[[Sequence[Item]], Filter], fold: npt.NDArray[np.int64] | None = None
) -> Scores:
    """Scores of each part by a filter that was fitted to the others at leisure, without near-duplicates of it."""
    fold = folds(items) if fold is None else fold
    scores = np.zeros(len(items))
    for number in np.unique(fold):
        test = np.flatnonzero(fold == number)
        groups, datas = {items[i].group for i in test}, {items[i].data for i in test}
        others = [item for item, f in zip(items, fold, strict=True) if f != number]
        train = [item for item in others if item.group not in groups and item.data not in datas]
        refuse_leakage(train, [items[i] for i in test])
        filter = fit(train)
        for i in test:
            scores[i] = filter.score(items[i])
    return scores


def tenfold(items: Sequence[Item], make: Callable[[], Filter]) -> Scores:
    """Scores of each tenth by a filter that learned the other nine, in their order."""
    fold = folds(items)
    scores = np.zeros(len(items))
    for number in range(FOLDS):
        train = [item for item, f in zip(items, fold, strict=True) if f != number]
        test = np.flatnonzero(fold == number)
        refuse_leakage(train, [items[i] for i in test])
        filter = make()
        for item in train:
            filter.learn(item, item.spam)
        for i in test:
            scores[i] = filter.score(items[i])
    return scores
