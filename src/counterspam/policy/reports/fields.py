"""What no figure gives and an editor fills in: the fields of each kind of report, and what may be typed into them."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from counterspam.policy.reports.voice import mark

MOST_FIELD = 4000  # characters
MOST_ALL = 60_000
STATUSES = {
    "": mark("no report"),
    "none": mark("not begun"),
    "under-way": mark("under way"),
    "done": mark("done"),
    "continuing": mark("continuing"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in. `form`: text (paragraphs), line, day (2026-11-28) or status. `title` is a marked message."""

    name: str
    title: str
    form: str = "text"
    most: int = MOST_FIELD


@dataclass(frozen=True, slots=True)
class Group:
    """Fields under one heading; `subject` names what they are about in the language `lang` of a data file."""

    title: str
    fields: Sequence[Field]
    subject: str = ""
    lang: str = ""


SUMMARY = Field("summary", mark("Summary"))
OBSTACLES = Field("obstacles", mark("Obstacles"))
NEXT = Field("next_steps", mark("Next steps"))
PER_CLAUSE = (
    Field("actions", mark("Actions")),
    Field("documents", mark("Documents"), most=1000),
    Field("status", mark("Status"), "status"),
    Field("date", mark("Date"), "day"),
)


def problems(fields: Sequence[Field], given: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with what was typed, by field; the texts are marked messages."""
    found = {}
    for field in fields:
        text = given.get(field.name, "")
        if len(text) > field.most:
            found[field.name] = mark("This is longer than there is room for.")
        elif field.form == "status" and text not in STATUSES:
            found[field.name] = mark("Choose one of the list.")
        elif field.form == "day" and text and not _is_day(text):
            found[field.name] = mark("Write the day as 2026-11-28.")
    if sum(map(len, given.values())) > MOST_ALL:
        found[fields[0].name] = mark("All fields together are longer than there is room for.")
    return found


def kept(fields: Sequence[Field], given: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the known fields, without what no file can hold; empty ones are left out."""
    found = {field.name: clean(given.get(field.name, ""), field.form == "text") for field in fields}
    return {name: text for name, text in found.items() if text}


def clean(text: str, lines: bool = True) -> str:
    """Text without control characters, marks of direction and lone surrogates; line ends as \\n, or one line."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in text if _may_stay(char))
    return (text if lines else " ".join(text.split())).strip()


def paragraphs(text: str) -> list[str]:
    """The paragraphs of what was typed: lines with text."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def _may_stay(char: str) -> bool:
    """Joiners stay (Arabic and Persian need them); other invisible signs of format go, and what is no character."""
    return char == "\n" or char in "\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
