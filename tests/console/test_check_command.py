"""`counterspam check`: with and without a running node, as a table, as a filter of mail and as an exit status."""

import email
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import uvicorn
from typer.testing import CliRunner

from counterspam import cli, judging
from counterspam.config import load
from counterspam.console import check as checking
from counterspam.console import client, serve
from counterspam.errors import CounterspamError
from counterspam.locate.network import Networks

SPAM = b"""From: "PARCELCO" <support@parcel-redelivery.example>
To: you@example.org
Subject: Your parcel could not be delivered
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


@pytest.fixture(autouse=True)
def _empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("COUNTERSPAM_"):
            monkeypatch.delenv(name)
    # Where senders sit is another test's business, and the table takes seconds to unpack.
    monkeypatch.setattr(judging, "_networks", lambda config: Networks(None))
    (tmp_path / "spam.eml").write_bytes(SPAM)
    (tmp_path / "ham.eml").write_bytes(HAM)
    yield
    assert not (tmp_path / "data").exists()  # nothing is stored, not even a folder


def run(*words: str, stdin: bytes = b"") -> Any:
    return CliRunner().invoke(cli.app, ["check", *words], input=stdin)


def test_one_message_with_its_reasons() -> None:
    result = run("spam.eml")
    assert result.exit_code == 0
    for words in ("Verdict", "parcel", "Checks (weight in log-odds", "learned", "Stretches that weighed"):
        assert words in result.stdout


def test_several_messages_are_a_line_each() -> None:
    rows = run("spam.eml", "ham.eml", "-o", "csv").stdout.splitlines()
    assert rows[0].startswith("file,id,format,channel,")
    assert [row.split(",")[0] for row in rows[1:]] == ["spam.eml", "ham.eml"]
    found = orjson.loads(run("spam.eml", "ham.eml", "-o", "json").stdout)
    assert [(one["file"], one["findings"][0]["verdict"]["spam"]) for one in found] == [
        ("spam.eml", True),
        ("ham.eml", False),
    ]
    assert orjson.loads(run("spam.eml", "-o", "json").stdout)["records"] == 1


def test_text_of_a_channel() -> None:
    found = orjson.loads(
        run("-", "--text", "--channel", "sms", "-o", "json", stdin=b"You won http://prize.example/").stdout
    )
    assert found["findings"][0]["evidence"]["channel"] == "sms"


def test_what_cannot_be_read_ends_with_1() -> None:
    result = run("-", stdin=b"\0\1\2")
    assert result.exit_code == 1
    assert "unknown-format" in result.stdout
    assert isinstance(run("nothing.eml").exception, CounterspamError)
    assert isinstance(run("-").exception, CounterspamError)


# As spamc(1) with -c and -E


@pytest.mark.parametrize(
    ("words", "stdin", "status"),
    [
        (("spam.eml",), b"", 1),
        (("ham.eml",), b"", 0),
        (("-",), SPAM, 1),
        (("-",), b"\0\1\2", os.EX_DATAERR),
        (("-",), b"", os.EX_DATAERR),
        (("nothing.eml",), b"", os.EX_NOINPUT),
    ],
)
def test_the_exit_status(words: tuple[str, ...], stdin: bytes, status: int) -> None:
    result = run(*words, "--exit-status", stdin=stdin)
    assert result.exit_code == status
    score, _, required = result.stdout.strip().partition("/")
    assert (float(score) >= float(required) > 0) if status == 1 else (required == "0" or float(score) < float(required))


def test_a_wrong_setting_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSPAM_PORT", "x")
    assert run("spam.eml", "--exit-status").exit_code == os.EX_CONFIG
    kept = run("-", "--headers", stdin=HAM)
    assert (kept.exit_code, kept.stdout_bytes) == (0, HAM)


def test_a_fault_of_ours_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(checking, "judging", broken)
    assert run("ham.eml", "--exit-status").exit_code == os.EX_SOFTWARE
    kept = run("ham.eml", "--headers")
    assert (kept.exit_code, kept.stdout_bytes) == (0, HAM)


def test_a_mail_comes_back_with_its_verdict() -> None:
    result = run("-", "--headers", stdin=SPAM)
    assert result.exit_code == 0
    got = email.message_from_bytes(result.stdout_bytes)
    assert got.get_all("X-Spam-Flag") == ["YES"]
    assert got["X-Counterspam-Reason"]
    assert result.stdout_bytes.endswith(SPAM.partition(b"\n\n")[2])
    both = run("ham.eml", "--headers", "--exit-status")
    assert both.exit_code == 0
    assert email.message_from_bytes(both.stdout_bytes)["X-Spam-Flag"] == "NO"
    assert run("spam.eml", "--headers", "--exit-status").exit_code == 1


def test_no_mail_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSPAM_MAX_ITEM_MB", "1")
    large = HAM + b"x" * 3_000_000
    result = run("-", "--headers", "--exit-status", stdin=large)
    assert (result.exit_code, result.stdout_bytes) == (0, large)
    odd = b"\0\1\2 X-Spam-Flag: NO"
    assert run("-", "--headers", stdin=odd).stdout_bytes == odd
    assert run("-", "--headers", stdin=b"X-Spam-Flag: NO\n\n").stdout_bytes.count(b"X-Spam-Flag: ") == 1


def test_a_filter_takes_one_message() -> None:
    assert run("spam.eml", "ham.eml", "--headers").exit_code == 2


def test_the_program_as_a_filter(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "counterspam", "check", "--headers", "-"],
        cwd=tmp_path,
        input=SPAM,
        capture_output=True,
        check=True,
    )
    assert done.stdout.startswith(b"X-Spam-Flag: YES\n")
    assert done.stderr == b""


def test_a_running_node_is_asked(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    asked: list[tuple[str, bytes, bytes]] = []
    answer = orjson.dumps(orjson.loads(run("spam.eml", "-o", "json").stdout))

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = b'{"status":"ok"}'
        if not scope["path"].endswith("/health"):
            asked.append((scope["path"], scope["query_string"], (await receive())["body"]))
            body = answer
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})

    folder = tmp_path_factory.mktemp("node")
    config = load(data=folder)
    with serve.bind(config.model_copy(update={"port": 0})) as listening:
        server = uvicorn.Server(serve.settings(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        client.announce(config, f"http://127.0.0.1:{listening.getsockname()[1]}")
        try:
            while not server.started:
                time.sleep(0.01)
            result = run("-", "--headers", "--exit-status", "--data", str(folder), stdin=HAM)
            assert result.exit_code == 1  # as the node says
            assert result.stdout_bytes.startswith(b"X-Spam-Flag: YES\n")
        finally:
            server.should_exit = True
            thread.join()
    assert asked == [("/api/v1/check", b"format=rfc5322", HAM)]
    client.withdraw(config)
