"""Every error answer of the API is a problem document (RFC 9457); a browser that asked for a page gets a short page."""

import logging
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from counterspam.errors import CounterspamError, DecodeError, Overloaded, SpoolFull, StoreError
from counterspam.web import render
from counterspam.web.language import current, gettext, mark
from counterspam.web.links import href

log = logging.getLogger(__name__)
MEDIA_TYPE = "application/problem+json"


class Problem(Exception):
    """An answer that is not the one hoped for. `members` are extension members of RFC 9457 section 3.2."""

    def __init__(self, status: int, detail: str, *, headers: dict[str, str] | None = None, **members: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers or {}
        self.members = members


EXPECTED = (Problem, HTTPException, RequestValidationError, CounterspamError)


def later(seconds: int, detail: str, status: int = 503, **members: Any) -> Problem:
    """Try again after `seconds`: RFC 9110 section 10.2.3, RFC 6585 section 4."""
    return Problem(status, detail, headers={"Retry-After": str(seconds)}, **members)


def document(problem: Problem) -> dict[str, Any]:
    """The members of the document. Its type is about:blank, so the title is the status phrase (section 4.2.1)."""
    title = HTTPStatus(problem.status).phrase if problem.status in HTTPStatus._value2member_map_ else "Error"
    return {
        "type": "about:blank",
        "title": title,
        "status": problem.status,
        "detail": problem.detail,
        **problem.members,
    }


def answer(problem: Problem) -> Response:
    """The problem as an HTTP answer."""
    body = orjson.dumps(document(problem))
    return Response(body, problem.status, media_type=MEDIA_TYPE, headers=problem.headers)


def of(error: Exception) -> Problem:
    """What an exception means to the one who asked. Unexpected ones say nothing about our insides."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, HTTPException):
        detail = error.detail if isinstance(error.detail, str) else "the request cannot be served"
        detail = mark("there is nothing at this address") if detail == "Not Found" else detail
        return Problem(error.status_code, detail, headers=dict(error.headers or {}))
    if isinstance(error, RequestValidationError):
        return Problem(422, "the request has values that cannot be used", errors=_places(error))
    if isinstance(error, SpoolFull | Overloaded):
        return later(error.retry_after, str(error))
    if isinstance(error, StoreError):
        log.error("store: %s", error)
        return later(10, "a store does not answer at the moment; nothing was accepted")
    if isinstance(error, DecodeError):
        return Problem(422, error.detail, reason=str(error.reason))
    if isinstance(error, CounterspamError):
        return Problem(400, str(error))
    return Problem(500, "something went wrong here; the fault is in the log of the node")


def install(app: FastAPI) -> None:
    """Every error of `app` is answered by `of`."""
    for kind in (*EXPECTED, Exception):
        app.add_exception_handler(kind, _handle)


async def _handle(request: Request, error: Exception) -> Response:
    problem = of(error)
    if request.url.path.startswith("/api/") or "text/html" not in request.headers.get("accept", ""):
        return answer(problem)
    if problem.status == 401 and request.method == "GET":
        return RedirectResponse(href("/sign-in", next=href(request.url.path)), 303)
    return _page(request, problem)


def _page(request: Request, problem: Problem) -> Response:
    title, advice = PAGES.get(problem.status, FAULT if problem.status >= 500 else PAGES[400])
    detail = gettext(problem.detail)
    shown = {
        "title": gettext(title),
        "detail": f"{detail[:1].upper()}{detail[1:]}.",
        "english": detail == problem.detail and current() != "en",  # such as one that names a value
        "advice": gettext(advice),
    }
    answer = render.page(request, "error.html", shown, problem.status)
    answer.headers.update(problem.headers)
    return answer


def _places(error: RequestValidationError) -> list[dict[str, str]]:
    """Where each wrong value stands. The value itself is not repeated: it may be a secret."""
    return [{"place": ".".join(map(str, e["loc"])), "detail": str(e["msg"])} for e in error.errors()[:50]]


_CONTENT = {
    MEDIA_TYPE: {
        "schema": {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
            },
        }
    }
}
# What a page says of an error, and what to do about it.
PAGES = {
    400: (mark("This cannot be answered"), mark("Go back and change what was asked for.")),
    401: (mark("A key is needed"), mark("Sign in with a key that whoever runs this node gave you.")),
    403: (mark("Your key may not see this"), mark("Ask whoever runs this node for a key that may.")),
    404: (
        mark("There is no such page"),
        mark("It may have been mistyped. Evidence is deleted after the time that this node keeps it."),
    ),
    429: (mark("Too often"), mark("Try again a little later.")),
    503: (mark("Not at the moment"), mark("Too much is being asked of this node. Try again a little later.")),
}
FAULT = (
    mark("Something went wrong here"),
    mark("It is not your fault. Try again in a minute. If it stays, tell whoever runs this node. Nothing was lost."),
)
_MEANINGS = {
    400: "The request cannot be understood",
    401: "A key is needed",
    403: "The key may not do this",
    404: "There is no such thing",
    409: "The state does not allow it",
    413: "Larger than the node takes",
    415: "A content encoding that the node does not take",
    422: "A value cannot be used",
    429: "Too often; Retry-After says when to come back",
    503: "Not now; Retry-After says when to come back",
}


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI descriptions of the problems that an operation may answer with."""
    return {status: {"description": _MEANINGS[status], "content": _CONTENT} for status in sorted(statuses)}
