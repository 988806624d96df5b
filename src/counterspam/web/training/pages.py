"""The pages of learners: paths and modules, one module with its lessons, and the same for printing with the trainer's kit."""

import time
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from counterspam.errors import CounterspamError
from counterspam.measure import statistics as measured
from counterspam.measure.ask import Ask
from counterspam.policy.training import course, paths, quiz
from counterspam.policy.training.module import Module
from counterspam.privacy import rounding_key
from counterspam.store import training
from counterspam.web import access, language, live, render
from counterspam.web.access import Caller
from counterspam.web.format import region_of as region_of_country
from counterspam.web.format import regions
from counterspam.web.links import href
from counterspam.web.scopes import Scope
from counterspam.web.training import figures, labels, progress, shelf
from counterspam.web.training.progress import Passed
from counterspam.web.views.page import fitted

MONTH = 30 * 86_400  # seconds
MOST_DUE = 20  # overdue modules that are named
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])


@router.get("/training")
async def index(request: Request) -> Response:
    """The modules, or the path of an audience in a region, with what the learner has passed."""
    caller = await access.of(request).identify(request)
    library, region = shelf.library_of(request), shelf.region_of(request)
    path = shelf.path_of(request)
    audience = path.audience if path else shelf.audience_of(request)
    passed = await run_in_threadpool(progress.of, request, caller)
    reported = await run_in_threadpool(reported_in, request, region) if region and audience else {}
    modules = library.every(language.current(), audience)
    if path:
        modules = library.through(path.modules, language.current(), audience)
    if reported:
        modules = paths.ordered(modules, reported)
    shown = {
        "audience": audience,
        "region": region,
        "audiences": labels.audiences(),
        "regions": regions(),
        "path": path,
        "paths": [one for one in library.paths if one.audience == audience and one.is_for(region)],
        "reordered": bool(reported) and any(one.number in paths.CHANNELS for one in modules),
        "modules": [_row(request, one, progress.best(passed, one.id)) for one in modules],
        "minutes": sum(one.minutes for one in modules),
        "done": sum(progress.best(passed, one.id) is not None for one in modules),
        "any_passed": bool(passed),
        "has_account": progress.has_account(caller),
        "written_in": sorted({lang for _, lang in library.modules}),
        "faults": library.faults if caller.may(Scope.EDIT) else (),
        "csrf": access.csrf_token(request),
        "pass_mark": quiz.PASS_MARK,
    }
    return render.page(request, "training/index.html", shown)


def _row(request: Request, one: Module, passed: Passed | None) -> dict[str, Any]:
    return {"module": one, "passed": passed, "langs": shelf.library_of(request).languages(one.id)}


@router.post("/training/forget")
async def forget(request: Request) -> Response:
    """Delete the progress of this learner, on the device and of the account."""
    await access.check_csrf(request)
    caller = await access.of(request).identify(request)
    if progress.has_account(caller):
        await run_in_threadpool(_forget, request, caller)
    answer = RedirectResponse(href("/training"), 303)
    progress.forget(answer)
    return answer


def _forget(request: Request, caller: Caller) -> None:
    with request.app.state.node.records.begin() as conn:
        if training.forget(conn, caller.id):
            access.note(request, conn, caller, "training.forget", caller.id)


def lesson_page(request: Request, slug: str) -> Response:
    """One module: goals, lessons for the audience, sources. Its route stands at the end of all, in `routes`."""
    return _module(request, slug, "training/module.html", kit=False)


@router.get("/training/{slug}/print")
def sheet(request: Request, slug: str) -> Response:
    """A module to be printed; with `kit=1` as trainers use it, with all questions and their answers."""
    return _module(request, slug, "training/print.html", kit=request.query_params.get("kit") == "1")


def _module(request: Request, slug: str, template: str, *, kit: bool) -> Response:
    library, audience, lang = shelf.library_of(request), shelf.audience_of(request), language.current()
    found = shelf.module_of(request, slug)
    items, quiz_lang = library.quiz(found.id, lang, audience)
    task, task_lang = library.exercise(found.id, lang)
    shown = {
        "module": found,
        "audience": audience,
        "audiences": labels.audiences(),
        "for_whom": labels.listing(found.audiences),
        "lessons": written(request, found, audience),
        "dir": labels.written(found.lang),
        "count": len(quiz.draw(items, audience, "")),
        "items": quiz.bank(items, audience) if kit else [],
        "quiz_lang": quiz_lang,
        "exercise": task,
        "exercise_lang": task_lang,
        "kit": kit,
        "overdue": found.review_due.isoformat() < time.strftime("%Y-%m-%d", time.gmtime()),
        "elsewhere": [lang for lang in library.languages(slug) if lang != found.lang],
        "general": [source.id for source in found.sources if source.url is None],
        "section": "/training",
    }
    return render.page(request, template, shown)


def written(request: Request, module: Module, audience: str) -> list[course.Written]:
    """The lessons of a module as they stand on a page of the node."""
    return course.written(module, audience, figures.drawer(request.app, module.lang), link)


def link(address: str) -> str:
    """Where a link of a lesson leads: pages of the node keep the language of the reader."""
    return href(address) if address.startswith("/") and not address.startswith("//") else address


def reported_in(request: Request, region: str) -> dict[str, int]:
    """Reports of the last 30 days to recipients in a region by channel, as the public may see them; {} where none is known."""
    state = live.of(request.app)

    def ask() -> dict[str, int]:
        now = int(time.time())
        question = Ask(now - MONTH, now, dimensions=("destination", "channel"), limit=1000)
        secret = rounding_key(request.app.state.node.config.data)
        rows = measured.answer(state.node.events.query, fitted(question), secret).rows
        found: dict[str, int] = {}
        for row in rows:
            if region_of_country(row["destination"]) == region:
                found[row["channel"]] = found.get(row["channel"], 0) + row["reports"]
        return found

    try:
        return state.kept.answer(("training-region", region), figures.KEPT, ask)
    except CounterspamError:
        return {}
