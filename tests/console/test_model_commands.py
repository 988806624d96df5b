"""`counterspam decide` and `counterspam model` against an API in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from typer.testing import CliRunner

from counterspam import cli
from counterspam.config import Config
from counterspam.console import client, model

ID = "01890a5d-ac96-774b-bcce-b302099a8057"
VERSION = {
    "jurisdiction": "all",
    "name": "0001-0123456789ab",
    "active": False,
    "made_at": 1_793_000_000_000,
    "why": "worse",
}
OVERVIEW = {
    "shipped": "ba9876543210",
    "active": {"all": "0001-0123456789ab", "FR": ""},
    "held": ["all"],
    "versions": [VERSION],
    "drift": {"all": {"errors": 0.25, "alarms": ["errors"]}},
    "unreadable": {"FR": "damaged"},
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, Any]]:
    """What the commands ask of the node."""
    found: list[tuple[str, str, Any]] = []

    def api(request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        found.append((request.method, path, request.content))
        if path.startswith("/api/v1/model/delta?"):
            return httpx.Response(200, content=b"CSDELTA1...")
        if path == "/api/v1/model":
            return httpx.Response(200, json=OVERVIEW)
        if "versions/" in path:
            return httpx.Response(200, json={**VERSION, "card": "# Model", "record": {}})
        if path.endswith(("activate", "revert")):
            return httpx.Response(200, json={"done": "shipped"})
        if path.endswith("FR"):
            return httpx.Response(409, json={"detail": "no decision to learn from"})
        return httpx.Response(200, json=VERSION)

    @contextmanager
    def connect(config: Config) -> Iterator[client.Client]:
        with httpx.Client(base_url="http://node.example", transport=httpx.MockTransport(api)) as http:
            yield client.Client(http, "http://node.example")

    monkeypatch.setattr(model, "connect", connect)
    return found


def run(*words: str) -> Any:
    return CliRunner().invoke(cli.app, list(words))


def test_deciding(asked: list[tuple[str, str, Any]]) -> None:
    assert run("decide", ID, "spam", "--type", "parcel").exit_code == 0
    assert run("decide", ID, "ham").exit_code == 0
    assert [(method, path) for method, path, _ in asked] == [("POST", f"/api/v1/evidence/{ID}/decision")] * 2
    assert [orjson.loads(body) for _, _, body in asked] == [
        {"spam": True, "content_type": "parcel"},
        {"spam": False, "content_type": ""},
    ]
    assert run("decide", ID, "perhaps").exit_code == 2
    assert run("decide", "../keys", "spam").exit_code == 1


def test_listing_and_showing(asked: list[tuple[str, str, Any]]) -> None:
    told = run("model", "list")
    assert told.exit_code == 0
    assert "0001-0123456789ab" in told.stdout
    assert "2026-" in told.stdout
    assert "held" in told.stderr
    assert "damaged" in told.stderr
    assert orjson.loads(run("model", "list", "-o", "json").stdout) == OVERVIEW
    assert run("model", "show", "0001-0123456789ab").stdout == "# Model\n"
    assert orjson.loads(run("model", "show", "0001-0123456789ab", "-o", "json").stdout)["record"] == {}


def test_learning_choosing_and_going_back(asked: list[tuple[str, str, Any]]) -> None:
    told = run("model", "learn", "--jurisdiction", "DE", "--afresh")
    assert told.exit_code == 0
    assert "not used" in told.stderr
    assert orjson.loads(asked[-1][2]) == {"jurisdiction": "DE", "afresh": True}
    run("model", "activate", "shipped")
    assert orjson.loads(asked[-1][2]) == {"jurisdiction": "all", "name": ""}
    assert "shipped" in run("model", "revert", "--jurisdiction", "FR").stderr


def test_deltas(asked: list[tuple[str, str, Any]], tmp_path: Path) -> None:
    out = tmp_path / "a.delta"
    assert run("model", "export-delta", str(out), "--least", "5").exit_code == 0
    assert asked[-1][1] == "/api/v1/model/delta?jurisdiction=all&least=5"
    assert out.read_bytes() == b"CSDELTA1..."
    other = tmp_path / "b.delta"
    other.write_bytes(b"2")
    assert run("model", "import-delta", str(out), str(other), "--trust", "0.5", "--trust", "1").exit_code == 0
    assert asked[-1][1:] == ("/api/v1/model/deltas?jurisdiction=all&trust=0.5&trust=1.0", b"CSDELTA1...2")
    assert run("model", "import-delta", str(out), str(other), "--trust", "0.5").exit_code == 0
    assert asked[-1][1].endswith("trust=0.5&trust=0.5")
    told = run("model", "import-delta", str(out), "--trust", "0.5", "--trust", "0.5")
    assert told.exit_code == 1
    assert run("model", "import-delta", str(tmp_path / "none"), "--trust", "1").exit_code == 1
    assert run("model", "export-delta", str(tmp_path / "no" / "folder")).exit_code == 1
