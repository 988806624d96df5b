"""Saved scenarios of the cost model, on SQLite and PostgreSQL alike."""

from dataclasses import replace

import pytest

from counterspam.store import scenarios
from counterspam.store.records import Records
from counterspam.store.scenarios import DRAFT, PUBLISHED, REFUSED, REPLACED, Scenario

ONE = Scenario(
    id="0123456789abcdef",
    title="Households and three operators",
    country="KE",
    asked='[["country","KE"]]',
    result='{"total":{"low":1,"median":2,"high":3}}',
    model="abc",
    author="key-1",
    author_name="An analyst",
    created_at=1_793_000_000_000,
)


def test_versions_follow_each_other_and_come_back_as_they_were(records: Records) -> None:
    with records.begin() as conn:
        first = scenarios.add(conn, ONE)
        second = scenarios.add(conn, replace(ONE, title="Again", created_at=ONE.created_at + 1))
        other = scenarios.add(conn, replace(ONE, id="f" * 16, created_at=ONE.created_at + 2))
    assert (first, second.version, other.version) == (replace(ONE, version=1), 2, 1)
    with records.read() as conn:
        assert scenarios.versions(conn, ONE.id) == [second, first]
        assert scenarios.versions(conn, "nothing") == []
        assert scenarios.latest(conn, public=False) == [other, second]
        assert scenarios.latest(conn, public=False, limit=1, offset=1) == [second]
        assert scenarios.latest(conn, public=True) == []


def test_a_draft_is_decided_once_and_replaces_what_was_published(records: Records) -> None:
    def decide(version: int, state: str, at: int = 5) -> bool:
        with records.begin() as conn:
            return scenarios.decide(conn, ONE.id, version, state, "key-2", "A lead", at)

    with records.begin() as conn:
        for _ in range(3):
            scenarios.add(conn, ONE)
    assert decide(1, PUBLISHED)
    assert not decide(1, REFUSED)
    assert decide(2, REFUSED)
    with records.read() as conn:
        found = scenarios.of_country(conn, "KE")
        assert found is not None
        assert (found.version, found.decided_by, found.decided_name, found.decided_at) == (1, "key-2", "A lead", 5)
        assert [one.version for one in scenarios.latest(conn, public=True)] == [1]
    assert decide(3, PUBLISHED)
    with records.read() as conn:
        assert [one.state for one in scenarios.versions(conn, ONE.id)] == [PUBLISHED, REFUSED, REPLACED]
        found = scenarios.of_country(conn, "KE")
        assert found is not None
        assert found.version == 3
        assert scenarios.of_country(conn, "FR") is None
    assert not decide(9, PUBLISHED)
    with pytest.raises(ValueError, match="published or refused"):
        decide(1, DRAFT)


def test_hostile_words_are_kept_harmless_and_a_long_result_is_refused(records: Records) -> None:
    with records.begin() as conn:
        kept = scenarios.add(conn, replace(ONE, title="a\x00\ud800" + "x" * 500))
        assert kept.title.startswith("a\ufffd?x")
        assert len(kept.title) == 200
        assert scenarios.versions(conn, ONE.id) == [kept]
        with pytest.raises(ValueError, match="too long"):
            scenarios.add(conn, replace(ONE, result="x" * (scenarios.MOST_RESULT + 1)))
