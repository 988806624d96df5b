"""National definitions over HTTP: who sees what, drafts and four eyes, judging stated facts, pages, trying, and figures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from fake_node import EVIDENCE_ID, FakeNode, client

from counterspam.policy.definitions.definition import shipped
from counterspam.policy.definitions.expression import Wrong
from counterspam.policy.definitions.facts import FACTS
from counterspam.store import audit
from counterspam.web.app import create_app
from counterspam.web.definitions import labels
from counterspam.web.definitions.work import today
from counterspam.web.language import LANGUAGES, spoken

API = "/api/v1/definitions"
DRAFT: dict[str, Any] = {
    "id": "xx-own",
    "title": "Own",
    "words": "What is spam.",
    "expression": "spam",
    "jurisdiction": "FR",
}
LOCAL = {"peer": "127.0.0.1", "host": "127.0.0.1:8052"}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path)
    yield node
    node.close()


@pytest.fixture
def open_node(tmp_path: Path) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path, open_access=True)
    yield node
    node.close()


async def test_everybody_reads_what_is_in_force_and_no_drafts(node: FakeNode) -> None:
    app = create_app(node)
    async with client(app, secret=node.key("policy:edit")) as http:
        made = await http.post(API, json=DRAFT)
        assert (made.status_code, made.json()["state"], made.json()["version"]) == (201, "draft", 1)
        assert (await http.get(f"{API}/xx-own")).json()["rows"][0]["written_by"]
    async with client(app) as http:
        assert (await http.get(f"{API}/xx-own")).status_code == 404
        rows = (await http.get(API)).json()["rows"]
        assert len(rows) == len(shipped())
        assert "written_by" not in rows[0]
        (only,) = (await http.get(API, params={"jurisdiction": "SG"})).json()["rows"]
        assert (only["id"], only["law"], only["state"]) == ("sg-spam-control", "SG-SCA", "published")
        first = (await http.get(API, params={"limit": 10})).json()
        second = (await http.get(API, params={"limit": 10, "cursor": first["next"]})).json()
        assert first["rows"] + second["rows"] == rows[:20]


async def test_who_writes_may_not_publish(node: FakeNode) -> None:
    app = create_app(node)
    both, other = node.key("policy:edit", "policy:approve"), node.key("policy:approve")
    async with client(app, secret=both) as writer, client(app, secret=other) as approver:
        await writer.post(API, json=DRAFT)
        early = await approver.post(f"{API}/xx-own/1/publish", json={})
        assert (early.status_code, early.json()["detail"]) == (409, "only what was proposed can be published")
        assert (await writer.post(f"{API}/xx-own/1/propose")).json()["state"] == "proposed"
        assert (await writer.post(f"{API}/xx-own/1/publish", json={})).status_code == 409
        assert (await approver.post(API, json=DRAFT)).status_code == 403
        done = await approver.post(f"{API}/xx-own/1/publish", json={"remark": "right"})
        assert (done.status_code, done.json()["state"], done.json()["remark"]) == (200, "published", "right")
        late = await writer.put(f"{API}/xx-own/1", json=DRAFT)
        assert late.status_code == 409
        past = await writer.post(API, json={**DRAFT, "valid_from": "2020-01-01"})
        await writer.post(f"{API}/xx-own/2/propose")
        assert past.status_code == 201
        assert (await approver.post(f"{API}/xx-own/2/publish", json={})).status_code == 409
        assert (await approver.post(f"{API}/xx-own/2/refuse", json={"remark": "past"})).json()["state"] == "refused"
        assert (await writer.post(API, json={**DRAFT, "valid_from": today()})).json()["version"] == 3
        assert (await approver.post(f"{API}/xx-own/9/refuse", json={})).status_code == 404
    with node.records.read() as conn:
        actions = [row.action for row in audit.latest(conn, action="definition.")]
    assert actions == [
        "definition.write", "definition.refuse", "definition.propose", "definition.write", "definition.publish",
        "definition.propose", "definition.write",
    ]  # fmt: skip


async def test_what_is_published_judges_at_once(open_node: FakeNode) -> None:
    app = create_app(open_node)
    async with client(app, **LOCAL) as http:
        facts = {"facts": {"spam": True}, "definitions": ["xx-own"]}
        assert (await http.post(f"{API}/judge", json=facts)).json()["rows"] == []
        for step in ("", "/xx-own/1/propose", "/xx-own/1/publish"):
            await http.post(API + step, json=DRAFT if not step else {})
        (row,) = (await http.post(f"{API}/judge", json=facts)).json()["rows"]
        assert (row["answer"], row["parts"]) == ("yes", [{"expression": "spam", "answer": "yes"}])


async def test_stated_facts_are_judged_under_several_definitions(node: FakeNode) -> None:
    async with client(create_app(node)) as http:
        given = {
            "facts": {"channel": "email", "nature": "commercial", "has_opt_out": False, "consent": None},
            "day": "2024-11-09",
        }
        found = (await http.post(f"{API}/judge", json=given)).json()
        said = {row["id"]: row for row in found["rows"]}
        assert said["us-can-spam"]["answer"] == "yes"
        assert (said["au-spam-act"]["answer"], said["au-spam-act"]["missing"]) == ("unknown", ["consent"])
        assert said["cn-sms"]["answer"] == "no"
        assert "pl-electronic-communications" not in said  # in force from the next day on
        wrong = await http.post(f"{API}/judge", json={"facts": {"chanel": "email"}})
        assert wrong.status_code == 422
        assert "channel" in wrong.json()["detail"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"expression": 'channel == "emial"'}, "channel"),
        ({"expression": "spam && ("}, "expression"),
        ({"valid_from": "soon"}, "valid_from"),
        ({"id": "sg-spam-control"}, "software"),
        ({"id": "A b"}, "small letters"),
    ],
)
async def test_a_draft_that_cannot_be_says_why(node: FakeNode, change: dict[str, str], where: str) -> None:
    async with client(create_app(node), secret=node.key("policy:edit")) as http:
        found = await http.post(API, json={**DRAFT, **change})
        assert found.status_code == 422
        assert where in orjson.dumps(found.json()).decode()


async def _token(http: Any, path: str) -> str:
    text = (await http.get(path)).text
    return str(text.split('name="csrf" value="')[1].split('"')[0])


async def test_pages_are_there_for_those_who_may(open_node: FakeNode) -> None:
    app = create_app(open_node)
    async with client(app) as http:
        listed = await http.get("/definitions", headers={"accept": "text/html"})
        assert listed.status_code == 200
        assert "Singapore: unsolicited commercial messages in bulk" in listed.text
        assert "/definitions/new" not in listed.text
        one = await http.get("/definitions/sg-spam-control")
        assert "seen_24h &gt; 100" in one.text
        assert "https://sso.agc.gov.sg/Act/SCA2007" in one.text
        assert (await http.get("/definitions/none")).status_code == 404
        for path in ("/definitions/new", "/definitions/try"):
            assert (await http.get(path)).status_code == 401
        assert (await http.get("/definitions", params={"country": "SG", "page": "99"})).text.count("<tr>") == 2
    async with client(app, **LOCAL) as http:
        for path in (
            "/definitions/new?of=sg-spam-control@1",
            "/definitions/try?of=sg-spam-control@1",
            "/definitions?lang=ar",
        ):
            assert (await http.get(path)).status_code == 200


async def test_a_form_loses_nothing_and_leads_through_to_publication(open_node: FakeNode) -> None:
    app = create_app(open_node)
    async with client(app, **LOCAL) as http:
        token = await _token(http, "/definitions/new")
        typed = {
            **DRAFT,
            "csrf": token,
            "expression": "spam &&\r\n(",
            "sources": "https://a.example\nhttps://b.example",
            "language": "en",
        }
        assert (await http.post("/definitions/new", data={**typed, "csrf": "x"})).status_code == 403
        wrong = await http.post("/definitions/new", data=typed)
        assert wrong.status_code == 422
        assert "goes wrong" in wrong.text
        assert "https://b.example" in wrong.text
        good = await http.post("/definitions/new", data={**typed, "expression": "spam"})
        assert (good.status_code, good.headers["location"]) == (303, "/definitions/xx-own#versions-h")
        again = await http.post("/definitions/new", data={**typed, "expression": "spam"})
        assert again.status_code == 409
        changed = await http.post("/definitions/xx-own/1/edit", data={**typed, "expression": "!spam", "id": "other"})
        assert changed.status_code == 303
        for act in ("propose", "publish"):
            assert (
                await http.post(f"/definitions/xx-own/1/{act}", data={"csrf": token, "remark": "ok"})
            ).status_code == 303
        assert (await http.post("/definitions/xx-own/1/refuse", data={"csrf": token})).status_code == 409
        assert (await http.get("/definitions/xx-own/1/edit")).status_code == 409
        assert (await http.get("/definitions/xx-own/x/edit")).status_code == 404
        page = (await http.get("/definitions/xx-own")).text
        assert "xx-own@1" in page
        assert "!spam" in page


async def test_an_expression_is_tried_on_stored_evidence(open_node: FakeNode) -> None:
    row = {
        "id": EVIDENCE_ID, "received_at": 1_688_000_000_000, "observed_at": 1_688_000_000_000, "channel": "sms",
        "source": "trap",
        "sender": "+15550100123", "sender_kind": "phone", "subject": "", "excerpt": "You won", "spam": 1, "probability": 0.97,
        "content_type": "contest", "nature": "commercial", "country": "", "recipient_country": "", "count": 1, "synthetic": 0,
        "traits": "", "seen_24h": 1, "seen_30d": 1, "seen_365d": 1,
    }  # fmt: skip
    open_node.events.answers["a definition tried on"] = [row, {**row, "spam": 0}, {**row, "nature": ""}]
    async with client(create_app(open_node), **LOCAL) as http:
        token = await _token(http, "/definitions/try")
        given = {
            "csrf": token,
            "expression": 'nature == "commercial"',
            "against": "cn-sms",
            "period": "30d",
            "size": "200",
            "spread": "1",
        }
        found = await http.post("/definitions/try", data=given)
        assert found.status_code == 200
        assert "Of 3 pieces of evidence" in found.text
        assert "+15550100123" not in found.text  # masked
        assert open_node.events.asked[-1][1]["limit"] == 200
        wrong = await http.post("/definitions/try", data={**given, "expression": 'natur == "x"'})
        assert wrong.status_code == 422
        assert "There is no fact “natur”." in wrong.text
        assert "Line 1, character 1" in wrong.text


async def test_evidence_tells_the_definitions_with_reasons(open_node: FakeNode) -> None:
    async with client(create_app(open_node), **LOCAL) as http:
        found = (await http.get(f"/api/v1/evidence/{EVIDENCE_ID}")).json()["definition_answers"]
        assert len(found) > 20
        assert {row["answer"] for row in found} == {"yes", "no", "unknown"}
        assert next(row for row in found if row["id"] == "counterspam-verdict")["answer"] == "yes"


async def test_checking_tells_the_definitions_too(open_node: FakeNode) -> None:
    async with client(create_app(open_node), **LOCAL) as http:
        found = (
            await http.post("/api/v1/check?channel=sms", content=b"x", headers={"content-type": "text/plain"})
        ).json()
        (finding,) = found["findings"]
        assert "counterspam-verdict@1" in finding["verdict"]["definitions"]
        assert len(finding["definitions"]) > 30  # those of the day of the message


async def test_statistics_take_a_definition_that_there_is(node: FakeNode) -> None:
    async with client(create_app(node)) as http:
        for name, status in (("nope", 404), ("A!", 422), ("sg-spam-control@7", 404), ("sg-spam-control", 200)):
            found = await http.get("/api/v1/query", params={"defined_by": name, "period": "24h"})
            assert found.status_code == status, found.text
        assert found.json()["defined_by"]["versions"] == ["sg-spam-control@1"]
        assert "that meet sg-spam-control" in found.json()["units"]["spam_messages"]
        assert (await http.get("/api/v1/statistics/reporters?defined_by=sg-spam-control")).status_code == 422
        assert (await http.get("/api/v1/statistics/origins_by_country?defined_by=sg-spam-control")).status_code == 200


def test_every_fact_and_fault_has_words_in_every_language() -> None:
    assert set(labels.FACTS) == set(FACTS)
    error = Wrong("kind", 0, name="count", kind="number")
    for lang in LANGUAGES:
        with spoken(lang):
            assert all(labels.fact(name) for name in FACTS)
            assert "count" in labels.wrong(error)
            for code in labels.WRONG:
                given = {"most": 1, "text": "t", "known": "k", "name": "n", "kind": "text"}
                assert labels.wrong(Wrong(code, 0, **given))
