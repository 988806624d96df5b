"""The watching thread: it looks, says how it is doing, outlives failures, and stops when told."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from counterspam.config import Config
from counterspam.decide import Sources
from counterspam.errors import ConfigError
from counterspam.learning import Learning, NothingToLearn
from counterspam.store import decisions
from counterspam.store.records import Records
from counterspam.watch import Watch


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = Records.open(Config(data=tmp_path))
    store.migrate()
    yield store
    store.close()


def watching(records: Records, query: Any, **settings: Any) -> tuple[Watch, dict[str, str]]:
    doors: dict[str, str] = {}
    config = Config(**{"learn_hours": 0, **settings})
    blobs: Any = SimpleNamespace()
    learning = Learning(Sources(config, query, records, blobs))
    events = SimpleNamespace(query=query)
    node = SimpleNamespace(config=config, records=records, doors=doors, events=events, learning=learning)
    return Watch(node), doors  # type: ignore[arg-type]


def wait_for(doors: Mapping[str, str], name: str) -> str:
    deadline = time.monotonic() + 20
    while name not in doors:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return doors[name]


def test_an_empty_node_is_looked_at(records: Records) -> None:
    asked: list[str] = []

    def query(sql: str, parameters: object = None) -> list[dict[str, int]]:
        asked.append(sql)
        return [{"first": 0, "last": 0, "reports": 0}]

    watch, doors = watching(records, query)
    watch.start()
    try:
        assert wait_for(doors, "changes") == "ok"
    finally:
        watch.close()
    assert len(asked) == 1


def test_a_look_that_fails_is_shown(records: Records) -> None:
    def query(sql: str, parameters: object = None) -> list[dict[str, int]]:
        raise RuntimeError("the store is away")

    watch, doors = watching(records, query)
    watch.start()
    try:
        assert wait_for(doors, "changes") == "RuntimeError: the store is away"
    finally:
        watch.close()


def test_it_can_be_switched_off(records: Records) -> None:
    watch, doors = watching(records, None, change_minutes=0)
    watch.start()
    watch.close()
    assert doors == {}


def test_targets_are_told(records: Records) -> None:
    watch, doors = watching(records, None, change_minutes=0, webhook_urls=("http://127.0.0.1:1/x",))
    watch.start()
    try:
        assert wait_for(doors, "telling") == "ok"
    finally:
        watch.close()


def test_learning_is_tried_when_there_is_enough_and_says_how_it_went(
    records: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def query(sql: str, parameters: object = None) -> list[dict[str, int]]:
        return []

    places = {"learn_hours": 1, "change_minutes": 0, "learn_jurisdictions": ("FR", "DE", "IT"), "data": tmp_path}
    watch, doors = watching(records, query, **places)
    with records.begin() as conn:
        for number in range(60):
            place = "FR" if number < 20 else "DE" if number < 55 else "IT"  # too few in IT
            given = {
                "evidence": str(number),
                "decided_at": number,
                "decided_by": "a",
                "spam": True,
                "jurisdiction": place,
            }
            decisions.add(conn, decisions.Decision(**given, probability=0.2))
    tried: list[str] = []

    def learn(place: str, **_: Any) -> Any:
        tried.append(place)
        if place == "FR":
            raise NothingToLearn("none can be read")
        raise ConfigError("the disk is full")

    monkeypatch.setattr(watch._learning, "learn", learn)
    watch.start()
    try:
        said = wait_for(doors, "learning")
        watch._learn()  # not tried again within the hour
    finally:
        watch.close()
    assert tried == ["FR", "DE"]
    assert "DE: the disk is full" in said
    assert "DE: errors beyond the limit" in said
    assert watch._learning.drifts["DE"].recent == 35
