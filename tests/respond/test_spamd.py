"""SpamAssassin's protocol, with its real client where that is installed."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.config import Config
from counterspam.envelope import Envelope
from counterspam.model import Verdict
from counterspam.respond import spamd
from counterspam.respond.spamd import Spamd

SPAMC = shutil.which("spamc")
needs_spamc = pytest.mark.skipif(SPAMC is None, reason="spamc is not installed (apt-get install spamc)")
MAIL = b"From: a@b.example\r\nX-Spam-Flag: NO\r\nSubject: hello\r\n\r\nbody\r\n"


@asynccontextmanager
async def listening(verdict: Verdict | Exception | None, **settings: Any) -> AsyncIterator[int]:
    async def judge(data: bytes, known: Envelope) -> Verdict | None:
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    server = Spamd(Config(**settings), judge)
    yield await server.start()
    await server.stop()


async def converse(port: int, stream: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(stream)
    writer.write_eof()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


async def spamc(port: int, *words: str, data: bytes = MAIL) -> "subprocess.CompletedProcess[bytes]":
    command = [str(SPAMC), "-d", "127.0.0.1", "-p", str(port), "-x", "--connect-retries=1", *words]
    return await asyncio.to_thread(subprocess.run, command, input=data, capture_output=True, timeout=60, check=False)


@needs_spamc
async def test_spamc_gets_score_and_status(verdict: Callable[..., Verdict]) -> None:
    async with listening(verdict(0.98)) as port:
        done = await spamc(port, "-c")
        assert (done.returncode, done.stdout) == (1, b"8.9/5.0\n")
        assert (await spamc(port, "-K")).stdout == b"SPAMD/1.5 0\n"
        tests = await spamc(port, "-y")
        assert tests.stdout.strip() == b"CS_LINKS_LOOK_ALIKE,CS_TEXT_WORD,CS_BASE"
        report = await spamc(port, "-R")
        assert report.stdout.startswith(b"8.9/5.0\nVery likely spam")
        assert b"3.0 CS_LINKS_LOOK_ALIKE" in report.stdout
        assert b"Very likely" in (await spamc(port, "-r")).stdout
    async with listening(verdict(0.1)) as port:
        done = await spamc(port, "-c")
        assert (done.returncode, done.stdout) == (0, b"2.8/5.0\n")
        assert b"CS_" not in (await spamc(port, "-r")).stdout


@needs_spamc
@pytest.mark.parametrize("words", [(), ("--headers",)])
async def test_spamc_gets_the_mail_with_its_verdict(verdict: Callable[..., Verdict], words: tuple[str, ...]) -> None:
    async with listening(verdict(0.98)) as port:
        done = await spamc(port, "-E", *words)
    assert done.returncode == 1
    assert done.stdout.startswith(b"X-Spam-Flag: YES\r\n")
    assert done.stdout.count(b"X-Spam-Flag") == 1
    assert done.stdout.endswith(b"Subject: hello\r\n\r\nbody\r\n")


@needs_spamc
async def test_spamc_is_told_of_faults() -> None:
    async with listening(RuntimeError("broken")) as port:
        assert (await spamc(port, "-E")).returncode not in (0, 1)
    async with listening(None) as port:
        assert (await spamc(port, "-E")).returncode not in (0, 1)


async def test_what_exim_asks_and_reads(verdict: Callable[..., Verdict]) -> None:
    """Exim reads `Spam:` right behind the first line, as spamd answered before version 1.3."""
    async with listening(verdict(0.98)) as port:
        answer = await converse(
            port, b"REPORT SPAMC/1.2\r\nUser: nobody\r\nContent-length: %d\r\n\r\n" % len(MAIL) + MAIL
        )
    assert answer.startswith(b"SPAMD/1.1 0 EX_OK\r\nSpam: True ; 8.9 / 5.0\r\n\r\nVery likely spam")


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (b"GET / HTTP/1.0\r\n\r\n", os.EX_PROTOCOL),
        (b"\0\xff\r\n\r\n", os.EX_PROTOCOL),
        (b"", os.EX_PROTOCOL),
        (b"CHECK SPAMC/1.5", os.EX_PROTOCOL),
        (b"CHECK SPAMC/1.5\r\n" + b"A: b\r\n" * 100 + b"\r\n", os.EX_PROTOCOL),
        (b"CHECK SPAMC/1.5\r\nA: " + b"b" * 100_000, os.EX_PROTOCOL),
        (b"CHECK SPAMC/1.5\r\nContent-length: -1\r\n\r\n", os.EX_PROTOCOL),
        (b"CHECK SPAMC/1.5\r\nContent-length: 99999999\r\n\r\n", os.EX_DATAERR),
        (b"CHECK SPAMC/1.5\r\n\r\n" + b"x" * 1_100_000, os.EX_DATAERR),
        (b"CHECK SPAMC/1.5\r\nCompress: zlib\r\n\r\n", os.EX_PROTOCOL),
        (b"TELL SPAMC/1.5\r\nMessage-class: ham\r\n\r\n", os.EX_UNAVAILABLE),
    ],
)
async def test_hostile_requests_are_refused(verdict: Callable[..., Verdict], stream: bytes, code: int) -> None:
    async with listening(verdict(), max_item_mb=1) as port:
        assert (await converse(port, stream)).startswith(b"SPAMD/1.1 %d " % code)
        assert (await converse(port, b"PING SPAMC/1.5\r\n\r\n")) == b"SPAMD/1.5 0 PONG\r\n"


@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_lines_are_a_request_or_refused(lines: list[str]) -> None:
    with suppress(spamd.Refused):
        assert spamd.request(lines).command in spamd.COMMANDS
    with suppress(spamd.Refused):
        asked = spamd.request(["CHECK SPAMC/1.5", *lines])
        assert asked.length is None or asked.length >= 0
