"""GET /api/v1/query and /api/v1/statistics: any question that the rollups answer, as JSON, CSV or Parquet."""

import time
from collections.abc import Callable, Hashable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from counterspam.measure import periods
from counterspam.web import access, answers, api_models, asked, live, public, statistics, tabular
from counterspam.web.access import Caller
from counterspam.web.answers import Asking, Span
from counterspam.web.api import CampaignId, answer, in_thread, needs
from counterspam.web.asked import Question
from counterspam.web.campaign import series
from counterspam.web.kept import Kept
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope
from counterspam.web.tabular import Form

FRESH = 2.0  # seconds that an answer over a running period is kept
DEFINED = 60.0  # by a definition, as single events are read
SETTLED = 300.0  # over one that has ended
SHORT, LONG = 5, public.DAY  # seconds that others may keep them
Found = tuple[dict[str, Any], Sequence[str]]  # an answer, and the columns of its rows
router = APIRouter(prefix="/api/v1")
FILES: dict[str, Any] = {
    "content": {
        "text/csv": {"schema": {"type": "string"}},
        "application/vnd.apache.parquet": {"schema": {"type": "string", "format": "binary"}},
    }
}
PLAIN: dict[int | str, dict[str, Any]] = {
    200: FILES,
    304: {"description": "The caller has this answer already (If-None-Match)"},
}


def open_to_all(*problems: int) -> dict[str, Any]:
    """What an operation of public data has: guard, problems, forms of the answer."""
    found = needs(Scope.STATISTICS, 429, *problems)
    return {**found, "responses": {**PLAIN, **found["responses"]}}


@router.head("/query", include_in_schema=False, dependencies=[Depends(access.require(Scope.STATISTICS))])
@router.get(
    "/query",
    summary="Ask the statistics",
    response_model=api_models.Answered,
    **open_to_all(404),
)
async def query(request: Request, _: Annotated[api_models.Asked, Query()]) -> Response:
    """Metrics by dimensions, filters, period and interval; every other parameter is a filter by that dimension.

    A filter takes values separated by commas, `unknown` for what the evidence does not tell. Counts beyond totals by time,
    channel and source kind are rounded to 5, and cells with fewer than 5 reporters are added together: see docs/statistics.md.
    """
    question = asked.question(request.query_params)

    def make(span: Span, *, exact: bool) -> Found:
        return Asking(request.app.state.node).answer(question, span, exact=exact), answers.columns(question)

    return await _data(request, "query", question, make)


@router.get(
    "/statistics", summary="The named questions", response_model=list[api_models.Question], **needs(Scope.STATISTICS)
)
async def statistics_list() -> Response:
    """Each can be asked under its name."""
    return answer(statistics.names())


@router.head(
    "/statistics/{question}", include_in_schema=False, dependencies=[Depends(access.require(Scope.STATISTICS))]
)
@router.get(
    "/statistics/{question}",
    summary="Answer a named question",
    response_model=api_models.Named,
    **open_to_all(404),
)
async def statistic(request: Request, question: str, _: Annotated[api_models.Series, Query()]) -> Response:
    """What the pages of the node show, with the definition of the figures; rounded like the answers of /query."""
    if question not in statistics.PUBLIC:
        raise Problem(404, f"questions are {', '.join(statistics.PUBLIC)}")
    asked.refuse_strange(request.query_params, tuple(api_models.Series.model_fields))
    put = statistics.question(question, asked.question(request.query_params))

    def make(span: Span, *, exact: bool) -> Found:
        return statistics.answer(request.app.state.node, question, put, span, exact=exact)

    return await _data(request, question, put, make, stepped=statistics.PUBLIC[question].stepped)


@router.get(
    "/statistics/campaign/{id}",
    summary="One campaign, day by day",
    response_model=api_models.CampaignDays,
    **open_to_all(404),
)
async def campaign(request: Request, campaign_id: CampaignId, _: Annotated[api_models.Formed, Query()]) -> Response:
    """Messages and reports by day, channel and content type, what the chart of a campaign's page shows.

    Cells with fewer than 5 reporters are added together; a campaign that has fewer is not shown.
    """
    asked.refuse_strange(request.query_params, tuple(api_models.Formed.model_fields))

    def make(_: Span, *, exact: bool) -> Found:
        return series(request.app.state.node.events.query, int(campaign_id, 16), exact=exact)

    return await _data(request, f"campaign-{campaign_id}", Question(periods.ALL), make)


async def _data(
    request: Request, name: str, question: Question, make: Callable[..., Found], *, stepped: bool = False
) -> Response:
    """The answer that `make` gives, in the form that is wanted."""
    wanted = tabular.form(asked.form(request.query_params.get("format", "")), request.headers.get("accept", ""))

    def pack(at: Span, exact: bool) -> public.Body:
        found, columns = make(at, exact=exact)
        file = "-".join(["counterspam", name, *question.dimensions, at.period.name.replace("..", "-")])
        headers = tabular.headers(wanted, file)
        if found["next"]:
            later = request.url.include_query_params(cursor=found["next"])
            headers["Link"] = f'<{request.app.state.node.config.site()}{later.path}?{later.query}>; rel="next"'
        return public.body(tabular.packed(found, columns, found["units"], wanted), headers)

    address = request.url.query if wanted != Form.JSON or question.offset else ""
    return await respond(request, (name, wanted, address), question, pack, stepped=stepped)


async def respond(
    request: Request,
    key: Hashable,
    question: Question,
    pack: Callable[[Span, bool], public.Body],
    *,
    stepped: bool = False,
    own: bool = True,
) -> Response:
    """What `pack` makes for the time of the question, kept for a moment and worked out once for all who ask meanwhile.

    With `own` who may read evidence gets exact figures.
    """
    caller: Caller = await access.of(request).identify(request)
    said = public.gate(request).admit(request, caller)
    exact = own and public.sees_all(request, caller)
    kept: Kept = request.app.state.answers
    at = await in_thread(request, span, request, question, stepped=stepped)
    name = (key, question, exact, at.ask.start, at.ask.end)
    fresh = FRESH if not question.defined_by else DEFINED
    found = await in_thread(request, kept.answer, name, SETTLED if at.ended else fresh, lambda: pack(at, exact))
    response = public.served(request, found, LONG if at.ended else SHORT, private=exact)
    response.headers.update(said)
    return response


def span(request: Request, question: Question, *, stepped: bool = False) -> Span:
    """The time that a question is about, now."""
    known = live.of(request.app).span()
    return Asking(request.app.state.node).span(question, known, int(time.time()), stepped=stepped)
