"""Every page and operation x every role: what is not allowed is refused, and what each asks for stands in a golden file."""

import re
from pathlib import Path

import pytest
from fake_node import EVIDENCE_ID, FakeNode, client
from fastapi import APIRouter
from fastapi.routing import APIRoute

from counterspam.store import accounts
from counterspam.web import access, guarded
from counterspam.web.app import ROUTERS, create_app
from counterspam.web.scopes import ROLES, Role, Scope, scopes

GOLDEN = Path(__file__).parents[1] / "golden" / "permissions.txt"
# They check by hand, as they let more than one kind of caller in: the rule is in their own tests.
BY_HAND = {"/ping", "/checkv2", "/api/v1/intake"}
ROUTES = sorted(guarded.routes(ROUTERS), key=lambda route: (route.path, sorted(route.methods or ())))


def name(route: APIRoute) -> str:
    return f"{','.join(sorted(route.methods or ()))} {route.path}"


def allowed(route: APIRoute) -> list[str]:
    """Who may use a route: "public", or the roles."""
    asked = guarded.asked(route)
    assert asked is not None
    if asked <= {Scope.STATISTICS}:
        return ["public"]
    return [str(role) for role in Role if all(_may(role, scope) for scope in asked)]


def _may(role: Role, scope: str) -> bool:
    return access.Caller("x", scopes([role])).may(scope)


def test_the_matrix_is_as_it_was_agreed() -> None:
    matrix = "".join(f"{name(route)}: {' '.join(allowed(route))}\n" for route in ROUTES)
    assert matrix == GOLDEN.read_text(encoding="utf-8"), "who may do what has changed: see the golden file"


def test_a_route_that_does_not_say_who_may_use_it_is_refused() -> None:
    router = APIRouter()
    router.add_api_route("/open", lambda: None)
    with pytest.raises(RuntimeError, match="/open"):
        guarded.check([router])


@pytest.mark.parametrize("role", ["public", *Role])
async def test_what_a_role_may_not_do_is_refused_and_what_it_may_is_not(tmp_path: Path, role: str) -> None:
    node = FakeNode(tmp_path)
    app = create_app(node)
    cookies = {}
    if role != "public":
        with node.records.begin() as conn:
            made = accounts.create(conn, "one", "", [role], "")
        caller = access.Caller(made.id, ROLES[Role(role)])
        cookies = {access.COOKIE: app.state.access.open_session(caller)}
    wrong = []
    async with client(app, Origin="http://node.example") as http:
        http.cookies.update(cookies)
        for route in ROUTES:
            if route.path in BY_HAND or route.path == "/live":
                continue
            fine = bool({"public", role} & set(allowed(route)))
            path = re.sub(r"{[^}]*}", EVIDENCE_ID, route.path)
            for method in sorted(route.methods or ()):
                status = (await http.request(method, path)).status_code
                refused = status == (401 if role == "public" else 403)
                # a form without its token is 403 too, after the guard: it does not show who may
                if fine == refused and not (fine and method == "POST" and not path.startswith("/api/")):
                    wrong.append(f"{method} {path}: {status}")
    node.close()
    assert not wrong


async def test_no_form_is_taken_that_no_page_of_ours_has_given(tmp_path: Path) -> None:
    node = FakeNode(tmp_path)
    app = create_app(node)
    taken = []
    async with client(app, secret=node.key(Scope.ADMIN), Origin="http://node.example") as http:
        for route in ROUTES:
            if "POST" not in (route.methods or ()) or route.path.startswith("/api/") or route.path in BY_HAND:
                continue
            path = re.sub(r"{[^}]*}", EVIDENCE_ID, route.path.replace("{kind}", "laws"))
            answer = await http.post(path, data={"csrf": "x.y"})
            if answer.status_code != 403:
                taken.append(f"{route.path}: {answer.status_code}")
    node.close()
    assert not taken
