"""What the learned model reads: distinct buckets per message and view, the same however many are read together."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from counterspam.decode.mime import message_fields
from counterspam.detect import traits, views
from counterspam.model import Evidence
from counterspam.taxonomy import Channel, Source

Make = Callable[..., Evidence]
PLAIN = Evidence(
    id="", key="", received_at=0, observed_at=0, channel=Channel.SMS, source=Source.TRAP, format="test", intake="test"
)
MAIL = b"""Received: from mx.example.net (mx.example.net [192.0.2.1]) by in.example.org; Tue, 3 Nov 2026 10:00:00 +0000
From: Shop <news@shop.example>
To: Somebody <somebody@example.org>
Cc: other@example.org
Date: Tue, 3 Nov 2026 09:59:58 +0000
Reply-To: answer@elsewhere.example
Subject: Your order

See https://shop.example/a and https://tracker.example/b
"""


def view(found: views.Found, message: int, number: int) -> set[int]:
    one = found.one(message)
    return set(one.buckets[one.bounds[number] : one.bounds[number + 1]].tolist())


@given(st.lists(st.tuples(st.text(max_size=80), st.text(max_size=900), st.text(max_size=300)), min_size=1, max_size=6))
def test_messages_read_together_give_what_each_gives_alone(some: list[tuple[str, str, str]]) -> None:
    messages = [replace(PLAIN, subject=subject, text=text, head=head) for subject, text, head in some]
    together = views.read(messages)
    for i, message in enumerate(messages):
        one, alone = together.one(i), views.read([message])
        assert one.bounds.tolist() == alone.bounds.tolist()
        assert one.buckets.tolist() == alone.buckets.tolist()
        for number in range(3):
            some_buckets = alone.buckets[alone.bounds[number] : alone.bounds[number + 1]]
            assert np.all(np.diff(some_buckets.astype(np.int64)) > 0)
        assert (alone.buckets < 1 << views.BITS).all()


def test_reading_all_gives_one_each(make: Make) -> None:
    messages = [make(text=f"message number {'x' * i}") for i in range(views.TOGETHER + 5)]
    found = views.read_all(messages)
    assert len(found) == len(messages)
    assert found[-1].buckets.tolist() == views.read([messages[-1]]).buckets.tolist()


def test_capitals_and_signs_are_in_the_shape_only(make: Make) -> None:
    loud, quiet = (view(views.read([make(text=text)]), 0, 0) for text in ("CALL NOW", "call now"))
    lower = views.grams(views.lower("call now"), views.SIZES)
    wanted = set((lower[lower < 1 << views.BITS]).tolist())
    assert loud != quiet
    assert wanted <= loud & quiet


def test_the_header_block_is_read_without_recipients_and_times() -> None:
    fields = message_fields(MAIL)
    assert "somebody" not in fields["head"].lower()
    assert "2026" not in fields["head"]
    assert "from: shop <news@shop.example>" in fields["head"].lower()
    told = message_fields(b"X-Spam-Flag: YES\nX-Spamd-Result: default\nX-Bogosity: Ham\n" + MAIL)
    assert told["head"] == fields["head"]
    other = message_fields(MAIL.replace(b"somebody@", b"nobody@").replace(b"3 Nov", b"4 Dec"))
    assert other["head"] == fields["head"]


def test_a_text_message_has_neither_header_nor_traits(make: Make) -> None:
    found = views.read([make(text="hello there")])
    assert found.bounds[1] == found.bounds[2] == found.bounds[3] > 0


def test_traits_say_whose_the_links_and_the_reply_are() -> None:
    found = traits.traits(replace(PLAIN, channel=Channel.EMAIL, **message_fields(MAIL)))
    assert "reply-to=other" in found
    assert "field=received" in found
    assert "name=own" in found
    assert "hops=1" in found


def test_strangers_under_one_public_suffix_are_not_the_same() -> None:
    mail = MAIL.replace(b"news@shop.example", b"news@shop.co.uk").replace(b"answer@elsewhere.example", b"a@other.co.uk")
    found = traits.traits(replace(PLAIN, channel=Channel.EMAIL, **message_fields(mail)))
    assert "sender=shop.co.uk" in found
    assert "reply-to=other" in found


@given(st.binary(max_size=400))
def test_any_mail_has_traits(data: bytes) -> None:
    fields = message_fields(b"Subject: x\nFrom: a@b.example\n" + data.replace(b"\x00", b""))
    assert traits.buckets(replace(PLAIN, channel=Channel.EMAIL, **fields))
