"""Contributions: the form for an entry, with an account or without, and what became of those of an account."""

import time
from typing import Any

import re2
from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from counterspam.node import now
from counterspam.policy.repository.checking import Code, Fault, faults
from counterspam.policy.repository.fields import FIELDS, TITLE, Field, Kind, Type, leaves
from counterspam.store import entries
from counterspam.store.entries import NEW, TooManyOpen, Version
from counterspam.web import access, public, render
from counterspam.web.access import Caller
from counterspam.web.api import in_thread
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem, later
from counterspam.web.repository import forms
from counterspam.web.repository.book import Held, today
from counterspam.web.repository.labels import FAULTS, GROUPS, PATHS, RECORD, STATES, TITLES, field_name, named
from counterspam.web.repository.lists import PUBLIC, book_of
from counterspam.web.scopes import Scope

router = APIRouter(include_in_schema=False)
PER_HOUR = 6  # contributions without an account from one address
MOST_FORM = 400_000  # characters of all that is typed
FIXED = ("id", "jurisdiction")  # of an entry that there is
_MAIL = re2.compile(r"[^@\s<>\"',;]{1,64}@[^@\s<>\"',;]{1,180}\.[^@\s<>\"',;]{2,60}")
_UNSEEN = re2.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
NOT_THERE = mark("there is no such entry")


def limits(request: Request) -> public.Limits:
    """How often one address may contribute. The bucket counts in minutes, so what it calls a minute is an hour here."""
    state = request.app.state
    if not hasattr(state, "contributions"):
        state.contributions = public.Limits(PER_HOUR)
    found: public.Limits = state.contributions
    return found


def admit(request: Request, caller: Caller) -> None:
    """Take one contribution of somebody without an account; Problem 429 when there were too many."""
    if caller.id:
        return
    left, wait, _ = limits(request).take(public.gate(request).address(request), time.monotonic() / 60)
    if left < 0:
        raise later(wait * 60, mark("too many contributions from this address; try again in an hour"), 429)


@router.get("/contribute/{kind}", dependencies=PUBLIC)
async def form(request: Request, kind: Kind) -> Response:
    """The form: empty, or with the entry that `id` names."""
    held = (await book_of(request)).get(kind, request.query_params.get("id", "")[:60])
    if held is None and request.query_params.get("id"):
        raise Problem(404, NOT_THERE)
    given = (
        forms.typed(kind, held.content) if held else {"date_recorded": [today().isoformat()], "confidence": ["medium"]}
    )
    return await _page(request, kind, held, given, {}, {})


@router.post("/contribute/{kind}", dependencies=PUBLIC)
async def send(request: Request, kind: Kind) -> Response:
    """Keep a proposal, for a moderator to decide about; with what is wrong the form comes back as it was typed."""
    await access.check_csrf(request)
    caller = await access.of(request).identify(request)
    filled = await request.form()
    held = (await book_of(request)).get(kind, str(filled.get("entry", ""))[:60])
    given = _given(kind, filled, held)
    said = {name: str(filled.get(name, ""))[:3000].strip() for name in ("who", "contact", "comment")}
    content = forms.content(kind, given)
    wrong = faults(kind, content) + _about(said, caller) + await _twice(request, kind, held, content)
    if not wrong and held and content == dict(held.content):
        wrong = [Fault("comment", Code.MISSING)]  # nothing was changed
    if wrong:
        return await _page(request, kind, held, given, said, _placed(wrong), 422)
    admit(request, caller)
    version = Version(
        kind=kind,
        id=content["id"],
        base=held.version if held else NEW,
        content=content,
        comment=said["comment"],
        author=caller.id,
        author_name=caller.name or said["who"],
        contact="" if caller.id else said["contact"],
        proposed_at=now(),
    )
    kept = await in_thread(request, _keep, request, caller, version)
    return RedirectResponse(href(f"/contribute/{kind}/{kept.number}"), 303)


def _given(kind: Kind, filled: FormData, held: Held | None) -> dict[str, list[str]]:
    given = {path: [str(one) for one in filled.getlist(f"f.{path}")[:60]] for path, _ in leaves(FIELDS[kind])}
    if sum(len(text) for texts in given.values() for text in texts) > MOST_FORM:
        raise Problem(413, mark("this form holds too much"))
    if held:
        kept = forms.typed(kind, held.content)
        given |= {name: kept[name] for name in FIXED if name in kept}
    return given


def _about(said: dict[str, str], caller: Caller) -> list[Fault]:
    """What is wrong with what a contributor says of itself."""
    found = []
    if not caller.id and not said["who"]:
        found.append(Fault("who", Code.MISSING))
    if said["contact"] and not _MAIL.fullmatch(said["contact"]):
        found.append(Fault("contact", Code.BAD_FORM))
    for name, most in (("who", 200), ("comment", 2000)):
        if len(said[name]) > most:
            found.append(Fault(name, Code.TOO_LONG, most))
        elif _UNSEEN.search(said[name].replace("\r\n", "")):
            found.append(Fault(name, Code.BAD_CHARACTERS))
    return found


async def _twice(request: Request, kind: Kind, held: Held | None, content: dict[str, Any]) -> list[Fault]:
    """A new entry must have an id of its own."""
    there = held is None and isinstance(content["id"], str) and (await book_of(request)).get(kind, content["id"])
    return [Fault("id", Code.TWICE)] if there else []


def _keep(request: Request, caller: Caller, version: Version) -> Version:
    try:
        with request.app.state.node.records.begin() as conn:
            kept = entries.propose(conn, version)
            subject = f"{version.kind}/{version.id}"
            access.note(request, conn, caller, "entry.propose", subject, number=kept.number)
            return kept
    except TooManyOpen as error:
        raise later(3600, mark("too many contributions wait to be looked at; try again another day")) from error


def _placed(wrong: list[Fault]) -> dict[str, list[str]]:
    """What is wrong, in words, by the field of the form that it stands beside."""
    found: dict[str, list[str]] = {}
    for one in wrong:
        parts = one.place.split(".")
        number = int(parts[1]) + 1 if len(parts) > 1 and parts[1].isdecimal() else 0
        said = gettext(FAULTS[one.code]) % ({"limit": one.limit} if one.limit else {})
        if number:
            said = gettext("Line %(n)s: %(fault)s") % {"n": number, "fault": said}
        place = parts[0] if number or len(parts) == 1 else ".".join(parts[:2])
        found.setdefault(place, []).append(said)
    return found


async def _page(
    request: Request,
    kind: Kind,
    held: Held | None,
    given: forms.Typed,
    said: dict[str, str],
    wrong: dict[str, list[str]],
    status: int = 200,
) -> Response:
    caller = await access.of(request).identify(request)
    fields = dict(leaves(FIELDS[kind]))
    groups = [
        (gettext(title), _inputs(kind, names, fields, given, wrong, held)) for title, names in GROUPS[kind].items()
    ]
    record = [name for name in RECORD if name in fields]
    content = {
        "kind": kind,
        "section": PATHS[kind],
        "path": PATHS[kind],
        "title": gettext(TITLES[kind]),
        "held": held,
        "groups": [*groups, (gettext("On what it rests"), _inputs(kind, record, fields, given, wrong, held))],
        "said": {"who": "", "contact": "", "comment": "", **said},
        "wrong": wrong,
        "known": bool(caller.id),
        "csrf": access.csrf_token(request),
    }
    return render.page(request, "repository/form.html", content, status)


def _inputs(
    kind: Kind,
    names: Any,
    fields: dict[str, Field],
    given: forms.Typed,
    wrong: dict[str, list[str]],
    held: Held | None,
) -> list[dict[str, Any]]:
    paths = [
        path
        for name in names
        for path in fields
        if path == name or (name == "max_penalty" and path.startswith("max_penalty."))
    ]
    found = []
    for path in paths:
        one = fields[path]
        found.append(
            {
                "path": path,
                "name": field_name(path, kind),
                "type": _input(one),
                "given": given.get(path, []),
                "options": [(each, named(each, path)) for each in one.values],
                "parts": [field_name(inner.name, kind) for inner in one.fields],
                "required": one.required and one.type not in (Type.RECORDS, Type.LINES),
                "fixed": held is not None and path in FIXED,
                "wrong": wrong.get(path, []),
            }
        )
    return found


def _input(one: Field) -> str:
    if one.type in (Type.LINES, Type.URLS, Type.RECORDS):
        return "lines"
    return {
        Type.FLAG: "flag",
        Type.CHOICE: "choice",
        Type.CHOICES: "choices",
        Type.TEXT: "text",
        Type.DATE: "date",
    }.get(one.type, "line")


@router.get("/contribute/{kind}/{number}", dependencies=PUBLIC)
async def thanks(request: Request, kind: Kind, number: int) -> Response:
    """That a proposal was kept, and what became of it. It shows no content and no author: anybody may ask."""
    found = await in_thread(request, _one, request, number) if 0 < number < 2**53 else None
    if found is None or found.kind != kind:
        raise Problem(404, mark("there is no such contribution"))
    caller = await access.of(request).identify(request)
    content = {
        "row": found,
        "kind": kind,
        "section": PATHS[kind],
        "path": PATHS[kind],
        "state": gettext(STATES[found.state]),
        "own": bool(caller.id) and caller.id == found.author and found.state == "proposed",
        "title": found.content.get(TITLE[kind], "") if caller.id and caller.id == found.author else "",
        "csrf": access.csrf_token(request),
    }
    return render.page(request, "repository/kept.html", content)


@router.post(
    "/contribute/{kind}/{number}", dependencies=[Depends(access.require(Scope.EDIT)), Depends(access.check_csrf)]
)
async def withdraw(request: Request, kind: Kind, number: int) -> Response:
    """The author of a proposal takes it back."""
    caller = await access.of(request).identify(request)

    def work() -> bool:
        with request.app.state.node.records.begin() as conn:
            found = entries.one(conn, number)
            if found is None or found.kind != kind or found.author != caller.id:
                return False
            done = entries.decide(
                conn, number, "withdrawn", approver=caller.id, approver_name=caller.name, reason="", at=now()
            )
            if done:
                access.note(request, conn, caller, "entry.withdraw", f"{kind}/{found.id}", number=number)
            return done is not None

    if not 0 < number < 2**53 or not await in_thread(request, work):
        raise Problem(404, mark("there is no such contribution"))
    return RedirectResponse(href(f"/contribute/{kind}/{number}"), 303)


def _one(request: Request, number: int) -> Version | None:
    with request.app.state.node.records.read() as conn:
        return entries.one(conn, number)
