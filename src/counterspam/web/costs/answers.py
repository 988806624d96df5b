"""Results of the cost model as JSON and CSV: every figure as a band, with its formula and all the inputs that it rests on."""

from collections.abc import Iterable, Mapping
from typing import Any

from counterspam.policy.costs import burden, table, version
from counterspam.policy.costs.band import Band
from counterspam.policy.costs.estimate import Estimate, Line
from counterspam.policy.costs.investment import CAPEX, FACILITIES, SHOWN, YEARLY, Investment, Payback
from counterspam.policy.costs.parameter import Parameter, described
from counterspam.policy.costs.tornado import Swing
from counterspam.web.costs.asked import Asked
from counterspam.web.tabular import as_csv

METHOD = (
    "Bands are the median and the 5 % and 95 % quantiles of draws from triangular distributions, independent of each other; "
    "null as a bound is beyond every bound, null as a band is unknown."
)
COLUMNS = (
    "section", "id", "unit", "low", "median_or_base", "high", "borne_by", "formula", "missing", "provenance", "vendor", "year",
    "place", "source", "note",
)  # fmt: skip


def estimate(asked: Asked, found: Estimate, parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """The burden as JSON."""
    names = frozenset().union(*(burden.needed(line.id) for line in burden.LINES))
    return {
        **_head(asked, found.seed, found.count),
        "unit": "USD per year",
        "total": _band(found.total),
        "users": _band(found.users),
        "operators": _band(found.operators),
        "per_person": _band(found.per_person),
        **_converted(found.total, parameters),
        "missing": list(found.missing),
        "components": [_line(one) for one in found.components],
        "quantities": [_line(one) for one in found.quantities],
        "tornado": [_swing(one) for one in found.tornado],
        "inputs": [described(parameters[name]) for name in sorted(names)],
    }


def investment(asked: Asked, found: Investment, parameters: Mapping[str, Parameter], count: int) -> dict[str, Any]:
    """The estimate of measures as JSON."""
    chosen = [table.measures()[name] for name in found.measures]
    names = {"operators", "staff_factor", "exposure_response"}
    names |= frozenset().union(*(burden.needed(line.id) for line in burden.LINES))
    names |= {one.id for measure in chosen for one in measure.parameters}
    rates = [
        {"channel": one.channel, "now": one.now.shown(), "after": one.after.shown(), "target_reached": one.reached}
        for one in found.rates
    ]
    return {
        **_head(asked, asked.seed, count),
        "measures": list(found.measures),
        "rates": rates,
        "capex": _band(found.capex),
        "yearly_parts": {one.formula.id: _band(one.band) for one in found.parts},
        "yearly": _band(found.yearly),
        "annual": _band(found.annual),
        "avoided": _band(found.avoided),
        "avoided_parts": {name: band.shown() for name, band in found.avoided_parts},
        "net": _band(found.net),
        "payback": _payback(found.payback),
        "payback_operators": _payback(found.payback_operators),
        "missing": list(found.missing),
        "left_out": list(found.left_out),
        "formulas": {one.id: one.text for one in (CAPEX, FACILITIES, *YEARLY, *SHOWN)},
        "tornado": [_swing(one) for one in found.tornado],
        "inputs": [described(parameters[name]) for name in sorted(names)],
    }


def csv(content: Mapping[str, Any]) -> bytes:
    """A result as CSV: one row per figure and per input."""
    return as_csv(COLUMNS, list(_rows(content)))


def _rows(content: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    yield {"section": "model", "id": content["model"], "note": f"seed {content['seed']}, {content['draws']} draws"}
    for name, value in content["asked"]:
        yield {"section": "asked", "id": name, "note": value}
    yield from _results(content)
    for section in ("components", "quantities"):
        for one in content.get(section, ()):
            said = {"borne_by": one["borne_by"], "formula": one["formula"], "missing": " ".join(one["missing"])}
            yield {"section": section, "id": one["id"], "unit": one["unit"], **said, **_ends(one["band"])}
    for one in content["inputs"]:
        kept = {name: one[name] for name in COLUMNS if name in one}
        yield {"section": "inputs", **kept, "median_or_base": one["base"]}


def _results(content: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for name in ("total", "users", "operators", "per_person", "capex", "yearly", "annual", "avoided", "net"):
        if name in content:
            yield {"section": "result", "id": name, "unit": "USD", **_ends(content[name])}
    for name in ("payback", "payback_operators"):
        if content.get(name):
            note = f"within 10 years in {100 * content[name]['within_10_years']:.1f} % of the draws"
            yield {"section": "result", "id": name, "unit": "months", **_ends(content[name]["months"]), "note": note}
    for section in ("yearly_parts", "avoided_parts"):
        for name, band in content.get(section, {}).items():
            formula = content["formulas"].get(name, "")
            yield {"section": section, "id": name, "unit": "USD per year", "formula": formula, **_ends(band)}
    for one in content.get("rates", ()):
        yield {"section": "rates", "id": f"{one['channel']}_now", "unit": "share", **_ends(one["now"])}
        yield {"section": "rates", "id": f"{one['channel']}_after", "unit": "share", **_ends(one["after"])}


def _ends(band: Mapping[str, Any] | None) -> dict[str, Any]:
    return {"low": band["low"], "median_or_base": band["median"], "high": band["high"]} if band else {}


def _head(asked: Asked, seed: int, count: int) -> dict[str, Any]:
    return {"model": version.model(), "asked": asked.pairs(), "seed": seed, "draws": count, "method": METHOD}


def _converted(total: Band | None, parameters: Mapping[str, Parameter]) -> dict[str, Any]:
    """The total in the local currency and in international dollars, at the base of rates that were given."""
    found: dict[str, Any] = {"total_local": None, "total_international": None}
    for name, target, power in (("fx", "total_local", 1), ("price_level", "total_international", -1)):
        rate = parameters[name].base
        if total and rate:
            found[target] = converted(total, rate**power).shown()
    return found


def converted(band: Band, rate: float) -> Band:
    """A band of money at a rate."""
    return Band(band.low * rate, band.median * rate, band.high * rate)


def _band(found: Band | None) -> dict[str, float | None] | None:
    return found.shown() if found else None


def _payback(found: Payback | None) -> dict[str, Any] | None:
    return {"months": found.months.shown(), "within_10_years": found.within} if found else None


def _line(one: Line) -> dict[str, Any]:
    return {
        "id": one.formula.id,
        "unit": one.formula.unit,
        "formula": one.formula.text,
        "band": _band(one.band),
        "share": _band(one.share),
        "borne_by": one.borne_by,
        "missing": list(one.missing),
    }


def _swing(one: Swing) -> dict[str, Any]:
    low, _, high = one.parameter.span
    ends = {"low": low, "high": high, "at_low": one.at_low, "base": one.base, "at_high": one.at_high}
    return {"parameter": one.parameter.id, **ends}
