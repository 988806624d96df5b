"""Explanations are faithful: without what they name the score moves more than without as much at random."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

import pytest

from counterspam.detect import facts, learned, links, numbers, text
from counterspam.model import Evidence
from counterspam.taxonomy import Channel
from counterspam.tools import Tools

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "kinds"
DRAWS = 10


def messages() -> list[str]:
    """The invented messages of both parts."""
    found = (
        line for path in sorted(GOLDEN.glob("*/*.txt")) for line in path.read_text(encoding="utf-8").splitlines()[1:]
    )
    return [line.partition(" | ")[2] for line in found]


def test_the_stretches_named_move_the_score_more_than_others_as_long(make: Callable[..., Evidence]) -> None:
    model, dice = learned.load(None), random.Random(1)
    pairs = []
    for words in messages():
        evidence = make(text=words)
        before = model.score(evidence)
        sign = 1 if before > 0 else -1
        cut = sorted(
            (
                (span.start, span.end)
                for span in model.spans(evidence)
                if span.field == "text" and span.weight * sign > 0
            ),
            reverse=True,
        )
        length = sum(end - start for start, end in cut)
        if not 0 < length <= len(words) / 2:
            continue
        left = words
        for start, end in cut:
            left = left[:start] + left[end:]
        named = sign * (before - model.score(make(text=left)))
        drawn = []
        for _ in range(DRAWS):
            at = dice.randrange(len(words) - length + 1)
            drawn.append(sign * (before - model.score(make(text=words[:at] + words[at + length :]))))
        pairs.append((named, sum(drawn) / DRAWS))
    assert len(pairs) >= 50
    assert sum(named > drawn for named, drawn in pairs) >= 0.8 * len(pairs)
    assert median(named for named, _ in pairs) > 1.5 * max(0.0, median(drawn for _, drawn in pairs))


@pytest.mark.parametrize(
    ("check", "words", "cause"),
    [
        (links, "Dinner at eight, and look at http://paypa1.example/now before", "http://paypa1.example/now"),
        (numbers, "Dinner at eight, but please phone +88213000001 before you come", "+88213000001"),
        (text, "Dinner at eight, and your parcel is on hold, says the neighbour", "your parcel is on hold"),
    ],
    ids=["links", "numbers", "text"],
)
def test_without_its_cause_a_check_says_nothing(
    check: object, words: str, cause: str, make: Callable[..., Evidence], tools: Tools
) -> None:
    def weight(evidence: Evidence) -> float:
        answer = check.check(evidence, facts.derive(evidence), tools)  # type: ignore[attr-defined]
        return float(answer.weight)

    evidence = make(channel=Channel.SMS, text=words)
    whole = weight(evidence)
    assert whole > 0
    assert weight(replace(evidence, text=words.replace(cause, ""))) == 0
    other = words.replace("Dinner at eight", "")
    assert weight(replace(evidence, text=other)) == pytest.approx(whole)
