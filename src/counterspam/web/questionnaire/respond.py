"""The pages for respondents: a code typed in, how far the answers are, colleagues, the sign-off, the medians of others."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from counterspam import questionnaires
from counterspam.node import now
from counterspam.policy.questionnaire import checks, compare
from counterspam.policy.questionnaire.parcel import MOST_FILE
from counterspam.questionnaires import NotNow
from counterspam.store import invitations, responses, waves
from counterspam.web import access
from counterspam.web.api import in_thread
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.questionnaire import forms, labels, seats
from counterspam.web.questionnaire.measured import counts, own
from counterspam.web.questionnaire.measured.tables import shown_own
from counterspam.web.questionnaire.seats import NOT_YOURS, PATH, Seat
from counterspam.web.questionnaire.shown import cell_name, done_of, shown_page
from counterspam.web.scopes import Scope
from counterspam.web.tries import address

# A code is no key of the node, so these are open to everybody; `seats.seat` decides at whose answers one may sit.
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])
CSRF = Depends(access.check_csrf)
NO_CODE = mark("This code opens nothing: it was mistyped, or taken back.")
DONE = {
    "signed": mark("Signed. Thank you. The answers are closed now."),
    "revoked": mark("The code opens nothing any more."),
}


@router.get(PATH)
async def door(request: Request) -> Response:
    """The field for a code, and the answers that the caller's account may write."""
    return await _door(request, "", 200)


async def _door(request: Request, error: str, status: int) -> Response:
    caller = await access.of(request).identify(request)

    def own() -> list[dict[str, Any]]:
        with request.app.state.node.records.read() as conn:
            found = invitations.of_account(conn, caller.id) if caller.id and caller.may(Scope.ANSWER) else []
            code = seats.opened(request, seats.cookie_hash(request))
            found = [*found, *([code[1]] if code else [])]
            titles = {one.id: one.title for one in waves.every(conn)}
        return [{"id": one.id, "member": one.member, "title": titles.get(one.wave, one.wave)} for one in found]

    given = {"error": error, "own": await in_thread(request, own)}
    return shown_page(request, "door.html", given, status)


@router.post(PATH, dependencies=[CSRF])
async def enter(request: Request) -> Response:
    """A code for a cookie; the code is in no address."""
    failures, where, form = seats.failures(request), address(request), await request.form()
    failures.check(where)
    found = await in_thread(request, seats.exchange, request, str(form.get("code", "")))
    if found is None:
        failures.failed(where)
        return await _door(request, gettext(NO_CODE), 403)
    answer = RedirectResponse(href(f"{PATH}/{found[1]}"), 303)
    seats.sit(request, answer, found[0])
    return answer


@router.post(f"{PATH}/leave", dependencies=[CSRF])
async def leave(request: Request) -> Response:
    """The cookie is taken away."""
    answer = RedirectResponse(href(PATH), 303)
    seats.leave(answer)
    return answer


@router.get(PATH + "/{id}")
async def overview(request: Request, id: str) -> Response:
    """How far the answers are, and everything that can be done with them."""
    return await overview_page(request, await seats.seat(request, id))


async def overview_page(request: Request, seat: Seat, status: int = 200, **more: Any) -> Response:
    """How far the answers of a seat are; `more` is what an act has to say."""
    known = seat.known

    def ask() -> dict[str, Any]:
        with request.app.state.node.records.read() as conn:
            standing = questionnaires.standing(conn, seat.invitation)
            found = questionnaires.problems(conn, seat.wave, seat.invitation, standing.content, seat.section)
            return {
                "stored": standing,
                "problems": found,
                "acts": responses.acts(conn, seat.invitation.id),
                "history": responses.history(conn, seat.invitation.id)[:10],
                "codes": invitations.codes(conn, seat.invitation.id) if seat.may_sign else [],
                "editable": seats.editable(conn, seat),
                "published": waves.public(conn, seat.wave.id) is not None,
            }

    found = await in_thread(request, ask)
    live = checks.standing(found["problems"])
    hard = sum(one.level == checks.HARD for one in live)
    shown = {
        **found,
        "seat": seat,
        "sections": [
            one
            for one in forms.progress(known, found["stored"].content, found["problems"])
            if seat.section in ("", one["id"])
        ],
        "titles": {one.id: labels.plain(known, one.title) for one in known.sections},
        "hard": hard,
        "soft": len(live) - hard,
        "ways": {name: gettext(text) for name, text in labels.WAYS.items()},
        "act_names": {name: gettext(text) for name, text in labels.ACTS.items()},
        "done": done_of(request, DONE),
        "error": "",
        "new_code": "",
        "most": MOST_FILE,
        **more,
    }
    return shown_page(request, "overview.html", shown, status, known)


@router.post(PATH + "/{id}/delegate", dependencies=[CSRF])
async def delegate(request: Request, id: str) -> Response:
    """A code for a colleague that opens one section only; it is shown once."""
    seat, form = await seats.seat(request, id), await request.form()
    known = seat.known
    name, who = str(form.get("section", "")), str(form.get("label", "")).strip()
    if not seat.may_sign or name not in {one.id for one in known.sections}:
        raise Problem(404, NOT_YOURS)

    def make() -> str:
        with request.app.state.node.records.begin() as conn:
            if len(invitations.codes(conn, id)) >= invitations.MOST_CODES:
                raise NotNow("no more codes can be made for these answers")
            code = invitations.make_code(conn, id, by=seat.by, at=now(), section=name, label=who)
            seats.note(request, conn, seat, "answers.delegate", section=name)
            return code

    code = await seats.attempt(request, make)
    return await overview_page(request, seat, new_code=code, new_section=labels.plain(known, known.section(name).title))


@router.post(PATH + "/{id}/revoke", dependencies=[CSRF])
async def revoke(request: Request, id: str) -> Response:
    """A colleague's code opens nothing any more."""
    seat, form = await seats.seat(request, id), await request.form()
    if not seat.may_sign:
        raise Problem(404, NOT_YOURS)

    def work() -> None:
        with request.app.state.node.records.begin() as conn:
            ours = {one.hash for one in invitations.codes(conn, id) if one.section}
            if (hash := str(form.get("code", ""))) in ours and invitations.revoke_code(conn, hash, now()):
                seats.note(request, conn, seat, "answers.undelegate")

    await seats.attempt(request, work)
    return RedirectResponse(href(f"{PATH}/{id}", done="revoked"), 303)


@router.post(PATH + "/{id}/sign", dependencies=[CSRF])
async def sign(request: Request, id: str) -> Response:
    """The administration signs; the answers are closed."""
    seat, form = await seats.seat(request, id), await request.form()
    name = " ".join(str(form.get("name", "")).split())[:200]
    if not seat.may_sign:
        raise Problem(404, NOT_YOURS)
    if not name or form.get("agree") != "1":
        return await overview_page(request, seat, 422, error=gettext("Say who signs, and tick the box."))

    def work() -> None:
        with request.app.state.node.records.begin() as conn:
            questionnaires.sign(conn, seat.wave, seat.invitation, by=seat.by, name=name, at=now())
            seats.note(request, conn, seat, "answers.sign")

    await seats.attempt(request, work)
    return RedirectResponse(href(f"{PATH}/{id}", done="signed"), 303)


@router.get(PATH + "/{id}/beside")
async def beside(request: Request, id: str) -> Response:
    """Own numbers beside the published medians, and beside what this node measured."""
    seat = await seats.seat(request, id)
    known = seat.known

    def ask() -> Any:
        with request.app.state.node.records.read() as conn:
            return responses.last(conn, id).content, waves.public(conn, seat.wave.id)

    given, release = await in_thread(request, ask)
    if seat.section or release is None:
        raise Problem(404, mark("the figures of this wave are not published yet"))
    one = seat.invitation
    groups = {"region": questionnaires.region(one.country), "role": one.role, "size": one.size}
    rows = compare.beside(known, given, release.content["tables"], groups)
    heads = {"all": labels.group(known, "all", "all")} | {
        by: labels.group(known, by, name) for by, name in groups.items()
    }
    published = release.content["tables"]
    same = await in_thread(
        request,
        lambda: own.beside(known, given, published, counts.of(request, seat.wave), one.country, seat.wave.period),
    )
    shown = {
        "seat": seat,
        "rows": rows,
        "heads": heads,
        "measured": shown_own(known, same, one.country, seat.wave.period),
        "names": {row["cell"]: cell_name(known, row["cell"]) for row in rows},
    }
    return shown_page(request, "beside.html", shown, 200, known)
