"""What the words say: phrases of each kind of spam in many languages, found in one pass over the folded text.

The learned model is the main witness for text; this check names the kind of spam, also in languages that the model has
seen little of, and weighs lightly.
"""

from counterspam.detect import tables
from counterspam.detect.brands import phrases
from counterspam.detect.fold import clean, fold
from counterspam.model import Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.taxonomy import Channel, ContentType
from counterspam.tools import Tools

ENOUGH = 2  # points from which a kind is named
LONG = 1000  # characters from which one phrase is not enough, and what is found weighs half
_ORDINARY = frozenset((ContentType.PRODUCT, ContentType.PARCEL, ContentType.GIFT_CARD))
_NONE = answer("text", "none")
_NOTHING = answer("text", "nothing")


def _load() -> list[tuple[str, ContentType, int]]:
    """(phrase, kind, points) of every entry, with the phrases folded."""
    found: dict[tuple[str, ContentType], int] = {}
    kind = ContentType.UNKNOWN
    for line in tables.lines("content_words.txt"):
        if line.startswith("["):
            kind = ContentType(line.strip("[]"))
            continue
        for entry in line.partition(":")[2].split("|"):
            entry = entry.strip()
            points = 1 if entry.startswith("~") else 2
            phrase = fold(entry.lstrip("~ "))[0]
            found[phrase, kind] = max(points, found.get((phrase, kind), 0))
    return [(phrase, kind, points) for (phrase, kind), points in found.items()]


PHRASES = _load()
_FINDER = phrases([phrase for phrase, _, _ in PHRASES])


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """The kind of spam whose phrases score most; the answer is the content type."""
    if not facts.words and not evidence.subject:
        return _NONE
    words = f" {fold(clean(evidence.subject[:1000]))[0]}  {facts.words} " if evidence.subject else f" {facts.words} "
    scores, seen = score(words)
    if not scores:
        return _NOTHING
    kind = max(scores, key=lambda k: (scores[k], k))
    long = len(words) > LONG
    if scores[kind] < ENOUGH + long:
        return _NOTHING
    weight = min(1.5, 0.25 * scores[kind] + 0.05 * (sum(scores.values()) - scores[kind])) * (0.5 if long else 1.0)
    if evidence.channel is Channel.EMAIL:  # wanted newsletters and orders use the same words
        weight = min(weight, 0.2) if kind in _ORDINARY else 0.7 * weight
    if kind is ContentType.POLITICAL:
        weight = 0.0  # a topic, not a fault
    shown = [phrase.strip("*") for phrase in seen[kind][:3]]
    return answer("text", kind.value, round(weight, 2), ("kind", {"kind": kind.value, "phrases": shown}))


def score(words: str) -> tuple[dict[ContentType, int], dict[ContentType, list[str]]]:
    """Points and phrases by kind, for folded text between blanks."""
    scores: dict[ContentType, int] = {}
    seen: dict[ContentType, list[str]] = {}
    for index in _FINDER.Match(words) or ():
        phrase, kind, points = PHRASES[index]
        scores[kind] = scores.get(kind, 0) + points
        seen.setdefault(kind, []).append(phrase)
    for kind in seen:
        seen[kind].sort(key=lambda phrase: (-len(phrase), phrase))
    return scores, seen
