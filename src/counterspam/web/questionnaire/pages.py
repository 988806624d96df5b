"""The public pages: waves, how many answered, published tables, what was measured beside what is stated; and the blank form."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from counterspam import questionnaires
from counterspam.node import now
from counterspam.policy.questionnaire import form_file
from counterspam.policy.questionnaire.definition import Definition
from counterspam.store import waves
from counterspam.store.waves import Release, Wave
from counterspam.web import access, language
from counterspam.web.api import in_thread
from counterspam.web.format import number, percent
from counterspam.web.language import gettext
from counterspam.web.questionnaire import forms, labels, tables
from counterspam.web.questionnaire.manage import DONE, found_wave
from counterspam.web.questionnaire.measured import compared as both
from counterspam.web.questionnaire.measured import counts
from counterspam.web.questionnaire.measured.tables import shown as side_by_side
from counterspam.web.questionnaire.shown import cell_name, done_of, file_answer, shown_page
from counterspam.web.questionnaire.tables import figure
from counterspam.web.scopes import Scope
from counterspam.web.views.page import Cell, Table

router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])
MOST_LEFT_OUT = 10
ABOUT = "B0"  # the section about the respondent: not what a reader comes for
MOST_NAMED = 60  # public answers that a page shows; the files have all


@router.get("/questionnaires")
async def list_of_waves(request: Request) -> Response:
    """Every wave with its response."""
    caller = await access.of(request).identify(request)

    def ask() -> list[dict[str, Any]]:
        with request.app.state.node.records.read() as conn:
            return [
                {
                    "wave": wave,
                    "response": questionnaires.response_rates(conn, wave.id)[0],
                    "published": waves.public(conn, wave.id) is not None,
                }
                for wave in waves.every(conn, 50)
            ]

    found = await in_thread(request, ask)
    made_up = any(one["wave"].synthetic for one in found)
    shown = {
        "rows": found,
        "now": now(),
        "may_edit": caller.may(Scope.EDIT),
        "synthetic": gettext(labels.SYNTHETIC) if made_up else "",
    }
    return shown_page(request, "waves.html", shown)


@router.get("/questionnaires/{wave}")
async def one_wave(request: Request, wave: str) -> Response:
    """One wave: response, and what is published. A release that waits is shown to those who may decide or edit."""
    caller = await access.of(request).identify(request)
    inside = caller.may(Scope.EDIT) or caller.may(Scope.APPROVE)
    asked = request.query_params.get("release", "")[:6]

    def ask() -> tuple[Wave, Definition, list[dict[str, Any]], Release | None, Any, list[Release]]:
        with request.app.state.node.records.read() as conn:
            found = found_wave(conn, wave)
            waiting = [one for one in waves.releases(conn, wave) if not one.decision] if inside else []
            shown = waves.release(conn, wave, int(asked)) if asked.isdecimal() and inside else waves.public(conn, wave)
            compared = questionnaires.compared(conn, found, shown) if shown else None
            known = questionnaires.definition_of(conn, found)
            return found, known, questionnaires.response_rates(conn, wave), shown, compared, waiting

    found, known, response, release, compared, waiting = await in_thread(request, ask)
    by = request.query_params.get("by", "all")
    by = by if by in labels.BY else "all"
    shown = {
        "wave": found,
        "now": now(),
        "release": release,
        "response": tables.response_table(known, release.content["response"] if release else response, by),
        "by": by,
        "ways": [(name, gettext(text)) for name, text in labels.BY.items()],
        "may_edit": caller.may(Scope.EDIT),
        "waiting": waiting,
        "may_decide": release is not None
        and caller.may(Scope.APPROVE)
        and questionnaires.may_decide(release, caller.id),
        "done": done_of(request, DONE),
        "synthetic": gettext(labels.SYNTHETIC) if found.synthetic else "",
        "chosen": "",
    }
    if release:
        shown |= await in_thread(request, _published, request, found, known, release, by, compared)
    return shown_page(request, "wave.html", shown, 200, known)


def _published(
    request: Request, wave: Wave, known: Definition, release: Release, by: str, compared: Any
) -> dict[str, Any]:
    """What the page shows of a release: one section at a time."""
    content = release.content
    told = {known.question(row["question"]).section: False for row in content["tables"]}
    told |= {known.question(row["question"]).section: True for row in content["tables"] if not row["hidden"]}
    sections = [one for one in known.sections if one.id in told]
    first = next((one.id for one in sections if told[one.id] and one.id != ABOUT), sections[0].id if sections else "")
    chosen = request.query_params.get("section", "")
    chosen = chosen if chosen in told else first
    beside = both.every(known, content["tables"], counts.of(request, wave), chosen) if chosen else []
    named = [row for row in content["answers"] if known.question(row["question"]).section == chosen]
    return {
        "sections": [(one.id, labels.plain(known, one.title)) for one in sections],
        "chosen": chosen,
        "tables": tables.of_section(known, content["tables"], chosen, by) if chosen else [],
        "beside": side_by_side(known, beside, wave.period),
        "before": _before(known, compared, chosen),
        "left_out": tables.left_out_table(known, content["left_out"], MOST_LEFT_OUT) if content["left_out"] else None,
        "named": _named(known, named[:MOST_NAMED]) if named else None,
        "more_named": max(0, len(named) - MOST_NAMED),
        "all_named": len(content["answers"]),
    }


def _named(known: Definition, rows: list[dict[str, str]]) -> Table:
    lines = [
        [
            Cell(row["member"], "", heads=True),
            Cell(cell_name(known, row["cell"]), "text"),
            Cell(tables.value_name(known, row["cell"], row["value"]), "text"),
            Cell(labels.plain(known, row["unit"]), ""),
        ]
        for row in rows
    ]
    head = [(gettext("Respondent"), ""), (gettext("Question"), ""), (gettext("Answer"), ""), (gettext("Unit"), "")]
    return Table(gettext("Public answers"), head, lines)


def _before(known: Definition, compared: Any, section: str) -> tuple[Wave, Table] | None:
    """Medians of this section in this wave and the one before."""
    if compared is None:
        return None
    earlier, rows = compared
    lines = [
        [
            Cell(cell_name(known, row["cell"]), "", heads=True),
            Cell(f"{figure(row['before'])} ({number(row['n_before'])})"),
            Cell(f"{figure(row['now'])} ({number(row['n'])})"),
            Cell(_change(row), "n strong"),
        ]
        for row in rows
        if known.question(row["question"]).section == section
    ]
    head = [("", ""), (earlier.period, "n"), (gettext("This wave"), "n"), (gettext("Change"), "n")]
    return (earlier, Table(gettext("Medians in two waves, with the number of answers"), head, lines)) if lines else None


def _change(row: dict[str, Any]) -> str:
    if row["broken"]:
        return gettext("asked otherwise")
    if row["change"] is None:
        return "–"
    return ("+" if row["change"] > 0 else "") + percent(row["change"])


@router.get("/questionnaires/{wave}/form")
async def blank_form(request: Request, wave: str) -> Response:
    """The blank form to print."""

    def ask() -> tuple[Wave, Definition]:
        with request.app.state.node.records.read() as conn:
            found = found_wave(conn, wave)
            return found, questionnaires.definition_of(conn, found)

    found, known = await in_thread(request, ask)
    sections = [(one, labels.shown(known, one.title), forms.asked(known, one, {}, ())) for one in known.sections]
    shown = {"seat": None, "sections": sections, "stored": None, "signed": None, "blank": True, "wave": found}
    return shown_page(request, "print.html", shown, 200, known)


@router.get("/questionnaires/{wave}/form.xlsx")
async def blank_file(request: Request, wave: str) -> Response:
    """The blank form as a file to be filled in."""

    def make() -> bytes:
        with request.app.state.node.records.read() as conn:
            found = found_wave(conn, wave)
            known = questionnaires.definition_of(conn, found)
        return form_file.write(known, {}, wave=found.id, member="", lang=language.current(), made=found.created_at)

    return file_answer(await in_thread(request, make), f"{wave}.xlsx")
