"""Which text of an HTML mail is not shown, and by what: style sheets and attributes, as far as a reader of mail obeys them.

Not a browser: inline styles, presentational attributes, the `hidden` attribute and plain class rules of style elements are
read (CSS 2.2, HTML Living Standard section 15.3.1); what cannot be known, such as a background from a picture, hides nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import re2

# Ways of hiding: `display` (also visibility, opacity, the attribute), `size` (letters of a pixel, boxes of none), `colour`
# (of the background), `off-screen`.
WAYS = ("display", "size", "colour", "off-screen")
MAX_OPEN = 200
MAX_CSS = 100_000

# Without any of these nothing is hidden, and most mail can be read the quick way.
_HINT = re2.compile(
    rb"(?i)display\s*:\s*none|visibility\s*:|opacity\s*[:=]\s*[0.]|[\s\"']hidden[\s>=\"']"
    rb"|font(?:-size)?\s*:\s*[\"']?(?:0|1(?:px|pt)?[\s;\"'!}])|(?:height|width)\s*:\s*[01](?:px|pt|em)?\s*[;\"'!}]"
    rb"|:\s*-\d{3,}|clip\s*:|[^-g]color\s*[:=]\s*[\"']?\s*(?:#?f[5-9a-f]|white|snow|ivory|transparent|rgba?\(\s*2[45])"
    rb"|bgcolor\s*=\s*[\"']?(?:#?0|black)|background(?:-color)?\s*:\s*(?:#0|black)"
)
_DECLARATION = re.compile(r"(?:^|[;\s{])([a-z-]+)\s*:\s*([^;{}]*)")
_ATTRIBUTE = re.compile(r"([a-z-]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+)))?")
_MARK = re.compile(r"([{};])")
_CLASS = re.compile(r"[a-z]*\.([\w-]+)|#([\w-]+)")
_STYLE = re.compile(r"<style(?=[\s>/])[^>]*>(.*?)(?:</style|\Z)", re.I | re.S)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.S)
_LENGTH = re.compile(r"(-?[\d.]+)\s*(px|pt|em|rem|ex|%|vw|vh|mm|cm|)")
_RGB = re.compile(r"rgba?\(\s*(\d{1,3})[\s,]+(\d{1,3})[\s,]+(\d{1,3})(?:[\s,/]+([\d.]+))?")
_HEX = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})")
_NAMES = {"white": "ffffff", "black": "000000", "snow": "fffafa", "ivory": "fffff0", "whitesmoke": "f5f5f5"}
_VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
)
_ENDS_ITSELF = frozenset(["p", "li", "td", "th", "tr", "dd", "dt", "option"])
_TINY = {"px": 1.0, "": 1.0, "pt": 1.0, "em": 0.1, "rem": 0.1, "ex": 0.2, "%": 10.0, "mm": 0.3, "cm": 0.03}

Colour = tuple[int, int, int] | None  # None: cannot be known


class _Style(NamedTuple):
    """What one tag says: None where it says nothing."""

    hides: str = ""
    tiny: bool | None = None
    invisible: bool | None = None
    front: Colour | str = ""
    back: Colour | str = ""


class _State(NamedTuple):
    """What holds inside the open elements."""

    hides: str = ""
    tiny: bool = False
    invisible: bool = False
    front: Colour = (0, 0, 0)
    back: Colour = (255, 255, 255)

    def why(self) -> str:
        """The way in which text here is hidden; "" when it is shown."""
        if self.hides:
            return self.hides
        if self.invisible:
            return "display"
        if self.tiny:
            return "size"
        front, back = self.front, self.back
        near = front and back and max(abs(a - b) for a, b in zip(front, back, strict=True)) <= 10
        return "colour" if near else ""


class Sheet:
    """The class and id rules of a page's style elements."""

    def __init__(self, source: str) -> None:
        css = (
            _COMMENT.sub(" ", " ".join(_STYLE.findall(source))[:MAX_CSS].lower()) if "<style" in source.lower() else ""
        )
        self.rules: dict[str, str] = {}
        for selectors, body in _rules(css):
            for selector in selectors.split(",")[:50]:
                if match := _CLASS.fullmatch(selector.strip()):
                    name = match[1] or match[2]
                    self.rules[name] = f"{self.rules.get(name, '')};{body}"
        self.paints = "background" in css


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations; not those inside @media and the like, which hold for some readers only."""
    depth, prelude, body = 0, "", ""
    for piece in _MARK.split(css):
        if piece == "{":
            depth, body = depth + 1, ""
        elif piece == "}":
            depth = max(0, depth - 1)
            if not depth:
                if not prelude.lstrip().startswith("@"):
                    yield prelude, body
                prelude = ""
        elif depth == 0:
            prelude = "" if piece == ";" else piece
        elif depth == 1:
            body += piece


def may_hide(source: str) -> bool:
    """Whether the page holds anything that could hide text; a quick look."""
    return _HINT.search(source.encode("utf-8", "replace")) is not None


def shown(pieces: Sequence[str], tags: Sequence[tuple[str, str]], sheet: Sheet) -> tuple[list[str], Counter[str]]:
    """The `pieces` of text between `tags` (name, attributes) with the hidden ones emptied, and hidden words by way."""
    kept, hidden = [pieces[0]], Counter[str]()
    open_: list[tuple[str, _State]] = [("", _State())]
    state, why = open_[0][1], ""
    styles: dict[str, _Style | None] = {"": None}  # most tags repeat another
    for (name, attributes), piece in zip(tags, pieces[1:], strict=True):
        if name[0] == "/":
            _close(open_, name[1:])
        elif name not in _VOID and name[0] not in "!?":
            if name in _ENDS_ITSELF and open_[-1][0] == name:
                open_.pop()
            if len(open_) < MAX_OPEN:
                if attributes not in styles:
                    styles[attributes] = _style(attributes, sheet)
                style = styles[attributes]
                open_.append((name, _inside(open_[-1][1], style) if style else open_[-1][1]))
        if piece and not piece.isspace():
            if open_[-1][1] is not state:
                state = open_[-1][1]
                why = state.why()
            if why:
                hidden[why] += _words(piece)
                piece = ""
        kept.append(piece)
    return kept, hidden


def _words(piece: str) -> int:
    return sum(any(map(str.isalnum, word)) for word in re.sub(r"&#?\w+;", " ", piece).split())


def _close(open_: list[tuple[str, _State]], name: str) -> None:
    """Close the innermost element of that name, with what stands open inside it; nothing when there is none."""
    if open_[-1][0] == name:
        open_.pop()
        return
    for index in range(len(open_) - 1, max(0, len(open_) - 30), -1):
        if open_[index][0] == name:
            del open_[index:]
            return


def _inside(state: _State, style: _Style) -> _State:
    return _State(
        state.hides or style.hides,
        state.tiny if style.tiny is None else style.tiny,
        state.invisible if style.invisible is None else style.invisible,
        state.front if isinstance(style.front, str) else style.front,
        state.back if isinstance(style.back, str) else style.back,
    )


def _style(attributes: str, sheet: Sheet) -> _Style | None:
    """What a tag says about showing its text; None when it says nothing."""
    own = _own(attributes)
    if own is None:
        return None
    style, names = own
    rules = ";".join(sheet.rules[name] for name in names if name in sheet.rules) if names else ""
    found = _declared(f"{rules};{style}" if rules else style) if rules or style else _Style()
    if names and sheet.paints and found.back == "":
        found = found._replace(back=None)
    return found


def _own(attributes: str) -> tuple[str, tuple[str, ...]] | None:
    """The declarations that attributes amount to, and the classes and id."""
    declared, names = [], []
    for name, *values in _ATTRIBUTE.findall(attributes[:2000].lower()):
        value = "".join(values)
        if name == "style":
            declared.append(value)
        elif name in ("class", "id"):
            names += value.split()[:10]
        elif name == "hidden":
            declared.insert(0, "display:none")
        elif name == "color":
            declared.insert(0, f"color:{value}")
        elif name in ("bgcolor", "background"):
            declared.insert(0, f"background:{value if name == 'bgcolor' else 'url()'}")
    return (";".join(declared), tuple(names)) if declared or names else None


@lru_cache(maxsize=4096)
def _declared(css: str) -> _Style:
    """What CSS declarations say about showing; a later one beats an earlier one."""
    said = {name: value.replace("!important", "").strip() for name, value in _DECLARATION.findall(css)}
    back: Colour | str = ""
    for name in ("background", "background-color", "background-image"):
        if (value := said.get(name)) and value not in ("none", "transparent", "inherit", "initial"):
            back = None if "url" in value or "gradient" in value else _colour(value.split(" ")[0])
    front = _colour(said["color"]) if "color" in said and said["color"] not in ("inherit", "initial") else ""
    size = said.get("font-size", "") or (said.get("font", "") if said.get("font", "")[:1].isdigit() else "")
    hides = _hides(said)
    if "transparent" in said.get("color", ""):
        hides = hides or "colour"
    visibility = said.get("visibility", "")
    invisible = visibility in ("hidden", "collapse") if visibility in ("hidden", "collapse", "visible") else None
    return _Style(hides, _is_tiny(size) if size else None, invisible, front, back)


def _hides(said: dict[str, str]) -> str:
    """Ways that what is inside cannot undo."""
    if said.get("display") == "none" or _is_nothing(said.get("opacity", "")):
        return "display"
    clipped = said.get("overflow", "") in ("hidden", "clip")
    if clipped and any(_is_tiny(said.get(name, "")) for name in ("max-height", "height", "max-width", "width")):
        return "size"
    if any(_far(said.get(name, "")) for name in ("text-indent", "left", "top", "margin-left", "margin-top")):
        return "off-screen"
    if re.match(r"rect\(\s*0\w*[\s,]+0\w*[\s,]+0\w*[\s,]+0\w*\s*\)", said.get("clip", "")):
        return "off-screen"
    return ""


def _is_nothing(value: str) -> bool:
    return re.fullmatch(r"0?\.?0[\d]?%?|0", value) is not None


def _is_tiny(value: str) -> bool:
    found = _LENGTH.match(value)
    try:
        return found is not None and 0 <= float(found[1]) <= _TINY.get(found[2], -1.0)
    except ValueError:
        return False


def _far(value: str) -> bool:
    found = _LENGTH.match(value)
    try:
        return found is not None and float(found[1]) <= (-40 if found[2] in ("em", "rem", "%", "vw", "vh") else -300)
    except ValueError:
        return False


def _colour(value: str) -> Colour:
    """Red, green, blue from 0 to 255; None when it cannot be known."""
    value = _NAMES.get(value.strip(), value.strip())
    if found := _RGB.match(value):
        return (int(found[1]), int(found[2]), int(found[3])) if found[4] in (None, "1", "1.0") else None
    if not (match := _HEX.fullmatch(value)):
        return None
    digits = match[1] if len(match[1]) == 6 else "".join(2 * digit for digit in match[1])
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
