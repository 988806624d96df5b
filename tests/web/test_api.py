"""The API: what it answers, that every error is a problem document, and that OpenAPI says the truth."""

import base64
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import orjson
import pytest
import schemathesis
from fake_node import AT, EVIDENCE_ID, ROW, FakeNode, client
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from counterspam.measure import questions, scope
from counterspam.store import rejected
from counterspam.web import figures, metrics, statistics
from counterspam.web.app import create_app
from counterspam.web.problems import MEDIA_TYPE

CAMPAIGN = "ab54a98ceb1f0ad2"
REJECTED_ID = "01890a5d-ac96-774b-bcce-b302099a8058"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path_factory.mktemp("node"), open_access=True)
    row = rejected.Row(REJECTED_ID, AT, "http", "a.csv", "mars", "bad-value", "line 2: no sender", "", 1, "masked")
    with node.records.begin() as conn:
        rejected.add(conn, [row])
        conn.exec_driver_sql(
            "INSERT INTO campaigns (id, title, exemplar, channel, first_seen, last_seen, messages, reports)"
            f" VALUES (5, 'You won', '{EVIDENCE_ID}', 'sms', {AT}, {AT}, 9, 8), (6, 'b', 'x', 'email', 1, {AT}, 1, 1),"
            " (7, 'c', 'x', 'email', 1, 2, 1, 1)"
        )
    yield node
    node.close()


@pytest.fixture
async def http(node: FakeNode) -> AsyncIterator[httpx.AsyncClient]:
    async with client(create_app(node), peer="127.0.0.1", host="127.0.0.1:8052") as http:
        yield http


async def get(http: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await http.get(f"/api/v1{path}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_evidence(http: httpx.AsyncClient) -> None:
    found = await get(http, f"/evidence/{EVIDENCE_ID.upper()}")
    assert (found["id"], found["spam"], found["campaign"], found["detail"]) == (
        EVIDENCE_ID,
        True,
        CAMPAIGN,
        {"checks": []},
    )


async def test_evidence_pages_lead_from_one_to_the_next(http: httpx.AsyncClient, node: FakeNode) -> None:
    page = await get(http, "/evidence", limit=1, channel="sms", sender="+15550100", campaign=CAMPAIGN, since=5)
    assert page["rows"][0]["id"] == EVIDENCE_ID
    await get(http, "/evidence", limit=1, cursor=page["next"])
    asked = [params for sql, params in node.events.asked if "Which evidence meets" in sql]
    assert asked[-2]["parts"] == [ROW["campaign"]]
    assert (asked[-2]["channel"], asked[-2]["sender"]) == ("sms", "+15550100")
    assert (asked[-1]["before"], asked[-1]["id"]) == (AT, EVIDENCE_ID)


@pytest.mark.parametrize("cursor", ["x", "====", base64.urlsafe_b64encode(b"1/../x").decode(), "é"])
async def test_a_cursor_of_nobody_is_a_problem(http: httpx.AsyncClient, cursor: str) -> None:
    for path in ("/evidence", "/campaigns"):
        assert (await http.get(f"/api/v1{path}", params={"cursor": cursor})).status_code == 422


async def test_campaigns_page_by_page(http: httpx.AsyncClient) -> None:
    first = await get(http, "/campaigns", limit=2)
    second = await get(http, "/campaigns", limit=2, cursor=first["next"])
    assert [row["id"] for row in first["rows"] + second["rows"]] == [
        "0000000000000006",
        "0000000000000005",
        "0000000000000007",
    ]
    assert second["next"] == ""
    assert [row["title"] for row in (await get(http, "/campaigns", channel="sms", since=3))["rows"]] == ["You won"]


async def test_a_campaign(http: httpx.AsyncClient, node: FakeNode) -> None:
    assert (await http.get(f"/api/v1/campaigns/{CAMPAIGN}")).status_code == 404
    hour = {"at": 7200, "channel": "sms", "content_type": "contest", "spam": 1, "messages": 2, "reports": 2}
    node.events.answers[scope.text("campaign_hours")[:60]] = [hour]
    node.events.answers[scope.text("campaign_evidence")[:60]] = [ROW]
    found = await get(http, f"/campaigns/{CAMPAIGN}")
    assert (found["id"], found["hours"], found["evidence"][0]["spam"]) == (CAMPAIGN, [hour], True)
    asked = next(params for sql, params in reversed(node.events.asked) if sql == scope.text("campaign_evidence"))
    assert (asked["start"], asked["end"]) == (7200, 10800)


@pytest.mark.parametrize("name", statistics.PUBLIC)
async def test_each_statistic_says_what_one_must_know(http: httpx.AsyncClient, name: str) -> None:
    found = await get(http, f"/statistics/{name}", period="7d", channel="sms")
    assert found["name"] == name
    assert found["population"]
    assert found["definition"]["question"]
    assert found["definition"].get("caveats") or found["missing"]
    assert found["period"]["name"] == "7d"
    assert found["last_updated"] == AT // 1000


async def test_public_questions_are_questions_and_listed(http: httpx.AsyncClient) -> None:
    assert statistics.PUBLIC.keys() <= {*questions.QUESTIONS, *figures.NAMES}
    assert {*figures.NAMES} <= statistics.PUBLIC.keys()
    assert [row["name"] for row in await get(http, "/statistics")] == list(statistics.PUBLIC)
    assert all(row["question"] for row in await get(http, "/statistics"))


async def test_the_largest_campaigns_have_titles(http: httpx.AsyncClient, node: FakeNode) -> None:
    seen = {"channel": "sms", "content_type": "bank", "first_seen": AT, "last_seen": AT, "synthetic": 0}
    ids = (5, 9)
    node.events.answers[scope.text("top_campaigns")[:60]] = [{"id": id, "ranked_by": 6} for id in ids]
    node.events.answers[scope.text("campaign_cards")[:60]] = [
        {"campaign": id, "messages": 60 - id, "reports": 20, "contributors": [1, 2, 3, 4, 5], **seen} for id in ids
    ]
    rows = (await get(http, "/statistics/top_campaigns"))["rows"]
    assert [(row["id"], row["title"]) for row in rows] == [("0000000000000005", "You won"), ("0000000000000009", "")]


async def test_check_stores_nothing(http: httpx.AsyncClient, node: FakeNode) -> None:
    before = len(node.inbox)
    answer = await http.post("/api/v1/check?channel=sms", content="you won é".encode())
    assert answer.status_code == 200
    found = answer.json()
    assert found["records"] == 2
    assert found["findings"][0]["verdict"]["checks"][0]["name"] == "links"
    assert found["findings"][0]["keys"] == ["0000000000000005"]
    assert "html" not in found["findings"][0]["evidence"]
    assert found["rejected"] == [{"reason": "bad-value", "detail": "line 2: no sender", "index": 1, "format": "mars"}]
    assert len(node.inbox) == before


async def test_rejected_records(http: httpx.AsyncClient) -> None:
    found = await get(http, "/rejected")
    assert [row["id"] for row in found["rows"]] == [REJECTED_ID]
    assert found["counts"] == [{"state": "open", "reason": "bad-value", "records": 1}]
    assert (await http.post(f"/api/v1/rejected/{REJECTED_ID}/dismiss")).json() == {"done": "dismissed"}
    assert (await get(http, "/rejected"))["rows"] == []
    assert (await http.post(f"/api/v1/rejected/{REJECTED_ID}/retry")).json() == {"done": "retried"}
    assert len((await get(http, "/rejected", state="all"))["rows"]) == 1
    assert (await http.post(f"/api/v1/rejected/{EVIDENCE_ID}/retry")).status_code == 404


async def test_keys(http: httpx.AsyncClient) -> None:
    made = (await http.post("/api/v1/keys", json={"label": "Op", "scopes": ["report"], "reporter": "r"})).json()
    assert made["secret"].startswith("cs_")
    (row,) = (await get(http, "/keys"))["rows"]
    assert (row["id"], row["label"], row["scopes"]) == (made["id"], "Op", ["report"])
    assert made["secret"] not in orjson.dumps(row).decode()
    assert (await http.delete(f"/api/v1/keys/{made['id']}")).status_code == 200
    assert (await http.delete("/api/v1/keys/0123456789abcdef")).status_code == 404


async def test_a_wrong_value_is_not_repeated(http: httpx.AsyncClient) -> None:
    answer = await http.post("/api/v1/keys", json={"label": "x", "scopes": ["everything-secret"]})
    assert answer.status_code == 422
    assert "everything-secret" not in answer.text
    assert answer.json()["errors"][0]["place"] == "body.scopes.0"


async def test_ready_tells_the_public_no_details(node: FakeNode, http: httpx.AsyncClient) -> None:
    assert await get(http, "/ready") == {"ready": True, "components": {"node": "ok", "events": "ok"}}
    node.fault = "OSError: /secret/path"
    async with client(create_app(node)) as public:
        answer = await public.get("/api/v1/ready")
        assert (answer.status_code, answer.json()["components"]["node"]) == (503, "failing")
    assert (await http.get("/api/v1/ready")).json()["components"]["node"] == "OSError: /secret/path"
    assert (await http.get("/api/v1/health")).status_code == 200
    node.fault = "ok"


async def test_metrics_are_prometheus_text(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert found["counterspam_records_total", "accepted"] == 3
    assert found["counterspam_rejected_total", "bad-value"] == 1
    assert found["counterspam_step_seconds_total", "derive"] == 1.5
    assert found["counterspam_backlog_items",] == 2
    assert found["counterspam_working",] == 1
    assert found["counterspam_store_bytes", "volume"] == 5
    assert metrics.text({**_status(), "failed": "x"}).count(b"counterspam_working 0.0") == 1


def _status() -> dict[str, Any]:
    numbers = ("started_at", "backlog_items", "backlog_bytes", "damaged", "worker_restarts")
    return {"node": "n", "version": "0", "totals": {}, "seconds": {}, "stores": {}, **dict.fromkeys(numbers, 0)}


async def test_the_schema_of_evidence_is_a_schema(http: httpx.AsyncClient) -> None:
    Draft202012Validator.check_schema(await get(http, "/schema/evidence"))


PROBLEMS = [
    ("GET", "/api/v1/nothing", {}, 404),
    ("GET", "/api/v1/evidence/01890a5d-ac96-774b-bcce-000000000000", {}, 404),
    ("GET", "/api/v1/evidence/x", {}, 422),
    ("GET", "/api/v1/statistics/x", {}, 404),
    ("GET", "/api/v1/statistics/reporters?period=x", {}, 422),
    ("GET", "/api/v1/evidence?limit=0", {}, 422),
    ("DELETE", "/api/v1/evidence", {}, 405),
    ("PUT", "/api/v1/reports", {}, 405),
    ("POST", "/api/v1/keys", {"content": b"{"}, 422),
    (
        "POST",
        "/api/v1/keys",
        {"content": b"x" * (1024 * 1024 + 1), "headers": {"Content-Type": "application/json"}},
        413,
    ),
    ("GET", "/nothing", {}, 404),
    ("GET", "/static/nothing", {}, 404),
]


@pytest.mark.parametrize(("method", "path", "given", "status"), PROBLEMS, ids=lambda v: str(v)[:40])
async def test_every_error_is_a_problem(
    http: httpx.AsyncClient, node: FakeNode, method: str, path: str, given: dict[str, Any], status: int
) -> None:
    if path.endswith("000000000000"):
        node.events.answers["What is known about one"] = []
    answer = await http.request(method, path, **given)
    assert answer.status_code == status
    assert answer.headers["content-type"] == MEDIA_TYPE
    assert answer.json()["status"] == status
    assert answer.json()["type"] == "about:blank"


async def test_an_unexpected_fault_says_nothing_about_our_insides(
    node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(node.events, "query", broken)
    async with client(create_app(node)) as http:
        answer = await http.get("/api/v1/statistics/reporters")
    assert (answer.status_code, answer.headers["content-type"]) == (500, MEDIA_TYPE)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


async def test_a_browser_gets_a_page_and_is_led_to_sign_in(node: FakeNode) -> None:
    async with client(create_app(node), accept="text/html") as http:
        answer = await http.get("/nothing<script>")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
        assert "<script>" not in answer.text


async def test_answers_are_guarded_and_compressed(http: httpx.AsyncClient) -> None:
    answer = await http.get("/api/v1/openapi.json")
    assert answer.headers["content-encoding"] == "gzip"
    for name in ("content-security-policy", "x-content-type-options", "referrer-policy"):
        assert answer.headers[name]
    assert "unsafe-inline" not in answer.headers["content-security-policy"].split("style-src")[0]


async def test_openapi_is_complete(node: FakeNode) -> None:
    document = create_app(node).openapi()
    assert set(document["components"]["securitySchemes"]) == {"HTTPBearer", "APIKeyHeader"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], path
            assert operation["description"], path
            if operation.get("x-scope"):
                assert {"401", "422", "503"} <= operation["responses"].keys(), (method, path)
                assert operation["security"], (method, path)
            problems = [answer for status, answer in operation["responses"].items() if status in ("401", "422")]
            assert all(MEDIA_TYPE in answer["content"] for answer in problems), path


@schemathesis.serializer("application/x-ndjson")
def ndjson(_: Any, value: Any) -> bytes:
    """Lines as they are made."""
    return str(value).encode("utf-8", "replace")


@schemathesis.serializer("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
def xlsx(_: Any, value: Any) -> bytes:
    """Bytes as they are made: hardly ever a sheet."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_the_api_keeps_to_its_openapi(node: FakeNode) -> None:
    """Cases that schemathesis makes from the document: each answer is one that the document describes."""
    app, secret = create_app(node), node.key("admin")
    tried = set()
    for found in schemathesis.openapi.from_asgi("/api/v1/openapi.json", app).get_all_operations():
        operation = found.ok()

        @settings(max_examples=6, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def keeps(case: Any) -> None:
            headers = {"Authorization": f"Bearer {secret}"}
            answer = case.call(headers=headers, base_url="http://127.0.0.1:8052")
            case.validate_response(answer, checks=CHECKS)
            tried.add((case.operation.method.upper(), case.operation.path, answer.status_code < 300))

        keeps()
    assert {path for _, path, _ in tried} == app.openapi()["paths"].keys()
    assert {("POST", "/api/v1/reports", True), ("GET", "/api/v1/statistics", True)} <= tried
