"""Answers against a plain recount of the same rows, through the real event store; whatever is asked, the SQL is right."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import measured_rows as made
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from measured_rows import DAY, HOUR, NOW, Row
from starlette.datastructures import QueryParams

from counterspam.config import Config
from counterspam.measure import questions, statistics
from counterspam.measure.ask import DIMENSIONS, INTERVALS, METRICS, OPEN, Ask, Unanswerable, checked
from counterspam.measure.disclosure import BASE, LEAST
from counterspam.store.events import Events
from counterspam.web import asked
from counterspam.web.answers import Asking
from counterspam.web.problems import Problem

SECRET = b"a secret of 32 bytes, or about so"
EXTRA = [
    made.row(
        NOW - 5 * HOUR - i, channel="sms", source="trap", content_type="tax", country=country, recipient_country="CI",
        sender_kind=kind, sender=sender, technique="sim-box", payload="url", language="fr", spf="pass", count=i + 1,
    )
    for i, (country, kind, sender) in enumerate([("CI", "alphanumeric", "TAXES"), ("CI", "short-code", "3636")] * 4)
]  # fmt: skip
ROWS = [*made.rows(600, seed=7), *EXTRA]
START, END = NOW - NOW % DAY - 45 * DAY, NOW - NOW % DAY + DAY
COLUMNS = {
    "sender": "sender",
    **{name: column for name, column in DIMENSIONS.items() if name not in ("border", "sender")},
}


@pytest.fixture(scope="module")
def events() -> Iterator[Events]:
    with tempfile.TemporaryDirectory() as folder:
        store = Events.open(Config(data=Path(folder)))
        store.migrate()
        store.insert(made.table(ROWS), "rows")
        yield store
        store.close()


def value(row: Row, name: str) -> Any:
    if name == "border":
        sides = (row["country"], row["recipient_country"])
        return "" if "" in sides else "domestic" if sides[0] == sides[1] else "abroad"
    found = row[COLUMNS[name]]
    return tuple(found) if isinstance(found, list) else found


def counted(ask: Ask, at: str = "") -> dict[tuple[Any, ...], tuple[int, ...]]:
    """(time, dimensions...) -> the four counts, by plain Python."""
    found: dict[tuple[Any, ...], Counter[str]] = {}
    for row in ROWS:
        named = "transit" in {*ask.dimensions, *ask.filters} and not row["transit"]
        service = row["spam"] and row["sender_kind"] in ("alphanumeric", "short-code")
        if named or ("sender" in {*ask.dimensions, *ask.filters} and not service):
            continue
        if not ask.start <= row["received_at"] // 1000 < ask.end or row["synthetic"] > ask.synthetic:
            continue
        if not all(passes(row, name, values) for name, values in ask.filters.items()):
            continue
        key = (*([floor(row["received_at"] // 1000, at)] if at else []), *(value(row, name) for name in ask.dimensions))
        cell = found.setdefault(key, Counter())
        cell.update(messages=row["count"], reports=1)
        cell.update({"spam_messages": row["count"], "spam_reports": 1} if row["spam"] else {})
    return {key: tuple(cell[name] for name in list(METRICS)[:4]) for key, cell in found.items()}


def passes(row: Row, name: str, values: tuple[str, ...]) -> bool:
    own = value(row, name)
    return bool(set(own) & set(values)) if name == "transit" else str(own) in values


def floor(at: int, interval: str) -> int:
    day = datetime.fromtimestamp(at - at % DAY, UTC)
    starts = {
        "minute": at - at % 60,
        "hour": at - at % HOUR,
        "day": at - at % DAY,
        "week": int((day - timedelta(day.weekday())).timestamp()),
        "month": int(day.replace(day=1).timestamp()),
        "year": int(day.replace(day=1, month=1).timestamp()),
    }
    return starts[interval]


def got(found: statistics.Answer, ask: Ask) -> dict[tuple[Any, ...], tuple[int, ...]]:
    keys = (*(["at"] if ask.interval else []), *ask.dimensions)
    rows = [{name: tuple(v) if isinstance(v, list) else v for name, v in row.items()} for row in found.rows]
    return {tuple(row[name] for name in keys): tuple(row[name] for name in list(METRICS)[:4]) for row in rows}


@pytest.mark.parametrize("name", DIMENSIONS)
@pytest.mark.parametrize("synthetic", [True, False])
def test_each_dimension_against_a_recount(events: Events, name: str, synthetic: bool) -> None:
    ask = Ask(START, END, dimensions=(name,), synthetic=synthetic, limit=1000)
    found = statistics.answer(events.query, ask, None)
    assert got(found, ask) == counted(ask)
    ordered = [row["spam_messages"] for row in found.rows]
    assert ordered == sorted(ordered, reverse=True)
    if name not in ("transit", "sender"):
        assert sum(row["reports"] for row in found.rows) == found.totals["reports"]


@pytest.mark.parametrize(
    ("dimensions", "filters"),
    [
        (("channel", "source"), {}),
        (("origin", "destination"), {"border": ("abroad",)}),
        (("asn", "network", "operator"), {"origin": ("DE", ""), "asn": ("64496", "0")}),
        (("origin",), {"transit": ("FR",), "channel": ("sms", "email")}),
        (("transit", "channel"), {}),
        (("content_type", "origin"), {"destination": ("",)}),
        ((), {"technique": ("sim-box",), "language": ("fr",)}),
    ],
)
@pytest.mark.parametrize("interval", ["", "day", "week", "month", "year"])
def test_combinations_against_a_recount(
    events: Events, dimensions: tuple[str, ...], filters: dict[str, tuple[str, ...]], interval: str
) -> None:
    ask = Ask(START, END, dimensions=dimensions, filters=filters, interval=interval, limit=1000)
    assert got(statistics.answer(events.query, ask, None), ask) == counted(ask, interval)


def test_minutes_hours_days_months_and_years_add_up(events: Events) -> None:
    start = END - 2 * DAY  # minutes of more days would be too many
    for first, intervals in ((start, list(INTERVALS)), (START, list(INTERVALS)[1:])):
        sums = []
        for interval in intervals:
            found = statistics.answer(events.query, Ask(first, END, interval=interval), None)
            sums.append({name: sum(row[name] for row in found.rows) for name in list(METRICS)[:4]})
            assert sums[-1] == {name: found.totals[name] for name in sums[-1]}
            assert len({row["at"] for row in found.rows}) == len(found.rows)
        assert all(one == sums[0] for one in sums)


@pytest.mark.parametrize("step", [3 * HOUR, DAY, 7 * DAY])
def test_steps_count_from_the_start_of_the_period(events: Events, step: int) -> None:
    found = statistics.answer(events.query, Ask(START, END, step=step), None)
    assert {(row["at"] - START) % step for row in found.rows} == {0}
    assert sum(row["messages"] for row in found.rows) == found.totals["messages"]


def test_pages_hold_every_row_once(events: Events) -> None:
    for secret in (None, SECRET):
        whole = statistics.answer(
            events.query, Ask(START, END, dimensions=("origin", "destination"), limit=1000), secret
        )
        pages, offset, more = [], 0, True
        while more:
            page = statistics.answer(
                events.query, Ask(START, END, dimensions=("origin", "destination"), limit=3, offset=offset), secret
            )
            pages += page.rows
            more, offset = page.more, offset + 3
            assert page.small == whole.small
        assert sorted(map(str, pages)) == sorted(map(str, whole.rows))


@pytest.mark.parametrize("name", [name for name in DIMENSIONS if name not in OPEN])
def test_the_public_sees_cells_of_5_people_within_5(events: Events, name: str) -> None:
    ask = Ask(START, END, dimensions=(name,), limit=1000)
    exact, shown = (statistics.answer(events.query, ask, secret) for secret in (None, SECRET))
    people: dict[Any, set[str]] = {}
    for row in ROWS:
        people.setdefault(str(value(row, name)), set()).add(row["reporter"] or row["id"])
    truth = {str(key[0]): counts for key, counts in got(exact, ask).items()}
    for key, counts in got(shown, ask).items():
        assert len(people[str(key[0])]) >= LEAST
        assert abs(counts[1] - truth[str(key[0])][1]) < BASE
        assert all(count % BASE == 0 for count in counts)


# Whatever is asked

VALUES = st.one_of(
    st.sampled_from(
        ["", "DE", "sms", "unknown", "'", "\\", "{start:UInt32}", "'; DROP TABLE events; --", "%s", "\x00", "𝒳"]
    ),
    st.text(max_size=30),
)
NAMES = st.sampled_from(list(DIMENSIONS))


@settings(max_examples=120, suppress_health_check=list(HealthCheck))
@given(
    dimensions=st.lists(NAMES, max_size=3, unique=True).map(tuple),
    filters=st.dictionaries(NAMES, st.lists(VALUES, min_size=1, max_size=3).map(tuple), max_size=2),
    interval=st.sampled_from(["", *INTERVALS]),
    start=st.integers(START // HOUR, END // HOUR - 1).map(lambda hour: hour * HOUR),
    days=st.integers(1, 50),
    order=st.sampled_from(list(METRICS)),
    secret=st.sampled_from([None, SECRET]),
    limit=st.integers(1, 20),
    offset=st.integers(0, 3),
)
def test_whatever_can_be_asked_is_answered(events: Events, secret: bytes | None, days: int, **given: Any) -> None:
    """Hostile values are parameters: no question makes wrong SQL, and filters with nonsense find nothing."""
    if given["filters"].get("asn"):
        given["filters"]["asn"] = tuple(str(len(one)) for one in given["filters"]["asn"])
    ask = Ask(end=given["start"] + days * DAY, **given)
    try:
        checked(ask)
    except Unanswerable:
        return
    found = statistics.answer(events.query, ask, secret)
    assert len(found.rows) <= ask.limit or ask.interval
    for row in found.rows:
        assert all(str(row[n]) in v for n, v in ask.filters.items() if n in row and n != "transit")
    if secret is None and not ask.interval and not ask.offset and not found.more:
        assert got(found, ask) == counted(ask)


# As the API says it


def said(events: Events, address: str, *, exact: bool = False) -> dict[str, Any]:
    question = asked.question(QueryParams(address))
    asking = Asking(SimpleNamespace(events=events, config=events._config))
    span = asking.span(question, questions.span(events.query), NOW)
    return asking.answer(question, span, exact=exact)


def test_an_answer_says_what_one_must_know(events: Events) -> None:
    found = said(events, "dimensions=origin&metrics=reports,spam_share,spam_share_low,spam_share_high&period=30d")
    assert found["disclosure"]["rule"] == "rounded"
    assert found["disclosure"]["rounded_to"] == BASE
    assert sum(row["reports"] for row in found["basis"]) == found["totals"]["reports"]
    unknown = sum(not row["country"] for row in ROWS if row["received_at"] // 1000 >= found["period"]["start"])
    assert found["completeness"]["unknown"]["origin"] == pytest.approx(unknown / found["totals"]["reports"], abs=0.01)
    assert found["completeness"]["running"]
    for row in found["rows"]:
        assert row["spam_share_low"] < row["spam_share"] < row["spam_share_high"]
    again = said(events, "metrics=reports,spam_share,spam_share_low,spam_share_high&period=30d&dimensions=origin")
    assert orjson.dumps(found) == orjson.dumps(again)


def test_exact_answers_and_totals_are_exact(events: Events) -> None:
    found = said(events, "dimensions=origin&period=30d", exact=True)
    assert found["disclosure"]["rule"] == "none"
    assert sum(row["reports"] for row in found["rows"]) == found["totals"]["reports"]
    assert said(events, "dimensions=channel&period=30d")["disclosure"]["rule"] == "open"


def test_nothing_found_is_0_where_that_may_be_told_and_unknown_elsewhere(events: Events) -> None:
    assert said(events, "channel=social")["totals"]["reports"] == 0
    assert said(events, "origin=VA&period=24h")["totals"]["reports"] is None


def test_reports_per_100k(events: Events) -> None:
    found = said(events, "metrics=reports,reports_per_100k&dimensions=destination&channel=sms&period=30d")
    rates = {row["destination"]: (row["reports"], row["reports_per_100k"]) for row in found["rows"]}
    (used,) = [one for one in found["populations"] if one["country"] == "CI"]
    assert rates["CI"][1] == pytest.approx(rates["CI"][0] * 100_000 / used["value"], abs=1e-4)
    assert used["year"]
    assert used["source"]
    assert rates[""][1] is None
    with pytest.raises(Problem, match="destination"):
        said(events, "metrics=reports_per_100k")
