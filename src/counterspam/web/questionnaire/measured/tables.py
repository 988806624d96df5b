"""The comparison as tables of a page and as rows of the API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from counterspam.policy.questionnaire.definition import Definition, Question
from counterspam.web.format import NOTHING, country, label, listed, number, percent, share
from counterspam.web.language import gettext
from counterspam.web.questionnaire import labels
from counterspam.web.questionnaire.measured.compared import Compared, Line
from counterspam.web.questionnaire.measured.own import Own
from counterspam.web.questionnaire.measured.same import BASIS, CELLS, LISTS, SPAM
from counterspam.web.questionnaire.tables import figure, option_name
from counterspam.web.views.page import Cell, Table


@dataclass(frozen=True, slots=True)
class Shown:
    """A table, and sentences on what its two sides are."""

    table: Table
    notes: Sequence[str]


def shown(definition: Definition, found: Sequence[Compared], period: str) -> list[Shown]:
    """What a page shows of the comparison."""
    return [Shown(_table(definition, one), _notes(definition, one, period)) for one in found]


def shown_own(
    definition: Definition, found: Sequence[tuple[Question, list[Own]]], home: str, period: str
) -> list[Shown]:
    """The same for one respondent from a country."""
    return [
        Shown(_own_table(definition, question, lines, home), [gettext(BASIS[question.id]), _when(period)])
        for question, lines in found
    ]


def rows(definition: Definition, found: Sequence[Compared], wave: str, period: str) -> list[dict[str, Any]]:
    """The same for programs: shares in per cent on both sides, each with its unit."""
    return [_row(definition, one, line) | {"wave": wave, "period": period} for one in found for line in one.lines]


def _row(definition: Definition, one: Compared, line: Line) -> dict[str, Any]:
    stated, unit = line.stated, definition.fields[line.cell].unit if line.cell in definition.fields else ""
    if line.option:
        stated, unit = (100 * line.named / line.answers if line.named and line.answers else None), "% of respondents"
    return {
        "question": one.question.id,
        "cell": line.cell,
        "option": line.option,
        "name": _name(definition, one.question, line),
        "stated": _short(stated),
        "low": line.low,
        "high": line.high,
        "count": line.named,
        "n": line.answers,
        "stated_unit": unit,
        "measured": _short(line.measured if line.whole is None or line.measured is None else 100 * line.measured),
        "measured_count": line.count,
        "measured_of": line.whole,
        "measured_unit": _unit(line),
        "basis": gettext(BASIS[one.question.id]),
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _unit(line: Line) -> str:
    if line.option:
        return "% of spam"
    counted = CELLS[line.cell]
    if counted.of:
        return "% of spam" if counted.of == SPAM else "% of messages"
    return f"{counted.count} per month".replace("_", " ")


def _caption(definition: Definition, question: Question) -> str:
    return gettext("%(question)s: stated and measured") % {"question": labels.plain(definition, question.text)}


def _name(definition: Definition, question: Question, line: Line) -> str:
    if line.option:
        return option_name(definition, question.fields[0], line.option)
    field = definition.fields[line.cell]
    words = field.labels if len(question.columns) > 1 else field.labels[:1]
    return ", ".join(labels.plain(definition, one) for one in words or (question.text,))


def _measured(line: Line | None) -> str:
    if line is None or line.measured is None:
        return NOTHING
    return figure(line.measured) if line.whole is None else share(line.measured, 1)


def _counted(line: Line) -> str:
    if line.count is None:
        return NOTHING
    return number(line.count) if line.whole is None else f"{number(line.count)} / {number(line.whole)}"


def _table(definition: Definition, one: Compared) -> Table:
    ranked = one.question.id in LISTS
    told = [(gettext("Named by"), "n")]
    if not ranked:
        told = [(gettext("Stated, median"), "n"), (gettext("Quartiles"), "n far"), (gettext("Answers"), "n")]
    lines = [
        [
            Cell(_name(definition, one.question, line), "", heads=True),
            *([Cell(_named(line), "n strong")] if ranked else _stated(line)),
            Cell(_measured(line), "n strong"),
            Cell(_counted(line), "n far"),
        ]
        for line in one.lines
    ]
    head = [("", ""), *told, (gettext("Measured here"), "n"), (gettext("Counted in the period"), "n far")]
    return Table(_caption(definition, one.question), head, lines)


def _named(line: Line) -> str:
    if line.named is None:
        return NOTHING
    return number(line.named) if line.answers is None else f"{number(line.named)} / {number(line.answers)}"


def _stated(line: Line) -> list[Cell]:
    if line.stated is None:
        return [Cell(NOTHING, "n strong"), Cell(NOTHING, "n far"), Cell(NOTHING)]
    return [
        Cell(_said(line, line.stated), "n strong"),
        Cell(f"{figure(line.low)} – {figure(line.high)}", "n far"),
        Cell(number(line.answers or 0)),
    ]


def _said(line: Line, value: float) -> str:
    """A number as it was stated: per cent, or a count."""
    return percent(value / 100) if line.option or CELLS[line.cell].of else figure(value)


def _own_table(definition: Definition, question: Question, lines: Sequence[Own], home: str) -> Table:
    cells = []
    for one in lines:
        own = gettext("Named") if one.answer is None else _said(one.here, one.answer)
        median = _said(one.here, one.here.stated) if one.here.stated is not None else _named(one.here)
        cells.append(
            [
                Cell(_name(definition, question, one.here), "", heads=True),
                Cell(own, "n strong"),
                Cell(median),
                Cell(_measured(one.here), "n strong"),
                Cell(_measured(one.near), "n strong"),
            ]
        )
    others = gettext("Named by") if question.id in LISTS else gettext("Stated, median")
    there = gettext("Measured here, sent to %(country)s") % {"country": country(home)}
    head = [("", ""), (gettext("Own answer"), "n"), (others, "n"), (gettext("Measured here"), "n"), (there, "n")]
    return Table(_caption(definition, question), head, cells)


def _notes(definition: Definition, one: Compared, period: str) -> list[str]:
    notes = [gettext(BASIS[one.question.id]), _when(period)]
    if one.unmeasured:
        names = [_unmeasured(definition, one.question, each) for each in one.unmeasured]
        notes.append(gettext("Not measured here: %(names)s.") % {"names": listed(names)})
    if one.others:
        names = [
            f"{label(value if value != '0' else '')} ({share(part, 1)})"
            for value, part in sorted(one.others.items(), key=lambda each: -each[1])
        ]
        notes.append(gettext("Measured, but not among the answers: %(names)s.") % {"names": listed(names)})
    return notes


def _unmeasured(definition: Definition, question: Question, name: str) -> str:
    if question.id in LISTS:
        return option_name(definition, question.fields[0], name)
    return labels.plain(definition, definition.fields[name].labels[0])


def _when(period: str) -> str:
    said = gettext("Measured in %(period)s, as everybody may see it. “–”: nothing, or fewer than 5 contributors.")
    return said % {"period": period}
