"""The six kinds of reports against golden texts; clauses, functions and texts that none may leave out."""

import os
import re
from pathlib import Path

import pytest
from sample_reports import content, document, given, plain

from counterspam.policy.reports import kinds, queries, recommendations, snapshot
from counterspam.policy.reports.clauses import clauses
from counterspam.policy.reports.document import Chart, Paragraph, charts, numbers, sources, tables
from counterspam.policy.reports.fields import STATUSES
from counterspam.policy.reports.parts import steps
from counterspam.policy.reports.recommendations import STATUSES as FUNCTION_STATUSES
from counterspam.web.language import LANGUAGES

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "golden" / "reports"


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_a_report_says_what_its_golden_text_says(kind: str) -> None:
    assert plain(document(kind)) == (GOLDEN / f"{kind}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", kinds.KINDS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_table_and_chart_has_a_number_and_a_source_in_every_language(kind: str, lang: str) -> None:
    report = document(kind, lang)
    numbered = numbers(report)
    for block in (*tables(report), *charts(report)):
        assert numbered[block.id] >= 1
        assert block.source
        assert block.source.address.startswith("http://node.example/")
        assert all((block.source.source, block.source.basis, block.source.method, block.source.uncertainty))
    assert [n for n, _ in sources(report).values()] == list(range(1, len(sources(report)) + 1))
    assert len({block.id for block in (*tables(report), *charts(report))}) == len(numbered)


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_the_fixed_text_is_translated(kind: str) -> None:
    english = document(kind)
    for lang in set(LANGUAGES) - {"en"}:
        report = document(kind, lang)
        assert report.title != english.title
        assert report.direction == ("rtl" if lang == "ar" else "ltr")
        titles = {
            (a.title, b.title)
            for a, b in zip(english.sections, report.sections, strict=True)
            if not b.lang and not re.match(r"X[.]|E[.]|Supplement", a.title)
        }
        same = {a for a, b in titles if a == b}
        assert same <= {"Volume", "Types", "Finances"}, lang


def test_what_was_typed_is_marked_as_another_language_where_it_is() -> None:
    for lang, marked in (("en", ""), ("ar", "en")):
        report = document("tsag", lang)
        first = report.sections[0].blocks[0]
        assert isinstance(first, Paragraph)
        assert (first.text, first.lang) == ("Spam by SMS doubled.", marked)
        assert [block.item for block in report.sections[0].blocks if isinstance(block, Paragraph)] == [
            False,
            True,
            True,
        ]


def test_the_progress_report_covers_every_operative_clause() -> None:
    ids = [one.id for one in clauses()]
    assert len(ids) == len(set(ids)) == 16
    fields = {field.name for field in kinds.KINDS["tsag"].fields}
    assert {f"{id}.{name}" for id in ids for name in ("actions", "documents", "status", "date")} <= fields
    report = document("tsag")
    table = next(table for table in tables(report) if table.id == "clauses")
    assert [row[0] for row in table.rows] == [one.place for one in clauses()]
    status = {row[0]: row[2] for row in table.shown}
    assert status["Instructs the Director, 3"] == STATUSES["under-way"]
    assert set(status.values()) == {"under way", "no report"}
    titles = [section.title for section in report.sections]
    assert all(one.place in titles for one in clauses())


def test_sections_of_other_instruments_are_told_or_said_to_be_missing() -> None:
    report = document("council")
    by_title = {section.title: section.blocks for section in report.sections}
    missing = by_title["Questionnaire to the membership"][0]
    assert isinstance(missing, Paragraph)
    assert missing.text == "None recorded on this node."
    assert "workshops" in {table.id for table in tables(report)}


def test_every_function_of_the_requirements_is_tracked_and_honest() -> None:
    texts = recommendations.recommendations()
    functions = [function for one in texts for function in one.functions]
    ids = [function.id for function in functions]
    assert len(ids) == len(set(ids)) == 128
    for function in functions:
        assert function.status in FUNCTION_STATUSES
        assert function.where or function.status == "none", f"{function.id} says no file"
        for name in function.where:
            path = ROOT / name if name.startswith(("docs/", "tests/")) else ROOT / "src" / "counterspam" / name
            assert path.is_file(), f"{function.id} names {name}"
        assert function.note or function.status != "partial" or function.where


def test_texts_are_counted_by_study_period_from_their_dates() -> None:
    counted = recommendations.per_period(recommendations.recommendations())
    assert counted == {
        "2005-2008": 4,
        "2009-2012": 7,
        "2013-2016": 4,
        "2017-2020": 8,
        "2022-2024": 5,
        "2025-2028": 2,
    }
    assert all(one.source and re.fullmatch(r"\d{4}-\d{2}", one.date) for one in recommendations.recommendations())
    assert [one.id for one in recommendations.within(recommendations.recommendations(), "2025-07", "2025-12")] == [
        "X.1238",
        "E.156",
    ]


def test_the_functions_are_those_of_the_requirements() -> None:
    path = Path(os.environ.get("COUNTERSPAM_SHARED", ROOT.parent / "shared")) / "REQUIREMENTS.md"
    if not path.is_file():
        pytest.skip("REQUIREMENTS.md is not at hand: set COUNTERSPAM_SHARED to its folder")
    text = path.read_text(encoding="utf-8")
    part = text[text.index("### A1. ") : text.index("### A16. ")]
    wanted = set(re.findall(r"`((?:X\d{4}|S\d+|E156)-\d+)`", part))
    for name, first, last in re.findall(r"`(X\d{4})-(\d+)\.\.(\d+)`", part):
        wanted |= {f"{name}-{n}" for n in range(int(first), int(last) + 1)}
    assert {f.id for one in recommendations.recommendations() for f in one.functions} == wanted


def test_the_id_of_a_snapshot_follows_its_content_only() -> None:
    one, same = (snapshot.canonical(content("council")) for _ in range(2))
    assert one == same
    other = snapshot.canonical(content("council", node="elsewhere"))
    assert snapshot.identity(one) == snapshot.identity(same) != snapshot.identity(other)
    with pytest.raises(snapshot.SnapshotTooLarge):
        snapshot.canonical({"x": "y" * (snapshot.MOST_BYTES + 1)})


def test_a_report_on_a_country_is_narrowed_only_where_the_node_serves_another() -> None:
    narrowed = queries.wanted("member-state", "half-year", country="BE")
    assert {put.filters["destination"] for put in narrowed} == {("BE",)}
    assert not any(put.filters for put in queries.wanted("member-state", "half-year"))
    operator = {put.name: put.filters for put in queries.wanted("operator", "month", operator="Example Mobile")}
    assert operator["inbound"] == {"destination_operator": ("Example Mobile",)}
    assert operator["outbound"] == {"operator": ("Example Mobile",)}


@pytest.mark.parametrize(
    ("kind", "start", "end", "count", "first"),
    [
        ("year", 1_767_225_600, 1_798_761_600, 12, 1_767_225_600),
        ("half-year", 1_767_225_600, 1_782_864_000, 27, 1_766_966_400),
        ("month", 1_767_225_600, 1_769_904_000, 31, 1_767_225_600),
        ("week", 1_766_966_400, 1_767_571_200, 7, 1_766_966_400),
    ],
)
def test_a_course_over_time_has_every_step(kind: str, start: int, end: int, count: int, first: int) -> None:
    found = steps({"kind": kind, "start": start, "end": end})
    assert (len(found), found[0]) == (count, first)


def test_steps_without_evidence_are_nought_and_not_left_out() -> None:
    report = document("council")
    chart = next(chart for chart in charts(report) if chart.id == "over_time")
    assert isinstance(chart, Chart)
    assert len(chart.columns) == 27
    assert {len(values) for values in chart.series.values()} == {27}
    assert all(values[26] == 0 for values in chart.series.values())


def test_a_report_that_counts_what_was_made_up_says_so() -> None:
    assert document("barometer").made_up == ""
    assert "made up" in document("barometer", synthetic=True).made_up


def test_the_published_revision_of_the_period_is_quoted() -> None:
    facts = dict(document("council", published={"revision": 2, "snapshot": "ab" * 32}).facts)
    assert facts["Published"] == "2026-H1 · 2 · abababababababab"
    assert facts["Data snapshot"] != given("council").snapshot_id
