"""The lists of laws, best practices and bodies, one entry with what each value rests on, and its history with differences."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup, escape
from starlette.responses import Response

from counterspam.policy.repository import classify
from counterspam.policy.repository.differences import differences
from counterspam.policy.repository.fields import FIELDS, Content, Kind, leaves, value
from counterspam.policy.repository.provisions import guessed
from counterspam.policy.repository.review import figures, review
from counterspam.store import entries
from counterspam.store.entries import Version
from counterspam.web import access, render
from counterspam.web.api import in_thread
from counterspam.web.format import listed
from counterspam.web.format import number as written
from counterspam.web.language import gettext, mark, ngettext
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.repository import chosen
from counterspam.web.repository.book import Book, Held, load, today, version_zero
from counterspam.web.repository.labels import (
    GROUPS,
    PATHS,
    RECORD,
    TITLES,
    act,
    field_name,
    layer,
    named,
    of_union,
    place,
    unsaid,
)
from counterspam.web.repository.values import link, shown
from counterspam.web.scopes import Scope
from counterspam.web.views.countries import collated

PAGE = 40
PUBLIC = [Depends(access.public)]
router = APIRouter(include_in_schema=False)
QUESTION = {
    Kind.LAW: mark("Which laws and rules against spam there are, what they say, and on what each statement rests."),
    Kind.PRACTICE: mark("Which standards, codes and guides against spam there are, for whom, and for which layer."),
    Kind.BODY: mark("Which bodies, agreements and services there are for cooperation against spam."),
}
AUDIENCE = {
    Kind.LAW: mark("Policy officers, drafters of laws, enforcement authorities."),
    Kind.PRACTICE: mark("Regulators, operators, senders."),
    Kind.BODY: mark("Regulators, enforcement authorities, response teams."),
}
QUALITY = mark(
    "Facts restated in our own words from public pages, not legal advice, not checked by the countries or bodies concerned."
    " “Unknown” means that nobody has looked or found it; it never means “no”."
)
SORTS = {value: kind for kind, value in PATHS.items()}


async def book_of(request: Request) -> Book:
    """The repository as it stands."""
    return await in_thread(request, load, request.app.state.node)


def kind_of(request: Request) -> Kind:
    """The kind that the address of a page begins with."""
    return SORTS["/" + request.url.path.split("/")[1]]


async def a_list(request: Request) -> Response:
    """The entries of a kind that the filters let through, a page at a time, and the figures of the whole."""
    kind, book, caller = kind_of(request), await book_of(request), await access.of(request).identify(request)
    known = chosen.filters(kind, book, today())
    given = chosen.asked(request.query_params, known)
    found = chosen.ordered(kind, await in_thread(request, chosen.chosen, book, kind, given, known))
    pages = max(1, -(-len(found) // PAGE))
    at = chosen.number(request.query_params.get("page"), pages)
    content = {
        "kind": kind,
        "path": PATHS[kind],
        "title": gettext(TITLES[kind]),
        "question": gettext(QUESTION[kind]),
        "audience": gettext(AUDIENCE[kind]),
        "quality": gettext(QUALITY),
        "filters": [(one, given.get(one.name, ""), [(v, one.said(v)) for v in one.values]) for one in known],
        "given": given,
        "said": _said(kind, len(found)),
        "union": above_of(book, given.get("country", "")),
        "rows": [_row(one) for one in found[(at - 1) * PAGE : at * PAGE]],
        "at": at,
        "pages": pages,
        "figures": figures(kind, book.contents(kind), today()),
        "coverage": _coverage(book) if kind == Kind.PRACTICE else [],
        "exports": [(form, href(f"/api/v1/repository/{kind}.{form}", **given)) for form in ("yaml", "json", "csv")],
        "moderates": caller.may(Scope.APPROVE),
        "edits": caller.may(Scope.EDIT),
        "waiting": await in_thread(request, _waiting, request),
    }
    return render.page(request, "repository/list.html", content)


def _waiting(request: Request) -> int:
    with request.app.state.node.records.read() as conn:
        return entries.counts(conn).get("proposed", 0)


def _said(kind: Kind, count: int) -> str:
    said = {
        Kind.LAW: ngettext("%(n)s instrument.", "%(n)s instruments.", count),
        Kind.PRACTICE: ngettext("%(n)s best practice.", "%(n)s best practices.", count),
        Kind.BODY: ngettext("%(n)s body or agreement.", "%(n)s bodies and agreements.", count),
    }
    return said[kind] % {"n": written(count)}


def _row(one: Held) -> dict[str, Any]:
    content = one.content
    found: dict[str, Any] = {"id": one.id, "title": one.title, "confidence": content["confidence"], "text": ""}
    channels = content.get("channels")
    found["channels"] = ", ".join(named(each) for each in channels) if channels else unsaid()
    if one.kind == Kind.LAW:
        model = content["consent_model"]
        about = [named(content["status"], "status"), named(model, "consent_model") if model else unsaid()]
        return found | {"code": content["jurisdiction"], "who": place(content["jurisdiction"]), "about": about}
    if one.kind == Kind.PRACTICE:
        about = [", ".join(map(named, classify.pillars(content))), ", ".join(map(layer, classify.layers(content)))]
        return found | {"who": content["publisher"], "about": about, "text": content["prescribes"]}
    about = [named(content["scope"]), named(content["status"])]
    return found | {"who": named(content["kind"]), "about": about, "text": content["purpose"]}


def _coverage(book: Book) -> list[tuple[str, str, list[tuple[str, int]]]]:
    counts = classify.coverage(book.contents(Kind.PRACTICE).values())
    return [(one, layer(one), [(p, counts[one, p]) for p in classify.PILLARS]) for one in classify.LAYERS]


async def one_entry(request: Request, id: str) -> Response:
    """An entry: every field with its value and what that rests on, sources, review, who signed it off."""
    kind, book = kind_of(request), await book_of(request)
    held = book.get(kind, id)
    if held is None:
        raise Problem(404, mark("there is no such entry"))
    content = {
        "kind": kind,
        "path": PATHS[kind],
        "section": PATHS[kind],
        "held": held,
        "question": gettext(QUESTION[kind]),
        "audience": gettext(AUDIENCE[kind]),
        "quality": gettext(QUALITY),
        "groups": [(gettext(title), _lines(held, names)) for title, names in GROUPS[kind].items()],
        "record": _lines(held, tuple(name for name in RECORD if name in held.content and name != "sources")),
        "sources": [link(one) for one in held.content["sources"]],
        "review": review(held.content, today()),
        "pillars": classify.pillars(held.content) if kind == Kind.PRACTICE else [],
        "layers": [layer(one) for one in classify.layers(held.content)] if kind == Kind.PRACTICE else [],
        "others": [one for one in _others(book, held) if one["id"] != id],
        "repository_named": named,
        **(_unions(book, held) if kind == Kind.LAW else {}),
    }
    return render.page(request, "repository/entry.html", content)


def above_of(book: Book, code: str) -> list[dict[str, Any]]:
    """The instruments of its unions that apply in a country today, each marked as such."""
    return [
        {
            "id": one.law["id"],
            "low": one.law["confidence"] == "low",
            "guess": False,
            "status": "",
            "union": of_union(one.union),
            "act": act(one.act),
        }
        for one in book.above(today()).get(code, ())
    ]


def _unions(book: Book, held: Held) -> dict[str, Any]:
    """Of a law of a country the instruments of its unions, of one of a union where it applies today and how it binds."""
    code = held.content["jurisdiction"]
    binding = [
        (place(member), one.act)
        for member, found in book.above(today()).items()
        for one in found
        if one.law["id"] == held.id and member != code
    ]
    names = sorted((name for name, _ in binding), key=collated)
    return {"union": above_of(book, code), "members": listed(names), "act": act(binding[0][1]) if binding else ""}


def _others(book: Book, held: Held) -> list[Content]:
    return list(book.places[held.content["jurisdiction"]]) if held.kind == Kind.LAW else []


def _lines(held: Held, names: Sequence[str]) -> list[dict[str, Any]]:
    """Fields with their values: "rests" is "guess", "sources" or "" for what is unknown or needs no source."""
    fields = dict(leaves(FIELDS[held.kind])) | {one.name: one for one in FIELDS[held.kind]}
    found = []
    for path in names:
        given = value(held.content, path)
        plain = given is None or path in ("id", "jurisdiction", *RECORD)
        guess = held.kind == Kind.LAW and given is not None and guessed(held.content, path)
        rests = "" if plain else "guess" if guess else "sources" if held.content["sources"] else "none"
        title = field_name(path, held.kind)
        found.append({"path": path, "name": title, "shown": shown(path, fields[path], given), "rests": rests})
    return found


async def history(request: Request, id: str) -> Response:
    """The versions of an entry, the latest first, each with the fields that it changed."""
    kind = kind_of(request)
    held = (await book_of(request)).get(kind, id)
    if held is None:
        raise Problem(404, mark("there is no such entry"))
    versions = await in_thread(request, _versions, request, kind, id)
    contents = [one.content for one in versions]
    base = version_zero(kind, id)
    steps = []
    for place_, one in enumerate(versions):
        before = contents[place_ + 1] if place_ + 1 < len(contents) else base
        steps.append({"row": one, "changes": changes(kind, before, one.content)})
    content = {"kind": kind, "path": PATHS[kind], "section": PATHS[kind], "held": held, "steps": steps, "base": base}
    return render.page(request, "repository/history.html", content)


def _versions(request: Request, kind: Kind, id: str) -> list[Version]:
    with request.app.state.node.records.read() as conn:
        return list(entries.history(conn, kind, id))


def changes(kind: Kind, before: Content | None, after: Content) -> list[tuple[str, Markup, Markup]]:
    """The fields that differ: name, value before, value after."""
    fields = dict(leaves(FIELDS[kind]))
    return [
        (
            field_name(one.path, kind),
            shown(one.path, fields[one.path], one.before) if before is not None else escape(""),
            shown(one.path, fields[one.path], one.after),
        )
        for one in differences(kind, before, after)
        if before is not None or one.after not in (None, [])
    ]


for _kind in Kind:  # the same routes under the address of each
    for _path, _page in (("", a_list), ("/{id}", one_entry), ("/{id}/history", history)):
        router.add_api_route(PATHS[_kind] + _path, _page, methods=["GET"], dependencies=PUBLIC)
