"""The labelled sets that the model is trained on and measured on, and the texts of our own, read as examples.

Only sets whose licence allows shipping what was learned from them are trained on. What calls this hands in the decoding.
"""

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import numpy as np
import orjson
import zstandard

from counterspam.detect import texts, views
from counterspam.errors import ConfigError
from counterspam.model import Evidence, Raw, Rejected
from counterspam.taxonomy import Channel

SEED = 1
TEXTS = Path(str(files("counterspam"))) / "data" / "texts"
WORDINGS = 3  # of each template of our own texts
OWN = "own texts"
SAMPLE = 2000
NOW = 1_735_689_600_000

Decode = Callable[[Raw], Iterator[Evidence | Rejected]]
Progress = Callable[[str], None]
Line = tuple[bytes, bool, str, Channel]  # bytes, is spam, near-duplicate cluster, channel


@dataclass(frozen=True, slots=True)
class Set:
    """A labelled set: where it is, what it holds, and what its licence says. `sample` 0 takes all."""

    name: str
    path: str
    channel: Channel
    licence: str
    sample: int = 0


TRAINED = (
    Set("SpamAssassin", "spamassassin/spamassassin.tar.zst", Channel.EMAIL, "CC0 1.0 / PDDL 1.0 (packager)"),
    Set("foff_milter", "foff_milter/foff_milter.tar.zst", Channel.EMAIL, "MIT"),
    Set("UCI SMS", "sms_uci/messages.jsonl.zst", Channel.SMS, "CC BY 4.0"),
    Set("YouTube", "social_youtube/comments.jsonl.zst", Channel.SOCIAL, "CC BY 4.0"),
    Set("Telegram", "social_telegram/messages.jsonl.zst", Channel.IM, "MIT"),
    Set("robocalls", "voice_robocall_transcripts/transcripts.jsonl.zst", Channel.VOICE, "public record (FTC)"),
)
# Mishra and Soni (smishing) may be used as well, but the labels of the copy at hand do not belong to its texts:
# of the 742 texts that UCI calls spam it calls 18 % spam, of the 4,382 that UCI calls ham 19 %.
HELD_OUT = (
    Set("Turkish SMS", "sms_turkish/messages.jsonl.zst", Channel.SMS, "measured only"),
    Set("Chinese SMS", "sms_chinese/messages.jsonl.zst", Channel.SMS, "measured only"),
    Set("Indonesian SMS", "sms_indonesian/messages.jsonl.zst", Channel.SMS, "measured only"),
    Set("Super SMS, latest", "sms_super_latest/messages.jsonl.zst", Channel.SMS, "measured only", SAMPLE),
    Set("phishing_pot", "phishing_pot/phishing_pot.tar.zst", Channel.EMAIL, "measured only", SAMPLE),
    Set("Ling-Spam", "lingspam/lingspam_bare.tar.zst", Channel.EMAIL, "measured only"),
    Set("LLM mail", "email_llm/mails.jsonl.zst", Channel.EMAIL, "measured only", SAMPLE),
)


@dataclass(frozen=True, slots=True)
class Example:
    """Features and label of one message; messages of one `group` stay on one side of every split."""

    found: views.Found
    spam: bool
    group: str
    at: int


@dataclass(slots=True)
class Read:
    """What one set gave: `repeated` were the same text with the same label, `unread` had no text or could not be decoded."""

    set: Set
    sha256: str
    examples: list[Example] = field(default_factory=list)
    repeated: int = 0
    unread: int = 0


def read(part: Set, shared: Path, decode: Decode) -> Read:
    """The distinct labelled messages of a set. Raises ConfigError when the file is missing or holds none."""
    sha256, found = lines(part, shared)
    return _gather(Read(part, sha256), found, decode)


def lines(part: Set, shared: Path) -> tuple[str, Iterator[Line]]:
    """SHA-256 of the file of a set, and its labelled messages. Raises ConfigError when the file is missing."""
    path = shared / "corpora" / part.path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"training set {part.name}: {error}") from error
    found = mails(path, data) if ".tar." in part.path else json_lines(data)
    return hashlib.sha256(data).hexdigest(), ((*line, part.channel) for line in found)


def evidences(some: Iterable[Line], decode: Decode) -> Iterator[tuple[Evidence | None, bool, str]]:
    """Evidence, None where there is no text or it cannot be decoded; is spam; near-duplicate cluster."""
    for index, (item, label, cluster, channel) in enumerate(some):
        raw = Raw(id=f"{index:032x}", data=item, received_at=NOW, intake="train", channel=channel)
        evidence = next((found for found in decode(raw) if isinstance(found, Evidence)), None)
        yield evidence if evidence and (evidence.text or evidence.subject) else None, label, cluster


def read_texts(decode: Decode) -> Read:
    """The texts of our own, a few wordings of each template; all wordings of one stay on one side of every split."""
    state = hashlib.sha256()
    for path in sorted(TEXTS.rglob("*.txt")):
        state.update(path.read_bytes())
    result = Read(Set(OWN, "data/texts", Channel.OTHER, "Apache-2.0, written for counterspam"), state.hexdigest())
    return _gather(result, wordings(), decode)


def wordings() -> Iterator[Line]:
    """(JSON line, is spam, template, channel) of each wording of the texts of our own."""
    for text in texts.read(TEXTS):
        for wording in texts.variants(text, WORDINGS, SEED):
            line = {"subject": wording.subject or "", "text": wording.text, "label": text.label}
            yield orjson.dumps(line), text.label == "spam", text.template, text.channel


def _gather(result: Read, lines: Iterable[Line], decode: Decode) -> Read:
    seen: set[tuple[str, bool]] = set()
    for evidence, label, cluster in evidences(lines, decode):
        if evidence is None:
            result.unread += 1
            continue
        key = text_key(evidence)
        if (key, label) in seen:
            result.repeated += 1
            continue
        seen.add((key, label))
        result.examples.append(Example(views.read([evidence]), label, cluster or key, evidence.observed_at))
    if not result.examples:
        raise ConfigError(f"training set {result.set.name}: no labelled message in {result.set.path}")
    return result


def text_key(evidence: Evidence) -> str:
    """Hash of the letters alone: texts that differ in blanks, digits, punctuation or case are one."""
    letters = "".join(filter(str.isalpha, f"{evidence.subject}{evidence.text}".lower()[: 4 * views.MAX_TEXT]))
    return hashlib.blake2b(letters.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def read_all(sets: tuple[Set, ...], shared: Path, decode: Decode, progress: Progress) -> list[Read]:
    """Each of these sets, sampled where it says so."""
    found = []
    for part in sets:
        progress(f"reading {part.name}")
        result = read(part, shared, decode)
        if part.sample and len(result.examples) > part.sample:
            chosen = np.sort(np.random.default_rng(SEED).permutation(len(result.examples))[: part.sample])
            result.examples = [result.examples[i] for i in chosen]
        found.append(result)
    return found


def mails(path: Path, data: bytes) -> Iterator[tuple[bytes, bool, str]]:
    """(bytes, is spam, "") of each message of a tar whose labels stand in the labels.tsv beside it."""
    rows = (line.split("\t") for line in (path.parent / "labels.tsv").read_text(encoding="utf-8").splitlines()[1:])
    labels = {row[0]: row[1] == "spam" for row in rows}
    with zstandard.open(io.BytesIO(data), "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name in labels else None
            if file:
                yield file.read(), labels[member.name], ""


def json_lines(data: bytes) -> Iterator[tuple[bytes, bool, str]]:
    """(bytes, is spam, near-duplicate cluster) of each JSON line that has a label."""
    with zstandard.open(io.BytesIO(data), "rb") as stream:
        for line in io.BufferedReader(stream):
            row = orjson.loads(line)
            if row.get("label") in ("spam", "ham"):
                yield line, row["label"] == "spam", row.get("cluster", "")
