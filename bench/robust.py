"""How detection holds out against the tactics of bench/attacks.py, and against hand-made evasions of real SMS spam.

Of each set a fifth is held out: the model is learned without it. What is measured are recall on spam and the share of ham
called spam at one threshold, before and after each attack; the attack is made on the ham too.
"""

import base64
import json
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench import attacks
from bench.common import bars, fresh_tools, lines, shared, table
from counterspam import pipeline
from counterspam.decode.mime import message_fields
from counterspam.detect import labelled, learned, training
from counterspam.detect.facts import derive
from counterspam.model import Evidence, Raw
from counterspam.taxonomy import Channel, Source
from counterspam.tools import Tools

# Evidence in, probability of spam out.
Scorer = Callable[[Sequence[Evidence]], Sequence[float]]

SEED = 7
MOST = 300  # messages of each label and set
HELD_OUT_FOLD = 0
THRESHOLD = 0.5
SETS = {
    "UCI SMS": ("sms_uci/messages.jsonl.zst", Channel.SMS),
    "Super SMS": ("sms_super_latest/messages.jsonl.zst", Channel.SMS),
    "SpamAssassin": ("spamassassin/spamassassin.tar.zst", Channel.EMAIL),
    "YouTube": ("social_youtube/comments.jsonl.zst", Channel.SOCIAL),
}
TACTICS = ("none", *attacks.PLAIN, "word salad", "html hiding", "encoded body")
# Tactics that a reader hardly notices: what is left of the recall after them is held against a bar.
UNDONE = ("homoglyphs", "styled", "zero-width", "combining", "leet", "spacing", "punctuation")


@dataclass(frozen=True)
class Messages:
    """Held-out messages of one set."""

    name: str
    spam: list[Evidence]
    ham: list[Evidence]


def held_out(text_key: str) -> bool:
    """Whether a message is kept from the model; near enough to one in five, by its letters."""
    return int(text_key[:8], 16) % training.FOLDS == HELD_OUT_FOLD


def read(root: Path, name: str) -> Messages:
    """Distinct held-out messages of a set, sampled, as nobody reported them (a report would decide by itself)."""
    path, channel = root / SETS[name][0], SETS[name][1]
    data = path.read_bytes()
    rows = labelled.mails(path, data) if ".tar." in path.name else labelled.json_lines(data)
    found: dict[bool, dict[str, Evidence]] = {True: {}, False: {}}
    for index, (item, spam, _) in enumerate(rows):
        raw = Raw(id=f"{index:032x}", data=item, received_at=labelled.NOW, intake="bench", channel=channel)
        for evidence in pipeline.decode(raw):
            if isinstance(evidence, Evidence) and evidence.text and held_out(key := labelled.text_key(evidence)):
                found[spam].setdefault(key, replace(evidence, source=Source.FILTER, claimed="", reported_spam=None))
    dice = random.Random(SEED)
    spam, ham = (list(found[label].values()) for label in (True, False))
    return Messages(name, dice.sample(spam, min(MOST, len(spam))), dice.sample(ham, min(MOST, len(ham))))


def held_out_model(root: Path) -> learned.Model:
    """A model of the sets that may be learned from, without what is held out here."""
    reads = [labelled.read(part, root.parent, pipeline.decode) for part in labelled.TRAINED]
    examples, names = [], []
    for one in reads:
        for example in one.examples:
            if not held_out(example.group):
                examples.append(example)
                names.append(one.set.name)
    own = labelled.read_texts(pipeline.decode)
    examples += own.examples
    names += [own.set.name] * len(own.examples)
    weights = training.balanced(np.array(names), np.array([example.spam for example in examples]))
    model = training.fit(examples, weights)
    model.slope = learned.load(None).slope
    return model


def by_model(tools: Tools) -> Scorer:
    """What the learned model alone says, as it is asked on the path: of disguised words as a reader reads them."""

    def score(some: Sequence[Evidence]) -> list[float]:
        facts = [derive(evidence) for evidence in some]
        learned.read(some, facts, tools.model)
        return [learned.sigmoid(known.odds or 0.0) for known in facts]

    return score


def by_verdict(tools: Tools) -> Scorer:
    """What the node says: all checks and the verdict."""
    return lambda some: [verdict.probability for _, verdict in pipeline.explain(list(some), tools)]


def attacked(some: Iterable[Evidence], tactic: str, ham: Sequence[str]) -> list[Evidence]:
    """The messages after a tactic; those that the tactic cannot touch (HTML in an SMS) are left out."""
    dice = random.Random(f"{SEED}/{tactic}")
    found = []
    for evidence in some:
        if tactic in ("html hiding", "encoded body"):
            if evidence.channel is Channel.EMAIL:
                found.append(_wrapped(evidence, tactic, ham, dice))
            continue
        attack = attacks.PLAIN.get(tactic) or (attacks.word_salad(ham) if tactic == "word salad" else None)
        if attack is None:
            found.append(evidence)
            continue
        subject = attack(evidence.subject, dice) if evidence.subject and tactic in attacks.PLAIN else evidence.subject
        urls = () if tactic == "url rewriting" else evidence.urls
        found.append(replace(evidence, text=attack(evidence.text, dice), subject=subject, html="", urls=urls))
    return found


def _wrapped(evidence: Evidence, tactic: str, ham: Sequence[str], dice: random.Random) -> Evidence:
    """The text as a mail that hides it in HTML or sends it in base64, decoded again as the node does."""
    page = tactic == "html hiding"
    body = attacks.html_hiding(ham)(evidence.text, dice) if page else evidence.text
    head = f"From: a@example.com\nContent-Type: text/{'html' if page else 'plain'}; charset=utf-8\n"
    data = (
        head.encode() + b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(body.encode("utf-8", "replace"))
    )
    fields = message_fields(data)
    headers = dict(evidence.headers)
    if hidden := fields["headers"].get("hidden-text"):
        headers["hidden-text"] = hidden
    return replace(evidence, text=fields["text"], html=fields["html"], headers=headers)


def share(scorer: Scorer, some: Sequence[Evidence]) -> float:
    """Percent of the messages that are called spam."""
    return 100 * float(np.mean([p >= THRESHOLD for p in scorer(some)])) if some else float("nan")


def pairs(root: Path) -> list[tuple[str, Evidence, Evidence]]:
    """(tactic, original, evading form) of the hand-made adversarial pairs."""
    found = []
    for line in lines(root / "sms_adversarial/pairs.jsonl.zst").splitlines():
        row = json.loads(line)
        one, other = (
            Evidence(
                id="0", key="0", received_at=1, observed_at=1, channel=Channel.SMS, source=Source.FILTER, format="bench",
                intake="bench", text=text,
            )
            for text in (row["original"], row["text"])
        )  # fmt: skip
        found.append((row["tactic"].lower().replace("hybird", "hybrid"), one, other))
    return found


def measure(scorers: dict[str, Scorer], sets: Sequence[Messages]) -> dict[tuple[str, str, str], tuple[float, float]]:
    """(scorer, set, tactic) -> recall and share of ham called spam, in percent."""
    found = {}
    for messages in sets:
        texts = [evidence.text for evidence in messages.ham]
        for tactic in TACTICS:
            spam, ham = (attacked(some, tactic, texts) for some in (messages.spam, messages.ham))
            if spam:
                for name, scorer in scorers.items():
                    found[name, messages.name, tactic] = (share(scorer, spam), share(scorer, ham))
    return found


def report(scorers: dict[str, Scorer], sets: Sequence[Messages], root: Path) -> None:
    """Print the tables and the bars."""
    found = measure(scorers, sets)
    names = [messages.name for messages in sets]
    for scorer in scorers:
        rows: list[list[object]] = []
        for tactic in TACTICS:
            cells = [found.get((scorer, name, tactic)) for name in names]
            rows.append([tactic, *(f"{cell[0]:.1f} / {cell[1]:.1f}" if cell else "" for cell in cells)])
        table(f"{scorer}: recall on spam / ham called spam, %", ["tactic", *names], rows)
    evasions = pairs(root)
    kinds = sorted({tactic for tactic, _, _ in evasions})
    for name, scorer in scorers.items():
        rows = []
        for kind in ("all", *kinds):
            some = [(one, other) for tactic, one, other in evasions if kind in ("all", tactic)]
            rows.append([kind, len(some), *(share(scorer, side) for side in zip(*some, strict=True))])
        table(f"{name}: recall on adversarial SMS, %", ["tactic", "pairs", "original", "evading"], rows)
    measured = []
    for name, scorer in scorers.items():
        kept = [found[name, one, t][0] / max(1.0, found[name, one, "none"][0]) for one in names for t in UNDONE]
        more = [found[name, one, t][1] - found[name, one, "none"][1] for one in names for t in UNDONE]
        measured += [
            (f"{name}_adversarial_recall", share(scorer, [other for _, _, other in evasions]) / 100, 0.90, True),
            (f"{name}_recall_kept_mean", float(np.mean(kept)), 0.95, True),
            (f"{name}_recall_kept_worst", min(kept), 0.85, True),
            (f"{name}_more_ham_lost_worst_points", max(more), 2.0, False),
        ]
    bars(measured)


def main() -> None:
    """The model alone and the whole verdict; with `shipped` the model that is shipped (which knows the messages)."""
    root = shared()
    tools = fresh_tools()
    if "shipped" not in sys.argv[1:]:
        tools = replace(tools, model=held_out_model(root))
    sets = [read(root, name) for name in SETS]
    report({"model": by_model(tools), "verdict": by_verdict(tools)}, sets, root)


if __name__ == "__main__":
    main()
