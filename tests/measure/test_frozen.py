"""Calendar periods, and how two sets of tables differ."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.measure import frozen
from counterspam.measure.ask import Unanswerable, checked
from counterspam.measure.revisions import differences


def day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S").removesuffix(" 00:00:00")


@pytest.mark.parametrize(
    ("name", "kind", "start", "end"),
    [
        ("2026", "year", "2026-01-01", "2027-01-01"),
        ("2026-H1", "half-year", "2026-01-01", "2026-07-01"),
        ("2026-H2", "half-year", "2026-07-01", "2027-01-01"),
        ("2028-02", "month", "2028-02-01", "2028-03-01"),
        ("2026-12", "month", "2026-12-01", "2027-01-01"),
        ("2026-W01", "week", "2025-12-29", "2026-01-05"),
        ("2026-W53", "week", "2026-12-28", "2027-01-04"),
    ],
)
def test_a_period_of_the_calendar(name: str, kind: str, start: str, end: str) -> None:
    found = frozen.span(name)
    assert (found.name, found.kind, day(found.start), day(found.end)) == (name, kind, start, end)
    for table in frozen.TABLES:
        assert checked(table.ask(found))


@pytest.mark.parametrize(
    "name",
    ["", "26", "2026-13", "2026-00", "2026-1", "2026-H3", "2026-h1", "2026-W00", "2025-W53", "2026-W54", "0000", "9999",
     "2026-10-01", "2026-10\n", "٢٠٢٦", "2026/10"],
)  # fmt: skip
def test_what_is_no_period(name: str) -> None:
    with pytest.raises(Unanswerable, match="is no period"):
        frozen.span(name)


@given(st.text(max_size=9))
def test_any_text_is_a_period_or_refused(name: str) -> None:
    try:
        found = frozen.span(name)
    except Unanswerable:
        return
    assert found.start < found.end


def content(rows: list[dict[str, Any]], **table: Any) -> dict[str, Any]:
    known = {"name": "types", "dimensions": ["channel"], "rows": rows, "small": {}, "totals": {"reports": 9}}
    return {"tables": [{**known, **table}]}


def cell(channel: str, reports: int, **more: Any) -> dict[str, Any]:
    return {"channel": channel, "reports": reports, **more}


def test_rows_are_added_removed_and_changed() -> None:
    before = content([cell("sms", 5), cell("voice", 5), cell("email", 10)])
    after = content([cell("email", 10), cell("rcs", 5), cell("sms", 15)], totals={"reports": 11}, small={"cells": 2})
    (found,) = differences(before, after)
    assert (found.table, found.added, found.removed, found.changed) == ("types", 2, 1, 2)
    lines = {(line.part, line.key.get("channel")): (line.before, line.after) for line in found.lines}
    assert lines == {
        ("cell", "rcs"): (None, {"reports": 5}),
        ("cell", "sms"): ({"reports": 5}, {"reports": 15}),
        ("cell", "voice"): ({"reports": 5}, None),
        ("small", None): (None, {"cells": 2}),
        ("total", None): ({"reports": 9}, {"reports": 11}),
    }


def test_the_order_of_rows_is_no_difference_but_time_is() -> None:
    days = [cell("sms", 5, at=1), cell("sms", 5, at=2)]
    assert differences(content(days), content(days[::-1])) == []
    (found,) = differences(content(days), content([cell("sms", 5, at=1), cell("sms", 5, at=3)]))
    assert [(line.key["at"], line.before is None) for line in found.lines] == [(3, True), (2, False)]


def test_a_table_that_is_new_or_gone_differs_in_every_row() -> None:
    rows = [cell("sms", 5)]
    (new, gone) = differences(content(rows, name="old"), content(rows, name="new"))
    assert (new.table, new.added, new.removed) == ("new", 2, 0)
    assert (gone.table, gone.added, gone.removed) == ("old", 0, 2)
