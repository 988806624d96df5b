"""Intervals: figures from the literature, the equations they solve, how often they cover, and how they behave at the edges."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam import intervals
from counterspam.intervals import design_effect, poisson, rate_ratio, share_difference, wilson

Z = 1.959963984540054


def poisson_below(count: int, mean: float) -> float:
    """P(X <= count), summed term by term: another way than the series under test."""
    return math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count + 1))


@pytest.mark.parametrize(
    ("hits", "total", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_published_figures(hits: int, total: int, low: float, high: float) -> None:
    """Newcombe 1998 (single proportion), table I, method 3."""
    found = wilson(hits, total)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(low, abs=5e-5), pytest.approx(high, abs=5e-5))


@given(st.integers(1, 5000), st.data())
def test_wilson_solves_the_score_equation(total: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, total))
    found = wilson(hits, total)
    assert found is not None
    assert 0 <= found.low <= found.estimate <= found.high <= 1
    for bound in {found.low, found.high} - {0.0, 1.0}:
        assert abs(hits - total * bound) == pytest.approx(Z * math.sqrt(total * bound * (1 - bound)), rel=1e-6)


@given(st.integers(1, 500), st.integers(0, 500), st.floats(1, 50), st.floats(0.01, 20))
def test_wilson_widens_with_the_design_effect(total: int, hits: int, effect: float, more: float) -> None:
    hits = min(hits, total)
    narrow, wide = wilson(hits, total, design_effect=effect), wilson(hits, total, design_effect=effect + more)
    assert narrow is not None
    assert wide is not None
    assert wide.low <= narrow.low
    assert wide.high >= narrow.high
    assert wide.high - wide.low > narrow.high - narrow.low


def test_wilson_covers() -> None:
    """Simulated: on the average over shares 95 of 100 samples of 60 hold the truth; with clusters only if they are counted."""
    random = np.random.default_rng(52)
    shares = random.uniform(0.02, 0.98, 4000)
    held = [wilson(int(hits), 60) for hits in random.binomial(60, shares)]
    assert np.mean([i.low <= share <= i.high for i, share in zip(held, shares, strict=True) if i]) > 0.935

    hits = random.binomial(60, shares) * 10  # 60 reporters of 10 messages each, which are all alike
    naive = [wilson(int(n), 600) for n in hits]
    careful = [wilson(int(n), 600, design_effect=design_effect([10] * 60)) for n in hits]
    assert np.mean([i.low <= share <= i.high for i, share in zip(naive, shares, strict=True) if i]) < 0.6
    assert np.mean([i.low <= share <= i.high for i, share in zip(careful, shares, strict=True) if i]) > 0.935


def test_design_effect_is_kish() -> None:
    assert design_effect([1] * 40) == 1
    assert design_effect([10] * 60) == 10
    assert design_effect([10] * 60, 0.05) == pytest.approx(1.45)
    assert design_effect([1, 1, 8]) == pytest.approx(66 / 10)
    assert design_effect([]) == 1
    assert design_effect([5, 7], 0) == 1


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [
        (0, 0, 3.689),
        (1, 0.0253, 5.572),
        (2, 0.2422, 7.225),
        (5, 1.623, 11.668),
        (10, 4.795, 18.390),
        (100, 81.36, 121.63),
    ],
)
def test_poisson_gives_the_published_figures(count: int, low: float, high: float) -> None:
    """Tables of exact limits for a Poisson count, 95 %."""
    found = poisson(count)
    assert (found.low, found.high) == (pytest.approx(low, rel=4e-4, abs=5e-5), pytest.approx(high, rel=1e-4))


@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
@pytest.mark.parametrize("count", [1, 2, 3, 7, 20, 55, 99, 100, 101, 130, 400])
def test_poisson_bounds_leave_half_the_error_on_each_side(count: int, confidence: float) -> None:
    found, tail = poisson(count, confidence=confidence), (1 - confidence) / 2
    slack = 1e-9 if count < 100 else 5e-3
    assert poisson_below(count, found.high) == pytest.approx(tail, rel=slack)
    assert 1 - poisson_below(count - 1, found.low) == pytest.approx(tail, rel=slack)


def test_the_cube_above_a_hundred_is_as_near_as_said(monkeypatch: pytest.MonkeyPatch) -> None:
    shapes, sides = (100.5, 120.0, 300.0), ((0.025, 2.5e-5), (0.975, 2.5e-5), (0.005, 1.2e-4), (0.995, 1.2e-4))
    cube = {(shape, side): intervals._gamma_quantile(shape, side) for shape in shapes for side, _ in sides}
    monkeypatch.setattr(intervals, "EXACT", 1e9)
    intervals._gamma_quantile.cache_clear()
    for shape in shapes:
        for side, most in sides:
            exact = intervals._gamma_quantile(shape, side)
            assert intervals._gamma_share(shape, exact) == pytest.approx(side, abs=1e-10)
            assert 0 < abs(cube[shape, side] / exact - 1) < most
    intervals._gamma_quantile.cache_clear()


@given(st.integers(0, 10**7), st.floats(1e-3, 1e9), st.floats(1, 100))
def test_poisson_is_ordered_and_grows_with_the_count(count: int, exposure: float, effect: float) -> None:
    found, next_ = poisson(count, exposure, design_effect=effect), poisson(count + 1, exposure, design_effect=effect)
    assert 0 <= found.low <= found.estimate < found.high < math.inf
    assert found.low < next_.low
    assert found.high < next_.high
    assert found.high * exposure >= poisson(count).high * (1 - 1e-4)


def test_poisson_covers_at_least_as_often_as_it_says() -> None:
    random = np.random.default_rng(1996)
    for mean in (0.7, 4.0, 30.0, 250.0):
        held = [poisson(int(count)) for count in random.poisson(mean, 2000)]
        assert np.mean([one.low <= mean <= one.high for one in held]) > 0.945


def test_rate_ratio() -> None:
    found = rate_ratio(20, 1, 10, 1)
    assert found is not None
    assert (found.estimate, found.low, found.high) == (
        pytest.approx(2),
        pytest.approx(0.9524, abs=1e-4),
        pytest.approx(4.2001, abs=1e-4),
    )
    doubled = rate_ratio(20, 2, 10, 1)
    assert doubled is not None
    assert doubled.estimate == pytest.approx(1)
    new = rate_ratio(9, 1, 0, 1)
    assert new is not None
    assert new.low > 1
    assert new.estimate == new.high == math.inf
    gone = rate_ratio(0, 1, 9, 1)
    assert gone is not None
    assert gone.estimate == gone.low == 0
    assert rate_ratio(0, 1, 0, 1) is None


def test_rate_ratio_covers() -> None:
    random = np.random.default_rng(7)
    held = [rate_ratio(int(a), 7, int(b), 28) for a, b in random.poisson([7 * 3.0, 28 * 2.0], (3000, 2))]
    assert np.mean([one.low <= 1.5 <= one.high for one in held if one]) > 0.935


def test_share_difference_gives_the_published_figures() -> None:
    """Newcombe 1998 (two proportions), table II, method 10."""
    found = share_difference(56, 70, 48, 80)
    assert found is not None
    assert (found.estimate, found.low, found.high) == (
        pytest.approx(0.2),
        pytest.approx(0.0524, abs=5e-5),
        pytest.approx(0.3339, abs=5e-5),
    )
    small = share_difference(9, 10, 3, 10)
    assert small is not None
    assert (small.low, small.high) == (pytest.approx(0.1705, abs=5e-5), pytest.approx(0.8090, abs=5e-5))
    assert share_difference(0, 0, 1, 2) is None


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_share_difference_turns_round(total: int, before: int, data: st.DataObject) -> None:
    hits, earlier = data.draw(st.integers(0, total)), data.draw(st.integers(0, before))
    found, turned = share_difference(hits, total, earlier, before), share_difference(earlier, before, hits, total)
    assert found is not None
    assert turned is not None
    assert -1 <= found.low <= found.estimate <= found.high <= 1
    assert (found.low, found.high) == (pytest.approx(-turned.high), pytest.approx(-turned.low))


def test_share_difference_covers() -> None:
    random = np.random.default_rng(11)
    held = [share_difference(int(a), 80, int(b), 50) for a, b in random.binomial([80, 50], [0.35, 0.2], (3000, 2))]
    assert np.mean([one.low <= 0.15 <= one.high for one in held if one]) > 0.935


@pytest.mark.parametrize(
    "call",
    [
        lambda: wilson(3, 2),
        lambda: wilson(-1, 2),
        lambda: wilson(1, math.inf),
        lambda: wilson(1, 2, confidence=1),
        lambda: wilson(1, 2, design_effect=0.5),
        lambda: wilson(1, 2, design_effect=math.nan),
        lambda: poisson(-1),
        lambda: poisson(math.nan),
        lambda: poisson(1, 0),
        lambda: rate_ratio(1, 0, 1, 1),
        lambda: rate_ratio(-1, 1, 3, 1),
        lambda: design_effect([3, -1]),
        lambda: design_effect([3], 1.5),
    ],
)
def test_nonsense_is_refused(call: object) -> None:
    with pytest.raises(ValueError, match=r"must be|from 0 to 1|below 0"):
        call()  # type: ignore[operator]


def test_nothing_observed_is_unknown() -> None:
    assert wilson(0, 0) is None
