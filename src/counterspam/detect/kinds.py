"""Which kind of spam a message is, once it is judged spam: points for what its words, files, numbers and imitated brand show.

This names, it does not judge: words such as "parcel" or "bank" stand in ordinary messages as well, so they weigh nothing in
the probability (see `text` for phrases that do). Whoever adds a learned head puts its log-odds by kind into
`Facts.kind_odds`; they are points like the others.
"""

from collections.abc import Mapping

from counterspam.detect import tables
from counterspam.detect.brands import BY_NAME, phrases
from counterspam.detect.fold import clean, fold
from counterspam.detect.structure import file_kind
from counterspam.detect.text import score
from counterspam.model import Evidence, Facts
from counterspam.taxonomy import Channel, ContentType

ENOUGH = 1.5  # points from which a kind is named: one telling word, or two weak ones
BESIDES = 0.7  # what a word of promotion counts: every other kind is promoted as well
FOREIGN = 0.4  # what a word of another language than the message's counts
SHORT = 4  # characters below which a word of another language counts nothing
SECTORS = {
    "bank": ContentType.BANK,
    "parcel": ContentType.PARCEL,
    "tax": ContentType.TAX,
    "government": ContentType.GOVERNMENT,
    "fine": ContentType.FINE,
    "telecom": ContentType.TELECOM,
    "crypto": ContentType.CRYPTO,
}
_IMITATES = frozenset(("look-alike", "not-the-brand", "mismatch", "in-path", "credentials"))
_COSTLY = frozenset(("premium", "satellite", "international-network", "international-shared"))
_WORDLESS = "\u0590"  # from here on scripts join words with particles, or put no blanks between them


def _load() -> list[tuple[str, ContentType, int, str]]:
    """(word, kind, points, language) of every entry, with the words folded."""
    found: dict[tuple[str, ContentType, str], int] = {}
    kind = ContentType.UNKNOWN
    for line in tables.lines("kind_cues.txt"):
        if line.startswith("["):
            kind = ContentType(line.strip("[]"))
            continue
        language, _, entries = line.partition(":")
        for entry in entries.split("|"):
            word = fold(entry.strip().lstrip("~ "))[0]
            found[word, kind, language] = 1 if entry.strip().startswith("~") else 2
    return [(word, kind, points, language) for (word, kind, language), points in found.items()]


_CUES = _load()
_FINDER = phrases([word for word, _, _, _ in _CUES], inside=_WORDLESS)


def named(evidence: Evidence, facts: Facts, answers: Mapping[str, str]) -> ContentType:
    """The kind with most points; unknown where nothing speaks for any."""
    found = points(evidence, facts, answers)
    if not found:
        return ContentType.UNKNOWN
    if ContentType.PRODUCT in found:
        found[ContentType.PRODUCT] *= BESIDES
    best = max(found, key=lambda kind: (found[kind], kind))
    return best if found[best] >= ENOUGH else ContentType.UNKNOWN


def points(evidence: Evidence, facts: Facts, answers: Mapping[str, str]) -> dict[ContentType, float]:
    """Points by kind, from words, from what comes with them, and from a learned head where there is one."""
    title = fold(clean(evidence.subject[:1000]))[0] if evidence.subject else ""
    words = f" {title}  {facts.words} "
    found: dict[ContentType, float] = {kind: float(count) for kind, count in score(words)[0].items()}
    for kind, count in _of_words(words, facts.language).items():
        found[kind] = found.get(kind, 0.0) + count
    for kind, count in _of_signs(evidence, facts, answers, found).items():
        found[kind] = found.get(kind, 0.0) + count
    for kind, odds in facts.kind_odds.items():
        found[kind] = found.get(kind, 0.0) + odds
    return found


def _of_words(words: str, language: str) -> dict[ContentType, float]:
    """Each word once, in the language where it counts most."""
    best: dict[tuple[str, ContentType], float] = {}
    for index in _FINDER.Match(words) or ():
        word, kind, count, spoken = _CUES[index]
        if language and spoken != language:
            if len(word) < SHORT:
                continue
            counts = FOREIGN * count
        else:
            counts = float(count)
        best[word, kind] = max(counts, best.get((word, kind), 0.0))
    found: dict[ContentType, float] = {}
    for (_, kind), counts in best.items():
        found[kind] = found.get(kind, 0.0) + counts
    return found


def _of_signs(
    evidence: Evidence, facts: Facts, answers: Mapping[str, str], so_far: Mapping[ContentType, float]
) -> dict[ContentType, float]:
    """Points for files, crypto addresses, costly numbers, reply addresses and an imitated brand."""
    found: dict[ContentType, float] = {}
    if any(file_kind(a.name) for a in evidence.attachments[:100]) or any(".apk" in url for url in facts.urls):
        found[ContentType.MALWARE] = 4.0
    if facts.crypto:
        threatened = so_far.get(ContentType.EXTORTION, 0.0) > 0
        found[ContentType.EXTORTION if threatened else ContentType.CRYPTO] = 3.0
    if answers.get("numbers") in _COSTLY and evidence.channel is not Channel.VOICE:
        found[ContentType.WANGIRI] = 3.0
    if facts.emails and not facts.urls and so_far.get(ContentType.ADVANCE_FEE):
        found[ContentType.ADVANCE_FEE] = 1.0
    if facts.brands and (answers.get("links") in _IMITATES or answers.get("sender") in ("look-alike", "pretends")):
        kind = SECTORS.get(BY_NAME[facts.brands[0]].sector, ContentType.PHISHING)
        found[kind] = found.get(kind, 0.0) + 2.0
    if said := _TYPES.get(answers.get("text", "")):
        found[said] = found.get(said, 0.0) + ENOUGH
    return found


_TYPES: dict[str, ContentType] = {kind.value: kind for kind in ContentType}
