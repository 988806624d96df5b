"""What the public may see, against somebody who subtracts one answer from another."""

import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import measured_rows as made
import pytest
from hypothesis import given
from hypothesis import strategies as st
from measured_rows import DAY, HOUR, NOW, Row

from counterspam.config import Config
from counterspam.measure import statistics
from counterspam.measure.ask import Ask
from counterspam.measure.disclosure import BASE, LEAST, rounded
from counterspam.measure.scope import Query
from counterspam.measure.statistics import Answer
from counterspam.store.events import Events

SECRET = b"a secret of 32 bytes, or about so"
START, END = NOW - NOW % DAY - 9 * DAY, NOW - NOW % DAY + DAY


def people(country: str, count: int, at: int = NOW - 3 * HOUR, **more: object) -> list[Row]:
    """Reports of different people."""
    given = {"channel": "sms", "source": "user-report", "content_type": "bank", "country": country} | more
    return [made.row(at + i, i, reporter=f"{country}{i}", recipient_country="CI", **given) for i in range(count)]


# 2 people from AQ, 4 from BV, nobody from CK; one hour has 3 more of DE
ROWS = [
    *people("DE", 23),
    *people("FR", 12),
    *people("AQ", 2),
    *people("BV", 4),
    *people("DE", 3, NOW - 30 * HOUR, content_type="parcel"),
]


@pytest.fixture(scope="module")
def query() -> Iterator[Query]:
    with tempfile.TemporaryDirectory() as folder:
        store = Events.open(Config(data=Path(folder)))
        store.migrate()
        store.insert(made.table(ROWS), "rows")
        yield store.query
        store.close()


def answer(
    query: Query, *, secret: bytes | None = SECRET, start: int = START, end: int = END, **given: object
) -> Answer:
    return statistics.answer(query, Ask(start, end, **given), secret)  # type: ignore[arg-type]


@pytest.mark.parametrize("small", ["AQ", "BV"])
@pytest.mark.parametrize("dimensions", [(), ("channel",), ("destination",), ("origin",)])
@pytest.mark.parametrize("interval", ["", "hour", "day"])
def test_a_small_cell_is_answered_like_an_empty_one(
    query: Query, small: str, dimensions: tuple[str, ...], interval: str
) -> None:
    few, none = (
        answer(query, dimensions=dimensions, interval=interval, filters={"origin": (code,)}) for code in (small, "CK")
    )
    assert few == none
    assert few.rows == []
    assert few.totals == {}
    assert few.small == {}


@pytest.mark.parametrize("small", ["AQ", "BV"])
def test_a_filter_with_a_small_value_more_changes_nothing(query: Query, small: str) -> None:
    for dimensions, interval in product([(), ("channel",), ("border",), ("destination",)], ["", "day"]):
        without, with_none, with_few = (
            answer(query, dimensions=dimensions, interval=interval, filters={"origin": values})
            for values in (("DE", "FR"), ("DE", "FR", "CK"), ("DE", "FR", small))
        )
        assert with_few.rows == with_none.rows == without.rows
        assert with_few.totals == without.totals


def test_what_is_too_small_is_told_together_only_when_enough_people_stand_behind_it(query: Query) -> None:
    found = answer(query, dimensions=("origin",))
    assert {row["origin"] for row in found.rows} == {"DE", "FR"}
    assert found.small["reports"] in (5, 10)  # 6 reports of 6 people from 2 countries
    assert found.small["cells"] == 2
    alone = answer(query, dimensions=("origin",), filters={"origin": ("DE", "AQ")})
    assert alone.small == {}


def test_one_hour_more_tells_less_than_a_handful(query: Query) -> None:
    """3 reports of 3 people lie in one hour: the difference that it makes is a multiple of 5, not 3."""
    at = NOW - 30 * HOUR
    at -= at % HOUR
    short, long = (answer(query, start=start, filters={"origin": ("DE",)}).rows[0] for start in (at + HOUR, at))
    exact = [answer(query, start=start, filters={"origin": ("DE",)}, secret=None).rows[0] for start in (at + HOUR, at)]
    assert exact[1]["reports"] - exact[0]["reports"] == 3
    for name in ("messages", "reports", "spam_messages", "spam_reports"):
        assert (long[name] - short[name]) % BASE == 0
        assert abs((long[name] - short[name]) - (exact[1][name] - exact[0][name])) < 2 * BASE


def test_sums_over_categories_stay_within_the_stated_bound(query: Query) -> None:
    whole = answer(query, filters={"origin": ("DE",)}).totals["reports"]
    parts = answer(query, dimensions=("content_type",), filters={"origin": ("DE",)})
    assert abs(whole - 26) < BASE
    assert [row["content_type"] for row in parts.rows] == ["bank"]  # 3 people wrote of parcels
    assert parts.small == {}
    assert abs(parts.rows[0]["reports"] - 23) < BASE


def test_totals_by_time_channel_and_source_are_exact(query: Query) -> None:
    for dimensions in ((), ("channel",), ("source", "channel")):
        assert answer(query, dimensions=dimensions) == answer(query, dimensions=dimensions, secret=None)
    assert answer(query, dimensions=("channel",), filters={"source": ("trap",)}).rows == []


COUNT = st.integers(0, 10_000)


@given(COUNT, st.binary(min_size=1, max_size=64), st.sampled_from(["DE", "FR"]))
def test_a_shown_count_is_a_multiple_of_5_and_less_than_5_off(count: int, secret: bytes, country: str) -> None:
    row = {"origin": country, "messages": count, "reports": count, "spam_messages": count, "spam_reports": count}
    shown = rounded(row, Ask(0, 1, dimensions=("origin",)), secret)
    for name in ("messages", "reports", "spam_messages", "spam_reports"):
        assert shown[name] % BASE == 0
        assert abs(shown[name] - count) < BASE


@given(COUNT, st.lists(st.sampled_from(["AQ", "BV", "CK", "CX"]), min_size=2, max_size=4, unique=True))
def test_asking_in_other_words_gives_no_second_draw(count: int, more: list[str]) -> None:
    """Neither values of a filter that add nothing, nor period and interval, nor the order change the rounding."""
    row = {"messages": count, "reports": count, "spam_messages": count, "spam_reports": count}
    plain = rounded(row, Ask(0, 1, filters={"destination": ("CI",), "origin": ("DE", "FR")}), SECRET)
    others = Ask(7, 9, interval="hour", filters={"origin": ("DE", *more), "destination": ("CI",)})
    assert rounded(row, others, SECRET) == plain
    described = rounded({**row, "destination": "CI"}, Ask(0, 1, dimensions=("destination",)), SECRET)
    assert {name: described[name] for name in plain} == plain


def test_the_expected_value_is_right() -> None:
    """Over 4000 secrets the mean of what is shown is the count, by a 5 sigma margin (sigma 2.45 / sqrt(4000) = 0.04)."""
    for count in (6, 7, 8, 9):
        row = {"messages": count, "reports": count, "spam_messages": 0, "spam_reports": 0}
        shown = [rounded(row, Ask(0, 1), b"%d" % i)["reports"] for i in range(4000)]
        assert abs(sum(shown) / len(shown) - count) < 0.2


def test_no_difference_tells_few_from_none_for_certain() -> None:
    """For every remainder, and 1 to 4 people more, at least one secret in 6 shows no difference at all."""
    for start, more in product(range(20, 25), range(1, LEAST)):
        rows = [{"messages": n, "reports": n, "spam_messages": n, "spam_reports": n} for n in (start, start + more)]
        shown = [[rounded(row, Ask(0, 1), b"%d" % i)["reports"] for row in rows] for i in range(2000)]
        same = sum(first == second for first, second in shown) / len(shown)
        assert same > 1 / 6
