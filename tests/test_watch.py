"""The watching thread: it looks, says how it is doing, outlives failures, and stops when told."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from counterspam.config import Config
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
    node = SimpleNamespace(config=Config(**settings), records=records, doors=doors, events=SimpleNamespace(query=query))
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
