"""Checking over HTTP: /api/v1/check and rspamd's /checkv2, with its real client."""

import asyncio
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
import zstandard
from fake_node import FakeNode, client

from counterspam import gateway, judging
from counterspam.console import serve
from counterspam.model import Raw
from counterspam.tools import Tools
from counterspam.web import access
from counterspam.web.app import create_app

MAIL = b"""From: "PARCELCO" <support@parcel-redelivery.example>
To: you@example.org
Subject: Your parcel could not be delivered
Message-ID: <s1@parcel-redelivery.example>
X-Spam-Flag: NO
Date: Fri, 27 Nov 2026 10:00:00 +0000

Dear customer, your account has been suspended. Verify your password now and pay the fee of 1.99 EUR at
http://track.parcel-redelivery.example/x1 within 24 hours. You are the winner of our lottery prize, click here!
"""
HAM = b"""From: Anna <anna@example.org>
To: Bob <bob@example.org>
Subject: minutes of yesterday

Hi Bob, attached are the minutes of the meeting. Could you look at section three before Tuesday? Thanks, Anna
"""
RSPAMC = shutil.which("rspamc")
needs_rspamc = pytest.mark.skipif(RSPAMC is None, reason="rspamc is not installed (apt-get install rspamd)")


class Judging(FakeNode):
    """A node that judges in this process."""

    tools: Tools

    def check(self, raw: Raw) -> judging.Found:
        """As a worker does."""
        return judging.judge(raw, self.tools)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Judging]:
    made = Judging(tmp_path_factory.mktemp("node"), max_item_mb=1)
    made.tools = judging.open_tools(made.config, locating=False)
    yield made
    assert made.inbox == []  # nothing was stored
    made.close()


# The API


@pytest.mark.parametrize("scope", ["check", "report", "admin"])
async def test_the_answer_explains_itself(node: Judging, scope: str) -> None:
    async with client(create_app(node), secret=node.key(scope)) as http:
        answer = await http.post("/api/v1/check", content=MAIL)
    assert answer.status_code == 200
    found = answer.json()
    assert (found["records"], found["complete"], found["rejected"]) == (1, True, [])
    verdict = found["findings"][0]["verdict"]
    assert verdict["spam"] is True
    assert verdict["probability"] > 0.5
    assert verdict["score"] >= verdict["required_score"] == 5.0
    assert verdict["content_type"] == "parcel"
    assert {check["name"] for check in verdict["checks"]} >= {"source", "links", "text", "learned"}
    assert verdict["spans"]
    assert verdict["summary"]
    assert verdict["model"]
    assert "ai_score" in verdict
    assert "html" not in found["findings"][0]["evidence"]


async def test_text_and_evidence_lines(node: Judging) -> None:
    text = "You won a prize, see http://prize.example/ now"
    line = orjson.dumps({"counterspam": "1", "channel": "sms", "text": text, "source": "trap"})
    async with client(create_app(node), secret=node.key("check")) as http:
        plain = {"content-type": "text/plain; charset=utf-8"}
        one = (await http.post("/api/v1/check?channel=sms", content=text, headers=plain)).json()
        other = (await http.post("/api/v1/check?channel=sms&format=text", content=text)).json()
        third = (await http.post("/api/v1/check", content=line)).json()
    for found in (one, other, third):
        assert found["findings"][0]["evidence"]["text"] == text
        assert found["findings"][0]["verdict"]["spam"] is True
    assert third["findings"][0]["evidence"]["source"] == "trap"


@pytest.mark.parametrize(
    ("path", "content", "status", "words"),
    [
        ("", b"", 422, "empty"),
        ("", b" \r\n", 422, "empty"),
        ("", b"x" * 1_100_000, 413, "at most"),
        ("?channel=fax", b"x", 422, "channel is one of"),
        ("?format=pdf", b"x", 422, "format is one of"),
    ],
)
async def test_what_cannot_be_asked(node: Judging, path: str, content: bytes, status: int, words: str) -> None:
    async with client(create_app(node), secret=node.key("check")) as http:
        answer = await http.post(f"/api/v1/check{path}", content=content)
    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert answer.headers["content-type"] == "application/problem+json"


async def test_what_is_unreadable_is_a_rejected_record(node: Judging) -> None:
    async with client(create_app(node), secret=node.key("check")) as http:
        found = (await http.post("/api/v1/check", content=b"\0\1\2")).json()
    assert found["findings"] == []
    assert found["rejected"][0]["reason"] == "unknown-format"


async def test_a_key_that_may_only_check_stores_nothing(node: Judging) -> None:
    async with client(create_app(node), secret=node.key("check")) as http:
        assert (await http.post("/api/v1/reports", content=MAIL)).status_code == 403
    async with client(create_app(node), secret=node.key("evidence:read")) as http:
        assert (await http.post("/api/v1/check", content=MAIL)).status_code == 403


async def test_judgements_are_bounded_in_number_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from counterspam.errors import Overloaded

    monkeypatch.setattr(gateway, "PATIENCE", 0.2)
    monkeypatch.setattr(gateway, "AT_ONCE", 1)
    monkeypatch.setattr(gateway, "MOST_WAITING", 2)
    go = threading.Event()

    def slow(raw: Raw) -> judging.Found:
        go.wait(20)
        return []

    judges = gateway.Judges(slow)
    raw = Raw(id="0" * 32, data=b"x", received_at=1, intake="check")
    waiting = [asyncio.ensure_future(judges.ask(raw)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Overloaded, match="too many"):
        await judges.ask(raw)
    found = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(one) for one in found] == [Overloaded, Overloaded]
    go.set()
    judges.close()


# rspamd's protocol


async def test_a_program_on_this_machine_needs_no_key(node: Judging) -> None:
    async with client(create_app(node), peer="127.0.0.1", host="127.0.0.1:8052") as http:
        assert (await http.get("/ping")).text == "pong\r\n"
        found = (await http.post("/checkv2", content=MAIL)).json()
    assert found["is_skipped"] is False
    assert found["score"] >= found["required_score"] == 5.0
    assert found["action"] == "add header"
    assert found["message-id"] == "s1@parcel-redelivery.example"
    assert "track.parcel-redelivery.example" in found["urls"]
    assert any(one["score"] > 0 for name, one in found["symbols"].items() if name != "CS_BASE")
    assert round(sum(one["score"] for one in found["symbols"].values()), 1) == round(found["score"], 1)
    assert all(name == one["name"] and one["description"] for name, one in found["symbols"].items())
    assert found["milter"]["add_headers"]["X-Spam-Flag"] == "YES"
    assert found["milter"]["remove_headers"]["X-Spam-Flag"] == 0
    assert found["time_real"] > 0
    assert found["counterspam"]["content_type"] == "parcel"


@pytest.mark.parametrize(
    "given",
    [
        {"peer": "192.0.2.7"},
        {"x-forwarded-for": "192.0.2.7"},
        {"host": "attacker.example"},
        {"sec-fetch-site": "cross-site"},
        {"origin": "http://attacker.example"},
    ],
)
async def test_nobody_else_comes_in_without_one(node: Judging, given: dict[str, str]) -> None:
    app = create_app(node)
    usual = {"peer": "127.0.0.1", "host": "127.0.0.1:8052", **given}
    async with client(app, **usual) as http:
        assert (await http.post("/checkv2", content=MAIL)).status_code == 401
        assert (await http.post("/checkv2", content=MAIL, headers={"Password": "cs_wrong"})).status_code == 401
        wrong = {"Password": node.key("evidence:read")}
        assert (await http.post("/checkv2", content=MAIL, headers=wrong)).status_code == 403
        right = {"Password": node.key("check")}
        assert (await http.post("/checkv2", content=MAIL, headers=right)).status_code == 200


async def test_a_wrong_password_is_wrong_on_this_machine_too(node: Judging) -> None:
    async with client(create_app(node), peer="127.0.0.1", host="127.0.0.1") as http:
        assert (await http.post("/checkv2", content=MAIL, headers={"Password": "guess"})).status_code == 401


def test_requests_without_a_host_are_no_browsers() -> None:
    from starlette.requests import Request

    scope = {"type": "http", "method": "POST", "path": "/checkv2", "query_string": b"", "client": ("127.0.0.1", 1)}
    assert asyncio.run(access.permit_gateway(Request({**scope, "headers": []}))) is access.LOCAL


class Seen(Judging):
    """Remembers what was judged."""

    seen: Raw

    def check(self, raw: Raw) -> judging.Found:
        """Judge and remember."""
        self.seen = raw
        return super().check(raw)


async def test_what_the_server_knows_goes_on_top(node: Judging, tmp_path: Path) -> None:
    own = Seen(tmp_path, gateway_action="reject")
    own.tools = node.tools
    known = [
        ("IP", "192.0.2.9"), ("Helo", "mail.example"), ("From", "<a@b.example>"), ("Rcpt", "c@d.example"),
        ("Queue-Id", "Q1"), ("User", "carol"), ("MTA-Name", "mx.example.org"), ("Compression", "zstd"),
    ]  # fmt: skip
    async with client(create_app(own), peer="127.0.0.1", host="127.0.0.1") as http:
        answer = await http.post("/checkv2", content=zstandard.compress(MAIL), headers=known)
        assert answer.json()["action"] == "reject"
        assert own.seen.data.startswith(
            b"Return-Path: <a@b.example>\r\nReceived: from mail.example ([192.0.2.9])\r\n"
            b"\tby mx.example.org with ESMTPA id Q1\r\n\tfor <c@d.example>;\r\n"
        )
        assert own.seen.data.endswith(MAIL)
        assert (own.seen.source, own.seen.format) == ("filter", "rfc5322")
        await http.post("/checkv2", content=MAIL)
        assert own.seen.data == MAIL
    own.close()


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [
        (b"", {}, 422),
        (b"\0\1\2", {}, 422),
        (b"not zstd", {"compression": "zstd"}, 422),
        (zstandard.compress(b"A" * 3_000_000), {"compression": "zstd"}, 422),
        (b"A" * 1_100_000, {}, 413),
    ],
)
async def test_what_is_no_mail(node: Judging, content: bytes, headers: dict[str, str], status: int) -> None:
    async with client(create_app(node), peer="127.0.0.1", host="127.0.0.1") as http:
        assert (await http.post("/checkv2", content=content, headers=headers)).status_code == status


# With the real client


@pytest.fixture(scope="module")
def served(node: Judging) -> Iterator[int]:
    """The port of the application under the server that nodes use."""
    with serve.bind(node.config.model_copy(update={"port": 0})) as listening:
        server = uvicorn.Server(serve.settings(create_app(node)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        deadline = time.monotonic() + 20
        while not server.started:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


def rspamc(port: int, *words: str, data: bytes = MAIL) -> str:
    done = subprocess.run(
        [str(RSPAMC), "-h", f"127.0.0.1:{port}", *words], input=data, capture_output=True, timeout=60, check=True
    )
    return done.stdout.decode()


@needs_rspamc
@pytest.mark.parametrize(
    "words", [(), ("--compressed",), ("-i", "192.0.2.1", "--helo", "x", "-F", "a@b.example", "-r", "c@d.example")]
)
def test_rspamc_prints_our_verdict(served: int, words: tuple[str, ...]) -> None:
    said = rspamc(served, *words, "symbols")
    assert "Action: add header" in said
    assert "Spam: true" in said
    assert "/ 5.00" in said
    assert "Symbol: CS_BASE (" in said
    assert "Message-ID: s1@parcel-redelivery.example" in said
    ham = rspamc(served, *words, "symbols", data=HAM)
    assert "Action: no action" in ham
    assert "Spam: false" in ham


@needs_rspamc
def test_rspamc_with_a_key_and_as_json(served: int, node: Judging) -> None:
    said = rspamc(served, "-P", node.key("check"), "--json", "symbols")
    found = orjson.loads(said[said.index("{") :])  # after a line that names the file
    assert found["action"] == "add header"
    wrong = subprocess.run(
        [str(RSPAMC), "-h", f"127.0.0.1:{served}", "-P", "cs_wrong", "symbols"],
        input=MAIL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert b"Action" not in wrong.stdout


def test_a_kept_connection_serves_many(served: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{served}", trust_env=False) as http:
        for _ in range(20):
            answer: Any = http.post("/checkv2", content=MAIL).json()
            assert answer["action"] == "add header"
