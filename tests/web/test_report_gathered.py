"""What the other instruments bring into a report: only what is public of them, and of its time."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from fake_node import FakeNode

from counterspam import questionnaires
from counterspam.measure.frozen import span
from counterspam.policy.repository.classify import PILLARS
from counterspam.policy.repository.fields import Kind
from counterspam.store import scenarios, training, waves
from counterspam.store.scenarios import Scenario
from counterspam.web.reports import gathered

HALF = span("2026-H1")
INSIDE = HALF.start * 1000 + 86_400_000


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path)
    yield node
    node.close()


def rows(node: FakeNode, name: str) -> list[list[object]]:
    return [list(row) for row in gathered.sections(node, HALF)[name]["rows"]]


def test_the_repository_brings_its_counts(node: FakeNode) -> None:
    found = {row[0]: row[1:] for row in rows(node, "repository")}
    assert {name: row[0] for name, row in found.items()} == {
        "laws": 143,
        "best practices": 162,
        "cooperation bodies": 46,
    }
    assert found["laws"][1] == 115
    assert found["best practices"][1] is None
    assert {row[0] for row in rows(node, "practices")} == {gathered.PILLARS[pillar] for pillar in PILLARS}
    assert set(gathered.KINDS) == set(Kind)


def test_a_wave_is_told_once_it_is_released_unless_it_is_made_up_or_later(node: FakeNode) -> None:
    with node.records.begin() as conn:
        for number, (opens, more) in enumerate([(INSIDE, {}), (INSIDE, {"synthetic": True}), (HALF.end * 1000, {})]):
            wave = questionnaires.new_wave(f"w{number}", "A wave", "2026", "2025", opens, opens + 10**9, **more)
            waves.add(conn, wave)
        waves.add(conn, replace(wave, id="unreleased", opens_at=INSIDE))
        for number in range(3):
            release = waves.prepare(conn, f"w{number}", {}, by="a1", at=INSIDE)
            waves.decide(conn, f"w{number}", release.number, "approved", by="a2", at=INSIDE)
    assert rows(node, "questionnaire") == [["A wave", "2025", 0, 0, None]]


def test_workshops_of_the_period_are_counted_by_kind(node: FakeNode) -> None:
    with node.records.begin() as conn:
        for number, start in enumerate([INSIDE, INSIDE, HALF.end * 1000 + 1]):
            one = training.Workshop(
                id=f"{number:016x}",
                kind="workshop",
                title="How to report",
                lang="en",
                starts_at=start,
                ends_at=start + 3_600_000,
                audience="policy",
                region="002",
            )
            training.save(conn, one)
    assert rows(node, "workshops") == [["workshop", 2]]


def test_scenarios_are_told_once_they_are_published(node: FakeNode) -> None:
    band = {"low": 1.0, "median": 2.0, "high": 3.0}
    given = Scenario(
        id="1" * 16,
        title="What it costs",
        country="FR",
        asked="{}",
        result=orjson.dumps({"burden": {"total": band}}).decode(),
        model="m",
        author="a1",
        created_at=1,
    )
    with node.records.begin() as conn:
        made = scenarios.add(conn, given)
        assert gathered._costs(conn)["rows"] == []
        scenarios.decide(conn, made.id, made.version, "published", "a2", "Two", 2)
    assert rows(node, "costs") == [["What it costs", "FR", 1.0, 2.0, 3.0]]
