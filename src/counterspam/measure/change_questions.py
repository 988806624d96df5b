"""The questions that the detection of changes asks, one function each; the text is in sql/NAME.sql. Times are in seconds."""

from collections.abc import Sequence

from counterspam.measure.scope import Query, Row, text


def change_hours(query: Query, *, rollup: str, facet: str, spam: int, start: int, end: int) -> list[Row]:
    """Hours, messages and reports per channel and value of a facet, as parallel lists; `spam` 1: judged spam only."""
    return query(text("change_hours"), {"rollup": rollup, "facet": facet, "spam": spam, "start": start, "end": end})


def change_contributors(
    query: Query, *, rollup: str, facet: str, channel: str, value: str, start: int, end: int
) -> int:
    """Different contributors behind a part of a channel, counted up to 5; value "" is the whole channel."""
    given = {"rollup": rollup, "facet": facet, "channel": channel, "value": value, "start": start, "end": end}
    rows = query(text("change_contributors"), given)
    return int(rows[0]["contributors"]) if rows else 0


def change_pairs(query: Query, *, start: int, recent: int, end: int, messages: int, least: int) -> list[Row]:
    """Pairs of countries with at least so many messages and contributors since `recent`, and none since `start`."""
    return query(
        text("change_pairs"), {"start": start, "recent": recent, "end": end, "messages": messages, "least": least}
    )


def change_pair_starts(query: Query, *, recent: int, origins: Sequence[str], destinations: Sequence[str]) -> list[Row]:
    """The first hour since `recent` of each pair of these countries."""
    given = {"recent": recent, "origins": list(origins), "destinations": list(destinations)}
    return query(text("change_pair_starts"), given)


def change_routes(query: Query, *, start: int, recent: int, end: int, messages: int, least: int) -> list[Row]:
    """The same as `change_pairs` for routes with transit."""
    return query(
        text("change_routes"), {"start": start, "recent": recent, "end": end, "messages": messages, "least": least}
    )


def change_campaigns(query: Query, *, start: int, end: int, messages: int, known: Sequence[int]) -> list[Row]:
    """Campaigns with at least so many messages, but for the `known` ones."""
    given = {"start": start, "end": end, "messages": messages, "known": list(known)}
    return query(text("change_campaigns"), given)


def change_campaign_starts(query: Query, parts: Sequence[int]) -> list[Row]:
    """The day on which each was first received."""
    return query(text("change_campaign_starts"), {"parts": list(parts)})


def change_campaign_growth(query: Query, parts: Sequence[int], start: int, end: int) -> list[Row]:
    """Messages, reports and contributors per campaign, hour, channel and content type."""
    return query(text("change_campaign_growth"), {"parts": list(parts), "start": start, "end": end})


def change_campaign_peaks(query: Query, start: int, end: int, known: Sequence[int]) -> list[float]:
    """Messages in the largest hour of each large campaign that began in the period, greatest first; not the `known`."""
    rows = query(text("change_campaign_peaks"), {"start": start, "end": end, "known": list(known)})
    return [float(row["messages"]) for row in rows]
