"""A question to the statistics as data: metrics, dimensions, filters, period, interval.

What can be combined follows from the rollups: a question is answered from the smallest one that has all the dimensions it
splits and filters by.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from counterspam.errors import CounterspamError
from counterspam.rollups import BY_NAME, SECONDS, Rollup, starts

# Name in questions and answers -> column of the rollups.
DIMENSIONS: dict[str, str] = {
    "channel": "channel",
    "source": "source",
    "content_type": "content_type",
    "nature": "nature",
    "origin": "country",
    "destination": "recipient_country",
    "border": "border",
    "asn": "asn",
    "network": "network",
    "operator": "operator",
    "transit": "transit",
    "destination_operator": "recipient_operator",
    "sender_kind": "sender_kind",
    "sender": "name",
    "technique": "technique",
    "payload": "payload",
    "disposition": "disposition",
    "language": "language",
    "spf": "spf",
    "dkim": "dkim",
    "dmarc": "dmarc",
    "stir": "stir",
}
# What time, channel and source kind say together describes nobody; these are always exact.
OPEN = frozenset({"channel", "source"})
# Columns that a dimension is worked out from, where they are others.
NEEDS: dict[str, tuple[str, ...]] = {"border": ("country", "recipient_country")}
METRICS: dict[str, str] = {
    "messages": "messages or calls",
    "reports": "reports",
    "spam_messages": "messages or calls judged spam",
    "spam_reports": "reports judged spam",
    "spam_share": "messages judged spam per message, 0 to 1",
}
# Interval -> (finest step of a rollup that it needs, SQL of its start for a column).
INTERVALS: dict[str, tuple[str, str]] = {
    "minute": ("minute", "toStartOfMinute({})"),
    "hour": ("hour", "toStartOfHour({})"),
    "day": ("day", "toStartOfDay({})"),
    "week": ("day", "toDateTime(toStartOfWeek({}, 1), 'UTC')"),
    "month": ("day", "toDateTime(toStartOfMonth({}), 'UTC')"),
    "year": ("day", "toDateTime(toStartOfYear({}), 'UTC')"),
}
MOST_DIMENSIONS = 4
MOST_VALUES = 100
MOST_STEPS = 5000
MOST_ROWS = 90_000  # of one answer; the store gives 100,000
# Rollups that questions may be put to, the small ones first.
ASKED = ("volume", "places", "authentication", "traits", "targets", "routes", "kinds", "senders", "networks")


class Unanswerable(CounterspamError):
    """A question that cannot be put as it stands; the text says what would be possible."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One question. `start` and `end` are seconds since 1970 UTC, `end` excluded; `step` seconds replace a named `interval`.

    `filters` name the values that count, by dimension; `order` is a metric, greatest first. With an interval, `limit` is the
    number of different combinations of dimensions; their rows are all given. `defined_by` are the versions of a national
    definition: then spam is what meets one of them, and single events are read.
    """

    start: int
    end: int
    metrics: tuple[str, ...] = ("messages", "reports", "spam_messages", "spam_reports")
    dimensions: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    interval: str = ""
    step: int = 0
    synthetic: bool = True
    order: str = "spam_messages"
    limit: int = 100
    offset: int = 0
    defined_by: tuple[str, ...] = ()

    @property
    def protected(self) -> bool:
        """Whether the answer goes beyond totals by time, channel and source kind. A definition can pick out anybody."""
        return bool((set(self.dimensions) | set(self.filters)) - OPEN) or bool(self.defined_by)

    @property
    def columns(self) -> set[str]:
        """Columns that a rollup must have."""
        return {column for name in {*self.dimensions, *self.filters} for column in NEEDS.get(name, (DIMENSIONS[name],))}


def checked(ask: Ask) -> Ask:
    """The question itself; Unanswerable says what is wrong with it."""
    _known("metric", ask.metrics, METRICS)
    _known("dimension", ask.dimensions, DIMENSIONS)
    _known("filter", tuple(ask.filters), DIMENSIONS)
    _known("order", (ask.order,), METRICS)
    if ask.interval:
        _known("interval", (ask.interval,), INTERVALS)
    if not ask.metrics:
        raise Unanswerable("name at least one metric")
    if len(set(ask.dimensions)) != len(ask.dimensions) or len(ask.dimensions) > MOST_DIMENSIONS:
        raise Unanswerable(f"name each dimension once, and at most {MOST_DIMENSIONS}")
    if any(len(values) > MOST_VALUES for values in ask.filters.values()):
        raise Unanswerable(f"a filter takes at most {MOST_VALUES} values")
    if any(not value.isdecimal() or len(value) > 10 for value in ask.filters.get("asn", ())):
        raise Unanswerable("asn is the number of an autonomous system, such as 64496")
    if ask.start >= ask.end:
        raise Unanswerable("the period ends before it starts")
    length = ask.step or (SECONDS[INTERVALS[ask.interval][0]] if ask.interval else 0)
    if length and (ask.end - ask.start) / length > MOST_STEPS:
        raise Unanswerable(f"the period has more than {MOST_STEPS} steps; ask for a coarser interval")
    if length and ask.dimensions and (ask.end - ask.start) / length * ask.limit > MOST_ROWS:
        raise Unanswerable(f"this may give more than {MOST_ROWS} rows; ask for a coarser interval or a lower limit")
    if ask.offset + ask.limit > MOST_ROWS:
        raise Unanswerable(f"only the greatest {MOST_ROWS} rows are given; use filters for others")
    table(ask)
    return ask


def _known(what: str, given: tuple[str, ...], names: Mapping[str, object]) -> None:
    for name in given:
        if name not in names:
            raise Unanswerable(f"there is no {what} {name[:40]!r}; there are {', '.join(names)}")


# Single events in the place of a rollup, for what no rollup splits by.
EVENTS = Rollup(
    "defined_events",
    (*(set(DIMENSIONS.values()) - {"border", "transit", "name"}), "spam", "synthetic"),
    ("minute",),
)
MOST_DAYS = 400  # of single events that one question reads


def table(ask: Ask) -> tuple[Rollup, str]:
    """The rollup that answers, and the step of its table."""
    if ask.defined_by:
        return _events(ask)
    fitting = [BY_NAME[name] for name in ASKED if ask.columns <= set(BY_NAME[name].dimensions)]
    if not fitting:
        raise Unanswerable(_apart(ask))
    for rollup in fitting:
        for step in reversed(rollup.steps):
            if _aligned(ask, step):
                return rollup, step
    finest = min((rollup.steps[0] for rollup in fitting), key=SECONDS.__getitem__)
    raise Unanswerable(
        f"this is counted by the {finest}: start and end the period with whole {finest}s (UTC),"
        f" and ask for no interval finer than that"
    )


def _events(ask: Ask) -> tuple[Rollup, str]:
    """Single events, counted by the minute: for what the rollups answer too, so that both can stand side by side."""
    table(replace(ask, defined_by=()))
    if strange := sorted(ask.columns - set(EVENTS.dimensions)):
        raise Unanswerable(f"{', '.join(strange)} cannot be asked for together with defined_by")
    if ask.end - ask.start > MOST_DAYS * SECONDS["day"]:
        raise Unanswerable(f"with defined_by the period has at most {MOST_DAYS} days, as single events are read")
    return EVENTS, "minute"


def _aligned(ask: Ask, step: str) -> bool:
    """Whether the period and its interval consist of whole steps."""
    if not (starts(ask.start, step) and starts(ask.end, step)):
        return False
    if step == "month":
        return not ask.step and ask.interval in ("", "month", "year")
    wanted = ask.step or (SECONDS[INTERVALS[ask.interval][0]] if ask.interval else SECONDS[step])
    return wanted % SECONDS[step] == 0


def _apart(ask: Ask) -> str:
    names = sorted({*ask.dimensions, *ask.filters})
    together = [
        ", ".join(
            name for name, column in DIMENSIONS.items() if set(NEEDS.get(name, (column,))) <= set(rollup.dimensions)
        )
        for rollup in (BY_NAME[name] for name in ASKED)
    ]
    return f"{', '.join(names)} are not counted together; these are: " + "; ".join(together)
