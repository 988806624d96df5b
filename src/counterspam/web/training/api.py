"""The API of training under /api/v1/training: modules as they are written, statistics, checking certificates, workshops."""

import time
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from counterspam.policy.training import certificate
from counterspam.policy.training.reading import SLUG, Audience
from counterspam.store import training
from counterspam.web import access, language, public
from counterspam.web.api import Cursor, Limit, answer, in_thread, needs, next_cursor, read_cursor
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope
from counterspam.web.training import shelf
from counterspam.web.training.certificates import checked, signing_key
from counterspam.web.training.course_statistics import counted

router = APIRouter(prefix="/api/v1/training")
Slug = Annotated[str, Path(alias="slug", pattern=SLUG, max_length=60, description="The `id` of a module.")]
Lang = Annotated[str, Query(pattern="^[a-z]{2}$", description="Language; English where a module has no translation.")]
OfAudience = Annotated[Audience | None, Query(description="One audience only.")]


class ModuleRow(BaseModel):
    """A module without its lessons."""

    id: str
    number: int
    title: str
    lang: str = Field(description="The language of title, goals and lessons.")
    audiences: list[str]
    minutes: int
    goals: list[str]
    reviewed: str
    review_due: str
    languages: list[str] = Field(description="The languages that the module is written in.")


class Modules(BaseModel):
    """All modules in the order of their numbers."""

    rows: list[ModuleRow]


class ModuleDetail(ModuleRow):
    """A module with its lessons in Markdown, its sources, and its bank of questions."""

    sources: list[dict[str, Any]]
    lessons: list[dict[str, Any]] = Field(description="Title and blocks: text (Markdown), figure, audiences ([] all).")
    questions: list[dict[str, Any]] = Field(description="`answer` are the places of the right options, from 0.")


class Counts(BaseModel):
    """Counts by a value. Values under 5 are `pooled`; `total` is null where even that is under 5."""

    rows: list[tuple[str, int]]
    pooled: int
    cells: int
    total: int | None


class Statistics(BaseModel):
    """Indicator K21, and workshops: people by role, region and gender."""

    indicator: str
    completed: dict[str, Counts] = Field(
        description="First passes of accounts and devices: by audience, region, module."
    )
    months: Counts
    tries: int | None
    people: dict[str, Counts]
    held: list[dict[str, Any]]
    certificates: Counts


class Verified(BaseModel):
    """Whether the key of this node signed a code, and what that certifies."""

    valid: bool
    reason: str = Field(description="What is wrong; empty when nothing is.")
    issued_at: int = Field(description="When it was issued here, ms; 0 when that is not known.")
    certificate: dict[str, Any] | None


class PublicKey(BaseModel):
    """The Ed25519 key that the certificates of this node are checked with."""

    id: str
    hex: str
    pem: str


class WorkshopRow(BaseModel):
    """A workshop or webinar. Times in ms."""

    id: str
    kind: str
    title: str
    lang: str
    audience: str
    region: str = Field(description="UN M49 code of a region of the world, empty for all.")
    starts_at: int
    ends_at: int
    place: str
    url: str
    summary: str
    cancelled: bool
    updated_at: int
    version: int


class Workshops(BaseModel):
    """Workshops, and where the next ones are."""

    rows: list[WorkshopRow]
    next: str


@router.get("/modules", summary="List the training modules", response_model=Modules, **needs(Scope.STATISTICS))
async def modules(request: Request, lang: Lang = "en", audience: OfAudience = None) -> Response:
    """Titles, goals and review dates; the lessons are under the address of each module."""
    library = shelf.library_of(request)
    return answer({"rows": [_row(request, one) for one in library.every(_known(lang), audience or "")]})


@router.get(
    "/modules/{slug}", summary="One training module", response_model=ModuleDetail, **needs(Scope.STATISTICS, 404)
)
async def module(request: Request, slug: Slug, lang: Lang = "en") -> Response:
    """Lessons as they are written, sources, and all questions with their answers: an open format to translate and reuse."""
    library = shelf.library_of(request)
    found = library.module(slug, _known(lang))
    if found is None:
        raise Problem(404, "there is no such module")
    items, _ = library.quiz(slug, found.lang)
    detail = {
        "sources": [source.model_dump(mode="json") for source in found.sources],
        "lessons": [{"title": one.title, "blocks": [block._asdict() for block in one.blocks]} for one in found.lessons],
        "questions": [item.model_dump(mode="json") for item in items],
    }
    return answer({**_row(request, found), **detail})


def _row(request: Request, one: Any) -> dict[str, Any]:
    shown: dict[str, Any] = one.model_dump(mode="json", exclude={"sources", "lessons"})
    return {**shown, "languages": shelf.library_of(request).languages(one.id)}


def _known(lang: str) -> str:
    return lang if lang in language.LANGUAGES else language.DEFAULT


@router.get("/statistics", summary="Course statistics", response_model=Statistics, **needs(Scope.STATISTICS, 429))
async def statistics(request: Request) -> Response:
    """Completions by role, region and module (K21), and who came to workshops. Counts under 5 are added together."""
    caller = await access.of(request).identify(request)
    limits = public.gate(request).admit(request, caller)
    found = await in_thread(request, counted, request)
    named = {
        "completed": {name: asdict(table) for name, table in found["completed"].items()},
        "people": {name: asdict(table) for name, table in found["people"].items()},
        "months": asdict(found["months"]),
        "certificates": asdict(found["certificates"]),
    }
    response = answer({"indicator": "K21", "tries": found["tries"], "held": found["held"], **named})
    response.headers.update(limits)
    return response


@router.post("/verify", summary="Check a certificate", response_model=Verified, **needs(Scope.STATISTICS, 429))
async def verify(
    request: Request,
    code: Annotated[str, Body(embed=True, min_length=1, max_length=2 * certificate.MOST_CODE, description="The code.")],
) -> Response:
    """What a code certifies. The same can be done anywhere with the public key: docs/training.md says how."""
    caller = await access.of(request).identify(request)
    limits = public.gate(request).admit(request, caller)
    found, issued_at, error = await in_thread(request, checked, request, code)
    shown = {"valid": found is not None, "reason": error, "issued_at": issued_at}
    response = answer({**shown, "certificate": asdict(found) if found else None})
    response.headers.update(limits)
    return response


@router.get(
    "/key", summary="The key that certificates are checked with", response_model=PublicKey, **needs(Scope.STATISTICS)
)
async def key(request: Request) -> Response:
    """The public half of the key of this node, in PEM and as hexadecimal digits."""
    found = signing_key(request).public_key()
    raw = found.public_bytes_raw().hex()
    return answer({"id": certificate.key_id(found), "hex": raw, "pem": certificate.public_pem(found)})


@router.get("/workshops", summary="Workshops and webinars", response_model=Workshops, **needs(Scope.STATISTICS))
async def workshops(
    request: Request,
    past: Annotated[
        bool, Query(description="Those that have ended, the last first, instead of those to come.")
    ] = False,
    audience: OfAudience = None,
    region: Annotated[str, Query(pattern="^([0-9]{3})?$", description="UN M49 code of a region.")] = "",
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """Those that are still to come, the next first; /training/workshops.ics has them for calendars."""
    place, now = read_cursor(cursor), time.time_ns() // 1_000_000
    chosen: dict[str, Any] = {"region": region, "audience": audience or "", "limit": limit}

    def ask() -> list[training.Workshop]:
        with request.app.state.node.records.read() as conn:
            if past:
                return list(training.past(conn, now, before=place or (2**53, ""), **chosen))
            return list(training.ahead(conn, now, after=place or (0, ""), **chosen))

    found = await in_thread(request, ask)
    last = next_cursor(found[-1].starts_at, found[-1].id) if len(found) == limit else ""
    rows = [{name: value for name, value in asdict(one).items() if name in WorkshopRow.model_fields} for one in found]
    return answer({"rows": rows, "next": last})
