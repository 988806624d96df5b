"""What facts, answers, states and faults of definitions are called."""

from collections.abc import Mapping

from counterspam.policy.definitions.expression import Wrong
from counterspam.web.format import label
from counterspam.web.labels import LABELS, UNKNOWN
from counterspam.web.language import gettext, mark
from counterspam.web.words import DIMENSIONS

FACTS = {
    **{name: DIMENSIONS[name] for name in ("channel", "source", "sender_kind", "content_type", "nature", "payload")},
    **{name: DIMENSIONS[name] for name in ("technique", "disposition", "language")},
    "country": DIMENSIONS["origin"],
    "recipient_country": DIMENSIONS["destination"],
    "count": mark("Messages in the record"),
    "seen_24h": mark("Messages of the campaign in 24 hours"),
    "seen_30d": mark("Messages of the campaign in 30 days"),
    "seen_365d": mark("Messages of the campaign in 365 days"),
    "spam": mark("Judged spam"),
    "probability": mark("Probability of spam"),
    "has_opt_out": mark("Offers a way to refuse"),
    "labelled": mark("Labelled as advertising"),
    "consent": mark("The recipient agreed"),
    "existing_customer": mark("The recipient is a customer"),
    "opted_out": mark("The recipient had refused"),
    "on_register": mark("The recipient is on a register against contact"),
    "recipient_person": mark("The recipient is a natural person"),
    "sender_identified": mark("The sender says truthfully who they are"),
    "unknown": mark("What no evidence can show"),
}
ANSWERS = {
    "yes": mark("Met"),
    "no": mark("Not met"),
    "unknown": UNKNOWN,
    "unjudged": mark("Not judged"),
}
STATES = {
    "draft": mark("Draft"),
    "proposed": mark("Proposed"),
    "published": mark("In force"),
    "superseded": mark("Superseded"),
    "refused": mark("Refused"),
}
CONFIDENCE = {"high": mark("High"), "medium": mark("Medium"), "low": mark("Low"), "": UNKNOWN}
KINDS = {"text": mark("text"), "number": mark("number"), "truth": mark("true or false")}
# Why an expression cannot be used, by the code of `expression.Wrong`.
WRONG = {
    "empty": mark("Write an expression."),
    "too-long": mark("It has more than %(most)s characters."),
    "too-deep": mark("Brackets are nested more than %(most)s deep."),
    "too-many": mark("It has more than %(most)s operators."),
    "character": mark("“%(text)s” means nothing here."),
    "name": mark("There is no fact “%(text)s”."),
    "function": mark("There is no function “%(text)s”; texts have %(known)s."),
    "syntax": mark("It breaks off or goes wrong at “%(text)s”."),
    "order": mark("%(name)s is no number: compare it with == or != only."),
    "kind": mark("%(name)s is compared with something of another kind; its kind is: %(kind)s."),
    "value": mark("%(name)s is never “%(text)s”; it can be %(known)s."),
    "constant": mark("It asks for no fact, so every message would get the same answer."),
    "no-truth": mark("Its result is neither true nor false."),
    "types": mark("Its parts do not fit together: %(text)s"),
}
# Why a field, or a step, is refused.
FAULTS = {
    "missing": mark("This is missing."),
    "long": mark("This is too long."),
    "id": mark("Use small letters, digits and hyphens, at most 40."),
    "shipped": mark("A definition that comes with the software has this name; take another."),
    "country": mark("Give a country by its two letters (ISO 3166), or leave it empty."),
    "language": mark("Give a language by its tag, such as en."),
    "day": mark("Give a day as year-month-day, or leave it empty."),
    "order": mark("The last day lies before the first."),
    "law": mark("Give the name of an entry of the repository of laws, or leave it empty."),
    "source": mark("Give at most 10 addresses that begin with http, one a line."),
    "confidence": mark("Choose one of the list."),
}
REFUSED = {
    "missing": mark("there is no such version"),
    "decided": mark("this version was decided about and stays as it is; write a new one"),
    "open": mark("another version of this definition is not decided yet"),
    "full": mark("this node keeps no more definitions"),
    "not-proposed": mark("only what was proposed can be published"),
    "same-person": mark("somebody else has to approve what you wrote"),
    "past": mark("a further version begins today or later, so that earlier days keep theirs"),
    "first-day": mark("a further version begins after the first day of the one before"),
}


def fact(name: str) -> str:
    """A fact in words."""
    return gettext(FACTS[name]) if name in FACTS else gettext(UNKNOWN)


def answer(name: str) -> str:
    """An answer in words."""
    return gettext(ANSWERS[name])


def state(name: str) -> str:
    """A state of a version in words."""
    return gettext(STATES[name])


def confidence(name: str) -> str:
    """How sure we are of the law, in words."""
    return gettext(CONFIDENCE[name])


def wrong(error: Wrong) -> str:
    """What is wrong with an expression, as a sentence."""
    given = dict(error.given)
    kind = given.get("kind")
    if kind:
        given["kind"] = gettext(KINDS[kind])
    return gettext(WRONG[error.code]) % given


def faults(found: Mapping[str, str]) -> dict[str, str]:
    """Field -> sentence. A field that does not exist, or is of the wrong type, only programs can give."""
    return {name: gettext(FAULTS[code]) if code in FAULTS else code for name, code in found.items()}


def value(name: str) -> str:
    """A value of a fact in words."""
    return label(name) if name in LABELS else name
