"""Charts as inline SVG, made by small functions of our own.

Altair with vl-convert was considered: 20 to 45 ms a chart and more than 100 MB resident per process are too much for a
live page on a node that must stay under 1.2 GB. These take about a millisecond. The SVG holds only the marks and
stretches with the page; axis labels are HTML beside it, so they stay readable at any width. Colours come from classes
(`c-sms`), never from styles.
"""

import math
from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

HEIGHT = 100
WIDTH = 10  # of one step


def ceiling(value: float) -> int:
    """The least 1, 2, 3, 4, 5, 6 or 8 times a power of ten that is not below `value`; even, so that half of it is whole."""
    if value <= 2:
        return 2
    power = 10 ** math.floor(math.log10(value))
    return next(
        int(step * power) for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * power >= value and step * power % 2 == 0
    )


def stacked_bars(
    name: str, title: str, series: Mapping[str, Sequence[float]], columns: Sequence[str], labels: Mapping[str, str]
) -> Markup:
    """Bars over time, one per column, made of one segment per series in the given order.

    `name` is unique in the page, `columns` are the labels of the steps, `labels` the names of the series.
    """
    totals = [sum(values) for values in zip(*series.values(), strict=True)] if series else [0.0] * len(columns)
    top = ceiling(max(totals, default=0))
    base = [0.0] * len(columns)
    paths = []
    for key, values in series.items():
        marks = "".join(_bar(i, base[i], value, top) for i, value in enumerate(values) if value)
        base = [b + v for b, v in zip(base, values, strict=True)]
        paths.append(Markup('<path class="c-{}" d="{}"/>').format(key, marks))
    hints = [
        _hint(i, columns[i], {labels[key]: values[i] for key, values in series.items()}) for i in range(len(columns))
    ]
    grid = Markup("").join(
        Markup('<path class="grid" d="M0 {}H{}"/>').format(y, len(columns) * WIDTH) for y in (0, 50, 100)
    )
    return Markup(
        '<div class="chart" dir="ltr"><div class="y" aria-hidden="true"><span>{}</span><span>{}</span><span>0</span></div>'
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-labelledby="{}-t">'
        '<title id="{}-t">{}</title>{}{}{}</svg>'
        '<div class="x" aria-hidden="true">{}</div></div>'
    ).format(
        f"{top:,}",
        f"{top // 2:,}",
        len(columns) * WIDTH,
        HEIGHT,
        name,
        name,
        title,
        grid,
        Markup("").join(paths),
        Markup("").join(hints),
        Markup("").join(Markup("<span>{}</span>").format(text) for text in _few(columns)),
    )


def _bar(index: int, base: float, value: float, top: float) -> str:
    high, low = HEIGHT * (1 - (base + value) / top), HEIGHT * (1 - base / top)
    return f"M{index * WIDTH + 1} {low:.2f}V{high:.2f}h{WIDTH - 2}V{low:.2f}z"


def _hint(index: int, column: str, values: Mapping[str, float]) -> Markup:
    """An invisible mark over a whole column that says its numbers to a pointer."""
    said = ", ".join(f"{name} {value:,.0f}" for name, value in values.items() if value) or "nothing"
    return Markup('<path class="hint" d="M{} 0h{}v{}h-{}z"><title>{}: {}</title></path>').format(
        index * WIDTH, WIDTH, HEIGHT, WIDTH, column, said
    )


def _few(columns: Sequence[str]) -> list[str]:
    """First, last and up to three columns between."""
    count = len(columns)
    if count <= 5:
        return list(columns)
    return [columns[round(i * (count - 1) / 4)] for i in range(5)]


def spark(values: Sequence[float], title: str) -> Markup:
    """A small line of bars in one colour, scaled to its own greatest value."""
    top = max(values, default=0) or 1
    marks = "".join(_bar(i, 0, value, top) for i, value in enumerate(values) if value)
    return Markup(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}"><path d="{}"/></svg>'
    ).format(max(len(values), 1) * WIDTH, HEIGHT, title, marks)


def bar(part: float, whole: float, key: str = "accent") -> Markup:
    """A share as a bar; the number stands beside it, so it is hidden from screen readers."""
    length = 100 * min(part / whole, 1) if whole else 0
    return Markup(
        '<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="rest" d="M0 0h100v8H0z"/><path class="c-{}" d="M0 0h{:.1f}v8H0z"/></svg>'
    ).format(key, length)


def signed_bar(weight: float, most: float) -> Markup:
    """A weight in log-odds to the right (for spam) or to the left (against) of a middle line."""
    length = 50 * max(-1.0, min(weight / most if most else 0, 1.0))
    return Markup(
        '<svg class="bar signed" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="rest" d="M0 3.5h100v1H0z"/><path class="{}" d="M50 0h{:.1f}v8H50z"/>'
        '<path class="mid" d="M49.5 0h1v8h-1z"/></svg>'
    ).format("for" if weight > 0 else "against", length)


def legend(keys: Sequence[str], labels: Mapping[str, str]) -> Markup:
    """What the colours mean, in the order of the stack."""
    items = Markup("").join(Markup('<li><i class="dot c-{}"></i>{}</li>').format(key, labels[key]) for key in keys)
    return Markup('<ul class="legend">{}</ul>').format(items)


def heat(value: float, most: float) -> str:
    """One of six classes for the cell of a matrix; the square root keeps small values apart."""
    return escape(f"h{math.ceil(5 * math.sqrt(value / most))}") if value and most else "h0"
