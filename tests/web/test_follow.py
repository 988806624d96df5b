"""Feeds of changes, the address of a change, and the pages of changes, key figures and quality."""

import json
import re
from dataclasses import replace
from xml.etree import ElementTree

import canned
import pytest
from fake_node import client
from test_catalogues import TOOL
from test_pages import CHANGE, Node, Outline, get, node, panel  # noqa: F401

from counterspam.measure import key_figures, outside_figures
from counterspam.store import changes
from counterspam.web import figures, language
from counterspam.web.app import create_app
from counterspam.web.language import spoken
from counterspam.web.view import View
from counterspam.web.views import find, indicators

ATOM = "{http://www.w3.org/2005/Atom}"
ROUTE = replace(
    CHANGE, id="b" * 32, kind="new-route", channel="email", content_type="", campaign=0, country="NG", recipient_country="FR",
    found_at=CHANGE.found_at - 1000,
)  # fmt: skip
OVER = replace(
    CHANGE, id="c" * 32, kind="surge", channel="voice", campaign=0, expected=10.0, low=5.0, high=20.0, state="over",
    synthetic=True, ended_at=CHANGE.found_at + 1000, found_at=CHANGE.found_at - 2000,
)  # fmt: skip


@pytest.fixture
def told(node: Node) -> Node:  # noqa: F811
    """The node with three changes."""
    with node.records.begin() as conn:
        changes.add(conn, ROUTE)
        changes.add(conn, OVER)
    return node


def ids(data: bytes) -> list[str]:
    """The changes of a JSON feed."""
    found = [item["id"] for item in json.loads(data)["items"]]
    assert all(one.startswith("urn:uuid:") for one in found)
    return [one.removeprefix("urn:uuid:").replace("-", "") for one in found]


async def test_a_feed_has_the_newest_changes_first(told: Node) -> None:
    answer = await get(told, "/changes.json")
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
    found = json.loads(answer.content)
    assert found["feed_url"].endswith("/changes.json")
    assert ids(answer.content) == [CHANGE.id, ROUTE.id, OVER.id]
    first = found["items"][0]
    assert first["url"].endswith(f"/changes/{CHANGE.id}")
    assert "surge" in found["items"][2]["tags"]
    assert "synthetic" in found["items"][2]["tags"]
    assert answer.headers["access-control-allow-origin"] == "*"


async def test_atom_says_the_same_and_nothing_hostile(told: Node) -> None:
    answer = await get(told, "/changes.atom")
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    root = ElementTree.fromstring(answer.content)
    titles = [str(entry.findtext(f"{ATOM}title")) for entry in root.iter(f"{ATOM}entry")]
    assert titles == [item["title"] for item in json.loads((await get(told, "/changes.json")).content)["items"]]
    assert b"<script" not in answer.content
    assert b"\xe2\x80\xae" not in answer.content


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("channel=sms", [CHANGE.id]), ("synthetic=0", [CHANGE.id, ROUTE.id]), ("channel=rcs", []), ("channel=nonsense", None)],
)  # fmt: skip
async def test_a_feed_follows_channel_and_synthetic(told: Node, query: str, wanted: list[str] | None) -> None:
    found = ids((await get(told, f"/changes.json?{query}")).content)
    every = [CHANGE.id, ROUTE.id, OVER.id]
    assert found == (every if wanted is None else wanted)


async def test_a_feed_is_kept_and_sent_again_only_when_it_changed(told: Node) -> None:
    for form, country in (("atom", "DE"), ("json", "FJ")):
        first = await get(told, f"/changes.{form}")
        assert first.headers["cache-control"] == "public, max-age=60"
        assert "Accept-Language" in first.headers["vary"]
        known = {"if-none-match": first.headers["etag"]}
        assert (await get(told, f"/changes.{form}", headers=known)).status_code == 304
        with told.records.begin() as conn:
            changes.add(conn, replace(ROUTE, id=form.encode().hex().zfill(32), recipient_country=country))
        assert (await get(told, f"/changes.{form}", headers=known)).status_code == 200


async def test_a_feed_speaks_the_language_asked_for(told: Node) -> None:
    assert json.loads((await get(told, "/changes.json?lang=fr")).content)["language"] == "fr"
    answer = await get(told, "/changes.json", headers={"accept-language": "es"})
    assert json.loads(answer.content)["language"] == "es"


async def test_an_empty_feed_stays_the_same_within_the_hour(node: Node) -> None:  # noqa: F811
    path = "/changes.atom?channel=rcs"
    assert (await get(node, path)).headers["etag"] == (await get(node, path)).headers["etag"]


@pytest.mark.parametrize("path", ["/changes.rss", "/changes.", f"/changes/{'d' * 32}", "/changes/x", "/changes/%00"])
async def test_what_is_no_feed_and_no_change(node: Node, path: str) -> None:  # noqa: F811
    assert (await get(node, path)).status_code == 404


async def test_each_change_has_an_address_that_leads_on(told: Node) -> None:
    for change, leads in (
        (CHANGE, f"/campaigns/{canned.CAMPAIGN:016x}"),
        (ROUTE, "/routes?channel=email&amp;destination=FR&amp;origin=NG"),
        (OVER, "/types?channel=voice&amp;content_type=bank"),
    ):
        text = (await get(told, f"/changes/{change.id}")).text
        assert f'<a href="{leads}">' in text
        assert Outline(text).faults == []
        assert "<script>alert" not in text
    text = (await get(told, f"/changes/{OVER.id}")).text
    assert "Between 5 and 20 would have been usual." in text
    assert "made up by a generator" in text


async def test_the_page_tells_what_goes_on_from_what_is_over(told: Node) -> None:
    text = (await get(told, "/changes")).text
    assert "Nigeria" in panel(text, "changes-open")
    assert f"/campaigns/{canned.CAMPAIGN:016x}" in panel(text, "changes-open")
    assert "Surge" in panel(text, "changes-over")
    assert "Surge" not in panel(text, "changes-open")
    text = (await get(told, "/changes?synthetic=0&channel=email")).text
    assert "Surge" not in text
    assert f"/campaigns/{canned.CAMPAIGN:016x}" not in text
    for address in ("/changes.atom?channel=email&amp;lang=en&amp;synthetic=0", "/changes.json?"):
        assert f'href="{address}' in text


async def test_a_change_found_before_the_period_is_listed_only_while_it_goes_on(told: Node) -> None:
    with told.records.begin() as conn:
        for number, state in ((1, "open"), (2, "over")):
            old = replace(
                ROUTE, id=f"{number:032}", state=state, country="FJ", found_at=ROUTE.found_at - 3 * 86_400_000
            )
            changes.add(conn, old)
    text = (await get(told, "/changes")).text
    assert "Fiji" in panel(text, "changes-open")
    assert "Fiji" not in panel(text, "changes-over")
    assert "Fiji" in panel((await get(told, "/changes?period=7d")).text, "changes-over")


# Key figures


async def test_each_key_figure_says_what_it_counts_or_what_is_missing(node: Node) -> None:  # noqa: F811
    async with client(create_app(node), accept="text/html") as web:
        text = (await web.get("/indicators")).text
    found = dict(re.findall(r'data-block="(k\d+-[\w-]*)"(.*?)</section>', text, re.DOTALL))
    assert {name.partition("-")[0] for name in found} == {f"k{number}" for number in range(1, 19)}
    for name, html in found.items():
        assert "Not known here: " in html or "<table" in html or "nothing to count it against" in html, name
        assert 'class="basis"' in html or "<table" not in html, name
    share = next(html for name, html in found.items() if name.startswith("k1-"))
    assert "33 %" in share  # 100 of 300
    assert "E-mail · User reports" in share
    assert " – " in share  # its interval
    assert all(f"({name})" in text for name in ("K20", "K21", "K22"))


class Lost(dict[tuple[str, str], tuple[str, ...]]):
    """A catalogue that notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def get(self, key: tuple[str, str], default: object = None) -> None:  # type: ignore[override]
        """Nothing, but remember it."""
        self.asked.add(key[1])


@pytest.mark.parametrize("evidence", [True, False])
def test_every_text_of_the_key_figures_is_in_the_catalogues(
    node: Node,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    evidence: bool,
) -> None:
    if not evidence:
        node.nothing()
    lost = Lost()
    plural = language.catalogue("fr").plural
    monkeypatch.setattr(language, "catalogue", lambda lang: language.Catalogue(lost, plural))
    from counterspam.web.live import Live

    with spoken("fr"):
        state = Live(node)
        panels = find("/indicators")[0].build(state.asker(View(lang="fr")))
    known = {message if isinstance(message, str) else message[0] for _, message, _, _ in TOOL.found()}
    assert len(panels) == len(figures.NAMES)  # how much is unknown has a page of its own; K20 to K22 are one panel
    assert lost.asked - known == set()
    assert len(lost.asked) > 50


def test_everything_that_can_be_missing_is_in_the_catalogues() -> None:
    known = {message for _, message, _, _ in TOOL.found() if isinstance(message, str)}
    missing = {*key_figures.MISSING, *outside_figures.MISSING}
    assert {part for one in missing for part in one.split("; ")} <= known
    assert len(missing) > 8
    assert indicators.PAGE.title in known


# Quality


async def test_quality_says_what_arrived_how_late_and_what_breaks(node: Node) -> None:  # noqa: F811
    text = (await get(node, "/quality")).text
    covered = panel(text, "coverage")
    assert "20 % came an hour or more after" in covered
    assert ">E-mail · User reports<" in covered
    assert ">2 %<" in covered  # 3 of 150 a day late
    assert "No period has been published yet." in panel(text, "revisions")
    node.nothing()
    empty = (await get(node, "/quality")).text
    assert "Nothing has arrived in this period." in panel(empty, "coverage")
    assert "No source came, went or paused" in panel(empty, "breaks")
