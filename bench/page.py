"""The weight of every page and how soon it is seen on a slow line, in a real browser against a real node.

For each page of `bench.browser.PAGES`, over HTTP/1.1 with gzip:

- bytes of the first visit: everything the browser loads (HTML, style, script, pictures) as it came over the wire, with the
  response headers, and the icon, which a browser without a window fetches only sometimes. The live stream is counted apart.
- bytes of the second visit, with what the browser kept.
- bytes of the first view: headers and compressed HTML up to the end of the first section (headline and key figures), and
  in full each style sheet and each script that holds up painting. Nothing can be painted before these have come. A server
  may send ten segments before it waits for the other side (RFC 6928): about 14 KB, which is the bar.
- round trips of the first view: one for the HTML, one more when a style sheet or script holds it up.
- seconds until the first and the largest contentful paint and until loaded, at 64 kbit/s with 600 ms from a request to its
  answer, with and without `Save-Data: on`. The first paint is made up of 0.6 s x round trips + first view bytes / 8000
  (column "sum"), and of what shares the line meanwhile: the rest of the HTML and the script. Chromium's throttling counts
  no handshakes: a real line adds one round trip for TCP and one or two for TLS, 1.2 to 1.8 s, at the first visit.
- for each page with a stream: bytes of a minute at 1 and at 20 reports a second, with all that HTTP adds, and in the
  browser the seconds from acceptance of a report until the page shows it.

The evidence is 10,000 items of the demonstration feed over 30 days (set BENCH_ITEMS for another number).
"""

import html
import http.client
import os
import random
import re
import socket
import string
import tempfile
import threading
import time
import urllib.request
import zlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

from bench.browser import PAGES, Page, chromium, examples, filled_server, visit
from bench.common import bars, table
from bench.server import Server, report

ITEMS = int(os.environ.get("BENCH_ITEMS", "10000"))
HOURS = 30 * 24.0
LATENCY, RATE = 0.6, 8000  # seconds from a request to its answer; bytes a second (64 kbit/s)
MINUTE = 60.0
FIRST_VIEW = 14 * 1024
SAVING = {"Save-Data": "on"}
WATCH = """window.paints = {};
  new PerformanceObserver((list) => { for (const e of list.getEntries()) window.paints.largest = e.startTime; })
    .observe({type: 'largest-contentful-paint', buffered: true});
  new PerformanceObserver((list) => { for (const e of list.getEntries()) if (e.name === 'first-contentful-paint')
    window.paints.first = e.startTime; }).observe({type: 'paint', buffered: true});"""
TIMES = "[paints.first, paints.largest, performance.getEntriesByType('navigation')[0].loadEventEnd]"


@dataclass(slots=True)
class Visit:
    """One visit: bytes over the wire by kind of resource, seconds until first paint, largest paint and loaded."""

    bytes: dict[str, int] = field(default_factory=dict)
    first: float = 0.0
    largest: float = 0.0
    loaded: float = 0.0

    @property
    def total(self) -> int:
        """All bytes."""
        return sum(self.bytes.values())


def visits(browser: Browser, url: str, status: int, *, slow: bool = True, saving: bool = False) -> list[Visit]:
    """The first and the second visit of a browser that knows nothing of the node."""
    context = browser.new_context(extra_http_headers=SAVING if saving else {})
    tab = context.new_page()
    tab.add_init_script(WATCH)
    wire = context.new_cdp_session(tab)
    wire.send("Network.enable")
    if saving:
        wire.send("Emulation.setDataSaverOverride", {"dataSaverEnabled": True})
    if slow:
        line = {"latency": LATENCY * 1000, "downloadThroughput": RATE, "uploadThroughput": RATE, "offline": False}
        wire.send("Network.emulateNetworkConditions", line)
    kinds: dict[str, str] = {}
    done: list[list[dict[str, Any]]] = []
    wire.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    wire.on("Network.loadingFinished", lambda event: done[-1].append(event))
    found = []
    for _ in range(2):
        tab.goto("about:blank")
        done.append([])
        visit(tab, url, status)
        tab.wait_for_function("() => window.paints.first && window.paints.largest", timeout=60_000)
        tab.wait_for_timeout(500)
        first, largest, loaded = tab.evaluate(TIMES)
        seen = Visit({}, first / 1000, largest / 1000, loaded / 1000)
        for event in done[-1]:
            kind = kinds.get(event["requestId"], "Other")
            if kind not in ("EventSource", "Other"):
                seen.bytes[kind] = seen.bytes.get(kind, 0) + int(event["encodedDataLength"])
        found.append(seen)
    context.close()
    return found


def fetch(server: Server, path: str) -> tuple[int, bytes]:
    """Bytes of the response headers, and the body as it came over the wire."""
    link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    link.request("GET", path, headers={"Accept": "text/html,*/*", "Accept-Encoding": "gzip"})
    answer = link.getresponse()
    head = 17 + sum(len(name) + len(value) + 4 for name, value in answer.getheaders())
    body = answer.read()
    link.close()
    return head, body


def unpacked(body: bytes) -> str:
    """The text of a body that may be compressed."""
    return (zlib.decompress(body, 31) if body[:2] == b"\x1f\x8b" else body).decode()


def prefix(body: bytes, length: int) -> int:
    """How many bytes of a compressed body must have come until `length` bytes of its text are there."""
    if body[:2] != b"\x1f\x8b":
        return length
    reader, out = zlib.decompressobj(31), 0
    for at in range(0, len(body), 16):
        out += len(reader.decompress(body[at : at + 16]))
        if out >= length:
            return min(at + 16, len(body))
    return len(body)


def first_view(server: Server, path: str) -> tuple[int, int]:
    """Bytes and round trips until headline and key figures can be painted."""
    head, body = fetch(server, path)
    text = unpacked(body)
    start = text.index("</h1>")
    ends = [text.find(mark, start) for mark in ("</section>", "</table>", "</form>", "</main>")]
    end = min(at for at in ends if at > 0)
    top = text.partition("</head>")[0]
    blocking = re.findall(r'<link rel="stylesheet" href="([^"]+)"', top)
    blocking += re.findall(r'<script src="([^"]+)">', top)  # those with defer, async or type=module wait for nobody
    waited = [fetch(server, html.unescape(link)) for link in blocking]
    size = head + prefix(body, len(text[:end].encode())) + sum(more + len(data) for more, data in waited)
    return size, 2 if waited else 1


def icon(server: Server, path: str) -> int:
    """Bytes of the icon of a page."""
    found = re.search(r'<link rel="icon" href="([^"]+)"', unpacked(fetch(server, path)[1]))
    if not found or found[1].startswith("data:"):
        return 0
    head, body = fetch(server, html.unescape(found[1]))
    return head + len(body)


class Listener(threading.Thread):
    """A reader of a stream who counts bytes, headers and chunk marks too."""

    def __init__(self, server: Server, path: str, saving: bool) -> None:
        super().__init__(daemon=True)
        self.bytes = 0
        self._link = socket.create_connection(("127.0.0.1", server.port), timeout=30)
        more = "Save-Data: on\r\n" if saving else ""
        ask = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAccept-Encoding: gzip\r\n{more}\r\n"
        self._link.sendall(ask.encode())
        self.start()

    def run(self) -> None:
        """Read until it is closed."""
        while data := self._link.recv(65536):
            self.bytes += len(data)

    def close(self) -> int:
        """Hang up; the bytes so far."""
        self._link.shutdown(socket.SHUT_RDWR)
        self.join(5)
        self._link.close()
        return self.bytes


def send(server: Server, number: int, word: str = "bench") -> None:
    """One report, accepted when this returns."""
    ask = urllib.request.Request(f"{server.url}/api/v1/reports", data=report(number, word))
    ask.add_header("Content-Type", "application/json")
    urllib.request.urlopen(ask, timeout=30).close()


def live_minute(server: Server, streams: dict[str, str], rate: int) -> dict[str, tuple[int, int]]:
    """Page -> bytes of its stream in a minute at `rate` reports a second, without and with Save-Data."""
    listening = {name: [Listener(server, path, saving) for saving in (False, True)] for name, path in streams.items()}
    started, sent = time.monotonic(), 0
    while (now := time.monotonic() - started) < MINUTE:
        if sent <= now * rate:
            send(server, rate * 1_000_000 + sent)
            sent += 1
        else:
            time.sleep(0.01)
    assert sent > 0.9 * MINUTE * rate, f"only {sent} reports could be sent in a minute"
    return {name: (both[0].close(), both[1].close()) for name, both in listening.items()}


def until_shown(browser: Browser, server: Server) -> list[float]:
    """Seconds from acceptance until the live page shows a report, ten times, sorted."""
    tab = browser.new_page()
    visit(tab, server.url + "/?period=1h")
    found = []
    for number in range(10):
        word = "".join(random.choices(string.ascii_lowercase, k=12))  # digits would be masked as a number
        send(server, number, word)
        started = time.monotonic()
        tab.wait_for_function("word => document.body.innerText.includes(word)", arg=word, polling=50, timeout=30_000)
        found.append(time.monotonic() - started)
    tab.close()
    return sorted(found)


def measure(browser: Browser, server: Server, page: Page, path: str) -> tuple[list[list[object]], dict[str, float]]:
    """The rows of both tables for a page, and what its bars are about."""
    first, second = visits(browser, server.url + path, page.status)
    saved, _ = visits(browser, server.url + path, page.status, saving=True)
    first.bytes["Icon"] = saved.bytes["Icon"] = icon(server, path)
    size, trips = first_view(server, path)
    kinds = [first.bytes.get(kind, 0) for kind in ("Document", "Stylesheet", "Script")]
    weights = [*kinds, first.total - sum(kinds), first.total, second.total, saved.total, size]
    made_up = LATENCY * trips + size / RATE
    times = [trips, made_up, first.first, first.largest, first.loaded, second.first, saved.first, saved.loaded]
    rows: list[list[object]] = [
        [page.name, *(f"{n:,}" for n in weights)],
        [page.name, *(f"{t:.2f}" if isinstance(t, float) else t for t in times)],
    ]
    return rows, {"all": first.total / 1024, "view": size, "paint": first.first, "saved": saved.first}


def print_pages(rows: list[list[list[object]]]) -> None:
    """Two tables: bytes and seconds."""
    table(
        "Bytes over the wire, compressed",
        ["page", "HTML", "style", "script", "other", "all", "2nd visit", "Save-Data", "first view"],
        [pair[0] for pair in rows],
    )
    table(
        "Seconds at 64 kbit/s, 600 ms",
        ["page", "trips", "sum", "first", "largest", "loaded", "2nd first", "saving first", "loaded"],
        [pair[1] for pair in rows],
    )


def streams(server: Server, paths: dict[str, str]) -> dict[str, str]:
    """Page -> the path of its live stream, where it has one."""
    found = {}
    for name, path in paths.items():
        if stream := re.search(r'data-stream="([^"]+)"', unpacked(fetch(server, path)[1])):
            found[name] = html.unescape(stream[1])
    return found


def main() -> None:
    """Fill, look at every page, listen, say how it went."""
    with (
        tempfile.TemporaryDirectory(prefix="counterspam-bench-") as folder,
        chromium() as browser,
        filled_server(Path(folder), ITEMS, HOURS) as server,
    ):
        known = examples(server)
        paths = {page.name: page.path.format(**known) for page in PAGES}
        pages = [measure(browser, server, page, paths[page.name]) for page in PAGES]
        print_pages([rows for rows, _ in pages])
        live = streams(server, paths)
        minutes = {rate: live_minute(server, live, rate) for rate in (1, 20)}
        shown = until_shown(browser, server)
    heard: list[list[object]] = [[name, *(f"{n:,}" for rate in (1, 20) for n in minutes[rate][name])] for name in live]
    table("Bytes of a live minute", ["page", "1/s", "1/s Save-Data", "20/s", "20/s Save-Data"], heard)
    print(f"a report is shown after {shown[4]:.2f} s (median of 10), {shown[-1]:.2f} s at worst")
    views = [found["view"] for page, (_, found) in zip(PAGES, pages, strict=True) if not page.frame]
    bars(
        [
            ("heaviest_page_kilobytes", max(found["all"] for _, found in pages), 60, False),
            ("heaviest_first_view_bytes", max(views), FIRST_VIEW, False),
            ("slowest_first_paint_seconds", max(found["paint"] for _, found in pages), 5, False),
            ("slowest_first_paint_seconds_save_data", max(found["saved"] for _, found in pages), 5, False),
            ("seconds_until_shown_worst_of_10", shown[-1], 2, False),
        ]
    )


if __name__ == "__main__":
    main()
