"""Accounts as people and administrators meet them: signing in, passwords, roles, and what the audit log then says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_node import FakeNode, client
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

from counterspam.store import accounts, audit
from counterspam.web.accounts import passwords
from counterspam.web.app import create_app
from counterspam.web.scopes import ROLES, Role, Scope, scopes

PASSWORD = "correct horse battery"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path)
    yield node
    node.close()


def account(node: FakeNode, *roles: str, name: str = "one", password: str = PASSWORD) -> accounts.Account:
    with node.records.begin() as conn:
        return accounts.create(conn, name, f"The {name}", roles, passwords.hashed(password))


def csrf(page: str) -> str:
    return page.split('name="csrf" value="')[1].split('"')[0]


async def post(http: httpx.AsyncClient, path: str, page: str = "", **form: Any) -> httpx.Response:
    token = csrf((await http.get(page or path)).text)
    return await http.post(path, data={"csrf": token, **form})


async def sign_in(http: httpx.AsyncClient, name: str = "one", password: str = PASSWORD) -> httpx.Response:
    return await post(http, "/sign-in", name=name, password=password)


def log(node: FakeNode) -> list[tuple[str, str]]:
    with node.records.read() as conn:
        return [(row.action, row.name) for row in reversed(audit.latest(conn))]


async def test_a_password_opens_what_the_roles_allow_until_sign_out(node: FakeNode) -> None:
    account(node, "analyst")
    async with client(create_app(node)) as http:
        assert (await sign_in(http, "ONE ")).status_code == 303
        assert (await http.get("/api/v1/evidence")).status_code == 200
        assert (await http.get("/api/v1/accounts")).status_code == 403
        page = (await http.get("/account", headers={"accept": "text/html"})).text
        assert "The one" in page
        assert "Analyst:" in page
        assert (await post(http, "/sign-out", "/account")).status_code == 303
        assert (await http.get("/api/v1/evidence")).status_code == 401
    assert log(node) == [("session.open", "The one")]


@pytest.mark.parametrize(("name", "password"), [("one", "wrong"), ("two", PASSWORD), ("", ""), ("one", PASSWORD + " ")])
async def test_a_wrong_name_or_password_opens_nothing_and_keeps_the_name(
    node: FakeNode, name: str, password: str
) -> None:
    account(node, "administrator")
    async with client(create_app(node)) as http:
        answer = await sign_in(http, name, password)
        assert answer.status_code == 401
        assert "set-cookie" not in answer.headers
        assert "No account has this name and password." in answer.text
        assert f'value="{name}"' in answer.text


async def test_an_account_is_slowed_down_wherever_the_tries_come_from(node: FakeNode) -> None:
    account(node, "administrator")
    app = create_app(node)
    for number in range(10):
        async with client(app, peer=f"192.0.2.{number}") as http:
            assert (await sign_in(http, password="wrong")).status_code == 401
    async with client(app, peer="192.0.2.99") as http:
        assert (await sign_in(http)).status_code == 429
        assert (await sign_in(http, "other", "wrong")).status_code == 401


async def test_a_disabled_account_and_one_without_password_cannot_sign_in(node: FakeNode) -> None:
    off, without = account(node, "administrator"), account(node, name="two")
    with node.records.begin() as conn:
        accounts.change(conn, off.id, disabled_at=1)
        accounts.change(conn, without.id, hash="")
    async with client(create_app(node)) as http:
        assert (await sign_in(http)).status_code == 401
        assert (await sign_in(http, "two", "")).status_code == 401
        assert (await sign_in(http, "two")).status_code == 401


async def test_ones_own_password_is_changed_and_other_sessions_end(node: FakeNode) -> None:
    account(node, "learner")
    app = create_app(node)
    async with client(app) as http, client(app) as elsewhere:
        await sign_in(http)
        await sign_in(elsewhere)
        bad = await post(http, "/account", old="wrong", new="another password")
        assert (bad.status_code, "not the present password" in bad.text) == (400, True)
        short = await post(http, "/account", old=PASSWORD, new="short")
        assert (short.status_code, "at least 12" in short.text) == (400, True)
        assert (await post(http, "/account", old=PASSWORD, new="another password")).status_code == 303
        assert (await http.get("/account")).status_code == 200
        assert (await elsewhere.get("/account")).headers["location"].startswith("/sign-in")
        assert (await sign_in(elsewhere)).status_code == 401
        assert (await sign_in(elsewhere, password="another password")).status_code == 303
    assert log(node)[2] == ("account.password", "The one")


async def test_an_administrator_makes_accounts_gives_roles_and_disables(node: FakeNode) -> None:
    account(node, "administrator", name="chief")
    app = create_app(node)
    async with client(app) as http, client(app) as other:
        await sign_in(http, "chief")
        made = await post(http, "/operator/accounts", name="Edi.Tor", display="An editor", roles=["policy-editor"])
        password = made.text.split('<code dir="ltr">')[1].split("<")[0]
        assert (await sign_in(other, "edi.tor", password)).status_code == 303
        again = await post(http, "/operator/accounts", name="edi.tor")
        assert (again.status_code, "Another account has this name." in again.text) == (400, True)
        bad = await post(http, "/operator/accounts", name="../x", display="Kept")
        assert (bad.status_code, 'value="Kept"' in bad.text) == (400, True)
        with node.records.read() as conn:
            found = accounts.by_name(conn, "edi.tor")
        assert found is not None
        path = f"/operator/accounts/{found.id}"
        assert (await post(http, path, act="save", display="Other", roles=["moderator", "root"])).status_code == 303
        assert "Moderator:" in (await other.get("/account", headers={"accept": "text/html"})).text
        assert (await post(http, path, act="disable")).status_code == 303
        assert (await other.get("/account")).headers["location"].startswith("/sign-in")
        assert (await post(http, path, act="enable")).status_code == 303
        assert (await post(http, path, act="nonsense")).status_code == 400
        fresh = await post(http, path, act="password")
        assert (await sign_in(other, "edi.tor", password)).status_code == 401
        new = fresh.text.split('<code dir="ltr">')[1].split("<")[0]
        assert (await sign_in(other, "edi.tor", new)).status_code == 303
        page = (await http.get("/operator/audit", params={"check": 1})).text
        assert "rows fit" in page
        assert new not in page
    with node.records.read() as conn:
        assert audit.check(conn, app.state.access.audit_key).broken == 0


async def test_tampering_is_said_on_the_page_and_over_the_api(node: FakeNode) -> None:
    async with client(create_app(node), secret=node.key("admin")) as http:
        for name in ("one", "two"):
            assert (await http.post("/api/v1/accounts", json={"name": name})).status_code == 201
        with node.records.begin() as conn:
            conn.exec_driver_sql("UPDATE audit SET subject = 'x' WHERE number = 1")
        assert (await http.get("/api/v1/audit/check")).json()["broken"] == 1
        assert "row 1 does not fit" in (await http.get("/operator/audit?check=1")).text


async def test_accounts_over_the_api(node: FakeNode) -> None:
    async with client(create_app(node), secret=node.key("admin")) as http:
        made = (await http.post("/api/v1/accounts", json={"name": "one", "roles": ["learner"]})).json()
        assert len(made["password"]) == 23
        assert "hash" not in made
        assert (await http.post("/api/v1/accounts", json={"name": "ONE"})).status_code == 409
        assert (await http.post("/api/v1/accounts", json={"name": "x", "roles": ["root"]})).status_code == 422
        changed = (
            await http.patch(f"/api/v1/accounts/{made['id']}", json={"roles": ["analyst"], "disabled": True})
        ).json()
        assert (changed["roles"], changed["disabled_at"] is None, changed["password"]) == (["analyst"], False, "")
        assert (await http.patch(f"/api/v1/accounts/a{'0' * 16}", json={})).status_code == 404
        rows = (await http.get("/api/v1/accounts")).json()["rows"]
        assert [row["name"] for row in rows] == ["one"]
        actions = [row["action"] for row in (await http.get("/api/v1/audit")).json()["rows"]]
    assert actions == ["account.change", "account.create"]


@pytest.mark.parametrize("open_access", [True, False])
async def test_open_access_and_nobody_are_told_who_they_are(tmp_path: Path, open_access: bool) -> None:
    node = FakeNode(tmp_path, open_access=open_access)
    async with client(create_app(node), peer="127.0.0.1", host="127.0.0.1") as http:
        page = await http.get("/account", headers={"accept": "text/html"})
    node.close()
    assert page.status_code == (200 if open_access else 303)


def test_roles_cover_what_they_are_for_and_no_role_both_writes_and_approves() -> None:
    assert scopes([]) == {Scope.STATISTICS}
    assert scopes(["root", "learner"]) == {Scope.STATISTICS, Scope.LEARN}
    assert set(ROLES) == set(Role)
    for role, allowed in ROLES.items():
        assert not {Scope.EDIT, Scope.APPROVE} <= allowed, role
        assert Scope.ADMIN not in allowed or role == Role.ADMINISTRATOR


@given(st.text(max_size=300))
def test_any_password_is_judged_and_none_breaks_the_comparison(password: str) -> None:
    assert isinstance(passwords.fault(password, "name"), str)


@pytest.mark.parametrize("password", ["", "ünï¢ødé pässwörd", "x" * 2000, "\x00" * 20, "\ud800"])
def test_a_hash_fits_its_password_only(password: str) -> None:
    stored = passwords.hashed("ünï¢ødé pässwörd")
    assert passwords.right(password, stored) == (password == "ünï¢ødé pässwörd")
    assert not passwords.right(password, "")
    assert not passwords.right(password, "$argon2id$nonsense")


@pytest.mark.parametrize(
    ("password", "fine"),
    [
        ("short", False),
        ("aaaaaaaaaaaaaaaa", False),
        ("my-operator-name-1", False),
        ("counterspam-2026!", False),
        ("a long enough one", True),
        (passwords.made(), True),
    ],
)
def test_what_a_password_must_be(password: str, fine: bool) -> None:
    assert (passwords.fault(password, "Operator-Name") == "") == fine


async def test_the_form_shows_the_provider_only_where_there_is_one(tmp_path: Path) -> None:
    for issuer in ("", "https://id.example"):
        node = FakeNode(tmp_path / (issuer and "with"), oidc_issuer=issuer, oidc_client_id="x", oidc_name="Ministry")
        app: FastAPI = create_app(node)
        async with client(app) as http:
            assert ("Sign in with Ministry" in (await http.get("/sign-in")).text) == bool(issuer)
            assert ((await http.get("/sign-in/oidc")).status_code == 404) == (not issuer)
        node.close()
