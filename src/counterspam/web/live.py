"""The blocks of pages that keep up with what arrives, and the stream that sends them as they change.

One computation serves all listeners of a view, and a view whose answer takes long is asked for less often (`kept`).
"""

import asyncio
import hashlib
import time
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from counterspam.measure import questions
from counterspam.web import access, language
from counterspam.web.kept import Kept
from counterspam.web.render import fragment
from counterspam.web.titles import reader
from counterspam.web.view import View, view
from counterspam.web.views import find
from counterspam.web.views.counted import nothing
from counterspam.web.views.page import Asker, Panel

MOST_LISTENERS = 400
QUICK = (
    "notice",
    "figures",
    "newest",
)  # sent at once; the others at most every SLOW seconds, for the sake of slow lines
NEWEST, SLOW, LOOK, IDLE, HEARTBEAT = 0.5, 5.0, 0.4, 10.0, 15.0

router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])


class Live:
    """The blocks of every view that somebody looks at, and the listeners."""

    def __init__(self, node: Any) -> None:
        self.node = node
        self.titles = reader(node.records)
        self.listeners = 0
        self.kept = Kept()
        self._closed = False

    def close(self) -> None:
        """End every stream; to be called when the server is told to stop."""
        self._closed = True

    def span(self) -> dict[str, Any]:
        """How much evidence there is, and since when."""
        return self.kept.answer("span", LOOK / 2, lambda: questions.span(self.node.events.query))

    def asker(self, view: View) -> Asker:
        """What puts the questions of a page, for the view as it is now."""
        return Asker(self.node, self.kept, view, self.span(), self.titles)

    def blocks(self, path: str, view: View) -> dict[str, str]:
        """Every block of a page as HTML, in order."""
        return self.kept.answer(("blocks", path, view), NEWEST, lambda: self._render(path, view))

    def _render(self, path: str, view: View) -> dict[str, str]:
        with language.spoken(view.lang, view.keep_lang):
            ask = self.asker(view)
            built = find(path)[0].build(ask) if ask.counts() else [nothing(ask)]
            panels = [ask.notice(path), *built]
            return {panel.id: block(panel, view) for panel in panels}

    def first(self, path: str, view: View) -> dict[str, str]:
        """The newest evidence where the page shows it; it does not wait for the other figures."""
        quick = find(path)[0].quick
        if quick is None:
            return {}
        return self.kept.answer(("quick", path, view), NEWEST, lambda: self._render_one(quick, view))

    def _render_one(self, make: Callable[[Asker], Panel], view: View) -> dict[str, str]:
        with language.spoken(view.lang, view.keep_lang):
            panel = make(self.asker(view))
            return {panel.id: block(panel, view)}

    async def stream(self, path: str, view: View, seen: str, compress: bool) -> AsyncIterator[bytes]:
        """Blocks as server-sent events, each when it changed. `seen` is the digest of the blocks that the page came with."""
        packed = _packer(compress)
        self.listeners += 1
        listener = _Listener()
        try:
            yield packed(b"retry: 2000\n\n")
            if digest(blocks := await run_in_threadpool(self.blocks, path, view)) == seen:
                listener.changed(blocks)
            while not self._closed:
                reports = (await run_in_threadpool(self.span))["reports"]
                if listener.should_look(reports):
                    quick = await run_in_threadpool(self.first, path, view)
                    if events := listener.changed(listener.due(quick)):
                        yield packed(events)
                    blocks = await run_in_threadpool(self.blocks, path, view)
                    slow = {name: html for name, html in blocks.items() if name not in quick}  # there it may be older
                    if events := listener.changed(listener.due(slow)):
                        yield packed(events)
                    listener.looked(reports)
                if listener.is_silent():
                    yield packed(b": still here\n\n")
                await asyncio.sleep(LOOK)
        finally:
            self.listeners -= 1


class _Listener:
    """What one listener was sent, and when."""

    def __init__(self) -> None:
        self._sent: dict[str, str] = {}
        self._heard = time.monotonic()
        self._looked = self._slow = 0.0
        self._reports = -1

    def should_look(self, reports: int) -> bool:
        """Something arrived, something slow is still to be sent, or time alone may have changed the figures."""
        return reports != self._reports or time.monotonic() - self._looked >= IDLE

    def due(self, blocks: dict[str, str]) -> dict[str, str]:
        """Those blocks that may be sent by now."""
        slow = time.monotonic() - self._slow >= SLOW
        return {name: html for name, html in blocks.items() if slow or name in QUICK}

    def looked(self, reports: int) -> None:
        """Everything due was sent. What arrived counts as known once the slow blocks have it too."""
        now = time.monotonic()
        self._looked = now
        if now - self._slow >= SLOW:
            self._slow, self._reports = now, reports

    def changed(self, blocks: dict[str, str]) -> bytes:
        """Events for the blocks that differ from what was sent."""
        new = {name: html for name, html in blocks.items() if self._sent.get(name) != _mark(html)}
        self._sent.update({name: _mark(html) for name, html in new.items()})
        if new:
            self._heard = time.monotonic()
        return b"".join(_event(name, html) for name, html in new.items())

    def is_silent(self) -> bool:
        """Whether nothing was sent for so long that somebody on the way may take the connection for dead."""
        silent = time.monotonic() - self._heard >= HEARTBEAT
        if silent:
            self._heard = time.monotonic()
        return silent


def block(panel: Panel, view: View) -> str:
    """A panel as HTML, in the language spoken now."""
    return fragment(panel.template, {**panel.shown, "panel": panel, "view": view})


def of(app: Any) -> Live:
    """The live state of an application, made at first use."""
    if not hasattr(app.state, "live"):
        app.state.live = Live(app.state.node)
    live: Live = app.state.live
    return live


@router.get("/live")
async def live_stream(request: Request) -> Response:
    """The blocks of a page as they change (text/event-stream)."""
    state = of(request.app)
    if state.listeners >= MOST_LISTENERS:
        return Response("Too many are listening. Try again later.", 503, {"Retry-After": "15"}, "text/plain")
    compress = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
    if compress:
        headers["Content-Encoding"] = "gzip"
    path = request.query_params.get("page", "/")
    try:
        _, subject = find(path)
    except KeyError:
        return Response("There is no such page.", 404, media_type="text/plain")
    body = state.stream(path, view(request, subject), request.query_params.get("seen", ""), compress)
    return StreamingResponse(body, headers=headers, media_type="text/event-stream")


def digest(blocks: dict[str, str]) -> str:
    """What tells whether a page is up to date."""
    marks = "\0".join(map(_mark, blocks.values()))
    return hashlib.blake2b(marks.encode(), digest_size=8).hexdigest()


def _mark(html: str) -> str:
    return hashlib.blake2b(html.encode(), digest_size=8).hexdigest()


def _event(name: str, html: str) -> bytes:
    data = "\n".join(f"data: {line}" for line in html.splitlines() or [""])
    return f"event: {name}\n{data}\n\n".encode()


def _packer(compress: bool) -> Callable[[bytes], bytes]:
    """Compresses each event at once (RFC 1952). Blocks resemble the ones before, so what remains is mostly what changed."""
    if not compress:
        return lambda data: data
    packer = zlib.compressobj(6, zlib.DEFLATED, 16 + 15, 7)
    return lambda data: packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)
