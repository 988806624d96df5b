"""The instruments of unions of states that apply in a member, which are never the member's own.

Members with their dates, and of what kind an instrument is, stand in `data/repository/unions.yaml` with their sources. A
regulation applies directly. A directive binds through national law: alone it makes a provision one "by the union's rules",
which is neither a yes of the country nor unknown. What is not known to be a regulation is taken for a directive.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

from counterspam.policy.repository.fields import Content
from counterspam.policy.repository.places import in_force
from counterspam.policy.repository.shipped import raw

REGULATION = "regulation"
ACTS = (REGULATION, "directive")


@dataclass(frozen=True, slots=True)
class Member:
    """A state (ISO 3166-1 alpha-2) and the first and the last day on which the rules of its union apply there."""

    code: str
    first: date
    last: date | None

    def on(self, day: date) -> bool:
        """Whether they apply on a day."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Union:
    """A union of states; `acts` says of its instruments by id what they are, one of ACTS."""

    code: str
    name: str
    sources: tuple[str, ...]
    acts: Mapping[str, str]
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Above:
    """An instrument of a union that applies in a member; `act` is "" where it is not known what it is."""

    law: Content
    union: str
    act: str = ""

    @property
    def direct(self) -> bool:
        """Whether it applies without national law."""
        return self.act == REGULATION


NOTHING: Mapping[str, Sequence[Above]] = MappingProxyType({})


@cache
def shipped_unions() -> tuple[Union, ...]:
    """The unions that come with counterspam. Read once a process."""
    return tuple(union(one) for one in raw("unions.yaml"))


def union(given: Mapping[str, Any]) -> Union:
    """A union as the file has it. Raises KeyError, ValueError."""
    acts = dict(given["acts"])
    if not set(acts.values()) <= set(ACTS):
        raise ValueError(f"acts of {given['code']} are {', '.join(ACTS)}")
    members = tuple(_member(one) for one in given["members"])
    return Union(given["code"], given["name"], tuple(given["sources"]), acts, members)


def _member(given: Mapping[str, str]) -> Member:
    last = given.get("rules_until") or given.get("until")
    return Member(given["code"], date.fromisoformat(given["since"]), date.fromisoformat(last) if last else None)


def members(code: str, day: date, known: Iterable[Union] | None = None) -> list[str]:
    """The states in which the rules of a union apply on a day, by code; [] where there is no such union."""
    every = shipped_unions() if known is None else known
    return sorted(each.code for one in every if one.code == code for each in one.members if each.on(day))


def applying(
    places: Mapping[str, Sequence[Content]], day: date, known: Iterable[Union] | None = None
) -> dict[str, list[Above]]:
    """By member the instruments of its unions that are in force and apply there on a day.

    `places` are the laws by jurisdiction. Whether one is in force is what its entry says today; before its year of enactment
    it does not apply.
    """
    found: dict[str, list[Above]] = {}
    for one in shipped_unions() if known is None else known:
        laws = [law for law in places.get(one.code, ()) if in_force(law) and (law["year_enacted"] or 0) <= day.year]
        above = [Above(law, one.code, one.acts.get(law["id"], "")) for law in laws]
        for each in one.members if above else ():
            if each.on(day) and each.code != one.code:
                found.setdefault(each.code, []).extend(above)
    return found
