"""The doors over HTTP: one report, a stream of NDJSON, the command line's framed items; files are in `upload`.

Nobody hears 202 before what they sent is on disk. The body is read piece by piece and counted; what is too large is
refused with a problem document and never held in memory whole.
"""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import re2
from fastapi import APIRouter
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Message, Receive

from counterspam.config import MB
from counterspam.errors import SpoolFull
from counterspam.model import Raw
from counterspam.taxonomy import Channel, Source
from counterspam.web import access, api_models, doors
from counterspam.web.problems import Problem, later
from counterspam.web.scopes import Scope

PIECE = MB  # of NDJSON in one raw item
MAX_LINE = MB
MAX_META = 64 * 1024
HELD = 192 * MB  # bytes of bodies in memory at once, over all requests
GROUP_BYTES, GROUP_ITEMS = 4 * MB, 500  # framed items that go to disk together
PATIENCE = 30.0  # seconds that a stream waits for a full spool before it gives up
KEPT_ANSWERS = 20_000
router = APIRouter(prefix="/api/v1")
_COUNTRY = re2.compile(r"[A-Z]{2}")
_INTAKE = re2.compile(r"(http|ingest)-[a-z0-9-]{1,50}")
_CHANNELS, _SOURCES = frozenset(Channel), frozenset(Source)


def bounded(inner: Receive, most: int) -> Receive:
    """What a request brings, up to `most` bytes. Raises HTTPException 413 beyond: any other error FastAPI would hide."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await inner()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413, f"at most {most:,} bytes here")
        return message

    return counted


@dataclass
class Doors:
    """What the doors of one application remember: bytes held now, answers by idempotency key, uploads under way."""

    held: int = 0
    answers: OrderedDict[tuple[str, str], tuple[bytes, "asyncio.Future[bytes]"]] = field(default_factory=OrderedDict)
    uploads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))


def options(request: Request, intake: str) -> dict[str, str]:
    """What the sender says of the evidence, in the query or in headers X-Source, X-Channel, X-Name, X-Jurisdiction."""
    found = {"intake": intake}
    given = (
        {k: v for k in ("source", "channel", "name", "jurisdiction") if (v := request.headers.get(f"x-{k}"))}
        | dict(request.query_params)
        if request.scope["query_string"] or any(k.startswith(b"x-") for k, _ in request.scope["headers"])
        else {}
    )
    for name, value in given.items():
        if name in ("source", "channel", "name", "jurisdiction", "intake"):
            found[name] = checked(name, value)
    return found


def checked(name: str, value: str) -> str:
    """An option's value, or problem 422 when it is none of those allowed."""
    if name == "channel" and value not in _CHANNELS:
        raise Problem(422, f"channel is one of {', '.join(Channel)}")
    if name == "source" and value not in _SOURCES:
        raise Problem(422, f"source is one of {', '.join(Source)}")
    if name == "jurisdiction" and not _COUNTRY.fullmatch(value):
        raise Problem(422, "jurisdiction is an ISO 3166-1 alpha-2 code in capitals")
    if name == "intake" and not _INTAKE.fullmatch(value):
        raise Problem(422, "intake is http- or ingest- and up to 50 lower-case letters, digits and hyphens")
    return "".join(c for c in value if c.isprintable())[:200]


async def body(request: Request, limit: int) -> bytes:
    """The whole body, at most `limit` bytes."""
    kept: Doors = request.app.state.doors
    pieces, size = [], 0
    if int(request.headers.get("content-length") or 0) > limit:
        raise Problem(413, f"at most {limit} bytes at a time")
    try:
        async for piece in request.stream():
            size += len(piece)
            kept.held += len(piece)
            if size > limit:
                raise Problem(413, f"at most {limit} bytes at a time")
            if kept.held > HELD:
                raise later(2, "too much is being sent at once")
            pieces.append(piece)
    finally:
        kept.held -= size
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


@router.post(
    "/reports", **doors.door("Report one message", api_models.Accepted, doors.BODY, [*doors.OPTIONS, doors.IDEMPOTENCY])
)
async def report(request: Request) -> Response:
    """POST /reports: one report in any format that the node decodes."""
    caller = await access.permit(request, Scope.REPORT)
    node = request.app.state.node
    given = options(request, "http")
    data = await body(request, node.config.max_item_mb * MB)
    if not data.strip():
        raise Problem(422, "the body is empty")
    if key := request.headers.get("idempotency-key"):
        return accepted(await _once(request, (caller.id, key), data, given, caller.reporter))
    return accepted(await _accept(request, data, given, caller.reporter))


async def _accept(request: Request, data: bytes, given: dict[str, str], reporter: str) -> bytes:
    node = request.app.state.node
    raw = node.new_raw(data, reporter=reporter, **given)
    await asyncio.wrap_future(node.submit([raw]))
    return orjson.dumps({"id": raw.id, "intake": raw.intake})


async def _once(request: Request, key: tuple[str, str], data: bytes, given: dict[str, str], reporter: str) -> bytes:
    """The same answer for the same key (draft-ietf-httpapi-idempotency-key-header), also at the same time."""
    if len(key[1]) > 255:
        raise Problem(400, "an Idempotency-Key has at most 255 characters")
    answers = request.app.state.doors.answers
    mark = hashlib.blake2b(orjson.dumps(given) + data, digest_size=16).digest()
    if key in answers:
        before, future = answers[key]
        if before != mark:
            raise Problem(422, "this Idempotency-Key was used with another report")
        return bytes(await asyncio.shield(future))
    future = asyncio.ensure_future(_accept(request, data, given, reporter))
    answers[key] = (mark, future)
    if len(answers) > KEPT_ANSWERS:
        answers.popitem(last=False)
    try:
        return await asyncio.shield(future)
    except Exception:
        answers.pop(key, None)
        raise


def accepted(content: bytes) -> Response:
    """202 with JSON."""
    return Response(content, 202, media_type="application/json")


async def submit(node: Any, raws: Sequence[Raw]) -> None:
    """Wait until `raws` are on disk; when the spool is full, wait for room first, up to PATIENCE."""
    loop = asyncio.get_running_loop()
    end = loop.time() + PATIENCE
    while True:
        try:
            await asyncio.wrap_future(node.submit(raws))
            return
        except SpoolFull:
            if loop.time() > end:
                raise
            await asyncio.sleep(0.25)


class LineTooLongError(Exception):
    """A line is longer than the node takes."""


async def lines(request: Request) -> AsyncIterator[tuple[bytes, int]]:
    """Pieces of at most 1 MB of whole lines, each with the number of lines in it."""
    waiting = bytearray()
    async for chunk in request.stream():
        waiting += chunk
        while len(waiting) > PIECE:
            end = waiting.rfind(b"\n", 0, PIECE) + 1
            if not end:
                raise LineTooLongError
            yield bytes(waiting[:end]), waiting.count(b"\n", 0, end)
            del waiting[:end]
    if waiting.strip():
        yield bytes(waiting), waiting.count(b"\n") + (not waiting.endswith(b"\n"))


@router.post("/reports/bulk", **doors.door("Report a stream of NDJSON", api_models.Bulk, doors.STREAM, doors.OPTIONS))
async def bulk(request: Request) -> Response:
    """POST /reports/bulk: a stream of NDJSON, cut into items of whole lines while it arrives."""
    caller = await access.permit(request, Scope.REPORT)
    _plain(request)
    given, node = options(request, "http-bulk"), request.app.state.node
    taken = items = size = 0
    try:
        async for piece, count in lines(request):
            if piece.strip():
                await submit(node, [node.new_raw(piece, reporter=caller.reporter, first=taken, **given)])
                items += 1
            taken += count
            size += len(piece)
    except LineTooLongError:
        detail = f"line {taken + 1} is longer than {MAX_LINE} bytes; the {taken} lines before it are accepted"
        raise Problem(413, detail, line=taken + 1, lines=taken, items=items, intake=given["intake"]) from None
    except SpoolFull as error:
        detail = f"intake is full; the first {taken} lines are accepted, send the rest later"
        raise later(error.retry_after, detail, lines=taken, items=items, intake=given["intake"]) from error
    except ClientDisconnect:
        return Response(status_code=400)
    return accepted(orjson.dumps({"lines": taken, "items": items, "bytes": size, "intake": given["intake"]}))


@router.post("/raw", **doors.door("Send framed items (our own command line)", api_models.Taken, doors.FRAMES, []))
async def framed(request: Request) -> Response:
    """POST /raw: items as the command line reads them.

    A frame is a length (4 bytes, big endian), a JSON object of that length with `size` and what the collector knows,
    then `size` bytes. The answer says how many frames are accepted, also when it is a problem.
    """
    caller = await access.permit(request, Scope.REPORT)
    _plain(request)
    node, taken, waiting, size = request.app.state.node, 0, list[Raw](), 0
    try:
        async for meta, data in _frames(request, node.config.max_item_mb * MB):
            waiting.append(node.new_raw(data, reporter=caller.reporter, **meta))
            size += len(data)
            if size >= GROUP_BYTES or len(waiting) >= GROUP_ITEMS:
                await submit(node, waiting)
                taken, waiting, size = taken + len(waiting), [], 0
        if waiting:
            await submit(node, waiting)
    except SpoolFull as error:
        raise later(error.retry_after, f"intake is full; {taken} items are accepted", taken=taken) from error
    except Problem as problem:
        problem.members["taken"] = taken
        raise
    except ClientDisconnect:
        return Response(status_code=400)
    return accepted(orjson.dumps({"taken": taken + len(waiting)}))


async def _frames(request: Request, limit: int) -> AsyncIterator[tuple[dict[str, Any], bytes]]:
    waiting = bytearray()
    need, meta = 4, None
    head = True
    async for chunk in request.stream():
        waiting += chunk
        while len(waiting) >= need:
            part = bytes(waiting[:need])
            del waiting[:need]
            if meta is not None:
                yield meta, part
                need, meta, head = 4, None, True
            elif head:
                need, head = int.from_bytes(part), False
                if need > MAX_META:
                    raise Problem(413, f"a description has at most {MAX_META} bytes")
            else:
                meta, need = _meta(part, limit)
    if waiting or not head:
        raise Problem(400, "the body ends within an item")


def _meta(part: bytes, limit: int) -> tuple[dict[str, Any], int]:
    """The description of an item, checked, and how many bytes follow."""
    try:
        given = orjson.loads(part)
        size, first = int(given.pop("size")), int(given.pop("first", 0))
        mapping = {str(k): str(v) for k, v in (given.pop("mapping", None) or {}).items()}
        texts = {str(k): checked(str(k), str(v)) for k, v in given.items() if v}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Problem(400, "an item is described by a JSON object with its size") from error
    unknown = texts.keys() - {"name", "source", "channel", "jurisdiction", "intake"}
    if unknown or "intake" not in texts or first < 0:
        raise Problem(400, "an item has intake, name, source, channel, jurisdiction, mapping, first and size")
    if not 0 <= size <= limit:
        raise Problem(413, f"an item has at most {limit} bytes")
    return {**texts, "mapping": mapping, "first": first}, size


def _plain(request: Request) -> None:
    if request.headers.get("content-encoding", "identity") != "identity":
        raise Problem(415, "this stream is taken uncompressed; send a .gz or .zst file to /files")
