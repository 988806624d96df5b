"""The tables of a wave: counts, medians and quartiles by group, as far as they may be published.

Figures are over the signed answers whose level is public or aggregate. Numbers for another period than that of the wave are
left out of them, and `elsewhen` says so; amounts are in US dollars at the stated rate. Medians, quartiles and totals are
rounded to two digits.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from functools import partial
from statistics import quantiles
from typing import Any

from counterspam.policy.questionnaire.answers import Answered, dollars, level, number, value
from counterspam.policy.questionnaire.definition import NUMBERS, Definition, Field, Question
from counterspam.policy.questionnaire.suppression import LEAST, Cell, Line, dominated, hidden
from counterspam.policy.questionnaire.values import Value

GROUPED = ("region", "role", "size")  # what figures are split by, beside all together
ALL, REST = "all", "rest"
DIGITS = 2
Row = dict[str, Any]
Group = tuple[str, str]  # by what, and which
EVERYBODY: Group = (ALL, ALL)


def tables(definition: Definition, everyone: Sequence[Answered], period: str) -> list[Row]:
    """Every row of every table. In a hidden row the figures are None and `hidden` is true.

    A row of numbers has n, low, median, high (quartiles) and total; a row of counts n and count of an option.
    """
    groups = grouped(everyone)
    rows: list[Row] = []
    for question in definition.questions():
        if question.disclosure in ("office", "internal"):
            continue
        usable = [
            (place, one) for place, one in enumerate(everyone) if level(question, one.given) in ("public", "aggregate")
        ]
        for key, fields in _parts(question):
            if fields[0].kind in NUMBERS:
                rows += _numbers(definition, question, fields[0], usable, groups, period)
            elif fields[0].kind in ("choice", "multi", "country"):
                rows += _counts(definition, question, key, fields, usable, groups)
            elif question.ranked and fields[0].pattern:
                rows += _shown(_counts(definition, question, key, fields, usable, groups))
    return rows


def grouped(everyone: Sequence[Answered]) -> dict[Group, frozenset[int]]:
    """The groups and the places of their respondents. Groups of fewer than 5 are one, with the next smallest where needed."""
    found: dict[Group, frozenset[int]] = {EVERYBODY: frozenset(range(len(everyone)))}
    for by in GROUPED:
        sizes: dict[str, set[int]] = defaultdict(set)
        for place, one in enumerate(everyone):
            sizes[getattr(one, by)].add(place)
        rest: set[int] = set()
        for name in sorted(sizes, key=lambda name: (len(sizes[name]), name)):
            if len(sizes[name]) < LEAST or 0 < len(rest) < LEAST:
                rest |= sizes.pop(name)
        if rest:
            sizes[REST] = rest
        if len(sizes) > 1:
            found |= {(by, name): frozenset(places) for name, places in sorted(sizes.items())}
    return found


def _parts(question: Question) -> Iterator[tuple[str, list[Field]]]:
    """What is counted as one: a field, or the names in a ranked list together."""
    if question.ranked:
        yield f"{question.id}/*/item", [one for one in question.fields if one.key.endswith("/item")]
    else:
        yield from ((one.key, [one]) for one in question.fields)


def _lines(groups: Mapping[Group, Any], wrap: Any = lambda group: group) -> list[Line]:
    """Each way of splitting adds up to all."""
    split = defaultdict(list)
    for group in groups:
        split[group[0]].append(wrap(group))
    return [Line(wrap(EVERYBODY), tuple(parts)) for by, parts in split.items() if by != ALL]


def _numbers(
    definition: Definition,
    question: Question,
    field: Field,
    usable: Sequence[tuple[int, Answered]],
    groups: Mapping[Group, frozenset[int]],
    period: str,
) -> list[Row]:
    known: dict[int, float] = {}
    open_, elsewhen = set(), False
    for place, one in usable:
        found = number(definition, one.given, field.key)
        if found is not None and field.kind == "currency":
            found = dollars(definition, one.given, found)
        if found is None:
            continue
        if one.given.get(f"{question.id}#period", period) != period:
            elsewhen = True
            continue
        known[place] = found
        if level(question, one.given) == "public":
            open_.add(place)
    if not known:
        return []
    inside = {group: sorted(places & known.keys()) for group, places in groups.items()}
    cells: dict[Hashable, Cell] = {group: Cell(len(p), len(set(p) - open_)) for group, p in inside.items()}
    gone = hidden(cells, _lines(groups))
    adds = field.kind in ("integer", "currency", "number") and field.unit != "year"
    totals: dict[Hashable, Cell] = {
        group: Cell(len(p), len(set(p) - open_), group in gone or dominated([known[one] for one in p]))
        for group, p in inside.items()
    }
    gone_totals = hidden(totals, _lines(groups))
    rows = []
    for group, places in inside.items():
        values = [known[place] for place in places]
        row: Row = {**_head(question, field.key, group), "unit": unit(field), "kind": "numbers", "elsewhen": elsewhen}
        if group in gone:
            rows.append({**row, **dict.fromkeys(("n", "low", "median", "high", "total")), "hidden": True})
            continue
        low, middle, high = quantiles(values, n=4, method="inclusive") if len(values) > 1 else [None] * 3
        total = sum(values) if adds and group not in gone_totals and values else None
        figures = {"low": low, "median": middle, "high": high, "total": total}
        rows.append({**row, "n": len(values), **{name: short(one) for name, one in figures.items()}, "hidden": False})
    return rows


def _counts(
    definition: Definition,
    question: Question,
    key: str,
    fields: Sequence[Field],
    usable: Sequence[tuple[int, Answered]],
    groups: Mapping[Group, frozenset[int]],
) -> list[Row]:
    named: dict[int, set[str]] = {}
    open_ = set()
    for place, one in usable:
        chosen: set[str] = set()
        for field in fields:
            found = code(definition, one.given, field.key)
            chosen |= set(found) if isinstance(found, tuple) else {found} if isinstance(found, str) else set()
        if chosen:
            named[place] = chosen
            open_ |= {place} if level(question, one.given) == "public" else set()
    seen = Counter(name for chosen in named.values() for name in chosen)
    options = [name for name in fields[0].options if name in seen] or sorted(seen, key=lambda name: (-seen[name], name))
    apart = fields[0].kind == "choice" and len(fields) == 1
    return [
        row
        for cells, wanted in _tables(options, named, open_, groups, apart)
        for row in _count_rows(question, key, cells, wanted, groups)
    ]


def code(definition: Definition, given: Mapping[str, str], key: str) -> Value | None:
    """The value of a field as it is counted: the number of a network is the same with AS before it or without."""
    found = value(definition, given, key)
    if definition.fields[key].kind != "text" or not isinstance(found, str):
        return found
    digits = found.removeprefix("AS")
    return f"AS{int(digits)}" if digits.isdecimal() else found


def _shown(rows: Sequence[Row]) -> list[Row]:
    """Without what too few wrote: a code that one respondent wrote is not repeated, as its name alone tells of it."""
    known = {row["option"] for row in rows if row["by"] == ALL and not row["hidden"]}
    return [row for row in rows if row["option"] in known]


Counted = dict[tuple[str, Group], Cell]


def _tables(
    options: Sequence[str],
    named: Mapping[int, set[str]],
    open_: set[int],
    groups: Mapping[Group, frozenset[int]],
    apart: bool,
) -> Iterator[tuple[Counted, Sequence[str]]]:
    """The cells that add up: all options of a choice together, else each option and those without it."""
    if apart:
        yield (
            _cells({name: {p for p, c in named.items() if name in c} for name in options}, named, open_, groups),
            options,
        )
        return
    for name in options:
        chosen = {place for place, one in named.items() if name in one}
        yield _cells({name: chosen, "": named.keys() - chosen}, named, open_, groups), [name]


def _cells(
    chosen: Mapping[str, set[int]],
    named: Mapping[int, set[str]],
    open_: set[int],
    groups: Mapping[Group, frozenset[int]],
) -> Counted:
    behind = {**chosen, "#": set(named)}
    return {
        (name, group): Cell(len(inside := people & places), len(inside - open_))
        for name, people in behind.items()
        for group, places in groups.items()
    }


def _count_rows(
    question: Question, key: str, cells: Counted, wanted: Sequence[str], groups: Mapping[Group, frozenset[int]]
) -> Iterator[Row]:
    names = list(dict.fromkeys(name for name, _ in cells))
    lines = [line for name in names for line in _lines(groups, partial(_named, name))]
    lines += [Line(("#", group), tuple((name, group) for name in names if name != "#")) for group in groups]
    every: dict[Hashable, Cell] = {name: cell for name, cell in cells.items()}  # noqa: C416 (wider keys)
    gone = hidden(every, lines)
    for name in wanted:
        for group in groups:
            whole, part = ("#", group), (name, group)
            row = {**_head(question, key, group), "kind": "counts", "option": name}
            shown = part not in gone
            yield {
                **row,
                "n": None if whole in gone else cells[whole].people,
                "count": cells[part].people if shown else None,
                "hidden": not shown,
            }


def _named(name: str, group: Group) -> Hashable:
    return name, group


def _head(question: Question, key: str, group: Group) -> Row:
    return {"question": question.id, "cell": key, "by": group[0], "group": group[1]}


def unit(field: Field) -> str:
    """The unit of published figures: amounts are in US dollars."""
    return f"USD {field.unit}".strip() if field.kind == "currency" else field.unit


def short(number: float | None) -> float | None:
    """A figure of a table, rounded to two digits: a median of five is somebody's answer."""
    if not number:
        return number
    return float(round(number, DIGITS - 1 - math.floor(math.log10(abs(number)))))
