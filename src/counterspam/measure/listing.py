"""Evidence page by page, newest first, for the API and exports: a page costs what it shows, however much is stored."""

from collections.abc import Iterator

from counterspam.measure.questions import LAST_ID, evidence_list
from counterspam.measure.scope import Query, Row

__all__ = ["LAST_ID", "evidence_list", "evidence_pages"]


def evidence_pages(query: Query, *, now: int, since: int = 0, limit: int = 5000) -> Iterator[list[Row]]:
    """All evidence received between `since` and `now` (milliseconds), page after page."""
    before = (now, LAST_ID)
    while page := evidence_list(query, before=before, since=since, limit=limit):
        yield page
        before = (page[-1]["received_at"], page[-1]["id"])
