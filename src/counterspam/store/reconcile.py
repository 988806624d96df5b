"""Proof that figures add up: events == rollups == what the doors counted."""

import time
from collections.abc import Callable, Mapping
from typing import Any

Query = Callable[[str, dict[str, Any]], list[dict[str, Any]]]

DAY = 86_400

# Events are deleted after the retention time while totals stay, so single events are compared from `since` on, a whole day.
_EVENTS = (
    "SELECT '{part}' AS part, count() AS reports, sum(count) AS messages FROM events"
    " WHERE {only} AND received_at >= {since}"
)
_ROLLUP = (
    "SELECT '{table}' AS part, sum(reports) AS reports, sum(messages) AS messages FROM {table} WHERE {time} >= {since}"
)
_SINCE = "toDateTime64({since:UInt32}, 3, 'UTC')"
_ACCOUNTS = (
    (
        "events",
        "1",
        {"volume": "minute", "volume_hours": "hour", "origins": "hour", "origin_days": "day", "country_hours": "hour"},
    ),
    ("events in campaigns", "campaign != 0", {"campaign_hours": "hour", "campaign_days": "day"}),
    ("events in transit", "notEmpty(transit)", {"route_days": "day"}),
)
_ALL = "SELECT 'volume' AS part, sum(reports) AS reports, sum(messages) AS messages FROM volume"


def differences(query: Query, totals: Mapping[str, int], keep_days: int) -> list[str]:
    """What does not add up, one line each."""
    oldest = max(0, int(time.time()) - keep_days * DAY + DAY)
    since = {"since": oldest // DAY * DAY}
    found = []
    for part, only, rollups in _ACCOUNTS:
        rows = query(_EVENTS.format(part=part, only=only, since=_SINCE), since)
        for table, column in rollups.items():
            rows += query(_ROLLUP.format(table=table, time=column, since=_SINCE), since)
        found += _compare(rows)
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
