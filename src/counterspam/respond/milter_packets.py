"""Packets of the milter protocol, version 6, by which a mail server asks a filter (draft-adams-milter-protocol-00).

A packet is a length (4 bytes, big endian), one byte that names the command or reply, and data whose strings end with NUL.
"""

import asyncio
import struct
from collections.abc import Iterator
from dataclasses import dataclass

VERSION = 6
MAX_PACKET = 1024 * 1024  # bytes; the largest body chunk that a server may send, and more than any field

# Commands of the mail server
ABORT, BODY, CONNECT, MACRO, END_OF_BODY = b"A", b"B", b"C", b"D", b"E"
HELO, QUIT_NEW, HEADER, MAIL, END_OF_HEADER = b"H", b"K", b"L", b"M", b"N"
NEGOTIATE, QUIT, RCPT, DATA, UNKNOWN = b"O", b"Q", b"R", b"T", b"U"
COMMANDS = frozenset(
    (
        *(ABORT, BODY, CONNECT, MACRO, END_OF_BODY, HELO, QUIT_NEW, HEADER, MAIL, END_OF_HEADER),
        *(NEGOTIATE, QUIT, RCPT, DATA, UNKNOWN),
    )
)
UNANSWERED = frozenset((ABORT, MACRO, QUIT, QUIT_NEW))

# Replies of the filter
ACCEPT, CONTINUE, INSERT_HEADER, CHANGE_HEADER, QUARANTINE, REPLY_CODE = b"a", b"c", b"i", b"m", b"q", b"y"

# What a filter may do with a message, and what it does not want to be told or does not answer
MAY_ADD_HEADERS, MAY_CHANGE_HEADERS, MAY_QUARANTINE = 0x01, 0x10, 0x20
NO_UNKNOWN, NO_DATA = 0x100, 0x200
SILENT = {  # command -> the flag that says that it is not answered
    HEADER: 0x80,
    CONNECT: 0x1000,
    HELO: 0x2000,
    MAIL: 0x4000,
    RCPT: 0x8000,
    DATA: 0x10000,
    UNKNOWN: 0x20000,
    END_OF_HEADER: 0x40000,
    BODY: 0x80000,
}
WANTED = NO_UNKNOWN | NO_DATA | sum(SILENT.values())


class ProtocolError(Exception):
    """The peer does not speak this protocol."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What both sides agreed on: version, actions of the filter, protocol steps."""

    version: int
    actions: int
    steps: int


def packet(name: bytes, data: bytes = b"") -> bytes:
    """One packet as bytes."""
    return struct.pack(">I", 1 + len(data)) + name + data


def cut(waiting: bytearray) -> Iterator[tuple[bytes, bytes]]:
    """Whole packets at the start of `waiting`, which are taken out of it. Raises ProtocolError for an impossible one."""
    while len(waiting) >= 4:
        size = int.from_bytes(waiting[:4])
        if not 1 <= size <= MAX_PACKET:
            raise ProtocolError(f"a packet of {size} bytes")
        if len(waiting) < 4 + size:
            return
        name, data = bytes(waiting[4:5]), bytes(waiting[5 : 4 + size])
        del waiting[: 4 + size]
        if name not in COMMANDS:
            raise ProtocolError(f"an unknown command {name!r}")
        yield name, data


async def read(reader: asyncio.StreamReader, waiting: bytearray) -> tuple[bytes, bytes] | None:
    """The next packet, None when the peer has hung up. Raises ProtocolError."""
    while True:
        for found in cut(waiting):
            return found
        chunk = await reader.read(65536)
        if not chunk:
            return None
        waiting += chunk


def strings(data: bytes) -> list[bytes]:
    """Strings that end with NUL, in order; a last one without its NUL is taken too."""
    found = data.split(b"\0")
    return found[:-1] if found[-1] == b"" else found


def agree(data: bytes, wanted_actions: int) -> tuple[Terms, bytes]:
    """What is agreed on after an offer, and the packet that says so. Raises ProtocolError when too little is offered."""
    if len(data) < 12:
        raise ProtocolError("an offer of less than 12 bytes")
    version, actions, steps = struct.unpack(">III", data[:12])
    if version < 2:
        raise ProtocolError(f"version {version}")
    terms = Terms(min(version, VERSION), actions & wanted_actions, steps & WANTED)
    return terms, packet(NEGOTIATE, struct.pack(">III", terms.version, terms.actions, terms.steps))


def peer(data: bytes) -> tuple[str, str]:
    """Name and address out of a CONNECT; "" for what it does not tell. Families: 4 IPv4, 6 IPv6, L local, U unknown."""
    name, _, rest = data.partition(b"\0")
    address = text(rest[3:].split(b"\0")[0]) if rest[:1] in (b"4", b"6") else ""
    return text(name), address.removeprefix("IPv6:")


def macros(data: bytes) -> dict[str, str]:
    """Names (without braces) and values of a MACRO packet; its first byte names the command that they belong to."""
    found = strings(data[1:])
    return {text(name).strip("{}"): text(value) for name, value in zip(found[::2], found[1::2], strict=False)}


def text(data: bytes) -> str:
    """A string of the peer; what is no UTF-8 becomes U+FFFD."""
    return data.decode("utf-8", "replace")


def insert_header(index: int, name: str, value: str) -> bytes:
    """A header field at a place counted from 0. Line ends within the value are LF followed by a blank."""
    return packet(INSERT_HEADER, struct.pack(">I", index) + f"{name}\0{value}\0".encode("ascii"))


def delete_header(index: int, name: str) -> bytes:
    """Take out the field of this name that is the `index`th of it, counted from 1."""
    return packet(CHANGE_HEADER, struct.pack(">I", index) + f"{name}\0\0".encode("ascii"))


def quarantine(reason: str) -> bytes:
    """Keep the message back."""
    return packet(QUARANTINE, f"{reason}\0".encode("ascii"))


def reply(text: str) -> bytes:
    """An SMTP reply of our own: code, enhanced code, words."""
    return packet(REPLY_CODE, f"{text}\0".encode("ascii"))
