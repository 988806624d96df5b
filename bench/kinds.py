"""Kinds of spam: content type, nature, payload on invented messages of every kind, and nature on real ones.

The invented messages (`tests/golden/kinds`, see its README) are in four parts. `dev` and `test` were written before the
words that name kinds, by the same hand, `fresh` was written after and then taken into account: their figures say that nothing
broke. `blind` was written last, in words that avoid the usual ones, measured, and nothing was changed after it: its figures
are what to expect of wording nobody thought of. Real spam is the other check: Indonesian SMS that others labelled fraud or
promotion, and phishing mail. Spam is judged with the lowest threshold, so that the figures are about the kind and not about
whether it is spam at all; ordinary messages as a filter sees them, with the usual one.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice

import orjson

from bench.brands import mails, sms
from bench.common import ROOT, bars, fresh_tools, lines, shared, table
from counterspam import pipeline
from counterspam.model import Attachment, Evidence, Verdict
from counterspam.taxonomy import Channel, Source

FOLDER = ROOT / "tests" / "golden" / "kinds"
LOWEST = 0.0001  # a threshold that everything passes
NOW = 1_735_689_600_000


@dataclass(frozen=True, slots=True)
class Sample:
    """One invented message and what it should be called."""

    kind: str
    nature: str
    payload: str
    lang: str
    evidence: Evidence


def samples(part: str) -> Iterator[Sample]:
    """The messages of `dev` or `test`, file by file."""
    for path in sorted((FOLDER / part).glob("*.txt")):
        head, *lines = path.read_text(encoding="utf-8").splitlines()
        kind, nature = [*head.removeprefix("# ").split(), "unknown"][:2]
        for number, line in enumerate(lines):
            given, _, text = line.partition(" | ")
            lang, channel, payload, *files = given.split()
            attached = tuple(Attachment(f.partition("=")[2], "application/octet-stream", 1000, "0" * 64) for f in files)
            spam = kind != "ham"
            evidence = Evidence(
                id=f"{path.stem}-{number}",
                key="0" * 32,
                received_at=NOW,
                observed_at=NOW,
                channel=Channel(channel),
                source=Source.USER_REPORT if spam else Source.FILTER,
                format="bench",
                intake="bench",
                text=text,
                attachments=attached,
                reported_spam=True if spam else None,
            )
            yield Sample(kind, nature, payload, lang, evidence)


def judged(part: str) -> list[tuple[Sample, Verdict]]:
    """Every message of a part with its verdict."""
    usual, always = fresh_tools(), fresh_tools(spam_threshold=LOWEST)
    return [
        (one, pipeline.explain([one.evidence], usual if one.kind == "ham" else always)[0][1]) for one in samples(part)
    ]


def natures(some: Iterator[tuple[str, Evidence]]) -> dict[str, Counter[str]]:
    """By label: how many of the messages were called of which nature."""
    tools = fresh_tools(spam_threshold=LOWEST)
    found: dict[str, Counter[str]] = {}
    for label, evidence in some:
        evidence.reported_spam = True
        found.setdefault(label, Counter())[str(pipeline.explain([evidence], tools)[0][1].nature)] += 1
    return found


def real() -> dict[str, Counter[str]]:
    """Natures of real spam: Indonesian SMS by the kind that their collectors gave, and every tenth phishing mail.

    Of both, what was not looked at while words were tuned. Their labels are coarse: shops that sell unasked stand among the
    fraud, and advertisements among the phishing.
    """
    corpora = shared()
    rows = [orjson.loads(line) for line in lines(corpora / "sms_indonesian" / "messages.jsonl.zst").splitlines()]
    spam = [row for row in rows if row["kind"] != "normal"][1::2]
    messages = [(f"Indonesian SMS, {row['kind']}", sms(row["text"])) for row in spam]
    mail = (
        ("phishing_pot", one) for one in islice(mails(corpora / "phishing_pot" / "phishing_pot.tar.zst"), 0, None, 10)
    )
    return natures(chain(messages, mail))


def figures(found: list[tuple[Sample, Verdict]]) -> dict[str, float]:
    """Shares right, and of ordinary messages those that are called spam and fraudulent."""
    spam = [(s, v) for s, v in found if s.kind != "ham"]
    ham = [v for s, v in found if s.kind == "ham"]
    return {
        "type": sum(v.content_type == s.kind for s, v in spam) / len(spam),
        "wrong": sum(v.content_type not in (s.kind, "unknown") for s, v in spam) / len(spam),
        "nature": sum(v.nature == s.nature for s, v in spam) / len(spam),
        "payload": sum(v.payload == s.payload for s, v in spam) / len(spam),
        "ham_spam": sum(v.spam for v in ham) / max(1, len(ham)),
        "ham_fraud": sum(v.nature == "fraudulent" for v in ham) / max(1, len(ham)),
    }


def by_kind(found: list[tuple[Sample, Verdict]]) -> list[list[object]]:
    """Per kind: messages, recall, precision, right nature, and what the others were taken for."""
    rows: list[list[object]] = []
    for kind in sorted({s.kind for s, _ in found} - {"ham"}):
        own = [(s, v) for s, v in found if s.kind == kind]
        called = [s for s, v in found if v.content_type == kind]
        right = sum(v.content_type == kind for _, v in own)
        wrong = Counter(str(v.content_type) for _, v in own if v.content_type != kind)
        precision = 100 * right / len(called) if called else 0.0
        nature = 100 * sum(v.nature == s.nature for s, v in own) / len(own)
        told = ", ".join(f"{name} {n}" for name, n in wrong.most_common(4))
        rows.append([kind, len(own), 100 * right / len(own), precision, nature, told])
    return rows


def main() -> None:
    """All parts, then real spam."""
    told = {}
    for part in ("dev", "test", "fresh", "blind"):
        found = judged(part)
        columns = ["kind", "messages", "recall %", "precision %", "nature %", "taken for"]
        table(f"Kinds, {part}", columns, by_kind(found))
        told[part] = figures(found)
        languages = Counter(s.lang for s, _ in found if s.kind != "ham")
        right = Counter(s.lang for s, v in found if s.kind != "ham" and v.content_type == s.kind)
        print(part, " ".join(f"{lang} {right[lang]}/{n}" for lang, n in sorted(languages.items())))
        print(part, " ".join(f"{name} {value:.3f}" for name, value in told[part].items()))
    found = real()
    rows: list[list[object]] = [
        [name, n.total(), *(100 * n[nature] / n.total() for nature in ("fraudulent", "commercial", "unknown"))]
        for name, n in found.items()
    ]
    table("Nature of real spam", ["set", "messages", "fraudulent %", "commercial %", "unknown %"], rows)
    fraud, promo = found["Indonesian SMS, fraud"], found["Indonesian SMS, promo"]
    phishing, test, blind = found["phishing_pot"], told["test"], told["blind"]
    bars(
        [
            ("seen_type_right", min(told[part]["type"] for part in ("dev", "test", "fresh")), 0.95, True),
            ("seen_nature_right", min(told[part]["nature"] for part in ("dev", "test", "fresh")), 0.95, True),
            ("blind_type_right", blind["type"], 0.25, True),
            ("blind_type_wrong", blind["wrong"], 0.25, False),
            ("blind_nature_right", blind["nature"], 0.33, True),
            ("payload_right", test["payload"], 0.95, True),
            ("real_fraud_called_fraudulent", fraud["fraudulent"] / fraud.total(), 0.5, True),
            ("real_promotion_called_fraudulent", promo["fraudulent"] / promo.total(), 0.3, False),
            ("real_promotion_called_commercial", promo["commercial"] / promo.total(), 0.6, True),
            ("real_phishing_called_fraudulent", phishing["fraudulent"] / phishing.total(), 0.65, True),
            ("ordinary_called_fraudulent", test["ham_fraud"], 0.05, False),
        ]
    )


if __name__ == "__main__":
    main()
