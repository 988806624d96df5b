"""Mail judged by a running node, over HTTP with kept connections and through the milter: how many, how fast, at what cost."""

import http.client
import itertools
import os
import socket
import statistics
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.common import members, shared, table
from bench.server import Server, free_port

SECONDS = 8.0
Ask = Callable[[bytes], None]


def over_http(url: str, path: str) -> Ask:
    """Questions over one connection."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)

    def ask(mail: bytes) -> None:
        connection.request("POST", path, mail)
        answer = connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content

    return ask


def over_milter(port: int) -> Ask:
    """Mails over one connection, as a mail server hands them in."""
    stream = socket.create_connection(("127.0.0.1", port), 60)

    def send(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", 1 + len(data)) + name + data

    def answer() -> bytes:
        size = int.from_bytes(_exactly(stream, 4))
        return _exactly(stream, size)

    stream.sendall(send(b"O", struct.pack(">III", 6, 0x1FF, 0x1FFFFF)))
    answer()
    stream.sendall(send(b"C", b"client.example\x004\x00\x19192.0.2.1\0") + send(b"H", b"client.example\0"))

    def ask(mail: bytes) -> None:
        head, _, body = mail.replace(b"\r\n", b"\n").partition(b"\n\n")
        fields = [line.split(b":", 1) for line in head.split(b"\n") if b":" in line and line[:1].strip()]
        packets = [send(b"M", b"<a@client.example>\0"), send(b"R", b"<you@example.org>\0")]
        packets += [send(b"L", name + b"\0" + value.strip() + b"\0") for name, value in fields]
        packets += [send(b"B", body[at : at + 65535]) for at in range(0, len(body), 65535)]
        stream.sendall(b"".join((*packets, send(b"N", b""), send(b"E", b""))))
        while answer()[:1] not in b"cary":
            pass

    return ask


def _exactly(stream: socket.socket, size: int) -> bytes:
    found = b""
    while len(found) < size:
        piece = stream.recv(size - len(found))
        if not piece:
            raise ConnectionError("the milter has hung up")
        found += piece
    return found


def spent(pid: int) -> float:
    """Seconds of processor time of a process and its children."""
    own = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = {child for path in Path(f"/proc/{pid}/task").glob("*/children") for child in path.read_text().split()}
    return (int(own[11]) + int(own[12])) / os.sysconf("SC_CLK_TCK") + sum(spent(int(child)) for child in children)


def measure(name: str, make: Callable[[], Ask], mails: list[bytes], connections: int, pid: int) -> list[object]:
    """What `connections` at once get done, how long each judgement takes, and what it costs the node."""
    took: list[float] = []
    asks = [make() for _ in range(connections)]
    for ask in asks:
        ask(mails[0])  # the first one loads what is loaded late
    before, started = spent(pid), time.monotonic()

    def run(order: Iterator[bytes], ask: Ask) -> None:
        while (begun := time.monotonic()) < started + SECONDS:
            ask(next(order))
            took.append(time.monotonic() - begun)

    threads = [
        threading.Thread(target=run, args=(itertools.cycle(mails[n:] + mails[:n]), ask)) for n, ask in enumerate(asks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cuts = statistics.quantiles(took, n=20)
    cost = 1000 * (spent(pid) - before) / len(took)
    return [name, connections, len(took) / SECONDS, 1000 * cuts[9], 1000 * cuts[18], cost]


def main() -> None:
    """Start a node, ask it in each way, print the table."""
    archive = shared() / "spamassassin" / "spamassassin.tar.zst"
    mails = list(itertools.islice(members(archive), 0, None, 29))
    rows: list[list[object]] = []
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
        port = free_port()
        server = Server(Path(folder) / "data", milter_port=str(port))
        server.start()
        assert server.process
        ways: list[tuple[str, Callable[[], Ask]]] = [
            ("/api/v1/check", lambda: over_http(server.url, "/api/v1/check")),
            ("/checkv2", lambda: over_http(server.url, "/checkv2")),
            ("milter", lambda: over_milter(port)),
        ]
        try:
            for connections, (name, make) in itertools.product((1, 8), ways):
                rows.append(measure(name, make, mails, connections, server.process.pid))
        finally:
            server.stop()
    size = sum(map(len, mails)) // len(mails)
    title = f"{len(mails)} mails of {size} bytes on average; load of the machine {os.getloadavg()[0]:.1f}"
    table(title, ["way", "connections", "a second", "median ms", "95 % ms", "processor ms"], rows)


if __name__ == "__main__":
    main()
