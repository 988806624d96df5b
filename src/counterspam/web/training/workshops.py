"""Workshops and webinars: what is coming and what was held, and for editors the forms to enter them and who came."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from counterspam.policy.training import statistics
from counterspam.policy.training.reading import AUDIENCES
from counterspam.policy.training.statistics import LEAST
from counterspam.store import training
from counterspam.store.training import Group, Workshop
from counterspam.web import access, language, render
from counterspam.web.api import next_cursor, read_cursor
from counterspam.web.format import regions
from counterspam.web.language import gettext
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope
from counterspam.web.training import labels, shelf

PAGE = 40
TEXTS = {"title": 160, "place": 200, "url": 500, "summary": 2000}
EDIT = Depends(access.require(Scope.EDIT))
CSRF = Depends(access.check_csrf)
router = APIRouter(include_in_schema=False)


@router.get("/training/workshops", dependencies=[Depends(access.public)])
async def listed(request: Request) -> Response:
    """What is coming, and page by page what was held."""
    caller = await access.of(request).identify(request)
    shown = await run_in_threadpool(_listed, request)
    return render.page(request, "training/workshops.html", {**shown, "may_edit": caller.may(Scope.EDIT)})


def _listed(request: Request) -> dict[str, Any]:
    region, audience = shelf.region_of(request), shelf.audience_of(request)
    given, now = request.query_params.get("before", "")[:200], time.time_ns() // 1_000_000
    before = read_cursor(given) or (2**53, "")
    with request.app.state.node.records.read() as conn:
        coming = [] if given else training.ahead(conn, now, limit=PAGE, region=region, audience=audience)
        gone = training.past(conn, now, before=before, limit=PAGE + 1, region=region, audience=audience)
    more = next_cursor(gone[PAGE - 1].starts_at, gone[PAGE - 1].id) if len(gone) > PAGE else ""
    return {
        "region": region,
        "audience": audience,
        "coming": coming,
        "gone": gone[:PAGE],
        "older": more,
        "first": not given,
        "regions": regions(),
        "audiences": labels.audiences(),
        "kind_name": labels.kind,
        "audience_name": labels.audience,
        "section": "/training",
    }


@router.get("/training/workshops/new", dependencies=[EDIT])
def new(request: Request) -> Response:
    """An empty form."""
    return _form(request, "", {"kind": "workshop", "lang": language.current()}, {})


@router.post("/training/workshops/new", dependencies=[EDIT, CSRF])
async def create(request: Request) -> Response:
    """Enter a workshop."""
    return await _saved(request, None)


@router.get("/training/workshops/{id}", dependencies=[Depends(access.public)])
async def one(request: Request, id: str) -> Response:
    """One workshop, and who came in numbers; small groups are shown to editors only."""
    caller = await access.of(request).identify(request)
    found = await run_in_threadpool(workshop_of, request, id)
    groups = await run_in_threadpool(groups_of, request, id)
    exact = caller.may(Scope.EDIT)
    shown_to = statistics.table(((str(i), group.people) for i, group in enumerate(groups)), 1 if exact else LEAST)
    shown = {
        "row": found,
        "groups": [groups[int(i)] for i, _ in shown_to.rows],
        "pooled": shown_to.pooled,
        "people": shown_to.total,
        "rated": found.answers >= LEAST or (exact and found.answers),
        "may_edit": exact,
        "least": LEAST,
        "regions": regions(),
        "kind_name": labels.kind,
        "audience_name": labels.audience,
        "gender_name": labels.gender,
        "csrf": access.csrf_token(request),
        "section": "/training",
    }
    return render.page(request, "training/workshop.html", shown)


@router.get("/training/workshops/{id}/edit", dependencies=[EDIT])
def edit(request: Request, id: str) -> Response:
    """The form with what is entered."""
    return _form(request, id, _given(workshop_of(request, id)), {})


@router.post("/training/workshops/{id}/edit", dependencies=[EDIT, CSRF])
async def change(request: Request, id: str) -> Response:
    """Change a workshop."""
    return await _saved(request, await run_in_threadpool(workshop_of, request, id))


async def _saved(request: Request, before: Workshop | None) -> Response:
    form = await request.form()
    given = {name: str(form.get(name, "")).strip() for name in _FIELDS}
    made, errors = read(given, before)
    if made is None:
        return _form(request, before.id if before else "", given, errors, 422)
    caller = await access.of(request).identify(request)

    def save() -> bool:
        with request.app.state.node.records.begin() as conn:
            if not training.save(conn, made):
                return False
            access.note(request, conn, caller, "workshop.change" if before else "workshop.create", made.id)
            return True

    # The version that the form was made from, so that of two editors the second is told.
    if (before and given["version"] != str(before.version)) or not await run_in_threadpool(save):
        errors = {"title": gettext("Somebody else changed this meanwhile. Look at it again before you save.")}
        return _form(request, made.id, given, errors, 409)
    return RedirectResponse(href(f"/training/workshops/{made.id}"), 303)


_FIELDS = (
    "kind",
    "title",
    "lang",
    "audience",
    "region",
    "day",
    "time",
    "hours",
    "place",
    "url",
    "summary",
    "cancelled",
    "version",
)


def read(given: Mapping[str, str], before: Workshop | None) -> tuple[Workshop | None, dict[str, str]]:
    """The workshop that a form tells, or what is wrong by field. `before` is the one that it changes."""
    errors = _wrong(given)
    start = _start(given["day"], given["time"])
    hours = _hours(given["hours"])
    if start is None:
        errors["day"] = gettext("Give a day and a time.")
    if hours is None:
        errors["hours"] = gettext("Between a quarter of an hour and 240 hours.")
    if errors or start is None or hours is None:
        return None, errors
    made = Workshop(
        id=before.id if before else secrets.token_hex(8),
        kind=given["kind"],
        lang=given["lang"],
        audience=given["audience"],
        region=given["region"],
        starts_at=start,
        ends_at=start + int(hours * 3_600_000),
        cancelled=bool(given["cancelled"]),
        updated_at=time.time_ns() // 1_000_000,
        title=given["title"],
        place=given["place"],
        url=given["url"],
        summary=given["summary"],
    )
    if before:
        made = replace(made, version=before.version + 1, answers=before.answers, score=before.score)
    return made, {}


def _wrong(given: Mapping[str, str]) -> dict[str, str]:
    errors = {}
    for name, most in TEXTS.items():
        if len(given[name]) > most:
            errors[name] = gettext("At most %(n)s characters.") % {"n": most}
    if len(given["title"]) < 3:
        errors["title"] = gettext("A title is needed.")
    if given["url"] and not given["url"].startswith(("https://", "http://")):
        errors["url"] = gettext("An address begins with https://")
    known = {
        "kind": labels.KINDS,
        "lang": language.LANGUAGES,
        "audience": ("", *AUDIENCES),
        "region": ("", *regions()),
    }
    return errors | {
        name: gettext("Choose one of these.") for name, values in known.items() if given[name] not in values
    }


def _start(day: str, at: str) -> int | None:
    try:
        found = datetime.strptime(f"{day} {at[:5]}", "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(found.timestamp() * 1000) if 2000 <= found.year <= 2200 else None


def _hours(given: str) -> float | None:
    try:
        found = float(given.replace(",", ".")[:8])
    except ValueError:
        return None
    return found if 0.25 <= found <= 240 else None


def _given(one: Workshop) -> dict[str, str]:
    start = datetime.fromtimestamp(one.starts_at / 1000, UTC)
    texts = {name: getattr(one, name) for name in ("kind", "lang", "audience", "region", *TEXTS)}
    hours = timedelta(milliseconds=one.ends_at - one.starts_at) / timedelta(hours=1)
    return {
        **texts,
        "day": f"{start:%Y-%m-%d}",
        "time": f"{start:%H:%M}",
        "hours": f"{hours:g}",
        "cancelled": "1" if one.cancelled else "",
        "version": str(one.version),
    }


def _form(
    request: Request, id: str, given: Mapping[str, str], errors: Mapping[str, str], status: int = 200
) -> Response:
    shown = {
        "id": id,
        "given": dict.fromkeys(_FIELDS, "") | dict(given),
        "errors": errors,
        "limits": TEXTS,
        "kinds": [(name, labels.kind(name)) for name in labels.KINDS],
        "audiences": labels.audiences(),
        "regions": regions(),
        "language_names": [(lang, language.NAMES[lang]) for lang in language.LANGUAGES],
        "csrf": access.csrf_token(request),
        "section": "/training",
    }
    return render.page(request, "training/workshop_form.html", shown, status)


def workshop_of(request: Request, id: str) -> Workshop:
    """One workshop. Raises Problem 404."""
    with request.app.state.node.records.read() as conn:
        found = training.workshop(conn, id)
    if found is None:
        raise Problem(404, shelf.NOTHING)
    return found


def groups_of(request: Request, id: str) -> list[Group]:
    """Who came to it."""
    with request.app.state.node.records.read() as conn:
        return list(training.came(conn, id))
