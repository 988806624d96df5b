"""How good the data are: what each source delivers, how complete and late, where its series break, and what stays unknown."""

from collections.abc import Iterator
from dataclasses import dataclass

from counterspam.measure.figure import Figure, Unit, valued
from counterspam.measure.periods import DAY, HOUR
from counterspam.measure.questions import span
from counterspam.measure.scope import Query, Row, Scope, definition, exact, read, text

QUALITY = ("quality_coverage", "quality_breaks", "quality_unknown")
BEFORE = 30 * DAY  # of history that tells what is usual for a source
ACTIVE = 24  # hours with records that a source needs for its pauses to be told
LONGER = 3  # times its second longest step from one hour with records to the next
LEAST_REPORTS = 5  # that a new source must have delivered
_PARTS = {"no_country": "without_country", "no_destination": "without_destination", "no_type": "without_type"}
# What may be unknown: the rollup and the column that tell.
_FACETS = {
    "origin": ("places", "country"),
    "destination": ("places", "recipient_country"),
    "content_type": ("volume", "content_type"),
    "nature": ("volume", "nature"),
    "language": ("traits", "language"),
    "technique": ("traits", "technique"),
    "disposition": ("traits", "disposition"),
    "sender_kind": ("traits", "sender_kind"),
}
_LATE = {"late_hour": "hour_late", "late_day": "day_late"}


@dataclass(frozen=True, slots=True)
class Break:
    """A series that `started`, `stopped` or `paused` (`kind`) at `at` (seconds, start of an hour).

    A pause lasts until `until`; a start has no `usual`, the longest pause (seconds) that is common for the source. `format`
    and `door` are "" where sources are told per channel and source kind only.
    """

    kind: str
    channel: str
    source: str
    format: str
    door: str
    at: int
    until: int | None
    usual: int | None
    synthetic: bool


def coverage(query: Query, scope: Scope, now: int, *, doors: bool = False) -> list[Row]:
    """What each channel and source kind delivered in the period; with `doors`, also by `format`, `door` and how complete.

    Rows: `reports`, `messages`, `first` and `last` hour with records (seconds), `hours_with` and `hours_without` records of
    the hours of the period since the first evidence, the shares `hour_late` and `day_late` of records that came 1 hour or 1 day
    after observation or later, `nodes`, `synthetic`. With doors also the shares `without_country`, `without_destination` and
    `without_type` (judged spam, type unknown). Doors are for those who may read evidence; the rest describes nobody.
    """
    period = scope.period
    rows = query(text("quality_coverage"), exact(scope, start=period.whole_hours, doors=int(doors)))
    first = int(span(query)["first"])
    start, end = max(period.whole_hours, first - first % HOUR), min(period.end, now - now % HOUR + HOUR)
    hours = max(0, (end - start) // HOUR)
    return [_covered(row, hours, doors) for row in rows]


def breaks(query: Query, scope: Scope, now: int, *, doors: bool = False) -> list[Break]:
    """Sources that came, went or paused within the period, oldest first.

    A source started when it delivered nothing in the 30 days before and began more than a day after the first evidence of this
    node (or of those 30 days); it stopped when it is silent 3 times as long as its second longest pause, or longer; a pause
    is as long, and over. Sources with few hours of records (under 24) do not stop or pause.
    """
    start = max(scope.period.whole_hours - BEFORE, 0)
    given = exact(scope, start=start, period=scope.period.whole_hours, doors=int(doors))
    begun = max(int(span(query)["first"]), start)
    end = min(scope.period.end, now)
    found = [one for row in query(text("quality_breaks"), given) for one in _broken(row, scope, begun, end)]
    return sorted(found, key=lambda one: (one.at, one.channel, one.source, one.format, one.door))


def unknown(query: Query, scope: Scope) -> Figure:
    """Shares of spam whose origin, destination, content type, nature, language, technique ... (`basis`) is unknown."""
    rows = [
        row for name, (rollup, column) in _FACETS.items() for row in _blank(query, read(scope, rollup), name, column)
    ]
    missing = "" if rows else "spam in this period"
    meaning = definition("quality_unknown")
    return valued(Figure("unknown", "unknown", Unit.SHARE, meaning, rows, protected=True, missing=missing))


def _blank(query: Query, given: Row, name: str, column: str) -> list[Row]:
    """How much of the spam has no value in a column, per channel, as what is said of `name`."""
    return [{**row, "basis": name} for row in query(text("quality_unknown"), {**given, "facet": column})]


def _covered(row: Row, hours: int, doors: bool) -> Row:
    shares = _LATE | (_PARTS if doors else {})
    kept = ("channel", "source", "nodes", "reports", "messages", "first", "last", "synthetic")
    shown = {name: row[name] for name in kept}
    if doors:
        shown |= {"format": row["via_format"], "door": row["via_intake"]}
    shown |= {"hours_with": row["hours"], "hours_without": max(0, hours - row["hours"])}
    return shown | {called: row[name] / row["reports"] for name, called in shares.items()}


def _broken(row: Row, scope: Scope, begun: int, end: int) -> Iterator[Break]:
    start = scope.period.whole_hours
    first, last = row["first"], row["last"]

    def told(kind: str, at: int, until: int | None, usual: int | None) -> Break:
        series = (row["channel"], row["source"], row["via_format"], row["via_intake"])
        return Break(kind, *series, at, until, usual, bool(row["synthetic"]))

    if first >= max(start, begun + DAY) and row["reports"] >= LEAST_REPORTS:
        yield told("started", first, None, None)
    if row["hours"] < ACTIVE:
        return
    usual = max(HOUR, row["second"])
    longest, since = row["longest"], row["longest_from"]
    if longest > LONGER * usual and since + longest > start:
        yield told("paused", since + HOUR, since + longest, usual - HOUR)
    if end - last > LONGER * usual and last + HOUR > start:
        yield told("stopped", last + HOUR, None, usual - HOUR)
