"""The forms of those who write definitions and of those who approve them."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from counterspam.policy.definitions.definition import CONFIDENCE, Refused
from counterspam.policy.definitions.expression import Wrong
from counterspam.policy.definitions.facts import FACTS
from counterspam.store.definitions import OPEN, NotPossible, Version
from counterspam.web import access
from counterspam.web.access import Caller
from counterspam.web.definitions import labels, work
from counterspam.web.definitions.pages import NOT_THERE, known, page
from counterspam.web.definitions.work import Known
from counterspam.web.format import number
from counterspam.web.language import gettext
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope

EDIT, APPROVE = Depends(access.require(Scope.EDIT)), Depends(access.require(Scope.APPROVE))
CSRF = Depends(access.check_csrf)
_BLANK = dict.fromkeys(work.FIELDS, "") | {"language": "en"}
router = APIRouter(include_in_schema=False)


@router.get("/definitions/new", dependencies=[EDIT])
async def new(request: Request) -> Response:
    """A form for a first version, or one filled from another definition (`of`)."""
    caller = await access.of(request).identify(request)
    name = request.query_params.get("of", "")
    source = next((one for one in await known(request, caller) if one.definition.label == name), None)
    given = _filled(source) if source else dict(_BLANK)
    if source and work.is_shipped(source):
        given["id"] = ""
    return _form(request, caller, given, 0, {})


@router.get("/definitions/{id}/{version}/edit", dependencies=[EDIT])
async def edit(request: Request, id: str, version: str) -> Response:
    """The form of a draft."""
    caller = await access.of(request).identify(request)
    one = await _open(request, caller, id, version)
    return _form(request, caller, _filled(one), one.definition.version, {})


@router.post("/definitions/new", dependencies=[EDIT, CSRF])
async def write_new(request: Request) -> Response:
    """Keep a new draft."""
    return await _written(request, 0)


@router.post("/definitions/{id}/{version}/edit", dependencies=[EDIT, CSRF])
async def write_again(request: Request, id: str, version: str) -> Response:
    """Keep a draft anew; a proposal becomes a draft again."""
    caller = await access.of(request).identify(request)
    one = await _open(request, caller, id, version)
    return await _written(request, one.definition.version, one.definition.id)


@router.post("/definitions/{id}/{version}/propose", dependencies=[EDIT, CSRF])
async def propose(request: Request, id: str, version: str) -> Response:
    """Ask for a draft to be published."""
    return await _decided(request, work.propose, id, version)


@router.post("/definitions/{id}/{version}/publish", dependencies=[APPROVE, CSRF])
async def publish(request: Request, id: str, version: str) -> Response:
    """Put a proposal in force."""
    return await _decided(request, work.publish, id, version, str((await request.form()).get("remark", "")))


@router.post("/definitions/{id}/{version}/refuse", dependencies=[APPROVE, CSRF])
async def refuse(request: Request, id: str, version: str) -> Response:
    """Refuse a proposal or a draft."""
    return await _decided(request, work.refuse, id, version, str((await request.form()).get("remark", "")))


async def _decided(request: Request, do: Callable[..., Version], id: str, version: str, *more: str) -> Response:
    caller = await access.of(request).identify(request)
    try:
        await run_in_threadpool(do, request, caller, id, _number(version), *more)
    except NotPossible as error:
        raise Problem(409, labels.REFUSED[error.code]) from error
    return RedirectResponse(href(f"/definitions/{id}#versions-h"), 303)


def _number(given: str) -> int:
    if not (given.isascii() and given.isdecimal() and len(given) < 7):
        raise Problem(404, NOT_THERE)
    return int(given)


async def _open(request: Request, caller: Caller, id: str, version: str) -> Known:
    """A version that may still be changed."""
    number = _number(version)
    for one in await known(request, caller):
        if one.definition.id == id and one.definition.version == number:
            if one.state in OPEN:
                return one
            raise Problem(409, labels.REFUSED["decided"])
    raise Problem(404, NOT_THERE)


def _filled(one: Known) -> dict[str, str]:
    given = {name: getattr(one.definition, name) for name in work.FIELDS}
    return given | {"sources": "\n".join(one.definition.sources)}


async def _written(request: Request, version: int, id: str = "") -> Response:
    """Keep what the form says; on a fault the form again, with all that was typed."""
    caller = await access.of(request).identify(request)
    form = await request.form()
    given = {name: str(form.get(name, "")).replace("\r\n", "\n")[:10_000].strip() for name in work.FIELDS}
    given |= {"id": id} if id else {}
    values: dict[str, Any] = {**given, "sources": given["sources"].split()}
    try:
        made = await run_in_threadpool(work.write, request, caller, values, version)
    except Refused as error:
        return _form(request, caller, given, version, labels.faults(error.faults), 422)
    except Wrong as error:
        said = gettext("%(fault)s (character %(place)s)") % {
            "fault": labels.wrong(error),
            "place": number(error.place + 1),
        }
        return _form(request, caller, given, version, {"expression": said}, 422)
    except NotPossible as error:
        said = gettext(labels.REFUSED[error.code])
        return _form(request, caller, given, version, {"id": f"{said[:1].upper()}{said[1:]}."}, 409)
    return RedirectResponse(href(f"/definitions/{made.id}#versions-h"), 303)


def _form(
    request: Request, caller: Caller, given: dict[str, str], version: int, faults: dict[str, str], status: int = 200
) -> Response:
    shown = {
        "given": given,
        "version": version,
        "faults": faults,
        "facts": list(FACTS.values()),
        "confidence": ("", *CONFIDENCE),
    }
    return page(request, caller, "edit", shown, status)
