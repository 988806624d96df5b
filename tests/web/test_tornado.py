"""The tornado chart: bars as long as the results differ, on one scale, and labels that cannot break out."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.web.charts import Bar, tornado
from counterspam.web.language import spoken

HEADS = ("Parameter", "At its low", "At its high")
RESULTS = st.lists(st.tuples(st.floats(0, 1e9), st.floats(0, 1e9)), min_size=1, max_size=12)


@given(RESULTS, st.floats(0, 1e9))
def test_bars_reach_from_the_result_to_both_ends(results: list[tuple[float, float]], base: float) -> None:
    bars = [Bar(f"p{i}", "1", "2", low, high) for i, (low, high) in enumerate(results)]
    with spoken("en"):
        drawn = tornado("t", HEADS, base, bars)
    ends = [base, *(value for pair in results for value in pair)]
    least, most = min(ends), max(ends)
    width = (most - least) or 1
    middle = 100 * (base - least) / width
    rows = drawn.split("<tr>")[2:]
    assert len(rows) == len(bars)
    for row, pair in zip(rows, results, strict=True):
        marks = {
            kind: (float(x), float(length))
            for kind, x, length in re.findall(r'class="(at-\w+)" d="M([\d.]+) 3h(-?[\d.]+)v', row)
        }
        for kind, value in zip(("at-low", "at-high"), pair, strict=True):
            length = 100 * (value - base) / width
            x, found = marks.get(kind, (middle, 0.0))
            assert found == pytest.approx(length, abs=0.11)
            assert x == pytest.approx(middle, abs=0.06)


def test_the_table_holds_the_numbers_and_hostile_labels_stay_text() -> None:
    with spoken("en"):
        drawn = tornado("<i>t</i>", HEADS, 5, [Bar("<b>x</b>", "low", "high", 2, 9)])
    assert "<b>" not in drawn
    assert "<i>" not in drawn
    assert "<caption>&lt;i&gt;t&lt;/i&gt;</caption>" in drawn
    assert drawn.count('scope="col"') == 3
    assert drawn.count('scope="row"') == 1
    assert 'aria-hidden="true"' in drawn
    for shown in (">2 <br>", ">9 <br>", "low", "high"):
        assert shown in drawn
