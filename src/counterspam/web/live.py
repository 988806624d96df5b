"""The live page's blocks, rendered once for everybody who looks, and the stream that sends them as they change.

One computation serves all listeners of a view (single flight), and a view whose answer takes long is asked for less often,
so that looking never takes more than a fifth of one processor core per view.
"""

import asyncio
import hashlib
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from counterspam.measure import periods, questions
from counterspam.measure.scope import Scope
from counterspam.taxonomy import Channel
from counterspam.web import board
from counterspam.web.render import fragment
from counterspam.web.titles import reader, titled

MOST_VIEWS = 128
MOST_LISTENERS = 400
BLOCKS = ("notice", "figures", "volume", "newest", "share", "types", "origins", "routes", "campaigns")
QUICK = (
    "notice",
    "figures",
    "newest",
)  # sent at once; the others at most every SLOW seconds, for the sake of slow lines
FRESH, NEWEST, SLOW, LOOK, IDLE, HEARTBEAT = 1.0, 0.5, 5.0, 0.4, 10.0, 15.0


@dataclass(frozen=True, slots=True)
class View:
    """What a visitor chose to see."""

    period: str = periods.DEFAULT
    channel: str = ""
    synthetic: bool = True


@dataclass(slots=True)
class _Answer:
    lock: threading.Lock = field(default_factory=threading.Lock)
    until: float = 0.0
    value: Any = None


router = APIRouter(include_in_schema=False)


class Live:
    """The blocks of every view that somebody looks at, and the listeners."""

    def __init__(self, node: Any) -> None:
        self.node = node
        self._titles = reader(node.records)
        self.listeners = 0
        self._answers: OrderedDict[Any, _Answer] = OrderedDict()
        self._lock = threading.Lock()
        self._closed = False

    def close(self) -> None:
        """End every stream; to be called when the server is told to stop."""
        self._closed = True

    def answer(self, key: Any, seconds: float, compute: Callable[[], Any]) -> Any:
        """The value of `compute`, at most `seconds` old; only one thread computes it, the others wait for that."""
        with self._lock:
            entry = self._answers.setdefault(key, _Answer())
            self._answers.move_to_end(key)
            while len(self._answers) > MOST_VIEWS:
                self._answers.popitem(last=False)
        with entry.lock:
            started = time.monotonic()
            if entry.until <= started:
                entry.value = compute()
                took = time.monotonic() - started
                entry.until = started + took + max(seconds, 4 * took)
            return entry.value

    def span(self) -> dict[str, Any]:
        """How much evidence there is, and since when."""
        found: dict[str, Any] = self.answer("span", LOOK / 2, lambda: questions.span(self.node.events.query))
        return found

    def scope(self, view: View) -> Scope:
        """The view as it is now."""
        return Scope(periods.period(view.period, int(time.time()), self.span()["first"]), view.channel, view.synthetic)

    def board(self, view: View) -> dict[str, Any]:
        """The figures of a view."""
        found: dict[str, Any] = self.answer(("board", view), FRESH, lambda: self._board(view))
        return found

    def _board(self, view: View) -> dict[str, Any]:
        query, scope = self.node.events.query, self.scope(view)
        keep = 30.0 if scope.period.in_days else 3.0  # merging many estimates takes a while, and changes them little
        reporters = self.answer(("reporters", view), keep, lambda: questions.reporters(query, scope))
        return board.board(query, self._titles, scope, self.span()["first"], reporters)

    def campaigns(self, view: View, limit: int) -> list[dict[str, Any]]:
        """The largest campaigns of a view, up to `limit`."""
        found: list[dict[str, Any]] = self.answer(
            ("campaigns", view, limit), SLOW, lambda: self._campaigns(view, limit)
        )
        return found

    def _campaigns(self, view: View, limit: int) -> list[dict[str, Any]]:
        return titled(questions.top_campaigns(self.node.events.query, self.scope(view), limit), self._titles)

    def newest(self, view: View) -> list[dict[str, Any]]:
        """The newest evidence of a view."""
        found: list[dict[str, Any]] = self.answer(
            ("newest", view), NEWEST, lambda: questions.newest_evidence(self.node.events.query, self.scope(view), 8)
        )
        return found

    def first_block(self, view: View) -> dict[str, str]:
        """The newest evidence as HTML; it does not wait for the other figures."""
        found: dict[str, str] = self.answer(
            ("first", view),
            NEWEST,
            lambda: {"newest": fragment("_newest.html", {"newest": self.newest(view), "view": view})},
        )
        return found

    def blocks(self, view: View) -> dict[str, str]:
        """Every block of a view as HTML."""
        found: dict[str, str] = self.answer(("blocks", view), NEWEST, lambda: self._render(view))
        return {**found, **self.first_block(view)}

    def _render(self, view: View) -> dict[str, str]:
        shown = {**self.board(view), "view": view}
        return {name: fragment(f"_{name}.html", shown) for name in BLOCKS if name != "newest"}

    async def stream(self, view: View, seen: str, compress: bool) -> AsyncIterator[bytes]:
        """Blocks as server-sent events, each when it changed. `seen` is the digest of the blocks that the page came with."""
        packed = _packer(compress)
        self.listeners += 1
        listener = _Listener()
        try:
            yield packed(b"retry: 2000\n\n")
            if digest(blocks := await run_in_threadpool(self.blocks, view)) == seen:
                listener.changed(blocks)
            while not self._closed:
                reports = (await run_in_threadpool(self.span))["reports"]
                if listener.should_look(reports):
                    for look in (self.first_block, self.blocks):
                        if events := listener.changed(listener.due(await run_in_threadpool(look, view))):
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


def of(app: Any) -> Live:
    """The live state of an application, made at first use."""
    if not hasattr(app.state, "live"):
        app.state.live = Live(app.state.node)
    live: Live = app.state.live
    return live


def view(request: Request) -> View:
    """What the query asks to see; what makes no sense is taken as the default."""
    asked = request.query_params
    period, channel = asked.get("period", ""), asked.get("channel", "")
    return View(
        period if period in periods.PERIODS else periods.DEFAULT,
        channel if channel in set(Channel) else "",
        asked.get("synthetic") != "0",
    )


@router.get("/live")
async def live_stream(request: Request) -> Response:
    """The blocks of the live page as they change (text/event-stream)."""
    state = of(request.app)
    if state.listeners >= MOST_LISTENERS:
        return Response("Too many are listening. Try again later.", 503, {"Retry-After": "15"}, "text/plain")
    compress = "gzip" in request.headers.get("accept-encoding", "")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept-Encoding"}
    if compress:
        headers["Content-Encoding"] = "gzip"
    body = state.stream(view(request), request.query_params.get("seen", ""), compress)
    return StreamingResponse(body, headers=headers, media_type="text/event-stream")


def digest(blocks: dict[str, str]) -> str:
    """What tells whether a page is up to date."""
    marks = "\0".join(_mark(blocks[name]) for name in BLOCKS)
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
