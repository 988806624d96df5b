"""The ITU-T texts on spam as data: date, edition, and which of their functions this software has.

`data/reports/recommendations.yaml` is written by hand after REQUIREMENTS A and in English. A date is that of the edition.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml

STATUSES = ("implemented", "partial", "none")
# Study periods by the month in which each ends: WTSA-08, -12, -16, -20 (held in March 2022), -24. A text counts for the period
# in which its edition was approved. Source of the months: the assemblies' own names and dates, general knowledge.
PERIODS = (
    ("2005-2008", "2008-10"),
    ("2009-2012", "2012-11"),
    ("2013-2016", "2016-10"),
    ("2017-2020", "2022-03"),
    ("2022-2024", "2024-10"),
    ("2025-2028", "2028-12"),
)


@dataclass(frozen=True, slots=True)
class Function:
    """One function of a text: what it is, whether this software has it, where in the code, and what is lacking."""

    id: str
    text: str
    status: str
    where: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One text. `date` is YYYY-MM of its edition; `kind` is Recommendation, Amendment or Supplement."""

    id: str
    title: str
    kind: str
    date: str
    source: str
    functions: tuple[Function, ...]


@cache
def recommendations() -> Sequence[Recommendation]:
    """Every text, in the order of the file."""
    text = (files("counterspam") / "data" / "reports" / "recommendations.yaml").read_text(encoding="utf-8")
    return tuple(_read(one) for one in yaml.safe_load(text)["texts"])


def _read(one: dict[str, object]) -> Recommendation:
    rows: list[dict[str, object]] = one.get("functions", [])  # type: ignore[assignment]
    functions = tuple(Function(**{**row, "where": tuple(row.get("where", ()))}) for row in rows)  # type: ignore[arg-type]
    return Recommendation(**{**one, "functions": functions})  # type: ignore[arg-type]


def period(date: str) -> str:
    """The study period in which a month (YYYY-MM) lies."""
    return next(name for name, last in PERIODS if date <= last)


def per_period(texts: Iterable[Recommendation]) -> dict[str, int]:
    """How many texts were approved in each study period, none left out."""
    counts = Counter(period(one.date) for one in texts)
    return {name: counts[name] for name, _ in PERIODS}


def within(texts: Iterable[Recommendation], first: str, last: str) -> list[Recommendation]:
    """The texts dated from month `first` to month `last`, both included."""
    return [one for one in texts if first <= one.date <= last]
