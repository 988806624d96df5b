"""Everything that a report is made from: nothing else goes into its files."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from counterspam.policy.reports.document import Block, Paragraph
from counterspam.policy.reports.fields import paragraphs
from counterspam.policy.reports.voice import Voice


@dataclass(frozen=True, slots=True)
class Given:
    """A snapshot with its id, what the editor typed and in which language, the label, and when it was built (ms)."""

    kind: str
    id: str
    version: int
    snapshot: Mapping[str, Any]
    snapshot_id: str
    software: str
    fields: Mapping[str, str]
    author: str  # the language of what was typed
    tlp: str
    created_at: int


def typed(given: Given, voice: Voice, name: str) -> list[Block]:
    """What the editor wrote into a field, marked as being in another language where it is."""
    lang = given.author if given.author != voice.lang else ""
    found = paragraphs(given.fields.get(name, ""))
    return [Paragraph(text.removeprefix("- "), lang, item=text.startswith("- ")) for text in found] or [
        Paragraph(voice.say("Nothing is stated."), quiet=True)
    ]
