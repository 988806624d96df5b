"""Which language a text is in, from its script and its most frequent short words; a few microseconds, no model to load."""

import re
from collections import Counter

from counterspam.detect import tables
from counterspam.detect.fold import fold

LEAST = 12
_SAMPLE = 400
_FOREIGN = re.compile(r"[^\x00-\u02ff\W]+")
_KANA = re.compile("[\u3040-\u30ff]")

# Script by the upper byte of the code point, with the language that is meant when no word tells more.
_SCRIPTS = {
    **dict.fromkeys((0x03,), "el"),
    **dict.fromkeys((0x04, 0x05), "ru"),
    **dict.fromkeys((0x06, 0x07, 0xFB, 0xFE), "ar"),
    **dict.fromkeys((0x09,), "hi"),
    **dict.fromkeys(range(0x4E, 0xA0), "zh"),
    **dict.fromkeys((0x30,), "ja"),
    **dict.fromkeys((0x11, *range(0xAC, 0xD8)), "ko"),
}
# Blocks that share an upper byte, or that one language owns: first code point, last code point, language.
_BLOCKS = (
    (0x530, 0x58F, "hy"),
    (0x590, 0x5FF, "he"),
    (0x980, 0x9FF, "bn"),
    (0xA00, 0xA7F, "pa"),
    (0xA80, 0xAFF, "gu"),
    (0xB80, 0xBFF, "ta"),
    (0xC00, 0xC7F, "te"),
    (0xC80, 0xCFF, "kn"),
    (0xD00, 0xD7F, "ml"),
    (0xD80, 0xDFF, "si"),
    (0xE00, 0xE7F, "th"),
    (0xE80, 0xEFF, "lo"),
    (0x1000, 0x109F, "my"),
    (0x10A0, 0x10FF, "ka"),
    (0x1200, 0x139F, "am"),
    (0x1780, 0x17FF, "km"),
)
_FAMILY = {"ru": ("ru", "uk", "bg", "kk"), "ar": ("ar", "fa", "ur"), "hi": ("hi", "mr", "ne")}
_LETTERS = {"uk": "іїєґ", "kk": "қғңөұһә", "ru": "ыэё", "fa": "پچژگ", "ur": "ٹڈڑںےہ"}


def _load() -> dict[str, tuple[tuple[str, float], ...]]:
    """Word -> languages, each with what one sighting counts: the fewer languages know the word, the more."""
    known: dict[str, list[str]] = {}
    for line in tables.lines("stopwords.txt"):
        language, _, listed = line.partition(":")
        for word in set(fold(listed)[0].split()):
            known.setdefault(word, []).append(language)
    return {word: tuple((language, 1 / len(found)) for language in found) for word, found in known.items()}


_WORDS = _load()


def _script(sample: str) -> str:
    """The language that the script alone stands for; "" for Latin."""
    letters = list(map(ord, "".join(_FOREIGN.findall(sample))))
    if len(letters) * 5 < len(sample):
        return ""
    if _KANA.search(sample):
        return "ja"
    counts = Counter(code >> 8 for code in letters)
    block = counts.most_common(1)[0][0]
    code = next(code for code in letters if code >> 8 == block)
    for first, last, language in _BLOCKS:
        if first <= code <= last:
            return language
    return _SCRIPTS.get(block, "zh" if 0x4E <= block < 0xA0 else "")


def detect(words: str) -> str:
    """The language of folded text, BCP 47; "" when it is too short or gives no sign."""
    if len(words) < LEAST:
        return ""
    sample = words[:_SAMPLE]
    script = "" if sample.isascii() else _script(sample)
    if script and script not in _FAMILY:
        return script
    scores: dict[str, float] = {}
    for word in sample.split():
        for language, weight in _WORDS.get(word.strip('.,;:!?()"'), ()):
            scores[language] = scores.get(language, 0.0) + weight
    if script:
        family = _FAMILY[script]
        for language in family:
            owned = sum(map(sample.count, _LETTERS.get(language, "")))
            scores[language] = scores.get(language, 0.0) + owned
        return max(family, key=lambda language: (scores[language], language == script))
    if not scores:
        return ""
    best = max(scores, key=lambda language: scores[language])
    return best if scores[best] >= 0.9 else ""
