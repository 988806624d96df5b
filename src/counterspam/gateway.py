"""Mail that is judged while a server holds it: judgements for the web server and the milter, bounded in number and time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from counterspam import envelope as envelopes
from counterspam.decode import rfc5322
from counterspam.decode.mime_tree import header_start
from counterspam.errors import Overloaded
from counterspam.judging import Found
from counterspam.model import Finding, Raw, Verdict
from counterspam.node import Node
from counterspam.taxonomy import Source

AT_ONCE = 16  # each waits for a worker
MOST_WAITING = 200
PATIENCE = 20.0  # seconds; mail servers wait for minutes, people who send mail do not


class Judges:
    """Judgements of one event loop. `check` gives what an item holds and may block."""

    def __init__(self, check: Callable[[Raw], Found]) -> None:
        self._check = check
        self._threads = ThreadPoolExecutor(AT_ONCE, "judge")
        self._waiting = 0

    async def ask(self, raw: Raw) -> Found:
        """What the item holds. Raises Overloaded when too many wait, or this one waits too long."""
        if self._waiting >= MOST_WAITING:
            raise Overloaded("too many messages wait to be judged")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await asyncio.wait_for(loop.run_in_executor(self._threads, self._check, raw), PATIENCE)
        except TimeoutError:
            raise Overloaded("a message could not be judged in time") from None
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """No more of them; what waits is given up."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def mail(node: Node, data: bytes, known: envelopes.Envelope | None, intake: str) -> Raw:
    """A mail as a raw item to be judged, with what its server knows written on top. A report about spam is a mail here too."""
    top = envelopes.trace(known, node.new_raw(b"", intake=intake).received_at) if known and known.ip else b""
    start = header_start(data[:16384])
    return node.new_raw(top + data[max(0, start) :], intake=intake, source=Source.FILTER.value, format=rfc5322.FORMAT)


def first(found: Found) -> Verdict | None:
    """The verdict about the mail, None when it could not be read."""
    return next((one.verdict for one in found if isinstance(one, Finding)), None)
