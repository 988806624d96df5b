"""Kinds of spam: content type, nature, payload on invented messages of every kind, `dev` (seen while tuning) and `test` (not).

Spam is judged as reported by a person, so that the figures are about the kind and not about whether it is spam at all;
ordinary messages are judged as a filter sees them, and none of them may be called fraudulent.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.common import ROOT, bars, table
from counterspam import config, pipeline
from counterspam.model import Attachment, Evidence, Verdict
from counterspam.taxonomy import Channel, Source

FOLDER = ROOT / "tests" / "golden" / "kinds"
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
    tools = pipeline.open_tools(config.load(data=Path("data-that-is-not-there")))
    some = list(samples(part))
    return [(s, v) for s, (_, v) in zip(some, pipeline.explain([s.evidence for s in some], tools), strict=True)]


def figures(found: list[tuple[Sample, Verdict]]) -> dict[str, float]:
    """Shares right, and of ordinary messages those that are called spam and fraudulent."""
    spam = [(s, v) for s, v in found if s.kind != "ham"]
    ham = [v for s, v in found if s.kind == "ham"]
    return {
        "type": sum(v.content_type == s.kind for s, v in spam) / len(spam),
        "nature": sum(v.nature == s.nature for s, v in spam) / len(spam),
        "payload": sum(v.payload == s.payload for s, v in spam) / len(spam),
        "ham_spam": sum(v.spam for v in ham) / len(ham),
        "ham_fraud": sum(v.nature == "fraudulent" for v in ham) / len(ham),
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
    """Both parts; the bars are on the part that was not looked at."""
    told = {}
    for part in ("dev", "test"):
        found = judged(part)
        columns = ["kind", "messages", "recall %", "precision %", "nature %", "taken for"]
        table(f"Kinds, {part}", columns, by_kind(found))
        told[part] = figures(found)
        languages = Counter(s.lang for s, _ in found if s.kind != "ham")
        right = Counter(s.lang for s, v in found if s.kind != "ham" and v.content_type == s.kind)
        print(part, " ".join(f"{lang} {right[lang]}/{n}" for lang, n in sorted(languages.items())))
        print(part, " ".join(f"{name} {value:.3f}" for name, value in told[part].items()))
    test = told["test"]
    bars(
        [
            ("content_type_right", test["type"], 0.6, True),
            ("nature_right", test["nature"], 0.75, True),
            ("payload_right", test["payload"], 0.95, True),
            ("ordinary_called_fraudulent", test["ham_fraud"], 0.05, False),
        ]
    )


if __name__ == "__main__":
    main()
