"""JSON Feed, version 1.1 (jsonfeed.org)."""

from datetime import UTC, datetime
from typing import Any

import orjson

from counterspam.share.feed import Entry, Feed, urn

MEDIA_TYPE = "application/feed+json"


def encode(feed: Feed) -> bytes:
    """The feed as a document in UTF-8."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _clean(feed.title),
        "description": _clean(feed.description),
        "home_page_url": feed.url,
        "feed_url": feed.self_url,
        "language": feed.language,
        "authors": [{"name": _clean(feed.author)}],
        "items": [_item(entry) for entry in feed.entries],
    }
    return orjson.dumps(document)


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "id": urn(entry.id),
        "url": entry.url,
        "title": _clean(entry.title),
        "content_text": _clean(entry.text),
        "date_published": _time(entry.published_at),
        "date_modified": _time(entry.updated_at),
        "tags": [_clean(tag) for tag in entry.tags],
    }


def _clean(value: str) -> str:
    """Text without lone surrogates, which UTF-8 cannot hold."""
    return value.encode("utf-8", "replace").decode()


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
