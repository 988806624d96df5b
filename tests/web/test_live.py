"""The live stream: one computation for all, only what changed, an end when the server stops."""

import asyncio
import threading
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import canned
import pytest
from fake_node import client
from test_pages import Node

from counterspam.web import live
from counterspam.web.app import create_app
from counterspam.web.kept import Kept
from counterspam.web.live import Live
from counterspam.web.view import View
from counterspam.web.views import find


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A node with canned answers and counted records."""
    found = Node(tmp_path, monkeypatch)
    yield found
    found.close()


@pytest.fixture
def still(node: Node) -> Live:
    """The blocks of its pages."""
    return Live(node)


@pytest.fixture
def state(still: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The same with clocks that run fast."""
    for name, seconds in (("NEWEST", 0.0), ("SLOW", 0.0), ("LOOK", 0.01), ("IDLE", 0.02)):
        monkeypatch.setattr(live, name, seconds)
    return still


async def events(stream: AsyncIterator[bytes], count: int) -> list[tuple[str, str]]:
    """The next events: name, data."""
    found: list[tuple[str, str]] = []
    async for chunk in stream:
        for event in chunk.decode().split("\n\n"):
            lines = event.splitlines()
            if lines and lines[0].startswith("event: "):
                found.append((lines[0][7:], "\n".join(line.removeprefix("data: ") for line in lines[1:])))
        if len(found) >= count:
            return found
    return found


async def test_all_blocks_come_first_and_then_only_what_changed(state: Live) -> None:
    stream = state.stream("/", View(), "", False)
    names = list(state.blocks("/", View()))
    first = await events(stream, len(names))
    assert first[0][0] == "newest"  # it waits for nothing else
    assert sorted(name for name, _ in first) == sorted(names)
    assert state.listeners == 1
    state.node.events.answers["newest_evidence"][0]["excerpt"] = "It has just arrived"
    state.node.events.answers["span"] = [{**canned.ANSWERS["span"][0], "reports": 226}]
    name, html = (await events(stream, 1))[0]
    assert name == "newest"
    assert "It has just arrived" in html
    state.close()
    assert await events(stream, 1) == []
    assert state.listeners == 0


async def test_an_up_to_date_page_is_sent_nothing(state: Live) -> None:
    seen = live.digest(state.blocks("/", View()))
    stream = state.stream("/", View(), seen, False)
    assert (await anext(stream)).startswith(b"retry:")
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    state.close()
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_silence_is_broken_by_a_heartbeat(state: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT", 0.03)
    stream = state.stream("/", View(), live.digest(state.blocks("/", View())), False)
    await anext(stream)
    assert await anext(stream) == b": still here\n\n"
    await stream.aclose()  # type: ignore[attr-defined]
    assert state.listeners == 0


async def test_each_event_can_be_unpacked_as_it_comes(state: Live) -> None:
    stream = state.stream("/", View(), "", True)
    unpacker = zlib.decompressobj(16 + 15)
    assert unpacker.decompress(await anext(stream)) == b"retry: 2000\n\n"
    packed = await anext(stream)
    plain = unpacker.decompress(packed)
    assert plain.startswith(b"event: newest\n")
    assert plain.endswith(b"\n\n")
    assert len(packed) < len(plain) / 2
    await stream.aclose()  # type: ignore[attr-defined]


def test_one_computation_serves_everybody(still: Live) -> None:
    started = threading.Barrier(8)

    def look(_: int) -> dict[str, str]:
        started.wait()
        return still.blocks("/", View())

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(look, range(8)))
    assert all(blocks == found[0] for blocks in found)
    asked = still.node.events.asked
    assert asked.count("top_campaigns") == 1
    assert asked.count("reporters") == 1
    questions = [ask for ask in still.node.counted.asked if ask.dimensions == ("origin",)]
    assert len(questions) == 1


@pytest.mark.parametrize("path", ["/types", "/origins", "/country/DE", "/changes", "/quality"])
async def test_every_page_of_statistics_is_streamed(state: Live, path: str) -> None:
    view = View(subject=find(path)[1])
    names = list(state.blocks(path, view))
    sent = await events(state.stream(path, view, "", False), len(names))
    assert sorted(name for name, _ in sent) == sorted(names)
    assert "notice" in names


async def test_a_stream_follows_the_filters_of_its_view(state: Live) -> None:
    view = View(filters=(("content_type", "bank"),))
    blocks = dict(await events(state.stream("/types", view, "", False), len(state.blocks("/types", view))))
    assert all("content_type=bank" in html for html in blocks.values() if "/api/v1/query" in html)


def test_a_slow_answer_is_asked_for_less_often() -> None:
    calls: list[int] = []
    kept = Kept()

    def slow() -> int:
        time.sleep(0.05)
        calls.append(1)
        return len(calls)

    assert kept.answer("slow", 0.0, slow) == 1
    assert kept.answer("slow", 0.0, slow) == 1
    assert kept._answers["slow"].until > time.monotonic() + 0.1


def test_a_failing_answer_is_asked_for_again() -> None:
    kept = Kept()

    def fail() -> int:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        kept.answer("x", 10, fail)
    assert kept.answer("x", 10, lambda: 5) == 5


def test_answers_are_bounded() -> None:
    kept = Kept(100)
    for number in range(150):
        kept.answer(number, 10, lambda: 0)
    assert list(kept._answers) == list(range(50, 150))


async def test_the_stream_over_http(node: Node) -> None:
    app = create_app(node)
    live.of(app).close()  # so that it ends by itself
    async with client(app) as web:
        answer = await web.get("/live?period=nonsense&channel=nonsense")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.text == "retry: 2000\n\n"
        live.of(app).listeners = live.MOST_LISTENERS
        assert (await web.get("/live")).status_code == 503
        live.of(app).listeners = 0
        assert (await web.get("/live?page=/types")).status_code == 200
        assert (await web.get("/live?page=/country/DE")).status_code == 200
        for unknown in ("/nothing", "/country", "/country/", "/country/XX", "//evil.example", "", "/types/x"):
            assert (await web.get("/live", params={"page": unknown})).status_code == 404
