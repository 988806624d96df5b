"""When entries were last reviewed, when they are due again, and what of it is a figure of the repository (K22)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from counterspam.policy.repository.fields import Content, Kind

MONTHS = 24  # after which an entry is to be reviewed again
SOON = 90  # days before that in which it is called due


@dataclass(frozen=True, slots=True)
class Review:
    """Where one entry stands. `since` is the last review, or where there was none the day on which it was recorded."""

    id: str
    reviewed: bool
    since: date
    due: date
    state: str  # fresh, soon, stale


@dataclass(frozen=True, slots=True)
class Figures:
    """K22. Ages in days; None where there is nothing to take a median of.

    `covered`: jurisdictions of which the repository holds an instrument; `in_force`: one in force; `reviewed`: entries that
    were ever reviewed; `age_reviewed`: median age of their last review; `age_recorded`: median age of the record of all.
    """

    entries: int
    covered: int
    in_force: int
    reviewed: int
    age_reviewed: float | None
    age_recorded: float | None
    stale: int
    soon: int


def review(entry: Content, today: date) -> Review:
    """Where an entry stands today."""
    last = entry["last_reviewed"]
    since = date.fromisoformat(last or entry["date_recorded"])
    due = after(since, MONTHS)
    state = "stale" if due <= today else "soon" if (due - today).days <= SOON else "fresh"
    return Review(entry["id"], bool(last), since, due, state)


def reviews(entries: Iterable[Content], today: date) -> list[Review]:
    """All entries, what is due first at the top."""
    return sorted((review(entry, today) for entry in entries), key=lambda one: (one.due, one.id))


def after(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in range(day.day, 27, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def figures(kind: Kind, entries: Mapping[str, Content], today: date) -> Figures:
    """The figures of one kind of entries; `covered` and `in_force` are 0 for other kinds than laws."""
    found = reviews(entries.values(), today)
    laws: Sequence[Content] = [entry for entry in entries.values() if kind == Kind.LAW and entry["status"] != "none"]
    ages = [(today - one.since).days for one in found if one.reviewed]
    recorded = [(today - date.fromisoformat(entry["date_recorded"])).days for entry in entries.values()]
    return Figures(
        entries=len(found),
        covered=len({law["jurisdiction"] for law in laws}),
        in_force=len({law["jurisdiction"] for law in laws if law["status"] == "in force"}),
        reviewed=len(ages),
        age_reviewed=median(ages) if ages else None,
        age_recorded=median(recorded) if recorded else None,
        stale=sum(one.state == "stale" for one in found),
        soon=sum(one.state == "soon" for one in found),
    )
