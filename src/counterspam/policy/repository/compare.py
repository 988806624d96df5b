"""Laws side by side by provision: each instrument, and for each jurisdiction the strictest that is known of those in
force.

The strictest known is no statement on what the law of a country is: another instrument, or a field that nobody filled
in, may be stricter. Instruments of its union stand beside the country's own and are marked; those that bind through
national law are not summed up. What cannot be ordered (penalties of different kinds, thresholds, free texts) is listed and not
summed up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from counterspam.policy.repository.fields import CHANNELS, CONSENT, Content, Field, Type, provisions, value
from counterspam.policy.repository.places import in_force
from counterspam.policy.repository.provisions import guessed
from counterspam.policy.repository.unions import NOTHING, Above


@dataclass(frozen=True, slots=True)
class Given:
    """What one instrument says on a provision: None unknown. `counts`: it takes part in the sum, as it is in force and either
    the country's own or applies directly. `union` is the code of the union whose instrument it is, "" the country's own; `act`
    what that instrument is.
    """

    law: str
    value: Any
    guessed: bool
    confidence: str
    counts: bool
    union: str = ""
    act: str = ""


@dataclass(frozen=True, slots=True)
class Side:
    """A provision in one jurisdiction: its instruments, the strictest known value of those in force (None: none is known).

    `summed` is False where values are known but cannot be ordered, so that there is no strictest one; `open_` counts the
    instruments that count whose value is unknown. `by_union`: nothing that counts has a value, and a rule of the union that
    binds through national law has one.
    """

    place: str
    given: Sequence[Given]
    strictest: Any
    summed: bool
    open_: int
    by_union: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One provision over all jurisdictions that are compared."""

    path: str
    sides: Sequence[Side]

    @property
    def known(self) -> bool:
        """Whether any instrument says anything on it."""
        return any(one.value is not None for side in self.sides for one in side.given)


def compared(places: Mapping[str, Sequence[Content]], above: Mapping[str, Sequence[Above]] = NOTHING) -> list[Line]:
    """Every provision, in the order of the fields, for these jurisdictions with their laws.

    `above` are the instruments of unions by member (`unions.applying`).
    """
    return [
        Line(path, [_side(place, laws, path, one, above.get(place, ())) for place, laws in places.items()])
        for path, one in provisions().items()
    ]


def _side(place: str, laws: Sequence[Content], path: str, one: Field, above: Sequence[Above]) -> Side:
    given = [_given(law, path, in_force(law)) for law in laws]
    given += [_given(each.law, path, each.direct, each.union, each.act) for each in above if in_force(each.law)]
    known = [each.value for each in given if each.counts and each.value is not None]
    least = strictest(path, one, known)
    unknown = sum(each.counts and each.value is None for each in given)
    by_union = not known and any(each.union and each.value is not None for each in given)
    return Side(place, given, least, not known or least is not None, unknown, by_union)


def _given(law: Content, path: str, counts: bool, *whose: str) -> Given:
    return Given(law["id"], value(law, path), guessed(law, path), law["confidence"], counts, *whose)


def strictest(path: str, one: Field, known: Sequence[Any]) -> Any:
    """The strictest of known values, None where there is none or where they cannot be ordered.

    A single value stands for itself. Flags: yes before no. Consent: opt-in, mixed, opt-out, none. Scope: all before commercial.
    Channels: all that any instrument names. Days to act on a refusal: the fewest. Penalties: the greatest, of one currency and
    unit of money only.
    """
    if not known or path == "consent_exceptions":  # more exceptions are less strict
        return None
    if all(each == known[0] for each in known):
        return known[0]
    if one.type == Type.FLAG:
        return any(known)
    if one.type == Type.CHOICE:
        order = CONSENT if one.values == CONSENT else one.values
        return min(known, key=order.index)
    if path == "channels":
        return [channel for channel in CHANNELS if any(channel in each for each in known)]
    if path == "unsubscribe.time_limit_days":
        return min(known)
    return _greatest(known) if path == "max_penalty" else None


def _greatest(known: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    kinds = {(one["amount_kind"], one["currency"]) for one in known}
    if len(kinds) != 1 or any(one["amount"] is None for one in known) or next(iter(kinds))[0] is None:
        return None
    return max(known, key=lambda one: float(one["amount"]))
