"""Signing in at an OpenID Connect provider: authorization code flow with PKCE (OpenID Connect Core 1.0, RFC 7636).

The node speaks to the provider only when somebody signs in there, and only where `oidc_issuer` is set.
"""

import base64
import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from fastapi import APIRouter, Depends, Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from counterspam.config import Config
from counterspam.errors import ConfigError
from counterspam.store import accounts
from counterspam.web import access, render
from counterspam.web.accounts.sign_in import local_path, of_account, opened
from counterspam.web.language import mark
from counterspam.web.problems import Problem
from counterspam.web.scopes import Role

COOKIE = "counterspam_oidc"
MOMENT = 600  # seconds that a sign-in may take
SECONDS = 10.0  # that the provider may take to answer
MOST_ANSWER = 256 * 1024  # bytes of what it answers
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
CALLBACK = "/sign-in/oidc/callback"
FAILED = mark("signing in there did not work; try again, or ask whoever runs this node")
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in under way, as the browser keeps it in a cookie that the node has sealed."""

    state: str
    nonce: str
    verifier: str
    next: str
    until: int


@router.get("/sign-in/oidc")
async def start(request: Request, next: str = "/") -> Response:
    """Send the browser to the provider."""
    config = _config(request)
    found = await discover(config)
    state, nonce, verifier = (secrets.token_urlsafe(48) for _ in range(3))
    began = Started(state, nonce, verifier, local_path(next), int(time.time()) + MOMENT)
    address = httpx.URL(str(found["authorization_endpoint"])).copy_merge_params(_asked(config, began))
    answer = RedirectResponse(str(address), 303, headers={"Cache-Control": "no-store"})
    secure = config.site().startswith("https:")
    # lax, as it comes back by a link from another site; the session that follows is strict
    answer.set_cookie(
        COOKIE, _sealed(request, began), MOMENT, path="/sign-in", httponly=True, samesite="lax", secure=secure
    )
    return answer


@router.get(CALLBACK)
async def callback(request: Request, code: str = "", state: str = "") -> Response:
    """The browser comes back with a code: find out who that is, and open a session."""
    config, began = _config(request), _unsealed(request)
    if began is None or not code or not hmac.compare_digest(state.encode(), began.state.encode()):
        raise Problem(400, FAILED)
    try:
        claims = await _claims(config, code, began)
    except (JoseError, httpx.HTTPError, KeyError, ValueError) as error:
        raise Problem(502, FAILED, reason=type(error).__name__) from error
    account = await run_in_threadpool(_account, request, claims)
    if account.disabled_at:
        raise Problem(403, mark("this account is disabled; ask whoever runs this node"))
    # The page that leads on is ours, so the strict cookie goes along with the next request.
    answer = render.page(request, "signed_in.html", {"next": began.next, "account": account})
    answer.headers["Set-Cookie"] = (await opened(request, of_account(account)))["Set-Cookie"]
    answer.headers["Cache-Control"] = "no-store"
    return answer


async def discover(config: Config) -> dict[str, Any]:
    """What the provider says of itself (OpenID Connect Discovery 1.0 section 4)."""
    base = config.oidc_issuer.rstrip("/")
    try:
        found = await _fetch("GET", f"{base}/.well-known/openid-configuration")
    except (httpx.HTTPError, ValueError) as error:
        raise Problem(502, FAILED, reason=type(error).__name__) from error
    if str(found.get("issuer", "")).rstrip("/") != base:
        raise Problem(502, FAILED, reason="issuer")
    return found


async def _fetch(method: str, address: str, **given: Any) -> dict[str, Any]:
    """A JSON object from the provider. Raises httpx.HTTPError, ValueError."""
    async with httpx.AsyncClient(timeout=SECONDS) as client, client.stream(method, address, **given) as answer:
        answer.raise_for_status()
        body = b""
        async for part in answer.aiter_bytes():
            body += part
            if len(body) > MOST_ANSWER:
                raise ValueError("the answer is too long")
    found = orjson.loads(body)
    if not isinstance(found, dict):
        raise ValueError("the answer is no object")
    return found


async def _claims(config: Config, code: str, began: Started) -> dict[str, Any]:
    """The claims of a genuine ID token for this sign-in (OpenID Connect Core 1.0 section 3.1.3.7)."""
    found = await discover(config)
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": config.site() + CALLBACK,
        "client_id": config.oidc_client_id,
        "code_verifier": began.verifier,
    }
    named = (config.oidc_client_id, config.oidc_client_secret) if config.oidc_client_secret else None
    token = await _fetch("POST", found["token_endpoint"], data=given, auth=named)
    keys = KeySet.import_key_set(await _fetch("GET", found["jwks_uri"]))  # type: ignore[arg-type]
    claims: dict[str, Any] = jwt.decode(token["id_token"], keys, algorithms=ALGORITHMS).claims
    jwt.JWTClaimsRegistry(
        leeway=60,
        iss={"essential": True, "value": found["issuer"]},
        aud={"essential": True, "value": config.oidc_client_id},
        nonce={"essential": True, "value": began.nonce},
        sub={"essential": True},
        exp={"essential": True},
    ).validate(claims)
    return claims


def _account(request: Request, claims: dict[str, Any]) -> accounts.Account:
    """The account of whom these claims are about, made at the first sign-in. Roles follow the claim that names them."""
    config = request.app.state.node.config
    issuer, subject, said = config.oidc_issuer, str(claims["sub"]), _said(claims)
    with request.app.state.node.records.begin() as conn:
        found = accounts.by_subject(conn, issuer, subject)
        if found is None:
            tag = hashlib.sha256(f"{issuer} {subject}".encode()).hexdigest()[:12]
            found = accounts.create(conn, f"oidc-{tag}", said, (), "", issuer=issuer, subject=subject)
            access.note(request, conn, of_account(found), "account.create", found.id, issuer=issuer)
        changed: dict[str, Any] = {"last_used": time.time_ns() // 1_000_000}
        if config.oidc_roles_claim:
            given = claims.get(config.oidc_roles_claim, [])
            names = given.split() if isinstance(given, str) else [str(name) for name in given][:50]
            roles = tuple(role for role in Role if role in names)
            if roles != found.roles:
                changed["roles"] = roles
                access.note(request, conn, of_account(found), "account.roles", found.id, roles=list(roles), by="claim")
        accounts.change(conn, found.id, **changed)
        again = accounts.by_id(conn, found.id)
    assert again is not None
    return again


def _said(claims: dict[str, Any]) -> str:
    return str(claims.get("name") or claims.get("preferred_username") or claims.get("email") or claims["sub"])[:200]


def _config(request: Request) -> Config:
    config: Config = request.app.state.node.config
    if not config.oidc_issuer:
        raise Problem(404, mark("there is nothing at this address"))
    return config


def check(config: Config) -> None:
    """Raise ConfigError for an issuer that cannot be trusted: it must speak HTTPS, or sit on this machine."""
    parts = urlsplit(config.oidc_issuer)
    if config.oidc_issuer and parts.scheme != "https" and not access.is_loopback(parts.hostname or ""):
        raise ConfigError("setting oidc_issuer: the address must begin with https://")
    if config.oidc_issuer and not config.oidc_client_id:
        raise ConfigError("setting oidc_client_id: it is needed with oidc_issuer")


def _asked(config: Config, began: Started) -> dict[str, str]:
    """What the provider is asked (OpenID Connect Core 1.0 section 3.1.2.1, RFC 7636 section 4.3)."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(began.verifier.encode()).digest()).decode().rstrip("=")
    return {
        "response_type": "code",
        "client_id": config.oidc_client_id,
        "redirect_uri": config.site() + CALLBACK,
        "scope": "openid profile",
        "state": began.state,
        "nonce": began.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


def _sealed(request: Request, began: Started) -> str:
    content = orjson.dumps(began).hex()
    return f"{content}.{_mac(request, content)}"


def _unsealed(request: Request) -> Started | None:
    content, _, mac = request.cookies.get(COOKIE, "")[:4000].partition(".")
    if not content or not hmac.compare_digest(mac.encode(), _mac(request, content).encode()):
        return None
    began = Started(**orjson.loads(bytes.fromhex(content)))
    return began if began.until > time.time() else None


def _mac(request: Request, content: str) -> str:
    return hmac.new(access.of(request).key, f"oidc\0{content}".encode(), hashlib.sha256).hexdigest()
