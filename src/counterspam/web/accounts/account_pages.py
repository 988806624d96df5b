"""The pages of accounts: one's own, and all of them for administrators."""

from typing import Any

from fastapi import APIRouter, Depends, Request
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from counterspam.store import accounts, audit, sessions
from counterspam.web import access, render
from counterspam.web.accounts import accounts_api, passwords
from counterspam.web.accounts.labels import ABOUT
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.scopes import Role, Scope

DONE = {
    "password": mark("The password is changed, and other sessions of this account are over."),
    "sessions": mark("Other sessions of this account are over."),
    "changed": mark("The account is changed."),
}
BAD_NAME = mark("A name has 2 to 99 letters, digits and . _ @ + - and begins with a letter or digit.")
TAKEN = mark("Another account has this name.")
ADMIN = Depends(access.require(Scope.ADMIN))
router = APIRouter(include_in_schema=False)


def roles() -> list[tuple[str, str]]:
    """Every role with what it is for."""
    return [(str(role), gettext(ABOUT[role])) for role in Role]


@router.get("/account", dependencies=[Depends(access.public)])
async def own(request: Request) -> Response:
    """Who one is here, and what one may do."""
    return await _own(request)


@router.post("/account", dependencies=[Depends(access.public)])
async def change_own(request: Request) -> Response:
    """Change one's password, or end one's other sessions."""
    await access.check_csrf(request)
    form = await request.form()
    found = await _account(request)
    if found is None:
        raise Problem(401, "sign in first")
    if form.get("act") == "sessions":
        await run_in_threadpool(_end_others, request, found)
        return RedirectResponse(href("/account", done="sessions"), 303)
    old, new = str(form.get("old", "")), str(form.get("new", ""))
    wrong = passwords.fault(new, found.name)
    if not await passwords.in_turn(request, passwords.right, old, found.hash):
        return await _own(request, old=gettext("This is not the present password."))
    if wrong:
        return await _own(request, new=gettext(wrong))
    stored = await passwords.in_turn(request, passwords.hashed, new)
    await run_in_threadpool(_end_others, request, found, stored)
    return RedirectResponse(href("/account", done="password"), 303)


def _end_others(request: Request, found: accounts.Account, hash: str = "") -> None:
    caller = request.state.caller
    with request.app.state.node.records.begin() as conn:
        if hash:
            accounts.change(conn, found.id, hash=hash)
        ended = sessions.end_all(conn, found.id, but=request.cookies.get(access.COOKIE, ""))
        access.note(request, conn, caller, "account.password" if hash else "account.sessions", found.id, ended=ended)
    access.of(request).forget()


async def _account(request: Request) -> accounts.Account | None:
    """The account of the caller; None for keys, nobody and open access."""
    caller = await access.of(request).identify(request)

    def find() -> accounts.Account | None:
        with request.app.state.node.records.read() as conn:
            return accounts.by_id(conn, caller.id)

    return await run_in_threadpool(find)


async def _own(request: Request, **errors: str) -> Response:
    found, caller = await _account(request), request.state.caller
    if not caller.id:
        return RedirectResponse(href("/sign-in", next="/account"), 303)
    done = DONE.get(request.query_params.get("done", ""), "")
    shown = {
        "account": found,
        "caller": caller,
        "roles": [(role, said) for role, said in roles() if found and role in found.roles],
        "done": gettext(done) if done else "",
        "errors": errors,
        "csrf": access.csrf_token(request),
        "least": passwords.LEAST,
    }
    answer = render.page(request, "account.html", shown, 400 if errors else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.get("/operator/accounts", dependencies=[ADMIN])
async def all_accounts(request: Request) -> Response:
    """Every account, and a form for a new one."""
    return await _list(request)


@router.post("/operator/accounts", dependencies=[ADMIN])
async def make(request: Request) -> Response:
    """A new account; its password is shown once."""
    await access.check_csrf(request)
    form = await request.form()
    given = {"name": str(form.get("name", "")).strip(), "display": str(form.get("display", "")), "roles": _roles(form)}
    try:
        wanted = accounts_api.NewAccount.model_validate(given)
        made = await accounts_api.make(request, request.state.caller, wanted)
    except ValidationError:
        return await _list(request, given=given, error=gettext(BAD_NAME))
    except Problem as problem:
        if problem.status != 409:
            raise
        return await _list(request, given=given, error=gettext(TAKEN))
    return await _list(request, made=made)


@router.get("/operator/accounts/{id}", dependencies=[ADMIN])
async def one(request: Request, id: str) -> Response:
    """One account, to be changed."""
    return await _one(request, id)


@router.post("/operator/accounts/{id}", dependencies=[ADMIN])
async def change(request: Request, id: str) -> Response:
    """Change its roles or name, make a new password, disable or enable it."""
    await access.check_csrf(request)
    form = await request.form()
    act, caller = str(form.get("act", "")), request.state.caller
    wanted = {
        "save": {"display": str(form.get("display", ""))[:200], "roles": _roles(form)},
        "password": {"new_password": True},
        "disable": {"disabled": True},
        "enable": {"disabled": False},
    }.get(act)
    if wanted is None:
        raise Problem(400, mark("this form says nothing that can be done"))
    changed = await accounts_api.change(request, caller, id, accounts_api.Changes.model_validate(wanted))
    if act == "password":
        return await _one(request, id, password=changed["password"])
    return RedirectResponse(href(f"/operator/accounts/{id}", done="changed"), 303)


def _roles(form: Any) -> list[str]:
    return [role for role in Role if role in form.getlist("roles")]


async def _list(request: Request, *, made: Any = None, given: Any = None, error: str = "") -> Response:
    def ask() -> Any:
        with request.app.state.node.records.read() as conn:
            return accounts.list(conn)

    shown = {
        "rows": await run_in_threadpool(ask),
        "roles": roles(),
        "made": made,
        "given": given or {"name": "", "display": "", "roles": []},
        "error": error,
        "csrf": access.csrf_token(request),
    }
    answer = render.page(request, "accounts.html", shown, 400 if error else 200)
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def _one(request: Request, id: str, password: str = "") -> Response:
    def ask() -> Any:
        with request.app.state.node.records.read() as conn:
            return accounts.by_id(conn, id), audit.latest(conn, subject=id, limit=20)

    found, rows = await run_in_threadpool(ask)
    if found is None:
        raise Problem(404, mark("there is no such account"))
    done = DONE.get(request.query_params.get("done", ""), "")
    shown = {
        "row": found,
        "log": rows,
        "roles": roles(),
        "password": password,
        "done": gettext(done) if done else "",
        "csrf": access.csrf_token(request),
    }
    answer = render.page(request, "account_edit.html", shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer
