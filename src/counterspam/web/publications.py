"""The pages of published periods: which there are with their revisions, and one revision with what differs in it."""

from collections import defaultdict
from typing import Any

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterspam import publish as publishing
from counterspam.measure import frozen
from counterspam.measure.revisions import SMALL, TOTAL, Difference, Line
from counterspam.store import published
from counterspam.store.published import Revision
from counterspam.web import access, render
from counterspam.web.format import label, moment, number
from counterspam.web.language import gettext, mark
from counterspam.web.problems import Problem
from counterspam.web.published import NOT_THERE, load, router, summary
from counterspam.web.words import DIMENSIONS, named

MOST_LINES = 20  # differing rows of a table that a page shows, the greatest first; the API gives all
DAY = 86_400_000
TITLES = {
    "volume": mark("Volume by channel and source kind"),
    "volume_by_day": mark("Volume by day, channel and source kind"),
    "types": mark("Types by channel"),
    "origins": mark("Countries of origin by channel"),
    "routes": mark("Origin and destination by channel"),
    "border": mark("Across borders or within the country, by channel"),
    "sender_kinds": mark("Kinds of sender by channel"),
    "dispositions": mark("What became of it, by channel"),
    "spf": mark("SPF results by channel"),
    "dkim": mark("DKIM results by channel"),
    "dmarc": mark("DMARC results by channel"),
    "attestation": mark("Attestation of callers by channel"),
    "targets": mark("Countries of destination by channel"),
}

PARTS = {SMALL: mark("Too small to be shown, together"), TOTAL: mark("Total")}
pages = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])


@pages.get("/published")
async def published_page(request: Request) -> Response:
    """Every published period with its revisions, the latest first."""

    def ask() -> list[Revision]:
        with request.app.state.node.records.read() as conn:
            return list(published.history(conn))

    found = await run_in_threadpool(ask)
    broken = publishing.breaks(found)
    periods: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        shown = {"row": one, "summary": summary(one), "broken": (one.period, one.revision) in broken}
        periods[one.period].append(shown)
    listed = [(name, called(name), rows) for name, rows in periods.items()]
    return render.page(request, "published.html", {"periods": listed, "api": router.prefix})


@pages.get("/published/{period}/{revision}")
async def revision_page(request: Request, period: str, revision: str) -> Response:
    """One revision: its tables to take away, and what differs from the one before."""
    if not revision.isdecimal() or len(revision) > 5:
        raise Problem(404, NOT_THERE)
    one, content = await run_in_threadpool(load, request, period, int(revision))
    records = request.app.state.node.records
    found = await run_in_threadpool(publishing.compared, records, period, one.revision) or []
    tables = orjson.loads(content)["tables"]
    shown = {
        "row": one,
        "name": called(period),
        "summary": summary(one),
        "totals": tables[0]["totals"],
        "tables": [{**table, "title": title(table["name"])} for table in tables],
        "differences": [_shown(different) for different in found],
        "hidden": sum(max(0, len(different.lines) - MOST_LINES) for different in found),
        "counts": frozen.COUNTED,
        "api": f"{router.prefix}/{period}/{one.revision}",
    }
    return render.page(request, "revision.html", shown)


def called(period: str) -> str:
    """A period in words."""
    wanted = frozen.span(period)
    at = wanted.start * 1000
    if wanted.kind == "month":
        return moment(at, "yMMM")
    year = moment(at, "y") if wanted.kind == "year" else period[:4]  # Chinese writes a year by itself with its word
    given = {"year": year, "week": number(int(period[6:] or 0)) if wanted.kind == "week" else ""}
    if wanted.kind == "week":
        return gettext("Week %(week)s of %(year)s") % given
    if wanted.kind == "half-year":
        half = gettext("First half of %(year)s") if period.endswith("1") else gettext("Second half of %(year)s")
        return half % given
    return given["year"]


def title(table: str) -> str:
    """What a table shows; the name itself of one that is published no more."""
    return gettext(TITLES[table]) if table in TITLES else table


def _shown(one: Difference) -> dict[str, Any]:
    lines = sorted(one.lines, key=_moved, reverse=True)[:MOST_LINES]
    rows = [{"name": _named(line), "cells": [_cell(line, name) for name in frozen.COUNTED]} for line in lines]
    return {"title": title(one.table), "table": one.table, "rows": rows}


def _moved(line: Line) -> tuple[bool, float]:
    """What a reader wants to see first: the total, then the rows that differ most."""
    before, after = line.before or {}, line.after or {}
    return line.part == TOTAL, sum(abs(after.get(name, 0) - before.get(name, 0)) for name in frozen.COUNTED)


def _named(line: Line) -> str:
    """What a row is of: "SMS, Bank impersonation"."""
    if line.part in PARTS:
        return gettext(PARTS[line.part])
    return " · ".join(_value(name, value) for name, value in line.key.items())


def _value(name: str, value: Any) -> str:
    if name == "at":
        return moment(value * 1000, "yMMMd")
    return named(name, value) if name in DIMENSIONS else label(str(value))


def _cell(line: Line, name: str) -> str:
    before, after = ((counts or {}).get(name) for counts in (line.before, line.after))
    if before == after:
        return number(after or 0)
    given = {"before": number(before or 0), "after": number(after or 0)}
    if line.before is None:
        return gettext("new: %(after)s") % given
    if line.after is None:
        return gettext("was %(before)s, is not shown any more") % given
    return gettext("was %(before)s, is %(after)s") % given
