"""The public API of the repository: models hold, files come back without loss, bad questions are refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_node import FakeNode, client

from counterspam.policy.repository import formats
from counterspam.policy.repository.fields import Kind
from counterspam.policy.repository.shipped import shipped
from counterspam.store import entries, plans
from counterspam.store.entries import Version
from counterspam.web.app import create_app
from counterspam.web.repository import models

API = "/api/v1/repository"
LAW = "US-CANSPAM"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    found = FakeNode(tmp_path, rate_per_minute=0)
    with found.records.begin() as conn:
        content = dict(shipped(Kind.LAW)[LAW]) | {"sending_hours": "8 to 20"}
        version = Version(
            kind="laws", id=LAW, base=0, content=content, author_name="A", contact="a@b.example", proposed_at=1
        )
        entries.propose(conn, version)
        entries.decide(conn, 1, "published", approver="k", approver_name="M", reason="r", at=1_790_000_000_000)
        plans.add(conn, plans.Row(item="feedback-technical", status="done", note="inside", said_at=1, said_by="k"))
    yield found
    found.close()


async def get(node: FakeNode, path: str) -> Any:
    async with client(create_app(node)) as http:
        return await http.get(API + path)


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("/laws", models.Entries),
        ("/practices?pillar=education", models.Entries),
        ("/bodies?limit=200", models.Entries),
        (f"/laws/{LAW}", models.Entry),
        ("/practices/RFC-7208", models.Entry),
        (f"/laws/{LAW}/history", models.History),
        ("/laws?country=FR", models.Entries),
        ("/compare?of=US,FR", models.Compared),
        ("/gaps?country=GH&against=consent,powers&others=ZA", models.Gaps),
        (f"/covered?a=AU&b={LAW}", models.Covered),
        ("/figures", models.Figures),
        ("/plan", models.Plan),
    ],
)
async def test_answers_are_as_described_and_open_to_all(node: FakeNode, path: str, model: Any) -> None:
    answer = await get(node, path)
    assert answer.status_code == 200
    assert set(answer.json()) == set(model.model_validate(answer.json()).model_dump()) - (
        {"pillars", "layers"} - set(answer.json())
    )
    assert answer.headers["access-control-allow-origin"] == "*"
    async with client(create_app(node)) as http:
        again = await http.get(API + path, headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("form", sorted(formats.FORMS))
@pytest.mark.parametrize("kind", Kind)
async def test_the_whole_repository_comes_as_a_file_without_loss(node: FakeNode, kind: Kind, form: str) -> None:
    answer = await get(node, f"/{kind}.{form}")
    found = {one["id"]: one for one in formats.READERS[form](kind, answer.content)}
    expected = {id: dict(content) for id, content in shipped(kind).items()}
    if kind == Kind.LAW:
        expected[LAW]["sending_hours"] = "8 to 20"
    assert found == expected
    assert f'filename="counterspam-{kind}.{form}"' in answer.headers["content-disposition"]
    few = await get(node, f"/{kind}.{form}?confidence=low")
    assert {one["confidence"] for one in formats.READERS[form](kind, few.content)} == {"low"}


async def test_a_list_is_read_page_by_page(node: FakeNode) -> None:
    seen, cursor = [], "0"
    while cursor:
        page = (await get(node, f"/laws?limit=60&cursor={cursor}")).json()
        seen += [row["id"] for row in page["rows"]]
        cursor = page["next"]
    assert seen == sorted(shipped(Kind.LAW))


async def test_what_is_of_a_union_is_told_by_a_field(node: FakeNode) -> None:
    of = {"id": "EU-EPRIVACY", "union": "EU", "act": "directive"}
    found = (await get(node, "/laws?country=FR")).json()
    assert found["of_unions"] == [of]
    assert "EU-EPRIVACY" not in [one["id"] for one in found["rows"]]
    for path in ("/laws", "/laws?country=GB", "/laws?country=EU", "/practices?country=FR"):
        assert (await get(node, path)).json()["of_unions"] == []
    rows = {one["path"]: one["sides"][0] for one in (await get(node, "/compare?of=FR")).json()["rows"]}
    side = rows["private_right_of_action"]
    assert (side["strictest"], side["by_union"]) == (None, True)
    assert [(one["union"], one["act"], one["counts"]) for one in side["given"]] == [
        ("", "", True),
        ("EU", "directive", False),
    ]
    (row,) = (await get(node, "/gaps?country=FR&against=private_right_of_action")).json()["rows"]
    assert (row["answer"], [one["union"] for one in row["laws"]]) == ("union", ["", "EU"])
    rows = (await get(node, "/covered?a=FR&b=AU")).json()["rows"]
    assert {one["union"] for row in rows for one in row["breaches"][0]} == {"", "EU"}
    assert {one["union"] for row in rows for one in row["breaches"][1]} == {""}


async def test_the_history_ends_with_the_shipped_version_and_shows_no_contact(node: FakeNode) -> None:
    answer = await get(node, f"/laws/{LAW}/history")
    rows = answer.json()["rows"]
    assert [row["version"] for row in rows] == [1, 0]
    assert rows[0]["changes"] == [{"path": "sending_hours", "before": None, "after": "8 to 20"}]
    assert rows[0]["signed_off_by"] == "M"
    assert "a@b.example" not in answer.text


async def test_notes_of_the_plan_are_not_public(node: FakeNode) -> None:
    answer = await get(node, "/plan")
    assert answer.json()["counts"]["done"] == 1
    assert "inside" not in answer.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/else", 422),
        ("/laws/nothing", 404),
        ("/laws/nothing/history", 404),
        ("/laws.xml", 404),
        ("/laws?country=XX", 422),
        ("/laws.csv?status=perhaps", 422),
        ("/laws?limit=1000", 422),
        ("/compare", 422),
        ("/compare?of=XX", 422),
        ("/gaps?country=gh", 422),
        ("/gaps?country=XX", 404),
        ("/gaps?country=GH&against=else", 422),
        ("/covered?a=AU", 422),
        ("/covered?a=AU&b=else", 404),
    ],
)
async def test_what_cannot_be_answered_is_refused(node: FakeNode, path: str, status: int) -> None:
    answer = await get(node, path)
    assert answer.status_code in (status, 422 if path == "/laws.xml" else status)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_who_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, rate_per_minute=2)
    async with client(create_app(node)) as http:
        statuses = [(await http.get(f"{API}/figures")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    node.close()
