"""What is wrong with a question is said, and what can be asked is answered from the smallest table."""

from dataclasses import replace

import pytest
from measured_rows import DAY, HOUR

from counterspam.measure.ask import DIMENSIONS, NEEDS, Ask, Unanswerable, checked, table
from counterspam.rollups import BY_NAME

WEEK = Ask(7 * DAY, 14 * DAY)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"metrics": ("x",)}, "there is no metric 'x'; there are messages,"),
        ({"metrics": ()}, "at least one metric"),
        ({"dimensions": ("country",)}, "there is no dimension 'country'; there are channel,"),
        ({"dimensions": ("channel", "channel")}, "each dimension once"),
        ({"dimensions": ("channel", "source", "spf", "dkim", "dmarc")}, "at most 4"),
        ({"filters": {"x": ("1",)}}, "there is no filter 'x'"),
        ({"filters": {"origin": ("DE",) * 101}}, "at most 100 values"),
        ({"filters": {"asn": ("1; DROP TABLE events",)}}, "autonomous system"),
        ({"filters": {"asn": ("99999999999",)}}, "autonomous system"),
        ({"order": "channel"}, "there is no order 'channel'"),
        ({"interval": "second"}, "there is no interval 'second'"),
        ({"end": 7 * DAY}, "ends before it starts"),
        ({"end": 7 * DAY - HOUR}, "ends before it starts"),
        ({"interval": "minute"}, "more than 5000 steps"),
        ({"interval": "hour", "dimensions": ("channel",), "limit": 1000}, "more than 90000 rows"),
        ({"offset": 89_999}, "only the greatest 90000"),
        ({"dimensions": ("asn", "dmarc")}, "asn, dmarc are not counted together; these are: channel, source,"),
        ({"start": 7 * DAY + HOUR, "dimensions": ("content_type", "origin")}, "whole days"),
        ({"start": 7 * DAY + 60, "dimensions": ("origin",)}, "whole hours"),
        ({"dimensions": ("sender",), "interval": "hour", "limit": 9}, "counted by the day"),
    ],
    ids=str,
)
def test_what_cannot_be_asked_is_told_why(given: dict[str, object], said: str) -> None:
    with pytest.raises(Unanswerable) as refused:
        checked(replace(WEEK, **given))  # type: ignore[arg-type]
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "volume_days"),
        ({"interval": "hour"}, "volume_hours"),
        ({"step": 900, "end": 8 * DAY}, "volume_minutes"),
        ({"dimensions": ("nature",)}, "volume_days"),
        ({"dimensions": ("origin", "source")}, "places_days"),
        ({"filters": {"border": ("abroad",)}, "interval": "hour"}, "places_hours"),
        ({"filters": {"origin": ("DE",)}, "dimensions": ("content_type",)}, "kinds_days"),
        ({"dimensions": ("transit",)}, "routes_days"),
        ({"dimensions": ("network", "asn"), "start": 7 * DAY + HOUR}, "networks_hours"),
    ],
    ids=str,
)
def test_the_smallest_table_answers(given: dict[str, object], name: str) -> None:
    rollup, step = table(checked(replace(WEEK, **given)))  # type: ignore[arg-type]
    assert rollup.table(step) == name


@pytest.mark.parametrize("name", DIMENSIONS)
def test_every_dimension_can_be_asked_for(name: str) -> None:
    rollup, _ = table(checked(replace(WEEK, dimensions=(name,))))
    assert set(NEEDS.get(name, (DIMENSIONS[name],))) <= set(BY_NAME[rollup.name].dimensions)


def test_only_time_channel_and_source_are_open() -> None:
    assert not replace(WEEK, dimensions=("channel",), filters={"source": ("trap",)}).protected
    assert replace(WEEK, dimensions=("channel",), filters={"origin": ("DE",)}).protected
    assert replace(WEEK, dimensions=("channel", "nature")).protected
