"""The page of volume: its sentences, shares with intervals, rates with their population, bases of prevalence."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from counted_answers import DAY, HOUR, NOW, Site, records

from counterspam.config import Config
from counterspam.errors import ConfigError
from counterspam.intervals import wilson
from counterspam.measure import prevalence as bases
from counterspam.measure.populations import Kind
from counterspam.web import reference
from counterspam.web.view import View
from counterspam.web.views import prevalence

MIDNIGHT = NOW - NOW % DAY


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    found = Site(tmp_path, monkeypatch, jurisdiction="GB")
    yield found
    found.node.close()


def text(html: str) -> str:
    """What a reader reads, in one line."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()


def test_the_headline_says_how_much_and_how_it_changed(site: Site) -> None:
    site.counted.records = [
        *records(150, NOW - 2 * DAY),
        *records(100, NOW - 9 * DAY),
        *records(50, NOW - 2 * DAY, channel="email", spam=False),
    ]
    said = text(site.panels("/volume", View("7d"))["figures"])
    assert (
        "In the last 7 days, 200 messages and calls arrived in 200 reports. 75 % of the messages and calls came by SMS."
        in said
    )
    assert "That is 2.0 times as much as in the same time before." in said
    assert "Share judged spam 75 %" in said


def test_without_evidence_of_before_there_is_no_change(site: Site) -> None:
    site.first = NOW - 3 * DAY
    site.counted.records = records(150)
    said = text(site.panels("/volume", View("7d"))["figures"])
    assert "times as much" not in said
    assert "There is no evidence of all of the time before to compare with." in said


def test_only_complete_steps_are_compared(site: Site) -> None:
    site.counted.records = [*records(100, NOW - 3 * HOUR), *records(100, NOW - 3 * HOUR - DAY), *records(900, NOW)]
    assert "about as much" in text(site.panels("/volume")["figures"])


def test_what_too_few_reported_is_not_called_nothing(site: Site) -> None:
    site.counted.records = records(4, origin="FJ")
    said = text(site.panels("/volume", View(filters=(("origin", "FJ"),)))["figures"])
    assert "Nothing in this period matches these filters, or fewer than 5 reporters stand behind it." in said
    assert "nothing has arrived" not in said


def test_kinds_of_source_are_lines_beside_each_other(site: Site) -> None:
    site.first = NOW - 5 * HOUR
    site.counted.records = [*records(30), *records(20, source="trap"), *records(10, source="filter", messages=9)]
    html = site.panels("/volume")["volume-sources"]
    assert html.count('<path class="line') == 2 * 3  # in the chart and in the legend
    assert html.index("Filters") < html.index("User reports") < html.index("Spam traps")
    row = next(line for line in html.split("<tr>") if "10:00" in line and "scope" in line)
    assert text(row) == "10:00 90 30 20"
    assert (
        text(next(line for line in html.split("<tr>") if ">06:00</th>" in line)) == "06:00 – – –"
    )  # nobody was looking yet


def test_each_kind_of_source_has_its_share_and_samples_an_interval(site: Site) -> None:
    site.counted.records = [
        *records(80),
        *records(20, spam=False),
        *records(10, source="filter", channel="email", messages=50),
        *records(10, source="filter", channel="email", messages=50, spam=False),
    ]
    html = site.panels("/volume")["volume-shares"]
    bounds = wilson(80, 100)
    assert bounds is not None
    assert f"User reports SMS 100 80 80 % {100 * bounds.low:.0f} % – {100 * bounds.high:.0f} %" in text(html)
    assert "Filters E-mail 1,000 500 50 % –" in text(html)


def test_records_of_many_messages_widen_the_interval(site: Site) -> None:
    site.counted.records = [*records(8, messages=100), *records(2, messages=100, spam=False)]
    bounds = wilson(8, 10)
    assert bounds is not None
    said = text(site.panels("/volume")["volume-shares"])
    assert f"{100 * bounds.low:.0f} % – {100 * bounds.high:.0f} %" in said


def k5(country: str, reports: int, channel: str = "sms") -> dict[str, Any]:
    """A row of the question K5."""
    counts = {"numerator": reports, "numerator_reports": reports, "contributors": 5, "synthetic": 0}
    return {"channel": channel, "basis": "user-report", "country": country, **counts}


def test_rates_name_their_population_with_year_and_source(site: Site) -> None:
    site.node.events.answers["-- Question: K5"] = [k5("GB", 1000), k5("AQ", 500)]
    site.serve()
    html = site.panels("/volume", View("30d"))["volume-rates"]
    handsets = reference.populations(site.node.config)["GB", Kind.MOBILE]
    months = (NOW - (MIDNIGHT - 29 * DAY)) / DAY / (365.25 / 12)
    rate = 1000 / (handsets.value * months / 100_000)
    assert f"United Kingdom SMS 1,000 {rate:.1f}" in text(html)
    assert "Mobile subscriptions: 81.6 million (2022)" in text(html)
    assert handsets.source in text(html)
    assert "Antarctica SMS 500 Unknown – Unknown" in text(html)
    assert html.index("Antarctica") < html.index("United Kingdom"), "by name, no ranking"
    assert 'href="/country/GB?period=30d"' in html


def test_minutes_of_evidence_make_no_rate(site: Site) -> None:
    site.first = NOW - 600
    site.node.events.answers["-- Question: K5"] = [k5("GB", 1000)]
    site.serve()
    said = text(site.panels("/volume")["volume-rates"])
    assert "There is less than an hour of evidence in this period: too little for a rate." in said
    assert "United Kingdom" not in said


def test_filters_that_a_rate_does_not_know_leave_it_out(site: Site) -> None:
    assert "volume-rates" not in site.panels("/volume", View(filters=(("content_type", "bank"),)))
    assert "volume-rates" in site.panels("/volume", View(filters=(("destination", "GB"),)))


def test_prevalence_says_what_must_be_chosen(site: Site) -> None:
    assert "choose both, and no other filter" in site.panels("/volume")["prevalence"]
    several = View(channel="sms", filters=(("origin", "DE"),))
    assert "choose both, and no other filter" in site.panels("/volume", several)["prevalence"]


def test_bases_without_inputs_say_what_is_missing(site: Site) -> None:
    site.counted.records = [*records(70, destination="GB"), *records(9, destination="GB", source="filter", messages=7)]
    said = text(site.panels("/volume", View(channel="sms"))["prevalence"])
    assert "SMS, United Kingdom, Nov 2026: 1 of 4 bases say how much there is." in said
    assert "Complaints A floor: most people report nothing. – 70 – share of received spam that is reported" in said
    assert "Unknown – – survey of spam per person" in said
    assert "Unknown – – share of subscribers that the measuring networks serve" in said
    assert "Unknown – – panel of devices" in said


def test_bases_with_inputs_stand_side_by_side(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    columns = "indicator,country,channel,period,value,low,high,unit,sample,source,date,note\n"
    table = tmp_path / "own.csv"
    table.write_text(
        f"{columns}reporting-rate,GB,sms,2026,0.01,0.005,0.02,share,,Own survey,2026,\n"
        "coverage,GB,sms,2026,0.5,,,share,,Licences,2026,\n"
    )
    site = Site(tmp_path / "node", monkeypatch, indicators=table)
    site.counted.records = [*records(50, destination="GB"), *records(10, destination="GB", source="filter", messages=6)]
    view = View("2026-11", channel="sms", filters=(("destination", "GB"),))
    said = text(site.panels("/volume", view)["prevalence"])
    site.node.close()
    assert "A floor: most people report nothing. 5,000 2,500 10,000" in said
    assert re.search(r"over what they cover\. – 120 – share of spam that the networks find", said)
    assert "Own survey" in said
    assert "never merged" in said


def test_everything_that_may_be_missing_can_be_translated() -> None:
    rows = [*bases.bases(None, None, None, None, None, None, None), *bases.bases(5, None, None, None, None, None, None)]
    named = {name for row in rows for name in row.missing}
    assert len(named) >= 6
    assert named <= set(prevalence.MISSING)


def test_a_wrong_table_stops_the_node_at_start(tmp_path: Path) -> None:
    table = tmp_path / "own.csv"
    table.write_text("country,kind,value,year,source,retrieved\nGB,population,many,2026,me,2026-01-01\n")
    with pytest.raises(ConfigError, match="line 2, column value"):
        reference.load(Config(data=tmp_path, populations=table))
