"""Results of the cost model as they were saved, for pages: bands from JSON, headline figures, and what the author changed."""

import math
from collections.abc import Mapping
from typing import Any

from counterspam.policy.costs import table
from counterspam.policy.costs.band import Band
from counterspam.web import charts
from counterspam.web.costs import figures, labels
from counterspam.web.format import share
from counterspam.web.language import gettext

USD = "USD per year"
CHANGED = ("user", "questionnaire", "measured here")


def band(found: Mapping[str, float | None] | None) -> Band | None:
    """A band from its JSON: a bound that is null lies beyond every bound."""
    if found is None:
        return None
    low, median, high = (
        math.inf if found[name] is None else float(found[name] or 0) for name in ("low", "median", "high")
    )
    return Band(low, median, high)


def total(result: Mapping[str, Any]) -> str:
    """The whole burden of a saved result in words."""
    return figures.said(band(result["burden"]["total"]), USD)


def shown(result: Mapping[str, Any]) -> dict[str, Any]:
    """A saved result for a template."""
    burden = result["burden"]
    parts = [(one["id"], band(one["band"]), band(one["share"])) for one in burden["components"]]
    greatest = figures.scale([each for _, each, _ in parts])
    return {
        "total": total(result),
        "users": figures.said(band(burden["users"]), USD),
        "operators": figures.said(band(burden["operators"]), USD),
        "per_person": figures.said(band(burden["per_person"]), USD),
        "left_out": [gettext(labels.COMPONENTS[name]) for name in burden["missing"] if name in labels.COMPONENTS],
        "components": [
            {
                "name": gettext(labels.COMPONENTS.get(name, name)),
                "said": figures.said(each, USD),
                "share": share(part.median, 1) if part else "",
                "bar": charts.share_interval(each.low, each.median, each.high, greatest) if each else "",
            }
            for name, each, part in parts
        ],
        "changed": [_changed(one) for one in burden["inputs"] if one["provenance"] in CHANGED],
        "investment": _investment(result["investment"]) if "investment" in result else None,
        "seed": burden["seed"],
        "draws": burden["draws"],
    }


def _investment(found: Mapping[str, Any]) -> dict[str, Any]:
    rows = [(name, figures.said(band(found[name]), "USD" if name == "capex" else USD))
            for name in ("capex", "yearly", "annual", "avoided", "net")]  # fmt: skip
    said = [(gettext(labels.COSTS[name]), text) for name, text in rows]
    names = {
        "payback": gettext("Payback counting all that is avoided"),
        "payback_operators": gettext("Payback counting what operators themselves avoid"),
    }
    for name, text in names.items():
        months = band(found[name]["months"]) if found[name] else None
        if months:
            said.append((text, figures.months(months)))
    return {"rows": said, "measures": [gettext(labels.MEASURES.get(name, name)) for name in found["measures"]]}


def _changed(one: Mapping[str, Any]) -> dict[str, str]:
    known = table.every().get(one["id"])
    values = [one["low"], one["base"], one["high"]]
    span = f"{values[1]:.12g}" if values[0] == values[2] else " ".join(f"{each:.12g}" for each in values)
    return {
        "name": labels.full(known) if known else str(one["id"]),
        "span": span,
        "unit": labels.unit(str(one["unit"])),
        "provenance": gettext(labels.PROVENANCE[str(one["provenance"])]),
        "source": str(one["source"]),
    }
