"""Changes and their deliveries: the same suite on SQLite and PostgreSQL."""

import pytest
from findings import assign

from counterspam.store import changes
from counterspam.store.changes import Change
from counterspam.store.records import Records

T = 1_800_000_000_000


def change(number: int, **given: object) -> Change:
    what: dict[str, object] = {"kind": "surge", "channel": "sms", "country": f"C{number}"}
    times: dict[str, object] = {"found_at": T + number, "began_at": T, "seen_at": T + number, "span": 3_600_000}
    return Change(id=f"{number:032x}", observed=300.0, expected=100.0, **(what | times | given))  # type: ignore[arg-type]


@pytest.fixture
def kept(records: Records) -> Records:
    with records.begin() as conn:
        for number in range(5):
            assert changes.add(conn, change(number))
        changes.add(conn, change(8, kind="new-route", channel="email", recipient_country="C1", transit="XA-XB"))
        changes.add(conn, change(9, synthetic=True, channel="voice"))
    return records


def test_what_was_kept_comes_back_as_it_was(records: Records) -> None:
    one = change(1, low=1.5, high=2.5, score=-4.25, reports=7, synthetic=True, campaign=2**62, transit="A-B")
    with records.begin() as conn:
        changes.add(conn, one)
    with records.read() as conn:
        assert changes.get(conn, one.id) == one
        assert changes.get(conn, "nothing") is None


def test_one_subject_is_open_once(kept: Records) -> None:
    with kept.begin() as conn:
        again = change(20, country="C1", found_at=T + 20)
        assert not changes.add(conn, again)
        first = changes.get(conn, f"{1:032x}")
        assert first
        closed = Change(**{**_values(first), "state": "over", "ended_at": T + 10})
        changes.update(conn, [closed])
        assert changes.add(conn, again)
        assert changes.get(conn, closed.id) == closed


def _values(one: Change) -> dict[str, object]:
    return {name: getattr(one, name) for name in Change.__dataclass_fields__}


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        ({}, [9, 8, 4, 3, 2, 1, 0]),
        ({"kind": "new-route"}, [8]),
        ({"channel": "sms"}, [4, 3, 2, 1, 0]),
        ({"country": "C1"}, [8, 1]),
        ({"synthetic": False}, [8, 4, 3, 2, 1, 0]),
        ({"since": T + 2, "before": T + 4}, [3, 2]),
        ({"state": "over"}, []),
        ({"limit": 2, "offset": 1}, [8, 4]),
        ({"kind": "'; DROP TABLE changes; --"}, []),
    ],
)
def test_listing(kept: Records, wanted: dict[str, object], numbers: list[int]) -> None:
    with kept.read() as conn:
        found = changes.list(conn, **wanted)  # type: ignore[arg-type]
        assert [int(one.id, 16) for one in found] == numbers
        if "limit" not in wanted:
            assert changes.count(conn, **wanted) == len(numbers)  # type: ignore[arg-type]


def test_the_title_is_that_of_the_campaign_as_it_is_today(records: Records) -> None:
    info = {"subject": "", "excerpt": "Your parcel", "channel": "sms", "id": "e1", "observed_at": 1, "count": 1}
    with records.begin() as conn:
        assign(conn, [(50,)], [info])
        changes.add(conn, change(1, kind="new-campaign", campaign=50))
        assign(conn, [(50, 10)], [info | {"id": "e0", "observed_at": 2, "excerpt": "Later"}])
    with records.read() as conn:
        found = changes.get(conn, f"{1:032x}")
    assert found
    assert found.title == "Your parcel"


def test_each_target_is_told_each_state_once(kept: Records) -> None:
    with kept.begin() as conn:
        due = changes.untold(conn, "hook", "open", T, T + 100)
        assert [int(one.change.id, 16) for one in due] == [0, 1, 2, 3, 4, 8, 9]
        assert changes.claim(conn, "hook", due[0], T + 100, T + 200)
        changes.told(conn, "hook", due[0], T + 110)
        assert changes.last_told(conn, "hook") == T + 110
        assert changes.last_told(conn, "other") == 0
    with kept.read() as conn:
        assert len(changes.untold(conn, "hook", "open", T, T + 1000)) == 6
        assert len(changes.untold(conn, "other", "open", T, T + 1000)) == 7
        assert changes.untold(conn, "hook", "over", T, T + 1000) == []
        assert len(changes.untold(conn, "other", "open", T + 3, T + 1000)) == 4


def test_a_claim_is_for_one_and_a_failure_comes_back_later(kept: Records) -> None:
    with kept.begin() as conn:
        one = changes.untold(conn, "hook", "open", T, T)[0]
        assert changes.claim(conn, "hook", one, T, T + 200)
        assert not changes.claim(conn, "hook", one, T + 100, T + 300)
        changes.failed(conn, "hook", one, T + 500, "answered 500")
    with kept.begin() as conn:
        assert one.change.id not in {due.change.id for due in changes.untold(conn, "hook", "open", T, T + 499)}
        again = changes.untold(conn, "hook", "open", T, T + 500)[0]
        assert (again.change.id, again.tries) == (one.change.id, 1)
        assert changes.claim(conn, "hook", again, T + 500, T + 700)
        assert not changes.claim(conn, "hook", again, T + 600, T + 800)


def test_a_claim_that_was_never_noted_runs_out(kept: Records) -> None:
    with kept.begin() as conn:
        one = changes.untold(conn, "hook", "open", T, T)[0]
        changes.claim(conn, "hook", one, T, T + 200)
    with kept.begin() as conn:
        assert changes.claim(conn, "hook", one, T + 200, T + 400)
