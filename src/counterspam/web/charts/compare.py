"""Marks for comparing: two columns of categories side by side, and a share with its interval."""

from collections.abc import Callable, Sequence

from markupsafe import Markup

from counterspam.web.format import NOTHING, number

Row = tuple[str, float | None, float | None]


def paired(title: str, names: tuple[str, str], rows: Sequence[Row], *, say: Callable[[float], str] = number) -> Markup:
    """A table of categories with two values each, and both as bars on one scale, the first above the second.

    `names` head the two columns, `rows` are label, first and second value; `None` is no figure: "–" and no bar. The numbers
    stand in the table, so the bars are hidden from screen readers.
    """
    most = max((value for row in rows for value in row[1:] if value is not None), default=0) or 1
    body = Markup("").join(
        Markup(
            '<tr><th scope="row">{}</th><td class="n">{}</td><td class="n">{}</td><td class="barcell">{}</td></tr>'
        ).format(
            label, *(NOTHING if value is None else say(value) for value in (first, second)), _pair(first, second, most)
        )
        for label, first, second in rows
    )
    return Markup(
        '<table class="paired"><caption>{}</caption><thead><tr><td></td>'
        '<th scope="col" class="n"><i class="dot c-s1"></i>{}</th>'
        '<th scope="col" class="n"><i class="dot c-s2"></i>{}</th><td class="barcell"></td></tr></thead>'
        "<tbody>{}</tbody></table>"
    ).format(title, *names, body)


def _pair(first: float | None, second: float | None, most: float) -> Markup:
    marks = Markup("").join(
        Markup('<path class="c-s{}" d="M0 {}h{:.1f}v7H0z"/>').format(i + 1, 8 * i, 100 * max(0.0, value) / most)
        for i, value in enumerate((first, second))
        if value is not None
    )
    return Markup(
        '<svg class="bar two-bars" viewBox="0 0 100 15" preserveAspectRatio="none" aria-hidden="true">{}</svg>'
    ).format(marks)


def share_interval(low: float, mid: float, high: float, whole: float = 1.0) -> Markup:
    """A share as a point with its interval on a track from 0 to `whole`; the numbers stand beside it."""
    left, at, right = (100 * max(0.0, min(value / whole, 1)) for value in (low, mid, high))
    return Markup(
        '<svg class="bar interval" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">'
        '<path class="rest" d="M0 3h100v2H0z"/><path class="range" d="M{:.1f} 2h{:.1f}v4h-{:.1f}z"/>'
        '<path class="point" d="M{:.1f} 0v8"/></svg>'
    ).format(left, right - left, right - left, at)
