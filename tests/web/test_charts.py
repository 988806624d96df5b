"""Charts: their marks are as long as the numbers, and labels cannot break out."""

import math
import re
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.web import charts
from counterspam.web.format import number
from counterspam.web.language import spoken

VALUES = st.lists(st.integers(0, 10**9), min_size=1, max_size=60)


def heights(path: str) -> dict[int, float]:
    """Column -> height of its mark."""
    marks = re.findall(r"M(\d+) ([\d.]+)V([\d.]+)h8V([\d.]+)z", path)
    assert "".join(f"M{x} {low}V{high}h8V{end}z" for x, low, high, end in marks) == path
    return {int(x) // charts.WIDTH: float(low) - float(high) for x, low, high, _ in marks}


class Parts(HTMLParser):
    """Paths by class, and titles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.paths: dict[str, str] = {}
        self.tags: list[str] = []
        self.data: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        found = dict(attrs)
        self.tags.append(tag)
        if tag == "path":
            self.paths[str(found.get("class"))] = str(found["d"])

    def handle_data(self, data: str) -> None:
        """Note it."""
        self.data.append(data)


@given(VALUES, VALUES)
def test_segments_are_as_high_as_their_values(first: list[int], second: list[int]) -> None:
    count = min(len(first), len(second))
    series = {"sms": first[:count], "email": second[:count]}
    columns = [f"{i}:00" for i in range(count)]
    parts = Parts(charts.stacked_bars("v", "t", series, columns, {"sms": "SMS", "email": "E-mail"}))
    top = charts.ceiling(max(map(sum, zip(*series.values(), strict=True))))
    for key, values in series.items():
        drawn = heights(parts.paths[f"c-{key}"])
        assert set(drawn) == {i for i, value in enumerate(values) if value}
        for column, height in drawn.items():
            assert height == pytest.approx(100 * values[column] / top, abs=0.011)


@given(st.integers(0, 10**15))
def test_ceiling_is_round_and_close(value: int) -> None:
    top = charts.ceiling(value)
    assert top >= value
    assert top % 2 == 0
    assert top <= max(2 * value, 2) or value < 2
    assert top / 10 ** math.floor(math.log10(top)) in (1, 2, 3, 4, 5, 6, 8)


@given(st.text(max_size=50))
def test_labels_are_text(label: str) -> None:
    shown = charts.stacked_bars("v", label, {"x": [1]}, [label], {"x": label}) + charts.legend(["x"], {"x": label})
    plain = charts.stacked_bars("v", "t", {"x": [1]}, ["c"], {"x": "l"}) + charts.legend(["x"], {"x": "l"})
    assert Parts(shown).tags == Parts(plain).tags


def test_nothing_to_show() -> None:
    for shown in (
        charts.stacked_bars("v", "t", {}, [], {}),
        charts.spark([], "t"),
        charts.bar(0, 0),
        charts.signed_bar(0, 0),
    ):
        assert shown.startswith("<")
    assert charts.heat(0, 0) == charts.heat(0, 9) == "h0"
    assert [charts.heat(value, 100) for value in (1, 100)] == ["h1", "h5"]


def test_a_title_under_the_pointer_says_the_numbers() -> None:
    parts = Parts(charts.stacked_bars("v", "t", {"sms": [1200, 0]}, ["06:00", "07:00"], {"sms": "SMS"}))
    assert "06:00: SMS 1,200" in parts.data
    assert "07:00: 0" in parts.data


def test_a_channel_keeps_its_colour_and_others_take_theirs_by_place() -> None:
    parts = Parts(
        charts.stacked_bars(
            "v", "t", {"tax": [1], "sms": [1], "bank": [2]}, ["c"], dict.fromkeys(["tax", "sms", "bank"], "")
        )
    )
    assert {"c-s1", "c-sms", "c-s3"} <= set(parts.paths)
    for key in ("c-s1", "c-sms", "c-s3"):
        assert f"dot {key}" in charts.legend(["tax", "sms", "bank"], {"tax": "", "sms": "", "bank": ""})


def test_numbers_are_written_in_the_language_spoken() -> None:
    with spoken("fr"):
        text = charts.stacked_bars("v", "t", {"sms": [4000]}, ["c"], {"sms": "SMS"})
        assert f"<span>{number(4000)}</span><span>{number(2000)}</span>" in text
        assert "4,000" not in text


def test_time_runs_with_the_writing_and_maps_do_not() -> None:
    css = (files("counterspam.web") / "static" / "site.css").read_text(encoding="utf-8")
    [(chosen, rule)] = re.findall(r"\[dir=rtl\] :is\((.*?)\) \{(.*?)\}", css)
    assert ".chart svg" in chosen.split(", ")
    assert ".bar" in chosen.split(", ")
    assert "map" not in chosen
    assert "scaleX(-1)" in rule
    assert "dir=" not in charts.stacked_bars("v", "t", {"x": [1]}, ["c"], {"x": "l"})
    assert 'class="chart"' not in charts.world("m", "t", {"FR": 1}, {"FR": "France"}, None, "/w.svg")


@given(st.floats(-50, 50), st.floats(0.1, 10))
def test_signed_bars_stay_inside(weight: float, most: float) -> None:
    length = float(re.findall(r"M50 0h(-?[\d.]+)v8", charts.signed_bar(weight, most))[0])
    assert -50 <= length <= 50
    assert length * weight >= 0
