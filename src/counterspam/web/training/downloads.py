"""Training to take along: the offline package of a language, SCORM packages of modules, and the calendar of workshops."""

import time
from collections.abc import Callable
from datetime import date

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from counterspam.policy.training import calendar, package, scorm
from counterspam.policy.training.calendar import Event
from counterspam.policy.training.course import Given
from counterspam.store import training
from counterspam.store.training import Workshop
from counterspam.web import access, language, live, public
from counterspam.web.api import in_thread
from counterspam.web.format import moment
from counterspam.web.language import gettext
from counterspam.web.problems import Problem
from counterspam.web.render import STATICS
from counterspam.web.training import figures, labels, shelf

KEPT = 600.0  # seconds that a package is kept
LONG_AGO = 400 * 86_400_000  # ms: how far back the calendar goes
MOST_EVENTS = 1000
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])


@router.get("/training/package-{lang}.zip")
async def offline(request: Request, lang: str) -> Response:
    """All modules of a language as pages that need no network."""
    library = shelf.library_of(request)
    if lang not in language.LANGUAGES or not any(known == lang for _, known in library.modules):
        raise Problem(404, shelf.NOTHING)
    given = {one: given_in(request, one) for one in {lang, "en"}}
    today = date.fromtimestamp(time.time())
    return await _zip(request, f"counterspam-training-{lang}", lambda: package.package(library, lang, given, today))


@router.get("/training/scorm/{slug}-{lang}.zip")
async def for_platforms(request: Request, slug: str, lang: str) -> Response:
    """One module as a SCORM 1.2 package, for the audience in the address or for all."""
    library, audience = shelf.library_of(request), shelf.audience_of(request)
    found = library.modules.get((slug, lang))
    if found is None or (audience and audience not in found.audiences):
        raise Problem(404, shelf.NOTHING)
    given = given_in(request, lang)
    name = "-".join(filter(None, ["counterspam", slug, audience, lang]))
    return await _zip(request, name, lambda: scorm.package(library, slug, lang, audience, given))


async def _zip(request: Request, name: str, make: Callable[[], bytes]) -> Response:
    """The archive, made once for all who ask within some minutes."""
    caller = await access.of(request).identify(request)
    public.gate(request).admit(request, caller)
    data: bytes = await in_thread(request, live.of(request.app).kept.answer, ("zip", name), KEPT, make)
    headers = {"Content-Disposition": f'attachment; filename="{name}.zip"', "Cache-Control": "public, max-age=600"}
    return Response(data, media_type="application/zip", headers=headers)


def given_in(request: Request, lang: str) -> Given:
    """Words, style and figures of pages outside a node, in a language."""
    site = access.of(request).config.site()
    with language.spoken(lang):
        made = gettext("Made on %(day)s by %(site)s.") % {
            "day": moment(int(time.time() * 1000), "yMMMd"),
            "site": site.partition("://")[2],
        }
        return Given(
            words=labels.of_pages(made),
            audiences=labels.audiences(),
            figure=figures.drawer(request.app, lang, links=False),
            link=lambda address: site + address if address.startswith("/") else address,
            css=STATICS["site.css"][0],
            direction=labels.written(lang),
        )


@router.get("/training/workshops.ics")
def calendar_file(request: Request) -> Response:
    """Workshops and webinars for calendars (RFC 5545)."""
    config, now = request.app.state.node.config, time.time_ns() // 1_000_000
    with request.app.state.node.records.read() as conn:
        found = [*training.past(conn, now, limit=MOST_EVENTS), *training.ahead(conn, now, limit=MOST_EVENTS)]
    events = [event(one, config.node, config.site()) for one in found if one.starts_at > now - LONG_AGO]
    name = gettext("Workshops and webinars")
    body = calendar.write(sorted(events, key=lambda one: (one.starts_at, one.uid)), name)
    headers = {"Content-Disposition": 'inline; filename="workshops.ics"', "Cache-Control": "public, max-age=300"}
    return Response(body, media_type="text/calendar; charset=utf-8", headers=headers)


def event(one: Workshop, node: str, site: str) -> Event:
    """A workshop as calendars take it; without an address of its own it leads to its page."""
    return Event(
        uid=f"{one.id}@{node}.counterspam",
        title=one.title,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        updated_at=one.updated_at,
        sequence=one.version,
        place=one.place,
        url=one.url or f"{site}/training/workshops/{one.id}",
        summary=one.summary,
        cancelled=one.cancelled,
    )
