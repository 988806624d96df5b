"""Who asks, and what they may do: API keys with scopes, sessions of accounts and keys, open access on loopback.

Nothing is allowed without a key but what the scope `statistics:read` covers. `require(scope)` guards an operation.
"""

import hashlib
import hmac
import ipaddress
import secrets
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Security
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from counterspam import privacy
from counterspam.config import Config
from counterspam.store import accounts, api_keys, audit, sessions
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope, scopes

REMEMBERED = 30.0  # seconds that a key or session is believed: one that was ended may work that long on other nodes
SESSION = 12 * 3600  # seconds
COOKIE = "counterspam_session"
MOST_KEYS = 4096
bearer = HTTPBearer(auto_error=False, description="An API key (`cs_...`) as a bearer token.")
header = APIKeyHeader(name="X-Api-Key", auto_error=False, description="An API key in a header of its own.")


PUBLIC = frozenset({Scope.STATISTICS})
COVERED: dict[str, str] = {Scope.CHECK: Scope.REPORT}  # who may have evidence kept may have it judged


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the id of the key or account ("" nobody, "local" open access or our own command line), scopes, reporter.

    `name` is what others read of an account or a key, "" for nobody and "local".
    """

    id: str = ""
    scopes: frozenset[str] = PUBLIC
    reporter: str = ""
    name: str = ""

    def may(self, scope: str) -> bool:
        """Whether the scope is covered."""
        covering = COVERED.get(scope, scope)
        return scope in PUBLIC or scope in self.scopes or covering in self.scopes or Scope.ADMIN in self.scopes


NOBODY = Caller()
LOCAL = Caller("local", frozenset(Scope))


class Access:
    """The keys and sessions of one node, remembered for a short while."""

    def __init__(self, config: Config, records: Any, local_token: str = "") -> None:
        self.config = config
        self.records = records
        self.local_token = local_token.encode()
        self.key = hashlib.blake2b(privacy.node_key(config.data), person=b"web session").digest()
        self.audit_key = audit.key(privacy.node_key(config.data))
        self._known: dict[str, tuple[float, Caller | None]] = {}

    async def identify(self, request: Request) -> Caller:
        """The caller of this request; a wrong key is an error even where none is needed."""
        request.state.caller = await self._identified(request)
        caller: Caller = request.state.caller
        return caller

    async def _identified(self, request: Request) -> Caller:
        secret = _secret(request)
        if secret:
            if caller := await self.verify(secret, request):
                return caller
            raise Problem(401, "this key is not known or was revoked", headers={"WWW-Authenticate": "Bearer"})
        if secret := request.cookies.get(COOKIE, ""):
            caller = await self._remember(f"session {sessions.hashed(secret)}", self._by_session, secret)
            if caller and (request.method in ("GET", "HEAD") or same_origin(request)):
                return caller
        return LOCAL if is_open(request, self.config) else NOBODY

    async def verify(self, secret: str, request: Request) -> Caller | None:
        """The caller that a key stands for. The local token works from this machine only."""
        if self.local_token and hmac.compare_digest(secret.encode(), self.local_token):
            return LOCAL if _from_here(request) else None
        if not secret.startswith("cs_") or len(secret) > 200:
            return None
        return await self._remember(hashlib.sha256(secret.encode()).hexdigest(), self._by_secret, secret)

    def forget(self) -> None:
        """Look every key, session and account up anew, after one was changed."""
        self._known.clear()

    async def _remember(self, name: str, look_up: Callable[[str], Caller | None], value: str) -> Caller | None:
        now = time.monotonic()
        until, caller = self._known.get(name, (0.0, None))
        if until < now:
            caller = await run_in_threadpool(look_up, value)
            if len(self._known) >= MOST_KEYS:
                self._known.clear()
            self._known[name] = (now + REMEMBERED, caller)
        return caller

    def _by_secret(self, secret: str) -> Caller | None:
        with self.records.read() as conn:
            found = api_keys.verify(conn, secret)
        if found is None:
            return None
        with self.records.begin() as conn:
            api_keys.used(conn, found.id, time.time_ns() // 1_000_000)
        return Caller(found.id, frozenset(found.scopes), found.reporter, found.label)

    def _by_session(self, secret: str) -> Caller | None:
        now = time.time_ns() // 1_000_000
        with self.records.read() as conn:
            session = sessions.find(conn, secret, now)
            if session is None:
                return None
            if session.kind == "key":
                key = api_keys.find(conn, session.account)
                return Caller(key.id, frozenset(key.scopes), key.reporter, key.label) if key else None
            account = accounts.by_id(conn, session.account)
        if account is None or account.disabled_at:
            return None
        return Caller(account.id, scopes(account.roles), name=account.display)

    def open_session(self, caller: Caller) -> str:
        """The value of the session cookie of an account or key."""
        kind = "account" if caller.id.startswith("a") and len(caller.id) == 17 else "key"
        with self.records.begin() as conn:
            audit.add(conn, self.audit_key, caller.id, caller.name, "session.open", kind)
            return sessions.open(conn, caller.id, kind, time.time_ns() // 1_000_000, SESSION)

    def end_session(self, request: Request) -> None:
        """The session of this request is over, even for one who copied the cookie."""
        if secret := request.cookies.get(COOKIE, ""):
            with self.records.begin() as conn:
                sessions.end(conn, secret)
            self.forget()

    def token(self, request: Request, salt: str = "") -> str:
        """A token that only a page of ours can have given to this session. It differs each time (compressed pages)."""
        salt = salt or secrets.token_hex(8)
        session = sessions.hashed(request.cookies.get(COOKIE, ""))
        mac = hmac.new(self.key, f"form\0{salt}\0{session}".encode(), hashlib.sha256).hexdigest()
        return f"{salt}.{mac}"


def of(request: Request) -> Access:
    """The access rules of the application that serves this request."""
    access: Access = request.app.state.access
    return access


def require(scope: Scope | str) -> Callable[..., Awaitable[Caller]]:
    """A dependency that lets through callers with this scope, and gives the caller."""

    async def guard(request: Request, _bearer: Any = Security(bearer), _key: Any = Security(header)) -> Caller:
        return await permit(request, scope)

    GUARDS[guard] = str(scope)
    return guard


async def public(request: Request) -> Caller:
    """A dependency of what everybody may see; it gives the caller. A route without it or `require` is refused at the start."""
    return await of(request).identify(request)


GUARDS: dict[Callable[..., Any], str] = {public: ""}  # what each guard asks for; "" nothing


def note(request: Request, conn: Any, caller: Caller, action: str, subject: str, **detail: Any) -> audit.Entry:
    """Write into the audit log what `caller` does, in the transaction `conn` that does it."""
    return audit.add(conn, of(request).audit_key, caller.id, caller.name, action, subject, detail)


async def permit(request: Request, scope: Scope | str) -> Caller:
    """The caller, or problem 401 (no key) or 403 (a key without this scope)."""
    caller = await of(request).identify(request)
    if caller.may(scope):
        return caller
    if caller.id:
        raise Problem(403, f"this key has no scope {scope}")
    headers = {"WWW-Authenticate": f'Bearer scope="{scope}"'}
    raise Problem(401, f"a key with the scope {scope} is needed", headers=headers)


def csrf_token(request: Request) -> str:
    """What a page writes into the hidden field `csrf` of each of its forms."""
    return of(request).token(request)


async def check_csrf(request: Request) -> None:
    """Refuse a form that no page of ours has given to this session."""
    given = request.headers.get("x-csrf-token") or str((await request.form()).get("csrf", ""))
    expected = of(request).token(request, given.partition(".")[0] or "-")
    if not hmac.compare_digest(given.encode(), expected.encode()) or not same_origin(request):
        raise Problem(403, "this form is too old or from elsewhere; load the page again and repeat")


def same_origin(request: Request) -> bool:
    """Whether a browser says that the request comes from a page of ours; what is no browser says nothing."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def is_loopback(name: str) -> bool:
    """Whether a host name or address means this machine."""
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False


def is_open(request: Request, config: Config) -> bool:
    """Open access: switched on, and the caller sits at this machine and reached it by its own name.

    A foreign name in Host means that a web page elsewhere points its own name here (DNS rebinding); a foreign origin,
    that it posts a form here.
    """
    if not (config.open_access and is_loopback(config.host) and _from_here(request)):
        return False
    return _by_own_name(request) and (request.method in ("GET", "HEAD") or same_origin(request))


async def permit_gateway(request: Request) -> Caller:
    """Who may have a mail judged as rspamd would: any program on this machine, elsewhere a key with the scope `check`.

    The key may stand where clients of rspamd have their password. Nothing is open to browsers or through a proxy.
    """
    secret = request.headers.get("password", "").strip() or _secret(request)
    named = "host" in request.headers  # programs that speak HTTP/1.0 say nothing, browsers always do
    if not secret and _from_here(request) and same_origin(request) and (not named or _by_own_name(request)):
        return LOCAL
    if not secret:
        return await permit(request, Scope.CHECK)
    caller = await of(request).verify(secret, request)
    if caller is None:
        raise Problem(401, "this key is not known or was revoked", headers={"WWW-Authenticate": "Bearer"})
    if not caller.may(Scope.CHECK):
        raise Problem(403, f"this key has no scope {Scope.CHECK}")
    return caller


def _by_own_name(request: Request) -> bool:
    try:
        name = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name)


def _from_here(request: Request) -> bool:
    forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    return request.client is not None and is_loopback(request.client.host) and not forwarded


def _secret(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return secret.strip()
    return request.headers.get("x-api-key", "").strip()
