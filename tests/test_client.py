"""The Python client: against the application itself, and against a node that is busy, wrong or gone; its documented example."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from counterspam import client as module
from counterspam.client import Answer, Client, Refused
from counterspam.console.client import InProcess
from counterspam.errors import CounterspamError
from counterspam.web.app import create_app

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "web"))

from fake_node import FakeNode  # noqa: E402

COUNTS = {"messages": 60, "reports": 30, "spam_messages": 40, "spam_reports": 20, "small": 0, "enough": 1, "cells": 1}


class Engine:
    """Two origins, or channels, and one sum."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def query(self, sql: str, params: Any = None) -> list[dict[str, Any]]:
        if "AS cell" not in sql:
            return self.inner.query(sql, params)  # type: ignore[no-any-return]
        names = re.findall(r"AS shown_(\w+), ", sql)
        found = [
            {f"shown_{name}": 1_795_305_600 if name == "at" else one for name in names} | COUNTS for one in ("A", "B")
        ]
        return found if set(names) - {"at"} else found[:1]


class Plain(InProcess):
    """Asks for answers as they are: `InProcess` passes on what was unpacked."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["accept-encoding"] = "identity"
        return super().handle_request(request)

    def close(self) -> None:
        """A client that is closed leaves it open for the next one."""


@pytest.fixture
def transport(tmp_path: Path) -> Iterator[httpx.BaseTransport]:
    node = FakeNode(tmp_path)
    node.events = Engine(node.events)  # type: ignore[assignment]
    transport = Plain(create_app(node))
    yield transport
    InProcess.close(transport)
    node.close()


@pytest.fixture
def node(transport: httpx.BaseTransport) -> Client:
    return Client("http://node.example", transport=transport)


def test_a_question(node: Client) -> None:
    found = node.query(metrics=["reports", "spam_share"], dimensions="channel", period="7d", interval="day")
    assert [row["channel"] for row in found.rows] == ["A", "B"]
    assert found.totals == {"reports": 60, "spam_share": 80 / 120}  # of both rows
    assert found.units["reports"] == "reports"
    assert found.notes["disclosure"]["rule"] == "open"


def test_filters_and_pages(node: Client) -> None:
    pages = list(node.pages(dimensions="origin", channel=["sms", "voice"], destination="", limit=1))
    assert [page.rows[0]["origin"] for page in pages] == ["A", "B"]
    assert pages[0].notes["question"]["filters"] == {"channel": ["sms", "voice"], "destination": [""]}


def test_named_questions(node: Client) -> None:
    assert "volume_by_channel" in {one["name"] for one in node.names()}
    assert node.series("origins_by_country", period="30d").notes["definition"]["question"]


def test_a_refusal_carries_the_problem(node: Client) -> None:
    with pytest.raises(Refused, match=r"^Unprocessable .*: channel 'fax' is not possible") as refused:
        node.query(channel="fax")
    assert refused.value.status == 422
    assert isinstance(refused.value, CounterspamError)


def test_what_has_not_changed_is_not_fetched_again(transport: httpx.BaseTransport) -> None:
    seen: list[tuple[str, int, int]] = []

    class Watching(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = transport.handle_request(request)
            seen.append((request.headers.get("if-none-match", ""), answer.status_code, len(answer.read())))
            return answer

    node = Client("http://node.example", transport=Watching())
    first, second = (node.query(dimensions="channel", period="2024") for _ in range(2))
    assert first == second
    assert [status for _, status, _ in seen] == [200, 304]
    assert seen[0][0] == ""
    assert seen[1][0]
    assert seen[1][2] == 0


ANSWER = {"rows": [], "totals": {}, "units": {}, "next": ""}


def busy(*answers: httpx.Response) -> tuple[Client, list[httpx.Response]]:
    left = list(answers)
    return Client("http://node.example", transport=httpx.MockTransport(lambda _: left.pop(0))), left


def test_it_comes_back_when_it_is_told_to(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    wait = {"Retry-After": "7"}
    node, left = busy(
        httpx.Response(429, headers=wait), httpx.Response(503, headers=wait), httpx.Response(200, json=ANSWER)
    )
    assert node.query() == Answer([], {}, {}, {})
    assert (waited, left) == ([7.0, 7.0], [])


def test_it_does_not_come_back_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(module.time, "sleep", waited.append)
    node, left = busy(*[httpx.Response(429, headers={"Retry-After": "1"}, json={"title": "Too Many Requests"})] * 9)
    with pytest.raises(Refused, match=r"^Too Many Requests$"):
        node.query()
    assert (len(waited), len(left)) == (module.MOST_WAITS, 9 - module.MOST_WAITS - 1)
    for header in ("3600", "Wed, 21 Oct 2026 07:28:00 GMT"):
        with pytest.raises(Refused):
            busy(httpx.Response(429, headers={"Retry-After": header}))[0].query()
    assert len(waited) == module.MOST_WAITS


def test_what_is_no_node() -> None:
    with pytest.raises(Refused, match="status 404"):
        busy(httpx.Response(404, text="<html>"))[0].query()
    with pytest.raises(Refused, match="status 200"):
        busy(httpx.Response(200, text="<html>"))[0].query()

    def gone(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with pytest.raises(CounterspamError, match=r"node\.example does not answer: refused"):
        Client("http://node.example", transport=httpx.MockTransport(gone)).query()


def test_memory_is_bounded() -> None:
    node = Client(
        "http://n.example",
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json=ANSWER, headers={"ETag": '"1"'})),
    )
    for number in range(module.MOST_KEPT + 20):
        node.query(limit=number)
    assert len(node._kept) == module.MOST_KEPT


def test_a_key_is_sent() -> None:
    def check(request: httpx.Request) -> httpx.Response:
        assert request.headers["x-api-key"] == "cs_x"
        return httpx.Response(200, json=ANSWER)

    assert Client("http://n.example", "cs_x", transport=httpx.MockTransport(check)).query().rows == []


def test_the_documented_example_runs(
    transport: httpx.BaseTransport, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "docs" / "statistics.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    plain = httpx.Client

    def inside(**given: Any) -> httpx.Client:
        return plain(**{**given, "transport": transport})

    monkeypatch.setattr(module.httpx, "Client", inside)
    exec(compile(example, "docs/statistics.md", "exec"), {})
    assert "A 30" in capsys.readouterr().out
