"""The pages for people: the live page, campaigns, method, static files and errors. Evidence and operation are in `desk`."""

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterspam.measure import questions
from counterspam.measure.scope import definition
from counterspam.web import board, desk, live, render, words
from counterspam.web.campaign import campaign as campaign_page
from counterspam.web.live import View, view

MOST_CAMPAIGNS = 50
FIGURES = (*questions.QUESTIONS[:10], "campaign_spread", "newest_evidence")  # what the method page defines
REFRESH = 30  # seconds, without JavaScript
ERRORS = {
    400: ("This cannot be answered", "Go back and change what was asked for."),
    401: ("A key is needed", "Sign in with a key that whoever runs this node gave you."),
    403: ("Your key may not see this", "Ask whoever runs this node for a key that may."),
    404: (
        "There is no such page",
        "It may have been mistyped. Evidence is deleted after the time that this node keeps it.",
    ),
    503: ("Not at the moment", "Too much is being asked of this node. Try again in a few seconds."),
}
FAULT = (
    "Something went wrong here",
    "It is not your fault. Try again in a minute. If it stays, tell whoever runs this node. Nothing was lost.",
)

router = APIRouter(include_in_schema=False)
router.include_router(desk.router)


@router.get("/")
async def live_page(request: Request) -> Response:
    """The public live page."""
    chosen, state = view(request), live.of(request.app)
    blocks = await run_in_threadpool(state.blocks, chosen)
    shown = {
        "view": chosen,
        "blocks": blocks,
        "seen": live.digest(blocks),
        "channels": board.channel_choices(),
        "refresh": REFRESH,
    }
    return render.page(request, "live.html", shown)


@router.get("/campaigns")
def campaigns_page(request: Request) -> Response:
    """The largest campaigns of a period."""
    chosen, state = view(request), live.of(request.app)
    rows = state.campaigns(chosen, MOST_CAMPAIGNS)
    made_up = sum(bool(row["synthetic"]) for row in rows)
    shown = {
        "view": chosen,
        "scope": state.scope(chosen),
        "rows": rows,
        "limit": MOST_CAMPAIGNS,
        "channels": board.channel_choices(),
        "synthetic": f"{made_up} of these {len(rows)} campaigns were made up by a generator" if made_up else "",
    }
    return render.page(request, "campaigns.html", shown)


@router.get("/campaigns/{id}")
async def one_campaign(request: Request, id: str) -> Response:
    """One campaign; who may read evidence sees its senders in full."""
    return await campaign_page(request, id)


@router.get("/about")
def about(request: Request) -> Response:
    """Method, definitions, sources."""
    definitions = [(name, definition(name)) for name in FIGURES]
    figures = live.of(request.app).board(View())["figures"]
    said = words.synthetic(figures["synthetic_reports"], figures["reports"]).replace("this page", "the live page")
    shown = {
        "definitions": definitions,
        "small": questions.SMALL,
        "synthetic": said if figures["synthetic_reports"] else "",
    }
    return render.page(request, "about.html", shown)


@router.get("/static/{hash_}/{name}")
def static(hash_: str, name: str) -> Response:
    """Style, script, icon."""
    return render.static(name, hash_)


@router.get("/favicon.ico")
def icon() -> Response:
    """For browsers that ask without reading the page."""
    return render.static("icon.svg", "")


def error_page(request: Request, status: int, detail: str) -> Response:
    """An error in plain words with what to do; for the handlers of the application."""
    title, advice = ERRORS.get(status, FAULT if status >= 500 else ERRORS[400])
    return render.page(request, "error.html", {"title": title, "detail": detail, "advice": advice}, status)
