"""The pages of the repository and of the action plan: what they say, what they let through, and that they are well made."""

import gzip
import re
from collections.abc import Iterator
from html import unescape
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_node import FakeNode, client

from counterspam.policy.repository import plan, provisions, unions
from counterspam.policy.repository.fields import FIELDS, Kind, leaves
from counterspam.policy.repository.shipped import shipped
from counterspam.store import audit, entries, plans
from counterspam.store.entries import Version
from counterspam.web import format as formats
from counterspam.web.app import create_app
from counterspam.web.language import LANGUAGES, spoken
from counterspam.web.repository import forms, labels
from counterspam.web.repository.book import load
from counterspam.web.views import country

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"
LAW = "US-CANSPAM"
PUBLIC = [
    "/laws",
    "/laws?country=FR",
    "/laws?q=no+such+word+anywhere",
    "/laws?provision=consent&region=Africa&status=in+force&channels=sms&page=2",
    "/laws?review=stale",
    "/laws/US-CANSPAM",
    "/laws/AL-DP",
    "/laws/EU-EPRIVACY",
    "/laws/FR-CPCE",
    "/laws/BN-NONE",
    "/laws/US-CANSPAM/history",
    "/laws/compare",
    "/laws/compare?of=US,FR,SG,GH,EU,AU,NZ,ZA",
    "/laws/compare?of=US,FR,SG,GH,EU,AU,NZ,ZA&page=2",
    "/laws/map",
    "/laws/map?provision=covers-voice",
    "/laws/gaps",
    "/laws/gaps?country=DE&against=consent&against=powers",
    "/laws/covered",
    "/laws/covered?a=AU&b=US",
    "/laws/covered?a=AU-SPAM&b=US",
    "/practices",
    "/practices?pillar=education&layer=equipment&audience=user",
    "/practices/RFC-7208",
    "/cooperation",
    "/cooperation?kind=treaty&scope=global",
    "/cooperation/UCENET",
    "/cooperation/UCENET/history",
    "/plan",
    "/plan/feedback-technical",
    "/contribute/laws",
    "/contribute/laws?id=US-CANSPAM",
    "/contribute/practices?id=RFC-7208",
    "/contribute/bodies",
]
GUARDED = {
    "/moderation": "policy:approve",
    "/moderation?state=refused": "policy:approve",
    "/moderation/1": "policy:approve",
}


@pytest.fixture
def node(tmp_path: Path) -> Iterator[FakeNode]:
    found = FakeNode(tmp_path, jurisdiction="GH", rate_per_minute=0)
    yield found
    found.close()


async def get(node: FakeNode, path: str, *scopes: str) -> Any:
    secret = node.key(*scopes) if scopes else ""
    async with client(create_app(node), secret=secret, accept="text/html") as web:
        return await web.get(path)


def text(page: Any) -> str:
    """The words of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.text)).split())


def fill(node: FakeNode, **changes: Any) -> int:
    """A waiting proposal for a law."""
    content = dict(shipped(Kind.LAW)[LAW]) | changes
    with node.records.begin() as conn:
        version = Version(kind="laws", id=LAW, base=0, content=content, author_name=HOSTILE, comment=HOSTILE,
                          contact="a@b.example", proposed_at=1_790_000_000_000)  # fmt: skip
        return entries.propose(conn, version).number


def publish(node: FakeNode, number: int) -> None:
    with node.records.begin() as conn:
        entries.decide(
            conn, number, "published", approver="k", approver_name=HOSTILE, reason=HOSTILE, at=1_790_000_001_000
        )


@pytest.mark.parametrize("lang", ["en", "ar"])
@pytest.mark.parametrize("path", [*PUBLIC, *GUARDED])
async def test_every_page_is_well_made(node: FakeNode, path: str, lang: str) -> None:
    fill(node, title=HOSTILE)
    found = await get(node, f"{path}{'&' if '?' in path else '?'}lang={lang}", "admin")
    assert found.status_code == 200
    ids = re.findall(r'\sid="([^"]+)"', found.text)
    assert len(ids) == len(set(ids))
    for name in ("aria-labelledby", "aria-describedby", "for"):
        for targets in re.findall(rf'\s{name}="([^"]+)"', found.text):
            assert set(targets.split()) <= set(ids), (name, targets)
    assert found.text.count("<h1") == 1
    assert found.text.count("<table") == found.text.count("<caption")
    assert not re.search(r"<th(?![^>]*scope=)(?!ead)", found.text)
    tags = re.findall(r"<[a-z][^>]*>", re.sub(r'"[^"]*"', '""', found.text))
    assert not [tag for tag in tags if re.search(r"\s(style|on\w+)=", tag)]
    levels = [int(level) for level in re.findall(r"<h([1-6])", found.text)]
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert len(gzip.compress(found.content, 6)) < 60_000
    assert "<script>alert" not in found.text
    assert "<img" not in found.text


@pytest.mark.parametrize("path", PUBLIC)
async def test_everybody_may_read(node: FakeNode, path: str) -> None:
    assert (await get(node, path)).status_code == 200


async def test_only_moderators_see_the_queue(node: FakeNode) -> None:
    fill(node)
    for path, scope in GUARDED.items():
        assert (await get(node, path)).status_code == 303
        assert (await get(node, path, "policy:edit")).status_code == 403
        assert (await get(node, path, scope)).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/laws/nothing", "/laws/nothing/history", "/practices/US-CANSPAM", "/cooperation/x", "/plan/x", "/contribute/else",
     "/contribute/laws?id=x", "/contribute/laws/1", "/moderation/99", "/moderation/99999999999999999999"],
)  # fmt: skip
async def test_what_there_is_not(node: FakeNode, path: str) -> None:
    assert (await get(node, path, "admin")).status_code in (404, 422)


async def test_what_is_unknown_is_called_that_and_what_is_guessed_too(node: FakeNode) -> None:
    said = text(await get(node, "/laws/BN-NONE"))
    assert "Low confidence" in said
    assert "The sender must be named Unknown" in said
    assert "No instrument found" in said
    assert not re.search(r"The sender must be named No\b", said)
    guessed = text(await get(node, "/laws/US-CANSPAM"))
    assert (
        "Official text www.ftc.gov/business-guidance/resources/can-spam-act-compliance-guide-business from general knowledge"
        in guessed
    )
    assert "Year of enactment 2003 sources: 4" in guessed
    assert "Exceptions from consent None" in text(await get(node, "/laws/RU-ADV"))


async def test_every_source_is_linked_and_tells_nothing(node: FakeNode) -> None:
    page = (await get(node, "/laws/US-CANSPAM")).text
    for source in shipped(Kind.LAW)[LAW]["sources"]:
        assert f'href="{source}" rel="external nofollow noopener noreferrer"' in unescape(page)


@pytest.mark.parametrize(
    ("asked", "id"),
    [
        ("q=can-spam", LAW),
        ("q=COTE%20D%27IVOIRE", "CI-TX"),
        ("q=التجارة", ""),
        ("q=سنغافورة", "SG-SCA"),
        ("q=新加坡", "SG-SCA"),
        ("q=СИНГАПУР", "SG-SCA"),
        ("q=singapour", "SG-SCA"),
        ("q=singapur", "SG-SCA"),
        ("q=singapore%20harvesting", ""),
        ("country=SG&channels=sms", "SG-SCA"),
        ("provision=dictionary_attack_banned", LAW),
    ],
)
async def test_laws_are_found_in_six_languages_and_by_filter(node: FakeNode, asked: str, id: str) -> None:
    page = await get(node, f"/laws?{asked}")
    ids = re.findall(r'href="/laws/([A-Z]{2}-[^"/?]+)"', page.text)
    if id.startswith("CI"):
        assert ids
        assert all(one.startswith("CI-") for one in ids)
    elif id:
        assert id in ids
    else:
        assert "No entry meets all of this." in page.text


async def test_lists_are_turned_page_by_page(node: FakeNode) -> None:
    seen = []
    for number in range(1, 5):
        page = (await get(node, f"/laws?page={number}")).text
        seen += re.findall(r'<th scope="row"[^>]*><a href="/laws/([^"/?]+)"', page)
    assert sorted(seen) == sorted(shipped(Kind.LAW))
    assert "Page 4 of 4" in text(await get(node, "/laws?page=999"))
    assert "Page 1 of 4" in text(await get(node, "/laws?page=-3"))


async def test_any_number_of_jurisdictions_is_compared_a_page_at_a_time(node: FakeNode) -> None:
    said = text(await get(node, "/laws/compare?of=US,FR,xx,US,GH"))
    assert "strictest known" in said
    every = ",".join(sorted(load(node).places))
    assert "Page 20 of 20" in text(await get(node, f"/laws/compare?of={every}&page=20"))


async def test_the_map_has_four_classes_and_a_list_behind_it(node: FakeNode) -> None:
    page = (await get(node, "/laws/map?provision=consent")).text
    for kind in ("c-s1", "c-s2", "h1"):
        assert f'class="{kind}"' in page
    assert 'class="c-s4"' in (await get(node, "/laws/map?provision=private_right_of_action")).text
    assert 'aria-label="United States: Yes"' in page
    assert 'aria-label="Argentina: No"' in page
    assert 'aria-label="Albania: Unknown"' in page


async def test_gaps_and_covered_violations_say_what_they_are(node: FakeNode) -> None:
    said = text(await get(node, "/laws/gaps?country=GH"))
    assert "Of 17 provisions: has 9, has not 0, unknown 8." in said
    assert "Model clauses are left to lawyers" in said
    said = text(await get(node, "/laws/covered?a=AU&b=US"))
    assert "covered 8, not covered 0, unknown 9" in said
    assert "US-CANSPAM : No. Sending is allowed until it is refused." in said


UNION = "EU-EPRIVACY of the European Union A directive: it binds through national law."


@pytest.mark.parametrize(
    "path", ["/laws?country=FR", "/laws/FR-CPCE", "/laws/gaps?country=FR", "/laws/compare?of=US,FR"]
)
async def test_what_is_of_the_union_is_shown_for_a_member_and_marked(node: FakeNode, path: str) -> None:
    app = create_app(node)
    async with client(app, accept="text/html") as web:
        said = text(await web.get(path))
        assert UNION in said
        other = text(await web.get(path.replace("FR-CPCE", "GB-PECR").replace("FR", "GB")))
    assert "of the European Union" not in other, "the United Kingdom left"
    assert "As a member of the European Union" not in other


def test_the_profile_of_a_member_lists_what_is_of_the_union(node: FakeNode) -> None:
    asker: Any = SimpleNamespace(node=node)
    with spoken("en"):
        panels = {code: country.laws(asker, code) for code in ("FR", "GB", "TV")}
    rows = {code: [str(row[0].shown) for row in one.table.rows] for code, one in panels.items() if one.table}
    assert [("of the European Union" in row, "A directive" in row) for row in rows["FR"]] == [
        (False, False),
        (True, True),
    ]
    assert panels["FR"].basis.startswith("As a member of the European Union")
    assert not any("of the European Union" in row for row in rows["GB"])
    assert panels["TV"].said == "This node holds no law of this country yet."


async def test_what_only_a_directive_provides_is_neither_yes_nor_unknown(node: FakeNode) -> None:
    said = text(await get(node, "/laws/gaps?country=FR"))
    assert "Of 17 provisions: has 11, has not 0, unknown 4. By the union’s rules only: 2." in said
    assert re.search(
        "Recipients or providers may sue By the union’s rules Yes EU-EPRIVACY , sources: 4 of the European", said
    )
    said = text(await get(node, "/laws/compare?of=FR,GB"))
    assert "Recipients or providers may sue By the union’s rules Yes EU-EPRIVACY of the European Union" in said
    page = (await get(node, "/laws/map?provision=private_right_of_action")).text
    assert 'aria-label="France: By the union’s rules"' in page
    assert 'aria-label="European Union: ' not in page, "it is no country"
    said = text(await get(node, "/laws/covered?a=EU-EPRIVACY&b=AU"))
    assert "“By the union’s rules” means" not in said, "one law alone is asked"
    said = text(await get(node, "/laws/covered?a=FR&b=AU"))
    assert "EU-EPRIVACY : Yes. Consent must come first. of the European Union" in said


async def test_an_instrument_of_a_union_says_where_it_applies(node: FakeNode) -> None:
    said = text(await get(node, "/laws/EU-EPRIVACY"))
    assert "Applies in the members of the union: Austria, Belgium," in said
    assert "Sweden. A directive: it binds through national law." in said
    assert "United Kingdom" not in said


def test_everything_has_a_name_in_every_language() -> None:
    for lang in LANGUAGES:
        with spoken(lang):
            for kind in Kind:
                grouped = {name for names in labels.GROUPS[kind].values() for name in names} | set(labels.RECORD)
                for path, one in leaves(FIELDS[kind]):
                    assert labels.field_name(path, kind)
                    assert path in grouped or path.partition(".")[0] in grouped, path
                    for inner in (one, *one.fields):
                        assert labels.field_name(inner.name if inner is not one else path, kind)
                        assert all(labels.named(value, path) for value in inner.values)
                        assert all(value in labels.VALUES or value in formats.LABELS for value in inner.values)
            for name in provisions.QUESTIONS:
                assert labels.question(name)
            assert all(labels.answered(each) for each in provisions.Answer)
            assert all(labels.act(each) for each in unions.ACTS)
            assert all(one.code in labels.UNIONS and labels.of_union(one.code) for one in unions.shipped_unions())
            assert labels.of_union("") == labels.act("") == ""
    assert {law["jurisdiction"] for law in shipped(Kind.LAW).values()} - {"EU"} <= set(formats.countries())


# Contributions


def test_every_entry_survives_its_form() -> None:
    for kind in Kind:
        for content in shipped(kind).values():
            assert forms.content(kind, forms.typed(kind, content)) == content, content["id"]
    odd = {"authority": [{"name": "A | B \\ C", "url": None}]}
    back = forms.content(Kind.LAW, forms.typed(Kind.LAW, odd))
    assert back["authority"] == odd["authority"]
    assert forms.content(Kind.LAW, {"authority": ["a | b | c | d"]})["authority"][0]["cell-3"] == "c"
    zero = forms.content(Kind.LAW, {"bulk_threshold": ["bulk_definition | more than | 0 | messages | 24 |"]})
    assert zero["bulk_threshold"][0]["count"] == 0


async def token(web: Any, path: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', (await web.get(path)).text)
    assert found
    return found[1]


def filled(kind: Kind, name_: str, /, **changes: str) -> dict[str, Any]:
    """What a browser would send for the form of an entry, with changes by path or name."""
    typed = {f"f.{path}": values for path, values in forms.typed(kind, shipped(kind)[name_]).items() if values}
    return {**typed, "entry": name_, "who": "Ministry", "contact": "desk@ministry.example", "comment": "as amended"} | {
        (name if name in ("who", "contact", "comment", "entry") else f"f.{name}"): value
        for name, value in changes.items()
    }


async def send(web: Any, kind: Kind, data: dict[str, Any]) -> Any:
    return await web.post(f"/contribute/{kind}", data={**data, "csrf": await token(web, f"/contribute/{kind}")})


async def test_a_contribution_without_account_waits_is_signed_off_and_then_shown(node: FakeNode) -> None:
    app = create_app(node)
    async with client(app, accept="text/html") as web:
        answer = await send(web, Kind.LAW, filled(Kind.LAW, LAW, last_reviewed="2026-11-20", reviewed_by="Ministry"))
        assert answer.status_code == 303
        assert answer.headers["location"] == "/contribute/laws/1"
        assert "Waiting for a decision" in (await web.get("/contribute/laws/1")).text
        assert "desk@ministry.example" not in (await web.get("/contribute/laws/1")).text
        assert "Version 1" not in (await web.get(f"/laws/{LAW}")).text
    async with client(app, accept="text/html", secret=node.key("policy:approve")) as web:
        page = (await web.get("/moderation/1")).text
        assert "desk@ministry.example" in page
        data = {"csrf": await token(web, "/moderation/1"), "act": "publish"}
        assert (await web.post("/moderation/1", data={**data, "reason": ""})).status_code == 422
        assert (await web.post("/moderation/1", data={**data, "reason": "read at the gazette"})).status_code == 303
        assert (await web.post("/moderation/1", data={**data, "reason": "again"})).status_code == 409
        assert "desk@ministry.example" not in (await web.get("/moderation/1")).text
    said = text(await get(node, f"/laws/{LAW}"))
    assert "Version 1, published here on" in said
    assert "Last reviewed on 20 Nov 2026" in said
    history = text(await get(node, f"/laws/{LAW}/history"))
    assert "Contributed by Ministry, as it called itself." in history
    assert "Last reviewed on Unknown 20 Nov 2026" in history
    assert "read at the gazette" in history
    with node.records.read() as conn:
        actions = [one.action for one in audit.latest(conn)]
        assert actions == ["entry.publish", "entry.propose"]
        assert "desk@" not in str(audit.latest(conn))


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(node: FakeNode) -> None:
    async with client(create_app(node), accept="text/html") as web:
        data = filled(
            Kind.LAW, LAW, title=HOSTILE, year_enacted="soon", sources="javascript:alert(1)", who="", contact="x"
        )
        answer = await send(web, Kind.LAW, data)
    assert answer.status_code == 422
    for place, said in (
        ("year_enacted", "A value of another kind is expected here."),
        ("sources", "Line 1: This is not written as it must be."),
        ("who", "Something must stand here."),
        ("contact", "This is not written as it must be."),
    ):
        assert f'id="e-{place}">{said}' in answer.text
    assert "javascript:alert(1)" in answer.text
    assert 'value="soon"' in answer.text
    assert "<script>alert" not in answer.text
    with node.records.read() as conn:
        assert entries.counts(conn) == {}


async def test_unchanged_fixed_and_double_entries(node: FakeNode) -> None:
    async with client(create_app(node), accept="text/html") as web:
        assert "there is nothing to propose" in (await send(web, Kind.LAW, filled(Kind.LAW, LAW))).text
        moved = await send(web, Kind.LAW, filled(Kind.LAW, LAW, id="XX-NEW", jurisdiction="XX", title="New"))
        assert moved.status_code == 303
        with node.records.read() as conn:
            kept = entries.one(conn, 1)
        assert kept is not None
        assert (kept.id, kept.content["jurisdiction"], kept.content["title"], kept.base) == (LAW, "US", "New", 0)
        double = await send(web, Kind.LAW, filled(Kind.LAW, LAW, entry=""))
        assert "Something stands here twice." in double.text
        new = await send(web, Kind.LAW, filled(Kind.LAW, LAW, entry="", id="US-STATE"))
        assert new.status_code == 303


async def test_the_public_may_contribute_only_so_often(node: FakeNode) -> None:
    async with client(create_app(node), accept="text/html") as web:
        for number in range(7):
            answer = await send(web, Kind.LAW, filled(Kind.LAW, LAW, title=f"T{number}"))
            assert answer.status_code == (303 if number < 6 else 429)
        assert int(answer.headers["retry-after"]) > 60


async def test_a_form_of_another_site_is_refused(node: FakeNode) -> None:
    async with client(create_app(node), accept="text/html") as web:
        assert (await web.post("/contribute/laws", data=filled(Kind.LAW, LAW))).status_code == 403
        data = {**filled(Kind.LAW, LAW, title="T"), "csrf": await token(web, "/contribute/laws")}
        assert (
            await web.post("/contribute/laws", data=data, headers={"Sec-Fetch-Site": "cross-site"})
        ).status_code == 403
        assert (await web.post("/plan/feedback-technical", data={"status": "done"})).status_code == 401
        assert (await web.post("/moderation/1", data={"act": "publish"})).status_code == 401
    with node.records.read() as conn:
        assert entries.counts(conn) == {}


async def test_who_wrote_may_not_publish(node: FakeNode) -> None:
    app = create_app(node)
    both, other = node.key("policy:edit", "policy:approve"), node.key("policy:approve")
    async with client(app, accept="text/html", secret=both) as web:
        assert (await send(web, Kind.LAW, filled(Kind.LAW, LAW, title="Mine"))).status_code == 303
        page = await web.get("/moderation/1")
        assert "You wrote this yourself" in page.text
        data = {"csrf": await token(web, "/moderation/1"), "act": "publish", "reason": "mine"}
        assert (await web.post("/moderation/1", data=data)).status_code == 403
    async with client(app, accept="text/html", secret=node.key("policy:edit")) as web:
        data = {"csrf": await token(web, "/contribute/laws"), "act": "publish", "reason": "x"}
        assert (await web.post("/moderation/1", data=data)).status_code == 403
        assert (await web.post("/contribute/laws/1", data=data)).status_code == 404  # not the author
    async with client(app, accept="text/html", secret=other) as web:
        data = {"csrf": await token(web, "/moderation/1"), "act": "publish", "reason": "yours"}
        assert (await web.post("/moderation/1", data=data)).status_code == 303
    assert load(node).kinds[Kind.LAW][LAW].title == "Mine"


async def test_open_access_on_this_machine_may_do_both(tmp_path: Path) -> None:
    node = FakeNode(tmp_path, open_access=True)
    async with client(create_app(node), peer="127.0.0.1", host="localhost", accept="text/html") as web:
        assert (await send(web, Kind.LAW, filled(Kind.LAW, LAW, title="Local"))).status_code == 303
        data = {"csrf": await token(web, "/moderation/1"), "act": "publish", "reason": "trying"}
        assert (await web.post("/moderation/1", data=data)).status_code == 303
    assert load(node).kinds[Kind.LAW][LAW].title == "Local"
    node.close()


async def test_an_author_takes_a_proposal_back(node: FakeNode) -> None:
    async with client(create_app(node), accept="text/html", secret=node.key("policy:edit")) as web:
        await send(web, Kind.BODY, filled(Kind.BODY, "UCENET", note="n"))
        data = {"csrf": await token(web, "/contribute/bodies/1")}
        assert (await web.post("/contribute/bodies/1", data=data)).status_code == 303
        assert "Withdrawn" in (await web.get("/contribute/bodies/1")).text
        assert (await web.post("/contribute/bodies/1", data=data)).status_code == 404


async def test_a_proposal_on_an_older_version_is_merged_or_refused(node: FakeNode) -> None:
    first, second, third = (
        fill(node, title="One"),
        fill(node, sending_hours="8 to 20"),
        fill(node, title="Two"),
    )
    broken = fill(node, year_enacted=1)
    publish(node, first)
    async with client(create_app(node), accept="text/html", secret=node.key("policy:approve")) as web:

        async def decide(number: int) -> int:
            data = {"csrf": await token(web, f"/moderation/{number}"), "act": "publish", "reason": "ok"}
            return int((await web.post(f"/moderation/{number}", data=data)).status_code)

        assert "in the same fields: Title" in (await web.get(f"/moderation/{third}")).text
        assert await decide(third) == 409
        assert await decide(broken) == 409
        assert await decide(second) == 303
    content = load(node).kinds[Kind.LAW][LAW].content
    assert (content["title"], content["sending_hours"]) == ("One", "8 to 20")


@pytest.mark.parametrize(
    "path", [f"/laws/{LAW}", f"/laws/{LAW}/history", "/laws?country=US", "/laws/compare?of=US", "/repository.atom"]
)
async def test_hostile_words_of_contributors_stay_words(node: FakeNode, path: str) -> None:
    publish(node, fill(node, title=HOSTILE, definition_note=HOSTILE, consent_exceptions=[HOSTILE], sending_hours=HOSTILE,
                       authority=[{"name": HOSTILE, "url": None}], reviewed_by=HOSTILE))  # fmt: skip
    found = await get(node, path)
    assert found.status_code == 200
    assert "alert(1)" in found.text
    assert "<script>alert" not in found.text
    assert "<img" not in found.text


async def test_the_feed_names_what_changed(node: FakeNode) -> None:
    publish(node, fill(node, title="Anew"))
    feed = (await get(node, "/repository.atom")).text
    assert "Laws: Anew" in feed
    assert "Version 1. Fields changed: Title." in feed
    assert f"/laws/{LAW}/history" in feed
    assert "urn:uuid:" in feed


# The action plan


async def test_the_plan_is_filled_in_and_its_course_is_kept(node: FakeNode) -> None:
    app, every = create_app(node), len(plan.items())
    assert "0 % of the" in text(await get(node, "/plan"))
    async with client(app, accept="text/html", secret=node.key("policy:edit")) as web:
        data = {
            "csrf": await token(web, "/plan/feedback-technical"),
            "responsible": HOSTILE,
            "note": "secret note",
            "due": "2020-01-01",
        }
        assert (await web.post("/plan/feedback-technical", data={**data, "status": "planned"})).status_code == 303
        assert "Past their date: 1." in text(await web.get("/plan"))
        wrong = await web.post(
            "/plan/feedback-technical", data={**data, "status": "done", "due": "tomorrow", "note": "x" * 3000}
        )
        assert wrong.status_code == 422
        assert "This is too long; at most 2000 characters." in wrong.text
        assert (await web.post("/plan/feedback-technical", data={**data, "status": "done"})).status_code == 303
        assert (await web.post("/plan/nothing", data={**data, "status": "done"})).status_code == 404
        assert "secret note" in (await web.get("/plan/feedback-technical")).text
    page = await get(node, "/plan")
    assert f"{round(100 / every)} % of the {every} items that apply are done" in text(page)
    assert "<script>alert" not in page.text
    assert "Action plan of Ghana" in page.text
    public = (await get(node, "/plan/feedback-technical")).text
    assert "secret note" not in public
    with node.records.read() as conn:
        assert [row.status for row in plans.history(conn)] == ["planned", "done"]
        assert [one.action for one in audit.latest(conn)] == ["plan.say", "plan.say"]
    assert (await get(node, "/plan/feedback-technical", "policy:approve")).text.count("<form") == 0
