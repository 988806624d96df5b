"""The questions that can be asked of a law: does it have this provision - yes, no, or unknown - and on what that rests.

Null is unknown. "No" is said only where the entry positively says so: a flag that is false, an opt-out rule where
consent is asked for, a law on commercial messages where others are asked for. A channel that is not named is unknown,
since the lists of channels are not known to be complete. What only a directive of the country's union provides is neither
yes nor unknown.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from counterspam.policy.repository.fields import CHANNELS, Content, Type, provisions, value
from counterspam.policy.repository.places import in_force
from counterspam.policy.repository.unions import Above


class Answer(StrEnum):
    """Whether a law, or the laws of a country together, have a provision.

    UNION: the country's own laws do not say, and a rule of its union that binds through national law does; no single law
    answers so.
    """

    YES = "yes"
    UNION = "union"
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
    """The answer of one law: `law` is its id, `value` what the field says, `guessed` that this is from general knowledge.

    `union` is the code of the union whose instrument it is, "" the country's own; `act` what that instrument is.
    """

    law: str
    answer: Answer
    value: Any
    guessed: bool
    confidence: str
    union: str = ""
    act: str = ""


def guessed(law: Content, path: str) -> bool:
    """Whether a value was filled in from general knowledge, without a page: the field is named, its whole, or all its parts.

    A part of a list of records, such as the web address of an authority, says nothing on the rest of it.
    """
    named, given = law.get("from_general_knowledge") or (), value(law, path)
    if path in named or path.partition(".")[0] in named:
        return True
    known = [name for name, one in given.items() if one is not None] if isinstance(given, Mapping) else []
    return bool(known) and all(f"{path}.{name}" in named for name in known)


def asked(law: Content, question: Question, above: Above | None = None) -> Found:
    """What one law answers; one that is not in force has nothing that could be relied on, so that is unknown.

    `above` is given where it is an instrument of a union.
    """
    given = value(law, question.path)
    answer = question.test(given) if in_force(law) else None
    said = Answer.UNKNOWN if answer is None else Answer.YES if answer else Answer.NO
    whose = (above.union, above.act) if above else ("", "")
    return Found(law["id"], said, given, guessed(law, question.path), law["confidence"], *whose)


def together(own: Iterable[Answer], direct: Iterable[Answer] = (), through: Iterable[Answer] = ()) -> Answer:
    """What the laws of one country answer together: yes if one does, no only if all that there are do.

    `direct` are those of its union that apply directly, `through` those that bind through national law. The latter never make
    a no, nor change one of the country's own; a yes of theirs alone is UNION. A country without laws here has no no.
    """
    own = list(own)
    answers = {*own, *direct}
    if Answer.YES in answers:
        return Answer.YES
    if own and answers == {Answer.NO}:
        return Answer.NO
    return Answer.UNION if Answer.YES in set(through) else Answer.UNKNOWN


def of_place(laws: Sequence[Content], question: Question, above: Sequence[Above] = ()) -> tuple[Answer, list[Found]]:
    """What a country answers, with what each of its laws in force does, and then each of `above`, those of its unions."""
    own = [asked(law, question) for law in laws if in_force(law)]
    theirs = [(one.direct, asked(one.law, question, one)) for one in above if in_force(one.law)]
    answer = together(
        (one.answer for one in own),
        (one.answer for direct, one in theirs if direct),
        (one.answer for direct, one in theirs if not direct),
    )
    return answer, [*own, *(one for _, one in theirs)]
