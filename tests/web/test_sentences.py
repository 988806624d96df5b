"""A change in one sentence: the right one, and nothing that must not be public."""

import dataclasses

import pytest

from counterspam.store.changes import Change
from counterspam.web import feeds
from counterspam.web.sentences import said

T = 1_800_000_000_000  # 15 January 2027, 08:00 UTC
HOUR = 3_600_000


def change(kind: str, **given: object) -> Change:
    what: dict[str, object] = {"id": "0190c7a1000070008000000000000001", "kind": kind, "channel": "sms", "found_at": T}
    what |= {"began_at": T - HOUR, "seen_at": T, "span": HOUR, "observed": 1240.0, "expected": 400.0, "reports": 310}
    return Change(**(what | given))  # type: ignore[arg-type]


SENTENCES = [
    (change("surge"), "SMS: spam rose to 1,240 in 60 min, 3.1 times the expected 400."),
    (
        change("surge", country="NG", expected=0.1),
        "SMS, origin Nigeria: spam rose to 1,240 in 60 min, where next to none is usual.",
    ),
    (
        change("surge", recipient_country="FR"),
        "SMS, destination France: spam rose to 1,240 in 60 min, 3.1 times the expected 400.",
    ),
    (
        change("share-shift", content_type="parcel", observed=0.31, expected=0.12),
        "SMS, Parcel delivery: its share of the channel's spam rose to 31 % in 60 min; 12 % is usual.",
    ),
    (
        change("share-shift", country="NG", observed=0.05, expected=0.2),
        "SMS, origin Nigeria: its share of the channel's spam fell to 5 % in 60 min; 20 % is usual.",
    ),
    (
        change("new-campaign", campaign=5, title="Your parcel, see https://bad.example/x"),
        "SMS: a new campaign, “Your parcel, see hxxps://bad[.]example/x”, has brought 1,240 messages"
        " since 15 Jan, 07:00 UTC.",
    ),
    (change("new-campaign", campaign=5), "SMS: a new campaign has brought 1,240 messages since 15 Jan, 07:00 UTC."),
    (
        change("new-route", country="NG", recipient_country="FR", transit="NL-??", observed=25.0),
        "SMS: a route unseen for 30 days, Nigeria → Netherlands → Unknown → France, has carried 25 spam messages"
        " since 15 Jan, 07:00 UTC.",
    ),
    (
        change("silence", source="trap", observed=0.0),
        "SMS, Spam traps: nothing has arrived since 15 Jan, 07:00 UTC, where 400 messages were expected.",
    ),
]


@pytest.mark.parametrize(("found", "sentence"), SENTENCES, ids=lambda value: getattr(value, "kind", None))
def test_each_kind_has_its_sentence(found: Change, sentence: str) -> None:
    assert said(found) == sentence


def test_a_hostile_title_is_defused_and_short() -> None:
    text = said(change("new-campaign", campaign=5, title="x\u202e\x00" + "y" * 300))
    assert "\u202e" not in text
    assert "\x00" not in text
    assert len(text) < 200


def test_an_entry_says_when_it_ended_and_that_it_is_made_up() -> None:
    over = dataclasses.replace(change("surge"), state="over", ended_at=T + HOUR, synthetic=True)
    entry = feeds.entry(over, "https://node.example")
    assert entry.title == said(over)
    assert entry.updated_at == T + HOUR
    assert entry.url == "https://node.example/changes/0190c7a1000070008000000000000001"
    assert {"surge", "sms", "over", "synthetic"} <= set(entry.tags)
    assert "made up" in entry.text
    feed = feeds.feed([over], "https://node.example", "https://node.example/changes.atom", "n", T)
    assert feed.updated_at == T + HOUR
    assert feeds.feed([], "", "", "n", T).updated_at == T
