"""The six languages of the United Nations: which one a reader gets, and what a message is called in it.

Messages are whole English sentences with named placeholders, `%(name)s`. Catalogues are gettext files (`locale/fr.po`), read
when a language is first asked for; English needs none, and a message without translation is shown in English.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from gettext import c2py
from importlib.resources import files

from babel.core import negotiate_locale
from babel.messages.pofile import read_po
from starlette.requests import Request

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")  # in the order of the English alphabet of their English names
NAMES = {"ar": "العربية", "zh": "中文", "en": "English", "fr": "Français", "ru": "Русский", "es": "Español"}
DEFAULT = "en"
MOST_WISHES = 20  # entries of an Accept-Language header that are looked at

_spoken: ContextVar[tuple[str, bool]] = ContextVar("spoken", default=(DEFAULT, False))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The translations of one language: forms by (context, message), and which form a number takes."""

    forms: dict[tuple[str, str], tuple[str, ...]]
    plural: Callable[[int], int]


@cache
def catalogue(lang: str) -> Catalogue:
    """The catalogue of a language; empty for English. Read once."""
    path = files("counterspam.web") / "locale" / f"{lang}.po"
    if not path.is_file():
        return Catalogue({}, lambda n: int(n != 1))
    with path.open("rb") as file:
        read = read_po(file, locale=lang)
    forms: dict[tuple[str, str], tuple[str, ...]] = {}
    for message in read:
        source = message.id if isinstance(message.id, str) else message.id[0]
        found = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        if source and all(found) and found:
            forms[message.context or "", source] = found
    return Catalogue(forms, c2py(read.plural_expr))


def current() -> str:
    """The language spoken now, one of LANGUAGES."""
    return _spoken.get()[0]


def chosen() -> bool:
    """Whether the reader chose it in the address, so that links carry it on."""
    return _spoken.get()[1]


def direction(lang: str = "") -> str:
    """The direction of writing of a language, by default of the current one: "rtl" or "ltr"."""
    return "rtl" if (lang or current()) == "ar" else "ltr"


@contextmanager
def spoken(lang: str, chosen: bool = False) -> Iterator[None]:
    """Speak `lang` within the block, in this task or thread and those that copy its context."""
    token = _spoken.set((lang if lang in LANGUAGES else DEFAULT, chosen))
    try:
        yield
    finally:
        _spoken.reset(token)


def gettext(message: str) -> str:
    """The message in the current language."""
    return pgettext("", message)


def pgettext(context: str, message: str) -> str:
    """The message in the current language; `context` tells apart what English says with the same words."""
    found = catalogue(current()).forms.get((context, message))
    return found[0] if found else message


def ngettext(one: str, many: str, n: float) -> str:
    """The message in the current language, in the form that the number `n` takes."""
    known = catalogue(current())
    found = known.forms.get(("", one))
    if found:
        return found[min(known.plural(int(n)), len(found) - 1)]
    return one if n == 1 else many


def mark(message: str) -> str:
    """The message itself: marks it for the catalogues where it is written, for it to be looked up where it is shown."""
    return message


def of(request: Request) -> str:
    """The language of an answer: the `lang` of the address (an unknown one means English), else what the browser asks for."""
    asked = request.query_params.get("lang")
    if asked is not None:
        return asked.lower() if asked.lower() in LANGUAGES else DEFAULT
    return negotiate(request.headers.get("accept-language", ""))


def is_chosen(request: Request) -> bool:
    """Whether the address of the request names one of our languages."""
    return request.query_params.get("lang", "").lower() in LANGUAGES


def negotiate(header: str) -> str:
    """The best language for an Accept-Language header (RFC 9110 section 12.5.4)."""
    wishes: list[tuple[float, str]] = []
    for entry in header[:1000].split(",")[:MOST_WISHES]:
        tag, _, weight = entry.strip().partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            continue
        if tag.strip() and quality > 0:
            wishes.append((-quality, tag.strip()))
    tags = [tag for _, tag in sorted(wishes, key=lambda wish: wish[0])]
    return negotiate_locale(tags, LANGUAGES, sep="-") or DEFAULT
