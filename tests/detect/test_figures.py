"""The measures, against values worked out by hand."""

import numpy as np
import pytest

from counterspam.detect import figures

SPAM = np.array([True, True, False, False])


def test_a_perfect_filter() -> None:
    found = figures.measure(SPAM, np.array([9.0, 8.0, -8.0, -9.0]))
    assert (found.spam, found.ham, found.roca, found.mcc, found.ham_lost, found.spam_missed) == (
        2,
        2,
        0.0,
        1.0,
        0.0,
        0.0,
    )
    assert found.calibration == pytest.approx(0.0, abs=0.1)
    assert found.silent == 0.0


def test_area_counts_ties_half() -> None:
    assert figures.area(SPAM, np.array([2.0, 0.0, 0.0, 1.0])) == pytest.approx((1 + 1 + 0.5 + 0) / 4)


def test_logistic_average() -> None:
    assert figures.lam(10.0, 10.0, 1000, 1000) == pytest.approx(10.0)
    # logit(0.01) + logit(0.2) halved, and back
    assert figures.lam(1.0, 20.0, 1000, 1000) == pytest.approx(4.785, abs=0.01)
    assert 0 < figures.lam(0.0, 0.0, 100, 100) < 1


def test_mcc_of_a_constant_answer_is_zero() -> None:
    assert figures.mcc(SPAM, np.ones(4, np.bool_)) == 0.0
    assert figures.mcc(SPAM, np.array([True, False, False, False])) == pytest.approx(2 / 12**0.5)


def test_saying_nothing_is_calling_it_ham_and_is_counted() -> None:
    found = figures.measure(SPAM, np.zeros(4))
    assert (found.ham_lost, found.spam_missed, found.silent) == (0.0, 100.0, 100.0)


def test_one_label_alone_has_no_area() -> None:
    found = figures.measure(np.ones(3, np.bool_), np.array([1.0, 1.0, -1.0]))
    assert (found.roca, found.mcc, found.ham_lost, found.spam_missed) == (None, None, None, 33.333)


def test_calibration_error_of_overconfidence() -> None:
    odds = np.full(4, np.log(9.0))  # says 0.9 of everything, half of it is spam
    assert figures.calibration_error(SPAM, odds) == pytest.approx(0.4)


def test_the_slope_recovers_a_known_scale() -> None:
    rng = np.random.default_rng(1)
    odds = rng.normal(0, 2, 20_000)
    spam = rng.random(20_000) < 1 / (1 + np.exp(-odds))
    assert figures.fit_slope(odds / 3, spam, np.ones(20_000)) == pytest.approx(3.0, rel=0.05)
