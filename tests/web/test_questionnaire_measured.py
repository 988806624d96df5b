"""Stated and measured side by side: figures of a wave, of a respondent and of the API against evidence counted by hand."""

import io
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from fake_node import FakeNode, client
from openpyxl import load_workbook
from test_pages import Outline

from bench import members
from counterspam import questionnaires
from counterspam.config import Config
from counterspam.measure import statistics
from counterspam.measure.populations import MONTH_DAYS
from counterspam.policy.questionnaire.answers import Answered
from counterspam.policy.questionnaire.definition import load, parsed
from counterspam.policy.questionnaire.results import tables
from counterspam.store import invitations, waves
from counterspam.store.events import Events
from counterspam.taxonomy import ContentType
from counterspam.web.app import create_app
from counterspam.web.language import LANGUAGES, spoken
from counterspam.web.questionnaire.measured import same
from counterspam.web.questionnaire.measured.compared import every
from counterspam.web.questionnaire.measured.counts import Counts, months

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "measure"))
import measured_rows as made

KNOWN = load("2026")
REAL, DEMO = "2025-real", "2025-demo"
PERIOD = "2025-10"
START = int(datetime(2025, 10, 1, tzinfo=UTC).timestamp())
MONTH = 31 / MONTH_DAYS  # October in mean months


def rows(count: int, at: int = START, **given: Any) -> list[made.Row]:
    """Records of different contributors, a minute apart."""
    blank = {"reporter": "", "payload": "none", "technique": "unknown", "disposition": "unknown"}
    return [made.row(at + 60 * n, **{**blank, **given}) for n in range(count)]


# Multiples of 5, which rounding leaves as they are; 3 from KE and 2 from US are too few to be shown.
EVIDENCE = [
    *rows(5, START - made.DAY, channel="email", source="filter", content_type="loan", country="PL", asn=64510),
    *rows(
        20, channel="email", source="filter", content_type="bank", payload="malware", country="NG", asn=64500,
        technique="botnet", disposition="blocked", spf="fail", recipient_country="FR",
    ),
    *rows(
        10, channel="email", source="user-report", content_type="charity", nature="commercial", country="DE", asn=64501,
        disposition="tagged", spf="none", recipient_country="DE",
    ),
    *rows(
        10, channel="email", source="filter", spam=0, content_type="ham", nature="unknown", country="FR", asn=64502,
        disposition="delivered", spf="pass", recipient_country="FR",
    ),
    *rows(
        10, channel="sms", source="user-report", content_type="parcel", payload="premium-number", technique="sim-box",
        recipient_country="FR",
    ),
    *rows(3, channel="sms", source="user-report", content_type="tax", country="KE", asn=64503, recipient_country="FR"),
    *rows(2, channel="sms", source="user-report", content_type="loan", country="US", asn=64504, recipient_country="FR"),
    *rows(10, channel="voice", source="filter", content_type="robocall", country="BR", asn=64520, synthetic=1),
]  # fmt: skip
SPAM = 20 + 10 + 10 + 3 + 2

WHOLE = {
    "B2.1/email/total": 40 / MONTH, "B2.1/email/spam": 30 / MONTH, "B2.1/sms/total": 15 / MONTH, "B2.1/sms/spam": 15 / MONTH,
    "B2.2/email/share": 100 * 30 / 40, "B2.2/sms/share": 100,
    "B2.3/email/blocked": 20 / MONTH, "B2.3/email/tagged": 10 / MONTH, "B2.3/email/delivered": 10 / MONTH,
    "B2.3/email/complaints": 10 / MONTH, "B2.3/sms/complaints": 15 / MONTH,
    "B3.1a/*/item bank": 100 * 20 / 30,
    "B3.1b/*/item parcel": 100 * 10 / 15,
    "B3.2/fraudulent/share": 100 * 35 / SPAM, "B3.2/commercial/share": 100 * 10 / SPAM, "B3.2/malware/share": 100 * 20 / SPAM,
    "B3.2/call-back/share": 100 * 10 / SPAM,
    "B4.1a/*/item NG": 100 * 20 / SPAM, "B4.1a/*/item DE": 100 * 10 / SPAM,
    "B4.1b/*/item AS64500": 100 * 20 / SPAM, "B4.1b/*/item AS64501": 100 * 10 / SPAM,
    "B4.2/international/share": 100 * 25 / SPAM, "B4.2/sim-box/share": 100 * 10 / SPAM, "B4.2/botnet/share": 100 * 20 / SPAM,
    "B5.2/spf/share": 100 * 30 / 40,
    "B7.2d": 25 / MONTH,
}  # fmt: skip


def answers(n: int) -> dict[str, str]:
    """What the nth of ten answers: two of them alone name KE and AS64503, the second half DE too."""
    given = {key: text for key, text in members.answers(KNOWN, n).items() if key.startswith("B0")}
    given |= {
        "B2.1/email/total": "1000", "B2.1/email/spam": "600", "B2.2/email/share": "60", "B2.2/sms/share": "5",
        "B2.1/sms/total": "200", "B2.1/sms/spam": "10", "B2.3/email/blocked": "500", "B2.3/sms/complaints": "7",
        "B3.1a/1/item": "other", "B3.1a/2/item": "bank", "B3.1b/1/item": "loan",
        "B3.2/fraudulent/share": "70", "B3.2/phishing/share": "40",
        "B4.1a/1/item": "NG", "B4.1a/1/share": "50", "B4.1b/1/item": "AS64500" if n % 2 else "64500",
        "B4.2/sim-box/share": "30", "B4.2/on-net/share": "70", "B4.2/roaming/share": "",
        "B5.2/spf/share": "80", "B5.2/spf/of": "traffic", "B7.2d": "900",
    }  # fmt: skip
    if n > 5:
        given |= {"B4.1a/2/item": "DE"}
    if n > 8:
        given |= {"B4.1a/3/item": "KE", "B4.1b/2/item": "AS64503"}
    return given | {
        f"{one}#quality": "measured"
        for one in ("B2.1", "B2.2", "B2.3", "B3.1a", "B3.1b", "B3.2", "B4.1a", "B4.1b", "B4.2", "B5.2", "B7.2d")
    }


def everyone() -> list[Answered]:
    """Ten in one group."""
    return [
        Answered(member=members.name(n), country="FR", region="155", role="isp", size="s1", given=answers(n))
        for n in range(1, 11)
    ]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Events]:
    store = Events.open(Config(data=tmp_path_factory.mktemp("events")))
    store.migrate()
    store.insert(made.table(EVIDENCE), "rows")
    yield store
    store.close()


class Site:
    """A node with this evidence and two published waves about the same month, one a demonstration."""

    def __init__(self, folder: Path, events: Events) -> None:
        self.node = FakeNode(folder)
        self.node.events = events  # type: ignore[assignment]
        self.app = create_app(self.node)
        self.first = {REAL: "", DEMO: ""}
        with self.node.records.begin() as conn:
            for wave in (REAL, DEMO):
                self._wave(conn, wave)

    def _wave(self, conn: Any, name: str) -> None:
        wave = questionnaires.new_wave(name, "t", "2026", PERIOD, 1, 2**45, synthetic=name == DEMO)
        waves.add(conn, wave)
        for one in everyone():
            seat = invitations.Invitation(
                id=invitations.new_id(), wave=name, member=one.member, country="FR", role="isp", size="s1"
            )
            invitations.add(conn, seat)
            given = {**one.given, "B0.1": "FR"}
            questionnaires.save(conn, wave, seat, given, by="x", at=2, way="web")
            questionnaires.sign(conn, wave, seat, by="x", name="x", at=3)
            self.first[name] = self.first[name] or invitations.make_code(conn, seat.id, by="o", at=1)
        questionnaires.prepare(conn, wave, by="x", at=4)
        questionnaires.decide(conn, name, 1, "approved", by="y", at=5)

    def web(self) -> Any:
        return client(self.app, accept="text/html")

    async def rows(self, wave: str) -> dict[str, dict[str, Any]]:
        async with self.web() as web:
            found = (await web.get(f"/api/v1/questionnaires/{wave}")).json()["measured"]
        return {f"{row['cell']} {row['option']}".strip(): row for row in found}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, events: Events) -> Iterator[Site]:
    """Nothing here changes it."""
    found = Site(tmp_path_factory.mktemp("site"), events)
    yield found
    found.node.close()


async def test_every_measured_answer_is_what_was_counted_by_hand(site: Site) -> None:
    found = await site.rows(REAL)
    measured = {key: row["measured"] for key, row in found.items() if row["measured"] is not None}
    assert measured == {key: pytest.approx(value, abs=0.006) for key, value in WHOLE.items()}
    row = found["B2.2/sms/share"]
    assert (row["stated"], row["low"], row["high"], row["n"], row["stated_unit"]) == (5, 5, 5, 10, "%")
    assert (row["measured_count"], row["measured_of"], row["measured_unit"]) == (15, 15, "% of messages")
    row = found["B4.1a/*/item DE"]
    assert (row["stated"], row["count"], row["n"], row["stated_unit"]) == (50, 5, 10, "% of respondents")
    assert (row["measured_count"], row["measured_of"], row["measured_unit"]) == (10, 45, "% of spam")
    assert found["B7.2d"]["measured_unit"] == "reports per month"
    assert (found["B7.2d"]["stated"], found["B7.2d"]["measured_count"]) == (900, 25)
    assert {row["period"] for row in found.values()} == {PERIOD}
    assert all(row["basis"].startswith("Stated: ") and "Measured: " in row["basis"] for row in found.values())


async def test_what_too_few_stand_behind_is_shown_on_neither_side(site: Site) -> None:
    found = await site.rows(REAL)
    assert not [key for key in found if "KE" in key or "64503" in key or "US" in key or "tax" in key]
    assert (found["B3.1b/*/item loan"]["count"], found["B3.1b/*/item loan"]["measured"]) == (10, None), "2 by SMS"
    assert "B4.1a/*/item PL" not in found, "the day before the period"
    async with site.web() as web:
        figures = (await web.get(f"/api/v1/questionnaires/{REAL}/figures.csv")).text
    assert "AS64500,all,all,10,10" in figures
    assert "64503" not in figures, "the code that two wrote is not repeated"


async def test_made_up_evidence_counts_beside_a_demonstration_only(site: Site) -> None:
    real, demo = await site.rows(REAL), await site.rows(DEMO)
    assert "B2.2/voice/share" not in real
    assert demo["B2.2/voice/share"]["measured"] == 100
    assert demo["B4.1a/*/item BR"]["measured"] == pytest.approx(100 * 10 / (SPAM + 10), abs=0.006)
    assert demo["B4.1a/*/item NG"]["measured"] == pytest.approx(100 * 20 / (SPAM + 10), abs=0.006)
    assert demo["B2.2/email/share"]["measured"] == real["B2.2/email/share"]["measured"]


async def test_the_page_names_what_has_no_counterpart(site: Site) -> None:
    async with site.web() as web:
        pages = {one: (await web.get(f"/questionnaires/{REAL}?section={one}")).text for one in ("B0", "B3", "B4", "B5")}
    assert "Features of spam: stated and measured" in pages["B3"]
    assert "Not measured here: Phishing and Thought to be written by machine." in pages["B3"]
    assert "Not measured here: Other." in pages["B3"]
    assert "Measured, but not among the answers: Charity (33\u00a0%)." in pages["B3"]
    assert "Networks of origin: stated and measured" in pages["B4"]
    assert "Domestic, own network" in pages["B4"].partition("Not measured here: ")[2].partition(".")[0]
    assert "Measured, but not among the answers: Unknown (33\u00a0%)." in pages["B4"], "15 of 45 have no technique"
    assert "STIR/SHAKEN" in pages["B5"].partition("Not measured here: ")[2].partition(".")[0]
    assert "stated and measured" not in pages["B0"]


async def test_a_respondent_sees_own_answers_beside_what_was_measured_in_all_and_in_the_own_country(site: Site) -> None:
    async with site.web() as web:
        base = await members.enter(web, site.first[REAL])
        page = (await web.get(f"{base}/beside")).text
    table = page.partition("Share of spam by channel: stated and measured")[2].partition("</table>")[0]
    line = (
        table.partition(">E-mail</th>")[2].partition("</tr>")[0] or table.partition("E-mail")[2].partition("</tr>")[0]
    )
    assert [line.count(f"{value}\u00a0%") for value in (60, 75, 67)] == [2, 1, 1], "20 of 30 were sent to France"
    assert "Measured here, sent to France" in page
    assert "Networks of origin: stated and measured" in page
    countries = page.partition("Countries of origin: stated and measured")[2].partition("</table>")[0]
    assert "Nigeria" in countries
    assert "Germany" not in countries, "which the first did not name"


@pytest.mark.parametrize("lang", LANGUAGES)
async def test_pages_with_the_comparison_are_well_made(site: Site, lang: str) -> None:
    async with site.web() as web:
        base = await members.enter(web, site.first[REAL])
        paths = [f"/questionnaires/{REAL}?section={one}&lang={lang}" for one in ("B2", "B3", "B4", "B5", "B7")]
        for path in [*paths, f"{base}/beside?lang={lang}"]:
            page = (await web.get(path)).text
            found = Outline(page)
            assert found.faults == [], path
            assert len(found.ids) == len(set(found.ids)), path
            assert "beside-1" in found.ids, path
            assert found.tags.count("table") == found.tags.count("caption"), path


async def test_the_files_have_the_comparison(site: Site) -> None:
    async with site.web() as web:
        text = (await web.get(f"/api/v1/questionnaires/{REAL}/measured.csv")).text
        book = (await web.get(f"/api/v1/questionnaires/{REAL}/results.xlsx")).content
    lines = text.splitlines()
    assert lines[0].startswith("wave,period,question,cell,option,name,stated,low,high,count,n,stated_unit,measured,")
    found = await site.rows(REAL)
    assert len(lines) == len(found) + 1
    sheet = load_workbook(io.BytesIO(book))["measured"]
    assert sheet.max_row == len(found) + 1


def counts(events: Events) -> Counts:
    """Of the month, exact: as an analyst would see it."""

    def answer(ask: Any) -> Any:
        return statistics.answer(events.query, ask, b"secret")

    return Counts(answer, START, START + 31 * made.DAY, False, MONTH)


def own_definition(change: Any) -> Any:
    """A definition of a node's own, made of the shipped one."""
    path = Path(questionnaires.__file__).parent / "data" / "questionnaire" / "2026.yaml"
    raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    change(raw)
    raw["version"] = "own"
    return parsed(yaml.safe_dump(raw), {})


def test_a_definition_without_a_question_has_no_comparison_for_it(events: Events) -> None:
    def fewer(raw: Any) -> None:
        for section in raw["sections"]:
            section["questions"] = [
                one for one in section["questions"] if one["id"][:2] != "B4" and one["id"] != "B2.2"
            ]

    known = own_definition(fewer)
    found = every(known, tables(known, everyone(), PERIOD), counts(events))
    assert [one.question.id for one in found] == ["B2.1", "B2.3", "B3.1a", "B3.1b", "B3.2", "B5.2", "B7.2d"]
    assert every(known, [], counts(events)) == [], "nothing is stated"


def test_a_question_that_asks_for_something_else_under_the_same_name_is_not_compared(events: Events) -> None:
    def other(raw: Any) -> None:
        for question in (one for section in raw["sections"] for one in section["questions"]):
            if question["id"] in ("B7.2d", "B4.1a"):
                question.pop("places", None)
                question.pop("columns", None)
                question.update(kind="percent")
                question.pop("unit", None)
            if question["id"] == "B2.2":
                question["columns"][0]["kind"] = "integer"

    known = own_definition(other)
    given = [{**one.given, "B7.2d": "50", "B4.1a": "50"} for one in everyone()]
    asked = [Answered(member="m", country="FR", region="155", role="isp", size="s1", given=one) for one in given]
    found = {one.question.id for one in every(known, tables(known, asked, PERIOD), counts(events))}
    assert found == {"B2.1", "B2.3", "B3.1a", "B3.1b", "B3.2", "B4.1b", "B4.2", "B5.2"}


def test_every_mapping_is_of_a_field_and_a_value_that_exist() -> None:
    assert set(same.CELLS) <= set(KNOWN.fields)
    assert set(same.LISTS) | {key.split("/")[0] for key in same.CELLS} == set(same.BASIS)
    options = set(KNOWN.fields["B3.1a/1/item"].options)
    assert options - set(same.CONTENT) == {"other"}
    assert set(same.CONTENT.values()) <= set(ContentType)
    assert len(set(same.CONTENT.values())) == len(same.CONTENT), "no two answers mean one value"
    with spoken("en"):
        assert all(text.startswith("Stated: ") and " Measured: " in text for text in same.BASIS.values())


def test_months_that_were_measured() -> None:
    year = 365 * made.DAY
    assert months(START, START + year, START - 5, START + 2 * year) == pytest.approx(12, abs=0.01)
    assert months(START, START + year, START + year // 2, START + 2 * year) == pytest.approx(6, abs=0.01)
    assert months(START, START + year, START - 5, START + 31 * made.DAY) == pytest.approx(MONTH)
    assert months(START, START + year, 0, START + year) == 0
    assert months(START, START + year, START, START + made.HOUR) == 0
    assert months(START, START + year, START + 2 * year, START + 3 * year) == 0
