"""Published periods: the API that everybody reads them from, publishing itself, and the pages `/published`.

What has a revision in its address never changes, so it may be kept for ever.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Body, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from counterspam import privacy
from counterspam import publish as publishing
from counterspam.measure import frozen
from counterspam.measure.revisions import CELL, SMALL, TOTAL, Difference
from counterspam.node import now
from counterspam.store import published
from counterspam.store.published import Revision
from counterspam.web import access
from counterspam.web.api import in_thread, needs
from counterspam.web.format import number
from counterspam.web.language import gettext, ngettext
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope
from counterspam.web.tabular import as_csv
from counterspam.web.view import has

FOR_EVER = "public, max-age=31536000, immutable"
SHORT = "public, max-age=60"
NOT_THERE = "there is no such revision of this period; /api/v1/published lists what there is"
router = APIRouter(prefix="/api/v1/published")
Period = Annotated[str, Path(max_length=20, description="2026, 2026-H1, 2026-10 or 2026-W41.")]
Number = Annotated[int, Path(alias="revision", ge=1, le=100_000, description="From 1.")]
OfTable = Annotated[str, Path(alias="table", pattern="^[a-z_]{1,40}$", description="`name` of a table.")]


class CsvAnswer(Response):
    """A table for spreadsheets."""

    media_type = "text/csv"


class Published(BaseModel):
    """One revision of a published period, without its figures."""

    model_config = ConfigDict(extra="allow")
    period: str
    revision: int
    kind: str = Field(description="year, half-year, month or week.")
    starts_at: int
    ends_at: int = Field(description="Not part of the period.")
    published_at: int
    software: str = Field(description="Version that counted.")
    definitions: str = Field(description="Hash of the queries, rollups and rules that the figures are made by.")
    reason: str = Field(description="Why it was made; may be empty for the first.")
    snapshot: str = Field(description="SHA-256 of `content` as canonical JSON.")
    last_updated: int = Field(description="When the latest evidence had arrived at the node.")
    tables: list[str] = Field(description="Those that differ from the revision before.")
    added: int
    removed: int
    changed: int
    summary: str = Field(description="What differs from the revision before, in one sentence.")
    address: str


class Listed(Published):
    """The same in the list of all."""

    series_break: bool = Field(
        description="Made by other definitions than what it follows: not to be compared with that."
    )


class Publications(BaseModel):
    """Every revision, the latest period and revision first."""

    rows: list[Listed]


class Publication(Published):
    """A revision with its figures."""

    content: dict[str, Any] = Field(description="Units, basis, and the tables, each with its rows.")


class Compared(BaseModel):
    """What differs between a revision and the one before it."""

    period: str
    revision: int
    before: int = Field(description="0: there is none before.")
    summary: str
    tables: list[dict[str, Any]] = Field(description="By table: rows with the counts `before` and `after`.")


class Wish(BaseModel):
    """What is said of a publication."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field("", max_length=1000, description="Why a further revision is made; public.")


def summary(one: Revision) -> str:
    """What differs from the revision before, in one sentence of the current language."""
    if one.revision == 1:
        return gettext("First publication.")
    return ngettext(
        "%(n)s table differs from the revision before: rows added %(added)s, removed %(removed)s, changed %(changed)s.",
        "%(n)s tables differ from the revision before: rows added %(added)s, removed %(removed)s, changed %(changed)s.",
        len(one.tables),
    ) % {
        "n": number(len(one.tables)),
        "added": number(one.added),
        "removed": number(one.removed),
        "changed": number(one.changed),
    }


def described(one: Revision) -> dict[str, Any]:
    """A revision as the public sees it: without who published it."""
    shown = asdict(one) | {"kind": frozen.kind(one.period), "summary": summary(one)}
    del shown["published_by"]
    return {**shown, "address": f"{router.prefix}/{one.period}/{one.revision}"}


@router.get("", summary="List what is published", response_model=Publications, **needs(Scope.STATISTICS))
async def publications(request: Request) -> Response:
    """Every revision of every period, without the figures."""
    found = await in_thread(request, _history, request)
    broken = publishing.breaks(found)
    rows = [described(one) | {"series_break": (one.period, one.revision) in broken} for one in found]
    return _json(request, {"rows": rows})


@router.get(
    "/{period}", summary="The latest revision of a period", response_model=Publication, **needs(Scope.STATISTICS, 404)
)
async def latest(request: Request, period: Period) -> Response:
    """The figures as they stand; `Content-Location` is where they stay."""
    found = await in_thread(request, _history, request, period)
    if not found:
        raise Problem(404, NOT_THERE)
    answer = await one_revision(request, period, found[0].revision)
    etag = f'"{found[0].snapshot}-{found[0].revision}"'
    headers = {"Content-Location": f"{router.prefix}/{period}/{found[0].revision}", "Cache-Control": SHORT}
    return _answer(request, bytes(answer.body), etag, headers)


@router.post(
    "/{period}",
    summary="Publish a period, or its next revision",
    status_code=201,
    response_model=Published,
    **needs(Scope.OPERATE, 400, 409),
)
async def publish(request: Request, period: Period, wish: Annotated[Wish, Body(default_factory=Wish)]) -> Response:
    """Freezes the figures of an ended period. Refused while nothing has changed since the revision before."""
    caller = await access.permit(request, Scope.OPERATE)
    node = request.app.state.node
    given = {"by": caller.id, "secret": privacy.rounding_key(node.config.data), "now": now(), "reason": wish.reason}
    try:
        made = await in_thread(request, publishing.publish, node.events.query, node.records, period, **given)
    except (publishing.NotPublished, frozen.Unsteady) as error:
        raise Problem(409, str(error)) from error
    return Response(orjson.dumps(described(made)), 201, media_type="application/json")


@router.get("/{period}/{revision}", summary="One revision", response_model=Publication, **needs(Scope.STATISTICS, 404))
async def one_revision(request: Request, period: Period, number_: Number) -> Response:
    """Its figures, which never change; `snapshot` proves it."""
    one, content = await in_thread(request, load, request, period, number_)
    body = orjson.dumps({**described(one), "content": orjson.Fragment(content)})
    return _answer(request, body, f'"{one.snapshot}"', {"Cache-Control": FOR_EVER})


@router.get(
    "/{period}/{revision}/differences",
    summary="What differs from the revision before",
    response_model=Compared,
    **needs(Scope.STATISTICS, 404),
)
async def compared(request: Request, period: Period, number_: Number) -> Response:
    """Every row that was added, removed or has other counts."""
    one, _ = await in_thread(request, load, request, period, number_)
    found = await in_thread(request, publishing.compared, request.app.state.node.records, period, number_)
    content = {
        "period": period,
        "revision": number_,
        "before": number_ - 1,
        "summary": summary(one),
        "tables": [_difference(each) for each in found or ()],
    }
    return _json(request, content, FOR_EVER)


def _difference(one: Difference) -> dict[str, Any]:
    counts = {"added": one.added, "removed": one.removed, "changed": one.changed}
    return {"table": one.table, **counts, "rows": [asdict(line) for line in one.lines]}


@router.get(
    "/{period}/{revision}/{table}.json",
    summary="One table of a revision",
    response_model=dict[str, Any],
    **needs(Scope.STATISTICS, 404),
)
async def json_table(request: Request, period: Period, number_: Number, table: OfTable) -> Response:
    """Its rows, what is too small to be shown, and the totals."""
    one, content = await in_thread(request, load, request, period, number_)
    body = orjson.dumps(_table(content, table))
    return _answer(request, body, f'"{one.snapshot}"', {"Cache-Control": FOR_EVER})


@router.get(
    "/{period}/{revision}/{table}.csv",
    summary="One table of a revision as CSV",
    response_class=CsvAnswer,
    **needs(Scope.STATISTICS, 404),
)
async def csv_table(request: Request, period: Period, number_: Number, table: OfTable) -> Response:
    """Column `part` tells cells, `small` (what is too small to be shown, together) and `total` apart."""
    one, content = await in_thread(request, load, request, period, number_)
    body = _csv(_table(content, table), list(orjson.loads(content)["units"]))
    name = f'attachment; filename="counterspam-{period}-{number_}-{table}.csv"'
    headers = {"Cache-Control": FOR_EVER, "Content-Disposition": name}
    return _answer(request, body, f'"{one.snapshot}"', headers, "text/csv; charset=utf-8")


def load(request: Request, period: str, revision: int) -> tuple[Revision, bytes]:
    """A revision and its figures as canonical JSON. Raises Problem 404."""
    with request.app.state.node.records.read() as conn:
        found = [one for one in published.history(conn, period) if one.revision == revision]
        content = published.content(conn, period, revision)
    if not found or content is None:
        raise Problem(404, NOT_THERE)
    return found[0], content


def _history(request: Request, period: str = "") -> list[Revision]:
    with request.app.state.node.records.read() as conn:
        return list(published.history(conn, period))


def _table(content: bytes, name: str) -> dict[str, Any]:
    tables: dict[str, dict[str, Any]] = {table["name"]: table for table in orjson.loads(content)["tables"]}
    if name not in tables:
        raise Problem(404, f"tables are {', '.join(tables)}")
    return tables[name]


def _csv(table: Mapping[str, Any], counts: list[str]) -> bytes:
    keys = ["at"] * bool(table["interval"]) + table["dimensions"]
    parts = [(CELL, row) for row in table["rows"]] + [(SMALL, table["small"]), (TOTAL, table["totals"])]
    return as_csv(["part", *keys, *counts], [{"part": part, **row} for part, row in parts if row])


def _json(request: Request, content: Any, keep: str = SHORT) -> Response:
    body = orjson.dumps(content)
    return _answer(request, body, f'"{hashlib.sha256(body).hexdigest()[:32]}"', {"Cache-Control": keep})


def _answer(
    request: Request, body: bytes, etag: str, headers: Mapping[str, str], media_type: str = "application/json"
) -> Response:
    """The body, or 304 when the caller has it (RFC 9110 section 13.1.2)."""
    headers = {"ETag": etag, **headers}
    if has(request, etag):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)
