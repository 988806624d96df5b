"""Questionnaires that a node writes: taken, refused with every place, previewed, approved by another, asked and answered."""

import gzip
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import yaml
from fake_node import FakeNode, client
from test_pages import Outline

from counterspam import asking
from counterspam.errors import ConfigError
from counterspam.policy.questionnaire import own
from counterspam.policy.questionnaire.definition import load
from counterspam.policy.questionnaire.form_file import write
from counterspam.store import audit, forms, waves
from counterspam.web.app import create_app
from counterspam.web.language import LANGUAGES
from counterspam.web.questionnaire import profile

PATH = "/questionnaires/forms"
VERSION = "ci-operators-2026"
DAY = 86_400
SMALL = """\
version: tiny-2027
title: Two <script>alert(1)</script> questions
purpose: To ask little.
lists:
  colour: {red: Red, blue: Blue}
  row: {one: First, two: Second}
sections:
  - id: S1
    title: Only
    questions:
      - {id: Q1, text: Which colour, kind: choice, options: colour}
      - {id: Q2, text: How much, kind: currency, unit: per year}
      - id: Q3
        text: Table
        rows: row
        columns:
          - {id: n, text: Number, kind: integer, unit: pieces, least: 0}
          - {id: c, text: Colour, kind: choice, options: colour}
      - {id: Q4, text: Said openly, kind: long, disclosure: public}
"""


class Site:
    """A node, with two editors of whom either may approve."""

    def __init__(self, folder: Path) -> None:
        self.node = FakeNode(folder)
        self.app = create_app(self.node)
        self.keys = [self.node.key("policy:edit", "policy:approve") for _ in range(2)]

    def web(self, who: int | None = 0) -> httpx.AsyncClient:
        """The browser of an editor, or of nobody."""
        return client(self.app, secret="" if who is None else self.keys[who], accept="text/html")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found = Site(tmp_path)
    yield found
    found.node.close()


def changed() -> str:
    """The shipped version under another name: a question added, one taken out, a list changed, a translation mended."""
    raw = yaml.safe_load(own.shipped_text("2026"))
    raw["version"], raw["title"] = VERSION, "Questions to operators"
    raw["lists"]["role"]["reseller"] = "Reseller"
    section = next(one for one in raw["sections"] if one["id"] == "B2")
    section["questions"].append({"id": "B2.9", "text": "Spam seen in tests", "kind": "integer", "unit": "per month"})
    raw["sections"][-1]["questions"] = [one for one in raw["sections"][-1]["questions"] if one["id"] != "B8.1d"]
    raw["translations"]["fr"]["Country"] = "Pays ou zone"
    return own.text_of(raw).replace(f"derived_from: {VERSION}", "derived_from: '2026'", 1)


async def csrf(web: httpx.AsyncClient, path: str) -> str:
    """The token of a page."""
    found = re.search(r'name="csrf" value="([^"]+)"', (await web.get(path)).text)
    assert found
    return found[1]


async def upload(web: httpx.AsyncClient, text: str | bytes) -> httpx.Response:
    """Send a file as the page does."""
    token = await csrf(web, PATH)
    return await web.post(PATH, data={"csrf": token}, files={"file": ("a.yaml", text)})


async def act(web: httpx.AsyncClient, version: str, what: str, **given: str) -> httpx.Response:
    """Press a button of the page of a version."""
    page = (await web.get(f"{PATH}/{version}")).text
    hash = re.search(r'name="hash" value="([0-9a-f]{64})"', page)
    given = {"csrf": await csrf(web, "/questionnaires/new"), "hash": hash[1] if hash else "", **given}
    return await web.post(f"{PATH}/{version}/{what}", data=given)


async def published(site: Site, text: str, version: str) -> None:
    """Written by one, approved by the other."""
    async with site.web(0) as one, site.web(1) as other:
        assert (await upload(one, text)).status_code == 303
        assert (await act(one, version, "propose")).status_code == 303
        assert (await act(other, version, "publish", remark="Read.")).status_code == 303


async def test_a_whole_round_from_download_to_publication(site: Site) -> None:
    async with site.web(None) as anybody:
        file = await anybody.get(f"{PATH}/2026/file.yaml")
        assert (
            own.checked(file.content.replace(b"version: '2026'", b"version: copy-1", 1)).sections
            == load("2026").sections
        )
    await published(site, changed(), VERSION)
    async with site.web(0) as office, site.web(None) as anybody:
        assert VERSION in (await office.get(f"/questionnaires/new?version={VERSION}")).text
        given = {"id": "2026-ci", "title": "A wave", "version": VERSION, "period": "2026"}
        given |= {
            "opens": day(-2),
            "closes": day(9),
            "reminder": "x",
            "csrf": await csrf(office, "/questionnaires/new"),
        }
        assert (await office.post("/questionnaires/new", data=given)).status_code == 303
        manage = "/questionnaires/2026-ci/manage"
        lines = "".join(f"Member {n},CI,reseller,s1,,\n" for n in range(6))
        sent = {"csrf": await csrf(office, manage), "lines": lines}
        page = (await office.post("/questionnaires/2026-ci/invite", data=sent)).text
        codes = re.findall(r'<code dir="ltr">([0-9A-Z-]{29})</code>', page)
        assert len(codes) == 6
        for number, code in enumerate(codes):
            await answered(site, code, by_file=bool(number % 2))
        sent = {"csrf": await csrf(office, manage), "act": "prepare"}
        assert (await office.post(manage, data=sent)).status_code == 303
        async with site.web(1) as other:
            token = await csrf(other, manage)
            sent = {"csrf": token, "number": "1", "decision": "approved"}
            assert (await other.post("/questionnaires/2026-ci/release", data=sent)).status_code == 303
        page = (await anybody.get("/questionnaires/2026-ci?section=B2&by=role")).text
        assert "Spam seen in tests" in page
        published_ = (await anybody.get("/api/v1/questionnaires/2026-ci")).json()
        assert published_["definition"] == VERSION
        assert next(row for row in published_["figures"] if row["cell"] == "B2.9")["median"] == 7
        api = (await anybody.get(f"/api/v1/questionnaires/definitions/{VERSION}?lang=fr")).json()
        assert api["sections"][0]["questions"][0]["text"] == "Pays ou zone"
        assert VERSION in (await anybody.get("/api/v1/questionnaires")).json()["definitions"]
        assert (
            "reseller" in (await anybody.get("/api/v1/questionnaires/2026-ci/answers.csv")).text or "Reseller" in page
        )


def day(distance: int) -> str:
    """A day as forms write it."""
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + distance * DAY))


async def answered(site: Site, code: str, *, by_file: bool) -> None:
    """One respondent, from the code to the sign-off."""
    given = {"B2.9": "7", "B2.9#quality": "measured", "B0.5": "Desk", "B0.6": "yes"}
    async with site.web(None) as web:
        token = await csrf(web, "/questionnaires/answer")
        base = (await web.post("/questionnaires/answer", data={"csrf": token, "code": code})).headers["location"]
        sent = {"csrf": await csrf(web, base)}
        if by_file:
            with site.node.records.read() as conn:
                known = asking.form(conn, VERSION)
            form = write(known, given, wave="2026-ci", member="x")
            answer = await web.post(f"{base}/file", data=sent, files={"file": ("a.xlsx", form)})
            assert answer.status_code == 200
        else:
            for section in ("B0", "B2"):
                some = {key: text for key, text in given.items() if key.startswith(section)}
                first = {"B0.1": "CI", "B0.2": "Member", "B0.3": "reseller", "B0.4": "s1"} if section == "B0" else {}
                answer = await web.post(f"{base}/section/{section}", data={**sent, **first, **some})
                assert answer.status_code == 303
        signed = await web.post(f"{base}/sign", data={**sent, "name": "Head", "agree": "1"})
        assert signed.status_code == 303, signed.text


async def test_four_eyes_and_what_stays_as_it_is(site: Site) -> None:
    async with site.web(0) as one, site.web(1) as other:
        assert (await upload(one, SMALL)).status_code == 303
        assert (await act(other, "tiny-2027", "publish")).status_code == 409, "it is not proposed"
        assert (await act(one, "tiny-2027", "propose")).status_code == 303
        refused = await act(one, "tiny-2027", "publish")
        assert (refused.status_code, "omebody else" in refused.text) == (409, True)
        seen = re.search(r'name="hash" value="([0-9a-f]{64})"', (await other.get(f"{PATH}/tiny-2027")).text)
        assert seen
        assert (await upload(other, SMALL.replace("little", "less"))).status_code == 303
        assert (await act(other, "tiny-2027", "propose")).status_code == 303
        assert (await act(one, "tiny-2027", "publish", hash=seen[1])).status_code == 409, "changed since it was read"
        assert (await act(one, "tiny-2027", "publish")).status_code == 409, "both wrote at it"
        third = site.node.key("policy:approve")
        async with client(site.app, secret=third, accept="text/html") as approver:
            page = (await approver.get(f"{PATH}/tiny-2027")).text
            hash = re.findall(r'name="hash" value="([0-9a-f]{64})"', page)[0]
            token = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
            sent = {"csrf": token, "hash": hash, "remark": "Fine."}
            assert (await approver.post(f"{PATH}/tiny-2027/publish", data=sent)).status_code == 303
        again = await upload(one, SMALL.replace("little", "much"))
        assert (again.status_code, "stays as it is" in again.text) == (409, True)
        shipped = await upload(one, own.shipped_text("2026"))
        assert (shipped.status_code, "comes with the software" in shipped.text) == (409, True)
        unknown = await upload(one, SMALL.replace("version: tiny-2027", "version: x-1\nderived_from: none-1"))
        assert unknown.status_code == 409
    with site.node.records.read() as conn:
        assert [row.act for row in forms.acts(conn, "tiny-2027")] == ["publish", "propose", "write", "propose", "write"]
        noted = [row.action for row in audit.latest(conn, action="form.")]
    assert noted.count("form.publish") == 1


async def test_a_faulty_file_is_not_kept_and_says_where(site: Site) -> None:
    wrong = (
        SMALL.replace("kind: long", "kind: novel").replace("rows: row", "rows: rows").replace("Red,", "Red, red: No,")
    )
    async with site.web(0) as web:
        answer = await upload(web, wrong)
        assert answer.status_code == 422
        for said in ("There is no list “rows”.", "Choose one of: integer", "This key stands here twice."):
            assert said in answer.text
        assert "sections[1].questions[4].kind" in answer.text
        assert Outline(answer.text).faults == []
        assert (await upload(web, b"\xff\xfe")).status_code == 422
        assert (await upload(web, b"")).status_code == 422
        assert (await upload(web, b"#" * 530_000)).status_code == 422
        assert (await upload(web, b"#" * 700_000)).status_code == 413
    with site.node.records.read() as conn:
        assert forms.listed(conn) == []


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_pages_are_well_made_and_light(site: Site, lang: str) -> None:
    async with site.web(0) as web:
        assert (await upload(web, changed())).status_code == 303
        assert (await upload(web, SMALL)).status_code == 303
        paths = [PATH, f"{PATH}/2026", f"{PATH}/{VERSION}", f"{PATH}/tiny-2027", f"{PATH}/tiny-2027/preview"]
        for path in [*paths, *(f"{PATH}/{VERSION}/preview?section={one.id}" for one in load("2026").sections)]:
            answer = await web.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
            assert answer.status_code == 200, path
            found = Outline(answer.text)
            assert found.faults == [], path
            assert len(found.ids) == len(set(found.ids)), path
            assert found.targets <= set(found.ids), (path, found.targets - set(found.ids))
            assert found.tags.count("table") == found.tags.count("caption"), path
            assert "<script>alert" not in answer.text
            assert len(gzip.compress(answer.content, 6)) < 40_000, path
            assert not re.search(r"Form\(|Question\(", answer.text), path


async def test_the_page_of_a_draft_names_what_is_otherwise_and_what_lacks(site: Site) -> None:
    async with site.web(0) as web:
        assert (await upload(web, changed())).status_code == 303
        page = (await web.get(f"{PATH}/{VERSION}?lang=en")).text
        added, removed = page.index("Questions added"), page.index("Questions taken out")
        assert added < page.index("Spam seen in tests") < removed < page.index("What would help most")
        assert "<ins>option reseller: Reseller</ins>" in page
        assert "<ins>title: Questions to operators</ins>" in page
        assert "Translations mended" in page
        assert "What gets nothing from it" in page
        assert '<li lang="en">' in page or "Reseller</li>" in page, "a text without translation is named"
        assert (await upload(web, SMALL)).status_code == 303
        page = (await web.get(f"{PATH}/tiny-2027?lang=en")).text
        for said in ("(B0.1 to B0.4)", "stands beside what is measured", "in US dollars", "(feeds)"):
            assert said in page


async def test_drafts_are_for_those_who_write_and_approve(site: Site) -> None:
    async with site.web(0) as web:
        assert (await upload(web, SMALL)).status_code == 303
    async with site.web(None) as anybody:
        for path in ("", "/preview", "/file.yaml", "/form.xlsx"):
            assert (await anybody.get(f"{PATH}/tiny-2027{path}")).status_code == 404
            assert (await anybody.get(f"{PATH}/2026{path}")).status_code == 200
        assert "tiny-2027" not in (await anybody.get(PATH)).text
        assert (await anybody.get("/api/v1/questionnaires/definitions/tiny-2027")).status_code == 404
    with site.node.records.read() as conn, pytest.raises(ConfigError):
        asking.form(conn, "tiny-2027")


def asker(site: Site, country: str) -> Any:
    """What a panel asks, of a node that measured nothing."""
    return SimpleNamespace(
        view=SimpleNamespace(subject=country),
        node=site.node,
        keep=lambda key, seconds, find: find(),
        narrowed=lambda **given: lambda dimension: SimpleNamespace(rows=[]),
    )


async def test_a_questionnaire_without_the_usual_questions_works_everywhere(site: Site) -> None:
    await published(site, SMALL, "tiny-2027")
    async with site.web(0) as web:
        given: dict[str, Any] = {"id": "2027-1", "title": "Small", "version": "tiny-2027", "period": "2026"}
        given |= {"opens": day(-2), "closes": day(9), "reminder": "x", "csrf": await csrf(web, "/questionnaires/new")}
        assert (await web.post("/questionnaires/new", data=given)).status_code == 303
        manage = "/questionnaires/2027-1/manage"
        sent = {"csrf": await csrf(web, manage), "lines": "".join(f"M{n},FR,,,,\n" for n in range(6))}
        page = (await web.post("/questionnaires/2027-1/invite", data=sent)).text
        bases = list(dict.fromkeys(re.findall(r"/questionnaires/answer/[0-9a-f]{16}", page)))
        assert len(bases) == 6
        answers = {"Q1": "red", "Q2": "12", "Q2#quality": "measured", "Q3/one/n": "3", "Q3#quality": "measured"}
        codes = re.findall(r'<code dir="ltr">([0-9A-Z-]{29})</code>', page)
        for code in codes:
            async with site.web(None) as other:
                token = await csrf(other, "/questionnaires/answer")
                base = (await other.post("/questionnaires/answer", data={"csrf": token, "code": code})).headers[
                    "location"
                ]
                sent = {"csrf": await csrf(other, base), **answers, "Q4": "Said."}
                assert (await other.post(f"{base}/section/S1", data=sent)).status_code == 303
                for path in ("", "/section/S1", "/print", "/form.xlsx"):
                    assert (await other.get(base + path)).status_code == 200
                assert (await other.post(f"{base}/sign", data={**sent, "name": "H", "agree": "1"})).status_code == 303
        assert (await web.post(manage, data={"csrf": await csrf(web, manage), "act": "prepare"})).status_code == 303
        async with site.web(1) as other:
            sent = {"csrf": await csrf(other, manage), "number": "1", "decision": "approved"}
            assert (await other.post("/questionnaires/2027-1/release", data=sent)).status_code == 303
        for path in ("", "?by=role", "?by=size", "?section=S1", "/form", "/form.xlsx", "/manage"):
            assert (await web.get(f"/questionnaires/2027-1{path}")).status_code == 200, path
        assert (await web.get(f"{bases[0]}/beside")).status_code == 200
        for path in ("", "/figures.csv", "/answers.csv", "/results.xlsx"):
            assert (await web.get(f"/api/v1/questionnaires/2027-1{path}")).status_code == 200, path
        assert "Said." in str(profile.panel(asker(site, "FR")))
        assert (await web.get("/costs?country=FR")).status_code == 200
    with site.node.records.read() as conn:
        wave = waves.get(conn, "2027-1")
        assert wave
        assert wave.definition_hash == asking.form(conn, "tiny-2027").hash
