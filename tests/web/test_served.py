"""How pages are served: validators, readers who save data, and the form of dates."""

import re

import canned
import pytest
from counted_answers import DAY
from starlette.requests import Request
from test_pages import CAMPAIGN, STATISTICS, Node, Outline, get, node, panel  # noqa: F401

from counterspam.measure import periods
from counterspam.web.view import view

MIDNIGHT = canned.NOW - canned.NOW % DAY
SENT = "period=2026-10-01..2026-10-12"


def asked(query: str) -> Request:
    """A request for a page with this query."""
    return Request({"type": "http", "path": "/", "query_string": query.encode(), "headers": []})


# Validators (RFC 9110 section 13)


@pytest.mark.parametrize("path", [*STATISTICS, "/campaigns", CAMPAIGN, "/about"])
async def test_a_page_that_the_reader_has_is_not_sent_again(node: Node, path: str) -> None:  # noqa: F811
    first = await get(node, path)
    tag = first.headers["etag"]
    assert tag.startswith('W/"')
    assert first.headers["cache-control"] == "no-cache"
    assert {"Accept-Language", "Cookie", "Save-Data"} <= set(first.headers["vary"].split(", "))
    again = await get(node, path, headers={"if-none-match": f'"other", {tag}'})
    assert again.status_code == 304
    assert again.content == b""
    assert first.headers["vary"].startswith(again.headers["vary"])
    for name in ("etag", "cache-control", "content-security-policy"):
        assert again.headers[name] == first.headers[name]
    assert (await get(node, path, headers={"if-none-match": 'W/"other"'})).status_code == 200


async def test_what_changed_is_sent_again(node: Node) -> None:  # noqa: F811
    tag = (await get(node, "/types")).headers["etag"]
    node.counted.records = node.counted.records[:-20]
    answer = await get(node, "/types", headers={"if-none-match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag
    other = await get(node, "/types?lang=fr", headers={"if-none-match": answer.headers["etag"]})
    assert other.status_code == 200


async def test_an_error_has_to_be_sent_each_time(node: Node) -> None:  # noqa: F811
    first = await get(node, "/nothing")
    again = await get(node, "/nothing", headers={"if-none-match": first.headers.get("etag", "")})
    assert (first.status_code, again.status_code) == (404, 404)


# Readers who save data


@pytest.mark.parametrize("path", ["/", "/origins", "/targets", "/countries", "/volume"])
async def test_who_saves_data_gets_neither_script_nor_map(node: Node, path: str) -> None:  # noqa: F811
    full = (await get(node, path)).text
    light = (await get(node, path, headers={"save-data": "on"})).text
    assert "<script" in full
    assert "<script" not in light
    assert 'http-equiv="refresh"' not in light
    assert "world.svg" not in light
    assert re.findall("<h2[^>]*>", light) == re.findall("<h2[^>]*>", full)  # every panel is there
    assert light.count("<table") == full.count("<table")
    assert Outline(light).faults == []


async def test_save_data_is_on_or_it_is_not(node: Node) -> None:  # noqa: F811
    for value, saved in (("ON", True), (" on ", True), ("off", False), ("1", False), ("", False)):
        text = (await get(node, "/origins", headers={"save-data": value})).text
        assert ("world.svg" not in text) is saved


# The form of dates


@pytest.mark.parametrize(
    ("query", "period"),
    [
        ("from=2026-10-01&to=2026-10-12", "2026-10-01..2026-10-12"),
        ("from=2026-10-05&to=2026-10-05", "2026-10-05"),
        ("period=7d&from=2026-10-01&to=2026-10-12", "2026-10-01..2026-10-12"),
        ("from=2026-10-11&to=2026-10-12&from_hour=18&to_hour=06", "2026-10-11T18..2026-10-12T05"),
        ("from=2026-10-11&to=2026-10-12&from_hour=18&to_hour=", "2026-10-11T18..2026-10-12T23"),
        ("from=2026-10-11&to=2026-10-12&from_hour=&to_hour=00", "2026-10-11T00..2026-10-11T23"),
        ("from=2026-10-11&to=2026-10-11&from_hour=05&to_hour=05", "24h"),
        ("from=2026-10-11&to=2026-10-11&from_hour=25&to_hour=", "24h"),
        ("from=2026-10-12&to=2026-10-01", "24h"),
        ("from=2026-10-01", "24h"),
        ("to=2026-10-12", "24h"),
        ("from=2026-02-30&to=2026-03-02", "24h"),
        ("from=nonsense&to=nonsense", "24h"),
        ("from=7d&to=7d", "24h"),
        ("from=2026&to=2026", "24h"),
        ("from=2026-10-01..2026-10-02&to=2026-10-03", "24h"),
        ("period=7d&from=&to=", "7d"),
        ("period=nonsense", "24h"),
    ],
)
def test_two_days_make_a_period(query: str, period: str) -> None:
    found = view(asked(query))
    assert found.period == period
    assert periods.period(found.period, canned.NOW).name == period


async def test_what_the_form_sends_is_carried_on_as_a_period(node: Node) -> None:  # noqa: F811
    text = (await get(node, "/types?from=2026-10-01&to=2026-10-12&channel=sms")).text
    links = [link for link in re.findall(r'(?:href|data-stream)="([^"]*)"', text) if "channel=sms" in link]
    assert any(SENT in link and link.startswith("/origins?") for link in links)
    assert any(SENT in link and link.startswith("/live?") for link in links)
    assert any(SENT in link and link.startswith("/api/v1/query?") for link in links)
    own = [link for link in links if "lang=" not in link]  # the switch of languages shows the address as it is
    assert not [link for link in own if "from=" in link or "to=2" in link]
    form = text.partition('<form action="/types" method="get">')[2].partition("</form>")[0]
    assert re.findall(r'type="(?:hidden|date)" name="(\w+)"', form) == ["channel", "from", "to"]


async def test_the_form_shows_those_days(node: Node) -> None:  # noqa: F811
    day = MIDNIGHT - 3 * DAY
    node.counted.records = [{**row, "at": day + 5} for row in node.counted.records]
    node.events.answers["span"][0]["first"] = day - 30 * DAY
    name = "2026-11-19"
    assert periods.period(name, canned.NOW).start == day
    assert "80 %" in panel((await get(node, f"/types?from={name}&to={name}")).text, "types")
    assert "80 %" not in panel((await get(node, "/types?from=2026-11-10&to=2026-11-18")).text, "types")
