"""How much decisions teach, what they unlearn, and what deltas of honest and of poisoned nodes do (docs/learning.md).

Sets that the shipped model was not trained on, in a fixed order; a cluster that was learned from is not tested with.
"""

import random
import time

import numpy as np
import orjson

from bench.common import bars, lines, shared, table
from bench.detect import sets
from counterspam import pipeline
from counterspam.detect import delta, guard, learned, lessons, merge, support
from counterspam.detect.labelled import text_key
from counterspam.detect.learned import Model
from counterspam.detect.lessons import DECISION, Lesson
from counterspam.model import Evidence, Raw

SETS = {"Turkish": "sms_turkish", "Indonesian": "sms_indonesian", "Chinese": "sms_chinese", "UCI": "sms_uci"}
KNOWN = "UCI"
STEPS = (0, 20, 100, 400)
MOST = 2000
EACH = 400  # decisions of a node that makes a delta


def read(folder: str) -> list[Lesson]:
    """The labelled messages of a set, shuffled the same way every time."""
    found = []
    for number, line in enumerate(lines(shared() / folder / "messages.jsonl.zst").splitlines()):
        row = orjson.loads(line)
        if row.get("label") in ("spam", "ham"):
            raw = Raw(id=f"{number:032x}", data=line, received_at=1_735_689_600_000, intake="bench", channel="sms")
            evidence = next((one for one in pipeline.decode(raw) if isinstance(one, Evidence)), None)
            if evidence:
                group = row.get("cluster") or text_key(evidence)
                found.append(Lesson(evidence, row["label"] == "spam", 1.0, DECISION, str(number), group))
    random.Random(1).shuffle(found)
    return found


def figures(model: Model, messages: list[Lesson]) -> list[float]:
    """Percent wrong, ham called spam and spam missed, of the model alone."""
    fresh = Model(model.weights, model.bias, model.slope, {}, base=model.base)
    spam = np.array([one.spam for one in messages])
    said = np.array([fresh.probability(one.evidence) > 0.5 for one in messages])
    return [100 * float((said != spam).mean()), 100 * float(said[~spam].mean()), 100 * float((~said)[spam].mean())]


def taught(base: Model, told: list[Lesson], flipped: bool = False) -> delta.Delta:
    """The delta of a node that learned this, or the opposite of it."""
    turned = [Lesson(one.evidence, one.spam is not flipped, 1.0, DECISION, one.key, one.group) for one in told]
    model = lessons.teach(base, turned)
    met = support.more(support.empty(len(base.weights)), base, (one.evidence for one in told))
    return delta.make(model.weights, met, base.version)


def of_one_label(base: Model, messages: dict[str, list[Lesson]]) -> list[list[object]]:
    """Ham called spam after decisions on spam alone, all of them learned and as a node evens them."""
    rows: list[list[object]] = []
    for name, some in messages.items():
        spam, ham = ([one for one in some if one.spam is label] for label in (True, False))
        for count in (0, 10, 50, 200):
            told = spam[:count]
            both = (lessons.teach(base, told), lessons.teach(base, lessons.evened(told)))
            rows.append(
                [
                    name,
                    count,
                    *(100 * guard.score(model, [(one.evidence, False) for one in ham[-150:]]).share for model in both),
                ]
            )
    return rows


def phishing() -> list[Lesson]:
    """Spam of phishing_pot and ham of foff_milter, both modern mail."""
    items = [one for one in sets.load("phishing_pot") if one.spam] + [
        one for one in sets.load("foff_milter") if not one.spam
    ]
    random.Random(1).shuffle(items)
    return [Lesson(one.evidence, one.spam, 1.0, DECISION, one.id, one.group) for one in items]


def main() -> None:
    """The tables of docs/learning.md."""
    base, known = Model.above(learned.load(None)), {name: read(folder) for name, folder in SETS.items()}
    rows: list[list[object]] = []
    for name, messages in known.items():
        if name == KNOWN:
            continue
        groups = {one.group for one in messages[: STEPS[-1]]}
        unseen = [one for one in messages[STEPS[-1] :] if one.group not in groups][:MOST]
        for count in STEPS:
            model = lessons.teach(base, messages[:count])
            outcome = guard.tested(base, model, messages[:count], seen=True)
            forgot = figures(model, known[KNOWN])[0]
            rows.append([name, count, len(unseen), *figures(model, unseen), forgot, "yes" if outcome.passed else "no"])
    table(
        "Decisions",
        ["set", "decisions", "tested", "wrong %", "ham lost %", "missed %", f"{KNOWN} wrong %", "used"],
        rows,
    )
    alone = {name: known[name] for name in ("Turkish", "Indonesian")} | {"phishing mail": phishing()}
    table("Spam alone", ["set", "decisions", "ham lost %", "evened %"], of_one_label(base, alone))
    messages = known["Turkish"]
    honest = [taught(base, messages[i * EACH : (i + 1) * EACH]) for i in range(3)]
    liar = taught(base, messages[3 * EACH : 4 * EACH], flipped=True)
    groups = {one.group for one in messages[: 4 * EACH]}
    unseen = [one for one in messages[4 * EACH :] if one.group not in groups][:MOST]
    mixes = {
        "none": [],
        "1": honest[:1],
        "3": honest,
        "3 and a liar": [*honest, liar],
        "1 and a liar": [honest[0], liar],
    }
    rows = []
    for name, some in mixes.items():
        weights = merge.joined(base.weights, 0, some, [1.0] * len(some))
        rows.append([name, *figures(Model(weights, base.bias, base.slope, {}, base=base.base), unseen)])
    table("Deltas, Turkish SMS", ["honest nodes", "wrong %", "ham lost %", "missed %"], rows)
    started = time.perf_counter()
    lessons.teach(base, messages[:MOST])
    each = (time.perf_counter() - started) / MOST * 1000
    sizes = [len(delta.write(one)) / 1024 for one in honest]
    print(
        f"a delta of {EACH} decisions: {np.mean([len(one.buckets) for one in honest]):.0f} buckets, {np.mean(sizes):.0f} KB"
    )
    bars([("ms_per_lesson", each, 1.0, False), ("delta_kb", float(np.mean(sizes)), 1024, False)])


if __name__ == "__main__":
    main()
