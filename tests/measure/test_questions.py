"""Every question against a plain recount of the same rows, through the real event store."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import measured_rows as made
import pytest
from measured_rows import DAY, HOUR, NOW, Row

from counterspam.config import Config
from counterspam.measure import periods, questions
from counterspam.measure.disclosure import LEAST
from counterspam.measure.scope import Query, Scope, definition
from counterspam.store.events import Events

LATE = made.row(NOW, 999, channel="sms", source="trap", content_type="bank", country="DE", recipient_country="CI")
ROWS = [*made.rows(700, seed=52), LATE]
FIRST = min(one["received_at"] for one in ROWS) // 1000
NAMES = list(periods.PERIODS)
SCOPES = [
    (name, channel, synthetic) for name in NAMES for channel, synthetic in (("", True), ("sms", True), ("", False))
]


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Events]:
    """The store with the rows; 13 became part of 11."""
    store = Events.open(Config(data=tmp_path_factory.mktemp("measure")))
    store.migrate()
    store.insert(made.table(ROWS[:-1]), "rows")
    store.insert(made.table(ROWS[-1:]), "row")  # a part of its own, as when one message arrives
    store.insert_aliases([(13, 11)])
    yield store
    store.close()


@pytest.fixture(scope="module")
def query(events: Events) -> Query:
    """What questions are asked through."""
    return events.query


def scope(name: str, channel: str = "", synthetic: bool = True) -> Scope:
    return Scope(periods.period(name, NOW, FIRST), channel, synthetic)


def inside(asked: Scope, *, start: int | None = None, spam: bool = False) -> list[Row]:
    """The rows that a scope covers."""
    begin = asked.period.start if start is None else start
    return [
        one
        for one in ROWS
        if begin * 1000 <= one["received_at"] < asked.period.end * 1000
        and asked.channel in ("", one["channel"])
        and (asked.synthetic or not one["synthetic"])
        and (one["spam"] or not spam)
    ]


def hourly(asked: Scope, **given: Any) -> list[Row]:
    return inside(asked, start=asked.period.whole_hours, **given)


def total(found: list[Row], key: Callable[[Row], Any], spam_only: bool = False) -> dict[Any, tuple[int, int]]:
    """key -> (messages, reports)."""
    messages, reports = Counter[Any](), Counter[Any]()
    for one in found:
        if one["spam"] or not spam_only:
            messages[key(one)] += one["count"]
            reports[key(one)] += 1
    return {name: (messages[name], reports[name]) for name in messages}


@pytest.mark.parametrize("asked", SCOPES, ids=str)
def test_volume_by_channel(query: Query, asked: tuple[str, str, bool]) -> None:
    given = scope(*asked)
    step = given.period.step
    expected = total(inside(given), lambda one: (one["received_at"] // 1000 // step * step, one["channel"]))
    got = questions.volume_by_channel(query, given)
    assert {(row["at"], row["channel"]): (row["messages"], row["reports"]) for row in got} == expected
    assert {row["at"] for row in got} <= set(given.period.steps)


@pytest.mark.parametrize("asked", SCOPES, ids=str)
def test_volume_by_type(query: Query, asked: tuple[str, str, bool]) -> None:
    given = scope(*asked)
    step = given.period.step
    expected = total(
        inside(given, spam=True), lambda one: (one["received_at"] // 1000 // step * step, one["content_type"])
    )
    got = questions.volume_by_type(query, given)
    assert {(row["at"], row["content_type"]): (row["messages"], row["reports"]) for row in got} == expected


@pytest.mark.parametrize("asked", SCOPES, ids=str)
def test_spam_share_keeps_source_kinds_apart(query: Query, asked: tuple[str, str, bool]) -> None:
    given = scope(*asked)
    every, spam = (total(inside(given, spam=only), lambda one: one["source"]) for only in (False, True))
    got = questions.spam_share(query, given)
    assert {row["source"]: (row["messages"], row["reports"]) for row in got} == every
    assert {row["source"]: (row["spam_messages"], row["spam_reports"]) for row in got if row["spam_reports"]} == spam
    assert sum(row["synthetic_reports"] for row in got) == sum(one["synthetic"] for one in inside(given))


@pytest.mark.parametrize("asked", SCOPES, ids=str)
def test_reporters(query: Query, asked: tuple[str, str, bool]) -> None:
    given = scope(*asked)
    assert questions.reporters(query, given) == len({one["reporter"] for one in hourly(given)} - {""})


@pytest.mark.parametrize("asked", SCOPES, ids=str)
def test_origins_and_routes(query: Query, asked: tuple[str, str, bool]) -> None:
    given = scope(*asked)
    spam = hourly(given, spam=True)
    by_country = questions.origins_by_country(query, given)
    assert {row["country"]: (row["messages"], row["reports"]) for row in by_country} == total(
        hourly(given), lambda one: one["country"]
    )
    assert sum(row["spam_messages"] for row in by_country) == sum(one["count"] for one in spam)
    matrix = {
        (row["country"], row["recipient_country"]): (row["spam_messages"], row["spam_reports"])
        for row in questions.route_matrix(query, given)
    }
    assert matrix == total(spam, lambda one: (one["country"], one["recipient_country"]))


@pytest.mark.parametrize("asked", SCOPES, ids=str)
def test_small_networks_operators_and_routes_are_not_listed(query: Query, asked: tuple[str, str, bool]) -> None:
    given = scope(*asked)
    spam = hourly(given, spam=True)

    def big(key: Callable[[Row], Any], wanted: Callable[[Row], Any]) -> dict[Any, tuple[int, int]]:
        found = [one for one in spam if wanted(one)]
        people = {name: {one["reporter"] or one["id"] for one in found if key(one) == name} for name in map(key, found)}
        return {name: counts for name, counts in total(found, key).items() if len(people[name]) >= LEAST}

    networks = questions.origins_by_network(query, given, 1000)
    assert {row["asn"]: (row["spam_messages"], row["spam_reports"]) for row in networks} == big(
        lambda one: one["asn"], lambda one: one["asn"]
    )
    operators = questions.origins_by_operator(query, given, 1000)
    assert {row["country"]: (row["spam_messages"], row["spam_reports"]) for row in operators} == big(
        lambda one: one["country"], lambda one: one["operator"]
    )
    routes = questions.top_routes(query, given, 1000)
    assert {
        (row["country"], tuple(row["transit"]), row["recipient_country"]): (row["spam_messages"], row["spam_reports"])
        for row in routes
    } == big(lambda one: (one["country"], tuple(one["transit"]), one["recipient_country"]), lambda one: one["transit"])


@pytest.mark.parametrize("asked", SCOPES, ids=str)
def test_campaigns_are_folded_into_what_they_are_today(query: Query, asked: tuple[str, str, bool]) -> None:
    given = scope(*asked)
    spam = [one for one in hourly(given, spam=True) if one["campaign"]]
    today = {13: 11}
    every = total(spam, lambda one: today.get(one["campaign"], one["campaign"]))
    people = {
        id: {one["reporter"] or one["id"] for one in spam if today.get(one["campaign"], one["campaign"]) == id}
        for id in every
    }
    expected = {id: counts for id, counts in every.items() if len(people[id]) >= LEAST}
    got = questions.top_campaigns(query, given, 5000)
    assert {row["id"]: (row["spam_messages"], row["spam_reports"]) for row in got} == expected
    assert [row["spam_messages"] for row in got] == sorted((row["spam_messages"] for row in got), reverse=True)
    for row in got:
        own = [one for one in spam if today.get(one["campaign"], one["campaign"]) == row["id"]]
        assert set(row["channels"]) == {one["channel"] for one in own}
        assert row["synthetic"] == max(one["synthetic"] for one in own)
        assert row["first_seen"] == min(one["observed_at"] for one in own)


def test_one_campaign(query: Query) -> None:
    assert questions.campaign_parts(query, 13) == (11, [11, 13])
    assert questions.campaign_parts(query, 11) == (11, [11, 13])
    assert questions.campaign_parts(query, 12) == (12, [12])
    own = [one for one in ROWS if one["campaign"] in (11, 13)]
    hours = questions.campaign_hours(query, [11, 13])
    assert sum(row["messages"] for row in hours) == sum(one["count"] for one in own)
    assert min(row["first_seen"] for row in hours) == min(one["observed_at"] for one in own)
    days = questions.campaign_days(query, [11, 13])
    assert sum(row["reports"] for row in days) == len(own)
    assert max(row["last_seen"] for row in days) == max(one["observed_at"] for one in own)
    start, end = hours[0]["at"], hours[-1]["at"] + HOUR
    assert questions.campaign_hours(query, [11, 13], start + HOUR, end - HOUR) == [
        row for row in hours if start < row["at"] < end - HOUR
    ]
    channels = sorted({one["channel"] for one in own})
    spread = questions.campaign_spread(query, [11, 13], start, end, channels)
    assert spread == questions.campaign_spread(query, [11, 13], start, end)
    for facet, column in (
        ("origin", "country"),
        ("sender", "sender"),
        ("text", "body_hash"),
        ("destination", "recipient_country"),
    ):
        counted = total(own, lambda one, name=column: one[name])  # type: ignore[misc]
        assert {row["value"]: (row["messages"], row["reports"]) for row in spread[facet]} == counted
    assert [(row["value"], row["reports"]) for row in spread["link"]] == [("parcel.example", len(own))]
    newest = questions.campaign_evidence(query, [11, 13], start, end, 7, channels)
    assert [row["received_at"] for row in newest] == sorted((one["received_at"] for one in own), reverse=True)[:7]


@pytest.mark.parametrize("asked", SCOPES, ids=str)
def test_newest_evidence(query: Query, asked: tuple[str, str, bool]) -> None:
    given = scope(*asked)
    expected = sorted((one["received_at"] for one in inside(given)), reverse=True)[:12]
    assert [row["received_at"] for row in questions.newest_evidence(query, given, 12)] == expected


def test_evidence_page_by_page(query: Query) -> None:
    before, found = (NOW * 1000 + 1000, questions.LAST_ID), []
    while page := questions.evidence_list(query, before=before, limit=97):
        assert len(page) <= 97
        before = (page[-1]["received_at"], page[-1]["id"])
        found += [row["id"] for row in page]
    assert len(found) == len(set(found)) == len(ROWS)
    some = questions.evidence_list(
        query, before=(NOW * 1000 + 1000, questions.LAST_ID), parts=[11, 13], channel="sms", limit=1000
    )
    own = {one["id"] for one in ROWS if one["campaign"] in (11, 13) and one["channel"] == "sms"}
    assert {row["id"] for row in some} == own


def test_nothing_in_the_scope(query: Query) -> None:
    empty = scope("24h", "social")
    assert questions.newest_evidence(query, empty) == []
    assert questions.top_campaigns(query, empty) == []
    assert questions.volume_by_channel(query, empty) == []
    assert questions.reporters(query, empty) == 0


def test_one_piece_of_evidence(query: Query) -> None:
    for one in ROWS[-20:]:
        found = questions.evidence(query, one["id"])
        assert found is not None
        assert {name: found[name] for name in ("id", "received_at", "sender", "transit", "count", "campaign")} == {
            name: one[name] for name in ("id", "received_at", "sender", "transit", "count", "campaign")
        }
    assert questions.evidence(query, "01890a5d-ac96-774b-bcce-b302099a8057") is None
    assert questions.evidence(query, "ffffffff-ffff-7fff-bfff-ffffffffffff") is None


def test_the_same_text_elsewhere(query: Query) -> None:
    one = max((one for one in ROWS if one["campaign"] == 12), key=lambda one: one["received_at"])
    expected = {
        other["id"]
        for other in ROWS
        if other["campaign"] == 12 and other["body_hash"] == one["body_hash"] and other["id"] != one["id"]
        if other["received_at"] > one["received_at"] - 30 * DAY * 1000
    }
    got = questions.same_text(query, one)
    assert {row["id"] for row in got} <= expected
    assert len(got) == min(20, len(expected))


def test_span_and_synthetic_reports(query: Query) -> None:
    known = questions.span(query)
    assert known["reports"] == len(ROWS)
    assert known["first"] == FIRST // 60 * 60
    assert known["last"] == max(one["received_at"] for one in ROWS) // 60_000 * 60
    assert questions.synthetic_reports(query, 0) == sum(one["synthetic"] for one in ROWS)


@pytest.mark.parametrize("name", questions.QUESTIONS)
def test_every_question_says_what_it_means(name: str) -> None:
    found = definition(name)
    assert list(found) == ["question", "numerator", "denominator", "basis", "deduplication", "caveats"]
    assert found["question"].endswith("?")
    assert callable(getattr(questions, name))
    documented = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")
    assert all(part in documented for part in (f"### `{name}`", *found.values()))
