"""The key figures K1 to K18 of REQUIREMENTS D9 that the events answer; the others are in `outside_figures`.

One function per figure, named after its .sql, which holds its definition. All read rollups only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median
from typing import Any

from counterspam.measure import indicators, populations
from counterspam.measure.disclosure import LEAST
from counterspam.measure.figure import Figure, Unit, valued
from counterspam.measure.indicators import Indicator
from counterspam.measure.periods import DAY, HOUR
from counterspam.measure.populations import MONTH_DAYS, PER, Denominator, Populations
from counterspam.measure.questions import campaigns_joined, span
from counterspam.measure.scope import Query, Row, Scope, definition, exact, read, steps, text
from counterspam.taxonomy import Channel

# Every figure, by the name of its function and .sql.
KEY_FIGURES = (
    "k1_spam_share",
    "k2_blocked_per_delivered",
    "k3_dropped_per_delivered",
    "k5_report_rate",
    "k6_by_border",
    "k6_by_transit",
    "k7_by_type",
    "k8_in_scope",
    "k9_filter_effectiveness",
    "k12_outbound",
    "k13_origin_concentration",
    "k14_route_novelty",
    "k14_transit_novelty",
    "k15_lead_time",
    "k18_call_back",
)
HISTORY = 30  # days before a period in which a route counts as known, and whose campaigns are looked at
LEAD = 10  # hours that a sensor is to be ahead of the first report
CAMPAIGNS = 100  # the largest of the period, whose lead times are read: each costs a look into every month of LIFE
LIFE = 90  # days before the period in which they may have begun
NEVER = 4_291_747_200_000  # the rollup's "no such time", 2106-01-01, in milliseconds
THOUSAND = 1000
# What can be missing, in words; several are joined by "; ".
NO_EVIDENCE = "evidence of this kind in this period"
NO_HISTORY = "evidence of before the period to compare with"
FEW_DAYS = "evidence of all 30 days before the period"
NO_COUNTRY = "the own country (setting `jurisdiction`)"
NO_LISTS = "own ranges on block lists, and answers to notifications"
NO_CALLS_BACK = "calls back, their minutes and charge"
NO_POPULATION = "the population of some countries"
MISSING = (NO_EVIDENCE, NO_HISTORY, FEW_DAYS, NO_COUNTRY, NO_LISTS, NO_CALLS_BACK, NO_POPULATION)


def k1_spam_share(query: Query, scope: Scope) -> Figure:
    """Spam per messages seen."""
    rows = query(text("k1_spam_share"), steps(scope))
    return _figure("k1_spam_share", "spam share", rows)


def k2_blocked_per_delivered(query: Query, scope: Scope) -> Figure:
    """Messages blocked or tagged per message delivered."""
    rows = query(text("k2_blocked_per_delivered"), read(scope, "traits"))
    return _figure("k2_blocked_per_delivered", "blocked per delivered", rows, Unit.RATIO, protected=True)


def k3_dropped_per_delivered(query: Query, scope: Scope) -> Figure:
    """Dropped connections per message delivered."""
    rows = query(text("k3_dropped_per_delivered"), read(scope, "traits"))
    return _figure("k3_dropped_per_delivered", "dropped per delivered", rows, Unit.RATIO, protected=True)


def k5_report_rate(
    query: Query, scope: Scope, now: int, table: Populations, outside: Sequence[Indicator] = ()
) -> Figure:
    """Reports per 100,000 subscribers and month, per country of the recipient.

    Rows carry the `population` (None where unknown: then there is no value) and `awareness`: the latest figure of `outside` on
    how many know where to report, None where unknown.
    """
    rows = query(text("k5_report_rate"), read(scope, "places"))
    month = datetime.fromtimestamp(scope.period.end - 1, UTC).strftime("%Y-%m")
    for row in rows:
        known = indicators.find(outside, "awareness", row["country"], row["channel"], month)
        row.update(_per_population(row, table), awareness=known)
    return _rate("k5_report_rate", "report rate", rows, PER, _months(query, scope, now))


def k6_by_border(query: Query, scope: Scope) -> Figure:
    """Shares of spam by `border`: domestic, abroad, unknown."""
    rows = _of_whole(query(text("k6_by_border"), read(scope, "places")))
    return _figure("k6_by_border", "spam from abroad", rows, dimensions=("channel", "basis", "border"), protected=True)


def k6_by_transit(query: Query, scope: Scope, limit: int = 10) -> Figure:
    """Shares of spam by `transit`, a list of countries: the `limit` greatest of each channel."""
    rows = query(text("k6_by_transit"), read(scope, "routes", limit=limit))
    dimensions = ("channel", "basis", "transit")
    return _figure("k6_by_transit", "countries passed", rows, dimensions=dimensions, protected=True)


def k7_by_type(query: Query, scope: Scope) -> Figure:
    """Shares of spam by `content_type`."""
    rows = _of_whole(query(text("k7_by_type"), steps(scope)))
    dimensions = ("channel", "basis", "content_type")
    return _figure("k7_by_type", "what spam is about", rows, dimensions=dimensions, protected=True)


def k8_in_scope(query: Query, scope: Scope) -> Figure:
    """Reports judged spam per report by users."""
    return _figure("k8_in_scope", "reports in scope", query(text("k8_in_scope"), steps(scope)))


def k9_filter_effectiveness(query: Query, scope: Scope) -> Figure:
    """Stopped spam per stopped and delivered spam; at most so much where `basis` is `reported`."""
    given = read(scope, "traits")
    rows = query(text("k9_filter_effectiveness"), {**given, "volume": f"volume_{given['time']}s"})
    return _figure("k9_filter_effectiveness", "filter effectiveness", rows, protected=True)


def k12_outbound(query: Query, scope: Scope, now: int, table: Populations, jurisdiction: str) -> Figure:
    """Spam with origin in `jurisdiction` (ISO 3166 alpha-2) per 1,000 subscribers and month."""
    if not jurisdiction:
        missing = NO_COUNTRY
        return _figure("k12_outbound", "spam from here", None, Unit.RATE, missing=missing, protected=True)
    rows = query(text("k12_outbound"), read(scope, "places", country=jurisdiction))
    for row in rows:
        row.update(_per_population(row, table))
    missing = NO_LISTS
    return _rate("k12_outbound", "spam from here", rows, THOUSAND, _months(query, scope, now), missing)


def k13_origin_concentration(query: Query, scope: Scope) -> Figure:
    """Share of the ten greatest countries of origin; rows carry `hhi` (0 to 1), `origins` and `unknown` messages."""
    rows = query(text("k13_origin_concentration"), read(scope, "places"))
    return _figure("k13_origin_concentration", "origin concentration", rows, protected=True)


def k14_route_novelty(query: Query, scope: Scope) -> Figure:
    """Share of spam on routes unseen in the 30 days before; rows carry `new_routes` and `routes`."""
    return _novelty(query, scope, "k14_route_novelty", "new routes", "places")


def k14_transit_novelty(query: Query, scope: Scope) -> Figure:
    """The same for routes with known transit."""
    return _novelty(query, scope, "k14_transit_novelty", "new routes with transit", "routes")


def k15_lead_time(query: Query, scope: Scope) -> Figure:
    """Share of campaigns that a sensor saw 10 hours or more before the first user report.

    One row: also `median_hours` (below 0 where users came first), `sensed_only` and `reported_only` campaigns. Of a longer
    period, the campaigns of its last 30 days.
    """
    newest = scope.period.end - HISTORY * DAY
    recent = replace(scope, period=replace(scope.period, start=max(scope.period.start, newest - newest % DAY)))
    rollup = "campaign_rank" if recent.period.in_days else "campaigns"
    ranked = [
        row["id"] for row in query(text("top_campaigns"), read(recent, rollup, limit=CAMPAIGNS, parts=20 * CAMPAIGNS))
    ]
    begun = max(0, recent.period.start - LIFE * DAY)
    whole = {id: id for id in ranked} | {row["campaign"]: row["id"] for row in campaigns_joined(query, ranked)}
    found = query(text("k15_lead_time"), exact(recent, start=begun, parts=list(whole))) if whole else []
    rows = [_lead(scope.channel, found, whole)] if found else []
    return _figure("k15_lead_time", "lead time", rows)


def k18_call_back(query: Query, scope: Scope) -> Figure:
    """Short rings per call. Of the loss that they lead to there is no evidence."""
    rows = query(text("k18_call_back"), read(scope, "traits"))
    missing = NO_CALLS_BACK
    return _figure("k18_call_back", "short-ring calls", rows, protected=True, missing=missing)


def _figure(name: str, called: str, rows: Sequence[Row] | None, unit: Unit = Unit.SHARE, **more: Any) -> Figure:
    """`rows` None: it could not be asked, and `missing` says why."""
    if rows is not None and not rows:
        more["missing"] = "; ".join(filter(None, [NO_EVIDENCE, more.get("missing")]))
    id = name.partition("_")[0].upper()
    return valued(Figure(id, called, unit, definition(name), rows or (), **more))


def _of_whole(rows: list[Row]) -> list[Row]:
    """Each row against the sum of all rows of its channel and basis."""
    sums: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        whole = sums.setdefault((row["channel"], row["basis"]), [0, 0])
        whole[0] += row["numerator"]
        whole[1] += row["numerator_reports"]
    for row in rows:
        row["denominator"], row["denominator_reports"] = sums[row["channel"], row["basis"]]
    return rows


def _per_population(row: Row, table: Populations) -> dict[str, Any]:
    found: Denominator | None = populations.denominator(table, row["country"], Channel(row["channel"]))
    return {"denominator": found.population.value if found else None, "population": found}


def _months(query: Query, scope: Scope, now: int) -> float:
    """How long was measured within the period: from the first evidence to now, in months; 0 if not at all."""
    first = int(span(query)["first"])
    start = scope.period.start if scope.period.in_days else scope.period.whole_hours
    return max(0, min(scope.period.end, now) - max(start, first)) / DAY / MONTH_DAYS if first else 0.0


def _rate(name: str, called: str, rows: list[Row], per: int, months: float, missing: str = "") -> Figure:
    if any(row["denominator"] is None for row in rows):
        missing = "; ".join(filter(None, [NO_POPULATION, missing]))
    shown = rows if months else []
    scale = per / months if months else float(per)
    dimensions = ("channel", "basis", "country")
    return _figure(name, called, shown, Unit.RATE, dimensions=dimensions, scale=scale, protected=True, missing=missing)


def _novelty(query: Query, scope: Scope, name: str, called: str, rollup: str) -> Figure:
    given = read(scope, rollup)
    midnight = given["start"] - given["start"] % DAY
    since = midnight - HISTORY * DAY
    first = int(span(query)["first"])
    if not first or first >= given["start"]:
        return _figure(name, called, None, protected=True, missing=NO_HISTORY)
    rows = query(text(name), {**given, "midnight": midnight, "since": since})
    missing = "" if first <= since else FEW_DAYS
    return _figure(name, called, rows, protected=True, missing=missing)


def _lead(channel: str, found: Sequence[Row], whole: Mapping[int, int]) -> Row:
    first: dict[int, tuple[int, int]] = {}
    for row in found:
        sensed, reported = first.get(whole[row["campaign"]], (NEVER, NEVER))
        first[whole[row["campaign"]]] = min(sensed, row["first_sensed"]), min(reported, row["first_reported"])
    leads = [
        (reported - sensed) / (HOUR * 1000) for sensed, reported in first.values() if max(sensed, reported) < NEVER
    ]
    ahead = sum(lead >= LEAD for lead in leads)
    return {
        "channel": channel,
        "basis": "campaigns",
        "numerator": ahead,
        "denominator": len(leads),
        "median_hours": median(leads) if leads else None,
        "sensed_only": sum(sensed < NEVER == reported for sensed, reported in first.values()),
        "contributors": min(LEAST, len(leads)),
        "reported_only": sum(reported < NEVER == sensed for sensed, reported in first.values()),
        "synthetic": max(row["synthetic"] for row in found),
    }
