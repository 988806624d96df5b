"""One section of the questionnaire as a form: shown with what is wrong beside each field, and saved."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from counterspam import questionnaires
from counterspam.node import now
from counterspam.policy.questionnaire import checks, form_file, uses
from counterspam.policy.questionnaire.definition import Definition, Section
from counterspam.policy.questionnaire.filled import country_code
from counterspam.web import access, language
from counterspam.web.api import in_thread
from counterspam.web.language import mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.questionnaire import forms, labels, seats
from counterspam.web.questionnaire.seats import NOT_YOURS, PATH, Seat
from counterspam.web.questionnaire.shown import done_of, shown_page

router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])
CSRF = Depends(access.check_csrf)
DONE = {"saved": mark("Saved.")}


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
    known = seat.known
    section = _section(seat, known, name)

    def ask() -> tuple[Any, list[checks.Problem], bool]:
        with request.app.state.node.records.read() as conn:
            standing = questionnaires.standing(conn, seat.invitation)
            found = questionnaires.problems(conn, seat.wave, seat.invitation, standing.content, name)
            return standing, found, seats.editable(conn, seat)

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
    known = set(uses.PREFILLED.values())
    return [one.key for question in section.questions for one in question.fields if one.key not in known]


def _asks_country(section: Section) -> bool:
    return any(one.kind == "country" for question in section.questions for one in question.fields)


@router.post(PATH + "/{id}/section/{name}", dependencies=[CSRF])
async def save_section(request: Request, id: str, name: str) -> Response:
    """Keep what was filled in, right or wrong, and show it again; `go` leads on."""
    seat = await seats.seat(request, id)
    known = seat.known
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
            seats.note(request, conn, seat, "answers.save", section=name, version=made.version)

    await seats.attempt(request, save)
    go = str(form.get("go", ""))
    target = (
        f"/section/{go}" if go in {one.id for one in known.sections} else "" if go == "overview" else f"/section/{name}"
    )
    return RedirectResponse(href(f"{PATH}/{id}{target}", done="saved"), 303)


def _country(kind: str, text: str) -> str:
    return country_code(text) if kind == "country" else text
