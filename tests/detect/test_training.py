"""Training, on small sets of our own in the places of the real ones, and on one real set."""

import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zstandard

from counterspam import pipeline
from counterspam.detect import labelled, learned, model_card, texts, training
from counterspam.errors import ConfigError
from counterspam.model import Evidence

SPAM = (
    "win a free prize now",
    "cheap pills without prescription",
    "claim your lottery money today",
    "act now, limited offer for you",
)
HAM = (
    "see you at lunch tomorrow",
    "the minutes of our meeting are attached",
    "did you feed the cat",
    "train is late, home at eight",
)
NAMES = ("anna", "bela", "cyril", "dora", "emil", "fred", "gina", "hugo", "ida", "jan")


def rows() -> list[dict[str, str]]:
    texts = [
        (f"{text}, {name}", label) for label, part in (("spam", SPAM), ("ham", HAM)) for text in part for name in NAMES
    ]
    found = [{"id": str(i), "label": label, "lang": "en", "text": text} for i, (text, label) in enumerate(texts)]
    found.append({**found[0], "id": "again", "text": found[0]["text"].upper() + " !!"})
    return found


def write_tar(path: Path) -> None:
    """The rows as mails in a tar, with the labels beside it and one member that has no label."""
    data = io.BytesIO()
    lines = ["path\tlabel\treceived_date\tbytes"]
    with tarfile.open(fileobj=data, mode="w") as archive:
        for row in [*rows(), {"id": "stray", "label": "", "text": "no label"}]:
            head = f"From: a@example.com\nSubject: {row['text'][:9]}\nMessage-ID: <{row['id']}@example.com>\n\n"
            mail = f"{head}{row['text']}\n".encode()
            member = tarfile.TarInfo(f"{row['id']}.eml")
            member.size = len(mail)
            archive.addfile(member, io.BytesIO(mail))
            if row["label"]:
                lines.append(f"{row['id']}.eml\t{row['label']}\t\t{len(mail)}")
    path.write_bytes(zstandard.compress(data.getvalue()))
    (path.parent / "labels.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="module", autouse=True)
def own_texts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Few texts of our own in the place of the many."""
    folder = tmp_path_factory.mktemp("texts")
    slots = folder / "slots"
    slots.mkdir()
    lists = "".join(f"[{slot}]\none {slot}\n" for slot in sorted(texts.SLOTS))
    (slots / "any.txt").write_text(lists, encoding="utf-8")
    written = [("spam", "other", SPAM), ("ham", "friends", HAM)]
    parts = [
        f"[{label} sms {kind}]\n" + "".join(f"{text}, {n}\n" for text in some for n in NAMES)
        for label, kind, some in written
    ]
    (folder / "en.txt").write_text(
        "\n".join([*parts, f"[spam sms other]\n{SPAM[0]}, {NAMES[0]} !!\n"]), encoding="utf-8"
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(labelled, "TEXTS", folder)
        yield


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("shared")
    for part in labelled.TRAINED + labelled.HELD_OUT:
        path = root / "corpora" / part.path
        path.parent.mkdir(parents=True)
        if ".tar." in part.path:
            write_tar(path)
        else:
            path.write_bytes(zstandard.compress("\n".join(map(json.dumps, rows())).encode() + b"\n"))
    return root


@pytest.fixture(scope="module")
def record(small: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[training.Record, Path]:
    out = tmp_path_factory.mktemp("model")
    return training.train(small, out, pipeline.decode, card=out / "model.md"), out


def test_it_writes_a_model_that_can_be_loaded(record: tuple[training.Record, Path]) -> None:
    made, out = record
    assert learned.load(out).version == made.model.version
    assert made.figures["UCI SMS"].mcc is not None
    assert made.figures["UCI SMS"].mcc > 0.5


def test_the_same_files_give_the_same_model(small: Path, record: tuple[training.Record, Path], tmp_path: Path) -> None:
    training.train(small, tmp_path, pipeline.decode)
    for name in ("model.npz", "model.json"):
        assert (tmp_path / name).read_bytes() == (record[1] / name).read_bytes()


def test_repeated_texts_are_counted_and_dropped(record: tuple[training.Record, Path]) -> None:
    for described in record[0].sets:
        assert (described["spam"], described["ham"], described["repeated"], described["unread"]) == (40, 40, 1, 0)


def test_nothing_is_learned_from_the_held_out_sets(
    small: Path, record: tuple[training.Record, Path], tmp_path: Path
) -> None:
    shutil.copytree(small, tmp_path / "shared")
    path = tmp_path / "shared" / "corpora" / labelled.HELD_OUT[0].path
    flipped = [{**row, "label": {"spam": "ham", "ham": "spam"}[row["label"]]} for row in rows()]
    path.write_bytes(zstandard.compress("\n".join(map(json.dumps, flipped)).encode()))
    other = training.train(tmp_path / "shared", tmp_path / "out", pipeline.decode)
    name = labelled.HELD_OUT[0].name
    assert (tmp_path / "out" / "model.npz").read_bytes() == (record[1] / "model.npz").read_bytes()
    assert other.held_out[name] != record[0].held_out[name]


def test_the_card_tells_all_of_the_record(record: tuple[training.Record, Path]) -> None:
    card = (record[1] / "model.md").read_text(encoding="utf-8")
    assert record[0].model.version in card
    for part in labelled.TRAINED + labelled.HELD_OUT:
        assert f"| {part.name} |" in card
    assert all(described["sha256"] in card for described in record[0].sets)


def test_the_shipped_card_is_that_of_the_shipped_model() -> None:
    model = learned.load(None)
    card = Path(__file__).resolve().parents[2] / "docs" / "model.md"
    assert card.read_text(encoding="utf-8") == model_card.text(model.record, model.version)


def test_a_missing_set_is_named(small: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="training set UCI SMS"):
        labelled.read(labelled.TRAINED[2], tmp_path, pipeline.decode)


def test_a_set_without_labels_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "corpora" / labelled.TRAINED[2].path
    path.parent.mkdir(parents=True)
    path.write_bytes(zstandard.compress(b'{"id": "1", "text": "no label here"}\n'))
    with pytest.raises(ConfigError, match="no labelled message"):
        labelled.read(labelled.TRAINED[2], tmp_path, pipeline.decode)


def test_letters_alone_make_the_text_key(make: Callable[..., Evidence]) -> None:
    one, other, third = (
        labelled.text_key(make(text=text)) for text in ("Call 0800 now!", "call 0900 NOW", "call her now")
    )
    assert one == other != third


def test_the_shipped_model_was_made_of_the_sets_at_hand(shared: Path) -> None:
    described = {s["file"]: s["sha256"] for s in learned.load(None).record["sets"]}
    part = labelled.TRAINED[2]
    found = labelled.read(part, shared, pipeline.decode)
    assert described[f"corpora/{part.path}"] == found.sha256
    assert (len(found.examples), found.repeated, found.unread) == (5085, 489, 0)
