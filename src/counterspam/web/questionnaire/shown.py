"""How every page and file of the questionnaire is answered, and what its fields are called."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from starlette.responses import Response

from counterspam.policy.questionnaire.definition import Definition
from counterspam.web import access, render
from counterspam.web.language import gettext
from counterspam.web.questionnaire import labels
from counterspam.web.questionnaire.seats import PATH

SECTION = "questionnaires"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def shown_page(
    request: Request, name: str, shown: dict[str, Any], status: int = 200, known: Definition | None = None
) -> Response:
    """A page of the questionnaire that nobody keeps a copy of; `say` in it translates texts of the definition."""
    given = {
        "section": f"/{SECTION}",
        "csrf": access.csrf_token(request),
        "path": PATH,
        "say": lambda text: labels.shown(known, text) if known else text,
        "plain": lambda text: labels.plain(known, text) if known else text,
        "definition": known,
        "english_only": known is not None and not labels.is_whole(known),
    }
    answer = render.page(request, f"questionnaire/{name}", {**given, **shown}, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def done_of(request: Request, known: Mapping[str, str]) -> str:
    """What a page says of the act that led to it."""
    text = known.get(request.query_params.get("done", ""), "")
    return gettext(text) if text else ""


def file_answer(data: bytes, name: str, media_type: str = XLSX) -> Response:
    """A file to be saved."""
    headers = {"Content-Disposition": f'attachment; filename="counterspam-{name}"', "Cache-Control": "no-store"}
    return Response(data, media_type=media_type, headers=headers)


def cell_name(known: Definition, key: str) -> str:
    """What a field is called: question, row, column."""
    field = known.fields.get(key) or known.matching(key)[0]
    labels_ = field.labels[1:] if "*" in key else field.labels
    words = [known.question(field.question).text, *labels_]
    return ": ".join([labels.plain(known, words[0]), ", ".join(labels.plain(known, one) for one in words[1:])]).rstrip(
        ": "
    )
