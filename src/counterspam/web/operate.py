"""Operating a node over the API: intake, rejected records, health, metrics, keys."""

from collections.abc import Callable
from dataclasses import asdict
from importlib.resources import files
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import JSONResponse, Response

from counterspam.store import api_keys, overview, rejected
from counterspam.store import intake as intakes
from counterspam.web import access, metrics
from counterspam.web import api_models as models
from counterspam.web.api import EvidenceId, Limit, answer, in_thread, needs
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope

router = APIRouter(prefix="/api/v1")
PUBLIC = Depends(access.public)
KeyId = Annotated[str, Path(alias="id", pattern=models.HEX)]
Form = Annotated[str, Query(max_length=64)]


class SchemaAnswer(JSONResponse):
    """A JSON Schema, as it stands in its file."""

    media_type = "application/schema+json"

    def render(self, content: bytes) -> bytes:
        """Nothing to do."""
        return content


class MetricsAnswer(Response):
    """The Prometheus text format."""

    media_type = metrics.MEDIA_TYPE


@router.get("/intake", summary="What came in, by door and format", response_model=models.Intake, **needs(Scope.REPORT))
async def intake(
    request: Request, intake: Annotated[str, Query(max_length=64, description="One door only.")] = ""
) -> Response:
    """read = accepted + duplicate + rejected. A named door is told to those who report; all of them to operators."""
    if not intake:
        await access.permit(request, Scope.OPERATE)
    node = request.app.state.node

    def ask() -> dict[str, Any]:
        pending = node.pending(intake) if intake else node.status()["backlog_items"]  # before the rows: never too early
        with node.records.read() as conn:
            rows = [row for row in intakes.list(conn) if intake in ("", row["intake"])]
            return {"rows": rows, "pending": pending, "reasons": overview.reasons(conn, intake) if intake else []}

    return answer(await in_thread(request, ask))


@router.get(
    "/rejected", summary="Records that were not accepted", response_model=models.RejectedPage, **needs(Scope.OPERATE)
)
async def rejected_list(
    request: Request,
    state: Annotated[str, Query(pattern="^(open|retried|dismissed|all)$")] = "open",
    reason: Form = "",
    intake: Form = "",
    cursor_: Annotated[int, Query(alias="cursor", ge=0, le=2**31, description="`next` of the page before.")] = 0,
    limit: Limit = 100,
) -> Response:
    """Each with its typed reason; `counts` adds them up."""

    def ask() -> dict[str, Any]:
        with request.app.state.node.records.read() as conn:
            chosen = {"state": "" if state == "all" else state, "reason": reason, "intake": intake}
            rows = rejected.list(conn, **chosen, limit=limit, offset=cursor_)
            counts = [{"state": s, "reason": r, "records": n} for (s, r), n in rejected.counts(conn).items()]
        last = str(cursor_ + limit) if len(rows) == limit else ""
        return {"rows": [asdict(row) for row in rows], "counts": counts, "next": last}

    return answer(await in_thread(request, ask))


@router.post(
    "/rejected/{id}/retry",
    summary="Feed a rejected record again",
    response_model=models.Done,
    **needs(Scope.OPERATE, 400, 404),
)
async def retry(request: Request, rejected_id: EvidenceId) -> Response:
    """Its raw item goes through the path again; what was accepted of it before counts as duplicate."""
    return await _settle(request, rejected_id, request.app.state.node.retry, "retried")


@router.post(
    "/rejected/{id}/dismiss",
    summary="Take a rejected record off the list",
    response_model=models.Done,
    **needs(Scope.OPERATE, 404),
)
async def dismiss(request: Request, rejected_id: EvidenceId) -> Response:
    """It stays counted and can still be listed."""
    return await _settle(request, rejected_id, request.app.state.node.dismiss, "dismissed")


async def _settle(request: Request, wanted: str, work: Callable[[str], None], done: str) -> Response:
    def settle() -> bool:
        with request.app.state.node.records.read() as conn:
            if rejected.get(conn, wanted.lower()) is None:
                return False
        work(wanted.lower())
        return True

    if not await in_thread(request, settle):
        raise Problem(404, "there is no such rejected record")
    return answer({"done": done})


@router.get("/reconcile", summary="Do the figures add up?", response_model=list[str], **needs(Scope.OPERATE))
async def reconcile(request: Request) -> Response:
    """Differences between what was counted at the doors, what is stored and what pages add up; empty is right."""
    return answer(await in_thread(request, request.app.state.node.reconcile))


@router.get("/status", summary="What the node is doing", response_model=dict[str, Any], **needs(Scope.OPERATE))
async def status(request: Request) -> Response:
    """Totals since the start, rates per second, backlog, seconds per step, sizes of the stores."""
    return answer(await in_thread(request, request.app.state.node.status))


@router.get("/health", summary="Does the process answer?", response_model=models.Health, dependencies=[PUBLIC])
async def health(request: Request) -> Response:
    """For a supervisor; says nothing about the stores."""
    return answer({"status": "ok"})


@router.get(
    "/ready",
    summary="Can the node work?",
    response_model=models.Ready,
    responses={503: {"model": models.Ready, "description": "It cannot"}},
    dependencies=[PUBLIC],
)
async def ready(request: Request) -> Response:
    """For a load balancer. What exactly is wrong is told to operators only."""
    found = await in_thread(request, request.app.state.node.ready)
    fine = all(state == "ok" for state in found.values())
    if not fine and not (await access.of(request).identify(request)).may(Scope.OPERATE):
        found = {name: "ok" if state == "ok" else "failing" for name, state in found.items()}
    return answer({"ready": fine, "components": found}, 200 if fine else 503)


@router.get("/metrics", summary="Metrics for Prometheus", response_class=MetricsAnswer, **needs(Scope.OPERATE))
async def prometheus(request: Request) -> Response:
    """Node, intake, rejected by reason, seconds per step, backlog, store sizes."""
    status = await in_thread(request, request.app.state.node.status)
    return MetricsAnswer(metrics.text(status))


@router.get(
    "/schema/evidence",
    summary="JSON Schema of Evidence NDJSON",
    response_class=SchemaAnswer,
    response_model=dict[str, Any],
    dependencies=[PUBLIC],
)
async def schema(request: Request) -> Response:
    """The format in which any system can send evidence, one JSON object a line."""
    content = (files("counterspam") / "data" / "evidence.schema.json").read_bytes()
    return SchemaAnswer(content)


# Keys


@router.get("/keys", summary="List keys", response_model=models.Keys, **needs(Scope.ADMIN))
async def keys(request: Request) -> Response:
    """Without their secrets, which nobody has."""

    def ask() -> list[dict[str, Any]]:
        with request.app.state.node.records.read() as conn:
            return [asdict(key) for key in api_keys.list(conn)]

    return answer({"rows": await in_thread(request, ask)})


@router.post("/keys", summary="Make a key", status_code=201, response_model=models.MadeKey, **needs(Scope.ADMIN, 400))
async def make_key(request: Request, wanted: models.NewKey) -> Response:
    """The secret is in this answer and nowhere else."""

    caller = await access.of(request).identify(request)

    def make() -> tuple[str, str]:
        with request.app.state.node.records.begin() as conn:
            made = api_keys.create(conn, wanted.label, wanted.scopes, wanted.reporter)
            access.note(request, conn, caller, "key.create", made[0], label=wanted.label, scopes=wanted.scopes)
            return made

    key_id, secret = await in_thread(request, make)
    return answer({"id": key_id, "secret": secret}, 201)


@router.delete("/keys/{id}", summary="Revoke a key", response_model=models.Done, **needs(Scope.ADMIN, 404))
async def revoke_key(request: Request, key_id: KeyId) -> Response:
    """For good, and at once on this node; other nodes follow within 30 s."""

    caller = await access.of(request).identify(request)

    def revoke() -> bool:
        with request.app.state.node.records.begin() as conn:
            if key_id not in {key.id for key in api_keys.list(conn)}:
                return False
            api_keys.revoke(conn, key_id)
            access.note(request, conn, caller, "key.revoke", key_id)
            return True

    if not await in_thread(request, revoke):
        raise Problem(404, "there is no such key")
    access.of(request).forget()
    return answer({"done": "revoked"})
