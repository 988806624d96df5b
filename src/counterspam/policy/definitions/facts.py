"""The facts that a definition may ask for, and how they are read from evidence. What is not known is left out, never false.

A definition is judged over a mapping of fact to value. A fact that is missing makes an answer "unknown" unless the other
facts decide it alone (see `expression`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from counterspam.model import Finding
from counterspam.taxonomy import (
    Channel,
    ContentType,
    Disposition,
    Nature,
    Payload,
    SenderKind,
    Source,
    Technique,
)

Value = str | int | float | bool
Facts = Mapping[str, Value]
Row = Mapping[str, Any]
TEXT, NUMBER, TRUTH = "text", "number", "truth"
UNKNOWN = "unknown"  # the name that never has a value
NOBODY_ASKED = (Source.TRAP, Source.HONEYPOT)  # addresses that no person uses, so nobody can have agreed for them
READ, OPT_OUT, LABELLED = "text", "opt-out", "labelled"  # words of the column `traits`


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact: its kind (text, number, truth), the values that it can have where they are known, what it means."""

    name: str
    kind: str
    meaning: str
    values: tuple[str, ...] = ()
    given: bool = False  # never in evidence, only where somebody states it


def _known(kinds: Iterable[str]) -> tuple[str, ...]:
    return tuple(str(one) for one in kinds if one != UNKNOWN)


_LIST = (
    Fact("channel", TEXT, "by which kind of service it came", _known(Channel)),
    Fact("source", TEXT, "which kind of observer it comes from", _known(Source)),
    Fact("sender_kind", TEXT, "what the sender is: a telephone number, a short code, a mail address ...", _known(SenderKind)),
    Fact("count", NUMBER, "messages or calls that this record stands for"),
    Fact("seen_24h", NUMBER, "messages of the same campaign that reached this node in 24 hours, this one included; at least"),
    Fact("seen_30d", NUMBER, "the same in 30 days"),
    Fact("seen_365d", NUMBER, "the same in 365 days"),
    Fact("spam", TRUTH, "whether counterspam itself judges it spam"),
    Fact("probability", NUMBER, "the probability behind that verdict, 0 to 1"),
    Fact("content_type", TEXT, "what it is about", _known(ContentType)),
    Fact("nature", TEXT, "in whose interest it was sent", _known(Nature)),
    Fact("payload", TEXT, "what the recipient is meant to act on", _known(Payload)),
    Fact("technique", TEXT, "how it was sent", _known(Technique)),
    Fact("disposition", TEXT, "what the observer did with it", _known(Disposition)),
    Fact("country", TEXT, "country of origin, two capitals"),
    Fact("recipient_country", TEXT, "country in which it was received, two capitals"),
    Fact("language", TEXT, "language of the text (BCP 47)"),
    Fact("has_opt_out", TRUTH, "whether the text or its header offers a way to refuse further messages"),
    Fact("labelled", TRUTH, "whether it says at its start that it is advertising"),
    Fact("consent", TRUTH, "whether the recipient agreed beforehand; known (no) only for spam traps and honeypots"),
    Fact("existing_customer", TRUTH, "whether the recipient is a customer of the sender; known (no) only for spam traps"),
    Fact("opted_out", TRUTH, "whether the recipient had refused further messages", given=True),
    Fact("on_register", TRUTH, "whether the recipient stands in a register of people not to be contacted", given=True),
    Fact("recipient_person", TRUTH, "whether the recipient is a natural person", given=True),
    Fact("sender_identified", TRUTH, "whether the sender truthfully says who they are", given=True),
    Fact(UNKNOWN, TRUTH, "never known: for what no evidence can show", given=True),
)  # fmt: skip
FACTS: dict[str, Fact] = {fact.name: fact for fact in _LIST}


def _word(name: str) -> Callable[[Row], Value | None]:
    return lambda row: None if row.get(name) in (None, "", UNKNOWN) else str(row[name])


def _count(name: str) -> Callable[[Row], Value | None]:
    return lambda row: int(row[name]) or None if row.get(name) is not None else None


def _spam(row: Row) -> Value | None:
    return None if row.get("spam") is None else bool(row["spam"])


def _probability(row: Row) -> Value | None:
    return None if row.get("probability") is None else float(row["probability"])


def _payload(row: Row) -> Value | None:
    """Nothing to act on is known only of what was read."""
    found = _word("payload")(row)
    return None if found == Payload.NONE and _trait(READ)(row) is None else found


def _trait(name: str) -> Callable[[Row], Value | None]:
    """Whether a text has a trait; None where no text was read."""

    def read(row: Row) -> Value | None:
        traits = str(row.get("traits") or "").split()
        return name in traits if READ in traits else None

    return read


def _asked(row: Row) -> Value | None:
    return False if row.get("source") in NOBODY_ASKED else None


_WORDS = ("channel", "source", "sender_kind", "content_type", "nature", "technique", "disposition")
_PLACES = ("country", "recipient_country", "language")
# Fact -> the columns of the event store that it is read from, and how. Facts that are only ever given are not here.
READERS: dict[str, tuple[tuple[str, ...], Callable[[Row], Value | None]]] = {
    **{name: ((name,), _word(name)) for name in (*_WORDS, *_PLACES)},
    **{name: ((name,), _count(name)) for name in ("count", "seen_24h", "seen_30d", "seen_365d")},
    "spam": (("spam",), _spam),
    "probability": (("probability",), _probability),
    "payload": (("payload", "traits"), _payload),
    "has_opt_out": (("traits",), _trait(OPT_OUT)),
    "labelled": (("traits",), _trait(LABELLED)),
    "consent": (("source",), _asked),
    "existing_customer": (("source",), _asked),
}


def columns(names: Iterable[str]) -> tuple[str, ...]:
    """The columns of the event store that these facts are read from."""
    found = (column for name in names if name in READERS for column in READERS[name][0])
    return tuple(dict.fromkeys(found))


def of_row(row: Row, names: Iterable[str] = FACTS) -> dict[str, Value]:
    """What a row of the event store, or as much of one as there is, tells of these facts."""
    found = ((name, READERS[name][1](row)) for name in names if name in READERS)
    return {name: value for name, value in found if value is not None}


def of_finding(finding: Finding) -> dict[str, Value]:
    """What a finding tells that is not stored; how often its campaign was seen is not known."""
    evidence, verdict = finding.evidence, finding.verdict
    row = {
        **{name: getattr(evidence, name) for name in ("channel", "source", "sender_kind", "count", "disposition")},
        **{name: getattr(verdict, name) for name in ("spam", "probability", "content_type", "nature", "payload")},
        "technique": verdict.technique,
        "country": finding.origin.country,
        "recipient_country": evidence.recipient_country or finding.origin.destination,
        "language": finding.facts.language or evidence.language,
        "traits": finding.facts.manners,
    }
    return of_row(row)


def stated(given: Mapping[str, Any]) -> dict[str, Value]:
    """Facts that somebody states, None meaning unknown. Raises ValueError for a name or value that cannot be."""
    found: dict[str, Value] = {}
    for name, value in given.items():
        fact = FACTS.get(name)
        if fact is None or name == UNKNOWN:
            raise ValueError(f"there is no fact {name[:40]!r}; there are {', '.join(FACTS)}")
        if value is None:
            continue
        if not _fits(fact, value):
            said = f"one of {', '.join(fact.values)}" if fact.values else f"a {fact.kind}"
            raise ValueError(f"{name} is {said}, or null for what is not known")
        if value != UNKNOWN:
            found[name] = value
    if found.get("source") in NOBODY_ASKED:
        found = {"consent": False, "existing_customer": False, **found}
    return found


def _fits(fact: Fact, value: Any) -> bool:
    if fact.kind == TRUTH:
        return isinstance(value, bool)
    if fact.kind == NUMBER:
        return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 2**53
    return isinstance(value, str) and len(value) <= 100 and (not fact.values or value in (*fact.values, UNKNOWN))
