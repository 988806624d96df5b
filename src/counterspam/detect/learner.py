"""Learning from a stream of decisions: each one when it comes, and with it a few of those before, once more.

Going over old ones again makes up for how few decisions a node has (measured, docs/detection.md). What is remembered are hashed
features and the label, never a message, and only while the learner runs.
"""

import numpy as np

from counterspam.detect.learned import Model
from counterspam.detect.views import Found

REMEMBERED = 512  # at most about 20 kB each
AGAIN = 2  # of the remembered ones, with each new one
SEED = 1


class Learner:
    """Teaches a model, in a way that depends on nothing but the model and what it is told, in order."""

    def __init__(self, model: Model, again: int = AGAIN) -> None:
        self.model = model
        self._again = again
        self._dice = np.random.default_rng(SEED)
        self._seen = 0
        self._memory: list[tuple[Found, bool, float]] = []

    def learn(self, found: Found, spam: bool, weight: float = 1.0) -> None:
        """One decision; `weight` is how much it counts. A message without features teaches nothing."""
        if not len(found.buckets):
            return
        self.model.step(found, spam, weight)
        self.model.learned += 1
        self._remember(found, spam, weight)
        for i in self._dice.integers(0, len(self._memory), self._again):
            self.model.step(*self._memory[i])

    def _remember(self, found: Found, spam: bool, weight: float) -> None:
        """Every one so far has the same chance to be among the remembered (reservoir sampling)."""
        self._seen += 1
        if len(self._memory) < REMEMBERED:
            self._memory.append((found, spam, weight))
        elif (place := int(self._dice.integers(0, self._seen))) < REMEMBERED:
            self._memory[place] = (found, spam, weight)
