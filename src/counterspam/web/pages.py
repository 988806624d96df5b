"""The pages for people: the live page, campaigns, method, static files and errors. Evidence and operation are in `desk`."""

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterspam.measure import disclosure, key_figures, quality, questions
from counterspam.measure.scope import definition
from counterspam.web import access, desk, live, render, words
from counterspam.web.campaign import campaign as campaign_page
from counterspam.web.language import gettext, mark
from counterspam.web.problems import Problem
from counterspam.web.titles import titled
from counterspam.web.view import view
from counterspam.web.views import PAGES, find

MOST_CAMPAIGNS = 50
# What the method page defines.
FIGURES = (
    *questions.QUESTIONS[:10],
    "campaign_spread",
    "newest_evidence",
    *key_figures.KEY_FIGURES,
    *quality.QUALITY,
)
REFRESH = 30  # seconds, without JavaScript
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])
router.include_router(desk.router)


async def statistics_page(request: Request) -> Response:
    """A page of statistics: what it answers, the period and filters, and its panels."""
    try:
        page, subject = find(request.url.path)
    except KeyError:
        raise Problem(404, mark("there is nothing at this address")) from None
    chosen, state = view(request, subject), live.of(request.app)
    blocks = await run_in_threadpool(state.blocks, request.url.path, chosen)
    title = gettext(page.title) % ({"name": page.subjects()[subject]} if page.subjects else {})
    shown = {
        "page": page,
        "path": request.url.path,
        "section": page.under or page.path,
        "title": title or words.live_title(request.app.state.node.config.jurisdiction),
        "view": chosen,
        "blocks": blocks,
        "seen": live.digest(blocks),
        "channels": words.channels(),
        "refresh": REFRESH,
    }
    return render.page(request, "statistics.html", shown)


for _page in PAGES:
    router.add_api_route(f"{_page.path}{'/{subject}' if _page.subjects else ''}", statistics_page, methods=["GET"])


@router.get("/campaigns")
def campaigns_page(request: Request) -> Response:
    """The largest campaigns of a period."""
    chosen = view(request)
    ask = live.of(request.app).asker(chosen)
    key = ("campaigns", chosen.figures, MOST_CAMPAIGNS)
    rows = ask.keep(key, 5.0, lambda: questions.top_campaigns(ask.query, ask.scope, MOST_CAMPAIGNS))
    shown = {
        "view": chosen,
        "heading": words.campaigns_of(ask.period),
        "rows": titled(rows, ask.titles),
        "limit": MOST_CAMPAIGNS,
        "channels": words.channels(),
        "notice": live.block(ask.notice("/campaigns"), chosen),
    }
    return render.page(request, "campaigns.html", shown)


@router.get("/campaigns/{id}")
async def one_campaign(request: Request, id: str) -> Response:
    """One campaign; who may read evidence sees its senders in full."""
    return await campaign_page(request, id)


@router.get("/about")
def about(request: Request) -> Response:
    """Method, definitions, sources."""
    definitions = [(name, {part: gettext(said) for part, said in definition(name).items()}) for name in FIGURES]
    shown = {"definitions": definitions, "small": disclosure.LEAST}
    return render.page(request, "about.html", shown)


@router.get("/static/{hash_}/{name}")
def static(hash_: str, name: str) -> Response:
    """Style, script, icon."""
    return render.static(name, hash_)


@router.get("/favicon.ico")
def icon() -> Response:
    """For browsers that ask without reading the page."""
    return render.static("icon.svg", "")
