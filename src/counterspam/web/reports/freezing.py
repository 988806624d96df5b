"""Freezing: every question of a report is put to the statistics at once, and the answers are kept as they are.

The questions are answered as on the pages: for the public with suppression and rounding, exactly only where the report is for
one operator and whoever asks may read evidence.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from counterspam import privacy
from counterspam.measure import periods, questions, statistics
from counterspam.measure.ask import Ask, Unanswerable
from counterspam.measure.disclosure import BASE, LEAST
from counterspam.measure.frozen import Span, Unsteady, span
from counterspam.measure.periods import DAY
from counterspam.measure.scope import Row, Scope, definition
from counterspam.policy.reports import queries
from counterspam.policy.reports.queries import Put
from counterspam.policy.reports.snapshot import EDITION, canonical, identity
from counterspam.policy.reports.sources import DEFINITIONS
from counterspam.store import published
from counterspam.web import figures
from counterspam.web.views.page import fitted

TRIES = 3
MOST_CAMPAIGNS = 15
Sections = Callable[[Any, Span], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is about."""

    kind: str
    period: str
    audience: str
    country: str = ""
    operator: str = ""
    topic: str = ""
    exact: bool = False
    synthetic: bool = False


def freeze(node: Any, wanted: Wanted, sections: Sections) -> tuple[str, bytes]:
    """The snapshot of a report with its id. Raises Unanswerable, Unsteady, StoreError."""
    asked = span(wanted.period)
    for _ in range(TRIES):
        before = _state(node, asked)
        content = _content(node, wanted, asked, sections)
        if _state(node, asked) == before:
            packed = canonical(content)
            return identity(packed), packed
    raise Unsteady(f"evidence of {wanted.period} is arriving at this moment; try again a little later")


def _state(node: Any, asked: Span) -> Row:
    return statistics.answer(node.events.query, Ask(asked.start, asked.end), None).totals


def _content(node: Any, wanted: Wanted, asked: Span, sections: Sections) -> dict[str, Any]:
    narrowed = wanted.country if wanted.country != node.config.jurisdiction else ""
    puts = queries.wanted(wanted.kind, asked.kind, country=narrowed, operator=wanted.operator)
    answers = [_table(node, wanted, asked, put) for put in puts]
    if queries.asks_campaigns(wanted.kind):
        answers.append(_campaigns(node, wanted, asked))
    found = [_figure(node, wanted, asked, name) for name in queries.figures(wanted.kind)]
    names = {*DEFINITIONS.values(), *(one["name"] for one in found)}
    return {
        "edition": EDITION,
        "kind": wanted.kind,
        "audience": wanted.audience,
        "period": {"name": asked.name, "kind": asked.kind, "start": asked.start, "end": asked.end},
        "country": wanted.country,
        "operator": wanted.operator,
        "topic": wanted.topic,
        "exact": wanted.exact,
        "synthetic": wanted.synthetic,
        "node": node.config.node,
        "site": node.config.site(),
        "queries": answers,
        "figures": found,
        "definitions": {name: _meaning(name) for name in sorted(names)},
        "sections": orjson.loads(orjson.dumps(sections(node, asked))),
        "published": _published(node, asked.name),
    }


def _secret(node: Any, wanted: Wanted) -> bytes | None:
    return None if wanted.exact else privacy.rounding_key(node.config.data)


def _table(node: Any, wanted: Wanted, asked: Span, put: Put) -> dict[str, Any]:
    start, end = asked.start, asked.end
    if put.before:
        start, end = before(asked)
    ask = Ask(
        start,
        end,
        dimensions=put.dimensions,
        filters=dict(put.filters),
        interval=put.interval,
        synthetic=wanted.synthetic,
        limit=put.limit,
    )
    parameters = {
        "dimensions": list(put.dimensions),
        "filters": {name: list(values) for name, values in put.filters.items()},
        "interval": put.interval,
        "start": start,
        "end": end,
        "limit": put.limit,
    }
    try:
        found = statistics.answer(node.events.query, fitted(ask), _secret(node, wanted))
    except Unanswerable as error:
        answer: dict[str, Any] = {"rows": [], "totals": {}, "small": {}, "missing": str(error), "protected": False}
    else:
        answer = {
            "rows": found.rows,
            "totals": found.totals,
            "small": found.small,
            "more": found.more,
            "rounded": found.rounded,
            "protected": ask.protected,
            "rounded_to": BASE if found.rounded else 1,
            "least": LEAST,
        }
    return {"name": put.name, "question": "statistics", "parameters": parameters, "answer": answer}


def _figure(node: Any, wanted: Wanted, asked: Span, name: str) -> dict[str, Any]:
    scope = Scope(_period(asked), synthetic=wanted.synthetic)
    found, _ = figures.answer(node.config, node.events.query, name, scope, exact=wanted.exact)
    disclosure = found["disclosure"]
    is_rounded = disclosure["rule"] == "rounded"
    answer = {
        "rows": found["rows"],
        "unit": found["unit"],
        "scale": found["scale"],
        "missing": found["missing"],
        "rounded": is_rounded,
        "protected": disclosure["rule"] != "open",
        "rounded_to": disclosure["rounded_to"],
        "least": disclosure["least_contributors"],
    }
    parameters = {"start": asked.start, "end": asked.end}
    return {"name": name, "question": "key figure", "parameters": parameters, "answer": answer}


def _campaigns(node: Any, wanted: Wanted, asked: Span) -> dict[str, Any]:
    """The largest campaigns by id; those of fewer than 5 contributors are left out in any case."""
    scope = Scope(_period(asked), synthetic=wanted.synthetic)
    kept = ("content_type", "spam_messages", "first_seen", "last_seen")
    rows = [
        {"id": f"{row['id']:016x}", **{name: row[name] for name in kept}}
        for row in questions.top_campaigns(node.events.query, scope, MOST_CAMPAIGNS)
    ]
    answer = {"rows": rows, "totals": {}, "small": {}, "protected": False, "least": LEAST}
    parameters = {"start": asked.start, "end": asked.end, "limit": MOST_CAMPAIGNS}
    return {"name": "campaigns", "question": "top_campaigns", "parameters": parameters, "answer": answer}


def _period(asked: Span) -> periods.Period:
    """The period in days, as the pages count it; one that is still running as if it were over."""
    return periods.Period(asked.name, asked.name, asked.start, asked.end, DAY)


def before(asked: Span) -> tuple[int, int]:
    """Start and end of the calendar period before one, of the same kind."""
    day = datetime.fromtimestamp(asked.start - DAY, UTC)
    name = {
        "year": f"{day.year}",
        "half-year": f"{day.year}-H{1 if day.month <= 6 else 2}",
        "month": f"{day:%Y-%m}",
        "week": f"{day:%G-W%V}",
    }[asked.kind]
    found = span(name)
    return found.start, found.end


def _meaning(name: str) -> dict[str, str]:
    return dict(figures.meaning(name)) if name in figures.NAMES else definition(name)


def _published(node: Any, name: str) -> dict[str, Any] | None:
    """The published revision of the same period, to be quoted beside."""
    with node.records.read() as conn:
        last = next(iter(published.history(conn, name)), None)
    return {"revision": last.revision, "snapshot": last.snapshot} if last else None
