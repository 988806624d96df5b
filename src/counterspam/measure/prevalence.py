"""How much spam there is, on four independent bases side by side (REQUIREMENTS D6): complaints, survey, network, devices.

Each has its own bias, so they are never merged and no mean is made of them. A basis that lacks an input says which, and is
shown. Every figure is of one country, one channel and one month, which the caller names; counts are messages or calls.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from counterspam.intervals import poisson
from counterspam.measure.indicators import SHARE, Indicator
from counterspam.measure.populations import Population

PER_PERSON = "per person per month"


class Basis(StrEnum):
    """Where an estimate comes from."""

    COMPLAINTS = "complaints"
    SURVEY = "survey"
    NETWORK = "network"
    DEVICES = "devices"


@dataclass(frozen=True, slots=True)
class Network:
    """What networks saw: `spam` messages or calls found by filters or call records, at operators that serve `coverage` of the
    subscribers; `found` is the share of spam that these find, 1 where every message or call was judged."""

    spam: int
    coverage: Indicator
    found: Indicator | None
    source: str


@dataclass(frozen=True, slots=True)
class Devices:
    """What a panel of `devices` noted: `spam` messages or calls in the month; `design_effect` as in `intervals`."""

    spam: int
    devices: int
    source: str
    design_effect: float = 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """One basis: messages or calls in the month, None where unknown.

    With `low` alone the figure is a floor: at least so much. `missing` names the inputs that were not there.
    """

    basis: Basis
    estimate: float | None
    low: float | None
    high: float | None
    population: str
    method: str
    source: str
    missing: tuple[str, ...] = ()

    @property
    def known(self) -> bool:
        """Whether the basis says anything about the amount."""
        return any(figure is not None for figure in (self.estimate, self.low, self.high))


def bases(
    reports: int | None,
    reporting: Indicator | None,
    survey: Indicator | None,
    network: Network | None,
    devices: Devices | None,
    people: Population | None,
    handsets: Population | None,
) -> tuple[Row, Row, Row, Row]:
    """The four rows, in this order, whatever is missing.

    `reporting` is the share of received spam that is reported, `survey` spam per person per month, `people` the population that
    the survey speaks for, `handsets` the subscriptions that the panel of devices speaks for.
    Raises ValueError for an indicator in another unit.
    """
    return (
        complaints(reports, reporting),
        surveyed(survey, people),
        measured(network),
        panel(devices, handsets),
    )


def complaints(reports: int | None, reporting: Indicator | None) -> Row:
    """A floor: nobody reports what did not come, and most report nothing.

    Each report is at least one message. Where the reporting rate is known to be at most r (`high`), there were at least
    reports / r.
    """
    _unit(reporting, SHARE)
    population = "all who can report"
    if reports is None:
        return _unknown(Basis.COMPLAINTS, population, "number of reports")
    low, value, high = _bounds(reporting)
    return Row(
        Basis.COMPLAINTS,
        reports / value if value else None,
        reports / high if high else reports,
        reports / low if low else None,
        population,
        "reports / reporting rate" if reporting else "each report stands for at least one message",
        reporting.source if reporting else "own reports",
        () if reporting else ("share of received spam that is reported",),
    )


def surveyed(survey: Indicator | None, people: Population | None) -> Row:
    """Spam per person by survey, times the people.

    Bounds as published; else those of a Poisson count over the sample: too narrow, as some people receive much more
    than others.
    """
    _unit(survey, PER_PERSON)
    population = _said(people)
    if survey is None or people is None:
        lacking = [("survey of spam per person", survey), ("population that the survey speaks for", people)]
        return _unknown(Basis.SURVEY, population, *[name for name, given in lacking if given is None])
    low, value, high = _bounds(survey)
    method = "survey mean x population; bounds as published"
    missing: tuple[str, ...] = ()
    if low is None and high is None and value is not None and survey.sample:
        chance = poisson(value * survey.sample, survey.sample)
        low, high = chance.low, chance.high
        method = f"survey mean x population; bounds by chance alone ({survey.sample} asked): at least so wide"
    elif low is None or high is None:
        missing = ("sample size or published bounds of the survey",)
        method = "survey mean x population"
    return _scaled(Basis.SURVEY, (low, value, high), people.value, population, method, survey.source, missing)


def measured(network: Network | None) -> Row:
    """What networks found, over the share of subscribers they serve and the share of spam they find.

    Without the latter it is a floor. The bounds are those of the two shares; chance is small beside them.
    """
    population = "subscribers of the networks that measure"
    if network is None:
        return _unknown(Basis.NETWORK, population, "filter or call-record evidence")
    _unit(network.coverage, SHARE)
    _unit(network.found, SHARE)
    low_cover, cover, high_cover = _bounds(network.coverage)
    low_found, found, high_found = _bounds(network.found)
    most = (high_cover or cover or 1.0) * (high_found or found or 1.0)
    middle = cover * found if cover and found else None
    least = (low_cover or cover or 0.0) * (low_found or found or 0.0)
    missing = [] if network.found else ["share of spam that the networks find"]
    if most == middle == least:
        missing.append("bounds of the two shares")
    return Row(
        Basis.NETWORK,
        network.spam / middle if middle else None,
        network.spam / most if most != middle else None,
        network.spam / least if least and least != middle else None,
        population,
        "found / (share of subscribers x share of spam found)" if network.found else "found / share of subscribers",
        "; ".join([network.source, *[one.source for one in (network.coverage, network.found) if one]]),
        tuple(missing),
    )


def panel(devices: Devices | None, handsets: Population | None) -> Row:
    """Spam per device of a panel, times the subscriptions. Bounds by chance, widened by the design effect."""
    population = _said(handsets)
    if devices is None or handsets is None or devices.devices < 1:
        lacking = [("panel of devices", devices and devices.devices), ("subscriptions it speaks for", handsets)]
        return _unknown(Basis.DEVICES, population, *[name for name, given in lacking if not given])
    mean = poisson(devices.spam, devices.devices, design_effect=devices.design_effect)
    method = f"mean of {devices.devices} devices x subscriptions; bounds by chance alone"
    figures = (mean.low, mean.estimate, mean.high)
    return _scaled(Basis.DEVICES, figures, handsets.value, population, method, devices.source, ())


def abusive_share(blocked: float, delivered: float, dropped: float = 0, per_dropped: float = 0) -> float:
    """The share of abusive mail in M3AAWG's metrics: (blocked + dropped x per_dropped) / (that + delivered).

    `per_dropped` is how many abusive messages a dropped connection is taken to stand for: an assumption, so 0 unless given.
    NaN where there was nothing.
    """
    abusive = blocked + dropped * per_dropped
    return abusive / (abusive + delivered) if abusive + delivered else math.nan


def _scaled(
    basis: Basis,
    figures: Sequence[float | None],
    by: int,
    population: str,
    method: str,
    source: str,
    missing: tuple[str, ...],
) -> Row:
    low, value, high = (None if figure is None else figure * by for figure in figures)
    return Row(basis, value, low, high, population, method, source, missing)


def _bounds(indicator: Indicator | None) -> tuple[float | None, float | None, float | None]:
    return (indicator.low, indicator.value, indicator.high) if indicator else (None, None, None)


def _unit(indicator: Indicator | None, unit: str) -> None:
    if indicator and indicator.unit != unit:
        raise ValueError(f"{indicator.name} is given in {indicator.unit!r}, not in {unit!r}")


def _said(population: Population | None) -> str:
    if population is None:
        return "unknown"
    return f"{population.value} {population.kind} ({population.country} {population.year}, {population.source})"


def _unknown(basis: Basis, population: str, *missing: str) -> Row:
    return Row(basis, None, None, None, population, "unknown", "", missing)
