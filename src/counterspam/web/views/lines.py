"""Lines over the steps of a time, with legend and table, as a panel takes them."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

from counterspam.measure.periods import Period
from counterspam.measure.scope import Row
from counterspam.web import charts
from counterspam.web.format import NOTHING, number
from counterspam.web.language import gettext
from counterspam.web.views.page import Cell, Table


def along(rows: Sequence[Row], metric: str, period: Period, first: int) -> list[float | None]:
    """A metric of rows with `at` in each step of a period; a row from just before its start counts in the first step.

    None in steps that are still to come, or that ended before the `first` evidence there is (seconds, 0 none).
    """
    found = [0.0] * len(period.steps)
    for row in rows:
        place = (row["at"] - period.start) // period.step
        found[min(max(place, 0), len(found) - 1)] += row[metric]
    watched = range(first or period.end, int(time.time()))
    return [
        value if at < watched.stop and at + period.step > watched.start else None
        for at, value in zip(period.steps, found, strict=True)
    ]


def drawn(
    id: str,
    title: str,
    series: Mapping[str, Sequence[float | None]],
    columns: Sequence[str],
    labels: Mapping[str, str],
    starting: str = "",
) -> dict[str, Any]:
    """Chart, legend and table of series over steps; `None` is a step without a figure. `starting` heads the steps."""
    head = [(starting or gettext("Starting (UTC)"), ""), *((labels[key], "n") for key in series)]
    rows = [
        [
            Cell(column, "", heads=True),
            *(Cell(NOTHING if values[i] is None else number(values[i] or 0)) for values in series.values()),
        ]
        for i, column in enumerate(columns)
    ]
    return {
        "chart": charts.lines(id, title, series, columns, labels),
        "legend": charts.line_legend(list(series), labels),
        "table": Table(title, head, rows, gettext("Nothing in this period.")),
    }
