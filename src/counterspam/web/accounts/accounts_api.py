"""Accounts and the audit log over the API, for administrators and the command line."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from counterspam.store import accounts, audit, sessions
from counterspam.store.accounts import Account, NameTaken
from counterspam.web import access
from counterspam.web.access import Caller
from counterspam.web.accounts import passwords
from counterspam.web.api import answer, in_thread, needs
from counterspam.web.problems import Problem
from counterspam.web.scopes import Role, Scope

router = APIRouter(prefix="/api/v1")
NAME = r"^[A-Za-z0-9][A-Za-z0-9._@+-]{1,98}$"
AccountId = Annotated[str, Path(alias="id", pattern="^a[0-9a-f]{16}$")]
NOBODY = "there is no such account"


class NewAccount(BaseModel):
    """What an account is made from."""

    name: str = Field(pattern=NAME, description="What it signs in with; letters, digits and . _ @ + -")
    display: str = Field("", max_length=200, description="What others read; default the name.")
    roles: list[Role] = Field([], max_length=len(Role))


class Changes(BaseModel):
    """What is to be changed; what is left out stays."""

    display: str | None = Field(None, max_length=200)
    roles: list[Role] | None = Field(None, max_length=len(Role))
    disabled: bool | None = None
    new_password: bool = Field(False, description="Make a new password, which ends its sessions.")


class OneAccount(BaseModel):
    """An account without its password."""

    id: str
    name: str
    display: str
    roles: list[str]
    issuer: str = Field(description="OpenID Connect provider that it signs in at; empty: with a password.")
    created_at: int
    last_used: int | None
    disabled_at: int | None
    password: str = Field("", description="A password that was made just now; it is in this answer and nowhere else.")


class AllAccounts(BaseModel):
    """Every account by name."""

    rows: list[OneAccount]


class AuditRows(BaseModel):
    """Rows of the audit log, the newest first."""

    rows: list[dict[str, Any]] = Field(description="number, at, who, name, action, subject, detail (JSON), mac.")


class AuditCheck(BaseModel):
    """Whether the chain of the audit log fits."""

    rows: int
    head: str = Field(
        description="Mac of the last row that fits: write it down elsewhere to notice a log cut off at its end."
    )
    broken: int = Field(description="Number of the first row that does not fit; 0: all do.")


def shown(account: Account, password: str = "") -> dict[str, Any]:
    """An account for an answer."""
    kept = {name: value for name, value in asdict(account).items() if name not in ("hash", "subject")}
    return {**kept, "password": password}


async def make(request: Request, caller: Caller, wanted: NewAccount) -> dict[str, Any]:
    """Make an account with a new password."""
    password = passwords.made()
    stored = await passwords.in_turn(request, passwords.hashed, password)

    def work() -> Account:
        with request.app.state.node.records.begin() as conn:
            made = accounts.create(conn, wanted.name, wanted.display, wanted.roles, stored)
            access.note(request, conn, caller, "account.create", made.id, name=made.name, roles=list(made.roles))
            return made

    try:
        return shown(await in_thread(request, work), password)
    except NameTaken as error:
        raise Problem(409, str(error)) from error


async def change(request: Request, caller: Caller, id: str, wanted: Changes) -> dict[str, Any]:
    """Change an account; disabling it or a new password ends its sessions."""
    password = passwords.made() if wanted.new_password else ""
    values: dict[str, Any] = {}
    if wanted.display is not None:
        values["display"] = wanted.display.strip()
    if wanted.roles is not None:
        values["roles"] = tuple(dict.fromkeys(wanted.roles))
    if password:
        values["hash"] = await passwords.in_turn(request, passwords.hashed, password)

    def work() -> Account:
        with request.app.state.node.records.begin() as conn:
            found = accounts.by_id(conn, id)
            if found is None:
                raise Problem(404, NOBODY)
            if wanted.disabled is not None:
                values["disabled_at"] = audit.now() if wanted.disabled else None
            if values:
                accounts.change(conn, id, **values)
            if wanted.disabled or password:
                sessions.end_all(conn, id)
            said = {name: value for name, value in values.items() if name != "hash"}
            access.note(request, conn, caller, "account.change", id, password=bool(password), **said)
            again = accounts.by_id(conn, id)
        assert again is not None
        return again

    changed = await in_thread(request, work)
    access.of(request).forget()
    return shown(changed, password)


@router.get("/accounts", summary="List accounts", response_model=AllAccounts, **needs(Scope.ADMIN))
async def all_accounts(request: Request) -> Response:
    """Without passwords, which are nowhere."""

    def ask() -> list[dict[str, Any]]:
        with request.app.state.node.records.read() as conn:
            return [shown(account) for account in accounts.list(conn)]

    return answer({"rows": await in_thread(request, ask)})


@router.post(
    "/accounts", summary="Make an account", status_code=201, response_model=OneAccount, **needs(Scope.ADMIN, 409)
)
async def make_account(request: Request, wanted: NewAccount) -> Response:
    """Its first password is in this answer and nowhere else; whoever gets it changes it on the page of the account."""
    caller = await access.of(request).identify(request)
    return answer(await make(request, caller, wanted), 201)


@router.patch("/accounts/{id}", summary="Change an account", response_model=OneAccount, **needs(Scope.ADMIN, 404))
async def change_account(request: Request, account_id: AccountId, wanted: Changes) -> Response:
    """Roles, name, a new password, disabling. It counts at once here, and within 30 s on other nodes of one store."""
    caller = await access.of(request).identify(request)
    return answer(await change(request, caller, account_id, wanted))


@router.get("/audit", summary="The audit log", response_model=AuditRows, **needs(Scope.ADMIN))
async def audit_rows(
    request: Request,
    action: Annotated[str, Query(max_length=60, description="noun.verb, or its beginning.")] = "",
    subject: Annotated[str, Query(max_length=200)] = "",
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """What was done by whom, the newest first."""

    def ask() -> list[dict[str, Any]]:
        with request.app.state.node.records.read() as conn:
            rows = audit.latest(conn, action=action, subject=subject, limit=limit, offset=offset)
            return [asdict(row) for row in rows]

    return answer({"rows": await in_thread(request, ask)})


@router.get("/audit/check", summary="Does the audit log fit?", response_model=AuditCheck, **needs(Scope.ADMIN))
async def audit_check(request: Request) -> Response:
    """Goes through the whole chain: a row changed, taken out or put in shows."""

    def ask() -> dict[str, Any]:
        with request.app.state.node.records.read() as conn:
            return asdict(audit.check(conn, access.of(request).audit_key))

    return answer(await in_thread(request, ask))
