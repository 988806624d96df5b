"""Trying an expression on evidence: how many meet it, and where that differs from the verdict and from another definition."""

import difflib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from counterspam.policy.definitions.expression import NO, YES, Expression
from counterspam.policy.definitions.facts import UNKNOWN, Row, of_row

MOST_EXAMPLES = 5  # of each kind
KINDS = {
    "only-here": (YES, False),  # meets it, and the verdict is not spam
    "only-verdict": (NO, True),
    "unknown": (UNKNOWN, None),
    "both": (YES, True),
}


@dataclass(slots=True)
class Trial:
    """`verdicts` counts (answer, own verdict), `against` (answer, answer of the other definition), `missing` facts not known.

    `examples` are rows by kind: "only-here", "only-verdict", "unknown", "both".
    """

    rows: int = 0
    verdicts: Counter[tuple[str, bool]] = field(default_factory=Counter)
    against: Counter[tuple[str, str]] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in KINDS})

    @property
    def answers(self) -> Mapping[str, int]:
        """Rows by answer."""
        found: Counter[str] = Counter()
        for (answer, _), count in self.verdicts.items():
            found[answer] += count
        return found


def run(made: Expression, rows: Iterable[Row], other: Expression | None = None) -> Trial:
    """Try an expression on rows of the event store, beside the `other` one where there is one."""
    found = Trial()
    for row in rows:
        facts = of_row(row)
        answer = made.answer(facts)
        found.rows += 1
        found.verdicts[answer.value, bool(row["spam"])] += 1
        if answer.value == UNKNOWN:
            found.missing.update(answer.missing or ("",))
        if other is not None:
            found.against[answer.value, other.decide(facts)] += 1
        _example(found.examples, row, answer.value)
    return found


def _example(examples: Mapping[str, list[Row]], row: Row, answer: str) -> None:
    for kind, (wanted, verdict) in KINDS.items():
        if answer == wanted and verdict in (None, bool(row["spam"])) and len(examples[kind]) < MOST_EXAMPLES:
            examples[kind].append(row)
            return


def lines(old: str, new: str) -> Sequence[tuple[str, str]]:
    """The difference between two texts, line by line: ("same" | "out" | "in", line)."""
    signs = {"  ": "same", "- ": "out", "+ ": "in"}
    found = difflib.ndiff(old.splitlines(), new.splitlines())
    return [(signs[line[:2]], line[2:].rstrip("\n")) for line in found if line[:2] in signs]
