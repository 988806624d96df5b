"""The key figures, each with what it counts, against what, on which basis, and what is missing."""

from collections.abc import Sequence

from counterspam.measure.figure import Figure, Unit
from counterspam.measure.scope import Row
from counterspam.web import charts, figures, instruments
from counterspam.web.format import country, label, listed, number, percent
from counterspam.web.language import gettext, mark
from counterspam.web.views.page import Asker, Cell, Page, Panel, Table
from counterspam.web.words import named

MOST_ROWS = 12
KEPT = 20.0  # seconds


def build(ask: Asker) -> Sequence[Panel]:
    """One panel for each figure, in the order of their ids: K1 to K18 from messages, K20 to K22 from the instruments."""
    names = [name for name in figures.every(ask.node.config) if name != figures.UNKNOWN]
    return [*(panel(ask, name, ask.figure(name)) for name in names), _instruments(ask)]


def _instruments(ask: Asker) -> Panel:
    found = ask.keep("instruments", KEPT, lambda: instruments.every(ask.node))
    basis = gettext(
        "From the records of the instruments as they stand now, not from messages: period and filters do not select."
    )
    title = gettext("K20 to K22: How far are questionnaire, training and repository?")
    return Panel("instruments", title, table=instruments.table(found, instruments.INDICATORS), basis=basis)


def panel(ask: Asker, name: str, figure: Figure) -> Panel:
    """A figure: its question, its greatest rows, what is missing, its definition."""
    rows = sorted(figure.rows, key=lambda row: -(row["denominator"] or row["numerator"] or 0))[:MOST_ROWS]
    said = ""
    if figure.missing:
        said = gettext("Not known here: %(what)s.") % {
            "what": listed([gettext(one) for one in figure.missing.split("; ")])
        }
    meaning = figure.definition
    title = gettext(meaning["question"])
    parts = [gettext(meaning[part]) for part in ("numerator", "denominator", "caveats") if meaning.get(part)]
    head = [(gettext("Of"), ""), (gettext("Figure"), "n"), (gettext("Interval (95 %)"), "n far"), ("", "barcell")]
    lines = [_line(figure, row) for row in rows if row["value"] is not None]
    if not lines and not said:
        said = gettext("There is nothing to count it against in this period.")
    return Panel(
        name.replace("_", "-"),
        title,
        said,
        table=Table(title, head, lines) if lines else None,
        basis=" ".join(f"{part[:1].upper()}{part[1:]}" for part in parts),
        **ask.series(name),
    )


def _line(figure: Figure, row: Row) -> list[Cell]:
    bounds = ""
    if row["low"] is not None and row["high"] is not None:
        bounds = f"{_said(figure, row['low'])} – {_said(figure, row['high'])}"
    is_share = figure.unit == Unit.SHARE
    return [
        Cell(_of(row), "", heads=True),
        Cell(_said(figure, row["value"]), "n strong"),
        Cell(bounds, "n far"),
        Cell(charts.bar(row["value"], 1) if is_share else "", "barcell"),
    ]


def _said(figure: Figure, value: float) -> str:
    return percent(value) if figure.unit == Unit.SHARE else number(value, 1)


def _of(row: Row) -> str:
    """What a row is of: channel, basis, and its own dimension."""
    names = [label(row["channel"])] if row.get("channel") else []
    for name in ("border", "content_type", "transit"):
        if name in row:
            names.append(named(name, row[name]))
    if row.get("country"):
        names.append(country(row["country"]))
    names += [str(row[name]) for name in ("set", "measure", "period") if row.get(name)]
    return " · ".join([*names, label(row["basis"])]) if row.get("basis") else " · ".join(names)


PAGE = Page(
    "/indicators",
    mark("Key figures"),
    mark(
        "The agreed key figures on spam, what each counts and against what, and which cannot be told from the evidence here."
    ),
    mark("Policy officers, statisticians, those who write reports."),
    mark("Kinds of observers stand side by side and are never merged. Where evidence is lacking the figure says so."),
    build,
)
