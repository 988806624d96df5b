"""Rates: counts against the people or subscriptions of a country, each with the year and source of that figure."""

import time
from collections.abc import Iterable

from counterspam.measure import populations
from counterspam.measure.periods import DAY, HOUR
from counterspam.measure.populations import Kind, Population, Rate
from counterspam.taxonomy import Channel
from counterspam.web import reference
from counterspam.web.format import NOTHING, listed, number, rough
from counterspam.web.language import gettext, mark
from counterspam.web.views.page import Asker

LEAST = HOUR / DAY  # days; what was measured for less makes no rate
NAMES = {
    Kind.MOBILE: mark("Mobile subscriptions"),
    Kind.FIXED: mark("Fixed telephone subscriptions"),
    Kind.INTERNET: mark("Internet users"),
    Kind.PEOPLE: mark("People"),
    Kind.MAILBOXES: mark("Mailboxes"),
}


def population(ask: Asker, country: str, channel: str) -> Population | None:
    """What a channel of a country is measured against, people where it is all channels; None where it is unknown."""
    table = reference.populations(ask.node.config)
    if not channel:
        return populations.of(table, country, Kind.PEOPLE)
    found = populations.denominator(table, country, Channel(channel))
    return found.population if found else None


def days(ask: Asker) -> float:
    """For how many days of the period there is evidence so far."""
    first = ask.span["first"]
    return max(0, min(ask.period.end, int(time.time())) - max(ask.period.start, first)) / DAY if first else 0.0


def monthly(ask: Asker, messages: int, reports: int, against: Population | None) -> Rate | None:
    """Messages per 100,000 and month of 30.4 days; None where the population is unknown or too little time was measured.

    A record that stands for many messages counts as one observation, so that the interval is not too narrow for that.
    """
    measured = days(ask)
    if against is None or measured < LEAST:
        return None
    return populations.rate(messages, against, days=measured, design_effect=effect(messages, reports))


def effect(messages: float, reports: float) -> float:
    """The design effect of records that stand for several messages each."""
    return max(1.0, messages / reports) if reports else 1.0


def short(value: float) -> str:
    """A rate for reading: two or three digits that count."""
    return number(value, 0 if value >= 100 else 1 if value >= 1 else 2)


def text(rate: Rate | None, against: Population | None) -> str:
    """A rate for reading; "–" where too little time was measured, "unknown" without a population."""
    if rate is None:
        return NOTHING if against else gettext("Unknown")
    return short(rate.interval.estimate)


def between(low: float, high: float) -> str:
    """The bounds of a rate."""
    return f"{short(low)} – {short(high)}"


def against(found: Population | None) -> str:
    """A population in words: what, how many, of which year."""
    if found is None:
        return gettext("Unknown")
    return gettext("%(kind)s: %(n)s (%(year)s)") % {
        "kind": gettext(NAMES[found.kind]),
        "n": rough(found.value),
        "year": found.year,
    }


def sources(found: Iterable[Population | None]) -> str:
    """Where the populations come from, as a sentence; "" for none."""
    names = sorted({one.source for one in found if one})
    return gettext("Populations: %(sources)s.") % {"sources": listed(names)} if names else ""


def caution(ask: Asker) -> str:
    """What must be known to read a rate, in words."""
    if days(ask) < LEAST:
        return gettext("There is less than an hour of evidence in this period: too little for a rate.")
    return gettext(
        "Rates are per 100,000 and month of 30.4 days, at the pace of this period; the interval (95 %) is that of chance alone."
        " They move with how many people know where to report, so they rank no country."
    )
