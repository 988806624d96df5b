"""Signing in to the pages with an API key, and out again."""

import time
from collections import OrderedDict, deque

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from counterspam.web import access, render
from counterspam.web.language import gettext
from counterspam.web.links import href
from counterspam.web.problems import later

WINDOW = 300.0  # seconds
TRIES = 10  # failures of one address within the window
MOST_ADDRESSES = 10_000
router = APIRouter(include_in_schema=False)


class Tries:
    """Failed sign-ins by address, bounded in number."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Problem 429 for an address that failed too often."""
        failed = self._failed.get(address, deque())
        while failed and failed[0] < time.monotonic() - WINDOW:
            failed.popleft()
        if len(failed) >= TRIES:
            raise later(int(failed[0] + WINDOW - time.monotonic()) + 1, "too many failed attempts to sign in", 429)

    def failed(self, address: str) -> None:
        """Note a failure."""
        self._failed.setdefault(address, deque()).append(time.monotonic())
        self._failed.move_to_end(address)
        if len(self._failed) > MOST_ADDRESSES:
            self._failed.popitem(last=False)


def _tries(request: Request) -> Tries:
    if not hasattr(request.app.state, "tries"):
        request.app.state.tries = Tries()
    tries: Tries = request.app.state.tries
    return tries


def local_path(given: str) -> str:
    """`given` when it is a path on this node, else the first page: a link must not lead anyone elsewhere."""
    fine = given.startswith("/") and not given.startswith("//") and "\\" not in given and given.isprintable()
    return given if fine else "/"


@router.get("/sign-in")
async def form(request: Request, next: str = "/") -> Response:
    """The form."""
    return _form(request, next, "")


@router.post("/sign-in")
async def sign_in(request: Request) -> Response:
    """Turn a key into a session of 12 hours."""
    await access.check_csrf(request)
    address = request.client.host if request.client else ""
    tries, given = _tries(request), await request.form()
    tries.check(address)
    rules, target = access.of(request), local_path(str(given.get("next", "/")))
    caller = await rules.verify(str(given.get("key", "")).strip(), request)
    if caller is None or caller == access.LOCAL:  # the command line's own token opens no sessions
        tries.failed(address)
        return _form(request, target, gettext("This key is not known or was revoked."), 401)
    answer = RedirectResponse(target, 303)
    answer.set_cookie(
        access.COOKIE,
        rules.open_session(caller.id),
        max_age=access.SESSION,
        httponly=True,
        samesite="strict",
        secure=rules.config.site().startswith("https:"),
    )
    return answer


@router.post("/sign-out")
async def sign_out(request: Request) -> Response:
    """End the session."""
    await access.check_csrf(request)
    access.of(request).end_session(request)
    answer = RedirectResponse(href("/"), 303)
    answer.delete_cookie(access.COOKIE, httponly=True, samesite="strict")
    return answer


def _form(request: Request, next_path: str, error: str, status: int = 200) -> Response:
    shown = {"csrf": access.csrf_token(request), "next": local_path(next_path), "error": error}
    answer = render.page(request, "sign_in.html", shown, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
