"""Versions of repository entries and the rows of the action plan, on SQLite and PostgreSQL alike."""

import threading
from dataclasses import replace

import pytest

from counterspam.store import entries, plans
from counterspam.store.entries import Version
from counterspam.store.records import Records

ONE = Version(
    kind="laws",
    id="FR-TEST",
    base=entries.NEW,
    content={"id": "FR-TEST", "title": "Un « essai » <b>", "flag": None, "list": [1, 2.5, True]},
    comment="seen\x00 at the gazette",
    author_name="An authority",
    contact="desk@authority.example",
    proposed_at=1_793_000_000_000,
)
BY = {"approver": "k2", "approver_name": "A moderator", "reason": "checked", "at": 1_793_000_001_000}


def test_a_proposal_waits_until_it_is_published_and_then_counts(records: Records) -> None:
    with records.begin() as conn:
        kept = entries.propose(conn, ONE)
        assert entries.stamp(conn) == (0, 0)
    assert kept == replace(ONE, number=1, comment="seen\ufffd at the gazette")
    with records.read() as conn:
        assert entries.current(conn) == []
        assert entries.listed(conn, "proposed") == [kept]
    with records.begin() as conn:
        done = entries.decide(conn, 1, "published", **BY)
    expected = replace(kept, version=1, state="published", contact="", decided_at=BY["at"], approver="k2",
                       approver_name="A moderator", reason="checked")  # fmt: skip
    assert done == expected
    with records.read() as conn:
        assert entries.current(conn) == [done]
        assert entries.history(conn, "laws", "FR-TEST") == [done]
        assert entries.history(conn, "bodies", "FR-TEST") == []
        assert entries.counts(conn) == {"published": 1}
        assert entries.stamp(conn) == (1, BY["at"])


def test_a_decision_is_made_once_and_the_contact_goes_with_it(records: Records) -> None:
    with records.begin() as conn:
        entries.propose(conn, ONE)
        refused = entries.decide(conn, 1, "refused", **BY)
        assert refused is not None
        assert (refused.state, refused.version, refused.contact) == ("refused", 0, "")
        assert entries.decide(conn, 1, "published", **BY) is None
        assert entries.decide(conn, 2, "published", **BY) is None
        assert entries.current(conn) == []


def test_versions_follow_each_other_and_the_content_can_be_what_was_merged(records: Records) -> None:
    with records.begin() as conn:
        for _ in range(3):
            entries.propose(conn, ONE)
        entries.propose(conn, replace(ONE, kind="bodies"))
        entries.decide(conn, 2, "published", **BY)
        entries.decide(conn, 1, "published", **BY, content={"id": "FR-TEST", "title": "merged"})
        entries.decide(conn, 4, "published", **BY)
    with records.read() as conn:
        found = entries.history(conn, "laws", "FR-TEST")
        assert [(one.version, one.number) for one in found] == [(2, 1), (1, 2)]
        assert found[0].content["title"] == "merged"
        assert [(one.kind, one.number) for one in entries.current(conn)] == [("laws", 1), ("bodies", 4)]


def test_the_public_cannot_flood_the_queue(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_OPEN", 2)
    with records.begin() as conn:
        entries.propose(conn, ONE)
        entries.propose(conn, ONE)
        with pytest.raises(entries.TooManyOpen):
            entries.propose(conn, ONE)
        assert entries.propose(conn, replace(ONE, author="k1")).number == 3
        assert [one.number for one in entries.listed(conn, "proposed", author="k1")] == [3]
    with pytest.raises(ValueError, match="more than"), records.begin() as conn:
        entries.propose(conn, replace(ONE, author="k1", content={"x": "y" * 300_000}))


def test_numbers_are_taken_once_by_many_at_a_time(records: Records) -> None:
    def work() -> None:
        for _ in range(5):
            with records.begin() as conn:
                entries.propose(conn, ONE)
            with records.begin() as conn:
                plans.add(conn, plans.Row(item="a", status="done", said_at=1, said_by="k"))

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with records.read() as conn:
        assert [one.number for one in entries.listed(conn, "proposed")] == list(range(15, 0, -1))
        assert [one.number for one in plans.history(conn)] == list(range(1, 16))


def test_what_was_said_last_of_an_item_counts(records: Records) -> None:
    said = plans.Row(item="a", status="planned", due="2027-01-31", note="n\x00", said_at=1, said_by="k", said_name="x")
    with records.begin() as conn:
        first = plans.add(conn, said)
        other = plans.add(conn, replace(said, item="b"))
        last = plans.add(conn, replace(said, status="done", said_at=2))
    assert first == replace(said, number=1, note="n\ufffd")
    with records.read() as conn:
        assert plans.standing(conn) == {"a": last, "b": other}
        assert plans.history(conn) == [first, other, last]
        assert plans.history(conn, "a") == [first, last]
        assert plans.history(conn, limit=1) == [last]
