"""SMTP receiver for spam traps and report desks: 250 is answered only after the mail is on disk.

Recipients that are not configured get 550, a full spool 452, any other fault 451: the sender keeps the mail in both cases.
On top of the message go Return-Path and Received (RFC 5321 section 4.4), so that the route of a mail starts with a line
that we wrote ourselves.
"""

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session

from counterspam import envelope as envelopes
from counterspam.config import Config
from counterspam.errors import ConfigError, SpoolFull
from counterspam.model import Raw
from counterspam.taxonomy import Source

MB = 1024 * 1024
MAX_MESSAGE = 25 * MB
MAX_CONNECTIONS = 20  # each may hold a message of the largest size in memory
MAX_RECIPIENTS = 100
MAX_LINE = 64 * 1024  # spam is not bound by the 1000 of RFC 5321 section 4.5.3.1.6
TIMEOUT = 60.0
log = logging.getLogger(__name__)

Submit = Callable[[list[Raw]], Awaitable[None]]


class _Session(SMTP):
    """One connection; the one too many is told to come back (RFC 5321 section 3.8)."""

    line_length_limit = MAX_LINE

    def __init__(self, *arguments: Any, open_now: set[Any], **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._open_now = open_now

    def connection_made(self, transport: Any) -> None:
        if len(self._open_now) >= MAX_CONNECTIONS and self not in self._open_now:
            transport.write(b"421 4.3.2 too many connections, try again later\r\n")
            transport.close()
            return
        self._open_now.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self in self._open_now:
            self._open_now.discard(self)
            super().connection_lost(error)


class Receiver:
    """Listens on `smtp_host`:`smtp_port` between `start` and `stop`, on the running event loop.

    `submit` returns when the raw items are durable and raises SpoolFull when the backlog is full. `now` gives ms since
    1970, `new_id` 32 hex digits. `hostname` is what the node calls itself in its greeting and in Received.
    """

    def __init__(
        self,
        config: Config,
        submit: Submit,
        *,
        now: Callable[[], int],
        new_id: Callable[[], str],
        hostname: str = "",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.config = config
        self.hostname = hostname or urlsplit(config.site()).hostname or config.node
        self._submit, self._now, self._new_id, self._tls = submit, now, new_id, tls
        self._traps = frozenset(address.lower() for address in config.smtp_traps)
        self._desks = frozenset(address.lower() for address in config.smtp_desks)
        self._server: asyncio.Server | None = None
        self._open_now: set[Any] = set()

    async def start(self) -> int:
        """Listen; the port is returned (of use when 0 was asked for). Raises ConfigError when the address is taken."""
        loop = asyncio.get_running_loop()
        try:
            self._server = await loop.create_server(self._session, self.config.smtp_host, self.config.smtp_port)
        except OSError as error:
            where = f"{self.config.smtp_host}:{self.config.smtp_port}"
            raise ConfigError(f"smtp_port: cannot listen on {where}: {error.strerror or error}") from error
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and hang up; a mail that was not answered with 250 stays with its sender."""
        if self._server is None:
            return
        self._server.close()
        for session in list(self._open_now):
            if session.transport is not None:
                session.transport.close()
        await self._server.wait_closed()
        while self._open_now:
            await asyncio.sleep(0.01)

    def _session(self) -> _Session:
        return _Session(
            self,
            open_now=self._open_now,
            data_size_limit=min(MAX_MESSAGE, self.config.max_item_mb * MB),
            enable_SMTPUTF8=True,
            hostname=self.hostname,
            ident="counterspam",
            tls_context=self._tls,
            timeout=TIMEOUT,
            command_call_limit=1000,
            loop=asyncio.get_running_loop(),
        )

    # What aiosmtpd calls

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take known recipients only."""
        if not (_listed(address, self._traps) or _listed(address, self._desks)):
            return "550 5.1.1 no such mailbox here"
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Hand the mail on and say 250 once it is safe."""
        name = self._new_id()
        try:
            await self._submit(self._raws(session, envelope, name))
        except SpoolFull as error:
            return f"452 4.3.1 {error}"
        except Exception:
            log.exception("a mail could not be stored")
            return "451 4.3.0 not stored, try again later"
        return f"250 2.0.0 OK {name}"

    def _raws(self, session: Session, envelope: Envelope, name: str) -> list[Raw]:
        """One raw item for all the traps that it is addressed to, one for the desks."""
        traps = {address.lower() for address in envelope.rcpt_tos if _listed(address, self._traps)}
        desks = {address.lower() for address in envelope.rcpt_tos} - traps
        found = []
        for source, recipients in ((Source.TRAP.value, traps), ("", desks)):
            if recipients:
                found.append(
                    Raw(
                        id=self._new_id(),
                        data=self._trace(session, envelope, name, recipients) + bytes(envelope.original_content or b""),
                        received_at=self._now(),
                        intake="smtp",
                        name=name,
                        source=source,
                        jurisdiction=self.config.jurisdiction,
                        recipients=max(1, len(recipients)) if source else 1,
                    )
                )
        return found

    def _trace(self, session: Session, envelope: Envelope, name: str, recipients: set[str]) -> bytes:
        protocol = "ESMTP" if session.extended_smtp else "SMTP"
        known = envelopes.Envelope(
            ip=str(session.peer[0]) if session.peer else "",
            helo=session.host_name or "",
            sender=envelope.mail_from or "",
            recipients=tuple(recipients),
            by=self.hostname,
            protocol=f"{protocol}S" if session.ssl else protocol,
            name=name,
        )
        return envelopes.trace(known, self._now())


def _listed(address: str, entries: frozenset[str]) -> bool:
    """Whether `address` is one of the entries, or in one of their @domains."""
    low = address.lower()
    return low in entries or "@" + low.rpartition("@")[2] in entries
