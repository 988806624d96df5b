"""Judgements a second of a running node, over HTTP with kept connections and through the milter, and how long each takes.

    counterspam serve &                          # with milter_port, for the milter
    python -m bench.gateway http://127.0.0.1:8052 --key cs_... --milter 127.0.0.1:8053 --mails mail/*.eml

Without mails, two invented ones are sent in turn. Figures are those of docs/gateway.md.
"""

import argparse
import itertools
import socket
import statistics
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

MAILS = [
    b"From: a@parcel.example\r\nSubject: Your parcel\r\n\r\nPay the fee at http://track.parcel.example/x now\r\n",
    b"From: Anna <anna@example.org>\r\nSubject: minutes\r\n\r\nHi Bob, here are the minutes. See you on Tuesday. Anna\r\n",
]
Ask = Callable[[bytes], None]


def over_http(url: str, path: str, key: str) -> Ask:
    """Questions over one connection."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    http = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)

    def ask(mail: bytes) -> None:
        http.post(path, content=mail).raise_for_status()

    return ask


def over_milter(where: str) -> Ask:
    """Mails over one connection, as a mail server hands them in."""
    host, _, port = where.rpartition(":")
    stream = socket.create_connection((host, int(port)), 60)

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


def measure(name: str, make: Callable[[], Ask], mails: list[bytes], connections: int, seconds: float) -> None:
    """Print what `connections` at once get done, and the median and 95th percentile of each, in ms."""
    took: list[float] = []
    end = time.monotonic() + seconds

    def run(order: Iterator[bytes], ask: Ask) -> None:
        while (started := time.monotonic()) < end:
            ask(next(order))
            took.append(time.monotonic() - started)

    make()(mails[0])  # the first one loads what is loaded late
    threads = [
        threading.Thread(target=run, args=(itertools.cycle(mails[n % len(mails) :] + mails[: n % len(mails)]), make()))
        for n in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cuts = statistics.quantiles(took, n=20)
    print(
        f"{name:14} {connections:2} connections: {len(took) / seconds:7.0f} a second, "
        f"median {1000 * cuts[9]:6.1f} ms, 95 % within {1000 * cuts[18]:6.1f} ms"
    )


def main() -> int:
    """Measure what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("url")
    parser.add_argument("--mails", nargs="*", type=Path, default=[])
    parser.add_argument("--key", default="")
    parser.add_argument("--milter", default="")
    parser.add_argument("--seconds", type=float, default=10)
    given = parser.parse_args()
    mails = [path.read_bytes() for path in given.mails] or MAILS
    for connections in (1, 8):
        for path in ("/checkv2", *(["/api/v1/check"] if given.key else [])):
            measure(path, lambda path=path: over_http(given.url, path, given.key), mails, connections, given.seconds)  # type: ignore[misc]
        if given.milter:
            measure("milter", lambda: over_milter(given.milter), mails, connections, given.seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
