"""The pages of national definitions: the list, one definition with its figures and history, and trying an expression."""

import time
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterspam import privacy
from counterspam.measure import periods
from counterspam.measure.definition_questions import MOST_TRIED, definition_trial
from counterspam.measure.scope import Scope
from counterspam.policy.definitions import trial
from counterspam.policy.definitions.expression import Wrong, read
from counterspam.policy.definitions.facts import FACTS
from counterspam.store import definitions as store
from counterspam.web import access, language, live, public, render, words
from counterspam.web import format as formats
from counterspam.web.access import Caller
from counterspam.web.api import in_thread
from counterspam.web.definitions import figures, labels, work
from counterspam.web.definitions.work import Known
from counterspam.web.language import mark
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope as Right
from counterspam.web.views.page import Panel

SECTION = "/definitions"
PER_PAGE = 50
FRESH = 60.0  # seconds that figures are kept
SIZES = (200, 500, 1000, MOST_TRIED)
PUBLIC = Depends(access.public)
NOT_THERE = mark("there is no such definition")
TRYING = [Depends(access.require(Right.EDIT)), Depends(access.require(Right.EVIDENCE))]
router = APIRouter(include_in_schema=False)


def page(request: Request, caller: Caller, name: str, shown: dict[str, Any], status: int = 200) -> Response:
    """A page of this section, with what all its templates need."""
    may = {"edit": caller.may(Right.EDIT), "approve": caller.may(Right.APPROVE), "evidence": caller.may(Right.EVIDENCE)}
    given = {
        "section": SECTION,
        "may": may,
        "labels": labels,
        "csrf": access.csrf_token(request),
        "caller_id": caller.id,
    }
    return render.page(request, f"definitions/{name}.html", {**given, **shown}, status)


async def known(request: Request, caller: Caller) -> list[Known]:
    """Every version that the caller may see."""

    def ask() -> list[Known]:
        with request.app.state.node.records.read() as conn:
            return work.every(conn, caller)

    return await run_in_threadpool(ask)


@router.get("/definitions", dependencies=[PUBLIC])
async def listed(request: Request) -> Response:
    """Every definition by country, its version in force first."""
    caller = await access.of(request).identify(request)
    found = await known(request, caller)
    country = request.query_params.get("country", "")[:2].upper()
    latest: dict[str, Known] = {}
    for one in found:
        held = latest.get(one.definition.id)
        if held is None or (held.state not in store.IN_FORCE and one.state in store.IN_FORCE):
            latest[one.definition.id] = one
    rows = [one for one in latest.values() if country in ("", one.definition.jurisdiction)]
    rows.sort(key=lambda one: (country_name(one.definition.jurisdiction), one.definition.id))
    at = _number(request.query_params.get("page", "0"), len(rows) // PER_PAGE)
    shown = {
        "rows": rows[at * PER_PAGE : (at + 1) * PER_PAGE],
        "open": [one for one in found if one.state in store.OPEN],
        "countries": sorted({one.definition.jurisdiction for one in latest.values()} - {""}, key=country_name),
        "country": country,
        "page": at,
        "pages": -(-len(rows) // PER_PAGE),
    }
    return page(request, caller, "list", shown)


def country_name(code: str) -> str:
    """What definitions are sorted by; those of no country come first."""
    return formats.country(code) if code else ""


def _number(given: str, most: int) -> int:
    return min(int(given), most) if given.isdecimal() and len(given) < 6 else 0


@router.get("/definitions/try", dependencies=TRYING)
async def try_page(request: Request) -> Response:
    """The form; `of` brings the expression of a definition into it."""
    caller = await access.of(request).identify(request)
    found = await known(request, caller)
    name = request.query_params.get("of", "")
    asked = next((one for one in found if one.definition.label == name), None)
    given = {
        "expression": asked.definition.expression if asked else "",
        "against": asked.definition.id if asked else "",
    }
    return page(request, caller, "try", _trying(found) | {"given": _EMPTY | given, "result": None, "wrong": None})


_EMPTY = {"expression": "", "against": "", "period": "30d", "size": "1000", "spread": ""}


@router.post("/definitions/try", dependencies=[*TRYING, Depends(access.check_csrf)])
async def try_it(request: Request) -> Response:
    """What an expression says of stored evidence."""
    caller = await access.of(request).identify(request)
    form = await request.form()
    given = {name: str(form.get(name, ""))[:4000] for name in _EMPTY}
    found = await known(request, caller)
    shown: dict[str, Any] = {**_trying(found), "given": given, "result": None, "wrong": None}
    try:
        made = read(given["expression"])
    except Wrong as error:
        place = min(error.place, len(given["expression"]))
        return page(request, caller, "try", {**shown, "wrong": _wrong(error, given["expression"], place)}, 422)
    other = next((one for one in found if one.definition.id == given["against"] and one.state == store.PUBLISHED), None)
    result = await in_thread(request, _tried, request, given, made, other)
    return page(request, caller, "try", {**shown, **result})


def _wrong(error: Wrong, text: str, place: int) -> dict[str, Any]:
    line = text.count("\n", 0, place) + 1
    return {
        "said": labels.wrong(error),
        "line": line,
        "column": place - (text.rfind("\n", 0, place) + 1) + 1,
        "before": text[max(0, place - 40) : place],
        "after": text[place : place + 40],
    }


def _trying(found: list[Known]) -> dict[str, Any]:
    return {
        "facts": list(FACTS.values()),
        "published": [one.definition for one in found if one.state == store.PUBLISHED],
        "sizes": SIZES,
    }


def _tried(request: Request, given: dict[str, str], made: Any, other: Known | None) -> dict[str, Any]:
    node = request.app.state.node
    now = int(time.time())
    period = periods.period(
        given["period"] if given["period"] in periods.PERIODS else "30d", now, live.of(request.app).span()["first"]
    )
    size = int(given["size"]) if given["size"] in map(str, SIZES) else 1000
    rows = definition_trial(node.events.query, Scope(period), size, spread=bool(given["spread"]))
    result = trial.run(made, rows, read(other.definition.expression) if other else None)
    synthetic = sum(bool(row["synthetic"]) for row in rows)
    return {
        "result": result,
        "parts": [part.text for part in made.parts],
        "other": other.definition if other else None,
        "synthetic": words.synthetic(synthetic, result.rows),
        "first": min((row["received_at"] for row in rows), default=0),
        "last": max((row["received_at"] for row in rows), default=0),
    }


@router.get("/definitions/{id}", dependencies=[PUBLIC])
async def one_definition(request: Request, id: str) -> Response:
    """One definition: what it says, its figures, its versions and what changed between them."""
    caller = await access.of(request).identify(request)
    versions = [one for one in await known(request, caller) if one.definition.id == id]
    if not versions:
        raise Problem(404, NOT_THERE)
    now = next((one for one in versions if one.state == store.PUBLISHED), versions[0])
    asked = _asked(request, versions, public.sees_all(request, caller))
    panels, made_up = await in_thread(request, _panels, request, asked) if asked.versions else ([], "")
    shown = {
        "one": now,
        "versions": [{"known": one, "changes": _changes(one, versions)} for one in versions],
        "panels": panels,
        "synthetic": made_up,
        "period": asked.period.name,
        "channel": asked.channel,
        "channels": words.channels(),
        "parts": [part.text for part in read(now.definition.expression).parts],
        "names": read(now.definition.expression).names,
        "keep": request.app.state.node.config.keep_events_days,
    }
    return page(request, caller, "one", shown)


def _asked(request: Request, versions: list[Known], exact: bool) -> figures.Asked:
    node, asked = request.app.state.node, request.query_params
    known_span = live.of(request.app).span()
    return figures.Asked(
        node.events.query,
        tuple(work.labels(versions)),
        figures.period(asked.get("period", "30d"), int(time.time()), known_span["first"]),
        channel if (channel := asked.get("channel", "")) in dict(words.channels()) else "",
        None if exact else privacy.rounding_key(node.config.data),
        known_span["first"],
    )


def _panels(request: Request, asked: figures.Asked) -> tuple[list[Panel], str]:
    """The figures, and how much of them is made up."""
    key = figures.key(asked, language.current())
    kept = live.of(request.app).kept
    return kept.answer(key, FRESH, lambda: (figures.panels(asked), figures.synthetic(asked)))


def _changes(one: Known, versions: list[Known]) -> dict[str, Any] | None:
    """What differs from the version before, None for the first one that can be seen."""
    before = next((other for other in versions if other.definition.version < one.definition.version), None)
    if before is None:
        return None
    return {
        "before": before.definition.version,
        "expression": trial.lines(before.definition.expression, one.definition.expression),
        "words": trial.lines(before.definition.words, one.definition.words),
    }
