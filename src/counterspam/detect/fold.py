"""Text as a reader sees it: look-alike letters, invisible characters, accents and case taken out.

Two messages that look the same fold to the same words, and `repaired` counts what somebody had to do on purpose to make
them differ: invisible characters inside words, letters of another script or style (Unicode TR 36 and 39 name the trick),
heaps of combining marks, text turned round. What is done with plain ASCII (v1agra, f r e e) is undone by `disguise`.
"""

import re
import unicodedata
from bisect import bisect
from collections.abc import Set

from counterspam.detect import lookalike

_HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f"
    "\ufeff\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
# Letters that show nothing but a blank: the empty braille cell and the fillers of Hangul.
_BLANKS = dict.fromkeys("\u2800\u3164\uffa0", " ") | {"µ": "u"}  # and the micro sign, which NFKC makes a Greek letter
# Marks over, under and through letters that say nothing about the word.
_MARKS = "\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20dc\u20e1\u20e5-\u20f0\ufe20-\ufe2f"
_ASCII = frozenset(map(chr, range(128)))
_LETTER = "A-Za-zÀ-ɏͰ-ӿ"
_HIDDEN_BEFORE = re.compile(rf"[{_HIDDEN}]+(?=[{_LETTER}])")
_IS_LETTER = re.compile(f"[{_LETTER}]")
_PHONETIC = "".join(sorted(lookalike.PHONETIC))
_STYLED = re.compile(
    "[\U0001d400-\U0001d7ff\U0001f110-\U0001f12f\U0001f150-\U0001f189ⅼ]|[Ⓐ-ⓩ⒜-⒵]{3,}|[Ａ-Ｚａ-ｚ]{2,}"
    f"|[{_PHONETIC}]{{2,}}|(?:(?<=[A-Za-z])|(?=.[A-Za-z]))[{_PHONETIC}]"
)
# After NFKC one mark may be left on a letter (Yoruba, Lithuanian); two, or one through it, are a heap.
_HEAPED = re.compile(rf"[A-Za-zÀ-ɏͰ-ӿ](?:[\u0334-\u0338\u20d0-\u20dc\u20e5-\u20f0]|[{_MARKS}]{{2,}})[{_MARKS}]*")
_TURNED = re.compile("\u202e([^\u202a-\u202e\n]{0,1000})\u202c?")
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LATIN = re.compile("[A-Za-z]")
_OTHER = re.compile(f"[{lookalike.OTHER}]")
# Where Cyrillic, Armenian, Cherokee, Coptic, Lisu and Cherokee again begin; Greek is before.
_FIRST = "\u0400\u0531\u13a0\u2c80\ua4d0\uab70"
_OTHERS = re.compile(f"[{lookalike.OTHER}]+")
_NOT_LATIN = re.compile("[^A-Za-z]+")
_MIXED = re.compile(f"[A-Za-z][{lookalike.OTHER}]|[{lookalike.OTHER}][A-Za-z]")
_NOT_LETTERS = re.compile(r"[\W\d_]+")


def _table() -> dict[int, str | None]:
    """What becomes of single characters after NFKC and lower-casing."""
    table: dict[int, str | None] = {ord(char): letter for char, letter in lookalike.LETTERS.items()}
    table.update(dict.fromkeys((*_codes(_MARKS), *range(0x64B, 0x653), 0x640, 0x670), None))
    table.update(dict.fromkeys(map(ord, "أإآٱ"), "ا"))
    table.update({ord(k): v for k, v in {"ى": "ي", "ک": "ك", "ی": "ي"}.items()})
    table.update(dict.fromkeys(map(ord, "‘’‚‛´ʼ＇"), "'"))
    table.update(dict.fromkeys(map(ord, "“”„‟«»"), '"'))
    table.update(dict.fromkeys(map(ord, "‐‑‒–—―−"), "-"))
    for zero in (0x660, 0x6F0, 0x966, 0x9E6):
        table.update({zero + digit: str(digit) for digit in range(10)})
    table.update(dict.fromkeys(_codes(_HIDDEN), None))
    return table


def _codes(ranges: str) -> list[int]:
    found: list[int] = []
    for part in re.findall(r"(.)-(.)|(.)", ranges, re.DOTALL):
        found += range(ord(part[0]), ord(part[1]) + 1) if part[0] else [ord(part[2])]
    return found


_CHARACTERS = _table()
_HIDDEN_SET = frozenset(map(chr, _codes(_HIDDEN)))
_BEFORE = {**_BLANKS, **lookalike.PICTURES}  # NFKC would lose what they look like
_BEFORE_SET = frozenset(_BEFORE)
_MARK_SET = frozenset(map(chr, _codes(_MARKS)))
_OTHER_SET = frozenset(map(chr, _codes(lookalike.OTHER)))
_STYLED_SET = lookalike.PHONETIC | frozenset(
    map(chr, (*_codes("Ａ-Ｚａ-ｚⒶ-ⓩ⒜-⒵ⅼ"), *_codes("\U0001d400-\U0001d7ff\U0001f110-\U0001f12f\U0001f150-\U0001f189")))
)
_SPECIAL = _HIDDEN_SET | _STYLED_SET | _BEFORE_SET


def clean(text: str) -> str:
    """`text` without lone surrogates, which cannot be searched or stored as UTF-8."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def fold(text: str) -> tuple[str, int]:
    """The folded words of `text`, one blank apart, and how many characters had to be repaired."""
    if text.isascii():
        return " ".join(text.lower().split()), 0
    repaired = 0
    foreign = set(text) - _ASCII
    if not foreign.isdisjoint(_SPECIAL):
        text, repaired = _uncovered(text, foreign)
    if not unicodedata.is_normalized("NFKC", text):
        text = unicodedata.normalize("NFKC", text)
        foreign = set(text) - _ASCII
    if not foreign.isdisjoint(_MARK_SET):
        repaired += sum(map(len, _HEAPED.findall(text))) // 2
        text = _replace(text, foreign & _MARK_SET)
    others = foreign & _OTHER_SET
    if others and (_LATIN.search(text) or len(_scripts(others)) > 1):
        text, letters = _one_script(text)
        repaired += letters
    return " ".join(_replace(text.lower(), set("".join(foreign).lower())).split()), repaired


def _uncovered(text: str, foreign: set[str]) -> tuple[str, int]:
    """The text without what is invisible, turned round or in pictures, and how much of that and of styled letters it had."""
    repaired = 0
    if not foreign.isdisjoint(_HIDDEN_SET):
        hidden = _HIDDEN_BEFORE.finditer(text)
        repaired = sum(len(h[0]) for h in hidden if h.start() and _IS_LETTER.match(text, h.start() - 1))
        if "\u202e" in foreign:
            repaired += sum(len(found) for found in _TURNED.findall(text) if _LATIN.search(found))
            text = _TURNED.sub(lambda found: found[1][::-1] if _LATIN.search(found[1]) else found[1], text)
        for char in foreign & _HIDDEN_SET:
            text = text.replace(char, "")
    if not foreign.isdisjoint(_STYLED_SET):
        fullwidth = _CJK.search(text) is not None  # ordinary in Chinese, Japanese and Korean text
        repaired += sum(len(found) for found in _STYLED.findall(text) if not (fullwidth and "Ａ" <= found[0] <= "ｚ"))
    for char in foreign & _BEFORE_SET:
        text = text.replace(char, _BEFORE[char])
    return text, repaired


def _replace(text: str, present: set[str]) -> str:
    """`text.translate(_CHARACTERS)`, but quicker where few of the characters present are concerned, as in most mail."""
    found = [(c, _CHARACTERS[ord(c)] or "") for c in present if ord(c) in _CHARACTERS]
    if len(found) > 20:
        return text.translate(_CHARACTERS)
    for char, instead in found:
        text = text.replace(char, instead)
    return text


def _one_script(text: str) -> tuple[str, int]:
    """Words that mix Latin with letters of other scripts brought to the script that they pretend to be in."""
    words, repaired = text.split(), 0
    foreign = [index for index, word in enumerate(words) if not word.isascii() and _OTHER.search(word)]
    alone, unclear, letters = [], [], frozenset[str]()
    for index in foreign:
        word = words[index]
        own = frozenset(_NOT_LETTERS.sub("", word)) & _OTHER_SET
        letters |= own
        if _MIXED.search(word) is None and len(_scripts(own)) < 2:
            alone += [index] if len(own) > 1 and own <= lookalike.CONFUSABLE else []
        elif own <= lookalike.CONFUSABLE or len(_scripts(own)) > 1 or 2 * sum(map(str.isascii, word)) >= len(word):
            words[index] = word.translate(
                lookalike.TO_LATIN if own <= lookalike.LATIN.keys() else lookalike.TO_CYRILLIC
            )
        else:
            unclear.append(index)
        repaired += sum(a != b for a, b in zip(word, words[index], strict=True))
    # What could be either is Latin where no letter of the text is truly another's.
    only = letters <= lookalike.LATIN.keys()
    for index in unclear:
        word = words[index]
        words[index] = word.translate(lookalike.TO_LATIN if only else lookalike.TO_CYRILLIC)
        repaired += sum(a != b for a, b in zip(word, words[index], strict=True))
    if alone and (_mostly_latin(text) or (repaired and only)):
        for index in alone:
            repaired += sum(map(str.isalpha, words[index]))
            words[index] = words[index].translate(lookalike.TO_LATIN)
    return " ".join(words), repaired


def _scripts(letters: Set[str]) -> set[int]:
    """Which scripts besides Latin the letters are of, as places in a list of their first characters."""
    return {bisect(_FIRST, c) for c in letters if c >= "Ͱ"}


def _mostly_latin(text: str) -> bool:
    """Whether Latin letters are more than four times as many as those of the other scripts."""
    others = sum(map(len, _OTHERS.findall(text)))
    return len(_NOT_LATIN.sub("", text)) > 4 * others if 5 * others < len(text) else False
