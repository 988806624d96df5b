"""Answers to questions put as data (`ask.Ask`), from the rollups: the SQL, and the rows that may be shown.

Values reach the SQL as parameters only; columns and tables come from our own lists.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from counterspam.measure import disclosure
from counterspam.measure.ask import DIMENSIONS, INTERVALS, Ask, checked, table
from counterspam.measure.disclosure import COUNTS, LEAST
from counterspam.measure.scope import Query, Row, text
from counterspam.rollups import Rollup

BORDER = (
    "multiIf(rollup.country = '' OR rollup.recipient_country = '', '',"
    " rollup.country = rollup.recipient_country, 'domestic', 'abroad')"
)
_TYPES = {"asn": "UInt32", "transit": "Array(String)"}
_BLANKS = {"asn": "0", "transit": "[]"}
_TEXT = "''"


@dataclass(frozen=True, slots=True)
class Answer:
    """`rows` as asked for, greatest first, or by time where an interval was asked for; `totals` over all of them.

    `small` are the counts of the cells that are not shown because fewer than 5 contributors stand behind each, and how many
    `cells`; {} when there are none, or when fewer than 5 stand behind all of them. `more` says that there are rows beyond the
    limit. `rounded` tells that counts are multiples of 5, for the same reason. `table` is the rollup that was read.
    """

    rows: list[Row]
    totals: Row
    small: Row = field(default_factory=dict)
    more: bool = False
    rounded: bool = False
    table: str = ""


def answer(query: Query, ask: Ask, secret: bytes | None) -> Answer:
    """The answer to a question: for the public with a `secret` that the rounding depends on, exact with None.

    Raises Unanswerable.
    """
    rollup, step = table(checked(ask))
    whole = replace(ask, interval="", step=0)
    timed = bool(ask.interval or ask.step)
    chosen: list[Row] | None = None
    more = False
    if timed and ask.dimensions:
        chosen, more = _page(whole, _read(query, whole, secret)[0])
    rows, small = _read(query, ask, secret, chosen)
    if not timed:
        rows, more = _page(ask, rows)
    protected = secret is not None and ask.protected
    if protected or more or ask.offset or rollup.only:
        total = _read(query, replace(whole, dimensions=(), offset=0, limit=1), secret)[0]
    else:
        total = [{name: sum(row[name] for row in rows) for name in COUNTS}] if rows else []
    shown = [_finished(row, ask) for row in (rows if secret is None else _ordered(rows, ask))]
    totals = _finished(total[0], replace(whole, dimensions=())) if total else {}
    return Answer(shown, totals, small, more, protected, rollup.table(step))


def _page(ask: Ask, rows: list[Row]) -> tuple[list[Row], bool]:
    """The rows that were asked for, and whether there are more."""
    end = ask.offset + ask.limit
    return rows[ask.offset : end], len(rows) > end


def _read(query: Query, ask: Ask, secret: bytes | None, chosen: Sequence[Row] | None = None) -> tuple[list[Row], Row]:
    """The rows that may be shown, as they may be, and what the others make together."""
    secret = secret if ask.protected else None
    found = query(*_sql(ask, chosen, protect=secret is not None))
    rows = [{name.removeprefix("shown_"): value for name, value in row.items()} for row in found if row["reports"]]
    if secret is None:
        return rows, {}
    shown = [disclosure.rounded(row, ask, secret) for row in rows if not row["small"]]
    return shown, disclosure.together([row for row in rows if row["small"]], ask, secret)


def _ordered(rows: list[Row], ask: Ask) -> list[Row]:
    """By what is shown, not by what was counted."""
    if ask.interval or ask.step:
        return sorted(rows, key=lambda row: (row["at"], -_rank(row, ask), _cell(row, ask)))
    return sorted(rows, key=lambda row: (-_rank(row, ask), _cell(row, ask)))


def _rank(row: Row, ask: Ask) -> float:
    return float(_share(row) or 0) if ask.order == "spam_share" else float(row[ask.order])


def _share(row: Row) -> float | None:
    return row["spam_messages"] / row["messages"] if row["messages"] else None


def _cell(row: Row, ask: Ask) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in ask.dimensions)


def _finished(row: Row, ask: Ask) -> Row:
    """Only what was asked for, in its order."""
    whole = {**row, "spam_share": _share(row)}
    return {name: whole[name] for name in ("at", *ask.dimensions, *ask.metrics) if name in whole}


def _sql(ask: Ask, chosen: Sequence[Row] | None, *, protect: bool) -> tuple[str, dict[str, Any]]:
    """The query and its parameters. Cells that are too small are one row, or one for each step of time.

    For the public, each of several values of a filter is a cell of its own, so that small ones stay out of every sum.
    """
    rollup, step = table(ask)
    at = {"at": _at(ask, step)} if ask.interval or ask.step else {}
    keys = at | {name: _column(name) for name in ask.dimensions}
    spam = "rollup.spam = 1" if "spam" in rollup.dimensions else "1"
    only, parameters = _conditions(ask, step, chosen)
    merged = f"groupUniqArrayArray({LEAST})"
    people = f"{merged}(rollup.contributors)" if protect else "[]"
    small = f"length({people}) < {LEAST}" if protect else "0"
    enough = f"length({merged}(people)) >= {LEAST}" if protect else "1"
    several = [name for name, values in ask.filters.items() if protect and len(values) > 1]
    inner = keys | {f"one_{name}": _column(name) for name in several}
    group = f"GROUP BY {', '.join(inner)}" if inner else ""
    cells = f"""SELECT {"".join(f"{column} AS {name}, " for name, column in inner.items())}{small} AS small, {people} AS people,
       sum(rollup.messages) AS messages, sum(rollup.reports) AS reports,
       sumIf(rollup.messages, {spam}) AS spam_messages, sumIf(rollup.reports, {spam}) AS spam_reports
FROM {_source(ask, rollup, step)} AS rollup WHERE {only} {group}"""  # noqa: S608
    folded = {name: name if name == "at" else f"if(small, {_BLANKS.get(name, _TEXT)}, {name})" for name in keys}
    order = "spam_messages / messages" if ask.order == "spam_share" else ask.order
    first = "at" if at else "small DESC"
    return (
        f"""SELECT {"".join(f"{column} AS shown_{name}, " for name, column in folded.items())}small,
       {enough} AS enough, count() AS cells, {", ".join(f"sum(cell.{name}) AS {name}" for name in COUNTS)}
FROM ({cells}) AS cell
GROUP BY {"".join(f"shown_{name}, " for name in keys)}small
ORDER BY {first.replace("at", "shown_at")}, {order} DESC{"".join(f", shown_{name}" for name in ask.dimensions)}
{"" if at else f"LIMIT {ask.offset + ask.limit + 2}"}""",  # noqa: S608
        parameters,
    )


def _source(ask: Ask, rollup: Rollup, step: str) -> str:
    """The table of a rollup, or single events in its place."""
    return "(" + text("defined_events") + ")" if ask.defined_by else rollup.table(step)


def _at(ask: Ask, step: str) -> str:
    if ask.step:
        return f"{ask.start} + intDiv(toUnixTimestamp(rollup.{step}) - {ask.start}, {ask.step}) * {ask.step}"
    return f"toUnixTimestamp({INTERVALS[ask.interval][1].format(f'rollup.{step}')})"


def _column(name: str) -> str:
    return BORDER if name == "border" else f"rollup.{DIMENSIONS[name]}"


def _conditions(ask: Ask, step: str, chosen: Sequence[Row] | None) -> tuple[str, dict[str, Any]]:
    """WHERE: period, filters, and the combinations of dimensions that were chosen, with the parameters."""
    parameters: dict[str, Any] = {"start": ask.start, "end": ask.end, "synthetic": int(ask.synthetic)}
    if ask.defined_by:
        parameters["versions"] = list(ask.defined_by)
    only = [
        f"rollup.{step} >= toDateTime({{start:UInt32}}, 'UTC') AND rollup.{step} < toDateTime({{end:UInt32}}, 'UTC')",
        "rollup.synthetic <= {synthetic:UInt8}",
    ]
    for name, values in ask.filters.items():
        parameters[f"f_{name}"] = [int(value) for value in values] if name == "asn" else list(values)
        has = "hasAny({}, {{f_{}:Array(String)}})" if name == "transit" else "{} IN {{f_{}:Array(%s)}}"
        only.append((has % _TYPES.get(name, "String") if "%s" in has else has).format(_column(name), name))
    if chosen is not None:
        lists = []
        for name in ask.dimensions:
            parameters[f"c_{name}"] = [row[name] for row in chosen]
            lists.append(f"{{c_{name}:Array({_TYPES.get(name, 'String')})}}")
            has = "has({1}, {0})" if name == "transit" else "{0} IN {1}"
            only.append(has.format(_column(name), lists[-1]))
        if len(lists) > 1:  # not every combination of the values
            only.append(f"has(arrayZip({', '.join(lists)}), tuple({', '.join(map(_column, ask.dimensions))}))")
    return " AND ".join(only), parameters
