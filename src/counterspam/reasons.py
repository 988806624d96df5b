"""Why a check answered as it did: the one English wording of every reason, and how reasons become a sentence.

A reason is a key and the values that its sentence names: ("shortener", {"host": "bit.ly"}). Checks give reasons, the store
keeps them, the API and the command line say them in English, the pages in the reader's language (`web/explain.py`, whose
catalogues hold every message that stands here). A value that is a float is a share from 0 to 1, an int a count, a tuple
a list; `kind` is a content type.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from counterspam.model import Because, Check

SAID = 0.25  # log-odds below which a reason is not mentioned in a summary
MOST_TEXT = 200  # characters of a value that a sentence names
MOST_REASONS = 4  # of one check

# By check and reason. Clauses that go on from "because", so they begin with a small letter and end without a full stop.
REASONS = {
    "source.trap": "it came to a spam trap, which asks for no mail",
    "source.honeypot": "it came to a honeypot, which has no correspondents",
    "source.user-report": "a person reported it",
    "source.call-record": "a call record accuses nobody",
    "source.signalling": "a signalling record accuses nobody",
    "source.peer": "another node passed it on",
    "source.questionnaire": "a questionnaire accuses nobody",
    "source.reported": "it was reported as spam",
    "source.reported-user": "a person reported it as spam",
    "source.reported-peer": "another node reported it as spam",
    "source.reported-filter": "a filter reported it as spam",
    "source.blocked": "the receiving system blocked it",
    "source.dropped": "the receiving system dropped it",
    "source.tagged": "the receiving system marked it",
    "source.delivered": "the receiving system delivered it",
    "source.filter": "a filter saw it and did not say what it did",
    "source.reported-ham": "it was reported as wanted",
    "sender.unknown": "no sender is known",
    "sender.plain": "nothing odd about the sender",
    "sender.free-mail": "the sender uses a free mailbox",
    "sender.short-code": "it comes from a short code",
    "sender.reply-elsewhere": "replies go to a free mailbox that is not the sender's",
    "sender.reply-other": "it names %(brand)s, and replies go to another domain than the sender's",
    "sender.look-alike": "the sender's domain only looks like %(brand)s",
    "sender.pretends": "the sender calls itself %(brand)s but uses another domain",
    "sender.pretends-free": "the sender calls itself %(brand)s but uses a free mailbox",
    "sender.pretends-link": "the sender calls itself %(brand)s but links elsewhere",
    "sender.brand": "the sender id names %(brand)s",
    "authentication.failed": "its authentication fails (%(results)s)",
    "authentication.passed": "its authentication passes (%(results)s)",
    "authentication.none": "no authentication results",
    "structure.plain": "nothing odd in how it is built",
    "structure.executable": "it carries a program as attachment",
    "structure.double-ending": "an attachment hides its kind behind a second ending",
    "structure.macro": "it carries a document with macros",
    "structure.markup": "it carries a web page as attachment",
    "structure.archive": "it carries an archive as attachment",
    "structure.no-date": "it has no date",
    "structure.no-message-id": "it has no message id",
    "structure.html-only": "it is markup without a plain version",
    "structure.repeated-fields": "its header repeats fields that must stand once",
    "structure.many-senders": "it names several senders",
    "structure.much-hidden": "it hides many words from the reader",
    "structure.hidden": "it hides words in the colour of the background",
    "structure.few-hidden": "it hides a few words, as newsletters do with their preview line",
    "links.none": "no links",
    "links.plain": "nothing odd about its links (%(n)s)",
    "links.look-alike": "it links to %(host)s, a look-alike of %(brand)s",
    "links.brand-in-host": "it links to %(host)s, which carries the name of %(brand)s and is not theirs",
    "links.on-free-host": "it links to %(host)s, where anyone can put up a page in the name of %(brand)s",
    "links.in-path": "it links to %(host)s, with the address of %(brand)s only in the path",
    "links.address": "it links to a bare address",
    "links.credentials": "a link carries a name before its real host",
    "links.credentials-brand": "a link shows the address of %(brand)s before its real host %(host)s",
    "links.mismatch": "a link shows %(host)s but leads elsewhere",
    "links.not-the-brand": "it names %(brand)s but no link leads there",
    "links.risky-ending": "it links to %(ending)s, where phishing is frequent",
    "links.shortener": "it hides its link behind %(host)s",
    "links.free-host": "it links to a page that anyone can put up",
    "links.punycode": "it links to a host in another script",
    "links.link": "a message with a link",
    "numbers.none": "no telephone numbers in it",
    "numbers.plain": "nothing odd about its telephone number",
    "numbers.call-back": "it gives a telephone number to call",
    "numbers.premium": "the sender is a premium-rate number",
    "numbers.satellite": "the sender is in a satellite range",
    "numbers.international-network": "the sender is in a range of international networks",
    "numbers.international-shared": "the sender is in a shared international range",
    "numbers.unassigned": "the sender's number cannot exist",
    "numbers.abroad": "a number of this country that came in from abroad",
    "numbers.looks-domestic": "a foreign number that is easily taken for a domestic one",
    "numbers.to-premium": "it wants a premium-rate number to be called",
    "numbers.to-satellite": "it wants a satellite number to be called",
    "numbers.to-international-network": "it wants a number of an international network to be called",
    "numbers.to-looks-domestic": "it wants a foreign number to be called that looks domestic",
    "text.none": "no text",
    "text.nothing": "no phrase of a known kind of spam",
    "text.kind": "it has words of “%(kind)s”: %(phrases)s",
    "obfuscation.none": "nothing is disguised",
    "obfuscation.letters": "letters are disguised or invisible",
    "obfuscation.digits": "digits and signs stand for letters (%(phrases)s)",
    "obfuscation.spaced": "words are pulled apart letter by letter (%(phrases)s)",
    "obfuscation.parted": "signs cut words in pieces (%(phrases)s)",
    "duplicate.single": "one message",
    "duplicate.aggregate": "a summary of many messages, which were not compared",
    "duplicate.bulk": "the same message came %(n)s times",
    "duplicate.many-recipients": "it is addressed to %(n)s people at once",
    "duplicate.campaign": "messages of the same campaign that came before it: %(n)s",
    "lists.not-listed": "on no list of this node",
    "lists.allowed": "the sender is on this node's allow-list",
    "lists.blocked": "the sender or a link is on this node's block-list",
    "calling.none": "no calling pattern",
    "calling.reported": "the person called says that a recording spoke",
    "calling.few": "too few calls for a pattern",
    "calling.ordinary": "calls as people make them",
    "calling.wangiri": "%(calls)s calls to %(callees)s numbers, %(short)s of them short rings",
    "calling.called-back": "%(n)s call backs",
    "calling.robocall": "%(calls)s calls to %(callees)s numbers, %(seconds)s s each on average",
    "calling.fan-out": "%(calls)s calls to %(callees)s numbers, hardly any twice",
    "calling.wide": "%(calls)s calls to %(callees)s numbers",
    "learned.no text": "nothing to read",
    "learned.unknown": "the model knows too little of its wording",
    "learned.spam": "its wording is like that of known spam",
    "learned.ham": "its wording is like that of ordinary messages",
}
# From which probability a summary opens with which words.
OPENINGS = (
    (0.95, "Very likely spam (%(share)s)"),
    (0.8, "Probably spam (%(share)s)"),
    (0.5, "Rather spam (%(share)s)"),
    (0.2, "Rather not spam (%(share)s)"),
    (0.05, "Probably not spam (%(share)s)"),
    (0.0, "Very likely not spam (%(share)s)"),
)
LISTED = {"allowed": "Not spam", "blocked": "Spam"}


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a summary says: its opening (see OPENINGS, LISTED), the checks that speak for spam and those against it, the
    strongest first."""

    opening: str
    speaks_for: tuple[Check, ...] = ()
    against: tuple[Check, ...] = ()


def answer(name: str, answer: str, weight: float = 0.0, *because: Because | str) -> Check:
    """The answer of the check `name` with its reasons; without any, the reason has the name of the answer."""
    told = tuple(one if isinstance(one, tuple) else (one, {}) for one in because or (answer,))
    return Check(name, answer, weight, english(name, told), told)


def english(name: str, reasons: Iterable[Because]) -> str:
    """The reasons of a check in one English line. Raises KeyError for one that has no wording."""
    return ", ".join(
        REASONS[f"{name}.{key}"] % {k: _plain(k, v) for k, v in values.items()} if values else REASONS[f"{name}.{key}"]
        for key, values in reasons
    )


def _plain(name: str, value: Any) -> str:
    if name == "kind":
        return str(value).replace("-", " ")
    if isinstance(value, float):
        return f"{value:.0%}"
    if isinstance(value, tuple | list):
        return ", ".join(f"“{one}”" if name == "phrases" else str(one) for one in value)
    return str(value)


def stored(check: Check, longest: int) -> list[Any]:
    """A check as it is stored: name, answer, weight, and its reasons, or its line where it has none."""
    short = [name if not values else [name, values] for name, values in check.reasons[:MOST_REASONS]]
    return [check.name, check.answer[:longest], round(check.weight, 4), short or check.detail[:longest]]


def read(row: Sequence[Any]) -> Check:
    """A check from the store. Older records hold the English line only; an unknown reason of a newer one is left out."""
    name, said, weight, why = row
    if isinstance(why, str):
        return Check(name, said, weight, why)
    told = [(one, {}) if isinstance(one, str) else (str(one[0]), dict(one[1])) for one in why]
    known = tuple((key, values) for key, values in told if f"{name}.{key}" in REASONS)
    return Check(name, said, weight, english(name, known), known)


def weighed(probability: float, checks: Sequence[Check]) -> Weighed:
    """What a summary has to say of these checks; an entry of the node's own lists decides alone."""
    for check in checks:
        if check.name == "lists" and check.answer in LISTED:
            return Weighed(LISTED[check.answer], *(((check,), ()) if check.answer == "blocked" else ((), (check,))))
    opening = next(words for least, words in OPENINGS if probability >= least)
    telling = [check for check in checks if abs(check.weight) >= SAID and check.detail]
    telling.sort(key=lambda check: -abs(check.weight))
    most_for, most_against = (3, 2) if probability >= 0.5 else (2, 3)
    return Weighed(
        opening,
        tuple([check for check in telling if check.weight > 0][:most_for]),
        tuple([check for check in telling if check.weight < 0][:most_against]),
    )


def summary(probability: float, checks: Sequence[Check]) -> str:
    """One English sentence: how sure, the strongest reasons for it, and what speaks against."""
    found = weighed(probability, checks)
    first, second = [", ".join(check.detail for check in side) for side in (found.speaks_for, found.against)]
    if found.opening in LISTED.values():
        return f"{found.opening}: {first or second}."
    if probability < 0.5:
        first, second = second, first
    opening = found.opening % {"share": _percent(probability)}
    if not first and not second:
        return f"{opening}: nothing in it speaks for spam."
    text = f"{opening}: {first}" if first else opening
    return f"{text}; against: {second}." if second else f"{text}."


def _percent(probability: float) -> str:
    """Never 0 or 100 %: nothing is that sure."""
    if probability > 0.99:
        return "over 99 %"
    return f"{100 * probability:.0f} %" if probability >= 0.01 else "under 1 %"
