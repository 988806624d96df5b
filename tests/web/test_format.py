"""How values are written, and the sentences above charts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.measure import periods
from counterspam.taxonomy import Channel, ContentType, Payload, Source, Technique
from counterspam.web import format as formats
from counterspam.web import words


@pytest.mark.parametrize(
    ("part", "whole", "shown"),
    [(0, 0, "–"), (0, 9, "0 %"), (1, 1000, "under 1 %"), (999, 1000, "over 99 %"), (1, 3, "33 %"), (9, 9, "100 %")],
)
def test_share(part: int, whole: int, shown: str) -> None:
    assert formats.share(part, whole) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (9_999, "9,999"), (12_345, "12,300"), (1_234_567, "1.2 million"), (5e9, "5.0 billion")],
)
def test_rough(value: float, shown: str) -> None:
    assert formats.rough(value) == shown


@pytest.mark.parametrize(
    ("sender", "kind", "shown"),
    [
        ("", "unknown", "Unknown"),
        ("+15550100123", "phone", "+1555010xxxx"),
        ("7726", "short-code", "7726"),
        ("ExampleBank", "alphanumeric", "ExampleBank"),
        ("jane.doe@example.com", "email", "j***@example[.]com"),
        ("@jane_doe", "handle", "@j***"),
        ("jane_doe", "handle", "j***"),
        ("https://bad.example/x", "url", "hxxps://bad[.]example/x"),
    ],
)
def test_mask_sender(sender: str, kind: str, shown: str) -> None:
    assert formats.mask_sender(sender, kind) == shown


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_visible_leaves_no_invisible_character(text: str) -> None:
    shown = formats.visible(text)
    assert all(char in "\n\t " or char.isprintable() for char in shown)
    assert not set(shown) & set("\u200b\u202e\u2066\ufeff")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pay 1.99 at http://x.example/a.b", "pay 1.99 at hxxp://x[.]example/a.b"),
        ("HTTPS://X.EXAMPLE", "HxxPS://X[.]EXAMPLE"),
        ("from 192.0.2.7.", "from 192[.]0[.]2[.]7."),
        ("e.g. nothing", "e.g. nothing"),
    ],
)
def test_defang(text: str, shown: str) -> None:
    assert formats.defang(text) == shown


def test_every_value_has_a_name_and_every_country_a_region() -> None:
    for values in (Channel, Source, ContentType, Payload, Technique):
        for value in values:
            assert formats.label(value)[0].isupper() or formats.label(value)[0] == "“"
    assert formats.country("") == "Unknown"
    assert formats.country("ZZ") == "ZZ"
    assert (formats.country("CI"), formats.region("CI")) == ("Côte d’Ivoire", "Africa")
    assert all(name and area for name, area in formats._countries().values())


def test_all_channels_are_ordered() -> None:
    assert set(formats.CHANNELS) == set(Channel)


DAY = periods.period("24h", 1_795_327_230)


def test_words_say_what_is_there() -> None:
    assert (
        words.volume({"sms": 5}, 5, 1, DAY)
        == "In the last 24 hours, 5 messages and calls arrived in 1 report, all by SMS."
    )
    assert words.volume({}, 0, 0, DAY) == "In the last 24 hours, nothing has arrived."
    assert words.change(200, 100) == "That is 2.0 times as much as in the same time before."
    assert words.change(101, 100) == "That is about as much as in the same time before."
    assert words.change(70, 100) == "That is 30 % less than in the same time before."
    assert words.change(70, 0) == words.change(5, 3) == ""
    assert words.types({}) == "Nothing was judged spam."
    assert words.types({"unknown": 4}) == "What the spam is about is not known."


def test_words_keep_unknown_apart() -> None:
    rows = [{"country": "", "spam_messages": 30}, {"country": "DE", "spam_messages": 70}]
    assert words.origins(rows) == "70 % of the spam was handed in from Germany; of 30 % the origin is unknown."
    assert words.origins(rows[:1]) == "The origin of all of it is unknown."
    pairs = [("DE", "CI", 50), ("CI", "CI", 30), ("", "CI", 20)]
    routes = [{"country": a, "recipient_country": b, "spam_messages": n} for a, b, n in pairs]
    expected = "50 % of the spam crossed a border, 30 % stayed in its country; of 20 % one end is unknown."
    assert words.routes(routes) == expected
    assert words.routes([]) == "Nothing was judged spam."
    assert words.routes(routes[2:]) == "Of no message are both origin and destination known."


def test_words_on_source_kinds_and_campaigns() -> None:
    rows = [{"source": "trap", "reports": 3, "messages": 3, "spam_messages": 3}]
    assert words.basis(rows) == "100 % of the reports are spam traps, of whose messages 100 % were judged spam."
    assert words.basis([]) == "No evidence, so no share."
    assert words.campaigns([], 0) == "No campaign was seen."
    assert (
        words.campaigns([{"spam_messages": 5}], 10) == "The largest campaign makes up 50 % of the messages judged spam."
    )
