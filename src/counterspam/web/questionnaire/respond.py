"""The pages for respondents: a code typed in, sections to fill in and save, a file, colleagues, the sign-off."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from counterspam import questionnaires
from counterspam.node import now
from counterspam.policy.questionnaire import checks, compare, form_file
from counterspam.policy.questionnaire.definition import Definition, Section
from counterspam.policy.questionnaire.filled import country_code
from counterspam.policy.questionnaire.parcel import MOST_FILE, NotAForm
from counterspam.questionnaires import NotNow
from counterspam.store import invitations, responses, waves
from counterspam.web import access, language, render
from counterspam.web.api import in_thread
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.questionnaire import forms, labels, seats
from counterspam.web.questionnaire.seats import NOT_YOURS, PATH, Seat
from counterspam.web.scopes import Scope

# A code is no key of the node, so these are open to everybody; `seats.seat` decides at whose answers one may sit.
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])
CSRF = Depends(access.check_csrf)
SECTION = "questionnaires"
MOST_ROWS = 200  # problems of a file that the page lists
NO_CODE = mark("This code opens nothing: it was mistyped, or taken back.")
DONE = {
    "saved": mark("Saved."),
    "signed": mark("Signed. Thank you. The answers are closed now."),
    "revoked": mark("The code opens nothing any more."),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
    seats.check_tries(request)
    form = await request.form()
    found = await in_thread(request, seats.exchange, request, str(form.get("code", "")))
    if found is None:
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
    return await _overview(request, await seats.seat(request, id))


async def _overview(request: Request, seat: Seat, status: int = 200, **more: Any) -> Response:
    known = questionnaires.definition_of(seat.wave)

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
                "editable": _editable(conn, seat),
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


def _editable(conn: Any, seat: Seat) -> bool:
    try:
        questionnaires.may_save(conn, seat.wave, seat.invitation, now(), seat.office)
    except NotNow:
        return False
    return True


def _section(seat: Seat, known: Definition, name: str) -> Section:
    if seat.section not in ("", name):
        raise Problem(404, NOT_YOURS)
    try:
        return known.section(name)
    except KeyError:
        raise Problem(404, NOT_YOURS) from None


@router.get(PATH + "/{id}/section/{name}")
async def section_page(request: Request, id: str, name: str) -> Response:
    """One section as a form, with what is wrong beside each field."""
    seat = await seats.seat(request, id)
    known = questionnaires.definition_of(seat.wave)
    section = _section(seat, known, name)

    def ask() -> tuple[Any, list[checks.Problem], bool]:
        with request.app.state.node.records.read() as conn:
            standing = questionnaires.standing(conn, seat.invitation)
            found = questionnaires.problems(conn, seat.wave, seat.invitation, standing.content, name)
            return standing, found, _editable(conn, seat)

    standing, found, editable = await in_thread(request, ask)
    fresh = not standing.version or not any(standing.content.get(key) for key in _keys(section))
    shown_problems = [] if fresh else found  # nobody is told off before the first save
    order = [one.id for one in known.sections if seat.section in ("", one.id)]
    at = order.index(name)
    shown = {
        "seat": seat,
        "name": name,
        "title": labels.shown(known, section.title),
        "questions": forms.asked(known, section, standing.content, shown_problems),
        "problems": len(checks.standing(shown_problems)),
        "editable": editable,
        "before": order[at - 1] if at else "",
        "after": order[at + 1] if at + 1 < len(order) else "",
        "countries": form_file.country_names(language.current()) if _asks_country(section) else {},
        "done": done_of(request, DONE),
    }
    return shown_page(request, "section.html", shown, 200, known)


def _keys(section: Section) -> list[str]:
    """What the office does not fill in beforehand."""
    known = set(questionnaires.PREFILLED.values())
    return [one.key for question in section.questions for one in question.fields if one.key not in known]


def _asks_country(section: Section) -> bool:
    return any(one.kind == "country" for question in section.questions for one in question.fields)


@router.post(PATH + "/{id}/section/{name}", dependencies=[CSRF])
async def save_section(request: Request, id: str, name: str) -> Response:
    """Keep what was filled in, right or wrong, and show it again; `go` leads on."""
    seat = await seats.seat(request, id)
    known = questionnaires.definition_of(seat.wave)
    section, form = _section(seat, known, name), await request.form()
    given = {}
    for question in section.questions:
        for field in (*question.fields, *question.about):
            values = [str(value) for value in form.getlist(field.key)]
            given[field.key] = _country(field.kind, " ".join(values) if field.kind == "multi" else "".join(values[:1]))

    def save() -> None:
        with request.app.state.node.records.begin() as conn:
            made = questionnaires.save(
                conn,
                seat.wave,
                seat.invitation,
                given,
                by=seat.by,
                at=now(),
                way="web",
                section=name,
                office=seat.office,
            )
            _note(request, conn, seat, "answers.save", section=name, version=made.version)

    await _try(request, save)
    go = str(form.get("go", ""))
    target = (
        f"/section/{go}" if go in {one.id for one in known.sections} else "" if go == "overview" else f"/section/{name}"
    )
    return RedirectResponse(href(f"{PATH}/{id}{target}", done="saved"), 303)


def _country(kind: str, text: str) -> str:
    return country_code(text) if kind == "country" else text


@router.get(PATH + "/{id}/form.xlsx")
async def form_download(request: Request, id: str) -> Response:
    """The form as a file with the answers that there are."""
    seat = await seats.seat(request, id)
    known = questionnaires.definition_of(seat.wave)

    def make() -> bytes:
        with request.app.state.node.records.read() as conn:
            given = dict(questionnaires.standing(conn, seat.invitation).content)
        if seat.section:
            inside = {one.id for one in known.section(seat.section).questions}
            given = {key: text for key, text in given.items() if known.fields[key].question in inside}
        who = seat.invitation.member
        return form_file.write(known, given, wave=seat.wave.id, member=who, lang=language.current(), made=now())

    return file_answer(await in_thread(request, make), f"{seat.wave.id}.xlsx")


def file_answer(data: bytes, name: str, media_type: str = XLSX) -> Response:
    """A file to be saved."""
    headers = {"Content-Disposition": f'attachment; filename="counterspam-{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)


@router.post(PATH + "/{id}/file", dependencies=[CSRF])
async def upload(request: Request, id: str) -> Response:
    """Take the answers of a file, and list what is wrong by cell."""
    seat = await seats.seat(request, id)
    form = await request.form()
    given = form.get("file")
    data = await given.read() if isinstance(given, UploadFile) else b""
    empty = form.get("empty") == "1"
    await form.close()

    def take() -> questionnaires.Taken:
        with request.app.state.node.records.begin() as conn:
            taken = questionnaires.take_file(
                conn,
                seat.wave,
                seat.invitation,
                data,
                by=seat.by,
                at=now(),
                section=seat.section,
                empty=empty,
                office=seat.office,
            )
            _note(request, conn, seat, "answers.file", version=taken.version.version)
            return taken

    try:
        taken = await in_thread(request, take)
    except NotAForm as error:
        return await _overview(request, seat, 422, error=labels.said(error.code))
    except NotNow as error:
        raise Problem(409, str(error)) from error
    return _taken(request, seat, taken)


def _taken(request: Request, seat: Seat, taken: questionnaires.Taken) -> Response:
    """What became of a file."""
    known = questionnaires.definition_of(seat.wave)
    rows = [
        {"place": place, "key": one.key, "text": labels.message(one, known), "hard": one.level == checks.HARD}
        for place, one in taken.problems
        if not one.confirmed
    ]
    refused = [(one.place, labels.said(one.code), one.text) for one in taken.refused]
    shown = {
        "seat": seat,
        "stored": taken.version.version,
        "rows": rows[:MOST_ROWS],
        "more": len(rows) - MOST_ROWS,
        "refused": refused,
    }
    return shown_page(request, "taken.html", shown, 200, known)


@router.get(PATH + "/{id}/print")
async def printed(request: Request, id: str) -> Response:
    """All answers on one page, for the file of the administration."""
    seat = await seats.seat(request, id)
    known = questionnaires.definition_of(seat.wave)

    def ask() -> Any:
        with request.app.state.node.records.read() as conn:
            return questionnaires.standing(conn, seat.invitation), responses.acts(conn, seat.invitation.id)

    standing, acts = await in_thread(request, ask)
    sections = [
        (one, labels.shown(known, one.title), forms.asked(known, one, standing.content, ()))
        for one in known.sections
        if seat.section in ("", one.id)
    ]
    signed = acts[-1] if acts and acts[-1].act == "sign" else None
    shown = {
        "seat": seat,
        "wave": seat.wave,
        "sections": sections,
        "stored": standing,
        "signed": signed,
        "blank": False,
    }
    return shown_page(request, "print.html", shown, 200, known)


@router.post(PATH + "/{id}/delegate", dependencies=[CSRF])
async def delegate(request: Request, id: str) -> Response:
    """A code for a colleague that opens one section only; it is shown once."""
    seat, form = await seats.seat(request, id), await request.form()
    known = questionnaires.definition_of(seat.wave)
    name, who = str(form.get("section", "")), str(form.get("label", "")).strip()
    if not seat.may_sign or name not in {one.id for one in known.sections}:
        raise Problem(404, NOT_YOURS)

    def make() -> str:
        with request.app.state.node.records.begin() as conn:
            if len(invitations.codes(conn, id)) >= invitations.MOST_CODES:
                raise NotNow("no more codes can be made for these answers")
            code = invitations.make_code(conn, id, by=seat.by, at=now(), section=name, label=who)
            _note(request, conn, seat, "answers.delegate", section=name)
            return code

    code = await _try(request, make)
    return await _overview(request, seat, new_code=code, new_section=labels.plain(known, known.section(name).title))


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
                _note(request, conn, seat, "answers.undelegate")

    await _try(request, work)
    return RedirectResponse(href(f"{PATH}/{id}", done="revoked"), 303)


@router.post(PATH + "/{id}/sign", dependencies=[CSRF])
async def sign(request: Request, id: str) -> Response:
    """The administration signs; the answers are closed."""
    seat, form = await seats.seat(request, id), await request.form()
    name = " ".join(str(form.get("name", "")).split())[:200]
    if not seat.may_sign:
        raise Problem(404, NOT_YOURS)
    if not name or form.get("agree") != "1":
        return await _overview(request, seat, 422, error=gettext("Say who signs, and tick the box."))

    def work() -> None:
        with request.app.state.node.records.begin() as conn:
            questionnaires.sign(conn, seat.wave, seat.invitation, by=seat.by, name=name, at=now())
            _note(request, conn, seat, "answers.sign")

    await _try(request, work)
    return RedirectResponse(href(f"{PATH}/{id}", done="signed"), 303)


@router.get(PATH + "/{id}/beside")
async def beside(request: Request, id: str) -> Response:
    """Own numbers beside the published medians."""
    seat = await seats.seat(request, id)
    known = questionnaires.definition_of(seat.wave)

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
    shown = {
        "seat": seat,
        "rows": rows,
        "heads": heads,
        "names": {row["cell"]: cell_name(known, row["cell"]) for row in rows},
    }
    return shown_page(request, "beside.html", shown, 200, known)


def cell_name(known: Definition, key: str) -> str:
    """What a field is called: question, row, column."""
    field = known.fields.get(key) or known.matching(key)[0]
    labels_ = field.labels[1:] if "*" in key else field.labels
    words = [known.question(field.question).text, *labels_]
    return ": ".join([labels.plain(known, words[0]), ", ".join(labels.plain(known, one) for one in words[1:])]).rstrip(
        ": "
    )


async def _try(request: Request, work: Any) -> Any:
    """Run it; what the state does not allow is problem 409."""
    try:
        return await in_thread(request, work)
    except (NotNow, responses.NotOpen) as error:
        raise Problem(409, str(error)) from error


def _note(request: Request, conn: Any, seat: Seat, action: str, **detail: Any) -> None:
    """Into the audit log: who is a code is called by the beginning of its hash, never by the code."""
    caller = access.Caller(seat.by, name=seat.invitation.member)
    access.note(request, conn, caller, action, f"{seat.wave.id}/{seat.invitation.id}", **detail)


def done_of(request: Request, known: Mapping[str, str]) -> str:
    """What a page says of the act that led to it."""
    text = known.get(request.query_params.get("done", ""), "")
    return gettext(text) if text else ""


def shown_page(
    request: Request, name: str, shown: dict[str, Any], status: int = 200, known: Definition | None = None
) -> Response:
    """A page of the questionnaire that nobody keeps a copy of; `say` in it translates texts of the definition."""
    given = {
        "section": f"/{SECTION}",
        "csrf": access.csrf_token(request),
        "path": PATH,
        "say": lambda text: labels.shown(known, text) if known else text,
        "plain": lambda text: labels.plain(known, text) if known else text,
        "definition": known,
        "english_only": known is not None and not labels.is_whole(known),
    }
    answer = render.page(request, f"questionnaire/{name}", {**given, **shown}, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
