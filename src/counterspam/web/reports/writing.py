"""The forms of reports: beginning one, and writing what no figure gives."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from counterspam.node import now
from counterspam.policy.reports import fields as forms
from counterspam.policy.reports.barometer import TOPICS
from counterspam.policy.reports.kinds import KINDS, Kind
from counterspam.policy.reports.tlp import MEANINGS
from counterspam.store.reports import Version
from counterspam.web import access, render
from counterspam.web.format import countries
from counterspam.web.language import LANGUAGES, NAMES, current, gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.publications import called
from counterspam.web.reports import labels, wishes, work
from counterspam.web.reports.pages import CSRF, EDIT, number_of, row
from counterspam.web.scopes import Scope

router = APIRouter(include_in_schema=False)


@router.get("/reports/new", dependencies=[EDIT])
async def new(request: Request, kind: str = "") -> Response:
    """The form that begins a report."""
    return _new(request, _kind(kind), {}, {})


@router.post("/reports/new", dependencies=[EDIT, CSRF])
async def begin(request: Request) -> Response:
    """Begin it, or show what is wrong beside the fields."""
    caller, form = await access.of(request).identify(request), await request.form()
    given = {name: str(value) for name, value in form.items()}
    kind = _kind(given.get("kind", ""))
    languages = [str(lang) for lang in form.getlist("languages")][: len(LANGUAGES)]
    asked = wishes.wish(kind, given, languages, may_be_exact=caller.may(Scope.EVIDENCE))
    if asked.version is None:
        return _new(request, kind, {**given, "languages": languages}, asked.problems)
    made = await run_in_threadpool(work.begin, request, caller, asked.version)
    return RedirectResponse(href(f"/reports/{made.id}/{made.version}/edit"), 303)


@router.get("/reports/{id}/{version}/edit", dependencies=[EDIT])
async def edit(request: Request, id: str, version: str) -> Response:
    """The form of what no figure gives."""
    caller = await access.of(request).identify(request)
    loaded = await run_in_threadpool(work.load, request, caller, id, number_of(version))
    return _edit(request, loaded.version, loaded.version.fields, {})


@router.post("/reports/{id}/{version}/edit", dependencies=[EDIT, CSRF])
async def write(request: Request, id: str, version: str) -> Response:
    """Keep it, or show what is wrong beside the fields; nothing that was typed is lost."""
    caller, form = await access.of(request).identify(request), await request.form()
    loaded = await run_in_threadpool(work.load, request, caller, id, number_of(version))
    one, kind = loaded.version, KINDS[loaded.version.kind]
    typed = {name: str(value).replace("\r\n", "\n") for name, value in form.items()}
    given = {field.name: typed.get(field.name, "") for field in kind.fields}
    wrong = forms.problems(kind.fields, given)
    tlp = typed.get("tlp", one.tlp)
    chosen = {str(lang) for lang in form.getlist("languages")}
    if tlp not in wishes.offered(kind):
        wrong["tlp"] = mark("This label does not fit whom the report is for.")
    if typed.get("seen", "") != str(one.changed_at):  # what others wrote is not overwritten unseen
        wrong[kind.fields[0].name] = work.CHANGED
    if wrong:
        return _edit(request, one, given, wrong)
    languages = tuple(lang for lang in LANGUAGES if lang in chosen or lang == one.author)
    made = await run_in_threadpool(work.write, request, caller, one, given, tlp=tlp, languages=languages)
    return RedirectResponse(href(f"/reports/{made.id}/{made.version}", done="written"), 303)


def _new(request: Request, kind: Kind, given: Mapping[str, Any], wrong: Mapping[str, str]) -> Response:
    config = request.app.state.node.config
    known = {"country": config.jurisdiction, "author": current(), "languages": [current()], "tlp": kind.tlp, **given}
    shown = {
        "section": "/reports",
        "kind": kind,
        "title": gettext(kind.title),
        "given": {"period": "", "operator": "", "topic": "", "exact": "", "synthetic": ""} | known,
        "wrong": {name: gettext(text) for name, text in wrong.items()},
        "periods": [(name, called(name)) for name in wishes.periods(kind, now())],
        "countries": sorted(countries().items(), key=lambda pair: pair[1]) if "country" in kind.takes else [],
        "topics": [(name, gettext(text)) for name, text in TOPICS.items()] if "topic" in kind.takes else [],
        "tlps": [(label, gettext(MEANINGS[label])) for label in wishes.offered(kind)],
        "names": NAMES,
        "csrf": access.csrf_token(request),
    }
    return render.page(request, "reports/new.html", shown, 422 if wrong else 200)


def _edit(request: Request, one: Version, given: Mapping[str, str], wrong: Mapping[str, str]) -> Response:
    kind = KINDS[one.kind]
    if one.state != "draft":
        raise Problem(409, work.NOT_NOW)
    shown = {
        "section": "/reports",
        "row": row(one),
        "one": one,
        "groups": kind.groups(),
        "given": {field.name: given.get(field.name, "") for field in kind.fields},
        "wrong": {name: gettext(text) for name, text in wrong.items()},
        "statuses": labels.statuses(),
        "tlps": [(label, gettext(MEANINGS[label])) for label in wishes.offered(kind)],
        "names": NAMES,
        "csrf": access.csrf_token(request),
    }
    return render.page(request, "reports/edit.html", shown, 422 if wrong else 200)


def _kind(name: str) -> Kind:
    kind = wishes.kind_of(name)
    if kind is None:
        raise Problem(404, work.NOT_THERE)
    return kind
