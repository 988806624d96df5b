"""Feeds, read again by other hands: the XML parser and the JSON parser of the standard library."""

import json
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.share import atom, json_feed
from counterspam.share.feed import Entry, Feed

NS = {"a": "http://www.w3.org/2005/Atom"}
ID = "0190c7a1000070008000000000000001"
URN = "urn:uuid:0190c7a1-0000-7000-8000-000000000001"
T = 1_800_000_000_000


def feed(title: str = "SMS: spam rose", tags: tuple[str, ...] = ("surge", "sms")) -> Feed:
    entry = Entry(ID, f"https://node.example/changes/{ID}?a=1&b=2", title, "Found & explained <b>", T, T + 60_000, tags)
    return Feed(
        "Changes",
        "What changed",
        "https://node.example/changes",
        "https://node.example/changes.atom",
        "ar",
        "n",
        T,
        [entry],
    )


def test_atom_has_what_rfc_4287_asks_for() -> None:
    root = ElementTree.fromstring(atom.encode(feed()))
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    assert root.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "ar"
    assert root.findtext("a:id", "", NS) == "https://node.example/changes.atom"
    assert root.findtext("a:updated", "", NS) == "2027-01-15T08:00:00Z"
    assert root.findtext("a:author/a:name", "", NS) == "n"
    links = {link.get("rel"): link.get("href") for link in root.findall("a:link", NS)}
    assert links == {"self": "https://node.example/changes.atom", "alternate": "https://node.example/changes"}
    (entry,) = root.findall("a:entry", NS)
    assert entry.findtext("a:id", "", NS) == URN
    assert entry.findtext("a:title", "", NS) == "SMS: spam rose"
    assert entry.findtext("a:published", "", NS) == "2027-01-15T08:00:00Z"
    assert entry.findtext("a:updated", "", NS) == "2027-01-15T08:01:00Z"
    assert entry.findtext("a:summary", "", NS) == "Found & explained <b>"
    link = entry.find("a:link", NS)
    assert link is not None
    assert link.get("href", "").endswith("?a=1&b=2")
    assert [tag.get("term") for tag in entry.findall("a:category", NS)] == ["surge", "sms"]


def test_json_feed_has_what_version_1_1_asks_for() -> None:
    document = json.loads(json_feed.encode(feed()))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["feed_url"] == "https://node.example/changes.atom"
    (item,) = document["items"]
    assert item == {
        "id": URN,
        "url": f"https://node.example/changes/{ID}?a=1&b=2",
        "title": "SMS: spam rose",
        "content_text": "Found & explained <b>",
        "date_published": "2027-01-15T08:00:00Z",
        "date_modified": "2027-01-15T08:01:00Z",
        "tags": ["surge", "sms"],
    }


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_gives_a_document_that_can_be_read(title: str) -> None:
    root = ElementTree.fromstring(atom.encode(feed(title, (title,))))
    assert root.find("a:entry/a:title", NS) is not None
    assert json.loads(json_feed.encode(feed(title)))["items"][0]["title"] == title


@pytest.mark.parametrize("bad", ["\x00", "\ud800", "a\x1bb", "￾"])
def test_what_a_document_cannot_hold_is_replaced(bad: str) -> None:
    root = ElementTree.fromstring(atom.encode(feed(bad)))
    assert "\ufffd" in root.findtext("a:entry/a:title", "", NS)
    assert json.loads(json_feed.encode(feed(bad)))["items"]
