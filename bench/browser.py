"""A node full of demonstration evidence and a real browser that looks at it: for tests/browser and bench/page.

The browser is the system's Chromium, driven by Playwright over its debugging protocol; Playwright's own download is never
used. It resolves no name and reaches this machine only. `PAGES` is the one list of pages: the node's own list of pages of
statistics, and the others by hand (a test follows all links and fails for a page that is not listed).

`python -m bench.browser fill FOLDER COUNT HOURS` writes evidence into a data folder; it is a process of its own because the
embedded engine takes one data folder per process.
"""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Playwright, Response, sync_playwright
from playwright.sync_api import Page as Tab

from bench.common import drain
from bench.server import Server, report
from counterspam import __version__, config, privacy
from counterspam.collect import demo
from counterspam.node import Node, new_id
from counterspam.publish import publish
from counterspam.store import accounts, changes, reports
from counterspam.store.changes import Change
from counterspam.store.reports import Act, Version
from counterspam.web import views
from counterspam.web.reports import freezing, making
from counterspam.web.reports.freezing import Wanted
from counterspam.web.scopes import Role

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
INTAKE = "fill"
REPORT, DRAFT = "00000000000000aa", "00000000000000bb"
UNREADABLE = b"\x00\x01 no format at all"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its name in reports, its path with what must be filled in, and the status that it answers.

    A `frame` is a chart for the pages of others: it has no first view of its own. A `file` is in one language, whatever is
    asked for.
    """

    name: str
    path: str
    status: int = 200
    frame: bool = False
    file: bool = False

    def __str__(self) -> str:
        return self.name


PAGES = (
    *(
        Page(page.path.strip("/").replace("/", "-") or "live", page.path + "/{country}" * bool(page.subjects))
        for page in views.PAGES
    ),
    Page("live-hour-email", "/?period=1h&channel=email"),
    Page("campaigns", "/campaigns"),
    Page("campaign", "/campaigns/{campaign}"),
    Page("evidence-mail", "/evidence/{email}"),
    Page("evidence-call", "/evidence/{voice}"),
    Page("evidence-sms", "/evidence/{sms}"),
    Page("change", "/changes/{change}"),
    Page("published", "/published"),
    Page("revision", "/published/{week}/{revision}"),
    Page("embedded", "/embed/chart?chart=lines&dimensions=channel", frame=True),
    Page("embedded-map", "/embed/chart?chart=map&dimensions=origin", frame=True),
    Page("reports", "/reports"),
    Page("report", "/reports/{report}/1"),
    Page("report-draft", "/reports/{draft}/1"),
    Page("report-new", "/reports/new?kind=operator"),
    Page("report-edit", "/reports/{draft}/1/edit"),
    Page("report-file", "/reports/{report}/1/en.html", frame=True, file=True),
    Page("about", "/about"),
    Page("operator", "/operator"),
    Page("model", "/operator/model"),
    Page("rejected", "/operator/rejected/{rejected}"),
    Page("sign-in", "/sign-in?next=/operator"),
    Page("account", "/account"),
    Page("accounts", "/operator/accounts"),
    Page("one-account", "/operator/accounts/{account}"),
    Page("audit", "/operator/audit?check=1"),
    Page("not-found", "/no-such-page", 404),
)
LIVE = next(page for page in PAGES if page.path == "/")


def fill(data: Path, count: int, hours: float) -> None:
    """Write `count` items of the demonstration feed, received over the last `hours`, and one that nothing can read."""
    dice = random.Random(0)
    end = time.time()
    times = iter(sorted(end - 5 - hours * 3600 * dice.betavariate(1, 1.5) for _ in range(count)))
    moment = [next(times)]
    node = Node.open(config.load(data=data))
    node.start()
    feed = demo.feed(node.new_raw, now=lambda: datetime.fromtimestamp(moment[0], UTC))
    raws = []
    for at in [*moment, *times]:
        moment[0] = at
        raw = replace(next(feed), intake=INTAKE, received_at=int(at * 1000))
        raws.append(replace(raw, id=f"{raw.received_at:012x}{new_id()[12:]}"))
    for start in range(0, count, 500):
        node.submit(raws[start : start + 500]).result()
    node.submit([node.new_raw(UNREADABLE, intake=INTAKE)]).result()
    drain(node, INTAKE)
    _publish(node)
    _change(node)
    with node.records.begin() as conn:
        accounts.create(conn, "ana", "An analyst", [Role.ANALYST, Role.LEARNER], "")
    _reports(node)
    node.close()


def last_week() -> datetime:
    """A moment of the last week that has ended."""
    return datetime.now(UTC) - timedelta(7)


def _publish(node: Node) -> None:
    """The figures of the last week that has ended, and again after evidence that came late; what is made up never counts."""
    secret = privacy.rounding_key(node.config.data)
    for revision in (1, 2):
        raws = [node.new_raw(report(number, f"late{revision}"), intake=INTAKE) for number in range(40 * revision)]
        node.submit([replace(raw, received_at=int(last_week().timestamp() * 1000)) for raw in raws]).result()
        drain(node, INTAKE)
        reason = "Reports of one operator came late." if revision > 1 else ""
        now = int(time.time() * 1000)
        publish(
            node.events.query, node.records, f"{last_week():%G-W%V}", by="bench", secret=secret, now=now, reason=reason
        )


def _change(node: Node) -> None:
    """A change as the lookout would keep it, which finds none in so little evidence."""
    now = int(time.time() * 1000)
    figures: dict[str, Any] = {
        "observed": 420.0,
        "expected": 160.0,
        "low": 90.0,
        "high": 240.0,
        "score": 7.1,
        "reports": 130,
    }
    times: dict[str, Any] = {
        "found_at": now - 1_800_000,
        "began_at": now - 3_000_000,
        "seen_at": now,
        "span": 3_600_000,
    }
    with node.records.begin() as conn:
        changes.add(
            conn,
            Change(id=new_id(), kind="surge", channel="sms", country="FR", synthetic=True, **times, **figures),
        )


def _reports(node: Node) -> None:
    """A released barometer of the last week that has ended, and a draft to TSAG."""
    at = int(time.time() * 1000)
    given: dict[str, Any] = {"audience": "public", "tlp": "TLP:CLEAR", "author": "en", "languages": ("en",)}
    given |= {"period": f"{last_week():%G-W%V}", "created_at": at, "changed_at": at}
    draft = Version(id=DRAFT, version=1, kind="tsag", fields={}, **given)
    one = Version(id=REPORT, version=1, kind="barometer", topic="types", fields={"comment": "Little spam."}, **given)
    wanted = Wanted(one.kind, one.period, one.audience, topic=one.topic)
    snapshot, content = freezing.freeze(node, wanted)
    one = replace(one, snapshot=snapshot, software=__version__, built_at=at, state="released")
    made = making.files(making.given(one, content, at=at), one.languages)
    with node.records.begin() as conn:
        reports.freeze(conn, snapshot, content, at=at, software=__version__)
        for version in (one, draft):
            reports.add(conn, version)
            reports.log(conn, version, Act(0, at, "bench", "", "created", "", {}))
        hashes = {file.name: file.sha256 for file in reports.keep_files(conn, one, made)}
        for act in ("frozen", "signed-off", "released"):
            reports.log(conn, one, Act(0, at, "bench", "", act, "", hashes))


@contextmanager
def filled_server(folder: Path, count: int = 4000, hours: float = 24.0) -> Iterator[Server]:
    """`counterspam serve` in a process of its own, open to this machine, with evidence in `folder`/data."""
    data = folder / "data"
    data.mkdir()
    subprocess.run([sys.executable, "-m", "bench.browser", "fill", str(data), str(count), str(hours)], check=True)
    with Server(data) as server:
        yield server


def examples(server: Server) -> dict[str, str]:
    """What the paths of `PAGES` leave open: a country, the ids of a large campaign, of evidence, of a rejected record."""
    found = {"country": "FR", "week": f"{last_week():%G-W%V}", "revision": "2", "report": REPORT, "draft": DRAFT}
    found["rejected"] = str(server.json("/api/v1/rejected")["rows"][0]["id"])
    found["account"] = str(server.json("/api/v1/accounts")["rows"][0]["id"])
    found["change"] = server.json("/changes.json")["items"][0]["url"].rpartition("/")[2]
    campaigns = server.json("/api/v1/statistics/top_campaigns?period=all")["rows"]
    found["campaign"] = str(campaigns[0]["id"])
    for channel in ("email", "voice", "sms"):
        found[channel] = str(server.json(f"/api/v1/evidence?channel={channel}&limit=1")["rows"][0]["id"])
    return found


def with_query(path: str, **more: str) -> str:
    """A path with further parameters."""
    for name, value in more.items():
        path += f"{'&' if '?' in path else '?'}{name}={value}"
    return path


def launch(playwright: Playwright) -> Browser:
    """Chromium without a window, with an empty profile that is thrown away."""
    return playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS), headless=True)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, closed at the end."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        try:
            yield browser
        finally:
            browser.close()


def visit(tab: Tab, url: str, expected: int = 200) -> Response:
    """Load a page. A live page never stops loading its stream, so this waits for the load event."""
    answer = tab.goto(url, wait_until="load")
    assert answer is not None
    assert answer.status == expected, f"{url} answered {answer.status}"
    return answer


if __name__ == "__main__":
    fill(Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
