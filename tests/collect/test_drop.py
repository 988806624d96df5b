"""The watched folder."""

import gzip
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from counterspam.collect import drop
from counterspam.collect.directory import Options
from counterspam.errors import ConfigError, SpoolFull
from counterspam.model import Raw

Build = Callable[..., Options]


class Store:
    """Takes raw items, or refuses the first times."""

    def __init__(self, refusals: int = 0) -> None:
        self.raws: list[Raw] = []
        self.refusals = refusals

    def __call__(self, raws: list[Raw]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise SpoolFull(0)
        self.raws += raws


def looks(folder: Path, store: Store, options: Options, times: int) -> dict[Path, drop.Signature]:
    for name in ("done", "failed"):
        (folder / name).mkdir(exist_ok=True)
    seen: dict[Path, drop.Signature] = {}
    for _ in range(times):
        seen = drop.look(folder, seen, store, options, threading.Event())
    return seen


def test_a_file_is_taken_when_it_has_not_changed_between_two_looks(tmp_path: Path, options: Build) -> None:
    store = Store()
    (tmp_path / "a.eml").write_bytes(b"one")
    (tmp_path / "b.part").write_bytes(b"not yet")
    (tmp_path / ".c").write_bytes(b"hidden")
    seen = looks(tmp_path, store, options(), 1)
    assert store.raws == []
    (tmp_path / "a.eml").write_bytes(b"one more")
    seen = drop.look(tmp_path, seen, store, options(), threading.Event())
    assert store.raws == []
    drop.look(tmp_path, seen, store, options(), threading.Event())
    assert [raw.data for raw in store.raws] == [b"one more"]
    assert (tmp_path / "done/a.eml").read_bytes() == b"one more"
    assert (tmp_path / "b.part").exists()
    assert looks(tmp_path, store, options(), 3) == {}


def test_folders_are_taken_whole_and_names_are_not_overwritten(tmp_path: Path, options: Build) -> None:
    store = Store()
    for text in (b"1", b"2"):
        (tmp_path / "day").mkdir()
        (tmp_path / "day/a.eml").write_bytes(text)
        looks(tmp_path, store, options(), 2)
    assert [raw.data for raw in store.raws] == [b"1", b"2"]
    assert sorted(path.name for path in (tmp_path / "done").iterdir()) == ["2-day", "day"]


def test_what_cannot_be_read_goes_to_failed_with_its_reason(tmp_path: Path, options: Build) -> None:
    store = Store()
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"x" * 500)[:-10])
    looks(tmp_path, store, options(), 2)
    assert store.raws == []
    assert (tmp_path / "failed/a.gz").exists()
    assert "bad-syntax" in (tmp_path / "failed/a.gz.reason").read_text()


def test_a_full_spool_is_waited_for(tmp_path: Path, options: Build) -> None:
    store = Store(refusals=3)
    (tmp_path / "a.eml").write_bytes(b"one")
    looks(tmp_path, store, options(), 2)
    assert [raw.data for raw in store.raws] == [b"one"]


def test_a_failing_store_leaves_the_file_where_it_is(tmp_path: Path, options: Build) -> None:
    def broken(raws: list[Raw]) -> None:
        raise OSError("disk")

    (tmp_path / "a.eml").write_bytes(b"one")
    seen = drop.look(tmp_path, {}, broken, options(), threading.Event())
    with pytest.raises(OSError, match="disk"):
        drop.look(tmp_path, seen, broken, options(), threading.Event())
    assert (tmp_path / "a.eml").exists()


def test_stopping_leaves_the_file_where_it_is(tmp_path: Path, options: Build) -> None:
    stop = threading.Event()
    stop.set()
    (tmp_path / "a.eml").write_bytes(b"one")
    seen = drop.look(tmp_path, {}, Store(), options(), stop)
    assert drop.look(tmp_path, seen, Store(), options(), stop) == {}
    assert (tmp_path / "a.eml").exists()


def test_watching_until_stopped(tmp_path: Path, options: Build) -> None:
    store, stop = Store(), threading.Event()
    (tmp_path / "a.eml").write_bytes(b"one")
    thread = threading.Thread(target=drop.watch, args=(tmp_path, store, options(), stop, 0.02))
    thread.start()
    for _ in range(500):
        if (tmp_path / "done/a.eml").exists():
            break
        stop.wait(0.02)
    stop.set()
    thread.join()
    assert [raw.data for raw in store.raws] == [b"one"]


def test_a_folder_that_cannot_be_used_is_a_setting_that_is_wrong(tmp_path: Path, options: Build) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ConfigError, match="drop"):
        drop.watch(tmp_path / "file", Store(), options(), threading.Event())
