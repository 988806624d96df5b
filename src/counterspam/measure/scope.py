"""What a question is asked with: the SQL and its definition, what the answer covers, and the parameters that say so."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from counterspam.measure.periods import DAY, HOUR, Period
from counterspam.rollups import BY_NAME

Row = dict[str, Any]
Query = Callable[[str, Mapping[str, Any]], list[Row]]

LABELS = ("Question", "Numerator", "Denominator", "Population", "Basis", "Period", "Deduplication", "Caveats")


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
    """Question, numerator, denominator and what else of LABELS it says, as they stand at the top of its SQL."""
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


def read(scope: Scope, rollup: str, **more: Any) -> dict[str, Any]:
    """Parameters for a rollup as fine as the period needs: by the month or day where it consists of them, else whole hours."""
    if scope.period.in_months and "month" in BY_NAME[rollup].steps:
        return exact(scope, rollup=f"{rollup}_months", time="month", **more)
    if scope.period.in_days:
        return exact(scope, rollup=f"{rollup}_days", time="day", **more)
    return exact(scope, **{"start": scope.period.whole_hours, "rollup": f"{rollup}_hours", "time": "hour", **more})


def steps(scope: Scope) -> dict[str, Any]:
    """Parameters for the volume rollup as fine as the steps of the period."""
    step = scope.period.step
    time = "minute" if step % HOUR else "hour" if step % DAY else "day"
    return exact(scope, rollup=f"volume_{time}s", time=time, step=step)
