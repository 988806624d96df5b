"""The charts of reports, drawn by the functions that draw the charts of the pages."""

from typing import Any

import re2

from counterspam.policy.reports.document import Chart, Report, charts
from counterspam.web.charts import standalone_bars, standalone_rows, standalone_world
from counterspam.web.charts.drawing import FOOT, HEAD
from counterspam.web.format import number
from counterspam.web.language import gettext

_TITLE = re2.compile(r'<text [^>]*font-size="17"[^>]*>[^<]*</text>')
_BOX = re2.compile(r'width="([0-9]+)" height="([0-9]+)" viewBox="0 0 [0-9]+ [0-9]+"')
_ROOM = 10  # above and below the marks


def drawings(report: Report) -> dict[str, str]:
    """Every chart of a report as an SVG document, by id, in the language spoken now."""
    return {chart.id: trimmed(draw(chart)) for chart in charts(report)}


def draw(chart: Chart) -> str:
    """One chart as on the pages, its caption as the title."""
    first = next(iter(chart.series.values()))
    if chart.form == "bars":
        return standalone_bars(chart.caption, "", chart.series, chart.columns, chart.labels)
    pairs = [(name, float(value)) for name, value in zip(chart.columns, first, strict=True)]
    if chart.form == "rows":
        return standalone_rows(chart.caption, "", pairs, say=number)
    return standalone_world(chart.caption, "", dict(pairs), say=number, blank=gettext("No figure"))


def trimmed(svg: str) -> str:
    """A drawing without its title and the room for its source: in a report the caption and the note say both."""

    def box(found: Any) -> str:
        width, height = int(found.group(1)), int(found.group(2))
        high = height - HEAD - FOOT + 2 * _ROOM
        return f'width="{width}" height="{high}" viewBox="0 {HEAD - _ROOM} {width} {high}"'

    return str(_BOX.sub(box, _TITLE.sub("", svg), 1))
