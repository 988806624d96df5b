"""The pages of those who teach: deciding about a piece of evidence, and the versions of the model that learn from decisions."""

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from counterspam import decide as deciding
from counterspam.detect import versions
from counterspam.detect.versions import ALL, SHIPPED
from counterspam.learning import NothingToLearn
from counterspam.node import now
from counterspam.web import access, render
from counterspam.web.desk import TYPES, UUID
from counterspam.web.format import country
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.model_api import caller_id, learning, overview, row
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope

OPERATE = Depends(access.require(Scope.OPERATE))
CSRF = Depends(access.check_csrf)
MADE_UP = mark("What was learned here comes from evidence made up by a generator.")
NO_MODEL = "there is no such version of the model"
DONE = {
    "learned": mark("It has learned. The new version is used from the next batch on."),
    "kept": mark("It has learned. The new version is kept, but not used: see its card."),
    "nothing": mark("There is nothing new to learn from."),
    "chosen": mark("It is used from the next batch on."),
    "reverted": mark("The version before is used. Nothing new is used until you choose a version."),
}
ALARMS = {
    "errors": mark("Analysts disagree with more of the verdicts than before."),
    "calibration": mark("Probabilities are far from what analysts decide."),
    "stability": mark("The scores of this week are spread differently from those of the week before."),
}
router = APIRouter(include_in_schema=False)


@router.post("/evidence/{id}/decision", dependencies=[Depends(access.require(Scope.DECIDE)), CSRF])
async def decide(request: Request, id: str) -> Response:
    """Keep what the analyst decided."""
    form = await request.form()
    label, kind = str(form.get("label", "")), str(form.get("content_type", ""))
    if label not in ("spam", "ham") or kind not in ("", *TYPES):
        raise Problem(400, "evidence is decided to be spam or not, and of a known content type")
    by, sources = await caller_id(request), learning(request).sources
    made = None
    if UUID.fullmatch(id):
        made = await run_in_threadpool(deciding.decide, sources, id, label == "spam", kind, by=by, now=now())
    if made is None:
        raise Problem(404, "no evidence with this id is stored here")
    return RedirectResponse(href(f"/evidence/{id}#decision-h"), 303)


@router.get("/operator/model", dependencies=[OPERATE])
async def model(request: Request) -> Response:
    """The versions, what is used, and whether it drifts."""
    found = learning(request)
    shown = await run_in_threadpool(overview, found)
    places = [
        {
            "name": place,
            "title": place_name(place),
            "active": shown["active"].get(place, SHIPPED),
            "held": place in shown["held"],
            "unreadable": shown["unreadable"].get(place, ""),
            "drift": shown["drift"][place],
            "alarms": [gettext(ALARMS[alarm]) for alarm in shown["drift"][place]["alarms"]],
            "waiting": await run_in_threadpool(found.waiting, place),
            "versions": [one for one in shown["versions"] if one["jurisdiction"] == place],
        }
        for place in dict.fromkeys((*found.places, *(one["jurisdiction"] for one in shown["versions"])))
        if place in shown["drift"]
    ]
    done = DONE.get(request.query_params.get("done", ""), "")
    made_up = any(one["synthetic"] for one in shown["versions"])
    given = {
        "places": places,
        "synthetic": gettext(MADE_UP) if made_up else "",
        "shipped": shown["shipped"],
        "done": gettext(done) if done else "",
    }
    return render.page(request, "model.html", {**given, "csrf": access.csrf_token(request)})


@router.get("/operator/model/{place}/{name}", dependencies=[OPERATE])
async def version(request: Request, place: str, name: str) -> Response:
    """One version with its card."""
    root = learning(request).root
    known = {(one.jurisdiction, one.name): one for one in await run_in_threadpool(versions.listed, root)}
    one = known.get((place, name))
    if one is None:
        raise Problem(404, NO_MODEL)
    shown = {
        "row": row(one, dict(versions.state(root).chosen)),
        "title": place_name(place),
        "synthetic": gettext(MADE_UP) if one.record["synthetic"] else "",
        "card": versions.card(one),
        "csrf": access.csrf_token(request),
    }
    return render.page(request, "version.html", shown)


@router.post("/operator/model/{place}", dependencies=[OPERATE, CSRF])
async def act(request: Request, place: str) -> Response:
    """Learn, choose a version, or go back."""
    form = await request.form()
    what, name = str(form.get("act", "")), str(form.get("version", ""))
    found, by = learning(request), await caller_id(request)
    if place not in found.places or what not in ("learn", "activate", "revert"):
        raise Problem(404, NO_MODEL)
    if what == "activate":
        await run_in_threadpool(found.activate, place, name, by=by, now=now())
        return _back("chosen")
    if what == "revert":
        await run_in_threadpool(found.revert, place, by=by, now=now())
        return _back("reverted")
    try:
        made = await run_in_threadpool(found.learn, place, by=by, now=now())
    except NothingToLearn:
        return _back("nothing")
    used = versions.state(found.root).chosen.get(place) == made.name
    return _back("learned" if used else "kept")


def place_name(place: str) -> str:
    """Whose model it is, in words."""
    return gettext("Everywhere without a model of its own") if place == ALL else country(place)


def _back(done: str) -> Response:
    return RedirectResponse(href("/operator/model", done=done), 303)
