"""Charts as inline SVG, made by small functions of our own.

Altair with vl-convert was considered: 20 to 45 ms a chart and more than 100 MB resident per process are too much for a
live page on a node that must stay under 1.2 GB. These take about a millisecond. The SVG holds only the marks and
stretches with the page; labels are HTML beside it, so they stay readable at any width. Colours come from classes
(`c-sms`), never from styles. Where the page runs from right to left the style sheet mirrors the marks, never a map.
No chart holds words of its own: all text comes from the caller, numbers are written in the language spoken.
"""

from counterspam.web.charts.bars import (
    HEIGHT,
    WIDTH,
    bar,
    ceiling,
    heat,
    legend,
    signed_bar,
    spark,
    stacked_bars,
)
from counterspam.web.charts.compare import paired, share_interval
from counterspam.web.charts.drawing import inner, standalone
from counterspam.web.charts.embed import (
    standalone_bars,
    standalone_lines,
    standalone_rows,
    standalone_world,
)
from counterspam.web.charts.lines import line_legend, lines
from counterspam.web.charts.tornado import Bar, tornado
from counterspam.web.charts.world import categories, world

__all__ = [
    "HEIGHT",
    "WIDTH",
    "Bar",
    "bar",
    "categories",
    "ceiling",
    "heat",
    "inner",
    "legend",
    "line_legend",
    "lines",
    "paired",
    "share_interval",
    "signed_bar",
    "spark",
    "stacked_bars",
    "standalone",
    "standalone_bars",
    "standalone_lines",
    "standalone_rows",
    "standalone_world",
    "tornado",
    "world",
]
