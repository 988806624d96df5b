"""Tables that other instruments bring into a report (questionnaire, repository, workshops, costs), given as plain data.

A section is a mapping: `columns` as [name, title, form] with form text, number or percent; `rows` of plain values; `path` of
the page where it is defined; `source`, `basis`, `method`, `uncertainty` as text; `lang` of the text in its cells ("" none).
`contributors` names the column that counts who stands behind a row, where rows of fewer than `least` must not be shown.
Titles of columns are messages of the interface. What is not given is reported as not recorded on the node.
"""

from collections.abc import Mapping
from typing import Any

from counterspam.policy.reports.document import Block, Column, Paragraph, Table
from counterspam.policy.reports.sources import of_page
from counterspam.policy.reports.voice import Voice, mark

TITLES = {
    "questionnaire": mark("Questionnaire to the membership"),
    "repository": mark("Repository of legal frameworks"),
    "practices": mark("Best practices and cooperation"),
    "workshops": mark("Workshops, webinars and training"),
    "costs": mark("Burden and investment"),
}
MOST_ROWS = 200
MOST_COLUMNS = 10


def blocks(snapshot: Mapping[str, Any], voice: Voice, name: str) -> list[Block]:
    """The table of a section, or the sentence that nothing is recorded."""
    given, site = snapshot["sections"].get(name), snapshot["site"]
    if not given or not given["rows"]:
        return [Paragraph(voice.say("None recorded on this node."), quiet=True)]
    shape = given["columns"][:MOST_COLUMNS]
    columns = [Column(column, voice.say(title), form != "text") for column, title, form in shape]
    rows = [list(row[: len(shape)]) for row in given["rows"][:MOST_ROWS]]
    shown = [[_cell(voice, value, form) for value, (_, _, form) in zip(row, shape, strict=True)] for row in rows]
    title = voice.say(TITLES[name])
    said = {part: voice.say(given[part]) for part in ("source", "basis", "method", "uncertainty") if given.get(part)}
    source = of_page({"site": site}, voice, title, given.get("path", "/about"), **said)
    return [Table(name, title, columns, rows, shown, source, "–", given.get("lang", ""))]


def _cell(voice: Voice, value: Any, form: str) -> str:
    if value is None:
        return "–"
    if form == "percent":
        return voice.percent(value, 1)
    return voice.number(value, 0 if float(value).is_integer() else 2) if form == "number" else str(value)
