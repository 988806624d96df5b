"""The kinds of panels that pages of statistics are made of: rankings, courses over time, matrices, maps."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from markupsafe import Markup

from counterspam.measure.ask import OPEN
from counterspam.measure.periods import Period
from counterspam.measure.scope import Row
from counterspam.measure.statistics import Answer
from counterspam.web import charts
from counterspam.web.format import CHANNELS, country, number, share, step_label
from counterspam.web.language import gettext, mark, ngettext
from counterspam.web.links import href
from counterspam.web.render import asset
from counterspam.web.views.counted import or_why
from counterspam.web.views.page import Asker, Cell, Panel, Table
from counterspam.web.views.written import sentences, two_lines
from counterspam.web.words import named

COUNTED = mark(
    "Share of all messages judged spam in this selection. What the evidence does not tell is “unknown” and stays."
)


def link(ask: Asker, path: str, text: str, **changes: Any) -> Markup:
    """A link that shows the same view with changes; a value that is not known is asked for as "unknown"."""
    given = ask.view.params(**{name: str(value) or "unknown" for name, value in changes.items()})
    return Markup('<a href="{}"><bdi>{}</bdi></a>').format(href(path, **given), text)


@or_why
def ranking(
    ask: Asker,
    id: str,
    title: str,
    *dimensions: str,
    said: Callable[[Answer], str] | None = None,
    path: str = "",
    heading: Callable[[Row], str | Markup] | None = None,
    limit: int = 12,
    filters: Mapping[str, tuple[str, ...]] | None = None,
    heads: str = "",
    others: str = "",
    basis: str = "",
) -> Panel:
    """The greatest values of a dimension by messages judged spam; further `dimensions` say more of each row.

    With `path`, each value leads to that page narrowed to it; `heading` writes what heads a row otherwise. What is too small
    to be shown alone is one row, and so is what lies beyond the limit, so that the rows add up to the total; `others` names
    that row where it holds evidence too that tells no value.
    """
    found = ask(*dimensions, filters=filters, limit=limit)
    whole = _whole(found)
    write = heading or (lambda row: _heading(ask, dimensions, row, path))
    rows = [_line(dimensions[0], row, whole, write(row)) for row in found.rows if row["spam_messages"]]
    rows += _rest(found, whole, others)
    head = [
        (heads or title, ""),
        (gettext("Spam messages"), "n"),
        (gettext("Reports"), "n far"),
        (gettext("Share"), "n"),
        ("", "barcell"),
    ]
    return Panel(
        id,
        title,
        said(found) if said else leading(dimensions[0], found),
        table=Table(title, head, rows, gettext("Nothing was judged spam.")),
        basis=sentences(basis or gettext(COUNTED), ask.whole(*dimensions)),
        question=ask.question(
            *dimensions, filters={name: ",".join(values) for name, values in (filters or {}).items()}
        ),
        kind="ranking",
    )


def _rest(found: Answer, whole: int, others: str) -> list[list[Cell]]:
    """What is too small to be shown alone, and what lies beyond the limit."""
    lines = []
    small = found.small.get("spam_messages", 0)
    if found.small:
        text = ngettext(
            "%(n)s value with fewer than 5 reporters",
            "%(n)s values with fewer than 5 reporters each",
            n := found.small["cells"],
        )
        lines.append(_sum_line(text % {"n": number(n)}, small, whole))
    rest = whole - sum(row["spam_messages"] for row in found.rows) - small
    if (found.more or others) and rest > 0:
        lines.append(_sum_line(others or gettext("All others"), rest, whole))
    return lines


def _whole(found: Answer) -> int:
    """All messages judged spam; the sum of what is shown where rounding makes that more, so that no share is above 1."""
    shown = [*found.rows, found.small]
    return int(max(found.totals.get("spam_messages", 0), sum(row.get("spam_messages", 0) for row in shown)))


def leading(dimension: str, found: Answer) -> str:
    """Which value leads a ranking, and how much is unknown."""
    whole = _whole(found)
    known = [row for row in found.rows if row["spam_messages"] and row[dimension] not in ("", 0, [], "unknown")]
    unknown = sum(row["spam_messages"] for row in found.rows if row[dimension] in ("", 0, [], "unknown"))
    if not whole:
        return gettext("Nothing was judged spam.")
    if not known:
        return gettext("Nothing that could be shown is known of it.")
    first = max(known, key=lambda row: row["spam_messages"])
    given = {"name": named(dimension, first[dimension]), "share": share(first["spam_messages"], whole)}
    if unknown:
        return gettext("%(name)s leads with %(share)s of the spam; of %(unknown)s it is unknown.") % {
            **given,
            "unknown": share(unknown, whole),
        }
    return gettext("%(name)s leads with %(share)s of the spam.") % given


def _heading(ask: Asker, dimensions: Sequence[str], row: Row, path: str) -> str | Markup:
    first, *others = dimensions
    text: str | Markup = named(first, row[first])
    if path:
        text = link(ask, path, text, **{first: row[first]})
    return two_lines(text, " · ".join(named(name, row[name]) for name in others if row[name]))


def _line(dimension: str, row: Row, whole: int, text: str | Markup) -> list[Cell]:
    classes = "" if row[dimension] not in ("", 0, [], "unknown") else "unknown"
    return [
        Cell(text, classes, heads=True),
        Cell(number(row["spam_messages"])),
        Cell(number(row["spam_reports"]), "n far"),
        Cell(share(row["spam_messages"], whole), "n strong"),
        Cell(charts.bar(row["spam_messages"], whole), "barcell"),
    ]


def _sum_line(text: str, messages: int, whole: int) -> list[Cell]:
    return [
        Cell(text, "quiet", heads=True),
        Cell(number(messages)),
        Cell("", "n far"),
        Cell(share(messages, whole), "n strong"),
        Cell(charts.bar(messages, whole, "rest2"), "barcell"),
    ]


@or_why
def course(
    ask: Asker, id: str, title: str, dimension: str, *, said: str = "", limit: int = 8, metric: str = "spam_messages"
) -> Panel:
    """A dimension over the steps of the period as stacked bars, the greatest values; the numbers in a table."""
    found = ask(dimension, stepped=True, limit=limit, order=metric)
    basis = gettext("The last step is still running.")
    if dimension not in OPEN:
        hidden = gettext("Steps of time in which fewer than 5 reporters stand behind a value do not show it.")
        basis = f"{hidden} {basis}"
    return Panel(
        id,
        title,
        said,
        **timeline(id, title, said, dimension, found.rows, metric, ask.period),
        basis=basis,
        question=ask.question(dimension, over_time=True),
        kind="bars",
    )


def timeline(
    id: str, title: str, said: str, dimension: str, rows: Sequence[Row], metric: str, period: Period
) -> dict[str, Any]:
    """Chart, legend and table of rows with `at`, a dimension and a metric, over the steps of a period."""
    totals: Counter[Any] = Counter()
    cells: dict[Any, Counter[int]] = defaultdict(Counter)
    for row in rows:
        totals[row[dimension]] += row[metric]
        cells[row[dimension]][row["at"] - (row["at"] - period.start) % period.step] += row[metric]
    order = sorted((value for value in totals if totals[value]), key=lambda value: _place(dimension, value, totals))
    series = {_key(value): [cells[value][at] for at in period.steps] for value in order}
    labels = {_key(value): named(dimension, value) for value in order}
    columns = [step_label(at, period.step) for at in period.steps]
    head = [(gettext("Starting (UTC)"), ""), *((labels[key], "n") for key in series), (gettext("All"), "n")]
    lines = [
        [Cell(column, "", heads=True), *(Cell(number(n)) for n in counts), Cell(number(sum(counts)))]
        for column, counts in zip(columns, zip(*series.values(), strict=True), strict=False)
    ]
    return {
        "chart": charts.stacked_bars(id, f"{title}. {said}", series, columns, labels),
        "legend": charts.legend(list(series), labels),
        "table": Table(title, head, lines, gettext("Nothing in this period.")),
    }


def _key(value: Any) -> str:
    return str(value) or "unknown"


def _place(dimension: str, value: Any, totals: Mapping[Any, int]) -> tuple[int, int]:
    """Channels always stand in the same order, all else by size."""
    return (
        (CHANNELS.index(value), 0) if dimension == "channel" and value in CHANNELS else (len(CHANNELS), -totals[value])
    )


@or_why
def world(
    ask: Asker,
    id: str,
    title: str,
    dimension: str,
    *,
    said: str = "",
    path: str = "/origins",
    leads: Callable[[str], str] | None = None,
) -> Panel:
    """The countries of a dimension on a map; the table of the ranking beside it tells the same.

    A country leads to `path` narrowed to it, or to where `leads` says.
    """
    found = ask(dimension, limit=300)
    values = {row[dimension]: row["spam_messages"] for row in found.rows if row[dimension] and row["spam_messages"]}
    labels = {code: country(code) for code in values}

    def narrowed(code: str) -> str:
        return href(path, **ask.view.params(**{dimension: code}))

    drawn: Markup | str = ""
    if not ask.view.light:  # the outlines of the countries are 17 KB
        drawn = charts.world(
            id, f"{title}. {said}", values, labels, leads or narrowed, asset("world.svg"), blank=gettext("No figure")
        )
    return Panel(
        id,
        title,
        said or leading(dimension, found),
        chart=drawn,
        basis=gettext(
            "Counts of what reached this node, not a ranking of countries."
            " Boundaries and names imply no opinion on the status of a territory."
        ),
        question=ask.question(dimension),
        kind="map",
    )


@or_why
def matrix(
    ask: Asker,
    id: str,
    title: str,
    down: str,
    across: str,
    *,
    said: str = "",
    path: str = "",
    size: tuple[int, int] = (10, 6),
    basis: str = "",
) -> Panel:
    """Two dimensions against each other; the greatest of each, the rest as one line and one column."""
    found = ask(down, across, limit=500)
    lines, columns = _greatest(found.rows, down, size[0]), _greatest(found.rows, across, size[1])
    cells: Counter[tuple[Any, Any]] = Counter()
    for row in found.rows:
        key = (str(row[down]) if row[down] in lines else None, str(row[across]) if row[across] in columns else None)
        cells[key] += row["spam_messages"]
    cells[None, None] += found.small.get("spam_messages", 0)
    most = max(cells.values(), default=0)
    down_keys, across_keys = _keys(lines, 0, cells), _keys(columns, 1, cells)

    def text(dimension: str, key: Any) -> str:
        return gettext("All others") if key is None else named(dimension, key)

    def cell(line: Any, column: Any) -> Cell:
        count = cells[line, column]
        shown: str | Markup = number(count) if count else "·"
        if path and count and line is not None and column is not None:
            shown = link(ask, path, number(count), **{down: line, across: column})
        return Cell(shown, f"n {charts.heat(count, most)}")

    rows = [
        [Cell(text(down, line), "", heads=True), *(cell(line, column) for column in across_keys)] for line in down_keys
    ]
    head = [("", ""), *((text(across, column), "n") for column in across_keys)]
    return Panel(
        id,
        title,
        said,
        table=Table(title, head, rows, gettext("Nothing was judged spam.")),
        basis=sentences(
            basis or gettext("Messages judged spam. Cells with fewer than 5 reporters are counted under “All others”."),
            ask.whole(down, across),
        ),
        question=ask.question(down, across),
        kind="matrix",
    )


def _keys(values: Sequence[Any], place: int, cells: Mapping[tuple[Any, Any], int]) -> list[Any]:
    """Lines or columns of a matrix, and None for all others where there are any."""
    return [*map(str, values), *([None] if any(key[place] is None and n for key, n in cells.items()) else [])]


def _greatest(rows: Sequence[Row], dimension: str, most: int) -> list[Any]:
    counts: Counter[Any] = Counter()
    for row in rows:
        counts[row[dimension]] += row["spam_messages"]
    return [value for value, _ in counts.most_common(most)]
