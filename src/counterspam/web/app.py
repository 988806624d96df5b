"""The web application of a node: API, doors, pages, live stream, static files, behind one thin layer of plain ASGI."""

import logging
from functools import partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterspam import __version__
from counterspam.gateway import Judges
from counterspam.web import (
    api,
    check,
    embeds,
    follow,
    guarded,
    instruments,
    language,
    live,
    model_api,
    model_pages,
    operate,
    pages,
    problems,
    public,
    publications,
    published,
    query_api,
    questionnaire,
    receive,
    reference,
    upload,
)
from counterspam.web.access import Access
from counterspam.web.accounts import account_pages, accounts_api, audit_pages, oidc, sign_in
from counterspam.web.costs import api as costs_api
from counterspam.web.costs import pages as costs_pages
from counterspam.web.costs import scenarios as costs_scenarios
from counterspam.web.definitions import routers as definitions
from counterspam.web.kept import Kept
from counterspam.web.questionnaire import provided
from counterspam.web.receive import bounded
from counterspam.web.receive import report as receive_report
from counterspam.web.reports import api as reports_api
from counterspam.web.reports import gathered
from counterspam.web.reports import pages as report_pages
from counterspam.web.reports import writing as report_forms
from counterspam.web.repository import routes
from counterspam.web.training import routes as training

log = logging.getLogger("counterspam.access")
MOST_ANSWERS = 64  # to public questions that are kept for a moment, of at most 2 MB each
MOST_BODY = 1024 * 1024  # bytes, for everything but the doors, which count for themselves
REPORTS = "/api/v1/reports"
DOORS = (REPORTS, "/api/v1/reports/bulk", "/api/v1/raw", "/api/v1/files", check.PATH, check.RSPAMD)
UNLOGGED = ((202, REPORTS), (200, check.PATH), (200, check.RSPAMD))  # too many; reports are counted
# Charts are inline SVG whose parts carry style attributes; scripts come from our own files only.
POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # not stricter: browsers would then send `Origin: null` with our own forms
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ROUTERS = (
    receive.router,
    upload.router,
    api.router,
    check.router,
    query_api.router,
    embeds.router,
    operate.router,
    model_api.router,
    model_pages.router,
    sign_in.router,
    oidc.router,
    accounts_api.router,
    account_pages.router,
    audit_pages.router,
    follow.router,
    pages.router,
    live.router,
    published.router,
    publications.pages,
    instruments.router,
    costs_api.router,
    costs_pages.router,
    costs_scenarios.router,
    *routes.ROUTERS,
    *definitions.ROUTERS,
    training.router,
    reports_api.router,
    report_forms.router,
    report_pages.router,
    *questionnaire.routers(),
)
ABOUT = """Counterspam measures spam on every channel. Statistics are public; everything else needs a key, sent as
`Authorization: Bearer cs_...` or `X-Api-Key: cs_...`, with the scope that the operation names (`x-scope`).
Errors are problem documents (RFC 9457). Times are milliseconds since 1970 UTC unless a field says otherwise."""


def create_app(node: Any, *, local_token: str = "") -> FastAPI:
    """The application that serves `node`, which the caller starts and closes; `local_token` is our CLI's key."""
    app = FastAPI(
        title="counterspam",
        version=__version__,
        description=ABOUT,
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # these pages would load scripts from elsewhere
        redoc_url=None,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
    )
    reference.load(node.config)
    oidc.check(node.config)
    app.state.node = node
    app.state.access = Access(node.config, node.records, local_token)
    app.state.doors = receive.Doors()
    app.state.answers = Kept(MOST_ANSWERS)
    app.state.judges = Judges(lambda raw: node.check(raw))
    app.state.gate = public.Gate(node.config)
    app.state.report_sections = gathered.sections
    app.state.cost_answers = partial(provided.cost_answers, node.records)
    problems.install(app)
    guarded.check(ROUTERS)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "static"), name="static")
    secure = {"Strict-Transport-Security": "max-age=31536000"} if node.config.site().startswith("https:") else {}
    app.add_middleware(Frame, headers={**HEADERS, **secure})
    return app


class Frame:
    """Around every answer: security headers, compression except at the doors, a limit on bodies that no door counts."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self.plain = app
        self.packed = GZipMiddleware(app, minimum_size=600, compresslevel=6)
        self.headers = _pairs(headers)
        self.shared = _pairs(headers | public.SHARED)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.plain(scope, receive, send)
            return
        shared = public.is_shared(scope["path"])

        async def framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                usual = self.shared if shared else self.headers
                message["headers"] = [*message["headers"], *(pair for pair in usual if pair[0] not in present)]
                if (message["status"], scope["path"]) not in UNLOGGED:
                    log.info("%s %s %d", scope["method"], ascii(scope["path"])[1:-1], message["status"])
            await send(message)

        if scope["path"] == REPORTS and scope["method"] == "POST":
            await _report(scope, receive, framed)
        elif scope["path"] in (*DOORS, model_api.DELTAS):
            await self.plain(scope, receive, framed)
        elif shared and scope["method"] == "OPTIONS":
            await public.preflight()(scope, receive, framed)
        elif scope["path"].startswith("/api/"):  # the API speaks English
            await self.packed(scope, bounded(receive, MOST_BODY), framed)
        else:
            request = Request(scope)
            with language.spoken(language.of(request), language.is_chosen(request)):
                await self.packed(scope, bounded(receive, MOST_BODY), framed)


def _pairs(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


async def _report(scope: Scope, receive: Receive, send: Send) -> None:
    """The door that is used most, without the cost of routing: its route in `receive` serves OpenAPI."""
    try:
        response = await receive_report(Request(scope, receive))
    except problems.EXPECTED as error:
        response = problems.answer(problems.of(error))
    await response(scope, receive, send)
