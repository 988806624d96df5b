"""The SMTP receiver against real clients."""

import asyncio
import smtplib
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from counterspam.collect import smtp
from counterspam.collect.smtp import Receiver
from counterspam.config import Config
from counterspam.errors import ConfigError, SpoolFull
from counterspam.model import Raw

MAIL = b"From: a@example.net\r\nSubject: hello\r\n\r\n.one dot\r\nlong " + b"x" * 5000 + b"\r\n"
TRAPS, DESKS = ("trap@example.com", "@traps.example.com"), ("desk@example.com",)


class Store:
    """Takes raw items, unless told what to raise."""

    def __init__(self) -> None:
        self.raws: list[Raw] = []
        self.error: Exception | None = None

    async def __call__(self, raws: list[Raw]) -> None:
        if self.error:
            raise self.error
        self.raws += raws


@asynccontextmanager
async def receiver(store: Store, new_id: Callable[[], str], **settings: Any) -> AsyncIterator[int]:
    config = Config(smtp_traps=TRAPS, smtp_desks=DESKS, jurisdiction="SN", **settings)
    door = Receiver(config, store, now=lambda: 1_709_626_530_000, new_id=new_id, hostname="mx.example.com")
    port = await door.start()
    try:
        yield port
    finally:
        await door.stop()


def send(port: int, recipients: list[str], data: bytes = MAIL) -> dict[str, tuple[int, bytes]]:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example.net", timeout=10) as client:
        return client.sendmail("bad@example.net", recipients, data)


async def test_a_trap_and_a_desk(new_id: Callable[[], str]) -> None:
    store = Store()
    async with receiver(store, new_id) as port:
        recipients = ["trap@example.com", "X@Traps.Example.com", "desk@example.com"]
        assert await asyncio.to_thread(send, port, recipients) == {}
    trap, desk = store.raws
    assert (trap.source, trap.recipients, trap.intake, trap.jurisdiction) == ("trap", 2, "smtp", "SN")
    assert (desk.source, desk.recipients) == ("", 1)
    assert trap.id != desk.id
    assert trap.data.endswith(MAIL)
    head = desk.data.split(b"From: ")[0].decode()
    assert head.startswith(
        "Return-Path: <bad@example.net>\r\nReceived: from client.example.net ([127.0.0.1])\r\n\tby mx.example.com "
    )
    assert "for <desk@example.com>;" in head
    assert head.endswith("\tTue, 05 Mar 2024 08:15:30 -0000\r\n")
    assert "for <" not in trap.data.split(b"From: ")[0].decode()


async def test_unknown_recipients_are_refused(new_id: Callable[[], str]) -> None:
    store = Store()
    async with receiver(store, new_id) as port:
        refused = await asyncio.to_thread(send, port, ["desk@example.com", "other@example.com", "trap@example.org"])
        assert {address: code for address, (code, _) in refused.items()} == {
            "other@example.com": 550,
            "trap@example.org": 550,
        }
    assert len(store.raws) == 1


@pytest.mark.parametrize(("error", "code"), [(SpoolFull(7), 452), (OSError("disk"), 451), (RuntimeError("fault"), 451)])
async def test_nothing_is_accepted_that_is_not_durable(error: Exception, code: int, new_id: Callable[[], str]) -> None:
    store = Store()
    store.error = error
    async with receiver(store, new_id) as port:
        with pytest.raises(smtplib.SMTPDataError) as raised:
            await asyncio.to_thread(send, port, ["desk@example.com"])
        assert raised.value.smtp_code == code
        store.error = None
        assert await asyncio.to_thread(send, port, ["desk@example.com"]) == {}
    assert len(store.raws) == 1


async def test_a_large_mail_is_refused(new_id: Callable[[], str]) -> None:
    store = Store()
    async with receiver(store, new_id, max_item_mb=1) as port:
        with pytest.raises((smtplib.SMTPSenderRefused, smtplib.SMTPDataError)) as raised:
            await asyncio.to_thread(send, port, ["desk@example.com"], b"Subject: x\r\n\r\n" + b"y\r\n" * 500_000)
        assert raised.value.smtp_code == 552
    assert store.raws == []


def talk(port: int, lines: list[bytes]) -> bytes:
    """A client that says what it likes; everything that the server answered."""
    answers = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client, client.makefile("rb") as reader:
        for line in (b"", *lines):
            client.sendall(line)
            while answer := reader.readline():
                answers += answer
                if answer[3:4] != b"-":
                    break
    return answers


async def test_a_hostile_client_cannot_add_lines_or_addresses(new_id: Callable[[], str]) -> None:
    store = Store()
    lines = [
        b"EHLO evil([192.0.2.1])by\tbank.example;\x01\xff\r\n",
        b"MAIL FROM:<a\x0bb\xff@example.net>\r\n",
        b"RCPT TO:<b\xff@traps.example.com>\r\n",
        b"DATA\r\n",
        b"Subject: x\r\n\r\nx\r\n.\r\n",
    ]
    async with receiver(store, new_id) as port:
        answers = await asyncio.to_thread(talk, port, lines)
    assert b"250 2.0.0 OK" in answers
    (raw,) = store.raws
    path, source, writer, *_ = raw.data.split(b"\r\n")
    assert path == b"Return-Path: <a?b?@example.net>"
    assert source == b"Received: from evil??192.0.2.1??by?bank.example??? ([127.0.0.1])"
    assert writer.startswith(b"\tby mx.example.com with ESMTP id ")


async def test_a_line_without_end_is_refused(new_id: Callable[[], str]) -> None:
    store = Store()
    async with receiver(store, new_id) as port:
        answers = await asyncio.to_thread(talk, port, [b"EHLO x\r\n", b"MAIL FROM:<" + b"a" * 100_000 + b">\r\n"])
        assert b"500" in answers
    assert store.raws == []


async def test_too_many_connections(new_id: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "MAX_CONNECTIONS", 2)

    def crowd(port: int) -> list[bytes]:
        clients = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(3)]
        greetings = [client.recv(100)[:3] for client in clients]
        for client in clients:
            client.close()
        return greetings

    async with receiver(Store(), new_id) as port:
        assert sorted(await asyncio.to_thread(crowd, port)) == [b"220", b"220", b"421"]
        assert await asyncio.to_thread(send, port, ["desk@example.com"]) == {}


async def test_an_address_that_is_taken_is_a_setting_that_is_wrong(new_id: Callable[[], str]) -> None:
    async with receiver(Store(), new_id) as port:
        with pytest.raises(ConfigError, match="smtp_port"):
            async with receiver(Store(), new_id, smtp_port=port):
                pass
