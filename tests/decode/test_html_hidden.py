"""Text that a reader does not see is not read, and it is counted; what is shown stays."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterspam.decode.html_hidden import WAYS
from counterspam.decode.html_text import read_html
from counterspam.decode.mime import message_fields


@pytest.mark.parametrize(
    ("source", "text", "way"),
    [
        ('a<span style="display:none">x y</span>b', "ab", "display"),
        ("a<span style='Display : None !important'>x y</span>b", "ab", "display"),
        ("a<div hidden>x y</div>b", "a\nb", "display"),
        ('a<b style="visibility:hidden">x y</b>b', "ab", "display"),
        ('a<b style="opacity:0.0">x y</b>b', "ab", "display"),
        ('<p style="font-size:1px">x y</p>b', "b", "size"),
        ('<p style="font-size:0">x <b style="font-size:12px">seen</b> y</p>', "seen", "size"),
        ('<div style="max-height:0;overflow:hidden">x y</div>b', "b", "size"),
        ('<font color="#FFFFFF">x y</font>b', "b", "colour"),
        ("<table bgcolor=black><td><font color=#000>x y</font>", "", "colour"),
        ('<p style="color:#fefefe;background:#ffffff">x y</p>b', "b", "colour"),
        ('<p style="color:transparent">x y</p>b', "b", "colour"),
        ('<p style="position:absolute;left:-9999px">x y</p>b', "b", "off-screen"),
        ('<p style="text-indent:-999em">x y</p>b', "b", "off-screen"),
        ("<style>/* x */ .h, #k{color:red;display:none}</style><p class='a h'>x y</p>b", "b", "display"),
        ('<div style="display:none">x<div>y</div></div>b', "b", "display"),
        ("<ul><li style=display:none>x y<li>b</ul>", "b", "display"),
        ("<td><span style=display:none>x y</td><td>b", "b", "display"),
        ('<p style="display:none">&nbsp;x&zwnj; y &nbsp;</p>b', "b", "display"),
    ],
)
def test_hidden_text_is_left_out_and_counted(source: str, text: str, way: str) -> None:
    assert read_html(source) == (text, {way: 2})
    assert way in WAYS


@pytest.mark.parametrize(
    "source",
    [
        '<td bgcolor="#0055aa"><a style="color:#ffffff">seen</a>',
        '<td style="background:url(x.png)"><font color=white>seen</font>',
        "<style>.b{background:#05a}</style><td class=b><font color=white>seen</font>",
        "<style>@media (max-width:600px){.h{display:none} .i{color:red}} .j{color:red}</style><p class=h>seen</p>",
        '<p style="visibility:hidden"><b style="visibility:visible">seen</b></p>',
        '<br style="display:none">seen',
        '<p style="display:none"></p>seen',
        '<p style="font-size:10px;line-height:1px;margin-left:-1px">seen</p>',
        '<p style="color:rgba(255,255,255,0.5)">seen</p>',
        '<img width=1 height="1" hidden>seen',
    ],
)
def test_what_is_shown_stays(source: str) -> None:
    assert read_html(source)[0] == "seen"


@pytest.mark.parametrize(
    "piece", ["<b style=", "{", "@", "<b style='a:b", "a:b;", "<p>", "</p>", "/*", "<style>a", ".x{"]
)
def test_hostile_pages_are_read_in_one_pass(piece: str) -> None:
    body = piece * (200_000 // len(piece))
    for start in ("<b hidden>", "<style>", "<style>.x{display:none}", '<b style="display:none;'):
        read_html(start + body)


_PIECES = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b style='display:none'>",
        "</b>",
        "<td bgcolor=#",
        "fff>",
        "<font color=",
        "rgb(1,2",
        "word ",
        "<style>",
        ".a{",
        "}",
        "</style>",
        "<i class=a>",
        "</i>",
        "font-size:",
        "1.1.1",
        "-99999px",
        "<!--",
        "-->",
        "@media{",
        ";",
        "hidden>",
    ]
)


@settings(max_examples=200)
@given(st.lists(st.one_of(_PIECES, st.text(max_size=5)), max_size=30).map("".join))
def test_any_page_is_read(source: str) -> None:
    text, hidden = read_html(source)
    assert len(text) <= 20 * len(source) + 1
    assert set(hidden) <= set(WAYS)
    assert all(count >= 0 for count in hidden.values())


SPAM = "Your account was suspended, verify the password of your mailbox today or lose all messages in it. " * 3
OTHER = "Minutes of the gardening club: roses were planted, members talked about compost and weather. " * 4


def _mail(*parts: tuple[str, str], kind: str = "alternative") -> bytes:
    body = "".join(f"--x\nContent-Type: {type}; charset=utf-8\n\n{content}\n" for type, content in parts)
    return f"From: a@example.com\nContent-Type: multipart/{kind}; boundary=x\n\n{body}--x--\n".encode()


def test_a_plain_part_that_says_something_else_is_not_what_the_reader_sees() -> None:
    fields = message_fields(_mail(("text/plain", OTHER), ("text/html", f"<p>{SPAM}</p>")))
    assert fields["text"] == SPAM.strip()
    assert fields["headers"]["hidden-text"] == f"{len(OTHER.split())} plain-part"
    same = message_fields(_mail(("text/plain", SPAM), ("text/html", f"<p>{SPAM}</p><p hidden>preview of it</p>")))
    assert same["text"] == SPAM.strip()
    assert same["headers"]["hidden-text"] == "3 display"


def test_encoded_and_nested_bodies_are_read() -> None:
    head = b"From: a@example.com\nContent-Type: text/%s; charset=utf-8\nContent-Transfer-Encoding: %s\n\n"
    encoded = base64.encodebytes(SPAM.encode())
    assert message_fields(head % (b"plain", b"base64") + encoded)["text"] == SPAM.strip()
    assert message_fields(head % (b"html", b"base64") + encoded)["text"] == SPAM.strip()
    quoted = b"v=65rify =\nyour p=61ssword"
    assert message_fields(head % (b"plain", b"quoted-printable") + quoted)["text"] == "verify your password"
    entities = "".join(
        f"&#{ord(char)};" if i % 2 else f"&#x{ord(char):x};" for i, char in enumerate("verify your password")
    )
    assert message_fields(head % (b"html", b"8bit") + entities.encode())["text"] == "verify your password"
    inner = f"Subject: inner\nContent-Type: text/plain\n\n{SPAM}"
    nested = message_fields(_mail(("message/rfc822", inner), kind="mixed"))
    assert nested["text"] == f"inner\n{SPAM.strip()}"
    own = message_fields(_mail(("text/plain", "see attached"), ("message/rfc822", inner), kind="mixed"))
    assert own["text"] == "see attached"
