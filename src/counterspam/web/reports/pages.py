"""The pages of reports: which are released, one report with checks and files, beginning one, writing, and signing off."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from counterspam.measure.ask import Unanswerable
from counterspam.measure.frozen import Unsteady
from counterspam.policy.reports import fields as forms
from counterspam.policy.reports.kinds import AUDIENCES, KINDS
from counterspam.policy.reports.tlp import MEANINGS
from counterspam.policy.typesetting import CannotSet
from counterspam.store import reports
from counterspam.store.reports import Version
from counterspam.web import access, render
from counterspam.web.access import Caller
from counterspam.web.format import country
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.publications import called
from counterspam.web.reports import labels, making, work
from counterspam.web.scopes import Scope

PUBLIC = Depends(access.public)
EDIT, APPROVE = Depends(access.require(Scope.EDIT)), Depends(access.require(Scope.APPROVE))
CSRF = Depends(access.check_csrf)
SHOWN = 50
# The HTML file of a report has its own style sheet inside, and nothing else.
FILE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
DONE = {
    "built": mark("The data are frozen and the files are built."),
    "written": mark("What you wrote is kept. Build the files to see it in the report."),
}
router = APIRouter(include_in_schema=False)


@router.get("/reports", dependencies=[PUBLIC])
async def listing(request: Request) -> Response:
    """What is released, and for those who write or sign off, what is being worked on."""
    caller = await access.of(request).identify(request)
    staff = caller.may(Scope.EDIT) or caller.may(Scope.APPROVE)

    def ask() -> list[Version]:
        with request.app.state.node.records.read() as conn:
            rows = reports.every(conn, state="" if staff else "released")
        return [one for one in rows if work.may_see(caller, one)]

    found = await run_in_threadpool(ask)
    released = [one for one in found if one.state == "released"]
    shown = {
        "released": [row(one) for one in released[:SHOWN]],
        "working": [row(one) for one in found if one.state != "released"][:SHOWN],
        "kinds": [(kind.name, gettext(kind.title), gettext(AUDIENCES[kind.audience])) for kind in KINDS.values()],
        "may_edit": caller.may(Scope.EDIT),
        "staff": staff,
    }
    return render.page(request, "reports/list.html", shown)


@router.get("/reports/{id}", dependencies=[PUBLIC])
async def latest(request: Request, id: str) -> Response:
    """The newest version that the caller may see."""
    return await _page(request, id, 0)


@router.get("/reports/{id}/{version}", dependencies=[PUBLIC])
async def one_version(request: Request, id: str, version: str) -> Response:
    """One version: what it says about itself, its checks, its files, its log."""
    return await _page(request, id, number_of(version))


@router.post("/reports/{id}/{version}/work", dependencies=[EDIT, CSRF])
async def do_work(request: Request, id: str, version: str) -> Response:
    """Freeze, build, submit, begin the next version, or make all files once more to compare."""
    caller, form = await access.of(request).identify(request), await request.form()
    act = str(form.get("act", ""))
    loaded = await run_in_threadpool(work.load, request, caller, id, number_of(version))
    if act == "compare":
        same = await run_in_threadpool(work.rebuilt, request, loaded)
        return await _page(request, id, loaded.version.version, rebuilt=same)
    if act in ("freeze", "build"):
        try:
            made = await run_in_threadpool(work.build, request, caller, loaded.version, anew=act == "freeze")
        except (CannotSet, Unsteady, Unanswerable) as error:
            return await _page(request, id, loaded.version.version, fault=str(error))
        return _to(made, "built")
    if act == "submit":
        return _to(await run_in_threadpool(work.step, request, caller, loaded.version, "submitted"), "submitted")
    if act == "next":
        made = await run_in_threadpool(work.next_version, request, caller, loaded.version)
        return RedirectResponse(href(f"/reports/{made.id}/{made.version}/edit"), 303)
    raise Problem(400, work.NOT_NOW)


@router.post("/reports/{id}/{version}/approve", dependencies=[APPROVE, CSRF])
async def approve(request: Request, id: str, version: str) -> Response:
    """Review, sign off, release, or return to the writers."""
    caller, form = await access.of(request).identify(request), await request.form()
    act, note = str(form.get("act", "")), forms.clean(str(form.get("note", "")), lines=False)[:1000]
    loaded = await run_in_threadpool(work.load, request, caller, id, number_of(version))
    if act not in ("reviewed", "signed-off", "released", "returned"):
        raise Problem(400, work.NOT_NOW)
    return _to(await run_in_threadpool(work.step, request, caller, loaded.version, act, note), act)


@router.get("/reports/{id}/{version}/{name}", dependencies=[PUBLIC])
async def file(request: Request, id: str, version: str, name: str) -> Response:
    """A file of a version, as it was built."""
    caller = await access.of(request).identify(request)
    loaded = await run_in_threadpool(work.load, request, caller, id, number_of(version))
    return await run_in_threadpool(serve, request, loaded.version, name)


def serve(request: Request, one: Version, name: str) -> Response:
    """A file with its media type; Problem 404 where there is none of that name."""
    with request.app.state.node.records.read() as conn:
        content = reports.file(conn, one.id, one.version, name)
    form = name.rpartition(".")[2]
    if content is None or form not in making.TYPES:
        raise Problem(404, work.NOT_THERE)
    kept = "public, max-age=86400" if one.state == "released" and one.tlp == "TLP:CLEAR" else "no-store"
    headers = {"Cache-Control": kept, "X-Content-Type-Options": "nosniff", "Content-Security-Policy": FILE_POLICY}
    if form != "html":
        saved = f"counterspam-{one.kind}-{one.period}-{one.version}-{name}"
        headers["Content-Disposition"] = f'attachment; filename="{saved}"'
    return Response(content, media_type=making.TYPES[form], headers=headers)


async def _page(request: Request, id: str, version: int, *, rebuilt: Any = None, fault: str = "") -> Response:
    caller = await access.of(request).identify(request)
    loaded = await run_in_threadpool(work.load, request, caller, id, version)
    one = loaded.version
    staff = caller.may(Scope.EDIT) or caller.may(Scope.APPROVE)
    checks = await run_in_threadpool(work.run_checks, request, loaded) if one.built_at else []
    done = DONE.get(request.query_params.get("done", ""), "")
    wrote = gettext(work.WROTE)
    shown = {
        "section": "/reports",
        "row": row(one),
        "one": one,
        "wrote": f"{wrote[:1].upper()}{wrote[1:]}.",
        "meaning": gettext(MEANINGS[one.tlp]),
        "audience": gettext(AUDIENCES[one.audience]),
        "checks": [(gettext(check.title), check.passed) for check in checks],
        "ready": bool(checks) and all(check.passed for check in checks),
        "files": _files(loaded),
        "acts": [_act(act) for act in loaded.acts],
        "staff": staff,
        "steps": _steps(caller, loaded),
        "rebuilt": rebuilt,
        "fault": fault,
        "done": gettext(done) if done else "",
        "csrf": access.csrf_token(request) if staff else "",
    }
    return render.page(request, "reports/report.html", shown, 409 if fault else 200)


def _act(act: reports.Act) -> dict[str, Any]:
    said = {"at": act.at, "act": gettext(labels.ACTS[act.act]), "note": act.note, "files": act.files}
    return said | {"name": act.name or act.who}


def _files(loaded: work.Loaded) -> list[tuple[str, list[dict[str, Any]]]]:
    """The files of each language, in the order of reading."""
    by_name = {file.name: file for file in loaded.files}
    return [
        (
            lang,
            [
                {"form": gettext(text), "file": by_name[f"{lang}.{form}"]}
                for form, text in labels.FORMS.items()
                if f"{lang}.{form}" in by_name
            ],
        )
        for lang in loaded.version.languages
        if f"{lang}.html" in by_name
    ]


def _steps(caller: Caller, loaded: work.Loaded) -> dict[str, bool]:
    """What the caller may do now."""
    one, edits, approves = loaded.version, caller.may(Scope.EDIT), caller.may(Scope.APPROVE)
    other = work.may_approve(caller, loaded.acts)
    steps = {name: approves and other and one.state in states for name, (states, _) in work.STEPS.items()}
    return steps | {
        "edit": edits and one.state == "draft",
        "build": edits and one.state == "draft" and bool(one.snapshot),
        "submitted": edits and one.state == "draft" and bool(one.built_at),
        "returned": approves and one.state in work.STEPS["returned"][0],
        "compare": edits and bool(one.built_at),
        "next": edits and one.state == "released",
        "wrote": approves and not other and one.state in ("submitted", "reviewed", "signed-off"),
    }


def row(one: Version) -> dict[str, Any]:
    """A version as pages show it."""
    return {
        "title": gettext(KINDS[one.kind].title),
        "period": called(one.period),
        "about": country(one.country) if one.country else one.operator,
        "state": gettext(labels.STATES[one.state]),
        "address": f"/reports/{one.id}/{one.version}",
        "one": one,
    }


def _to(one: Version, done: str) -> Response:
    return RedirectResponse(href(f"/reports/{one.id}/{one.version}", done=done), 303)


def number_of(version: str) -> int:
    """The number of a version in an address. Raises Problem 404."""
    if not (version.isascii() and version.isdecimal() and 0 < len(version) < 6 and int(version)):
        raise Problem(404, work.NOT_THERE)
    return int(version)
