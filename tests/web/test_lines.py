"""Lines and comparisons: gaps stay gaps, marks are where the numbers are, labels cannot break out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_charts import Parts

from counterspam.web import charts

VALUES = st.lists(st.none() | st.integers(0, 10**9), min_size=1, max_size=40)
SHARE = st.floats(0, 1)


def points(data: str) -> list[list[tuple[float, float]]]:
    """Runs of points of a line."""
    return [[(float(x), float(y)) for x, y in (pair.split() for pair in run.split("L"))] for run in data.split("M")[1:]]


def line(values: list[int | None]) -> list[list[tuple[float, float]]]:
    """Runs of the only line of a chart."""
    shown = charts.lines("l", "t", {"a": values}, [str(i) for i in range(len(values))], {"a": "A"})
    return points(re.findall(r'class="line d1 c-s1" d="([^"]*)"', shown)[0])


@given(VALUES)
def test_a_line_goes_through_its_values_and_never_over_a_gap(values: list[int | None]) -> None:
    runs = "".join("x" if value is not None else " " for value in values).split()
    drawn = line(values)
    assert [len(run) for run in drawn] == [max(len(run), 2) for run in runs]
    top = charts.ceiling(max((value for value in values if value is not None), default=0))
    for run in drawn:
        for x, y in run:
            value = values[int(x / charts.WIDTH)]
            assert value is not None
            assert y == pytest.approx(100 - 100 * value / top, abs=0.011)


@given(st.lists(st.none() | st.tuples(SHARE, SHARE).map(lambda pair: (min(pair), max(pair))), min_size=1, max_size=20))
def test_a_band_lies_between_its_bounds(band: list[tuple[float, float] | None]) -> None:
    values = [None if pair is None else pair[1] for pair in band]
    shown = charts.lines("l", "t", {"a": values}, ["c"] * len(band), {"a": "A"}, bands={"a": band}, top=1, say=str)
    drawn = re.findall(r'class="band c-s1" d="([^"]*)"', shown)
    assert bool(drawn) == any(band)
    for run in points("".join(drawn).replace("z", "")):
        for x, y in run:
            pair = band[int(x / charts.WIDTH)]
            assert pair is not None
            assert min(abs(y - 100 * (1 - bound)) for bound in pair) < 0.011


def test_lines_differ_without_colour_and_say_their_numbers() -> None:
    series = {"a": [1, None], "b": [2, 0]}
    parts = Parts(charts.lines("l", "t", series, ["Mon", "Tue"], {"a": "A", "b": "B"}))
    assert {"line d1 c-s1", "line d2 c-s2"} <= set(parts.paths)
    assert "Mon: A 1 · B 2" in parts.data
    assert "Tue: A – · B 0" in parts.data
    key = charts.line_legend(list(series), {"a": "A", "b": "B"})
    assert "line d1 c-s1" in key
    assert "line d2 c-s2" in key


@given(st.text(max_size=50))
def test_labels_are_text(label: str) -> None:
    def tags(text: str) -> list[str]:
        shown = charts.lines("l", text, {"x": [1]}, [text], {"x": text}) + charts.line_legend(["x"], {"x": text})
        return Parts(shown + charts.paired(text, (text, text), [(text, 1, None)])).tags

    assert tags(label) == tags("plain")


@given(
    st.lists(
        st.tuples(st.just("x"), VALUES.map(lambda found: found[0]), VALUES.map(lambda found: found[0])), max_size=20
    )
)
def test_pairs_are_on_one_scale(rows: list[tuple[str, int | None, int | None]]) -> None:
    shown = charts.paired("t", ("A", "B"), rows)
    drawn = [float(length) for length in re.findall(r"h([\d.]+)v7H0z", shown)]
    given_ = [value for row in rows for value in row[1:] if value is not None]
    most = max(given_, default=0) or 1
    assert drawn == pytest.approx([100 * value / most for value in given_], abs=0.051)
    assert shown.count("–") == 2 * len(rows) - len(given_)


@given(SHARE, SHARE, SHARE)
def test_an_interval_holds_its_point(first: float, second: float, third: float) -> None:
    low, mid, high = sorted((first, second, third))
    left, length, at = map(
        float, re.findall(r"M([\d.]+) 2h([\d.]+)v4.*M([\d.]+) 0v8", charts.share_interval(low, mid, high))[0]
    )
    assert left == pytest.approx(100 * low, abs=0.051)
    assert left + length == pytest.approx(100 * high, abs=0.11)
    assert at == pytest.approx(100 * mid, abs=0.051)
