"""`counterspam serve` and `demo`: the node with its web server, until it is told to stop."""

import logging
import signal
import socket
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from counterspam.config import Config
from counterspam.console import client
from counterspam.console.output import remark
from counterspam.errors import ConfigError, SpoolFull, StoreError
from counterspam.model import Raw
from counterspam.node import Node
from counterspam.receivers import Receivers
from counterspam.watch import Watch
from counterspam.web import live
from counterspam.web.app import create_app

log = logging.getLogger(__name__)


def bind(config: Config) -> socket.socket:
    """The listening socket, before any store is opened. Raises ConfigError when the address cannot be had."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        return socket.create_server((config.host, config.port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigError(f"cannot listen on {config.host} port {config.port}: {error.strerror or error}") from error


def local_url(config: Config) -> str:
    """Where this machine reaches the node."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(config.host, config.host)  # noqa: S104 - compared, not bound
    return f"http://{f'[{host}]' if ':' in host and not host.startswith('[') else host}:{config.port}"


def serve(config: Config, *, demo: bool = False, rate: float = 5.0) -> None:
    """Run until SIGTERM or SIGINT; what was accepted by then is on disk, and what is under way is stored."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for name in ("httpx", "mail.log"):  # they write addresses of people
        logging.getLogger(name).setLevel(logging.WARNING)
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):  # the server raises them again when it is done: by then it is ours
        signal.signal(number, lambda *_: told.set())
    listening = bind(config)
    try:
        node = Node.open(config)
    except BaseException:
        listening.close()
        raise
    try:
        _run(config, node, listening, told, demo=demo, rate=rate)
    finally:
        client.withdraw(config)
        listening.close()
        node.close()
        log.info("stopped; everything accepted is on disk")


def _run(
    config: Config, node: Node, listening: socket.socket, told: threading.Event, *, demo: bool, rate: float
) -> None:
    node.start()
    token = client.announce(config, local_url(config))
    app = create_app(node, local_token=token)
    server = _Server(settings(app))
    server.before_exit = live.of(app).close
    receivers = Receivers(node)
    receivers.start()
    watch = Watch(node)
    watch.start()
    feeding = threading.Thread(target=play, args=(node, told, rate), name="demo", daemon=True)
    if demo:
        feeding.start()
    remark(f"counterspam listens on {local_url(config)}")
    try:
        if not told.is_set():
            server.run(sockets=[listening])
    finally:
        told.set()
        receivers.close()
        watch.close()
        if demo:
            feeding.join(10)


class _Server(uvicorn.Server):
    """Ends the streams of live pages first, for they never end by themselves."""

    before_exit: Callable[[], None]

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.before_exit()
        super().handle_exit(sig, frame)


def settings(app: Any) -> uvicorn.Config:
    """How the web server runs. The address of the peer is what the socket says; a proxy's word is not taken for it."""
    return uvicorn.Config(
        app,
        http="httptools",
        loop="uvloop",
        ws="none",
        lifespan="off",
        proxy_headers=False,
        server_header=False,
        access_log=False,  # it would write query strings; the application logs paths
        log_config=None,
        log_level=logging.WARNING,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=5,
        limit_concurrency=2000,
    )


def play(node: Node, told: threading.Event, rate: float) -> None:
    """Submit the demonstration feed, about `rate` items a second, until told to stop."""
    from counterspam.collect import demo

    for raw in demo.feed(node.new_raw):
        if told.wait(1 / rate):
            return
        _offer(node, raw, told)


def _offer(node: Node, raw: Raw, told: threading.Event) -> None:
    while not told.is_set():
        try:
            node.submit([raw]).result()
            return
        except SpoolFull as full:
            told.wait(full.retry_after)
        except StoreError as error:
            log.error("the demonstration feed stops: %s", error)
            told.wait()
