"""Learner paths: which modules somebody takes, for a role and in a region, and in which order.

Named paths stand in `paths.yaml`; besides there is one of all modules for each audience. Their order is the written one, except
among the modules that are about channels: of these, the channel that was reported most in the learner's region comes first.
Without figures of the region they stay where they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Annotated, Literal

from pydantic import Field

from counterspam.errors import DecodeError, Reason
from counterspam.policy.training.module import Module
from counterspam.policy.training.reading import AUDIENCES, SLUG, Audience, Record, checked, content, twice

MOST_PATHS = 100
# The modules about channels, by number (REQUIREMENTS F).
CHANNELS: dict[int, tuple[str, ...]] = {
    8: ("email",),
    9: ("sms", "mms", "rcs"),
    10: ("voice",),
    11: ("im", "social", "web", "in-app"),
}
ItuRegion = Literal["Africa", "Americas", "Arab States", "Asia-Pacific", "CIS", "Europe"]
# The ITU regions that have countries in a region of the world (UN M49 code).
WITHIN: dict[str, frozenset[str]] = {
    "002": frozenset({"Africa", "Arab States"}),
    "009": frozenset({"Asia-Pacific"}),
    "019": frozenset({"Americas"}),
    "142": frozenset({"Arab States", "Asia-Pacific", "CIS", "Europe"}),
    "150": frozenset({"CIS", "Europe"}),
}


class Path(Record):
    """One path. `regions` are those of ITU that it is meant for, or `all`; `modules` are ids in the order of learning."""

    id: Annotated[str, Field(pattern=SLUG, max_length=60)]
    title: Annotated[str, Field(min_length=3, max_length=160)]
    audience: Audience
    regions: Annotated[tuple[ItuRegion | Literal["all"], ...], Field(min_length=1, max_length=6)]
    modules: Annotated[tuple[str, ...], Field(min_length=1, max_length=60)]

    def is_for(self, region: str) -> bool:
        """Whether it is meant for a region of the world (UN M49 code), "" for any."""
        return not region or "all" in self.regions or bool(WITHIN.get(region, frozenset()) & set(self.regions))


def parse(text: str, modules: Iterable[Module], name: str) -> tuple[Path, ...]:
    """The named paths through these modules. Raises DecodeError for anything that is not right in the file."""
    found = checked(tuple[Path, ...], content(text, name), name)
    known = {one.id: one for one in modules}
    if len(found) > MOST_PATHS:
        raise DecodeError(Reason.TOO_MANY, f"{name}: more than {MOST_PATHS} paths")
    if double := twice([*AUDIENCES, *(path.id for path in found)]):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: two paths are called {double[0]}")
    for path in found:
        if double := twice(path.modules):
            raise DecodeError(Reason.BAD_VALUE, f"{name}: {path.id}: {double[0]} stands there twice")
        for slug in path.modules:
            if slug not in known or path.audience not in known[slug].audiences:
                raise DecodeError(
                    Reason.BAD_VALUE, f"{name}: {path.id}: no module {slug} for the audience {path.audience}"
                )
    return found


def ordered(modules: Sequence[Module], reported: Mapping[str, int]) -> list[Module]:
    """The modules of a path; `reported` is how much was reported in the region of the learner, by channel."""
    found = list(modules)
    places = [i for i, one in enumerate(found) if one.number in CHANNELS]
    by_weight = sorted((found[i] for i in places), key=lambda one: -weight(one, reported))  # stable
    for place, one in zip(places, by_weight, strict=True):
        found[place] = one
    return found


def weight(module: Module, reported: Mapping[str, int]) -> int:
    """How much was reported on the channels that a module is about."""
    return sum(reported.get(channel, 0) for channel in CHANNELS.get(module.number, ()))


def complete(slugs: Sequence[str], audience: str, passed: AbstractSet[tuple[str, str]]) -> bool:
    """Whether every module of a path was passed; `passed` are ids with the audience of the questions, "" for all."""
    return bool(slugs) and all({(slug, audience), (slug, "")} & passed for slug in slugs)
