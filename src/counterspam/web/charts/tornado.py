"""What moves a result: bars from the result at the low to that at the high of each parameter, around the result itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from counterspam.web.format import number


@dataclass(frozen=True, slots=True)
class Bar:
    """One parameter: what it is called, its low and high in words, and the result at both."""

    label: str | Markup
    low: str
    high: str
    at_low: float
    at_high: float


def tornado(
    title: str, heads: tuple[str, str, str], base: float, bars: Sequence[Bar], *, say: Callable[[float], str] = number
) -> Markup:
    """A table of parameters with the results that they lead to, and both as a bar on one scale; a line marks `base`.

    `heads` head the columns: parameter, result at its low, result at its high. The table holds the numbers, so the bars are
    hidden from screen readers. The darker part of a bar is that of the high.
    """
    ends = [base, *(value for bar in bars for value in (bar.at_low, bar.at_high))]
    least, most = min(ends), max(ends)
    rows = Markup("").join(
        Markup(
            '<tr><th scope="row">{}</th><td class="n" data-label="{}: ">{} <br><span class="quiet">{}</span></td>'
            '<td class="n" data-label="{}: ">{} <br><span class="quiet">{}</span></td><td class="barcell">{}</td></tr>'
        ).format(
            bar.label,
            *(heads[1], say(bar.at_low), bar.low),
            *(heads[2], say(bar.at_high), bar.high),
            _drawn(bar, base, least, most),
        )
        for bar in bars
    )
    return Markup(
        '<table class="paired tornado evidence model"><caption>{}</caption>'
        '<thead><tr><th scope="col">{}</th><th scope="col" class="n">{}</th>'
        '<th scope="col" class="n">{}</th><td class="barcell"></td></tr></thead><tbody>{}</tbody></table>'
    ).format(title, *heads, rows)


def _drawn(bar: Bar, base: float, least: float, most: float) -> Markup:
    """The bar in a box of 100 by 16, from the least to the most of all results."""

    def at(value: float) -> float:
        return 100 * (value - least) / (most - least) if most > least else 0.0

    marks = Markup("").join(
        Markup('<path class="{}" d="M{:.1f} 3h{:.1f}v10h{:.1f}z"/>').format(kind, at(base), length, -length)
        for kind, length in (("at-low", at(bar.at_low) - at(base)), ("at-high", at(bar.at_high) - at(base)))
        if round(length, 1)
    )
    return Markup(
        '<svg class="bar" viewBox="0 0 100 16" preserveAspectRatio="none" aria-hidden="true">{}'
        '<path class="mid" d="M{:.1f} 0v16"/></svg>'
    ).format(marks, at(base))
