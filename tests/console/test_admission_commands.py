"""`counterspam accounts` and `audit`, against the application of a node."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient
from typer.testing import CliRunner

from counterspam import cli
from counterspam.config import Config
from counterspam.console import accounts as commands
from counterspam.console import client
from counterspam.store import accounts
from counterspam.store.records import Records
from counterspam.web.app import create_app


class Node:
    """Records and settings: all that accounts need."""

    def __init__(self, folder: Path) -> None:
        self.config = Config(data=folder)
        self.records = Records.open(self.config)
        self.records.migrate()


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    node = Node(tmp_path)
    app = create_app(node, local_token="t")

    @contextmanager
    def connect(_: Config) -> Iterator[client.Client]:
        headers = {"authorization": "Bearer t"}
        with TestClient(app, base_url="http://127.0.0.1", headers=headers, client=("127.0.0.1", 1)) as http:
            yield client.Client(http, "here")

    monkeypatch.setattr(commands, "connect", connect)
    monkeypatch.chdir(tmp_path)
    yield node
    node.records.close()


def run(*words: str) -> Any:
    return CliRunner().invoke(cli.app, list(words))


def test_an_account_is_made_changed_and_listed(node: Node) -> None:
    made = orjson.loads(run("-o", "json", "accounts", "create", "Ana", "--role", "analyst", "--display", "A").stdout)
    assert (made["name"], made["roles"], len(made["password"])) == ("ana", ["analyst"], 23)
    table = run("accounts", "create", "two", "--role", "learner")
    assert "write it down now" in table.output
    assert run("accounts", "create", "two", "--role", "learner").exit_code == 1
    assert run("accounts", "create", "x1", "--role", "root").exit_code == 2
    changed = run("-o", "json", "accounts", "change", "ANA", "--role", "moderator", "--disable")
    assert orjson.loads(changed.stdout)["roles"] == ["moderator"]
    assert "there is no account nobody" in str(run("accounts", "change", "nobody", "--enable").exception)
    rows = orjson.loads(run("-o", "json", "accounts", "list").stdout)
    assert [(row["name"], row["disabled_at"] is None) for row in rows] == [("ana", False), ("two", True)]
    assert "moderator" in run("accounts", "list").output


def test_the_audit_log_is_shown_and_checked(node: Node) -> None:
    run("accounts", "create", "one", "--role", "learner")
    rows = orjson.loads(run("-o", "json", "audit", "show", "--action", "account.").stdout)
    assert [row["action"] for row in rows] == ["account.create"]
    assert "account.create" in run("audit", "show").output
    assert run("audit", "check").exit_code == 0
    with node.records.begin() as conn:
        conn.exec_driver_sql("UPDATE audit SET name = 'x'")
        accounts.create(conn, "unseen", "", [], "")
    result = run("audit", "check")
    assert result.exit_code == 1
    assert "row 1 does not fit" in result.output
