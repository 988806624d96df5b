"""What a question is asked with: the SQL and its definition, what the answer covers, and the parameters that say so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from counterspam.measure.periods import HOUR, Period

Row = dict[str, Any]
Query = Callable[[str, Mapping[str, Any]], list[Row]]

LABELS = ("Question", "Numerator", "Denominator", "Basis", "Deduplication", "Caveats")


@dataclass(frozen=True, slots=True)
class Scope:
    """What an answer covers: a period, one channel or "" for all, and whether synthetic evidence counts."""

    period: Period
    channel: str = ""
    synthetic: bool = True


@cache
def text(name: str) -> str:
    """The SQL of a question."""
    return (files("counterspam.measure") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def definition(name: str) -> dict[str, str]:
    """Question, numerator, denominator, basis, deduplication and caveats, as they stand at the top of its SQL."""
    found = {}
    for line in text(name).splitlines():
        label, colon, rest = line.removeprefix("-- ").partition(": ")
        if line.startswith("-- ") and colon and label in LABELS:
            found[label.lower()] = rest
    return found


def exact(scope: Scope, **more: Any) -> dict[str, Any]:
    """Parameters for the period as it is, to the second."""
    period = scope.period
    given = {"start": period.start, "end": period.end, "channel": scope.channel, "synthetic": int(scope.synthetic)}
    return {**given, **more}


def whole_hours(scope: Scope, **more: Any) -> dict[str, Any]:
    """Parameters for a rollup by the hour, from the hour in which the period starts."""
    return exact(scope, **{"start": scope.period.whole_hours, **more})


def volume(scope: Scope, **more: Any) -> dict[str, Any]:
    """Parameters for the volume rollup as fine as the steps of the period."""
    fine = scope.period.step < HOUR
    return exact(scope, rollup="volume" if fine else "volume_hours", time="minute" if fine else "hour", **more)


def coarse(scope: Scope, hours: str, days: str, **more: Any) -> dict[str, Any]:
    """Parameters for the rollup `days` where the period consists of days, else for `hours`."""
    if scope.period.in_days:
        return exact(scope, rollup=days, time="day", **more)
    return whole_hours(scope, **{"rollup": hours, "time": "hour", **more})
