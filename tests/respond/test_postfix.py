"""The milter with a real Postfix: what it delivers, holds and rejects."""

import asyncio
import email
import shutil
import smtplib
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from postfix import missing, running

from counterspam.config import Config
from counterspam.envelope import Envelope
from counterspam.model import Verdict
from counterspam.node import Node
from counterspam.respond.milter import Milter

pytestmark = pytest.mark.skipif(bool(missing()), reason=missing() or "-")


class Sink:
    """A mail server that keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[bytes] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.got.append(envelope.original_content)
        return "250 OK"

    def next(self) -> Message:
        """The next message, within 30 s."""
        deadline = time.monotonic() + 30
        while not self.got:
            assert time.monotonic() < deadline, "nothing was delivered"
            time.sleep(0.02)
        return email.message_from_bytes(self.got.pop(0))


@pytest.fixture(scope="module")
def sink(port: Callable[[], int]) -> Iterator[tuple[Sink, int]]:
    kept = Sink()
    server = Controller(kept, hostname="127.0.0.1", port=port())
    server.start()
    yield kept, server.port
    server.stop()


@pytest.fixture(scope="module")
def postfix(node: Node, sink: tuple[Sink, int], port: Callable[[], int]) -> Iterator[int]:
    own = port()
    with running(own, f"inet:127.0.0.1:{node.config.milter_port}", sink[1]):
        yield own


def send(port: int, data: bytes, recipients: tuple[str, ...] = ("you@example.org",)) -> None:
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example.net", timeout=60) as client:
        client.sendmail("bounce@example.net", recipients, data)


def test_spam_is_delivered_with_its_verdict_and_without_its_own(
    postfix: int, sink: tuple[Sink, int], spam: bytes
) -> None:
    send(postfix, spam)
    got = sink[0].next()
    assert got.get_all("X-Spam-Flag") == ["YES"]
    assert float(got["X-Spam-Score"]) >= 5
    assert len(got.get_all("X-Spam-Status", [])) == 1
    assert got["X-Spam-Status"].startswith("Yes, score=")
    assert "probability=0." in got["X-Counterspam"]
    assert "spam" in got["X-Counterspam-Reason"]
    assert got["Subject"] == "Your parcel could not be delivered"
    assert got.get_payload() == email.message_from_bytes(spam).get_payload()


def test_ham_is_delivered_as_ham_and_one_connection_carries_several(
    postfix: int, sink: tuple[Sink, int], spam: bytes, ham: bytes
) -> None:
    with smtplib.SMTP("127.0.0.1", postfix, timeout=60) as client:
        for data in (spam, ham, ham):
            client.sendmail("a@example.net", ["you@example.org", "me@example.org"], data)
    flags = sorted(sink[0].next()["X-Spam-Flag"] for _ in range(3))
    assert flags == ["NO", "NO", "YES"]


def test_large_binary_and_odd_mail_passes_unharmed(postfix: int, sink: tuple[Sink, int], ham: bytes) -> None:
    head, _, _ = ham.partition(b"\r\n\r\n")
    body = bytes(range(1, 256)).replace(b"\r", b"").replace(b"\n", b"").replace(b".", b"") * 3
    large = b"\r\n".join([body[:700]] * 8000) + b"\r\n"  # more than the milter keeps
    send(postfix, head + b"\r\n\r\n" + large)
    got = sink[0].next()
    assert got["X-Spam-Flag"] in ("YES", "NO")
    payload = got.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert len(payload) >= len(large) * 0.99
    send(postfix, b"Subject: =?utf-8?q?=0AX-Spam-Flag:_NO?=\r\n\tfolded\r\n\r\n")
    assert sink[0].next().get_all("X-Spam-Flag") in (["YES"], ["NO"])


@contextmanager
def made(judged: Verdict | Exception, **settings: Any) -> Iterator[str]:
    """Where a milter listens that has one verdict for all, or a fault."""

    async def judge(data: bytes, known: Envelope) -> Verdict:
        assert (known.ip, known.helo) == ("127.0.0.1", "client.example.net")
        assert (known.sender, known.recipients) == ("bounce@example.net", ("you@example.org",))
        if isinstance(judged, Exception):
            raise judged
        return judged

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    milter = Milter(Config(**settings), judge)
    try:
        yield asyncio.run_coroutine_threadsafe(milter.start(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(milter.stop(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_spam_is_rejected_where_that_is_asked_for(
    verdict: Callable[..., Verdict], sink: tuple[Sink, int], port: Callable[[], int], spam: bytes
) -> None:
    with made(verdict(0.99), gateway_action="reject") as where, running(own := port(), where, sink[1]):
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(own, spam)
        assert refused.value.smtp_code == 550
        assert b"taken for spam" in refused.value.smtp_error
    assert not sink[0].got


def test_spam_is_held_through_a_socket(
    verdict: Callable[..., Verdict], sink: tuple[Sink, int], port: Callable[[], int], spam: bytes
) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        path = Path(folder) / "milter"
        with made(verdict(0.99), gateway_action="quarantine", milter_socket=path) as where:
            assert where == f"unix:{path}"
            for one in (folder, path):
                shutil.chown(one, group="postfix")
            Path(folder).chmod(0o750)
            with running(own := port(), where, sink[1]) as base:
                send(own, spam)
                (held,) = (base / "queue" / "hold").iterdir()
                assert b"X-Spam-Flag: YES" in held.read_bytes()
        assert not path.exists()
    assert not sink[0].got


def test_a_fault_of_ours_lets_mail_through(sink: tuple[Sink, int], port: Callable[[], int], spam: bytes) -> None:
    with made(RuntimeError("broken"), gateway_action="reject") as where, running(own := port(), where, sink[1]):
        send(own, spam)
        got = sink[0].next()
    assert got.get_all("X-Spam-Flag") is None  # the sender's claim is gone all the same
    assert got["Subject"]


def test_without_us_postfix_does_what_it_was_told(sink: tuple[Sink, int], port: Callable[[], int], ham: bytes) -> None:
    """The setting of docs/gateway.md: nobody listens, and mail comes all the same."""
    with running(own := port(), f"inet:127.0.0.1:{port()}", sink[1], otherwise="accept"):
        send(own, ham)
        assert sink[0].next()["X-Spam-Flag"] is None
