"""Charts as whole SVG documents, for `<img>` on other sites: labels, scale and legend are text inside the drawing.

Time and length run in the direction of reading of the language spoken; maps are not turned.
"""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from counterspam.web.charts.bars import HEIGHT, WIDTH, few, stack, tint
from counterspam.web.charts.drawing import (
    FOOT,
    HEAD,
    LINE,
    MARGIN,
    Name,
    colours,
    inner,
    legend,
    length_of,
    rtl,
    shortened,
    side,
    standalone,
    stroke,
    text_mark,
    way,
)
from counterspam.web.charts.lines import DASHES, Band, Values, trace
from counterspam.web.charts.world import CLASSES, box, classes, limits, shapes, shown
from counterspam.web.format import number

PATTERNS = ("", "8 6", "1 6", "12 6 1 6", "16 8")  # as .d1 to .d5 of the style sheet


def standalone_bars(
    title: str,
    source_line: str,
    series: Mapping[str, Sequence[float]],
    columns: Sequence[str],
    labels: Mapping[str, str],
    *,
    width: int = 720,
    height: int = 400,
    dark: bool = False,
) -> str:
    """`stacked_bars` as a document, with scale, labels of steps and legend."""
    theme = colours(dark)
    top, paths = stack(series, len(columns))
    marks = Markup("").join(
        Markup('<path fill="{}" d="{}"/>').format(_colour(tint(key, i), theme), data)
        for i, (key, data) in enumerate(paths.items())
    )
    names = [(_colour(tint(key, i), theme), labels[key], None) for i, key in enumerate(series)]
    scale = (number(top), number(top // 2), number(0))
    return standalone(
        _timed(marks, names, scale, columns, width, height, theme), title, source_line, width, height, dark
    )


def standalone_lines(
    title: str,
    source_line: str,
    series: Mapping[str, Values],
    columns: Sequence[str],
    labels: Mapping[str, str],
    *,
    bands: Mapping[str, Band] | None = None,
    top: float | None = None,
    say: Callable[[float], str] = number,
    width: int = 720,
    height: int = 400,
    dark: bool = False,
) -> str:
    """`lines` as a document, with scale, labels of steps and legend."""
    theme = colours(dark)
    top, drawn = trace(series, bands or {}, top)
    marks = Markup("")
    names: list[tuple[str, str, str | None]] = []
    for i, (key, (line, band)) in enumerate(drawn.items()):
        colour, dashes = _colour(tint(key, i), theme), PATTERNS[i % DASHES]
        marks += Markup('<path fill="{}" fill-opacity=".18" d="{}"/>').format(colour, band) if band else ""
        marks += stroke(line, colour, dashes)
        names.append((colour, labels[key], dashes))
    scale = (say(top), say(top / 2), say(0))
    return standalone(
        _timed(marks, names, scale, columns, width, height, theme), title, source_line, width, height, dark
    )


def standalone_rows(
    title: str,
    source_line: str,
    rows: Sequence[tuple[str, float]],
    *,
    say: Callable[[float], str] = number,
    width: int = 720,
    dark: bool = False,
) -> str:
    """Horizontal bars, one per row of label and value; its height follows from their number."""
    theme = colours(dark)
    step = 26
    height = HEAD + FOOT + step * len(rows)
    wide = inner(width, height)[2]
    most = max((value for _, value in rows), default=0) or 1
    start, end = 0.34 * wide, wide - max((length_of(say(value), 12) for _, value in rows), default=0) - 8
    marks = []
    for i, (label, value) in enumerate(rows):
        y, length = i * step, (end - start) * max(0.0, value) / most
        marks += [
            text_mark(
                side(start - 8, wide), y + step / 2 + 4, shortened(label, start - 8, 12), 12, theme["ink"], "end"
            ),
            Markup('<path fill="{}" d="M{:.1f} {:.1f}h{:.1f}v{:.1f}h{:.1f}z"/>').format(
                theme["s1"], side(start, wide), y + step * 0.2, way(length), step * 0.6, way(-length)
            ),
            text_mark(side(start + length + 6, wide), y + step / 2 + 4, say(value), 12, theme["quiet"]),
        ]
    return standalone(Markup("").join(marks), title, source_line, width, height, dark)


def standalone_world(
    title: str,
    source_line: str,
    values: Mapping[str, float],
    *,
    say: Callable[[float], str] = number,
    blank: str = "",
    width: int = 960,
    dark: bool = False,
) -> str:
    """`world` as a document with the whole land in it, about 20 KB compressed; its height follows from its width."""
    theme = colours(dark)
    values = shown(values)
    units, deep = box()
    kinds = classes(values)
    wide = width - 2 * MARGIN
    scale = wide / units
    marks = Markup("").join(
        Markup('<g fill="{}">{}</g>').format(_land(kind, theme), _shapes(kinds, kind, element))
        for element in ("path", "circle")
        for kind in range(CLASSES + 1)
    )
    names = [(_land(kind, theme), said, None) for kind, said in limits(values, say).items()]
    key, room = legend([(theme["land"], blank, None), *names] if blank else names, wide, theme)
    drawn = Markup('{}<g transform="translate(0 {}) scale({:.4f})" stroke="{}">{}</g>').format(
        key, room, scale, theme["paper"], marks
    )
    return standalone(drawn, title, source_line, width, round(HEAD + room + deep * scale + FOOT), dark)


def _timed(
    marks: Markup, names: Sequence[Name], scale: tuple[str, str, str], columns: Sequence[str], width: int, height: int,
    theme: Mapping[str, str],
) -> Markup:  # fmt: skip
    """Marks over time in their frame: legend above, scale before them, labels of the steps below."""
    _, _, wide, high = inner(width, height)
    key, room = legend(names, wide, theme)
    gutter = max(length_of(text, 12) for text in scale) + 8
    deep, across = high - room - LINE - 6, len(columns) * WIDTH
    turned = Markup('<g transform="matrix(-1 0 0 1 {} 0)">{}</g>').format(across, marks) if rtl() else marks
    parts = [key]
    for i, text in enumerate(scale):
        y = room + deep * i / 2
        parts.append(Markup('<path stroke="{}" d="M{:.1f} {:.1f}h{:.1f}"/>').format(
            theme["line"], side(gutter, wide), y, way(wide - gutter)
        ))  # fmt: skip
        parts.append(text_mark(side(gutter - 8, wide), y + 4, text, 12, theme["quiet"], "end"))
    chosen = few(columns)
    for i, text in enumerate(chosen):
        anchor = "start" if i == 0 else "end" if i == len(chosen) - 1 else "middle"
        x = gutter + (wide - gutter) * i / max(len(chosen) - 1, 1)
        parts.append(text_mark(side(x, wide), high, text, 12, theme["quiet"], anchor))
    parts.append(
        Markup(
            '<svg x="{:.1f}" y="{}" width="{:.1f}" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">{}</svg>'
        ).format(0 if rtl() else gutter, room, wide - gutter, deep, max(across, 1), HEIGHT, turned)
    )
    return Markup("").join(parts)


def _colour(class_: str, theme: Mapping[str, str]) -> str:
    return theme[class_.removeprefix("c-")]


def _land(kind: int, theme: Mapping[str, str]) -> str:
    return theme[f"m{kind}"] if kind else theme["land"]


def _shapes(kinds: Mapping[str, int], kind: int, element: str) -> Markup:
    """The shapes or the circles of the countries of a class, 0 those without a value."""
    found = [mark for code, mark in shapes().items() if kinds.get(code, 0) == kind and mark.startswith(f"<{element}")]
    return Markup("").join(found)
