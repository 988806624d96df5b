"""Judging without storing: what an item is taken for, how much of it is judged, and that nothing is written."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterspam import judging
from counterspam.config import Config
from counterspam.envelope import Envelope, trace
from counterspam.model import Finding, Raw, Rejected
from counterspam.tools import Tools

MAIL = b"From: a@b.example\r\nSubject: hello\r\n\r\nSee you tomorrow at nine.\r\n"
TEXT = b"You won a prize, see http://prize.example/ now"
JUDGE = judging.shipped_judge()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("empty") / "data"


@pytest.fixture(scope="module")
def tools(folder: Path) -> Iterator[Tools]:
    yield judging.open_tools(Config(data=folder), locating=False)
    assert not folder.exists()  # nothing is written, whatever was judged


def raw(data: bytes, **given: Any) -> Raw:
    return Raw(id="0" * 32, data=data, received_at=1_790_000_000_000, intake="check", **given)


def only(found: judging.Found) -> Finding:
    (one,) = found
    assert isinstance(one, Finding)
    return one


def test_a_mail_is_judged_as_a_filter_sees_it(tools: Tools) -> None:
    assert only(judging.judge(raw(MAIL), tools)).evidence.source == "filter"
    assert only(judging.judge(raw(MAIL, source="trap"), tools)).evidence.source == "trap"


def test_text_is_a_message_of_its_channel(tools: Tools) -> None:
    found = only(judging.judge(raw(TEXT, channel="sms"), tools))
    assert (found.evidence.channel, found.evidence.text, found.evidence.source) == ("sms", TEXT.decode(), "filter")
    assert found.verdict.spam
    # What looks like a mail or a table is text all the same when it is said to be.
    odd = only(judging.judge(raw(b"From: me\nSubject: x\n\ny", channel="sms", format=judging.TEXT), tools))
    assert odd.evidence.channel == "sms"
    (refused,) = judging.judge(raw(TEXT), tools)
    assert isinstance(refused, Rejected)
    assert refused.reason == "unknown-format"
    (refused,) = judging.judge(raw(TEXT, format=judging.TEXT), tools)
    assert isinstance(refused, Rejected)
    assert refused.reason == "missing-field"


def test_spans_point_into_the_text(tools: Tools) -> None:
    found = only(judging.judge(raw(TEXT, channel="sms"), tools))
    assert found.verdict.spans
    for span in found.verdict.spans:
        assert 0 <= span.start < span.end <= len(getattr(found.evidence, span.field))


def test_what_is_compressed_is_judged_too_and_bombs_are_refused(tools: Tools) -> None:
    assert only(judging.judge(raw(zstandard.compress(MAIL)), tools)).evidence.subject == "hello"
    (bomb,) = judging.judge(raw(zstandard.compress(b"\0" * 200_000_000)), tools)
    assert isinstance(bomb, Rejected)
    assert bomb.reason == "too-large"


def test_the_first_records_of_many_are_judged(tools: Tools) -> None:
    line = orjson.dumps({"counterspam": "1", "channel": "sms", "text": "hello"}) + b"\n"
    found = judging.judge(raw(line * 1000), tools)
    assert len(found) == judging.MOST + 1
    said = judging.told(found, tools.config, JUDGE)
    assert (said["records"], said["complete"], len(said["findings"])) == (judging.MOST, False, judging.MOST)
    assert judging.told(judging.judge(raw(line * 3), tools), tools.config, JUDGE)["complete"] is True


def test_a_report_is_a_mail_where_a_mail_is_asked_for(tools: Tools) -> None:
    golden = Path(__file__).parent / "golden" / "decode"
    report = next(path for path in sorted(golden.rglob("*.eml")) if path.parent.name == "arf")
    assert only(judging.judge(raw(report.read_bytes()), tools)).evidence.format == "arf"
    as_mail = only(judging.judge(raw(report.read_bytes(), format="rfc5322"), tools))
    assert as_mail.evidence.format == "rfc5322"


DEEP = b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b0\r\n\r\n" + b"".join(
    b"--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n" % (n, n + 1) for n in range(3000)
)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" \r\n",
        b"\0" * 1000,
        bytes(range(256)) * 100,
        b"\x28\xb5\x2f\xfd",
        b"{" * 100_000,
        b"From: " + b"a" * 1_000_000,
        DEEP,
        MAIL + b"x" * 2_000_000,
        b"A: b\n" * 100_000,
    ],
)
@pytest.mark.parametrize(
    "said",
    [{}, {"format": "rfc5322", "source": "filter"}, {"channel": "sms"}, {"format": judging.TEXT, "channel": "im"}],
)
def test_hostile_input_is_judged_or_refused(tools: Tools, data: bytes, said: dict[str, str]) -> None:
    for one in judging.judge(raw(data, **said), tools):
        assert isinstance(one, Finding | Rejected)
    orjson.dumps(judging.told(judging.judge(raw(data, **said), tools), tools.config, JUDGE))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.binary(max_size=300), said=st.sampled_from([{}, {"format": "rfc5322"}, {"channel": "sms"}]))
def test_any_bytes(tools: Tools, data: bytes, said: dict[str, str]) -> None:
    assert judging.judge(raw(data, **said), tools)


# What the mail server knows


def test_the_trace_of_an_envelope() -> None:
    known = Envelope(
        ip="2001:db8::1", helo="[x y]", sender="a@b", recipients=("c@d",), by="mx", protocol="ESMTPS", name="Q1"
    )
    assert trace(known, 0) == (
        b"Return-Path: <a@b>\r\nReceived: from x?y ([IPv6:2001:db8::1])\r\n"
        b"\tby mx with ESMTPS id Q1\r\n\tfor <c@d>;\r\n\tThu, 01 Jan 1970 00:00:00 -0000\r\n"
    )
    assert b"Return-Path" not in trace(Envelope(ip="192.0.2.1"), 0)
    assert trace(Envelope(ip="192.0.2.1", sender=""), 0).startswith(b"Return-Path: <>\r\n")


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_envelope_adds_a_line(ip: str, helo: str, sender: str, name: str) -> None:
    lines = trace(Envelope(ip=ip, helo=helo, sender=sender, recipients=(sender,), by=helo, name=name), 0).split(b"\r\n")
    assert len(lines) == 6
    assert [line[:1] for line in lines] == [b"R", b"R", b"\t", b"\t", b"\t", b""]
    assert not any(b"\n" in line or b"\r" in line for line in lines)
