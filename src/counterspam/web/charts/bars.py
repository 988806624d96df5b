"""Bars: stacked over time, small ones in tables, and what all charts share: scale, colours, legend."""

import math
from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup, escape

from counterspam.web.format import CHANNELS, NOTHING, number

HEIGHT = 100
WIDTH = 10  # of one step
COLOURS = 6  # for series that are no channels


def ceiling(value: float) -> int:
    """The least 1, 2, 3, 4, 5, 6 or 8 times a power of ten that is not below `value`; even, so that half of it is whole."""
    if value <= 2:
        return 2
    power = 10 ** math.floor(math.log10(value))
    return next(
        int(step * power) for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * power >= value and step * power % 2 == 0
    )


def tint(key: str, place: int) -> str:
    """The class that colours a series: a channel has the same colour everywhere, others take theirs by their place."""
    return f"c-{key}" if key in CHANNELS else f"c-s{place % COLOURS + 1}"


def stack(series: Mapping[str, Sequence[float]], count: int) -> tuple[int, dict[str, str]]:
    """The top of the scale, and the path data of each series in a box of `count` * WIDTH by HEIGHT."""
    top = ceiling(max((sum(values) for values in zip(*series.values(), strict=True)), default=0))
    base = [0.0] * count
    paths = {}
    for key, values in series.items():
        paths[key] = "".join(_bar(i, base[i], value, top) for i, value in enumerate(values) if value)
        base = [b + v for b, v in zip(base, values, strict=True)]
    return top, paths


def stacked_bars(
    name: str, title: str, series: Mapping[str, Sequence[float]], columns: Sequence[str], labels: Mapping[str, str]
) -> Markup:
    """Bars over time, one per column, made of one segment per series in the given order.

    `name` is unique in the page, `columns` are the labels of the steps, `labels` the names of the series.
    """
    top, paths = stack(series, len(columns))
    marks = Markup("").join(
        Markup('<path class="{}" d="{}"/>').format(tint(key, i), data) for i, (key, data) in enumerate(paths.items())
    )
    hints = [
        hint(i, column, {labels[key]: values[i] for key, values in series.items() if values[i]})
        for i, column in enumerate(columns)
    ]
    return frame(name, title, (number(top), number(top // 2), number(0)), columns, marks + Markup("").join(hints))


def frame(name: str, title: str, scale: tuple[str, str, str], columns: Sequence[str], marks: Markup) -> Markup:
    """A chart over time: marks over a grid, the scale (top, half, bottom) and the labels of the steps beside it."""
    grid = Markup("").join(
        Markup('<path class="grid" d="M0 {}H{}"/>').format(y, len(columns) * WIDTH) for y in (0, 50, 100)
    )
    return Markup(
        '<div class="chart"><div class="y" aria-hidden="true">{}</div>'
        '<svg viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-labelledby="{}-t">'
        '<title id="{}-t">{}</title>{}{}</svg><div class="x" aria-hidden="true">{}</div></div>'
    ).format(_spans(scale), len(columns) * WIDTH, HEIGHT, name, name, title, grid, marks, _spans(few(columns)))


def _spans(texts: Sequence[str]) -> Markup:
    return Markup("").join(Markup("<span>{}</span>").format(text) for text in texts)


def _bar(index: int, base: float, value: float, top: float) -> str:
    high, low = HEIGHT * (1 - (base + value) / top), HEIGHT * (1 - base / top)
    return f"M{index * WIDTH + 1} {low:.2f}V{high:.2f}h{WIDTH - 2}V{low:.2f}z"


def hint(index: int, column: str, values: Mapping[str, float | None], say: Callable[[float], str] = number) -> Markup:
    """An invisible mark over a whole column that says its numbers to a pointer; `None` is no figure."""
    said = [f"{name} {NOTHING if value is None else say(value)}" for name, value in values.items()]
    return Markup('<path class="hint" d="M{} 0h{}v{}h-{}z"><title>{}: {}</title></path>').format(
        index * WIDTH, WIDTH, HEIGHT, WIDTH, column, " · ".join(said) or say(0)
    )


def few(columns: Sequence[str]) -> list[str]:
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
    items = Markup("").join(
        Markup('<li><i class="dot {}"></i>{}</li>').format(tint(key, i), labels[key]) for i, key in enumerate(keys)
    )
    return Markup('<ul class="legend">{}</ul>').format(items)


def heat(value: float, most: float) -> str:
    """One of six classes for the cell of a matrix; the square root keeps small values apart."""
    return escape(f"h{math.ceil(5 * math.sqrt(value / most))}") if value and most else "h0"
