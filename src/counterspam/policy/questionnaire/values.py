"""What a respondent wrote into a field, as a value: the same for the web form, a file and the API.

Answers are kept as texts. `canonical` writes a right one in one way, and leaves a wrong one as it was written.
"""

import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from urllib.parse import urlsplit

import orjson
import re2

from counterspam.policy.questionnaire.definition import NUMBERS, Field

MOST_TEXT, MOST_LONG = 300, 4000  # characters
MOST_NUMBER = 1e18
Value = float | str | tuple[str, ...]
_NUMBER = re2.compile(r"-?[0-9]{1,19}(\.[0-9]{1,12})?")
_BREAKS = str.maketrans({"\r": "\n", "\t": " "})
_NO_CHARACTERS = "\ufffe\uffff"  # XML takes neither
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'")


class Wrong(Exception):
    """Why a text is no value of its field: `code` is one of web/questionnaire/labels.py, `given` what it mentions."""

    def __init__(self, code: str, given: tuple[str, ...] = ()) -> None:
        super().__init__(code)
        self.code, self.given = code, given


@cache
def countries() -> Mapping[str, str]:
    """Country codes (ISO 3166 alpha-2) and their region (UN M49)."""
    found: dict[str, str] = orjson.loads((files("counterspam") / "data" / "countries.json").read_bytes())
    return found


def tidy(text: str) -> str:
    """A text without control characters and without space around it, of at most MOST_LONG characters and one."""
    kept = text[: MOST_LONG + 1].replace("\r\n", "\n").translate(_BREAKS)
    return "".join(
        c for c in kept if c == "\n" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in _NO_CHARACTERS)
    ).strip()


def read(field: Field, text: str) -> Value | None:
    """The value of a text, None for an empty one. Raises Wrong."""
    text = tidy(text)
    if not text:
        return None
    if field.kind in NUMBERS:
        return _number(field, text)
    if field.kind == "multi":
        return _several(field, text)
    if field.kind == "choice":
        return _one(field, text)
    if field.kind == "country":
        if text.upper() not in countries():
            raise Wrong("country")
        return text.upper()
    return _text(field, text)


def canonical(field: Field, text: str) -> str:
    """A right text in the one way in which it is stored; a wrong one as it is, but tidy."""
    try:
        value = read(field, text)
    except Wrong:
        return _sorted(field, text) if field.kind == "multi" else tidy(text)
    if value is None:
        return ""
    if isinstance(value, tuple):
        return " ".join(value)
    return written(value) if isinstance(value, float) else value


def _sorted(field: Field, text: str) -> str:
    """The options named, in their order, and then what is none."""
    named = tidy(text).split()
    return " ".join(
        [name for name in field.options if name in named] + [one for one in named if one not in field.options]
    )


def written(value: float) -> str:
    """A number as it is stored: digits, and a point before decimals."""
    return str(int(value)) if value == int(value) else f"{value:.12f}".rstrip("0")


def _number(field: Field, text: str) -> float:
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text.translate(_SPACES))
    if field.kind == "percent":
        digits = digits.removesuffix("%").removesuffix("\u066a")
    if not _NUMBER.fullmatch(digits):
        raise Wrong("number-comma" if "," in digits or "\u066b" in digits else "number")
    value = float(digits)
    if field.kind == "integer" and value != int(value):
        raise Wrong("integer")
    if field.least is not None and value < field.least:
        raise Wrong("at-least", (written(float(field.least)),))
    most = MOST_NUMBER if field.most is None else field.most
    if value > most:
        raise Wrong("at-most", (written(float(most)),))
    return value


def _one(field: Field, text: str) -> str:
    if text not in field.options:
        raise Wrong("choice")
    return text


def _several(field: Field, text: str) -> tuple[str, ...]:
    chosen = text.split()
    if not set(chosen) <= set(field.options):
        raise Wrong("choice")
    return tuple(name for name in field.options if name in chosen)


def _text(field: Field, text: str) -> str:
    most = MOST_LONG if field.kind == "long" else MOST_TEXT
    if len(text) > most:
        raise Wrong("too-long", (str(most),))
    if field.pattern and not re2.fullmatch(field.pattern, text):
        raise Wrong("form", (field.form,))
    if field.kind == "url" and not _is_address(text):
        raise Wrong("url")
    if field.kind == "date":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise Wrong("date") from error
    return text if field.kind == "long" else " ".join(text.split())


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and text.isprintable() and " " not in text
    except ValueError:
        return False
