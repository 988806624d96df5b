"""What the live page shows, worked out from the answers to the questions of `measure`: one function per block."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from counterspam.measure import questions
from counterspam.measure.periods import Period, before
from counterspam.measure.questions import SMALL
from counterspam.measure.scope import Query, Row, Scope
from counterspam.web import charts, words
from counterspam.web.format import CHANNELS, LABELS, label, step_label
from counterspam.web.titles import Titles, titled

TOP_TYPES = 9
TOP_COUNTRIES = 12
MATRIX_ROWS, MATRIX_COLUMNS = 8, 6
OTHER = "*"  # no country code: the sum of those not shown

# What each kind of observer sees, and so what its share means.
OBSERVERS = {
    "user-report": "what people took for spam and reported",
    "trap": "what reached addresses that nobody uses",
    "honeypot": "what systems set up as bait received",
    "filter": "what a network's own filter looked at",
    "call-record": "calls of one network, unwanted or not",
    "signalling": "signalling between networks",
    "peer": "what another node passed on",
    "questionnaire": "what administrations answered",
}


def board(query: Query, titles: Titles, scope: Scope, first: int, reporters: int) -> dict[str, Any]:
    """All blocks of the live page but the newest evidence. `first` is when the evidence starts, in seconds."""
    sources = questions.spam_share(query, scope)
    by_channel = questions.volume_by_channel(query, scope)
    spam = sum(row["spam_messages"] for row in sources)
    return {
        "scope": scope,
        "figures": figures(sources, reporters),
        "volume": volume(by_channel, scope.period, _before(query, scope, first, by_channel)),
        "types": types(questions.volume_by_type(query, scope), scope.period),
        "share": {"rows": sources, "words": words.basis(sources), "observers": OBSERVERS},
        "origins": origins(query, scope),
        "routes": routes(questions.route_matrix(query, scope), questions.top_routes(query, scope)),
        "campaigns": campaigns(titled(questions.top_campaigns(query, scope), titles), spam),
    }


def figures(sources: Sequence[Row], reporters: int) -> dict[str, int]:
    """The key figures: sums over the source kinds, which are counts and may be added; shares may not."""
    names = ("messages", "reports", "spam_messages", "spam_reports", "synthetic_reports")
    return {**{name: sum(row[name] for row in sources) for name in names}, "reporters": reporters}


def _before(query: Query, scope: Scope, first: int, rows: Sequence[Row]) -> str:
    """This period against the one before, complete steps only; "" when there was no evidence all through that one."""
    period = scope.period
    past = before(period)
    if period.name == "all" or not first or first > past.start:
        return ""
    complete = len(period.steps) - 1
    now = sum(row["messages"] for row in rows if row["at"] < period.start + complete * period.step)
    cut = past.start + complete * period.step
    then = questions.volume_by_channel(query, Scope(past, scope.channel, scope.synthetic))
    return words.change(now, sum(row["messages"] for row in then if row["at"] < cut))


def volume(rows: Sequence[Row], period: Period, change: str) -> dict[str, Any]:
    """Messages over time by channel."""
    totals: Counter[str] = Counter()
    reports: Counter[str] = Counter()
    cells: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        totals[row["channel"]] += row["messages"]
        reports[row["channel"]] += row["reports"]
        cells[row["channel"]][row["at"]] = row["messages"]
    order = [name for name in CHANNELS if name in totals] + sorted(set(totals) - set(CHANNELS))
    series = {name: [cells[name].get(at, 0) for at in period.steps] for name in order}
    columns = [step_label(at, period.step) for at in period.steps]
    labels = {name: label(name) for name in order}
    title = words.volume(totals, totals.total(), reports.total(), period)
    return {
        "words": title,
        "change": change,
        "svg": charts.stacked_bars("volume", f"Messages per step by channel. {title}", series, columns, labels),
        "legend": charts.legend(order, labels),
        "series": series,
        "columns": columns,
        "totals": totals,
        "reports": reports,
    }


def types(rows: Sequence[Row], period: Period) -> dict[str, Any]:
    """What the spam is about: one line per type, the rest in one, "unknown" and "other" always as they are."""
    totals: Counter[str] = Counter()
    reports: Counter[str] = Counter()
    cells: dict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        totals[row["content_type"]] += row["messages"]
        reports[row["content_type"]] += row["reports"]
        cells[row["content_type"]][row["at"]] = row["messages"]
    shown = [name for name, _ in totals.most_common() if name not in ("unknown", "other")][:TOP_TYPES]
    shown += [name for name in ("other", "unknown") if name in totals]
    rest = [name for name in totals if name not in shown]
    lines = [
        (label(name), totals[name], reports[name], [cells[name].get(at, 0) for at in period.steps]) for name in shown
    ]
    if rest:
        values = [sum(cells[name].get(at, 0) for name in rest) for at in period.steps]
        lines.append((f"{len(rest)} more types", sum(totals[n] for n in rest), sum(reports[n] for n in rest), values))
    return {
        "words": words.types(totals),
        "whole": totals.total(),
        "lines": [
            {"label": name, "messages": messages, "reports": count, "spark": charts.spark(values, f"{name} over time")}
            for name, messages, count, values in lines
        ],
    }


def origins(query: Query, scope: Scope) -> dict[str, Any]:
    """Countries, networks and operators that the spam was handed in from."""
    rows = questions.origins_by_country(query, scope)
    whole = sum(row["spam_messages"] for row in rows)
    shown = [row for row in rows if row["spam_reports"] >= SMALL or (not row["country"] and row["spam_reports"])]
    known = [row for row in shown if row["country"]][:TOP_COUNTRIES]
    unknown = [row for row in shown if not row["country"]]
    kept = {row["country"] for row in known + unknown}
    rest = [row for row in rows if row["country"] not in kept and row["spam_reports"]]
    return {
        "words": words.origins(rows),
        "whole": whole,
        "rows": known,
        "unknown": unknown[0] if unknown else None,
        "rest": {name: sum(row[name] for row in rest) for name in ("spam_messages", "messages")} if rest else None,
        "rest_count": len(rest),
        "networks": questions.origins_by_network(query, scope),
        "operators": questions.origins_by_operator(query, scope),
        "hours": scope.period.whole_hours != scope.period.start,
    }


def routes(rows: Sequence[Row], transit: Sequence[Row]) -> dict[str, Any]:
    """Origin by destination; cells under the smallest shown number of reports go to "other"."""
    from_, to = Counter[str](), Counter[str]()
    for row in rows:
        if row["spam_reports"] >= SMALL:
            from_[row["country"]] += row["spam_messages"]
            to[row["recipient_country"]] += row["spam_messages"]
    lines = _named(from_, MATRIX_ROWS)
    columns = _named(to, MATRIX_COLUMNS)
    cells: Counter[tuple[str, str]] = Counter()
    for row in rows:
        small = row["spam_reports"] < SMALL
        line = row["country"] if row["country"] in lines and not small else OTHER
        column = row["recipient_country"] if row["recipient_country"] in columns and not small else OTHER
        cells[line, column] += row["spam_messages"]
    if any(key[0] == OTHER for key in cells):
        lines.append(OTHER)
    if any(key[1] == OTHER for key in cells):
        columns.append(OTHER)
    most = max(cells.values(), default=0)
    heats = {key: charts.heat(value, most) for key, value in cells.items()}
    return {
        "words": words.routes(rows),
        "lines": lines,
        "columns": columns,
        "cells": cells,
        "heats": heats,
        "transit": transit,
    }


def _named(counts: Mapping[str, int], most: int) -> list[str]:
    """The greatest, then "" (unknown) if there is any."""
    names = [name for name, _ in Counter(counts).most_common() if name][:most]
    return names + [name for name in counts if not name]


def campaigns(rows: Sequence[Row], spam: int) -> dict[str, Any]:
    """The largest campaigns."""
    return {"rows": rows, "words": words.campaigns(rows, spam), "spam": spam}


def channel_choices() -> list[tuple[str, str]]:
    """What the channel filter offers."""
    return [("", "All channels")] + [(name, LABELS.get(name) or label(name)) for name in CHANNELS]
