"""The burden with its bands: draws of all parameters, each line of the model on them, and what is missing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from counterspam.policy.costs import burden, draws
from counterspam.policy.costs.band import Band, Draws, band
from counterspam.policy.costs.formula import Formula
from counterspam.policy.costs.parameter import Parameter
from counterspam.policy.costs.tornado import Swing, swings


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the model: its formula and band; None where a parameter is unknown, and then which (`missing`)."""

    formula: Formula
    band: Band | None
    missing: tuple[str, ...] = ()
    share: Band | None = None  # of the total, for components
    borne_by: str = ""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The burden in USD per year. The totals are over the components that are known; `missing` are those that are not."""

    components: tuple[Line, ...]
    quantities: tuple[Line, ...]
    total: Band | None
    users: Band | None
    operators: Band | None
    per_person: Band | None
    missing: tuple[str, ...]
    tornado: tuple[Swing, ...]
    seed: int
    count: int


def estimated(parameters: Mapping[str, Parameter], seed: int, count: int = draws.COUNT) -> Estimate:
    """The burden of a year for these parameters."""
    wanted = frozenset().union(*(burden.needed(line.id) for line in burden.LINES))
    used = {name: one for name, one in parameters.items() if name in wanted}
    values = draws.drawn(used.values(), seed, count)
    found = burden.computed(values)
    parts = {one.id: found[one.id] for one in burden.COMPONENTS if one.id in found}
    total = added(parts)
    people = values.get("people")
    return Estimate(
        tuple(_component(one, found, total, used) for one in burden.COMPONENTS),
        tuple(line(each, found, used) for each in burden.QUANTITIES),
        banded(total),
        banded(added(_borne(parts, burden.USERS))),
        banded(added(_borne(parts, burden.OPERATORS))),
        banded(None if total is None or people is None else total / people),
        tuple(one.id for one in burden.COMPONENTS if one.id not in found),
        swings(used, total_of),
        seed,
        count,
    )


def total_of(values: Mapping[str, Any]) -> float | None:
    """The sum of the components that can be worked out from numbers."""
    found = burden.computed(values)
    parts = [found[one.id] for one in burden.COMPONENTS if one.id in found]
    return float(sum(parts)) if parts else None


def added(parts: Mapping[str, Draws]) -> Draws | None:
    """The sum of draws; None of nothing."""
    total: Any = sum(parts.values()) if parts else None
    return None if total is None else total


def banded(found: Draws | None) -> Band | None:
    """The band of draws that may not be known."""
    return None if found is None else band(found)


def line(formula: Formula, found: Mapping[str, Draws], used: Mapping[str, Parameter]) -> Line:
    """A line with its band, or with what it lacks."""
    missing = tuple(sorted(name for name in burden.needed(formula.id) if not used[name].known))
    return Line(formula, banded(found.get(formula.id)), missing)


def _component(
    one: burden.Component, found: Mapping[str, Draws], total: Draws | None, used: Mapping[str, Parameter]
) -> Line:
    plain = line(one.formula, found, used)
    share = None if total is None or one.id not in found else band(found[one.id] / total.clip(1e-300))
    return Line(plain.formula, plain.band, plain.missing, share, one.borne_by)


def _borne(parts: Mapping[str, Draws], by: str) -> dict[str, Draws]:
    return {one.id: parts[one.id] for one in burden.COMPONENTS if one.id in parts and one.borne_by == by}
