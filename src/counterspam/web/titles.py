"""What campaigns are called: the masked titles of the records store, beside the counts of the event store."""

from collections.abc import Callable, Mapping, Sequence

from counterspam.measure.scope import Row
from counterspam.store import campaigns
from counterspam.store.records import Records

Titles = Callable[[Sequence[int]], Mapping[int, str]]


def reader(records: Records) -> Titles:
    """What looks up titles by campaign id; campaigns without one are left out."""

    def look_up(ids: Sequence[int]) -> Mapping[int, str]:
        with records.read() as conn:
            return campaigns.titles(conn, ids)

    return look_up


def titled(rows: Sequence[Row], titles: Titles) -> list[Row]:
    """Campaigns, each with its `title`; "" where there is none: evidence is stored a moment before its campaign is."""
    known = titles([row["id"] for row in rows]) if rows else {}
    return [{**row, "title": known.get(row["id"], "")} for row in rows]
