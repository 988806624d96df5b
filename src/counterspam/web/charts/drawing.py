"""Whole SVG documents: the frame with title and source, text, legend, and the direction of reading.

Colours are attributes, taken from the style sheet of the site: a policy that forbids style elements, which some browsers apply
to images too, does not touch them. Where the language spoken is written from right to left, so does the drawing run.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from markupsafe import Markup, escape

from counterspam.web.language import current, direction

MARGIN, HEAD, FOOT, LINE = 16, 64, 44, 18
GLYPH = 0.56  # width of a letter in its size, about right for system fonts
WIDE = "⺀-￯"  # from here to there signs are as wide as their size
Name = tuple[str, str, str | None]


@cache
def colours(dark: bool) -> dict[str, str]:
    """The colours of the site by name, from its style sheet."""
    text = (files("counterspam.web") / "static" / "site.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", text, re.DOTALL)
    return dict(re.findall(r"--([\w-]+): (#\w+)", blocks[1 if dark else 0]))


def standalone(svg: Markup, title: str, source_line: str, width: int, height: int, dark: bool = False) -> str:
    """A complete SVG document around `svg`, whose marks fill the box that `inner` gives. Title and source line are wrapped."""
    theme = colours(dark)
    left, top, _, _ = inner(width, height)
    lines = [text_mark(x, y, line, 17, theme["ink"], weight="600") for x, y, line in _wrapped(title, width, 26, 17)]
    lines += [
        text_mark(x, y, line, 12, theme["quiet"]) for x, y, line in _wrapped(source_line, width, height - FOOT + 20, 12)
    ]
    return str(
        Markup(
            '<?xml version="1.0" encoding="UTF-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" '
            'viewBox="0 0 {} {}" role="img" aria-labelledby="t" direction="{}" xml:lang="{}" '
            'font-family="system-ui, sans-serif"><title id="t">{}</title><path fill="{}" d="M0 0H{}V{}H0z"/>{}'
            '<g transform="translate({} {})">{}</g></svg>\n'
        ).format(
            width,
            height,
            width,
            height,
            direction(),
            current(),
            _clean(title),
            theme["paper"],
            width,
            height,
            Markup("").join(lines),
            left,
            top,
            svg,
        )
    )


def inner(width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of the box for the marks."""
    return MARGIN, HEAD, width - 2 * MARGIN, height - HEAD - FOOT


def legend(names: Sequence[Name], wide: float, theme: Mapping[str, str]) -> tuple[Markup, int]:
    """Entries in as many lines as they need, and the height of them all; an entry is colour, text and dashes of a line."""
    x, y, parts = 0.0, 0, []
    for colour, text, dashes in names:
        key = 12 if dashes is None else 32
        length = key + 6 + length_of(text, 12) + 18
        if x and x + length > wide:
            x, y = 0.0, y + LINE
        if dashes is None:
            parts.append(
                Markup('<path fill="{}" d="M{:.1f} {}h{}v10h{}z"/>').format(colour, side(x, wide), y, way(10), way(-10))
            )
        else:
            parts.append(stroke(f"M{side(x, wide):.1f} {y + 5}h{way(30)}", colour, dashes))
        parts.append(text_mark(side(x + key + 4, wide), y + 9, text, 12, theme["ink"]))
        x += length
    return Markup("").join(parts), y + LINE + 6 if names else 0


def stroke(data: str, colour: str, dashes: str) -> Markup:
    """A line of even width however the drawing is stretched."""
    return Markup(
        '<path fill="none" stroke="{}" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" '
        'stroke-dasharray="{}" vector-effect="non-scaling-stroke" d="{}"/>'
    ).format(colour, dashes or "none", data)


def text_mark(
    x: float, y: float, text: str, size: int, colour: str, anchor: str = "start", weight: str = "400"
) -> Markup:
    """A line of text that begins, ends or has its middle (`anchor`) at x, its foot at y."""
    return Markup(
        '<text x="{:.1f}" y="{:.1f}" font-size="{}" font-weight="{}" fill="{}" text-anchor="{}">{}</text>'
    ).format(x, y, size, weight, colour, anchor, _clean(text))


def _clean(text: str) -> Markup:
    """Text without characters that XML 1.0 forbids."""
    return escape(re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", text))


def _wrapped(text: str, width: int, y: float, size: int) -> list[tuple[float, float, str]]:
    """At most two lines with their places, broken between words or Chinese signs; what does not fit ends in "…"."""
    room = width - 2 * MARGIN
    first, words = "", re.findall(rf"[{WIDE}]\s*|[^\s{WIDE}]+\s*", text)
    while words and length_of(first + words[0].rstrip(), size) <= room:
        first += words.pop(0)
    rest = "".join(words)
    x = width - MARGIN if rtl() else MARGIN
    return [(x, y + i * size * 1.3, shortened(line, room, size)) for i, line in enumerate((first, rest)) if line]


def length_of(text: str, size: int) -> float:
    """About how long a text is."""
    return sum((1 if WIDE[0] <= char <= WIDE[-1] else GLYPH) * size for char in text)


def shortened(text: str, room: float, size: int) -> str:
    """The text, or as much of its beginning as there is room for and "…"."""
    if length_of(text, size) <= room:
        return text
    while text and length_of(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def rtl() -> bool:
    """Whether the language spoken is written from right to left."""
    return direction() == "rtl"


def side(x: float, wide: float) -> float:
    """A distance from the side where lines of text begin, as one from the left."""
    return wide - x if rtl() else x


def way(length: float) -> float:
    """A length in the direction of reading."""
    return -length if rtl() else length
