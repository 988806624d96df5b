"""Words written with plain characters so that a machine does not read them: v1agra, c@sh, f r e e, v.i.a.g.r.a, fr.ee, freeeee.

A word is repaired only where it then is a word that we know; numbers, prices, codes, addresses and links stay as they are.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice, product

import re2

from counterspam.detect import tables

MAX_WORD = 40
MAX_READINGS = 32
MAX_FOUND = 50

_SIGNS = {
    "0": "o", "1": "il", "2": "z", "3": "e", "4": "a", "5": "s", "6": "gb", "7": "t", "8": "b", "9": "g",
    "@": "a", "$": "s", "!": "il", "|": "li", "€": "e", "£": "l",
}  # fmt: skip
_SMALL = frozenset(
    ("a", "i", "am", "an", "as", "at", "be", "by", "do", "go", "he", "if", "in", "is", "it", "me", "my", "no", "of", "on", "or",
     "so", "to", "up", "us", "we")
)  # fmt: skip
_OPEN, _CLOSE = "([{\"'<>*", ".,;:!?)]}\"'<>*"

# One pass over the text says which kinds may be in it; in most texts there is none.
_SIGN, _GAP = "[a-z0-9@$!|€]", "[ ._*|/~,-]{1,2}"
_SPACED = (  # at least three, of which the first and one more are letters; the end may be glued together
    rf"(?:^|[ (\"'])[a-z](?:{_GAP}{_SIGN})*(?:{_GAP}[a-z])(?:{_GAP}{_SIGN}|{_GAP}[a-z]{{2,4}})(?:[ .,;:!?)\"'*]|$)"
)
_START, _END = r"(?:^|[ (\"'>*])", r"[.,;:?!)\"'*]*(?:[ <]|$)"
_SIGNED = (
    rf"{_START}(?:[a-z]+[0-9@$€£!|]{{1,2}}[a-z][a-z0-9@$€£!|]*"  # inside
    rf"|[014578@$€£!|][a-z]{{2,}}[a-z0-9@$€£!|]*|[a-z]{{2,}}[03457$€@]{{1,2}}){_END}"  # at the beginning, at the end
)
_PARTED = (  # cut by signs, or by hyphens into pieces too short for words
    rf"{_START}(?:[a-z]+(?:[._*~^|+=]{{1,2}}[a-z]+)+|[a-z]{{1,2}}-[a-z]{{2,4}}|[a-z]{{2,4}}-[a-z]{{1,2}}|[a-z]{{1,3}}(?:-[a-z]{{1,3}}){{2,}}){_END}"
)
_DRAWN = "|".join(3 * letter for letter in "abcdefghijklmnopqrstuvxyz")
_DRAWN_OUT = re2.compile(rf"[^ ]*(?:{_DRAWN})[^ ]*")
_KINDS = re2.Set.SearchSet()
for _pattern in (_SPACED, _SIGNED, _PARTED, _DRAWN):
    _KINDS.Add(_pattern)
_KINDS.Compile()

_RUN = re2.compile(
    rf"(^|[ (\"'])({_SIGN}(?:{_GAP}{_SIGN})+(?:{_GAP}[a-z]{{2,4}})?)([.,;:!?)\"'*]*(?: |$))"  # at least two, in one piece
)
_BETWEEN = re.compile(r"[ ._*|/~,-]+")
_PIECES = re.compile(r"[._*~^|+=-]+")
_REPEATED = re.compile(r"([a-z])\1{2,}")
_IS_SIGNED = re.compile(r"(?=.*[a-z])[a-z0-9@$€£!|]+")
_COUNTED = re.compile(r"\d\d|\d+(?:st|nd|rd|th|pm|am|k|m|p|x|hrs?|min|kg|gb|mb|ml)$")


def _known() -> frozenset[str]:
    found = set(tables.words("common_words.txt")) | set(tables.words("disguised_words.txt"))
    for line in tables.lines("content_words.txt"):
        if line.startswith("en:"):
            found.update(word for word in re.findall("[a-z]+", line[3:]) if len(word) > 3)
    return frozenset(found)


KNOWN = _known()
TARGETS = tables.words("disguised_words.txt")


def undo(words: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Folded `words` as a reader takes them, and (how, word) for each word that was disguised.

    `how` is "spaced" (letter by letter), "digits" (and signs, for letters) or "parted" (a sign in the middle). Letters that
    are repeated for emphasis are taken out without being counted.
    """
    kinds = _KINDS.Match(words)
    if not kinds:
        return words, ()
    found: list[tuple[str, str]] = []
    if 0 in kinds:
        for _ in range(2):  # the blank between two runs belongs to the first
            words = _RUN.sub(lambda run: f"{run[1]}{_joined(run[2], found)}{run[3]}", words)
    if kinds != [0]:
        parts = words.split(" ")
        some = set()
        if 1 in kinds or 2 in kinds:
            some = {part for part in parts if not part.isalpha() and len(part) <= MAX_WORD}
        if 3 in kinds:
            some.update(_DRAWN_OUT.findall(words))
        read = {part: (instead, how, word) for part in some for instead, how, word in _read(part)}
        if read:
            words = " ".join([read[part][0] if part in read else part for part in parts])
            found += [(how, word) for _, how, word in map(read.__getitem__, filter(read.__contains__, parts)) if how]
    return words, tuple(dict.fromkeys(found))[:MAX_FOUND]


def _joined(run: str, found: list[tuple[str, str]]) -> str:
    """A run of single letters as the words that it spells, or as it was."""
    pieces = _BETWEEN.split(run.strip())
    singles = sum(len(piece) == 1 for piece in pieces)
    for end in dict.fromkeys((len(pieces), singles)):
        letters = "".join(pieces[:end])
        if end < 3 or 5 * sum(map(str.isalpha, letters)) < 3 * len(letters):
            continue
        for reading in islice(_readings(letters), MAX_READINGS):
            if words := _spelled(reading, singles):
                found += [("spaced", word) for word in words if len(word) > 3]
                return " ".join([*words, *pieces[end:]])
    return run


def _spelled(letters: str, singles: int) -> list[str]:
    """`letters` as the fewest words that we know; none when it cannot be, or when no word is spelled out.

    The first `singles` of the letters stood alone; a word is spelled out by three of them at least.
    """
    best: list[list[str] | None] = [[]]
    for end in range(1, len(letters) + 1):
        choices = [
            [*before, letters[start:end]]
            for start in range(max(0, end - 20), end)
            if (before := best[start]) is not None and _is_word(letters[start:end])
        ]
        best.append(min(choices, key=len) if choices else None)
    words, place, longest = best[-1] or [], 0, 0
    for word in words:
        alone = min(place + len(word), singles) - place
        longest = max(longest, len(word) if alone >= 3 else 0)
        place += len(word)
    return words if longest > 3 or (longest and len(words) == 1) else []


def _is_word(word: str) -> bool:
    return word in _SMALL or (len(word) > 2 and word in KNOWN)


@lru_cache(maxsize=65536)
def _read(word: str) -> tuple[tuple[str, str, str], ...]:
    """What to read instead of one word between blanks, how it was disguised, the word alone; nothing to leave it alone."""
    if len(word) > MAX_WORD:
        return ()
    core = word.lstrip(_OPEN)
    before = word[: len(word) - len(core)]
    core = core.rstrip(_CLOSE)
    after = word[len(before) + len(core) :]
    if len(core) < 3 or core in KNOWN or "://" in core:
        return ()
    if core.isalpha():
        read, how = _shortened(core), ""
    elif _IS_SIGNED.fullmatch(core):
        read, how = _unsigned(core), "digits"
    elif "-" in core and _IS_SIGNED.fullmatch(core.replace("-", "")) and not core.replace("-", "").isalpha():
        read, how = "-".join(_unsigned(piece) or piece for piece in core.split("-")), "digits"
        read = read if read != core else ""
    else:
        read, how = _whole(core), "" if "-" in core else "parted"  # many a word is written with a hyphen or without
    return ((before + read + after, how, read),) if read else ()


def _shortened(word: str) -> str:
    """The word without letters repeated for emphasis, "" when it has none or becomes no word."""
    for times in (r"\1", r"\1\1"):
        short = _REPEATED.sub(times, word)
        if short != word and _is_word(short):
            return short
    return ""


def _unsigned(word: str) -> str:
    """The word that digits and signs stand in, "" when it is a count, a code or no word."""
    letters = sum(map(str.isalpha, word))
    if 2 * letters < len(word) or letters == len(word) or (_COUNTED.match(word) and not word.startswith("00")):
        return ""
    alone = word.strip("0123456789@$!|€£")
    if alone.isalpha() and alone in KNOWN:  # iphone7, $free
        return ""
    for reading in islice(_readings(word), MAX_READINGS):
        if len(reading) > 2 and _is_reading(reading, inside=alone == word):
            return reading
        if (short := _shortened(reading)) and len(short) > 3:
            return short
    return ""


def _is_reading(word: str, inside: bool) -> bool:
    """Short words are believed only where the sign is inside (w1n), and when spam is about them."""
    if len(word) == 3:
        return inside and word in TARGETS
    return word in KNOWN or (word[-1] == "s" and len(word) > 4 and word[:-1] in KNOWN)


def _readings(word: str) -> Iterator[str]:
    """What a word with signs may read as; letters are what they are."""
    return map("".join, product(*(_SIGNS.get(char, char) for char in word)))


def _whole(word: str) -> str:
    """The word that signs cut in pieces (fr.ee, c-as-h), "" when each piece says something by itself or it is no word."""
    pieces = _PIECES.split(word)
    if len(pieces) < 2 or "" in pieces or all(len(piece) > 1 and _is_word(piece) for piece in pieces):
        return ""
    joined = "".join(pieces)
    return joined if len(joined) > 3 and joined in KNOWN else ""
