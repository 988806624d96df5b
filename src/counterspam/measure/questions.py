"""One function per question that pages and the API ask of the events; the text of each is in sql/NAME.sql, with its definition.

Every function takes `query`, which runs SQL with server-side parameters and gives rows, and answers with plain rows.
Times in answers are seconds since 1970 UTC, except `received_at`, `observed_at`, `first_seen` and `last_seen`: milliseconds.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from counterspam.measure.change_questions import (  # noqa: F401 (questions too; see QUESTIONS)
    change_campaign_growth,
    change_campaign_peaks,
    change_campaign_starts,
    change_campaigns,
    change_contributors,
    change_hours,
    change_pair_starts,
    change_pairs,
    change_routes,
)
from counterspam.measure.definition_questions import (  # noqa: F401 (questions too)
    definition_answers,
    definition_trial,
    seen_lately,
)
from counterspam.measure.disclosure import LEAST
from counterspam.measure.learning_questions import (  # noqa: F401 (questions too)
    evidence_by_id,
    score_histogram,
    user_reports,
)
from counterspam.measure.periods import DAY, HOUR
from counterspam.measure.scope import Query, Row, Scope, exact, read, steps, text

MARGIN = 20  # candidates beyond those shown, as they are ranked by counts that lack the first message
LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

# Every question, in the order of the method page.
QUESTIONS = (
    "volume_by_channel",
    "volume_by_type",
    "spam_share",
    "reporters",
    "origins_by_country",
    "origins_by_network",
    "origins_by_operator",
    "route_matrix",
    "top_routes",
    "top_campaigns",
    "campaign_cards",
    "campaign_parts",
    "campaigns_joined",
    "campaign_days",
    "campaign_hours",
    "campaign_spread",
    "campaign_evidence",
    "newest_minutes",
    "newest_evidence",
    "evidence_list",
    "evidence",
    "same_text",
    "synthetic_reports",
    "change_hours",
    "change_contributors",
    "change_pairs",
    "change_pair_starts",
    "change_routes",
    "change_campaigns",
    "change_campaign_starts",
    "change_campaign_growth",
    "change_campaign_peaks",
    "evidence_by_id",
    "score_histogram",
    "user_reports",
    "definition_answers",
    "definition_trial",
    "seen_lately",
    "span",
)


def volume_by_channel(query: Query, scope: Scope) -> list[Row]:
    """Messages and reports per step and channel."""
    return query(text("volume_by_channel"), steps(scope))


def volume_by_type(query: Query, scope: Scope) -> list[Row]:
    """Messages and reports judged spam, per step and content type."""
    return query(text("volume_by_type"), steps(scope))


def spam_share(query: Query, scope: Scope) -> list[Row]:
    """Messages and reports, all and judged spam, per source kind."""
    return query(text("spam_share"), steps(scope))


def reporters(query: Query, scope: Scope) -> int:
    """How many different reporters, estimated."""
    found = query(text("reporters"), read(scope, "reporters"))
    return int(found[0]["reporters"]) if found else 0


def origins_by_country(query: Query, scope: Scope) -> list[Row]:
    """Messages judged spam per country of origin, greatest first; `country` "" is unknown."""
    return query(text("origins_by_country"), read(scope, "places"))


def origins_by_network(query: Query, scope: Scope, limit: int = 10) -> list[Row]:
    """The networks through which most spam entered."""
    return query(text("origins_by_network"), read(scope, "networks", limit=limit, least=LEAST))


def origins_by_operator(query: Query, scope: Scope, limit: int = 10) -> list[Row]:
    """The operators whose number ranges most spam showed."""
    return query(text("origins_by_operator"), read(scope, "networks", limit=limit, least=LEAST))


def route_matrix(query: Query, scope: Scope) -> list[Row]:
    """Messages judged spam per pair of origin and destination."""
    return query(text("route_matrix"), read(scope, "places"))


def top_routes(query: Query, scope: Scope, limit: int = 8) -> list[Row]:
    """Routes with known transit."""
    return query(text("top_routes"), read(scope, "routes", limit=limit, least=LEAST))


def top_campaigns(query: Query, scope: Scope, limit: int = 10) -> list[Row]:
    """The largest campaigns of at least 5 contributors: id, messages, reports, channels, main type, first and last seen."""
    days = scope.period.in_days
    rollup = read(scope, "campaign_rank" if days else "campaigns", limit=limit + MARGIN, parts=20 * limit + 1000)
    ranked = query(text("top_campaigns"), rollup)
    parts = {row["id"]: [row["id"]] for row in ranked}
    for row in campaigns_joined(query, list(parts)):
        parts[row["id"]].append(row["campaign"])
    cards = defaultdict(list)
    for card in campaign_cards(query, scope, [part for found in parts.values() for part in found]):
        cards[card["campaign"]].append(card)
    rows = [_card(id, [card for part in found for card in cards[part]]) for id, found in parts.items()]
    several = [row for row in rows if row["contributors"] >= LEAST]
    return sorted(several, key=lambda row: (-row["spam_messages"], row["id"]))[:limit]


def campaigns_joined(query: Query, ids: Sequence[int]) -> list[Row]:
    """Which earlier campaigns (`campaign`) became part of which of `ids` (`id`)."""
    return query(text("campaigns_joined"), {"ids": list(ids)}) if ids else []


def _card(id: int, cards: list[Row]) -> Row:
    types: Counter[str] = Counter()
    channels: Counter[str] = Counter()
    for card in cards:
        types[card["content_type"]] += card["messages"]
        channels[card["channel"]] += card["messages"]
    return {
        "id": id,
        "spam_messages": channels.total(),
        "spam_reports": sum(card["reports"] for card in cards),
        "channels": [name for name, _ in channels.most_common()],
        "content_type": types.most_common(1)[0][0] if types else "unknown",
        "first_seen": min((card["first_seen"] for card in cards), default=0),
        "last_seen": max((card["last_seen"] for card in cards), default=0),
        "synthetic": max((card["synthetic"] for card in cards), default=0),
        "contributors": len({one for card in cards for one in card["contributors"]}),
    }


def campaign_cards(query: Query, scope: Scope, parts: Sequence[int]) -> list[Row]:
    """Messages and reports of each campaign part per channel and content type, greatest first, with times seen."""
    given = read(scope, "campaign" if scope.period.in_days else "campaigns", parts=list(parts))
    return query(text("campaign_cards"), given) if parts else []


def campaign_parts(query: Query, id: int) -> tuple[int, list[int]]:
    """The campaign that `id` is today, and every id that belongs to it."""
    row = query(text("campaign_parts"), {"id": id})[0]
    root = int(row["id"])
    return root, sorted({root, id, *row["parts"]})


def campaign_days(query: Query, parts: Iterable[int]) -> list[Row]:
    """Messages and reports of a campaign per day, channel and content type."""
    return query(text("campaign_days"), {"parts": list(parts)})


def campaign_hours(query: Query, parts: Iterable[int], start: int = 0, end: int = 2**32 - 1) -> list[Row]:
    """The same per hour, from `start` to before `end`."""
    return query(text("campaign_hours"), {"parts": list(parts), "start": start, "end": end})


def campaign_spread(
    query: Query, parts: Iterable[int], start: int, end: int, channels: Iterable[str] = ()
) -> dict[str, list[Row]]:
    """What varies within a campaign: facet ("text", "sender", "link", "number", "origin", ...) -> values, greatest first.

    Naming the channels that it runs over spares reading the others.
    """
    given = {"parts": list(parts), "channels": list(channels), "start": start, "end": end}
    found: dict[str, list[Row]] = defaultdict(list)
    for row in query(text("campaign_spread"), given):
        found[row["facet"]].append(row)
    return dict(found)


def campaign_evidence(
    query: Query, parts: Iterable[int], start: int, end: int, limit: int = 25, channels: Iterable[str] = ()
) -> list[Row]:
    """The newest evidence of a campaign, received from `start` to before `end`; `channels` as in `campaign_spread`."""
    given = {"parts": list(parts), "channels": list(channels), "start": start, "end": end, "limit": limit}
    return query(text("campaign_evidence"), given)


def newest_minutes(query: Query, scope: Scope, limit: int) -> int:
    """Start of the minute since which the newest `limit` records of the scope arrived; 0 when there are none."""
    start = scope.period.start
    for time, size in (("day", DAY), ("hour", HOUR), ("minute", 60)):
        given = exact(scope, rollup=f"volume_{time}s", time=time, limit=limit, start=start - start % size)
        found = 0
        for row in query(text("newest_minutes"), given):
            start, found = int(row["at"]), found + int(row["reports"])
            if found >= limit:
                break
        if not found:
            return 0
    return start


def newest_evidence(query: Query, scope: Scope, limit: int = 12) -> list[Row]:
    """The newest records of the scope, newest first. Only the minutes that hold them are read."""
    start = max(newest_minutes(query, scope, limit), scope.period.start)
    return query(text("newest_evidence"), exact(scope, start=start, limit=limit))


def evidence_list(
    query: Query,
    *,
    before: tuple[int, str],
    since: int = 0,
    channel: str = "",
    sender: str = "",
    parts: Iterable[int] = (),
    limit: int = 100,
) -> list[Row]:
    """Up to `limit` records received at `since` or later and before `before`: (milliseconds, id) of the last one known.

    Records are looked for in windows that double, so a page of recent evidence reads recent hours only.
    """
    since = max(since, span(query)["first"] * 1000)
    at, last = before
    found: list[Row] = []
    window = HOUR * 1000
    given = {"channel": channel, "sender": sender, "parts": list(parts)}
    while len(found) < limit and at >= since:
        start = max(at - window, since)
        wanted = {**given, "start": start, "before": at, "id": last, "limit": limit - len(found)}
        found += query(text("evidence_list"), wanted)
        at, last, window = start - 1, LAST_ID, window * 4
    return found


def evidence(query: Query, id: str) -> Row | None:
    """All that is stored of one piece of evidence; None if there is no such id (a UUIDv7)."""
    at = int(id.replace("-", "")[:12], 16) // 1000
    if at >= 2**32 - DAY:
        return None
    rows = query(text("evidence"), {"id": id, "at": at})
    return rows[0] if rows else None


def same_text(query: Query, row: Row) -> list[Row]:
    """Other records of the same campaign with the same text as `row`, an answer of `evidence`."""
    at = row["received_at"] // 1000
    given = {"campaign": row["campaign"], "body_hash": row["body_hash"], "id": row["id"]}
    return query(text("same_text"), {**given, "start": max(at - 30 * DAY, 0), "end": at + 30 * DAY})


def synthetic_reports(query: Query, since: int) -> int:
    """How many records received since then (seconds) are made up."""
    return int(query(text("synthetic_reports"), {"start": since})[0]["reports"])


def span(query: Query) -> Row:
    """Records stored, and the first and last minute of receipt (0 when there is nothing)."""
    return query(text("span"), {})[0]
