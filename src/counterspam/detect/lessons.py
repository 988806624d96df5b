"""Learning from a node's own evidence: the decisions of analysts, and reports of users as far as they may be believed.

One pass in the order given, from a copy of the parent, with some earlier lessons gone over again (`learner.py`): the same
lessons from the same parent give bit-identical weights (with the same numpy on the same kind of processor).
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from counterspam.detect import views
from counterspam.detect.learned import Model
from counterspam.detect.learner import Learner
from counterspam.model import Evidence

DECISION, REPORT = "decision", "report"
# The rarer label counts more, the more frequent one less, within these bounds: confirming spam all day must not teach
# that whatever is written in that language is spam.
LEAST_BALANCE, MOST_BALANCE = 0.25, 4.0
# So many of the more frequent label are learned beyond MOST_BALANCE times the rarer one: of 50 spams alone a model learns
# that everything like them in language and headers is spam, of 10 hardly (measured, docs/learning.md).
ALONE = 10.0


@dataclass(frozen=True, slots=True)
class Lesson:
    """A message with its label. `weight` is from 0 to 1 (a decision is 1), `basis` DECISION or REPORT.

    `key` names where it comes from (a decision's number, an evidence id); lessons of one `group` (a campaign, or the same
    letters) stay on one side of every split.
    """

    evidence: Evidence
    spam: bool
    weight: float
    basis: str
    key: str
    group: str


def evened(lessons: Sequence[Lesson]) -> list[Lesson]:
    """The lessons, of the more frequent label only the latest, by weight as many as the rarer one allows."""
    totals = {label: sum(one.weight for one in lessons if one.spam is label) for label in (False, True)}
    room = {label: ALONE + MOST_BALANCE * totals[not label] for label in totals}
    kept = []
    for one in reversed(lessons):
        room[one.spam] -= one.weight
        if room[one.spam] >= 0:
            kept.append(one)
    return kept[::-1]


def balanced(lessons: Sequence[Lesson]) -> list[Lesson]:
    """The same lessons with weights that make spam and ham count alike, as far as the bounds allow."""
    totals = {label: sum(one.weight for one in lessons if one.spam is label) for label in (False, True)}
    whole = sum(totals.values())
    factors = {
        label: min(MOST_BALANCE, max(LEAST_BALANCE, whole / (2 * total))) for label, total in totals.items() if total
    }
    return [replace(one, weight=one.weight * factors[one.spam]) for one in lessons if one.weight > 0]


def teach(parent: Model, lessons: Sequence[Lesson]) -> Model:
    """A copy of `parent` that has learned the lessons in their order."""
    learner = Learner(parent.copy())
    for one in balanced(lessons):
        learner.learn(views.read([one.evidence]), one.spam, one.weight)
    return learner.model


def split(lessons: Sequence[Lesson], parts: int) -> tuple[list[Lesson], list[Lesson]]:
    """Lessons to learn and lessons to test with, about one in `parts`; a group is never on both sides."""
    kept: tuple[list[Lesson], list[Lesson]] = ([], [])
    for one in lessons:
        place = int(hashlib.blake2b(one.group.encode(), digest_size=4).hexdigest(), 16)
        kept[place % parts == 0].append(one)
    return kept


def counts(lessons: Iterable[Lesson]) -> dict[str, dict[str, int]]:
    """How many lessons there are by label, channel, source kind and basis."""
    lessons = list(lessons)
    by = {
        "label": Counter("spam" if one.spam else "ham" for one in lessons),
        "channel": Counter(str(one.evidence.channel) for one in lessons),
        "source": Counter(str(one.evidence.source) for one in lessons),
        "basis": Counter(one.basis for one in lessons),
    }
    return {name: dict(sorted(found.items())) for name, found in by.items()}


def digest(lessons: Iterable[Lesson]) -> str:
    """SHA-256 over what is learned, in order: basis, key, label and weight of each."""
    state = hashlib.sha256()
    for one in lessons:
        state.update(f"{one.basis}\0{one.key}\0{int(one.spam)}\0{one.weight!r}\n".encode())
    return state.hexdigest()
