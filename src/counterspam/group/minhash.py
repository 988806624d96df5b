"""Near-duplicate keys of a text: one for its template, and bands of a MinHash over character shingles.

Slots (anything with a digit, links, addresses) are masked and punctuation is dropped first. The signature is one
permutation hashing with densification (Shrivastava, "Optimal Densification for Fast and Accurate Minwise Hashing",
ICML 2017), cut into bands (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3): two texts whose
shingles have a Jaccard similarity s share a band with probability 1 - (1 - s**ROWS)**BANDS.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

BANDS = 7
ROWS = 5
MAX_LETTERS = 4096
# Fewer letters or ideographs than these say too little to join anything.
EXACT = (20, 8)
TEMPLATE = (30, 12)
BAND = (40, 16)
# Shorter ones make any two long texts of one language look alike, and chains of accidents join everything (measured).
SHINGLE, IDEOGRAPH_SHINGLE = 6, 4

Hashes = npt.NDArray[np.uint64]

_SLOT = "\x01"
_LONG = 64
_SIZE = BANDS * ROWS
_BAND = 4 * ROWS  # bytes
_TAGS = [b"band%d" % band for band in range(BANDS)]
_NONE = np.uint64(1 << 32)
_MULTIPLIERS = tuple(
    np.uint64(m) for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
)
_HALF = np.uint64(32)
# Scripts in which one character says as much as half a word, and words are not parted: kana, Han, Hangul.
_IDEOGRAPH = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003134f]")
_PIECE = re.compile(_IDEOGRAPH.pattern + "|[^" + _IDEOGRAPH.pattern[1:-1] + r"\s]+")
_LETTERS = {code: None for code in range(128) if not chr(code).isalpha()}
_SLOTTED = re.compile(r"[@\d]|\w[./]\w")


def template(words: str) -> tuple[str, int, int]:
    """Folded `words` with slots masked and punctuation gone, and how many letters and ideographs are left."""
    words = words[: 2 * MAX_LETTERS]
    if words.isascii() or not _IDEOGRAPH.search(words):
        # Written out, for this is done for every word of every message.
        parts = [w if w.isalpha() else _SLOT if len(w) > _LONG else _taken_apart(w) for w in words.split()]
        masked = " ".join([part for part in parts if part])[:MAX_LETTERS]
        return masked, len(masked) - masked.count(" ") - masked.count(_SLOT), 0
    masked = "".join(map(_masked, _PIECE.findall(words)))[:MAX_LETTERS]
    ideographs = len(_IDEOGRAPH.findall(masked))
    return masked, len(masked) - ideographs - masked.count(_SLOT), ideographs


def _masked(word: str) -> str:
    """A word without punctuation; a slot when it holds a digit, a link or an address."""
    if word.isalpha():
        return word
    return _SLOT if len(word) > _LONG else _taken_apart(word)


@lru_cache(maxsize=65536)
def _taken_apart(word: str) -> str:
    if _SLOTTED.search(word):
        return _SLOT
    if word.isascii():
        return word.translate(_LETTERS)
    # Vowel signs of Indic, Arabic and Thai script (no letters by themselves) belong to the word.
    return "".join(c for c in word if c.isalpha() or "\u0300" <= c < "\u2000")


def keys(texts: Sequence[str]) -> list[list[bytes]]:
    """The near-duplicate keys of folded texts, to be tagged and hashed by the caller; none of one that says too little.

    Many texts together take a fraction of the time of one after the other.
    """
    found: list[list[bytes]] = []
    banded: dict[int, list[tuple[int, str]]] = {SHINGLE: [], IDEOGRAPH_SHINGLE: []}
    for index, words in enumerate(texts):
        masked, letters, ideographs = template(words)
        if letters >= TEMPLATE[0] or ideographs >= TEMPLATE[1]:
            found.append([b"template" + masked.encode("utf-8", "surrogatepass")])
        elif letters >= EXACT[0] or ideographs >= EXACT[1]:
            found.append([b"exact" + words[: 2 * MAX_LETTERS].encode("utf-8", "surrogatepass")])
        else:
            found.append([])
        if letters >= BAND[0] or ideographs >= BAND[1]:
            banded[IDEOGRAPH_SHINGLE if 2 * ideographs > letters else SHINGLE].append((index, masked))
    for size, some in banded.items():
        if some:
            signatures = minima(*shingles([masked for _, masked in some], size), len(some)).tobytes()
            for row, (index, _) in enumerate(some):
                bands = range(row * BANDS * _BAND, (row + 1) * BANDS * _BAND, _BAND)
                found[index] += [tag + signatures[at : at + _BAND] for tag, at in zip(_TAGS, bands, strict=True)]
    return found


def shingles(texts: Sequence[str], size: int) -> tuple[Hashes, Hashes]:
    """Of every run of `size` (4 or 6) characters the number of its text and its 32-bit hash. Each text is longer."""
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    two = codes[:-1] * _MULTIPLIERS[0] + codes[1:]
    runs = two[:-2] * _MULTIPLIERS[1] + two[2:]
    if size == SHINGLE:
        runs = runs[:-2] * _MULTIPLIERS[2] + two[4:]
    runs ^= runs >> _HALF
    runs *= _MULTIPLIERS[3]
    runs >>= _HALF
    if len(texts) == 1:
        return np.zeros(len(runs), np.uint64), runs
    lengths = np.fromiter(map(len, texts), np.int64, len(texts))
    inside = np.ones(len(runs), np.bool_)
    for back in range(1, size):
        inside[lengths.cumsum()[:-1] - back] = False  # it would run into the next text
    numbers = np.repeat(np.arange(len(texts), dtype=np.uint64), lengths)[: len(runs)]
    return numbers[inside], runs[inside]


def minima(numbers: Hashes, hashes: Hashes, texts: int) -> npt.NDArray[np.uint32]:
    """The least hash of each text in each of BANDS * ROWS equal ranges: a row per text, a column per range.

    An empty range borrows from another, always in the same order.
    """
    least = np.full((texts, _SIZE), _NONE)
    np.minimum.at(least.reshape(-1), numbers * np.uint64(_SIZE) + (hashes * np.uint64(_SIZE) >> _HALF), hashes)
    filled = least != _NONE
    found = least.astype(np.uint32)
    text, empty = np.nonzero(~filled)
    if len(text):
        order = _borrowing()[empty]
        nearest = filled[text[:, None], order].argmax(axis=1)
        found[text, empty] = found[text, order[np.arange(len(text)), nearest]]
    return found


@cache
def _borrowing() -> npt.NDArray[np.int64]:
    """For each range the order in which the others are tried when it is empty."""
    numbers = np.array(
        [
            [
                int.from_bytes(hashlib.blake2b(f"{own}/{i}".encode(), digest_size=4).digest(), "big")
                for i in range(_SIZE)
            ]
            for own in range(_SIZE)
        ]
    )
    return np.argsort(numbers, axis=1, kind="stable")
