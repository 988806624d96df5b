"""Named questions: what the pages of the node show, under a name, with the definition of each figure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from counterspam.measure import questions
from counterspam.measure.disclosure import LEAST
from counterspam.measure.scope import Row, Scope, definition
from counterspam.web import figures
from counterspam.web.answers import Asking, Span
from counterspam.web.asked import UNITS, Question
from counterspam.web.problems import Problem
from counterspam.web.titles import reader, titled

SPAM = ("spam_messages", "spam_reports")
SHARE = ("messages", "reports", *SPAM, "spam_share", "spam_share_low", "spam_share_high")


@dataclass(frozen=True, slots=True)
class Named:
    """What a name stands for: dimensions, whether over the steps of the period, and metrics; no metrics: a list of its own."""

    dimensions: tuple[str, ...] = ()
    stepped: bool = False
    metrics: tuple[str, ...] = SHARE[:4]


PUBLIC: dict[str, Named] = {
    "volume_by_channel": Named(("channel",), True),
    "volume_by_type": Named(("content_type",), True, SPAM),
    "spam_share": Named(("source",), metrics=SHARE),
    "reporters": Named(metrics=()),
    "origins_by_country": Named(("origin",)),
    "origins_by_network": Named(("asn", "network"), metrics=SPAM),
    "origins_by_operator": Named(("operator", "origin"), metrics=SPAM),
    "route_matrix": Named(("origin", "destination"), metrics=SPAM),
    "top_routes": Named(("origin", "transit", "destination"), metrics=SPAM),
    "top_campaigns": Named(metrics=()),
    **{name: Named(metrics=()) for name in figures.NAMES},
}
_MORE = {
    "reporters": "different reporters, estimated: standard error 1.6 %",
    "first_seen": "milliseconds since 1970 UTC",
    "last_seen": "milliseconds since 1970 UTC",
}
_CAMPAIGN = ("id", "title", *SPAM, "channels", "content_type", "first_seen", "last_seen", "synthetic")


def names() -> list[dict[str, str]]:
    """All public questions with what they mean."""
    found = []
    for name in PUBLIC:
        said = _meaning(name)
        found.append({"name": name, "question": said.get("question", ""), "basis": said.get("basis", "")})
    return found


def _meaning(name: str) -> Mapping[str, str]:
    return figures.meaning(name) if name in figures.NAMES else definition(name)


def hex_id(campaign: int) -> str:
    """A campaign id as it is written outside: 16 hex digits, "" for none."""
    return f"{campaign:016x}" if campaign else ""


def question(name: str, asked: Question) -> Question:
    """What a name asks, within the period, channel and limit of `asked`."""
    series = PUBLIC[name]
    if asked.defined_by and not series.metrics:
        raise Problem(422, f"{name} cannot be asked for together with defined_by")
    return Question(
        asked.period,
        series.metrics,
        series.dimensions,
        asked.filters,
        "",
        asked.synthetic,
        limit=asked.limit or 10,
        defined_by=asked.defined_by,
    )


def answer(node: Any, name: str, asked: Question, span: Span, *, exact: bool) -> tuple[dict[str, Any], Sequence[str]]:
    """The answer to a named question, and the columns of its rows."""
    series, said = PUBLIC[name], _meaning(name)
    found = Asking(node).answer(asked, span, exact=exact)
    columns: Sequence[str] = [*(["at"] if series.stepped else []), *series.dimensions, *series.metrics]
    if not series.metrics:
        channel = asked.chosen("channel")
        scope = Scope(span.period, channel[0] if channel else "", asked.synthetic)
        more, columns = _listed(node, name, scope, asked.limit, exact=exact)
        found |= {"totals": {}, **more}
    known = {**UNITS, **figures.UNITS, **_MORE}
    units = {column: known[column] for column in columns if column in known}
    return found | {"name": name, "definition": said, "units": units, "next": ""}, columns


def _listed(node: Any, name: str, scope: Scope, limit: int, *, exact: bool) -> tuple[dict[str, Any], Sequence[str]]:
    """What is no question of metrics and dimensions: key figures, campaigns, reporters."""
    if name in figures.NAMES:
        return figures.answer(node.config, node.events.query, name, scope, exact=exact)
    rows, columns = _campaigns(node, scope, limit) if name == "top_campaigns" else _reporters(node, scope, exact)
    return {"rows": rows}, columns


def _reporters(node: Any, scope: Scope, exact: bool) -> tuple[list[Row], Sequence[str]]:
    """One row; none while fewer than 5 people reported."""
    count = questions.reporters(node.events.query, scope)
    return [{"reporters": count}] if exact or count >= LEAST else [], ("reporters",)


def _campaigns(node: Any, scope: Scope, limit: int) -> tuple[list[Row], Sequence[str]]:
    rows = titled(questions.top_campaigns(node.events.query, scope, limit), reader(node.records))
    return [{name: row[name] for name in _CAMPAIGN} | {"id": hex_id(row["id"])} for row in rows], _CAMPAIGN
