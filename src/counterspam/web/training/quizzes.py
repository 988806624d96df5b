"""Questions and exercises of a module: drawn, answered, explained, tried again. Works without JavaScript."""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.responses import Response

from counterspam import pipeline
from counterspam.collect import demo
from counterspam.model import Evidence, Raw
from counterspam.policy.training import exercise, markup, quiz
from counterspam.policy.training.exercise import Exercise, Generated
from counterspam.policy.training.module import Module
from counterspam.policy.training.quiz import Asked, Result
from counterspam.web import access, language, public, render
from counterspam.web.format import regions
from counterspam.web.language import mark
from counterspam.web.problems import Problem
from counterspam.web.training import labels, progress, shelf
from counterspam.web.training.pages import link
from counterspam.web.training.progress import Passed

MOST_REMEMBERED = 20_000  # tries that are not counted a second time
MOST_ATTEMPTS = 1000
EXERCISE_AT = 1_793_000_000_000  # ms; exercises stand still in time, so that their answers stay right
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])


@dataclass(frozen=True, slots=True)
class Try:
    """Which questions were drawn: the seed, how many tries came before, for which audience and in which language."""

    seed: str
    attempt: int
    audience: str
    lang: str


class Counted:
    """The tries that were counted, so that sending a form again after reading the answers counts for nothing."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def first(self, name: str) -> bool:
        """Whether this is the first time; from then on it is not."""
        with self._lock:
            if name in self._seen:
                return False
            self._seen[name] = None
            if len(self._seen) > MOST_REMEMBERED:
                self._seen.popitem(last=False)
            return True


@router.get("/training/{slug}/quiz")
def questions(request: Request, slug: str) -> Response:
    """Some questions of the bank, others at each try."""
    module = shelf.module_of(request, slug)
    one = _read(request, module, request.query_params.get("drawn", ""))
    if one is None:
        _, lang = shelf.library_of(request).quiz(module.id, language.current(), shelf.audience_of(request))
        one = Try(secrets.token_hex(8), 0, shelf.audience_of(request), lang)
    return _page(request, module, one, {})


@router.post("/training/{slug}/quiz")
async def answered(request: Request, slug: str) -> Response:
    """Mark the answers, explain them, and count the try."""
    await access.check_csrf(request)
    caller = await access.of(request).identify(request)
    public.gate(request).admit(request, caller)
    form = await request.form()
    module = shelf.module_of(request, slug)
    one = _read(request, module, str(form.get("drawn", "")))
    if one is None:
        raise Problem(400, mark("these questions are not known here any more; start again"))
    region, given = shelf.known_region(str(form.get("region", ""))), _chosen(form)
    result = quiz.score(_drawn(request, module, one), given)
    if not _counted(request).first(f"{one.seed}/{one.attempt}"):
        return _page(request, module, one, {"result": result, "region": region, "again": True})
    score = int(100 * result.share + 1e-9)
    first = await run_in_threadpool(
        progress.tried, request, caller, module.id, one.audience, region, score, passed=result.passed
    )
    answer = _page(request, module, one, {"result": result, "region": region, "first": first})
    _remember(request, answer, caller, module, one, score, result)
    return answer


def _remember(
    request: Request, answer: Response, caller: access.Caller, module: Module, one: Try, score: int, result: Result
) -> None:
    """The cookie of a learner without an account; one with an account needs none any more."""
    if progress.has_account(caller):
        if progress.COOKIE in request.cookies:
            progress.forget(answer)
        return
    if not result.passed:
        return
    known, key = progress.on_device(request), (module.id, one.audience)
    before = known.get(key)
    if before is None or score > before.score:
        at = before.at if before else int(time.time() * 1000)
        progress.keep(request, answer, {**known, key: Passed(score, at)})


def _page(request: Request, module: Module, one: Try, more: Mapping[str, Any]) -> Response:
    drawn = _drawn(request, module, one)
    result: Result | None = more.get("result")
    shown = {
        "module": module,
        "audience": one.audience,
        "audience_name": labels.audience(one.audience),
        "asked": drawn,
        "lang_of": one.lang,
        "dir": labels.written(one.lang),
        "numbers": module.numbers,
        "drawn": token(request, module, one),
        "next": token(request, module, Try(one.seed, min(one.attempt + 1, MOST_ATTEMPTS), one.audience, one.lang)),
        "marked": {marked.asked.item.id: marked for marked in result.marked} if result else {},
        "result": result,
        "again": more.get("again", False),
        "regions": regions(),
        "region": more.get("region", ""),
        "pass_mark": quiz.PASS_MARK,
        "csrf": access.csrf_token(request),
        "section": "/training",
    }
    answer = render.page(request, "training/quiz.html", shown)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _drawn(request: Request, module: Module, one: Try) -> list[Asked]:
    items = shelf.library_of(request).quizzes.get((module.id, one.lang), ())
    found = quiz.draw(items, one.audience, one.seed, one.attempt)
    if not found:
        raise Problem(404, shelf.NOTHING)
    return found


def token(request: Request, module: Module, one: Try) -> str:
    """What a form carries of a try, signed, so that nobody chooses the questions."""
    content = f"{one.seed}.{one.attempt}.{one.audience}.{one.lang}"
    return f"{content}.{progress.mac(request, 'try', module.id, content)}"


def _read(request: Request, module: Module, given: str) -> Try | None:
    content, _, signed = given[:200].rpartition(".")
    if not content or not secrets.compare_digest(
        signed.encode(), progress.mac(request, "try", module.id, content).encode()
    ):
        return None
    seed, attempt, audience, lang = content.split(".")
    return Try(seed, int(attempt), audience, lang)


def _chosen(form: FormData) -> dict[str, list[int]]:
    """The options that were chosen, by question; what is no number is left out."""
    found: dict[str, list[int]] = {}
    for name, value in form.multi_items()[:200]:
        if name.startswith("q-") and isinstance(value, str) and value.isdecimal() and len(value) < 3:
            found.setdefault(name.removeprefix("q-"), []).append(int(value))
    return found


def _counted(request: Request) -> Counted:
    state = request.app.state
    if not hasattr(state, "training_counted"):
        state.training_counted = Counted()
    found: Counted = state.training_counted
    return found


# Exercises


@router.get("/training/{slug}/exercise")
def task(request: Request, slug: str) -> Response:
    """An exercise on made-up evidence."""
    return _exercise(request, slug, {})


@router.post("/training/{slug}/exercise")
async def solved(request: Request, slug: str) -> Response:
    """Check the answers and explain them; nothing is kept."""
    await access.check_csrf(request)
    form = await request.form()
    given = {name.removeprefix("s-"): value for name, value in form.multi_items()[:100] if isinstance(value, str)}
    return await run_in_threadpool(_exercise, request, slug, given)


def _exercise(request: Request, slug: str, given: Mapping[str, str]) -> Response:
    module = shelf.module_of(request, slug)
    found, lang = shelf.library_of(request).exercise(module.id, language.current())
    if found is None:
        raise Problem(404, shelf.NOTHING)
    rows = evidence(found)
    steps = exercise.check(found, given)
    shown = {
        "module": module,
        "exercise": found,
        "lang_of": lang,
        "dir": labels.written(lang),
        "for_whom": labels.listing(module.audiences),
        "task": markup.html(found.task, module.numbers, found.title, link),
        "columns": exercise.columns(rows),
        "rows": rows,
        "steps": [(one, markup.inline(one.step.question, module.numbers, link)) for one in steps],
        "checked": bool(given),
        "right": sum(one.right is True for one in steps),
        "csrf": access.csrf_token(request),
        "section": "/training",
    }
    return render.page(request, "training/exercise.html", shown)


def evidence(found: Exercise) -> list[dict[str, Any]]:
    """The rows of an exercise; those of the demonstration feed are made by its generator, always the same."""
    if isinstance(found.data, Generated):
        return [dict(row) for row in _made_up(found.data.seed, found.data.count)]
    return list(found.data)


@lru_cache(maxsize=64)
def _made_up(seed: int, count: int) -> tuple[dict[str, Any], ...]:
    numbers = iter(range(1, 10**6))

    def stamp(data: bytes, **given: Any) -> Raw:
        return Raw(id=f"{next(numbers):032x}", data=data, received_at=EXERCISE_AT, **given)

    rows: list[dict[str, Any]] = []
    for raw in demo.feed(stamp, seed, lambda: datetime.fromtimestamp(EXERCISE_AT / 1000, UTC)):
        for one in pipeline.decode(raw):
            if isinstance(one, Evidence):
                rows.append(_row(len(rows) + 1, one))
        if len(rows) >= count:
            break
    return tuple(rows[:count])


def _row(number: int, one: Evidence) -> dict[str, Any]:
    text = " ".join(f"{one.subject} {one.text}".split())[:160]
    return {
        "no": number,
        "channel": str(one.channel),
        "source": str(one.source),
        "sender": one.sender_raw or one.sender,
        "text": text,
        "recipient": one.recipient_country or one.jurisdiction,
    }
