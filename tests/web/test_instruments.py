"""The page of all instruments: what the node holds of each, as far as everybody may know it."""

import re
import time
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from fake_node import FakeNode, client

from bench.members import fill_wave
from counterspam.policy.repository import plan
from counterspam.store import plans, scenarios, training
from counterspam.store.scenarios import Scenario
from counterspam.web import instruments, words
from counterspam.web.app import create_app


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path)
    yield node
    node.close()


def held(node: FakeNode) -> dict[str, dict[str, str]]:
    return {one.path: dict(one.held) for one in instruments.every(node)}


def test_a_new_node_holds_what_is_shipped_and_knows_what_it_does_not(node: FakeNode) -> None:
    found = held(node)
    assert list(found) == [path for path in words.POLICY if path != instruments.SECTION]
    assert set(found) == set(instruments.PILLARS)
    assert found["/laws"] == {"Entries": "143", "Jurisdictions with an instrument": "115", "Due for review": "0"}
    assert (found["/practices"]["Entries"], found["/cooperation"]["Entries"]) == ("162", "46")
    assert (found["/definitions"], found["/plan"]) == ({"In force": "36"}, {"Share done": "0\u00a0%"})
    assert found["/questionnaires"] == {"Response rate": ""}, "no wave is released: unknown, not none"
    assert found["/costs"] == {"Published": "0"}
    assert (found["/training"], found["/reports"]) == ({"Modules completed": "0"}, {"Released": "0"})


def test_what_was_done_on_the_node_is_counted(node: FakeNode) -> None:
    now = int(time.time() * 1000)
    one = Scenario(id="1" * 16, title="A", country="FR", asked="{}", result="{}", model="m", author="a", created_at=now)
    fill_wave(node.records, now)
    with node.records.begin() as conn:
        for item in list(plan.items())[:10]:
            plans.add(conn, plans.Row(item=item, status="done", responsible="A", said_at=now, said_by="a"))
        kept = scenarios.add(conn, one)
        scenarios.decide(conn, one.id, kept.version, scenarios.PUBLISHED, "b", "B", now)
        scenarios.add(conn, one)  # a draft of its next version changes nothing
        for _ in range(4):
            training.count(conn, "2026-11", "m", "user", "002", completed=True)
    found = held(node)
    assert found["/plan"] == {"Share done": f"{100 * 10 / len(plan.items()):.0f}\u00a0%"}
    assert found["/questionnaires"] == {"Invited": "21", "Response rate": "95\u00a0%"}
    assert found["/costs"] == {"Published": "1"}
    assert found["/training"] == {"Modules completed": ""}, "fewer than 5 are not told"
    with node.records.begin() as conn:
        training.count(conn, "2026-11", "n", "user", "002", completed=True)
    assert held(node)["/training"] == {"Modules completed": "5"}


async def test_the_page_leads_to_every_instrument(node: FakeNode) -> None:
    async with client(create_app(node)) as web:
        text = unescape((await web.get("/policy")).text)
        assert re.findall(r'<th scope="row" class=""><a href="([^"?]+)[^"]*">', text) == list(words.POLICY)[1:]
        assert "Jurisdictions with an instrument (K22): <strong>115</strong>" in text
