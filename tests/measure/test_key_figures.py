"""The key figures against a plain recount of the same rows, through the real event store."""

import json
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from statistics import median
from typing import Any

import measured_rows as made
import pytest
from measured_rows import DAY, HOUR, NOW, Row

from counterspam.config import Config
from counterspam.intervals import poisson, wilson
from counterspam.measure import indicators, key_figures, outside_figures, periods, populations
from counterspam.measure.figure import Figure, Unit, disclosed
from counterspam.measure.populations import Kind, Population
from counterspam.measure.scope import Query, Scope, definition
from counterspam.store.events import Events

SECRET = b"a secret of the test"
STOPPED = ("blocked", "dropped", "tagged")
PHONES = Population("CI", Kind.MOBILE, 40_000_000, 2022, "a table", "2026-11-22")
TABLE = {("CI", Kind.MOBILE): PHONES}


def _rows() -> list[Row]:
    """Rows that also say what became of the message, how it was sent, and when it was seen."""
    rng = random.Random(9)
    found = made.rows(900, seed=53)
    for one in found:
        one["disposition"] = rng.choice(["", "unknown", "blocked", "tagged", "dropped", "delivered"])
        one["technique"] = rng.choice(["short-ring", "unknown"]) if one["channel"] == "voice" else "unknown"
        one["language"] = rng.choice(["en", "fr", ""])
        one["country"] = rng.choice([one["country"], "CI", "SN"])
        one["observed_at"] = one["received_at"] - rng.randrange(40 * HOUR) * 1000
    rare = rng.sample([chr(65 + a) + chr(65 + b) for a in range(26) for b in range(26)], 30)
    for at, country in enumerate(rare):  # origins that nobody saw before, of late
        found.append(
            made.row(NOW - 1 - at * HOUR, channel="sms", source="user-report", country=country, content_type="bank")
        )
    for at in (NOW - 25 * HOUR, NOW - HOUR):  # a route seen before "24h" starts, on the same day only
        found.append(
            made.row(
                at,
                channel="sms",
                source="trap",
                country="ZZ",
                transit=["NL"],
                recipient_country="CI",
                content_type="bank",
            )
        )
    return found


ROWS = _rows()
FIRST = min(one["received_at"] for one in ROWS) // 1000
SCOPES = [(name, *rest) for name in periods.PERIODS for rest in (("", True), ("sms", True), ("", False))]


@pytest.fixture(scope="module")
def query(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Query]:
    """What questions are asked through; campaign 13 became part of 11."""
    store = Events.open(Config(data=tmp_path_factory.mktemp("figures")))
    store.migrate()
    store.insert(made.table(ROWS), "rows")
    store.insert_aliases([(13, 11)])
    yield store.query
    store.close()


@pytest.fixture(params=SCOPES, ids=str)
def scope(request: pytest.FixtureRequest) -> Scope:
    name, channel, synthetic = request.param
    return Scope(periods.period(name, NOW, FIRST), channel, synthetic)


def inside(asked: Scope, *, hourly: bool = True, start: int | None = None, end: int | None = None) -> list[Row]:
    """The rows that a scope covers, from the start of the hour where the rollup counts by it."""
    begin = start if start is not None else asked.period.whole_hours if hourly else asked.period.start
    return [
        one
        for one in ROWS
        if begin * 1000 <= one["received_at"] < (end or asked.period.end) * 1000
        and asked.channel in ("", one["channel"])
        and (asked.synthetic or not one["synthetic"])
    ]


def count(found: list[Row], wanted: Callable[[Row], Any] = lambda _: True) -> tuple[int, int]:
    """Messages and records."""
    own = [one for one in found if wanted(one)]
    return sum(one["count"] for one in own), len(own)


def people(found: list[Row]) -> int:
    return min(5, len({one["reporter"] or one["id"] for one in found}))


def by(found: list[Row], *keys: str) -> dict[tuple[Any, ...], list[Row]]:
    parts: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for one in found:
        parts[tuple(tuple(one[key]) if isinstance(one[key], list) else one[key] for key in keys)].append(one)
    return parts


def spam(found: list[Row]) -> list[Row]:
    return [one for one in found if one["spam"]]


def counted(row: Row) -> tuple[int, int, int, int]:
    return row["numerator"], row["denominator"], row["numerator_reports"], row["denominator_reports"]


def parted(part: list[Row], whole: list[Row]) -> tuple[int, int, int, int]:
    """What `counted` should be."""
    (messages, reports), (every, records) = count(part), count(whole)
    return messages, every, reports, records


def border(one: Row) -> str:
    if not one["country"] or not one["recipient_country"]:
        return "unknown"
    return "domestic" if one["country"] == one["recipient_country"] else "abroad"


def as_usual(figure: Figure) -> dict[tuple[Any, ...], Row]:
    """The rows by their dimensions; each has a right value, and says where it has none."""
    assert bool(figure.rows) or figure.missing
    for row in figure.rows:
        whole = row["denominator"]
        assert row["value"] == (pytest.approx(row["numerator"] / whole * figure.scale) if whole else None)
        if row["low"] is not None:
            assert row["low"] <= row["value"] <= row["high"]
    return {
        tuple(tuple(row[name]) if isinstance(row[name], list) else row[name] for name in figure.dimensions): row
        for row in figure.rows
    }


def test_k1_keeps_bases_apart_and_gives_samples_an_interval(query: Query, scope: Scope) -> None:
    got = as_usual(key_figures.k1_spam_share(query, scope))
    expected = by(inside(scope, hourly=False), "channel", "source")
    assert {key: counted(row) for key, row in got.items()} == {key: parted(spam(x), x) for key, x in expected.items()}
    for (_, basis), row in got.items():
        assert (row["low"] is None) == (basis == "filter")
        if basis == "trap":
            hits, total, _, records = counted(row)
            found = wilson(hits, total, design_effect=total / records)
            assert found is not None
            assert (row["low"], row["high"]) == (found.low, found.high)


@pytest.mark.parametrize(
    ("ask", "above"),
    [
        (key_figures.k2_blocked_per_delivered, ("blocked", "tagged")),
        (key_figures.k3_dropped_per_delivered, ("dropped",)),
    ],
)
def test_k2_and_k3_are_ratios_to_what_was_delivered(
    query: Query, scope: Scope, ask: Callable[[Query, Scope], Figure], above: tuple[str, ...]
) -> None:
    figure = ask(query, scope)
    expected = {}
    for (channel,), found in by(inside(scope), "channel").items():
        part = [one for one in found if one["disposition"] in above]
        delivered = [one for one in found if one["disposition"] == "delivered"]
        if delivered:
            least = min(people(part) if part else 5, people(delivered))
            expected[channel, "disposition"] = (*parted(part, delivered), least)
    assert {key: (*counted(row), row["contributors"]) for key, row in as_usual(figure).items()} == expected
    assert figure.unit == Unit.RATIO
    assert all(row["low"] is None for row in figure.rows)


def test_k5_counts_reports_per_population_and_says_who_knows_of_reporting(query: Query, scope: Scope) -> None:
    outside = indicators.load()
    aware = [one for one in outside if one.name == "awareness"]
    figure = key_figures.k5_report_rate(query, scope, NOW, TABLE, outside)
    found = [one for one in inside(scope) if one["source"] == "user-report" and one["recipient_country"]]
    got = as_usual(figure)
    expected = by(found, "channel", "source", "recipient_country")
    assert {key: row["numerator"] for key, row in got.items()} == {key: len(x) for key, x in expected.items()}
    start = scope.period.start if scope.period.in_days else scope.period.whole_hours
    months = (min(scope.period.end, NOW) - max(start, FIRST // 60 * 60)) / DAY / populations.MONTH_DAYS
    for (channel, _, country), row in got.items():
        if country == "CI" and channel in ("sms", "voice", "rcs"):
            chance = poisson(row["numerator"], PHONES.value * months / 100_000)
            assert row["value"] == pytest.approx(chance.estimate)
            assert (row["low"], row["high"]) == (pytest.approx(chance.low), pytest.approx(chance.high))
            assert row["population"].population == PHONES
        else:
            assert row["value"] is row["population"] is None
            assert "population" in figure.missing
        assert row["awareness"] is None
    assert aware  # so that a figure for another country could have been taken by mistake


def test_k5_takes_the_awareness_of_the_country_and_channel(query: Query) -> None:
    own = replace(
        indicators.load()[0], name="awareness", country="CI", channel="sms", period="2026", value=0.2, unit="share"
    )
    figure = key_figures.k5_report_rate(query, Scope(periods.period("30d", NOW)), NOW, TABLE, [own])
    rows = {(row["channel"], row["country"]): row["awareness"] for row in figure.rows}
    assert rows["sms", "CI"] == own
    assert rows["voice", "CI"] is rows["sms", "SN"] is None


def test_k6_by_border_and_by_transit(query: Query, scope: Scope) -> None:
    found = spam(inside(scope))
    expected = {
        (channel, source, side): parted([one for one in part if border(one) == side], part)
        for (channel, source), part in by(found, "channel", "source").items()
        for side in {border(one) for one in part}
    }
    got = as_usual(key_figures.k6_by_border(query, scope))
    assert {key: counted(row) for key, row in got.items()} == expected
    told = by([one for one in found if one["transit"]], "channel")
    by_transit = {
        (channel, "transit", transit): parted(own, part)
        for (channel,), part in told.items()
        for (transit,), own in by(part, "transit").items()
    }
    got = as_usual(key_figures.k6_by_transit(query, scope))
    assert {key: counted(row) for key, row in got.items()} == by_transit
    first = key_figures.k6_by_transit(query, scope, 1).rows
    assert len(first) == len(told)
    assert all(counted(row) in by_transit.values() for row in first)


def test_k7_by_type(query: Query, scope: Scope) -> None:
    found = spam(inside(scope, hourly=False))
    expected = {
        (channel, source, kind): parted(own, part)
        for (channel, source), part in by(found, "channel", "source").items()
        for (kind,), own in by(part, "content_type").items()
    }
    got = as_usual(key_figures.k7_by_type(query, scope))
    assert {key: counted(row) for key, row in got.items()} == expected


def test_k8_counts_reports_of_users(query: Query, scope: Scope) -> None:
    found = by([one for one in inside(scope, hourly=False) if one["source"] == "user-report"], "channel")
    got = as_usual(key_figures.k8_in_scope(query, scope))
    assert {key: (row["numerator"], row["denominator"]) for key, row in got.items()} == {
        (channel, "user-report"): (len(spam(part)), len(part)) for (channel,), part in found.items()
    }


def test_k9_has_two_bases_side_by_side(query: Query, scope: Scope) -> None:
    expected = {}
    for (channel,), part in by(spam(inside(scope)), "channel").items():
        stopped = [one for one in part if one["disposition"] in STOPPED]
        for basis, through in (("disposition", "delivered"), ("reported", "user-report")):
            column = "disposition" if basis == "disposition" else "source"
            delivered = [one for one in part if one[column] == through]
            if stopped and delivered:
                (messages, reports), (more, records) = count(stopped), count(delivered)
                expected[channel, basis] = (messages, messages + more, reports, reports + records)
    got = as_usual(key_figures.k9_filter_effectiveness(query, scope))
    assert {key: counted(row) for key, row in got.items()} == expected


def test_k12_counts_spam_from_here_against_the_population(query: Query, scope: Scope) -> None:
    figure = key_figures.k12_outbound(query, scope, NOW, TABLE, "CI")
    found = by([one for one in spam(inside(scope)) if one["country"] == "CI"], "channel", "source", "country")
    got = as_usual(figure)
    assert {key: (row["numerator"], row["numerator_reports"]) for key, row in got.items()} == {
        key: count(part) for key, part in found.items()
    }
    assert "block lists" in figure.missing
    nowhere = key_figures.k12_outbound(query, scope, NOW, TABLE, "")
    assert (list(nowhere.rows), nowhere.missing) == ([], "the own country (setting `jurisdiction`)")


def test_k13_keeps_the_unknown_apart(query: Query, scope: Scope) -> None:
    got = as_usual(key_figures.k13_origin_concentration(query, scope))
    expected = {}
    for key, part in by(spam(inside(scope)), "channel", "source").items():
        known = {country: count(own) for (country,), own in by(part, "country").items() if country}
        if known:
            total = sum(messages for messages, _ in known.values())
            greatest = sorted(messages for messages, _ in known.values())[-10:]
            hhi = sum((messages / total) ** 2 for messages, _ in known.values())
            missing = count(part, lambda one: not one["country"])[0]
            expected[key] = (sum(greatest), total, len(known), missing, pytest.approx(hhi, abs=0.0005))
    names = ("numerator", "denominator", "origins", "unknown", "hhi")
    assert {key: tuple(row[name] for name in names) for key, row in got.items()} == expected
    assert any(row["origins"] > 10 for row in got.values()) or scope.period.name == "1h" or not scope.synthetic


@pytest.mark.parametrize(
    ("ask", "keys"),
    [
        (key_figures.k14_route_novelty, ("channel", "country", "recipient_country")),
        (key_figures.k14_transit_novelty, ("channel", "country", "transit", "recipient_country")),
    ],
)
def test_k14_compares_with_the_30_days_before(
    query: Query, scope: Scope, ask: Callable[[Query, Scope], Figure], keys: tuple[str, ...]
) -> None:
    figure = ask(query, scope)
    start = scope.period.start if scope.period.in_days else scope.period.whole_hours
    since = start - start % DAY - 30 * DAY

    def fits(one: Row) -> bool:
        return bool(one["spam"] and one["country"] and ("transit" not in keys or one["transit"]))

    if scope.period.name == "all":
        assert (list(figure.rows), figure.missing) == ([], "evidence of before the period to compare with")
        return
    known = set(by([one for one in inside(scope, start=since, end=start) if fits(one)], *keys))
    expected = {}
    for (channel,), part in by([one for one in inside(scope) if fits(one)], "channel").items():
        routes = by(part, *keys)
        new = [one for key, own in routes.items() if key not in known for one in own]
        expected[channel] = (*parted(new, part), len(set(routes) - known), len(routes), people(new or part))
    names = ("new_routes", "routes", "contributors")
    assert {
        key[0]: (*counted(row), *(row[name] for name in names)) for key, row in as_usual(figure).items()
    } == expected
    assert (figure.missing == key_figures.FEW_DAYS) == (since < FIRST)


def test_k15_takes_both_first_times_of_the_largest_campaigns(query: Query, scope: Scope) -> None:
    today = {13: 11}
    newest = scope.period.end - 30 * DAY
    recent = max(scope.period.whole_hours, newest - newest % DAY)
    seen = spam(inside(scope, start=recent))
    active = {today.get(one["campaign"], one["campaign"]) for one in seen if one["campaign"]}
    if scope.period.in_days:  # large campaigns only: a single message is none
        active = {
            today.get(one["campaign"], one["campaign"])
            for one in seen
            if one["campaign"] and (one["seen_before"] or one["count"] > 1)
        }
    end = -(-scope.period.end // DAY) * DAY
    sightings = defaultdict(lambda: {True: [], False: []})  # type: ignore[var-annotated]
    for one in spam(inside(scope, start=1, end=end)):
        id = today.get(one["campaign"], one["campaign"])
        if id in active:
            sightings[id][one["source"] == "user-report"].append(one["observed_at"])
    leads = [(min(x[True]) - min(x[False])) / 3_600_000 for x in sightings.values() if x[True] and x[False]]
    figure = key_figures.k15_lead_time(query, scope)
    if not active:
        assert figure.missing
        return
    (row,) = figure.rows
    assert (row["numerator"], row["denominator"]) == (sum(lead >= 10 for lead in leads), len(leads))
    assert row["median_hours"] == (pytest.approx(median(leads)) if leads else None)
    assert row["sensed_only"] == sum(not x[True] for x in sightings.values())
    assert row["reported_only"] == sum(not x[False] for x in sightings.values())


def test_k18_is_about_calls_only(query: Query, scope: Scope) -> None:
    figure = key_figures.k18_call_back(query, scope)
    calls = [one for one in inside(scope) if one["channel"] == "voice"]
    rings = [one for one in calls if one["technique"] == "short-ring"]
    assert [counted(row) for row in figure.rows] == ([parted(rings, calls)] if calls else [])
    assert "charge" in figure.missing


def test_nothing_is_made_up_where_there_is_nothing(query: Query) -> None:
    empty = Scope(periods.period("24h", NOW), "social")
    for name in key_figures.KEY_FIGURES:
        given = {"k5_report_rate": (NOW, TABLE), "k12_outbound": (NOW, TABLE, "CI")}.get(name, ())
        figure = getattr(key_figures, name)(query, empty, *given)
        assert list(figure.rows) == []
        assert key_figures.NO_EVIDENCE in figure.missing


def test_the_public_sees_no_cell_of_few_people_and_rounded_counts(query: Query) -> None:
    figure = key_figures.k7_by_type(query, Scope(periods.period("24h", NOW)))
    shown = disclosed(figure, SECRET)
    few = [row for row in figure.rows if row["contributors"] < 5]
    assert few
    assert len(shown.rows) == len(figure.rows) - len(few)
    exact = as_usual(figure)
    for key, row in as_usual(shown).items():
        assert all(count % 5 == 0 for count in counted(row))
        assert abs(row["numerator_reports"] - exact[key]["numerator_reports"]) < 5
        assert row["numerator"] <= row["denominator"]
        for name in ("value", "low", "high"):
            assert (row[name] is None) == (exact[key][name] is None)
    assert disclosed(figure, SECRET) == shown
    per_source = key_figures.k1_spam_share(query, Scope(periods.period("24h", NOW)))
    assert disclosed(per_source, SECRET) is per_source


def test_the_public_rate_keeps_its_population(query: Query) -> None:
    figure = key_figures.k5_report_rate(query, Scope(periods.period("30d", NOW)), NOW, TABLE)
    shown = as_usual(disclosed(figure, SECRET))
    assert shown
    for key, row in shown.items():
        assert row["numerator"] % 5 == 0
        assert row["denominator"] == as_usual(figure)[key]["denominator"]


def test_k4_lists_published_surveys(query: Query) -> None:
    figure = outside_figures.k4_received_per_person(indicators.load())
    assert [(row["country"], row["value"], row["period"]) for row in figure.rows] == [("KR", 13.49, "2023-H2")]
    none = outside_figures.k4_received_per_person(indicators.load(), country="CI")
    assert (list(none.rows), bool(none.missing)) == ([], True)


def test_k16_reads_the_record_of_the_model() -> None:
    record = json.loads((files("counterspam") / "data" / "model" / "model.json").read_text(encoding="utf-8"))
    figure = outside_figures.k16_detectors(record)
    got = as_usual(figure)
    for part, basis in (("figures", "five folds"), ("held_out", "never seen")):
        for name, counts in record[part].items():
            recall, precision = (got[basis, name, measure] for measure in ("recall", "precision"))
            assert recall["value"] == pytest.approx(1 - counts["spam_missed"] / 100, abs=1e-5)
            assert (precision["value"] is None) == (counts["ham"] == 0)
    turkish = got["never seen", "Turkish SMS", "precision"]
    assert (turkish["numerator"], turkish["denominator"]) == (
        2312,
        2414,
    )  # 116 of 2428 missed, 102 of 2188 ham called spam
    assert outside_figures.k16_detectors(None).missing


def test_what_cannot_be_measured_says_why() -> None:
    figures = outside_figures.unmeasured()
    assert [one.id for one in figures] == ["K10", "K11", "K17"]
    assert all(one.missing and not one.rows for one in figures)


@pytest.mark.parametrize("name", key_figures.KEY_FIGURES)
def test_every_figure_says_what_it_means(name: str) -> None:
    found = definition(name)
    assert list(found) == list(outside_figures.SURVEY) == list(outside_figures.DETECTORS)
    assert found["question"].endswith("?")
    documented = (Path(__file__).parents[2] / "docs" / "questions.md").read_text(encoding="utf-8")
    assert f"### `{name}`" in documented
    assert found["caveats"] in documented
