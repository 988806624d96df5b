"""Every page: what it says, whom it lets in, that nothing hostile gets through, and that it is well made."""

import gzip
import re
import time
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import canned
import pytest
from counted_answers import Counted
from fake_node import FakeNode, client

from counterspam.errors import StoreError
from counterspam.model import Raw
from counterspam.store import changes, intake, rejected
from counterspam.store.changes import Change
from counterspam.web import render
from counterspam.web.app import create_app
from counterspam.web.views import page as panels

REJECTED = rejected.Row(
    id="01890a5d-ac96-774b-bcce-b302099a8057",
    received_at=canned.NOW * 1000,
    intake="http",
    name="<b>.csv",
    format="message_table",
    reason="bad-value",
    detail="<i>no date</i>",
    blob="2026/11/22/node-1#0+10",
    record=3,
    excerpt=canned.HOSTILE,
)
CHANGE = Change(
    id="01890a5dac96774bbcceb302099a8057",
    kind="new-campaign",
    channel="sms",
    content_type="bank",
    campaign=canned.CAMPAIGN,
    found_at=canned.NOW * 1000 - 60_000,
    began_at=canned.NOW * 1000 - 3_600_000,
    seen_at=canned.NOW * 1000,
    span=3_600_000,
    observed=60.0,
    reports=20,
)
RAW = f"Subject: hello\r\n\r\n{canned.HOSTILE}\n".encode()
CAMPAIGN = f"/campaigns/{canned.CAMPAIGN:016x}"
STATISTICS = [
    "/",
    "/?period=7d&channel=sms&synthetic=0",
    "/volume",
    "/types?content_type=bank",
    "/origins",
    "/routes",
    "/targets",
    "/senders",
    "/authentication",
    "/countries",
    "/country/DE",
    "/compare?by=channel",
    "/changes",
    "/indicators",
    "/quality",
]
PAGES = [*STATISTICS, "/campaigns", CAMPAIGN, "/about"]
HOSTILE = ["/", "/campaigns", CAMPAIGN, "/origins", "/senders", "/changes"]  # and every guarded page
GUARDED = {
    f"/evidence/{canned.EVIDENCE}": "evidence:read",
    "/operator": "operate",
    f"/operator/rejected/{REJECTED.id}": "operate",
}


class Blobs:
    """One raw item."""

    def __init__(self) -> None:
        self.data = RAW

    def get(self, ref: str) -> bytes:
        """The item, or StoreError."""
        if not self.data:
            raise StoreError("gone")
        return self.data


class Node(FakeNode):
    """The fake node with canned answers and counted records, one change, one rejected record and one raw item."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, **settings: Any) -> None:
        super().__init__(folder, **settings)
        patch.setattr(time, "time", lambda: float(canned.NOW))
        self.counted = Counted()
        self.counted.records = canned.counted()
        patch.setattr(panels.statistics, "answer", self.counted.answer)
        self.events: Any = canned.Canned()
        self.blobs = Blobs()
        counts = {"items": 1, "read": 10, "accepted": 7, "duplicate": 1, "rejected": 2, "rows": 7, "messages": 9}
        with self.records.begin() as conn:
            rejected.add(conn, [REJECTED])
            changes.add(conn, CHANGE)
            intake.add(conn, {("http", "mars"): counts}, 1, 2)
        canned.name_campaign(self.records)

    def made_up(self) -> None:
        """From now on all of it is synthetic."""
        self.events.made_up()
        self.counted.records = [{**row, "synthetic": True} for row in self.counted.records]

    def nothing(self) -> None:
        """From now on there is no evidence."""
        self.events.nothing()
        self.counted.records = []

    def check(self, raw: Raw) -> Any:
        """Nothing that has the text: the masked beginning must do."""
        return []


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    found = Node(tmp_path, monkeypatch, jurisdiction="CI")
    yield found
    found.close()


async def get(node: Node, path: str, *scopes: str, **more: Any) -> Any:
    secret = node.key(*scopes) if scopes else ""
    async with client(create_app(node), secret=secret, accept="text/html") as web:
        return await web.get(path, **more)


class Outline(HTMLParser):
    """What a page is made of."""

    VOID = frozenset({"meta", "link", "br", "input"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.faults: list[str] = []
        self.targets: set[str] = set()
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it, and what must not be."""
        given = dict(attrs)
        self.tags.append(tag)
        self.ids += [str(given["id"])] if "id" in given else []
        self.targets |= {str(given[name]) for name in ("aria-labelledby", "for") if name in given}
        self.faults += [f"{name} in <{tag}>" for name in given if name == "style" or name.startswith("on")]
        if tag == "th" and "scope" not in given:
            self.faults.append("th without scope")
        if tag == "script" and not str(given.get("src", "")).startswith("/static/"):
            self.faults.append("inline script")
        if tag in ("a", "form") and not str(given.get("href", given.get("action"))).startswith(("/", "#", "?")):
            self.faults.append(f"leads elsewhere: {given}")
        if tag == "html" and not given.get("lang"):
            self.faults.append("no language")
        if tag not in self.VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An SVG mark."""
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """It must close what was opened last."""
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


@pytest.mark.parametrize("path", [*PAGES, *GUARDED, "/nothing/here"])
@pytest.mark.parametrize("state", ["full", "made up", "empty"])
async def test_every_page_is_well_made(node: Node, path: str, state: str) -> None:
    if state == "made up":
        node.made_up()
    if state == "empty":
        node.nothing()
    answer = await get(node, path, "admin")
    gone = state == "empty" and path.startswith(("/evidence/", "/campaigns/"))
    if path == "/nothing/here" or gone:
        assert answer.status_code == 404
        return
    assert answer.status_code == 200
    found = Outline(answer.text)
    assert found.faults == []
    assert len(found.ids) == len(set(found.ids))
    assert found.targets <= set(found.ids)
    for tag, count in (("main", 1), ("h1", 1), ("header", 1), ("footer", 1)):
        assert found.tags.count(tag) == count
    assert found.tags.count("table") == found.tags.count("caption")
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "unsafe" not in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "What it answers" in answer.text
    left_out = "synthetic=0" in path
    without_evidence = "rejected/" in path or path == "/about"
    synthetic = state == "made up" and not without_evidence and not left_out
    assert ("Demonstration: synthetic data." in answer.text) is synthetic
    assert ("Synthetic evidence is left out." in answer.text) is left_out


@pytest.mark.parametrize("path", [*STATISTICS, "/changes"])
async def test_no_block_is_named_like_an_event_of_the_connection_that_renews_it(node: Node, path: str) -> None:
    blocks = set(re.findall(r'data-block="([^"]+)"', (await get(node, path)).text))
    assert blocks
    assert not blocks & {"open", "error", "message"}


@pytest.mark.parametrize("path", [*PAGES, *GUARDED])
async def test_nothing_hostile_gets_through(node: Node, path: str) -> None:
    text = (await get(node, path, "admin")).text
    for raw in ("<script>alert", "<i>no date", "<b>.csv", "<Net>", "<a>.exe", "https://bank.example", "\u202e"):
        assert raw not in text
    if path in HOSTILE or path in GUARDED:
        assert "&lt;" in text


@pytest.mark.parametrize("path", PAGES)
async def test_public_pages_hold_no_personal_data(node: Node, path: str) -> None:
    answer = await get(node, path)
    assert answer.status_code == 200
    for secret in ("0100123", "0100999", "0011223344556677"):
        assert secret not in answer.text


async def test_the_campaign_page_shows_senders_to_those_who_may_read_evidence(node: Node) -> None:
    assert "+1555010xxxx" in (await get(node, CAMPAIGN)).text
    assert "+15550100123" in (await get(node, CAMPAIGN, "evidence:read")).text


async def test_a_campaign_of_few_people_is_shown_to_analysts_only(node: Node) -> None:
    for name in ("campaign_days", "campaign_cards"):
        node.events.answers[name][0]["contributors"] = [1, 2, 3, 4]
    assert (await get(node, CAMPAIGN)).status_code == 404
    assert (await get(node, CAMPAIGN, "evidence:read")).status_code == 200
    assert CAMPAIGN not in (await get(node, "/campaigns")).text


def panel(text: str, name: str) -> str:
    """One panel of a page."""
    return text.partition(f'data-block="{name}"')[2].partition("</section>")[0]


async def test_the_live_page_says_what_the_answers_say(node: Node) -> None:
    text = (await get(node, "/")).text
    assert "450 messages and calls arrived in 225 reports" in text
    assert "67 % of the messages and calls came by e-mail" in text
    assert "Bank impersonation leads with 80 % of the spam; of 20 % it is unknown." in text
    # Each source kind has its own share; the sum over both, 33 %, stands nowhere.
    shares = panel(text, "share")
    assert "25 %" in shares
    assert "100 %" in shares
    assert "33 %" not in shares
    assert "Spam reaching Côte d’Ivoire, live" in text


async def test_small_cells_are_added_together_and_unknown_is_shown(node: Node) -> None:
    text = (await get(node, "/")).text
    for hidden in ("Antarctica", "Fiji"):
        assert hidden not in text
    origins = panel(text, "origins")
    assert "2 values with fewer than 5 reporters each" in origins
    assert ">12<" in origins  # (4 + 2) reports of two messages
    assert "<bdi>Unknown</bdi>" in origins
    routes = panel(text, "routes")
    assert ">All others<" in routes
    assert ">12<" in routes  # Antarctica and Fiji again
    assert "Unknown" in routes
    assert "Netherlands" in panel((await get(node, "/routes")).text, "transit")


@pytest.mark.parametrize("path", ["/", "/campaigns"])
async def test_campaigns_are_listed_by_their_titles(node: Node, path: str) -> None:
    with node.records.begin() as conn:
        conn.exec_driver_sql("UPDATE campaigns SET title = 'Held <b>parcel</b>'")
    assert "Held &lt;b&gt;parcel&lt;/b&gt;" in (await get(node, path)).text
    with node.records.begin() as conn:
        conn.exec_driver_sql("DELETE FROM campaigns")
    assert '<span class="excerpt" dir="auto">(no text)</span>' in (await get(node, path)).text


async def test_guarded_pages_ask_for_the_right_key(node: Node) -> None:
    for path, scope in GUARDED.items():
        answer = await get(node, path)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in?next=")
        assert (await get(node, path, "statistics:read")).status_code == 403
        assert (await get(node, path, scope)).status_code == 200


async def test_evidence_is_explained(node: Node) -> None:
    text = (await get(node, f"/evidence/{canned.EVIDENCE}", "evidence:read")).text
    for said in (
        "probability of spam 97 %",
        "Very likely spam (97",
        "&lt;b&gt;imitates&lt;/b&gt; one",
        "+2.10",
        "-0.40",
        "Forged",
        "192.0.2.7",
        "2.0 KB",
        "41 before this one",
        "hxxps://bank",
        "The style is like that of machine-written text: probability 97",
        "at most 2.8",
    ):
        assert said in text
    assert "⟨U+202E⟩" in text


async def test_the_raw_item_is_handed_out_as_a_harmless_file(node: Node) -> None:
    answer = await get(node, f"/evidence/{canned.EVIDENCE}/raw", "evidence:read")
    assert answer.content == RAW
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment;")
    assert "sandbox" in answer.headers["content-security-policy"]
    assert (await get(node, f"/evidence/{canned.EVIDENCE}/raw")).status_code == 303


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "It is no longer kept"), (b"\0\1binary", "00 01 62"), (b"x" * 100_000, "64.0 KB are shown")],
)
async def test_raw_items_of_every_kind(node: Node, data: bytes, said: str) -> None:
    node.blobs.data = data
    assert said in (await get(node, f"/evidence/{canned.EVIDENCE}", "evidence:read")).text


@pytest.mark.parametrize(
    "path",
    [
        "/evidence/nonsense",
        "/evidence/01890a5d-ac96-074b-bcce-b302099a8057",
        "/campaigns/xyz",
        "/campaigns/0000000000000000",
        "/static/0/../x",
    ],
)
async def test_what_does_not_exist(node: Node, path: str) -> None:
    assert (await get(node, path, "admin")).status_code == 404


@pytest.mark.parametrize(("act", "state"), [("retry", "retried"), ("dismiss", "dismissed")])
async def test_rejected_records_can_be_fed_again_or_dismissed(node: Node, act: str, state: str) -> None:
    path, secret = f"/operator/rejected/{REJECTED.id}", node.key("operate")
    async with client(create_app(node), secret=secret, accept="text/html") as web:
        page = (await web.get(path)).text
        token = page.partition('name="csrf" value="')[2].partition('"')[0]
        assert (await web.post(path, data={"act": act})).status_code == 403
        assert (await web.post(path, data={"act": "burn", "csrf": token})).status_code == 400
        answer = await web.post(path, data={"act": act, "csrf": token})
        assert answer.status_code == 303
        listed = await web.get(answer.headers["location"])
        assert listed.status_code == 200
    with node.records.begin() as conn:
        found = rejected.get(conn, REJECTED.id)
    assert found is not None
    assert found.state == state


async def test_the_operator_page_filters(node: Node) -> None:
    assert "no date" in (await get(node, "/operator?state=open&reason=bad-value&door=http", "operate")).text
    assert "no date" not in (await get(node, "/operator?state=dismissed", "operate")).text
    assert "no date" not in (await get(node, "/operator?page=1", "operate")).text
    assert (await get(node, "/operator?page=-1e9&state=%00&reason='--", "operate")).status_code == 200
    assert "are the same" in (await get(node, "/operator?reconcile=1", "operate")).text
    node.fault = "OSError: disk full"
    assert "The node has stopped working" in (await get(node, "/operator", "operate")).text


@pytest.mark.parametrize(
    ("path", "save", "most"),
    [("/", "", 25_000), ("/", "on", 22_000), ("/origins", "", 45_000), ("/origins", "on", 22_000)],
)
async def test_the_page_is_light(node: Node, path: str, save: str, most: int) -> None:
    text = (await get(node, path, headers={"save-data": save})).text
    page = len(gzip.compress(text.encode(), 6))
    loads = {name for name in render.STATICS if render.asset(name) in text}
    assert ("world.svg" in loads) is (path == "/origins" and not save)
    assert ("live.js" in loads) is not save
    assert page + sum(len(gzip.compress(render.STATICS[name][0], 6)) for name in loads) < most


async def test_static_files_may_be_kept_for_ever_under_the_hash_of_their_content(node: Node) -> None:
    answer = await get(node, render.asset("site.css"))
    assert "immutable" in answer.headers["cache-control"]
    assert "immutable" not in (await get(node, "/static/old/site.css")).headers["cache-control"]


def test_style_knows_no_left_and_right_and_reaches_nothing_outside() -> None:
    css = render.STATICS["site.css"][0].decode()
    for word in ("-left", "-right", "left:", "right:", "url(", "@import", "text-align: left"):
        assert word not in css
