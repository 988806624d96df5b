"""What the API and the command line ask of the records store beyond single records."""

from typing import Any

from sqlalchemy import Connection, text


def campaigns(
    conn: Connection, *, since: int = 0, channel: str = "", before: tuple[int, int] | None = None, limit: int = 100
) -> list[dict[str, Any]]:
    """Campaigns seen at `since` (ms) or later, the latest first; `before` is (last_seen, id) of the last one known."""
    last_seen, last = before or (2**62, 0)
    query = text(
        "SELECT id, title, exemplar, channel, first_seen, last_seen, messages, reports FROM campaigns"
        " WHERE merged_into IS NULL AND last_seen >= :since AND (:channel = '' OR channel = :channel)"
        " AND (last_seen < :last_seen OR (last_seen = :last_seen AND id < :id))"
        " ORDER BY last_seen DESC, id DESC LIMIT :limit"
    )
    given = {"since": since, "channel": channel, "last_seen": last_seen, "id": last, "limit": limit}
    return [dict(row) for row in conn.execute(query, given).mappings()]


def reasons(conn: Connection, intake: str) -> list[dict[str, Any]]:
    """How many records of an intake were rejected, by reason and format, with one example each; most frequent first."""
    query = text(
        "SELECT reason, format, COUNT(*) AS records, MIN(detail) AS example FROM rejected WHERE intake = :intake"
        " GROUP BY reason, format ORDER BY records DESC, reason, format"
    )
    return [dict(row) for row in conn.execute(query, {"intake": intake}).mappings()]
