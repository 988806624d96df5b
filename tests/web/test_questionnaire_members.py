"""Twenty simulated members answer a wave, half on the pages and half by file: what is stored, signed, released and shown."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fake_node import FakeNode, client

from bench import members
from counterspam import questionnaires
from counterspam.policy.questionnaire.answers import merged
from counterspam.policy.questionnaire.definition import load
from counterspam.store import audit, invitations, responses, waves
from counterspam.web.app import create_app
from counterspam.web.language import spoken
from counterspam.web.questionnaire import profile

WAVE = "2026-1"
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "questionnaire" / "members.json"


class Asked:
    """A node whose wave was answered by everybody, its application, and what was seen on the way."""

    def __init__(self, node: FakeNode, keys: dict[str, str], seen: members.Shown) -> None:
        self.node, self.app, self.keys, self.seen = node, create_app(node), keys, seen

    def web(self, key: str = "") -> Any:
        """A browser, signed in with a key or not."""
        return client(self.app, secret=self.keys[key] if key else "", accept="text/html")


KEYS = {"office": ("policy:edit",), "head": ("policy:approve", "policy:edit"), "other": ("policy:approve",)}


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Asked:
    """The wave as it was answered, once; its node is closed."""
    node = FakeNode(tmp_path_factory.mktemp("answered"))
    found = Asked(node, {name: node.key(*scopes) for name, scopes in KEYS.items()}, members.Shown())

    async def all_of_it() -> None:
        async with found.web("office") as office:
            found.seen = await members.everyone(found.web, office, WAVE, "2026", datetime.now(UTC))

    asyncio.run(all_of_it())
    node.close()
    return found


@pytest.fixture
def asked(answered: Asked, tmp_path: Path) -> Iterator[Asked]:
    """A copy of it for each test."""
    shutil.copytree(answered.node.config.data, tmp_path / "data")
    found = Asked(FakeNode(tmp_path / "data"), answered.keys, answered.seen)
    yield found
    found.node.close()


async def test_everybody_s_answers_are_stored_and_signed(asked: Asked) -> None:
    known = load(members.VERSION)
    with asked.node.records.read() as conn:
        ids = {one.member: one.id for one in invitations.every(conn, WAVE)}
        for n in range(1, 21):
            last = responses.last(conn, ids[members.name(n)])
            wanted = members.answers(known, n)
            assert last.content == merged(known, {}, wanted), n
            assert responses.is_signed(conn, last.invitation)
        states = responses.states(conn, WAVE)
    assert sorted(state for state, _ in states.values()) == ["invited"] * 2 + ["signed"] * 20


async def test_the_same_answers_by_page_and_by_file_are_stored_alike(asked: Asked) -> None:
    known, stored = load(members.VERSION), []
    for (who, country), way in zip(members.SILENT, (members.online, members.by_file), strict=True):
        given = members.answers(known, 3) | {"B0.1": country, "B0.2": "", "B1.1b": "=1+1\nand more", "B7.1e": "1 000"}
        given |= {"B7.1e#quality": "unknown", "B4.1a/1/item": "Brazil", "B2.1#comment": "Сообщения, رسائل"}
        async with asked.web() as web:
            base = await members.enter(web, asked.seen.codes[who])
            await way(web, base, known, given, members.Shown())
        with asked.node.records.read() as conn:
            last = responses.last(conn, base.rpartition("/")[2])
        stored.append({key: text for key, text in last.content.items() if key not in ("B0.1", "B0.2")})
    assert stored[0] == stored[1]
    assert (stored[0]["B4.1a/1/item"], stored[0]["B7.1e"], stored[0]["B1.1b"]) == ("BR", "1000", "=1+1\nand more")


async def test_slips_are_said_beside_their_place(asked: Asked) -> None:
    assert "Write numbers without separators of thousands, and with a point before decimals." in asked.seen.said
    assert asked.seen.said.count(asked.seen.places["B2.1/sms/total"]) == 10, "by cell, in each file"
    assert asked.seen.said.count(asked.seen.places["B4.2/on-net/share"]) == 10


async def test_the_release_is_what_it_should_be_and_public_once_approved_by_somebody_else(asked: Asked) -> None:
    manage, path = f"/questionnaires/{WAVE}/manage", f"/questionnaires/{WAVE}/release"
    approve = {"number": "1", "decision": "approved"}
    async with asked.web() as public, asked.web("office") as office, asked.web("head") as head:
        assert (await public.get(f"/api/v1/questionnaires/{WAVE}")).status_code == 404
        assert "Nothing is published of this wave yet." in (await public.get(f"/questionnaires/{WAVE}?release=1")).text
        assert "which is not approved" in (await head.get(f"/questionnaires/{WAVE}?release=1")).text
        await members.post(office, manage, path, 403, data=approve)
        await members.post(head, manage, manage, data={"act": "prepare"})
        await members.post(head, manage, path, 409, data={**approve, "number": "2"})  # its own
        own, others = f"/questionnaires/{WAVE}?release=2", f"/questionnaires/{WAVE}?release=1"
        assert "Approve and publish" not in (await head.get(own)).text
        async with asked.web("other") as moderator:
            assert "Approve and publish" in (await moderator.get(own)).text, "who may only approve finds the form"
            assert 'release=1"' in (await moderator.get(f"/questionnaires/{WAVE}")).text
            await members.post(moderator, own, path, data={"number": "2", "decision": "refused", "reason": "twice"})
        await members.post(head, others, path, data=approve)
        await members.post(head, manage, path, 409, data=approve)  # once
        found = (await public.get(f"/api/v1/questionnaires/{WAVE}")).json()
        page = (await public.get(f"/questionnaires/{WAVE}?section=B2")).text
        csv = (await public.get(f"/api/v1/questionnaires/{WAVE}/figures.csv")).text
    assert found["response"][0] == {
        "by": "all",
        "group": "all",
        "invited": 22,
        "started": 20,
        "signed": 20,
        "rate": 20 / 22,
    }
    _golden({"figures": found["figures"], "answers": len(found["answers"]), "left_out": found["left_out"]})
    assert csv.count("\r\n") == len(found["figures"]) + 1
    assert "Share of spam by channel: stated and measured" not in page, "nothing was measured"
    office_only = {row["question"] for row in [*found["figures"], *found["answers"]]} & {"B0.5", "B0.6", "B8.1d"}
    assert not office_only, "what is for the office alone is in no output"
    internal = [row for row in found["figures"] if row["cell"] == "B2.1/sms/total" and row["by"] == "all"]
    assert internal[0]["n"] == 19, "one of them does not have this answer published"


def _golden(found: dict[str, Any]) -> None:
    shown = json.loads(json.dumps(found))
    keep = ("question", "cell", "option", "by", "group", "n", "count", "low", "median", "high", "total", "hidden")
    rows = [row for row in shown["figures"] if row["question"] in ("B1.1a", "B2.2", "B4.1a", "B6.2e")]
    lines = [json.dumps([row.get(name) for name in keep]) for row in rows]
    text = "\n".join([*lines, json.dumps([shown["answers"], shown["left_out"][:5]])]) + "\n"
    assert text == GOLDEN.read_text(encoding="utf-8")


async def test_a_respondent_sees_own_numbers_beside_published_medians(asked: Asked) -> None:
    with asked.node.records.begin() as conn:
        questionnaires.decide(conn, WAVE, 1, "approved", by="somebody", at=1)
    async with asked.web() as web:
        base = await members.enter(web, asked.seen.codes[members.name(1)])
        page = (await web.get(f"{base}/beside")).text
    assert "Share of spam by channel: E-mail, Share of spam" in page
    assert "All respondents" in page


async def test_country_profile_feeds_and_audit(asked: Asked) -> None:
    with asked.node.records.begin() as conn:
        questionnaires.decide(conn, WAVE, 1, "approved", by="somebody", at=1)
    with asked.node.records.read() as conn:
        found = questionnaires.by_country(conn, "CI")  # the fifth, who answers B2.2 publicly
        assert {row["question"] for _, rows in found for row in rows} >= {"B0.1", "B1.2", "B2.2"}
        open_ = questionnaires.inputs_of(conn, "CI")
        assert open_[0]["spam_share.email"].value == pytest.approx(0.6)
        assert (open_[0]["spam_share.email"].provenance, open_[0]["spam_share.email"].year) == ("questionnaire", "2026")
        assert "staff" not in open_[0], "an answer that is in aggregates only stays there"
        assert "staff" in questionnaires.inputs_of(conn, "CI", levels=frozenset({"public", "aggregate", "internal"}))[0]
        actions = {row.action for row in audit.latest(conn, limit=1000)}
        assert actions >= {
            "wave.open",
            "invitation.make",
            "answers.save",
            "answers.file",
            "answers.delegate",
            "answers.sign",
        }
        said = " ".join(f"{row.who} {row.name} {row.subject} {row.detail}" for row in audit.latest(conn, limit=1000))
        assert not [code for code in asked.seen.codes.values() if code in said or code.replace("-", "") in said]


class Asking:
    """What the panel of a country needs of the asker of a page: the node measured 70 of 100 as spam by SMS."""

    def __init__(self, node: FakeNode, code: str) -> None:
        self.node, self.view = node, SimpleNamespace(subject=code)

    def keep(self, key: Any, seconds: float, compute: Any) -> Any:
        """At once."""
        return compute()

    def narrowed(self, **filters: str) -> Any:
        """What counts by channel."""
        assert filters == {"destination": self.view.subject, "channel": ""}
        row = {"channel": "sms", "messages": 100, "spam_messages": 70}
        return lambda *dimensions: SimpleNamespace(rows=[row])


async def test_stated_and_measured_stand_side_by_side_in_the_profile_of_a_country(asked: Asked) -> None:
    panel = profile.panel(Asking(asked.node, "CI"))  # type: ignore[arg-type]
    assert panel.said == "This node holds no answer of this country to a questionnaire yet."
    with asked.node.records.begin() as conn:
        questionnaires.decide(conn, WAVE, 1, "approved", by="somebody", at=1)
    panel = profile.panel(Asking(asked.node, "CI"))  # type: ignore[arg-type]
    assert panel.table
    shown = {str(row[0].shown): [str(cell.shown) for cell in row[1:]] for row in panel.table.rows}
    assert shown["Share of spam by channel · SMS · Share of spam"] == [
        "10",
        "% · Estimated",
        members.name(5),
        "70\u00a0%",
    ]
    assert shown["Channels that the definition covers"][-1] == "–"
    assert "made up by a generator" in panel.basis
    with spoken("ar"):
        assert profile.panel(Asking(asked.node, "CI")).title == "الاستبيان"  # type: ignore[arg-type]
    assert "no answer" in profile.panel(Asking(asked.node, "UY")).said  # type: ignore[arg-type]


async def test_a_second_wave_is_compared_with_the_first(asked: Asked) -> None:
    with asked.node.records.begin() as conn:
        questionnaires.decide(conn, WAVE, 1, "approved", by="somebody", at=1)
        first = waves.get(conn, WAVE)
        assert first
        later = questionnaires.new_wave("2027-1", "t", members.VERSION, "2027", first.opens_at + 1, first.closes_at)
        waves.add(conn, later)
        for one in questionnaires.everyone(conn, WAVE):
            invited = invitations.Invitation(
                id=invitations.new_id(),
                wave=later.id,
                member=one.member,
                country=one.country,
                role=one.role,
                size=one.size,
            )
            invitations.add(conn, invited)
            given = {**one.given, "B2.2/email/share": "50", "B2.1/email/total": "", "B2.1/email/spam": ""}
            questionnaires.save(conn, later, invited, given, by="x", at=later.opens_at + 1, way="web")
            questionnaires.sign(conn, later, invited, by="x", name="x", at=later.opens_at + 2)
        questionnaires.prepare(conn, later, by="x", at=3)
        questionnaires.decide(conn, later.id, 1, "approved", by="y", at=4)
    async with asked.web() as web:
        page = (await web.get("/questionnaires/2027-1?section=B2")).text
    assert "Against the wave before" in page
    with asked.node.records.read() as conn:
        release = waves.public(conn, "2027-1")
        assert release
        compared = questionnaires.compared(conn, later, release)
    assert compared
    row = next(row for row in compared[1] if row["cell"] == "B2.2/email/share")
    assert (row["now"], row["before"], row["n"], row["broken"]) == (50, 66, 20, False)
    assert row["change"] == pytest.approx(50 / 66 - 1)
