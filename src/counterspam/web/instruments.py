"""The instruments of policy on one page: the pillar of each, what this node holds of it, and its key figure (K20 to K22)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterspam import defining
from counterspam.policy.repository import plan, review
from counterspam.policy.repository.fields import Kind
from counterspam.policy.training import statistics
from counterspam.store import definitions, plans, reports, scenarios, training, waves
from counterspam.web import access, render, words
from counterspam.web.format import number, percent
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.repository import book
from counterspam.web.repository.book import said
from counterspam.web.repository.labels import named
from counterspam.web.views.page import Cell, Table

SECTION = "/policy"
PILLARS = {  # of the Resolution 52 text: which of the five each instrument serves first
    "/laws": "legislation",
    "/definitions": "legislation",
    "/practices": "technical",
    "/plan": "industry",
    "/costs": "industry",
    "/training": "education",
    "/cooperation": "international",
    "/questionnaires": "international",
    "/reports": "international",
}
INDICATORS = {
    "/questionnaires": ("K20", mark("Response rate")),
    "/training": ("K21", mark("Modules completed")),
    "/laws": ("K22", mark("Jurisdictions with an instrument")),
}
KINDS = {"/laws": Kind.LAW, "/practices": Kind.PRACTICE, "/cooperation": Kind.BODY}
MOST = 1000  # scenarios
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Instrument:
    """An instrument by the path of its page, and what this node holds of it: named numbers as they are shown, "" unknown."""

    path: str
    held: Sequence[tuple[str, str]]


def every(node: Any) -> list[Instrument]:
    """The instruments in the order of the navigation. Asks the store."""
    known = book.load(node)
    with node.records.read() as conn:
        found = {
            **{path: _entries(known, kind) for path, kind in KINDS.items()},
            "/plan": _plan(conn),
            "/definitions": [(mark("In force"), number(len(_in_force(conn))))],
            "/questionnaires": _waves(conn),
            "/costs": [(mark("Published"), number(len(scenarios.latest(conn, public=True, limit=MOST))))],
            "/training": _training(conn),
            "/reports": [(mark("Released"), number(len(reports.every(conn, state="released"))))],
        }
    return [Instrument(path, found[path]) for path in words.POLICY if path in found]


def _entries(known: book.Book, kind: Kind) -> list[tuple[str, str]]:
    found = review.figures(kind, known.contents(kind), datetime.now(UTC).date())
    covered = [(mark("Jurisdictions with an instrument"), number(found.covered))] if kind == Kind.LAW else []
    return [(mark("Entries"), number(found.entries)), *covered, (mark("Due for review"), number(found.stale))]


def _plan(conn: Any) -> list[tuple[str, str]]:
    standing = {name: said(row) for name, row in plans.standing(conn).items()}
    share = plan.progress(standing, datetime.now(UTC).date()).share
    return [(mark("Share done"), "" if share is None else percent(share))]


def _in_force(conn: Any) -> set[str]:
    """The ids of the definitions in force, shipped ones with them."""
    return {one.id for one in defining.merged([defining.of_version(one) for one in definitions.in_force(conn)])}


def _waves(conn: Any) -> list[tuple[str, str]]:
    """The response to the newest wave whose results are released."""
    for wave in waves.every(conn):
        if (release := waves.public(conn, wave.id)) is not None:
            everyone = release.content["response"][0]
            rate = "" if everyone["rate"] is None else percent(everyone["rate"])
            return [(mark("Invited"), number(everyone["invited"])), (mark("Response rate"), rate)]
    return [(mark("Response rate"), "")]


def _training(conn: Any) -> list[tuple[str, str]]:
    completed = statistics.by(training.counts(conn), "module", "completed").total
    return [(mark("Modules completed"), "" if completed is None else number(completed))]


def table(found: Sequence[Instrument], only: Collection[str] = ()) -> Table:
    """The instruments as a table, or those with a key figure alone, by its id."""
    title = gettext("The instruments of policy")
    head = [(gettext("Instrument"), ""), (gettext("Pillar"), ""), (gettext("On this node"), "")]
    rows = [
        [
            Cell(_link(one.path), "", heads=True),
            Cell(named(PILLARS[one.path]), ""),
            Cell(Markup("<br>").join(_shown(one.path, name, value) for name, value in one.held), ""),
        ]
        for one in found
        if not only or one.path in only
    ]
    return Table(title, head, rows)


def _link(path: str) -> Markup:
    return Markup('<a href="{}">{}</a>').format(href(path), gettext(words.POLICY[path]))


def _shown(path: str, name: str, value: str) -> Markup:
    indicator, of = INDICATORS.get(path, ("", ""))
    after = f" ({indicator})" if name == of else ""
    return Markup("{}{}: <strong>{}</strong>").format(gettext(name), after, value or gettext("Unknown"))


@router.get(SECTION, dependencies=[Depends(access.public)])
async def page(request: Request) -> Response:
    """Every instrument with what the node holds of it."""
    found = await run_in_threadpool(every, request.app.state.node)
    return render.page(request, "policy.html", {"section": SECTION, "table": table(found)})
