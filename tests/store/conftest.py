"""Stores for the tests: one embedded engine, one PostgreSQL for the whole run."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from counterspam.config import Config
from counterspam.store.events import Events
from counterspam.store.records import Records


def _postgres_bin() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    return Path(on_path).resolve().parent if on_path else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL prefix of a PostgreSQL of our own on a socket in a temporary folder, without the database name."""
    bin = _postgres_bin()
    if bin is None:
        pytest.skip("PostgreSQL is not installed")
    as_user: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:  # initdb refuses root
        user = next((name for name in ("postgres", "nobody") if _known(name)), None)
        if user is None or not shutil.which("setpriv"):
            pytest.skip("PostgreSQL does not run as root, and there is no other user to run it as")
        entry = pwd.getpwnam(user)
        as_user = ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    data = folder / "data"
    subprocess.run(
        [*as_user, bin / "initdb", "-D", data, "-U", "test", "-A", "trust", "--no-sync"],
        check=True,
        capture_output=True,
        cwd=folder,
    )
    options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [*as_user, bin / "postgres", "-D", data, *options], stdout=log, stderr=log, cwd=folder
        )
    try:
        _wait_for(server, folder)
        yield f"postgresql+psycopg://test@/{{}}?host={folder}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _known(user: str) -> bool:
    try:
        return bool(pwd.getpwnam(user))
    except KeyError:
        return False


def _wait_for(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    for _ in range(300):
        if (folder / ".s.PGSQL.5432").exists():
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail((folder / "log").read_text())


@pytest.fixture(params=["sqlite", "postgresql"])
def records_config(request: pytest.FixtureRequest, tmp_path: Path) -> Config:
    """Configuration with an empty records store of each kind."""
    if request.param == "sqlite":
        return Config(data=tmp_path)
    prefix = request.getfixturevalue("postgres")
    name = f"t{time.time_ns()}"
    engine = create_engine(prefix.format("postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return Config(data=tmp_path, records=prefix.format(name))


@pytest.fixture
def records(records_config: Config) -> Iterator[Records]:
    """An empty, migrated records store."""
    store = Records.open(records_config)
    store.migrate()
    yield store
    store.close()


@pytest.fixture(scope="session")
def events_config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    """One process has one embedded engine, so all tests share its folder."""
    return Config(data=tmp_path_factory.mktemp("node"))


@pytest.fixture(scope="session")
def shared_events(events_config: Config) -> Iterator[Events]:
    store = Events.open(events_config)
    store.migrate()
    yield store
    store.close()


def empty(store: Events) -> None:
    """Take everything out of a store but its schema."""
    for table in set(store.size()) - {"migrations"}:
        store._write(lambda client, name=table: client.command(f"TRUNCATE TABLE {name}"))  # type: ignore[misc]


@pytest.fixture
def events(shared_events: Events) -> Events:
    """The embedded event store, emptied."""
    empty(shared_events)
    return shared_events


@pytest.fixture
def emptied() -> Callable[[Events], None]:
    """What empties a store."""
    return empty
