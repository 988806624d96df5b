"""A result is a band: the median of the draws and what nine in ten of them lie between. There is no number without it."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Draws = NDArray[np.float64]
EDGES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True)
class Band:
    """`low` and `high` are the 5 % and 95 % quantiles of the draws, `median` the 50 % one; all three may be infinite.

    It has no `__float__` and refuses a format of its own, so that it is written with both ends or not at all.
    """

    low: float
    median: float
    high: float

    def __post_init__(self) -> None:
        """Raises ValueError unless the three are in order."""
        if math.isnan(self.median) or not self.low <= self.median <= self.high:
            raise ValueError(f"no band: {self.low}, {self.median}, {self.high}")

    def __str__(self) -> str:
        """All three, for messages to people who read code; pages write it in their language."""
        return f"{self.median:,.6g} ({self.low:,.6g} to {self.high:,.6g})"

    def __format__(self, form: str) -> str:
        """Only the whole: `f"{band:.2f}"` would show one number. Raises TypeError for a format."""
        if form:
            raise TypeError("a band has no format of one number: write low, median and high")
        return str(self)

    def shown(self) -> dict[str, float | None]:
        """The band as JSON has it; None is beyond every bound."""
        ends = {"low": self.low, "median": self.median, "high": self.high}
        return {name: value if math.isfinite(value) else None for name, value in ends.items()}


def band(draws: Draws) -> Band:
    """The band of some draws. A quantile is one of the draws (no interpolation), so infinite ones do no harm."""
    low, median, high = np.quantile(draws, EDGES, method="inverted_cdf")
    return Band(float(low), float(median), float(high))
