"""The API of decisions and of the model that learns from them."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from counterspam import decide as deciding
from counterspam import exchange
from counterspam.config import MB
from counterspam.detect import delta, learned, versions
from counterspam.detect.versions import Version
from counterspam.learning import Learning, NothingToLearn
from counterspam.node import now
from counterspam.store import decisions
from counterspam.store.decisions import Decision
from counterspam.web import access, doors, receive
from counterspam.web import api_models as models
from counterspam.web.api import EvidenceId, answer, in_thread, needs
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope

DELTAS = "/api/v1/model/deltas"
router = APIRouter(prefix="/api/v1")
Place = Annotated[str, Query(alias="jurisdiction", pattern="^(all|[A-Z]{2})$", description="`all` or a country.")]
OfPlace = Annotated[str, Path(alias="jurisdiction", pattern="^(all|[A-Z]{2})$")]
Name = Annotated[str, Path(alias="name", pattern="^[0-9]{4,9}-[0-9a-f]{12}$")]


class DeltaAnswer(Response):
    """A delta of the model."""

    media_type = "application/octet-stream"


def learning(request: Request) -> Learning:
    """The learning of the node that serves this request."""
    found: Learning = request.app.state.node.learning
    return found


async def caller_id(request: Request) -> str:
    """Who asks, as it is written down: the id of the key."""
    return (await access.of(request).identify(request)).id


# Decisions


def shown(decision: Decision) -> dict[str, Any]:
    """A decision as the API shows it; who reported the message is not told."""
    return {name: value for name, value in asdict(decision).items() if name in models.Decision.model_fields}


@router.post(
    "/evidence/{id}/decision",
    summary="Decide whether evidence is spam",
    response_model=models.Decision,
    **needs(Scope.DECIDE, 404),
)
async def decide(request: Request, evidence_id: EvidenceId, wanted: models.Decide) -> Response:
    """Kept with who, when and the verdict that stood; deciding again changes it. Figures that were counted stay as they are."""
    by, sources = await caller_id(request), learning(request).sources
    given = (evidence_id.lower(), wanted.spam, str(wanted.content_type))
    made = await in_thread(request, deciding.decide, sources, *given, by=by, now=now())
    if made is None:
        raise Problem(404, "there is no such evidence")
    return answer(shown(made))


@router.get(
    "/evidence/{id}/decisions",
    summary="What was decided about evidence",
    response_model=models.Decisions,
    **needs(Scope.EVIDENCE),
)
async def history(request: Request, evidence_id: EvidenceId) -> Response:
    """Every decision, the standing one first."""

    def ask() -> Sequence[Decision]:
        with request.app.state.node.records.read() as conn:
            return decisions.history(conn, evidence_id.lower())

    return answer({"rows": [shown(one) for one in await in_thread(request, ask)]})


# The model


def row(version: Version, chosen: dict[str, str]) -> dict[str, Any]:
    """A version as lists show it."""
    record = version.record
    return {
        "jurisdiction": version.jurisdiction,
        "name": version.name,
        "version": version.model,
        "active": chosen.get(version.jurisdiction) == version.name,
        "parent": record["parent"]["name"],
        **{name: record[name] for name in ("kind", "made_at", "made_by", "lessons", "synthetic")},
        **{name: record["test"][name] for name in ("passed", "why")},
    }


def overview(found: Learning) -> dict[str, Any]:
    """Versions, what is used, how it does."""
    state, (_, wrong) = versions.state(found.root), versions.models(found.root)
    at = now()
    return {
        "shipped": learned.load(found.config.model).version,
        "active": dict(state.chosen),
        "held": sorted(state.held),
        "versions": [row(version, dict(state.chosen)) for version in versions.listed(found.root)],
        "drift": {place: asdict(found.watch(place, at)) for place in found.places},
        "unreadable": wrong,
    }


@router.get("/model", summary="Versions of the model", response_model=models.Models, **needs(Scope.OPERATE))
async def model(request: Request) -> Response:
    """What this node has learned, what is used, and whether it drifts."""
    return answer(await in_thread(request, overview, learning(request)))


@router.get(
    "/model/versions/{jurisdiction}/{name}",
    summary="One version of the model",
    response_model=models.ModelCard,
    **needs(Scope.OPERATE, 400),
)
async def version(request: Request, place: OfPlace, name: Name) -> Response:
    """Its record and its card."""

    def ask() -> dict[str, Any]:
        root = learning(request).root
        found = versions.get(root, place, name)
        given = row(found, dict(versions.state(root).chosen))
        return {**given, "record": found.record, "card": versions.card(found)}

    return answer(await in_thread(request, ask))


@router.post(
    "/model/learn", summary="Learn from decisions", response_model=models.ModelVersion, **needs(Scope.OPERATE, 400, 409)
)
async def learn(request: Request, wanted: models.Learn) -> Response:
    """Makes a version from the decisions since the one in use; it is used when it is not worse."""
    found, by = learning(request), await caller_id(request)

    def work() -> dict[str, Any]:
        made = found.learn(wanted.jurisdiction, by=by, now=now(), afresh=wanted.afresh)
        return row(made, dict(versions.state(found.root).chosen))

    try:
        return answer(await in_thread(request, work))
    except NothingToLearn as error:
        raise Problem(409, str(error)) from error


@router.post("/model/activate", summary="Use a version", response_model=models.Done, **needs(Scope.OPERATE, 400))
async def activate(request: Request, wanted: models.Choice) -> Response:
    """Whatever its test said; workers use it from their next batch on."""
    found, by = learning(request), await caller_id(request)
    await in_thread(request, found.activate, wanted.jurisdiction, wanted.name, by=by, now=now())
    return answer({"done": wanted.name or "shipped"})


@router.post(
    "/model/revert", summary="Go back to the version before", response_model=models.Done, **needs(Scope.OPERATE, 400)
)
async def revert(request: Request, wanted: models.Whose) -> Response:
    """And stay there until a version is chosen by hand."""
    found, by = learning(request), await caller_id(request)
    return answer({"done": await in_thread(request, found.revert, wanted.jurisdiction, by=by, now=now()) or "shipped"})


@router.get(
    "/model/delta", summary="What was learned, for other nodes", response_class=DeltaAnswer, **needs(Scope.OPERATE, 400)
)
async def export(
    request: Request,
    place: Place = "all",
    least: Annotated[
        int, Query(ge=delta.K, le=1000, description="Different messages that a bucket must have been met in.")
    ] = delta.K,
) -> Response:
    """Differences of weights to the shipped model; see docs/learning.md for what they tell."""
    return DeltaAnswer(await in_thread(request, exchange.export, learning(request), place, least=least, now=now()))


@router.post(
    "/model/deltas",
    summary="Take in what other nodes learned",
    response_model=models.ModelVersion,
    **{
        **needs(Scope.OPERATE, 400, 413),
        "openapi_extra": {"x-scope": str(Scope.OPERATE), "requestBody": doors.FRAMES},
    },
)
async def take_in(
    request: Request,
    place: Place = "all",
    trust: Annotated[list[float], Query(description="Of each delta, above 0 and at most 1, in order.")] = [1.0],  # noqa: B006
) -> Response:
    """The body is one delta file behind the other. They are averaged, tested, and used when that is not worse."""
    data = await receive.body(request, delta.MOST_DELTAS * 2 * MB)
    found, by = learning(request), await caller_id(request)

    def work() -> dict[str, Any]:
        made = exchange.take_in(found, place, delta.read(data), trust, by=by, now=now())
        return row(made, dict(versions.state(found.root).chosen))

    return answer(await in_thread(request, work))
