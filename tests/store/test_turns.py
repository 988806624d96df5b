"""Writers to SQLite take turns."""

import threading
import time
from pathlib import Path

import pytest

from counterspam.config import Config
from counterspam.errors import StoreBusy
from counterspam.store import progress, turns
from counterspam.store.records import Records
from counterspam.store.spool import Position
from counterspam.store.turns import Turns


def test_turns_are_taken_in_order() -> None:
    turn, order, ready = Turns(), [], threading.Event()

    def take(name: int) -> None:
        with turn.taken():
            order.append(name)

    threads = [threading.Thread(target=take, args=(name,)) for name in range(8)]
    with turn.taken():
        for number, thread in enumerate(threads):
            thread.start()
            while len(turn._waiting) <= number:
                time.sleep(0.001)
        ready.set()
    for thread in threads:
        thread.join()
    assert order == list(range(8))
    with turn.taken():
        pass


def test_who_waits_too_long_hears_it_and_leaves_no_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    turn = Turns()
    monkeypatch.setattr(turns, "WAIT", 0.05)
    with turn.taken(), pytest.raises(StoreBusy), turn.taken():
        pass
    with turn.taken():
        pass


def test_a_turn_is_given_back_after_an_error() -> None:
    turn = Turns()
    with pytest.raises(ValueError, match="x"), turn.taken():
        raise ValueError("x")
    with turn.taken():
        pass


def test_one_who_writes_all_the_time_keeps_nobody_waiting(tmp_path: Path) -> None:
    store = Records.open(Config(data=tmp_path))
    store.migrate()
    stop = threading.Event()

    def write_on() -> None:
        while not stop.is_set():
            with store.begin() as conn:
                progress.plan(conn, "busy", 1, Position(1, 1))
                time.sleep(0.05)

    thread = threading.Thread(target=write_on)
    thread.start()
    try:
        waits = []
        for number in range(10):
            started = time.perf_counter()
            with store.begin() as conn:
                progress.plan(conn, "person", number, Position(1, 1))
            waits.append(time.perf_counter() - started)
    finally:
        stop.set()
        thread.join()
        store.close()
    assert sorted(waits)[5] < 0.5  # one transaction of the other; it was seconds
