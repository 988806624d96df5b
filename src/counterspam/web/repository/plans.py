"""The national action plan: the checklist with what the country says of each item, and its progress over time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from counterspam.node import now
from counterspam.policy.repository import classify, plan
from counterspam.policy.repository.fields import Kind
from counterspam.policy.repository.plan import STATES, Item, Said
from counterspam.store import plans
from counterspam.web import access, charts, render
from counterspam.web.api import in_thread
from counterspam.web.format import country, moment
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.repository.book import Book, said, today
from counterspam.web.repository.labels import FAULTS, layer, named
from counterspam.web.repository.lists import PUBLIC, book_of
from counterspam.web.scopes import Scope

router = APIRouter(include_in_schema=False)
MONTHS = 12  # that the course shows
DAY = 86_400_000


def ends(day: date) -> int:
    """The end of a day in ms."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + DAY


def month_ends(until: date) -> list[date]:
    """The last days of the months before, and today."""
    found = [until]
    while len(found) < MONTHS:
        found.append(found[-1].replace(day=1) - timedelta(1))
    return found[::-1]


@router.get("/plan", dependencies=PUBLIC)
async def checklist(request: Request) -> Response:
    """Every item by layer and pillar with its state, the progress of all, and its course."""
    node = request.app.state.node

    def ask() -> tuple[dict[str, plans.Row], list[plans.Row]]:
        with node.records.read() as conn:
            return plans.standing(conn), list(plans.history(conn))

    standing, history = await in_thread(request, ask)
    caller = await access.of(request).identify(request)
    found = plan.progress({name: said(row) for name, row in standing.items()}, today())
    days = month_ends(today())
    course = plan.course(map(said, history), days, {day: ends(day) for day in days})
    content = {
        "section": "/plan",
        "place": country(node.config.jurisdiction) if node.config.jurisdiction else "",
        "layers": [(name, layer(name), _rows(name, standing)) for name in classify.LAYERS],
        "progress": found,
        "states": [(name, named(name), found.counts[name]) for name in STATES],
        "edits": caller.may(Scope.EDIT),
        "history": bool(history),
        "course": [(day, moment(ends(day) - 1, "yMMMd"), one) for day, one in zip(days, course, strict=True)],
        **(_chart(days, course) if history else {"chart": "", "legend": ""}),
    }
    return render.page(request, "repository/plan.html", content)


def _chart(days: list[date], course: list[plan.Progress]) -> dict[str, Any]:
    columns = [moment(ends(day) - 1, "yMMM") for day in days]
    shown = ("done", "in-progress", "planned")
    series = {f"s{number}": [one.counts[name] for one in course] for number, name in enumerate(shown, 1)}
    labels = {f"s{number}": named(name) for number, name in enumerate(shown, 1)}
    title = gettext("Items of the plan at the end of each month")
    return {
        "chart": charts.stacked_bars("plan-course", title, series, columns, labels),
        "legend": charts.legend(list(series), labels),
    }


def _rows(name: str, standing: dict[str, plans.Row]) -> list[dict[str, Any]]:
    return [_row(one, standing.get(one.id)) for one in plan.items().values() if one.layer == name]


def _row(one: Item, row: plans.Row | None) -> dict[str, Any]:
    status = row.status if row else "not-started"
    late = bool(row and row.due and status not in ("done", "not-applicable") and row.due < today().isoformat())
    return {"item": one, "pillar": named(one.pillar), "status": status, "said": named(status), "row": row, "late": late}


@router.get("/plan/{item}", dependencies=PUBLIC)
async def one_item(request: Request, item: str) -> Response:
    """One item: when it counts as done, what helps, what was said of it, and the form to say more."""
    return await _page(request, item, None, {})


async def _page(request: Request, item: str, given: Said | None, wrong: dict[str, str], status: int = 200) -> Response:
    one = plan.items().get(item)
    if one is None:
        raise Problem(404, mark("there is no such item of the plan"))

    def ask() -> list[plans.Row]:
        with request.app.state.node.records.read() as conn:
            return list(plans.history(conn, item, 100))[::-1]

    rows, caller = await in_thread(request, ask), await access.of(request).identify(request)
    latest = said(rows[0]) if rows else Said(item=item, status="not-started")
    content = {
        "section": "/plan",
        "item": one,
        "layer": layer(one.layer),
        "pillar": named(one.pillar),
        "practices": _helping(await book_of(request), one),
        "rows": [(row, named(row.status)) for row in rows],
        "given": given or latest,
        "states": [(name, named(name)) for name in STATES],
        "wrong": {name: _fault(name, code) for name, code in wrong.items()},
        "edits": caller.may(Scope.EDIT),
        "csrf": access.csrf_token(request),
    }
    return render.page(request, "repository/item.html", content, status)


def _fault(name: str, code: str) -> str:
    limit = {"limit": plan.MOST_NOTE if name == "note" else plan.MOST_NAME}
    return gettext(FAULTS[code]) % (limit if code == "too-long" else {})


def _helping(book: Book, one: Item) -> list[tuple[str, str]]:
    found = ((name, book.get(Kind.PRACTICE, name)) for name in one.practices)
    return [(name, held.title) for name, held in found if held]


@router.post("/plan/{item}", dependencies=[Depends(access.require(Scope.EDIT)), Depends(access.check_csrf)])
async def say(request: Request, item: str) -> Response:
    """Keep what is said of an item."""
    caller, form = await access.of(request).identify(request), await request.form()
    typed: dict[str, Any] = {
        name: str(form.get(name, ""))[:5000].strip() for name in ("status", "responsible", "due", "note")
    }
    typed["note"] = typed["note"].replace("\r\n", "\n")
    given = Said(item=item, **typed)
    wrong = plan.faults(given)
    if wrong:
        return await _page(request, item, given, wrong, 422)
    row = plans.Row(**typed, item=item, said_at=now(), said_by=caller.id, said_name=caller.name)

    def keep() -> None:
        with request.app.state.node.records.begin() as conn:
            plans.add(conn, row)
            access.note(request, conn, caller, "plan.say", item, status=row.status)

    await in_thread(request, keep)
    return RedirectResponse(href(f"/plan/{item}"), 303)
