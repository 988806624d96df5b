"""Values from outside in the place of shipped ones: a mapping of parameter id to value, unit, year, source and provenance.

This is what the questionnaire, the node's own figures and the user hand over. `value` is a number, or low, base and high; ""
and None leave the parameter as it is. Of several mappings the later one counts.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from counterspam.policy.costs import table
from counterspam.policy.costs.parameter import BadInput, Parameter, Provenance, fault

Given = Mapping[str, Mapping[str, Any]]
MOST = 200  # values in one mapping
LONGEST = 300  # characters of a source


def accepted(known: Mapping[str, Parameter], given: Given) -> dict[str, Parameter]:
    """The parameters with the given values in the place of theirs. Raises BadInput, which says what is wrong by parameter."""
    if len(given) > MOST:
        raise BadInput({"": f"at most {MOST} values"})
    found, errors = dict(known), {}
    for name, row in given.items():
        if row.get("value") in ("", None):
            continue
        try:
            found[str(name)] = _replaced(known, str(name), row)
        except ValueError as error:
            errors[str(name)[:60]] = str(error)
    if errors:
        raise BadInput(errors)
    return found


def settled(country: str, *given: Given) -> dict[str, Parameter]:
    """All parameters for a country ("" for none), with the given values. Raises BadInput."""
    found = table.every() | table.of_country(country)
    errors: dict[str, str] = {}
    for each in given:
        try:
            found = accepted(found, each)
        except BadInput as error:
            errors |= error.errors
    if errors:
        raise BadInput(errors)
    if not found["wage_year"].known and (wage := table.wage_in_dollars(country, found["price_level"])):
        found["wage_year"] = wage
    return found


def numbers(text: str) -> list[float]:
    """One number, or low, base and high, as people write them: "5", "1 5 15", "0,5; 1; 2". Raises ValueError."""
    words = text.replace(";", " ").split()
    if len(words) not in (1, 3) or len(text) > 100:
        raise ValueError("write one number, or three: low, base, high")
    try:
        found = [float(_point(word)) for word in words]
    except ValueError:
        raise ValueError("write one number, or three: low, base, high") from None
    return found


def _point(word: str) -> str:
    """`0,5` as `0.5`; `1,000` stays wrong, since it means one thing here and another there."""
    whole, comma, part = word.partition(",")
    if comma and (len(part) == 3 or not part.isdigit()):
        raise ValueError(word)
    return f"{whole}.{part}" if comma else word


def _replaced(known: Mapping[str, Parameter], name: str, row: Mapping[str, Any]) -> Parameter:
    one = known.get(name)
    if one is None:
        raise ValueError("there is no such parameter")
    if row.get("unit") and row["unit"] != one.unit:
        raise ValueError(f"the unit must be {one.unit}")
    low, base, high = _three(row["value"])
    said: dict[str, Any] = {key: str(row.get(key) or "")[:LONGEST] for key in ("year", "source", "address", "note")}
    made = replace(
        one,
        low=low,
        base=base,
        high=high,
        provenance=_provenance(row),
        vendor=False,
        place=str(row.get("place") or "")[:60],
        **said,
    )
    if reason := fault(made):
        raise ValueError(reason)
    return made


def _provenance(row: Mapping[str, Any]) -> Provenance:
    try:
        return Provenance(row.get("provenance") or Provenance.USER)
    except ValueError:
        raise ValueError("this provenance is not known") from None


def _three(value: Any) -> tuple[float, float, float]:
    if isinstance(value, str):
        value = numbers(value)
    many = value if isinstance(value, Sequence) else [value]
    if len(many) not in (1, 3) or any(isinstance(one, bool) or not isinstance(one, int | float) for one in many):
        raise ValueError("write one number, or three: low, base, high")
    found = [float(one) for one in many] * (3 if len(many) == 1 else 1)
    if not all(map(math.isfinite, found)):
        raise ValueError("low, base and high must all be finite numbers")
    return found[0], found[1], found[2]
