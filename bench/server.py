"""A node as its own process, and a frugal HTTP client to drive it."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any


def free_port() -> int:
    """A loopback port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """`counterspam serve` on a loopback port, open to this machine."""

    def __init__(self, data: Path, **settings: str) -> None:
        self.data, self.port = data, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._env = {**os.environ, "COUNTERSPAM_OPEN_ACCESS": "true"}
        self._env |= {f"COUNTERSPAM_{name.upper()}": value for name, value in settings.items()}
        self._command = [sys.executable, "-m", "counterspam", "serve", "--port", str(self.port), "--data", str(data)]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it is ready."""
        with (self.data.parent / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command, env=self._env, stdout=log, stderr=log, start_new_session=True
            )
        for _ in range(600):
            try:
                self.get("/api/v1/ready")
                return
            except OSError:
                if self.process.poll() is not None:
                    sys.exit(f"the server ended:\n{(self.data.parent / 'server.log').read_text()[-3000:]}")
                time.sleep(0.1)
        sys.exit("the server did not become ready")

    def kill(self) -> None:
        """SIGKILL the node and its workers at once."""
        assert self.process
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """An orderly end."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)

    def get(self, path: str) -> bytes:
        """The body of a page."""
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            body: bytes = answer.read()
        return body

    def json(self, path: str) -> Any:
        """The body as JSON."""
        return json.loads(self.get(path))

    def __enter__(self) -> "Server":
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def report(number: int, run: str = "bench") -> bytes:
    """A subscriber's report with its own text, sender and reporter."""
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    link = f"https://track-{number % 50}.parcel-redelivery.example/{number}"
    text = f"PARCELCO: your parcel {run} {number} is on hold, pay 1.99 at {link}"
    return json.dumps(
        {
            "v": "1",
            "u": "Bench/Client/1",
            "s": f"+4477009{number % 100_000:05d}",
            "r": f"r{number % 997}",
            "m": {"p": "sms", "t": stamp, "c": text},
        }
    ).encode()


async def post(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, body: bytes) -> int:
    """One POST on a kept-alive connection; the status."""
    head = f"POST /api/v1/reports HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    length = int(answer.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    await reader.readexactly(length)
    return int(answer[9:12])
