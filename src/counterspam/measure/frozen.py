"""A calendar period as a fixed set of tables: what is published of it.

The tables are questions that anyone may put to the statistics, answered as they are for the public, so what is published
says nothing that a live answer would hide. Made-up evidence never counts.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import re2

from counterspam.errors import CounterspamError
from counterspam.measure import disclosure, questions
from counterspam.measure.ask import METRICS, Ask, Unanswerable, table
from counterspam.measure.scope import Query, Row
from counterspam.measure.statistics import answer

KINDS = {"H": "half-year", "W": "week"}
MOST_ROWS = 20_000  # of one table; the greatest by messages judged spam
MOST_SERIES = 100  # of one table by time; more than there are channels times source kinds
TRIES = 3
COUNTED = ("messages", "reports", "spam_messages", "spam_reports")
BASIS = (
    "Evidence that reached this node: reports by people, spam traps, filters and records of calls. Counts of evidence are not"
    " prevalence. Evidence made up for demonstration is left out."
)
TIME = "Time of receipt at this node, UTC, from start to before end (seconds since 1970)."
DISCLOSURE = (
    f"In tables that are rounded, cells with fewer than {disclosure.LEAST} contributors are not shown; small has them together"
    f" where at least {disclosure.LEAST} stand behind them all. Their counts are rounded to multiples of {disclosure.BASE}."
)
_NAME = re2.compile("[0-9]{4}(-(0[1-9]|1[0-2]|H[12]|W[0-5][0-9]))?")


class Unsteady(CounterspamError):
    """Evidence of the period arrived while it was being counted."""


@dataclass(frozen=True, slots=True)
class Span:
    """A calendar period in UTC: from `start` to before `end`, seconds since 1970. `kind`: year, half-year, month, week."""

    name: str
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Table:
    """One published table: what it splits the counts by."""

    name: str
    dimensions: tuple[str, ...]
    interval: str = ""

    def ask(self, span: Span) -> Ask:
        """The question that it answers."""
        return Ask(
            span.start,
            span.end,
            metrics=COUNTED,
            dimensions=self.dimensions,
            interval=self.interval,
            synthetic=False,
            limit=MOST_SERIES if self.interval else MOST_ROWS,
        )


# What is published of a period. Whoever changes the list or a question in it raises EDITION.
EDITION = 1
TABLES = (
    Table("volume", ("channel", "source")),
    Table("volume_by_day", ("channel", "source"), "day"),
    Table("types", ("channel", "content_type")),
    Table("origins", ("channel", "origin")),
    Table("routes", ("channel", "origin", "destination")),
    Table("border", ("channel", "border")),
    Table("sender_kinds", ("channel", "sender_kind")),
    Table("dispositions", ("channel", "disposition")),
    Table("spf", ("channel", "spf")),
    Table("dkim", ("channel", "dkim")),
    Table("dmarc", ("channel", "dmarc")),
    Table("attestation", ("channel", "stir")),
    Table("targets", ("channel", "destination")),
)


def span(name: str) -> Span:
    """The calendar period that a name stands for: 2026, 2026-H1, 2026-10, 2026-W41 (ISO 8601). Raises Unanswerable."""
    wrong = (
        f"{name[:20]!r} is no period; there are 2026 (year), 2026-H1 (half-year), 2026-10 (month), 2026-W41 (ISO week)"
    )
    if not _NAME.fullmatch(name):
        raise Unanswerable(wrong)
    year, part = int(name[:4]), name[5:]
    try:
        if part.startswith("W"):
            start = date.fromisocalendar(year, int(part[1:]), 1)
            return Span(name, kind(name), _seconds(start), _seconds(start) + 7 * 86_400)
        month = 1 if not part else 6 * int(part[1:]) - 5 if part.startswith("H") else int(part)
        months = 12 if not part else 6 if part.startswith("H") else 1
        after = month - 1 + months
        ends = date(year + after // 12, after % 12 + 1, 1)
        return Span(name, kind(name), _seconds(date(year, month, 1)), _seconds(ends))
    except ValueError as error:
        raise Unanswerable(wrong) from error


def kind(name: str) -> str:
    """The kind of the period that a name stands for."""
    return KINDS.get(name[5:6], "month" if name[5:] else "year")


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class Frozen:
    """The tables of a period, a hash of what they are made by, and when the latest evidence had arrived (seconds)."""

    content: Mapping[str, Any]
    definitions: str
    last_updated: int


def freeze(query: Query, span: Span, secret: bytes) -> Frozen:
    """All tables of a period as they stand now; `secret` as for live answers. Raises Unsteady, Unanswerable, StoreError."""
    asked: set[str] = set()

    def noting(sql: str, parameters: Mapping[str, Any]) -> list[Row]:
        asked.add(sql)
        return query(sql, parameters)

    for _ in range(TRIES):
        counted = _totals(query, span)
        if not counted:
            raise Unanswerable(f"there is no evidence of {span.name}")
        last = int(questions.span(query)["last"])
        tables = [_table(noting, one, span, secret) for one in TABLES]
        if _totals(query, span) == counted:
            return Frozen(_content(span, tables), _definitions(asked, span), last)
    raise Unsteady(f"evidence of {span.name} is arriving at this moment; try again a little later")


def _totals(query: Query, span: Span) -> Row:
    """The exact counts of the whole period, {} when there is nothing."""
    return answer(query, Ask(span.start, span.end, synthetic=False), None).totals


def _table(query: Query, one: Table, span: Span, secret: bytes) -> Row:
    found = answer(query, one.ask(span), secret)
    rows = sorted(found.rows, key=lambda row: (row.get("at", 0), *(str(row[name]) for name in one.dimensions)))
    return {
        "name": one.name,
        "dimensions": one.dimensions,
        "interval": one.interval,
        "rounded": found.rounded,
        "more": found.more,
        "rows": rows,
        "small": found.small,
        "totals": found.totals,
    }


def _content(span: Span, tables: list[Row]) -> Row:
    return {
        "period": span.name,
        "start": span.start,
        "end": span.end,
        "edition": EDITION,
        "units": {name: METRICS[name] for name in COUNTED},
        "basis": BASIS,
        "time": TIME,
        "disclosure": DISCLOSURE,
        "tables": tables,
    }


def _definitions(asked: Iterable[str], span: Span) -> str:
    """16 hex digits over the SQL that was asked, the rollups that it reads, and the rules of disclosure."""
    rollups = [repr(table(one.ask(span))[0]) for one in TABLES]
    rules = f"{EDITION} {disclosure.LEAST} {disclosure.BASE} {TABLES} {disclosure.__doc__}"
    return hashlib.sha256("\n".join([*sorted(asked), *rollups, rules]).encode()).hexdigest()[:16]
