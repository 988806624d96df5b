"""Progress, counts, workshops, attendance and certificates, on SQLite and PostgreSQL alike."""

from dataclasses import replace

import pytest

from counterspam.errors import StoreError
from counterspam.store import training
from counterspam.store.records import Records
from counterspam.store.training import Group, Progress, Workshop

NOW = 1_793_000_000_000
HOUR = 3_600_000
ONE = Workshop(
    id="w1",
    kind="webinar",
    title="Numbers",
    lang="en",
    audience="policy",
    region="002",
    starts_at=NOW + HOUR,
    ends_at=NOW + 2 * HOUR,
    url="https://node.example/room",
    updated_at=NOW,
)


def test_the_best_score_and_the_first_pass_of_an_account_stay(records: Records) -> None:
    with records.begin() as conn:
        training.tried(conn, "a1", Progress(module="m", audience="user", score=60))
        training.tried(conn, "a1", Progress(module="m", audience="user", score=90, passed_at=NOW))
        training.tried(conn, "a1", Progress(module="m", audience="user", score=80, passed_at=NOW + 5))
        training.tried(conn, "a1", Progress(module="m", audience="policy", score=20))
        training.tried(conn, "a2", Progress(module="m", audience="user", score=10))
    with records.read() as conn:
        assert training.progress(conn, "a1") == [
            Progress(module="m", audience="policy", score=20),
            Progress(module="m", audience="user", score=90, passed_at=NOW, tries=3),
        ]
        assert training.progress(conn, "nobody") == []


def test_progress_is_forgotten_on_demand(records: Records) -> None:
    with records.begin() as conn:
        training.tried(conn, "a1", Progress(module="m", audience="", score=60))
        training.tried(conn, "a2", Progress(module="m", audience="", score=60))
        assert training.forget(conn, "a1") == 1
        assert training.progress(conn, "a1") == []
        assert len(training.progress(conn, "a2")) == 1


def test_tries_are_counted_without_anybody(records: Records) -> None:
    with records.begin() as conn:
        training.count(conn, "2026-09", "m", "user", "", completed=True)
        for completed in (False, True, False):
            training.count(conn, "2026-10", "m", "user", "002", completed=completed)
    with records.read() as conn:
        both = training.counts(conn)
        assert [(row["month"], row["tries"], row["completed"]) for row in both] == [
            ("2026-09", 1, 1),
            ("2026-10", 3, 1),
        ]
        assert training.counts(conn, "2026-10") == both[1:]


def test_a_workshop_comes_back_and_two_editors_do_not_overwrite_each_other(records: Records) -> None:
    with records.begin() as conn:
        assert training.save(conn, ONE)
        assert training.save(conn, replace(ONE, title="By one", version=1))
        assert not training.save(conn, replace(ONE, title="By another", version=1))
        assert not training.save(conn, replace(ONE, title="As if it were new"))
    with records.read() as conn:
        assert training.workshop(conn, "w1") == replace(ONE, title="By one", version=1)
        assert training.workshop(conn, "w2") is None


def test_workshops_are_listed_by_time_page_by_page(records: Records) -> None:
    with records.begin() as conn:
        for i, start in enumerate((-9, -5, 1, 1, 7)):
            training.save(
                conn, replace(ONE, id=f"w{i}", starts_at=NOW + start * HOUR, ends_at=NOW + (start + 1) * HOUR)
            )
        training.save(conn, replace(ONE, id="europe", region="150", audience="user"))
    with records.read() as conn:
        coming = training.ahead(conn, NOW, region="002")
        assert [one.id for one in coming] == ["w2", "w3", "w4"]
        rest = training.ahead(conn, NOW, region="002", after=(coming[0].starts_at, "w2"))
        assert [one.id for one in rest] == ["w3", "w4"]
        assert [one.id for one in training.ahead(conn, NOW, audience="user")] == ["europe"]
        gone = training.past(conn, NOW)
        assert [one.id for one in gone] == ["w1", "w0"]
        assert [one.id for one in training.past(conn, NOW, before=(gone[0].starts_at, "w1"))] == ["w0"]


def test_attendance_is_numbers_that_a_correction_replaces(records: Records) -> None:
    first = [
        Group(audience="policy", region="002", gender="women", people=12),
        Group(audience="policy", region="002", gender="", people=3),
    ]
    with records.begin() as conn:
        training.save(conn, replace(ONE, answers=10, score=4.5))
        training.save(conn, replace(ONE, id="w2", answers=30, score=4.1))
        training.save(conn, replace(ONE, id="w3", cancelled=True))
        training.record(conn, "w1", [*first, Group(audience="user", region="150", gender="men", people=900)])
        training.record(conn, "w1", first)
        training.record(conn, "w2", first[:1])
        training.record(conn, "w3", first)
    with records.read() as conn:
        assert sorted(training.came(conn, "w1"), key=lambda one: -one.people) == first
        both = {(one.gender, one.people) for one in training.attendance(conn, NOW, NOW + 5 * HOUR)}
        assert both == {("women", 24), ("", 3)}
        assert training.attendance(conn, NOW + 5 * HOUR, NOW + 9 * HOUR) == []
        found = training.held(conn, NOW, NOW + 5 * HOUR)
        assert found == [{"kind": "webinar", "held": 2, "answers": 40, "score": pytest.approx(4.2)}]
        assert training.held(conn, NOW, NOW + HOUR) == []
    with pytest.raises(StoreError), records.begin() as conn:
        training.record(conn, "w1", [first[0], first[0]])


def test_a_certificate_is_known_by_its_hash_alone(records: Records) -> None:
    with records.begin() as conn:
        training.issue(conn, "ab" * 32, "what-is-spam", NOW, "k")
        training.issue(conn, "ab" * 32, "what-is-spam", NOW + 9, "k")
        training.issue(conn, "cd" * 32, "path-user", NOW, "k")
    with records.read() as conn:
        assert training.issued(conn, "ab" * 32) == NOW
        assert training.issued(conn, "ef" * 32) == 0
        assert training.certified(conn) == [("path-user", 1), ("what-is-spam", 1)]


def test_hostile_words_are_kept_harmless(records: Records) -> None:
    with records.begin() as conn:
        training.save(conn, replace(ONE, title="a\x00\ud800", summary="x" * 9000))
        training.count(conn, "2026-10", "m\x00", "", "", completed=False)
    with records.read() as conn:
        kept = training.workshop(conn, "w1")
        assert kept is not None
        assert (kept.title, len(kept.summary)) == ("a\ufffd?", 4000)
