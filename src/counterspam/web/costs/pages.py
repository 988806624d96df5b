"""The pages of the cost model: what spam costs, what measures cost and save, and every parameter with its source.

They keep nothing: the whole question stands in the address.
"""

from collections.abc import Mapping
from typing import Any

import re2
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from counterspam.policy.costs import burden, draws, table, version
from counterspam.policy.costs.estimate import Estimate, estimated
from counterspam.policy.costs.investment import CAPEX, FACILITIES, SHOWN, YEARLY, Investment, invested
from counterspam.policy.costs.parameter import Parameter
from counterspam.web import access, public, render
from counterspam.web.api import in_thread
from counterspam.web.costs import answers, figures, labels, shown
from counterspam.web.costs import asked as asking
from counterspam.web.costs.asked import Asked
from counterspam.web.format import country, number, percent
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.scopes import Scope
from counterspam.web.views.countries import collated

SECTION = "/costs"
NO_TITLE = mark("Give it a title.")
EVERYBODY = [Depends(access.public)]
BURDEN_GROUPS = ("population", "volume", "time", "network", "support", "fraud", "call-back", "energy", "currency")
INVESTMENT_GROUPS = ("population", "time", "investment", "fraud")
ID = re2.compile(r"[0-9a-f]{16}")
router = APIRouter(include_in_schema=False)


@router.get("/costs", dependencies=EVERYBODY)
async def costs_page(request: Request) -> Response:
    """What spam costs a country or the users of an operator in a year."""
    caller = await access.of(request).identify(request)
    public.gate(request).admit(request, caller)
    asked, known, errors, written = await in_thread(request, asking.of, request)
    found = await in_thread(request, estimated, known, asked.seed)
    content = {
        **_scope(request, asked, known, errors, written, BURDEN_GROUPS),
        **burden_shown(found, known),
        "converted": _converted(found, known),
        "api": "/api/v1/costs/estimate",
        "may_save": caller.may(Scope.EDIT),
        "csrf": access.csrf_token(request),
        "pairs": asked.pairs(),
        "title": "",
        "error": gettext(NO_TITLE) if request.query_params.get("untitled") else "",
        "kind": "burden",
    }
    return render.page(request, "costs/costs.html", content)


@router.get("/costs/investment", dependencies=EVERYBODY)
async def investment_page(request: Request) -> Response:
    """What chosen measures cost, what they save, and when they have paid for themselves."""
    caller = await access.of(request).identify(request)
    public.gate(request).admit(request, caller)
    asked, known, errors, written = await in_thread(request, asking.of, request)
    found = await in_thread(request, invested, known, asked.measures, asked.seed, asked.targets)
    content = {
        **_scope(request, asked, known, errors, written, INVESTMENT_GROUPS),
        **investment_shown(found, known),
        "measures": shown.measures(asked),
        "channels": [(name, gettext(text)) for name, text in labels.CHANNELS.items()],
        "api": "/api/v1/costs/investment",
        "may_save": caller.may(Scope.EDIT),
        "csrf": access.csrf_token(request),
        "pairs": asked.pairs(),
        "title": "",
        "error": gettext(NO_TITLE) if request.query_params.get("untitled") else "",
        "kind": "investment",
    }
    return render.page(request, "costs/investment.html", content)


@router.get("/costs/parameters", dependencies=EVERYBODY)
async def parameters_page(request: Request) -> Response:
    """Every parameter with its source, wages and transit prices by country, and figures of others worked out again."""
    groups = [
        (name, gettext(text), shown.inputs(one for one in table.general().values() if one.group == name))
        for name, text in labels.GROUPS.items()
    ]
    catalogue = [
        {"measure": one, "name": gettext(labels.MEASURES[one.id]), "rows": shown.inputs(one.parameters)}
        for one in table.measures().values()
    ]
    content = {
        "section": SECTION,
        "tabs": tabs("/costs/parameters"),
        "groups": groups,
        "catalogue": catalogue,
        "reproduced": _figures(True),
        "wrong": _figures(False),
        "wages": _by_country("wage_year"),
        "transit": shown.inputs(_regions()),
        "model": version.model(),
    }
    return render.page(request, "costs/parameters.html", content)


def tabs(path: str) -> list[tuple[str, str, bool]]:
    """The pages of the model: address, name, and whether it is this one."""
    names = {
        "/costs": gettext("What spam costs"),
        "/costs/investment": gettext("What measures cost and save"),
        "/costs/parameters": gettext("Parameters and sources"),
        "/costs/scenarios": gettext("Saved scenarios"),
    }
    return [(address, name, address == path) for address, name in names.items()]


def burden_shown(found: Estimate, known: Mapping[str, Parameter]) -> dict[str, Any]:
    """The burden for a template."""
    names = frozenset().union(*(burden.needed(line.id) for line in burden.LINES))
    used = [one for one in known.values() if one.id in names]
    linked = [*names, *(line.id for line in burden.LINES)]
    lacking = sorted({name for one in found.components for name in one.missing})
    return {
        "total": found.total and figures.said(found.total, "USD per year"),
        "ends": found.total and {name: figures.value(getattr(found.total, name)) for name in ("low", "median", "high")},
        "users": figures.said(found.users, "USD per year"),
        "operators": figures.said(found.operators, "USD per year"),
        "per_person": figures.said(found.per_person, "USD per year"),
        "components": shown.lines(found.components, labels.COMPONENTS, linked),
        "quantities": shown.lines(found.quantities, labels.QUANTITIES, linked),
        "inputs": shown.inputs(used),
        "lacking": shown.missing(lacking, known),
        "left_out": [gettext(labels.COMPONENTS[name]) for name in found.missing],
        "tornado": shown.tornado(gettext("Result in USD per year, with one parameter changed"), found.tornado),
        "draws": number(found.count),
    }


def investment_shown(found: Investment, known: Mapping[str, Parameter]) -> dict[str, Any]:
    """The investment for a template."""
    usd = "USD per year"
    ids = {one.id for name in found.measures for one in table.measures()[name].parameters}
    ids |= {"operators", "staff_factor", "wage_year", "hours_year", "exposure_response"}
    costs = [
        _cost("capex", figures.said(found.capex, "USD"), CAPEX.shown),
        *(_cost(one.formula.id, figures.said(one.band, usd), one.formula.shown) for one in found.parts),
        _cost("yearly", figures.said(found.yearly, usd), " + ".join(one.id for one in YEARLY)),
        _cost("annual", figures.said(found.annual, usd), f"yearly + {FACILITIES.id}"),
        _cost("avoided", figures.said(found.avoided, usd), _formula("avoided")),
        _cost("net", figures.said(found.net, usd), _formula("net")),
    ]
    return {
        "rates": [_rate(one) for one in found.rates],
        "costs": costs,
        "avoided_parts": [
            (gettext(labels.COMPONENTS[name]), figures.said(one, usd)) for name, one in found.avoided_parts
        ],
        "paybacks": _paybacks(found),
        "payback_formula": _formula("payback"),
        "chosen": bool(found.measures),
        "lacking": shown.missing(found.missing, known),
        "left_out": [gettext(labels.COMPONENTS[name]) for name in found.left_out],
        "inputs": shown.inputs(one for one in known.values() if one.id in ids),
        "tornado": shown.tornado(
            gettext("Avoided burden less all cost, in USD per year, with one parameter changed"), found.tornado
        ),
        "draws": number(draws.COUNT),
    }


def _scope(
    request: Request,
    asked: Asked,
    known: Mapping[str, Parameter],
    errors: Mapping[str, str],
    written: Mapping[str, str],
    groups: tuple[str, ...],
) -> dict[str, Any]:
    """What both calculators have: form, name of the scope, and the address of the result."""
    place, path = country(asked.country) if asked.country else "", request.url.path
    scenario = request.query_params.get("scenario", "")  # whose next version this may become
    return {
        "section": SECTION,
        "tabs": tabs(path),
        "asked": asked,
        "form": shown.form(asked, known, errors, written, groups),
        "place": place,
        "people": number(known["people"].base or 0) if known["people"].known else "",
        "ppp_known": bool(asked.country) and table.wage_known_in_ppp(asked.country) and not known["wage_year"].known,
        "scenario": scenario if ID.fullmatch(scenario) else "",
        "kept": [pair for pair in asked.pairs() if _elsewhere(pair[0], groups)],
        "query": asked.address(),
        "here": href(path) + ("&" if "?" in href(path) else "?") + asked.address(),
    }


def _elsewhere(name: str, groups: tuple[str, ...]) -> bool:
    """Whether the form has no field for what the address names, which it must carry along."""
    if name in table.every():
        return table.every()[name].group not in groups
    return name.startswith(("measure", "target_")) and groups is BURDEN_GROUPS


def _cost(name: str, said: str, formula: str) -> dict[str, str]:
    return {"name": gettext(labels.COSTS[name]), "said": said, "formula": formula}


def _formula(name: str) -> str:
    return next(one.shown for one in SHOWN if one.id == name)


def _rate(one: Any) -> dict[str, str]:
    return {
        "channel": gettext(labels.CHANNELS[one.channel]),
        "now": figures.shares(one.now),
        "after": figures.shares(one.after),
        "reached": "" if one.reached is None else percent(one.reached),
        "formula": _formula(f"block_{one.channel}"),
    }


def _paybacks(found: Investment) -> list[dict[str, str]]:
    """Payback for all and for operators alone, in words."""
    said = []
    for name, one in (
        (gettext("Payback counting all that is avoided"), found.payback),
        (gettext("Payback counting what operators themselves avoid"), found.payback_operators),
    ):
        if one is not None and found.measures:
            within = gettext("within 10 years in %(share)s of the draws") % {"share": percent(one.within)}
            said.append({"name": name, "months": figures.months(one.months), "within": within})
    return said


def _converted(found: Estimate, known: Mapping[str, Parameter]) -> list[tuple[str, str]]:
    """The total in other money, at rates that the reader gave."""
    texts = {"fx": gettext("In local currency"), "price_level": gettext("In international dollars")}
    rows = []
    for name, text in texts.items():
        rate = known[name].base
        if found.total and rate:
            rows.append((text, figures.said(answers.converted(found.total, rate if name == "fx" else 1 / rate))))
    return rows


def _by_country(name: str) -> list[dict[str, Any]]:
    found = (table.of_country(code).get(name) for code in sorted(table.countries_with_wage()))
    return sorted(shown.inputs(one for one in found if one), key=lambda row: collated(row["place"]))


def _regions() -> list[Parameter]:
    examples = {
        "northern-america": "US",
        "europe": "FR",
        "latin-america": "BR",
        "asia": "IN",
        "oceania": "FJ",
        "africa": "KE",
    }
    return [table.of_country(code)["transit_price"] for code in examples.values()]


def _figures(reproduces: bool) -> list[dict[str, Any]]:
    """Published figures that do or do not reproduce."""
    return [
        {"row": one, "published": _plain(one.published), "computed": _plain(one.computed)}
        for one in table.published()
        if one.reproduces is reproduces
    ]


def _plain(found: float) -> str:
    """A published figure with the digits that it was printed with."""
    return number(found, 0 if abs(found) >= 1000 else 4 if abs(found) < 1 else 2)
