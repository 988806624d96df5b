"""Our taxonomy in the words of others: RSIT, GSMA fraud and further MISP taxonomies, XARF; and back again."""

from functools import cache, lru_cache
from typing import Any

from counterspam.detect import tables
from counterspam.taxonomy import ContentType


@cache
def taxonomy_map() -> dict[str, Any]:
    """The mapping file `taxonomy_map.json`.

    `content_type`, `nature` and `technique` give for each value of ours the word of each scheme ("" where a scheme has
    none); `back` gives for each of their words the value of ours that it is read as; `claims` the words of complaint
    forms and reports, in the order in which they are tried.
    """
    found: dict[str, Any] = tables.table("taxonomy_map.json")
    return found


def outward(facet: str, value: str, scheme: str) -> str:
    """The word of `scheme` for a value of ours, "" for none. Raises KeyError for what is no facet or value."""
    return str(taxonomy_map()[facet][value].get(scheme, ""))


def inward(facet: str, scheme: str, word: str) -> str:
    """The value of ours that a word of `scheme` is read as, "unknown" for one that the map does not have."""
    return str(taxonomy_map()["back"][facet].get(scheme, {}).get(word, "unknown"))


def _plain(text: str) -> str:
    return f" {' '.join(''.join(c if c.isalnum() else ' ' for c in text.lower()).split())}"


@cache
def _claims() -> tuple[tuple[str, ContentType], ...]:
    return tuple((_plain(word), ContentType(value)) for word, value in taxonomy_map()["claims"].items())


@lru_cache(maxsize=4096)
def claimed(text: str) -> ContentType:
    """The kind of spam that a reporter's own word stands for (a complaint subject, a XARF type)."""
    said = _plain(text[:200])
    return next((kind for word, kind in _claims() if word in said), ContentType.UNKNOWN)
