"""What a look at the figures may find: a subject that is not as usual, with figures."""

from dataclasses import dataclass

SURGE, SHIFT, CAMPAIGN, ROUTE, SILENCE = "surge", "share-shift", "new-campaign", "new-route", "silence"
KINDS = (SURGE, SHIFT, CAMPAIGN, ROUTE, SILENCE)
NEW = (CAMPAIGN, ROUTE)  # kinds that happen once, where the others last

LEAST_MESSAGES = 20  # below these, nothing is ever said to have changed
LEAST_REPORTS = 5
LEAST_CONTRIBUTORS = 5  # small cells are not published (REQUIREMENTS D9)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What has changed: a kind of change, and the dimensions it concerns ("" and 0: not restricted).

    `transit` are the countries passed, in order, joined by "-".
    """

    kind: str
    channel: str = ""
    content_type: str = ""
    country: str = ""
    recipient_country: str = ""
    transit: str = ""
    campaign: int = 0
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """How a subject stands. Times are seconds since 1970 UTC, `window` the seconds that `observed` covers.

    `observed`, `expected` and the 95 % range of what is expected (`low` to `high`) are messages, or shares from 0 to 1 where
    a share shifts. `score` is the distance in standard deviations, 0 for what is new. `alarm`: out of the ordinary;
    `sure`: so far out that no second look is needed. What is not an alarm is still further off than half the limit.
    `parts` are all ids of the campaign.
    """

    subject: Subject
    began_at: int
    window: int
    observed: float
    expected: float = 0.0
    low: float = 0.0
    high: float = 0.0
    score: float = 0.0
    reports: int = 0
    alarm: bool = True
    sure: bool = True
    synthetic: bool = False
    parts: tuple[int, ...] = ()
