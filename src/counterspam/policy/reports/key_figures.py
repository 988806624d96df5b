"""The table of key figures: what the page of indicators shows, with the interval of chance where a sample stands behind it."""

from collections.abc import Mapping
from typing import Any

from counterspam.policy.reports.document import Column, Table
from counterspam.policy.reports.sources import of_page
from counterspam.policy.reports.voice import Voice, mark

MOST_ROWS = 4  # of one figure: the greatest
UNITS = {
    "share": mark("share"),
    "ratio": mark("ratio"),
    "per subscribers and month": mark("per subscribers and month"),
    "per person and month": mark("per person and month"),
}
NAMES = ("channel", "border", "content_type", "country", "basis")


def table(snapshot: Mapping[str, Any], voice: Voice) -> Table:
    """Every key figure of the snapshot: its greatest rows, or what is missing to tell it."""
    say = voice.say
    heads = [
        Column("figure", say("Figure")),
        Column("of", say("Of")),
        Column("value", say("Value"), True),
        Column("low", say("Lower bound (95 %)"), True),
        Column("high", say("Upper bound (95 %)"), True),
        Column("unit", say("Unit")),
    ]
    plain, shown = [], []
    for figure in snapshot["figures"]:
        known = [row for row in figure["answer"]["rows"] if row["value"] is not None]
        known = sorted(known, key=lambda row: -(row["denominator"] or row["numerator"] or 0))[:MOST_ROWS]
        defined = snapshot["definitions"][figure["name"]]["question"]
        question = say(defined)
        unit = figure["answer"]["unit"]
        if not known:
            plain.append([figure["name"], "", None, None, None, unit])
            shown.append([question, _missing(voice, figure["answer"]["missing"]), "–", "–", "–", say(UNITS[unit])])
        for row in known:
            values = [row.get(name) for name in ("value", "low", "high")]
            plain.append([figure["name"], _of(voice, row), *values, unit])
            shown.append(
                [question, _of(voice, row), *(_said(voice, unit, value) for value in values), say(UNITS[unit])]
            )
    source = of_page(
        snapshot,
        voice,
        say("Key figures"),
        "/indicators",
        source=say("Evidence that reached node %(node)s.") % {"node": snapshot["node"]},
        basis=say(
            "Kinds of observers stand side by side and are never merged. Where evidence is lacking the figure says so."
        ),
        method=say("Each figure by its own definition on that page; its greatest rows are shown."),
        uncertainty=say("Intervals tell what chance does, not who reports nor what a check misses."),
    )
    return Table("key_figures", say("Key figures"), heads, plain, shown, source, say("None recorded on this node."))


def _missing(voice: Voice, missing: str) -> str:
    """Why there is no value."""
    if not missing:
        return voice.say("There is nothing to count it against in this period.")
    what = ", ".join(voice.say(one) for one in missing.split("; "))
    return voice.say("Not known here: %(what)s.") % {"what": what}


def _of(voice: Voice, row: Mapping[str, Any]) -> str:
    names = [name for name in NAMES if row.get(name)]
    return " · ".join(voice.value("origin" if name == "country" else name, row[name]) for name in names) or "–"


def _said(voice: Voice, unit: str, value: float | None) -> str:
    if value is None:
        return "–"
    return voice.percent(value, 1) if unit == "share" else voice.number(value, 2 if value >= 0.1 or not value else 5)
