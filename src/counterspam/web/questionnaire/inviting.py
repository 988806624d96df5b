"""Invitations: one or many at once, each with a code that is shown once."""

import csv
import io
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from counterspam import questionnaires
from counterspam.node import now
from counterspam.policy.questionnaire import reminders, uses
from counterspam.policy.questionnaire.definition import Definition
from counterspam.policy.questionnaire.values import countries
from counterspam.store import invitations
from counterspam.store.invitations import Invitation
from counterspam.web import access
from counterspam.web.access import Caller
from counterspam.web.api import in_thread
from counterspam.web.questionnaire.manage import found_wave, manage_page
from counterspam.web.scopes import Scope

router = APIRouter(include_in_schema=False)
EDIT = Depends(access.require(Scope.EDIT))
CSRF = Depends(access.check_csrf)
MOST_LINES = 300  # invitations pasted at once


def _lines(known: Definition, text: str) -> tuple[list[dict[str, str]], list[tuple[int, str]]]:
    """Invitations out of lines of CSV: member, country, role, size, mail, account; and the lines that are none."""
    rows, wrong = [], []
    for number, line in enumerate(csv.reader(io.StringIO(text[:100_000])), 1):
        cells = [" ".join(cell.split()) for cell in line]
        if not any(cells):
            continue
        member, country, role, size, contact, account = [*cells, *[""] * 6][:6]
        fine = member and country.upper() in countries() and _offered(known, "role", role)
        if not fine or not _offered(known, "size", size) or (contact and not reminders.MAIL.fullmatch(contact)):
            wrong.append((number, ", ".join(cells)[:100]))
            continue
        rows.append(
            {
                "member": member,
                "country": country.upper(),
                "role": role,
                "size": size,
                "contact": contact,
                "account": account,
            }
        )
    return rows, wrong


def _offered(known: Definition, name: str, given: str) -> bool:
    """Whether a role or size is one of the questionnaire; one that knows none takes none."""
    return given in uses.options(known, name) or (not given and not uses.options(known, name))


@router.post("/questionnaires/{wave}/invite", dependencies=[EDIT, CSRF])
async def invite(request: Request, wave: str) -> Response:
    """Invite one or many; the codes are shown once, on the page that answers."""
    caller, form = await access.permit(request, Scope.EDIT), await request.form()
    names = ("member", "country", "role", "size", "contact", "account")
    one = [str(form.get(name, "")) for name in names]
    text = str(form.get("lines", "")) or _line(one)

    def work() -> tuple[list[tuple[str, str]], list[tuple[int, str]]]:
        with request.app.state.node.records.begin() as conn:
            rows, wrong = _lines(questionnaires.definition_of(conn, found_wave(conn, wave)), text)
            if wrong or len(rows) > MOST_LINES or len(rows) + len(invitations.every(conn, wave)) > invitations.MOST:
                return [], wrong or [(MOST_LINES, "…")]
            return [made for row in rows if (made := _invited(request, conn, caller, wave, row))], []

    codes, wrong = await in_thread(request, work)
    kept = {"pasted": text, "errors": wrong} if wrong else {}
    return await manage_page(request, wave, 422 if wrong else 200, codes=codes, **kept)


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _invited(request: Request, conn: Any, caller: Caller, wave: str, row: dict[str, str]) -> tuple[str, str] | None:
    account = invitations.account_id(conn, row["account"]) if row["account"] else ""
    made = Invitation(
        id=invitations.new_id(),
        wave=wave,
        member=row["member"],
        country=row["country"],
        role=row["role"],
        size=row["size"],
        contact=row["contact"],
        account=account,
        created_at=now(),
        created_by=caller.id,
    )
    if not invitations.add(conn, made):
        return None
    code = invitations.make_code(conn, made.id, by=caller.id, at=now())
    access.note(request, conn, caller, "invitation.make", f"{wave}/{made.id}", country=made.country, role=made.role)
    return made.member, code
