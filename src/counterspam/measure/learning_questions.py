"""The questions that learning asks of the events; the text is in sql/NAME.sql."""

from collections.abc import Iterable

from counterspam.measure.scope import Query, Row, text

BINS = 10
TOGETHER = 500  # pieces of evidence that are looked for at once
WEEK = 7 * 86_400


def evidence_by_id(query: Query, wanted: Iterable[tuple[int, str]]) -> list[Row]:
    """Where the raw items of evidence are; (time of receipt in ms, id) of each. What is stored no more is left out."""
    ordered = sorted(wanted)
    found: list[Row] = []
    for at in range(0, len(ordered), TOGETHER):
        some = ordered[at : at + TOGETHER]
        given = {"start": some[0][0], "end": some[-1][0], "ids": [id for _, id in some]}
        found += query(text("evidence_by_id"), given)
    return found


def score_histogram(
    query: Query, jurisdiction: str, own: Iterable[str], now: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Records by probability in ten bins, in the week before last and in the last one; `now` in seconds.

    Of one jurisdiction or, for "all", of those that have no model of their `own`.
    """
    given = {"jurisdiction": jurisdiction, "own": list(own), "start": now - 2 * WEEK, "middle": now - WEEK, "end": now}
    weeks = ([0] * BINS, [0] * BINS)
    for row in query(text("score_histogram"), given):
        weeks[int(row["recent"])][int(row["bin"])] = int(row["records"])
    return tuple(weeks[0]), tuple(weeks[1])


def user_reports(query: Query, jurisdiction: str, own: Iterable[str], start: int, end: int, limit: int) -> list[Row]:
    """Reports of users with a text, received after `start` and up to `end` (ms), the earliest first.

    At most `limit`, the latest, and at most 20 of one reporter a day.
    """
    given = {"jurisdiction": jurisdiction, "own": list(own), "start": start, "end": end, "limit": limit}
    return query(text("user_reports"), given)[::-1]
