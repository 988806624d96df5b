"""The test for a "covered violation": is a breach of one side's law substantially similar to a breach of the other's?

Memoranda between enforcement authorities cover a violation when the conduct is unlawful on both sides. For each type
of conduct this asks whether each side's entry makes it a breach - yes, no or unknown - and gives the reason. It says
where to look; whether two breaches are similar in the sense of an agreement is for the authorities that apply it. A
country is the sum of its laws in force; what only a directive of its union makes a breach is one by the union's rules, which
is neither yes nor unknown.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from counterspam.policy.repository.fields import CHANNELS, Content, value
from counterspam.policy.repository.places import in_force
from counterspam.policy.repository.provisions import Answer, guessed, together
from counterspam.policy.repository.unions import Above


class Why(StrEnum):
    """Why a law makes something a breach, or not, or why that is not known."""

    NOT_IN_FORCE = "not-in-force"
    NOT_RECORDED = "not-recorded"
    CHANNEL_NOT_NAMED = "channel-not-named"
    OPT_IN = "opt-in"
    OPT_OUT = "opt-out"
    MIXED = "mixed"
    NO_CONSENT_RULE = "no-consent-rule"
    REFUSAL_BINDS = "refusal-binds"
    REQUIRED = "required"
    NOT_REQUIRED = "not-required"
    BANNED = "banned"
    NOT_BANNED = "not-banned"
    ALL_MESSAGES = "all-messages"
    COMMERCIAL_ONLY = "commercial-only"
    REGISTRY = "registry"


MODELS = {
    "opt-in": (Answer.YES, Why.OPT_IN),
    "mixed": (Answer.UNKNOWN, Why.MIXED),
    "opt-out": (Answer.NO, Why.OPT_OUT),
    "none": (Answer.NO, Why.NO_CONSENT_RULE),
}
Judged = tuple[Answer, Why, str]  # answer, reason, the field that it rests on


@dataclass(frozen=True, slots=True)
class Breach:
    """Whether one law makes a conduct a breach, and why.

    `union` is the code of the union whose instrument it is, "" the side's own; `act` what that instrument is.
    """

    law: str
    answer: Answer
    why: Why
    path: str
    guessed: bool
    confidence: str
    union: str = ""
    act: str = ""


@dataclass(frozen=True, slots=True)
class Conduct:
    """One type of conduct on both sides, and whether a breach on one is one on the other.

    `channels` are those that a law of each side names that makes it a breach. Where both sides do, but name no channel in
    common, the answer is unknown and `apart` is true. Where they do only with rules of a union that bind through national law,
    the answer is UNION.
    """

    name: str
    answer: Answer
    sides: tuple[Answer, Answer]
    channels: Sequence[str]
    apart: bool
    breaches: tuple[Sequence[Breach], Sequence[Breach]]


def _consent(channel: str) -> Callable[[Content], Judged]:
    def judge(law: Content) -> Judged:
        by_channel = {one["channel"]: one["model"] for one in value(law, "consent_by_channel") or ()}
        path = "consent_by_channel" if channel in by_channel else "consent_model"
        model = by_channel.get(channel, law["consent_model"])
        if model is None:
            return Answer.UNKNOWN, Why.NOT_RECORDED, path
        if model != "none" and channel not in by_channel and channel not in (law["channels"] or ()):
            return Answer.UNKNOWN, Why.CHANNEL_NOT_NAMED, "channels"
        answer, why = MODELS[model]
        return answer, why, path

    return judge


def _refusal(law: Content) -> Judged:
    if law["consent_model"] in ("opt-in", "opt-out"):
        return Answer.YES, Why.REFUSAL_BINDS, "consent_model"
    if value(law, "unsubscribe.required"):
        return Answer.YES, Why.REFUSAL_BINDS, "unsubscribe.required"
    return Answer.UNKNOWN, Why.NOT_RECORDED, "consent_model"


def _flag(path: str, yes: Why, no: Why) -> Callable[[Content], Judged]:
    def judge(law: Content) -> Judged:
        given = value(law, path)
        if given is None:
            return Answer.UNKNOWN, Why.NOT_RECORDED, path
        return (Answer.YES, yes, path) if given else (Answer.NO, no, path)

    return judge


def _political(law: Content) -> Judged:
    if law["scope"] is None:
        return Answer.UNKNOWN, Why.NOT_RECORDED, "scope"
    wide = law["scope"] == "all"
    return (Answer.YES, Why.ALL_MESSAGES, "scope") if wide else (Answer.NO, Why.COMMERCIAL_ONLY, "scope")


def _registry(law: Content) -> Judged:
    known = law["do_not_contact_registry"] is not None
    why = Why.REGISTRY if known else Why.NOT_RECORDED
    return (Answer.YES if known else Answer.UNKNOWN), why, "do_not_contact_registry"


CONDUCTS: Mapping[str, Callable[[Content], Judged]] = {
    **{f"unsolicited-{one}": _consent(one) for one in CHANNELS if one != "other"},
    "after-refusal": _refusal,
    "missing-identification": _flag("sender_identification_required", Why.REQUIRED, Why.NOT_REQUIRED),
    "no-unsubscribe": _flag("unsubscribe.required", Why.REQUIRED, Why.NOT_REQUIRED),
    "missing-label": _flag("labelling.required", Why.REQUIRED, Why.NOT_REQUIRED),
    "harvesting": _flag("address_harvesting_banned", Why.BANNED, Why.NOT_BANNED),
    "dictionary-attack": _flag("dictionary_attack_banned", Why.BANNED, Why.NOT_BANNED),
    "misleading-content": _flag("misleading_content_banned", Why.BANNED, Why.NOT_BANNED),
    "false-routing": _flag("false_routing_banned", Why.BANNED, Why.NOT_BANNED),
    "listed-number": _registry,
    "non-commercial": _political,
}


@dataclass(frozen=True, slots=True)
class _Side:
    """One side's answer to a type of conduct, each law with its own, and the channels of those that make it a breach.

    `channels` are those of laws that apply directly, `wider` those of rules that bind through national law too.
    """

    answer: Answer
    breaches: Sequence[Breach]
    channels: set[str]
    wider: set[str]


def covered(
    one: Sequence[Content],
    other: Sequence[Content],
    above: tuple[Sequence[Above], Sequence[Above]] = ((), ()),
) -> list[Conduct]:
    """Every type of conduct for two sides, each one law or the laws of a country.

    `above` are the instruments of the unions of each side that is a country (`unions.applying`).
    """
    return [
        _conduct(name, _side(one, above[0], judge), _side(other, above[1], judge)) for name, judge in CONDUCTS.items()
    ]


def _side(laws: Sequence[Content], above: Sequence[Above], judge: Callable[[Content], Judged]) -> _Side:
    every = [(law, True, _breach(law, judge)) for law in laws]
    every += [(one.law, one.direct, _breach(one.law, judge, one.union, one.act)) for one in above]
    counted = [(one, direct) for _, direct, one in every if one.why != Why.NOT_IN_FORCE]
    answer = together(
        [one.answer for one, _ in counted if not one.union],
        [one.answer for one, direct in counted if one.union and direct],
        [one.answer for one, direct in counted if not direct],
    )
    named = [(_channels(law), direct) for law, direct, one in every if one.answer == Answer.YES]
    return _Side(
        answer,
        [one for _, _, one in every],
        {channel for channels, direct in named if direct for channel in channels},
        {channel for channels, _ in named for channel in channels},
    )


def _conduct(name: str, left: _Side, right: _Side) -> Conduct:
    answers = left.answer, right.answer
    breach = set(answers) <= {Answer.YES, Answer.UNION}
    plain = _common(name, left.channels, right.channels) if answers == (Answer.YES, Answer.YES) else []
    channels = plain or _common(name, left.wider, right.wider)
    if Answer.NO in answers:
        both = Answer.NO
    elif breach and channels:
        both = Answer.YES if plain else Answer.UNION
    else:
        both = Answer.UNKNOWN
    return Conduct(name, both, answers, channels, breach and not channels, (left.breaches, right.breaches))


def _common(name: str, left: set[str], right: set[str]) -> list[str]:
    """The channels that both sides name in laws that make the conduct a breach."""
    only = name.removeprefix("unsolicited-")
    return [one for one in CHANNELS if one in left & right and (only == name or one == only)]


def _channels(law: Content) -> set[str]:
    return {*(law["channels"] or ()), *(one["channel"] for one in value(law, "consent_by_channel") or ())}


def _breach(law: Content, judge: Callable[[Content], Judged], *whose: str) -> Breach:
    answer, why, path = judge(law) if in_force(law) else (Answer.UNKNOWN, Why.NOT_IN_FORCE, "status")
    return Breach(law["id"], answer, why, path, guessed(law, path), law["confidence"], *whose)
