"""A real rspamd that asks a node by the rule that docs/gateway has for it."""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn
from test_check import HAM, MAIL, RSPAMC, Judging, node  # noqa: F401

from counterspam.console import serve
from counterspam.web.app import create_app

ROOT = Path(__file__).resolve().parent.parent.parent
RSPAMD = shutil.which("rspamd") or shutil.which("rspamd", path="/usr/sbin:/usr/bin")
pytestmark = pytest.mark.skipif(
    RSPAMD is None or RSPAMC is None or os.getuid() != 0,
    reason="rspamd is not installed (apt-get install rspamd), or not root",
)
SETTINGS = """options {{
  tempdir = "{folder}"; filters = ""; url_tld = "{folder}/tld"; hs_cache_dir = "{folder}"; cache_file = "{folder}/cache";
  pidfile = "{folder}/pid"; dns {{ nameserver = ["127.0.0.1:1"]; timeout = 0.1s; retransmits = 1; }}
}}
logging {{ type = "console"; level = "warning"; }}
actions {{ add_header = 6; reject = 15; }}
worker "normal" {{ bind_socket = "127.0.0.1:{port}"; count = 1; }}
lua = "{folder}/rspamd.lua";
"""


@pytest.fixture(scope="module")
def asked(node: Judging) -> Iterator[int]:  # noqa: F811
    """The port of a node."""
    with serve.bind(node.config.model_copy(update={"port": 0})) as listening:
        server = uvicorn.Server(serve.settings(create_app(node)))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield listening.getsockname()[1]
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def rspamd(asked: int) -> Iterator[int]:
    """The port of an rspamd with no rule but ours."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="rspamd-", dir="/tmp"))
    rule = (ROOT / "docs" / "gateway" / "rspamd.lua").read_text(encoding="utf-8")
    assert "127.0.0.1:8052" in rule
    (folder / "rspamd.lua").write_text(rule.replace("127.0.0.1:8052", f"127.0.0.1:{asked}"))
    (folder / "tld").write_text("com\norg\nexample\n")  # the whole list takes long to compile
    (folder / "rspamd.conf").write_text(SETTINGS.format(folder=folder, port=port))
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, "_rspamd")
    command = [str(RSPAMD), "-f", "-i", "-u", "_rspamd", "-g", "_rspamd", "-c", str(folder / "rspamd.conf")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while "pong" not in _ping(port):
            assert process.poll() is None, "rspamd has ended"
            assert time.monotonic() < deadline, "rspamd does not answer"
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _ping(port: int) -> str:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ping", timeout=5, trust_env=False).text
    except httpx.HTTPError:
        return ""


@pytest.mark.parametrize(("data", "symbol"), [(MAIL, "COUNTERSPAM_SPAM (6.00)["), (HAM, "COUNTERSPAM_HAM (-1.00)[")])
def test_rspamd_asks_a_node(rspamd: int, data: bytes, symbol: str) -> None:
    command = [str(RSPAMC), "-h", f"127.0.0.1:{rspamd}", "-i", "192.0.2.1", "--helo", "x.example", "symbols"]
    done = subprocess.run(command, input=data, capture_output=True, timeout=60, check=True)
    assert f"Symbol: {symbol}" in done.stdout.decode()
