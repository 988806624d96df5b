"""Who came to a workshop, in numbers, and how they found it: the form for editors."""

import time
from collections.abc import Mapping
from dataclasses import replace

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from counterspam.policy.training.reading import AUDIENCES
from counterspam.store import training
from counterspam.store.training import Group, Workshop
from counterspam.web import access, render
from counterspam.web.format import regions
from counterspam.web.language import gettext
from counterspam.web.links import href
from counterspam.web.scopes import Scope
from counterspam.web.training import labels
from counterspam.web.training.workshops import groups_of, workshop_of

MOST_PEOPLE = 100_000
LINES = 8  # of the form beyond those that are filled
EDIT = Depends(access.require(Scope.EDIT))
CSRF = Depends(access.check_csrf)
router = APIRouter(include_in_schema=False)


@router.get("/training/workshops/{id}/attendance", dependencies=[EDIT])
def attendance(request: Request, id: str) -> Response:
    """The form of numbers."""
    found = workshop_of(request, id)
    rows = [{**_group_words(group)} for group in groups_of(request, id)]
    given = {"answers": str(found.answers or ""), "score": f"{found.score:g}" if found.answers else ""}
    return _attendance(request, found, rows, given, {})


@router.post("/training/workshops/{id}/attendance", dependencies=[EDIT, CSRF])
async def recorded(request: Request, id: str) -> Response:
    """Put the numbers in the place of those that were recorded."""
    form, found = await request.form(), await run_in_threadpool(workshop_of, request, id)
    rows, given = _rows(form), {name: str(form.get(name, "")).strip()[:10] for name in ("answers", "score")}
    groups, errors = readgroups_of(rows)
    answers, score = _feedback(given, errors)
    if errors:
        return _attendance(request, found, rows, given, errors, 422)
    caller = await access.of(request).identify(request)

    def save() -> bool:
        with request.app.state.node.records.begin() as conn:
            kept = replace(found, version=found.version + 1, answers=answers, score=score)
            if not training.save(conn, replace(kept, updated_at=time.time_ns() // 1_000_000)):
                return False
            training.record(conn, id, groups)
            access.note(request, conn, caller, "workshop.attendance", id, people=sum(one.people for one in groups))
            return True

    if not await run_in_threadpool(save):
        errors["answers"] = gettext("Somebody else changed this meanwhile. Look at it again before you save.")
        return _attendance(request, found, rows, given, errors, 409)
    return RedirectResponse(href(f"/training/workshops/{id}"), 303)


def _rows(form: FormData) -> list[dict[str, str]]:
    columns = {
        name: [str(value) for value in form.getlist(name)][:50] for name in ("audience", "region", "gender", "people")
    }
    return [
        dict(zip(columns, (value.strip()[:10] for value in row), strict=True))
        for row in zip(*columns.values(), strict=False)
    ]


def readgroups_of(rows: list[dict[str, str]]) -> tuple[list[Group], dict[str, str]]:
    """The groups that a form tells; lines without a number are left out, lines for the same people added together."""
    found: dict[tuple[str, str, str], int] = {}
    errors = {}
    for i, row in enumerate(rows):
        if not row["people"]:
            continue
        known = (
            row["audience"] in ("", *AUDIENCES)
            and row["region"] in ("", *regions())
            and row["gender"] in labels.GENDERS
        )
        if not known or not row["people"].isdecimal() or int(row["people"]) > MOST_PEOPLE:
            errors[f"people-{i}"] = gettext("A whole number is needed.")
            continue
        key = row["audience"], row["region"], row["gender"]
        found[key] = found.get(key, 0) + int(row["people"])
    groups = [Group(audience=a, region=r, gender=g, people=n) for (a, r, g), n in found.items() if n]
    return groups, errors


def _feedback(given: Mapping[str, str], errors: dict[str, str]) -> tuple[int, float]:
    """How many said how it was, and their mean; (0, 0) for nobody. Adds to `errors`."""
    if not given["answers"] and not given["score"]:
        return 0, 0.0
    if not given["answers"].isdecimal() or int(given["answers"]) > MOST_PEOPLE:
        errors["answers"] = gettext("A whole number is needed.")
        return 0, 0.0
    try:
        score = float(given["score"].replace(",", ".") or 0)
    except ValueError:
        score = -1.0
    answers = int(given["answers"])
    if answers and not 1 <= score <= 5:
        errors["score"] = gettext("A number from 1 to 5 is needed.")
    return answers, score if answers else 0.0


def _group_words(group: Group) -> dict[str, str]:
    return {"audience": group.audience, "region": group.region, "gender": group.gender, "people": str(group.people)}


def _attendance(
    request: Request,
    found: Workshop,
    rows: list[dict[str, str]],
    given: Mapping[str, str],
    errors: Mapping[str, str],
    status: int = 200,
) -> Response:
    blank = {"audience": found.audience, "region": found.region, "gender": "", "people": ""}
    filled = [row for row in rows if row["people"]] if not errors else rows
    shown = {
        "row": found,
        "rows": [*filled, *(blank for _ in range(max(0, LINES - len(filled))))],
        "given": given,
        "errors": errors,
        "audiences": labels.audiences(),
        "regions": regions(),
        "genders": [(name, labels.gender(name)) for name in labels.GENDERS],
        "csrf": access.csrf_token(request),
        "section": "/training",
    }
    return render.page(request, "training/attendance.html", shown, status)
