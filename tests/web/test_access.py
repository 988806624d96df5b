"""Who may do what: keys, scopes, sessions, open access and the ways around it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_node import EVIDENCE_ID, FakeNode, client
from fastapi import FastAPI

from counterspam.store import api_keys
from counterspam.web import access
from counterspam.web.app import create_app
from counterspam.web.scopes import Scope

REPORT = "/api/v1/reports"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path)
    yield node
    node.close()


@pytest.fixture
def open_node(tmp_path: Path) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path, open_access=True)
    yield node
    node.close()


def operations(app: FastAPI) -> list[tuple[str, str, str]]:
    """Method, a path, and the scope that OpenAPI names ("" for nobody's)."""
    return [
        (method, path.replace("{id}", EVIDENCE_ID).replace("{question}", "reporters"), operation.get("x-scope", ""))
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    ]


async def test_without_a_key_nothing_but_public_statistics_and_health(node: FakeNode) -> None:
    app = create_app(node)
    public = set()
    async with client(app) as http:
        for method, path, _ in operations(app):
            answer = await http.request(method, path)
            if answer.status_code != 401:
                public.add((method, path))
    revision = "/api/v1/published/{period}/{revision}"
    policy_report = "/api/v1/policy/reports/{report}/{version}"
    assert public == {
        ("get", "/api/v1/query"),
        ("get", "/api/v1/published"),
        ("get", "/api/v1/published/{period}"),
        ("get", revision),
        ("get", f"{revision}/differences"),
        ("get", f"{revision}/{{table}}.json"),
        ("get", f"{revision}/{{table}}.csv"),
        ("get", "/api/v1/policy/reports"),
        ("get", policy_report),
        ("get", f"{policy_report}/snapshot"),
        ("get", f"{policy_report}/files/{{name}}"),
        ("get", "/api/v1/questionnaires"),
        ("get", "/api/v1/questionnaires/definitions/{version}"),
        ("get", "/api/v1/questionnaires/{wave}"),
        ("get", "/api/v1/questionnaires/{wave}/results.xlsx"),
        ("get", "/api/v1/questionnaires/{wave}/{table}.csv"),
        ("get", "/api/v1/statistics"),
        ("get", "/api/v1/statistics/reporters"),
        ("get", f"/api/v1/statistics/campaign/{EVIDENCE_ID}"),  # not the name of a campaign
        ("get", "/api/v1/costs/parameters"),
        ("get", "/api/v1/costs/estimate"),
        ("get", "/api/v1/costs/investment"),
        ("get", "/api/v1/definitions"),
        ("post", "/api/v1/definitions/judge"),
        ("get", f"/api/v1/definitions/{EVIDENCE_ID}"),  # not the name of a definition
        ("get", "/api/v1/health"),
        ("get", "/api/v1/ready"),
        ("get", "/api/v1/schema/evidence"),
        *(
            ("get", f"/api/v1/repository/{name}")
            for name in ("compare", "gaps", "covered", "figures", "plan", "{kind}")
        ),
        ("get", "/api/v1/repository/{kind}.{form}"),
        ("get", f"/api/v1/repository/{{kind}}/{EVIDENCE_ID}"),
        ("get", f"/api/v1/repository/{{kind}}/{EVIDENCE_ID}/history"),
        ("get", "/api/v1/training/key"),
        ("get", "/api/v1/training/modules"),
        ("get", "/api/v1/training/modules/{slug}"),
        ("get", "/api/v1/training/statistics"),
        ("post", "/api/v1/training/verify"),
        ("get", "/api/v1/training/workshops"),
    }
    assert not node.inbox


@pytest.mark.parametrize("scope", Scope)
async def test_a_key_opens_what_its_scope_names_and_nothing_else(node: FakeNode, scope: Scope) -> None:
    app = create_app(node)
    async with client(app, secret=node.key(scope)) as http:
        for method, path, needed in operations(app):
            if path in ("/api/v1/intake", "/api/v1/ready", "/api/v1/schema/evidence"):
                continue
            answer = await http.request(method, path)
            allowed = needed in ("", scope, Scope.STATISTICS) or scope == Scope.ADMIN
            allowed |= (needed, scope) == (Scope.CHECK, Scope.REPORT)  # the one that covers another
            assert (answer.status_code == 403) is not allowed, (method, path, answer.text)


async def test_both_headers_carry_a_key_and_the_url_does_not(node: FakeNode) -> None:
    secret = node.key("report")
    async with client(create_app(node)) as http:
        assert (await http.post(REPORT, content=b"x", headers={"X-Api-Key": secret})).status_code == 202
        assert (await http.post(REPORT, content=b"x", headers={"Authorization": f"bearer {secret}"})).status_code == 202
        assert (await http.post(f"{REPORT}?key={secret}", content=b"x")).status_code == 401


@pytest.mark.parametrize("wrong", ["cs_", "cs_0123456789abcdef_x", "nonsense", "cs_local_x", "é", "cs_" + "x" * 5000])
async def test_a_wrong_key_is_refused_even_where_none_is_needed(open_node: FakeNode, wrong: str) -> None:
    async with client(create_app(open_node), peer="127.0.0.1", host="localhost") as http:
        answer = await http.get("/api/v1/statistics", headers={"X-Api-Key": wrong.encode()})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert wrong not in answer.text or len(wrong) < 4


async def test_a_revoked_key_is_refused_at_once_here(node: FakeNode) -> None:
    admin, secret = node.key("admin"), node.key("report")
    app = create_app(node)
    async with client(app, secret=admin) as boss, client(app, secret=secret) as http:
        assert (await http.post(REPORT, content=b"x")).status_code == 202
        key_id = secret.split("_")[1]
        assert (await boss.delete(f"/api/v1/keys/{key_id}")).status_code == 200
        assert (await http.post(REPORT, content=b"x")).status_code == 401


async def test_a_key_revoked_elsewhere_works_no_longer_than_remembered(
    node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = node.key("report")
    async with client(create_app(node), secret=secret) as http:
        assert (await http.post(REPORT, content=b"x")).status_code == 202
        with node.records.begin() as conn:
            api_keys.revoke(conn, secret.split("_")[1])
        assert (await http.post(REPORT, content=b"x")).status_code == 202
        now = time.monotonic()
        monkeypatch.setattr(access.time, "monotonic", lambda: now + access.REMEMBERED + 1)
        assert (await http.post(REPORT, content=b"x")).status_code == 401


LOCAL = {"peer": "127.0.0.1", "host": "127.0.0.1:8052"}


@pytest.mark.parametrize(
    ("where", "headers", "allowed"),
    [
        (LOCAL, {}, True),
        ({"peer": "::1", "host": "[::1]:8052"}, {}, True),
        ({"peer": "127.0.0.1", "host": "localhost"}, {"Origin": "http://localhost"}, True),
        ({"peer": "192.0.2.7", "host": "127.0.0.1:8052"}, {}, False),
        ({"peer": "127.0.0.1", "host": "rebound.example"}, {}, False),
        ({"peer": "127.0.0.1", "host": "127.0.0.1.example.com"}, {}, False),
        (LOCAL, {"X-Forwarded-For": "192.0.2.9"}, False),
        (LOCAL, {"Forwarded": "for=192.0.2.9"}, False),
        (LOCAL, {"X-Real-IP": "192.0.2.9"}, False),
        (LOCAL, {"Origin": "http://evil.example"}, False),
        (LOCAL, {"Origin": "null"}, False),
        (LOCAL, {"Sec-Fetch-Site": "cross-site"}, False),
        (LOCAL, {"Sec-Fetch-Site": "same-site"}, False),
        (LOCAL, {"Sec-Fetch-Site": "same-origin"}, True),
    ],
)
async def test_open_access_is_for_this_machine_only(
    open_node: FakeNode, where: dict[str, str], headers: dict[str, str], allowed: bool
) -> None:
    async with client(create_app(open_node), **where) as http:
        answer = await http.post(REPORT, content=b"x", headers=headers)
    assert answer.status_code == (202 if allowed else 401)


async def test_open_access_needs_the_setting_and_a_loopback_listener(node: FakeNode, tmp_path: Path) -> None:
    wide = FakeNode(tmp_path / "wide", open_access=True, host="0.0.0.0")
    for closed in (node, wide):
        async with client(create_app(closed), **LOCAL) as http:
            assert (await http.get("/api/v1/keys")).status_code == 401
    wide.close()


async def test_the_local_token_works_from_this_machine_only(node: FakeNode) -> None:
    app = create_app(node, local_token="cs_local_t")
    async with client(app, secret="cs_local_t", **LOCAL) as here, client(app, secret="cs_local_t") as there:
        assert (await here.get("/api/v1/keys")).status_code == 200
        assert (await there.get("/api/v1/keys")).status_code == 401
        assert (await here.get("/api/v1/keys", headers={"X-Forwarded-For": "192.0.2.9"})).status_code == 401


def _csrf(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"')[0]


async def _sign_in(http: httpx.AsyncClient, secret: str, next_path: str = "/") -> httpx.Response:
    token = _csrf((await http.get("/sign-in")).text)
    return await http.post("/sign-in", data={"key": secret, "csrf": token, "next": next_path})


async def test_a_session_opens_what_its_key_opens_until_sign_out(node: FakeNode) -> None:
    secret = node.key("evidence:read")
    async with client(create_app(node)) as http:
        answer = await _sign_in(http, secret, "/api/v1/evidence")
        assert (answer.status_code, answer.headers["location"]) == (303, "/api/v1/evidence")
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.lower()
        assert "Max-Age=43200" in cookie
        assert secret not in cookie
        assert (await http.get("/api/v1/evidence")).status_code == 200
        assert (await http.get("/api/v1/keys")).status_code == 403
        stolen = dict(http.cookies)
        token = _csrf((await http.get("/sign-in")).text)
        assert (await http.post("/sign-out", data={"csrf": token})).status_code == 303
        http.cookies.update(stolen)
        assert (await http.get("/api/v1/evidence")).status_code == 401


async def test_a_session_ends_with_its_key_and_its_time(node: FakeNode, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = node.key("evidence:read")
    app = create_app(node)
    async with client(app) as http:
        await _sign_in(http, secret)
        assert (await http.get("/api/v1/evidence")).status_code == 200
        now = time.time_ns()
        app.state.access.forget()
        with monkeypatch.context() as patch:
            patch.setattr(access.time, "time_ns", lambda: now + (access.SESSION + 1) * 10**9)
            assert (await http.get("/api/v1/evidence")).status_code == 401
        app.state.access.forget()
        assert (await http.get("/api/v1/evidence")).status_code == 200
        with node.records.begin() as conn:
            api_keys.revoke(conn, secret.split("_")[1])
        app.state.access.forget()
        assert (await http.get("/api/v1/evidence")).status_code == 401


@pytest.mark.parametrize("change", ["", "x", "a.b.c.d", "..."])
async def test_a_forged_session_is_worth_nothing(node: FakeNode, change: str) -> None:
    async with client(create_app(node)) as http:
        await _sign_in(http, node.key("admin"))
        value = http.cookies[access.COOKIE]
        http.cookies.clear()
        forged = change or value[:-1] + ("0" if value[-1] != "0" else "1")
        answer = await http.get("/api/v1/keys", headers={"Cookie": f"{access.COOKIE}={forged}"})
        assert answer.status_code == 401


async def test_a_session_used_from_another_site_changes_nothing(node: FakeNode) -> None:
    async with client(create_app(node)) as http:
        await _sign_in(http, node.key("admin"))
        wanted = {"label": "x", "scopes": ["admin"]}
        answer = await http.post("/api/v1/keys", json=wanted, headers={"Origin": "http://evil.example"})
        assert answer.status_code == 401
        assert (
            await http.post("/api/v1/keys", json=wanted, headers={"Origin": "http://node.example"})
        ).status_code == 201


@pytest.mark.parametrize("token", ["", "x", "x.y", "."])
async def test_forms_from_elsewhere_are_refused(node: FakeNode, token: str) -> None:
    async with client(create_app(node)) as http:
        answer = await http.post("/sign-in", data={"key": node.key("admin"), "csrf": token})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_sign_in_is_slowed_down(node: FakeNode) -> None:
    async with client(create_app(node)) as http:
        for _ in range(10):
            assert (await _sign_in(http, "cs_wrong")).status_code == 401
        answer = await _sign_in(http, node.key("admin"))
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 300


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil.example", "evil", "/a\r\nb"])
async def test_sign_in_leads_nowhere_else(node: FakeNode, target: str) -> None:
    async with client(create_app(node)) as http:
        assert (await _sign_in(http, node.key("admin"), target)).headers["location"] == "/"


async def test_secure_cookie_and_transport_security_behind_https(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, public_url="https://node.example")
    async with client(create_app(node)) as http:
        answer = await _sign_in(http, node.key("admin"))
    node.close()
    assert "Secure" in answer.headers["set-cookie"]
    assert "strict-transport-security" in answer.headers


async def test_no_secret_in_logs(node: FakeNode, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    secret: Any = node.key("admin")
    async with client(create_app(node), secret=secret) as http:
        await http.get(f"/api/v1/keys?key={secret}")
        await http.post("/api/v1/keys", json={"label": secret})
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not [line for line in ours if secret in line]
    assert "GET /api/v1/keys 200" in ours
