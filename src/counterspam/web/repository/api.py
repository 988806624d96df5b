"""The public API of the repository: entries and their history, files, comparison, gaps, covered violations, the plan."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from counterspam.policy.repository import classify, compare, covered, formats, gaps, plan
from counterspam.policy.repository.differences import differences
from counterspam.policy.repository.fields import Kind
from counterspam.policy.repository.provisions import CORE, QUESTIONS
from counterspam.policy.repository.review import figures, review
from counterspam.store import entries, plans
from counterspam.web import access, public
from counterspam.web.api import in_thread
from counterspam.web.problems import Problem
from counterspam.web.query_api import open_to_all
from counterspam.web.repository import chosen, models
from counterspam.web.repository.book import Book, Held, load, said, today, version_zero
from counterspam.web.repository.sides import codes, side

FRESH = 60  # seconds that others may keep an answer
PREFIX = "/api/v1/repository"
router = APIRouter(prefix=PREFIX)
Id = Annotated[str, Path(alias="id", max_length=40, description="The id of an entry, such as US-CANSPAM.")]
OfKind = Annotated[Kind, Path(alias="kind")]
Form = Annotated[str, Path(alias="form", pattern="^(yaml|json|csv)$")]
Cursor = Annotated[int, Query(ge=0, le=10_000, description="`next` of the page before.")]
Limit = Annotated[int, Query(ge=1, le=200, description="Most rows in the answer.")]
Places = Annotated[str, Query(max_length=600, description="Codes of jurisdictions, separated by commas.")]


async def respond(request: Request, make: Callable[[Book], Any]) -> Response:
    """What `make` says of the repository, as JSON with a validator; a caller who asks too often gets problem 429."""
    return await file(request, lambda book: orjson.dumps(make(book)), {"Content-Type": "application/json"})


async def file(request: Request, make: Callable[[Book], bytes], headers: dict[str, str]) -> Response:
    """The same for bytes of any kind."""
    caller = await access.of(request).identify(request)
    said_ = public.gate(request).admit(request, caller)

    def work() -> bytes:
        return make(load(request.app.state.node))

    answer = public.served(request, public.body(await in_thread(request, work), headers), FRESH)
    answer.headers.update(said_)
    return answer


def _found(book: Book, kind: Kind, request: Request) -> list[Held]:
    known = chosen.filters(kind, book, today())
    for one in known:
        given = request.query_params.get(one.name, "")
        if given and given not in one.values:
            raise Problem(422, f"values of `{one.name}` are {', '.join(one.values)}")
    return chosen.chosen(book, kind, chosen.asked(request.query_params, known), known)


def row(one: Held) -> dict[str, Any]:
    """An entry as the API shows it."""
    state = review(one.content, today())
    found: dict[str, Any] = {
        "id": one.id,
        "version": one.version,
        "published_at": one.published.decided_at if one.published else 0,
        "signed_off_by": one.published.approver_name if one.published else "",
        "review": {"reviewed": state.reviewed, "since": state.since, "due": state.due, "state": state.state},
        "content": one.content,
    }
    if one.kind == Kind.PRACTICE:
        found |= {"pillars": classify.pillars(one.content), "layers": classify.layers(one.content)}
    return found


@router.get("/compare", summary="Laws side by side", response_model=models.Compared, **open_to_all(422))
async def compared(request: Request, of: Places) -> Response:
    """Every provision for these jurisdictions: each instrument, and the strictest value known of those in force."""

    def make(book: Book) -> Any:
        chosen_ = codes(of, book)
        if not chosen_:
            raise Problem(422, "`of` names no jurisdiction that the repository has a law of")
        return {
            "of": chosen_,
            "rows": [
                asdict(line) for line in compare.compared({c: book.places[c] for c in chosen_}, book.above(today()))
            ],
        }

    return await respond(request, make)


@router.get("/gaps", summary="Gap report of a country", response_model=models.Gaps, **open_to_all(404, 422))
async def gap_report(
    request: Request,
    country: Annotated[str, Query(pattern="^[A-Z]{2}$", description="Code of the jurisdiction.")],
    against: Annotated[
        str, Query(max_length=2000, description="Provisions, separated by commas; by default the core.")
    ] = "",
    others: Places = "",
) -> Response:
    """Which provisions it has, has not, or is not known to have, and the laws of others that have them."""
    names = [name for name in against.split(",") if name] or list(CORE)
    unknown = [name for name in names if name not in QUESTIONS]
    if unknown:
        raise Problem(422, f"provisions are {', '.join(QUESTIONS)}")

    def make(book: Book) -> Any:
        if country not in book.places:
            raise Problem(404, "the repository has no law of this jurisdiction")
        found = gaps.gaps(country, book.places, names, codes(others, book), book.above(today()))
        return {"country": country, "rows": [asdict(one) for one in found]}

    return await respond(request, make)


@router.get(
    "/covered", summary="Is a breach of one a breach of the other?", response_model=models.Covered, **open_to_all(404)
)
async def covered_violation(
    request: Request,
    a: Annotated[str, Query(max_length=40, description="A jurisdiction, or the id of a law.")],
    b: Annotated[str, Query(max_length=40, description="The other side.")],
) -> Response:
    """By type of conduct: yes, no or unknown for both sides and together, with the reason of each law."""

    def make(book: Book) -> Any:
        sides = [side(name, book) for name in (a, b)]
        if not all(sides):
            raise Problem(404, "the repository has no such law or jurisdiction")
        above = book.above(today())
        found = covered.covered(sides[0], sides[1], (above.get(a, ()), above.get(b, ())))
        return {"a": a, "b": b, "rows": [asdict(one) for one in found]}

    return await respond(request, make)


@router.get("/figures", summary="Figures of the repository (K22)", response_model=models.Figures, **open_to_all())
async def key_figures(request: Request) -> Response:
    """Jurisdictions covered, median ages of the last review and of the record in days, what is due for review."""
    return await respond(
        request, lambda book: {kind.value: asdict(figures(kind, book.contents(kind), today())) for kind in Kind}
    )


@router.get("/plan", summary="The national action plan", response_model=models.Plan, **open_to_all())
async def action_plan(request: Request) -> Response:
    """Every item with what stands of it, and the progress of all."""

    def make(_: Book) -> Any:
        with request.app.state.node.records.read() as conn:
            standing = {name: said(one) for name, one in plans.standing(conn).items()}
        found = plan.progress(standing, today())
        nothing = {name: plan.Said(item=name, status="not-started") for name in plan.items()}
        rows = [asdict(one) | {"said": _open((nothing | standing)[name])} for name, one in plan.items().items()]
        return {
            "counts": found.counts,
            "late": found.late,
            "share_done": found.share,
            "share_begun": found.begun,
            "rows": rows,
        }

    return await respond(request, make)


def _open(one: plan.Said) -> dict[str, Any]:
    """What everybody may read of an item: not the note."""
    return {"status": one.status, "responsible": one.responsible, "due": one.due, "at": one.at}


@router.get(
    "/{kind}.{form}",
    summary="All entries of a kind as a file",
    response_class=Response,
    responses={
        **open_to_all()["responses"],
        200: {"content": {"application/yaml": {}, "application/json": {}, "text/csv": {}}},
    },
    dependencies=open_to_all()["dependencies"],
    openapi_extra=open_to_all()["openapi_extra"],
)
async def whole(request: Request, kind: OfKind, form: Form) -> Response:
    """Entries that the filters of the page let through, without loss: docs/repository.md says how each form is written."""
    media_type, write = formats.FORMS[form]
    headers = {"Content-Type": media_type, "Content-Disposition": f'attachment; filename="counterspam-{kind}.{form}"'}
    return await file(request, lambda book: write(kind, (one.content for one in _found(book, kind, request))), headers)


@router.get("/{kind}", summary="Entries of a kind", response_model=models.Entries, **open_to_all())
async def listed(request: Request, kind: OfKind, cursor: Cursor = 0, limit: Limit = 50) -> Response:
    """With the filters of the page (country, region, provision, status, channels, q and so on), in the order of their ids."""

    def make(book: Book) -> Any:
        found = sorted(_found(book, kind, request), key=lambda one: one.id)
        rows = [row(one) for one in found[cursor : cursor + limit]]
        more = str(cursor + limit) if cursor + limit < len(found) else ""
        country = request.query_params.get("country", "") if kind == Kind.LAW else ""
        return {"total": len(found), "rows": rows, "next": more, "of_unions": _of_unions(book, country)}

    return await respond(request, make)


def _of_unions(book: Book, country: str) -> list[dict[str, str]]:
    """The instruments of its unions that apply in a country today."""
    found = book.above(today()).get(country, ())
    return [{"id": one.law["id"], "union": one.union, "act": one.act} for one in found]


@router.get("/{kind}/{id}", summary="One entry", response_model=models.Entry, **open_to_all(404))
async def one_entry(request: Request, kind: OfKind, id_: Id) -> Response:
    """Its content as it stands, and when it is due for review."""

    def make(book: Book) -> Any:
        held = book.get(kind, id_)
        if held is None:
            raise Problem(404, "there is no such entry")
        return row(held)

    return await respond(request, make)


@router.get(
    "/{kind}/{id}/history", summary="The versions of an entry", response_model=models.History, **open_to_all(404)
)
async def history(request: Request, kind: OfKind, id_: Id) -> Response:
    """The latest first, down to the shipped version 0; each with what it changed and who signed it off."""

    def make(book: Book) -> Any:
        if book.get(kind, id_) is None:
            raise Problem(404, "there is no such entry")
        with request.app.state.node.records.read() as conn:
            own = entries.history(conn, kind, id_)
        base = version_zero(kind, id_)
        steps: list[dict[str, Any]] = [
            {"version": one.version, "published_at": one.decided_at, "author": one.author_name,
             "signed_off_by": one.approver_name, "reason": one.reason, "content": one.content}
            for one in own
        ]  # fmt: skip
        if base is not None:
            nobody = {"published_at": 0, "author": "", "signed_off_by": "", "reason": ""}
            steps.append({"version": 0, **nobody, "content": base})
        for number, step in enumerate(steps):
            before = steps[number + 1]["content"] if number + 1 < len(steps) else None
            step["changes"] = [asdict(one) for one in differences(kind, before, step["content"])] if before else []
        return {"rows": steps}

    return await respond(request, make)
