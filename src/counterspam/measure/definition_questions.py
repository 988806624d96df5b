"""The questions that national definitions ask of the events; the text is in sql/NAME.sql."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from counterspam.measure.ask import Ask
from counterspam.measure.disclosure import LEAST, rounded
from counterspam.measure.periods import DAY, HOUR
from counterspam.measure.scope import Query, Row, Scope, exact, text

WINDOWS = ("in_24h", "in_30d", "in_365d")
MOST_TRIED = 2_000


def seen_lately(query: Query, parts: Sequence[int], now: int) -> dict[int, tuple[int, int, int]]:
    """Messages of each of these campaign ids in the last 24 hours, 30 days and 365 days before `now` (seconds); at least."""
    hours, days = -(-(now - DAY) // HOUR) * HOUR, -(-now // DAY) * DAY
    given = {"parts": list(parts), "day": hours, "month": days - 30 * DAY, "year": days - 365 * DAY}
    rows = query(text("seen_lately"), given) if parts else []
    return {row["campaign"]: (row["in_24h"], row["in_30d"], row["in_365d"]) for row in rows}


def seen_together(query: Query, ids: Iterable[int], joined: Sequence[Row], now: int) -> dict[int, tuple[int, int, int]]:
    """The same for campaigns with the earlier ones that became part of them (`joined`, answers of `campaigns_joined`)."""
    root = {id: id for id in ids} | {row["campaign"]: row["id"] for row in joined}
    found: dict[int, list[int]] = defaultdict(lambda: [0, 0, 0])
    for part, counts in seen_lately(query, list(root), now).items():
        found[root[part]] = [sum(pair) for pair in zip(found[root[part]], counts, strict=True)]
    return {id: (day, max(day, month), max(day, month, year)) for id, (day, month, year) in found.items()}


def definition_trial(query: Query, scope: Scope, limit: int, *, spread: bool) -> list[Row]:
    """Evidence of the period to try a definition on: the newest, or with `spread` as many from all of the period."""
    given = {"limit": min(limit, MOST_TRIED), "spread": int(spread)}
    return query(text("definition_trial"), exact(scope, **given))


def definition_answers(query: Query, scope: Scope, versions: Sequence[str], secret: bytes | None) -> list[Row]:
    """Messages and reports by `answer` (yes, no, unknown, unjudged) and own `verdict`.

    For the public, with a `secret`, counts are rounded and None where fewer than 5 contributors stand behind them.
    """
    given = {"versions": list(versions), "undecided": [f"{version}?" for version in versions]}
    rows = query(text("definition_answers"), exact(scope, **given))
    return [_shown(row, versions, scope, secret) for row in rows]


def _shown(row: Row, versions: Sequence[str], scope: Scope, secret: bytes | None) -> Row:
    cell = {"answer": row["answer"], "verdict": bool(row["verdict"])}
    if secret is None:
        return {**cell, "messages": row["messages"], "reports": row["reports"]}
    if row["contributors"] < LEAST:
        return {**cell, "messages": None, "reports": None}
    counts = {"messages": row["messages"], "reports": row["reports"], "spam_messages": 0, "spam_reports": 0}
    named = {**cell, "defined_by": " ".join(versions), "channel": scope.channel, **counts}
    shown = rounded(named, Ask(0, 1, dimensions=("answer", "verdict", "defined_by", "channel")), secret)
    return {**cell, "messages": shown["messages"], "reports": shown["reports"]}
