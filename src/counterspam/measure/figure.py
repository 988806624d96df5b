"""A key figure: what is counted, what it is counted against, and the interval of chance where a sample stands behind it.

Bases (kinds of observers) stand side by side in the rows and are never merged. Source: REQUIREMENTS D9.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from counterspam.intervals import Interval, poisson, wilson
from counterspam.measure import disclosure
from counterspam.measure.ask import Ask
from counterspam.measure.disclosure import LEAST
from counterspam.measure.scope import Row
from counterspam.taxonomy import Source

# Who sees some of what there is, by chance or choice. Filters, call records and signalling count all of their traffic.
SAMPLES = frozenset({Source.USER_REPORT, Source.TRAP, Source.HONEYPOT, Source.QUESTIONNAIRE})
# Columns that are counts of records: the public sees them rounded, each with the messages that it stands for.
_REPORTS = "_reports"


class Unit(StrEnum):
    """What the values of a figure are in."""

    SHARE = "share"  # 0 to 1
    RATIO = "ratio"  # one count per another one, 0 or more
    RATE = "per subscribers and month"  # per `Figure.scale` of them
    PER_PERSON = "per person and month"


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure of a scope.

    Each row has `channel`, `basis` (source kind, or what else it rests on), the other `dimensions`, `numerator`, `denominator`,
    `value` = numerator / denominator x `scale` (None where there is nothing to count against), `low` and `high` (95 %, None
    where no sample stands behind it) and `contributors` (up to 5). `numerator_reports` and `denominator_reports` count records.
    `definition` holds question, numerator, denominator, population, basis, period, deduplication and caveats.

    `missing` says in words what evidence is lacking; without rows the figure cannot be computed. `protected` figures are finer
    than channel and source kind: the public sees `disclosed` ones.
    """

    id: str
    name: str
    unit: Unit
    definition: Mapping[str, str]
    rows: Sequence[Row] = ()
    dimensions: tuple[str, ...] = ("channel", "basis")
    scale: float = 1.0
    protected: bool = False
    missing: str = ""


def valued(figure: Figure) -> Figure:
    """The figure with `value`, `low` and `high` in every row."""
    return replace(figure, rows=[{**row, **_value(row, figure)} for row in figure.rows])


def disclosed(figure: Figure, secret: bytes) -> Figure:
    """What of a figure the public may see (`disclosure`): no row of fewer than 5 contributors, and rounded counts.

    Values and intervals are worked out again from those.
    """
    if not figure.protected:
        return figure
    ask = Ask(0, 1, dimensions=tuple("source" if name == "basis" else name for name in figure.dimensions))
    shown = [_rounded(row, ask, secret) for row in figure.rows if row["contributors"] >= LEAST]
    return valued(replace(figure, rows=shown))


def _value(row: Row, figure: Figure) -> Row:
    hits, total = row["numerator"], row["denominator"]
    if not total:
        return {"value": None, "low": None, "high": None}
    found = _interval(row, figure) if row["basis"] in SAMPLES else None
    bounds = {"low": found.low, "high": found.high} if found else {"low": None, "high": None}
    return {"value": hits / total * figure.scale, **bounds}


def _interval(row: Row, figure: Figure) -> Interval | None:
    """Chance alone. A record that stands for many messages is one observation: the least that the design effect can be."""
    hits, total = row["numerator"], row["denominator"]
    if figure.unit == Unit.SHARE:
        return wilson(hits, total, design_effect=_effect(total, row["denominator_reports"]))
    if figure.unit == Unit.RATE:
        return poisson(hits, total / figure.scale, design_effect=_effect(hits, row["numerator_reports"]))
    return None


def _effect(messages: float, reports: float) -> float:
    return max(1.0, messages / reports) if reports else 1.0


def _counts(row: Row, name: str) -> Row:
    """A count as `disclosure` takes it."""
    return {"messages": row[name], "reports": row[name + _REPORTS], "spam_messages": 0, "spam_reports": 0}


def _rounded(row: Row, ask: Ask, secret: bytes) -> Row:
    shown = dict(row)
    for name in row:
        if name + _REPORTS in row:
            counts = disclosure.rounded({**row, "source": row["basis"], **_counts(row, name)}, ask, secret)
            shown[name], shown[name + _REPORTS] = counts["messages"], counts["reports"]
    if row["denominator"] and row["numerator"] <= row["denominator"]:  # a part stays a part
        shown["numerator"] = min(shown["numerator"], shown["denominator"])
    return shown
