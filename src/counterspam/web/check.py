"""Judging without storing: POST /api/v1/check for any format, and rspamd's /checkv2 for mail servers that ask it.

Both hand the message to the workers, which judge it before anything that waits to be stored.
"""

import time

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from counterspam import gateway, judging, pipeline
from counterspam.config import MB
from counterspam.decode.inflate import inflate
from counterspam.model import Finding, Rejected
from counterspam.respond import headers, rspamd
from counterspam.web import access, api_models, doors, receive
from counterspam.web.api import answer, needs
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope

PATH, RSPAMD = "/api/v1/check", "/checkv2"
FORMATS = frozenset(("", judging.TEXT, *(module.FORMAT for module in pipeline.FORMATS)))
router = APIRouter()


@router.post(
    PATH,
    summary="What a message is, without storing it",
    response_model=api_models.Checked,
    **{
        **needs(Scope.CHECK, 400, 413),
        "openapi_extra": {"x-scope": str(Scope.CHECK), "requestBody": doors.CHECKED, "parameters": doors.CHECK_OPTIONS},
    },
)
async def check(request: Request) -> Response:
    """The whole path on the body: a message in any format that the node decodes or, as `text/plain` with a channel, its text.

    Nothing is kept or learned. A mail is judged as a filter sees it, unless `source` says who observed it.
    """
    given = receive.options(request, "check") | {"intake": "check"}
    data = await receive.body(request, request.app.state.node.config.max_item_mb * MB)
    if not data.strip():
        raise Problem(422, "the body is empty")
    node = request.app.state.node
    raw = node.new_raw(data, format=_format(request), **given)
    found = await request.app.state.judges.ask(raw)
    judge = await run_in_threadpool(node.definitions.judge)
    return answer(await run_in_threadpool(judging.told, found, node.config, judge))


def _format(request: Request) -> str:
    """What the sender says that the body is: the name of a format, or `text`; "" has it recognised."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    format = request.query_params.get("format", judging.TEXT if kind == "text/plain" else "")
    if format not in FORMATS:
        raise Problem(422, f"format is one of {', '.join(sorted(filter(None, FORMATS)))}")
    return format


# rspamd


@router.get("/ping", include_in_schema=False, dependencies=[Depends(access.public)])
async def ping() -> PlainTextResponse:
    """Whether somebody is there."""
    return PlainTextResponse("pong\r\n")


@router.post(RSPAMD, include_in_schema=False, openapi_extra={"x-scope": "check"})
async def checkv2(request: Request) -> Response:
    """A mail judged, answered as rspamd does: its scanner's protocol (docs/gateway.md). What cannot be read is a problem."""
    await access.permit_gateway(request)
    started, node = time.perf_counter(), request.app.state.node
    limit = node.config.max_item_mb * MB
    data = await receive.body(request, limit)
    if request.headers.get("compression", request.headers.get("content-encoding", "")):
        data = await run_in_threadpool(inflate, data, limit)
    if not data.strip():
        raise Problem(422, "the body is empty", error="the body is empty")
    given = {name: value for name, value in request.headers.items() if len(value) <= 1000}
    known = rspamd.envelope(given, request.headers.getlist("rcpt"), node.config.node)
    found = await request.app.state.judges.ask(gateway.mail(node, data, known, "check"))
    finding = next((one for one in found if isinstance(one, Finding)), None)
    if finding is None:
        detail = found[0].detail if isinstance(found[0], Rejected) else "not judged"
        raise Problem(422, detail, error=detail)
    present = headers.names(data)
    return answer(rspamd.answer(finding, present, node.config, time.perf_counter() - started))
