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
    done, came = found["completed"], found["people"]
    completed, people = gettext("Modules completed"), gettext("People at workshops and webinars")
    tables = [
        _table(completed, gettext("Role"), _named(done["audience"], labels.audience)),
        _table(completed, gettext("Region"), _named(done["region"], _region)),
        _table(completed, gettext("Module"), _named(done["module"], _titles(request))),
        _table(completed, gettext("Month"), _months(found["months"])),
        _table(people, gettext("Role"), _named(came["audience"], labels.audience)),
        _table(people, gettext("Region"), _named(came["region"], _region)),
        _table(people, gettext("Gender"), _named(came["gender"], labels.gender)),
    ]
    shown = {"tables": tables, "found": found, "kind_name": labels.kind, "least": LEAST, "section": "/training"}
    return render.page(request, "training/statistics.html", shown)


def _table(what: str, dimension: str, table: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Title, head of the first column, and rows."""
    return gettext("%(figure)s, by: %(dimension)s") % {"figure": what, "dimension": dimension}, dimension, table


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
