"""The sentence above each chart: what it shows, in words, with its basis. Only what the figures themselves say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from counterspam.measure.periods import Period
from counterspam.web.format import country, label, number, rough, share

Row = Mapping[str, Any]


def plural(count: float, one: str, many: str = "") -> str:
    """1 message, 2 messages, 12,300 messages."""
    return f"{rough(count)} {one if count == 1 else many or one + 's'}"


def volume(totals: Mapping[str, int], messages: int, reports: int, period: Period) -> str:
    """How much, and which channel leads."""
    when = "Since the evidence starts" if period.name == "all" else f"In the {period.label}"
    if not reports:
        return f"{when}, nothing has arrived."
    text = f"{when}, {plural(messages, 'message or call', 'messages and calls')} arrived in {plural(reports, 'report')}"
    leader, most = max(totals.items(), key=lambda item: item[1])
    if len(totals) == 1:
        return f"{text}, all by {_in_sentence(leader)}."
    return f"{text}. {share(most, messages)} of the messages and calls came by {_in_sentence(leader)}."


def change(now: float, before: float) -> str:
    """The complete steps of this period against as many of the one before."""
    if not before or before < 20:
        return ""
    ratio = now / before
    if ratio >= 1.95:
        return f"That is {ratio:.1f} times as much as in the same time before."
    if abs(ratio - 1) < 0.05:
        return "That is about as much as in the same time before."
    return f"That is {abs(ratio - 1):.0%} {'more' if ratio > 1 else 'less'} than in the same time before.".replace(
        "%", " %"
    )


def types(totals: Mapping[str, int]) -> str:
    """What the spam is about."""
    known = {name: count for name, count in totals.items() if name not in ("unknown", "other")}
    whole = sum(totals.values())
    if not whole:
        return "Nothing was judged spam."
    if not known:
        return "What the spam is about is not known."
    names = [name for name, _ in Counter(known).most_common(2)]
    shares = share(sum(known[name] for name in names), whole)
    subject = " and ".join(_lower(label(name)) for name in names)
    return f"{subject[:1].upper()}{subject[1:]}: {shares} of the messages judged spam."


def basis(rows: Sequence[Row]) -> str:
    """What the evidence consists of."""
    reports = sum(row["reports"] for row in rows)
    if not reports:
        return "No evidence, so no share."
    first = max(rows, key=lambda row: row["reports"])
    text = f"{share(first['reports'], reports)} of the reports are {_lower(label(first['source']))}"
    return f"{text}, of whose messages {share(first['spam_messages'], first['messages'])} were judged spam."


def origins(rows: Sequence[Row]) -> str:
    """Where most comes from, and how much is unknown."""
    whole = sum(row["spam_messages"] for row in rows)
    unknown = sum(row["spam_messages"] for row in rows if not row["country"])
    known = [row for row in rows if row["country"]]
    if not whole:
        return "Nothing was judged spam."
    if not known:
        return "The origin of all of it is unknown."
    first = max(known, key=lambda row: row["spam_messages"])
    text = f"{share(first['spam_messages'], whole)} of the spam was handed in from {country(first['country'])}"
    return f"{text}; of {share(unknown, whole)} the origin is unknown." if unknown else f"{text}."


def routes(rows: Sequence[Row]) -> str:
    """Across borders or within one country."""
    whole = sum(row["spam_messages"] for row in rows)
    known = [row for row in rows if row["country"] and row["recipient_country"]]
    abroad = sum(row["spam_messages"] for row in known if row["country"] != row["recipient_country"])
    inside = sum(row["spam_messages"] for row in known) - abroad
    if not whole:
        return "Nothing was judged spam."
    if not known:
        return "Of no message are both origin and destination known."
    missing = whole - abroad - inside
    tail = f"; of {share(missing, whole)} one end is unknown" if missing else ""
    return f"{share(abroad, whole)} of the spam crossed a border, {share(inside, whole)} stayed in its country{tail}."


def campaigns(rows: Sequence[Row], spam: int) -> str:
    """How much the largest campaigns make up."""
    if not rows:
        return "No campaign was seen."
    top = rows[: min(5, len(rows))]
    part = sum(row["spam_messages"] for row in top)
    who = "The largest campaign makes" if len(top) == 1 else f"The {len(top)} largest campaigns make"
    return f"{who} up {share(part, max(spam, part))} of the messages judged spam."


def synthetic(count: int, reports: int) -> str:
    """How much of a view is made up."""
    if count == reports:
        return "everything on this page was made up by a generator"
    return f"{number(count)} of the {number(reports)} reports on this page were made up by a generator"


def _lower(text: str) -> str:
    abbreviation = text[:2].isalpha() and text[:2].isupper()
    return text if abbreviation or text[:1] == "“" else text[:1].lower() + text[1:]


def _in_sentence(channel: str) -> str:
    return _lower(label(channel)) if channel != "other" else "other channels"
