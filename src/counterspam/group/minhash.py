"""Near-duplicate keys of a text: one for its template, and bands of a MinHash over character shingles.

Slots (anything with a digit, links, addresses) are masked and punctuation is dropped first. The signature is one
permutation hashing with densification (Shrivastava, "Optimal Densification for Fast and Accurate Minwise Hashing",
ICML 2017), cut into bands (Leskovec, Rajaraman, Ullman, "Mining of Massive Datasets", chapter 3): two texts whose
shingles have a Jaccard similarity s share a band with probability 1 - (1 - s**ROWS)**BANDS.
"""

import hashlib
import re
from functools import cache, lru_cache

import numpy as np
import numpy.typing as npt

BANDS = 7
ROWS = 6
MAX_LETTERS = 4096
# Fewer letters or ideographs than these say too little to join anything.
EXACT = (20, 8)
TEMPLATE = (30, 12)
BAND = (40, 16)
# Shorter ones make any two long texts of one language look alike, and chains of accidents join everything (measured).
SHINGLE, IDEOGRAPH_SHINGLE = 6, 4

Hashes = npt.NDArray[np.uint32]

_SLOT = "\x01"
_LONG = 64
_SIZE = BANDS * ROWS
_EDGES = np.array([(i << 32) // _SIZE for i in range(_SIZE)], np.uint32)
_MULTIPLIERS = tuple(
    np.uint64(m) for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F)
)
_HALF = np.uint64(32)
# Scripts in which one character says as much as half a word, and words are not parted: kana, Han, Hangul.
_IDEOGRAPH = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\U00020000-\U0003134f]")
_PIECE = re.compile(_IDEOGRAPH.pattern + "|[^" + _IDEOGRAPH.pattern[1:-1] + r"\s]+")
_INNER = re.compile(r"\w[./]\w")


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
    if "@" in word or any(map(str.isdigit, word)) or _INNER.search(word):
        return _SLOT
    # Vowel signs of Indic, Arabic and Thai script (no letters by themselves) belong to the word.
    return "".join(c for c in word if c.isalpha() or "\u0300" <= c < "\u2000")


def keys(words: str) -> list[bytes]:
    """The near-duplicate keys of folded `words`, to be tagged and hashed by the caller; none when they say too little."""
    masked, letters, ideographs = template(words)
    found = []
    if letters >= TEMPLATE[0] or ideographs >= TEMPLATE[1]:
        found.append(b"template" + masked.encode("utf-8", "surrogatepass"))
    elif letters >= EXACT[0] or ideographs >= EXACT[1]:
        found.append(b"exact" + words[: 2 * MAX_LETTERS].encode("utf-8", "surrogatepass"))
    if letters >= BAND[0] or ideographs >= BAND[1]:
        signature = minima(shingles(masked, IDEOGRAPH_SHINGLE if 2 * ideographs > letters else SHINGLE))
        found += [b"band%d" % band + signature[band * ROWS : (band + 1) * ROWS].tobytes() for band in range(BANDS)]
    return found


def shingles(text: str, size: int) -> Hashes:
    """32-bit hashes of every run of `size` characters (4 or 6; `text` is longer), sorted."""
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    two = codes[:-1] * _MULTIPLIERS[0] + codes[1:]
    runs = two[:-2] * _MULTIPLIERS[1] + two[2:]
    if size == SHINGLE:
        runs = runs[:-2] * _MULTIPLIERS[2] + two[4:]
    runs ^= runs >> _HALF
    runs *= _MULTIPLIERS[3]
    found = (runs >> _HALF).astype(np.uint32)
    found.sort()
    return found


def minima(hashes: Hashes) -> Hashes:
    """The least hash of each of BANDS * ROWS equal ranges; an empty range borrows from another, always in the same order."""
    places = np.append(np.searchsorted(hashes, _EDGES), len(hashes))
    filled = places[1:] > places[:-1]
    found: Hashes = hashes[np.minimum(places[:-1], len(hashes) - 1)]
    empty = np.flatnonzero(~filled)
    if len(empty):
        order = _borrowing()[empty]
        found[empty] = found[order[np.arange(len(empty)), filled[order].argmax(axis=1)]]
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
