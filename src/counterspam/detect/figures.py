"""How good a filter is: the measures of the TREC spam track (Cormack and Lynam, 2005) and two more.

All take labels (True is spam) and log-odds, positive for spam.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]
# Log-odds nearer to 0 than this say nothing: 0.2 is a probability of 0.55.
NOTHING = 0.2


@dataclass(frozen=True, slots=True)
class Figures:
    """Figures of one set; None where it lacks one of the labels. All but `mcc` in percent; 0.5 is the threshold.

    `roca` is (1-ROCAC)%, the chance that a ham scores above a spam. `lam` the logistic average of ham and spam
    misclassification. `calibration` the expected calibration error in ten bins, spam and ham counted alike. `silent` is
    where the log-odds are nearly 0: it says neither.
    """

    spam: int
    ham: int
    roca: float | None
    lam: float | None
    mcc: float | None
    ham_lost: float | None
    spam_missed: float | None
    calibration: float | None
    silent: float


def measure(spam: Labels, odds: Numbers) -> Figures:
    """All figures of one set."""
    spams, hams = int(spam.sum()), int((~spam).sum())
    lost = 100 * float((odds[~spam] > 0).mean()) if hams else None
    missed = 100 * float((odds[spam] <= 0).mean()) if spams else None
    silent = round(100 * float((np.abs(odds) < NOTHING).mean()), 3)
    if lost is None or missed is None:
        return Figures(spams, hams, None, None, None, _short(lost), _short(missed), None, silent)
    return Figures(
        spams,
        hams,
        _short(100 * (1 - area(spam, odds))),
        _short(lam(lost, missed, hams, spams)),
        _short(mcc(spam, odds > 0)),
        _short(lost),
        _short(missed),
        _short(100 * calibration_error(spam, odds)),
        silent,
    )


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def area(spam: Labels, odds: Numbers) -> float:
    """Area under the receiver operating characteristic curve; ties count half."""
    _, inverse, counts = np.unique(odds, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = ((2 * ends - counts + 1) / 2)[inverse]
    spams = int(spam.sum())
    return float((ranks[spam].sum() - spams * (spams + 1) / 2) / (spams * (len(spam) - spams)))


def lam(lost: float, missed: float, hams: int, spams: int) -> float:
    """Logistic average misclassification in percent; a rate of 0 or 100 is taken as half a message from it."""

    def logit(percent: float, count: int) -> float:
        share = min(max(percent / 100, 0.5 / count), 1 - 0.5 / count)
        return float(np.log(share / (1 - share)))

    return float(100 / (1 + np.exp(-(logit(lost, hams) + logit(missed, spams)) / 2)))


def mcc(spam: Labels, called: Labels) -> float:
    """Matthews correlation coefficient from -1 to 1; 0 when all are called the same."""
    right, wrong = float((spam & called).sum()), float((~spam & called).sum())
    missed, passed = float((spam & ~called).sum()), float((~spam & ~called).sum())
    below = (right + wrong) * (right + missed) * (passed + wrong) * (passed + missed)
    return (right * passed - wrong * missed) / below**0.5 if below else 0.0


def calibration_error(spam: Labels, odds: Numbers) -> float:
    """Mean gap between probability and share of spam over ten bins, as if half of the messages were spam."""
    probability = 1 / (1 + np.exp(-np.clip(odds, -60, 60)))
    weights = np.where(spam, 0.5 / spam.sum(), 0.5 / (~spam).sum())
    bins = np.minimum((probability * 10).astype(int), 9)
    gap = np.bincount(bins, weights * (probability - spam), minlength=10)
    return float(np.abs(gap).sum())


def fit_slope(margins: Numbers, spam: Labels, weights: Numbers) -> float:
    """The slope that turns margins into calibrated log-odds, by Newton's method (Platt scaling through the origin).

    Through the origin, because a text of which nothing is known must weigh nothing.
    """
    slope = 1.0
    for _ in range(50):
        probability = 1 / (1 + np.exp(-np.clip(slope * margins, -60, 60)))
        down = float(margins @ (weights * (probability - spam))) + 1e-6 * slope
        curve = float((margins**2) @ (weights * probability * (1 - probability))) + 1e-6
        slope -= (step := down / curve)
        if abs(step) < 1e-9:
            break
    return slope
