"""Reference populations: the shipped table, the operator's before it, which one a channel takes, rates, and clear errors."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.errors import ConfigError
from counterspam.measure import populations, reference
from counterspam.measure.populations import KINDS, MONTH_DAYS, Kind, Population
from counterspam.taxonomy import Channel

HEAD = "country,kind,value,year,source,retrieved,note\n"
SHIPPED = populations.load()


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "own.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_table_says_source_year_and_date() -> None:
    assert sum(kind == Kind.PEOPLE for _, kind in SHIPPED) >= 225
    assert sum(kind == Kind.MOBILE for _, kind in SHIPPED) >= 200
    for (country, kind), one in SHIPPED.items():
        assert (one.country, one.kind, one.own) == (country, kind, False)
        assert 2016 <= one.year <= int(one.retrieved[:4])
        assert one.source


def test_the_shipped_kinds_fit_each_other() -> None:
    """A figure that slipped by a digit or a row would stand out against the number of people."""
    for (country, kind), one in SHIPPED.items():
        people = SHIPPED.get((country, Kind.PEOPLE))
        if people and kind == Kind.MOBILE:
            assert 0.15 < one.value / people.value < 3, country
        if people and kind == Kind.INTERNET:
            assert 0.05 < one.value / people.value < 1.05, country


def test_some_shipped_figures_are_those_of_the_source() -> None:
    expected = {
        ("ZW", Kind.PEOPLE): (15092171, 2021),
        ("CH", Kind.MOBILE): (10500000, 2022),
        ("GY", Kind.MOBILE): (856000, 2021),
        ("CN", Kind.MOBILE): (1780000000, 2022),
        ("TV", Kind.MOBILE): (9000, 2021),
        ("UA", Kind.INTERNET): (40912381, 2022),
    }
    assert {key: (SHIPPED[key].value, SHIPPED[key].year) for key in expected} == expected


def test_what_is_unknown_is_none_never_zero() -> None:
    assert populations.of(SHIPPED, "BH", Kind.INTERNET) is None
    assert populations.of(SHIPPED, "DE", Kind.MAILBOXES) is None
    assert populations.denominator(SHIPPED, "AQ", Channel.SMS) is None


def test_own_figures_come_first_and_the_latest_of_them(tmp_path: Path) -> None:
    own = (
        "# ours\n\nDE,mailboxes,90,2020,Providers,2021,\nDE,mailboxes,95,2021,Providers,2022-03,\n"
        "DE,population,7,1999,Us,1999-02-28,old\n"
    )
    loaded = populations.load(table(tmp_path, "\ufeff" + HEAD + own.replace("\n", "\r\n")))
    boxes = populations.of(loaded, "DE", Kind.MAILBOXES)
    assert boxes == Population("DE", Kind.MAILBOXES, 95, 2021, "Providers", "2022-03", "", own=True)
    people = populations.of(loaded, "DE", Kind.PEOPLE)
    assert people is not None
    assert (people.value, people.own) == (7, True)
    assert loaded["FR", Kind.PEOPLE] == SHIPPED["FR", Kind.PEOPLE]


def test_columns_in_another_order_without_the_note(tmp_path: Path) -> None:
    text = 'source,year,value,kind,country,retrieved\n"Office, of figures",2024,5,population,FR,2025-01-31\n'
    one = populations.load(table(tmp_path, text))["FR", Kind.PEOPLE]
    assert (one.value, one.source) == (5, "Office, of figures")


def test_every_channel_has_a_population_and_a_stand_in_is_said() -> None:
    assert set(KINDS) == set(Channel)
    sms = populations.denominator(SHIPPED, "DE", Channel.SMS)
    assert sms is not None
    assert (sms.population.kind, sms.instead_of) == (Kind.MOBILE, None)
    mail = populations.denominator(SHIPPED, "DE", Channel.EMAIL)
    assert mail is not None
    assert (mail.population.kind, mail.instead_of) == (Kind.INTERNET, Kind.MAILBOXES)
    kosovo = populations.denominator(SHIPPED, "XK", Channel.VOICE)
    assert kosovo is not None
    assert (kosovo.population.kind, kosovo.instead_of) == (Kind.PEOPLE, Kind.MOBILE)


def test_rate() -> None:
    people = Population("XK", Kind.PEOPLE, 2_000_000, 2021, "Eurostat", "2026")
    found = populations.rate(50, people)
    assert (found.interval.estimate, found.per, found.monthly, found.population) == (2.5, 100_000, False, people)
    assert (found.interval.low, found.interval.high) == (pytest.approx(1.856, abs=1e-3), pytest.approx(3.296, abs=1e-3))
    quarter = populations.rate(50, people, days=3 * MONTH_DAYS)
    assert quarter.monthly
    assert quarter.interval.estimate == pytest.approx(2.5 / 3)
    assert populations.rate(50, people, per=1000).interval.estimate == pytest.approx(0.025)
    assert populations.rate(0, people).interval.low == 0
    with pytest.raises(ValueError, match="days"):
        populations.rate(1, people, days=0)


@given(st.integers(0, 10**6), st.integers(1, 10**10), st.floats(1, 30))
def test_rate_holds_its_estimate_and_widens(count: int, value: int, effect: float) -> None:
    people = Population("DE", Kind.PEOPLE, value, 2021, "x", "2026")
    plain, wide = populations.rate(count, people), populations.rate(count, people, design_effect=effect)
    assert plain.interval.low <= plain.interval.estimate < plain.interval.high
    assert wide.interval.estimate == plain.interval.estimate
    assert wide.interval.high >= plain.interval.high * (1 - 1e-4)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "own.csv: is empty; it needs the columns country"),
        ("country,kind\n", "line 1: lacks value, year, source, retrieved"),
        (HEAD.replace("note", "remark"), "line 1: has 'remark'"),
        (HEAD.replace("note", "note,note"), "line 1: has a column twice"),
        (HEAD + "UK,population,5,2024,x,2025,\n", "line 2, column country: 'UK' is not an ISO 3166"),
        (HEAD + "GB,people,5,2024,x,2025,\n", "line 2, column kind: 'people' is none of mobile-subscriptions"),
        (HEAD + "#\n\nGB,population,5 000,2024,x,2025,\n", "line 4, column value: '5 000' is not a whole number"),
        (HEAD + "GB,population,0,2024,x,2025,\n", "line 2, column value: '0' is not a whole number from 1"),
        (HEAD + "GB,population,-4,2024,x,2025,\n", "line 2, column value"),
        (HEAD + "GB,population,٤,2024,x,2025,\n", "line 2, column value"),
        (HEAD + "GB,population,5,24,x,2025,\n", "line 2, column year: '24' is not a whole number from 1990 to 2100"),
        (HEAD + "GB,population,5,2024,,2025,\n", "line 2, column source: is empty"),
        (HEAD + "GB,population,5,2024,x,31.1.2025,\n", "line 2, column retrieved: '31.1.2025' is not a date"),
        (HEAD + "GB,population,5,2024,x,2025-02-30,\n", "line 2, column retrieved: '2025-02-30' is not a day"),
        (HEAD + "GB,population,5,2024,x,2025-13,\n", "line 2, column retrieved: '2025-13' is not a day"),
        (HEAD + "GB,population,5,2024,x\n", "line 2: has 5 cells, the first line names 7 columns"),
        (HEAD + 'GB,population,5,2024,"x,2025,\n', "line 2: unexpected end of data"),
        (
            HEAD + "GB,population,5,2024,x,2025,\nGB,population,6,2024,y,2025,\n",
            "line 3, column year: line 2 has population",
        ),
        (HEAD + f"GB,population,5,2024,{'x' * 501},2025,\n", "line 2: a cell has more than 500 characters"),
    ],
)
def test_a_wrong_table_is_refused_with_the_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        populations.load(table(tmp_path, text))
    assert str(caught.value).startswith("setting populations: own.csv")
    assert said in str(caught.value)


def test_bounds_of_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        populations.load(tmp_path / "none.csv")
    with pytest.raises(ConfigError, match="cannot be read"):
        populations.load(tmp_path)
    (tmp_path / "latin.csv").write_bytes(HEAD.encode() + b"CI,population,5,2024,\xe9,2025,\n")
    with pytest.raises(ConfigError, match="not UTF-8 at byte"):
        populations.load(tmp_path / "latin.csv")
    with pytest.raises(ConfigError, match="larger than"):
        populations.load(table(tmp_path, HEAD + "#" * reference.MAX_BYTES))
    monkeypatch.setattr(reference, "MAX_ROWS", 50)
    rows = (f"GB,population,5,{1990 + n},x,2025,\n" for n in range(51))
    with pytest.raises(ConfigError, match="line 52: more than 50 rows"):
        list(reference.lines("x", table(tmp_path, HEAD + "".join(rows)), populations.COLUMNS, populations.OPTIONAL))


@given(st.binary(max_size=300))
def test_any_bytes_give_a_table_or_an_error_of_ours(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(HEAD.encode() + raw)
    try:
        loaded = populations.load(path)
    except ConfigError as error:
        said = str(error)
    else:
        said = "any.csv" if len(loaded) >= len(SHIPPED) else ""
    assert "any.csv" in said
