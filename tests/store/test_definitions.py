"""Versions of national definitions: drafts, four eyes, and days that keep the version they had."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from counterspam.store import definitions as store
from counterspam.store.definitions import NotPossible, Version
from counterspam.store.records import Records

NOW = 1_795_327_200_000
TODAY = "2026-11-22"
ONE = Version(
    id="xx-law",
    title="A",
    words="w",
    expression="spam",
    sources=("https://a.example/1", "https://b.example"),
    written_by="ann",
)


def put(records: Records, one: Version, by: str = "bob", today: str = TODAY) -> Version:
    """Write, propose and publish."""
    with records.begin() as conn:
        made = store.write(conn, one, NOW)
        store.propose(conn, made.id, made.version, NOW)
        return store.publish(conn, made.id, made.version, by, "Bob", "fine", now=NOW, today=today)


def in_force(records: Records, day: str) -> list[str]:
    """The versions that judge evidence of a day."""
    with records.read() as conn:
        return [
            f"{one.id}@{one.version}"
            for one in store.in_force(conn)
            if one.valid_from <= day and (not one.valid_to or day <= one.valid_to)
        ]


def test_a_draft_judges_nothing_until_somebody_else_publishes_it(records: Records) -> None:
    with records.begin() as conn:
        made = store.write(conn, ONE, NOW)
        assert (made.version, made.state) == (1, store.DRAFT)
        assert store.in_force(conn) == []
        with pytest.raises(NotPossible, match="not-proposed"):
            store.publish(conn, "xx-law", 1, "bob", "", "", now=NOW, today=TODAY)
        store.propose(conn, "xx-law", 1, NOW)
        with pytest.raises(NotPossible, match="same-person"):
            store.publish(conn, "xx-law", 1, "ann", "", "", now=NOW, today=TODAY)
        before = store.stamp(conn)
        found = store.publish(conn, "xx-law", 1, "bob", "Bob", "fine", now=NOW, today=TODAY)
        assert (found.state, found.decided_by, found.remark) == (store.PUBLISHED, "bob", "fine")
        assert store.stamp(conn) != before
        assert store.in_force(conn) == [found]
        assert store.get(conn, "xx-law", 1) == found
        assert found.sources == ONE.sources


def test_one_person_alone_may_where_there_is_only_one(records: Records) -> None:
    with records.begin() as conn:
        store.propose(conn, *_draft(conn), NOW)
        assert (
            store.publish(conn, "xx-law", 1, "ann", "", "", now=NOW, today=TODAY, alone=True).state == store.PUBLISHED
        )


def _draft(conn: object, **given: str) -> tuple[str, int]:
    made = store.write(conn, replace(ONE, **given), NOW)  # type: ignore[arg-type]
    return made.id, made.version


def test_days_that_are_over_keep_the_version_that_they_had(records: Records) -> None:
    put(records, replace(ONE, valid_from="2020-01-01"))
    days = [(date.fromisoformat(TODAY) - timedelta(back)).isoformat() for back in (1, 2, 400, 3000)]
    before = {day: in_force(records, day) for day in days}
    assert before[days[0]] == ["xx-law@1"]
    put(records, replace(ONE, expression="!spam", valid_from=TODAY))
    assert {day: in_force(records, day) for day in days} == before
    assert in_force(records, TODAY) == ["xx-law@2"]
    with records.read() as conn:
        first, last = store.history(conn, "xx-law")[::-1]
    assert (first.state, first.valid_to, first.expression) == (store.SUPERSEDED, "2026-11-21", "spam")
    assert (last.state, last.valid_to) == (store.PUBLISHED, "")


def test_a_later_version_may_begin_in_the_future(records: Records) -> None:
    put(records, ONE)
    put(records, replace(ONE, valid_from="2027-01-01"))
    assert in_force(records, "2026-12-31") == ["xx-law@1"]
    assert in_force(records, "2027-01-01") == ["xx-law@2"]


@pytest.mark.parametrize(("first", "code"), [("", "past"), ("2026-11-21", "past"), ("2026-12-01", "first-day")])
def test_a_later_version_cannot_change_the_past(records: Records, first: str, code: str) -> None:
    put(records, replace(ONE, valid_from="2026-12-01"))
    with pytest.raises(NotPossible, match=code):
        put(records, replace(ONE, valid_from=first))
    with records.read() as conn:
        assert [one.state for one in store.history(conn, "xx-law")] == [store.PUBLISHED]


def test_an_end_that_was_set_stays_before_the_next_version(records: Records) -> None:
    put(records, replace(ONE, valid_to="2026-06-30"))
    put(records, replace(ONE, valid_from=TODAY))
    assert in_force(records, "2026-07-01") == []
    assert in_force(records, "2026-06-30") == ["xx-law@1"]


def test_what_was_decided_stays_and_one_open_version_is_enough(records: Records) -> None:
    put(records, ONE)
    with records.begin() as conn:
        for wrong, code in ((1, "decided"), (7, "missing")):
            with pytest.raises(NotPossible, match=code):
                store.write(conn, replace(ONE, version=wrong), NOW)
            with pytest.raises(NotPossible, match=code):
                store.refuse(conn, "xx-law", wrong, "bob", "", "", NOW)
        made = store.write(conn, ONE, NOW)
        with pytest.raises(NotPossible, match="open"):
            store.write(conn, ONE, NOW)
        store.propose(conn, "xx-law", made.version, NOW)
        again = store.write(conn, replace(ONE, version=made.version, words="other"), NOW)
        assert (again.state, again.words) == (store.DRAFT, "other")
        refused = store.refuse(conn, "xx-law", 2, "bob", "Bob", "no", NOW)
        assert (refused.state, refused.remark) == (store.REFUSED, "no")
        assert store.write(conn, ONE, NOW).version == 3
        assert [one.version for one in store.listed(conn)] == [3, 2, 1]


def test_hostile_text_is_kept_harmless(records: Records) -> None:
    with records.begin() as conn:
        store.write(conn, replace(ONE, words="a\x00b\ud800"), NOW)
        found = store.get(conn, "xx-law", 1)
    assert found is not None
    assert found.words == "a\ufffdb?"
