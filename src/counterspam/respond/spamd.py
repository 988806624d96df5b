"""SpamAssassin's network protocol, so that what asks spamd (Exim's `spam` condition, spamc, and many more) can ask a node.

Commands CHECK, SYMBOLS, REPORT, REPORT_IFSPAM, HEADERS, PROCESS, PING and SKIP of SPAMC/1.2 to 1.5; TELL (learning) is refused,
for nothing is learned from here. Structured after the file PROTOCOL of SpamAssassin's spamd.
"""

import asyncio
import logging
import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from counterspam.config import MB, Config
from counterspam.envelope import Envelope
from counterspam.errors import ConfigError
from counterspam.model import Verdict
from counterspam.respond import headers, score

MAX_LINES = 50
MAX_LINE = 4096
MAX_CONNECTIONS = 32  # each may hold a message of the largest size
SECONDS = 60.0  # for a whole conversation
COMMANDS = frozenset(("CHECK", "SYMBOLS", "REPORT", "REPORT_IFSPAM", "HEADERS", "PROCESS", "PING", "SKIP"))
_ASKED = re.compile(r"([A-Z_]{1,20}) SPAMC/1\.(\d{1,2})")
log = logging.getLogger(__name__)

Judge = Callable[[bytes, Envelope], Awaitable[Verdict | None]]


class Refused(Exception):
    """A request that is answered with a code of sysexits.h."""

    def __init__(self, code: int, detail: str) -> None:
        super().__init__(detail)
        self.code = code


@dataclass(frozen=True)
class Request:
    """What is asked; `minor` is the version behind the 1, `length` of the message, None for up to the end of the stream."""

    command: str
    minor: int
    length: int | None


def request(lines: list[str]) -> Request:
    """A request out of its lines. Raises Refused."""
    asked = _ASKED.fullmatch(lines[0].strip()) if lines else None
    if asked is None:
        raise Refused(os.EX_PROTOCOL, "not a request of SPAMC")
    if asked[1] not in COMMANDS:
        raise Refused(os.EX_UNAVAILABLE, f"no command {asked[1]} here")
    fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    if "compress" in fields:
        raise Refused(os.EX_PROTOCOL, "send messages uncompressed")
    length = fields.get("content-length")
    if length is not None and not (length.isascii() and length.isdecimal() and len(length) < 12):
        raise Refused(os.EX_PROTOCOL, "a Content-length that is no number")
    return Request(asked[1], int(asked[2]), int(length) if length else None)


def answer(asked: Request, data: bytes, verdict: Verdict, config: Config) -> bytes:
    """The answer to every command that is about a message."""
    points = score.score(verdict, config)
    symbols = score.symbols(verdict, config)
    spam = f"Spam: {verdict.spam} ; {points:.1f} / {score.REQUIRED:.1f}"
    if asked.command == "CHECK":
        return f"SPAMD/1.1 0 EX_OK\r\n{spam}\r\n\r\n".encode()
    body = b""
    if asked.command == "SYMBOLS":
        body = ",".join(symbols).encode() + b"\r\n"
    elif asked.command == "REPORT" or (asked.command == "REPORT_IFSPAM" and verdict.spam):
        lines = [f"{part:5.1f} {name:<32} {headers.one_line(why)}" for name, (part, why) in symbols.items()]
        body = "\n".join((headers.one_line(verdict.summary), *lines, "")).encode()  # it becomes a field: no empty line
    elif asked.command in ("PROCESS", "HEADERS"):
        body = headers.marked(data, verdict, config)
        if asked.command == "HEADERS":
            end = min((at for at in (body.find(b"\r\n\r\n") + 4, body.find(b"\n\n") + 2) if at > 3), default=len(body))
            body = body[:end]
    size = f"Content-length: {len(body)}\r\n" if asked.minor >= 3 or asked.command in ("PROCESS", "HEADERS") else ""
    return f"SPAMD/1.1 0 EX_OK\r\n{size}{spam}\r\n\r\n".encode() + body


class Spamd:
    """Listens between `start` and `stop`, on the running event loop. `judge` gives None for what it cannot judge."""

    def __init__(self, config: Config, judge: Judge) -> None:
        self.config = config
        self._judge = judge
        self._server: asyncio.Server | None = None
        self._open = 0

    async def start(self) -> int:
        """Listen on loopback; the port is returned. Raises ConfigError when it cannot be had."""
        try:
            self._server = await asyncio.start_server(self._accept, "127.0.0.1", self.config.spamd_port, limit=MAX_LINE)
        except OSError as error:
            raise ConfigError(f"spamd_port: cannot listen: {error.strerror or error}") from error
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Stop listening; conversations under way end by themselves."""
        if self._server:
            self._server.close()
            await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open += 1
        try:
            async with asyncio.timeout(SECONDS):
                writer.write(await self._answer(reader))
                await writer.drain()
        except (OSError, TimeoutError, EOFError, asyncio.CancelledError):
            pass  # it has hung up or fallen silent, or we stop
        finally:
            self._open -= 1
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        try:
            if self._open > MAX_CONNECTIONS:
                raise Refused(os.EX_TEMPFAIL, "too many messages at once")
            asked = request(await _lines(reader))
            if asked.command == "PING":
                return b"SPAMD/1.5 0 PONG\r\n"
            if asked.command == "SKIP":
                return b""
            data = await self._message(reader, asked.length)
            verdict = await self._judge(data, Envelope())
            if verdict is None:
                raise Refused(os.EX_DATAERR, "no mail that could be judged")
            return answer(asked, data, verdict, self.config)
        except Refused as refused:
            return f"SPAMD/1.1 {refused.code} {refused}\r\n".encode()
        except (OSError, TimeoutError, EOFError):
            raise
        except Exception:
            log.exception("spamd: a message is not judged")
            return f"SPAMD/1.1 {os.EX_TEMPFAIL} not judged\r\n".encode()

    async def _message(self, reader: asyncio.StreamReader, length: int | None) -> bytes:
        most = self.config.max_item_mb * MB
        if (length or 0) > most:
            raise Refused(os.EX_DATAERR, f"at most {most} bytes")
        if length is not None:
            return await reader.readexactly(length)
        data = bytearray()
        while piece := await reader.read(65536):
            data += piece
            if len(data) > most:
                raise Refused(os.EX_DATAERR, f"at most {most} bytes")
        return bytes(data)


async def _lines(reader: asyncio.StreamReader) -> list[str]:
    """Lines up to an empty one. Raises Refused."""
    found: list[str] = []
    try:
        while len(found) < MAX_LINES:
            line = (await reader.readuntil(b"\n")).rstrip(b"\r\n")
            if not line:
                return found
            found.append(line.decode("ascii", "replace"))
            if found[0].startswith(("PING ", "SKIP ")):
                return found
    except (asyncio.LimitOverrunError, asyncio.IncompleteReadError):
        pass
    raise Refused(os.EX_PROTOCOL, "not a request of SPAMC")
