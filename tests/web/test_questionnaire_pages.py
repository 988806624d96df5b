"""The questionnaire's pages and API: who gets in, what is kept, what is refused, and that pages are well made."""

import gzip
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from fake_node import FakeNode, client
from test_pages import Outline

from bench import members
from counterspam import questionnaires
from counterspam.policy.costs.inputs import settled
from counterspam.policy.questionnaire.definition import load
from counterspam.policy.questionnaire.form_file import write
from counterspam.store import audit, invitations, responses, waves
from counterspam.store.invitations import Invitation
from counterspam.web.app import create_app
from counterspam.web.language import LANGUAGES
from counterspam.web.questionnaire import seats

WAVE = "2026-1"
HOSTILE = '"><script>alert(1)</script>'
KNOWN = load("2026")
DAY = 86_400_000


class Site:
    """A node with one open wave and one invitation."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.node = FakeNode(folder, **settings)
        self.app = create_app(self.node)
        now = int(time.time() * 1000)
        self.wave = questionnaires.new_wave(WAVE, "A wave", "2026", "2026", now - DAY, now + DAY)
        self.one = Invitation(
            id="a" * 16, wave=WAVE, member=HOSTILE, country="FR", role="isp", size="s1", contact="d@m.example"
        )
        with self.node.records.begin() as conn:
            waves.add(conn, self.wave)
            invitations.add(conn, self.one)
            self.code = invitations.make_code(conn, self.one.id, by="o", at=1)
        self.base = f"/questionnaires/answer/{self.one.id}"

    def web(self, *scopes: str, **more: Any) -> httpx.AsyncClient:
        """A browser, signed in by a key with these scopes or not."""
        secret = self.node.key(*scopes) if scopes else ""
        return client(self.app, secret=secret, accept="text/html", **more)

    def stored(self) -> dict[str, str]:
        """The answers as they stand."""
        with self.node.records.read() as conn:
            return dict(responses.last(conn, self.one.id).content)

    def whole(self) -> dict[str, str]:
        """Answers without a fault."""
        return members.answers(KNOWN, 8) | {"B0.1": "FR"}

    def sign(self) -> None:
        """Save and sign such answers."""
        with self.node.records.begin() as conn:
            questionnaires.save(conn, self.wave, self.one, self.whole(), by="x", at=self.wave.opens_at, way="web")
            questionnaires.sign(conn, self.wave, self.one, by="x", name="Head", at=self.wave.opens_at)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found = Site(tmp_path)
    yield found
    found.node.close()


def pages(site: Site) -> list[str]:
    """Every page of the slice."""
    inside = [site.base, f"{site.base}/print", *(f"{site.base}/section/{one.id}" for one in KNOWN.sections)]
    outside = ["/questionnaires", f"/questionnaires/{WAVE}", f"/questionnaires/{WAVE}/form", "/questionnaires/answer"]
    return [*outside, "/questionnaires/new", f"/questionnaires/{WAVE}/manage", *inside]


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_every_page_is_well_made_and_light(site: Site, lang: str) -> None:
    with site.node.records.begin() as conn:
        given = {"B2.1/sms/total": HOSTILE, "B0.2": HOSTILE, "B1.1b": HOSTILE, "B4.3": "90", "B0.3": HOSTILE}
        questionnaires.save(conn, site.wave, site.one, given, by="x", at=site.wave.opens_at, way="web")
        questionnaires.prepare(conn, site.wave, by="x", at=1)
    async with site.web("admin") as web:
        for path in [*pages(site), f"/questionnaires/{WAVE}?release=1"]:
            answer = await web.get(f"{path}{'&' if '?' in path else '?'}lang={lang}")
            assert answer.status_code == 200, path
            found = Outline(answer.text)
            assert found.faults == [], path
            assert len(found.ids) == len(set(found.ids)), path
            assert found.targets <= set(found.ids), (path, found.targets - set(found.ids))
            assert found.tags.count("h1") == 1
            assert found.tags.count("table") == found.tags.count("caption"), path
            assert "<script>alert" not in answer.text
            assert len(gzip.compress(answer.content, 6)) < 40_000, path
            assert answer.headers["cache-control"] == "no-store"
            assert not re.search(r"Version\(|Invitation\(", answer.text), path


async def test_who_gets_in(site: Site) -> None:
    own, public = pages(site)[4:], pages(site)[:4]
    async with site.web() as web:
        assert {(await web.get(path)).status_code for path in public} == {200}
        assert {(await web.get(path)).status_code for path in own} <= {303, 404}
    async with site.web("questionnaire:answer", "training:learn", "evidence:read") as web:
        assert {(await web.get(path)).status_code for path in own} <= {403, 404}
    async with site.web("policy:edit") as web:
        assert {(await web.get(path)).status_code for path in own} == {200}


async def test_an_account_answers_what_it_is_invited_to(site: Site) -> None:
    secret = site.node.key("questionnaire:answer")
    with site.node.records.begin() as conn:
        mine = Invitation(
            id="b" * 16, wave=WAVE, member="Mine", country="FR", role="isp", size="s1", account=secret.split("_")[1]
        )
        invitations.add(conn, mine)
    async with client(site.app, secret=secret, accept="text/html") as web:
        assert "Mine" in (await web.get("/questionnaires/answer")).text
        assert (await web.get(f"/questionnaires/answer/{mine.id}")).status_code == 200
        assert (await web.get(site.base)).status_code == 404
        form = write(KNOWN, site.whole(), wave=WAVE, member="Mine")
        path = f"/api/v1/questionnaires/{WAVE}/answers"
        taken = (await web.post(path, content=form)).json()
        assert (taken["version"], taken["problems"], taken["refused"]) == (1, [], [])
        wrong = write(KNOWN, {"B2.1/sms/total": "many"}, wave=WAVE, member="Mine")
        (problem,) = (await web.post(path, content=wrong)).json()["problems"]
        assert (problem["key"], problem["text"]) == ("B2.1/sms/total", "A number is expected, such as 1200 or 12.5.")
        assert problem["cell"].startswith("B2!E")
        refused = await web.post(path, content=b"x")
        assert (refused.status_code, refused.json()["reason"]) == (422, "file-kind")
        assert (await web.post(path, content=b"x" * 1_100_000)).status_code == 413
        assert (await web.post("/api/v1/questionnaires/2020-1/answers", content=form)).status_code == 404
    async with site.web("questionnaire:answer") as web:
        assert (await web.post(path, content=form)).status_code == 404
    async with site.web("policy:edit") as web:
        assert (await web.post(path, content=form)).status_code == 403


async def test_a_code_is_exchanged_for_a_cookie_and_stands_in_no_address(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    async with site.web() as web:
        door = "/questionnaires/answer"
        answer = await members.post(web, door, door, data={"code": site.code})
        cookie = answer.headers["set-cookie"]
        assert (answer.headers["location"], "HttpOnly" in cookie, "samesite=strict" in cookie.lower()) == (
            site.base,
            True,
            True,
        )
        assert f"Path={door}" in cookie
        assert site.code not in cookie
        assert (await web.get(site.base)).status_code == 200
        assert (await web.get("/api/v1/keys")).status_code == 401, "a code is no key"
        stolen = web.cookies[seats.COOKIE]
        await members.post(web, site.base, f"{door}/leave")
        assert (await web.get(site.base)).status_code == 404
        for forged in (stolen[:-1] + ("0" if stolen[-1] != "0" else "1"), "a.b.c", "x", f"{'0' * 64}.9999999999.x"):
            assert (await web.get(site.base, headers={"Cookie": f"{seats.COOKIE}={forged}"})).status_code == 404
        with site.node.records.begin() as conn:
            invitations.revoke(conn, site.one.id, 5)
        assert (await web.get(site.base, headers={"Cookie": f"{seats.COOKIE}={stolen}"})).status_code == 404
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))]
    assert not [line for line in ours if site.code in line]


async def test_codes_are_not_guessed(site: Site) -> None:
    async with site.web() as web:
        door = "/questionnaires/answer"
        answer = await members.post(web, door, door, 403, data={"code": "AAAAA-AAAAA"})
        assert "This code opens nothing" in answer.text
        token = members.csrf((await web.get(door)).text)
        tries = [(await web.post(door, data={"code": "x", "csrf": token})).status_code for _ in range(seats.TRIES + 1)]
        assert (tries[0], tries[-1]) == (403, 429)
    async with site.web() as web:
        assert (await web.post(door, data={"code": site.code})).status_code == 403, "no form of ours"


async def test_wrong_answers_stay_with_what_is_wrong_beside_them(site: Site) -> None:
    async with site.web() as web:
        base = await members.enter(web, site.code)
        path = f"{base}/section/B2"
        data = {"B2.1/sms/total": "5", "B2.1/sms/spam": HOSTILE, "B2.2/sms/share": "101"}
        await members.post(web, path, path, data=data)
        page = (await web.get(path)).text
        assert 'aria-invalid="true" aria-describedby="q-b2-1-sms-spam-w"' in page
        assert "At most 100 is expected." in page
        assert "A number is expected, such as 1200 or 12.5." in page
        assert site.stored()["B2.1/sms/spam"] == HOSTILE
        await members.post(web, base, f"{base}/sign", 409, data={"name": "Head", "agree": "1"})
        arabic = (await web.get(f"{path}?lang=ar")).text
        assert 'dir="rtl"' in arabic
        assert "الرسائل والمكالمات بحسب القناة" in arabic


async def test_a_doubt_is_confirmed_by_a_comment_and_the_sign_off_closes(site: Site) -> None:
    async with site.web() as web:
        base = await members.enter(web, site.code)
        whole = {**site.whole(), "B4.3": "60", "B4.3#quality": "measured"}
        await members.online(web, base, KNOWN, whole, members.Shown())
        await members.post(web, base, f"{base}/sign", 409, data={"name": "Head", "agree": "1"})
        await members.online(web, base, KNOWN, {**whole, "B4.3#comment": "A flood."}, members.Shown())
        await members.post(web, base, f"{base}/sign", 422, data={"name": " ", "agree": "1"})
        await members.post(web, base, f"{base}/sign", data={"name": "Head", "agree": "1"})
        page = await web.get(f"{base}/section/B2")
        assert "cannot be changed now" in page.text
        token = members.csrf((await web.get(base)).text)
        assert (await web.post(f"{base}/section/B2", data={"csrf": token})).status_code == 409
    async with site.web("policy:edit") as office:
        manage = f"/questionnaires/{WAVE}/manage"
        act = {"act": "reopen", "invitation": site.one.id}
        await members.post(office, manage, manage, 409, data=act)
        await members.post(office, manage, manage, data={**act, "reason": "A slip in B2"})
        await members.post(office, site.base, f"{site.base}/sign", 404, data={"name": "Office", "agree": "1"})
    with site.node.records.read() as conn:
        assert [one.act for one in responses.acts(conn, site.one.id)] == ["sign", "reopen"]
        assert audit.check(conn, site.app.state.access.audit_key).broken == 0


async def test_a_colleague_sees_one_section_and_loses_it_again(site: Site) -> None:
    async with site.web() as web, site.web() as other:
        base = await members.enter(web, site.code)
        page = await members.post(web, base, f"{base}/delegate", 200, data={"section": "B6", "label": "Finance"})
        code = re.search(r'<code dir="ltr">([0-9A-Z-]{29})</code>', page.text)
        assert code
        await members.enter(other, code[1])
        assert (await other.get(f"{base}/section/B6")).status_code == 200
        for path in ("/section/B2", "/beside"):
            assert (await other.get(base + path)).status_code == 404
        for path in ("/sign", "/delegate", "/revoke"):
            await members.post(other, base, base + path, 404, data={"name": "x", "agree": "1", "section": "B6"})
        await members.post(other, base, f"{base}/section/B6", data={"B6.1a": "3", "B2.1/sms/total": "9"})
        form = members.filled(
            (await other.get(f"{base}/form.xlsx")).content, KNOWN, {"B6.2c": "5", "B2.1/sms/total": "9"}
        )
        taken = await members.post(other, base, f"{base}/file", 200, files={"file": ("a.xlsx", form)})
        assert "This is outside the section that your code opens." in taken.text
        assert (site.stored()["B6.1a"], site.stored()["B6.2c"], site.stored().get("B2.1/sms/total")) == ("3", "5", None)
        await members.post(web, base, f"{base}/revoke", data={"code": invitations.hashed(code[1])})
        assert (await other.get(f"{base}/section/B6")).status_code == 404
        assert (await web.get(base)).status_code == 200


async def test_empty_cells_leave_or_take_away_as_asked(site: Site) -> None:
    async with site.web() as web:
        base = await members.enter(web, site.code)
        await members.post(web, base, f"{base}/section/B7", data={"B7.1a": "Law"})
        blank = write(KNOWN, {}, wave=WAVE, member="x")
        await members.post(web, base, f"{base}/file", 200, files={"file": ("a.xlsx", blank)})
        assert site.stored()["B7.1a"] == "Law"
        await members.post(web, base, f"{base}/file", 200, data={"empty": "1"}, files={"file": ("a.xlsx", blank)})
        assert "B7.1a" not in site.stored()
        refused = await members.post(web, base, f"{base}/file", 422, files={"file": ("a.xlsx", b"PK")})
        assert "This is no XLSX file, or it is damaged." in refused.text


async def test_a_closed_wave_is_open_to_the_office_only(site: Site) -> None:
    with site.node.records.begin() as conn:
        waves.move_deadline(conn, WAVE, site.wave.opens_at + 1)
    async with site.web() as web, site.web("policy:edit") as office:
        base = await members.enter(web, site.code)
        await members.post(web, base, f"{base}/section/B7", 409, data={"B7.1a": "Law"})
        await members.post(office, base, f"{base}/section/B7", data={"B7.1a": "On paper"})
        assert site.stored()["B7.1a"] == "On paper"


async def test_invitations_are_made_or_none_of_them(site: Site) -> None:
    async with site.web("policy:edit") as office:
        manage, invite = f"/questionnaires/{WAVE}/manage", f"/questionnaires/{WAVE}/invite"
        lines = "A,FR,isp,s1,,\nB,XX,isp,s1,,\nC,FR,king,s1,,\nD,FR,isp,s1,no mail,"
        page = await members.post(office, manage, invite, 422, data={"lines": lines})
        assert "Nobody was invited" in page.text
        assert "A,FR,isp,s1" in page.text, "what was typed is not lost"
        page = await members.post(
            office, manage, invite, 200, data={"lines": '"A, of F",FR,isp,s1,,\nB,DE,mail,s2,b@x.example,'}
        )
        assert len(re.findall(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}", page.text)) == 2
        page = await members.post(office, manage, manage, 200, data={"act": "code", "invitation": site.one.id})
        (new,) = re.findall(r"[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}", page.text)
    async with site.web() as web:
        door = "/questionnaires/answer"
        await members.post(web, door, door, 403, data={"code": site.code})
        assert await members.enter(web, new) == site.base


async def test_reminders_are_a_text_where_there_is_no_relay(site: Site) -> None:
    async with site.web("policy:edit") as office:
        manage, remind = f"/questionnaires/{WAVE}/manage", f"/questionnaires/{WAVE}/remind"
        await members.post(office, manage, remind, 409, data={"way": "mail"})
        text = (await members.post(office, manage, remind, 200, data={"way": "text"})).text
        assert "d@m.example" in text
        assert f"until {datetime.fromtimestamp(site.wave.closes_at / 1000, UTC):%Y-%m-%d}" in text
        assert site.code not in text
        again = await members.post(office, manage, remind, 200, data={"way": "text"})
        assert again.text == "", "nobody is reminded twice in a week"
        assert "Nobody is due." in (await office.get(manage)).text


async def test_reminders_are_handed_to_the_relay_when_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path, mail_relay_host="relay.example")
    sent: list[Any] = []
    monkeypatch.setattr("counterspam.notify.send", lambda config, mail: sent.append(mail) or "")
    async with site.web("policy:edit") as office:
        manage = f"/questionnaires/{WAVE}/manage"
        assert "Send by mail: 1" in (await office.get(manage)).text
        await members.post(office, manage, f"/questionnaires/{WAVE}/remind", data={"way": "mail"})
    site.node.close()
    assert [mail["To"] for mail in sent] == ["d@m.example"]
    assert "/questionnaires/answer" in sent[0].get_content()


@pytest.mark.parametrize(
    "given",
    [
        {"id": "wave"},
        {"id": "answer"},
        {"period": "2026-W41"},
        {"period": "soon"},
        {"closes": "2026-01-01"},
        {"opens": "x"},
        {"title": " "},
        {"version": "1999"},
        {"id": WAVE},
    ],
)
async def test_a_wave_that_cannot_be_is_refused_and_nothing_typed_is_lost(site: Site, given: dict[str, str]) -> None:
    fine = {
        "id": "2027-1",
        "title": "T",
        "version": "2026",
        "period": "2027",
        "opens": "2027-01-01",
        "closes": "2027-03-31",
    }
    async with site.web("policy:edit") as office:
        new = "/questionnaires/new"
        page = await members.post(office, new, new, 422, data={**fine, "reminder": "Dear {member}", **given})
        assert "Dear {member}" in page.text


async def test_the_definition_is_public_in_six_languages(site: Site) -> None:
    async with site.web() as web:
        found = (await web.get("/api/v1/questionnaires/definitions/2026?lang=fr")).json()
        assert found["sections"][2]["questions"][0]["text"] == "Messages et appels par canal"
        assert found["hash"] == KNOWN.hash
        assert (await web.get("/api/v1/questionnaires/definitions/2025")).status_code == 404
        rows = (await web.get("/api/v1/questionnaires")).json()["rows"]
        assert (rows[0]["id"], rows[0]["published"], rows[0]["response"][0]["invited"]) == (WAVE, False, 1)
        assert (await web.get(f"/questionnaires/{WAVE}/form.xlsx")).content[:2] == b"PK"


async def test_released_files_do_not_run_as_formulas(site: Site) -> None:
    site.sign()
    with site.node.records.begin() as conn:
        questionnaires.reopen(conn, site.one, by="o", reason="x", at=3)
        given = {"B7.1a": "=HYPERLINK(1)"}
        questionnaires.save(conn, site.wave, site.one, given, by="x", at=site.wave.opens_at, way="web")
        questionnaires.sign(conn, site.wave, site.one, by="x", name="Head", at=site.wave.opens_at)
        questionnaires.prepare(conn, site.wave, by="x", at=1)
        questionnaires.decide(conn, WAVE, 1, "approved", by="y", at=2)
    async with site.web() as web:
        csv = (await web.get(f"/api/v1/questionnaires/{WAVE}/answers.csv")).text
        assert "'=HYPERLINK(1)" in csv
        assert (await web.get(f"/api/v1/questionnaires/{WAVE}/results.xlsx")).content[:2] == b"PK"
        page = (await web.get(f"/questionnaires/{WAVE}?section=B7")).text
        assert "=HYPERLINK(1)" in page


def test_the_cost_model_takes_public_answers_of_approved_waves(site: Site) -> None:
    public = {
        "B6.2e": "9",
        "B6.2e#disclosure": "public",
        "B6.2b#disclosure": "public",
        "B6.2b": "12",
        "B6.0a": "EUR",
        "B6.0b": "0.9",
    }
    with site.node.records.begin() as conn:
        given = site.whole() | public
        questionnaires.save(conn, site.wave, site.one, given, by="x", at=site.wave.opens_at, way="web")
        questionnaires.sign(conn, site.wave, site.one, by="x", name="Head", at=site.wave.opens_at)
        questionnaires.prepare(conn, site.wave, by="x", at=1)
    assert site.app.state.cost_answers("FR") == {}, "not approved yet"
    with site.node.records.begin() as conn:
        questionnaires.decide(conn, WAVE, 1, "approved", by="y", at=2)
    found = site.app.state.cost_answers("FR")
    assert found["transit_price"]["value"] == pytest.approx([10, 10, 10])
    assert found["support_share"]["value"] == pytest.approx([0.12, 0.12, 0.12])
    used = settled("FR", found)
    assert (used["transit_price"].base, str(used["transit_price"].provenance)) == (pytest.approx(10), "questionnaire")
    assert used["support_share"].year == "2026"
    assert site.app.state.cost_answers("DE") == {}
