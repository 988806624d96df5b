"""What the pages of the cost model show: tables of components, quantities and inputs, the tornado, and the form."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from counterspam.policy.costs import table
from counterspam.policy.costs.estimate import Line
from counterspam.policy.costs.formula import Formula
from counterspam.policy.costs.parameter import Parameter
from counterspam.policy.costs.tornado import Swing
from counterspam.web import charts
from counterspam.web.charts import Bar
from counterspam.web.costs import figures, labels
from counterspam.web.costs.asked import PEOPLE, Asked
from counterspam.web.format import countries, country, locale, percent, share
from counterspam.web.labels import UNKNOWN
from counterspam.web.language import current, gettext
from counterspam.web.views.countries import collated

TOLD = Markup(' aria-invalid="true" aria-describedby="{}-e"')  # of a field whose error stands beside it
_NAME = re.compile(r"[a-z]\w*")
# Regions of transit prices by their M49 code, which the CLDR has a name for.
REGIONS = {
    "northern-america": "021",
    "europe": "150",
    "latin-america": "419",
    "asia": "142",
    "oceania": "009",
    "africa": "002",
}


def formula(one: Formula, inputs: Iterable[str]) -> Markup:
    """A formula whose names lead to the inputs on the same page, where they stand there."""
    known = set(inputs)
    parts, end = [], 0
    for found in _NAME.finditer(one.shown):
        parts.append(Markup.escape(one.shown[end : found.start()]))
        name = found.group()
        parts.append(Markup('<a href="#in-{}">{}</a>').format(name, name) if name in known else Markup.escape(name))
        end = found.end()
    return Markup("").join([*parts, Markup.escape(one.shown[end:])])


def lines(found: Sequence[Line], names: Mapping[str, str], inputs: Iterable[str]) -> list[dict[str, Any]]:
    """Components or quantities as rows of a table."""
    greatest = figures.scale([one.band for one in found])
    known = set(inputs)
    return [
        {
            "id": one.formula.id,
            "name": gettext(names[one.formula.id]),
            "borne_by": gettext(labels.BEARERS[one.borne_by]) if one.borne_by else "",
            "said": figures.said(one.band, one.formula.unit),
            "missing": [gettext(labels.PARAMETERS[name]) for name in one.missing],
            "share": share(one.share.median, 1) if one.share else "",
            "between": f"{percent(one.share.low)} – {percent(one.share.high)}"
            if one.share and one.share.high >= 0.01
            else "",
            "bar": charts.share_interval(one.band.low, one.band.median, one.band.high, greatest) if one.band else "",
            "formula": formula(one.formula, known),
        }
        for one in found
    ]


def inputs(parameters: Iterable[Parameter]) -> list[dict[str, Any]]:
    """Parameters as rows of a table."""
    unknown = gettext(UNKNOWN)
    return [
        {
            "id": one.id,
            "name": labels.full(one),
            "span": figures.span(one),
            "unit": labels.unit(one.unit),
            "provenance": gettext(labels.PROVENANCE[str(one.provenance)]),
            "vendor": one.vendor,
            "year": unknown if one.year == "unknown" else one.year,
            "place": place(one.place),
            "source": one.source,
            "note": one.note,
        }
        for one in parameters
    ]


def place(name: str) -> str:
    """Where a value was so, in words; "" for the world or nowhere in particular."""
    if name in REGIONS:
        return str(locale(current()).territories[REGIONS[name]])
    return country(name) if len(name) == 2 else "" if name == "world" else name


def tornado(title: str, found: Sequence[Swing]) -> Markup:
    """The chart of what matters, "" where nothing moves."""
    if not found:
        return Markup("")
    bars = [
        Bar(
            labels.full(one.parameter),
            _value(one.parameter.low, one.parameter),
            _value(one.parameter.high, one.parameter),
            one.at_low,
            one.at_high,
        )
        for one in found
    ]
    heads = (gettext("Parameter"), gettext("At its low"), gettext("At its high"))
    return charts.tornado(title, heads, found[0].base, bars, say=figures.value)


def form(
    asked: Asked,
    parameters: Mapping[str, Parameter],
    errors: Mapping[str, str],
    written: Mapping[str, str],
    groups: Sequence[str],
) -> dict[str, Any]:
    """What the form of the calculator shows: nothing that was written is lost, and errors stand beside their field."""
    shown = [one for one in table.general().values() if one.group in groups]
    fields = {group: [one for one in shown if one.group == group] for group in groups}
    known = countries()
    return {
        "countries": sorted(known.items(), key=lambda item: collated(item[1])),
        "written": written,
        "errors": {name: _sentence(gettext(why)) for name, why in errors.items()},
        "told": {name: TOLD.format(name) for name in errors},
        "seed": asked.seed,
        "groups": [
            (gettext(labels.GROUPS[group]), [_field(parameters[one.id], written) for one in found])
            for group, found in fields.items()
            if found
        ],
        "changed": any(name in written for name in table.general()),
    }


def missing(names: Iterable[str], parameters: Mapping[str, Parameter]) -> list[dict[str, str]]:
    """Unknown parameters by name, for the notice that asks for them."""
    return [{"id": name, "name": labels.parameter(parameters[name])} for name in names]


def measures(asked: Asked) -> list[dict[str, Any]]:
    """The catalogue as check boxes."""
    return [
        {
            "id": one.id,
            "name": gettext(labels.MEASURES[one.id]),
            "chosen": one.id in asked.measures,
            "basis": gettext(labels.PROVENANCE[str(one.provenance)]),
        }
        for one in table.measures().values()
    ]


def _field(one: Parameter, written: Mapping[str, str]) -> dict[str, str]:
    given = written.get(one.id, "")
    hint = figures.span(one) if one.id not in PEOPLE or not given else ""
    return {"id": one.id, "name": labels.parameter(one), "unit": labels.unit(one.unit), "hint": hint, "value": given}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _value(found: float | None, one: Parameter) -> str:
    return f"{figures.plain(found or 0)} {labels.unit(one.unit)}"
