"""What measures cost and what they save: the block rate now and after, capital and yearly cost, avoided burden, payback.

The burden after the measures is worked out from the same draws as the burden now, so that what they have in common cancels.
Simple payback: no discounting, no time until the measures work, no growth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from counterspam.policy.costs import burden, draws, table
from counterspam.policy.costs.band import Band, Draws, band
from counterspam.policy.costs.estimate import added, banded
from counterspam.policy.costs.formula import Formula
from counterspam.policy.costs.parameter import Parameter
from counterspam.policy.costs.table import CHANNELS, Measure
from counterspam.policy.costs.tornado import Swing, swings

HORIZON = 120  # months: a longer payback is "not within 10 years"
_POSTS = "(operators * staff + users / 1000000 * staff_million)"
_USD = "USD per year"
# Of one measure; `users` are those of its base, the rest its own figures and the parameters of the scope.
CAPEX = Formula("capex", "USD", "operators * capex + users * capex_user")
YEARLY = (
    Formula("licences", _USD, "users * licence_user"),
    Formula("staff", _USD, f"{_POSTS} * wage_year * staff_factor"),
    Formula("training", _USD, f"{_POSTS} * training"),
    Formula("running", _USD, "(operators * capex + users * capex_user) * running"),
)
FACILITIES = Formula("facilities", _USD, "(operators * capex + users * capex_user) / life")
SHOWN = (
    *(Formula(f"block_{one}", "share", f"1 - (1 - {one}_block) * (1 - stopped)") for one in CHANNELS),
    Formula("avoided", _USD, "burden_now - burden_after"),
    Formula("net", _USD, "avoided - yearly"),
    Formula("payback", "months", "12 * capex / (avoided - yearly)"),
)


@dataclass(frozen=True, slots=True)
class Payback:
    """Months until what is avoided has paid for the facilities; infinite where the yearly cost is not even covered.

    `within` is the share of the draws that pay back within 10 years.
    """

    months: Band
    within: float


@dataclass(frozen=True, slots=True)
class Cost:
    """One part of the cost of the measures: its formula and band; None where a parameter is unknown."""

    formula: Formula
    band: Band | None


@dataclass(frozen=True, slots=True)
class Rate:
    """The block rate of a channel now and after the measures, and the share of draws that reach the target, if any."""

    channel: str
    now: Band
    after: Band
    reached: float | None


@dataclass(frozen=True, slots=True)
class Investment:
    """What the chosen measures cost and save in a year. Money in USD; None where a parameter that is needed is unknown."""

    measures: tuple[str, ...]
    rates: tuple[Rate, ...]
    capex: Band | None
    parts: tuple[Cost, ...]
    yearly: Band | None
    annual: Band | None  # yearly cost and facilities over their life
    avoided: Band | None
    avoided_parts: tuple[tuple[str, Band], ...]
    net: Band | None
    payback: Payback | None  # for the country as a whole
    payback_operators: Payback | None  # for operators alone, who pay for the measures
    missing: tuple[str, ...]  # parameters of the cost
    left_out: tuple[str, ...]  # components of the burden that are unknown
    tornado: tuple[Swing, ...]


def invested(
    parameters: Mapping[str, Parameter],
    chosen: Sequence[str],
    seed: int,
    target: Mapping[str, float] | None = None,
    count: int = draws.COUNT,
) -> Investment:
    """The estimate for the measures `chosen` by id; `target` are block rates per channel. Raises KeyError for an unknown id."""
    measures = tuple(table.measures()[name] for name in dict.fromkeys(chosen))
    used = _used(parameters, measures)
    values: dict[str, Any] = draws.drawn(used.values(), seed, count)
    now, later = burden.computed(values), burden.computed(after(values, measures))
    saved = {one.id: now[one.id] - later[one.id] for one in burden.COMPONENTS if one.id in now}
    by_operators = {
        one.id: saved[one.id] for one in burden.COMPONENTS if one.id in saved and one.borne_by == burden.OPERATORS
    }
    missing = _missing(used, measures)
    costs = None if missing else cost(values, measures, count)
    avoided = added(saved)
    yearly: Any = sum(costs[line.id] for line in YEARLY) if costs else None
    return Investment(
        tuple(one.id for one in measures),
        _rates(values, measures, target or {}),
        banded(costs["capex"] if costs else None),
        tuple(Cost(line, banded(costs[line.id] if costs else None)) for line in (FACILITIES, *YEARLY)),
        banded(yearly),
        banded(yearly + costs["facilities"] if costs else None),
        banded(avoided),
        tuple((name, band(found)) for name, found in saved.items()),
        None if yearly is None or avoided is None else band(avoided - yearly),
        _payback(costs, yearly, avoided),
        _payback(costs, yearly, added(by_operators)),
        missing,
        tuple(one.id for one in burden.COMPONENTS if one.id not in now),
        swings(used, lambda numbers: _net(numbers, measures)) if measures and not missing else (),
    )


def after(values: Mapping[str, Any], measures: Sequence[Measure]) -> dict[str, Any]:
    """The values as they are with the measures in place: less is sent, less of it gets through, and exposure follows.

    Measures that stop spam of one channel act one behind the other: each stops its share of what the others let through.
    """
    found = dict(values)
    ratios = []
    for channel in CHANNELS:
        kept, sent = _kept(values, measures, "stopped", channel), _kept(values, measures, "prevented", channel)
        blocked, delivered = f"{channel}_block", f"{channel}_delivered_day"
        found[blocked] = 1 - (1 - values[blocked]) * kept
        found[delivered] = values[delivered] * kept * sent
        ratios.append(kept * sent)
    response = values["exposure_response"]
    found["exposure"] = 1 - response * (1 - sum(ratios) / len(ratios))
    found["call_exposure"] = 1 - response * (1 - ratios[CHANNELS.index("voice")])
    return found


def cost(values: Mapping[str, Any], measures: Sequence[Measure], count: int = 1) -> dict[str, Any]:
    """Capital and yearly cost of the measures together, by line; 0 without measures. Raises KeyError for an unknown value."""
    lines = (CAPEX, FACILITIES, *YEARLY)
    found: dict[str, Any] = {line.id: np.zeros(count) for line in lines}
    for measure in measures:
        own = {name: values[f"{measure.id}__{name}"] for name in table.FIELDS}
        given = {**values, **own, "users": values[measure.base]}
        for line in lines:
            found[line.id] = found[line.id] + line(given)
    return found


def _kept(values: Mapping[str, Any], measures: Sequence[Measure], kind: str, channel: str) -> Any:
    """The share that is left after all measures."""
    kept: Any = 1.0
    for measure in measures:
        name = measure.effects(kind).get(channel)
        if name:
            kept = kept * (1 - values[name])
    return kept


def _net(numbers: Mapping[str, Any], measures: Sequence[Measure]) -> float | None:
    """Avoided burden less the annual cost, for numbers."""
    now, later = burden.computed(numbers), burden.computed(after(numbers, measures))
    costs = cost(numbers, measures)
    saved = sum(now[one.id] - later[one.id] for one in burden.COMPONENTS if one.id in now)
    return float(saved - sum(costs[line.id] for line in (FACILITIES, *YEARLY))[0])


def _rates(values: Mapping[str, Draws], measures: Sequence[Measure], target: Mapping[str, float]) -> tuple[Rate, ...]:
    later = after(values, measures)
    found = []
    for channel in CHANNELS:
        now, then = values[f"{channel}_block"], later[f"{channel}_block"] + np.zeros(len(values[f"{channel}_block"]))
        reached = float(np.mean(then >= target[channel])) if channel in target else None
        found.append(Rate(channel, band(now), band(then), reached))
    return tuple(found)


def _payback(costs: Mapping[str, Draws] | None, yearly: Any, avoided: Draws | None) -> Payback | None:
    if costs is None or avoided is None:
        return None
    gain = avoided - yearly
    months = np.full(len(gain), np.inf)
    np.divide(12 * costs["capex"], gain, out=months, where=gain > 0)
    return Payback(band(months), float(np.mean(months <= HORIZON)))


def _used(parameters: Mapping[str, Parameter], measures: Sequence[Measure]) -> dict[str, Parameter]:
    names = frozenset().union(*(burden.needed(line.id) for line in burden.LINES))
    names |= {"exposure_response", *(one.base for one in measures)}
    names |= {"operators", "staff_factor", "wage_year"} if measures else set()
    names |= {one.id for measure in measures for one in measure.parameters}
    return {name: one for name, one in parameters.items() if name in names}


def _missing(used: Mapping[str, Parameter], measures: Sequence[Measure]) -> tuple[str, ...]:
    names = {"operators", "staff_factor", "wage_year", *(one.base for one in measures)} if measures else set()
    return tuple(sorted(name for name in names if not used[name].known))
