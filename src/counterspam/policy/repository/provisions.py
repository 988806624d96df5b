"""The questions that can be asked of a law: does it have this provision - yes, no, or unknown - and on what that rests.

Null is unknown. "No" is said only where the entry positively says so: a flag that is false, an opt-out rule where
consent is asked for, a law on commercial messages where others are asked for. A channel that is not named is unknown,
since the lists of channels are not known to be complete.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from counterspam.policy.repository.fields import CHANNELS, Content, Type, provisions, value


class Answer(StrEnum):
    """Whether a law, or the laws of a country together, have a provision."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """A provision: its name, the field that it rests on, and what a value of that means. A test answers None for unknown."""

    name: str
    path: str
    test: Callable[[Any], bool | None]


def _is(given: Any) -> bool | None:
    return given if isinstance(given, bool) else None


def _there(given: Any) -> bool | None:
    """Something is recorded; nothing recorded says nothing, and an empty list that there is none."""
    return None if given is None else given != []


def _consent(given: Any) -> bool | None:
    return None if given is None else given in ("opt-in", "mixed")


def _all(given: Any) -> bool | None:
    return None if given is None else given == "all"


def _names(channel: str) -> Callable[[Any], bool | None]:
    return lambda given: True if given and channel in given else None


def _questions() -> dict[str, Question]:
    found = [Question("consent", "consent_model", _consent)]
    found += [Question(f"covers-{one}", "channels", _names(one)) for one in CHANNELS if one != "other"]
    found += [Question("non-commercial", "scope", _all)]
    skipped = {"consent_model", "channels", "scope", "consent_by_channel", "consent_exceptions"}
    for path, one in provisions().items():
        if path in skipped or path.startswith("consent_"):
            continue
        found.append(Question(path, path, _is if one.type == Type.FLAG else _there))
    return {one.name: one for one in found}


QUESTIONS: Mapping[str, Question] = _questions()
# What a gap report asks when it is not told what to ask: the core of a spam law.
CORE = (
    "consent", "covers-email", "covers-sms", "covers-voice", "sender_identification_required", "unsubscribe.required",
    "unsubscribe.time_limit_days", "address_harvesting_banned", "dictionary_attack_banned", "do_not_contact_registry",
    "authority", "max_penalty", "criminal_sanctions", "private_right_of_action", "complaint_channels",
    "cross_border.extraterritorial_reach", "cross_border.cooperation_provision",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """The answer of one law: `law` is its id, `value` what the field says, `guessed` that this is from general knowledge."""

    law: str
    answer: Answer
    value: Any
    guessed: bool
    confidence: str


def in_force(law: Content) -> bool:
    """Whether a law can be breached today, as far as the entry says."""
    return bool(law["status"] == "in force")


def guessed(law: Content, path: str) -> bool:
    """Whether a value was filled in from general knowledge, without a page: the field is named, its whole, or all its parts.

    A part of a list of records, such as the web address of an authority, says nothing on the rest of it.
    """
    named, given = law.get("from_general_knowledge") or (), value(law, path)
    if path in named or path.partition(".")[0] in named:
        return True
    known = [name for name, one in given.items() if one is not None] if isinstance(given, Mapping) else []
    return bool(known) and all(f"{path}.{name}" in named for name in known)


def asked(law: Content, question: Question) -> Found:
    """What one law answers; one that is not in force has nothing that could be relied on, so that is unknown."""
    given = value(law, question.path)
    answer = question.test(given) if in_force(law) else None
    said = Answer.UNKNOWN if answer is None else Answer.YES if answer else Answer.NO
    return Found(law["id"], said, given, guessed(law, question.path), law["confidence"])


def together(found: Sequence[Found]) -> Answer:
    """What the laws of one country answer together: yes if one does, no only if all that there are do."""
    answers = {one.answer for one in found}
    if Answer.YES in answers:
        return Answer.YES
    return Answer.NO if answers == {Answer.NO} else Answer.UNKNOWN


def of_place(laws: Sequence[Content], question: Question) -> tuple[Answer, list[Found]]:
    """What a country answers, with what each of its laws in force does."""
    found = [asked(law, question) for law in laws if in_force(law)]
    return together(found), found
