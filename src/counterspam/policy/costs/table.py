"""The shipped data of the model: parameters, wages and transit prices by country, measures, and what others published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from counterspam.errors import ConfigError
from counterspam.policy.costs.formula import Formula
from counterspam.policy.costs.parameter import Parameter, Provenance, Scale, fault

THIS_YEAR = 2024  # until when the band of a wage reaches
GROWTH = 1.04
CHANNELS = ("mail", "sms", "voice")
# Figures of a measure: unit, bounds, and what it means.
FIELDS: dict[str, tuple[str, float, str]] = {
    "capex": ("USD per operator", 1e10, "Facilities bought once"),
    "capex_user": ("USD per user", 1e4, "Facilities bought once, more for each user"),
    "life": ("years", 50, "Life of the facilities"),
    "licence_user": ("USD per user and year", 1e4, "Licences"),
    "staff": ("full-time posts per operator", 1e4, "Staff"),
    "staff_million": ("full-time posts per million users", 1e4, "Staff, more for each million users"),
    "training": ("USD per post and year", 1e6, "Training"),
    "running": ("share of facilities per year", 2, "Running cost"),
}
_NORTHERN_AMERICA = frozenset({"US", "CA", "BM", "GL", "PM"})
_REGIONS = {"150": "europe", "019": "latin-america", "142": "asia", "009": "oceania", "002": "africa"}


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of the catalogue; its figures are parameters named `ID__FIELD`. `base` are the users who count."""

    id: str
    name: str
    base: str
    source: str
    address: str
    note: str
    provenance: Provenance
    vendor: bool
    parameters: tuple[Parameter, ...]

    def effects(self, kind: str) -> dict[str, str]:
        """Channel -> id of the parameter, for the kind "stopped" or "prevented"."""
        known = {one.id for one in self.parameters}
        names = {channel: f"{self.id}__{kind}_{channel}" for channel in CHANNELS}
        return {channel: name for channel, name in names.items() if name in known}


@dataclass(frozen=True, slots=True)
class Published:
    """A figure that was published, with the formula that should give it; `corrected` is what it gives where it does not."""

    id: str
    title: str
    unit: str
    published: float
    reproduces: bool
    corrected: float | None
    within: float
    formula: Formula
    inputs: Mapping[str, float]
    source: str
    note: str
    vendor: bool

    @property
    def computed(self) -> float:
        """What the formula gives."""
        return float(self.formula(self.inputs))


def _read(name: str) -> Any:
    return yaml.safe_load((files("counterspam") / "data" / "costs" / f"{name}.yaml").read_text(encoding="utf-8"))


@cache
def general() -> dict[str, Parameter]:
    """The parameters that are no figures of a measure, by id. Raises ConfigError when the data are wrong."""
    return _checked([_parameter(row) for row in _read("parameters")])


@cache
def measures() -> dict[str, Measure]:
    """The catalogue of measures, by id. Raises ConfigError when the data are wrong."""
    return {row["id"]: _measure(row) for row in _read("measures")}


@cache
def every() -> dict[str, Parameter]:
    """All parameters, those of measures last."""
    return general() | _checked([one for measure in measures().values() for one in measure.parameters])


@cache
def published() -> tuple[Published, ...]:
    """What others published, worked out again."""
    return tuple(_published(row) for row in _read("published"))


def of_country(code: str) -> dict[str, Parameter]:
    """What is known of a country (ISO 3166 alpha-2): its wage and the transit price of its region. Others are left out."""
    found = {}
    data = _countries()
    known = general()
    if code in data["wage_year"]:
        source, year, value = data["wage_year"][code]
        said = data["wage_sources"][source]
        high = value * GROWTH ** max(0, THIS_YEAR - year)
        given = {"low": round(value * 0.95, 2), "base": float(value), "high": round(high, 2)}
        wage = replace(known["wage_year"], provenance=Provenance.PUBLISHED, place=code, year=str(year))
        found["wage_year"] = replace(wage, **said, **given)
    region = region_of(code)
    if region:
        row = dict(data["transit"][region])
        found["transit_price"] = replace(known["transit_price"], place=region, **_values(row), **_said(row))
    return found


def wage_in_dollars(code: str, price_level: Parameter) -> Parameter | None:
    """The wage of a country whose wage is known in international dollars only, at a price level; None where it is not."""
    known = _countries()["wage_month_ppp"]
    if code not in known["values"] or not price_level.known:
        return None
    year, month = known["values"][code]
    low, base, high = (month * 12 * value for value in price_level.span)
    note = f"{month:,.2f} international dollars a month in {year}, times 12 and the price level given."
    said = {"source": known["source"], "address": known["address"], "note": note, "year": str(year), "place": code}
    given = {"low": low * 0.95, "base": base, "high": high * GROWTH ** max(0, THIS_YEAR - year)}
    return replace(general()["wage_year"], provenance=Provenance.DERIVED, **said, **given)


def countries_with_wage() -> frozenset[str]:
    """Countries whose wage is known in dollars at market rates."""
    return frozenset(_countries()["wage_year"])


def wage_known_in_ppp(code: str) -> bool:
    """Whether the wage of a country is known in international dollars."""
    return code in _countries()["wage_month_ppp"]["values"]


def region_of(code: str) -> str:
    """The region whose transit price stands for a country, "" for none."""
    if code in _NORTHERN_AMERICA:
        return "northern-america"
    return _REGIONS.get(_m49().get(code, ""), "")


@cache
def _countries() -> Any:
    return _read("countries")


@cache
def _m49() -> dict[str, str]:
    known: dict[str, str] = yaml.safe_load(
        (files("counterspam") / "data" / "countries.json").read_text(encoding="utf-8")
    )
    return known


def _values(row: dict[str, Any]) -> dict[str, Any]:
    values: Sequence[float] | None = row.pop("values", None)
    return dict(zip(("low", "base", "high"), map(float, values), strict=True)) if values else {}


def _said(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("year", "source", "address", "note", "vendor", "place") if name in row}
    return kept | {"provenance": Provenance(row.get("provenance", "unknown"))}


def _parameter(row: dict[str, Any]) -> Parameter:
    least, most = row["bounds"]
    names = {name: row[name] for name in ("id", "group", "meaning", "unit", "raises")}
    scale = Scale(row.get("scale", "linear"))
    return Parameter(**names, **_values(row), **_said(row), scale=scale, least=float(least), most=float(most))


def _measure(row: dict[str, Any]) -> Measure:
    basis = Provenance(row["basis"])
    found = []
    for name, (unit, most, meaning) in FIELDS.items():
        values = row.get(name, [0, 0, 0])
        least = 0.1 if name == "life" else 0.0
        found.append(
            _figure(row, name, values, Provenance.ASSUMPTION, meaning=meaning, unit=unit, least=least, most=most)
        )
    for kind, key in (("stopped", "effects"), ("prevented", "prevented")):
        for channel, values in row.get(key, {}).items():
            meaning = f"Spam {kind} by the measure: {channel}"
            found.append(
                _figure(row, f"{kind}_{channel}", values, basis, meaning=meaning, unit="share", least=0.0, most=1.0)
            )
    source, address, note = (row.get(name, "") for name in ("source", "address", "note"))
    return Measure(
        row["id"], row["name"], row["base"], source, address, note, basis, bool(row.get("vendor")), tuple(found)
    )


def _figure(row: Mapping[str, Any], name: str, values: Sequence[float], basis: Provenance, **given: Any) -> Parameter:
    low, base, high = map(float, values)
    effect = name.startswith(("stopped", "prevented"))
    said = {key: row.get(key, "") for key in ("source", "address", "note")} if effect else {}
    id = f"{row['id']}__{name}"
    vendor = effect and bool(row.get("vendor"))
    return Parameter(
        id=id, group=row["id"], provenance=basis, vendor=vendor, low=low, base=base, high=high, **said, **given
    )


def _published(row: Mapping[str, Any]) -> Published:
    formula = Formula(row["id"], row["unit"], row["formula"])
    said = row.get("why") or row.get("note", "")
    return Published(
        row["id"],
        row["title"],
        row["unit"],
        float(row["published"]),
        row["reproduces"],
        row.get("corrected"),
        float(row["within"]),
        formula,
        row["inputs"],
        row["source"],
        said,
        bool(row.get("vendor")),
    )


def _checked(found: Sequence[Parameter]) -> dict[str, Parameter]:
    for one in found:
        if reason := fault(one):
            raise ConfigError(f"cost parameter {one.id}: {reason}")
    known = {one.id: one for one in found}
    if len(known) != len(found):
        raise ConfigError("a cost parameter stands twice")
    return known
