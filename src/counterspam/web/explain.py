"""A verdict in the reader's language: what each check answered and why, the summary, the stretches of text that weighed.

The wording of the reasons stands in `counterspam.reasons`, once; its translations are in the catalogues. Records that were
stored before reasons were kept hold an English line: it is translated where it is one of those sentences, else shown as it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from counterspam.detect.duplicate import bulk
from counterspam.model import Because, Check
from counterspam.reasons import LISTED, REASONS, SAID, answer, read, weighed
from counterspam.web.format import defang, label, listed, number, percent, share, visible
from counterspam.web.labels import LABELS
from counterspam.web.language import current, gettext, mark

MOST_STRETCHES = 5
NAMES = {
    "source": mark("Source"),
    "sender": mark("Sender"),
    "authentication": mark("Authentication"),
    "structure": mark("Structure"),
    "links": mark("Links"),
    "numbers": mark("Numbers"),
    "text": mark("Kind of words"),
    "obfuscation": mark("Disguise"),
    "duplicate": mark("Bulk"),
    "lists": mark("Own lists"),
    "calling": mark("Calling pattern"),
    "learned": mark("Learned wording"),
}
# Answers in a few words, by the answer, or by check and answer where one means another thing. The rest is in LABELS.
ANSWERS = {
    "trap": mark("Spam trap"),
    "honeypot": mark("Honeypot"),
    "user-report": mark("User report"),
    "peer": mark("Other node"),
    "filter": mark("Filter"),
    "call-record": mark("Call record"),
    "signalling": mark("Signalling record"),
    "questionnaire": mark("Questionnaire"),
    "reported": mark("Reported as spam"),
    "reported-ham": mark("Reported as wanted"),
    "look-alike": mark("Look-alike"),
    "pretends": mark("Claims to be a brand"),
    "reply-elsewhere": mark("Replies led elsewhere"),
    "free-mail": mark("Free mailbox"),
    "brand": mark("Names a brand"),
    "plain": mark("Nothing odd"),
    "failed": mark("Failed"),
    "passed": mark("Passed"),
    "executable": mark("Program attached"),
    "double-ending": mark("Hidden kind of file"),
    "macro": mark("Macros attached"),
    "markup": mark("Web page attached"),
    "archive": mark("Archive attached"),
    "no-date": mark("No date"),
    "no-message-id": mark("No message id"),
    "html-only": mark("Markup only"),
    "repeated-fields": mark("Repeated header fields"),
    "many-senders": mark("Several senders"),
    "much-hidden": mark("Much hidden text"),
    "hidden": mark("Text in the colour of the background"),
    "few-hidden": mark("A few hidden words"),
    "address": mark("Bare address"),
    "credentials": mark("Name before the host"),
    "in-path": mark("Brand only in the path"),
    "mismatch": mark("Shown and real target differ"),
    "not-the-brand": mark("Not a link of the brand"),
    "risky-ending": mark("Ending with much phishing"),
    "shortener": mark("Shortened link"),
    "free-host": mark("Free host"),
    "punycode": mark("Host in another script"),
    "link": mark("Link"),
    "premium": mark("Premium-rate number"),
    "satellite": mark("Satellite range"),
    "international-network": mark("International network"),
    "international-shared": mark("Shared international range"),
    "unassigned": mark("Not an assigned number"),
    "numbers.abroad": mark("From abroad"),
    "looks-domestic": mark("Looks domestic"),
    "call-back": mark("Number to call back"),
    "nothing": mark("Nothing found"),
    "letters": mark("Disguised letters"),
    "digits": mark("Digits for letters"),
    "spaced": mark("Letters pulled apart"),
    "parted": mark("Words cut by signs"),
    "bulk": mark("Sent in bulk"),
    "many-recipients": mark("Many recipients"),
    "aggregate": mark("Summary of many"),
    "single": mark("Single message"),
    "campaign": mark("Known campaign"),
    "lists.allowed": mark("On the allow-list"),
    "lists.blocked": mark("On the block-list"),
    "not-listed": mark("On no list"),
    "fan-out": mark("Hardly any number twice"),
    "wide": mark("Many different numbers"),
    "few": mark("Too few calls"),
    "ordinary": mark("Ordinary calls"),
    "learned.spam": mark("Like known spam"),
    "learned.ham": mark("Like ordinary messages"),
    "no text": mark("No text"),
}


def explained(row: Mapping[str, Any], detail: Mapping[str, Any]) -> dict[str, Any]:
    """What a page says of a stored verdict: `opening`, `speaks_for`, `against` (empty where nothing was stored), `checks`."""
    checks = [read(one) for one in detail["checks"]]
    if checks and (weight := float(bulk(row["seen_before"] or 0))) >= SAID:
        checks.append(answer("duplicate", "campaign", weight, ("campaign", {"n": int(row["seen_before"])})))
    found = weighed(row["probability"], checks)
    opening = gettext(found.opening)
    if found.opening not in LISTED.values():
        opening %= {"share": share(row["probability"], 1)}
    return {
        "opening": opening if checks else "",
        "speaks_for": [why(check) for check in found.speaks_for],
        "against": [why(check) for check in found.against],
        "checks": [
            {"name": name(check.name), "answer": said(check), "weight": check.weight, "why": why(check)}
            for check in checks
        ],
    }


def style(ai: Mapping[str, float] | None) -> str:
    """What is said of a text's style: is it like that of machine-written texts, and how often is that wrong."""
    if not ai:
        return gettext(
            "Whether the style is like that of machine-written text: abstains. It speaks only of English texts of 25 words and "
            "more, and only where it is sure."
        )
    values = {"share": share(ai["score"], 1), "wrong": percent(ai["wrong"], 1)}
    if ai["score"] >= 0.5:
        return (
            gettext(
                "The style is like that of machine-written text: probability %(share)s, if half of all texts were. Of texts "
                "that people wrote, at most %(wrong)s are said to be so (95 %% bound on the test set where it errs most). "
                "It weighs nothing in the verdict."
            )
            % values
        )
    return (
        gettext(
            "The style is not like that of machine-written text: probability %(share)s, if half of all texts were. It does not "
            "know every style of machines. It weighs nothing in the verdict."
        )
        % values
    )


def name(check: str) -> str:
    """What a check looks at, in a word or two."""
    known = NAMES.get(check)
    return gettext(known) if known else check


def said(check: Check) -> str:
    """The answer of a check in a few words."""
    word, _, figure = check.answer.partition(" ") if check.name == "learned" else (check.answer, "", "")
    if figure == "text":
        word, figure = check.answer, ""
    known = ANSWERS.get(f"{check.name}.{word}") or ANSWERS.get(word)
    if not known and word not in LABELS:
        return visible(check.answer)
    text = gettext(known) if known else label(word)
    try:
        return gettext("%(what)s (%(share)s)") % {"what": text, "share": percent(float(figure))} if figure else text
    except ValueError:
        return text


def why(check: Check) -> Markup:
    """The reasons of a check in the language spoken. What can only be said in English is marked as such."""
    told = [_sentence(check.name, one) for one in check.reasons]
    if told:
        text = told[0]
        for other in told[1:]:
            text = Markup(escape(gettext("%(one)s; %(other)s"))) % {"one": text, "other": other}  # noqa: S704
        return text
    translated = gettext(check.detail) if check.detail else ""
    general = REASONS.get(f"{check.name}.{check.answer.partition(' ')[0]}", "%(")
    if current() != "en" and translated == check.detail and "%(" not in general:
        translated = gettext(general)
    if current() == "en" or translated != check.detail:
        return escape(defang(visible(translated)))
    return Markup('<bdi lang="en">{}</bdi>').format(defang(visible(check.detail))) if check.detail else Markup("")


def _sentence(check: str, because: Because) -> Markup:
    key, values = because
    sentence = Markup(escape(gettext(REASONS[f"{check}.{key}"])))  # noqa: S704
    return (
        sentence % {k: Markup("<bdi>{}</bdi>").format(_value(k, v)) for k, v in values.items()} if values else sentence
    )


def _value(key: str, value: Any) -> str:
    if key == "kind":
        return label(str(value))
    if isinstance(value, float):
        return percent(value)
    if isinstance(value, int):
        return number(value)
    if isinstance(value, list | tuple):
        return listed(
            [gettext("“%(text)s”") % {"text": visible(str(one))} if key == "phrases" else str(one) for one in value]
        )
    return defang(visible(str(value)))


def strongest(texts: Mapping[str, tuple[str, str]], spans: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """The stretches (field, start, end, weight) that weighed most: where, which words, how much. `texts` gives for each
    field its name on the page and its text."""
    found = []
    for field, start, end, weight in sorted(spans, key=lambda span: -abs(span[3])):
        place, text = texts.get(field, ("", ""))
        if stretch := text[start:end].strip():
            found.append({"place": place, "text": stretch[:200], "weight": weight})
    return found[:MOST_STRETCHES]
