"""The pages of questionnaires that this node writes: the list, a file taken as a draft, one version, preview, files."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from counterspam import asking
from counterspam.node import now
from counterspam.policy.questionnaire import form_file, own, translation, uses
from counterspam.policy.questionnaire.definition import LANGUAGES, Definition, load, versions
from counterspam.policy.questionnaire.differences import differences
from counterspam.policy.questionnaire.source import MOST_BYTES, Fault, NotWellMade
from counterspam.store import forms as store
from counterspam.store.forms import Form, NotPossible, Who
from counterspam.web import access, language, receive
from counterspam.web.access import Caller
from counterspam.web.api import in_thread
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.questionnaire import faults, forms, labels
from counterspam.web.questionnaire.measured import compared
from counterspam.web.questionnaire.shown import done_of, file_answer, shown_page
from counterspam.web.scopes import Scope

router = APIRouter(include_in_schema=False)
PUBLIC = Depends(access.public)
EDIT, APPROVE = Depends(access.require(Scope.EDIT)), Depends(access.require(Scope.APPROVE))
CSRF = Depends(access.check_csrf)
PATH = "/questionnaires/forms"
NOT_THERE = mark("there is no such version")
MOST_UPLOAD = MOST_BYTES + 64 * 1024  # with what a form wraps around a file
MOST_MISSING = 100  # texts without translation that a page names, of each language
DONE = {
    "write": mark("The draft is kept. Look at it as respondents will see it, then propose it."),
    "propose": mark("Proposed. Somebody else has to approve it."),
    "publish": mark("Published"),
    "refuse": mark("Refused"),
}


def _inside(caller: Caller) -> bool:
    return caller.may(Scope.EDIT) or caller.may(Scope.APPROVE)


@router.get(PATH, dependencies=[PUBLIC])
async def listed(request: Request) -> Response:
    """Every version: shipped, of this node, and for those who write and approve also what is not decided."""
    return await _list(request, await access.of(request).identify(request), [])


async def _list(request: Request, caller: Caller, found: list[Fault], error: str = "", status: int = 200) -> Response:
    def ask() -> list[Form]:
        with request.app.state.node.records.read() as conn:
            return [one for one in store.listed(conn) if one.state == store.PUBLISHED or _inside(caller)]

    shown = {
        "rows": await in_thread(request, ask),
        "shipped": [load(one) for one in versions()],
        "may_edit": caller.may(Scope.EDIT),
        "states": faults.STATES,
        "faults": [(one.line, one.place, faults.said(one)) for one in found],
        "error": error,
        "most": MOST_BYTES // 1024,
    }
    return shown_page(request, "forms.html", shown, status)


async def _small(request: Request) -> None:
    """Nothing greater than a questionnaire is read from the network; this comes before the form is looked at."""
    request._receive = receive.bounded(request._receive, MOST_UPLOAD)


@router.post(PATH, dependencies=[EDIT, Depends(_small), CSRF])
async def upload(request: Request) -> Response:
    """Keep a file as a draft, or say everything that is wrong with it."""
    caller, form = await access.permit(request, Scope.EDIT), await request.form()
    given = form.get("file")
    data = await given.read(MOST_BYTES + 1) if isinstance(given, UploadFile) else b""
    await form.close()

    def keep() -> Form:
        made = own.checked(data)
        with request.app.state.node.records.begin() as conn:
            kept = asking.write(conn, made, data, _who(caller))
            access.note(request, conn, caller, "form.write", kept.version, hash=kept.hash)
            return kept

    try:
        kept = await in_thread(request, keep)
    except NotWellMade as error:
        return await _list(request, caller, error.faults, status=422)
    except NotPossible as error:
        return await _list(request, caller, [], faults.refusal(error.code), 409)
    return RedirectResponse(href(f"{PATH}/{kept.version}", done="write"), 303)


def _who(caller: Caller) -> Who:
    return Who(caller.id, caller.name, now())


Found = tuple[Form | None, Definition]


async def _version(request: Request, caller: Caller, version: str) -> Found:
    """A version that the caller may see; None instead of the row for one that comes with the software."""

    def ask() -> Found | None:
        if version in versions():
            return None, load(version)
        with request.app.state.node.records.read() as conn:
            found = asking.draft(conn, version)
        return found if found and (found[0].state == store.PUBLISHED or _inside(caller)) else None

    found = await in_thread(request, ask)
    if found is None:
        raise Problem(404, NOT_THERE)
    return found


@router.get(PATH + "/{version}", dependencies=[PUBLIC])
async def one_version(request: Request, version: str) -> Response:
    """One version: what became of it, what changed, what lacks, and what can be done."""
    caller = await access.of(request).identify(request)
    row, known = await _version(request, caller, version)

    def ask() -> tuple[Any, Any]:
        with request.app.state.node.records.read() as conn:
            return store.acts(conn, version) if row and _inside(caller) else [], asking.before(conn, known)

    acts, earlier = await in_thread(request, ask)
    missing = {lang: found for lang in LANGUAGES if (found := translation.missing(known, lang))}
    shown = {
        "row": row,
        "one": known,
        "sections": [(one.id, one.title, len(one.questions)) for one in known.sections],
        "acts": acts,
        "act_names": faults.ACTS,
        "states": faults.STATES,
        "parts": faults.PARTS,
        "earlier": earlier,
        "changes": differences(earlier, known) if earlier else None,
        "missing": [(lang, len(found), found[:MOST_MISSING]) for lang, found in missing.items()],
        "lacking": [gettext(faults.LACKING[one]) for one in _lacking(known)],
        "spoken": [(one, language.NAMES[one]) for one in LANGUAGES],
        "may": {"edit": caller.may(Scope.EDIT), "approve": caller.may(Scope.APPROVE)},
        "open": row is not None and row.state in store.OPEN,
        "done": done_of(request, DONE),
    }
    return shown_page(request, "form.html", shown, 200, known)


def _lacking(known: Definition) -> list[str]:
    return [*uses.lacking(known), *([] if compared.asks(known) else ["measured"])]


@router.get(PATH + "/{version}/preview", dependencies=[PUBLIC])
async def preview(request: Request, version: str) -> Response:
    """A section as respondents will see it, in the language of the page; nothing is kept."""
    caller = await access.of(request).identify(request)
    _, known = await _version(request, caller, version)
    order = {one.id: one for one in known.sections}
    section = order.get(request.query_params.get("section", ""), known.sections[0])
    asks_country = any(one.kind == "country" for question in section.questions for one in question.fields)
    shown = {
        "version": version,
        "sections": [(one.id, labels.plain(known, one.title)) for one in known.sections],
        "name": section.id,
        "title": labels.shown(known, section.title),
        "questions": forms.asked(known, section, {}, ()),
        "editable": True,
        "countries": form_file.country_names(language.current()) if asks_country else {},
        "missing": len(translation.missing(known, language.current())),
        "spoken": [(one, language.NAMES[one]) for one in LANGUAGES],
    }
    return shown_page(request, "preview.html", shown, 200, known)


@router.get(PATH + "/{version}/file.yaml", dependencies=[PUBLIC])
async def as_text(request: Request, version: str) -> Response:
    """The version with its translations, to be changed."""
    caller = await access.of(request).identify(request)
    await _version(request, caller, version)

    def make() -> str:
        with request.app.state.node.records.read() as conn:
            return asking.text(conn, version)

    data = (await in_thread(request, make)).encode()
    return file_answer(data, f"questionnaire-{version}.yaml", "application/yaml; charset=utf-8")


@router.get(PATH + "/{version}/form.xlsx", dependencies=[PUBLIC])
async def as_form(request: Request, version: str) -> Response:
    """The form as a file, to look at; no wave takes it."""
    caller = await access.of(request).identify(request)
    _, known = await _version(request, caller, version)

    def make() -> bytes:
        return form_file.write(known, {}, wave="", member="", lang=language.current())

    return file_answer(await in_thread(request, make), f"{version}.xlsx")


@router.post(PATH + "/{version}/propose", dependencies=[EDIT, CSRF])
async def propose(request: Request, version: str) -> Response:
    """Ask for a draft to be published."""
    return await _decided(
        request, version, "propose", lambda conn, seen, who, _: store.propose(conn, version, seen, who)
    )


@router.post(PATH + "/{version}/publish", dependencies=[APPROVE, CSRF])
async def publish(request: Request, version: str) -> Response:
    """Publish what somebody else wrote and proposed."""
    return await _decided(
        request, version, "publish", lambda conn, seen, who, remark: asking.publish(conn, version, seen, who, remark)
    )


@router.post(PATH + "/{version}/refuse", dependencies=[APPROVE, CSRF])
async def refuse(request: Request, version: str) -> Response:
    """Refuse a proposal or a draft."""
    return await _decided(
        request, version, "refuse", lambda conn, seen, who, remark: store.refuse(conn, version, seen, who, remark)
    )


async def _decided(request: Request, version: str, act: str, do: Callable[[Any, str, Who, str], Form]) -> Response:
    """Do it to the content that the page showed, with its line in the audit log."""
    caller, form = await access.of(request).identify(request), await request.form()
    hash, remark = str(form.get("hash", "")), str(form.get("remark", ""))[: store.MOST_REMARK]

    def work() -> None:
        with request.app.state.node.records.begin() as conn:
            made = do(conn, hash, _who(caller), remark)
            access.note(request, conn, caller, f"form.{act}", made.version, hash=made.hash)

    try:
        await in_thread(request, work)
    except NotPossible as error:
        raise Problem(409, faults.REFUSED[error.code]) from error
    return RedirectResponse(href(f"{PATH}/{version}", done=act), 303)
