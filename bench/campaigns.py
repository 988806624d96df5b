"""Campaigns: recall and purity on planted mutations of real spam among real distinct messages; cost as the store grows.

The keys are those of the node and the campaigns are joined by its store (SQLite in a temporary folder).
"""

import random
import re
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from bench import attacks
from bench.common import bars, shared, table
from counterspam import config, pipeline
from counterspam.detect import labelled
from counterspam.detect.facts import derive
from counterspam.group import fingerprint, minhash
from counterspam.model import Evidence, Raw
from counterspam.store import campaigns, rows
from counterspam.store.records import Records
from counterspam.taxonomy import Channel

SEED = 11
TEMPLATES, VARIANTS, BACKGROUND = 60, 8, 12_000
AT = 1_790_000_000_000
SETS = (
    ("sms_uci/messages.jsonl.zst", Channel.SMS),
    ("sms_super_latest/messages.jsonl.zst", Channel.SMS),
    ("sms_super_legacy/messages.jsonl.zst", Channel.SMS),
    ("sms_turkish/messages.jsonl.zst", Channel.SMS),
    ("social_youtube/comments.jsonl.zst", Channel.SOCIAL),
    ("spamassassin/spamassassin.tar.zst", Channel.EMAIL),
)
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_NAMES = ("Maria", "James", "Fatima", "Wei", "Olga", "Carlos", "Amina", "Pierre", "Yuki", "Ahmed")

Mutation = Callable[[str, random.Random], str]


def slots(text: str, dice: random.Random) -> str:
    """Other amounts, codes and numbers, a name instead of the first capitalised word, another link."""
    text = _NUMBER.sub(lambda found: "".join(str(dice.randrange(10)) for _ in found[0]), text)
    return attacks.url_rewriting(_NAME.sub(lambda _: dice.choice(_NAMES), text, count=1), dice)


def reordered(text: str, dice: random.Random) -> str:
    """Sentences in another order."""
    sentences = _SENTENCE.split(text)
    dice.shuffle(sentences)
    return " ".join(sentences)


def added(text: str, dice: random.Random) -> str:
    """A sentence more, made of nothing, at either end."""
    more = f"{dice.choice(_NAMES)} {dice.choice(('says hello', 'sends this', 'writes to you'))} {dice.randrange(1000)}."
    return f"{more} {text}" if dice.random() < 0.5 else f"{text} {more}"


def dropped(text: str, dice: random.Random) -> str:
    """A sentence less."""
    sentences = _SENTENCE.split(text)
    if len(sentences) > 2:
        del sentences[dice.randrange(len(sentences))]
    return " ".join(sentences)


def mutations(ham: Sequence[str]) -> dict[str, Mutation]:
    """All tactics; `mixed` is slots and two others."""
    salad = attacks.word_salad(ham)
    single: dict[str, Mutation] = {
        "slots": slots,
        "reordered": reordered,
        "sentence added": added,
        "sentence dropped": dropped,
        "few words more": lambda text, dice: f"{text} {' '.join(salad('', dice).split()[:4])}",
        "word salad": salad,
        **{
            name: attacks.PLAIN[name]
            for name in ("homoglyphs", "zero-width", "leet", "spacing", "charswap", "paraphrase")
        },
    }

    def mixed(text: str, dice: random.Random) -> str:
        for name in dice.sample(("reordered", "sentence added", "homoglyphs", "leet", "zero-width"), 2):
            text = single[name](text, dice)
        return slots(text, dice)

    return {**single, "mixed": mixed}


def read(root: Path) -> tuple[list[Evidence], list[Evidence]]:
    """Distinct real (spam, ham) messages: other letters, and no near-duplicate by any key of the text."""
    spam: list[Evidence] = []
    ham: list[Evidence] = []
    seen: set[str] = set()
    for path, channel in SETS:
        data = (root / path).read_bytes()
        lines = labelled.mails(root / path, data) if ".tar." in path else labelled.json_lines(data)
        for index, (item, label, _) in enumerate(lines):
            raw = Raw(id=f"{index:032x}", data=item, received_at=AT, intake="bench", channel=channel)
            one = next((e for e in pipeline.decode(raw) if isinstance(e, Evidence) and e.text), None)
            if one and (key := labelled.text_key(one)) not in seen:
                seen.add(key)
                (spam if label else ham).append(one)
    return spam, ham


def keys_of(some: Sequence[Evidence]) -> list[tuple[int, ...]]:
    """The keys of the node."""
    found: list[tuple[int, ...]] = []
    for start in range(0, len(some), pipeline.TOGETHER):
        piece = some[start : start + pipeline.TOGETHER]
        found += fingerprint.keys(piece, [derive(evidence) for evidence in piece])
    return found


@contextmanager
def store() -> Iterator[Records]:
    """An empty store of records."""
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
        opened = Records.open(config.load(data=Path(folder)))
        opened.migrate()
        yield opened
        opened.engine.dispose()


def assign(records: Records, keys: Sequence[Sequence[int]], first: int = 0) -> list[int]:
    """The campaign of each."""
    fields = [
        {"id": f"{first + i:08x}-0000-7000-8000-000000000000", "observed_at": AT + i, "count": 1, "channel": "sms"}
        for i in range(len(keys))
    ]
    for row in fields:
        row.update(subject="", excerpt="x")
    with records.begin() as conn:
        return campaigns.assign(conn, keys, pa.Table.from_pylist(fields, rows.SCHEMA)).campaigns


def seeds(spam: Sequence[Evidence], dice: random.Random) -> list[Evidence]:
    """Real spam to mutate, of which no two share a key: long enough for near-duplicate keys, of two sentences at least."""
    chosen: list[Evidence] = []
    taken: set[int] = set()
    for one in dice.sample(list(spam), len(spam)):
        if len(one.text) < 3000 and len(_SENTENCE.split(one.text)) > 1 and minhash.template(one.text.lower())[1] >= 60:
            one = replace(
                one, sender="", sender_raw="", html="", urls=(), numbers=(), headers={}, attachments=(), subject=""
            )
            own = set(keys_of([one])[0])
            if not own & taken:
                taken |= own
                chosen.append(one)
        if len(chosen) == TEMPLATES:
            break
    return chosen


def joined(spam: Sequence[Evidence], ham: Sequence[Evidence]) -> tuple[dict[str, tuple[float, float]], float]:
    """Of each mutation recall and purity; and the largest share of the background in one campaign."""
    dice = random.Random(SEED)
    originals = seeds(spam, dice)
    names = {id(one) for one in originals}
    background = dice.sample([e for e in (*spam, *ham) if id(e) not in names], BACKGROUND)
    background_keys = keys_of(background)
    own = _mates(originals, background, background_keys, {id(e) for e in spam})
    texts = [one.text for one in ham[:3000]]
    found: dict[str, tuple[float, float]] = {}
    largest = 0.0
    for name, mutate in mutations(texts).items():
        some, labels = list(originals), list(range(len(originals)))
        for number, one in enumerate(originals):
            some += [
                replace(one, text=mutate(one.text, random.Random(f"{SEED}/{name}/{number}/{i}")))
                for i in range(VARIANTS)
            ]
            labels += [number] * VARIANTS
        labels += own
        with store() as records:
            ids = assign(records, [*keys_of(some), *background_keys])
        found[name] = recall(ids[: len(some)], labels, len(originals)), purity(ids, labels, len(some))
        counts = Counter(id for id in ids[len(some) :] if id)
        largest = max(largest, counts.most_common(1)[0][1] / len(background))
    return found, largest


def _mates(
    originals: Sequence[Evidence], background: Sequence[Evidence], keys: Sequence[tuple[int, ...]], spam: set[int]
) -> list[int]:
    """Whose campaign each message of the background is of: its own (a negative number), or that of an original when it is spam
    and its copy: the sets hold many variants of one campaign."""
    with store() as records:
        ids = assign(records, [*keys_of(originals), *keys])
    of = {campaign: number for number, campaign in enumerate(ids[: len(originals)]) if campaign}
    return [
        of.get(campaign, -1 - i) if id(one) in spam else -1 - i
        for i, (one, campaign) in enumerate(zip(background, ids[len(originals) :], strict=True))
    ]


def recall(ids: Sequence[int], labels: Sequence[int], originals: int) -> float:
    """Share of the variants that are in the campaign of their original, percent."""
    hits = [id == ids[label] and id > 0 for id, label in zip(ids[originals:], labels[originals:], strict=False)]
    return 100 * sum(hits) / len(hits)


def purity(ids: Sequence[int], labels: Sequence[int], planted: int) -> float:
    """Share of the members of campaigns with planted variants that belong to the campaign's most frequent original, percent."""
    members: dict[int, Counter[int]] = defaultdict(Counter)
    for id, label in zip(ids, labels, strict=True):
        members[id][label] += 1
    concerned = [members[id] for id in set(ids[:planted]) if id]
    return 100 * sum(max(c.values()) for c in concerned) / sum(c.total() for c in concerned)


def cost(sizes: Sequence[int]) -> list[tuple[int, float]]:
    """(keys stored, microseconds to join one message of 8 keys) as the store grows; half of the messages join others."""
    dice = random.Random(SEED)
    measured, stored, number = [], 0, 0

    def fresh() -> list[int]:
        return sorted(dice.randrange(1, 1 << 63) for _ in range(8))

    known: list[list[int]] = []
    with store() as records:
        for size in sizes:
            while stored < size:
                some = [fresh() for _ in range(min(10_000, (size - stored + 7) // 8))]
                assign(records, some, number)
                stored, number = stored + 8 * len(some), number + len(some)
                known = dice.sample([*known, *some], min(2000, len(known) + len(some)))
            times = []
            for _ in range(5):
                some = [[*dice.choice(known)[:4], *fresh()[:4]] if i % 2 else fresh() for i in range(2000)]
                started = time.process_time()
                assign(records, [sorted(set(keys)) for keys in some], number)
                times.append(time.process_time() - started)
                stored, number = stored + 12_000, number + 2000
            measured.append((size, 1e6 * min(times) / 2000))
    return measured


def main() -> None:
    """Both tables and the bars."""
    spam, ham = read(shared())
    found, largest = joined(spam, ham)
    table(
        f"{TEMPLATES} real spam texts, {VARIANTS} mutations each, among {BACKGROUND} real messages",
        ["mutation", "recall %", "purity %"],
        [[name, *figures] for name, figures in found.items()],
    )
    growth = cost((10_000, 100_000, 1_000_000))
    table("Joining one message", ["keys stored", "microseconds"], [[f"{size:,}", value] for size, value in growth])
    print(f"largest campaign among the background: {100 * largest:.2f} % of it")
    whole = [name for name in found if name not in ("word salad", "charswap", "paraphrase", "mixed")]
    bars(
        [
            ("campaign_recall_mean", sum(found[name][0] for name in whole) / len(whole), 95, True),
            ("campaign_recall_mixed", found["mixed"][0], 85, True),
            ("campaign_purity_worst", min(purity for _, purity in found.values()), 98, True),
            ("largest_background_campaign_share", largest, 0.02, False),
            ("cost_growth_10k_to_1M", growth[-1][1] / growth[0][1], 2, False),
        ]
    )


if __name__ == "__main__":
    main()
