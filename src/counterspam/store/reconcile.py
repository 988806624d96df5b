"""Proof that figures add up: events == rollups == what the doors counted."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from counterspam.rollups import ROLLUPS

Query = Callable[[str, dict[str, Any]], list[dict[str, Any]]]

DAY = 86_400

# Events are deleted after the retention time while totals stay, so single events are compared from `since` on, a whole day.
_EVENTS = (
    "SELECT 'events{what}' AS part, count() AS reports, sum(count) AS messages FROM events"
    " WHERE {only} AND received_at >= {since}"
)
_ROLLUP = (
    "SELECT '{table}' AS part, sum(reports) AS reports, sum(messages) AS messages FROM {table} WHERE {step} >= {since}"
)
_SINCE = "toDateTime64({since:UInt32}, 3, 'UTC')"
_ALL = "SELECT 'volume' AS part, sum(reports) AS reports, sum(messages) AS messages FROM volume_days"


def differences(query: Query, totals: Mapping[str, int], keep_days: int) -> list[str]:
    """What does not add up, one line each."""
    oldest = max(0, int(time.time()) - keep_days * DAY + DAY)
    since = {"since": oldest // DAY * DAY}
    tables: dict[str, list[str]] = {}
    for rollup in ROLLUPS:
        if {"reports", "messages"} <= {measure.name for measure in rollup.measures}:
            for step in rollup.steps:
                sql = _ROLLUP.format(table=rollup.table(step), step=step, since=_SINCE)
                tables.setdefault(rollup.only, []).append(sql)
    found = []
    for only, rollups in tables.items():
        of_events = _EVENTS.format(
            what=f" with {only}".replace("'", "''") if only else "", only=only or "1", since=_SINCE
        )
        found += _compare([row for sql in (of_events, *rollups) for row in query(sql, since)])
    doors = {"part": "accepted at the doors", "reports": totals["rows"], "messages": totals["messages"]}
    return found + _compare([doors, *query(_ALL, {})])


def _compare(rows: list[dict[str, Any]]) -> list[str]:
    """Every row against the first."""
    first, *others = rows
    return [
        f"{first['part']} has {first[name]} {name}, {row['part']} has {row[name]}"
        for row in others
        for name in ("reports", "messages")
        if row[name] != first[name]
    ]
