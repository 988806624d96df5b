"""Deny by default: every route says who may use it, or the application does not start."""

from collections.abc import Iterable, Iterator

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIRouter

from counterspam.web.access import GUARDS

BY_HAND = "x-scope"  # member of `openapi_extra` of a route whose function asks for the scope itself


def routes(routers: Iterable[APIRouter]) -> Iterator[APIRoute]:
    """The routes of routers and of those included in them."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route
            elif inner := getattr(route, "original_router", None):
                yield from routes([inner])


def asked(route: APIRoute) -> frozenset[str] | None:
    """The scopes that a route asks for, none for everybody's; None when it does not say."""
    found = {GUARDS[call] for call in _calls(route.dependant) if call in GUARDS}
    by_hand = (route.openapi_extra or {}).get(BY_HAND)
    if by_hand is not None:
        found.add(by_hand)
    return frozenset(scope for scope in found if scope) if found else None


def check(routers: Iterable[APIRouter]) -> None:
    """Raise RuntimeError for a route that does not say who may use it."""
    silent = [f"{sorted(route.methods or ())} {route.path}" for route in routes(routers) if asked(route) is None]
    if silent:
        raise RuntimeError(f"routes that do not say who may use them: {', '.join(silent)}")


def _calls(dependant: Dependant) -> Iterator[object]:
    for inner in dependant.dependencies:
        yield inner.call
        yield from _calls(inner)
