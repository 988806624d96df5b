"""Signing in to the pages with a password or an API key, and out again."""

import time
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from counterspam.store import accounts
from counterspam.web import access, render
from counterspam.web.access import Caller
from counterspam.web.accounts import passwords
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.scopes import scopes
from counterspam.web.tries import address, tries

TRIES = 10  # failures of one address, or for one account, within five minutes
TOO_MANY = mark("too many failed attempts to sign in")
WRONG = mark("No account has this name and password.")
WRONG_KEY = mark("This key is not known or was revoked.")
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])


def local_path(given: str) -> str:
    """`given` when it is a path on this node, else the first page: a link must not lead anyone elsewhere."""
    fine = given.startswith("/") and not given.startswith("//") and "\\" not in given and given.isprintable()
    return given if fine and len(given) <= 2000 else "/"


@router.get("/sign-in")
async def form(request: Request, next: str = "/") -> Response:
    """The form."""
    return _form(request, next)


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Turn a name and password, or a key, into a session of 12 hours."""
    await access.check_csrf(request)
    failures, given = tries(request, "sign-in", TRIES, TOO_MANY), await request.form()
    name, target = str(given.get("name", ""))[:200], local_path(str(given.get("next", "/")))
    key = str(given.get("key", "")).strip()
    names = [address(request), *([f"account {accounts.named(name)}"] if name and not key else [])]
    failures.check(*names)
    caller = await _by_key(request, key) if key else await _by_password(request, name, str(given.get("password", "")))
    if caller is None:
        failures.failed(*names)
        return _form(request, target, gettext(WRONG_KEY if key else WRONG), 401, name=name)
    return RedirectResponse(target, 303, headers=await opened(request, caller))


async def opened(request: Request, caller: Caller) -> dict[str, str]:
    """Open a session: the header that sets its cookie. A session that the browser had is over."""
    rules = access.of(request)
    await run_in_threadpool(rules.end_session, request)
    value = await run_in_threadpool(rules.open_session, caller)
    answer = Response()
    secure = rules.config.site().startswith("https:")
    answer.set_cookie(access.COOKIE, value, max_age=access.SESSION, httponly=True, samesite="strict", secure=secure)
    return {"Set-Cookie": answer.headers["set-cookie"]}


async def _by_key(request: Request, key: str) -> Caller | None:
    caller = await access.of(request).verify(key, request)
    return None if caller == access.LOCAL else caller  # the command line's own token opens no sessions


async def _by_password(request: Request, name: str, password: str) -> Caller | None:
    """The caller of an account, when the password is right and the account not disabled."""
    records = request.app.state.node.records

    def find() -> accounts.Account | None:
        with records.read() as conn:
            return accounts.by_name(conn, name)

    found = await run_in_threadpool(find)
    fine = await passwords.in_turn(request, passwords.right, password, found.hash if found else "")
    if found is None or not fine or found.disabled_at:
        return None

    def used() -> None:
        with records.begin() as conn:
            accounts.change(conn, found.id, last_used=time.time_ns() // 1_000_000)

    await run_in_threadpool(used)
    return of_account(found)


def of_account(account: accounts.Account) -> Caller:
    """Who asks when this account does."""
    return Caller(account.id, scopes(account.roles), name=account.display)


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    await access.check_csrf(request)
    await run_in_threadpool(access.of(request).end_session, request)
    answer = RedirectResponse(href("/"), 303)
    answer.delete_cookie(access.COOKIE, httponly=True, samesite="strict")
    return answer


def _form(request: Request, next_path: str, error: str = "", status: int = 200, name: str = "") -> Response:
    config = request.app.state.node.config
    shown: dict[str, Any] = {
        "csrf": access.csrf_token(request),
        "next": local_path(next_path),
        "error": error,
        "name": name,
        "elsewhere": config.oidc_name if config.oidc_issuer else "",
    }
    answer = render.page(request, "sign_in.html", shown, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
