"""What a reader of a list of entries chose: filters in the address, and the entries that meet them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from counterspam.policy.repository import classify, provisions, search
from counterspam.policy.repository.fields import CHANNELS, FIELDS, REGIONS, Content, Kind
from counterspam.policy.repository.provisions import Answer
from counterspam.policy.repository.review import review
from counterspam.web.language import gettext, mark
from counterspam.web.repository.book import Book, Held
from counterspam.web.repository.labels import field_name, layer, named, place, question
from counterspam.web.views.countries import collated

Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter: its parameter, what it is called, its values, how a value is called, and which entries it lets through."""

    name: str
    title: str
    values: tuple[str, ...]
    said: Callable[[str], str]
    test: Callable[[Content, str], bool]


STATES = {"stale": mark("Due for review"), "soon": mark("Due soon"), "fresh": mark("Not due yet")}


def _values(kind: Kind, name: str) -> tuple[str, ...]:
    return next(one for one in FIELDS[kind] if one.name == name).values


def _is(name: str) -> Callable[[Content, str], bool]:
    return lambda content, value: bool(content[name] == value)


def _has(name: str) -> Callable[[Content, str], bool]:
    return lambda content, value: value in (content[name] or ())


def _field(kind: Kind, name: str, *, many: bool = False, values: tuple[str, ...] = ()) -> Filter:
    test = _has(name) if many else _is(name)
    return Filter(name, field_name(name, kind), values or _values(kind, name), lambda one: named(one, name), test)


def _provides(content: Content, name: str) -> bool:
    return provisions.asked(content, provisions.QUESTIONS[name]).answer == Answer.YES


def filters(kind: Kind, book: Book, today: date) -> list[Filter]:
    """The filters of a kind, in the order of the form."""
    due = Filter(
        "review",
        gettext("Review"),
        tuple(STATES),
        lambda one: gettext(STATES[one]),
        lambda content, value: review(content, today).state == value,
    )
    confidence = _field(kind, "confidence")
    if kind == Kind.LAW:
        codes = tuple(sorted(book.places, key=lambda code: collated(place(code))))
        provided = Filter("provision", gettext("Provision"), tuple(provisions.QUESTIONS), question, _provides)
        return [
            Filter("country", field_name("country"), codes, place, _is("jurisdiction")),
            Filter("region", field_name("itu_region"), REGIONS, named, _is("itu_region")),
            provided,
            _field(kind, "status"),
            _field(kind, "channels", many=True, values=CHANNELS),
            _field(kind, "consent_model"),
            confidence,
            due,
        ]
    if kind == Kind.PRACTICE:
        pillar = Filter("pillar", gettext("Pillar"), classify.PILLARS, named, lambda c, v: v in classify.pillars(c))
        layers = Filter("layer", gettext("Layer"), classify.LAYERS, layer, lambda c, v: v in classify.layers(c))
        lists = [_field(kind, name, many=True) for name in ("audience", "channels", "tags")]
        return [pillar, layers, *lists, _field(kind, "status"), confidence, due]
    return [_field(kind, "kind"), _field(kind, "scope"), _field(kind, "status"), confidence, due]


def asked(params: Mapping[str, str], known: Iterable[Filter]) -> dict[str, str]:
    """The filters that an address names with a value that there is, and the words looked for; all else is left out."""
    found = {one.name: params[one.name] for one in known if params.get(one.name) in one.values}
    words = params.get("q", "").strip()[: search.LONGEST]
    return found | ({"q": words} if words else {})


def chosen(book: Book, kind: Kind, given: Given, known: Sequence[Filter]) -> list[Held]:
    """The entries that meet every filter and hold every word."""
    tests = [(one.test, given[one.name]) for one in known if one.name in given]
    words = search.words(given.get("q", ""))
    return [
        one
        for one in book.kinds[kind].values()
        if all(test(one.content, value) for test, value in tests) and search.matches(one.text, words)
    ]


def ordered(kind: Kind, found: Iterable[Held]) -> list[Held]:
    """Entries in the order of a list: laws by the name of their jurisdiction, the rest by their title."""
    if kind == Kind.LAW:
        return sorted(found, key=lambda one: (collated(place(one.content["jurisdiction"])), one.id))
    return sorted(found, key=lambda one: (collated(one.title), one.id))


def number(value: Any, most: int, otherwise: int = 1) -> int:
    """A number of an address from 1 to `most`."""
    text = str(value or "")
    return min(max(int(text), 1), most) if text.isascii() and text.isdecimal() and len(text) < 9 else otherwise
