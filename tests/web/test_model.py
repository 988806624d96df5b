"""Decisions and the model over HTTP: who may, what is kept, what the pages show."""

import base64
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_node import EVIDENCE_ID, ROW, FakeNode, client
from test_pages import Outline

from counterspam import pipeline
from counterspam.detect import delta, learned, versions
from counterspam.detect.facts import derive
from counterspam.errors import StoreError
from counterspam.model import Evidence, Raw
from counterspam.store import decisions
from counterspam.web import metrics
from counterspam.web.app import create_app

LINE = (
    b'{"counterspam": "1", "channel": "sms", "text": "zorble quandrix", "source": "user-report", "reported_spam": true}'
)
PAGE = f"/evidence/{EVIDENCE_ID}"


def body_hash() -> str:
    raw = Raw(id="0" * 32, data=LINE, received_at=ROW["received_at"], intake="x")
    found = next(iter(pipeline.decode(raw)))
    assert isinstance(found, Evidence)
    return derive(found).body_hash


class Kept:
    """The raw item of the evidence."""

    def get(self, ref: str) -> bytes:
        """It, or StoreError."""
        if ref != "blob":
            raise StoreError("gone")
        return LINE


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeNode]:
    found = FakeNode(tmp_path, learn_jurisdictions=("FR",))
    row = {**ROW, "blob": "blob", "record": 0, "body_hash": body_hash(), "reporter": "a" * 16, "jurisdiction": "DE"}
    row |= {"model": "0123456789ab", "detail": '{"checks": [["learned", "ham 0.20", -1.25, "x"]]}'}
    found.events.answers["What is known about one"] = [row]
    found.events.answers["Where are the raw items"] = [row]
    monkeypatch.setattr(found.blobs, "get", Kept().get)
    yield found
    found.close()


@pytest.fixture
async def admin(node: FakeNode) -> AsyncIterator[httpx.AsyncClient]:
    async with client(create_app(node), secret=node.key("admin")) as http:
        yield http


async def test_a_decision_is_kept_with_what_stood_before(admin: httpx.AsyncClient, node: FakeNode) -> None:
    answer = await admin.post(f"/api/v1{PAGE.upper().replace('/EVIDENCE', '/evidence')}/decision", json={"spam": False})
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["number"], made["spam"], made["was_spam"], made["was_type"]) == (1, False, True, "contest")
    assert "reporter" not in made
    await admin.post(f"/api/v1{PAGE}/decision", json={"spam": True, "content_type": "parcel"})
    rows = (await admin.get(f"/api/v1{PAGE}/decisions")).json()["rows"]
    assert [(row["number"], row["content_type"]) for row in rows] == [(2, "parcel"), (1, "")]
    with node.records.read() as conn:
        one = decisions.history(conn, EVIDENCE_ID)[0]
    assert (one.reported, one.reporter, one.jurisdiction, one.odds) == (1, "a" * 16, "DE", -1.25)
    assert len(one.decided_by) == 16


@pytest.mark.parametrize(
    "given", [{}, {"spam": "perhaps"}, {"spam": True, "content_type": "nonsense"}, {"spam": True, "x": 1}]
)
async def test_a_decision_that_means_nothing_is_a_problem(admin: httpx.AsyncClient, given: dict[str, Any]) -> None:
    assert (await admin.post(f"/api/v1{PAGE}/decision", json=given)).status_code == 422


async def test_deciding_needs_its_scope_and_evidence(node: FakeNode) -> None:
    for scopes, status in ((["evidence:read", "operate"], 403), (["evidence:decide"], 200)):
        async with client(create_app(node), secret=node.key(*scopes)) as http:
            assert (await http.post(f"/api/v1{PAGE}/decision", json={"spam": True})).status_code == status
    node.events.answers["What is known about one"] = []
    async with client(create_app(node), secret=node.key("evidence:decide")) as http:
        assert (await http.post(f"/api/v1{PAGE}/decision", json={"spam": True})).status_code == 404
    async with client(create_app(node)) as http:
        assert (await http.post(f"/api/v1{PAGE}/decision", json={"spam": True})).status_code == 401


def token(text: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found
    return found[1]


async def test_the_page_of_evidence_lets_those_decide_who_may(node: FakeNode, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = dict.fromkeys(("network", "source_ip", "operator", "recipient_country", "recipient_operator", "nature"), "")
    shown |= dict.fromkeys(("payload", "technique", "language", "intake", "format", "disposition", "node"), "")
    shown |= {"domains": [], "numbers": [], "asn": 0, "observed_at": 1, "seen_before": 0}
    shown |= dict.fromkeys(("spf", "dkim", "dmarc", "stir"), "")
    row = node.events.answers["What is known about one"][0]
    node.events.answers["What is known about one"] = [{**row, **shown}]
    monkeypatch.setattr(node, "check", lambda raw: [])
    async with client(create_app(node), secret=node.key("evidence:read"), accept="text/html") as http:
        assert "It is spam" not in (await http.get(PAGE)).text
    both = node.key("evidence:read", "evidence:decide")
    async with client(create_app(node), secret=both, accept="text/html") as http:
        text = (await http.get(PAGE)).text
        assert "It is spam" in text
        form = {"label": "spam", "content_type": "parcel"}
        assert (await http.post(f"{PAGE}/decision", data=form)).status_code == 403  # not from a page of ours
        form["csrf"] = token(text)
        answer = await http.post(f"{PAGE}/decision", data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}#decision-h")
        assert (await http.post(f"{PAGE}/decision", data={**form, "label": "perhaps"})).status_code == 400
        assert (await http.post("/evidence/x/decision", data=form)).status_code == 404
        text = (await http.get(PAGE)).text
        assert "Spam (Parcel delivery)" in text


def well_made(text: str) -> None:
    """As `test_pages` asks of every page."""
    found = Outline(text)
    assert found.faults == []
    assert len(found.ids) == len(set(found.ids))
    assert found.targets <= set(found.ids)
    assert (found.tags.count("h1"), found.tags.count("table")) == (1, found.tags.count("caption"))


async def test_the_model_learns_goes_back_and_is_chosen(admin: httpx.AsyncClient, node: FakeNode) -> None:
    assert (await admin.post("/api/v1/model/learn", json={})).status_code == 409
    await admin.post(f"/api/v1{PAGE}/decision", json={"spam": False})
    made = (await admin.post("/api/v1/model/learn", json={})).json()
    assert (made["active"], made["lessons"], made["passed"]) == (True, 1, True)
    found = (await admin.get("/api/v1/model")).json()
    assert found["active"] == {"all": made["name"]}
    assert found["shipped"] == learned.load(None).version
    assert set(found["drift"]) == {"all", "FR"}
    card = (await admin.get(f"/api/v1/model/versions/all/{made['name']}")).json()
    assert card["record"]["digest"]
    assert made["name"] in card["card"]
    assert (await admin.get("/api/v1/model/versions/all/0009-0123456789ab")).status_code == 400
    assert (await admin.post("/api/v1/model/revert", json={})).json() == {"done": "shipped"}
    assert (await admin.post("/api/v1/model/revert", json={})).status_code == 400
    assert (await admin.get("/api/v1/model")).json()["held"] == ["all"]
    assert (await admin.post("/api/v1/model/activate", json={"name": "../x"})).status_code == 400
    assert (await admin.post("/api/v1/model/activate", json={"name": made["name"]})).status_code == 200
    assert versions.state(node.learning.root).chosen == {"all": made["name"]}


async def test_deltas_over_http(admin: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await admin.get("/api/v1/model/delta")).status_code == 400  # the shipped model has learned nothing
    assert (await admin.get("/api/v1/model/delta", params={"least": 1})).status_code == 422
    for data in (b"", b"junk", base64.b64decode("UEsDBA==")):
        answer = await admin.post("/api/v1/model/deltas", content=data)
        assert answer.status_code == 400
        assert "delta" in answer.json()["detail"]
    huge = b"x" * (2 * delta.MOST_DELTAS * 1024 * 1024 + 1)
    assert (await admin.post("/api/v1/model/deltas", content=huge)).status_code == 413
    await admin.post(f"/api/v1{PAGE}/decision", json={"spam": False})
    await admin.post("/api/v1/model/learn", json={})
    assert "nothing to tell" in (await admin.get("/api/v1/model/delta")).json()["detail"]


async def test_the_pages_of_the_model(node: FakeNode) -> None:
    async with client(create_app(node), secret=node.key("operate"), accept="text/html") as http:
        text = (await http.get("/operator/model")).text
        assert "The model is as it was shipped" in text
        assert "France" in text
        assert (await http.post("/operator/model/all", data={"act": "learn"})).status_code == 403
        form = {"csrf": token(text), "act": "learn"}
        assert "done=nothing" in (await http.post("/operator/model/all", data=form)).headers["location"]
        async with client(create_app(node), secret=node.key("evidence:decide")) as api:
            await api.post(f"/api/v1{PAGE}/decision", json={"spam": False})
        assert "done=learned" in (await http.post("/operator/model/all", data=form)).headers["location"]
        text = (await http.get("/operator/model?done=learned")).text
        well_made(text)
        assert "The model has learned from decisions of analysts" in text
        name = versions.state(node.learning.root).chosen["all"]
        page = (await http.get(f"/operator/model/all/{name}")).text
        assert "canary" in page
        well_made(page)
        assert "Use this version" not in page
        assert (await http.get("/operator/model/all/0009-0123456789ab")).status_code == 404
        assert (await http.get("/operator/model/../etc")).status_code == 404
        back = await http.post("/operator/model/all", data={**form, "act": "revert"})
        assert "done=reverted" in back.headers["location"]
        assert "Use this version" in (await http.get(f"/operator/model/all/{name}")).text
        for lang, word in (("ar", "النموذج"), ("es", "modelo"), ("fr", "modèle"), ("ru", "Модель"), ("zh", "模型")):
            assert word in (await http.get(f"/operator/model?lang={lang}")).text
        assert (await http.post("/operator/model/all", data={**form, "act": "x"})).status_code == 404
        chosen = {**form, "act": "activate", "version": name}
        assert "done=chosen" in (await http.post("/operator/model/all", data=chosen)).headers["location"]
    async with client(create_app(node), secret=node.key("evidence:decide"), accept="text/html") as http:
        assert (await http.get("/operator/model")).status_code == 403


async def test_drift_is_shown_and_measured(node: FakeNode) -> None:
    with node.records.begin() as conn:
        for number in range(60):
            given = {"evidence": str(number), "decided_at": number, "decided_by": "a", "spam": True, "probability": 0.1}
            decisions.add(conn, decisions.Decision(**given))
    async with client(create_app(node), secret=node.key("operate"), accept="text/html") as http:
        text = (await http.get("/operator/model")).text
    assert "The model is drifting" in text
    assert "Analysts disagree with more of the verdicts than before." in text
    drifts = {place: asdict(seen) for place, seen in node.learning.drifts.items()}
    written = metrics.text({**node.status(), "drift": drifts}).decode()
    assert 'counterspam_model_errors{jurisdiction="all"} 1.0' in written
    assert 'counterspam_model_alarms{jurisdiction="all"} 2.0' in written
