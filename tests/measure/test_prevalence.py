"""Figures from outside, and the four bases of prevalence: golden figures, what is missing is said, nothing is merged."""

import math
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.errors import ConfigError
from counterspam.measure import indicators, prevalence
from counterspam.measure.indicators import Indicator, Publisher
from counterspam.measure.populations import Kind, Population
from counterspam.measure.prevalence import PER_PERSON, Basis, Devices, Network, abusive_share, bases

HEAD = "indicator,country,channel,period,value,low,high,unit,sample,source,date,note\n"
SHIPPED = indicators.load()
PEOPLE = Population("KR", Kind.PEOPLE, 50_000_000, 2021, "UN", "2026")
PHONES = Population("KR", Kind.MOBILE, 70_000_000, 2022, "ITU", "2026")


def given_as(
    unit: str, value: float | None, low: float | None = None, high: float | None = None, sample: int | None = None
) -> Indicator:
    return Indicator(
        "x",
        "KR",
        "sms",
        "2024",
        value,
        low,
        high,
        unit,
        sample,
        "a study",
        "2025",
        "",
        "",
        Publisher.OFFICIAL,
        "",
        own=True,
    )


def share(value: float | None, low: float | None = None, high: float | None = None) -> Indicator:
    return given_as("share", value, low, high)


def test_abusive_share_as_published() -> None:
    """M3AAWG Q4 2005: 80 %; with one abusive mail per dropped connection (1.6 per delivered) 84.8 %, printed as 85 %."""
    assert abusive_share(4, 1) == 0.8
    assert abusive_share(4, 1, dropped=1.6) == 0.8
    assert round(abusive_share(4, 1, dropped=1.6, per_dropped=1), 3) == 0.848
    assert math.isnan(abusive_share(0, 0))
    stored = {one.name: one.value for one in SHIPPED if one.period == "2005-Q4"}
    assert stored == {"abusive-share": 0.8, "abusive-share-with-dropped": 0.848}


def test_complaints_are_a_floor() -> None:
    """The published example: below 0.01 % complain, so 320,000 complaints mean at least 3.2 billion calls."""
    rate = next(one for one in SHIPPED if one.name == "reporting-rate")
    count = next(one for one in SHIPPED if one.name == "complaints")
    assert count.value is not None
    row = prevalence.complaints(int(count.value), rate)
    assert row.low == pytest.approx(3_200_000_000)
    assert (row.estimate, row.high, row.missing) == (None, None, ())
    bare = prevalence.complaints(320, None)
    assert (bare.estimate, bare.low, bare.high, bare.known) == (None, 320, None, True)
    assert bare.missing == ("share of received spam that is reported",)
    both = prevalence.complaints(320, share(0.02, 0.01, 0.04))
    assert (both.low, both.estimate, both.high) == (8000, 16000, 32000)


def test_survey_times_people() -> None:
    kisa = indicators.find(SHIPPED, "received-per-person", "KR", "", "2024-02")
    assert kisa is not None
    assert (kisa.value, kisa.unit, kisa.sample, kisa.publisher) == (13.49, PER_PERSON, 3000, Publisher.OFFICIAL)
    row = prevalence.surveyed(kisa, PEOPLE)
    assert row.estimate == pytest.approx(674_500_000)
    assert row.low == pytest.approx(50_000_000 * 13.36, rel=1e-3)
    assert row.high == pytest.approx(50_000_000 * 13.62, rel=1e-3)
    assert "by chance alone (3000 asked)" in row.method
    published = prevalence.surveyed(given_as(PER_PERSON, 10, 8, 13, sample=9), PEOPLE)
    assert (published.low, published.high) == (400_000_000, 650_000_000)
    bare = prevalence.surveyed(given_as(PER_PERSON, 10), PEOPLE)
    assert (bare.low, bare.high, bare.missing) == (None, None, ("sample size or published bounds of the survey",))


def test_network_over_what_it_covers_and_finds() -> None:
    row = prevalence.measured(Network(900, share(0.5), share(None, 0.75, 0.9), "two operators"))
    assert (row.estimate, row.low, row.high) == (None, pytest.approx(2000), pytest.approx(2400))
    middle = prevalence.measured(Network(900, share(0.5), share(0.8, 0.75, 0.9), "two operators"))
    assert (middle.estimate, middle.low, middle.high) == (2250, 2000, 2400)
    floor = prevalence.measured(Network(900, share(0.5), None, "two operators"))
    assert (floor.estimate, floor.low, floor.high) == (None, 1800, None)
    assert floor.missing == ("share of spam that the networks find",)
    point = prevalence.measured(Network(900, share(0.5), share(1), "call records"))
    assert (point.estimate, point.low, point.high) == (1800, None, None)
    assert point.missing == ("bounds of the two shares",)
    assert point.source == "call records; a study; a study"


def test_panel_of_devices() -> None:
    row = prevalence.panel(Devices(100, 1000, "an app"), PHONES)
    assert row.estimate == pytest.approx(7_000_000)
    assert (row.low, row.high) == (pytest.approx(5_695_479, rel=1e-4), pytest.approx(8_513_956, rel=1e-4))
    wide = prevalence.panel(Devices(100, 1000, "an app", design_effect=4), PHONES)
    assert row.low is not None
    assert wide.low is not None
    assert wide.low < row.low
    assert "70000000 mobile-subscriptions (KR 2022, ITU)" in row.population


def test_what_is_missing_is_named_and_every_basis_is_shown() -> None:
    rows = bases(None, None, None, None, None, None, None)
    assert [row.basis for row in rows] == list(Basis)
    assert not any(row.known for row in rows)
    assert [row.missing for row in rows] == [
        ("number of reports",),
        ("survey of spam per person", "population that the survey speaks for"),
        ("filter or call-record evidence",),
        ("panel of devices", "subscriptions it speaks for"),
    ]
    assert prevalence.panel(Devices(0, 0, "an app"), PHONES).missing == ("panel of devices",)
    assert prevalence.surveyed(given_as(PER_PERSON, 3), None).missing == ("population that the survey speaks for",)


amounts = st.integers(0, 10**9)
shares = st.lists(st.floats(1e-6, 1), min_size=3, max_size=3).map(sorted).map(lambda s: share(s[1], s[0], s[2]))


@given(amounts, shares, shares, shares, amounts, st.integers(1, 10**6))
def test_bounds_hold_the_estimate_and_no_basis_moves_another(
    count: int, reporting: Indicator, coverage: Indicator, found: Indicator, seen: int, devices: int
) -> None:
    network, noted = Network(count, coverage, found, "n"), Devices(seen, devices, "d")
    survey = given_as(PER_PERSON, 5, sample=1000)
    rows = bases(count, reporting, survey, network, noted, PEOPLE, PHONES)
    for row in rows:
        figures = [figure for figure in (row.low, row.estimate, row.high) if figure is not None]
        assert all(a <= b * (1 + 1e-9) for a, b in pairwise(figures)), row
    assert rows[0].low is not None
    assert rows[0].low >= count
    without = bases(None, None, survey, None, noted, PEOPLE, PHONES)
    assert (without[1], without[3]) == (rows[1], rows[3])


def test_another_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="'messages', not in 'share'"):
        prevalence.complaints(3, given_as("messages", 4))
    with pytest.raises(ValueError, match="per person per month"):
        prevalence.surveyed(share(0.5), PEOPLE)
    with pytest.raises(ValueError, match="not in 'share'"):
        prevalence.measured(Network(3, given_as("%", 50), None, "n"))


def test_the_shipped_figures_say_whose_they_are() -> None:
    assert len(SHIPPED) >= 30
    for one in SHIPPED:
        assert one.population
        assert one.licence
        assert one.publisher != Publisher.UNSTATED
        assert not one.own
    assert [one.name for one in SHIPPED if one.publisher == Publisher.VENDOR] == ["callback-share"]


def test_find_takes_the_latest_that_had_begun(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + "awareness,GB,sms,2021,0.3,,,share,1000,Own survey,2022-01,\n", encoding="utf-8")
    loaded = indicators.load(path)
    old = indicators.find(loaded, "awareness", "GB", "sms", "2020-12")
    assert old is not None
    assert (old.value, old.period) == (0.1, "2015")
    new = indicators.find(loaded, "awareness", "GB", "sms", "2021-01")
    assert new is not None
    assert (new.value, new.own) == (0.3, True)
    assert indicators.find(loaded, "awareness", "GB", "sms", "2014-12") is None
    assert indicators.find(loaded, "awareness", "GB", "voice", "2024-01") is None
    assert indicators.find(loaded, "reporting-rate", "", "voice", "2024-01") is None, "its period is unknown"


@pytest.mark.parametrize(
    ("period", "month"),
    [
        ("2024", "2024-01"),
        ("2023-H2", "2023-07"),
        ("2023-H1", "2023-01"),
        ("2005-Q4", "2005-10"),
        ("2024-09", "2024-09"),
    ],
)
def test_begin(period: str, month: str) -> None:
    assert indicators.begin(period) == month


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Awareness,GB,sms,2021,0.3,,,share,,x,2022,", "column indicator: 'Awareness' is not a name"),
        ("awareness,UK,sms,2021,0.3,,,share,,x,2022,", "column country"),
        ("awareness,GB,text,2021,0.3,,,share,,x,2022,", "column channel: 'text' is none of email"),
        ("awareness,GB,sms,2021-Q5,0.3,,,share,,x,2022,", "column period: '2021-Q5' is not a period"),
        ("awareness,GB,sms,2021,30 %,,,share,,x,2022,", "column value: '30 %' is not a number"),
        ("awareness,GB,sms,2021,30,,,share,,x,2022,", "column unit: a share is from 0 to 1"),
        ("awareness,GB,sms,2021,,,,share,,x,2022,", "column value: is empty, and so are low and high"),
        ("awareness,GB,sms,2021,0.3,0.4,,share,,x,2022,", "column value: low, value and high do not rise"),
        ("awareness,GB,sms,2021,nan,,,share,,x,2022,", "column value: 'nan' is not a number"),
        ("awareness,GB,sms,2021,0.3,,,share,none,x,2022,", "column sample: 'none' is not a whole number"),
        ("awareness,GB,sms,2021,0.3,,,share,,,2022,", "column source: is empty"),
        ("awareness,GB,sms,2021,0.3,,,share,,x,yesterday,", "column date: 'yesterday' is not a date"),
        ("awareness,GB,sms,2021,0.3,,,,,x,2022,", "column unit: is empty"),
    ],
)
def test_a_wrong_row_is_refused_with_the_place(tmp_path: Path, row: str, said: str) -> None:
    path = tmp_path / "own.csv"
    path.write_text(HEAD + row + "\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        indicators.load(path)
    assert str(caught.value).startswith("setting indicators: own.csv, line 2, ")
    assert said in str(caught.value)


def test_publisher_and_duplicates(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    row = "awareness,GB,sms,2021,0.3,,,share,,x,2022,"
    path.write_text(HEAD.strip() + ",publisher\n" + row + ",blogger\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="'blogger' is none of official, industry, vendor, press"):
        indicators.load(path)
    path.write_text(HEAD + row + "\n" + row + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 3, column indicator: line 2 has awareness"):
        indicators.load(path)
