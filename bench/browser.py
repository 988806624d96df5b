"""A node full of demonstration evidence and a real browser that looks at it: for tests/browser and bench/page.

The browser is the system's Chromium, driven by Playwright over its debugging protocol; Playwright's own download is never
used. It resolves no name and reaches this machine only. `PAGES` is the one list of pages: the node's own list of pages of
statistics, and the others by hand (a test follows all links and fails for a page that is not listed).
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Playwright, Response, sync_playwright
from playwright.sync_api import Page as Tab

from bench.filling import DRAFT, LAW, REPORT, SCENARIO, last_week
from bench.server import Server
from counterspam.web import views

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
    Page("policy", "/policy"),
    Page("laws", "/laws"),
    Page("laws-found", "/laws?q=consent&region=Africa"),
    Page("law", "/laws/{law}"),
    Page("law-history", "/laws/{law}/history"),
    Page("laws-compare", "/laws/compare?of=US,FR,SG,GH"),
    Page("laws-map", "/laws/map?provision=sender_identification_required"),
    Page("laws-gaps", "/laws/gaps?country=GH"),
    Page("laws-covered", "/laws/covered?a=AU&b=US"),
    Page("practices", "/practices"),
    Page("practice", "/practices/{practice}"),
    Page("practice-history", "/practices/{practice}/history"),
    Page("cooperation", "/cooperation"),
    Page("body", "/cooperation/{body}"),
    Page("body-history", "/cooperation/{body}/history"),
    Page("contribute-law", "/contribute/laws?id={law}"),
    Page("contribute-practice", "/contribute/practices"),
    Page("contribute-body", "/contribute/bodies"),
    Page("contribution", "/contribute/laws/{contribution}"),
    Page("moderation", "/moderation?state=published"),
    Page("moderation-case", "/moderation/{case}"),
    Page("plan", "/plan"),
    Page("plan-item", "/plan/{item}"),
    Page("embedded", "/embed/chart?chart=lines&dimensions=channel", frame=True),
    Page("embedded-map", "/embed/chart?chart=map&dimensions=origin", frame=True),
    Page("definitions", "/definitions"),
    Page("definition", "/definitions/{definition}?period=24h"),
    Page("definition-own", "/definitions/xx-example"),
    Page("definition-new", "/definitions/new?of=sg-spam-control@1"),
    Page("definition-edit", "/definitions/xx-example/2/edit"),
    Page("definition-try", "/definitions/try?of=sg-spam-control@1"),
    Page("reports", "/reports"),
    Page("report", "/reports/{report}/1"),
    Page("report-draft", "/reports/{draft}/1"),
    Page("report-new", "/reports/new?kind=operator"),
    Page("report-edit", "/reports/{draft}/1/edit"),
    Page("report-file", "/reports/{report}/1/en.html", frame=True, file=True),
    Page("questionnaires", "/questionnaires"),
    Page("wave", "/questionnaires/{wave}?section=B2"),
    Page("wave-by-region", "/questionnaires/{wave}?section=B5&by=region"),
    Page("wave-form", "/questionnaires/{wave}/form"),
    Page("wave-manage", "/questionnaires/{wave}/manage"),
    Page("wave-new", "/questionnaires/new"),
    Page("forms", "/questionnaires/forms"),
    Page("form", "/questionnaires/forms/{form}"),
    Page("form-draft", "/questionnaires/forms/{form_draft}"),
    Page("form-preview", "/questionnaires/forms/{form_draft}/preview?section=B4"),
    Page("answer", "/questionnaires/answer"),
    Page("answers", "/questionnaires/answer/{invitation}"),
    Page("answers-section", "/questionnaires/answer/{invitation}/section/{part}"),
    Page("answers-print", "/questionnaires/answer/{invitation}/print"),
    Page("answers-beside", "/questionnaires/answer/{invitation}/beside"),
    Page("about", "/about"),
    Page("costs", "/costs?country=FR"),
    Page("costs-unknown", "/costs?country=KE&mail_seconds=9+1+2"),
    Page("costs-investment", "/costs/investment?country=FR&measure=sms_firewall&measure=mail_filter&target_sms=90"),
    Page("costs-parameters", "/costs/parameters"),
    Page("costs-scenarios", "/costs/scenarios"),
    Page("costs-scenario", "/costs/scenarios/{scenario}"),
    Page("training", "/training?audience=policy&region=002"),
    Page("training-module", "/training/{module}"),
    Page("training-print", "/training/{module}/print?kit=1"),
    Page("training-quiz", "/training/{module}/quiz"),
    Page("training-exercise", "/training/{exercise}/exercise"),
    Page("training-certificate", "/training/certificate"),
    Page("training-verify", "/training/verify"),
    Page("training-statistics", "/training/statistics"),
    Page("workshops", "/training/workshops"),
    Page("workshop", "/training/workshops/{workshop}"),
    Page("workshop-new", "/training/workshops/new"),
    Page("workshop-edit", "/training/workshops/{workshop}/edit"),
    Page("workshop-attendance", "/training/workshops/{workshop}/attendance"),
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


@contextmanager
def filled_server(folder: Path, count: int = 4000, hours: float = 24.0) -> Iterator[Server]:
    """`counterspam serve` in a process of its own, open to this machine, with evidence in `folder`/data."""
    data = folder / "data"
    data.mkdir()
    subprocess.run([sys.executable, "-m", "bench.filling", str(data), str(count), str(hours)], check=True)
    with Server(data) as server:
        yield server


def examples(server: Server) -> dict[str, str]:
    """What the paths of `PAGES` leave open: a country, the ids of a large campaign, of evidence, of a rejected record."""
    found = {
        "scenario": SCENARIO,
        "law": LAW,
        "report": REPORT,
        "draft": DRAFT,
        "country": "FR",
        "week": f"{last_week():%G-W%V}",
        "revision": "2",
        "part": "B4",
        "practice": "RFC-7208",
        "body": "UCENET",
        "contribution": "1",
        "case": "2",
        "item": "feedback-technical",
        "definition": "sg-spam-control",
        "form": "example-2026",
        "form_draft": "example-2027",
    }
    modules = server.json("/api/v1/training/modules")["rows"]
    found["module"], found["exercise"] = str(modules[0]["id"]), "enforcement"
    found["workshop"] = str(server.json("/api/v1/training/workshops?past=true")["rows"][0]["id"])
    found["rejected"] = str(server.json("/api/v1/rejected")["rows"][0]["id"])
    found["account"] = str(server.json("/api/v1/accounts")["rows"][0]["id"])
    found["change"] = server.json("/changes.json")["items"][0]["url"].rpartition("/")[2]
    found["wave"] = server.json("/api/v1/questionnaires")["rows"][0]["id"]
    manage = server.get(f"/questionnaires/{found['wave']}/manage").decode()
    found["invitation"] = re.findall(r"/questionnaires/answer/([0-9a-f]{16})", manage)[-1]  # one that is not signed
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
