"""The API of the cost model: parameters, the burden of spam, and what measures cost and save. Public, nothing is kept."""

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from counterspam.policy.costs import draws, table, version
from counterspam.policy.costs.estimate import estimated
from counterspam.policy.costs.investment import invested
from counterspam.policy.costs.parameter import described
from counterspam.web import access, public
from counterspam.web.api import in_thread, needs
from counterspam.web.costs import answers, models
from counterspam.web.costs import asked as asking
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope

router = APIRouter(prefix="/api/v1/costs")
Country = Annotated[str, Query(max_length=2, description="ISO 3166 alpha-2; gives people, wage and transit price.")]
Size = Annotated[str, Query(max_length=20, description="Users of an operator or household, in place of the country's.")]
Seed = Annotated[
    str, Query(max_length=10, description="Of the draws, 0 to 2147483647; the same seed gives the same result.")
]
Covered = Annotated[
    str,
    Query(max_length=20, description="Subscribers whose filters report to this node: its own figures are used then."),
]
Set = Annotated[
    list[str],
    Query(
        alias="set",
        max_length=120,
        description="Own values, `mail_seconds:5` or `mail_seconds:1 5 15` (low base high).",
    ),
]
Chosen = Annotated[list[str], Query(alias="measure", max_length=40, description="Measures by id.")]
Target = Annotated[str, Query(max_length=10, description="Block rate to be reached, in per cent.")]
Form = Annotated[str, Query(alias="format", pattern="^(json|csv)$", description="json or csv.")]


def _or_table() -> dict[str, Any]:
    """What an operation has that answers as JSON or as a table for spreadsheets."""
    given = needs(Scope.STATISTICS, 429)
    return {**given, "responses": {**given["responses"], 200: {"content": {"text/csv": {}}}}}


@router.get(
    "/parameters",
    summary="Every parameter of the cost model",
    response_model=models.Parameters,
    **needs(Scope.STATISTICS, 429),
)
async def parameters(request: Request, country: Country = "", set_: Set = []) -> Response:  # noqa: B006
    """With unit, year, place, source, provenance, and low, base and high; published figures worked out again."""
    await _admit(request)
    _, known, _ = await in_thread(request, _asked, request)
    figures = [
        {
            "id": one.id,
            "title": one.title,
            "unit": one.unit,
            "published": one.published,
            "computed": one.computed,
            "reproduces": one.reproduces,
            "formula": one.formula.text,
            "inputs": one.inputs,
            "source": one.source,
            "note": one.note,
        }
        for one in table.published()
    ]
    rows = [described(one) for one in known.values()]
    return _answer({"model": version.model(), "rows": rows, "published": figures})


@router.get(
    "/estimate",
    summary="What spam costs in a year",
    response_model=models.EstimateModel,
    **_or_table(),
)
async def estimate(
    request: Request,
    country: Country = "",
    size: Size = "",
    seed: Seed = "",
    covered: Covered = "",
    set_: Set = [],  # noqa: B006
    form: Form = "json",
) -> Response:
    """A band for each component and for the total, with formulas and inputs. Parameters may also stand by their own names."""
    await _admit(request)
    content = await in_thread(request, estimated_for, request)
    return _csv(content, "estimate") if form == "csv" else _answer(content)


@router.get(
    "/investment",
    summary="What measures against spam cost and save",
    response_model=models.InvestmentModel,
    **_or_table(),
)
async def investment(
    request: Request,
    measure: Chosen = [],  # noqa: B006
    target_mail: Target = "",
    target_sms: Target = "",
    target_voice: Target = "",
    country: Country = "",
    size: Size = "",
    seed: Seed = "",
    covered: Covered = "",
    set_: Set = [],  # noqa: B006
    form: Form = "json",
) -> Response:
    """Block rates now and after, facilities, yearly cost, avoided burden and payback, each with its band."""
    await _admit(request)
    content = await in_thread(request, invested_for, request)
    return _csv(content, "investment") if form == "csv" else _answer(content)


def estimated_for(request: Request) -> dict[str, Any]:
    """The burden that a request asks for. Raises Problem 422."""
    asked, known, _ = _asked(request)
    return answers.estimate(asked, estimated(known, asked.seed), known)


def invested_for(request: Request) -> dict[str, Any]:
    """The investment that a request asks for. Raises Problem 422."""
    asked, known, _ = _asked(request)
    found = invested(known, asked.measures, asked.seed, asked.targets)
    return answers.investment(asked, found, known, draws.COUNT)


def _asked(request: Request) -> tuple[asking.Asked, Mapping[str, Any], Mapping[str, str]]:
    asked, known, errors, written = asking.of(request)
    names = [value.partition(":")[0].strip() for value in request.query_params.getlist("set")]
    errors |= {name: "there is no such parameter" for name in names if name not in known}
    if errors:
        places = [{"place": name[:60], "detail": why} for name, why in errors.items()]
        raise Problem(422, "the request has values that cannot be used", errors=places[:50])
    return asked, known, written


async def _admit(request: Request) -> None:
    """No caller may keep the processors busy."""
    public.gate(request).admit(request, await access.of(request).identify(request))


def _answer(content: Any) -> Response:
    return Response(orjson.dumps(content), media_type="application/json")


def _csv(content: Mapping[str, Any], name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="counterspam-costs-{name}.csv"'}
    return Response(answers.csv(content), media_type="text/csv; charset=utf-8", headers=headers)
