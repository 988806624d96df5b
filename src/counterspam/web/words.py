"""The sentence above each chart: what it shows, in words, with its basis. Only what the figures themselves say."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from counterspam.measure.periods import Period
from counterspam.web.format import (
    CHANNELS,
    country,
    defang,
    label,
    listed,
    moment,
    number,
    percent,
    share,
    tongue,
    visible,
)
from counterspam.web.language import direction, gettext, mark, ngettext

Row = Mapping[str, Any]

# Periods as they begin a sentence, and as they are offered for choice.
WHEN = {
    "1h": mark("In the last hour"),
    "24h": mark("In the last 24 hours"),
    "7d": mark("In the last 7 days"),
    "30d": mark("In the last 30 days"),
    "all": mark("Since the evidence starts"),
}
CHOICES = {
    "1h": mark("1 hour"),
    "24h": mark("24 hours"),
    "7d": mark("7 days"),
    "30d": mark("30 days"),
    "all": mark("All"),
}
CAMPAIGNS = {
    "1h": mark("Campaigns in the last hour"),
    "24h": mark("Campaigns in the last 24 hours"),
    "7d": mark("Campaigns in the last 7 days"),
    "30d": mark("Campaigns in the last 30 days"),
    "all": mark("Campaigns in the whole time"),
}
# Channels as they end a sentence: messages came ...
BY = {
    "email": mark("by e-mail"),
    "sms": mark("by SMS"),
    "mms": mark("by MMS"),
    "rcs": mark("by RCS"),
    "voice": mark("by voice call"),
    "im": mark("by messaging apps"),
    "social": mark("by social media"),
    "web": mark("by the web"),
    "in-app": mark("within apps"),
    "other": mark("by other channels"),
}


# The pages of statistics as the navigation lists them: address and name.
PAGES = {
    "/volume": mark("Volume"),
    "/types": mark("Types"),
    "/origins": mark("Origins"),
    "/routes": mark("Routes"),
    "/targets": mark("Targets"),
    "/senders": mark("Senders"),
    "/authentication": mark("Authentication"),
    "/countries": mark("Countries"),
    "/compare": mark("Compare"),
    "/changes": mark("Changes"),
    "/indicators": mark("Indicators"),
    "/quality": mark("Data quality"),
    "/published": mark("Published"),
}
# The pages of the instruments of policy, in the same way.
POLICY: dict[str, str] = {
    "/policy": mark("Overview"),
    "/laws": mark("Laws"),
    "/practices": mark("Best practices"),
    "/cooperation": mark("Cooperation"),
    "/plan": mark("Action plan"),
    "/definitions": mark("Definitions"),
    "/questionnaires": mark("Questionnaire"),
    "/costs": mark("Costs"),
    "/training": mark("Training"),
    "/reports": mark("Policy reports"),
}
DIMENSIONS = {
    "channel": mark("Channel"),
    "source": mark("Source kind"),
    "content_type": mark("Content type"),
    "nature": mark("In whose interest"),
    "origin": mark("Origin"),
    "destination": mark("Destination"),
    "border": mark("Across borders"),
    "asn": mark("Network number"),
    "network": mark("Network"),
    "operator": mark("Operator of origin"),
    "transit": mark("Transit"),
    "destination_operator": mark("Operator of the recipient"),
    "sender_kind": mark("Kind of sender"),
    "sender": mark("Sender name"),
    "technique": mark("Technique"),
    "payload": mark("Payload"),
    "disposition": mark("What was done with it"),
    "language": mark("Language"),
    "spf": mark("SPF"),
    "dkim": mark("DKIM"),
    "dmarc": mark("DMARC"),
    "stir": mark("STIR attestation"),
}


def dimension(name: str) -> str:
    """A dimension of the statistics in words."""
    return gettext(DIMENSIONS[name])


def named(dimension: str, value: Any) -> str:
    """A value of a dimension in words."""
    if value in ("", "unknown", 0, []) or (dimension == "asn" and not int(value)):
        return label("")
    if dimension in ("origin", "destination"):
        return country(value)
    if dimension == "transit":
        codes = [value] if isinstance(value, str) else value
        return route(codes)
    if dimension == "asn":
        return f"AS{value}"
    if dimension in ("network", "operator", "destination_operator", "sender"):
        return visible(defang(str(value)))
    return tongue(value) if dimension == "language" else label(str(value))


def route(codes: Sequence[str]) -> str:
    """Countries after each other, in the direction of reading."""
    arrow = " ← " if direction() == "rtl" else " → "
    return arrow.join(country(code) for code in codes)


def periods() -> list[tuple[str, str]]:
    """What the period filter offers: value and text."""
    return [(name, gettext(text)) for name, text in CHOICES.items()]


def channels() -> list[tuple[str, str]]:
    """What the channel filter offers: value and text."""
    return [("", gettext("All channels")), *((name, label(name)) for name in CHANNELS)]


def live_title(jurisdiction: str) -> str:
    """What the live page is called."""
    if jurisdiction:
        return gettext("Spam reaching %(country)s, live") % {"country": country(jurisdiction)}
    return gettext("Spam reaching this node, live")


def when(period: Period) -> str:
    """The period as a sentence begins: "In the last hour"."""
    if period.name in WHEN:
        return gettext(WHEN[period.name])
    return gettext("From %(start)s to %(end)s") % _ends(period)


def campaigns_of(period: Period) -> str:
    """The heading over the campaigns of a period."""
    if period.name in CAMPAIGNS:
        return gettext(CAMPAIGNS[period.name])
    return gettext("Campaigns from %(start)s to %(end)s") % _ends(period)


def _ends(period: Period) -> dict[str, str]:
    return {"start": moment(period.start * 1000, "yMMMd"), "end": moment(period.end * 1000 - 1, "yMMMd")}


def volume(totals: Mapping[str, int], messages: int, reports: int, period: Period) -> str:
    """How much, and which channel leads."""
    began = when(period)
    if not reports:
        # Translators: the beginning is one of "In the last hour", "In the last 7 days" and so on.
        return gettext("%(when)s, nothing has arrived.") % {"when": began}
    count, from_reports = _rounded(messages), _rounded(reports)
    # Translators: the subject of "%(when)s, %(messages)s arrived %(in_reports)s."
    said = ngettext("%(n)s message or call", "%(n)s messages and calls", count) % {"n": number(count)}
    # Translators: the end of "In the last hour, 12 messages and calls arrived in 3 reports."
    in_reports = ngettext("in %(n)s report", "in %(n)s reports", from_reports) % {"n": number(from_reports)}
    leader, most = max(totals.items(), key=lambda item: item[1])
    parts = {"when": began, "messages": said, "in_reports": in_reports, "by": gettext(BY[leader])}
    if len(totals) == 1:
        return gettext("%(when)s, %(messages)s arrived %(in_reports)s, all %(by)s.") % parts
    parts["share"] = share(most, messages)
    return (
        # Translators: %(by)s is "by e-mail", "by SMS" and so on.
        gettext("%(when)s, %(messages)s arrived %(in_reports)s. %(share)s of the messages and calls came %(by)s.")
        % parts
    )


def change(now: float, before: float) -> str:
    """The complete steps of this period against as many of the one before."""
    if not before or before < 20:
        return ""
    ratio = now / before
    if ratio >= 1.95:
        return gettext("That is %(times)s times as much as in the same time before.") % {"times": number(ratio, 1)}
    if abs(ratio - 1) < 0.05:
        return gettext("That is about as much as in the same time before.")
    by = {"percent": percent(abs(ratio - 1))}
    if ratio > 1:
        return gettext("That is %(percent)s more than in the same time before.") % by
    return gettext("That is %(percent)s less than in the same time before.") % by


def types(totals: Mapping[str, int]) -> str:
    """What the spam is about."""
    known = {name: count for name, count in totals.items() if name not in ("unknown", "other")}
    whole = sum(totals.values())
    if not whole:
        return gettext("Nothing was judged spam.")
    if not known:
        return gettext("What the spam is about is not known.")
    names = [name for name, _ in Counter(known).most_common(2)]
    said = listed([_lower(label(name)) for name in names])
    shares = share(sum(known[name] for name in names), whole)
    # Translators: %(types)s is one content type or two: "Bank impersonation and parcel delivery".
    return gettext("%(types)s: %(share)s of the messages judged spam.") % {
        "types": said[:1].upper() + said[1:],
        "share": shares,
    }


def basis(rows: Sequence[Row]) -> str:
    """What the evidence consists of."""
    reports = sum(row["reports"] for row in rows)
    if not reports:
        return gettext("No evidence, so no share.")
    first = max(rows, key=lambda row: row["reports"])
    # Translators: %(source)s is a kind of source in the nominative: "user reports", "spam traps".
    return gettext("%(share)s of the reports are %(source)s, of whose messages %(spam)s were judged spam.") % {
        "share": share(first["reports"], reports),
        "source": _lower(label(first["source"])),
        "spam": share(first["spam_messages"], first["messages"]),
    }


def origins(rows: Sequence[Row]) -> str:
    """Where most comes from, and how much is unknown."""
    whole = sum(row["spam_messages"] for row in rows)
    unknown = sum(row["spam_messages"] for row in rows if not row["country"])
    known = [row for row in rows if row["country"]]
    if not whole:
        return gettext("Nothing was judged spam.")
    if not known:
        return gettext("The origin of all of it is unknown.")
    first = max(known, key=lambda row: row["spam_messages"])
    parts = {
        "share": share(first["spam_messages"], whole),
        "country": country(first["country"]),
        "unknown": share(unknown, whole),
    }
    if unknown:
        # Translators: %(country)s is the name of a country in the nominative; put it where that is right.
        return (
            gettext("%(share)s of the spam was handed in from %(country)s; of %(unknown)s the origin is unknown.")
            % parts
        )
    # Translators: %(country)s is the name of a country in the nominative; put it where that is right.
    return gettext("%(share)s of the spam was handed in from %(country)s.") % parts


def routes(rows: Sequence[Row]) -> str:
    """Across borders or within one country."""
    whole = sum(row["spam_messages"] for row in rows)
    known = [row for row in rows if row["country"] and row["recipient_country"]]
    abroad = sum(row["spam_messages"] for row in known if row["country"] != row["recipient_country"])
    inside = sum(row["spam_messages"] for row in known) - abroad
    if not whole:
        return gettext("Nothing was judged spam.")
    if not known:
        return gettext("Of no message are both origin and destination known.")
    missing = whole - abroad - inside
    parts = {"abroad": share(abroad, whole), "inside": share(inside, whole), "unknown": share(missing, whole)}
    if missing:
        said = gettext(
            "%(abroad)s of the spam crossed a border, %(inside)s stayed in its country; of %(unknown)s one end is unknown."
        )
        return said % parts
    return gettext("%(abroad)s of the spam crossed a border, %(inside)s stayed in its country.") % parts


def campaigns(rows: Sequence[Row], spam: int) -> str:
    """How much the largest campaigns make up."""
    if not rows:
        return gettext("No campaign was seen.")
    top = rows[: min(5, len(rows))]
    part = sum(row["spam_messages"] for row in top)
    said = ngettext(
        "The largest campaign makes up %(share)s of the messages judged spam.",
        "The %(n)s largest campaigns make up %(share)s of the messages judged spam.",
        len(top),
    )
    return said % {"n": number(len(top)), "share": share(part, max(spam, part))}


def synthetic(count: int, reports: int) -> str:
    """How much of what a page shows is made up; "" nothing."""
    if not count:
        return ""
    if count == reports:
        return gettext("Everything shown here was made up by a generator.")
    said = ngettext(
        "%(n)s of the %(all)s reports shown here was made up by a generator.",
        "%(n)s of the %(all)s reports shown here were made up by a generator.",
        count,
    )
    return said % {"n": number(count), "all": number(reports)}


def _rounded(count: float) -> int:
    """The number as a sentence gives it. In digits: after "1.2 million" French and Spanish would need another sentence."""
    return int(round(count, 0 if count < 10_000 else -2 if count < 1_000_000 else -5))


def _lower(text: str) -> str:
    abbreviation = text[:2].isalpha() and text[:2].isupper()
    return text if abbreviation or text[:1] == "“" else text[:1].lower() + text[1:]
