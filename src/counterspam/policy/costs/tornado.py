"""What matters: the result with one parameter at its low and at its high, all others at their base."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from counterspam.policy.costs.parameter import Parameter

MOST = 12  # swings that are worth showing


@dataclass(frozen=True, slots=True)
class Swing:
    """The result at the low and at the high of one parameter; `base` is the result with all at their base."""

    parameter: Parameter
    at_low: float
    base: float
    at_high: float

    @property
    def width(self) -> float:
        """How far the result moves."""
        return abs(self.at_high - self.at_low)


def swings(
    parameters: Mapping[str, Parameter], result: Callable[[Mapping[str, Any]], float | None], most: int = MOST
) -> tuple[Swing, ...]:
    """The greatest swings first. A parameter whose low is its high, or that moves nothing, has none."""
    base = {name: one.base for name, one in parameters.items() if one.base is not None}
    middle = result(base)
    if middle is None:
        return ()
    found = []
    for name, one in parameters.items():
        if not one.known or one.low == one.high:
            continue
        low, high = (result(base | {name: value}) for value in (one.low, one.high))
        if low is not None and high is not None and low != high:
            found.append(Swing(one, low, middle, high))
    return tuple(sorted(found, key=lambda swing: (-swing.width, swing.parameter.id))[:most])
