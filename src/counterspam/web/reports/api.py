"""The API of reports under /api/v1/policy/reports: what is released for everybody, beginning and building, signing off.

`/api/v1/reports` is where evidence is reported, so reports of this kind have an address of their own.
"""

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterspam.measure.ask import Unanswerable
from counterspam.measure.frozen import Unsteady
from counterspam.policy.reports import fields as forms
from counterspam.policy.reports.kinds import KINDS
from counterspam.policy.typesetting import CannotSet
from counterspam.store import reports
from counterspam.store.reports import Version
from counterspam.web import access
from counterspam.web.api import answer, in_thread, needs, next_cursor, read_cursor
from counterspam.web.problems import Problem
from counterspam.web.reports import wishes, work
from counterspam.web.reports.pages import serve
from counterspam.web.scopes import Scope

router = APIRouter(prefix="/api/v1/policy/reports")
Id = Annotated[str, Path(alias="report", pattern="^[0-9a-f]{16}$", description="16 hexadecimal digits.")]
Number = Annotated[int, Path(alias="version", ge=1, le=99_999, description="From 1.")]
Name = Annotated[str, Path(alias="name", pattern="^[a-z]{2}[.](html|pdf|docx|zip)$", description="Such as fr.pdf.")]
Cursor = Annotated[str, Query(max_length=200, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="Most rows in the answer.")]


class Begin(BaseModel):
    """What a new report is about."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["tsag", "council", "member-state", "operator", "barometer", "tracker"]
    period: str = Field(max_length=20, description="2026-H1, 2026, 2026-05 or 2026-W20.")
    country: str = Field("", max_length=2, description="Of a member-state report, ISO 3166 alpha-2.")
    operator: str = Field("", max_length=80, description="Of an operator report, as the statistics name it.")
    topic: str = Field("", max_length=20, description="Of a barometer: types, origins, border or dispositions.")
    tlp: str = Field("", max_length=20, description="TLP:CLEAR and so on; by default that of the kind.")
    author: str = Field("en", max_length=2, description="Language of what is typed.")
    languages: list[str] = Field(default_factory=list, max_length=6, description="Languages of the files.")
    exact: bool = False
    synthetic: bool = Field(False, description="Count made-up evidence too; such a report is never released.")


class Typed(BaseModel):
    """What no figure gives, by name of the field."""

    model_config = ConfigDict(extra="forbid")
    fields: dict[str, str] = Field(max_length=200)


class Step(BaseModel):
    """What is done to a report."""

    model_config = ConfigDict(extra="forbid")
    act: Literal["reviewed", "signed-off", "released", "returned"]
    note: str = Field("", max_length=1000)


class ReportRow(BaseModel):
    """One version of a report, without what was typed."""

    model_config = ConfigDict(extra="allow")
    id: str
    version: int
    kind: str
    period: str
    country: str
    operator: str
    topic: str
    audience: str
    tlp: str
    state: str
    languages: list[str]
    built_at: int = Field(description="0: there are no files yet.")
    snapshot: str = Field(description="SHA-256 of the frozen data as canonical JSON.")
    software: str
    address: str


class ReportRows(BaseModel):
    """Versions, what was changed last first."""

    rows: list[ReportRow]
    next: str = Field(description='Cursor of the following page, "" at the end.')


class ReportDetail(ReportRow):
    """A version with its files, its checks and the times at which something was done."""

    files: list[dict[str, Any]] = Field(description="name, sha256, size.")
    checks: list[dict[str, Any]] = Field(description="name, title, passed.")
    log: list[dict[str, Any]] = Field(description="at, act, and the SHA-256 of each file at that moment.")


class FileAnswer(Response):
    """A file of a report."""

    media_type = "application/octet-stream"


def row(one: Version) -> dict[str, Any]:
    """A version as the API shows it."""
    shown = asdict(one)
    del shown["fields"]
    return {**shown, "languages": list(one.languages), "address": f"{router.prefix}/{one.id}/{one.version}"}


@router.get("", summary="List released reports", response_model=ReportRows, **needs(Scope.STATISTICS))
async def listing(request: Request, cursor: Cursor = "", limit: Limit = 50) -> Response:
    """What everybody may read."""
    before = read_cursor(cursor)

    def ask() -> list[Version]:
        with request.app.state.node.records.read() as conn:
            return list(reports.every(conn, state="released", before=before, limit=limit))

    found = await in_thread(request, ask)
    caller = await access.of(request).identify(request)
    last = next_cursor(found[-1].changed_at, found[-1].id) if len(found) == limit else ""
    return answer({"rows": [row(one) for one in found if work.may_see(caller, one)], "next": last})


@router.post("", summary="Begin a report", status_code=201, response_model=ReportRow, **needs(Scope.EDIT))
async def begin(request: Request, wish: Begin) -> Response:
    """A draft without files."""
    caller = await access.of(request).identify(request)
    given = {name: value for name, value in wish.model_dump().items() if isinstance(value, str)}
    given |= {"exact": str(int(wish.exact)), "synthetic": str(int(wish.synthetic))}
    asked = wishes.wish(KINDS[wish.kind], given, wish.languages, may_be_exact=caller.may(Scope.EVIDENCE))
    if asked.version is None:
        raise Problem(422, "the report cannot be begun like this", fields=dict(asked.problems))
    made = await in_thread(request, work.begin, request, caller, asked.version)
    return answer(row(made), 201)


@router.get(
    "/{report}/{version}",
    summary="One version of a report",
    response_model=ReportDetail,
    **needs(Scope.STATISTICS, 404),
)
async def detail(request: Request, report: Id, version: Number) -> Response:
    """Its files with their hashes, its checks, and its log without names."""
    caller = await access.of(request).identify(request)
    loaded = await in_thread(request, work.load, request, caller, report, version)
    checks = await in_thread(request, work.run_checks, request, loaded) if loaded.version.built_at else []
    content = row(loaded.version) | {
        "files": [asdict(file) for file in loaded.files],
        "checks": [{"name": check.name, "title": check.title, "passed": check.passed} for check in checks],
        "log": [{"at": act.at, "act": act.act, "files": dict(act.files)} for act in loaded.acts],
    }
    return answer(content)


@router.get(
    "/{report}/{version}/snapshot",
    summary="The frozen data of a report",
    response_model=dict[str, Any],
    **needs(Scope.STATISTICS, 404),
)
async def snapshot(request: Request, report: Id, version: Number) -> Response:
    """Every answer with its question, as the canonical JSON whose SHA-256 is the id."""
    caller = await access.of(request).identify(request)
    loaded = await in_thread(request, work.load, request, caller, report, version)
    content = await in_thread(request, work.snapshot, request, loaded.version)
    return Response(content, media_type="application/json")


@router.get(
    "/{report}/{version}/files/{name}",
    summary="A file of a report",
    response_class=FileAnswer,
    **needs(Scope.STATISTICS, 404),
)
async def file(request: Request, report: Id, version: Number, name: Name) -> Response:
    """HTML, PDF, DOCX, or the zip of CSV files with every number and its source."""
    caller = await access.of(request).identify(request)
    loaded = await in_thread(request, work.load, request, caller, report, version)
    return await in_thread(request, serve, request, loaded.version, name)


@router.put(
    "/{report}/{version}/fields",
    summary="Keep what no figure gives",
    response_model=ReportRow,
    **needs(Scope.EDIT, 404, 409),
)
async def write(request: Request, report: Id, version: Number, typed: Typed) -> Response:
    """Replaces all fields of a draft; files made before do not fit any more."""
    caller = await access.of(request).identify(request)
    loaded = await in_thread(request, work.load, request, caller, report, version)
    known = KINDS[loaded.version.kind].fields
    wrong = forms.problems(known, typed.fields)
    unknown = set(typed.fields) - {field.name for field in known}
    if wrong or unknown:
        raise Problem(422, "some fields cannot be kept", fields=wrong | dict.fromkeys(sorted(unknown), "is no field"))
    return answer(row(await in_thread(request, work.write, request, caller, loaded.version, typed.fields)))


@router.post(
    "/{report}/{version}/build",
    summary="Freeze the data and build",
    response_model=ReportRow,
    **needs(Scope.EDIT, 404, 409),
)
async def build(request: Request, report: Id, version: Number) -> Response:
    """Every question is asked anew, and every file is made."""
    caller = await access.of(request).identify(request)
    loaded = await in_thread(request, work.load, request, caller, report, version)
    try:
        made = await run_in_threadpool(work.build, request, caller, loaded.version, anew=True)
    except (CannotSet, Unsteady, Unanswerable) as error:
        raise Problem(409, str(error)) from error
    return answer(row(made))


@router.post(
    "/{report}/{version}/submit", summary="Submit for review", response_model=ReportRow, **needs(Scope.EDIT, 404, 409)
)
async def submit(request: Request, report: Id, version: Number) -> Response:
    """The version stays as it is until it is released or returned."""
    caller = await access.of(request).identify(request)
    loaded = await in_thread(request, work.load, request, caller, report, version)
    return answer(row(await in_thread(request, work.step, request, caller, loaded.version, "submitted")))


@router.post(
    "/{report}/{version}/steps",
    summary="Review, sign off, release or return",
    response_model=ReportRow,
    **needs(Scope.APPROVE, 404, 409),
)
async def step(request: Request, report: Id, version: Number, wish: Step) -> Response:
    """Whoever wrote or built the version is refused; signing off and releasing need every check to pass."""
    caller = await access.of(request).identify(request)
    loaded = await in_thread(request, work.load, request, caller, report, version)
    return answer(row(await in_thread(request, work.step, request, caller, loaded.version, wish.act, wish.note)))
