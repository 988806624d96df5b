"""The pages of those who work with the evidence: one piece of evidence explained, and the operation of the node."""

import asyncio
import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import orjson
import re2
from fastapi import APIRouter, Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from counterspam.errors import CounterspamError, Reason
from counterspam.measure import questions
from counterspam.measure.scope import Row
from counterspam.model import Finding
from counterspam.store import decisions, intake, rejected
from counterspam.taxonomy import ContentType
from counterspam.web import access, explain, render
from counterspam.web.definitions import evidence as definitions
from counterspam.web.format import defang, listed, number, size, visible
from counterspam.web.language import gettext, mark, ngettext
from counterspam.web.links import href
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope

SHOWN_RAW = 64 * 1024  # bytes
SHOWN_TEXT = 20_000  # characters
MOST_READ = 256 * 1024  # bytes of a raw item that is read once more for its text
READ_SECONDS = 3.0
PAGE = 50
MOST_PAGES = 10_000
EVIDENCE = Depends(access.require("evidence:read"))
OPERATE = Depends(access.require("operate"))
UUID = re2.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TYPES = tuple(str(kind) for kind in ContentType if kind not in (ContentType.HAM, ContentType.UNKNOWN))
_EMPTY: dict[str, Any] = {
    "summary": "",
    "checks": [],
    "hops": [],
    "attachments": [],
    "urls": [],
    "claimed": "",
    "relays": [],
    "calls": None,
    "ai": None,
}
DONE = {
    "retry": mark("It was fed again: see the door “retry” below."),
    "dismiss": mark("It was taken off the list."),
}

router = APIRouter()


@router.get("/evidence/{id}", dependencies=[EVIDENCE])
async def evidence(request: Request, id: str) -> Response:
    """One piece of evidence: verdict, checks, route, raw item."""
    node = request.app.state.node
    row = await run_in_threadpool(_find, node, id)
    detail, data = _detail(row), await run_in_threadpool(_bytes, node, row["blob"])
    same: list[Row] = []
    if row["campaign"] and row["body_hash"]:
        same = await run_in_threadpool(questions.same_text, node.events.query, row)
    shown = {
        "row": row,
        "detail": detail,
        **_judged(row, detail),
        **await _texts(node, row, data),
        "same": same,
        "raw": None if data is None else _raw(data),
        "missing": _missing(node.config.keep_raw_days),
        "synthetic": gettext("This record was made up by a generator.") if row["synthetic"] else "",
        "defined": definitions.shown(await run_in_threadpool(node.definitions.judge), row),
        **await asked_to_decide(request, id),
    }
    return render.page(request, "evidence.html", shown)


async def asked_to_decide(request: Request, id: str) -> dict[str, Any]:
    """What was decided about a piece of evidence, and what its reader needs to decide, if they may."""

    def ask() -> Sequence[decisions.Decision]:
        with request.app.state.node.records.read() as conn:
            return decisions.history(conn, id)

    may = (await access.of(request).identify(request)).may(Scope.DECIDE)
    return {
        "decisions": await run_in_threadpool(ask),
        "csrf": access.csrf_token(request) if may else "",
        "types": TYPES,
    }


@router.get("/evidence/{id}/raw", dependencies=[EVIDENCE])
def evidence_raw(request: Request, id: str) -> Response:
    """The raw item, untouched, as a file that no browser opens."""
    node = request.app.state.node
    data = _bytes(node, _find(node, id)["blob"])
    if data is None:
        raise Problem(404, "the raw item of this evidence is no longer kept")
    headers = {
        "Content-Disposition": f'attachment; filename="{id}.txt"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "no-store",
    }
    return Response(data, media_type="text/plain; charset=utf-8", headers=headers)


def _missing(days: int) -> str:
    """Why a raw item is not there, by the days for which they are kept."""
    if not days:
        return gettext("This node keeps no raw items.")
    said = ngettext(
        "It is no longer kept: raw items are deleted after %(n)s day.",
        "It is no longer kept: raw items are deleted after %(n)s days.",
        days,
    )
    return said % {"n": number(days)}


def _find(node: Any, id: str) -> Row:
    row = questions.evidence(node.events.query, id) if UUID.fullmatch(id) else None
    if row is None:
        raise Problem(404, "no evidence with this id is stored here")
    return row


def _detail(row: Row) -> dict[str, Any]:
    """What is stored as JSON, with nothing missing. Checks are stored as lists, to save space."""
    found = orjson.loads(row["detail"]) if row["detail"] else {}
    return {**_EMPTY, **found}


def _judged(row: Row, detail: dict[str, Any]) -> dict[str, Any]:
    """The verdict in words, and the largest weight, which bars are drawn to."""
    verdict = explain.explained(row, detail)
    verdict["style"] = explain.style(detail["ai"])
    return {"verdict": verdict, "most": max((abs(check["weight"]) for check in verdict["checks"]), default=0)}


async def _texts(node: Any, row: Row, data: bytes | None) -> dict[str, Any]:
    """`texts`: subject and text with the stretches that weighed; `stretches`: these alone.

    They are not stored (they hold personal data), so the raw item is read once more; where that cannot be done, the masked
    beginning stands for the text.
    """
    found = None
    if data is not None and row["body_hash"] and len(data) <= MOST_READ:
        with contextlib.suppress(TimeoutError):
            found = await asyncio.wait_for(asyncio.to_thread(_again, node, row, data), READ_SECONDS)
    if found is None:
        masked = {"name": gettext("The text, masked"), "pieces": [{"text": row["excerpt"], "mark": ""}]}
        return {"texts": [masked] if row["excerpt"] else [], "stretches": []}
    evidence = found.evidence
    spans = [(span.field, span.start, span.end, span.weight) for span in found.verdict.spans]
    given = {
        "subject": (gettext("Subject"), evidence.subject),
        "text": (gettext("Text"), evidence.text[:SHOWN_TEXT]),
    }
    texts = [
        {"name": name, "pieces": stretches(text, [span for span in spans if span[0] == field])}
        for field, (name, text) in given.items()
        if text
    ]
    return {"texts": texts, "stretches": explain.strongest(given, spans)}


def _again(node: Any, row: Row, data: bytes) -> Finding | None:
    """The finding that has this text, read from the raw item as at first."""
    raw = node.new_raw(data, intake="check", source=row["source"], channel=row["channel"])
    same = (
        found for found in node.check(raw) if isinstance(found, Finding) and found.facts.body_hash == row["body_hash"]
    )
    return next(same, None)


def stretches(text: str, spans: Iterable[Sequence[Any]]) -> list[dict[str, str]]:
    """The text cut where a stretch (field, start, end, weight) begins or ends; `mark` is "for", "against" or "".

    Where stretches overlap, the first counts.
    """
    pieces, at = [], 0
    for _, first, last, weight in sorted(spans, key=lambda span: (span[1], -span[2])):
        start, end = max(first, at), min(last, len(text))
        if start >= end:
            continue
        if start > at:
            pieces.append({"text": text[at:start], "mark": ""})
        pieces.append({"text": text[start:end], "mark": "for" if weight > 0 else "against"})
        at = end
    return [*pieces, {"text": text[at:], "mark": ""}]


def _bytes(node: Any, blob: str) -> bytes | None:
    try:
        data: bytes | None = node.blobs.get(blob) if blob else None
    except (CounterspamError, LookupError, OSError):
        return None
    return data


def _raw(data: bytes) -> dict[str, Any]:
    """The beginning of a raw item as harmless text; what is no text as hexadecimal digits."""
    head = data[:SHOWN_RAW]
    if b"\0" in head:
        head = head[:4096]
        text = "\n".join(head[i : i + 32].hex(" ") for i in range(0, len(head), 32))
    else:
        text = visible(defang(head.decode("utf-8", "replace")))
    return {"text": text, "size": len(data), "shown": len(head), "cut": len(head) < len(data)}


@router.get("/operator", dependencies=[OPERATE])
def operator(request: Request) -> Response:
    """Intake, rejected records, rates, health."""
    node, asked = request.app.state.node, request.query_params
    given = asked.get("page", "0")
    page = min(int(given), MOST_PAGES) if given.isdecimal() and len(given) < 9 else 0
    chosen = {
        "state": asked.get("state", "open"),
        "reason": asked.get("reason", ""),
        "intake": asked.get("door", "")[:64],
    }
    with node.records.read() as conn:
        doors = intake.list(conn)
        totals = intake.totals(conn)
        counts = rejected.counts(conn)
        wanted = {**chosen, "state": "" if chosen["state"] == "all" else chosen["state"]}
        rows = rejected.list(conn, **wanted, limit=PAGE + 1, offset=page * PAGE)
    status = node.status()
    made_up = questions.synthetic_reports(node.events.query, int(time.time()) - 30 * 86400)
    shown = {
        "status": status,
        "ready": node.ready(),
        "stores": list(_flat(status["stores"])),
        "steps": sorted(status["seconds"].items(), key=lambda item: -item[1]),
        "differences": node.reconcile() if asked.get("reconcile") else None,
        "intake": doors,
        "totals": totals,
        "counts": counts,
        "rejected": rows[:PAGE],
        "more": len(rows) > PAGE,
        "reasons": [str(reason) for reason in Reason],
        "filter": {**chosen, "page": page},
        "done": _done(asked.get("done", "")),
        "synthetic": gettext("Among what came in is evidence made up by a generator.") if made_up else "",
    }
    return render.page(request, "operator.html", shown)


def _done(act: str) -> str:
    """What an action did, "" for none."""
    said = DONE.get(act)
    return gettext(said) if said else ""


def _flat(values: dict[str, dict[str, int]]) -> Iterator[tuple[str, str]]:
    """Sizes of the stores as lines: name, rows and bytes."""
    for name, value in values.items():
        rows = ngettext("%(n)s row", "%(n)s rows", value["rows"]) % {"n": number(value["rows"])}
        yield name, listed([rows, size(value["bytes"])])


@router.get("/operator/rejected/{id}", dependencies=[OPERATE])
def rejected_record(request: Request, id: str) -> Response:
    """One rejected record with what can be done about it."""
    with request.app.state.node.records.read() as conn:
        row = rejected.get(conn, id)
    if row is None:
        raise Problem(404, "there is no such rejected record")
    return render.page(request, "rejected.html", {"row": row, "csrf": access.csrf_token(request)})


@router.post("/operator/rejected/{id}", dependencies=[OPERATE, Depends(access.check_csrf)])
async def act_on_rejected(request: Request, id: str) -> Response:
    """Feed a rejected record again, or dismiss it."""
    act = str((await request.form()).get("act", ""))
    node = request.app.state.node
    actions = {"retry": node.retry, "dismiss": node.dismiss}
    if act not in actions:
        raise Problem(400, "a rejected record can be fed again or dismissed")
    await run_in_threadpool(actions[act], id)
    return RedirectResponse(href("/operator#rejected-h", done=act), 303)
