"""Published rows of a release as tables of a page: one for each question, all together or by group."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from counterspam.policy.questionnaire.definition import Definition, Field, Question
from counterspam.policy.questionnaire.results import unit
from counterspam.web.format import NOTHING, country, number, share
from counterspam.web.language import gettext
from counterspam.web.questionnaire import labels
from counterspam.web.views.page import Cell, Table

HIDDEN = "·"
Row = Mapping[str, Any]


def of_section(definition: Definition, rows: Sequence[Row], section: str, by: str) -> list[tuple[str, Markup, Table]]:
    """Id, text and table of every question of a section that has figures."""
    found = []
    for question in definition.section(section).questions:
        mine = [row for row in rows if row["question"] == question.id and row["by"] in ("all", by)]
        for kind, make in (("numbers", _numbers), ("counts", _counts)):
            if some := [row for row in mine if row["kind"] == kind]:
                text = labels.shown(definition, question.text)
                found.append((f"{question.id}-{kind}", text, make(definition, question, some, by)))
    return found


def figure(value: float | None) -> str:
    """A published number: two digits say all that it has."""
    if value is None:
        return NOTHING
    return number(value, 0 if abs(value) >= 10 or value == int(value) else 1 if abs(value) >= 1 else 3)


def _hidden() -> Markup:
    return Markup('<span aria-hidden="true">{}</span><span class="hidden">{}</span>').format(
        HIDDEN, gettext("not shown")
    )


def _field(definition: Definition, key: str) -> Field:
    return definition.fields.get(key) or definition.matching(key)[0]


def _heading(definition: Definition, field: Field, question: Question) -> str:
    """Row and column of a field; of a question with one column, its row."""
    words = field.labels if len(question.columns) > 1 else field.labels[:1]
    said = ", ".join(labels.plain(definition, one) for one in words) or labels.plain(definition, question.text)
    measured = labels.plain(definition, field.unit)
    if field.kind == "currency":
        measured = unit(field).replace(field.unit, measured)
    return f"{said} ({measured})" if measured else said


def _groups(rows: Sequence[Row]) -> list[tuple[str, str]]:
    found = dict.fromkeys((row["by"], row["group"]) for row in rows)
    return [*(one for one in found if one[0] == "all"), *(one for one in found if one[0] != "all")]


def _numbers(definition: Definition, question: Question, rows: Sequence[Row], by: str) -> Table:
    cells = list(dict.fromkeys(row["cell"] for row in rows))
    caption = labels.plain(definition, question.text)
    if by == "all":
        head = [
            "",
            gettext("Answers"),
            gettext("Lower quartile"),
            gettext("Median"),
            gettext("Upper quartile"),
            gettext("Total"),
        ]
        lines = [
            [
                Cell(_heading(definition, _field(definition, row["cell"]), question), "", heads=True),
                *(
                    [Cell(_hidden())] * 5
                    if row["hidden"]
                    else [
                        Cell(number(row["n"])),
                        *(Cell(figure(row[name])) for name in ("low", "median", "high", "total")),
                    ]
                ),
            ]
            for row in rows
        ]
        return Table(caption, [(text, "n" if text else "") for text in head], lines)
    groups = _groups(rows)
    known = {(row["cell"], row["by"], row["group"]): row for row in rows}
    lines = [
        [
            Cell(_heading(definition, _field(definition, cell), question), "", heads=True),
            *(_median(known.get((cell, *group))) for group in groups),
        ]
        for cell in cells
    ]
    return Table(caption, [("", ""), *((labels.group(definition, *group), "n") for group in groups)], lines)


def _median(row: Row | None) -> Cell:
    if row is None:
        return Cell(NOTHING)
    if row["hidden"]:
        return Cell(_hidden())
    return Cell(Markup("{} <span class='quiet'>({})</span>").format(figure(row["median"]), number(row["n"])))


def _counts(definition: Definition, question: Question, rows: Sequence[Row], by: str) -> Table:
    caption = labels.plain(definition, question.text)
    if by == "all" and question.rows and not question.ranked:
        return _matrix(definition, question, rows, caption)
    groups = _groups(rows)
    known = {(row["cell"], row["option"], row["by"], row["group"]): row for row in rows}
    lines = []
    for cell, option in dict.fromkeys((row["cell"], row["option"]) for row in rows):
        field = _field(definition, cell)
        said = option_name(definition, field, option)
        if question.rows and not question.ranked:
            said = f"{_heading(definition, field, question)}: {said}"
        lines.append([Cell(said, "", heads=True), *(_count(known.get((cell, option, *group))) for group in groups)])
    head = [("", ""), *((labels.group(definition, *group), "n") for group in groups)]
    return Table(caption, head, lines)


def _matrix(definition: Definition, question: Question, rows: Sequence[Row], caption: str) -> Table:
    """Rows of a table question against the options of its columns."""
    options = list(dict.fromkeys((row["cell"].rpartition("/")[2], row["option"]) for row in rows))
    columns = {name: said for name, said, _ in question.columns}
    ordered = [
        (column, option)
        for column in columns
        for option in next(one for one in question.fields if one.key.endswith(f"/{column}")).options
        if (column, option) in options
    ]
    known = {(row["cell"], row["option"]): row for row in rows}
    lines = []
    for name, said in question.rows.items():
        cells = [known.get((f"{question.id}/{name}/{column}", option)) for column, option in ordered]
        if any(cells):
            lines.append([Cell(labels.plain(definition, said), "", heads=True), *map(_count, cells)])
    heads = [
        option_name(definition, question.at(next(iter(question.rows)), column), option) for column, option in ordered
    ]
    return Table(caption, [("", ""), *((text, "n") for text in heads)], lines)


def _count(row: Row | None) -> Cell:
    if row is None:
        return Cell(NOTHING)
    if row["hidden"]:
        return Cell(_hidden())
    if row["n"] is None:
        return Cell(number(row["count"]))
    part = share(row["count"], row["n"]) if row["n"] else NOTHING
    return Cell(Markup("{} <span class='quiet'>{}</span>").format(number(row["count"]), part))


def option_name(definition: Definition, field: Field, option: str) -> str:
    """An option in words."""
    if option in field.options:
        return labels.plain(definition, field.options[option])
    return country(option) if field.kind == "country" else option


def value_name(definition: Definition, key: str, value: str) -> str:
    """An answer in words: options by their names, numbers as they are written here."""
    field = definition.fields[key]
    if field.kind == "multi":
        return "; ".join(option_name(definition, field, one) for one in value.split())
    if field.kind in ("choice", "country"):
        return option_name(definition, field, value)
    if field.kind in ("integer", "number", "percent", "currency") and field.unit != "year":
        try:
            return number(float(value), min(len(value.partition(".")[2]), 4))
        except ValueError:
            return value
    return value


def response_table(definition: Definition, rows: Sequence[Row], by: str) -> Table:
    """How many answered (K20), all together and by group."""
    lines = [
        [
            Cell(labels.group(definition, row["by"], row["group"]), "", heads=True),
            Cell(number(row["invited"])),
            Cell(number(row["started"])),
            Cell(number(row["signed"])),
            Cell(share(row["signed"], row["invited"]), "n strong"),
        ]
        for row in rows
        if row["by"] in ("all", by)
    ]
    head = ["", gettext("Invited"), gettext("Started"), gettext("Signed"), gettext("Response rate")]
    return Table(gettext("How many answered"), [(text, "n" if text else "") for text in head], lines)


def left_out_table(definition: Definition, rows: Sequence[Row], most: int) -> Table:
    """Item non-response: the questions that were left out most often."""
    known = [row for row in rows if row["share"]][:most]
    lines = [
        [
            Cell(labels.plain(definition, definition.question(row["question"]).text), "", heads=True),
            Cell(number(row["left_out"])),
            Cell(share(row["left_out"], row["signed"]), "n strong"),
        ]
        for row in known
    ]
    head = [("", ""), (gettext("Left out by"), "n"), (gettext("Share"), "n")]
    return Table(
        gettext("Questions most often left out"), head, lines, gettext("Nothing that could be shown is known of it.")
    )
