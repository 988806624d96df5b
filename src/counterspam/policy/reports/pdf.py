"""A report as PDF, set by typst: A4, tagged, archival (PDF/A-2a), the same bytes from the same report.

What people typed reaches typst as data in JSON and is shown as text, never read as markup. The compiler is given an empty
folder as its root and no packages, so nothing it sets can open a file. The archival standard makes it refuse a sign that none
of the fonts has, instead of printing an empty box.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import orjson
import re2

from counterspam.policy.reports.document import Block, Chart, Paragraph, Report, captions, sources
from counterspam.policy.typesetting import CannotSet, compiled, installed

Svgs = Mapping[str, str]
STANDARD = "a-2a"
MOST_BYTES = 8 * 1024 * 1024  # of what typst is given
WIDE = 5  # columns; a table with more is wide
PPI = 180  # of charts as pictures
# The families that a language is set in, the first that is installed; then what else may occur in a text.
_FAMILIES = {
    "latin": ("Noto Sans", "Libertinus Serif"),
    "ar": ("Noto Sans Arabic", "Noto Naskh Arabic", "Noto Kufi Arabic"),
    "zh": ("Noto Sans CJK SC", "Noto Serif CJK SC", "Noto Sans SC"),
}
_OTHERS = (
    "Noto Sans",
    "Libertinus Serif",
    "Noto Sans Arabic",
    "Noto Sans CJK SC",
    "Noto Sans Symbols 2",
    "DejaVu Sans",
)
PACKAGES = {"latin": "fonts-noto-core", "ar": "fonts-noto-core", "zh": "fonts-noto-cjk"}


def families(lang: str) -> list[str]:
    """The font families of a language, best first. Raises CannotSet when none for its script is installed."""
    script = lang if lang in _FAMILIES else "latin"
    main = [name for name in _FAMILIES[script] if name in installed()]
    if not main:
        names = " or ".join(_FAMILIES[script])
        raise CannotSet(f"no font for the language {lang} is installed: {names} (package {PACKAGES[script]} of Debian)")
    latin = [name for name in _FAMILIES["latin"] if name in installed()]
    others = [name for name in _OTHERS if name in installed()]
    first = [*latin[:1], *main[:1]] if script == "ar" else main[:1]  # Latin digits and names in their own design
    return list(dict.fromkeys([*first, *others]))


def write(report: Report, svgs: Svgs) -> bytes:
    """The file. Raises CannotSet."""
    found: bytes = _compiled(_source(), _data(report, svgs), "pdf", report.created_at)
    return found


def pages(report: Report, svgs: Svgs, ppi: float = 80) -> list[bytes]:
    """The same pages as pictures (PNG), to look at. Raises CannotSet."""
    found = _compiled(_source(), _data(report, svgs), "png", report.created_at, ppi)
    return list(found) if isinstance(found, list) else [found]


def picture(svg: str, lang: str) -> bytes:
    """A drawing as a picture (PNG), for formats that take no SVG. Raises CannotSet."""
    source = b"""#let d = json(bytes(sys.inputs.data))
#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(d.svg), format: "svg", width: d.width * 0.75pt)
"""
    fonts = families(lang)
    data = {"svg": fitted(svg, lang, fonts), "width": _width(svg)}
    found: bytes = _compiled(source, data, "png", 0, PPI)
    return found


@cache
def _source() -> bytes:
    return (files("counterspam") / "data" / "reports" / "report.typ").read_bytes()


def _compiled(source: bytes, data: Mapping[str, Any], form: str, at: int, ppi: float | None = None) -> Any:
    packed = orjson.dumps(data)
    if len(packed) > MOST_BYTES:
        raise CannotSet(f"the report is too large to be set: {len(packed)} bytes of {MOST_BYTES}")
    made = datetime.fromtimestamp(at // 1000, UTC)
    return compiled(source, {"data": packed.decode()}, form, made, standard=STANDARD if form == "pdf" else "", ppi=ppi)


def _data(report: Report, svgs: Svgs) -> dict[str, Any]:
    """The report as plain data for the template."""
    fonts = families(report.lang)
    day = datetime.fromtimestamp(report.created_at / 1000, UTC)
    notes = {key: {"n": n, **_note(one)} for key, (n, one) in sources(report).items()}
    return {
        "lang": report.lang,
        "rtl": report.direction == "rtl",
        "fonts": fonts,
        "title": report.title,
        "subtitle": report.subtitle,
        "tlp": report.tlp,
        "tlp_meaning": report.tlp_meaning,
        "made_up": report.made_up,
        "facts": report.facts,
        "year": day.year,
        "month": day.month,
        "day": day.day,
        "words": {**report.words, "page": list(_split(report.words["page"]))},
        "notes": list(notes.values()),
        "sections": [
            {
                "title": section.title,
                "level": section.level,
                "lang": section.lang or report.lang,
                "blocks": [_block(report, block, svgs, fonts, notes) for block in section.blocks],
            }
            for section in report.sections
        ],
    }


def _note(one: Any) -> dict[str, str]:
    names = ("title", "source", "basis", "method", "uncertainty", "address")
    return {name: getattr(one, name) for name in names}


def _split(text: str) -> tuple[str, str, str]:
    """A text before, between and after its places for two numbers."""
    before, _, rest = text.partition("%(n)s")
    between, _, after = rest.partition("%(all)s")
    return before, between, after


def _block(report: Report, block: Block, svgs: Svgs, fonts: Sequence[str], notes: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(block, Paragraph):
        lang = block.lang or report.lang
        return {"form": "text", "text": block.text, "lang": lang, "quiet": block.quiet, "item": block.item}
    shown = {"caption": captions(report, block), "note": notes[block.source.key]["n"] if block.source else 0}
    if isinstance(block, Chart):
        return {**shown, "form": "chart", "svg": fitted(svgs[block.id], report.lang, fonts), "alt": block.alt[:1000]}
    return {
        **shown,
        "form": "table",
        "head": [column.title for column in block.columns],
        "numeric": [column.numeric for column in block.columns],
        "widths": _widths(block),
        "rows": block.shown or [[block.empty]],
        "empty": not block.shown,
        "lang": block.lang or report.lang,
    }


def _widths(table: Any) -> list[float]:
    """What share of the width each column takes, after the longest text in it.

    0 for numbers, which take what they need; in a wide table their heads are broken between words instead.
    """
    found = []
    for i, column in enumerate(table.columns):
        longest = max((len(row[i]) for row in table.shown), default=0)
        word = max(map(len, column.title.split()), default=0)
        if not column.numeric:
            found.append(min(max(longest, word, 12), 60) ** 0.6)
        elif len(table.columns) <= WIDE:
            found.append(0.0)
        else:
            found.append(max(longest, word, 6) ** 0.6)
    return found


_ANCHOR = re2.compile(r'text-anchor="(start|end)"')
_SIZE = re2.compile(r'<svg [^>]*?width="([0-9]{1,5})"')


def fitted(svg: str, lang: str, fonts: Sequence[str]) -> str:
    """A drawing as typst takes it: in installed fonts, and with ends of lines told from the left, as it knows no direction."""
    names = ", ".join(f"'{name}'" for name in fonts)
    svg = svg.replace('font-family="system-ui, sans-serif"', f'font-family="{names}"')
    if lang == "ar":
        other = {"start": "end", "end": "start"}
        svg = _ANCHOR.sub(lambda found: f'text-anchor="{other[found.group(1)]}"', svg).replace('direction="rtl" ', "")
    return svg


def _width(svg: str) -> int:
    found = _SIZE.search(svg)
    return int(found.group(1)) if found else 720
