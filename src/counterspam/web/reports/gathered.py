"""What the other instruments bring into a report: tables of what is public of them, as the node holds it now.

Their form is that of `policy/reports/sections.py`. Only what everybody may read on the pages is here: released waves, published
scenarios, workshops in numbers, and counts of the repository.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from counterspam import questionnaires
from counterspam.measure.frozen import Span
from counterspam.policy.repository import classify
from counterspam.policy.repository.fields import Kind
from counterspam.policy.repository.review import figures
from counterspam.store import scenarios, training, waves
from counterspam.web.language import mark
from counterspam.web.repository import book

KINDS = {Kind.LAW: "laws", Kind.PRACTICE: "best practices", Kind.BODY: "cooperation bodies"}
PILLARS = {
    "legislation": "legislation",
    "technical": "technical measures",
    "industry": "industry partnership",
    "education": "education",
    "international": "international cooperation",
}
MOST = 50  # scenarios and waves
Table = dict[str, Any]


def sections(node: Any, span: Span) -> Mapping[str, Table]:
    """The tables by name; what has no rows is left out of the report."""
    known = book.load(node)
    with node.records.read() as conn:
        return {
            "questionnaire": _waves(conn, span),
            "repository": _repository(known),
            "practices": _practices(known),
            "workshops": _workshops(conn, span),
            "costs": _costs(conn),
        }


def _table(path: str, columns: Sequence[tuple[str, str, str]], rows: Sequence[Sequence[Any]]) -> Table:
    return {"path": path, "columns": columns, "rows": rows, "lang": "en"}


def _repository(known: book.Book) -> Table:
    today = datetime.now(UTC).date()
    rows = []
    for kind, name in KINDS.items():
        found = figures(kind, known.contents(kind), today)
        covered = found.covered if kind == Kind.LAW else None
        rows.append([name, found.entries, covered, found.reviewed, found.stale + found.soon])
    columns = [
        ("kind", mark("Kind"), "text"),
        ("entries", mark("Entries"), "number"),
        ("jurisdictions", mark("Jurisdictions with an instrument"), "number"),
        ("reviewed", mark("Reviewed"), "number"),
        ("due", mark("Due for review"), "number"),
    ]
    return _table("/laws", columns, rows)


def _practices(known: book.Book) -> Table:
    practices = known.contents(Kind.PRACTICE).values()
    counts = {pillar: sum(pillar in classify.pillars(one) for one in practices) for pillar in classify.PILLARS}
    columns = [("pillar", mark("Pillar"), "text"), ("entries", mark("Entries"), "number")]
    return _table("/practices", columns, [[PILLARS[pillar], n] for pillar, n in counts.items()])


def _waves(conn: Any, span: Span) -> Table:
    """Waves that had begun by the end of the period and whose results are released; none that is made up."""
    rows = []
    for wave in waves.every(conn, MOST):
        if wave.synthetic or wave.opens_at >= span.end * 1000 or waves.public(conn, wave.id) is None:
            continue
        everyone = questionnaires.response_rates(conn, wave.id)[0]
        rows.append([wave.title, wave.period, everyone["invited"], everyone["signed"], everyone["rate"]])
    columns = [
        ("wave", mark("Wave"), "text"),
        ("period", mark("Period"), "text"),
        ("invited", mark("Invited"), "number"),
        ("signed", mark("Signed"), "number"),
        ("rate", mark("Response rate"), "percent"),
    ]
    return _table("/questionnaires", columns, rows)


def _workshops(conn: Any, span: Span) -> Table:
    """How many of each kind were held in the period; who came is on the page, as far as groups are large enough."""
    held = training.held(conn, span.start * 1000, span.end * 1000)
    columns = [("kind", mark("Kind"), "text"), ("held", mark("Held"), "number")]
    return _table("/training/workshops", columns, [[one["kind"], one["held"]] for one in held])


def _costs(conn: Any) -> Table:
    """Published scenarios with the band of their burden."""
    rows = []
    for one in scenarios.latest(conn, public=True, limit=MOST):
        total = orjson.loads(one.result)["burden"]["total"]
        if total:
            rows.append([one.title, one.country, total["low"], total["median"], total["high"]])
    columns = [
        ("scenario", mark("Scenario"), "text"),
        ("country", mark("Country"), "text"),
        ("low", mark("USD a year, low"), "number"),
        ("median", mark("USD a year, median"), "number"),
        ("high", mark("USD a year, high"), "number"),
    ]
    return _table("/costs/scenarios", columns, rows)
