"""Finding entries by words, in any script, without regard to accents and case."""

import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

MOST_WORDS = 8
LONGEST = 100  # characters of what is looked for
# Letters that no decomposition takes apart, by what people type instead; the last line folds what Arabic writes in two ways.
_LETTERS = str.maketrans(
    {
        "ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ŋ": "n", "ħ": "h",
        "’": "'", "‘": "'", "–": "-", "‑": "-", "\u00a0": " ", "ـ": None, "ة": "ه", "ى": "ي",
    }
)  # fmt: skip


def folded(text: str) -> str:
    """Text without accents, vowel signs and case: "Côte d’Ivoire" -> "cote d'ivoire", "إعلانات" -> "اعلانات"."""
    plain = unicodedata.normalize("NFKD", text)
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return plain.casefold().translate(_LETTERS)


def words(asked: str) -> list[str]:
    """What is looked for: at most MOST_WORDS words of the first LONGEST characters."""
    return folded(asked[:LONGEST]).split()[:MOST_WORDS]


def text(content: Any) -> str:
    """All that an entry says, folded: every text, number and choice of it."""
    return folded(" \n".join(_texts(content)))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield str(value)


def matches(indexed: str, wanted: Iterable[str]) -> bool:
    """Whether a folded text has every word, also within longer ones."""
    return all(word in indexed for word in wanted)
