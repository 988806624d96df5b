"""The rollups that statistics are read from: which dimensions each splits by, and which steps of time it keeps.

One rollup is one table per step (`places_hours`, `places_days`), fed as events are written: the finest from the events, each
coarser one from the rows that go into the one below, so that minutes, hours, days and months add up to each other. All
measures merge: parts, nodes and members of a federation are added up in the same way. To change a rollup, give it a new
name: a node makes and fills what it lacks when it starts (`store.rollup_tables`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

# Seconds of each step; of a month the least that it has.
SECONDS = {"minute": 60, "hour": 3600, "day": 86_400, "month": 28 * 86_400}


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a rollup: its column type, and how it comes from events and from finer rows (SQL)."""

    name: str
    type: str
    of_events: str
    of_rows: str


@dataclass(frozen=True, slots=True)
class Rollup:
    """Tables NAME_STEPs: `dimensions` in the order of the key, `steps` finest first, `only` a condition on events."""

    name: str
    dimensions: tuple[str, ...]
    steps: tuple[str, ...]
    only: str = ""
    measures: tuple[Measure, ...] = ()
    expressions: Mapping[str, str] = field(default_factory=dict)  # dimensions that are no column of events
    leading: str = ""  # the dimension whose rows stand together, before time
    granularity: int = 8192  # rows that one mark of the index covers; fewer where a few subjects are picked out

    def table(self, step: str) -> str:
        """Name of the table with this step."""
        return f"{self.name}_{step}s"


def starts(at: int, step: str) -> bool:
    """Whether a step starts at this time (seconds since 1970 UTC)."""
    if step == "month":
        return at % 86_400 == 0 and datetime.fromtimestamp(at, UTC).day == 1
    return at % SECONDS[step] == 0


def next_month(at: int) -> int:
    """The start of the month after the one in which a time lies (seconds since 1970 UTC)."""
    day = datetime.fromtimestamp(at, UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return int((day + timedelta(32)).replace(day=1).timestamp())


def _sum(name: str, of_events: str) -> Measure:
    return Measure(name, "SimpleAggregateFunction(sum, UInt64)", of_events, f"sum(lower.{name})")


def _least(name: str, of_events: str) -> Measure:
    return Measure(name, "SimpleAggregateFunction(min, DateTime64(3, 'UTC'))", of_events, f"min(lower.{name})")


_COUNTS = (_sum("messages", "sum(count)"), _sum("reports", "count()"))
# Whether at least 5 different contributors stand behind a figure: hashes of reporters, of which 5 are kept; a record without
# a reporter counts as one of its own. Merging keeps that exact, for a union has 5 when it has 5 kept.
_CONTRIBUTORS = Measure(
    "contributors",
    "SimpleAggregateFunction(groupUniqArrayArray(5), Array(UInt32))",
    "groupUniqArray(5)(toUInt32(if(reporter = '', cityHash64(id), cityHash64(reporter))))",
    "groupUniqArrayArray(5)(lower.contributors)",
)
_PUBLIC = (*_COUNTS, _CONTRIBUTORS)
_NEVER = "toDateTime64('2106-01-01 00:00:00', 3, 'UTC')"  # no such time
_CAMPAIGN = (
    *_PUBLIC,
    _least("first_seen", "min(observed_at)"),
    Measure(
        "last_seen",
        "SimpleAggregateFunction(max, DateTime64(3, 'UTC'))",
        "max(observed_at)",
        "max(lower.last_seen)",
    ),
)
_SIGHTINGS = (
    _least("first_sensed", f"min(if(source NOT IN ('user-report', 'questionnaire'), observed_at, {_NEVER}))"),
    _least("first_reported", f"min(if(source = 'user-report', observed_at, {_NEVER}))"),
)
# Names that belong to services, never numbers or mailboxes of people.
_NAME = (
    "multiIf(sender_kind IN ('alphanumeric', 'short-code'), sender, sender_kind IN ('email', 'url'), sender_domain, '')"
)
_QUALITY = (
    *_COUNTS,
    _sum("without_country", "countIf(country = '')"),
    _sum("without_type", "countIf(spam = 1 AND content_type IN ('unknown', ''))"),
    _sum("without_destination", "countIf(recipient_country = '')"),
    _sum("hour_late", "countIf(dateDiff('second', observed_at, received_at) >= 3600)"),
    _sum("day_late", "countIf(dateDiff('second', observed_at, received_at) >= 86400)"),
)

ROLLUPS: tuple[Rollup, ...] = (
    # how much, and what it is about
    Rollup(
        "volume",
        ("channel", "source", "spam", "content_type", "nature", "synthetic"),
        ("minute", "hour", "day", "month"),
        measures=_PUBLIC,
    ),
    # from which country to which
    Rollup(
        "places",
        ("channel", "source", "spam", "country", "recipient_country", "synthetic"),
        ("hour", "day", "month"),
        measures=_PUBLIC,
    ),
    # what the spam of a country, and against it, is about
    Rollup(
        "kinds",
        ("channel", "spam", "content_type", "country", "recipient_country", "synthetic"),
        ("day", "month"),
        measures=_PUBLIC,
    ),
    # through which networks and number ranges
    Rollup(
        "networks",
        ("channel", "spam", "country", "asn", "network", "operator", "synthetic"),
        ("hour", "day", "month"),
        measures=_PUBLIC,
    ),
    # over which countries, where the evidence tells
    Rollup(
        "routes",
        ("channel", "spam", "country", "transit", "recipient_country", "synthetic"),
        ("hour", "day", "month"),
        only="notEmpty(transit)",
        measures=_PUBLIC,
    ),
    # whom it was meant for
    Rollup(
        "targets",
        ("channel", "spam", "content_type", "recipient_country", "recipient_operator", "synthetic"),
        ("hour", "day", "month"),
        measures=_PUBLIC,
    ),
    # how it was sent, and what became of it
    Rollup(
        "traits",
        ("channel", "spam", "sender_kind", "technique", "payload", "disposition", "language", "synthetic"),
        ("hour", "day", "month"),
        measures=_PUBLIC,
    ),
    # what the sender's identity was worth
    Rollup(
        "authentication",
        ("channel", "spam", "spf", "dkim", "dmarc", "stir", "synthetic"),
        ("hour", "day"),
        measures=_PUBLIC,
    ),
    # names that spam is sent under
    Rollup(
        "senders",
        ("channel", "sender_kind", "name", "synthetic"),
        ("day", "month"),
        only=f"spam = 1 AND {_NAME} != ''",
        measures=_PUBLIC,
        expressions={"name": _NAME},
    ),
    # how many different people report
    Rollup(
        "reporters",
        ("channel", "synthetic"),
        ("hour", "day"),
        only="reporter != ''",
        measures=(
            Measure(
                "reporters",
                "AggregateFunction(uniqCombined(12), String)",
                "uniqCombinedState(12)(reporter)",
                "uniqCombinedMergeState(12)(lower.reporters)",
            ),
        ),
    ),
    # what each door delivers, how complete and how late
    Rollup(
        "coverage",
        ("channel", "source", "format", "intake", "node", "synthetic"),
        ("hour",),
        measures=_QUALITY,
    ),
    # which campaigns run
    Rollup(
        "campaigns",
        ("campaign", "channel", "spam", "content_type", "synthetic"),
        ("hour",),
        only="campaign != 0",
        measures=_CAMPAIGN,
    ),
    # one campaign at a time
    Rollup(
        "campaign",
        ("campaign", "channel", "spam", "content_type", "synthetic"),
        ("day", "month"),
        only="campaign != 0",
        measures=(*_CAMPAIGN, *_SIGHTINGS),
        leading="campaign",
        granularity=1024,
    ),
    # which campaigns are large: spam without the first record of each, unless that stands for several; most campaigns are one
    # message, and leaving those out keeps this small
    Rollup(
        "campaign_rank",
        ("campaign", "channel", "synthetic"),
        ("day", "month"),
        only="campaign != 0 AND spam = 1 AND (seen_before > 0 OR count > 1)",
        measures=(_sum("messages", "sum(count)"),),
    ),
)
BY_NAME = {rollup.name: rollup for rollup in ROLLUPS}
