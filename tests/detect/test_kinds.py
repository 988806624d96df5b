"""The invented messages of every kind (`tests/golden/kinds`): well formed, and named rightly in the part for tuning."""

from collections.abc import Callable
from pathlib import Path

import pytest

from counterspam.detect import facts, kinds, text
from counterspam.model import Attachment, Evidence
from counterspam.taxonomy import Channel, ContentType, Nature, Payload
from counterspam.tools import Tools

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "kinds"
FILES = sorted(GOLDEN.glob("*/*.txt"))


def lines(path: Path) -> list[tuple[list[str], str]]:
    """The fields before the bar and the text of each message."""
    cut = [line.partition(" | ") for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    return [(head.split(), words) for head, _, words in cut]


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_the_file_says_what_its_messages_are(path: Path) -> None:
    head = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split()
    assert ContentType(head[0]) == path.stem
    assert path.stem == "ham" or Nature(head[1])
    for fields, words in lines(path):
        assert len(fields[0]) == 2
        assert Channel(fields[1])
        assert Payload(fields[2])
        assert words == words.strip() != ""


def test_no_message_stands_in_both_parts_and_there_are_twelve_of_each_kind() -> None:
    told: dict[str, list[str]] = {}
    for path in FILES:
        told.setdefault(path.stem, []).extend(words for _, words in lines(path))
    for kind, messages in told.items():
        assert len(messages) == len(set(messages)) >= 12, kind


@pytest.mark.parametrize("path", [p for p in FILES if p.parent.name == "dev" and p.stem != "ham"], ids=lambda p: p.stem)
def test_most_of_a_kind_is_named_rightly(path: Path, make: Callable[..., Evidence], tools: Tools) -> None:
    right = 0
    for fields, words in lines(path):
        files = tuple(Attachment(f.partition("=")[2], "application/octet-stream", 1, "0" * 64) for f in fields[3:])
        evidence = make(channel=Channel(fields[1]), text=words, attachments=files)
        known = facts.derive(evidence)
        answers = {"text": text.check(evidence, known, tools).answer}
        right += kinds.named(evidence, known, answers) == path.stem
    assert right >= 0.8 * len(lines(path))
