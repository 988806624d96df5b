"""Packets of the milter protocol: every stream is cut the same way however it arrives, and nothing else gets through."""

import asyncio
import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.respond import milter_packets as wire

COMMANDS = st.sampled_from(sorted(wire.COMMANDS))
PACKETS = st.lists(st.tuples(COMMANDS, st.binary(max_size=200)), max_size=12)


def cut(pieces: list[bytes]) -> list[tuple[bytes, bytes]]:
    waiting, found = bytearray(), []
    for piece in pieces:
        waiting += piece
        found += list(wire.cut(waiting))
    return found


@given(PACKETS, st.integers(1, 50))
def test_what_is_sent_is_what_arrives(packets: list[tuple[bytes, bytes]], size: int) -> None:
    stream = b"".join(wire.packet(name, data) for name, data in packets)
    assert cut([stream]) == packets
    assert cut([stream[at : at + size] for at in range(0, len(stream), size)]) == packets


@given(st.binary(max_size=2000))
def test_any_bytes_are_packets_or_an_error(data: bytes) -> None:
    with suppress(wire.ProtocolError):
        for name, content in cut([data]):
            assert name in wire.COMMANDS
            assert len(content) < wire.MAX_PACKET


@pytest.mark.parametrize(
    "data", [b"\0\0\0\0", b"\xff\xff\xff\xffA", struct.pack(">I", wire.MAX_PACKET + 1), b"\0\0\0\x01?"]
)
def test_impossible_packets(data: bytes) -> None:
    with pytest.raises(wire.ProtocolError):
        cut([data])


@given(st.binary(max_size=300))
def test_contents_are_read_whatever_they_are(data: bytes) -> None:
    assert all(isinstance(name, str) and isinstance(value, str) for name, value in wire.macros(data).items())
    assert len(wire.strings(data)) <= data.count(b"\0") + 1
    name, address = wire.peer(data)
    assert "\0" not in name + address
    with suppress(wire.ProtocolError):
        terms, answer = wire.agree(data, wire.MAY_ADD_HEADERS)
        assert terms.version <= wire.VERSION
        assert terms.actions <= wire.MAY_ADD_HEADERS
        assert len(answer) == 17


def test_contents() -> None:
    assert wire.macros(b"Cj\0mx.example\0{auth_type}\0\0odd\0") == {"j": "mx.example", "auth_type": ""}
    assert wire.peer(b"host.example\x004\x00\x19192.0.2.1\0") == ("host.example", "192.0.2.1")
    assert wire.peer(b"[x]\x006\x00\x19IPv6:2001:db8::1\0") == ("[x]", "2001:db8::1")
    assert wire.peer(b"local\0L\0\0/run/x\0") == ("local", "")
    assert wire.peer(b"unknown\0U") == ("unknown", "")
    assert wire.strings(b"<a@b>\0SIZE=1\0") == [b"<a@b>", b"SIZE=1"]
    offer = struct.pack(">III", 6, 0x1FF, 0x1FFFFF)
    terms, answer = wire.agree(offer, 0x31)
    assert (terms.version, terms.actions, terms.steps) == (6, 0x31, wire.WANTED)
    assert answer == b"\0\0\0\x0dO" + struct.pack(">III", 6, 0x31, wire.WANTED)
    with pytest.raises(wire.ProtocolError, match="version 1"):
        wire.agree(struct.pack(">III", 1, 0, 0), 0)


def test_replies() -> None:
    assert wire.insert_header(0, "A", "b\n\tc") == b"\0\0\0\x0ci\0\0\0\0A\0b\n\tc\0"
    assert wire.delete_header(2, "A") == b"\0\0\0\x08m\0\0\0\x02A\0\0"
    assert wire.quarantine("why") == b"\0\0\0\x05qwhy\0"
    assert wire.reply("550 5.7.1 no") == b"\0\0\0\x0ey550 5.7.1 no\0"


async def test_reading_ends_with_the_stream() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(wire.packet(wire.HELO, b"a\0") + wire.packet(wire.QUIT) + b"\0\0")
    reader.feed_eof()
    waiting = bytearray()
    found = [await wire.read(reader, waiting) for _ in range(3)]
    assert found == [(wire.HELO, b"a\0"), (wire.QUIT, b""), None]
