"""Lines over time: several series, gaps as gaps, intervals as bands. Told apart by colour and by dashes."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from markupsafe import Markup

from counterspam.web.charts.bars import HEIGHT, WIDTH, ceiling, frame, hint, tint
from counterspam.web.format import number

DASHES = 5  # patterns; with the colours 30 series differ
Values = Sequence[float | None]
Band = Sequence[tuple[float, float] | None]


def lines(
    name: str,
    title: str,
    series: Mapping[str, Values],
    columns: Sequence[str],
    labels: Mapping[str, str],
    *,
    bands: Mapping[str, Band] | None = None,
    top: float | None = None,
    say: Callable[[float], str] = number,
) -> Markup:
    """One line per series over the steps `columns`; `None` is a step without a figure and leaves a gap.

    `bands` gives low and high per step for some of the series. The scale runs from 0 to `top`, by default a round number
    above all values. `say` writes a number for people. `name` is unique in the page, `labels` are the names of the series.
    """
    top, drawn = trace(series, bands or {}, top)
    marks = []
    for i, (key, (line, band)) in enumerate(drawn.items()):
        colour = tint(key, i)
        if band:
            marks.append(Markup('<path class="band {}" d="{}"/>').format(colour, band))
        marks.append(Markup('<path class="line d{} {}" d="{}"/>').format(i % DASHES + 1, colour, line))
    for i, column in enumerate(columns):
        marks.append(hint(i, column, {labels[key]: values[i] for key, values in series.items()}, say))
    return frame(name, title, (say(top), say(top / 2), say(0)), columns, Markup("").join(marks))


def line_legend(keys: Sequence[str], labels: Mapping[str, str]) -> Markup:
    """What the lines mean: each with its colour and its dashes, in the order of the series."""
    items = Markup("").join(
        Markup(
            '<li><svg class="key" viewBox="0 0 40 8" aria-hidden="true"><path class="line d{} {}" d="M1 4H39"/></svg>{}</li>'
        ).format(i % DASHES + 1, tint(key, i), labels[key])
        for i, key in enumerate(keys)
    )
    return Markup('<ul class="legend">{}</ul>').format(items)


def trace(
    series: Mapping[str, Values], bands: Mapping[str, Band], top: float | None
) -> tuple[float, dict[str, tuple[str, str]]]:
    """The top of the scale, and the path data of line and band of each series in a box of steps * WIDTH by HEIGHT."""
    found = [value for values in series.values() for value in values if value is not None]
    found += [pair[1] for band in bands.values() for pair in band if pair is not None]
    scale = top or ceiling(max(found, default=0))
    return scale, {key: (_line(values, scale), _band(bands.get(key, ()), scale)) for key, values in series.items()}


def _runs(values: Sequence[object]) -> Iterator[list[int]]:
    """Steps that follow each other without a gap."""
    run: list[int] = []
    for i, value in enumerate(values):
        if value is not None:
            run.append(i)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _at(index: float, value: float, top: float) -> str:
    return f"{(index + 0.5) * WIDTH:g} {HEIGHT * (1 - max(0.0, min(value / top, 1))):.2f}"


def _line(values: Values, top: float) -> str:
    """Through the middles of the steps; a run of one step is a line of half a step."""
    found = []
    for run in _runs(values):
        places = [run[0] - 0.25, run[0] + 0.25] if len(run) == 1 else run
        found.append("M" + "L".join(_at(i, values[round(i)] or 0, top) for i in places))
    return "".join(found)


def _band(band: Band, top: float) -> str:
    """Around each run; as wide as half a step where the run is one step."""
    found = []
    for run in _runs(band):
        pairs = [(float(i), band[i] or (0, 0)) for i in run]
        if len(pairs) == 1:
            pairs = [(pairs[0][0] - 0.25, pairs[0][1]), (pairs[0][0] + 0.25, pairs[0][1])]
        there = [_at(i, high, top) for i, (_, high) in pairs]
        back = [_at(i, low, top) for i, (low, _) in reversed(pairs)]
        found.append("M" + "L".join(there + back) + "z")
    return "".join(found)
