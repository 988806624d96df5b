"""Thirty SIGKILLs at random instants of a mixed intake: nothing acknowledged may be lost, nothing counted twice.

Three clients (HTTP reports, SMTP mails, uploaded files) write down what was acknowledged to them. After the last restart
every acknowledged piece must be stored once, and only pieces that were sent may be stored.
"""

import asyncio
import random
import re
import smtplib
import string
import sys
import tempfile
import threading
import time
from collections import Counter
from email.message import EmailMessage
from pathlib import Path

import httpx

from bench.common import bars, table
from bench.server import Server, free_port, post, report
from counterspam import config
from counterspam.store.events import Events

MARK = re.compile("mark[a-z]{20}")
KILLS = int(sys.argv[1]) if len(sys.argv) > 1 else 30


class Sent:
    """Marks that were sent and marks that were acknowledged. A mark is a word that only one piece of evidence contains."""

    def __init__(self) -> None:
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()

    def mark(self) -> str:
        """A new mark."""
        mark = "mark" + "".join(random.choices(string.ascii_lowercase, k=20))
        self.sent.add(mark)
        return mark


def over_http(server: Server, sent: Sent, stop: threading.Event) -> None:
    """Reports one by one on a few connections."""

    async def client() -> None:
        while not stop.is_set():
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                while not stop.is_set():
                    mark = sent.mark()
                    body = report(random.randrange(10**6), mark)
                    if await asyncio.wait_for(post(reader, writer, server.port, body), 20) == 202:
                        sent.acknowledged.add(mark)
            except (OSError, EOFError, TimeoutError, IndexError, ValueError):
                await asyncio.sleep(0.05)

    async def clients() -> None:
        await asyncio.gather(*(client() for _ in range(4)))

    asyncio.run(clients())


def over_smtp(port: int, sent: Sent, stop: threading.Event) -> None:
    """Mails to a trap."""
    while not stop.is_set():
        try:
            with smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
                while not stop.is_set():
                    mark, message = sent.mark(), EmailMessage()
                    message["From"], message["To"], message["Subject"] = "a@example.net", "trap@example.org", "You won"
                    message["Message-ID"] = f"<{mark}@example.net>"
                    message.set_content(f"Claim your prize {mark} now at https://prize.example/{mark}")
                    client.send_message(message)
                    sent.acknowledged.add(mark)
                    time.sleep(0.01)
        except (OSError, smtplib.SMTPException):
            time.sleep(0.05)


def over_files(server: Server, sent: Sent, stop: threading.Event) -> None:
    """Uploaded tables of fifty messages."""
    while not stop.is_set():
        marks = [sent.mark() for _ in range(50)]
        rows = "\n".join(
            f"+447700900123,2026-11-01T10:00:00Z,free entry in our weekly prize draw {mark}" for mark in marks
        )
        try:
            files = {"file": ("messages.csv", f"sender,date,text\n{rows}\n".encode())}
            if httpx.post(f"{server.url}/api/v1/files", files=files, timeout=20).status_code == 202:
                sent.acknowledged.update(marks)
        except httpx.HTTPError:
            time.sleep(0.05)
        time.sleep(0.05)


def stored(data: Path) -> Counter[str]:
    """How often each mark stands in the event store of the stopped node."""
    found: Counter[str] = Counter()
    events = Events.open(config.load(data=data))
    for block in events.stream("SELECT subject, excerpt FROM events"):
        for row in block:
            mark = MARK.search(row["excerpt"] + row["subject"])
            found[mark[0] if mark else ""] += 1
    events.close()
    return found


def settle(server: Server) -> None:
    """Wait until the spool is empty."""
    for _ in range(1200):
        if not server.json("/api/v1/status")["backlog_items"]:
            return
        time.sleep(0.2)
    sys.exit("the backlog was not worked off within 240 s")


def main() -> None:
    """Kill, restart, compare."""
    dice, sent, stop, smtp_port = random.Random(), Sent(), threading.Event(), free_port()
    with tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder:
        server = Server(Path(folder) / "data", smtp_port=str(smtp_port), smtp_traps='["trap@example.org"]')
        server.start()
        clients = [
            threading.Thread(target=over_http, args=(server, sent, stop)),
            threading.Thread(target=over_smtp, args=(smtp_port, sent, stop)),
            threading.Thread(target=over_files, args=(server, sent, stop)),
        ]
        for client in clients:
            client.start()
        for number in range(KILLS):
            time.sleep(dice.uniform(0.2, 4))
            server.kill()
            server.start()
            print(f"kill {number + 1}: {len(sent.acknowledged):,} acknowledged so far", flush=True)
        stop.set()
        for client in clients:
            client.join()
        settle(server)
        reconcile = server.json("/api/v1/reconcile")
        server.stop()
        found = stored(server.data)
    lost = sum(mark not in found for mark in sent.acknowledged)
    twice = sum(count - 1 for count in found.values() if count > 1)
    strange = sum(mark not in sent.sent for mark in found)
    table(
        "Kills",
        ["kills", "sent", "acknowledged", "stored", "lost", "twice", "unknown"],
        [[KILLS, len(sent.sent), len(sent.acknowledged), sum(found.values()), lost, twice, strange]],
    )
    print(f"reconciliation: {reconcile or 'no difference'}")
    bars(
        [
            ("acknowledged_lost", lost, 0, False),
            ("counted_twice", twice, 0, False),
            ("never_sent", strange, 0, False),
            ("differences", len(reconcile), 0, False),
        ]
    )


if __name__ == "__main__":
    main()
