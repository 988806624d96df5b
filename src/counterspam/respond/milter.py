"""A milter: mail servers (Postfix, Sendmail) show each message while they receive it, and put the verdict into its header.

It answers nothing until the end of the message, so a mail costs one round trip. Whatever fails here lets the mail through
without a verdict: nothing is ever rejected or put off for a fault of ours. What to do while nobody listens at all is the mail
server's choice (`milter_default_action` of Postfix).
"""

import asyncio
import ipaddress
import logging
import os
import stat
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from counterspam.config import Config
from counterspam.envelope import Envelope
from counterspam.errors import ConfigError
from counterspam.model import Verdict
from counterspam.respond import headers, score
from counterspam.respond import milter_packets as wire

MB = 1024 * 1024
MAX_MESSAGE = 4 * MB  # bytes that are looked at; the rest of a larger message is not
MAX_HEADER = 256 * 1024  # bytes of header fields that are looked at
MAX_HELD = 64 * MB  # bytes of messages in memory at once, over all connections
MAX_CONNECTIONS = 200  # at which no more are judged; four times as many are hung up on
MAX_RECIPIENTS = 100
MACROS = frozenset(("i", "j"))  # queue id, our mail server's name
IDLE = 7210.0  # seconds without a command, as long as libmilter waits
REJECTED = "550 5.7.1 This message was taken for spam"
QUARANTINED = "taken for spam by counterspam"
log = logging.getLogger(__name__)

Judge = Callable[[bytes, Envelope], Awaitable[Verdict | None]]


@dataclass
class Message:
    """What a connection has told of the message under way. `fields` are the names of those that claim a verdict, in order."""

    sender: str | None = None
    recipients: list[str] = field(default_factory=list)
    head: bytearray = field(default_factory=bytearray)
    body: bytearray = field(default_factory=bytearray)
    claims: list[str] = field(default_factory=list)


class Session:
    """One connection of a mail server, which carries any number of messages; knows no sockets."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.terms = wire.Terms(wire.VERSION, 0, 0)
        self.message = Message()
        self.room = MAX_MESSAGE  # bytes of body that may still be kept
        self.known: dict[str, str] = {}
        self.helo = self.ip = ""

    def take(self, name: bytes, data: bytes) -> bytes:
        """The answer to any command but the end of a message. Raises ProtocolError."""
        if name == wire.NEGOTIATE:
            actions = wire.MAY_ADD_HEADERS | wire.MAY_CHANGE_HEADERS | wire.MAY_QUARANTINE
            self.terms, answer = wire.agree(data, actions)
            return answer
        if name == wire.MACRO:
            self.known |= {name: value for name, value in wire.macros(data).items() if name in MACROS}
        elif name == wire.CONNECT:
            self.ip = wire.peer(data)[1]
        elif name == wire.HELO:
            self.helo = wire.text(wire.strings(data)[0] if data else b"")
        elif name in (wire.ABORT, wire.QUIT_NEW):
            self.reset(everything=name == wire.QUIT_NEW)
        else:
            self._of_message(name, data)
        silent = name in wire.UNANSWERED or self.terms.steps & wire.SILENT.get(name, 0)
        return b"" if silent else wire.packet(wire.CONTINUE)

    def _of_message(self, name: bytes, data: bytes) -> None:
        if name == wire.MAIL:
            self.message = Message(sender=_address(data))
        elif name == wire.RCPT and len(self.message.recipients) < MAX_RECIPIENTS:
            self.message.recipients.append(_address(data))
        elif name == wire.HEADER:
            self._header(data)
        elif name == wire.BODY:
            self.message.body += data[: max(0, self.room - len(self.message.body))]

    def _header(self, data: bytes) -> None:
        label, value = [*wire.strings(data), b"", b""][:2]
        shown = wire.text(label)
        if headers.is_ours(shown) and shown.isascii():
            self.message.claims.append(shown)
        if len(self.message.head) < MAX_HEADER:
            # Lines of a folded value are parted by LF alone.
            lines = b"\r\n".join(value.replace(b"\r\n", b"\n").split(b"\n"))
            self.message.head += label + b": " + lines[:MAX_HEADER] + b"\r\n"

    def reset(self, *, everything: bool = False) -> None:
        """The message is over; with `everything`, also what is known of the SMTP client."""
        self.message = Message()
        self.known.pop("i", None)
        if everything:
            self.known = {}
            self.helo = self.ip = ""

    def content(self) -> bytes:
        """The message, as far as it was kept."""
        return bytes(self.message.head) + b"\r\n" + bytes(self.message.body)

    def envelope(self) -> Envelope:
        """How it came."""
        return Envelope(
            ip=self.ip,
            helo=self.helo,
            sender=self.message.sender,
            recipients=tuple(self.message.recipients),
            by=self.known.get("j", "") or "unknown",
            name=self.known.get("i", ""),
        )

    def decided(self, verdict: Verdict | None) -> bytes:
        """The answer to the end of a message, None without a verdict: what to change, then what to do."""
        if verdict is None:
            return self._cleaned() + wire.packet(wire.CONTINUE)
        wanted = score.action(verdict, self.config)
        if wanted == "reject":
            return wire.reply(REJECTED)
        changes = [self._cleaned()]
        if self.terms.actions & wire.MAY_ADD_HEADERS:
            for name, value in reversed(headers.fields(verdict, self.config)):
                lines = headers.folded(name, value, "\n").removeprefix(f"{name}: ").removeprefix(f"{name}:")
                changes.append(wire.insert_header(0, name, lines.removesuffix("\n")))
        if wanted == "quarantine" and self.terms.actions & wire.MAY_QUARANTINE:
            changes.append(wire.quarantine(QUARANTINED))
        return b"".join(changes) + wire.packet(wire.CONTINUE)

    def _cleaned(self) -> bytes:
        """Claims of the sender are taken out, the last of each name first, so that the places of the others stay."""
        if not self.terms.actions & wire.MAY_CHANGE_HEADERS:
            return b""
        count: Counter[str] = Counter()
        places = []
        for name in self.message.claims:
            count[name.lower()] += 1
            places.append((count[name.lower()], name))
        return b"".join(wire.delete_header(place, name) for place, name in reversed(places))


def _address(data: bytes) -> str:
    found = wire.strings(data)
    return wire.text(found[0]).strip().removeprefix("<").removesuffix(">") if found else ""


class Milter:
    """Listens between `start` and `stop`, on the running event loop. `judge` gives None for what it cannot judge."""

    def __init__(self, config: Config, judge: Judge) -> None:
        self.config = config
        self._judge = judge
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sessions: set[Session] = set()

    async def start(self) -> str:
        """Listen; where is returned, as Postfix writes it. Raises ConfigError when that cannot be had."""
        try:
            if self.config.milter_socket:
                return await self._start_local(os.fspath(self.config.milter_socket))
            host = self.config.milter_host
            if not _is_loopback(host):
                raise ConfigError("milter_host: only a loopback address, for whoever reaches a milter may use it")
            self._server = await asyncio.start_server(self._accept, host, self.config.milter_port)
        except OSError as error:
            where = self.config.milter_socket or f"{self.config.milter_host}:{self.config.milter_port}"
            raise ConfigError(f"milter: cannot listen on {where}: {error.strerror or error}") from error
        port = self._server.sockets[0].getsockname()[1]
        return f"inet:{f'[{host}]' if ':' in host else host}:{port}"

    async def _start_local(self, path: str) -> str:
        if os.path.exists(path) and stat.S_ISSOCK(os.stat(path).st_mode):
            os.unlink(path)  # left over: whoever holds the data folder is the only node here
        self._server = await asyncio.start_unix_server(self._accept, path)
        os.chmod(path, 0o660)  # the mail server's group is the group of the folder or set by the operator
        return f"unix:{path}"

    async def stop(self) -> None:
        """Stop listening and hang up."""
        if self._server is None:
            return
        self._server.close()
        for writer in list(self._open):
            writer.close()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=5)
        await self._server.wait_closed()
        if self.config.milter_socket:
            self.config.milter_socket.unlink(missing_ok=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        if len(self._open) >= 4 * MAX_CONNECTIONS:
            writer.close()
            return
        session = Session(self.config)
        self._open.add(writer)
        self._tasks.add(task)
        self._sessions.add(session)
        try:
            await self._talk(session, reader, writer)
        except wire.ProtocolError as error:
            log.warning("milter: the peer sent %s", error)
        except (OSError, TimeoutError, asyncio.CancelledError):
            pass  # it has hung up or fallen silent, or we stop
        except Exception:
            log.exception("milter: a connection ends")
        finally:
            self._sessions.discard(session)
            self._open.discard(writer)
            self._tasks.discard(task)
            writer.close()

    async def _talk(self, session: Session, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        waiting = bytearray()
        while found := await asyncio.wait_for(wire.read(reader, waiting), IDLE):
            name, data = found
            if name == wire.QUIT:
                return
            if name == wire.BODY:
                held = sum(len(one.message.body) for one in self._sessions)
                session.room = MAX_MESSAGE if held < MAX_HELD else 0
            if name == wire.END_OF_BODY:
                if data:
                    session.take(wire.BODY, data)
                verdict = await self._verdict(session)
                answer = session.decided(verdict)
                session.reset()
            else:
                answer = session.take(name, data)
            if answer:
                writer.write(answer)
                await writer.drain()

    async def _verdict(self, session: Session) -> Verdict | None:
        if len(self._open) > MAX_CONNECTIONS:
            return None
        try:
            return await self._judge(session.content(), session.envelope())
        except Exception:
            log.exception("milter: a message is let through unjudged")
            return None


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
