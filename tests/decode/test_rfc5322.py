"""Raw mail: golden messages, words and addresses of headers, HTML, hostile structure, real mail."""

import base64
import tarfile
from pathlib import Path

import pytest
import zstandard
from golden_records import accepted, compare, raw, run, samples
from hypothesis import given, settings
from hypothesis import strategies as st

from counterspam.decode import rfc5322
from counterspam.decode.address import addresses
from counterspam.decode.authres import authentication
from counterspam.decode.charset import decode_base64, decode_text, decode_words
from counterspam.decode.html_text import html_text, html_urls
from counterspam.decode.mime import DEFECTS, DERIVED, KEPT, message_fields, milliseconds, read_mail
from counterspam.decode.record import MAX_PARTS, MAX_TEXT, MAX_URLS
from counterspam.errors import DecodeError
from counterspam.model import Authentication, Evidence
from counterspam.taxonomy import Channel, Source


@pytest.mark.parametrize("path", samples("rfc5322"), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    item = raw(path.read_bytes())
    assert rfc5322.looks_like(item)
    compare(path, run(rfc5322, item))


def test_the_collector_decides_source_and_recipients() -> None:
    data = b"From: a@example.com\nSubject: x\n\nhello"
    [one] = accepted(rfc5322.decode(raw(data, source="trap", recipients=4)))
    assert (one.source, one.channel, one.count) == (Source.TRAP, Channel.EMAIL, 4)
    [two] = accepted(rfc5322.decode(raw(data)))
    assert (two.source, two.count) == (Source.USER_REPORT, 1)
    assert one.key == two.key


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"Subject: x\n\nbody", True),
        (b"From a@example.com Thu Jan 1\nFrom: a@example.com\n\n", True),
        (b"\r\n\r\nReceived: by x; y\r\n\r\n", True),
        (b"\xef\xbb\xbfFrom: a\n\n", True),
        (b"X-First: 1\nSubject: x\n\n", True),
        (b"From: a\rSubject: b\r\rold line ends", True),
        (b"log line\nReceived: by x\n\tmore\nFrom: a\nTo: b\n\n", True),
        (b"log line\nFrom: a\n\n", False),
        (b"note: hello\nsecond: line\n", False),
        (b'{"from": "a"}', False),
        (b"from,to,subject\na,b,c\n", False),
        (b"<feedback><from>x</from></feedback>", False),
        (b"", False),
    ],
)
def test_looks_like(data: bytes, expected: bool) -> None:
    assert rfc5322.looks_like(raw(data)) is expected


def test_no_header_block_is_refused() -> None:
    with pytest.raises(DecodeError, match="no header field"):
        message_fields(b"just text\n\nwithout fields")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=?utf-8?B?4oKs?= x", "€ x"),
        ("=?utf-8?Q?=E2=82?= =?utf-8?Q?=AC?=", "€"),
        ("=?utf-8?Q?=E2=82?=\t =?UTF-8?B?rA==?=", "€"),
        ("=?iso-8859-1?q?caf=E9_x?=", "café x"),
        ("=?iso-8859-1*de?q?caf=E9?= plain =?utf-8?q?b?=", "café plain b"),
        ("=?no-such-charset?q?a=E9?=", "aé"),
        ("=?gb2312?B?yrLDtA==?=", "什么"),
        ("=?utf-8?B?not closed", "=?utf-8?B?not closed"),
        ("=?utf-8?q?a=00b?=", "ab"),
        ("plain", "plain"),
    ],
)
def test_encoded_words(value: str, expected: str) -> None:
    assert decode_words(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("A <a@Example.COM>", ["a@example.com"]),
        ('"help@bank.example" <X@evil.example>', ["x@evil.example"]),
        ("=?utf-8?q?=3Cfake=40bank.example=3E?= <x@evil.example>", ["x@evil.example"]),
        ("x@evil.example (real <a@bank.example>)", ["x@evil.example"]),
        ("team: a@example.com, b@example.com;", ["a@example.com", "b@example.com"]),
        ("x@bücher.example.", ["x@xn--bcher-kva.example"]),
        ("undisclosed-recipients:;", []),
        ("=?utf-8?B?PGFAZXhhbXBsZS5jb20+?=", ["a@example.com"]),
        ("nobody", []),
        ("<>", []),
        ("", []),
    ],
)
def test_addresses(value: str, expected: list[str]) -> None:
    assert addresses(value) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (
            {"authentication-results": ["mx; spf=pass smtp.mailfrom=x; dkim=fail; dkim=pass; dmarc=Pass (p=none)"]},
            ("pass", "pass", "pass", ""),
        ),
        ({"authentication-results": ["mx; spf=fail", "mx; dkim=pass", "other; dmarc=pass"]}, ("fail", "pass", "", "")),
        (
            {"authentication-results": ["spf=pass (sender IP is 192.0.2.1; really) x;dkim=none;dmarc=bestguesspass"]},
            ("pass", "none", "", ""),
        ),
        ({"authentication-results": ["mx 1; none"], "received-spf": ["Softfail (x) y"]}, ("softfail", "", "", "")),
        ({"authentication-results": ['mx; dkim=fail reason="; spf=pass"; arc=pass']}, ("", "fail", "", "pass")),
        ({"arc-authentication-results": ["i=1; a; spf=fail", "i=2; b; spf=pass"]}, ("pass", "", "", "")),
        ({}, ("", "", "", "")),
    ],
)
def test_authentication(headers: dict[str, list[str]], expected: tuple[str, str, str, str]) -> None:
    spf, dkim, dmarc, arc = expected
    assert authentication(headers) == Authentication(spf=spf, dkim=dkim, dmarc=dmarc, arc=arc)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("V<b></b>i<i>a</i>gra", "Viagra"),
        ("<p>one</p><p>two<br>three</p>", "one\ntwo\nthree"),
        ("<STYLE>p{}</sTyle>a<script>x", "a"),
        ("<!-->a<!-- b --!>c<!-- open", "ac"),
        ("a &lt;b&gt; &amp; &nbsp; &#xD800;", "a <b> & \ufffd"),
        ("2 < 3 and <3", "2 < 3 and <3"),
        ('<a title="x>y">k</a>', "k"),
        ("<a title=it's>k</a> it's", "k it's"),
        ('<a title="never closed>x', ""),
        ("<td>a<td>b", "a b"),
    ],
)
def test_html_text(source: str, expected: str) -> None:
    assert html_text(source) == expected


def test_html_urls() -> None:
    source = """<IMG SRC=//img.example/x.png><a HREF = "http://a.example/?b=1&amp;c=2">x</a><a href='htt
p://b.example/'>y</a><img src="cid:1"><a href=#top><a href="javascript:x()"><form action=http://c.example/>"""
    assert html_urls(source) == [
        "http://a.example/?b=1&c=2",
        "http://b.example/",
        "http://c.example/",
        "//img.example/x.png",
    ]
    assert len(html_urls("".join(f"<a href=http://{n}.example>" for n in range(500)))) == MAX_URLS


def test_charsets() -> None:
    assert decode_text("Привет".encode("koi8-r"), "KOI8-R") == "Привет"
    assert decode_text("grün".encode(), "iso-8859-1") == "grün"
    assert decode_text("grün".encode("latin-1"), "us-ascii") == "grün"
    assert decode_text(b"\x80", "") == "€"
    assert decode_text(b"abc-", "punycode") == "abc-"
    assert decode_text(b"41", "hex") == "41"
    assert decode_text(b"+2AA-", "utf-7") == "\ufffd"
    assert decode_text("a".encode("utf-16"), "utf-16") == "a"
    assert decode_base64(b"YWJj\r\nZA==!\nZWY=") == b"abcdef"


def test_dates() -> None:
    assert milliseconds("Thu, 1 Jan 2026 08:30:00 +0100") == 1_767_252_600_000
    assert milliseconds("Thu, 1 Jan 99999999999 00:00:00 +9999") == 0
    assert milliseconds("yesterday") == 0


def test_a_note_beside_the_html_is_not_the_text() -> None:
    html = b"<p>" + b"Pay the fee now. " * 20
    body = b"--x\n\nUse an HTML reader.\n--x\nContent-Type: text/html\n\n" + html + b"\n--x--\n"
    found = message_fields(b"From: a@example.com\nContent-Type: multipart/alternative; boundary=x\n\n" + body)
    assert found["text"].startswith("Pay the fee now.")


def test_line_ends_do_not_change_the_text() -> None:
    data = b"From: a@example.com\nSubject: s\n t\n\none\ntwo \n"
    assert message_fields(data)["text"] == message_fields(data.replace(b"\n", b"\r\n"))["text"] == "one\ntwo"


def _mail(body: bytes, boundary: bytes = b"x") -> bytes:
    return b"From: a@example.com\nContent-Type: multipart/mixed; boundary=" + boundary + b"\n\n" + body


@pytest.mark.parametrize(
    ("data", "defect"),
    [
        (_mail(b"no part at all"), "no-boundary"),
        (_mail(b"--x\nContent-Transfer-Encoding: base64\n\nYWJ!!jZA==\nY\n--x--\n"), "bad-base64"),
        (_mail(b"--x\n\na\n" * (MAX_PARTS + 10)), "too-many-parts"),
        (_mail(b"--x\n\na\n" * (MAX_PARTS * 6)), "too-many-parts"),
        (b"".join(_mail(b"--b%d\n" % n, b"b%d" % n) for n in range(60)), "too-deep"),
        (b"".join(_mail(b"--b%d\n" % n, b"b%d" % n) for n in range(1000)), "unreadable"),
        (_mail(b"--x\n Content-Type: text/html\n\n<p>a\n--x--\n"), "indented-header"),
        (b"From: a@example.com\n\n" + b"a" * (MAX_TEXT + 1), "text-cut"),
    ],
)
def test_defects(data: bytes, defect: str) -> None:
    found = message_fields(data)
    assert defect in found["headers"]["defects"].split()
    assert found["sender"] == "a@example.com"
    assert defect in DEFECTS


def test_damaged_base64_is_decoded_as_far_as_it_goes() -> None:
    data = b"From: a@example.com\nContent-Transfer-Encoding: BASE64\n\naGVs!!bG8=\nIQ"
    assert message_fields(data)["text"] == "hello!"


def test_headers_are_the_documented_ones() -> None:
    data = b"".join(f"{name}: value\n".encode() for name in (*KEPT, "x-other", "to", "cc"))
    found = message_fields(data + b"From: a@example.com\nFrom: b@example.com\n\n")["headers"]
    assert set(found) <= set(KEPT) | set(DERIVED)
    assert set(KEPT) <= set(found)
    assert found["repeated"] == "from"


def test_hostile_input_is_read_in_one_pass() -> None:
    """Each of these would take hours if a pattern went back over what it has read."""
    size = 200_000
    for piece in (
        b'<a href="',
        b"<a href='",
        b"<!--",
        b"<style>",
        b"<",
        b"&",
        b"=?utf-8?q?",
        b"(",
        b'"',
        b"<title ",
        b"href ",
        b'="',
    ):
        body = piece * (size // len(piece))
        html = b"From: " + body[:20_000] + b"\nSubject: " + body[:20_000] + b"\nContent-Type: text/html\n\n" + body
        assert isinstance(message_fields(html)["text"], str)
    assert rfc5322.looks_like(raw(b"a\n" * 8000)) is False
    assert rfc5322.looks_like(raw(b"a:" * 8000)) is False


_LINES = st.sampled_from(
    [
        b"From: a@example.com",
        b"Subject: =?utf-8?B?4oKs",
        b"Content-Type: multipart/mixed; boundary=x",
        b"--x",
        b"--x--",
        b"",
        b"Content-Type: message/rfc822",
        b"Content-Transfer-Encoding: base64",
        b"Content-Type: text/html; charset=utf-7",
        b"\xff\x00",
        b"Content-Disposition: attachment; filename*=utf-8''%ff%00",
        b" folded",
        b"<a href=x>",
        b"YWJj=",
        b'To: "',
        b"Received: ;",
        b"Content-Transfer-Encoding: quoted-printable",
        b"=E9=",
        b"Date: Thu, 32 Foo 20260 99:99:99 +99999",
        b"From: <<@>>,(",
    ]
)


@settings(max_examples=300)
@given(st.lists(st.one_of(_LINES, st.binary(max_size=30)), max_size=30), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_fuzz(lines: list[bytes], end: bytes) -> None:
    item = raw(end.join(lines))
    rfc5322.looks_like(item)
    for record in run(rfc5322, item):
        if isinstance(record, Evidence):
            for value in (
                record.sender_raw,
                record.subject,
                record.text,
                record.html,
                *record.headers.values(),
                *record.urls,
            ):
                assert "\0" not in value
                value.encode()


@settings(max_examples=200)
@given(st.text(alphabet="<>/=\"'ab !-&;#x\n", max_size=80))
def test_fuzz_html(source: str) -> None:
    html_text(source)
    html_urls(source)
    addresses(source)
    decode_words(source)


def test_real_mail_is_all_accepted(shared: Path) -> None:
    """Every tenth message of three corpora; all of them have a header block, so none may be refused."""
    read = 0
    for name in ("spamassassin", "phishing_pot", "foff_milter"):
        with (
            zstandard.open(shared / "corpora" / name / f"{name}.tar.zst", "rb") as file,
            tarfile.open(fileobj=file, mode="r|") as tar,
        ):
            for place, member in enumerate(tar):
                content = tar.extractfile(member) if member.isfile() and place % 10 == 0 else None
                if content:
                    item = raw(content.read())
                    assert rfc5322.looks_like(item), member.name
                    assert len(accepted(rfc5322.decode(item))) == 1
                    read += 1
    assert read > 1000


def test_attached_mail_keeps_its_bytes() -> None:
    inner = b"From: b@example.com\n\ninner"
    part = (
        b"--x\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n"
        + base64.b64encode(inner)
        + b"\n--x--\n"
    )
    [found] = read_mail(_mail(part)).parts
    assert (found.type, found.content) == ("message/rfc822", inner)
