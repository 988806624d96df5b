"""What a feed says, whatever its format."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One piece of news. `id` is a UUID (32 hex digits), times are ms since 1970 UTC, `text` is plain text."""

    id: str
    url: str
    title: str
    text: str
    published_at: int
    updated_at: int
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """News with where it stands: `url` of the page, `self_url` of the feed itself; `language` BCP 47. Newest entries first."""

    title: str
    description: str
    url: str
    self_url: str
    language: str
    author: str
    updated_at: int
    entries: Sequence[Entry]


def urn(id: str) -> str:
    """A UUID as a URN (RFC 9562 section 4)."""
    return f"urn:uuid:{id[:8]}-{id[8:12]}-{id[12:16]}-{id[16:20]}-{id[20:]}"
