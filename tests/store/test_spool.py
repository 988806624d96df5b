import os
import threading
from concurrent.futures import Future, wait
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterspam.errors import SpoolFull, StoreError
from counterspam.model import Raw
from counterspam.store.segment import Segment
from counterspam.store.spool import Backlog, Position, Spool

START = Position(0, 0)
MB = 1024 * 1024


def raw(number: int, data: bytes = b"spam", **fields: object) -> Raw:
    return Raw(id=f"{number:032x}", data=data, received_at=number, intake="test", **fields)  # type: ignore[arg-type]


def everything(spool: Spool, position: Position = START) -> list[Raw]:
    found: list[Raw] = []
    while True:
        raws, behind = spool.read(position, MB, 100)
        if not raws:
            return found
        assert behind > position
        found, position = found + raws, behind


def test_what_was_accepted_comes_back_in_order_after_a_restart(tmp_path: Path) -> None:
    full = raw(2, b"\x00" * 100, name="a.eml", mapping={"x": "sender"}, recipients=3, first=7, synthetic=True)
    first = Spool(tmp_path, MB)
    first.submit([raw(1, b""), full]).result(10)
    first.submit([raw(3)]).result(10)
    assert first.backlog().items == 3
    first.close()
    again = Spool(tmp_path, MB)
    assert everything(again) == [raw(1, b""), full, raw(3)]
    assert again.backlog() == first.backlog()
    again.submit([raw(4)]).result(10)
    assert everything(again)[-1] == raw(4)
    again.close()


def test_a_name_that_is_not_utf8_is_accepted(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MB)
    spool.submit([raw(1, name="caf\udce9")]).result(10)
    assert everything(spool)[0].name == "caf?"
    spool.close()


def test_reading_respects_limits_but_always_gives_one(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MB)
    spool.submit([raw(n, b"x" * 1000) for n in range(10)]).result(10)
    assert len(spool.read(START, 3500, 100)[0]) == 3
    assert len(spool.read(START, MB, 4)[0]) == 4
    one, behind = spool.read(START, 1, 100)
    assert [r.received_at for r in one] == [0]
    assert [r.received_at for r in spool.read(behind, 1, 100)[0]] == [1]
    spool.close()


def test_a_planned_range_is_the_same_whatever_the_limits(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MB, segment_bytes=2000)
    for n in range(12):
        spool.submit([raw(n, b"x" * 500)]).result(10)
    raws, end = spool.read(START, MB, 7)
    assert spool.read(START, 1, 1, end) == (raws, end)
    spool.close()


def test_full_refuses_at_once_and_takes_again_after_release(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 10_000)
    spool.submit([raw(1, b"x" * 20_000)]).result(10)  # alone it may pass the limit
    with pytest.raises(SpoolFull):
        spool.submit([raw(2)])
    _, end = spool.read(START, MB, 100)
    spool.release(end)
    assert spool.backlog() == Backlog(0, 0)
    spool.submit([raw(2)]).result(10)
    assert spool.read(end, MB, 100)[0] == [raw(2)]
    spool.close()


def test_release_deletes_whole_segments_only(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MB, segment_bytes=1500)
    for n in range(9):
        spool.submit([raw(n, b"x" * 500)]).result(10)
    before = len(list(tmp_path.glob("*.spool")))
    assert before >= 4
    _, position = spool.read(START, MB, 5)
    spool.release(position)
    assert 0 < len(list(tmp_path.glob("*.spool"))) < before
    assert spool.backlog().items == 4
    assert [r.received_at for r in everything(spool, position)] == [5, 6, 7, 8]
    spool.close()
    again = Spool(tmp_path, MB)
    again.release(position)
    assert again.backlog().items == 4
    assert [r.received_at for r in everything(again, position)] == [5, 6, 7, 8]
    again.close()


def test_a_lost_spool_starts_behind_the_mark(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MB)
    mark = Position(57, 100)
    spool.release(mark)
    spool.submit([raw(1)]).result(10)
    assert spool.read(mark, MB, 10)[0] == [raw(1)]
    spool.close()


def test_waiting_ends_when_something_comes(tmp_path: Path) -> None:
    spool = Spool(tmp_path, MB)
    assert not spool.wait(0.01, START)
    timer = threading.Timer(0.05, lambda: spool.submit([raw(1)]))
    timer.start()
    assert spool.wait(30, START)
    timer.join()
    _, end = spool.read(START, MB, 10)
    assert not spool.wait(0.01, end)
    spool.close()


def test_many_threads_lose_nothing(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 50 * MB, segment_bytes=20_000)
    futures: list[Future[None]] = []

    def sender(base: int) -> None:
        futures.extend([spool.submit([raw(base + n), raw(base + n + 5000)]) for n in range(100)])

    threads = [threading.Thread(target=sender, args=(base,)) for base in (0, 1000, 2000, 3000)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wait(futures, 30)
    assert sorted(r.received_at for r in everything(spool)) == sorted(
        base + n + more for base in (0, 1000, 2000, 3000) for n in range(100) for more in (0, 5000)
    )
    assert spool.backlog().items == 800
    spool.close()


def test_a_cancelled_submission_is_not_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path, MB)
    gate = threading.Event()
    sync = Segment.sync
    monkeypatch.setattr(Segment, "sync", lambda self: (gate.wait(10), sync(self))[1])
    first = spool.submit([raw(1)])
    while not first.running():
        pass
    second = spool.submit([raw(2)])
    assert second.cancel()
    gate.set()
    first.result(10)
    spool.close()
    assert everything(spool) == [raw(1)]
    assert spool.backlog().items == 1


def test_a_failing_disk_is_told_and_overcome(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = Spool(tmp_path, MB)
    spool.submit([raw(1)]).result(10)

    def broken(self: Segment) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Segment, "sync", broken)
        with pytest.raises(StoreError, match="No space left"):
            spool.submit([raw(2)]).result(10)
    assert spool.backlog().items == 1
    spool.submit([raw(3)]).result(10)
    assert everything(spool) == [raw(1), raw(3)]
    spool.close()
    with pytest.raises(StoreError, match="closed"):
        spool.submit([raw(4)])


def test_a_strange_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.spool").write_bytes(b"")
    with pytest.raises(StoreError, match="not a segment"):
        Spool(tmp_path, MB)


ENTRIES = [raw(n, os.urandom(5 + 37 * n)) for n in range(8)]


def fresh(folder: Path) -> Path:
    folder.mkdir(parents=True)
    spool = Spool(folder, MB)
    spool.submit(ENTRIES).result(10)
    spool.close()
    return next(iter(folder.glob("*.spool")))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.floats(0, 1))
def test_cut_anywhere_keeps_all_before(tmp_path: Path, cut: float) -> None:
    path = fresh(tmp_path / os.urandom(6).hex())
    size = path.stat().st_size
    os.truncate(path, int(size * cut))
    spool = Spool(path.parent, MB)
    found = everything(spool)
    assert found == ENTRIES[: len(found)]
    assert spool.damaged == 0
    spool.submit([raw(99)]).result(10)
    assert everything(spool) == [*found, raw(99)]
    spool.close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 0.9999), noise=st.binary(min_size=1, max_size=40))
def test_damage_anywhere_costs_only_what_it_touches(tmp_path: Path, place: float, noise: bytes) -> None:
    path = fresh(tmp_path / os.urandom(6).hex())
    content = bytearray(path.read_bytes())
    at = int(len(content) * place)
    noise = noise[: len(content) - at]
    content[at : at + len(noise)] = noise
    path.write_bytes(content)
    spool = Spool(path.parent, MB)
    found = everything(spool)
    assert all(one in ENTRIES for one in found)  # nothing invented
    assert [ENTRIES.index(one) for one in found] == sorted(ENTRIES.index(one) for one in found)
    lost = len(ENTRIES) - len(found)
    assert lost <= 1 + len(noise) // 40 + 1
    if lost and found and found[-1] == ENTRIES[-1]:
        assert spool.damaged == 1
    spool.close()


def test_an_entry_inside_an_entry_is_never_read_as_one(tmp_path: Path) -> None:
    """A sender who knows the format cannot smuggle an entry in, even where the outer one is corrupt."""
    inner = fresh(tmp_path / "inner").read_bytes()
    spool = Spool(tmp_path / "outer", MB)
    spool.submit([raw(1, inner), raw(2)]).result(10)
    spool.close()
    path = next(iter((tmp_path / "outer").glob("*.spool")))
    content = bytearray(path.read_bytes())
    content[30] ^= 0xFF
    path.write_bytes(content)
    again = Spool(path.parent, MB)
    assert everything(again) == [raw(2)]
    assert again.damaged == 1
    again.close()
