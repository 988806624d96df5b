"""How far reports of users may teach the model (X1232-2): a reporter is believed as often as analysts agreed with the reports.

A report is worth at most half a decision, that of an unknown reporter a twentieth. Whatever one reporter, one campaign,
newcomers together or all reports together send, the sums below hold, so that neither a single reporter nor a sudden crowd
can move the model.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from counterspam.detect.lessons import Lesson

# Beta prior: as if analysts had agreed with 2.2 and disagreed with 1.8 reports. Its mean, 0.55, gives a newcomer 0.1 of REPORT.
AGREED, DISAGREED = 2.2, 1.8
REPORT = 0.5  # the most that one report weighs; a decision weighs 1
REPORTER_DAY = 2.0  # sum of the weights of one reporter in one day (UTC)
CAMPAIGN = 2.0  # of all reports of one campaign in one learning run
NEWCOMERS_DAY = 2.0  # of all reporters together, in one day, about whom analysts have decided fewer than KNOWN times
KNOWN = 3
DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Judged:
    """One report that an analyst has decided on: who, about which campaign (or evidence), and whether they agreed."""

    reporter: str
    group: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """How reports of one reporter compared with decisions."""

    agreed: int = 0
    disagreed: int = 0

    @property
    def reliability(self) -> float:
        """Posterior mean of the share of reports that analysts agree with."""
        return (self.agreed + AGREED) / (self.agreed + self.disagreed + AGREED + DISAGREED)

    @property
    def weight(self) -> float:
        """What one report is worth: nothing for those who are right half of the time or less, at most REPORT."""
        return REPORT * max(0.0, 2 * self.reliability - 1)


def standings(judged: Iterable[Judged]) -> dict[str, Standing]:
    """Every reporter's record. Many reports of one campaign count once: the last."""
    last = {(one.reporter, one.group): one.agreed for one in judged if one.reporter}
    agreed: Counter[str] = Counter()
    disagreed: Counter[str] = Counter()
    for (reporter, _), fine in last.items():
        (agreed if fine else disagreed)[reporter] += 1
    return {name: Standing(agreed[name], disagreed[name]) for name in {*agreed, *disagreed}}


def weighed(reports: Sequence[Lesson], known: dict[str, Standing], most: float) -> list[Lesson]:
    """Reports with the weight that they may have, in their order; those that may have none are left out.

    `most` is the sum for all of them: no more than that of the decisions of the same run, so that analysts keep the majority.
    """
    left = {"all": most}
    by_campaign: dict[str, float] = defaultdict(lambda: CAMPAIGN)
    by_day: dict[tuple[str, int], float] = defaultdict(lambda: REPORTER_DAY)
    newcomers: dict[int, float] = defaultdict(lambda: NEWCOMERS_DAY)
    found = []
    for one in reports:
        reporter, day = one.evidence.reporter, one.evidence.received_at // DAY
        standing = known.get(reporter, Standing())
        new = standing.agreed + standing.disagreed < KNOWN
        room = [left["all"], by_campaign[one.group], by_day[reporter, day], *([newcomers[day]] if new else [])]
        weight = min(standing.weight, *room) if reporter else 0.0
        if weight <= 0:
            continue
        left["all"] -= weight
        by_campaign[one.group] -= weight
        by_day[reporter, day] -= weight
        newcomers[day] -= weight if new else 0.0
        found.append(replace(one, weight=weight))
    return found
