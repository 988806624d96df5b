import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from moto.server import ThreadedMotoServer

from counterspam.config import Config
from counterspam.errors import ConfigError, StoreError
from counterspam.store.blobs import Blobs

DAY = 86_400_000
AT = 1_790_000_000_000  # 2026-09-21
ITEMS = [b"one" * 100, b"", bytes(range(256)) * 50]


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port)
    server.start()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture(params=["file", "s3"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Blobs:
    if request.param == "file":
        return Blobs.open(Config(data=tmp_path / "with space"))
    endpoint = request.getfixturevalue("s3_endpoint")
    settings = {
        "ENDPOINT": endpoint,
        "ACCESS_KEY_ID": "k",
        "SECRET_ACCESS_KEY": "s",
        "REGION": "us-east-1",
        "ALLOW_HTTP": "true",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    import httpx

    bucket = "b" + hashlib.sha256(str(tmp_path).encode()).hexdigest()[:20]
    assert httpx.put(f"{endpoint}/{bucket}").status_code == 200
    return Blobs.open(Config(data=tmp_path, blobs=f"s3://{bucket}/some/prefix"))


def test_items_come_back(blobs: Blobs) -> None:
    refs = blobs.put(ITEMS, "node-1", AT)
    assert refs[0].startswith("2026/09/21/node-1#0+")
    assert [blobs.get(ref) for ref in refs] == ITEMS
    assert blobs.put(ITEMS, "node-1", AT) == refs  # the same after a crash
    assert [blobs.get(ref) for ref in refs] == ITEMS
    assert blobs.put([], "node-2", AT) == []


def test_damage_and_loss_are_told(blobs: Blobs) -> None:
    ref = blobs.put([b"x" * 1000], "n", AT)[0]
    start, length = map(int, ref.partition("#")[2].split("+"))
    assert start == 0
    for wrong in (f"2026/09/21/n#1+{length - 1}", f"2026/09/21/n#0+{length - 2}", "2026/09/21/n#0+3"):
        with pytest.raises(StoreError, match="damaged"):
            blobs.get(wrong)
    with pytest.raises(StoreError, match="not there"):
        blobs.get("2026/09/21/other#0+10")


def test_expired_days_go_and_others_stay(blobs: Blobs) -> None:
    refs = [blobs.put([b"x"], f"n{n}", AT + n * DAY)[0] for n in range(4)]
    assert blobs.expire(AT + 2 * DAY) == 2
    for ref in refs[:2]:
        with pytest.raises(StoreError):
            blobs.get(ref)
    assert [blobs.get(ref) for ref in refs[2:]] == [b"x", b"x"]
    assert blobs.expire(AT + 2 * DAY) == 0


@pytest.mark.parametrize(
    "ref",
    ["", "../../etc/passwd#0+10", "2026/09/21/../x#0+1", "2026/09/21/n#0+999999999999", "2026/09/21/n", "n#0+1"][:6],
)
def test_what_is_no_reference_is_refused(tmp_path: Path, ref: str) -> None:
    with pytest.raises(StoreError, match="not a reference"):
        Blobs.open(Config(data=tmp_path)).get(ref)


@given(ref=st.text(max_size=60))
def test_any_text_is_answered(ref: str) -> None:
    with pytest.raises(StoreError):
        Blobs.open(Config(data=Path("/nonexistent"))).get(ref)


def test_wrong_urls_name_the_setting(tmp_path: Path) -> None:
    for url in ("ftp://x/y", "file://"):
        with pytest.raises(ConfigError, match="blobs"):
            Blobs.open(Config(data=tmp_path, blobs=url))


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "blobs").write_bytes(b"")
    with pytest.raises(StoreError, match="cannot be written"):
        Blobs.open(Config(data=tmp_path)).put([b"x"], "n", AT)
