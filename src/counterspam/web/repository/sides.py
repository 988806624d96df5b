"""Laws against each other: side by side, on a map, gaps of a country, and the test for a covered violation."""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import Response

from counterspam.policy.repository import compare, covered, gaps, places, provisions
from counterspam.policy.repository.fields import Content, Kind
from counterspam.policy.repository.fields import provisions as provisions_of_laws
from counterspam.policy.repository.provisions import CORE, QUESTIONS, Answer, Found
from counterspam.web import charts, render
from counterspam.web.language import gettext
from counterspam.web.links import href
from counterspam.web.render import asset
from counterspam.web.repository import chosen
from counterspam.web.repository.book import Book, Held, today
from counterspam.web.repository.labels import WHY, answered, conduct, field_name, named, of_union, place, question
from counterspam.web.repository.lists import PUBLIC, above_of, book_of
from counterspam.web.repository.values import shown
from counterspam.web.view import saves_data
from counterspam.web.views.countries import collated

router = APIRouter(include_in_schema=False, dependencies=PUBLIC)
COLUMNS = 6  # jurisdictions side by side on a page; the following page has the next ones, the API all of them
EXAMPLES = 6  # laws of others that a gap report shows; the list of laws has all of them
CLASSES = {Answer.YES: "c-s1", Answer.UNION: "c-s4", Answer.NO: "c-s2", Answer.UNKNOWN: "h1"}


def by_name(book: Book) -> list[tuple[str, str]]:
    """The jurisdictions that there are laws of, by their name."""
    return sorted(((code, place(code)) for code in book.places), key=lambda one: collated(one[1]))


def codes(text: str, book: Book) -> list[str]:
    """The jurisdictions that an address names, separated by commas, each once."""
    return [code for code in dict.fromkeys(text.upper()[:600].split(",")) if code in book.places]


@router.get("/laws/compare")
async def side_by_side(request: Request) -> Response:
    """Any number of jurisdictions by provision: every instrument, and the strictest known of those in force."""
    book, asked = await book_of(request), request.query_params
    added = [asked.get("of", ""), *asked.getlist("add")[:20]]
    every = codes(",".join(added), book)
    pages = max(1, -(-len(every) // COLUMNS))
    at = chosen.number(asked.get("page"), pages)
    here = every[(at - 1) * COLUMNS : at * COLUMNS]
    above = book.above(today())
    lines = compare.compared({code: book.places[code] for code in here}, above)
    content = {
        "section": "/laws",
        "every": [(code, place(code), ",".join(one for one in every if one != code)) for code in every],
        "here": [(code, place(code), [*map(_instrument, book.places[code]), *above_of(book, code)]) for code in here],
        "of": ",".join(every),
        "choices": [one for one in by_name(book) if one[0] not in every],
        "union": any(code in above for code in here),
        "lines": [_line(line) for line in lines if line.known],
        "silent": [field_name(line.path) for line in lines if not line.known],
        "at": at,
        "pages": pages,
    }
    return render.page(request, "repository/compare.html", content)


def _instrument(law: Content) -> dict[str, Any]:
    """A law in the head of a column; its status where it is not in force."""
    status = "" if places.in_force(law) else named(law["status"], "status")
    return {
        "id": law["id"],
        "status": status,
        "low": law["confidence"] == "low",
        "guess": False,
        "union": "",
        "act": "",
    }


def _line(line: compare.Line) -> dict[str, Any]:
    one = provisions_of_laws()[line.path]
    cells = []
    for side in line.sides:
        given = [
            {"law": each.law, "shown": shown(line.path, one, each.value), "guess": each.guessed, "counts": each.counts,
             "low": each.confidence == "low", "union": of_union(each.union)}
            for each in side.given
            if each.value is not None
        ]  # fmt: skip
        several = len([each for each in side.given if each.value is not None and each.counts]) > 1
        strictest = shown(line.path, one, side.strictest) if several and side.strictest is not None else ""
        by_union = answered(Answer.UNION) if side.by_union else ""
        cells.append({"given": given, "strictest": strictest, "open": side.open_, "apart": several and not strictest,
                      "by_union": by_union})  # fmt: skip
    return {"name": field_name(line.path), "cells": cells}


@router.get("/laws/map")
async def on_a_map(request: Request) -> Response:
    """Which countries have a provision: yes, by the rules of a union, no, unknown; land without colour has no law here."""
    book = await book_of(request)
    above = book.above(today())
    name = request.query_params.get("provision", "")
    name = name if name in QUESTIONS else CORE[0]
    answers = {
        code: provisions.of_place(laws, QUESTIONS[name], above.get(code, ()))[0] for code, laws in book.places.items()
    }
    title = question(name)
    drawn: Markup | str = ""
    if not saves_data(request):
        drawn = charts.categories(
            "laws-map",
            title,
            {code: (CLASSES[answer], f"{place(code)}: {answered(answer)}") for code, answer in answers.items()},
            lambda code: href("/laws", country=code),
            asset("world.svg"),
            {CLASSES[answer]: answered(answer) for answer in Answer},
            gettext("No law of it here"),
        )
    content = {
        "section": "/laws",
        "provision": name,
        "title": title,
        "choices": [(each, question(each)) for each in QUESTIONS],
        "chart": drawn,
        "groups": [
            (answered(each), [(code, said) for code, said in by_name(book) if answers[code] == each]) for each in Answer
        ],
    }
    return render.page(request, "repository/map.html", content)


@router.get("/laws/gaps")
async def gap_report(request: Request) -> Response:
    """Of a chosen set of provisions, which a country has, and what others have there."""
    book, asked = await book_of(request), request.query_params
    country = next(iter(codes(asked.get("country", ""), book)), "")
    named_ = [name for each in asked.getlist("against")[:60] for name in each[:1000].split(",")]
    against = [name for name in dict.fromkeys(named_) if name in QUESTIONS] or list(CORE)
    above = book.above(today())
    found = gaps.gaps(country, book.places, against, above=above) if country else []
    content = {
        "section": "/laws",
        "country": country,
        "name": place(country) if country else "",
        "choices": by_name(book),
        "against": [(name, question(name), name in against) for name in QUESTIONS],
        "chosen": ",".join(against),
        "rows": [_gap(one, book) for one in found],
        "counts": {each: sum(one.answer == each for one in found) for each in Answer},
        "union": above_of(book, country),
    }
    return render.page(request, "repository/gaps.html", content)


def _gap(one: gaps.Gap, book: Book) -> dict[str, Any]:
    return {
        "name": question(one.provision),
        "provision": one.provision,
        "answer": one.answer,
        "said": answered(one.answer),
        "laws": [_found(law, one.provision, book) for law in one.laws if law.value is not None],
        "counts": one.counts,
        "others": [_found(law, one.provision, book) for law in one.others[:EXAMPLES]],
        "more": max(0, len(one.others) - EXAMPLES),
    }


def _found(one: Found, name: str, book: Book) -> dict[str, Any]:
    path = QUESTIONS[name].path
    held = book.kinds[Kind.LAW][one.law]
    said = shown(path, provisions_of_laws()[path], one.value)
    return {
        "law": one.law,
        "place": place(held.content["jurisdiction"]),
        "shown": said,
        "guess": one.guessed,
        "low": one.confidence == "low",
        "union": of_union(one.union),
        "sources": len(held.content["sources"]),
    }


@router.get("/laws/covered")
async def covered_violation(request: Request) -> Response:
    """For two laws or two countries: which conduct is a breach on both sides."""
    book, asked = await book_of(request), request.query_params
    names = [asked.get(side, "")[:60] for side in ("a", "b")]
    laws = [side(name, book) for name in names]
    over = book.above(today())
    above = over.get(names[0], ()), over.get(names[1], ())
    found = covered.covered(laws[0], laws[1], above) if all(laws) else []
    content = {
        "section": "/laws",
        "sides": [{"value": name, "name": called(name, book)} for name in names],
        "countries": by_name(book),
        "laws": [(one.id, f"{place(one.content['jurisdiction'])}: {one.id}") for one in _every(book)],
        "rows": [_conduct(one) for one in found],
        "union": any(above),
        "counts": {each: sum(one.answer == each for one in found) for each in Answer},
    }
    return render.page(request, "repository/covered.html", content)


def _every(book: Book) -> Sequence[Held]:
    return chosen.ordered(Kind.LAW, book.kinds[Kind.LAW].values())


def side(name: str, book: Book) -> Sequence[Content]:
    """The laws of one side: those of a jurisdiction, or one law by its id; [] where there is none."""
    if name in book.places:
        return book.places[name]
    held = book.get(Kind.LAW, name)
    return [held.content] if held else []


def called(name: str, book: Book) -> str:
    """What a side is called."""
    held = book.get(Kind.LAW, name)
    return held.title if held else place(name) if name in book.places else ""


def _conduct(one: covered.Conduct) -> dict[str, Any]:
    def reason(breach: covered.Breach) -> Mapping[str, Any]:
        return {"law": breach.law, "said": answered(breach.answer), "why": gettext(WHY[breach.why]), "guess": breach.guessed,
                "low": breach.confidence == "low", "union": of_union(breach.union)}  # fmt: skip

    return {
        "name": conduct(one.name),
        "answer": one.answer,
        "said": answered(one.answer),
        "apart": one.apart,
        "channels": ", ".join(named(each) for each in one.channels) if one.answer in (Answer.YES, Answer.UNION) else "",
        "sides": [(answered(answer), [reason(each) for each in breaches])
                  for answer, breaches in zip(one.sides, one.breaches, strict=True)],
    }  # fmt: skip
