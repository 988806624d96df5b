"""The labelled sets of the benchmark, read in a fixed order, with the groups that no split may part."""

import io
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson
import zstandard

from bench.common import shared
from counterspam import pipeline
from counterspam.detect.fold import clean, fold
from counterspam.group import minhash
from counterspam.model import Evidence, Raw
from counterspam.taxonomy import Channel

NOW = 1_735_689_600_000


@dataclass(slots=True)
class Item:
    """One labelled message: raw bytes, what the pipeline decoded, and what it must not be parted from.

    `at` orders the online protocols (milliseconds, 0 unknown); `group` names its copies and near-duplicates; `part` is the
    video, hotel or year by which a set is split.
    """

    id: str
    data: bytes
    spam: bool
    channel: Channel
    evidence: Evidence
    lang: str = ""
    at: int = 0
    group: str = ""
    part: str = ""


MAILS = {
    "SpamAssassin": "spamassassin/spamassassin.tar.zst",
    "foff_milter": "foff_milter/foff_milter.tar.zst",
    "phishing_pot": "phishing_pot/phishing_pot.tar.zst",
    "Ling-Spam": "lingspam/lingspam_bare.tar.zst",
}
LINES = {
    "UCI SMS": ("sms_uci/messages.jsonl.zst", Channel.SMS),
    "Turkish SMS": ("sms_turkish/messages.jsonl.zst", Channel.SMS),
    "Chinese SMS": ("sms_chinese/messages.jsonl.zst", Channel.SMS),
    "Indonesian SMS": ("sms_indonesian/messages.jsonl.zst", Channel.SMS),
    "Super SMS": ("sms_super_latest/messages.jsonl.zst", Channel.SMS),
    "Spanish SMS": ("sms_spanish_mx_mixed/messages.jsonl.zst", Channel.SMS),
    "YouTube": ("social_youtube/comments.jsonl.zst", Channel.SOCIAL),
    "Telegram": ("social_telegram/messages.jsonl.zst", Channel.IM),
    "Reviews": ("reviews_deceptive/reviews.jsonl.zst", Channel.WEB),
    "LLM mail": ("email_llm/mails.jsonl.zst", Channel.EMAIL),
    "LLM calls": ("voice_dialogues_llm/dialogues.jsonl.zst", Channel.VOICE),
}
_SPAM = {"spam": True, "ham": False, "deceptive": True, "truthful": False}
_PARTS = ("video", "hotel", "source")


def load(name: str) -> list[Item]:
    """A set in order of arrival where it has dates, else in the order of its file; groups named.

    Raises SystemExit where the shared corpora are not at hand.
    """
    found = list(_mails(name) if name in MAILS else _lines(name))
    found.sort(key=lambda item: item.at)
    return grouped(found)


def _mails(name: str) -> Iterator[Item]:
    path = shared() / MAILS[name]
    rows = [line.split("\t") for line in (path.parent / "labels.tsv").read_text(encoding="utf-8").splitlines()]
    fields = {row[0]: dict(zip(rows[0], row, strict=False)) for row in rows[1:]}
    with zstandard.open(path, "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            known, file = fields.get(member.name), archive.extractfile(member)
            if known and file:
                at = _when(known.get("received_date", ""))
                year = str(datetime.fromtimestamp(at / 1000, UTC).year) if at else known.get("part", "")
                data = file.read()
                evidence = decode(data, member.name, Channel.EMAIL)
                if evidence:
                    spam = known["label"] == "spam"
                    yield Item(member.name, data, spam, Channel.EMAIL, evidence, at=at, part=year)


def _lines(name: str) -> Iterator[Item]:
    place, channel = LINES[name]
    with zstandard.open(shared() / place, "rb") as stream:
        for line in io.BufferedReader(stream):
            row = orjson.loads(line)
            if row.get("label") not in _SPAM:
                continue
            row_data = orjson.dumps({**row, "label": "spam" if _SPAM[row["label"]] else "ham"})
            evidence = decode(row_data, row["id"], channel)
            if evidence:
                part = next((row[key] for key in _PARTS if key in row), "")
                at = _when(row.get("date") or "")
                spam = _SPAM[row["label"]]
                cluster = row.get("cluster", "")
                yield Item(row["id"], row_data, spam, channel, evidence, row.get("lang", ""), at, cluster, part)


def decode(data: bytes, name: str, channel: Channel) -> Evidence | None:
    """What the pipeline reads in it, without the label; None when it reads nothing."""
    raw = Raw(id=f"{0:032x}", data=data, received_at=NOW, intake="bench", name=name, channel=channel)
    found = next((e for e in pipeline.decode(raw) if isinstance(e, Evidence)), None)
    return replace(found, reported_spam=None, claimed="") if found else None


def _when(text: str) -> int:
    try:
        return int(datetime.fromisoformat(text).timestamp() * 1000)
    except ValueError:
        return 0


def grouped(items: Sequence[Item]) -> list[Item]:
    """The items with `group` set: same letters, same cluster of the set, or a near-duplicate after `group.minhash`."""
    owner = list(range(len(items)))

    def root(i: int) -> int:
        while owner[i] != i:
            owner[i] = owner[owner[i]]
            i = owner[i]
        return i

    first: dict[object, int] = {}
    for i, keys in enumerate(_keys(items)):
        for key in keys:
            owner[root(i)] = root(first.setdefault(key, i))
    for i, item in enumerate(items):
        item.group = items[root(i)].id
    return list(items)


def _keys(items: Sequence[Item]) -> Iterable[list[object]]:
    texts = [fold(clean(f"{item.evidence.subject} {item.evidence.text}"))[0] for item in items]
    for item, words, near in zip(items, texts, minhash.keys(texts), strict=True):
        letters = "".join(filter(str.isalpha, words))[:4096]
        own: list[object] = [("letters", letters) if letters else ("id", item.id), *near]
        yield [*own, ("cluster", item.group)] if item.group else own
