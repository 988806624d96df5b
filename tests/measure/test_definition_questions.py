"""Figures as a definition counts spam: against a plain recount, protected as all public figures are; what is seen lately."""

import os
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from measured_rows import DAY, HOUR, NOW, row

from counterspam.config import Config
from counterspam.defining import Definitions, with_answers
from counterspam.errors import StoreError
from counterspam.lately import WINDOWS, Lately
from counterspam.measure import statistics
from counterspam.measure.ask import Ask, Unanswerable
from counterspam.measure.definition_questions import definition_answers, definition_trial, seen_lately, seen_together
from counterspam.measure.periods import period
from counterspam.measure.questions import campaigns_joined
from counterspam.measure.scope import Scope
from counterspam.policy.definitions.definition import Definition, shipped
from counterspam.policy.definitions.facts import of_row
from counterspam.policy.definitions.judge import Judge
from counterspam.store.events import Events
from counterspam.store.rows import SCHEMA

VERSIONS = ("a@1", "a@2")
SECRET = b"x" * 32


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Events]:
    """One engine for all."""
    store = Events.open(Config(data=tmp_path_factory.mktemp("definitions")))
    store.migrate()
    yield store
    store.close()


@pytest.fixture
def events(store: Events) -> Events:
    """The same, emptied."""
    for table in set(store.size()) - {"migrations"}:
        store._write(lambda client, name=table: client.command(f"TRUNCATE TABLE {name}"))  # type: ignore[misc]
    return store


def evidence(count: int = 600, seed: int = 1) -> list[dict[str, object]]:
    """Rows of the last 5 days with what a definition said of them."""
    dice = random.Random(seed)
    found = []
    for _ in range(count):
        said = dice.choice(["yes", "no", "unknown", "unjudged"])
        version = dice.choice(VERSIONS)
        found.append(
            row(
                NOW - 1 - int(dice.random() * 5 * DAY),
                dice.randrange(1000),
                channel=dice.choice(["email", "sms"]),
                source="user-report",
                reporter=f"r{dice.randrange(40)}",
                country=dice.choice(["DE", "FR", ""]),
                spam=dice.randrange(2),
                count=dice.choice([1, 1, 7]),
                definitions=[version, "b@1"] if said == "yes" else ["b@1"],
                judged_under={"yes": f"{version} b@1", "no": f"{version} b@1", "unknown": f"{version}? b@1"}.get(
                    said, "b@1"
                ),
            )
        )
    return found


def insert(events: Events, rows: list[dict[str, object]]) -> None:
    events.insert(pa.Table.from_pylist(rows, SCHEMA), os.urandom(8).hex())


ASK = Ask(NOW - 6 * DAY - NOW % DAY, NOW + DAY - NOW % DAY, defined_by=VERSIONS)
SCOPE = Scope(replace(period("7d", NOW), start=ASK.start, end=ASK.end))


def test_spam_is_what_meets_a_version_of_the_definition(events: Events) -> None:
    rows = evidence()
    insert(events, rows)
    wanted: Counter[str] = Counter()
    for one in rows:
        wanted[f"{one['channel']} all"] += int(str(one["count"]))
        if set(VERSIONS) & set(one["definitions"]):  # type: ignore[arg-type]
            wanted[f"{one['channel']} spam"] += int(str(one["count"]))
    found = statistics.answer(events.query, replace(ASK, dimensions=("channel",)), None)
    assert {f"{r['channel']} all": r["messages"] for r in found.rows} | {
        f"{r['channel']} spam": r["spam_messages"] for r in found.rows
    } == wanted
    one = statistics.answer(events.query, replace(ASK, defined_by=("a@1",)), None).totals["spam_reports"]
    two = statistics.answer(events.query, replace(ASK, defined_by=("a@2",)), None).totals["spam_reports"]
    assert one + two == sum(bool(set(VERSIONS) & set(r["definitions"])) for r in rows)  # type: ignore[arg-type]
    by_day = statistics.answer(events.query, replace(ASK, interval="day"), None)
    assert sum(r["spam_reports"] for r in by_day.rows) == one + two


def test_the_public_gets_rounded_counts_and_no_cell_of_fewer_than_five(events: Events) -> None:
    rows = evidence()
    lonely = [
        row(NOW - 100 - n, channel="rcs", reporter=f"l{n}", definitions=["a@1"] * (n < 4), judged_under="a@1")
        for n in range(40)
    ]
    insert(events, rows + lonely)
    found = statistics.answer(events.query, replace(ASK, dimensions=("channel",)), SECRET)
    assert {r["channel"] for r in found.rows} == {"email", "sms"}  # 40 reporters of rcs, but 4 of what meets it
    assert found.rounded
    assert all(r["spam_messages"] % 5 == 0 and r["reports"] % 5 == 0 for r in found.rows)
    alone = statistics.answer(events.query, replace(ASK, filters={"channel": ("rcs",)}), SECRET)
    assert alone.rows == []
    assert alone.totals == {}


def test_what_rollups_cannot_answer_is_not_asked_of_events(events: Events) -> None:
    for wrong in (
        {"dimensions": ("language", "spf")},
        {"dimensions": ("transit",)},
        {"start": ASK.start - 500 * DAY},
        {"start": ASK.start + 1},
    ):
        with pytest.raises(Unanswerable):
            statistics.answer(events.query, replace(ASK, **wrong), None)  # type: ignore[arg-type]


def test_answers_stand_beside_the_verdict_and_not_judged_is_no_no(events: Events) -> None:
    rows = evidence()
    insert(events, rows)
    found = {(r["answer"], r["verdict"]): r["reports"] for r in definition_answers(events.query, SCOPE, VERSIONS, None)}
    wanted: Counter[tuple[str, bool]] = Counter()
    for one in rows:
        under = str(one["judged_under"]).split()
        met = bool(set(VERSIONS) & set(one["definitions"]))  # type: ignore[arg-type]
        said = (
            "yes"
            if met
            else "unknown"
            if any(f"{v}?" in under for v in VERSIONS)
            else "no"
            if set(VERSIONS) & set(under)
            else "unjudged"
        )
        wanted[said, bool(one["spam"])] += 1
    assert found == wanted
    shown = definition_answers(events.query, SCOPE, VERSIONS, SECRET)
    assert all(r["reports"] % 5 == 0 for r in shown)
    few = definition_answers(events.query, replace(SCOPE, channel="voice"), VERSIONS, SECRET)
    assert few == []


def test_small_answers_are_not_told_to_the_public(events: Events) -> None:
    insert(
        events,
        [row(NOW - 50 - n, channel="sms", reporter=f"r{n}", definitions=["a@1"], judged_under="a@1") for n in range(4)],
    )
    (only,) = definition_answers(events.query, SCOPE, VERSIONS, SECRET)
    assert (only["answer"], only["messages"], only["reports"]) == ("yes", None, None)


def test_a_definition_is_tried_on_the_newest_or_on_all_of_a_period(events: Events) -> None:
    rows = evidence(300)
    insert(events, rows)
    newest = definition_trial(events.query, SCOPE, 20, spread=False)
    times = sorted((int(str(r["received_at"])) for r in rows), reverse=True)
    assert [r["received_at"] for r in newest] == times[:20]
    spread = definition_trial(events.query, SCOPE, 20, spread=True)
    assert len(spread) == 20
    assert {r["id"] for r in spread} != {r["id"] for r in newest}
    assert definition_trial(events.query, SCOPE, 20, spread=True) == spread
    assert len(definition_trial(events.query, SCOPE, 99_999, spread=False)) == 300
    assert of_row(newest[0])["channel"] in ("email", "sms")


def test_campaigns_are_counted_in_three_windows_and_never_too_high(events: Events) -> None:
    at = NOW + HOUR // 2
    ages = [0, 2 * HOUR, 30 * HOUR, 10 * DAY, 100 * DAY, 400 * DAY]
    insert(events, [row(NOW - age, campaign=7, channel="sms", count=2) for age in ages])
    insert(events, [row(NOW - 3 * HOUR, campaign=9, channel="sms")])
    assert seen_lately(events.query, [7, 9, 11], at) == {7: (4, 8, 10), 9: (1, 1, 1)}
    events.insert_aliases([(9, 7)])
    assert seen_together(events.query, [7], campaigns_joined(events.query, [7]), at) == {7: (5, 9, 11)}
    assert seen_lately(events.query, [], at) == {}


def test_a_row_counts_what_is_stored_and_what_came_before_it_in_the_same_part(events: Events) -> None:
    insert(
        events, [row(NOW - 2 * HOUR, campaign=7, channel="sms", count=5), row(NOW - 5 * DAY, campaign=7, channel="sms")]
    )
    part = pa.Table.from_pylist(
        [
            row(NOW, campaign=7, seen_before=6, count=2),
            row(NOW, campaign=7, seen_before=8, count=1),
            row(NOW, campaign=8, seen_before=0, count=1),
            row(NOW, campaign=8, seen_before=1, count=1),
            row(NOW, campaign=0, count=40),
        ],
        SCHEMA,
    )
    found = Lately().with_windows(part, events.query, NOW * 1000)
    assert found["seen_24h"].to_pylist() == [7, 8, 1, 2, 40]
    assert found["seen_30d"].to_pylist() == [8, 9, 1, 2, 40]
    assert found.schema == SCHEMA


def test_the_store_is_asked_once_an_hour_and_what_came_since_is_added(events: Events) -> None:
    insert(events, [row(NOW - 2 * HOUR, campaign=7, channel="sms", count=5)])
    asked: list[object] = []

    def query(sql: str, given: Mapping[str, object]) -> list[dict[str, object]]:
        asked.append(given)
        return events.query(sql, given)

    lately = Lately()

    def seen(seen_before: int, at: int, grown: tuple[int, ...] = ()) -> int:
        part = pa.Table.from_pylist([row(at, campaign=7, seen_before=seen_before)], SCHEMA)
        return int(lately.with_windows(part, query, at * 1000, grown)["seen_24h"][0].as_py())

    at = NOW - NOW % HOUR + 60
    assert seen(5, at) == 6
    assert len(asked) == 2  # the campaign, and what became part of it
    assert seen(9, at + 600) == 10  # four more came since
    assert len(asked) == 2
    assert seen(9, at + 600, (7,)) == 6  # asked anew: none of the four is in the store here
    assert len(asked) == 4
    assert seen(10, at + HOUR) == 6
    assert len(asked) == 6


def test_windows_that_cannot_be_asked_for_are_not_known() -> None:
    def broken(sql: str, given: object) -> list[dict[str, object]]:
        raise StoreError("away")

    part = pa.Table.from_pylist([row(NOW, campaign=7, seen_before=6), row(NOW, campaign=8)], SCHEMA)
    found = Lately().with_windows(part, broken, NOW * 1000)
    assert found["seen_24h"].to_pylist() == [0, 1]


def test_rows_together_are_judged_as_each_alone(events: Events) -> None:
    judge = Judge([*shipped(), Definition(id="now", title="n", words="w", expression="spam", valid_from="2026-11-20")])
    dice = random.Random(3)
    rows = [
        row(
            NOW - dice.randrange(900 * DAY) * dice.randrange(2),
            channel=dice.choice(["email", "sms", "voice"]),
            source=dice.choice(["trap", "user-report", "filter"]),
            nature=dice.choice(["commercial", "unknown", "fraudulent", "non-commercial"]),
            spam=dice.randrange(2),
            traits=dice.choice(["", "text", "text opt-out", "text opt-out labelled"]),
            technique=dice.choice(["", "spoofed-id", "bulk-service"]),
            seen_24h=dice.choice([0, 1, 20, 100, 101]),
            seen_30d=dice.choice([0, 5, 1001]),
            seen_365d=dice.choice([0, 5, 10_001]),
        )
        for _ in range(800)
    ]
    table = with_answers(pa.Table.from_pylist(rows, SCHEMA), judge)
    again = with_answers(table, judge)  # from what it remembers
    for place, one in enumerate(rows):
        day = np.datetime64(int(str(one["observed_at"])), "ms").astype("datetime64[D]")
        alone = judge.judged(of_row(one), str(day))
        for found in (table, again):
            assert tuple(found["definitions"][place].as_py()) == alone.met
            assert found["judged_under"][place].as_py() == alone.line
    insert(events, table.to_pylist())
    insert(events, table.take(list(range(3))).to_pylist())
    assert len(with_answers(table.slice(0, 0), judge)) == 0


class _Broken(Definitions):
    """Definitions whose store is away."""

    def __init__(self) -> None:
        pass

    def judge(self) -> Judge:
        raise StoreError("away")


def test_evidence_is_stored_unjudged_rather_than_lost(caplog: pytest.LogCaptureFixture) -> None:
    part = pa.Table.from_pylist([row(NOW)], SCHEMA)
    assert _Broken().stamped(part, lambda sql, given: [], NOW * 1000) is part
    assert "without being judged" in caplog.text


def test_every_window_is_a_column() -> None:
    assert set(WINDOWS) <= set(SCHEMA.names)
