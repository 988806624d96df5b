"""Who may write into which answers: by a code typed in on our page, by an account, or as the office.

A code is never in an address: what is in an address ends up in logs, histories and mails passed on. It is typed into a form
and exchanged for a cookie that is sent to the pages for respondents only; the cookie holds the hash of the code, its end and a
keyed hash of both, and is worth nothing once the code is revoked.
"""

import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from counterspam import privacy, questionnaires
from counterspam.node import now
from counterspam.policy.questionnaire.definition import Definition
from counterspam.questionnaires import NotNow
from counterspam.store import invitations, responses, waves
from counterspam.store.invitations import Code, Invitation
from counterspam.store.waves import Wave
from counterspam.web import access
from counterspam.web.api import in_thread
from counterspam.web.language import mark
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope
from counterspam.web.tries import Tries, tries

COOKIE = "counterspam_answer"
PATH = "/questionnaires/answer"
LASTS = 12 * 3600  # seconds
TRIES = 20  # codes of one address that open nothing, within five minutes
TOO_MANY = mark("too many codes were tried")
NOT_YOURS = mark("there are no such answers, or your code or account does not open them")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A place at somebody's answers; `known` is what is asked.

    `section` is the only one that may be written, "" all; the office signs nothing.
    """

    wave: Wave
    invitation: Invitation
    by: str
    known: Definition
    section: str = ""
    office: bool = False

    @property
    def may_sign(self) -> bool:
        """Whether it is the respondent's own, not that of a colleague or of the office."""
        return not self.section and not self.office


def _key(request: Request) -> bytes:
    secret = privacy.node_key(request.app.state.node.config.data)
    return hashlib.blake2b(secret, person=b"answer session").digest()


def _mac(request: Request, content: str) -> str:
    return hmac.new(_key(request), content.encode(), hashlib.sha256).hexdigest()


def cookie_hash(request: Request) -> str:
    """The hash of the code in the cookie of this request, "" where there is none that is genuine and not over."""
    content, _, mac = request.cookies.get(COOKIE, "").rpartition(".")
    if not content or not hmac.compare_digest(mac.encode(), _mac(request, content).encode()):
        return ""
    hash, _, end = content.partition(".")
    return hash if end.isdecimal() and int(end) >= time.time() else ""


def sit(request: Request, answer: Response, hash: str) -> None:
    """Give the browser the cookie."""
    content = f"{hash}.{int(time.time()) + LASTS}"
    secure = request.app.state.node.config.site().startswith("https:")
    value = f"{content}.{_mac(request, content)}"
    answer.set_cookie(COOKIE, value, max_age=LASTS, path=PATH, httponly=True, samesite="strict", secure=secure)


def leave(answer: Response) -> None:
    """Take the cookie away."""
    answer.delete_cookie(COOKIE, path=PATH, httponly=True, samesite="strict")


def failures(request: Request) -> Tries:
    """The codes that opened nothing."""
    return tries(request, "answers", TRIES, TOO_MANY)


def opened(request: Request, hash: str) -> tuple[Code, Invitation] | None:
    """What a code opens now; None where it is unknown, revoked, or its invitation is."""
    with request.app.state.node.records.read() as conn:
        found = invitations.code(conn, hash) if hash else None
        invitation = invitations.get(conn, found.invitation) if found and not found.revoked_at else None
    return (found, invitation) if found and invitation and not invitation.revoked_at else None


async def seat(request: Request, invitation_id: str) -> Seat:
    """The caller's place at these answers. Raises Problem 404: what one may not open does not exist for one."""
    caller = await access.of(request).identify(request)
    records = request.app.state.node.records

    def find() -> Seat:
        code = opened(request, cookie_hash(request))
        with records.read() as conn:
            invitation = invitations.get(conn, invitation_id)
            wave = waves.get(conn, invitation.wave) if invitation else None
            if invitation is None or wave is None:
                raise Problem(404, NOT_YOURS)
            known = questionnaires.definition_of(conn, wave)
        if code and code[1].id == invitation_id:
            return Seat(
                wave=wave, invitation=invitation, by=f"code {code[0].hash[:12]}", known=known, section=code[0].section
            )
        own = caller.id and caller.id == invitation.account and not invitation.revoked_at
        if own and caller.may(Scope.ANSWER):
            return Seat(wave=wave, invitation=invitation, by=caller.id, known=known)
        if caller.may(Scope.EDIT):
            return Seat(wave=wave, invitation=invitation, by=caller.id, known=known, office=True)
        raise Problem(404, NOT_YOURS)

    return await in_thread(request, find)


def exchange(request: Request, code: str) -> tuple[str, str] | None:
    """Hash and invitation of a code that was typed in, noted as used; None when it opens nothing."""
    hash = invitations.hashed(code)
    found = opened(request, hash)
    if found is None:
        return None
    with request.app.state.node.records.begin() as conn:
        invitations.used(conn, hash, now())
    return hash, found[1].id


def editable(conn: Any, seat: Seat) -> bool:
    """Whether the answers can be changed now."""
    try:
        questionnaires.may_save(conn, seat.wave, seat.invitation, now(), seat.office)
    except NotNow:
        return False
    return True


async def attempt(request: Request, work: Any) -> Any:
    """Run it; what the state does not allow is problem 409."""
    try:
        return await in_thread(request, work)
    except (NotNow, responses.NotOpen) as error:
        raise Problem(409, str(error)) from error


def note(request: Request, conn: Any, seat: Seat, action: str, **detail: Any) -> None:
    """Into the audit log: who is a code is called by the beginning of its hash, never by the code."""
    caller = access.Caller(seat.by, name=seat.invitation.member)
    access.note(request, conn, caller, action, f"{seat.wave.id}/{seat.invitation.id}", **detail)
