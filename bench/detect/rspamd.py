"""rspamd with Bayes: Debian's rules, a Redis of its own, everything on the loopback interface, no module that asks the network.

Spoken to over its HTTP protocol: /checkv2 of the worker scores, /learnspam and /learnham of the controller learn.
"""

import http.client
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from bench.detect import peers
from bench.detect.sets import Item

MAIN = Path("/etc/rspamd/rspamd.conf")
_USER = "_rspamd"
_SECONDS = 300.0
# Modules that ask the network or judge the sender's history instead of the message; neural is off since it learns by itself.
_OFF = """
rbl surbl asn fuzzy_check dkim dkim_signing arc dmarc spf mx_check url_redirector once_received rspamd_update
reputation neural greylist ratelimit replies history_redis bayes_expiry
"""
# Name servers that nobody answers for; old mail is replayed now, so its date is no sign.
_FILES = {
    "local.d/options.inc": "dns {{ nameserver = ['127.0.0.1:{dns}']; timeout = 0.1s; retransmits = 1; }}\n"
    "filters = 'chartable,regexp'; disable_monitoring = true; task_timeout = 60s; hs_cache_dir = '{patterns}';\n",
    "override.d/worker-normal.inc": "bind_socket = '127.0.0.1:{worker}'; count = 1; task_timeout = 60s;\n",
    "override.d/worker-controller.inc": "bind_socket = '127.0.0.1:{controller}'; count = 1;\n",
    "override.d/worker-proxy.inc": "enabled = false;\n",
    "override.d/worker-fuzzy.inc": "enabled = false;\n",
    "local.d/redis.conf": "servers = '127.0.0.1:{redis}';\n",
    "local.d/classifier-bayes.conf": "servers = '127.0.0.1:{redis}'; min_learns = {least}; autolearn = false;\n",
    "local.d/hfilter.conf": "helo_enabled = false; hostname_enabled = false; from_enabled = false; rcpt_enabled = false;\n",
    "local.d/phishing.conf": "phishtank_enabled = false;\n",
    "local.d/groups.conf": "symbols {{ DATE_IN_PAST {{ score = 0.0; }} }}\n",
    "local.d/logging.inc": "type = 'console'; level = 'warning';\n",
}


class Rspamd:
    """Scores are its total; it adds a header from 6 on, and rejects from 15 on."""

    thresholds = (6.0, 15.0)

    def __init__(self, worker: int, controller: int, processes: tuple[int, ...]) -> None:
        self.program = peers.version("rspamd", "--version")
        self._worker = http.client.HTTPConnection("127.0.0.1", worker, timeout=_SECONDS)
        self._controller = http.client.HTTPConnection("127.0.0.1", controller, timeout=_SECONDS)
        self._processes = processes

    def score(self, item: Item) -> float:
        """Its total score."""
        return float(_ask(self._worker, "/checkv2", peers.message(item))["score"])

    def learn(self, item: Item, spam: bool) -> None:
        """Bayes learns, also what it is already sure of (a learn of the type bulk); not a message that it knows."""
        _ask(self._controller, "/learnspam" if spam else "/learnham", peers.message(item))

    def learn_all(self, items: Iterable[Item]) -> None:
        """One after the other."""
        for item in items:
            self.learn(item, item.spam)

    def memory_mb(self) -> float:
        """Of rspamd with its worker and controller, and of Redis."""
        return peers.memory_mb(*self._processes)

    def processor_seconds(self) -> float:
        """Of the same processes."""
        return peers.processor_seconds(*self._processes)


def _ask(wire: http.client.HTTPConnection, path: str, data: bytes) -> dict[str, Any]:
    wire.request("POST", path, data, {"Learn-Type": "bulk"})
    with wire.getresponse() as answer:
        body = answer.read()
        if answer.status not in (200, 204, 208):
            raise peers.Failed(f"rspamd answered {path} with {answer.status} {body[:200]!r}")
        found: dict[str, Any] = orjson.loads(body) if body else {}
        return found


@cache
def _patterns() -> tempfile.TemporaryDirectory[str]:
    """Where rspamd keeps its compiled patterns, until we end: to compile them takes 20 s, the same for every instance."""
    made = tempfile.TemporaryDirectory(prefix="counterspam-patterns-")
    peers.own(Path(made.name), _USER)
    return made


@contextmanager
def start(least: int = 200) -> Iterator[Rspamd]:
    """rspamd and Redis, empty; Bayes counts once it learned `least` spam and as many ham (200 is its default)."""
    with peers.folder(_USER) as place:
        ports = {name: peers.port() for name in ("redis", "worker", "controller", "dns")}
        texts = {**_FILES, **{f"override.d/{module}.conf": "enabled = false;\n" for module in _OFF.split()}}
        for name, text in texts.items():
            path = place / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text.format(**ports, least=least, patterns=_patterns().name))
        redis = [*f"redis-server --bind 127.0.0.1 --port {ports['redis']} --appendonly no --save".split(), ""]
        folders = [f"--var={name}={place}" for name in ("DBDIR", "RUNDIR", "LOGDIR", "LOCAL_CONFDIR")]
        user = ["-u", _USER, "-g", _USER] if os.getuid() == 0 else []
        command = ["rspamd", "-f", "-c", str(MAIN), *folders, *user]
        with (
            peers.running(redis, place / "redis.log", lambda: peers.listening(ports["redis"])) as store,
            peers.running(
                command,
                place / "rspamd.log",
                lambda: peers.listening(ports["worker"]) and peers.listening(ports["controller"]),
            ) as process,
        ):
            yield Rspamd(ports["worker"], ports["controller"], (store, process))
