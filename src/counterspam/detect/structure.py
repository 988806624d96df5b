"""How the message is built: missing or repeated header fields, markup only, and which kinds of file it carries (RFC 5322).

A preview line that is hidden says nothing, for wanted newsletters hide theirs more often than spam hides words. Much hidden
text does, and so does any in the colour of the background (measured: docs/robustness.md).
"""

from counterspam.detect import tables
from counterspam.model import Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.taxonomy import Channel
from counterspam.tools import Tools

_GROUPS = (line.partition(":") for line in tables.lines("file_endings.txt"))
_ENDINGS = {ending: kind for kind, _, listed in _GROUPS for ending in listed.split()}
_INNOCENT = frozenset(("pdf", "doc", "docx", "xls", "xlsx", "jpg", "png", "txt", "mp3", "mp4"))
_MISSING = (("date", "no-date", 0.6), ("message-id", "no-message-id", 0.6))
MUCH_HIDDEN = 100  # words
_NONE = answer("structure", "plain")
_FILES = {"executable": 2.2, "double-ending": 2.4, "macro": 1.0, "markup": 1.0, "archive": 0.3}


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """The worst oddity names the answer, the weights of all add up (at most 2.5)."""
    if not evidence.attachments and evidence.channel is not Channel.EMAIL:
        return _NONE
    found = list(_attachments(evidence)) if evidence.attachments else []
    if evidence.headers:
        found += _headers(evidence)
    if not found:
        return _NONE
    found.sort(key=lambda oddity: -oddity[1])
    weight = min(2.5, sum(weight for _, weight in found))
    return answer("structure", found[0][0], round(weight, 2), *(oddity for oddity, _ in found[:2]))


def _attachments(evidence: Evidence) -> list[tuple[str, float]]:
    kinds = {kind for a in evidence.attachments[:100] if (kind := file_kind(a.name))}
    return [(kind, _FILES[kind]) for kind in kinds]


def file_kind(name: str) -> str:
    """What the ending of a file name says about the danger in it, "" for nothing."""
    stem, _, ending = name.lower().strip().rstrip(".").rpartition(".")
    kind = _ENDINGS.get(ending, "")
    if kind == "executable" and stem.rpartition(".")[2] in _INNOCENT:
        return "double-ending"
    return kind


def _headers(evidence: Evidence) -> list[tuple[str, float]]:
    """What the header lacks or repeats; only the decoder of whole messages counts the Received fields."""
    headers = evidence.headers
    if "received-count" not in headers:
        return []
    found = [(oddity, weight) for field, oddity, weight in _MISSING if not headers.get(field, "").strip()]
    if headers.get("parts", "") == "text/html":
        found.append(("html-only", 0.4))
    if "hidden-text" in headers:
        found += _hidden(headers["hidden-text"])
    if "repeated" in headers:
        found.append(("repeated-fields", 0.6))
    if headers.get("from-count", "1") not in ("0", "1"):
        found.append(("many-senders", 0.6))
    return found


def _hidden(told: str) -> list[tuple[str, float]]:
    """What the decoder says of text that a reader does not see: how many words, and the ways in which they are hidden."""
    count, *ways = told.split()
    if not count.isdecimal() or not ways or ways == ["plain-part"]:
        return []
    if int(count) > MUCH_HIDDEN:
        return [("much-hidden", 1.0)]
    return [("hidden", 0.8)] if "colour" in ways else [("few-hidden", 0.0)]
