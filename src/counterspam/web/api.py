"""The API under /api/v1: look up, campaigns. Taking reports in is `receive`, checking `check`, statistics are `query_api`.

Each operation names the scope that it needs; `statistics:read` is everybody's. Answers are built by hand and written
with orjson; the models describe them and tests hold them to it.
"""

import base64
import binascii
import time
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar

import anyio.to_thread
import orjson
import re2
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from counterspam import reasons
from counterspam.measure import listing, questions
from counterspam.measure.scope import Query as Ask
from counterspam.store import overview
from counterspam.taxonomy import Channel
from counterspam.web import access, statistics
from counterspam.web import api_models as models
from counterspam.web.definitions import evidence as definitions
from counterspam.web.problems import Problem, later, responses
from counterspam.web.scopes import Scope

T = TypeVar("T")

router = APIRouter(prefix="/api/v1")
Limit = Annotated[int, Query(ge=1, le=1000, description="Most rows in the answer.")]
Since = Annotated[int, Query(ge=0, le=2**52, description="Milliseconds since 1970 UTC; earlier records are left out.")]
UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
EvidenceId = Annotated[str, Path(alias="id", pattern=UUID, description="A UUIDv7.")]
CampaignId = Annotated[str, Path(alias="id", pattern=models.HEX, description="16 hexadecimal digits.")]
Cursor = Annotated[str, Query(max_length=200, description="`next` of the page before.")]
OfChannel = Annotated[Channel | None, Query(description="One channel only.")]


def needs(scope: Scope, *problems: int) -> dict[str, Any]:
    """What every operation with this scope has: guard, problems that it may answer with, scope in OpenAPI."""
    refused = () if scope == Scope.STATISTICS else (403,)
    return {
        "dependencies": [Depends(access.require(scope))],
        "responses": responses(401, *refused, 422, 503, *problems),
        "openapi_extra": {"x-scope": str(scope)},
    }


def answer(content: Any, status: int = 200) -> Response:
    """Content as JSON."""
    return Response(orjson.dumps(content, option=orjson.OPT_NON_STR_KEYS), status, media_type="application/json")


async def in_thread(request: Request, work: Callable[..., T], *arguments: Any, **named: Any) -> T:
    """Run what asks a store in a thread; only a few at a time, so that the doors stay open under many readers."""
    state = request.app.state
    if not hasattr(state, "readers"):
        state.readers = anyio.CapacityLimiter(6)
    if state.readers.statistics().tasks_waiting > 200:
        raise later(2, "too many questions at once")
    return await anyio.to_thread.run_sync(partial(work, *arguments, **named), limiter=state.readers)


_LAST = re2.compile(r"[0-9a-f]{16}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def read_cursor(given: str) -> tuple[int, str] | None:
    """(time, id) out of the opaque value that a page gave."""
    if not given:
        return None
    try:
        at, _, last = base64.urlsafe_b64decode(given.encode()).decode().partition("/")
        if not _LAST.fullmatch(last):
            raise ValueError(last)
        return min(max(int(at), 0), 2**52), last
    except (ValueError, binascii.Error) as error:
        raise Problem(422, "cursor is not one that a page gave") from error


def next_cursor(at: int, last: str) -> str:
    """The opaque value for the page after this record."""
    return base64.urlsafe_b64encode(f"{at}/{last}".encode()).decode()


# Evidence


def evidence_row(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the event store as the API shows it."""
    shown = {**row, "spam": bool(row["spam"]), "synthetic": bool(row["synthetic"])}
    if "campaign" in row:
        shown["campaign"] = statistics.hex_id(row["campaign"])
    if isinstance(row.get("detail"), str):
        detail = shown["detail"] = orjson.loads(row["detail"] or "{}")
        if "checks" in detail:
            checks = [reasons.read(one) for one in detail["checks"]]
            detail["checks"] = [(one.name, one.answer, one.weight, one.detail) for one in checks]
    return shown


@router.get(
    "/evidence", summary="List evidence, newest first", response_model=models.EvidencePage, **needs(Scope.EVIDENCE)
)
async def evidence_list(
    request: Request,
    channel: OfChannel = None,
    campaign: Annotated[str, Query(pattern=r"^([0-9a-f]{16})?$", description="A campaign id.")] = "",
    sender: Annotated[str, Query(max_length=320, description="The normalised sender, exactly.")] = "",
    since: Since = 0,
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """Records that meet all the conditions; `next` leads to the following page."""
    before = read_cursor(cursor) or (time.time_ns() // 1_000_000 + 60_000, listing.LAST_ID)
    if len(before[1]) != 36:
        before = (before[0], listing.LAST_ID)
    query = request.app.state.node.events.query

    def ask() -> list[dict[str, Any]]:
        parts = questions.campaign_parts(query, int(campaign, 16))[1] if campaign else []
        return listing.evidence_list(
            query, before=before, since=since, channel=channel or "", sender=sender, parts=parts, limit=limit
        )

    rows = await in_thread(request, ask)
    last = next_cursor(rows[-1]["received_at"], rows[-1]["id"]) if len(rows) == limit else ""
    return answer({"rows": [evidence_row(row) for row in rows], "next": last})


@router.get(
    "/evidence/{id}", summary="One piece of evidence", response_model=models.EvidenceRow, **needs(Scope.EVIDENCE, 404)
)
async def evidence(request: Request, evidence_id: EvidenceId) -> Response:
    """Everything stored of it: verdict with all checks, origin with hops, campaign; and what national definitions say of it."""
    node = request.app.state.node
    row = await in_thread(request, questions.evidence, node.events.query, evidence_id.lower())
    if row is None:
        raise Problem(404, "there is no such evidence")
    said = definitions.answers(await in_thread(request, node.definitions.judge), row)
    return answer(evidence_row(row) | {"definition_answers": said})


# Campaigns


@router.get(
    "/campaigns", summary="List campaigns, last seen first", response_model=models.CampaignPage, **needs(Scope.EVIDENCE)
)
async def campaigns(
    request: Request, channel: OfChannel = None, since: Since = 0, cursor: Cursor = "", limit: Limit = 100
) -> Response:
    """Evidence that shares text, link, number or sender, across channels and formats."""
    found = read_cursor(cursor)
    before = (found[0], min(int(found[1].replace("-", ""), 16), 2**63 - 1)) if found else None

    def ask() -> list[dict[str, Any]]:
        with request.app.state.node.records.read() as conn:
            return overview.campaigns(conn, since=since, channel=channel or "", before=before, limit=limit)

    rows = [{**row, "id": f"{row['id']:016x}"} for row in await in_thread(request, ask)]
    last = next_cursor(rows[-1]["last_seen"], rows[-1]["id"]) if len(rows) == limit else ""
    return answer({"rows": rows, "next": last})


@router.get(
    "/campaigns/{id}", summary="One campaign", response_model=models.CampaignDetail, **needs(Scope.EVIDENCE, 404)
)
async def campaign(request: Request, campaign_id: CampaignId) -> Response:
    """Its course, what varies in it, its newest evidence. An id that became part of another gives that one."""
    found = await in_thread(request, _campaign, request.app.state.node.events.query, int(campaign_id, 16))
    if found is None:
        raise Problem(404, "there is no such campaign")
    return answer(found)


def _campaign(query: Ask, wanted: int) -> dict[str, Any] | None:
    root, parts = questions.campaign_parts(query, wanted)
    hours = questions.campaign_hours(query, parts)
    if not hours:
        return None
    start, end = hours[0]["at"], hours[-1]["at"] + 3600
    evidence = questions.campaign_evidence(query, parts, start, end)
    return {
        "id": f"{root:016x}",
        "parts": [f"{part:016x}" for part in parts if part != root],
        "hours": hours,
        "spread": questions.campaign_spread(query, parts, start, end),
        "evidence": [evidence_row(row) for row in evidence],
    }
