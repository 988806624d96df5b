"""Trains the model that is shipped, measures it, and writes down both: `counterspam train`.

Only sets whose licence allows shipping what was learned from them are trained on; others are measured on. Order, folds
and rounding are fixed, so the same files give the same model. What calls this hands in the decoding of the pipeline.
"""

import hashlib
import io
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import zstandard

from counterspam.detect import learned, model_card, texts, views
from counterspam.detect.figures import Figures, fit_slope, measure
from counterspam.errors import ConfigError
from counterspam.model import Evidence, Raw, Rejected
from counterspam.taxonomy import Channel

FOLDS = 5
EPOCHS = 4
SEED = 1
TEXTS = Path(str(files("counterspam"))) / "data" / "texts"
WORDINGS = 3  # of each template of our own texts
# An n-gram seen in fewer messages is forgotten: it would be somebody's name or address.
MIN_MESSAGES = 3
# The rarer label of a set counts more, up to this factor, so that no set teaches "messages here are ham".
MOST_WEIGHT = 4.0
# The texts of our own are many and invented: they count less, so that real messages are learned first (measured).
OWN, OWN_WEIGHT = "own texts", 0.1
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


@dataclass(frozen=True, slots=True)
class Record:
    """All there is to know about a model; written beside it as model.json."""

    model: learned.Model
    sets: tuple[dict[str, Any], ...]
    figures: dict[str, Figures]
    held_out: dict[str, Figures]


def train(
    shared: Path, out: Path, decode: Decode, progress: Progress = lambda _: None, card: Path | None = None
) -> Record:
    """Train on the sets under `shared`, write model.npz and model.json to `out`, and the model card to `card`.

    Raises ConfigError when a set is missing or empty.
    """
    reads = [*_read_all(TRAINED, shared, decode, progress), read_texts(decode)]
    examples = [example for read in reads for example in read.examples]
    names = np.array([read.set.name for read in reads for _ in read.examples])
    spam = np.array([example.spam for example in examples])
    weights = _weights(names, spam)
    raw = _cross_validate(examples, weights, progress)
    slope = fit_slope(raw, spam, weights)
    odds = slope * raw
    figures = {read.set.name: measure(spam[names == read.set.name], odds[names == read.set.name]) for read in reads}
    progress("learning from all of them")
    model = fit(examples, weights)
    sets = tuple(_described(read) for read in reads)
    final = learned.Model(_rounded(model.weights), model.bias, slope, {})
    held_out = {}
    for read in _read_all(HELD_OUT, shared, decode, progress):
        found = np.array([final.log_odds(example.found)[0] for example in read.examples])
        held_out[read.set.name] = measure(np.array([example.spam for example in read.examples]), found)
    record = Record(final, sets, figures, held_out)
    final.record = _written(record)
    final.save(out)
    if card:
        card.write_text(model_card.text(final.record, final.version), encoding="utf-8")
    return record


def of(reads: Sequence[Read]) -> learned.Model:
    """A model of these sets, as it is shipped but for its calibration."""
    examples = [example for read in reads for example in read.examples]
    names = np.array([read.set.name for read in reads for _ in read.examples])
    return fit(examples, _weights(names, np.array([example.spam for example in examples])))


def fit(examples: list[Example], weights: npt.NDArray[np.float64]) -> learned.Model:
    """A model of these examples: several passes in a fixed random order, the second half of them averaged."""
    model = learned.Model.empty()
    order = np.random.default_rng(SEED)
    total = np.zeros_like(model.weights)
    bias = np.zeros_like(model.bias)
    for epoch in range(EPOCHS):
        for i in order.permutation(len(examples)):
            model.step(examples[i].found, examples[i].spam, float(weights[i]))
        if epoch >= EPOCHS // 2:
            total += model.weights
            bias += model.bias
    seen = np.zeros(len(total), np.uint16)
    for example in examples:
        seen[np.unique(example.found.buckets)] += 1
    averaged = np.where(seen >= MIN_MESSAGES, total / (EPOCHS - EPOCHS // 2), np.float32(0))
    return learned.Model(averaged.astype(np.float32), bias / (EPOCHS - EPOCHS // 2), 1.0, {})


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
    found = _mails(path, data) if ".tar." in part.path else _lines(data)
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


def _read_all(sets: tuple[Set, ...], shared: Path, decode: Decode, progress: Progress) -> list[Read]:
    found = []
    for part in sets:
        progress(f"reading {part.name}")
        result = read(part, shared, decode)
        if part.sample and len(result.examples) > part.sample:
            chosen = np.sort(np.random.default_rng(SEED).permutation(len(result.examples))[: part.sample])
            result.examples = [result.examples[i] for i in chosen]
        found.append(result)
    return found


def _mails(path: Path, data: bytes) -> Iterator[tuple[bytes, bool, str]]:
    """(bytes, is spam, "") of each message of a tar whose labels stand in the labels.tsv beside it."""
    rows = (line.split("\t") for line in (path.parent / "labels.tsv").read_text(encoding="utf-8").splitlines()[1:])
    labels = {row[0]: row[1] == "spam" for row in rows}
    with zstandard.open(io.BytesIO(data), "rb") as stream, tarfile.open(fileobj=stream, mode="r|") as archive:
        for member in archive:
            file = archive.extractfile(member) if member.name in labels else None
            if file:
                yield file.read(), labels[member.name], ""


def _lines(data: bytes) -> Iterator[tuple[bytes, bool, str]]:
    """(bytes, is spam, near-duplicate cluster) of each JSON line that has a label."""
    with zstandard.open(io.BytesIO(data), "rb") as stream:
        for line in io.BufferedReader(stream):
            row = orjson.loads(line)
            if row.get("label") in ("spam", "ham"):
                yield line, row["label"] == "spam", row.get("cluster", "")


def _weights(names: npt.NDArray[np.str_], spam: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Weights that make spam and ham of each set count alike, as far as MOST_WEIGHT allows."""
    weights = np.ones(len(spam))
    for name in np.unique(names):
        for label in (False, True):
            chosen = (names == name) & (spam == label)
            if chosen.any():
                weights[chosen] = min(MOST_WEIGHT, 0.5 * float((names == name).sum()) / float(chosen.sum()))
    weights[names == OWN] *= OWN_WEIGHT
    return weights


def _cross_validate(
    examples: list[Example], weights: npt.NDArray[np.float64], progress: Progress
) -> npt.NDArray[np.float64]:
    """Log-odds before calibration of each example under a model that did not see its group."""
    folds = np.array(
        [int(hashlib.blake2b(example.group.encode(), digest_size=4).hexdigest(), 16) % FOLDS for example in examples]
    )
    raw = np.zeros(len(examples))
    for fold in range(FOLDS):
        progress(f"fold {fold + 1} of {FOLDS}")
        inside = np.flatnonzero(folds != fold)
        model = fit([examples[i] for i in inside], weights[inside])
        for i in np.flatnonzero(folds == fold):
            raw[i] = model.log_odds(examples[i].found)[0]
    return raw


def _rounded(weights: learned.Weights) -> learned.Weights:
    """Weights as they are stored."""
    return weights.astype(np.float16).astype(np.float32)


def _described(read: Read) -> dict[str, Any]:
    spam = sum(example.spam for example in read.examples)
    return {
        "name": read.set.name,
        "file": f"corpora/{read.set.path}" if read.set.channel is not Channel.OTHER else read.set.path,
        "sha256": read.sha256,
        "licence": read.set.licence,
        "spam": spam,
        "ham": len(read.examples) - spam,
        "repeated": read.repeated,
        "unread": read.unread,
    }


def _written(record: Record) -> dict[str, Any]:
    """The record as model.json holds it."""
    return {
        "code": version("counterspam"),
        "settings": {
            "bits": views.BITS,
            "sizes": list(views.SIZES),
            "bytes": views.MAX_TEXT,
            "head_bytes": views.MAX_HEAD,
            "shares": learned.SHARES.tolist(),
            "rate": learned.RATE,
            "start": learned.START,
            "silent_below": learned.SILENT,
            "fluent_from": learned.FLUENT,
            "half": learned.HALF,
            "epochs": EPOCHS,
            "folds": FOLDS,
            "seed": SEED,
            "min_messages": MIN_MESSAGES,
            "most_weight": MOST_WEIGHT,
            "own_weight": OWN_WEIGHT,
        },
        "sets": list(record.sets),
        "figures": {name: asdict(figures) for name, figures in record.figures.items()},
        "held_out": {name: asdict(figures) for name, figures in record.held_out.items()},
    }
