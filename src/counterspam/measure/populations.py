"""Reference populations: how many subscriptions, users or people a rate is per, each with its year and source.

The shipped table is `data/populations.csv`; figures of the operator (setting `populations`) come before it. A figure that
neither has is unknown: no rate is made, and none is taken from another country. See docs/populations.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from counterspam.intervals import Interval, poisson
from counterspam.measure.reference import SHIPPED, Line, lines
from counterspam.taxonomy import Channel

COLUMNS = ("country", "kind", "value", "year", "source", "retrieved")
OPTIONAL = ("note",)
PER = 100_000
MONTH_DAYS = 365.25 / 12


class Kind(StrEnum):
    """What is counted."""

    MOBILE = "mobile-subscriptions"
    FIXED = "fixed-telephone-subscriptions"
    INTERNET = "internet-users"
    PEOPLE = "population"
    MAILBOXES = "mailboxes"


# The kinds that fit a channel, best first; a later one is a stand-in, and the answer says so.
_PHONE = (Kind.MOBILE, Kind.PEOPLE)
_ONLINE = (Kind.INTERNET, Kind.PEOPLE)
KINDS: dict[Channel, tuple[Kind, ...]] = {
    Channel.EMAIL: (Kind.MAILBOXES, Kind.INTERNET, Kind.PEOPLE),
    Channel.SMS: _PHONE,
    Channel.MMS: _PHONE,
    Channel.RCS: _PHONE,
    Channel.VOICE: _PHONE,
    Channel.IM: _ONLINE,
    Channel.SOCIAL: _ONLINE,
    Channel.WEB: _ONLINE,
    Channel.IN_APP: _ONLINE,
    Channel.OTHER: (Kind.PEOPLE,),
}


@dataclass(frozen=True, slots=True)
class Population:
    """One figure: `value` of `kind` in `country` (ISO 3166 alpha-2) in `year`; `retrieved` is when it was read or published.

    `own` says that it comes from the operator's table.
    """

    country: str
    kind: Kind
    value: int
    year: int
    source: str
    retrieved: str
    note: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True)
class Denominator:
    """The population that a channel of a country is measured against; `instead_of` names the better kind that is unknown."""

    population: Population
    instead_of: Kind | None


@dataclass(frozen=True, slots=True)
class Rate:
    """`interval.estimate` of `count` per `per` of the population; over a month of 30.4 days where `monthly`."""

    count: int
    per: int
    interval: Interval
    monthly: bool
    population: Population


Populations = Mapping[tuple[str, Kind], Population]


def load(extra: Path | None = None) -> Populations:
    """The shipped figures, with those of the operator's table `extra` before them.

    A table may hold several years of one figure: the latest counts. Raises ConfigError, which names line and column.
    """
    shipped = _read(lines("populations", SHIPPED / "populations.csv", COLUMNS, OPTIONAL), own=False)
    own = _read(lines("populations", extra, COLUMNS, OPTIONAL), own=True) if extra else {}
    return {**shipped, **own}


def of(table: Populations, country: str, kind: Kind) -> Population | None:
    """The figure, or None where it is unknown."""
    return table.get((country, kind))


def denominator(table: Populations, country: str, channel: Channel) -> Denominator | None:
    """The best known population for a channel of a country, or None where all are unknown."""
    kinds = KINDS[channel]
    for kind in kinds:
        found = of(table, country, kind)
        if found:
            return Denominator(found, None if kind == kinds[0] else kinds[0])
    return None


def rate(
    count: int, population: Population, per: int = PER, days: float | None = None, design_effect: float = 1.0
) -> Rate:
    """How many per `per` of the population; per month where the count was made over `days`.

    The interval is that of a Poisson count (`intervals.poisson`): chance alone. It holds neither the error of the population
    nor whether people report; a rate of reports is shown with the awareness of the reporting channel (REQUIREMENTS D9, K5).
    Raises ValueError for a period that is not above 0.
    """
    if days is not None and not days > 0:
        raise ValueError("days must be above 0")
    months = 1.0 if days is None else days / MONTH_DAYS
    exposure = population.value * months / per
    return Rate(count, per, poisson(count, exposure, design_effect=design_effect), days is not None, population)


def _read(table: Iterable[Line], own: bool) -> dict[tuple[str, Kind], Population]:
    found: dict[tuple[str, Kind], Population] = {}
    seen: dict[tuple[str, Kind, int], int] = {}
    for line in table:
        one = _population(line, own)
        first = seen.setdefault((one.country, one.kind, one.year), line.number)
        if first != line.number:
            raise line.wrong("year", f"line {first} has {one.kind} of {one.country} for {one.year} already")
        before = found.get((one.country, one.kind))
        if before is None or before.year < one.year:
            found[one.country, one.kind] = one
    return found


def _population(line: Line, own: bool) -> Population:
    kinds = [str(kind) for kind in Kind]
    kind = line.text("kind")
    if kind not in kinds:
        raise line.wrong("kind", f"{kind!r} is none of {', '.join(kinds)}")
    return Population(
        country=line.country("country"),
        kind=Kind(kind),
        value=line.whole("value", 1, 10**11),
        year=line.whole("year", 1990, 2100),
        source=line.text("source"),
        retrieved=line.day("retrieved"),
        note=line.text("note", needed=False),
        own=own,
    )
