"""The answers as a file: the form to be filled in without a connection, taken back with what is wrong by cell, and on paper."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from counterspam import questionnaires
from counterspam.node import now
from counterspam.policy.questionnaire import checks, form_file
from counterspam.policy.questionnaire.parcel import NotAForm
from counterspam.questionnaires import NotNow
from counterspam.store import responses
from counterspam.web import access, language
from counterspam.web.api import in_thread
from counterspam.web.problems import Problem
from counterspam.web.questionnaire import forms, labels, seats
from counterspam.web.questionnaire.respond import overview_page
from counterspam.web.questionnaire.seats import PATH, Seat
from counterspam.web.questionnaire.shown import file_answer, shown_page

router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])
CSRF = Depends(access.check_csrf)
MOST_ROWS = 200  # problems of a file that the page lists


@router.get(PATH + "/{id}/form.xlsx")
async def form_download(request: Request, id: str) -> Response:
    """The form as a file with the answers that there are."""
    seat = await seats.seat(request, id)
    known = seat.known

    def make() -> bytes:
        with request.app.state.node.records.read() as conn:
            given = dict(questionnaires.standing(conn, seat.invitation).content)
        if seat.section:
            inside = {one.id for one in known.section(seat.section).questions}
            given = {key: text for key, text in given.items() if known.fields[key].question in inside}
        who = seat.invitation.member
        return form_file.write(known, given, wave=seat.wave.id, member=who, lang=language.current(), made=now())

    return file_answer(await in_thread(request, make), f"{seat.wave.id}.xlsx")


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
            seats.note(request, conn, seat, "answers.file", version=taken.version.version)
            return taken

    try:
        taken = await in_thread(request, take)
    except NotAForm as error:
        return await overview_page(request, seat, 422, error=labels.said(error.code))
    except NotNow as error:
        raise Problem(409, str(error)) from error
    return _taken(request, seat, taken)


def _taken(request: Request, seat: Seat, taken: questionnaires.Taken) -> Response:
    """What became of a file."""
    known = seat.known
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
    known = seat.known

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
