"""The API of national definitions: everybody reads them, editors write drafts, approvers publish; and judging stated facts."""

import time
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from counterspam.defining import of_version
from counterspam.policy.definitions.definition import Refused, day_of
from counterspam.policy.definitions.expression import Wrong
from counterspam.policy.definitions.facts import FACTS, stated
from counterspam.policy.definitions.judge import explained
from counterspam.store.definitions import NotPossible, Version
from counterspam.web import access, public
from counterspam.web.api import answer, in_thread, needs
from counterspam.web.api_models import DefinitionAnswer
from counterspam.web.definitions import labels, work
from counterspam.web.definitions.work import Known
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope

NOT_THERE = "there is no such definition"
router = APIRouter(prefix="/api/v1/definitions")
Name = Annotated[str, Path(alias="id", pattern=r"^[a-z][a-z0-9-]{0,39}$", description="Name of a definition.")]
Number = Annotated[int, Path(alias="version", ge=1, le=100_000, description="Of a version, from 1.")]
Limit = Annotated[int, Query(ge=1, le=200, description="Most rows in the answer.")]


class Draft(BaseModel):
    """What a version says."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(max_length=40)
    jurisdiction: str = Field("", max_length=2, description="ISO 3166 alpha-2; empty for a technical definition.")
    title: str = Field(max_length=200)
    language: str = Field("en", max_length=12, description="Of title, words and note (BCP 47).")
    words: str = Field(max_length=4000, description="What counts as spam, in words.")
    expression: str = Field(max_length=4000, description="The same over facts: see docs/definitions.md.")
    valid_from: str = Field(
        "", max_length=10, description="First day of evidence that it judges, ISO 8601; empty is open."
    )
    valid_to: str = Field("", max_length=10, description="Last day; empty is open.")
    law: str = Field("", max_length=60, description="Entry of the repository of legal frameworks.")
    sources: list[str] = Field(default_factory=list, max_length=10)
    confidence: str = Field("", max_length=10, description="How sure we are of the law: high, medium, low or empty.")
    note: str = Field("", max_length=2000, description="What the expression leaves out or takes instead.")


class Definition(Draft):
    """A version with its state; who wrote and decided it is told to editors and approvers."""

    model_config = ConfigDict(extra="allow")
    version: int
    state: str = Field(description="draft, proposed, published, superseded or refused.")
    origin: str = Field(description="shipped or own.")
    decided_at: int = Field(description="Milliseconds since 1970 UTC; 0 for none.")


class Definitions(BaseModel):
    """Versions by country and name, the latest first."""

    rows: list[Definition]
    next: str = Field(description="Value of `cursor` for the following rows; empty at the end.")


class Remark(BaseModel):
    """Why it is published or refused."""

    model_config = ConfigDict(extra="forbid")
    remark: str = Field("", max_length=1000)


class Stated(BaseModel):
    """Facts of a message as somebody states them; what is left out or null is not known."""

    model_config = ConfigDict(extra="forbid")
    facts: dict[str, Any] = Field(
        max_length=len(FACTS), description=f"By name: {', '.join(name for name in FACTS if name != 'unknown')}."
    )
    day: str = Field("", pattern=r"^(\d{4}-\d\d-\d\d)?$", description="Day that the message was sent; empty is today.")
    definitions: list[str] = Field(
        default_factory=list, max_length=50, description="Only these, by name; empty for all."
    )


class Answers(BaseModel):
    """What each definition of the day says."""

    day: str
    rows: list[DefinitionAnswer]


@router.get("", summary="List national definitions", response_model=Definitions, **needs(Scope.STATISTICS))
async def listed(
    request: Request,
    jurisdiction: Annotated[str, Query(pattern="^([A-Z]{2})?$", description="One country only.")] = "",
    cursor: Annotated[int, Query(ge=0, le=100_000, description="`next` of the page before.")] = 0,
    limit: Limit = 100,
) -> Response:
    """Every version in force on any day, shipped ones and those of this node; drafts too for those who write and approve."""
    caller = await access.of(request).identify(request)
    found = [one for one in await _every(request, caller) if jurisdiction in ("", one.definition.jurisdiction)]
    rows = [work.shown(one, whole=_whole(caller)) for one in found[cursor : cursor + limit]]
    return answer({"rows": rows, "next": str(cursor + limit) if len(found) > cursor + limit else ""})


@router.post(
    "/judge", summary="What definitions say of stated facts", response_model=Answers, **needs(Scope.STATISTICS, 429)
)
async def judge(request: Request, given: Stated) -> Response:
    """Nothing is kept. A fact that is not stated is not known, so that an answer may be unknown; it is never taken for no."""
    limits = public.gate(request).admit(request, await access.of(request).identify(request))
    try:
        facts = stated(given.facts)
    except ValueError as error:
        raise Problem(422, str(error)) from error
    day = given.day or day_of(time.time_ns() // 1_000_000)
    found = await in_thread(request, request.app.state.node.definitions.judge)
    rows = [one for one in explained(found, facts, day) if not given.definitions or one["id"] in given.definitions]
    response = answer({"day": day, "rows": rows})
    response.headers.update(limits)
    return response


@router.get("/{id}", summary="One definition", response_model=Definitions, **needs(Scope.STATISTICS, 404))
async def versions(request: Request, name: Name) -> Response:
    """All its versions, the latest first."""
    caller = await access.of(request).identify(request)
    found = [one for one in await _every(request, caller) if one.definition.id == name]
    if not found:
        raise Problem(404, NOT_THERE)
    return answer({"rows": [work.shown(one, whole=_whole(caller)) for one in found], "next": ""})


@router.post("", summary="Write a draft", status_code=201, response_model=Definition, **needs(Scope.EDIT, 404, 409))
async def write(request: Request, given: Draft) -> Response:
    """The next version of its name, or the first."""
    return await _written(request, given, 0, 201)


@router.put("/{id}/{version}", summary="Write a draft anew", response_model=Definition, **needs(Scope.EDIT, 404, 409))
async def write_again(request: Request, name: Name, number: Number, given: Draft) -> Response:
    """A proposal becomes a draft again. What was published or refused stays as it is."""
    if given.id != name:
        raise Problem(422, "the name in the body is not that in the address")
    return await _written(request, given, number, 200)


@router.post(
    "/{id}/{version}/propose", summary="Propose a draft", response_model=Definition, **needs(Scope.EDIT, 404, 409)
)
async def propose(request: Request, name: Name, number: Number) -> Response:
    """For somebody else to publish."""
    caller = await access.of(request).identify(request)
    return await _done(request, work.propose, request, caller, name, number)


@router.post(
    "/{id}/{version}/publish", summary="Publish a proposal", response_model=Definition, **needs(Scope.APPROVE, 404, 409)
)
async def publish(request: Request, name: Name, number: Number, said: Remark) -> Response:
    """In force on its days from now on; refused to whoever wrote it. The version before ends on the day before its first."""
    caller = await access.of(request).identify(request)
    return await _done(request, work.publish, request, caller, name, number, said.remark)


@router.post(
    "/{id}/{version}/refuse", summary="Refuse a proposal", response_model=Definition, **needs(Scope.APPROVE, 404, 409)
)
async def refuse(request: Request, name: Name, number: Number, said: Remark) -> Response:
    """It is kept, and judges nothing."""
    caller = await access.of(request).identify(request)
    return await _done(request, work.refuse, request, caller, name, number, said.remark)


def _whole(caller: access.Caller) -> bool:
    return caller.may(Scope.EDIT) or caller.may(Scope.APPROVE)


async def _every(request: Request, caller: access.Caller) -> list[Known]:
    def ask() -> list[Known]:
        with request.app.state.node.records.read() as conn:
            return work.every(conn, caller)

    return await in_thread(request, ask)


async def _written(request: Request, given: Draft, version: int, status: int) -> Response:
    caller = await access.of(request).identify(request)
    return await _done(request, work.write, request, caller, given.model_dump(), version, status=status)


async def _done(request: Request, do: Any, *given: Any, status: int = 200) -> Response:
    """The version that came of it, or the problem."""
    try:
        made: Version = await in_thread(request, do, *given)
    except Refused as error:
        raise Problem(422, "the definition cannot be kept", faults=labels.faults(error.faults)) from error
    except Wrong as error:
        raise Problem(422, f"expression: {labels.wrong(error)}", place=error.place, code=error.code) from error
    except NotPossible as error:
        raise Problem(404 if error.code == "missing" else 409, labels.REFUSED[error.code]) from error
    known = Known(of_version(made), made.state, made)
    return answer(work.shown(known, whole=True), status)
