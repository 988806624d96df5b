"""Telling changes to a real HTTP server and a real mail relay, also when these fail."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from counterspam.config import Config
from counterspam.notify import FIRST_PAUSE, LONGEST_PAUSE, Notifier, hook_name, pause, signature
from counterspam.store import changes
from counterspam.store.changes import Change
from counterspam.store.records import Records

T = 1_800_000_000_000
HOUR = 3_600_000
SECRET = "a secret"


class Hook:
    """A web server that keeps what it is sent and answers with `status`."""

    def __init__(self) -> None:
        self.status, self.got = 204, []  # type: tuple[int, list[tuple[dict[str, str], bytes]]]
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                hook.got.append(({name.lower(): value for name, value in self.headers.items()}, data))
                self.send_response(hook.status)
                if hook.status == 302:
                    self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/token-12345"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Relay:
    """A mail relay that keeps what it takes, or refuses with `refuse`."""

    def __init__(self) -> None:
        self.mails: list[tuple[list[str], bytes]] = []
        self.refuse = ""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse:
            return self.refuse
        self.mails.append((list(envelope.rcpt_tos), bytes(envelope.content or b"")))
        return "250 taken"


@pytest.fixture
def hook() -> Iterator[Hook]:
    one = Hook()
    yield one
    one.close()


@pytest.fixture
def relay() -> Iterator[tuple[Relay, int]]:
    handler = Relay()
    with socket.create_server(("127.0.0.1", 0)) as free:  # the controller does not choose a port itself
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield handler, port
    finally:
        controller.stop()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = Records.open(Config(data=tmp_path))
    store.migrate()
    yield store
    store.close()


def keep(records: Records, number: int, **given: Any) -> Change:
    what = {
        "id": f"{number:032x}",
        "kind": "surge",
        "channel": "sms",
        "country": f"C{number}",
        "began_at": T,
        "seen_at": T,
    }
    one = Change(**({**what, "found_at": T + number, "span": HOUR, "observed": 300.0, "expected": 100.0} | given))
    with records.begin() as conn:
        assert changes.add(conn, one)
    return one


def hooked(records: Records, hook: Hook) -> tuple[Notifier, dict[str, str]]:
    doors: dict[str, str] = {}
    config = Config(webhook_urls=(hook.url,), webhook_secret=SECRET, public_url="https://node.example")
    return Notifier(config, records, doors), doors


def test_nothing_configured_nothing_sent(records: Records) -> None:
    keep(records, 1)
    notifier = Notifier(Config(), records, {})
    assert not notifier.wanted
    assert notifier.round(T + 10) == 0
    assert not Notifier(Config(mail_relay_host="127.0.0.1"), records, {}).wanted
    assert not Notifier(Config(digest_to=("a@example.org",)), records, {}).wanted


def test_a_webhook_gets_each_change_once_signed(records: Records, hook: Hook) -> None:
    one = keep(records, 1, content_type="parcel", country="")
    notifier, doors = hooked(records, hook)
    assert notifier.round(T + 1000) == 1
    assert notifier.round(T + 2000) == 0
    ((headers, data),) = hook.got
    told = json.loads(data)
    assert (told["id"], told["kind"], told["state"], told["content_type"]) == (one.id, "surge", "open", "parcel")
    assert told["sentence"] == "SMS, Parcel delivery: spam rose to 300 in 60 min, 3.0 times the expected 100."
    assert told["url"] == f"https://node.example/changes/{one.id}"
    assert headers["webhook-id"] == f"{one.id}.open"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + data
    right = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{right}"
    assert doors == {hook_name(hook.url): "ok"}


def test_the_end_of_a_change_is_told_too(records: Records, hook: Hook) -> None:
    one = keep(records, 1)
    notifier, _ = hooked(records, hook)
    notifier.round(T + 1000)
    with records.begin() as conn:
        changes.update(
            conn,
            [
                Change(
                    **{name: getattr(one, name) for name in Change.__dataclass_fields__}
                    | {"state": "over", "ended_at": T + 9}
                )
            ],
        )
    assert notifier.round(T + 2000) == 1
    assert [json.loads(data)["state"] for _, data in hook.got] == ["open", "over"]


@pytest.mark.parametrize("status", [500, 410, 302])
def test_a_failing_webhook_is_tried_again_and_nothing_is_lost(records: Records, hook: Hook, status: int) -> None:
    keep(records, 1)
    keep(records, 2)
    notifier, doors = hooked(records, hook)
    hook.status = status
    assert notifier.round(T + 1000) == 0
    assert len(hook.got) == 1  # the second waits
    assert doors[hook_name(hook.url)] == f"answered {status}"
    assert "token-12345" not in str(doors)
    hook.status = 200
    assert notifier.round(T + 2000) == 1  # the second; the first pauses
    assert notifier.round(T + 1000 + FIRST_PAUSE) == 1
    assert sorted(json.loads(data)["id"] for _, data in hook.got[1:]) == [f"{1:032x}", f"{2:032x}"]
    assert doors[hook_name(hook.url)] == "ok"


def test_a_webhook_that_is_not_there(records: Records, hook: Hook) -> None:
    keep(records, 1)
    notifier, doors = hooked(records, hook)
    hook.close()
    try:
        assert notifier.round(T + 1000) == 0
        assert doors[hook_name(hook.url)] == "ConnectError: not reached"
    finally:
        hook.__init__()  # type: ignore[misc] # the fixture closes it


def test_a_new_target_is_not_told_what_is_long_over(records: Records, hook: Hook) -> None:
    keep(records, 1)
    assert hooked(records, hook)[0].round(T + 25 * HOUR) == 0


def test_signatures_with_a_key_of_the_specification() -> None:
    key = base64.b64encode(b"12345678").decode()
    assert signature(f"whsec_{key}", "a", 1, b"{}") == signature("12345678", "a", 1, b"{}")


def test_pauses_grow_and_end() -> None:
    assert [pause(tries) for tries in (0, 1, 3)] == [FIRST_PAUSE, 2 * FIRST_PAUSE, 8 * FIRST_PAUSE]
    assert pause(10**6) == LONGEST_PAUSE


def mailed(records: Records, port: int, **given: Any) -> tuple[Notifier, dict[str, str]]:
    doors: dict[str, str] = {}
    settings = {"mail_relay_host": "127.0.0.1", "mail_relay_port": port, "mail_relay_tls": "none", "digest_hours": 6}
    settings |= {"digest_from": "node@example.net", "digest_to": ("a@example.org", "b@example.org")}
    return Notifier(Config(**(settings | given)), records, doors), doors


def test_the_digest_is_one_mail_of_all_that_is_new(records: Records, relay: tuple[Relay, int]) -> None:
    handler, port = relay
    keep(records, 1)
    keep(records, 2, kind="silence", country="", source="trap")
    notifier, doors = mailed(records, port)
    assert notifier.round(T + 1000) == 2
    ((recipients, data),) = handler.mails
    assert recipients == ["a@example.org", "b@example.org"]
    mail = message_from_bytes(data, policy=policy.default)
    assert (mail["From"], mail["To"]) == ("node@example.net", "a@example.org, b@example.org")
    assert mail["Subject"] == "Changes in spam: 2"
    assert mail["Date"] == "Fri, 15 Jan 2027 08:00:01 +0000"
    assert mail["Message-ID"].endswith("@example.net>")
    body = mail.get_content()
    assert "spam rose to 300" in body
    assert f"/changes/{2:032x}" in body
    assert doors == {"digest": "ok"}
    keep(records, 3)
    assert notifier.round(T + 2 * HOUR) == 0  # not yet time
    assert notifier.round(T + 7 * HOUR) == 1
    assert notifier.round(T + 14 * HOUR) == 0  # nothing new
    assert len(handler.mails) == 2


def test_a_relay_that_refuses_is_tried_again(records: Records, relay: tuple[Relay, int]) -> None:
    handler, port = relay
    keep(records, 1)
    notifier, doors = mailed(records, port)
    handler.refuse = "451 a@example.org is over quota"
    assert notifier.round(T + 1000) == 0
    assert doors == {"digest": "SMTPDataError: 451"}
    handler.refuse = ""
    assert notifier.round(T + 1000 + FIRST_PAUSE) == 1
    assert len(handler.mails) == 1


def test_a_relay_without_tls_is_not_used_when_tls_is_asked_for(records: Records, relay: tuple[Relay, int]) -> None:
    keep(records, 1)
    notifier, doors = mailed(
        records, relay[1], mail_relay_tls="starttls", mail_relay_user="u", mail_relay_password="geheim"
    )
    assert notifier.round(T + 1000) == 0
    assert not relay[0].mails
    assert doors["digest"].startswith("SMTPNotSupportedError")
    assert "geheim" not in str(doors)
