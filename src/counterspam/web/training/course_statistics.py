"""Course statistics (indicator K21): completions by role, region and module, and who came to workshops; nobody is exposed."""

import calendar
import time
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterspam.policy.training import statistics
from counterspam.policy.training.statistics import LEAST, Table
from counterspam.store import training
from counterspam.web import access, language, render
from counterspam.web.format import moment, regions
from counterspam.web.language import gettext
from counterspam.web.training import labels, shelf

router = APIRouter(include_in_schema=False)
MONTHS = 24  # that are shown


def counted(request: Request) -> dict[str, Any]:
    """Everything that may be shown, by name. Asks the store."""
    now = time.time_ns() // 1_000_000
    first = _month(now, MONTHS - 1)
    with request.app.state.node.records.read() as conn:
        rows = training.counts(conn)
        people = [asdict(group) for group in training.attendance(conn, 0, now)]
        held = training.held(conn, 0, now)
        issued = training.certified(conn)
    recent = [row for row in rows if row["month"] >= first]
    return {
        "completed": {name: statistics.by(rows, name, "completed") for name in ("audience", "region", "module")},
        "months": statistics.by(recent, "month", "completed"),
        "tries": statistics.by(rows, "module", "tries").total,
        "people": {name: statistics.by(people, name, "people") for name in ("audience", "region", "gender")},
        "held": [row if row["answers"] >= LEAST else {**row, "answers": 0, "score": 0.0} for row in held],
        "certificates": statistics.table(issued),
    }


def _month(now: int, before: int) -> str:
    at = time.gmtime(now // 1000)
    months = at.tm_year * 12 + at.tm_mon - 1 - before
    return f"{months // 12:04d}-{months % 12 + 1:02d}"


@router.get("/training/statistics", dependencies=[Depends(access.public)])
async def page(request: Request) -> Response:
    """The statistics as tables."""
    found = await run_in_threadpool(counted, request)
    tables = [
        (
            gettext("Modules completed, by role"),
            gettext("Role"),
            _named(found["completed"]["audience"], labels.audience),
        ),
        (gettext("Modules completed, by region"), gettext("Region"), _named(found["completed"]["region"], _region)),
        (
            gettext("Modules completed, by module"),
            gettext("Module"),
            _named(found["completed"]["module"], _titles(request)),
        ),
        (gettext("Modules completed, by month"), gettext("Month"), _months(found["months"])),
        (
            gettext("People at workshops and webinars, by role"),
            gettext("Role"),
            _named(found["people"]["audience"], labels.audience),
        ),
        (
            gettext("People at workshops and webinars, by region"),
            gettext("Region"),
            _named(found["people"]["region"], _region),
        ),
        (
            gettext("People at workshops and webinars, by gender"),
            gettext("Gender"),
            _named(found["people"]["gender"], labels.gender),
        ),
    ]
    shown = {"tables": tables, "found": found, "kind_name": labels.kind, "least": LEAST, "section": "/training"}
    return render.page(request, "training/statistics.html", shown)


def _named(table: Table, name: Any) -> dict[str, Any]:
    return {**asdict(table), "rows": [(name(value), count) for value, count in table.rows]}


def _months(table: Table) -> dict[str, Any]:
    """The latest month first."""
    named = {**asdict(table), "rows": sorted(table.rows, reverse=True)}
    return {**named, "rows": [(_month_name(value), count) for value, count in named["rows"]]}


def _month_name(value: str) -> str:
    return moment(calendar.timegm(time.strptime(value, "%Y-%m")) * 1000, "yMMM")


def _region(code: str) -> str:
    return regions().get(code) or gettext("Not said")


def _titles(request: Request) -> Any:
    library = shelf.library_of(request)

    def title(slug: str) -> str:
        found = library.module(slug, language.current())
        return found.title if found else slug

    return title
