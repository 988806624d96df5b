"""The queue of contributions: what waits, what each would change, and the decision, signed off with a name and a reason.

Who publishes must not be who wrote. The caller "local" - open access on this machine, for trying - may do both.
"""

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from counterspam.node import now
from counterspam.policy.repository.checking import faults
from counterspam.policy.repository.differences import merged
from counterspam.policy.repository.fields import FIELDS, TITLE, Content, Kind, complete
from counterspam.store import entries
from counterspam.store.entries import Version
from counterspam.web import access, render
from counterspam.web.access import LOCAL, Caller
from counterspam.web.api import in_thread
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.repository import chosen
from counterspam.web.repository.book import load, version_zero
from counterspam.web.repository.labels import PATHS, STATES, TITLES, field_name
from counterspam.web.repository.lists import changes
from counterspam.web.repository.values import link
from counterspam.web.scopes import Scope

APPROVE = Depends(access.require(Scope.APPROVE))
PAGE = 40
router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Case:
    """A proposal, the current content (None: a new entry), what would be published, and the fields in conflict."""

    row: Version
    current: Content | None
    result: dict[str, Any]
    conflicts: list[str]


@router.get("/moderation", dependencies=[APPROVE])
async def queue(request: Request) -> Response:
    """What waits, oldest last, or what was decided."""
    state = request.query_params.get("state", "")
    state = state if state in STATES else "proposed"
    at = chosen.number(request.query_params.get("page"), 10_000)

    def ask() -> tuple[list[Version], dict[str, int]]:
        with request.app.state.node.records.read() as conn:
            return list(entries.listed(conn, state, limit=PAGE, offset=(at - 1) * PAGE)), entries.counts(conn)

    rows, counts = await in_thread(request, ask)
    content = {
        "section": "/laws",
        "rows": [(one, gettext(TITLES[Kind(one.kind)]), one.content.get(TITLE[Kind(one.kind)], "")) for one in rows],
        "state": state,
        "states": [(name, gettext(text), counts.get(name, 0)) for name, text in STATES.items()],
        "at": at,
        "pages": max(1, -(-counts.get(state, 0) // PAGE)),
    }
    return render.page(request, "repository/queue.html", content)


def case(request: Request, conn: Any, number: int) -> Case | None:
    """A proposal and what would become of its entry; None where there is none."""
    row = entries.one(conn, number) if 0 < number < 2**53 else None
    if row is None:
        return None
    kind = Kind(row.kind)
    published = {one.version: one.content for one in entries.history(conn, kind, row.id)}
    shipped = version_zero(kind, row.id)
    last = max(published, default=0)
    current = published.get(last, shipped)
    base = shipped if row.base == 0 else published.get(row.base)
    proposed = complete(kind, row.content)
    if row.state != "proposed":
        return Case(row, base, proposed, [])
    whole = (complete(kind, one) if one is not None else None for one in (base, current))
    base, current = whole
    result, conflicts = merged(kind, base, current, proposed)
    return Case(row, current, result, conflicts)


@router.get("/moderation/{number}", dependencies=[APPROVE])
async def one(request: Request, number: int) -> Response:
    """One proposal: what it changes, on what it rests, and the form to decide."""
    return await _page(request, number, "")


async def _page(request: Request, number: int, wrong: str, status: int = 200) -> Response:
    def ask() -> Case | None:
        with request.app.state.node.records.read() as conn:
            return case(request, conn, number)

    found = await in_thread(request, ask)
    if found is None:
        raise Problem(404, mark("there is no such contribution"))
    caller = await access.of(request).identify(request)
    kind = Kind(found.row.kind)
    sources = found.result.get("sources")
    content = {
        "section": "/laws",
        "case": found,
        "kind": gettext(TITLES[kind]),
        "path": PATHS[kind],
        "title": found.row.content.get(TITLE[kind], ""),
        "state": gettext(STATES[found.row.state]),
        "changes": changes(kind, found.current, found.result),
        "conflicts": [field_name(path, kind) for path in found.conflicts],
        "sources": [link(each) for each in sources] if isinstance(sources, list) else [],
        "own": is_own(caller, found.row),
        "wrong": wrong,
        "csrf": access.csrf_token(request),
    }
    return render.page(request, "repository/case.html", content, status)


def is_own(caller: Caller, row: Version) -> bool:
    """Whether the caller wrote the proposal, and so may not publish it."""
    return caller.id == row.author and caller.id != LOCAL.id


@router.post("/moderation/{number}", dependencies=[APPROVE, Depends(access.check_csrf)])
async def decide(request: Request, number: int) -> Response:
    """Publish or refuse, once, with the reason."""
    caller = await access.of(request).identify(request)
    form = await request.form()
    act, reason = str(form.get("act", "")), str(form.get("reason", "")).strip()
    if act not in ("publish", "refuse"):
        raise Problem(400, mark("a contribution is published or refused"))
    if not reason or len(reason) > 2000:
        return await _page(request, number, gettext("Say in at most 2,000 characters why."), 422)

    def work() -> Version:
        with request.app.state.node.records.begin() as conn:
            return settle(request, conn, caller, number, act, reason)

    done = await in_thread(request, work)
    await in_thread(request, load, request.app.state.node)
    return RedirectResponse(href(f"/moderation/{done.number}"), 303)


def settle(request: Request, conn: Any, caller: Caller, number: int, act: str, reason: str) -> Version:
    """The decision within a transaction. Raises Problem 403, 404 or 409."""
    found = case(request, conn, number)
    if found is None:
        raise Problem(404, mark("there is no such contribution"))
    if act == "publish" and is_own(caller, found.row):
        raise Problem(403, mark("what you wrote yourself must be published by somebody else"))
    if act == "publish" and found.conflicts:
        raise Problem(409, mark("the entry has changed since in the same fields; refuse this and ask for it anew"))
    kind = Kind(found.row.kind)
    if act == "publish" and faults(kind, found.result):
        raise Problem(409, mark("together with what has changed since, the entry would not be valid"))
    given: dict[str, Any] = {"approver": caller.id, "approver_name": caller.name, "reason": reason, "at": now()}
    if act == "publish":
        content = {one.name: found.result[one.name] for one in FIELDS[kind]}
        done = entries.decide(conn, number, "published", content=content, **given)
    else:
        done = entries.decide(conn, number, "refused", **given)
    if done is None:
        raise Problem(409, mark("it was decided about already"))
    verb = "entry.publish" if act == "publish" else "entry.refuse"
    subject = f"{found.row.kind}/{found.row.id}"
    access.note(request, conn, caller, verb, subject, number=number, version=done.version)
    return done
