"""Decisions of analysts, on SQLite and PostgreSQL alike."""

import threading
from dataclasses import replace

import pytest

from counterspam.errors import StoreError
from counterspam.store import decisions
from counterspam.store.decisions import Decision
from counterspam.store.records import Records

ONE = Decision(
    evidence="01890a5d-ac96-774b-bcce-b302099a8057",
    decided_at=1_793_000_000_000,
    decided_by="0123456789abcdef",
    spam=True,
    content_type="parcel",
    received_at=1_792_000_000_000,
    jurisdiction="FR",
    channel="sms",
    source="user-report",
    reporter="a" * 16,
    reported=1,
    campaign=2**63 - 1,
    was_spam=False,
    was_type="ham",
    probability=0.25,
    odds=-1.5,
    model="0123456789ab",
)
OTHER = replace(ONE, evidence="01890a5d-ac96-774b-bcce-b302099a8058", spam=False)


def test_a_decision_comes_back_as_it_was(records: Records) -> None:
    with records.begin() as conn:
        kept = decisions.add(conn, ONE)
    assert kept == replace(ONE, number=1)
    with records.read() as conn:
        assert decisions.history(conn, ONE.evidence) == [kept]
        assert decisions.standing(conn) == [kept]
        assert decisions.history(conn, "another") == []
        assert decisions.last(conn) == 1


def test_the_last_decision_counts_and_the_history_stays(records: Records) -> None:
    with records.begin() as conn:
        first = decisions.add(conn, ONE)
        other = decisions.add(conn, OTHER)
        second = decisions.add(conn, replace(ONE, spam=False, content_type=""))
    with records.read() as conn:
        assert decisions.history(conn, ONE.evidence) == [second, first]
        assert decisions.standing(conn) == [other, second]
        assert decisions.standing(conn, after=1) == [other, second]
        assert decisions.standing(conn, until=2) == [first, other]
        assert decisions.standing(conn, limit=1) == [second]
        assert decisions.standing(conn, after=3) == []


def test_hostile_words_are_kept_harmless(records: Records) -> None:
    with records.begin() as conn:
        kept = decisions.add(conn, replace(ONE, jurisdiction="F\x00\ud800", decided_by="x" * 5000))
    assert (kept.jurisdiction, len(kept.decided_by)) == ("F\ufffd?", 200)
    with records.read() as conn:
        assert decisions.history(conn, ONE.evidence) == [kept]


def test_numbers_are_taken_once_by_many_at_a_time(records: Records) -> None:
    failed: list[StoreError] = []

    def decide(name: int) -> None:
        for place in range(10):
            try:
                with records.begin() as conn:
                    decisions.add(conn, replace(ONE, evidence=f"{name}-{place}"))
            except StoreError as error:
                failed.append(error)

    threads = [threading.Thread(target=decide, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    with records.read() as conn:
        assert [one.number for one in decisions.standing(conn)] == list(range(1, 41))


def test_the_store_refuses_a_number_twice(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    with records.begin() as conn:
        decisions.add(conn, ONE)
    monkeypatch.setattr(decisions, "_NEXT", decisions.text("SELECT 1"))
    with pytest.raises(StoreError), records.begin() as conn:
        decisions.add(conn, OTHER)
