"""Saved scenarios of the cost model: whoever may edit saves a version, somebody else publishes or refuses it.

A version keeps its result as it was; a model that has changed since is said, and the calculator works it out anew.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
import re2
from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from counterspam.node import now
from counterspam.policy.costs import draws, version
from counterspam.policy.costs.estimate import estimated
from counterspam.policy.costs.investment import invested
from counterspam.policy.costs.parameter import BadInput
from counterspam.store import scenarios
from counterspam.store.scenarios import DRAFT, PUBLISHED, REFUSED, Scenario
from counterspam.web import access, render
from counterspam.web.access import LOCAL, Caller
from counterspam.web.api import in_thread
from counterspam.web.costs import answers, labels, pages, saved
from counterspam.web.costs import asked as asking
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope

ID = re2.compile(r"[0-9a-f]{16}")
OWN = ("csrf", "title", "scenario", "kind")  # fields of the form that are no part of the question
SHOWN = 50  # scenarios on a page
LONGEST_TITLE = 150
UNKNOWN_ACT = "a draft is published or refused"  # no form of ours asks for anything else
NOT_THERE = mark("there is no such scenario")
ONLY_OTHERS = mark("whoever wrote a scenario does not decide about it")
router = APIRouter(include_in_schema=False)


@router.get("/costs/scenarios", dependencies=[Depends(access.public)])
async def list_page(request: Request) -> Response:
    """Published scenarios; those who write or decide see drafts too."""
    caller = await access.of(request).identify(request)
    page = min(int(text), 1000) if (text := request.query_params.get("page", "0")).isdecimal() and len(text) < 5 else 0

    def ask() -> Sequence[Scenario]:
        with request.app.state.node.records.read() as conn:
            return scenarios.latest(conn, public=not _inside(caller), limit=SHOWN + 1, offset=page * SHOWN)

    found = await in_thread(request, ask)
    content = {
        "section": pages.SECTION,
        "tabs": pages.tabs("/costs/scenarios"),
        "rows": [_row(one) for one in found[:SHOWN]],
        "next": page + 1 if len(found) > SHOWN else 0,
        "inside": _inside(caller),
    }
    return render.page(request, "costs/scenarios.html", content)


@router.get("/costs/scenarios/{id}", dependencies=[Depends(access.public)])
async def one_page(request: Request, id: str) -> Response:
    """A version of a scenario: the one of the address, else the newest that the caller may see."""
    caller = await access.of(request).identify(request)
    found = await in_thread(request, _versions, request, id)
    seen = [one for one in found if _inside(caller) or one.state == PUBLISHED]
    wanted = request.query_params.get("version", "")
    chosen = [one for one in seen if wanted in ("", str(one.version))]
    if not chosen:
        raise Problem(404, NOT_THERE)
    one = chosen[0]
    asked = [(str(name), str(value)) for name, value in orjson.loads(one.asked)]
    content = {
        "section": pages.SECTION,
        "tabs": pages.tabs(""),
        "one": _row(one),
        "versions": [_row(each) for each in seen],
        **saved.shown(orjson.loads(one.result)),
        "query": asking.read(asked)[0].address(),
        "stale": one.model != version.model(),
        "may_decide": one.state == DRAFT and _may_decide(caller, one),
        "waits": one.state == DRAFT and caller.may(Scope.APPROVE) and not _may_decide(caller, one),
        "may_save": caller.may(Scope.EDIT),
        "csrf": access.csrf_token(request),
        "pairs": asked,
    }
    return render.page(request, "costs/scenario.html", content)


@router.post("/costs/scenarios", dependencies=[Depends(access.require(Scope.EDIT))])
async def save(request: Request) -> Response:
    """Keep what the calculator shows as a scenario, or as the next version of one."""
    await access.check_csrf(request)
    caller = await access.permit(request, Scope.EDIT)
    form = await request.form()
    pairs = [(name, str(value)) for name, value in form.multi_items() if name not in OWN]
    title = " ".join(str(form.get("title", "")).split())[:LONGEST_TITLE]
    id = str(form.get("scenario", ""))
    if not title:  # the address brings all the rest back
        path = "/costs/investment" if form.get("kind") == "investment" else "/costs"
        return RedirectResponse(_with(href(path, scenario=id, untitled=True), asking.read(pairs)[0].address()), 303)
    if id and not ID.fullmatch(id):
        raise Problem(404, NOT_THERE)
    if id and not await in_thread(request, _versions, request, id):
        raise Problem(404, NOT_THERE)
    kept = await in_thread(request, _kept, request, caller, id or secrets.token_hex(8), title, pairs)
    return RedirectResponse(href(f"/costs/scenarios/{kept.id}", version=kept.version), 303)


@router.post("/costs/scenarios/{id}", dependencies=[Depends(access.require(Scope.APPROVE))])
async def decide(request: Request, id: str) -> Response:
    """Publish or refuse a draft of somebody else."""
    await access.check_csrf(request)
    caller = await access.permit(request, Scope.APPROVE)
    form = await request.form()
    state = {"publish": PUBLISHED, "refuse": REFUSED}.get(str(form.get("act", "")))
    wanted = [
        one for one in await in_thread(request, _versions, request, id) if str(one.version) == form.get("version")
    ]
    if not wanted:
        raise Problem(404, NOT_THERE)
    if state is None:
        raise Problem(400, UNKNOWN_ACT)
    if not _may_decide(caller, wanted[0]):
        raise Problem(403, ONLY_OTHERS)

    def settle() -> bool:
        with request.app.state.node.records.begin() as conn:
            done = scenarios.decide(conn, id, wanted[0].version, state, caller.id, caller.name, now())
            if done:
                action = "scenario.publish" if state == PUBLISHED else "scenario.refuse"
                access.note(request, conn, caller, action, id, version=wanted[0].version, title=wanted[0].title)
            return done

    if not await in_thread(request, settle):
        raise Problem(409, mark("this was decided already"))
    return RedirectResponse(href(f"/costs/scenarios/{id}", version=wanted[0].version), 303)


def _with(address: str, query: str) -> str:
    return f"{address}{'&' if '?' in address else '?'}{query}"


def _kept(request: Request, caller: Caller, id: str, title: str, pairs: list[tuple[str, str]]) -> Scenario:
    """Work the question out and keep it with its result, which everybody then reads as it was."""
    asked, errors, _ = asking.read(pairs)
    if errors:
        wrong = "; ".join(f"{name}: {why}" for name, why in errors.items())
        raise Problem(400, wrong[:500])
    try:
        known = asking.parameters(request, asked)
    except BadInput as error:
        raise Problem(400, str(error)[:500]) from error
    result: dict[str, Any] = {"burden": answers.estimate(asked, estimated(known, asked.seed), known)}
    if asked.measures:
        found = invested(known, asked.measures, asked.seed, asked.targets)
        result["investment"] = answers.investment(asked, found, known, draws.COUNT)
    scenario = Scenario(
        id=id,
        title=title,
        country=asked.country,
        asked=orjson.dumps(asked.pairs()).decode(),
        result=orjson.dumps(result).decode(),
        model=version.model(),
        author=caller.id,
        author_name=caller.name,
        created_at=now(),
    )
    with request.app.state.node.records.begin() as conn:
        kept = scenarios.add(conn, scenario)
        access.note(request, conn, caller, "scenario.save", id, version=kept.version, title=title)
    return kept


def _versions(request: Request, id: str) -> Sequence[Scenario]:
    if not ID.fullmatch(id):
        return []
    with request.app.state.node.records.read() as conn:
        return scenarios.versions(conn, id)


def _inside(caller: Caller) -> bool:
    return caller.may(Scope.EDIT) or caller.may(Scope.APPROVE)


def _may_decide(caller: Caller, one: Scenario) -> bool:
    """Four eyes: not the author. Open access on loopback ("local") is one person at a demonstration, who may do both."""
    return caller.may(Scope.APPROVE) and (caller.id != one.author or caller.id == LOCAL.id)


def _row(one: Scenario) -> Mapping[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "title": one.title,
        "country": one.country,
        "author": one.author_name or one.author,
        "created_at": one.created_at,
        "state": gettext(labels.STATES[one.state]),
        "decided": one.decided_name or one.decided_by,
        "decided_at": one.decided_at,
        "model": one.model,
        "total": saved.total(orjson.loads(one.result)),
    }
