"""The command line against a node in this process: arguments, output, exit codes, and what a run accounts for."""

import csv
import io
import os
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
import uvicorn
from typer.testing import CliRunner

from counterspam import cli
from counterspam.collect import directory
from counterspam.config import Config, load
from counterspam.console import client, export, ingest, output, serve, settings
from counterspam.errors import ConfigError, CounterspamError

MAIL = b"From: a@example.com\r\nSubject: hello\r\n\r\nhello\r\n"


class Api:
    """An API that takes items and accounts for them as it is told; the first `full` requests are refused in the middle."""

    def __init__(self, full: int = 0, lost: int = 0) -> None:
        self.items: list[tuple[dict[str, Any], bytes]] = []
        self.full = full
        self.lost = lost

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as `web` does."""
        path = request.url.path.removeprefix(client.API)
        if path == "/raw":
            return self._take(request.read())
        if path == "/intake":
            read = len(self.items)
            counts = {"read": read, "accepted": read - 1 - self.lost, "duplicate": 0, "rejected": 1}
            reasons = [{"reason": "bad-value", "format": "mars", "records": 1, "example": "line 2"}]
            return httpx.Response(200, json={"rows": [{"format": "mars", **counts}], "pending": 0, "reasons": reasons})
        return httpx.Response(404, json={"detail": "there is no such thing"})

    def _take(self, body: bytes) -> httpx.Response:
        frames, at = [], 0
        while at < len(body):
            size = int.from_bytes(body[at : at + 4])
            meta = orjson.loads(body[at + 4 : at + 4 + size])
            start = at + 4 + size
            frames.append((meta, body[start : start + meta["size"]]))
            at = start + meta["size"]
        if self.full:
            self.full -= 1
            self.items += frames[:1]
            return httpx.Response(503, json={"detail": "full", "taken": 1}, headers={"Retry-After": "0"})
        self.items += frames
        return httpx.Response(202, json={"taken": len(frames)})


def connected(monkeypatch: pytest.MonkeyPatch, api: Any) -> None:
    """Let commands reach `api`."""
    from contextlib import contextmanager

    @contextmanager
    def connect(config: Config, *, work: bool = False) -> Iterator[client.Client]:
        with httpx.Client(base_url="http://node.example", transport=httpx.MockTransport(api)) as http:
            yield client.Client(http, "http://node.example")

    for module in (ingest, export, sys.modules["counterspam.console.ask"], sys.modules["counterspam.console.keys"]):
        monkeypatch.setattr(module, "connect", connect)


@pytest.fixture(autouse=True)
def _modules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import counterspam.console.ask
    import counterspam.console.keys  # noqa: F401

    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("COUNTERSPAM_"):
            monkeypatch.delenv(name)


def run(*words: str, stdin: bytes = b"") -> Any:
    """The result of a command."""
    return CliRunner().invoke(cli.app, list(words), input=stdin)


def test_a_run_sends_everything_and_accounts_for_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    api = Api(full=2)
    connected(monkeypatch, api)
    for number in range(5):
        (tmp_path / f"{number}.eml").write_bytes(MAIL + b"%d" % number)
    (tmp_path / "bad.gz").write_bytes(b"\x1f\x8b\x08\x00xxxx")
    result = run("ingest", str(tmp_path), "--source", "trap", "--map", "a=text,b=sender", "-o", "json")
    assert result.exit_code == 1, result.output  # a file could not be read
    told = orjson.loads(result.stdout)
    assert (told["items"], told["read"], told["accepted"], told["rejected"]) == (5, 6, 4, 2)
    assert [entry["reason"] for entry in told["unreadable"]] == ["bad-syntax"]
    assert [data for _, data in api.items] == [MAIL + b"%d" % number for number in range(5)]
    meta = api.items[0][0]
    assert (meta["source"], meta["mapping"], meta["intake"]) == ("trap", {"a": "text", "b": "sender"}, told["intake"])


def test_figures_that_do_not_add_up_are_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    connected(monkeypatch, Api(lost=1))
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "b.eml").write_bytes(MAIL)
    result = run("ingest", str(tmp_path))
    assert isinstance(result.exception, CounterspamError)
    assert "read is not accepted + duplicate + rejected" in str(result.exception)


@pytest.mark.parametrize("given", ["text", "=text", "a=", "a=b,c"])
def test_a_wrong_mapping(given: str) -> None:
    with pytest.raises(ConfigError, match="COLUMN=FIELD"):
        ingest.parse_mapping(given)


def test_batches_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "BATCH_BYTES", 10)
    assert list(ingest.batches([b"x" * 4] * 7)) == [[b"x" * 4] * 3, [b"x" * 4] * 3, [b"x" * 4]]
    assert list(ingest.batches([])) == []


def test_an_error_is_one_plain_line_and_an_exit_code(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "counterspam", "ingest", "nothing.eml"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "counterspam: nothing.eml: there is no such file or folder\n"
    assert done.stdout == ""


@pytest.mark.parametrize("words", [["nonsense"], ["ingest"], ["export", "laws"], ["-o", "xml", "version"]])
def test_what_is_not_understood_ends_with_2(words: list[str]) -> None:
    assert run(*words).exit_code == 2


def test_global_options_may_stand_anywhere() -> None:
    for words in (["-o", "json", "version"], ["version", "-o", "json"], ["version", "--output=json"]):
        assert orjson.loads(run(*words).stdout)["version"]


def test_config_says_where_values_come_from_and_hides_secrets(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "counterspam.toml").write_text(
        'host = "192.0.2.1"\nrecords = "postgresql+psycopg://u:tellnoone@db.example/x"\n'
    )
    (tmp_path / "password").write_text("tellnoone")
    monkeypatch.setenv("COUNTERSPAM_PORT", "9000")
    monkeypatch.setenv("COUNTERSPAM_IMAP_PASSWORD_FILE", str(tmp_path / "password"))
    result = run("config", "--data", "elsewhere", "-o", "json")
    rows = {row["setting"]: row for row in orjson.loads(result.stdout)}
    assert set(rows) == set(Config.model_fields)
    found = {
        name: (rows[name]["value"], rows[name]["source"]) for name in ("host", "port", "data", "node", "imap_password")
    }
    assert found == {
        "host": ("192.0.2.1", "counterspam.toml"),
        "port": ("9000", "COUNTERSPAM_PORT"),
        "data": ("elsewhere", "command line"),
        "node": ("node", "default"),
        "imap_password": ("(set, hidden)", "COUNTERSPAM_IMAP_PASSWORD_FILE"),
    }
    assert "tellnoone" not in result.stdout
    assert all(row["meaning"] for row in rows.values())
    assert settings.is_secret("imap_password")


ROWS = [
    {"id": f"{n}", "received_at": 1_688_000_000_000 + n, "text": "=1+1" if n else "+15550100", "tags": ["a", "b"]}
    for n in range(5)
]


def paged(request: httpx.Request) -> httpx.Response:
    """Two rows a page."""
    at = int(request.url.params.get("cursor", 0))
    return httpx.Response(200, json={"rows": ROWS[at : at + 2], "next": str(at + 2) if at + 2 < len(ROWS) else ""})


@pytest.mark.parametrize("what", export.What)
def test_an_export_holds_every_row_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, what: export.What) -> None:
    from pyarrow import parquet

    connected(monkeypatch, paged)
    rows = list(csv.DictReader(io.StringIO(run("export", what).stdout)))
    assert [row["id"] for row in rows] == ["0", "1", "2", "3", "4"]
    assert rows[0]["text"] == "+15550100"
    assert rows[1]["text"] == "'=1+1"
    lines = run("export", what, "--format", "ndjson").stdout.splitlines()
    assert [orjson.loads(line) for line in lines] == ROWS
    target = tmp_path / "out.parquet"
    assert run("export", what, "--format", "parquet", "--out", str(target)).exit_code == 0
    assert parquet.read_table(target).to_pylist() == ROWS
    assert [path.name for path in tmp_path.iterdir()] == ["out.parquet"]


def test_a_broken_export_leaves_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        return paged(request) if "cursor" not in request.url.params else httpx.Response(500, json={"detail": "no"})

    connected(monkeypatch, broken)
    assert isinstance(run("export", "--out", str(tmp_path / "a.csv")).exception, CounterspamError)
    assert list(tmp_path.iterdir()) == []


def test_since() -> None:
    assert export.parse_since("") == 0
    assert export.parse_since("2026-11-01") == 1_793_491_200_000
    assert export.parse_since("2026-11-01T01:00+01:00") == 1_793_491_200_000
    assert 0 <= export.parse_since("1h") - export.parse_since("60m") < 5000
    for wrong in ("yesterday", "h", "5y", "-1d", "²d"):
        with pytest.raises(ConfigError, match="--since"):
            export.parse_since(wrong)


def test_text_of_spammers_moves_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    output.show([{"text": "a\x1b[2Jb[red]c\u202e"}], output.Form.TABLE, "[bold]t")
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "[red]c" in shown
    assert "[bold]t" in shown


def test_the_file_of_a_node_is_its_owners_and_believed_only_while_it_answers(tmp_path: Path) -> None:
    config = load(data=tmp_path, port=1)
    token = client.announce(config, "http://127.0.0.1:1")
    path = client.node_file(config)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert token in path.read_text()
    assert client.running(config) is None  # nothing answers there
    for wrong in (
        b"",
        b"[]",
        b"{}",
        b'{"url":"x","pid":-5,"token":"t"}',
        b'{"url":"http://127.0.0.1:1","pid":99999999,"token":"t"}',
    ):
        path.write_bytes(wrong)
        assert client.running(config) is None
    client.withdraw(config)
    client.withdraw(config)
    assert not path.exists()


def test_a_running_node_is_found_and_asked(tmp_path: Path) -> None:
    asked = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        asked.append((scope["path"], dict(scope["headers"]).get(b"authorization", b"")))
        body = b'{"status":"ok"}' if scope["path"].endswith("/health") else b'{"rows":[]}'
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"application/json")]})
        await send({"type": "http.response.body", "body": body})

    config = load(data=tmp_path, port=8999)
    with serve.bind(load(data=tmp_path, port=_free_port())) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        server = uvicorn.Server(serve.settings(app))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        token = client.announce(config, url)
        try:
            while not server.started:
                pass
            with client.connect(config) as http:
                assert http.get("/keys") == {"rows": []}
        finally:
            server.should_exit = True
            thread.join()
    assert asked == [("/api/v1/health", b""), ("/api/v1/keys", f"Bearer {token}".encode())]


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def test_a_taken_port_is_a_plain_error(tmp_path: Path) -> None:
    config = load(data=tmp_path, port=_free_port())
    with serve.bind(config), pytest.raises(ConfigError, match=f"port {config.port}"):
        serve.bind(config)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8052"),
        ("0.0.0.0", "http://127.0.0.1:8052"),
        ("::", "http://[::1]:8052"),
        ("::1", "http://[::1]:8052"),
    ],
)
def test_where_this_machine_reaches_the_node(host: str, url: str) -> None:
    assert serve.local_url(load(host=host)) == url


def test_frames_carry_what_the_collector_knows(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    given = ingest.Given(paths=(tmp_path,), source="trap", channel="email", jurisdiction="ZZ")
    made = ingest._options(given, ingest.Run("ingest-1"), load(), lambda *_: None)
    (raw,) = directory.read(given.paths, made)
    framed = ingest.frame(raw, "ingest-1")
    size = int.from_bytes(framed[:4])
    meta = orjson.loads(framed[4 : 4 + size])
    assert framed[4 + size :] == MAIL
    assert (meta["source"], meta["channel"], meta["jurisdiction"], meta["size"]) == ("trap", "email", "ZZ", len(MAIL))


def test_a_refused_request_says_which_value_is_wrong() -> None:
    from counterspam.console.client import Refused

    errors = [{"place": "path.id", "detail": "String should match pattern"}]
    assert "path.id: String should match" in str(Refused(422, {"detail": "values cannot be used", "errors": errors}))
