"""The pages of the office that asks: waves, who answered and who is due, releases and their approval."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import re2
from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from counterspam import asking, questionnaires
from counterspam.config import Config
from counterspam.measure.ask import Unanswerable
from counterspam.node import now
from counterspam.policy.questionnaire import reminders, uses
from counterspam.policy.questionnaire.definition import Definition
from counterspam.questionnaires import NotNow
from counterspam.store import invitations, waves
from counterspam.store.invitations import Invitation
from counterspam.store.waves import Wave
from counterspam.web import access
from counterspam.web.api import in_thread
from counterspam.web.format import moment
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.questionnaire import labels
from counterspam.web.questionnaire.shown import done_of, shown_page
from counterspam.web.scopes import Scope

router = APIRouter(include_in_schema=False)
EDIT, APPROVE = Depends(access.require(Scope.EDIT)), Depends(access.require(Scope.APPROVE))
CSRF = Depends(access.check_csrf)
NO_WAVE = mark("there is no such wave")
PER_PAGE = 100
DAY = 86_400_000
_ID = re2.compile(r"[0-9]{4}[a-z0-9-]{0,20}")
DONE = {
    "opened": mark("The wave is kept. Invite its respondents."),
    "revoked": mark("The code opens nothing any more."),
    "reopened": mark("The answers are open again."),
    "moved": mark("The deadline was moved."),
    "prepared": mark("The tables are prepared. Somebody else has to approve them."),
    "approved": mark("Published"),
    "refused": mark("Refused"),
    "reminded": mark("The reminders were handed to the mail relay. The list below says which were not."),
}


@router.get("/questionnaires/new", dependencies=[EDIT])
async def new(request: Request) -> Response:
    """The form for a new wave; `version` chooses one."""
    asked = request.query_params.get("version", "")
    return await _new(request, {"version": asked} if asked else {}, "")


async def _new(request: Request, given: dict[str, str], error: str, status: int = 200) -> Response:
    offered = await in_thread(request, _offered, request)
    known = {one.version: one for one in offered}
    usual = [one for one in offered if not one.own][-1]
    chosen = known.get(given.get("version", ""), usual)
    first = {"title": chosen.title, "reminder": questionnaires.REMINDER, "synthetic": ""}
    shown = {"given": {**first, **given, "version": chosen.version}, "versions": list(known), "error": error}
    return shown_page(request, "new.html", shown, status)


def _offered(request: Request) -> list[asking.Offered]:
    with request.app.state.node.records.read() as conn:
        return asking.offered(conn)


@router.post("/questionnaires/new", dependencies=[EDIT, CSRF])
async def open_wave(request: Request) -> Response:
    """Keep a wave."""
    caller, form = await access.permit(request, Scope.EDIT), await request.form()
    names = ("id", "title", "version", "period", "opens", "closes", "reminder", "synthetic")
    given = {name: str(form.get(name, "")).strip() for name in names}
    offered = {one.version for one in await in_thread(request, _offered, request)}
    if not _ID.fullmatch(given["id"]) or not given["title"] or given["version"] not in offered:
        said = gettext("A wave needs a name that begins with its year, such as 2026-1, and a title.")
        return await _new(request, given, said, 422)

    def work() -> bool:
        with request.app.state.node.records.begin() as conn:
            wave = _wave(conn, given, caller.id)
            if not waves.add(conn, wave):
                return False
            access.note(request, conn, caller, "wave.open", wave.id, definition=wave.definition)
            return True

    try:
        kept = await in_thread(request, work)
    except (NotNow, Unanswerable, ValueError):
        said = gettext(
            "Name a period such as 2026, 2026-H1 or 2026-07, and two days of which the second is the deadline."
        )
        return await _new(request, given, said, 422)
    if not kept:
        return await _new(request, given, gettext("There is a wave of this name."), 422)
    return RedirectResponse(href(f"/questionnaires/{given['id']}/manage", done="opened"), 303)


def _wave(conn: Any, given: dict[str, str], by: str) -> Wave:
    """The wave that a form describes. Raises NotNow, Unanswerable, ValueError."""
    return questionnaires.new_wave(
        given["id"],
        given["title"],
        given["version"],
        given["period"],
        _day(given["opens"]),
        _day(given["closes"]) + DAY - 1,
        form=asking.form(conn, given["version"]),
        reminder=given["reminder"],
        synthetic=given["synthetic"] == "1",
        created_at=now(),
        created_by=by,
    )


def _day(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp() * 1000)


def found_wave(conn: Any, id: str) -> Wave:
    """A wave. Raises Problem 404."""
    wave = waves.get(conn, id)
    if wave is None:
        raise Problem(404, NO_WAVE)
    return wave


@router.get("/questionnaires/{wave}/manage", dependencies=[EDIT])
async def manage(request: Request, wave: str) -> Response:
    """Who answered, who is due, and the releases."""
    return await manage_page(request, wave)


async def manage_page(request: Request, id: str, status: int = 200, **more: Any) -> Response:
    """A wave with its members; `more` is what an act has to say."""
    config: Config = request.app.state.node.config
    asked = request.query_params.get("page", "1")[:4]
    page = int(asked) if asked.isdecimal() else 1
    found = await in_thread(request, _state, request, id)
    known, everyone = found.pop("known"), found["members"]
    shown = {
        **found,
        **_names(known),
        "rows": everyone[(page - 1) * PER_PAGE : page * PER_PAGE],
        "page": page,
        "pages": -(-len(everyone) // PER_PAGE),
        "counts": _counts(everyone),
        "names": {one["id"]: one["member"] for one in everyone},
        "relay": bool(config.mail_relay_host),
        "mailed": [one for one in found["due"] if reminders.MAIL.fullmatch(one["contact"])],
        "done": done_of(request, DONE),
        "codes": [],
        "errors": [],
        "pasted": "",
        **more,
    }
    return shown_page(request, "manage.html", shown, status, known)


def _state(request: Request, id: str) -> dict[str, Any]:
    """A wave as it stands."""
    with request.app.state.node.records.read() as conn:
        wave = found_wave(conn, id)
        everyone = questionnaires.members(conn, id)
        return {
            "wave": wave,
            "known": questionnaires.definition_of(conn, wave),
            "members": everyone,
            "releases": waves.releases(conn, id),
            "log": invitations.reminders(conn, id)[:50],
            "due": reminders.due(everyone, wave.opens_at, wave.closes_at, now()),
        }


def _names(known: Definition) -> dict[str, Any]:
    """What states, ways, decisions, roles and sizes are called."""
    return {
        "states": {name: gettext(text) for name, text in labels.STATES.items()},
        "ways": {name: gettext(text) for name, text in labels.WAYS.items()},
        "decisions": {name: gettext(text) for name, text in labels.DECISIONS.items()},
        "roles": _options(known, "role"),
        "sizes": _options(known, "size"),
    }


def _counts(everyone: list[dict[str, Any]]) -> dict[str, int]:
    standing = [one["state"] for one in everyone if not one["revoked"]]
    return {
        "invited": len(standing),
        "started": sum(s != "invited" for s in standing),
        "signed": standing.count("signed"),
    }


def _options(known: Definition, name: str) -> list[tuple[str, str]]:
    return [(id, labels.plain(known, said)) for id, said in uses.options(known, name).items()]


@router.post("/questionnaires/{wave}/manage", dependencies=[EDIT, CSRF])
async def act(request: Request, wave: str) -> Response:
    """Revoke, make a new code, open again, move the deadline, prepare the tables."""
    caller, form = await access.permit(request, Scope.EDIT), await request.form()
    given = {name: str(value) for name, value in form.items()}
    work = ACTS.get(given.get("act", ""))
    if work is None:
        raise Problem(404, NO_WAVE)

    def run() -> tuple[str, list[tuple[str, str]]]:
        with request.app.state.node.records.begin() as conn:
            found = found_wave(conn, wave)
            invitation = invitations.get(conn, given.get("invitation", ""))
            if invitation and invitation.wave != wave:
                raise Problem(404, NO_WAVE)
            done, subject, codes = work(conn, found, invitation, caller.id, given)
            access.note(request, conn, caller, done, subject, reason=given.get("reason", "")[:300])
            return done, codes

    try:
        done, codes = await in_thread(request, run)
    except NotNow as error:
        raise Problem(409, str(error)) from error
    if codes:
        return await manage_page(request, wave, codes=codes)
    said = {
        "invitation.revoke": "revoked",
        "answers.reopen": "reopened",
        "wave.move": "moved",
        "release.prepare": "prepared",
    }
    return RedirectResponse(href(f"/questionnaires/{wave}/manage", done=said[done]), 303)


Work = Callable[[Any, Wave, Invitation | None, str, dict[str, str]], tuple[str, str, list[tuple[str, str]]]]


def _needed(invitation: Invitation | None) -> Invitation:
    if invitation is None:
        raise Problem(404, NO_WAVE)
    return invitation


def _revoke(conn: Any, wave: Wave, one: Invitation | None, by: str, given: dict[str, str]) -> Any:
    invitations.revoke(conn, _needed(one).id, now())
    return "invitation.revoke", f"{wave.id}/{_needed(one).id}", []


def _code(conn: Any, wave: Wave, one: Invitation | None, by: str, given: dict[str, str]) -> Any:
    """A new code; the one before, which was lost, opens nothing any more."""
    known = _needed(one)
    if known.revoked_at:
        raise NotNow("this invitation was taken back")
    for code in invitations.codes(conn, known.id):
        if not code.section:
            invitations.revoke_code(conn, code.hash, now())
    return (
        "invitation.code",
        f"{wave.id}/{known.id}",
        [(known.member, invitations.make_code(conn, known.id, by=by, at=now()))],
    )


def _reopen(conn: Any, wave: Wave, one: Invitation | None, by: str, given: dict[str, str]) -> Any:
    questionnaires.reopen(conn, _needed(one), by=by, reason=given.get("reason", ""), at=now())
    return "answers.reopen", f"{wave.id}/{_needed(one).id}", []


def _move(conn: Any, wave: Wave, one: Invitation | None, by: str, given: dict[str, str]) -> Any:
    try:
        closes = _day(given.get("closes", "")) + DAY - 1
    except ValueError as error:
        raise NotNow("this is no day") from error
    if closes <= wave.opens_at:
        raise NotNow("the deadline lies before the opening")
    waves.move_deadline(conn, wave.id, closes)
    return "wave.move", wave.id, []


def _prepare(conn: Any, wave: Wave, one: Invitation | None, by: str, given: dict[str, str]) -> Any:
    made = questionnaires.prepare(conn, wave, by=by, at=now())
    return "release.prepare", f"{wave.id}/{made.number}", []


ACTS: dict[str, Work] = {"revoke": _revoke, "code": _code, "reopen": _reopen, "move": _move, "prepare": _prepare}


@router.post("/questionnaires/{wave}/release", dependencies=[APPROVE, CSRF])
async def release(request: Request, wave: str) -> Response:
    """Approve or refuse tables that somebody else prepared."""
    caller, form = await access.permit(request, Scope.APPROVE), await request.form()
    decision, number = str(form.get("decision", "")), str(form.get("number", ""))[:6]
    if decision not in ("approved", "refused") or not number.isdecimal():
        raise Problem(404, NO_WAVE)

    def work() -> None:
        with request.app.state.node.records.begin() as conn:
            found_wave(conn, wave)
            reason = str(form.get("reason", ""))
            questionnaires.decide(conn, wave, int(number), decision, by=caller.id, at=now(), reason=reason)
            access.note(request, conn, caller, "release.decide", f"{wave}/{number}", decision=decision)

    try:
        await in_thread(request, work)
    except NotNow as error:
        raise Problem(409, str(error)) from error
    return RedirectResponse(href(f"/questionnaires/{wave}", done=decision), 303)


def deadline(wave: Wave) -> str:
    """The last day of a wave in words."""
    return moment(wave.closes_at, "yMMMd")
