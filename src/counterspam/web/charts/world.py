"""The map of the world: countries coloured by a value, in an equal-area projection. The land is a file that is kept for ever.

The file is `static/world.svg`, written by docs/world.py. A page refers to its shapes by the code of the country, so that a map
costs the page a line per country. Boundaries imply no opinion on the status of a territory; the page says so.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from markupsafe import Markup

from counterspam.web.format import number

CLASSES = 5


@cache
def shapes() -> dict[str, Markup]:
    """The elements of the map by code, "" for land without one; small countries are circles and come last."""
    text = (files("counterspam.web") / "static" / "world.svg").read_text(encoding="utf-8")
    found = re.findall(r'(<(?:path|circle)(?: id="(\w\w)")? [^>]*/>)', text)
    return {code: Markup(mark) for mark, code in found}  # noqa: S704 - our own file


@cache
def box() -> tuple[int, int]:
    """Width and height of the map in its own units."""
    text = (files("counterspam.web") / "static" / "world.svg").read_text(encoding="utf-8")
    found = re.search(r'viewBox="0 0 (\d+) (\d+)"', text)
    assert found is not None
    return int(found[1]), int(found[2])


def classes(values: Mapping[str, float]) -> dict[str, int]:
    """Class 1 to CLASSES of each country: a fifth of them each, equal values together, the greatest always in the last."""
    ordered = sorted(values.values())
    return {code: -(-CLASSES * bisect_right(ordered, value) // len(ordered)) for code, value in values.items()}


def limits(values: Mapping[str, float], say: Callable[[float], str] = number) -> dict[int, str]:
    """What each class that occurs holds: the least and the greatest of its values."""
    members: dict[int, list[float]] = {}
    for code, number_ in classes(values).items():
        members.setdefault(number_, []).append(values[code])
    said = {key: (say(min(found)), say(max(found))) for key, found in sorted(members.items())}
    return {key: low if low == high else f"{low} – {high}" for key, (low, high) in said.items()}


def shown(values: Mapping[str, float]) -> dict[str, float]:
    """The values of countries that are on the map, in the order in which they are drawn; never "", the unknown."""
    return {code: values[code] for code in shapes() if code and code in values}


def world(
    name: str,
    title: str,
    values: Mapping[str, float],
    labels: Mapping[str, str],
    href: Callable[[str], str] | None,
    world_url: str,
    *,
    say: Callable[[float], str] = number,
    blank: str = "",
) -> Markup:
    """The world with the countries of `values` (by ISO 3166 code) in five classes of a fifth each, and a legend.

    `labels` names the countries, `href` gives the page behind one, `world_url` is the address of world.svg, `say` writes a
    value, `blank` is the legend of land without a value. A code that is not on the map, such as "" for unknown, is left to
    the table beside it. That table has the links for the keyboard too, so those of the map stay out of its way. With links
    the map is a group, as what is inside an image does not exist for a screen reader.
    """
    values = shown(values)
    kinds = classes(values)
    marks = Markup("").join(
        _mark(f"{world_url}#{code}", kinds[code], f"{labels[code]}: {say(value)}", href(code) if href else "")
        for code, value in values.items()
    )
    return Markup(
        '<div class="map"><svg viewBox="0 0 {} {}" role="{}" aria-labelledby="{}-t"><title id="{}-t">{}</title>'
        '<use href="{}#land" class="land"/>{}</svg>{}</div>'
    ).format(
        *box(), "group" if href else "img", name, name, title, world_url, marks, _legend(limits(values, say), blank)
    )


def _mark(address: str, kind: int, said: str, target: str) -> Markup:
    if not target:
        return Markup('<use href="{}" class="h{}"><title>{}</title></use>').format(address, kind, said)
    return Markup(
        '<a href="{}" tabindex="-1" aria-label="{}"><use href="{}" class="h{}"><title>{}</title></use></a>'
    ).format(target, said, address, kind, said)


def _legend(entries: Mapping[int, str], blank: str) -> Markup:
    items = [(f"h{key}", text) for key, text in entries.items()]
    items = [("land", blank), *items] if blank else items
    return Markup('<ul class="legend">{}</ul>').format(
        Markup("").join(Markup('<li><i class="dot {}"></i>{}</li>').format(kind, text) for kind, text in items)
    )


def categories(
    name: str,
    title: str,
    values: Mapping[str, tuple[str, str]],
    href: Callable[[str], str],
    world_url: str,
    legend: Mapping[str, str],
    blank: str,
) -> Markup:
    """The world with countries in classes that have no order, such as yes, no and unknown.

    `values` are the class of the style sheet and what is said of each country, `legend` what each class means.
    """
    marks = Markup("").join(
        Markup(
            '<a href="{}" tabindex="-1" aria-label="{}"><use href="{}#{}" class="{}"><title>{}</title></use></a>'
        ).format(href(code), values[code][1], world_url, code, values[code][0], values[code][1])
        for code in shapes()
        if code and code in values
    )
    entries = [*legend.items(), ("land", blank)]
    items = Markup("").join(Markup('<li><i class="dot {}"></i>{}</li>').format(*entry) for entry in entries)
    return Markup(
        '<div class="map"><svg viewBox="0 0 {} {}" role="group" aria-labelledby="{}-t"><title id="{}-t">{}</title>'
        '<use href="{}#land" class="land"/>{}</svg><ul class="legend">{}</ul></div>'
    ).format(*box(), name, name, title, world_url, marks, items)
