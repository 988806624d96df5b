"""The milter's side of a conversation, without a mail server, and hostile peers of it."""

import asyncio
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.config import Config
from counterspam.envelope import Envelope
from counterspam.errors import ConfigError
from counterspam.model import Verdict
from counterspam.respond import milter
from counterspam.respond import milter_packets as wire
from counterspam.respond.milter import Milter, Session

OFFER = wire.packet(wire.NEGOTIATE, struct.pack(">III", 6, 0x1FF, 0x1FFFFF))
OLD = wire.packet(wire.NEGOTIATE, struct.pack(">III", 2, 0x3F, 0x7F))
GOES_ON = wire.packet(wire.CONTINUE)


def header(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return wire.HEADER, name + b"\0" + value + b"\0"


def told(session: Session, *packets: tuple[bytes, bytes]) -> list[bytes]:
    return [session.take(name, data) for name, data in packets]


def agreed(offer: bytes = OFFER) -> Session:
    session = Session(Config())
    session.take(offer[4:5], offer[5:])
    return session


MAIL = (
    (wire.MACRO, b"Cj\0mx.example\0"),
    (wire.CONNECT, b"client.example\x004\x00\x19192.0.2.1\0"),
    (wire.HELO, b"client.example\0"),
    (wire.MACRO, b"Mi\x00ABC123\0"),
    (wire.MAIL, b"<a@b.example>\0SIZE=9\0"),
    (wire.RCPT, b"<c@d.example>\0"),
    header(b"Subject", b"one\n\ttwo"),
    header(b"X-Spam-Flag", b"NO"),
    header(b"x-spam-flag", b"no"),
    header(b"X-Spam-Level", b""),
    (wire.END_OF_HEADER, b""),
    (wire.BODY, b"hello\r\n"),
)


def test_a_message_is_put_together_without_a_word() -> None:
    session = agreed()
    assert told(session, *MAIL) == [b""] * len(MAIL)
    assert session.content() == (
        b"Subject: one\r\n\ttwo\r\nX-Spam-Flag: NO\r\nx-spam-flag: no\r\nX-Spam-Level: \r\n\r\nhello\r\n"
    )
    assert session.envelope() == Envelope(
        ip="192.0.2.1",
        helo="client.example",
        sender="a@b.example",
        recipients=("c@d.example",),
        by="mx.example",
        name="ABC123",
    )


def test_a_server_of_old_gets_an_answer_to_each_command(verdict: Callable[..., Verdict]) -> None:
    session = agreed(OLD)
    answers = told(session, *MAIL)
    assert [answer for (name, _), answer in zip(MAIL, answers, strict=True) if name != wire.MACRO] == [GOES_ON] * 10
    assert session.decided(verdict()).endswith(GOES_ON)


def test_claims_are_taken_out_from_the_last_and_the_verdict_goes_on_top(verdict: Callable[..., Verdict]) -> None:
    session = agreed()
    told(session, *MAIL)
    packets = _packets(session.decided(verdict()))
    assert packets[:3] == [
        (b"m", b"\0\0\0\x01X-Spam-Level\0\0"),
        (b"m", b"\0\0\0\x02x-spam-flag\0\0"),
        (b"m", b"\0\0\0\x01X-Spam-Flag\0\0"),
    ]
    assert [data[4:].split(b"\0")[0] for _, data in packets[3:-1]] == [
        b"X-Counterspam-Reason", b"X-Counterspam", b"X-Spam-Status", b"X-Spam-Level", b"X-Spam-Score", b"X-Spam-Flag",
    ]  # fmt: skip
    assert packets[-2] == (b"i", b"\0\0\0\0X-Spam-Flag\0YES\0")
    assert packets[-1] == (b"c", b"")
    assert [name for name, _ in _packets(session.decided(None))] == [b"m", b"m", b"m", b"c"]


def _packets(stream: bytes) -> list[tuple[bytes, bytes]]:
    found, at = [], 0
    while at < len(stream):
        size = int.from_bytes(stream[at : at + 4])
        found.append((stream[at + 4 : at + 5], stream[at + 5 : at + 4 + size]))
        at += 4 + size
    return found


def test_what_was_not_granted_is_not_done(verdict: Callable[..., Verdict]) -> None:
    session = Session(Config(gateway_action="quarantine"))
    offer = wire.packet(wire.NEGOTIATE, struct.pack(">III", 6, 0, 0x1FFFFF))
    session.take(offer[4:5], offer[5:])
    told(session, *MAIL)
    assert session.decided(verdict(0.99)) == GOES_ON


def test_messages_of_one_connection_are_kept_apart() -> None:
    session = agreed()
    told(session, *MAIL)
    session.reset()
    assert session.content() == b"\r\n"
    assert (session.envelope().ip, session.envelope().sender) == ("192.0.2.1", None)
    told(session, (wire.MAIL, b"<>\0"), header(b"A", b"b"), (wire.ABORT, b""), (wire.MAIL, b"<x@y>\0"))
    assert session.content() == b"\r\n"
    assert session.envelope().sender == "x@y"
    told(session, (wire.QUIT_NEW, b""))
    assert session.envelope() == Envelope()


def test_what_is_kept_is_bounded() -> None:
    session = agreed()
    for _ in range(500):
        told(session, (wire.RCPT, b"<a@b>\0"))
    for _ in range(20):
        told(session, header(b"A", b"b" * 100_000), (wire.BODY, b"c" * 1_000_000))
    assert len(session.message.recipients) == milter.MAX_RECIPIENTS
    assert len(session.message.head) < milter.MAX_HEADER + 100_010
    assert len(session.message.body) == milter.MAX_MESSAGE


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(wire.COMMANDS - {wire.QUIT, wire.END_OF_BODY})), st.binary(max_size=80)),
        max_size=20,
    )
)
def test_any_commands_in_any_order(packets: list[tuple[bytes, bytes]]) -> None:
    session = Session(Config())
    with suppress(wire.ProtocolError):
        told(session, *packets)
        assert "\0" not in session.envelope().helo
        assert session.decided(None).endswith(GOES_ON)


# Over a socket


@asynccontextmanager
async def listening(judge: Any, folder: Path, **settings: Any) -> AsyncIterator[Callable[[], Any]]:
    filter = Milter(Config(milter_socket=folder / "m", **settings), judge)
    await filter.start()
    try:
        yield lambda: asyncio.open_unix_connection(str(folder / "m"))
    finally:
        await filter.stop()


async def converse(connect: Callable[[], Any], stream: bytes) -> bytes:
    """All that is answered to a stream."""
    reader, writer = await connect()
    writer.write(stream)
    writer.write_eof()
    answer: bytes = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


def whole(*more: tuple[bytes, bytes]) -> bytes:
    return OFFER + b"".join(wire.packet(name, data) for name, data in (*MAIL, *more))


async def test_hostile_peers_do_not_end_the_service(tmp_path: Path, verdict: Callable[..., Verdict]) -> None:
    async def judge(data: bytes, known: Envelope) -> Verdict:
        return verdict()

    async with listening(judge, tmp_path) as connect:
        for stream in (
            b"",
            b"GET / HTTP/1.0\r\n\r\n",
            b"\0\0\0\0",
            b"\xff" * 100,
            OFFER[:9],
            OFFER + b"\0\0\0\x01?",
            b"\0\0\0\x02Ox",
        ):
            answer = await converse(connect, stream)
            assert not _packets(answer) or answer.startswith(b"\0\0\0\x0dO")
        answer = await converse(connect, whole((wire.END_OF_BODY, b"last\r\n"), (wire.QUIT, b"")))
        assert (b"i", b"\0\0\0\0X-Spam-Flag\0YES\0") in _packets(answer)


async def test_a_judge_that_fails_lets_mail_through(tmp_path: Path) -> None:
    async def judge(data: bytes, known: Envelope) -> Verdict:
        raise RuntimeError("broken")

    async with listening(judge, tmp_path, gateway_action="reject") as connect:
        answer = await converse(connect, whole((wire.END_OF_BODY, b"")))
        assert [name for name, _ in _packets(answer)] == [b"O", b"m", b"m", b"m", b"c"]


async def test_more_connections_than_are_judged_are_let_through(
    tmp_path: Path, verdict: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def judge(data: bytes, known: Envelope) -> Verdict:
        asked.append(data)
        return verdict()

    monkeypatch.setattr(milter, "MAX_CONNECTIONS", 1)
    async with listening(judge, tmp_path) as connect:
        _, first = await connect()
        answer = await converse(connect, whole((wire.END_OF_BODY, b"")))
        assert _packets(answer)[-1] == (b"c", b"")
        assert not asked
        first.close()


async def test_a_milter_is_for_this_machine_only() -> None:
    async def judge(data: bytes, known: Envelope) -> None:
        return None

    with pytest.raises(ConfigError, match="loopback"):
        await Milter(Config(milter_host="192.0.2.1", milter_port=1), judge).start()
    with pytest.raises(ConfigError, match="cannot listen"):
        await Milter(Config(milter_socket=Path("/nowhere/at/all")), judge).start()
