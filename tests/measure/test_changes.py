"""Detection of changes: the statistics against worked cases, and a look at planted rows through the real event store."""

import random
from collections.abc import Iterator
from pathlib import Path

import measured_rows as made
import numpy as np
import pytest
from measured_rows import DAY, HOUR, Row

from counterspam.config import Config
from counterspam.lookout import Lookout, joined
from counterspam.measure import baseline
from counterspam.measure.baseline import WEEK
from counterspam.measure.observation import Observation, Subject
from counterspam.measure.series import TYPES, Grid, Looks, channels, grid
from counterspam.store import changes
from counterspam.store.changes import Change
from counterspam.store.events import Events
from counterspam.store.records import Records

START = 1_792_368_000  # a Monday, 00:00 UTC
NOON = START + 28 * DAY + 12 * HOUR


def weeks(count: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    """Hourly counts of two series with a daily and weekly rhythm, and what was put in."""
    dice = np.random.default_rng(seed)
    hours = np.arange(count * WEEK)
    rhythm = (1 + 0.6 * np.sin(hours / 24 * 2 * np.pi)) * np.where(hours // 24 % 7 >= 5, 0.5, 1)
    rates = np.stack([200 * rhythm, 5 * rhythm])
    return dice.poisson(rates).astype(float), rates


# the statistics


def test_the_expectation_follows_the_hour_and_the_weekday() -> None:
    counts, _ = weeks(5)
    _, rates = weeks(6)
    normal, past = baseline.learn(counts, 0)
    coming = np.array(
        [normal.expected(np.array([0, 1]), h * 3600, (h + 1) * 3600) for h in range(5 * WEEK, 6 * WEEK)]
    ).T
    assert np.abs(coming[0] / rates[0, 5 * WEEK :] - 1).max() < 0.25
    assert abs(coming[1].mean() / rates[1].mean() - 1) < 0.1
    assert past.counted.shape == past.expected.shape


def test_a_part_of_an_hour_is_expected_in_part() -> None:
    normal, _ = baseline.learn(np.full((1, 4 * WEEK), 60.0), 0)
    whole = normal.expected(np.array([0]), 0, 3600)[0]
    assert normal.expected(np.array([0]), 1800, 3600)[0] == pytest.approx(whole / 2)
    assert normal.expected(np.array([0]), 1800, 9000)[0] == pytest.approx(2 * whole)
    assert whole == pytest.approx(60, rel=0.01)


def test_a_past_surge_does_not_poison_what_is_expected() -> None:
    counts, _ = weeks(5)
    spoilt = counts.copy()
    spoilt[0, 3 * WEEK + 40 : 3 * WEEK + 46] *= 20
    row, at = np.array([0]), (5 * WEEK + 43) * 3600
    clean, hurt = (baseline.learn(values, 0)[0].expected(row, at, at + 3600)[0] for values in (counts, spoilt))
    assert hurt / clean == pytest.approx(1, abs=0.1)
    left_out = np.zeros(counts.shape, bool)
    left_out[0, 3 * WEEK + 40 : 3 * WEEK + 46] = True
    mended = baseline.learn(spoilt, 0, left_out)[0].expected(row, at, at + 3600)[0]
    assert mended / clean == pytest.approx(1, abs=0.1)


def test_a_lasting_change_of_level_is_followed() -> None:
    counts = np.full((1, 4 * WEEK), 100.0)
    counts[:, -2 * 24 :] = 200
    normal, _ = baseline.learn(counts, 0)
    assert 140 < normal.expected(np.array([0]), 4 * WEEK * 3600, (4 * WEEK + 1) * 3600)[0] < 200


def test_scores_are_standard_deviations_of_a_negative_binomial() -> None:
    dice = np.random.default_rng(3)
    for mu, spread in ((50.0, 0.05), (2000.0, 0.02), (20.0, 0.3)):
        drawn = dice.negative_binomial(1 / spread, 1 / (1 + spread * mu), 50_000).astype(float)
        scores = baseline.score(drawn, np.array(mu), np.array(spread))
        assert scores.std() == pytest.approx(1, abs=0.12)
        assert baseline.score(np.array(baseline.at(3, mu, spread)), np.array(mu), np.array(spread)) == pytest.approx(3)


def test_the_limit_keeps_to_the_allowed_number() -> None:
    """Scores with a heavier tail than normal: the limit from one year is exceeded about as often as allowed in the next."""
    dice = np.random.default_rng(4)
    past, coming = dice.laplace(0, 1, (2, 50, 28 * 24))
    limit = baseline.limit(past, allowed=5)
    peaks = coming.reshape(50, -1, baseline.EPISODE).max(axis=2)
    assert 1 <= (peaks > limit).sum() <= 14
    assert baseline.limit(past, allowed=0.05) > limit
    assert baseline.limit(np.zeros((1, 3)), 1) == (baseline.LOWEST + baseline.HIGHEST) / 2


def test_little_history_has_no_rhythm() -> None:
    assert [baseline.season(hours) for hours in (10, 95, 96, 503, 504)] == [1, 1, 24, 24, WEEK]
    for hours in (1, 2, 30, 100, 200, 505):
        normal, past = baseline.learn(np.full((2, hours), 10.0), 7)
        assert np.isfinite(normal.expected(np.array([0, 2]), 0, 7200)).all()
        assert past.counted.shape == past.expected.shape


def test_counts_since_a_moment_within_the_hour() -> None:
    def seen(now_in_hour: float) -> Grid:
        return Grid([("sms", "bank")], 0, np.array([[5.0, now_in_hour]]), np.array([[2.0, now_in_hour]]), frozenset())

    looks = Looks()
    looks.note(4500, seen(3))
    assert looks.starts(5400, HOUR) == [4500, 3600]
    assert looks.since(4500, seen(10)) == {("sms", "bank"): (7, 7)}
    assert looks.since(3600, seen(10)) == {("sms", "bank"): (10, 10)}
    assert looks.since(0, seen(10)) == {("sms", "bank"): (15, 12)}


# from look to look


def observed(**given: object) -> Observation:
    what: dict[str, object] = {"subject": Subject(kind="surge", channel="sms"), "began_at": 1000, "window": 3600}
    return Observation(**(what | {"observed": 300.0, "expected": 100.0, "score": 6.0, "sure": False} | given))  # type: ignore[arg-type]


def test_a_doubtful_alarm_needs_a_second_look() -> None:
    opened, _, again = joined([], [observed()], {}, 1000)
    assert not opened
    opened, _, _ = joined([], [observed()], again, 1300)
    assert [change.channel for change in opened] == ["sms"]
    assert not joined([], [observed()], again, 1000 + 2000)[0]  # too long ago
    assert joined([], [observed(sure=True)], {}, 1000)[0]
    assert not joined([], [observed(alarm=False, sure=True)], again, 1300)[0]


def test_a_change_goes_on_and_is_over() -> None:
    (one,), _, _ = joined([], [observed(sure=True)], {}, 1000)
    _, (more,), _ = joined([one], [observed(score=9.0, observed=500.0)], {}, 1300)
    assert (more.id, more.observed, more.seen_at, more.state) == (one.id, 500.0, 1_300_000, "open")
    _, (less,), _ = joined([more], [observed(score=4.0, observed=200.0, alarm=False)], {}, 1600)
    assert (less.observed, less.seen_at, less.state) == (500.0, 1_600_000, "open")
    assert joined([less], [], {}, 1900)[1] == []
    _, (over,), _ = joined([less], [], {}, 2500)
    assert (over.state, over.ended_at) == ("over", 1_600_000)
    assert len(joined([over], [observed(sure=True)], {}, 30_000)[0]) == 1  # another surge is another change
    opened, (back,), _ = joined([over], [observed(sure=True)], {}, 8000)
    assert (opened, back.id, back.state, back.ended_at) == ([], one.id, "open", 0)


def test_what_is_new_is_told_once() -> None:
    new = observed(subject=Subject(kind="new-campaign", channel="sms", campaign=5), sure=True, score=0.0, parts=(5,))
    (one,), _, _ = joined([], [new], {}, 1000)
    _, (over,), _ = joined([one], [], {}, 5000)
    assert over.state == "over"
    assert joined([over], [new], {}, 9000)[0] == []
    merged = observed(
        subject=Subject(kind="new-campaign", channel="sms", campaign=3), sure=True, score=0.0, parts=(3, 5)
    )
    assert joined([over], [merged], {}, 9000)[0] == []


# through the stores


@pytest.fixture(scope="module")
def events(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Events]:
    store = Events.open(Config(data=tmp_path_factory.mktemp("changes")))
    store.migrate()
    store.insert(made.table(history()), "history")
    yield store
    store.close()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    store = Records.open(Config(data=tmp_path))
    store.migrate()
    yield store
    store.close()


def some(rng: random.Random, hour: int, channel: str, messages: int, **given: object) -> list[Row]:
    """Records of ten messages each, spread over an hour, by different reporters."""
    return [
        made.row(
            hour + rng.randrange(HOUR),
            rng.randrange(1000),
            channel=channel,
            source="user-report",
            reporter=f"r{rng.randrange(10**6)}",
            count=10,
            **given,
        )
        for _ in range(messages // 10)
    ]


def history() -> list[Row]:
    """Four weeks and half a day of two channels: two types, two origins, one destination; a filter that stops yesterday."""
    rng = random.Random(7)
    found: list[Row] = []
    for hour in range(START, NOON, HOUR):
        for channel, rate in (("sms", 400), ("email", 200)):
            for kind, part in (("parcel", 0.7), ("bank", 0.3)):
                for country, share in (("DE", 0.75), ("NG", 0.25)):
                    messages = int(rate * part * share * rng.gauss(1, 0.1) + 10 * rng.random())
                    found += some(
                        rng, hour, channel, messages, content_type=kind, country=country, recipient_country="CI"
                    )
        if hour < NOON - 8 * HOUR:
            found.append(
                made.row(hour + 60, channel="email", source="filter", content_type="parcel", count=20, country="DE")
            )
    return found


def looked(events: Events, records: Records, extra: list[Row], name: str, minutes: int = 60) -> list[Change]:
    """Insert the extra rows step by step from noon on, looking every five minutes; the changes then known."""
    lookout = Lookout(events.query, records)
    rng = random.Random(1)
    for step in range(NOON, NOON + minutes * 60, 300):
        rows = [one for one in extra if step <= one["received_at"] // 1000 < step + 300]
        rows += [
            made.row(step + rng.randrange(300), channel=channel, source="user-report", reporter=f"s{rng.random()}", count=10,
                     content_type=kind, country=country, recipient_country="CI")
            for channel, kind, country, messages in (
                ("sms", "parcel", "DE", 17), ("sms", "parcel", "NG", 6), ("sms", "bank", "DE", 7), ("email", "parcel", "DE", 9),
            )
            for _ in range(messages // 10 + (rng.random() < messages % 10 / 10))
        ]  # fmt: skip
        if rows:
            events.insert(made.table(rows), f"{name}-{step}")
        lookout.look(step + 300)
    with records.read() as conn:
        return list(changes.list(conn))


def test_questions_about_hours_agree_with_a_recount(events: Events) -> None:
    hour = NOON - 5 * HOUR
    found = grid(events.query, TYPES, hour, NOON)
    expected = [one for one in history() if hour <= one["received_at"] // 1000 < NOON]
    for channel, kind in (("sms", "parcel"), ("email", "bank")):
        row = found.keys.index((channel, kind))
        same = [one for one in expected if (one["channel"], one["content_type"]) == (channel, kind)]
        for column in range(5):
            inside = [one for one in same if (one["received_at"] // 1000 - hour) // HOUR == column]
            assert found.messages[row, column] == sum(one["count"] for one in inside)
            assert found.reports[row, column] == len(inside)
    whole = channels(found)
    assert whole.messages.sum() == sum(one["count"] for one in expected)
    assert not whole.synthetic


def test_planted_changes_are_found_and_told_apart(events: Events, records: Records) -> None:
    rng = random.Random(3)
    surge = some(rng, NOON, "sms", 3000, content_type="bank", country="DE", recipient_country="CI")
    route = some(rng, NOON, "email", 300, content_type="parcel", country="BR", recipient_country="SN")
    lonely = [made.row(NOON + 60 * n, channel="email", source="user-report", reporter="one", count=50, content_type="parcel",
                       country="PE", recipient_country="SN") for n in range(20)]  # fmt: skip
    campaign = some(
        rng,
        NOON,
        "email",
        900,
        content_type="parcel",
        country="DE",
        recipient_country="CI",
        campaign=777,
        seen_before=1,
    )
    found = looked(events, records, [*surge, *route, *lonely, *campaign], "planted")
    subjects = {(one.kind, one.channel, one.content_type, one.country, one.recipient_country) for one in found}
    assert ("surge", "sms", "bank", "", "") in subjects
    assert ("new-route", "email", "", "BR", "SN") in subjects
    assert ("new-campaign", "email", "parcel", "", "") in subjects
    assert ("silence", "email", "", "", "") in subjects
    assert not [one for one in found if one.country == "PE"], "one reporter is a small cell"
    by_kind = {one.kind: one for one in found}
    assert by_kind["new-campaign"].campaign == 777
    assert by_kind["silence"].source == "filter"
    sms = next(one for one in found if one.content_type == "bank" and one.kind == "surge")
    assert sms.found_at // 1000 - NOON <= 30 * 60
    assert abs(sms.began_at // 1000 - NOON) <= 900
    assert sms.low < sms.expected < sms.high < sms.observed
    assert len({one.id for one in found}) == len(found)
    assert len([one for one in found if one.kind == "new-route"]) == 1


def test_a_young_node_only_learns(events: Events, records: Records) -> None:
    def query(sql: str, parameters: object = None) -> list[Row]:
        return [{"first": NOON - DAY + 1, "reports": 1, "last": 0}]

    lookout = Lookout(query, records)
    assert lookout.look(NOON) == []
    assert lookout.learning
