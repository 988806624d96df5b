"""The API of the questionnaire: definitions, waves and what is published of them; answers by file for respondents."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from counterspam import asking, questionnaires
from counterspam.node import now
from counterspam.policy.questionnaire import translation
from counterspam.policy.questionnaire.definition import LANGUAGES, Definition
from counterspam.policy.questionnaire.parcel import MOST_FILE, NotAForm
from counterspam.questionnaires import NotNow
from counterspam.store import invitations, responses, waves
from counterspam.store.waves import Release, Wave
from counterspam.web import access, language
from counterspam.web.api import answer, in_thread, needs
from counterspam.web.problems import Problem
from counterspam.web.questionnaire import exports, labels
from counterspam.web.questionnaire.measured import compared, counts
from counterspam.web.questionnaire.measured.tables import rows as measured_rows
from counterspam.web.questionnaire.shown import XLSX
from counterspam.web.scopes import Scope

router = APIRouter(prefix="/api/v1/questionnaires")
OfWave = Annotated[
    str, Path(alias="wave", pattern=r"^[0-9]{4}[a-z0-9-]{0,20}$", description="The name of a wave: 2026-1.")
]
OfVersion = Annotated[str, Path(alias="version", pattern=r"^[0-9A-Za-z.-]{1,40}$", description="A version: 2026.")]
OfTable = Annotated[
    str, Path(alias="table", pattern="^(figures|answers|measured)$", description="figures, answers or measured.")
]
Lang = Annotated[str, Query(max_length=2, description=f"Language of the texts: {', '.join(LANGUAGES)}.")]


class FileAnswer(Response):
    """A workbook."""

    media_type = XLSX


class CsvAnswer(Response):
    """A table for spreadsheets."""

    media_type = "text/csv"


class WaveRow(BaseModel):
    """A wave and its response (K20)."""

    id: str
    title: str
    definition: str = Field(description="Version of the questionnaire.")
    definition_hash: str
    period: str = Field(description="That is asked about.")
    opens_at: int
    closes_at: int
    synthetic: bool = Field(description="A demonstration: its answers were made up.")
    response: list[dict[str, Any]] = Field(description="invited, started, signed and rate, all together and by group.")
    published: bool
    address: str


class Waves(BaseModel):
    """Waves, the newest first."""

    rows: list[WaveRow]
    definitions: list[str] = Field(description="The versions of the questionnaire.")


class DefinitionOut(BaseModel):
    """A version of the questionnaire."""

    version: str
    hash: str
    title: str
    purpose: str
    language: str
    languages: list[str] = Field(description="In which every text is there.")
    sections: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    feeds: list[dict[str, Any]]


class Published(BaseModel):
    """What is published of a wave."""

    wave: str
    title: str
    period: str
    definition: str
    provenance: str
    synthetic: bool
    release: int
    approved_at: int
    hash: str = Field(description="SHA-256 of the approved content.")
    response: list[dict[str, Any]]
    left_out: list[dict[str, Any]] = Field(description="Item non-response.")
    figures: list[dict[str, Any]] = Field(description="By question and group; null where hidden.")
    answers: list[dict[str, Any]] = Field(description="Answers that are public by name.")
    measured: list[dict[str, Any]] = Field(
        description="What the node measures of the same: stated, measured, their units, and basis, which says how they differ."
        " Counted when asked for, so no part of what was approved."
    )


class TakenOut(BaseModel):
    """What became of a file."""

    version: int
    problems: list[dict[str, Any]] = Field(description="cell, key, level (hard refuses a sign-off), text.")
    refused: list[dict[str, str]] = Field(description="Cells that were not taken.")


@router.get("", summary="List the waves of the questionnaire", response_model=Waves, **needs(Scope.STATISTICS))
async def list_waves(request: Request) -> Response:
    """Each with its response rates as they stand."""

    def ask() -> dict[str, Any]:
        with request.app.state.node.records.read() as conn:
            rows = [_row(conn, one) for one in waves.every(conn, 50)]
            return {"rows": rows, "definitions": asking.names(conn)}

    return answer(await in_thread(request, ask))


def _row(conn: Any, wave: Wave) -> dict[str, Any]:
    names = ("id", "title", "definition", "definition_hash", "period", "opens_at", "closes_at", "synthetic")
    return {
        **{name: getattr(wave, name) for name in names},
        "response": questionnaires.response_rates(conn, wave.id),
        "published": waves.public(conn, wave.id) is not None,
        "address": f"{router.prefix}/{wave.id}",
    }


@router.get(
    "/definitions/{version}",
    summary="A version of the questionnaire",
    response_model=DefinitionOut,
    **needs(Scope.STATISTICS, 404),
)
async def definition(request: Request, version: OfVersion, lang: Lang = "en") -> Response:
    """Sections, questions, fields, rules, and what feeds the cost model. A text without translation is in English."""
    known, spoken = await in_thread(request, _version, request, version), lang if lang in LANGUAGES else "en"
    return answer(
        {
            "version": known.version,
            "hash": known.hash,
            "title": known.say(known.title, spoken)[0],
            "purpose": known.say(known.purpose, spoken)[0],
            "language": spoken,
            "languages": [name for name in LANGUAGES if not translation.missing(known, name)],
            "sections": [_section(known, one.id, spoken) for one in known.sections],
            "rules": list(known.rules),
            "feeds": list(known.feeds),
        }
    )


def _version(request: Request, version: str) -> Definition:
    with request.app.state.node.records.read() as conn:
        if version not in (there := asking.names(conn)):
            raise Problem(404, f"there are {', '.join(there)}")
        return asking.form(conn, version)


def _section(known: Definition, id: str, lang: str) -> dict[str, Any]:
    section = known.section(id)
    questions = [
        {
            "id": one.id,
            "text": known.say(one.text, lang)[0],
            "help": known.say(one.help, lang)[0],
            "disclosure": one.disclosure,
            "ranked": one.ranked,
            "fields": [
                {
                    **asdict(field),
                    "labels": [known.say(text, lang)[0] for text in field.labels],
                    "options": {name: known.say(text, lang)[0] for name, text in field.options.items()},
                    "unit": known.say(field.unit, lang)[0],
                }
                for field in (*one.fields, *one.about)
            ],
        }
        for one in section.questions
    ]
    return {"id": id, "title": known.say(section.title, lang)[0], "questions": questions}


@router.get("/{wave}", summary="What is published of a wave", response_model=Published, **needs(Scope.STATISTICS, 404))
async def published(request: Request, wave: OfWave) -> Response:
    """Response rates, figures by group with suppression, and public answers, of the last approved release."""
    known, release = await in_thread(request, _public, request, wave)
    return answer(exports.document(known, release, await in_thread(request, _measured, request, known, release)))


@router.get(
    "/{wave}/results.xlsx",
    summary="What is published of a wave as XLSX",
    response_class=FileAnswer,
    **needs(Scope.STATISTICS, 404),
)
async def workbook(request: Request, wave: OfWave) -> Response:
    """A sheet of figures, one of public answers, and one of what is measured beside."""
    known, release = await in_thread(request, _public, request, wave)
    measured = await in_thread(request, _measured, request, known, release)
    return _file(await in_thread(request, exports.xlsx, known, release, measured), f"{wave}.xlsx", XLSX)


@router.get(
    "/{wave}/{table}.csv",
    summary="One table of a wave as CSV",
    response_class=CsvAnswer,
    **needs(Scope.STATISTICS, 404),
)
async def table(request: Request, wave: OfWave, table: OfTable) -> Response:
    """Figures by group, answers that are public by name, or what this node measured beside what is stated."""
    known, release = await in_thread(request, _public, request, wave)
    measured = await in_thread(request, _measured, request, known, release) if table == "measured" else []
    return _file(exports.csv(known, release, table, measured), f"{wave}-{table}.csv", "text/csv; charset=utf-8")


def _public(request: Request, wave: str) -> tuple[Definition, Release]:
    with request.app.state.node.records.read() as conn:
        found, release = waves.get(conn, wave), waves.public(conn, wave)
        if found is None or release is None:
            raise Problem(404, "nothing is published of such a wave; /api/v1/questionnaires lists what there is")
        return questionnaires.definition_of(conn, found), release


def _measured(request: Request, known: Definition, release: Release) -> list[dict[str, Any]]:
    with request.app.state.node.records.read() as conn:
        wave = waves.get(conn, release.wave)
    if wave is None:
        return []
    found = compared.every(known, release.content["tables"], counts.of(request, wave))
    return measured_rows(known, found, wave.id, wave.period)


def _file(data: bytes, name: str, media_type: str) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="counterspam-{name}"',
        "Cache-Control": "public, max-age=60",
    }
    return Response(data, media_type=media_type, headers=headers)


@router.post(
    "/{wave}/answers",
    summary="Send a filled-in form",
    response_model=TakenOut,
    openapi_extra={
        "x-scope": str(Scope.ANSWER),
        "requestBody": {"required": True, "content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}},
    },
    **{name: value for name, value in needs(Scope.ANSWER, 404, 409, 413).items() if name != "openapi_extra"},
)
async def submit(
    request: Request,
    wave: OfWave,
    empty: Annotated[bool, Query(description="Whether an empty cell takes away what is stored.")] = False,
) -> Response:
    """The XLSX file of the wave, by the key or account that its invitation names. Wrong answers are kept and listed."""
    caller = await access.permit(request, Scope.ANSWER)
    data = await _body(request)

    def take() -> tuple[questionnaires.Taken, Definition]:
        with request.app.state.node.records.begin() as conn:
            mine = [one for one in invitations.of_account(conn, caller.id) if one.wave == wave]
            found = waves.get(conn, wave)
            if not mine or found is None:
                raise Problem(404, "there is no invitation of this key or account in such a wave")
            taken = questionnaires.take_file(conn, found, mine[0], data, by=caller.id, at=now(), way="api", empty=empty)
            access.note(request, conn, caller, "answers.file", f"{wave}/{mine[0].id}", version=taken.version.version)
            return taken, questionnaires.definition_of(conn, found)

    try:
        taken, known = await in_thread(request, take)
    except NotAForm as error:
        raise Problem(422, labels.MESSAGES[error.code], reason=error.code) from error
    except (NotNow, responses.NotOpen) as error:
        raise Problem(409, str(error)) from error
    with language.spoken("en"):
        problems = [
            {
                "cell": place,
                "key": one.key,
                "level": one.level,
                "confirmed": one.confirmed,
                "text": labels.message(one, known),
            }
            for place, one in taken.problems
        ]
        refused = [{"cell": one.place, "text": labels.said(one.code)} for one in taken.refused]
    return answer({"version": taken.version.version, "problems": problems, "refused": refused})


async def _body(request: Request) -> bytes:
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > MOST_FILE:
            raise Problem(413, "the file is larger than a filled-in form can be")
    if not data:
        raise Problem(422, "there is no file in the request")
    return data
