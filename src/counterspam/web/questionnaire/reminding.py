"""Reminders to those who have not answered: handed to the mail relay when that was asked for, else given as a text."""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from counterspam import notify, questionnaires
from counterspam.config import Config
from counterspam.node import now
from counterspam.policy.questionnaire import reminders
from counterspam.store import invitations
from counterspam.store.invitations import Reminder
from counterspam.store.waves import Wave
from counterspam.web import access
from counterspam.web.api import in_thread
from counterspam.web.format import iso
from counterspam.web.language import mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.questionnaire.manage import found_wave
from counterspam.web.questionnaire.seats import PATH
from counterspam.web.questionnaire.shown import file_answer
from counterspam.web.scopes import Scope

router = APIRouter(include_in_schema=False)
EDIT = Depends(access.require(Scope.EDIT))
CSRF = Depends(access.check_csrf)
MOST_MAILS = 100  # handed to the relay at once


@router.post("/questionnaires/{wave}/remind", dependencies=[EDIT, CSRF])
async def remind(request: Request, wave: str) -> Response:
    """Hand the reminders to the mail relay when there is one and that was asked for; else give them as a text."""
    caller, form = await access.permit(request, Scope.EDIT), await request.form()
    config: Config = request.app.state.node.config
    mail = form.get("way") == "mail"
    if mail and not config.mail_relay_host:
        raise Problem(409, mark("this node has no mail relay"))
    records = request.app.state.node.records

    def work() -> str:
        with records.read() as conn:
            found = found_wave(conn, wave)
            due = reminders.due(questionnaires.members(conn, wave), found.opens_at, found.closes_at, now())
        texts = [(one, reminder_text(config, found, one)) for one in due]
        if mail:
            texts = [(one, text) for one, text in texts if reminders.MAIL.fullmatch(one["contact"])][:MOST_MAILS]
        for one, text in texts:
            error = notify.send(config, _mail(config, found, one["contact"], text)) if mail else ""
            with records.begin() as conn:
                way = "mail" if mail else "text"
                invitations.remind(conn, Reminder(invitation=one["id"], at=now(), by=caller.id, way=way, error=error))
                access.note(request, conn, caller, "reminder.send", f"{wave}/{one['id']}", way=way, error=error)
        return "\n\n".join(f"{one['member']} <{one['contact']}>\n\n{text}" for one, text in texts)

    text = await in_thread(request, work)
    if mail:
        return RedirectResponse(href(f"/questionnaires/{wave}/manage", done="reminded"), 303)
    return file_answer(text.encode(), f"{wave}-reminders.txt", "text/plain; charset=utf-8")


def reminder_text(config: Config, wave: Wave, member: Mapping[str, Any]) -> str:
    """The reminder to one respondent. Nothing secret is in it: the code stays with who has it."""
    values = {
        "member": member["member"],
        "title": wave.title,
        "period": wave.period,
        "deadline": iso(wave.closes_at)[:10],
        "address": f"{config.site()}{PATH}",
    }
    return reminders.text(wave.reminder, values)


def _mail(config: Config, wave: Wave, to: str, text: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = config.digest_from or f"counterspam@{config.node}.invalid"
    mail["To"] = to
    mail["Subject"] = " ".join(wave.title.split())
    mail["Date"] = format_datetime(datetime.fromtimestamp(now() / 1000, UTC))
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="quoted-printable")
    return mail
