"""Faithfulness of explanations: taking out what an explanation names changes the score more than taking out as much at random.

Two things are named: the stretches of text that weighed in the learned model, and the causes of written checks (links,
numbers, phrases). From each held-out message the named stretches that speak for the model's answer are cut out, then as
many random stretches of the same lengths, word by word, DRAWS times. Held out: sets that the model is not trained on.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median
from types import ModuleType

import orjson
import re2

from bench.brands import mails, sms
from bench.common import bars, fresh_tools, lines, shared, table
from counterspam.detect import facts, learned, links, numbers, text
from counterspam.model import Check, Evidence

SETS = {
    "Turkish SMS": "sms_turkish/messages.jsonl.zst",
    "Chinese SMS": "sms_chinese/messages.jsonl.zst",
    "Indonesian SMS": "sms_indonesian/messages.jsonl.zst",
    "Super SMS, latest": "sms_super_latest/messages.jsonl.zst",
}
MESSAGES, DRAWS = 150, 10
LEAST = 40  # characters below which hardly anything can be left out
_DIGITS = re2.compile(r"\+?\(?\d[\d ()./-]{5,18}\d")
Stretch = tuple[str, int, int]  # field, start, end


def held_out(corpora: Path) -> Iterator[tuple[str, Evidence]]:
    """Messages of every set, evenly picked."""
    for name, path in SETS.items():
        rows = lines(corpora / path).splitlines()
        worded = [row for row in map(orjson.loads, rows) if len(row["text"]) >= LEAST]
        yield from ((name, sms(row["text"])) for row in worded[:: max(1, len(worded) // MESSAGES)][:MESSAGES])
    mail = (one for one in mails(corpora / "phishing_pot" / "phishing_pot.tar.zst") if LEAST <= len(one.text) < 5000)
    yield from (("phishing_pot", one) for one in islice(mail, 0, 10 * MESSAGES, 10))


def without(evidence: Evidence, cut: Sequence[Stretch]) -> Evidence:
    """The message without these stretches."""
    left = {"subject": evidence.subject, "text": evidence.text}
    for field, start, end in sorted(cut, key=lambda stretch: -stretch[1]):
        left[field] = left[field][:start] + left[field][end:]
    return replace(evidence, **left)


def at_random(evidence: Evidence, cut: Sequence[Stretch], dice: random.Random) -> list[Stretch]:
    """As many stretches of the same lengths, each from the start of a word, none over another."""
    found: list[Stretch] = []
    for field, start, end in cut:
        whole: str = getattr(evidence, field)
        size = end - start
        starts = [i for i in range(len(whole) - size + 1) if i == 0 or whole[i - 1].isspace() or whole[i] > "\u2e80"]
        free = [i for i in starts if all(f != field or i + size <= a or i >= b for f, a, b in found)]
        if free:
            at = dice.choice(free)
            found.append((field, at, at + size))
    return found


def compared(
    evidence: Evidence, cut: Sequence[Stretch], score: Callable[[Evidence], float], dice: random.Random
) -> tuple[float, float]:
    """By how much the score moves towards nothing without the named stretches, and on average without random ones."""
    before = score(evidence)
    sign = 1 if before > 0 else -1
    named = sign * (before - score(without(evidence, cut)))
    drawn = [sign * (before - score(without(evidence, at_random(evidence, cut, dice)))) for _ in range(DRAWS)]
    return named, sum(drawn) / DRAWS


def stretches(evidence: Evidence, model: learned.Model) -> list[Stretch]:
    """The stretches that speak for the model's answer, unless they are most of the message."""
    sign = 1 if model.score(evidence) > 0 else -1
    cut = [(span.field, span.start, span.end) for span in model.spans(evidence) if span.weight * sign > 0]
    return cut if 0 < sum(end - start for _, start, end in cut) <= len(evidence.text) / 2 else []


def causes(evidence: Evidence, check: Check) -> list[Stretch]:
    """Where in the text the cause of a check's answer stands."""
    lower = evidence.text.lower()
    if check.name == "links":
        words = re2.compile(r"\S*(?:https?://|www\.|\w\.\w+/)\S*").finditer(evidence.text)
        return [("text", word.start(), word.end()) for word in words]
    if check.name == "numbers":
        return [("text", found.start(), found.end()) for found in _DIGITS.finditer(evidence.text)]
    phrases = [phrase for _, values in check.reasons for phrase in values.get("phrases", ())]
    return [("text", at, at + len(phrase)) for phrase in phrases if (at := lower.find(phrase)) >= 0]


def figures(pairs: Sequence[tuple[float, float]]) -> list[object]:
    """Messages, the two medians, their ratio, and the share of messages where the named one is larger."""
    named, drawn = (median(side) for side in zip(*pairs, strict=True))
    share = sum(a > b for a, b in pairs) / len(pairs)
    return [len(pairs), round(named, 3), round(drawn, 3), named / max(drawn, 1e-3), 100 * share]


def main() -> None:
    """All sets, for the model and for three checks."""
    tools, dice = fresh_tools(), random.Random(1)
    model = tools.model
    of_model: dict[str, list[tuple[float, float]]] = {}
    of_checks: dict[str, list[tuple[float, float]]] = {}
    for name, evidence in held_out(shared()):
        if cut := stretches(evidence, model):
            of_model.setdefault(name, []).append(compared(evidence, cut, model.score, dice))
        known = facts.derive(evidence)
        for module in (links, numbers, text):
            given = module.check(evidence, known, tools)

            def weight(one: Evidence, module: ModuleType = module) -> float:
                found: Check = module.check(one, facts.derive(one), tools)
                return found.weight

            if given.weight > 0 and not evidence.urls and (cut := causes(evidence, given)):
                of_checks.setdefault(given.name, []).append(compared(evidence, cut, weight, dice))
    columns = ["", "messages", "named", "random", "ratio", "named larger %"]
    table("Stretches: change of the model's margin", columns, [[k, *figures(v)] for k, v in of_model.items()])
    table("Causes of checks: change of the weight", columns, [[k, *figures(v)] for k, v in of_checks.items()])
    every, written = ([pair for pairs in group.values() for pair in pairs] for group in (of_model, of_checks))
    named, drawn = (median(side) for side in zip(*every, strict=True))
    bars(
        [
            ("stretches_ratio", named / max(drawn, 1e-3), 2.0, True),
            ("stretches_share_larger", sum(a > b for a, b in every) / len(every), 0.85, True),
            ("checks_share_larger", sum(a > b for a, b in written) / len(written), 0.85, True),
        ]
    )


if __name__ == "__main__":
    main()
