"""The doors that a node opens by itself: SMTP receiver, IMAP mailbox, drop folder, milter, spamd; each has a thread.

The HTTP door is the web server; the command line hands its files to one of them.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence

from counterspam import gateway
from counterspam.collect import drop, imap, smtp
from counterspam.collect.directory import Options
from counterspam.config import MB
from counterspam.envelope import Envelope
from counterspam.model import Raw, Verdict
from counterspam.node import Node, new_id, now
from counterspam.respond import milter, spamd

log = logging.getLogger(__name__)


class Receivers:
    """The doors that the configuration asks for; `node.doors` says how each is doing."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.stop = threading.Event()
        config = node.config
        wanted: list[tuple[str, Callable[[], None], bool]] = [
            ("smtp", self._smtp, bool(config.smtp_port)),
            ("imap", self._imap, bool(config.imap_host)),
            ("drop", self._drop, config.drop is not None),
            ("milter", self._milter, bool(config.milter_port or config.milter_socket)),
            ("spamd", self._spamd, bool(config.spamd_port)),
        ]
        self._threads = [
            threading.Thread(target=self._run, args=(name, door), name=name) for name, door, yes in wanted if yes
        ]

    def start(self) -> None:
        """Open the doors."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Close them; what they were answering is finished first."""
        self.stop.set()
        for thread in self._threads:
            thread.join()

    def _run(self, name: str, door: Callable[[], None]) -> None:
        self.node.doors[name] = "ok"
        try:
            door()
        except Exception as error:  # one door that fails must not close the others; the operator page shows it
            log.exception("the door %s closes", name)
            self.node.doors[name] = f"{type(error).__name__}: {error}"

    def _submit(self, raws: Sequence[Raw]) -> None:
        self.node.submit(raws).result()

    def _imap(self) -> None:
        state = imap.State.load(self.node.config.data / "imap.json")
        imap.poll(self.node.config, self._submit, state, self.stop, now=now, new_id=new_id)

    def _drop(self) -> None:
        config = self.node.config
        assert config.drop
        options = Options(
            intake="drop",
            now=now,
            new_id=new_id,
            jurisdiction=config.jurisdiction,
            max_item=config.max_item_mb * MB,
        )
        drop.watch(config.drop, self._submit, options, self.stop)

    def _smtp(self) -> None:
        async def submit(raws: list[Raw]) -> None:
            await asyncio.wrap_future(self.node.submit(raws))

        async def listen() -> None:
            receiver = smtp.Receiver(self.node.config, submit, now=now, new_id=new_id)
            port = await receiver.start()
            log.info("receiving mail on %s port %d", self.node.config.smtp_host, port)
            await asyncio.to_thread(self.stop.wait)
            await receiver.stop()

        asyncio.run(listen())

    def _milter(self) -> None:
        self._answering(lambda judge: milter.Milter(self.node.config, judge))

    def _spamd(self) -> None:
        self._answering(lambda judge: spamd.Spamd(self.node.config, judge))

    def _answering(self, make: Callable[[milter.Judge], milter.Milter | spamd.Spamd]) -> None:
        """Run a server of verdicts until the stop."""

        async def listen() -> None:
            judges = gateway.Judges(self.node.check)

            async def judge(data: bytes, known: Envelope) -> Verdict | None:
                return gateway.first(await judges.ask(gateway.mail(self.node, data, known, "gateway")))

            server = make(judge)
            log.info("%s answers mail servers at %s", type(server).__name__, await server.start())
            await asyncio.to_thread(self.stop.wait)
            await server.stop()
            judges.close()

        asyncio.run(listen())
