"""The course of a campaign and the key figures over HTTP: what they say, what is not shown, and in which forms."""

import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from engine import Engine
from fake_node import FakeNode, client
from pyarrow import parquet

from counterspam.web import figures
from counterspam.web.app import create_app


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path, rate_per_minute=100)
    node.events = Engine(node.events)  # type: ignore[assignment]
    yield node
    node.close()


@pytest.fixture
async def http(node: FakeNode) -> AsyncIterator[httpx.AsyncClient]:
    async with client(create_app(node)) as http:
        yield http


CAMPAIGN = "/api/v1/statistics/campaign/ab54a98ceb1f0ad2"


def of_campaign(node: FakeNode, *people: list[int]) -> None:
    """Days of a campaign with these contributors, 10 messages in 4 reports each."""
    day = {"content_type": "parcel", "spam": 1, "messages": 10, "reports": 4, "first_seen": 0, "last_seen": 0}
    rows = [{"at": 86_400 * n, "channel": "sms", **day, "contributors": one} for n, one in enumerate(people, 20_000)]
    node.events.inner.answers = {  # type: ignore[attr-defined]
        "Which campaign is this": [{"id": 0xAB54A98CEB1F0AD2, "parts": []}],
        "campaign develop, day by day": rows,
        "AS reports,\n       (SELECT": [{"reports": 1, "first": 1, "last": 1}],
    }


async def test_a_campaign_comes_day_by_day_without_days_of_few_people(http: httpx.AsyncClient, node: FakeNode) -> None:
    of_campaign(node, [1, 2, 3, 4, 5], [6, 7], [8])
    answer = await http.get(CAMPAIGN)
    found = answer.json()
    row = {"at": 1_728_000_000, "channel": "sms", "content_type": "parcel", "messages": 10, "reports": 4}
    assert (found["campaign"], found["rows"]) == ("ab54a98ceb1f0ad2", [row])
    assert found["small_cells"] == {"messages": 20, "reports": 8}
    assert found["definition"]["question"]
    assert answer.headers["access-control-allow-origin"] == "*"
    assert (await http.get(CAMPAIGN, headers={"If-None-Match": answer.headers["etag"]})).status_code == 304
    lines = (await http.get(f"{CAMPAIGN}?format=csv")).text.split("\r\n")
    assert lines == ["time,channel,content_type,messages,reports", "2024-10-04T00:00:00Z,sms,parcel,10,4", ""]


@pytest.mark.parametrize(
    ("people", "address", "status", "said"),
    [
        ([[1, 2, 3, 4]], CAMPAIGN, 404, "fewer than 5 reporters"),
        ([], CAMPAIGN, 404, "no evidence of this campaign"),
        ([[1, 2, 3, 4, 5]], f"{CAMPAIGN}?period=7d", 422, "there is no parameter 'period'"),
        ([[1, 2, 3, 4, 5]], f"{CAMPAIGN}?format=xml", 422, "there are json, csv, parquet"),
        ([[1, 2, 3, 4, 5]], "/api/v1/statistics/campaign/x", 422, "id"),
    ],
)
async def test_a_campaign_that_cannot_be_shown_says_why(
    http: httpx.AsyncClient, node: FakeNode, people: list[list[int]], address: str, status: int, said: str
) -> None:
    of_campaign(node, *people)
    answer = await http.get(address)
    assert answer.status_code == status
    assert said in answer.text


SEEN = "Which share of all messages seen"


async def test_a_key_figure_comes_with_its_definition_and_interval(http: httpx.AsyncClient, node: FakeNode) -> None:
    counted = {"numerator": 30, "denominator": 120, "numerator_reports": 30, "denominator_reports": 120}
    row = {"channel": "sms", "basis": "user-report", "contributors": 5, **counted}
    node.events.inner.answers[SEEN] = [row]  # type: ignore[attr-defined]
    found = (await http.get("/api/v1/statistics/k1_spam_share?period=7d")).json()
    assert (found["figure"], found["unit"], found["scale"], found["missing"]) == ("K1", "share", 1.0, "")
    assert found["rows"][0]["value"] == 0.25
    assert found["rows"][0]["low"] < 0.25 < found["rows"][0]["high"]
    assert "contributors" not in found["rows"][0]
    assert found["definition"]["denominator"]
    assert found["disclosure"]["rule"] == "open"
    lines = (await http.get("/api/v1/statistics/k1_spam_share?format=csv")).text.split("\r\n")
    assert lines[0] == "channel,basis,numerator,denominator,value,low,high"
    table = parquet.read_table(io.BytesIO((await http.get("/api/v1/statistics/k1_spam_share?format=parquet")).content))
    assert table.column("value").to_pylist() == [0.25]


async def test_a_key_figure_of_few_people_is_not_shown(http: httpx.AsyncClient, node: FakeNode) -> None:
    counted = {"numerator": 3, "denominator": 12, "numerator_reports": 3, "denominator_reports": 12}
    node.events.inner.answers["K6: Which share"] = [  # type: ignore[attr-defined]
        {"channel": "sms", "basis": "user-report", "border": border, "contributors": people, **counted}
        for border, people in (("abroad", 5), ("domestic", 4))
    ]
    found = (await http.get("/api/v1/statistics/k6_by_border")).json()
    assert [row["border"] for row in found["rows"]] == ["abroad"]
    assert found["disclosure"]["rule"] == "rounded"
    assert all(row["numerator"] % 5 == 0 for row in found["rows"])


async def test_what_would_undo_the_rounding_is_left_out(http: httpx.AsyncClient, node: FakeNode) -> None:
    counted = {"numerator": 33, "denominator": 121, "numerator_reports": 33, "denominator_reports": 121}
    row = {
        "channel": "sms",
        "basis": "user-report",
        "contributors": 5,
        "hhi": 0.3,
        "origins": 9,
        "unknown": 17,
        **counted,
    }
    node.events.inner.answers["K13: How concentrated"] = [row]  # type: ignore[attr-defined]
    found = (await http.get("/api/v1/statistics/k13_origin_concentration")).json()["rows"]
    assert len(found) == 1
    assert not {"hhi", "origins", "unknown"} & found[0].keys()


@pytest.mark.parametrize("name", figures.NAMES)
@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
async def test_every_key_figure_has_an_answer_without_evidence(http: httpx.AsyncClient, name: str, form: str) -> None:
    answer = await http.get(f"/api/v1/statistics/{name}?format={form}")
    assert answer.status_code == 200
    if form == "json":
        assert answer.json()["missing"] or answer.json()["rows"]


async def test_what_has_not_been_measured_says_what_is_missing(http: httpx.AsyncClient) -> None:
    assert (
        "no share of all spam follows" in (await http.get("/api/v1/statistics/k17_ai_written_spam")).json()["missing"]
    )
