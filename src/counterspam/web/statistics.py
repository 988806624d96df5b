"""Named questions answered for the public: rows with units, basis, period and age, small cells added together."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from counterspam.measure import periods, questions
from counterspam.measure.questions import SMALL
from counterspam.measure.scope import Query, Row, Scope, definition
from counterspam.web.titles import Titles, titled

COUNTS = {
    "messages": "messages or calls",
    "reports": "reports",
    "spam_messages": "messages or calls judged spam",
    "spam_reports": "reports judged spam",
}


@dataclass(frozen=True, slots=True)
class Public:
    """A question that anyone may ask: how it is answered, units beyond COUNTS, whether small cells are hidden, and
    whether its rows are campaigns.
    """

    ask: Callable[[Query, Scope, int], list[Row]]
    units: Mapping[str, str]
    small_hidden: bool = False
    campaigns: bool = False


def _reporters(query: Query, scope: Scope, _: int) -> list[Row]:
    return [{"reporters": questions.reporters(query, scope)}]


_STEP = {"at": "seconds since 1970 UTC, start of the step"}
_SEEN = {"first_seen": "milliseconds since 1970 UTC", "last_seen": "milliseconds since 1970 UTC"}

PUBLIC: dict[str, Public] = {
    "volume_by_channel": Public(lambda query, scope, _: questions.volume_by_channel(query, scope), _STEP),
    "volume_by_type": Public(lambda query, scope, _: questions.volume_by_type(query, scope), _STEP),
    "spam_share": Public(lambda query, scope, _: questions.spam_share(query, scope), {}),
    "reporters": Public(_reporters, {"reporters": "different reporters, estimated"}),
    "origins_by_country": Public(lambda query, scope, _: questions.origins_by_country(query, scope), {}, True),
    "origins_by_network": Public(questions.origins_by_network, {}),
    "origins_by_operator": Public(questions.origins_by_operator, {}),
    "route_matrix": Public(lambda query, scope, _: questions.route_matrix(query, scope), {}, True),
    "top_routes": Public(questions.top_routes, {}),
    "top_campaigns": Public(questions.top_campaigns, _SEEN, True, True),
}


def hex_id(campaign: int) -> str:
    """A campaign id as it is written outside: 16 hex digits, "" for none."""
    return f"{campaign:016x}" if campaign else ""


def names() -> list[dict[str, str]]:
    """All public questions with what they mean."""
    found = []
    for name in PUBLIC:
        said = definition(name)
        found.append({"name": name, "question": said.get("question", ""), "basis": said.get("basis", "")})
    return found


def answer(
    query: Query, titles: Titles, name: str, *, period: str, channel: str, synthetic: bool, limit: int
) -> dict[str, Any]:
    """The answer to a public question; KeyError when there is no such question."""
    question = PUBLIC[name]
    known = questions.span(query)
    scope = Scope(periods.period(period, int(time.time()), known["first"]), channel, synthetic)
    rows = question.ask(query, scope, limit)
    rows, suppressed = _suppress(rows) if question.small_hidden else (rows, {})
    if question.campaigns:
        rows = [{**row, "id": hex_id(row["id"])} for row in titled(rows, titles)]
    said = definition(name)
    shown = {column for row in rows for column in row}
    units = {column: unit for column, unit in {**COUNTS, **question.units}.items() if column in shown}
    return {
        "question": name,
        "basis": said.pop("basis", ""),
        "definition": said,
        "units": units,
        "period": asdict(scope.period),
        "channel": channel,
        "synthetic": synthetic,
        "last_updated": known["last"],
        "suppressed": suppressed,
        "rows": rows,
    }


def _suppress(rows: list[Row]) -> tuple[list[Row], dict[str, int]]:
    """Rows with enough reports, and the sum of the others."""
    small = [row for row in rows if _reports(row) < SMALL]
    total = {"rows": len(small)}
    for name in COUNTS:
        if any(name in row for row in small):
            total[name] = sum(row[name] for row in small)
    return [row for row in rows if _reports(row) >= SMALL], total if small else {}


def _reports(row: Row) -> int:
    return int(row["reports"] if "reports" in row else row.get("spam_reports", 0))
