"""The pages of training: learners with and without an account, certificates, workshops, downloads, statistics, and the API."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pypdf
import pytest
from counted_answers import records
from fake_node import client
from jsonschema import Draft202012Validator
from starlette.requests import Request
from starlette.responses import Response
from test_pages import Node, Outline
from typer.testing import CliRunner

from counterspam import cli
from counterspam.policy.training import calendar, certificate, library, quiz
from counterspam.store import audit, training
from counterspam.web.app import create_app
from counterspam.web.training import pages, progress

FOLDER = Path(__file__).parents[1] / "policy" / "training" / "modules"
ITEMS = library.load([FOLDER], ("en", "fr")).quizzes["try-it", "en"]
HTML = {"accept": "text/html"}
MODULE = "/training/try-it"
PUBLIC = [
    "/training",
    "/training?audience=policy&region=002",
    "/training?way=officer",
    MODULE,
    f"{MODULE}?audience=user",
    f"{MODULE}/print",
    f"{MODULE}/print?kit=1",
    f"{MODULE}/quiz",
    f"{MODULE}/quiz?audience=policy",
    f"{MODULE}/exercise",
    "/training/certificate",
    "/training/verify",
    "/training/workshops",
    "/training/statistics",
]


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Node]:
    """A node whose only module is the one of the tests."""
    monkeypatch.setattr("counterspam.web.training.shelf.folders", lambda _: [FOLDER])
    found = Node(tmp_path, monkeypatch)
    yield found
    found.close()


@pytest.fixture
async def web(node: Node) -> Any:
    """A learner without an account, who keeps cookies."""
    async with client(create_app(node), accept="text/html") as http:
        yield http


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, f"no field {name}"
    return html.unescape(found[1])


def right(text: str) -> dict[str, Any]:
    """A form with every question answered rightly."""
    asked = [item for item in ITEMS if f'name="q-{item.id}"' in text]
    assert len(asked) >= quiz.FEWEST
    return {f"q-{item.id}": [str(place) for place in item.answer] for item in asked}


async def take(http: httpx.AsyncClient, audience: str = "user", **more: Any) -> httpx.Response:
    """Take the questions, all answers right unless `more` says otherwise."""
    address = f"{MODULE}/quiz?audience={audience}"
    page = (await http.get(address)).text
    form = {"csrf": hidden(page, "csrf"), "drawn": hidden(page, "drawn"), **right(page), **more}
    return await http.post(address, data=form)


async def send(http: httpx.AsyncClient, path: str, **form: Any) -> httpx.Response:
    """A form with the token that the page at `path` gives."""
    page = await http.get(path)
    return await http.post(path, data={"csrf": hidden(page.text, "csrf"), **form})


def written(node: Node) -> list[str]:
    """The actions in the audit log."""
    with node.records.read() as conn:
        return [entry.action for entry in reversed(audit.latest(conn))]


@pytest.mark.parametrize("state", ["full", "made up", "empty"])
@pytest.mark.parametrize("path", PUBLIC)
async def test_every_page_is_public_and_well_made(node: Node, web: httpx.AsyncClient, path: str, state: str) -> None:
    if state == "made up":
        node.made_up()
    if state == "empty":
        node.nothing()
    answer = await web.get(path)
    assert answer.status_code == 200
    found = Outline(answer.text)
    assert [fault for fault in found.faults if "www.example.org" not in fault] == []
    assert len(found.ids) == len(set(found.ids))
    assert found.targets <= set(found.ids)
    assert found.tags.count("table") == found.tags.count("caption")
    assert (found.tags.count("h1"), found.tags.count("main")) == (1, 1)
    assert "What it answers" in answer.text
    assert "<script>alert" not in answer.text
    figures = path.partition("?")[0] in (MODULE, f"{MODULE}/print")
    assert ("Demonstration: synthetic data." in answer.text) is (figures and state == "made up")


@pytest.mark.parametrize(
    "path",
    [
        "/training/nothing",
        "/training/nothing/quiz",
        "/training/" + "x" * 500,
        f"{MODULE}/nothing",
        f"{MODULE}/quiz?audience=operator",
        "/training/workshops/0123456789abcdef",
        "/training/package-ru.zip",
        "/training/package-xx.zip",
        "/training/scorm/try-it-ar.zip",
        "/training/scorm/nothing-en.zip",
        "/training/scorm/try-it-fr.zip?audience=policy",
    ],
)
async def test_what_is_not_there_is_not_found(web: httpx.AsyncClient, path: str) -> None:
    assert (await web.get(path)).status_code == 404


async def test_a_reader_gets_the_language_there_is_and_is_told(web: httpx.AsyncClient) -> None:
    french = (await web.get(f"{MODULE}?lang=fr&audience=user")).text
    assert "Envoyez-le au numéro court" in french
    assert 'lang="en" dir="ltr">A module' not in french
    arabic = (await web.get(f"{MODULE}?lang=ar&audience=user")).text
    assert '<bdi lang="en" dir="ltr">A module to try everything</bdi>' in arabic
    assert '<div class="training" lang="en" dir="ltr">' in arabic
    policy = (await web.get(f"{MODULE}?lang=fr&audience=policy")).text
    assert "Never rank countries" in policy, "the French text is for users only"


async def test_figures_are_those_of_the_node_with_their_date(web: httpx.AsyncClient) -> None:
    text = (await web.get(MODULE)).text
    drawn = text.partition("<figure")[2].partition("</figure>")[0]
    assert "What was reported here" in drawn
    assert "Messages judged spam, by channel" in drawn
    assert re.search(r"as of \d+ \w+ \d{4}", drawn)
    assert 'href="/volume?period=30d"' in drawn


async def test_a_named_path_is_offered_in_the_regions_that_it_is_for(web: httpx.AsyncClient) -> None:
    assert "not known here" in (await web.get("/training?audience=user&region=009")).text
    named = (await web.get("/training?way=officer")).text
    assert "<bdi>Officer</bdi>" in named
    assert "way=officer" not in (await web.get("/training?audience=policy&region=150")).text, "it is for Africa"
    assert "way=officer" in (await web.get("/training?audience=policy&region=002")).text


def test_what_was_reported_in_a_region_is_counted_by_channel(node: Node) -> None:
    node.counted.records = [
        *records(7, channel="voice", destination="NG"),
        *records(6, channel="sms", destination="SN"),
        *records(9, channel="voice", destination="DE"),
        *records(3, channel="email", destination="NG"),
    ]
    request = Request({"type": "http", "app": create_app(node), "headers": [], "method": "GET", "path": "/"})
    assert pages.reported_in(request, "002") == {"voice": 7, "sms": 6}, "of fewer than 5 reporters nothing is said"
    assert pages.reported_in(request, "009") == {}


# Learning


async def test_a_learner_without_an_account_passes_and_gets_a_certificate(node: Node, web: httpx.AsyncClient) -> None:
    answer = await take(web, region="002")
    assert "5 of 5 answers are right" in answer.text
    assert "httponly" in answer.headers["set-cookie"].lower()
    assert "100" in (await web.get("/training")).text
    with node.records.read() as conn:
        (count,) = training.counts(conn)
    assert (count["audience"], count["region"], count["tries"], count["completed"]) == ("user", "002", 1, 1)
    made = await send(web, "/training/certificate", subject="try-it", name="A  learner\n")
    assert made.headers["content-type"] == "application/pdf"
    text = "".join(pypdf.PdfReader(io.BytesIO(made.content)).pages[0].extract_text().replace("\u200b", "").split())
    assert "Alearner" in text
    assert "100of100points" in text
    code = re.search(r"CSC1\.[\w-]+\.[\w-]{86}", text)
    assert code
    seen = await send(web, "/training/verify", code=code[0])
    assert "This certificate is genuine" in seen.text
    assert "<bdi>A learner</bdi>" in seen.text
    assert "Unknown" not in seen.text
    with node.records.read() as conn:
        log = audit.latest(conn)
    assert [entry.action for entry in log] == ["certificate.issue"]
    assert "learner" not in log[0].detail
    with node.records.read() as conn:
        assert training.certified(conn) == [("try-it", 1)]


async def test_a_whole_path_is_certified_when_all_of_it_was_passed(web: httpx.AsyncClient) -> None:
    await take(web, "user")
    page = (await web.get("/training/certificate")).text
    assert 'value="path-everyone"' in page
    assert 'value="path-user"' in page
    assert 'value="path-officer"' not in page
    made = await send(web, "/training/certificate", subject="path-everyone", name="A")
    assert made.status_code == 200
    refused = await send(web, "/training/certificate", subject="path-officer", name="A")
    assert refused.status_code == 422


async def test_wrong_answers_are_explained_and_other_questions_follow(node: Node, web: httpx.AsyncClient) -> None:
    answer = await take(web, "policy", **dict.fromkeys((f"q-{item.id}" for item in ITEMS), "99"))
    assert "0 of 5 answers are right; 80" in answer.text
    assert "set-cookie" not in answer.headers
    assert answer.text.count("Not right.") == 5
    before = set(re.findall(r'name="(q-[^"]+)"', answer.text))
    link = re.search(r'href="([^"]*drawn=[^"]*)"', answer.text)
    assert link
    again = (await web.get(html.unescape(link[1]))).text
    assert not before & set(re.findall(r'name="(q-[^"]+)"', again))
    assert 'name="name"' not in (await web.get("/training/certificate")).text


async def test_a_form_sent_again_after_reading_the_answers_counts_for_nothing(
    node: Node, web: httpx.AsyncClient
) -> None:
    address = f"{MODULE}/quiz?audience=user"
    page = (await web.get(address)).text
    form = {"csrf": hidden(page, "csrf"), "drawn": hidden(page, "drawn")}
    await web.post(address, data=form)
    answer = await web.post(address, data={**form, **right(page)})
    assert "counted already" in answer.text
    assert "set-cookie" not in answer.headers
    with node.records.read() as conn:
        assert [row["tries"] for row in training.counts(conn)] == [1]


@pytest.mark.parametrize(
    "drawn", ["", "x", "0123456789abcdef.0.user.en.", "0123456789abcdef.0.user.en." + "0" * 32, "." * 150]
)
async def test_questions_that_this_node_did_not_draw_are_refused(web: httpx.AsyncClient, drawn: str) -> None:
    page = (await web.get(f"{MODULE}/quiz")).text
    answer = await web.post(f"{MODULE}/quiz", data={"csrf": hidden(page, "csrf"), "drawn": drawn})
    assert answer.status_code == 400
    assert (await web.get(f"{MODULE}/quiz", params={"drawn": drawn})).status_code == 200


async def test_a_forged_cookie_is_no_progress(node: Node, web: httpx.AsyncClient) -> None:
    await take(web)
    genuine = web.cookies[progress.COOKIE]
    for value in (genuine[:-1] + "0", "x." + genuine.partition(".")[2], "", "...", "é" * 10):
        async with client(create_app(node), accept="text/html") as other:
            headers = {"cookie": f"{progress.COOKIE}={value}".encode()}
            assert "Delete my progress" not in (await other.get("/training", headers=headers)).text
    async with client(create_app(node), accept="text/html") as other:
        headers = {"cookie": f"{progress.COOKIE}={genuine}"}
        assert "Delete my progress" in (await other.get("/training", headers=headers)).text


async def test_the_cookie_stays_within_what_browsers_keep(node: Node) -> None:
    app = create_app(node)
    request = Request({"type": "http", "app": app, "headers": [], "method": "GET", "path": "/"})
    passed = {(f"module-{i}-{'x' * 40}", "policy"): progress.Passed(90, i * progress.DAY) for i in range(200)}
    answer = Response()
    progress.keep(request, answer, passed)
    value = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
    assert len(value) <= progress.MOST_COOKIE
    again = Request({**request.scope, "headers": [(b"cookie", f"{progress.COOKIE}={value}".encode())]})
    found = progress.on_device(again)
    assert 20 < len(found) < 200
    assert max(passed, key=lambda key: passed[key].at) in found, "the latest stay"


async def test_progress_on_the_device_is_deleted_on_demand(web: httpx.AsyncClient) -> None:
    await take(web)
    page = (await web.get("/training")).text
    assert (await web.post("/training/forget", data={"csrf": hidden(page, "csrf")})).status_code == 303
    assert "Delete my progress" not in (await web.get("/training")).text


async def test_an_account_keeps_its_progress_and_takes_that_of_the_device_along(
    node: Node, web: httpx.AsyncClient
) -> None:
    await take(web, "user")
    secret = node.key("training:learn")
    async with client(create_app(node), secret=secret, accept="text/html") as http:
        http.cookies = web.cookies
        answer = await take(http, "policy")
        assert "Max-Age=0" in answer.headers["set-cookie"], "the device forgets"
        http.cookies = httpx.Cookies()
        assert "kept with your account" in (await http.get("/training")).text
        assert 'value="path-officer"' in (await http.get("/training/certificate")).text
        account = secret.split("_")[1]
        with node.records.read() as conn:
            found = {(row.audience, row.score) for row in training.progress(conn, account)}
        assert found == {("user", 100), ("policy", 100)}
        assert written(node) == ["training.pass"]
        page = (await http.get("/training")).text
        await http.post("/training/forget", data={"csrf": hidden(page, "csrf")})
        with node.records.read() as conn:
            assert training.progress(conn, account) == []
        assert written(node)[-1] == "training.forget"


@pytest.mark.parametrize(
    "path", [f"{MODULE}/quiz", f"{MODULE}/exercise", "/training/certificate", "/training/verify", "/training/forget"]
)
async def test_a_form_without_its_token_is_refused(web: httpx.AsyncClient, path: str) -> None:
    assert (await web.post(path, data={"code": "x"})).status_code in (400, 403)


async def test_a_name_is_needed_and_nothing_typed_is_lost(web: httpx.AsyncClient) -> None:
    await take(web)
    answer = await send(web, "/training/certificate", subject="try-it", name="\u200b ")
    assert answer.status_code == 422
    assert 'aria-describedby="name-error"' in answer.text
    assert Outline(answer.text).faults == []
    answer = await send(web, "/training/certificate", subject="another", name="Zoë <b>")
    assert 'value="Zoë &lt;b&gt;"' in answer.text
    assert 'id="subject-error"' in answer.text


async def test_a_script_without_a_font_is_told_beside_the_name(
    web: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    await take(web)
    monkeypatch.setattr(certificate, "installed", frozenset)
    answer = await send(web, "/training/certificate", subject="try-it", name="متعلمة")
    assert answer.status_code == 422
    assert "no font for Arabic" in answer.text


@pytest.mark.parametrize("code", ["x", "CSC1.e30.AAAA", "<b>", "CSC1." + "A" * 5000])
async def test_what_is_no_code_is_said_to_be_none(web: httpx.AsyncClient, code: str) -> None:
    answer = await send(web, "/training/verify", code=code)
    assert answer.status_code == 200
    assert "This node did not sign that" in answer.text
    assert "<b>" not in answer.text.partition("<textarea")[2].partition("</textarea>")[0]


async def test_an_exercise_says_what_is_right_and_keeps_what_was_typed(web: httpx.AsyncClient) -> None:
    path = f"{MODULE}/exercise"
    answer = await send(web, path, **{"s-sum": "10", "s-rows": "2, 3", "s-to": "1", "s-share": "<i>"})
    assert "2 of 5 steps are right" in answer.text
    assert ">2, 3</textarea>" in answer.text
    assert 'value="&lt;i&gt;"' in answer.text
    assert answer.text.count("Not right.") == 2
    assert "They share the link." in answer.text
    assert "It stands in both texts." not in answer.text, "what was not answered is not given away"


# Workshops

FORM = {
    "kind": "webinar",
    "title": "Numbers & <signs>",
    "lang": "fr",
    "audience": "policy",
    "region": "002",
    "day": "2027-01-20",
    "time": "09:30",
    "hours": "1,5",
    "place": "Dakar",
    "url": "https://node.example/room",
    "summary": "One\nTwo",
}


@pytest.fixture
async def editor(node: Node) -> Any:
    async with client(create_app(node), secret=node.key("policy:edit"), accept="text/html") as http:
        yield http


async def entered(editor: httpx.AsyncClient, **more: str) -> str:
    """The address of a new workshop."""
    answer = await send(editor, "/training/workshops/new", **{**FORM, **more})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def test_a_workshop_is_entered_changed_and_in_the_calendar(
    node: Node, editor: httpx.AsyncClient, web: httpx.AsyncClient
) -> None:
    address = await entered(editor)
    page = (await web.get(address)).text
    assert "Numbers &amp; &lt;signs&gt;" in page
    assert "Record who came" not in page
    assert address in (await web.get("/training/workshops")).text
    assert address not in (await web.get("/training/workshops?region=150")).text
    (event,) = calendar.read((await web.get("/training/workshops.ics")).content)
    assert (event.title, event.place, event.summary) == ("Numbers & <signs>", "Dakar", "One\nTwo")
    assert event.ends_at - event.starts_at == 5_400_000
    form = await editor.get(f"{address}/edit")
    version = hidden(form.text, "version")
    assert 'value="1.5"' in form.text
    changed = {**FORM, "title": "Another", "cancelled": "1", "version": version}
    assert (await send(editor, f"{address}/edit", **changed)).status_code == 303
    (event,) = calendar.read((await web.get("/training/workshops.ics")).content)
    assert (event.title, event.cancelled, event.sequence) == ("Another", True, 1)
    stale = await send(editor, f"{address}/edit", **changed)
    assert stale.status_code == 409
    assert "Somebody else changed this" in stale.text
    assert written(node) == ["workshop.create", "workshop.change"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "x" * 500), ("kind", "party"), ("lang", "xx"), ("audience", "all"), ("region", "999"),
        ("day", "soon"), ("day", "1812-01-01"), ("hours", "0"), ("hours", "nan"), ("hours", "1e9"), ("url", "javascript:x"),
    ],
)  # fmt: skip
async def test_a_wrong_form_is_shown_again_with_the_error_beside_the_field(
    node: Node, editor: httpx.AsyncClient, field: str, value: str
) -> None:
    answer = await send(editor, "/training/workshops/new", **{**FORM, field: value})
    assert answer.status_code == 422
    assert f'id="{field}-error"' in answer.text
    assert 'value="Dakar"' in answer.text
    assert Outline(answer.text).faults == []
    assert written(node) == []


async def test_attendance_is_numbers_of_which_the_public_sees_no_small_group(
    node: Node, editor: httpx.AsyncClient, web: httpx.AsyncClient
) -> None:
    address = await entered(editor, day="2026-01-20")
    groups = {
        "audience": ["policy", "policy", "policy", "user"],
        "region": ["002", "002", "150", ""],
        "gender": ["women", "women", "men", ""],
        "people": ["8", "4", "2", ""],
    }
    answer = await send(editor, f"{address}/attendance", **groups, answers="9", score="4,5")
    assert answer.status_code == 303, answer.text
    exact, public = (await editor.get(address)).text, (await web.get(address)).text
    assert "14 people came" in exact and "14 people came" in public  # noqa: PT018
    assert "4.5 of 5 points" in public
    assert '<td class="n">2</td>' in exact
    assert '<td class="n">2</td>' not in public
    assert '<td class="n">12</td>' in exact
    assert '<td class="n">12</td>' not in public, "with the total it would tell the small group"
    assert "All others together" in public
    assert "4.5 of 5 points" in (await web.get("/training/statistics")).text
    assert written(node)[-1] == "workshop.attendance"
    wrong = await send(
        editor, f"{address}/attendance", **{**groups, "people": ["8", "-4", "2", ""]}, answers="x", score="9"
    )
    assert wrong.status_code == 422
    assert 'id="people-1-error"' in wrong.text
    assert 'id="answers-error"' in wrong.text
    assert 'value="-4"' in wrong.text
    assert Outline(wrong.text).faults == []


@pytest.mark.parametrize("scope", ["", "training:learn", "statistics:read", "policy:approve"])
async def test_only_editors_enter_workshops(node: Node, editor: httpx.AsyncClient, scope: str) -> None:
    address = await entered(editor)
    async with client(create_app(node), secret=node.key(scope) if scope else "") as http:
        for path in ("/training/workshops/new", f"{address}/edit", f"{address}/attendance"):
            for method in ("GET", "POST"):
                assert (await http.request(method, path)).status_code == (403 if scope else 401)


async def test_many_workshops_are_listed_page_by_page(
    editor: httpx.AsyncClient, web: httpx.AsyncClient, node: Node
) -> None:
    await entered(editor)
    with node.records.begin() as conn:
        one = training.ahead(conn, 0)[0]
        for i in range(90):
            values = {field: getattr(one, field) for field in one.__dataclass_fields__}
            at = 1_600_000_000_000 + i * 86_400_000
            training.save(conn, training.Workshop(**{**values, "id": f"{i:016x}", "starts_at": at, "ends_at": at + 1}))
    seen: list[str] = []
    address = "/training/workshops"
    for _ in range(9):
        page = (await web.get(address)).text.partition('id="gone-h"')[2]
        seen += re.findall(r'/training/workshops/(0[0-9a-f]{15})"', page)
        link = re.search(r'href="([^"]*before=[^"]*)"', page)
        if not link:
            break
        address = html.unescape(link[1])
    assert seen == [f"{i:016x}" for i in reversed(range(90))]


# Downloads, statistics, API


async def test_packages_hold_the_figures_of_the_node_without_links_into_it(web: httpx.AsyncClient) -> None:
    for path, page in (("/training/package-en.zip", "01-try-it.html"), ("/training/scorm/try-it-en.zip", "index.html")):
        answer = await web.get(path)
        assert answer.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            text = archive.read(page).decode()
            assert b"--accent" in archive.read("site.css")
        figure = text.partition("<figure")[2].partition("</figure>")[0]
        assert "Messages judged spam, by channel" in figure
        assert "<a " not in figure


async def test_statistics_add_small_numbers_together(node: Node, web: httpx.AsyncClient) -> None:
    with node.records.begin() as conn:
        for region, count in (("002", 7), ("150", 3), ("142", 2)):
            for _ in range(count):
                training.count(conn, "2026-10", "try-it", "user", region, completed=True)
    text = (await web.get("/training/statistics")).text
    table = text.partition("Modules completed, by: Region")[2].partition("</section>")[0]
    assert re.findall(r'<td class="n">(\d+)</td>', table) == ["7", "5", "12"]
    assert "Europe" not in table
    answer = (await web.get("/api/v1/training/statistics")).json()
    assert answer["indicator"] == "K21"
    assert answer["completed"]["region"] == {"rows": [["002", 7]], "pooled": 5, "cells": 2, "total": 12}
    assert answer["people"]["gender"]["total"] == 0


async def test_the_api_gives_what_its_models_promise(
    node: Node, web: httpx.AsyncClient, editor: httpx.AsyncClient
) -> None:
    await entered(editor)
    document = create_app(node).openapi()
    for path, asked in (
        ("/api/v1/training/modules", "/api/v1/training/modules?lang=fr&audience=user"),
        ("/api/v1/training/modules/{slug}", "/api/v1/training/modules/try-it?lang=fr"),
        ("/api/v1/training/statistics", "/api/v1/training/statistics"),
        ("/api/v1/training/key", "/api/v1/training/key"),
        ("/api/v1/training/workshops", "/api/v1/training/workshops?audience=policy&region=002"),
    ):
        schema = document["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        answer = await web.get(asked)
        assert answer.status_code == 200
        Draft202012Validator({**schema, "components": document["components"]}).validate(answer.json())
        assert answer.json().get("rows") != []
    found = (await web.get("/api/v1/training/modules/try-it?lang=fr")).json()
    assert (found["lang"], found["languages"], len(found["questions"])) == ("fr", ["en", "fr"], 10)
    for wrong in (
        "modules/nothing",
        "modules/UP",
        "workshops?cursor=x",
        "workshops?region=Africa",
        "modules?audience=all",
    ):
        answer = await web.get(f"/api/v1/training/{wrong}")
        assert answer.status_code in (404, 422)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_code_is_checked_over_the_api_and_on_the_command_line(
    node: Node, web: httpx.AsyncClient, tmp_path: Path
) -> None:
    key = certificate.signing_key(node.config.data)
    one = certificate.Certificate(
        name="A", subject="try-it", title="T", lang="en", audience="user", score=80, day="2026-10-10", serial="0" * 16
    )
    code = certificate.sign(one, key)
    answer = (await web.post("/api/v1/training/verify", json={"code": code})).json()
    assert answer["valid"]
    assert (answer["certificate"]["name"], answer["issued_at"]) == ("A", 0)
    assert not (await web.post("/api/v1/training/verify", json={"code": code[:-4]})).json()["valid"]
    assert (await web.post("/api/v1/training/verify", json={"code": "x" * 9000})).status_code == 422
    pem = tmp_path / "key.pem"
    pem.write_text((await web.get("/api/v1/training/key")).json()["pem"], encoding="utf-8")
    run = CliRunner()
    for more in (["--key", str(pem)], ["--data", str(node.config.data)]):
        result = run.invoke(cli.app, ["training", "verify", code, *more])
        assert result.exit_code == 0
        assert "try-it" in result.output
    assert run.invoke(cli.app, ["training", "verify", code[:-4], "--key", str(pem)]).exit_code == 1


def test_the_command_line_says_what_is_wrong_in_a_folder(tmp_path: Path) -> None:
    assert CliRunner().invoke(cli.app, ["training", "check", str(FOLDER)]).exit_code == 0
    (tmp_path / "09-broken").mkdir()
    (tmp_path / "09-broken" / "en.md").write_text("no", encoding="utf-8")
    result = CliRunner().invoke(cli.app, ["training", "check", str(tmp_path)])
    assert result.exit_code == 1
    assert "09-broken/en.md" in result.output + result.stderr


async def test_too_many_tries_in_a_minute_are_slowed_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("counterspam.web.training.shelf.folders", lambda _: [FOLDER])
    node = Node(tmp_path, monkeypatch, rate_per_minute=2)
    try:
        async with client(create_app(node), accept="text/html") as http:
            assert [(await take(http)).status_code for _ in range(3)] == [200, 200, 429]
    finally:
        node.close()
