"""The questions of data quality against a plain recount, through the real event store."""

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import measured_rows as made
import pytest
from measured_rows import DAY, HOUR, NOW, Row

from counterspam.config import Config
from counterspam.measure import periods, quality
from counterspam.measure.figure import disclosed
from counterspam.measure.quality import Break
from counterspam.measure.scope import Query, Scope, definition
from counterspam.store.events import Events

BEGUN = NOW - 40 * DAY - NOW % DAY  # the first hour of steady evidence


def _steady(source: str, start: int, end: int, step: int = HOUR, **given: Any) -> list[Row]:
    """A record at every `step`, on the half hour."""
    fixed = {"channel": "sms", "source": source, "format": "csv", "intake": "api", "content_type": "bank", **given}
    return [made.row(at + HOUR // 2, **fixed) for at in range(start, end, step)]


def _rows() -> list[Row]:
    rng = random.Random(5)
    noise = made.rows(500, seed=54)
    for one in noise:
        one["channel"] = "email"
        one["format"] = rng.choice(["eml", "arf"])
        one["intake"] = rng.choice(["smtp", "api"])
        one["node"] = rng.choice(["a", "b"])
        one["observed_at"] = one["received_at"] - rng.choice([0, HOUR - 1, HOUR, DAY - 1, DAY, 9 * DAY]) * 1000
        one["nature"] = rng.choice(["unknown", "commercial"])
        one["language"] = rng.choice(["", "en"])
    return [
        *noise,
        *_steady("trap", BEGUN, NOW),  # never a break
        *_steady("filter", BEGUN, NOW - 2 * DAY),  # stops
        *_steady("call-record", NOW - 5 * DAY, NOW),  # starts
        *_steady("peer", BEGUN, NOW - 4 * DAY),  # pauses
        *_steady("peer", NOW - 3 * DAY, NOW),
        *_steady("honeypot", BEGUN + 20 * HOUR, NOW, DAY),  # once a day: silence is usual; and no start
        *_steady("signalling", NOW - 3 * DAY, NOW - 3 * DAY + 3 * HOUR),  # too little to say
        *_steady("user-report", NOW - 5 * DAY, NOW, channel="rcs", synthetic=1),  # starts, made up
    ]


ROWS = _rows()
FIRST = min(one["received_at"] for one in ROWS) // 1000
SCOPES = [(name, *rest) for name in periods.PERIODS for rest in (("", True), ("email", True), ("", False))]


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Query]:
    """What questions are asked through."""
    store = Events.open(Config(data=tmp_path_factory.mktemp("quality")))
    store.migrate()
    store.insert(made.table(ROWS), "rows")
    yield store.query
    store.close()


@pytest.fixture(params=SCOPES, ids=str)
def scope(request: pytest.FixtureRequest) -> Scope:
    name, channel, synthetic = request.param
    return Scope(periods.period(name, NOW, FIRST), channel, synthetic)


def inside(asked: Scope, *, whole_hours: bool = True) -> list[Row]:
    begin = asked.period.whole_hours if whole_hours else asked.period.start
    return [
        one
        for one in ROWS
        if begin * 1000 <= one["received_at"] < asked.period.end * 1000
        and asked.channel in ("", one["channel"])
        and (asked.synthetic or not one["synthetic"])
    ]


def late(one: Row, seconds: int) -> bool:
    """As the rollup counts: differences between whole seconds."""
    return bool(one["received_at"] // 1000 - one["observed_at"] // 1000 >= seconds)


@pytest.mark.parametrize("doors", [False, True])
def test_coverage_per_source_and_per_door(query: Query, scope: Scope, doors: bool) -> None:
    parts: dict[tuple[str, ...], list[Row]] = defaultdict(list)
    keys = ("channel", "source", "format", "intake") if doors else ("channel", "source")
    for one in inside(scope):
        parts[tuple(one[key] for key in keys)].append(one)
    got = quality.coverage(query, scope, NOW - 1, doors=doors)
    names = ("channel", "source", "format", "door") if doors else ("channel", "source")
    assert {tuple(row[name] for name in names) for row in got} == set(parts)
    whole = (NOW - max(scope.period.whole_hours, FIRST - FIRST % HOUR)) // HOUR
    for row in got:
        part = parts[tuple(row[name] for name in names)]
        hours = {one["received_at"] // 1000 // HOUR * HOUR for one in part}
        assert (row["reports"], row["messages"]) == (len(part), sum(one["count"] for one in part))
        assert (row["first"], row["last"], row["hours_with"]) == (min(hours), max(hours), len(hours))
        assert row["hours_with"] + row["hours_without"] == whole
        assert row["nodes"] == len({one["node"] for one in part})
        assert row["hour_late"] == sum(late(one, HOUR) for one in part) / len(part)
        assert row["day_late"] == sum(late(one, DAY) for one in part) / len(part)
        if doors:
            assert row["without_country"] == sum(not one["country"] for one in part) / len(part)
            assert row["without_destination"] == sum(not one["recipient_country"] for one in part) / len(part)
            untyped = sum(one["spam"] and one["content_type"] in ("", "unknown") for one in part)
            assert row["without_type"] == untyped / len(part)
        else:
            assert not {"format", "door", "without_country", "without_destination", "without_type"} & set(row)


def test_breaks_are_starts_stops_and_pauses(query: Query) -> None:
    week = Scope(periods.period("7d", NOW), "sms")
    steady = ("csv", "api")
    expected = [
        Break("started", "sms", "call-record", *steady, NOW - 5 * DAY, None, None, False),
        Break("paused", "sms", "peer", *steady, NOW - 4 * DAY, NOW - 3 * DAY, 0, False),
        Break("stopped", "sms", "filter", *steady, NOW - 2 * DAY, None, 0, False),
    ]
    assert quality.breaks(query, week, NOW, doors=True) == expected
    told = quality.breaks(query, week, NOW)
    assert [(one.kind, one.source, one.format, one.door) for one in told] == [
        (one.kind, one.source, "", "") for one in expected
    ]


def test_a_break_belongs_to_the_period_in_which_it_is(query: Query) -> None:
    assert quality.breaks(query, Scope(periods.period("24h", NOW), "sms"), NOW) == []
    before = periods.Period("", "", NOW - 12 * DAY, NOW - 6 * DAY, DAY)
    assert quality.breaks(query, Scope(before, "sms"), NOW) == []
    (made_up,) = quality.breaks(query, Scope(periods.period("7d", NOW), "rcs"), NOW)
    assert (made_up.kind, made_up.synthetic) == ("started", True)
    assert quality.breaks(query, Scope(periods.period("7d", NOW), "rcs", synthetic=False), NOW) == []


def test_what_was_there_from_the_beginning_did_not_start(query: Query) -> None:
    whole = quality.breaks(query, Scope(periods.period("all", NOW, FIRST), "sms"), NOW)
    assert [(one.kind, one.source) for one in whole] == [
        ("started", "call-record"),
        ("paused", "peer"),
        ("stopped", "filter"),
    ]


def test_unknown_shares(query: Query, scope: Scope) -> None:
    columns = {"origin": "country", "destination": "recipient_country"}
    same = ("content_type", "nature", "language", "technique", "disposition", "sender_kind")
    found = defaultdict(list)
    for one in inside(scope):
        if one["spam"]:
            found[one["channel"]].append(one)
    figure = quality.unknown(query, scope)
    assert bool(figure.rows) == bool(found)
    got = {(row["channel"], row["basis"]): row for row in figure.rows}
    assert set(got) == {(channel, name) for channel in found for name in (*columns, *same)}
    for (channel, name), row in got.items():
        blank = [one for one in found[channel] if one[columns.get(name, name)] in ("", "unknown")]
        assert (row["numerator"], row["numerator_reports"]) == (sum(one["count"] for one in blank), len(blank))
        assert (row["denominator"], row["denominator_reports"]) == (
            sum(one["count"] for one in found[channel]),
            len(found[channel]),
        )
        assert row["value"] == row["numerator"] / row["denominator"]
        people = {one["reporter"] or one["id"] for one in blank or found[channel]}
        assert row["contributors"] == min(5, len(people))
    assert all(row["contributors"] >= 5 for row in disclosed(figure, b"secret").rows)


@pytest.mark.parametrize("name", quality.QUALITY)
def test_every_question_says_what_it_means(name: str) -> None:
    found = definition(name)
    assert len(found) == 8
    assert found["question"].endswith("?")
    documented = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")
    assert all(part in documented for part in (f"### `{name}`", *found.values()))
