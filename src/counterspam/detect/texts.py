"""The corpus of our own that ships with the code: invented messages as templates (format: data/texts/README.md)."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

from counterspam.taxonomy import Channel, ContentType

SLOTS = frozenset({"name", "amount", "url", "site", "code", "phone", "date", "time", "city"})
LONGEST_LINE = 4000
LONGEST_FILE = 2_000_000
_HEAD = re.compile(r"\[(spam|ham) ([a-z-]+) ([a-z-]+)(?: ([a-z]{2,3}))?\]")
_GROUP = re.compile(r"<([^<>]*)>")
_SLOT = re.compile(r"\{([a-z]+)\}")
_DIGIT = re.compile(r"[#%@]")
_BLANKS = re.compile(r" {2,}")  # what an empty choice leaves behind
_LETTERS = "abcdefghijkmnpqrstuvwxyz"

Lists = Mapping[str, tuple[str, ...]]


class Message(NamedTuple):
    """One wording; `subject` is None outside mail."""

    subject: str | None
    text: str


@dataclass(frozen=True)
class Text:
    """One template. `kind` is a ContentType for spam and a free word for ham. `template` is FILE:LINE, which keeps the variants
    of one template on one side of a split. `lists` holds the values of the slots in the language of the text."""

    label: str
    channel: Channel
    kind: str
    lang: str
    template: str
    source: str
    lists: Lists = field(repr=False, compare=False)


def read(folder: Path) -> Iterator[Text]:
    """All templates of the files LANG.txt of a folder, by name. ValueError names file and line of a mistake."""
    for path in sorted(folder.glob("*.txt")):
        head: re.Match[str] | None = None
        for number, line in _lines(path):
            if line[0] == "[" and line[-1] == "]":
                head = _head(line, f"{path.name}:{number}")
                continue
            if head is None:
                raise ValueError(f"{path.name}:{number}: a message before the first [label channel kind]")
            lang = head[4] or (path.stem if len(path.stem) <= 3 else "en")
            text = Text(head[1], Channel(head[2]), head[3], lang, f"{path.name}:{number}", line, _lists(folder, lang))
            _check(text)
            yield text


def variants(text: Text, count: int, seed: int) -> list[Message]:
    """Up to `count` different wordings (fewer where the template has fewer), the same for the same seed."""
    chance = random.Random(f"{seed} {text.template} {text.source}")
    return list(dict.fromkeys(_write(text, chance) for _ in range(count * 2)))[:count]


def _write(text: Text, chance: random.Random) -> Message:
    chosen = _GROUP.sub(lambda group: chance.choice(group[1].split("|")), text.source)
    filled = _BLANKS.sub(" ", _fill(chosen, text.lists, chance)).replace(" \\n", "\n").replace("\\n", "\n")
    subject, mark, body = filled.partition(" || ")
    return Message(subject.strip(), body.strip()) if mark else Message(None, filled.strip())


def _fill(source: str, lists: Lists, chance: random.Random, depth: int = 3) -> str:
    """Values in the place of slots; in a value (never in the template itself) # is a digit, % one from 1 to 9, @ a letter."""

    def value(slot: re.Match[str]) -> str:
        drawn = chance.choice(lists[slot[1]])
        drawn = _DIGIT.sub(
            lambda sign: chance.choice({"#": "0123456789", "%": "123456789"}.get(sign[0], _LETTERS)), drawn
        )
        return _fill(drawn, lists, chance, depth - 1) if depth else drawn

    return _SLOT.sub(value, source)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    if path.stat().st_size > LONGEST_FILE:
        raise ValueError(f"{path.name}: over {LONGEST_FILE} bytes")
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if len(line) > LONGEST_LINE:
            raise ValueError(f"{path.name}:{number}: over {LONGEST_LINE} characters")
        if line.strip() and not line.startswith("#"):
            yield number, line.strip()


def _head(line: str, place: str) -> re.Match[str]:
    head = _HEAD.fullmatch(line)
    if head is None:
        raise ValueError(f"{place}: not a head [label channel kind] or [label channel kind lang]")
    if head[2] not in set(Channel):
        raise ValueError(f"{place}: unknown channel {head[2]}")
    if head[1] == "spam" and head[3] not in set(ContentType) - {ContentType.HAM}:
        raise ValueError(f"{place}: unknown kind of spam {head[3]}")
    return head


def _check(text: Text) -> None:
    plain = _GROUP.sub("", text.source)
    unknown = sorted(set(_SLOT.findall(text.source)) - SLOTS)
    mistakes = {
        f"unknown slot {' '.join(unknown)}": unknown,
        "a group is nested or not closed, or a tab stands in the text": re.search(r"[<>\t]", plain),
        "a brace that is no slot": re.search(r"[{}]", _SLOT.sub("", text.source)),
        "a mail, and only a mail, begins with its subject and ' || '": (" || " in plain)
        != (text.channel is Channel.EMAIL),
        "a bar outside a group": "|" in plain.replace(" || ", "", 1),
    }
    for mistake, found in mistakes.items():
        if found:
            raise ValueError(f"{text.template}: {mistake}")


@cache
def _lists(folder: Path, lang: str) -> Lists:
    """The values of the slots: those of slots/any.txt, replaced list by list by those of slots/LANG.txt where that exists."""
    lists: dict[str, tuple[str, ...]] = {}
    for path in (folder / "slots" / "any.txt", folder / "slots" / f"{lang}.txt"):
        lists |= _slot_file(path) if path.is_file() else {}
    used = {slot for values in lists.values() for value in values for slot in _SLOT.findall(value)}
    if missing := (SLOTS | used) - lists.keys():
        raise ValueError(f"slots of {lang}: no values for {min(missing)}")
    return lists


def _slot_file(path: Path) -> dict[str, tuple[str, ...]]:
    lists: dict[str, tuple[str, ...]] = {}
    slot = ""
    for number, line in _lines(path):
        if line.startswith("["):
            slot = line.strip("[]")
        elif not slot:
            raise ValueError(f"slots/{path.name}:{number}: a value before the first [slot]")
        else:
            lists[slot] = (*lists.get(slot, ()), line)
    return lists
