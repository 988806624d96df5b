"""Figures from outside (surveys, reporting rates, published series), each with its source, population and date.

The shipped table is `data/indicators.csv`; the operator's (setting `indicators`) stands beside it. See docs/populations.md.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from counterspam.measure.reference import SHIPPED, UNKNOWN, Line, lines
from counterspam.taxonomy import Channel

COLUMNS = (
    "indicator",
    "country",
    "channel",
    "period",
    "value",
    "low",
    "high",
    "unit",
    "sample",
    "source",
    "date",
    "note",
)
OPTIONAL = ("population", "publisher", "licence")
SHARE = "share"  # the unit of a part of a whole, from 0 to 1
_PERIOD = r"unknown|[0-9]{4}(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?"


class Publisher(StrEnum):
    """Who stands behind a figure; vendor and press figures are shown as such."""

    OFFICIAL = "official"
    INDUSTRY = "industry"
    VENDOR = "vendor"
    PRESS = "press"
    UNSTATED = ""


@dataclass(frozen=True, slots=True)
class Indicator:
    """One published figure. `country` "" is the world or not stated, `channel` "" all of them or not stated.

    `value`, `low` and `high` are in `unit`; a figure published as a bound or a range has no `value`. `sample` is how many stand
    behind it, None where that is not stated. `period` is what it is about, `date` when it was published; both may be `unknown`.
    """

    name: str
    country: str
    channel: str
    period: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    sample: int | None
    source: str
    date: str
    note: str
    population: str
    publisher: Publisher
    licence: str
    own: bool


def load(extra: Path | None = None) -> tuple[Indicator, ...]:
    """The operator's figures, then the shipped ones. Raises ConfigError, which names line and column."""
    own = _read(lines("indicators", extra, COLUMNS, OPTIONAL), own=True) if extra else []
    return (*own, *_read(lines("indicators", SHIPPED / "indicators.csv", COLUMNS, OPTIONAL), own=False))


def find(table: Sequence[Indicator], name: str, country: str, channel: str, month: str) -> Indicator | None:
    """The latest figure of `name` for exactly this country and channel whose period began in `month` (YYYY-MM) or before.

    A figure of an unknown period is never chosen. Of two for the same begin the first counts: the operator's.
    """
    fitting = [
        one
        for one in table
        if (one.name, one.country, one.channel) == (name, country, channel)
        and one.period != UNKNOWN
        and begin(one.period) <= month
    ]
    return max(fitting, key=lambda one: begin(one.period), default=None)


def begin(period: str) -> str:
    """The month (YYYY-MM) in which a period begins, which is not `unknown`: 2023-H2 gives 2023-07."""
    year, _, part = period.partition("-")
    if part[:1] == "Q":
        part = f"{int(part[1]) * 3 - 2:02}"
    elif part[:1] == "H":
        part = f"{int(part[1]) * 6 - 5:02}"
    return f"{year}-{part or '01'}"


def _read(table: Iterable[Line], own: bool) -> list[Indicator]:
    found = []
    seen: dict[tuple[str, ...], int] = {}
    for line in table:
        one = _indicator(line, own)
        first = seen.setdefault((one.name, one.country, one.channel, one.period, one.source), line.number)
        if first != line.number:
            raise line.wrong("indicator", f"line {first} has {one.name} for the same place, time and source already")
        found.append(one)
    return found


def _indicator(line: Line, own: bool) -> Indicator:
    channel = line.text("channel", needed=False)
    if channel and channel not in list(Channel):
        raise line.wrong("channel", f"{channel!r} is none of {', '.join(Channel)}")
    publisher = line.text("publisher", needed=False)
    if publisher not in list(Publisher):
        raise line.wrong("publisher", f"{publisher!r} is none of {', '.join(filter(None, Publisher))}")
    value, low, high = _figures(line)
    return Indicator(
        name=line.shaped("indicator", r"[a-z][a-z0-9-]{1,62}", "a name of small letters, digits and hyphens"),
        country=line.country("country", needed=False),
        channel=channel,
        period=line.shaped("period", _PERIOD, "a period such as 2024, 2023-H2, 2005-Q4 or 2024-01, nor 'unknown'"),
        value=value,
        low=low,
        high=high,
        unit=line.text("unit"),
        sample=line.whole("sample", 1, 10**11) if line.text("sample", needed=False) else None,
        source=line.text("source"),
        date=line.day("date"),
        note=line.text("note", needed=False),
        population=line.text("population", needed=False),
        publisher=Publisher(publisher),
        licence=line.text("licence", needed=False),
        own=own,
    )


def _figures(line: Line) -> tuple[float | None, float | None, float | None]:
    value, low, high = (line.number_or_none(column) for column in ("value", "low", "high"))
    known = [figure for figure in (low, value, high) if figure is not None]
    if not known:
        raise line.wrong("value", "is empty, and so are low and high")
    if known != sorted(known):
        raise line.wrong("value", "low, value and high do not rise in this order")
    if line.text("unit") == SHARE and known[-1] > 1:
        raise line.wrong("unit", "a share is from 0 to 1: write 80 % as 0.8")
    return value, low, high
