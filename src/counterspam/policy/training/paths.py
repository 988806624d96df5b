"""Learner paths: which modules an audience takes, and in which order a region does.

The order is that of the numbers, except among the modules that are about channels: of these, the channel that was reported most
in the learner's region comes first. Without figures of the region they stand by number too.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

from counterspam.policy.training.module import Module

# The modules about channels, by number (REQUIREMENTS F).
CHANNELS: dict[int, tuple[str, ...]] = {
    8: ("email",),
    9: ("sms", "mms", "rcs"),
    10: ("voice",),
    11: ("im", "social", "web", "in-app"),
}


def path(modules: Sequence[Module], audience: str, reported: Mapping[str, int] | None = None) -> list[Module]:
    """The modules for an audience in order; `reported` is how much was reported in the region, by channel."""
    wanted = sorted((one for one in modules if audience in one.audiences), key=lambda one: one.number)
    places = [i for i, one in enumerate(wanted) if one.number in CHANNELS]
    by_weight = sorted((wanted[i] for i in places), key=lambda one: (-weight(one, reported or {}), one.number))
    for place, one in zip(places, by_weight, strict=True):
        wanted[place] = one
    return wanted


def weight(module: Module, reported: Mapping[str, int]) -> int:
    """How much was reported on the channels that a module is about."""
    return sum(reported.get(channel, 0) for channel in CHANNELS.get(module.number, ()))


def complete(modules: Sequence[Module], audience: str, passed: AbstractSet[tuple[str, str]]) -> bool:
    """Whether every module of the path was passed; `passed` are ids of modules with the audience of the questions, "" all."""
    wanted = path(modules, audience)
    return bool(wanted) and all({(one.id, audience), (one.id, "")} & passed for one in wanted)
