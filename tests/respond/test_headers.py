"""Verdict headers: what they say, that nothing can be smuggled through them, and that no message keeps its own."""

import email
import email.policy
import re
from collections.abc import Callable
from email.header import decode_header, make_header

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.config import Config
from counterspam.model import Check, Verdict
from counterspam.respond import headers
from counterspam.taxonomy import ContentType, Nature, Payload, Technique

CONFIG = Config()
FIELD = re.compile(r"[!-9;-~]+:(?: [!-~]+|\n\t[!-~]+)*\n")


def made(summary: str = "x", model: str = "m", answer: str = "a") -> Verdict:
    return Verdict(
        probability=0.98,
        spam=True,
        content_type=ContentType.PARCEL,
        nature=Nature.FRAUDULENT,
        payload=Payload.URL,
        technique=Technique.LOOKALIKE,
        checks=(Check("links", answer, 3.0, "d"),),
        summary=summary,
        ai_score=0.25,
        model=model,
    )


def test_what_they_say(verdict: Callable[..., Verdict]) -> None:
    assert headers.fields(verdict(), CONFIG) == [
        ("X-Spam-Flag", "YES"),
        ("X-Spam-Score", "8.89"),
        ("X-Spam-Level", "********"),
        ("X-Spam-Status", "Yes, score=8.89 required=5.00 tests=CS_LINKS_LOOK_ALIKE, CS_TEXT_WORD"),
        (
            "X-Counterspam",
            "probability=0.980; type=parcel; nature=fraudulent; payload=url; technique=unknown; model=m1",
        ),
        ("X-Counterspam-Reason", "Very likely spam (98 %): a link like a bank's."),
    ]
    ham = dict(headers.fields(verdict(0.01, checks=(), summary=""), CONFIG))
    assert ham["X-Spam-Flag"] == "NO"
    assert ham["X-Spam-Level"] == ham["X-Counterspam-Reason"] == ""
    assert ham["X-Spam-Status"] == "No, score=0.40 required=5.00 tests=none"
    assert "ai=0.25" in dict(headers.fields(made(), CONFIG))["X-Counterspam"]


@given(summary=st.text(max_size=2000), model=st.text(max_size=100), answer=st.text(max_size=100))
def test_nothing_of_a_spammer_ends_a_field_or_starts_one(summary: str, model: str, answer: str) -> None:
    for name, value in headers.fields(made(summary, model, answer), CONFIG):
        assert value.isascii()
        assert value.isprintable()
        field = headers.folded(name, value, "\n")
        assert FIELD.fullmatch(field) or not value, field
        assert all(len(line) <= 78 for line in field.split("\n")), field


@given(st.text(max_size=headers.MAX_REASON))
def test_a_reason_in_any_language_can_be_read_back(text: str) -> None:
    plain = " ".join(re.sub("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+", " ", text).split())
    assert str(make_header(decode_header(headers.phrase(text)))) == plain


@pytest.mark.parametrize(
    "name", ["X-Spam-Flag", "x-SPAM-whatever", "X-Spam", "X-Counterspam", "x-counterspam-reason ", "X-Spam-"]
)
def test_claims_are_known(name: str) -> None:
    assert headers.is_ours(name)


@pytest.mark.parametrize("name", ["X-Spammer-Says", "Spam-Flag", "Subject", "", "X-Counterspammer"])
def test_other_fields_are_left_alone(name: str) -> None:
    assert not headers.is_ours(name)


HOSTILE = (
    b"Received: from a\r\n\tby b\r\n"
    b"X-Spam-Flag: NO\r\n"
    b"x-spam-status: No,\r\n\tscore=-5\r\n \r\n more\r\n"
    b"no field at all\r\n"
    b"X-COUNTERSPAM : type=ham\r\n"
    b"Subject: a\rX-Spam-Flag: NO\r\n"
    b"X-Spam-Flag:\r\n"
    b"\r\n"
    b"X-Spam-Flag: in the body\r\n"
)


def test_no_message_keeps_its_own() -> None:
    marked = headers.marked(HOSTILE, made(), CONFIG)
    parsed = email.message_from_bytes(marked, policy=email.policy.compat32)
    assert parsed.get_all("X-Spam-Flag") == ["YES"]
    head, _, body = marked.partition(b"\r\n\r\n")
    assert body == b"X-Spam-Flag: in the body\r\n"
    assert re.findall(rb"(?im)^x-(?:spam|counterspam)[^: ]*", head) == [
        name.encode() for name, _ in headers.fields(made(), CONFIG)
    ]
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert b"Received: from a\r\n\tby b\r\n" in head
    assert b"no field at all\r\n" in head
    assert b"score=-5" not in head
    assert b"more" not in head


def test_without_a_verdict_the_claims_go_all_the_same() -> None:
    assert headers.marked(b"X-Spam-Flag: NO\nSubject: a\n\nb\n", None, None) == b"Subject: a\n\nb\n"


def test_an_mbox_line_stays_on_top_and_line_ends_stay_as_they_are() -> None:
    marked = headers.marked(b"From a@b.example Fri Nov 27\nSubject: a\n\nb\n", made(), CONFIG)
    assert marked.startswith(b"From a@b.example Fri Nov 27\nX-Spam-Flag: YES\nX-Spam-Score: ")
    assert b"\r" not in marked
    assert marked.endswith(b"\nSubject: a\n\nb\n")


@given(st.binary(max_size=400) | st.from_regex(rb"(X-Spam-A ?:[ -~]*\r?\n|[ -~]*\r?\n|\t[ -~]*\n)*", fullmatch=True))
def test_any_bytes_keep_their_body_and_lose_their_claims(data: bytes) -> None:
    marked = headers.marked(data, made(), CONFIG)
    again = headers.marked(marked, None, None)
    assert not any(headers.is_ours(name) for name in headers.names(again))
    assert not any(headers.is_ours(name) for name in headers.names(headers.marked(data, None, None)))
    for blank in (b"\n\n", b"\n\r\n"):
        if blank in data:
            assert marked.endswith(data.rpartition(blank)[2])


def test_a_header_without_end_is_bounded() -> None:
    many = b"X-Spam-Flag: NO\n" * 200_000
    assert len(headers.marked(many, None, None)) < len(many)
