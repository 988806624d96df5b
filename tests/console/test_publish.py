"""`counterspam publish` against an API in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson
import pytest
from typer.testing import CliRunner

from counterspam import cli
from counterspam.config import Config
from counterspam.console import client, publish

ROW = {
    "period": "2026-10",
    "revision": 2,
    "published_at": 1_793_000_000_000,
    "snapshot": "ab" * 32,
    "summary": "1 table differs",
    "reason": "late evidence",
    "tables": ["types"],
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    """What the command asks of the node."""
    found: list[tuple[str, str, Any]] = []

    def api(request: httpx.Request) -> httpx.Response:
        body = orjson.loads(request.content) if request.content else None
        found.append((request.method, request.url.raw_path.decode(), body))
        if request.method == "GET":
            return httpx.Response(200, json={"rows": [ROW, {**ROW, "period": "2026-09"}]})
        if body["reason"] == "again":
            return httpx.Response(409, json={"detail": "nothing has changed since revision 1 of 2026-10"})
        return httpx.Response(201, json=ROW)

    @contextmanager
    def connect(config: Config) -> Iterator[client.Client]:
        with httpx.Client(base_url="http://node.example", transport=httpx.MockTransport(api)) as http:
            yield client.Client(http, "http://node.example")

    monkeypatch.setattr(publish, "connect", connect)
    return found


def run(*words: str) -> Any:
    return CliRunner().invoke(cli.app, ["publish", *words])


def test_publishing(asked: list[tuple[str, str, Any]]) -> None:
    told = run("2026-10", "--reason", "late evidence", "-o", "json")
    assert (told.exit_code, orjson.loads(told.stdout)) == (0, ROW)
    assert asked == [("POST", "/api/v1/published/2026-10", {"reason": "late evidence"})]
    text = run("2026-10").stdout
    assert "1 table differs" in text
    assert "ab" * 8 in text
    assert "ab" * 9 not in text
    run("../keys")
    assert asked[-1][1] == "/api/v1/published/..%2Fkeys"


def test_listing(asked: list[tuple[str, str, Any]]) -> None:
    told = run("--list", "-o", "csv")
    assert told.stdout.splitlines()[1] == "2026-10,2,2026-10-26 07:33,abababababababab,1 table differs,late evidence"
    assert len(orjson.loads(run("2026-09", "--list", "-o", "json").stdout)) == 1
    assert {method for method, *_ in asked} == {"GET"}


def test_what_goes_wrong(asked: list[tuple[str, str, Any]]) -> None:
    refused = run("2026-10", "--reason", "again")
    assert (refused.exit_code, str(refused.exception)) == (1, "nothing has changed since revision 1 of 2026-10")
    nameless = run()
    assert nameless.exit_code == 1
    assert "name a period" in str(nameless.exception)
    assert len(asked) == 1
