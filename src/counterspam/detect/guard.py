"""The test that a new version of the model must pass before it is used: decisions that it has not seen, and a canary.

The canary is a few dozen short messages in many languages, written for this purpose and learned by nobody. It does not say how
good a model is; it sings when one has unlearned what it could do.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from counterspam.detect.learned import Model
from counterspam.detect.lessons import DECISION, Lesson, split, teach
from counterspam.model import Evidence
from counterspam.taxonomy import Channel, Source

PARTS = 5  # one group of decisions in so many is kept apart for the test
LEAST_HELD = 10  # decisions without which that test says nothing
WORSE = 0.02  # by how much the share of errors may grow,
WORSE_MESSAGES = 2  # as long as it is not by more messages than this (few messages make large shares),
WORSE_LOSS = 0.03  # and by how much the mean logarithmic loss may grow
_FLOOR = 1e-6


@dataclass(frozen=True, slots=True)
class Score:
    """How a model did on labelled messages: `wrong` is what lies on the wrong side of 1/2, `loss` the mean logarithmic loss.

    The model is asked alone, without the other checks; where it is silent it says 1/2, which is wrong for spam.
    """

    messages: int
    wrong: int
    loss: float

    @property
    def share(self) -> float:
        """Share of errors."""
        return self.wrong / self.messages if self.messages else 0.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """`passed`, the reason in one line, and the scores of parent and candidate on both sets."""

    passed: bool
    why: str
    scores: dict[str, dict[str, Any]]


def score(model: Model, labelled: Iterable[tuple[Evidence, bool]]) -> Score:
    """How a model does on labelled messages."""
    messages = wrong = 0
    loss = 0.0
    for evidence, spam in labelled:
        probability = model.probability(evidence)
        messages += 1
        wrong += (probability > 0.5) is not spam
        loss -= math.log(max(_FLOOR, probability if spam else 1 - probability))
    return Score(messages, wrong, loss / messages if messages else 0.0)


@cache
def canary() -> tuple[tuple[Evidence, bool], ...]:
    """The messages of the canary with their labels."""
    lines = (files("counterspam") / "data" / "canary.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return tuple(
        (
            Evidence(
                id="",
                key="",
                received_at=0,
                observed_at=0,
                channel=Channel(row["channel"]),
                source=Source.USER_REPORT,
                format="",
                intake="",
                text=row["text"],
            ),
            row["spam"],
        )
        for row in rows
    )


def worse(before: Score, after: Score) -> str:
    """In which way `after` is worse than may be, "" when it is not."""
    more = after.wrong - before.wrong
    if more > WORSE_MESSAGES and after.share - before.share > WORSE:
        return f"{after.wrong} of {after.messages} wrong, {before.wrong} before"
    if after.loss - before.loss > WORSE_LOSS:
        return f"mean logarithmic loss {after.loss:.3f}, {before.loss:.3f} before"
    return ""


def tested(parent: Model, candidate: Model, lessons: Sequence[Lesson], *, seen: bool) -> Outcome:
    """Whether a candidate may follow its parent. `seen`: it has learned these lessons.

    Then a sibling that has learned all but one group in five stands in for it, and is tested with that one. What others have
    learned passes only with decisions of this node to test it with: the canary does not know their language.
    """
    learn, held = split(lessons, PARTS) if seen else ([], list(lessons))
    held = [one for one in held if one.basis == DECISION]
    sets = [("canary", canary(), candidate)]
    if enough := len(held) >= LEAST_HELD:
        sets.append(
            ("held out", tuple((one.evidence, one.spam) for one in held), teach(parent, learn) if seen else candidate)
        )
    wrong, scores = [], {}
    if not (seen or enough):
        wrong.append(f"only {len(held)} decisions here to test it with, {LEAST_HELD} are needed")
    for name, messages, model in sets:
        before, after = score(parent, messages), score(model, messages)
        scores[name] = {"before": asdict(before), "after": asdict(after)}
        if said := worse(before, after):
            wrong.append(f"{name}: {said}")
    if wrong:
        return Outcome(False, "; ".join(wrong), scores)
    few = "" if enough else f"; only {len(held)} decisions kept apart, which tests nothing"
    return Outcome(True, f"not worse than its parent{few}", scores)
