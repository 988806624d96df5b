"""Does the model still see what analysts see? Its answers before each decision against the decision, and how its scores move.

Analysts mostly look at what is doubtful or reported, so their share of errors is not that of the traffic; what matters is
whether it rises. Sources: Wilson's interval for shares; the population stability index as used for scorecards (the sum over
bins of (p - q) ln(p / q)), with its usual limits.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from counterspam.intervals import wilson
from counterspam.measure.learning_questions import BINS

RECENT = 200  # decisions that "recent" means, at most
EARLIER = 1000  # before them, that they are compared with
LEAST = 30  # recent decisions without which nothing is said
RISEN = 0.05  # a share of errors that is surely more than this above the earlier one is an alarm,
FIRST = 0.25  # and without earlier decisions, one that is surely more than this
OFF = 0.15  # calibration error that is an alarm
LEAST_RECORDS = 500  # in each of both weeks
MOVED, FAR = 0.1, 0.25  # stability index: worth a look, an alarm


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision and what had been said before it: by the verdict, and by the learned check alone (log-odds, 0 nothing)."""

    spam: bool
    was_spam: bool
    probability: float
    odds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What the watch sees; shares from 0 to 1, None where there is too little to say. `alarms` name what is beyond its limit:
    "errors", "calibration", "stability".

    `errors` is the share of the `recent` decisions that went against the verdict, with its 95 % interval, `before` that of the
    `earlier` ones; `calibration` the mean distance of probability and share of spam over ten bins; `silent` the share about
    which the learned check said nothing; `stability` the index of this week's scores against the week before.
    """

    recent: int
    earlier: int
    errors: float | None
    low: float | None
    high: float | None
    before: float | None
    calibration: float | None
    silent: float | None
    stability: float | None
    records: tuple[int, int]
    alarms: tuple[str, ...]


def calibration_error(decided: Sequence[Decided]) -> float:
    """Mean over ten bins, by their size, of the distance between mean probability and share of spam."""
    bins: list[list[Decided]] = [[] for _ in range(BINS)]
    for one in decided:
        bins[min(BINS - 1, int(one.probability * BINS))].append(one)
    distances = (abs(sum(one.probability - one.spam for one in some)) for some in bins)
    return sum(distances) / len(decided)


def stability(before: Sequence[int], after: Sequence[int]) -> float:
    """Population stability index of two histograms; half a record is added to each bin, so that none is empty."""
    first, second = sum(before) + len(before) / 2, sum(after) + len(after) / 2
    shares = (((b + 0.5) / first, (a + 0.5) / second) for b, a in zip(before, after, strict=True))
    return sum((a - b) * math.log(a / b) for b, a in shares)


def watch(decided: Sequence[Decided], weeks: tuple[Sequence[int], Sequence[int]]) -> Drift:
    """What decisions (in their order) and the histograms of both weeks say together."""
    recent, earlier = decided[-RECENT:], decided[:-RECENT][-EARLIER:]
    alarms = []
    enough = len(recent) >= LEAST
    range_ = wilson(_errors(recent), len(recent)) if enough else None
    before = _errors(earlier) / len(earlier) if len(earlier) >= LEAST else None
    limit = FIRST if before is None else before + RISEN
    if range_ and range_.low > limit:
        alarms.append("errors")
    off = calibration_error(recent) if enough else None
    if off is not None and off > OFF:
        alarms.append("calibration")
    sizes = (sum(weeks[0]), sum(weeks[1]))
    index = stability(*weeks) if min(sizes) >= LEAST_RECORDS else None
    if index is not None and index > FAR:
        alarms.append("stability")
    return Drift(
        recent=len(recent),
        earlier=len(earlier),
        errors=range_.estimate if range_ else None,
        low=range_.low if range_ else None,
        high=range_.high if range_ else None,
        before=before,
        calibration=off,
        silent=sum(not one.odds for one in recent) / len(recent) if enough else None,
        stability=index,
        records=sizes,
        alarms=tuple(alarms),
    )


def _errors(decided: Sequence[Decided]) -> int:
    return sum(one.spam is not one.was_spam for one in decided)
