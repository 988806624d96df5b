"""The statistics over HTTP: what is refused and how, validators, other origins, limits, who sees exact figures, embeds."""

import asyncio
import io
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from engine import Engine
from fake_node import FakeNode, client
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet
from starlette.datastructures import QueryParams
from starlette.requests import Request

from counterspam.config import Config
from counterspam.errors import ConfigError
from counterspam.measure.ask import DIMENSIONS
from counterspam.web import asked, public
from counterspam.web.app import create_app
from counterspam.web.problems import MEDIA_TYPE, Problem
from counterspam.web.public import Gate, Limits

QUERY = "/api/v1/query"


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


REFUSED = [
    ("orgin=FR", "did you mean origin?"),
    ("metrics=mesages", "did you mean messages?"),
    ("metrics=messages,,x", "there are messages, reports"),
    ("dimensions=chanel", "did you mean channel?"),
    ("dimensions=channel,source,spf,dkim,dmarc", "are not counted together"),
    ("dimensions=asn,dmarc", "are not counted together; these are"),
    ("channel=fax", "there are email, im, in-app"),
    ("content_type=parcels", "did you mean parcel?"),
    ("origin=FRA", "two letters"),
    ("origin=%27%20OR%201=1", "two letters"),
    ("transit=unknown", "only where it is known"),
    ("asn=AS64496", "autonomous system"),
    ("asn=99999999999", "autonomous system"),
    ("asn=%C2%B2", "autonomous system"),
    ("spf=" + "x" * 41, "short words"),
    ("language=%00", "short words"),
    ("operator=" + "x" * 201, "at most 200 characters"),
    ("origin=FR&origin=DE", "origin is given twice"),
    ("origin=" + ",".join(f"{a}{b}" for a in "ABCDEF" for b in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"), "at most 100 values"),
    ("period=yesterday", "2026-W43"),
    ("period=2026-13", "is not possible"),
    ("period=2026-10-12..2026-10-05", "is not possible"),
    ("period=1969", "is not possible"),
    ("interval=second", "there are minute, hour"),
    ("interval=minute&period=30d", "more than 5000 steps"),
    ("interval=hour&period=30d&dimensions=channel&limit=100", "the limit is at most 27"),
    ("synthetic=maybe", "synthetic 'maybe' is not possible"),
    ("order=channel", "order 'channel' is not possible"),
    ("limit=0", "from 1 to 1000"),
    ("limit=1001", "from 1 to 1000"),
    ("limit=%D9%A1", "from 1 to 1000"),
    ("limit=-1", "from 1 to 1000"),
    ("cursor=x", "not one that an answer gave"),
    ("cursor=%F0%9F%92%A9", "not one that an answer gave"),
    ("format=xml", "there are json, csv, parquet"),
    ("metrics=reports_per_100k", "needs destination"),
]


@pytest.mark.parametrize(("address", "said"), REFUSED, ids=[address[:40] for address, _ in REFUSED])
async def test_every_wrong_value_is_explained(http: httpx.AsyncClient, address: str, said: str) -> None:
    answer = await http.get(f"{QUERY}?{address}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, MEDIA_TYPE)
    assert said in answer.json()["detail"]
    assert len(answer.text) < 1500


@pytest.mark.parametrize("value", ["'; DROP TABLE events; --", "{start:UInt32}", "\\", "%s", "𝒳", "Amazon.com, Inc."])
async def test_values_are_parameters_and_never_text_of_the_question(
    http: httpx.AsyncClient, node: FakeNode, value: str
) -> None:
    answer = await http.get(QUERY, params={"operator": value, "dimensions": "origin"})
    assert answer.status_code == 200
    assert answer.json()["question"]["filters"] == {"operator": [value]}
    for sql, params in node.events.asked:
        assert value not in sql or value == "{start:UInt32}"  # which stands in it anyway
        assert "f_operator" not in (params or {}) or params["f_operator"] == [value]


async def test_unknown_is_what_the_evidence_does_not_tell(http: httpx.AsyncClient) -> None:
    for address, stored in (
        ({"origin": "unknown"}, {"origin": [""]}),
        ({"origin": ""}, {"origin": [""]}),
        ({"origin": "fr,unknown,FR"}, {"origin": ["", "FR"]}),
        ({"content_type": "unknown"}, {"content_type": ["", "unknown"]}),
        ({"asn": "unknown,00064496"}, {"asn": ["0", "64496"]}),
        ({"network": "A, Inc.,B"}, {"network": ["A, Inc.", "B"]}),
    ):
        assert (await http.get(QUERY, params=address)).json()["question"]["filters"] == stored


async def test_the_answer_and_its_forms(http: httpx.AsyncClient) -> None:
    given = {"dimensions": "origin", "metrics": "reports,spam_share", "interval": "day", "period": "7d"}
    found = (await http.get(QUERY, params=given)).json()
    assert list(found["rows"][0]) == ["at", "time", "origin", "reports", "spam_share"]
    assert found["units"]["spam_share"] == "messages judged spam per message, 0 to 1"
    assert found["basis"] == [{"source": "trap", "messages": 60, "reports": 30}]
    table = await http.get(QUERY, params=given, headers={"Accept": "text/csv"})
    assert table.text.splitlines()[0] == "time,origin,reports,spam_share"
    assert "'=FR" in table.text
    assert table.headers["content-disposition"] == 'attachment; filename="counterspam-query-origin-7d.csv"'
    file = await http.get(QUERY, params={**given, "format": "parquet"})
    assert parquet.read_table(io.BytesIO(file.content)).column_names == ["time", "origin", "reports", "spam_share"]


PARAMETERS = st.sampled_from(asked.KNOWN) | st.text(max_size=9)
TEXTS = st.text(max_size=20) | st.sampled_from(
    ["reports", "origin", "7d", "day", "sms,voice", "unknown", "5", "-1", "1" * 30]
)


@given(st.lists(st.tuples(PARAMETERS, TEXTS), max_size=6))
def test_any_address_is_a_question_or_refused(pairs: list[tuple[str, str]]) -> None:
    found: asked.Question | None
    try:
        found = asked.question(QueryParams(pairs))
    except Problem as problem:
        found, refused = None, problem
    if found is None:
        assert refused.status == 422
        assert len(refused.detail) < 1500
    else:
        assert asked.question(QueryParams(pairs[::-1])) == found
        assert found.limit in range(0, 1001)


async def test_rows_beyond_the_limit_are_reached_by_cursor(http: httpx.AsyncClient) -> None:
    given = {"dimensions": "origin", "limit": "1"}
    first = await http.get(QUERY, params=given)
    assert first.json()["rows"][0]["origin"] == "DE"
    second = await http.get(QUERY, params={**given, "cursor": first.json()["next"]})
    assert [row["origin"] for row in second.json()["rows"]] == ["=FR"]
    assert second.json()["next"] == ""
    address = urlsplit(first.headers["link"].partition(">")[0][1:])
    assert parse_qs(address.query)["cursor"] == [first.json()["next"]]
    other = await http.get(QUERY, params={"dimensions": "channel", "cursor": first.json()["next"]})
    assert (other.status_code, "another question" in other.text) == (422, True)


async def test_the_same_figures_are_not_sent_again_nor_worked_out(http: httpx.AsyncClient, node: FakeNode) -> None:
    address = f"{QUERY}?dimensions=origin"
    first = await http.get(address)
    worked = node.events.data()
    again = await http.get(address, headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert again.headers["cache-control"] == first.headers["cache-control"] == "public, max-age=5"
    assert node.events.data() == worked
    assert (await http.get(address, headers={"If-None-Match": '"x"'})).status_code == 200
    csv = await http.get(address + "&format=csv")
    assert csv.headers["etag"] != first.headers["etag"]


async def test_what_has_ended_may_be_kept_for_a_day(http: httpx.AsyncClient) -> None:
    answer = await http.get(f"{QUERY}?period=2024-02")
    assert answer.headers["cache-control"] == "public, max-age=86400"
    assert answer.json()["period"]["from"] == "2024-02-01T00:00:00Z"
    assert answer.json()["completeness"]["running"] is False


async def test_equal_questions_at_the_same_time_are_worked_out_once(node: FakeNode) -> None:
    node.events.slow = 0.05
    async with client(create_app(node)) as http:
        answers = await asyncio.gather(*(http.get(f"{QUERY}?dimensions=origin") for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    alone = sum("AS shown_origin" in sql and "LIMIT 102" in sql for sql, _ in node.events.asked)
    assert alone == 1


async def test_head_and_options(http: httpx.AsyncClient) -> None:
    for path in (QUERY, "/api/v1/statistics/spam_share", "/embed/chart.svg", "/embed/chart"):
        head, full = await http.head(path), await http.get(path)
        assert (head.status_code, head.headers["etag"]) == (200, full.headers["etag"])
        flight = await http.options(path, headers={"Origin": "https://other.example"})
        assert flight.status_code == 204
        assert flight.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"
        assert "authorization" not in flight.headers["access-control-allow-headers"].lower()


async def test_pages_elsewhere_may_read_public_figures_and_nothing_else(http: httpx.AsyncClient) -> None:
    for path in (QUERY, f"{QUERY}?x=1", "/api/v1/statistics", "/api/v1/statistics/reporters", "/embed/chart.svg"):
        answer = await http.get(path)
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        assert "ETag" in answer.headers["access-control-expose-headers"]
    for path in ("/api/v1/evidence", "/api/v1/queryx", "/embedded", "/api/v1/health"):
        answer = await http.get(path)
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


async def test_exact_figures_are_for_keys_and_not_for_pages_elsewhere(node: FakeNode) -> None:
    secret, reader = node.key("evidence:read"), node.key("report")
    address = f"{QUERY}?dimensions=origin"
    async with client(create_app(node)) as http:
        exact = await http.get(address, headers={"X-Api-Key": secret})
        assert exact.json()["disclosure"]["rule"] == "none"
        assert exact.headers["cache-control"] == "private, no-cache"
        assert "X-Api-Key" in exact.headers["vary"]
        for headers in ({}, {"X-Api-Key": reader}, {"X-Api-Key": secret, "Sec-Fetch-Site": "cross-site"}):
            shown = await http.get(address, headers=headers)
            assert shown.json()["disclosure"]["rule"] == "rounded"
            assert shown.headers["cache-control"] == "public, max-age=5"
        assert (await http.get(address, headers={"X-Api-Key": "cs_wrong"})).status_code == 401


async def test_asking_too_often(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, rate_per_minute=3)
    async with client(create_app(node)) as http, client(http._transport.app, peer="198.51.100.1") as other:  # type: ignore[attr-defined]
        for left in (2, 1, 0):
            answer = await http.get(f"{QUERY}?channel=sms")
            assert answer.headers["ratelimit-policy"] == '"statistics";q=3;w=60'
            assert answer.headers["ratelimit"].startswith(f'"statistics";r={left};t=')
        refused = await http.get("/api/v1/statistics/spam_share")
        assert (refused.status_code, refused.headers["content-type"]) == (429, MEDIA_TYPE)
        assert 1 <= int(refused.headers["retry-after"]) <= 20
        assert refused.headers["ratelimit"].startswith('"statistics";r=0;t=')
        assert refused.headers["access-control-allow-origin"] == "*"
        assert (await other.get(QUERY)).status_code == 200
        assert (await http.get(QUERY, headers={"X-Forwarded-For": "203.0.113.9"})).status_code == 429
        key = {"X-Api-Key": node.key("evidence:read")}
        assert (await http.get(QUERY, headers=key)).status_code == 200
    node.close()


def test_a_bucket_fills_evenly_and_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = Limits(60)
    assert [limits.take("a", 0.0)[0] for _ in range(61)] == [*range(59, -1, -1), -1]
    assert limits.take("a", 0.5)[:2] == (-1, 1)
    assert limits.take("a", 1.5)[0] == 0
    assert limits.take("a", 1000.0)[0] == 59
    monkeypatch.setattr(public, "MOST_CALLERS", 5)
    for i in range(50):
        limits.take(str(i), 0.0)
    assert len(limits._buckets) == 5


def request(peer: str, *forwarded: str) -> Request:
    headers = [(b"x-forwarded-for", one.encode()) for one in forwarded]
    return Request({"type": "http", "client": (peer, 1), "headers": headers})


def test_a_proxy_is_believed_only_when_it_is_ours() -> None:
    plain, behind = Gate(Config()), Gate(Config(trusted_proxies=("10.0.0.0/8", "127.0.0.1")))
    assert plain.address(request("127.0.0.1", "203.0.113.9")) == "127.0.0.1"
    assert behind.address(request("127.0.0.1", "203.0.113.9")) == "203.0.113.9"
    assert behind.address(request("127.0.0.1", "1.1.1.1, 203.0.113.9, 10.2.3.4")) == "203.0.113.9"
    assert behind.address(request("127.0.0.1", "1.1.1.1", "203.0.113.9")) == "203.0.113.9"
    assert behind.address(request("198.51.100.1", "203.0.113.9")) == "198.51.100.1"
    assert behind.address(request("127.0.0.1", "")) == "127.0.0.1"
    assert behind.address(request("127.0.0.1", "nonsense" * 100)) == ("nonsense" * 100)[:64]
    assert (
        plain.address(request("2001:db8:1:2:3::4")) == plain.address(request("2001:db8:1:2:9::")) == "2001:db8:1:2::/64"
    )
    with pytest.raises(ConfigError, match="trusted_proxies"):
        Gate(Config(trusted_proxies=("proxy.example",)))


def test_every_dimension_is_a_parameter() -> None:
    assert set(DIMENSIONS) <= set(asked.KNOWN)
    assert not set(DIMENSIONS) & set(asked.OTHERS)


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
async def test_named_questions_have_all_forms(http: httpx.AsyncClient, form: str) -> None:
    answer = await http.get(f"/api/v1/statistics/origins_by_country?period=7d&format={form}")
    assert answer.status_code == 200
    assert answer.headers["etag"]
    assert (await http.get("/api/v1/statistics/origins_by_country?origin=FR")).status_code == 422


# Charts elsewhere

CHARTS = [
    "chart=bars&dimensions=origin&period=7d",
    "chart=lines&dimensions=origin&period=30d&metrics=spam_share&interval=week",
    "chart=map&dimensions=origin&period=2026-10",
    "chart=ranking&dimensions=origin&period=7d&dark=1",
    "chart=bars&period=24h&lang=ar",
    "",
]


@pytest.mark.parametrize("address", CHARTS)
async def test_charts_for_other_sites(http: httpx.AsyncClient, node: FakeNode, address: str) -> None:
    svg = await http.get(f"/embed/chart.svg?{address}")
    assert (svg.status_code, svg.headers["content-type"]) == (200, "image/svg+xml")
    root = ElementTree.fromstring(svg.text)
    assert "127.0.0.1:8052" in "".join(root.itertext())
    page = await http.get(f"/embed/chart?{address}")
    assert "frame-ancestors *" in page.headers["content-security-policy"]
    assert "script-src" not in page.headers["content-security-policy"]
    assert f'<a href="{node.config.site()}/"' in page.text
    assert "<table>" in page.text
    assert page.text.count("<svg") == svg.text.count("<svg")
    assert "<?xml" not in page.text


async def test_only_embeds_may_be_framed(http: httpx.AsyncClient) -> None:
    for path in ("/nothing", QUERY, "/embed/chart?chart=pie"):
        assert "frame-ancestors 'none'" in (await http.get(path)).headers["content-security-policy"]


@pytest.mark.parametrize(
    "address",
    ["chart=pie", "dark=2", "chart=map", "chart=map&dimensions=channel", "chart=ranking", "dimensions=origin,channel",
     "interval=minute&period=2024-01-01..2024-01-02", "metrics=reports_per_100k", "x=1"],
)  # fmt: skip
async def test_charts_that_make_no_sense_are_refused(http: httpx.AsyncClient, address: str) -> None:
    assert (await http.get(f"/embed/chart.svg?{address}")).status_code == 422


async def test_embeds_never_show_exact_figures(node: FakeNode) -> None:
    async with client(create_app(node), secret=node.key("evidence:read")) as http:
        answer = await http.get("/embed/chart.svg?chart=ranking&dimensions=origin")
        assert answer.headers["cache-control"] == "public, max-age=5"


def test_names_of_charts_are_escaped() -> None:
    from counterspam.web import embeds

    found = {
        "rows": [{"operator": "<script>", "spam_messages": 5}],
        "last_updated": 0,
        "period": {"start": 0, "end": 60},
    }
    question = asked.Question(dimensions=("operator",), metrics=("spam_messages",))
    shown = embeds.draw("ranking", question, found, embeds.period("24h", 86_400), "https://node.example", False)
    assert "<script>" not in shown["svg"]
