"""Feeds of what has changed, for feed readers (Atom, RFC 4287; JSON Feed 1.1), and the address of each change."""

import hashlib
import time
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from counterspam.share import atom, json_feed
from counterspam.store import changes
from counterspam.web import access, language, public, render
from counterspam.web.feeds import explained, feed
from counterspam.web.language import mark
from counterspam.web.problems import Problem
from counterspam.web.sentences import said
from counterspam.web.view import has, view
from counterspam.web.views.changes import address

MOST = 100
FORMS: dict[str, tuple[Any, str]] = {
    "atom": (atom.encode, "application/atom+xml; charset=utf-8"),
    "json": (json_feed.encode, "application/feed+json; charset=utf-8"),
}
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])


@router.get("/changes.{form}")
async def changes_feed(request: Request, form: str) -> Response:
    """The newest changes as a feed, in the language asked for."""
    if form not in FORMS:
        raise Problem(404, mark("there is nothing at this address"))
    node, chosen, own = request.app.state.node, view(request), str(request.url.query)

    def look() -> bytes:
        with node.records.read() as conn:
            found = changes.list(conn, channel=chosen.channel, synthetic=chosen.synthetic, limit=MOST)
        address = f"{node.config.site()}/changes.{form}{'?' + own if own else ''}"
        with language.spoken(chosen.lang, chosen.keep_lang):
            encoded: bytes = FORMS[form][0](feed(found, node.config.site(), address, node.config.node, _hour()))
        return encoded

    body = await run_in_threadpool(look)
    tag = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
    headers = {**public.SHARED, "ETag": tag, "Cache-Control": "public, max-age=60", "Vary": "Accept-Language"}
    if has(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=FORMS[form][1])


def _hour() -> int:
    """The running hour in ms: what dates a feed without entries, so that it does not change all the time."""
    now = int(time.time())
    return (now - now % 3600) * 1000


@router.get("/changes/{id}")
def one_change(request: Request, id: str) -> Response:
    """One change, for the links in feeds and messages."""
    with request.app.state.node.records.read() as conn:
        change = changes.get(conn, id)
    if change is None:
        raise Problem(404, mark("there is no such change"))
    shown = {"said": said(change), "explained": explained(change), "where": address(change), "section": "/changes"}
    return render.page(request, "change.html", shown)
