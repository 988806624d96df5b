"""Signing in at an OpenID Connect provider: a provider of others, on loopback, and what it or a thief might get wrong."""

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fake_node import FakeNode, client

from counterspam.config import Config
from counterspam.errors import ConfigError
from counterspam.store import accounts
from counterspam.web.accounts import oidc
from counterspam.web.app import create_app

with warnings.catch_warnings():
    import authlib.deprecate  # noqa: F401 (which has its warnings shown always)

    warnings.simplefilter("ignore")  # the provider uses a module that its own library is about to drop
    import oidc_provider_mock

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # in the provider's thread


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    users = [oidc_provider_mock.User(sub="u7", claims={"name": "An officer"})]
    with oidc_provider_mock.run_server_in_thread(user_claims=users) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def node(tmp_path: Path, issuer: str) -> Iterator[FakeNode]:
    node = FakeNode(
        tmp_path, oidc_issuer=issuer, oidc_client_id="node", oidc_client_secret="s", public_url="http://node.example"
    )
    yield node
    node.close()


async def begin(http: httpx.AsyncClient, next: str = "/account") -> str:
    """Start a sign-in: the address at the provider."""
    answer = await http.get("/sign-in/oidc", params={"next": next})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def consent(address: str, sub: str = "u7") -> dict[str, str]:
    """What the provider sends the browser back with, once somebody has signed in there."""
    answer = httpx.post(address, data={"sub": sub}, follow_redirects=False)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["location"])
    assert back.path == oidc.CALLBACK
    return {name: values[0] for name, values in parse_qs(back.query).items()}


async def test_somebody_whom_the_provider_knows_gets_a_session_and_an_account_without_roles(node: FakeNode) -> None:
    app = create_app(node)
    async with client(app) as http:
        address = await begin(http)
        asked = parse_qs(urlsplit(address).query)
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["nonce"]
        page = await http.get(oidc.CALLBACK, params=consent(address))
        assert page.status_code == 200, page.text
        assert re.search(r'http-equiv="refresh" content="0; url=/account"', page.text)
        assert "no role yet" in page.text
        assert "samesite=strict" in page.headers["set-cookie"].lower()
        assert "signed in as" in (await http.get("/account", headers={"accept": "text/html"})).text
        assert (await http.get("/api/v1/evidence")).status_code == 403
    with node.records.read() as conn:
        (made,) = accounts.list(conn)
    assert (made.subject, made.hash, made.roles) == ("u7", "", ())


async def test_a_second_sign_in_finds_the_account_and_the_roles_that_were_given(node: FakeNode) -> None:
    app = create_app(node)
    async with client(app) as http:
        await http.get(oidc.CALLBACK, params=consent(await begin(http)))
        with node.records.begin() as conn:
            accounts.change(conn, accounts.list(conn)[0].id, roles=["analyst"])
        await http.get(oidc.CALLBACK, params=consent(await begin(http)))
        assert (await http.get("/api/v1/evidence")).status_code == 200
        with node.records.begin() as conn:
            assert len(accounts.list(conn)) == 1
            accounts.change(conn, accounts.list(conn)[0].id, disabled_at=1)
        answer = await http.get(oidc.CALLBACK, params=consent(await begin(http)))
        assert answer.status_code == 403


async def test_a_code_or_state_of_somebody_else_opens_nothing(node: FakeNode) -> None:
    app = create_app(node)
    async with client(app) as http, client(app) as thief:
        back = consent(await begin(http))
        assert (await thief.get(oidc.CALLBACK, params=back)).status_code == 400  # no sign-in under way there
        await begin(thief)
        assert (await thief.get(oidc.CALLBACK, params=back)).status_code == 400  # another state
        assert (await http.get(oidc.CALLBACK, params={**back, "code": "x"})).status_code == 502
        assert (await http.get(oidc.CALLBACK, params={**back, "state": ""})).status_code == 400
    with node.records.read() as conn:
        assert not accounts.list(conn)


async def test_a_sealed_cookie_that_was_changed_is_worth_nothing(node: FakeNode) -> None:
    async with client(create_app(node)) as http:
        back = consent(await begin(http))
        value = http.cookies[oidc.COOKIE]
        http.cookies.clear()
        header = {"Cookie": f"{oidc.COOKIE}=00{value[2:]}"}
        assert (await http.get(oidc.CALLBACK, params=back, headers=header)).status_code == 400


@pytest.mark.parametrize("claim", ["iss", "aud", "nonce", "exp", "sub"])
async def test_a_token_that_says_something_else_is_refused(
    node: FakeNode, monkeypatch: pytest.MonkeyPatch, claim: str
) -> None:
    original = oidc.jwt.decode

    def decode(*given: Any, **named: Any) -> Any:
        token = original(*given, **named)
        wrong = {"iss": "https://evil.example", "aud": "other", "nonce": "x", "exp": 1}
        token.claims.pop(claim)
        token.claims.update({claim: wrong[claim]} if claim in wrong else {})
        return token

    monkeypatch.setattr(oidc.jwt, "decode", decode)
    async with client(create_app(node)) as http:
        assert (await http.get(oidc.CALLBACK, params=consent(await begin(http)))).status_code == 502
    with node.records.read() as conn:
        assert not accounts.list(conn)


async def test_roles_come_from_the_claim_that_is_named_and_unknown_ones_are_left_out(
    tmp_path: Path, issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = FakeNode(
        tmp_path,
        oidc_issuer=issuer,
        oidc_client_id="node",
        oidc_client_secret="s",
        oidc_roles_claim="groups",
        public_url="http://node.example",
    )
    given: list[Any] = [["moderator", "root"], "learner analyst", None]
    original = oidc._claims

    async def claims(*arguments: Any) -> dict[str, Any]:
        return (
            {**await original(*arguments), "groups": given[0]} if given[0] is not None else await original(*arguments)
        )

    monkeypatch.setattr(oidc, "_claims", claims)
    seen = []
    async with client(create_app(node)) as http:
        while given:
            await http.get(oidc.CALLBACK, params=consent(await begin(http)))
            with node.records.read() as conn:
                seen.append(accounts.list(conn)[0].roles)
            given.pop(0)
    node.close()
    assert seen == [("moderator",), ("analyst", "learner"), ()]


async def test_a_provider_that_does_not_answer_is_said_so(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, oidc_issuer="http://127.0.0.1:9", oidc_client_id="node")
    async with client(create_app(node)) as http:
        answer = await http.get("/sign-in/oidc", headers={"accept": "text/html"})
    node.close()
    assert answer.status_code == 502
    assert "did not work" in answer.text.lower()


@pytest.mark.parametrize(
    ("issuer", "client_id", "fine"),
    [
        ("", "", True),
        ("https://id.example", "x", True),
        ("http://localhost:1", "x", True),
        ("http://id.example", "x", False),
        ("https://id.example", "", False),
    ],
)
def test_settings_that_cannot_be_trusted_are_refused(tmp_path: Path, issuer: str, client_id: str, fine: bool) -> None:
    config = Config(data=tmp_path, oidc_issuer=issuer, oidc_client_id=client_id)
    if fine:
        oidc.check(config)
    else:
        with pytest.raises(ConfigError, match="setting oidc_"):
            oidc.check(config)
