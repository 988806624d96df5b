"""A parameter of the model: what it means, its unit, where and when it was so, who says so, and how sure it is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from counterspam.errors import CounterspamError


class Provenance(StrEnum):
    """Where a value comes from."""

    PUBLISHED = "published"
    DERIVED = "derived"  # worked out from published figures, as the note says
    ASSUMPTION = "assumption"  # ours; change it
    QUESTIONNAIRE = "questionnaire"
    MEASURED = "measured here"
    USER = "user"
    UNKNOWN = "unknown"


class Scale(StrEnum):
    """How the draws lie between low and high: evenly by differences, or by ratios where they span orders of magnitude."""

    LINEAR = "linear"
    LOG = "log"


class BadInput(CounterspamError):
    """Values that the model cannot use: `errors` says why, by parameter."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}: {why}" for name, why in errors.items()))
        self.errors = dict(errors)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter. `low`, `base` and `high` are None together where the value is unknown; it is never 0 then.

    `year` and `place` say when and where the value was so ("world": no country); `note` on whom and how it was measured;
    `vendor` that it comes from someone who sells the remedy. `raises` is the direction in which the burden moves with it
    (0: it does not enter it). `least` and `most` are the bounds of what makes sense.
    """

    id: str
    group: str
    meaning: str
    unit: str
    year: str = ""
    place: str = "world"
    source: str = ""
    address: str = ""
    note: str = ""
    provenance: Provenance = Provenance.UNKNOWN
    vendor: bool = False
    low: float | None = None
    base: float | None = None
    high: float | None = None
    least: float = 0.0
    most: float = 1e12
    scale: Scale = Scale.LINEAR
    raises: int = 0

    @property
    def known(self) -> bool:
        """Whether it has a value."""
        return self.base is not None

    @property
    def span(self) -> tuple[float, float, float]:
        """Low, base and high of a known parameter. Raises ValueError for an unknown one."""
        if self.low is None or self.base is None or self.high is None:
            raise ValueError(f"{self.id} is unknown")
        return self.low, self.base, self.high


def fault(one: Parameter) -> str:
    """Why the values of a parameter cannot be used; "" where they can."""
    values = (one.low, one.base, one.high)
    if all(value is None for value in values):
        return ""
    if any(value is None or not math.isfinite(value) for value in values):
        return "low, base and high must all be finite numbers"
    low, base, high = one.span
    if not low <= base <= high:
        return "low, base and high must be in this order"
    if low < one.least or high > one.most:
        return f"must lie between {one.least:g} and {one.most:g}"
    if one.scale == Scale.LOG and low <= 0 < high:
        return "must be above 0"
    return ""


def described(one: Parameter) -> dict[str, Any]:
    """A parameter as JSON and CSV have it."""
    return {
        "id": one.id,
        "group": one.group,
        "meaning": one.meaning,
        "unit": one.unit,
        "low": one.low,
        "base": one.base,
        "high": one.high,
        "scale": str(one.scale),
        "year": one.year,
        "place": one.place,
        "provenance": str(one.provenance),
        "vendor": one.vendor,
        "source": one.source,
        "address": one.address,
        "note": one.note,
    }
