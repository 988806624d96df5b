"""The action plan: what may be said of an item, and how far it is."""

from datetime import UTC, date, datetime, timedelta

import pytest

from counterspam.policy.repository import plan
from counterspam.policy.repository.plan import Said

FIRST, SECOND, THIRD = list(plan.items())[:3]
DAY = date(2026, 12, 1)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Said(item=FIRST, status="done"), {}),
        (Said(item=FIRST, status="planned", due="2027-01-31", responsible="The regulator", note="x"), {}),
        (Said(item="else", status="perhaps"), {"item": "not-allowed", "status": "not-allowed"}),
        (Said(item=FIRST, status="done", due="31.1.2027"), {"due": "bad-form"}),
        (Said(item=FIRST, status="done", due="9999-01-01"), {"due": "bad-form"}),
        (
            Said(item=FIRST, status="done", responsible="x" * 201, note="x" * 2001),
            {"responsible": "too-long", "note": "too-long"},
        ),
    ],
)
def test_what_may_be_said(said: Said, expected: dict[str, str]) -> None:
    assert plan.faults(said) == expected


def test_progress_counts_what_applies_and_what_is_late() -> None:
    standing = {
        FIRST: Said(item=FIRST, status="done", due="2026-01-01"),
        SECOND: Said(item=SECOND, status="not-applicable"),
        THIRD: Said(item=THIRD, status="in-progress", due="2026-11-30"),
    }
    found = plan.progress(standing, DAY)
    every = len(plan.items())
    assert found.counts == {"not-started": every - 3, "planned": 0, "in-progress": 1, "done": 1, "not-applicable": 1}
    assert found.late == 1
    assert found.applicable == every - 1
    assert found.share == 1 / (every - 1)
    assert found.begun == 2 / (every - 1)
    nothing = {name: Said(item=name, status="not-applicable") for name in plan.items()}
    assert plan.progress(nothing, DAY).share is None


def test_the_course_is_what_stood_at_the_end_of_each_day() -> None:
    days = [DAY + timedelta(number) for number in range(3)]
    ends = {
        day: int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + 86_400_000 for day in days
    }
    history = [
        Said(item=FIRST, status="planned", at=ends[days[0]] - 1),
        Said(item=FIRST, status="done", at=ends[days[0]]),
        Said(item=SECOND, status="done", at=ends[days[2]] - 1),
        Said(item=FIRST, status="in-progress", at=ends[days[2]]),
    ]
    found = plan.course(history, days, ends)
    assert [one.counts["done"] for one in found] == [0, 1, 2]
    assert [one.counts["planned"] for one in found] == [1, 0, 0]
