"""How values are written on pages, in the language spoken: numbers, shares, times, names, masks. The API has plain values.

Patterns, symbols and names are those of the Unicode CLDR, by way of Babel. Digits are Latin in every language, Arabic too:
the CLDR has that as the default for `ar`, and a table then reads the same in all languages and in its file for machines.
"""

import json
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

import re2
from babel import Locale
from babel.dates import DateTimePattern, match_skeleton, parse_pattern
from babel.lists import format_list
from babel.numbers import format_compact_decimal

from counterspam import privacy
from counterspam.web.labels import LABELS, UNKNOWN
from counterspam.web.language import current, gettext

# Channels in the order in which they are stacked and listed everywhere.
CHANNELS = ("email", "sms", "voice", "im", "social", "web", "mms", "rcs", "in-app", "other")
NOTHING = "–"
# Where the plain name of a language would give the habits of one country: day before month, as the United Nations write.
LOCALES = {"en": "en_GB"}

_LINK = re2.compile(r"(?i)\b(h)tt(ps?://)")
_HOST = re2.compile(r"(?i)\b(?:(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+|\d{1,3}(?:\.\d{1,3}){3})\b")


@dataclass(frozen=True, slots=True)
class _Symbols:
    """How a language writes numbers: what replaces the signs of Python, and what follows a percentage."""

    signs: dict[int, str]
    percent: str


@cache
def locale(lang: str) -> Locale:
    """The CLDR data of one of our languages."""
    return Locale.parse(LOCALES.get(lang, lang))


@cache
def _symbols(lang: str) -> _Symbols:
    known = locale(lang).number_symbols["latn"]
    signs = {",": known["group"], ".": known["decimal"], "-": known["minusSign"], "+": known["plusSign"]}
    _, _, after = locale(lang).percent_formats[None].pattern.rpartition("0")
    # SI and ISO 80000 put a space there; it must not be where a line ends.
    percent = "\u00a0%" if lang == "en" else after.replace("%", known["percentSign"])
    return _Symbols({ord(sign): written for sign, written in signs.items() if sign != written}, percent)


def number(value: float, digits: int = 0) -> str:
    """1234567 -> 1,234,567, with so many `digits` after the decimal sign."""
    text = f"{value:,.{digits}f}"
    signs = _symbols(current()).signs
    return text.translate(signs) if signs else text


def signed(value: float, digits: int = 2) -> str:
    """A weight: +2.10, -0.40; plain 0 for nothing."""
    return f"{value:+,.{digits}f}".translate(_symbols(current()).signs) if value else "0"


def rough(value: float) -> str:
    """A number for a sentence: exact below 10,000, then "12,300", "1.2 million"."""
    if value < 10_000:
        return number(value)
    if value < 1_000_000:
        return number(round(value, -2))
    lang = current()
    length = "long" if "long" in locale(lang).compact_decimal_formats else "short"  # Chinese has the short form only
    return format_compact_decimal(value, format_type=length, locale=locale(lang), fraction_digits=1)  # type: ignore[arg-type]


def percent(part: float, digits: int = 0) -> str:
    """0.33 -> 33 %, kept on one line."""
    return number(100 * part, digits) + _symbols(current()).percent


def share(part: float, whole: float) -> str:
    """Part of a whole in per cent; "–" where there is no whole."""
    if not whole:
        return NOTHING
    if 0 < part / whole < 0.01:
        return gettext("under %(percent)s") % {"percent": percent(0.01)}
    if 0.99 < part / whole < 1:
        return gettext("over %(percent)s") % {"percent": percent(0.99)}
    return percent(part / whole)


def size(count: float) -> str:
    """Bytes for people."""
    units = (gettext("%(n)s bytes"), gettext("%(n)s KB"), gettext("%(n)s MB"), gettext("%(n)s GB"))
    power = next((i for i in range(3) if count < 1024 ** (i + 1)), 3)
    value = count / 1024**power
    return units[power] % {"n": number(value, 0 if power == 0 or value >= 100 else 1)}


def duration(seconds: float) -> str:
    """A time span for people."""
    if seconds < 1:
        return gettext("%(n)s ms") % {"n": number(seconds * 1000)}
    if seconds >= 2 * 86400:
        return gettext("%(n)s d") % {"n": number(seconds / 86400)}
    if seconds >= 2 * 3600:
        return gettext("%(n)s h") % {"n": number(seconds / 3600)}
    if seconds >= 120:
        return gettext("%(n)s min") % {"n": number(seconds / 60)}
    return gettext("%(n)s s") % {"n": number(seconds)}


@cache
def _pattern(lang: str, skeleton: str) -> DateTimePattern:
    """The pattern for a skeleton of the CLDR; one with day and time is put together from both."""
    known = locale(lang).datetime_skeletons
    time = skeleton.find("H")
    if time > 0:
        day, clock = _pattern(lang, skeleton[:time]), _pattern(lang, skeleton[time:])
        both: str = str(locale(lang).datetime_formats["medium"])
        return parse_pattern(both.replace("{1}", day.pattern).replace("{0}", clock.pattern))
    name = skeleton if skeleton in known else match_skeleton(skeleton, known)
    assert name is not None, f"no language writes {skeleton}"
    found: DateTimePattern = known[name]
    return found


def moment(milliseconds: int, form: str = "yMMMdHms") -> str:
    """A time in UTC; "–" for 0. `form` says which parts, as a skeleton of the CLDR: y, MMM, d, H, m, s in this order."""
    if not milliseconds:
        return NOTHING
    lang = current()
    return _pattern(lang, form).apply(datetime.fromtimestamp(milliseconds / 1000, UTC), locale(lang))


def iso(milliseconds: int) -> str:
    """A time for machines, RFC 3339."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def step_label(seconds: int, step: int) -> str:
    """What stands under the step of a chart that starts at `seconds`."""
    form = "yMMMd" if step > 86400 else "MMMd" if step == 86400 else "Hm" if step < 3 * 3600 else "MMMdHm"
    return moment(seconds * 1000 or 1, form)


def listed(names: list[str]) -> str:
    """Names as a list in a sentence: A, B and C."""
    return format_list(names, locale=locale(current()))


def label(value: str) -> str:
    """A value of the taxonomy in words; one that is not in the list as it is written."""
    known = LABELS.get(value)
    return gettext(known) if known else value.replace("-", " ").capitalize()


@cache
def _regions() -> dict[str, str]:
    text = (files("counterspam") / "data" / "countries.json").read_text(encoding="utf-8")
    known: dict[str, str] = json.loads(text)
    return known


def country(code: str) -> str:
    """The name of a country or area (CLDR); the code itself when it has none."""
    if code in _regions():
        return str(locale(current()).territories[code])
    return code or gettext(UNKNOWN)


def countries() -> dict[str, str]:
    """Every country or area that has a code (ISO 3166 alpha-2), and its name, in the order of the codes."""
    return {code: country(code) for code in _regions()}


def region(code: str) -> str:
    """The region of a country or area (UN M49), "" unknown."""
    known = _regions().get(code)
    return str(locale(current()).territories[known]) if known else ""


def regions() -> dict[str, str]:
    """The five regions of the world (UN M49 codes) and their names, in the order of the codes."""
    return {
        code: str(locale(current()).territories[code]) for code in sorted(set(_regions().values())) if code.isdecimal()
    }


def region_of(code: str) -> str:
    """The code of the region (UN M49) of a country or area, "" unknown."""
    return _regions().get(code, "")


def tongue(code: str) -> str:
    """The name of a language by its tag; the tag itself when it has none."""
    return str(locale(current()).languages.get(code.lower(), code)) if code else gettext(UNKNOWN)


def mask_sender(sender: str, kind: str) -> str:
    """A sender fit for a public page. Short codes and alphanumeric names belong to services and stay."""
    if not sender:
        return gettext(UNKNOWN)
    if kind == "handle":
        return sender[:2] + "***" if sender.startswith("@") else sender[:1] + "***"
    return visible(defang(privacy.mask(sender)))[:60]


def defang(text: str) -> str:
    """Text whose links and host names cannot be followed by a click or a paste."""
    text = _LINK.sub(r"\1xx\2", text)
    return str(_HOST.sub(lambda found: found.group().replace(".", "[.]"), text))


def visible(text: str) -> str:
    """Text without control, direction and zero-width characters: each is written as its code point."""
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char in "\n\t" or (char.isprintable() and unicodedata.category(char) != "Cf") or char == " ":
        return char
    return "" if char == "\r" else f"⟨U+{ord(char):04X}⟩"
