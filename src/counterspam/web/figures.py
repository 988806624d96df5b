"""The key figures of a node by name: what the page of indicators shows, and the API gives under `/api/v1/statistics/NAME`."""

import json
import time
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from counterspam import privacy
from counterspam.config import Config
from counterspam.measure import key_figures, outside_figures, quality
from counterspam.measure.disclosure import BASE, LEAST
from counterspam.measure.figure import Figure, disclosed
from counterspam.measure.scope import Query, Row, Scope, definition
from counterspam.web import reference

Make = Callable[[Query, Scope], Figure]
MEASURED = (
    key_figures.k1_spam_share,
    key_figures.k2_blocked_per_delivered,
    key_figures.k3_dropped_per_delivered,
    key_figures.k6_by_border,
    key_figures.k6_by_transit,
    key_figures.k7_by_type,
    key_figures.k8_in_scope,
    key_figures.k9_filter_effectiveness,
    key_figures.k13_origin_concentration,
    key_figures.k14_route_novelty,
    key_figures.k14_transit_novelty,
    key_figures.k15_lead_time,
    key_figures.k18_call_back,
)
# Those that no evidence stands behind, without rows.
OUTSIDE: dict[str, Figure] = {
    "k4_received_per_person": outside_figures.k4_received_per_person(()),
    "k16_detectors": outside_figures.k16_detectors(None),
    **{f"{one.id}_{one.name}".lower().replace(" ", "_").replace("-", "_"): one for one in outside_figures.unmeasured()},
}
UNKNOWN = "quality_unknown"
NAMES = (*(make.__name__ for make in MEASURED), "k5_report_rate", "k12_outbound", *OUTSIDE, UNKNOWN)
UNITS = {
    "numerator": "see the definition",
    "denominator": "see the definition",
    "value": "see unit and scale",
    "low": "lower end of the 95 % interval of value",
    "high": "upper end of the 95 % interval of value",
}
_INNER = ("contributors", "numerator_reports", "denominator_reports", "awareness")
_EXACT = (
    "unknown",
    "hhi",
    "origins",
)  # besides figures that the public sees rounded, these would tell more than they do


def every(config: Config) -> dict[str, Make]:
    """What works out each figure, by name, in the order of their ids."""
    table, outside = reference.populations(config), reference.published(config)
    found: dict[str, Make] = {make.__name__: make for make in MEASURED}
    found |= {name: lambda *_, one=one: one for name, one in OUTSIDE.items()}
    found |= {
        "k4_received_per_person": lambda _, scope: outside_figures.k4_received_per_person(outside, scope.channel),
        "k5_report_rate": lambda query, scope: key_figures.k5_report_rate(query, scope, _now(), table, outside),
        "k12_outbound": lambda query, scope: key_figures.k12_outbound(query, scope, _now(), table, config.jurisdiction),
        "k16_detectors": lambda *_: outside_figures.k16_detectors(_model()),
        UNKNOWN: quality.unknown,
    }
    return dict(sorted(found.items(), key=lambda pair: _place(pair[0])))


def meaning(name: str) -> Mapping[str, str]:
    """Question, numerator, denominator and what else is said of a figure."""
    return OUTSIDE[name].definition if name in OUTSIDE else definition(name)


def answer(config: Config, query: Query, name: str, scope: Scope, *, exact: bool) -> tuple[dict[str, Any], list[str]]:
    """What the API says of a figure, and the columns of its rows; unless `exact`, what of it the public may see."""
    found = every(config)[name](query, scope)
    shown = found if exact else disclosed(found, privacy.rounding_key(config.data))
    rounded = found.protected and not exact
    left_out = (*_INNER, *_EXACT) if rounded else _INNER
    rows = [_row(row, left_out) for row in shown.rows]
    columns = list(dict.fromkeys([*found.dimensions, *UNITS, *(name for row in rows for name in row)]))
    said = {
        "figure": found.id,
        "unit": str(found.unit),
        "scale": found.scale,
        "missing": found.missing,
        "disclosure": {
            "rule": "rounded" if rounded else "none" if found.protected else "open",
            "rounded_to": BASE if rounded else 1,
            "least_contributors": LEAST if rounded else 1,
            "small_cells": {},
        },
        "rows": rows,
    }
    return said, columns


def _row(row: Row, left_out: tuple[str, ...]) -> Row:
    """A row without what only the working out needs; of a population what it is, its year and its source."""
    found = {name: value for name, value in row.items() if name not in (*left_out, "population")}
    if known := row.get("population"):
        one = known.population
        found |= {"population": str(one.kind), "population_year": one.year, "population_source": one.source}
    return found


@cache
def _model() -> dict[str, Any] | None:
    record = files("counterspam") / "data" / "model" / "model.json"
    found: dict[str, Any] | None = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else None
    return found


def _now() -> int:
    return int(time.time())


def _place(name: str) -> tuple[int, str]:
    number = name.partition("_")[0].removeprefix("k")
    return int(number) if number.isdecimal() else len(NAMES), name
