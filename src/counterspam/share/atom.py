"""Atom Syndication Format, RFC 4287."""

import re
from datetime import UTC, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from counterspam.share.feed import Entry, Feed, urn

MEDIA_TYPE = "application/atom+xml"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 section 2.2


def encode(feed: Feed) -> bytes:
    """The feed as a document in UTF-8."""
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": feed.language})
    _text(root, "id", feed.self_url)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.description)
    _text(root, "updated", _time(feed.updated_at))
    _text(SubElement(root, "author"), "name", feed.author)
    SubElement(root, "link", {"rel": "self", "type": MEDIA_TYPE, "href": _clean(feed.self_url)})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": _clean(feed.url)})
    for entry in feed.entries:
        _entry(root, entry)
    document: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _entry(root: Element, entry: Entry) -> None:
    node = SubElement(root, "entry")
    _text(node, "id", urn(entry.id))
    _text(node, "title", entry.title)
    _text(node, "published", _time(entry.published_at))
    _text(node, "updated", _time(entry.updated_at))
    SubElement(node, "link", {"rel": "alternate", "type": "text/html", "href": _clean(entry.url)})
    for tag in entry.tags:
        SubElement(node, "category", {"term": _clean(tag)})
    _text(node, "summary", entry.text)


def _text(parent: Element, name: str, value: str) -> None:
    SubElement(parent, name).text = _clean(value)


def _clean(value: str) -> str:
    """Text without characters that XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", value)


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
