"""The path of a report through pages and API: begun, written, frozen, submitted, reviewed, signed off, released, by whom."""

import hashlib
import re
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from fake_node import FakeNode, client
from fastapi import FastAPI

from counterspam.measure.frozen import Span
from counterspam.store import audit
from counterspam.web.app import create_app
from counterspam.web.scopes import Scope

API = "/api/v1/policy/reports"
LABELS = {"tlp": "TLP:CLEAR"}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    node = FakeNode(tmp_path, node="lab", jurisdiction="FR")
    yield node
    node.close()


@pytest.fixture
def app(node: FakeNode) -> FastAPI:
    return create_app(node)


def csrf(page: str) -> str:
    """The token of the first form of a page."""
    return page.split('name="csrf" value="')[1].split('"')[0]


async def signed_in(app: FastAPI, secret: str) -> httpx.AsyncClient:
    """A browser in which somebody signed in with a key."""
    http = client(app)
    page = await http.get("/sign-in")
    answer = await http.post("/sign-in", data={"key": secret, "csrf": csrf(page.text), "next": "/reports"})
    assert answer.status_code == 303
    return http


async def post(http: httpx.AsyncClient, path: str, page: str = "", **data: Any) -> httpx.Response:
    """Send a form of a page."""
    shown = await http.get(page or path, headers={"accept": "text/html"})
    assert shown.status_code == 200, shown.text
    seen = re.search(r'name="seen" value="(\d+)"', shown.text)
    given = {"csrf": csrf(shown.text), "seen": seen[1] if seen else "", **data}
    return await http.post(path, data=given, headers={"accept": "text/html"})


async def begun(http: httpx.AsyncClient, kind: str = "barometer", **given: Any) -> str:
    """The address of a new report."""
    data = {"kind": kind, "period": "2025-H2", "author": "en", "languages": ["en"], "topic": "types", **given}
    answer = await post(http, "/reports/new", f"/reports/new?kind={kind}", **data)
    assert answer.status_code == 303, answer.text
    location = answer.headers["location"]
    assert location.endswith("/1/edit")
    return str(location.removesuffix("/edit"))


async def test_a_report_goes_its_way_and_the_public_reads_it(app: FastAPI, node: FakeNode) -> None:
    editor = await signed_in(app, node.key(Scope.EDIT, Scope.APPROVE))
    other = await signed_in(app, node.key(Scope.APPROVE))
    address = await begun(editor)
    answer = await post(
        editor, f"{address}/edit", comment="A quiet <b>half-year</b>.", languages=["en", "fr"], **LABELS
    )
    assert answer.status_code == 303
    assert (await post(editor, f"{address}/work", address, act="freeze")).status_code == 303
    assert (await post(editor, f"{address}/work", address, act="submit")).status_code == 303
    own = await post(editor, f"{address}/approve", address, act="reviewed")
    assert (own.status_code, "cannot review" in own.text) == (403, True)
    async with client(app) as public:
        assert (await public.get(address)).status_code == 404
        assert (await public.get(f"{address}/en.pdf")).status_code == 404
        assert (await public.get(API)).json()["rows"] == []
    for act in ("reviewed", "signed-off", "released"):
        answer = await post(other, f"{address}/approve", address, act=act)
        assert answer.status_code == 303, answer.text
    async with client(app) as public:
        listed = (await public.get("/reports")).text
        assert f'href="{address}"' in listed
        assert "Being worked on" not in listed
        page = (await public.get(address)).text
        assert "It passes every check" in page
        assert 'name="csrf"' not in page
        html = await public.get(f"{address}/en.html")
        assert "A quiet &lt;b&gt;half-year&lt;/b&gt;." in html.text
        assert "default-src 'none'" in html.headers["content-security-policy"]
        pdf = await public.get(f"{address}/fr.pdf")
        assert pdf.content.startswith(b"%PDF")
        assert "attachment" in pdf.headers["content-disposition"]
        row = (await public.get(API)).json()["rows"][0]
        detail = (await public.get(row["address"])).json()
        assert "fields" not in detail
        assert [one["act"] for one in detail["log"]][-3:] == ["reviewed", "signed-off", "released"]
        hashes = {file["name"]: file["sha256"] for file in detail["files"]}
        assert detail["log"][-1]["files"] == hashes
        assert all(check["passed"] for check in detail["checks"])
        frozen = (await public.get(f"{row['address']}/snapshot")).content
        assert hashlib.sha256(frozen).hexdigest() == detail["snapshot"]
        same = await public.get(f"{row['address']}/files/fr.pdf")
        assert same.content == pdf.content
    with node.records.read() as conn:
        actions = [entry.action for entry in audit.latest(conn, action="report.")]
    assert actions[::-1] == [
        "report.created",
        "report.written",
        "report.frozen",
        "report.submitted",
        "report.reviewed",
        "report.signed-off",
        "report.released",
    ]
    await editor.aclose()
    await other.aclose()


async def test_made_again_it_is_the_same_and_a_changed_file_is_noticed(app: FastAPI, node: FakeNode) -> None:
    async with aclosing(await signed_in(app, node.key(Scope.EDIT))) as editor:
        address = await begun(editor)
        await post(editor, f"{address}/work", address, act="freeze")
        same = await post(editor, f"{address}/work", address, act="compare")
        assert "The files are the same, byte by byte" in same.text
        with node.records.begin() as conn:
            conn.exec_driver_sql("UPDATE report_files SET sha256 = 'aa' WHERE name = 'en.zip'")
        other = await post(editor, f"{address}/work", address, act="compare")
        assert "The files differ" in other.text
        assert "It does not pass every check" in other.text


async def test_a_released_report_stays_and_its_next_version_begins_as_a_draft(app: FastAPI, node: FakeNode) -> None:
    editor = await signed_in(app, node.key(Scope.EDIT))
    other = await signed_in(app, node.key(Scope.APPROVE))
    address = await begun(editor, "tracker")
    await post(editor, f"{address}/edit", comment="First.", **LABELS)
    for http, path, act in (
        (editor, "work", "freeze"),
        (editor, "work", "submit"),
        (other, "approve", "reviewed"),
        (other, "approve", "signed-off"),
        (other, "approve", "released"),
    ):
        assert (await post(http, f"{address}/{path}", address, act=act)).status_code == 303
    assert (await editor.get(f"{address}/edit")).status_code == 409
    assert (await post(editor, f"{address}/work", address, act="freeze")).status_code == 409
    assert (await post(other, f"{address}/approve", "/sign-in", act="returned")).status_code == 409
    second = await post(editor, f"{address}/work", address, act="next")
    assert second.headers["location"].endswith("/2/edit")
    assert "First." in (await editor.get(second.headers["location"])).text
    assert (await post(editor, f"{address}/work", address, act="next")).status_code == 409
    async with client(app) as public:
        assert (await public.get(address.removesuffix("/1"))).status_code == 200
        assert (await public.get(address.removesuffix("/1") + "/2")).status_code == 404
    await editor.aclose()
    await other.aclose()


async def test_what_does_not_pass_is_not_signed_off(app: FastAPI, node: FakeNode) -> None:
    editor = await signed_in(app, node.key(Scope.EDIT))
    other = await signed_in(app, node.key(Scope.APPROVE))
    address = await begun(editor, synthetic="1")
    await post(editor, f"{address}/edit", comment="Call +33 6 12 34 56 78.", **LABELS)
    await post(editor, f"{address}/work", address, act="freeze")
    await post(editor, f"{address}/work", address, act="submit")
    await post(other, f"{address}/approve", address, act="reviewed")
    page = (await other.get(address)).text
    assert "It does not pass every check" in page
    answer = await other.post(
        f"{address}/approve", data={"csrf": csrf(page), "act": "signed-off"}, headers={"accept": "application/json"}
    )
    assert answer.status_code == 409
    assert answer.json()["checks"] == ["made-up", "people"]
    back = await post(other, f"{address}/approve", address, act="returned", note="Take the number out.")
    assert back.status_code == 303
    assert "Take the number out." in (await editor.get(address)).text
    await editor.aclose()
    await other.aclose()


async def test_evidence_of_the_period_is_not_repeated(app: FastAPI, node: FakeNode) -> None:
    excerpt = "Your parcel waits at the depot, pay the fee today"
    node.events.answers["Which evidence meets"][0]["excerpt"] = excerpt
    async with aclosing(await signed_in(app, node.key(Scope.EDIT))) as editor:
        address = await begun(editor)
        await post(editor, f"{address}/edit", comment=f"They wrote: {excerpt}!", **LABELS)
        await post(editor, f"{address}/work", address, act="freeze")
        detail = (await editor.get(f"/api/v1/policy{address}")).json()
    assert [check["name"] for check in detail["checks"] if not check["passed"]] == ["excerpts"]


async def test_wrong_input_is_shown_beside_its_field_and_nothing_is_lost(app: FastAPI, node: FakeNode) -> None:
    async with aclosing(await signed_in(app, node.key(Scope.EDIT))) as editor:
        wrong = await post(
            editor,
            "/reports/new",
            "/reports/new?kind=operator",
            kind="operator",
            period="2025-13",
            operator="",
            exact="1",
        )
        assert wrong.status_code == 422
        assert {*re.findall(r'id="wrong-(\w+)"', wrong.text)} == {"period", "operator", "exact"}
        address = await begun(editor, "tsag")
        typed = {"summary": "Kept <text>", "sg17-1.date": "tomorrow", "sg17-1.actions": "x" * 4001}
        answer = await post(editor, f"{address}/edit", **typed, **LABELS)
        assert answer.status_code == 422
        assert {*re.findall(r'id="wrong-([\w.-]+)"', answer.text)} == {"sg17-1.date", "sg17-1.actions"}
        assert "Kept &lt;text&gt;" in answer.text
        label = await post(editor, f"{address}/edit", tlp="TLP:RED")
        assert 'id="wrong-tlp"' in label.text
        assert (await editor.get("/reports/new?kind=nothing")).status_code == 404


async def test_two_writers_do_not_overwrite_each_other(app: FastAPI, node: FakeNode) -> None:
    async with aclosing(await signed_in(app, node.key(Scope.EDIT))) as editor:
        address = await begun(editor)
        old = (await editor.get(f"{address}/edit")).text
        await post(editor, f"{address}/edit", comment="The first.", **LABELS)
        stale = {"csrf": csrf(old), "seen": re.findall(r'name="seen" value="(\d+)"', old)[0], "comment": "The second."}
        answer = await editor.post(f"{address}/edit", data={**stale, **LABELS})
        assert answer.status_code == 422
        assert "somebody else has changed this report" in answer.text
        assert "The second." in answer.text
        assert "The first." in (await editor.get(f"{address}/edit")).text


async def test_exact_figures_need_the_right_to_read_evidence_and_are_never_public(app: FastAPI, node: FakeNode) -> None:
    given = {"operator": "Example Mobile", "exact": "1", "tlp": "TLP:AMBER+STRICT"}
    editor = await signed_in(app, node.key(Scope.EDIT, Scope.EVIDENCE))
    plain = await signed_in(app, node.key(Scope.EDIT))
    other = await signed_in(app, node.key(Scope.APPROVE))
    address = await begun(editor, "operator", **given)
    assert (await plain.get(address)).status_code == 404
    assert (await plain.get("/reports")).text.count(address) == 0
    for http, path, act in (
        (editor, "work", "freeze"),
        (editor, "work", "submit"),
        (other, "approve", "reviewed"),
        (other, "approve", "signed-off"),
        (other, "approve", "released"),
    ):
        answer = await post(http, f"{address}/{path}", address, act=act)
        assert answer.status_code == 303, answer.text
    async with client(app) as public:
        assert (await public.get(address)).status_code == 404
        assert (await public.get(API)).json()["rows"] == []
    for http in (editor, plain, other):
        await http.aclose()


@pytest.mark.parametrize("path", ["/reports/new", "{a}/edit", "{a}/work", "{a}/approve"])
async def test_forms_from_elsewhere_are_refused(app: FastAPI, node: FakeNode, path: str) -> None:
    async with aclosing(await signed_in(app, node.key(Scope.EDIT, Scope.APPROVE))) as editor:
        address = await begun(editor)
        answer = await editor.post(path.format(a=address), data={"csrf": "x", "act": "freeze", "kind": "tsag"})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/reports/new?kind=tsag", Scope.EDIT),
        ("POST", "/reports/new", Scope.EDIT),
        ("GET", "{a}/edit", Scope.EDIT),
        ("POST", "{a}/edit", Scope.EDIT),
        ("POST", "{a}/work", Scope.EDIT),
        ("POST", "{a}/approve", Scope.APPROVE),
        ("POST", API, Scope.EDIT),
        ("PUT", "{b}/fields", Scope.EDIT),
        ("POST", "{b}/build", Scope.EDIT),
        ("POST", "{b}/submit", Scope.EDIT),
        ("POST", "{b}/steps", Scope.APPROVE),
    ],
)
async def test_nobody_without_the_right_changes_anything(
    app: FastAPI, node: FakeNode, method: str, path: str, scope: Scope
) -> None:
    address = path.format(a=f"/reports/{'0' * 16}/1", b=f"{API}/{'0' * 16}/1")
    async with client(app) as nobody, client(app, secret=node.key(*(set(Scope) - {scope, Scope.ADMIN}))) as others:
        assert (await nobody.request(method, address)).status_code == 401
        assert (await others.request(method, address)).status_code == 403


async def test_the_api_does_what_the_pages_do(app: FastAPI, node: FakeNode) -> None:
    editor, other = client(app, secret=node.key(Scope.EDIT)), client(app, secret=node.key(Scope.APPROVE))
    wrong = await editor.post(API, json={"kind": "member-state", "period": "2025-10", "country": "XX"})
    assert (wrong.status_code, set(wrong.json()["fields"])) == (422, {"period", "country"})
    assert (await editor.post(API, json={"kind": "tsag", "period": "2025", "more": 1})).status_code == 422
    made = await editor.post(API, json={"kind": "tsag", "period": "2025", "languages": ["fr"], "author": "es"})
    assert made.status_code == 201
    assert made.json()["languages"] == ["fr", "es"]
    address = made.json()["address"]
    refused = await editor.put(f"{address}/fields", json={"fields": {"nothing": "x", "sg17-1.date": "x"}})
    assert (refused.status_code, set(refused.json()["fields"])) == (422, {"nothing", "sg17-1.date"})
    assert (await editor.put(f"{address}/fields", json={"fields": {"summary": "Hecho."}})).status_code == 200
    assert (await editor.post(f"{address}/submit")).status_code == 409
    built = await editor.post(f"{address}/build")
    assert built.status_code == 200
    assert (await editor.post(f"{address}/submit")).status_code == 200
    assert (await other.post(f"{address}/steps", json={"act": "released"})).status_code == 409
    for act in ("reviewed", "signed-off", "released"):
        assert (await other.post(f"{address}/steps", json={"act": act})).status_code == 200
    text = (await editor.get(f"{address}/files/fr.html")).text
    assert 'lang="es"' in text
    assert "Hecho." in text
    for path in (f"{address}/files/en.html", f"{address}/files/xx.exe", f"{API}/{'1' * 16}/1"):
        assert (await editor.get(path)).status_code in (404, 422)
    await editor.aclose()
    await other.aclose()


async def test_sections_of_other_instruments_are_frozen_with_the_figures(app: FastAPI, node: FakeNode) -> None:
    def sections(_: Any, asked: Span) -> dict[str, Any]:
        rows = [[f"Workshop of {asked.name}", 40]]
        return {"workshops": {"columns": [["name", "Title", "text"], ["n", "Reports", "number"]], "rows": rows}}

    app.state.report_sections = sections
    async with aclosing(await signed_in(app, node.key(Scope.EDIT))) as editor:
        address = await begun(editor, "tsag")
        await post(editor, f"{address}/work", address, act="freeze")
        assert "Workshop of 2025-H2" in (await editor.get(f"{address}/en.html")).text
        frozen = orjson.loads((await editor.get(f"/api/v1/policy{address}/snapshot")).content)
    assert frozen["sections"]["workshops"]["rows"] == [["Workshop of 2025-H2", 40]]


async def test_a_font_that_is_missing_is_said_on_the_page(
    app: FastAPI, node: FakeNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("counterspam.policy.reports.pdf.installed", lambda: frozenset({"DejaVu Sans"}))
    async with aclosing(await signed_in(app, node.key(Scope.EDIT))) as editor:
        address = await begun(editor, author="zh")
        answer = await post(editor, f"{address}/work", address, act="freeze")
        assert answer.status_code == 409
        assert "no font for the language zh is installed" in answer.text


async def test_on_this_machine_with_open_access_one_person_does_it_all(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, open_access=True)
    async with client(create_app(node), peer="127.0.0.1", host="localhost") as http:
        address = await begun(http)
        for path, act in (
            ("work", "freeze"),
            ("work", "submit"),
            ("approve", "reviewed"),
            ("approve", "signed-off"),
            ("approve", "released"),
        ):
            assert (await post(http, f"{address}/{path}", address, act=act)).status_code == 303
    node.close()
