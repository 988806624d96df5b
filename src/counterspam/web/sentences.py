"""A change in one sentence, in the current language. It names no sender and no text but the masked title of a campaign."""

from counterspam.store.changes import Change
from counterspam.web import words
from counterspam.web.format import country, defang, duration, label, moment, number, rough, share, visible
from counterspam.web.language import gettext as _
from counterspam.web.language import ngettext

TITLE = 80  # characters of a campaign's title
NONE = 0.5  # messages: less than that expected is none


def said(change: Change) -> str:
    """What has changed, by how much and since when."""
    if change.kind == "surge":
        return _surge(change)
    if change.kind == "share-shift":
        return _shift(change)
    if change.kind == "new-campaign":
        return _campaign(change)
    if change.kind == "new-route":
        return _route(change)
    return _silence(change)


def about(change: Change) -> str:
    """The channel, and the part of it that has changed."""
    channel = label(change.channel)
    if change.source:
        return _("%(channel)s, %(source)s") % {"channel": channel, "source": label(change.source)}
    if change.content_type:
        return _("%(channel)s, %(type)s") % {"channel": channel, "type": label(change.content_type)}
    if change.country:
        return _("%(channel)s, origin %(country)s") % {"channel": channel, "country": country(change.country)}
    if change.recipient_country:
        return _("%(channel)s, destination %(country)s") % {
            "channel": channel,
            "country": country(change.recipient_country),
        }
    return channel


def _surge(change: Change) -> str:
    values = {
        "subject": about(change),
        "observed": rough(change.observed),
        "span": duration(change.span / 1000),
        "expected": rough(change.expected),
        "ratio": number(change.ratio, 1),
    }
    if change.expected < NONE:
        return _("%(subject)s: spam rose to %(observed)s in %(span)s, where next to none is usual.") % values
    return _("%(subject)s: spam rose to %(observed)s in %(span)s, %(ratio)s times the expected %(expected)s.") % values


def _shift(change: Change) -> str:
    values = {
        "subject": about(change),
        "observed": share(change.observed, 1),
        "expected": share(change.expected, 1),
        "span": duration(change.span / 1000),
    }
    if change.observed >= change.expected:
        return (
            _("%(subject)s: its share of the channel's spam rose to %(observed)s in %(span)s; %(expected)s is usual.")
            % values
        )
    return (
        _("%(subject)s: its share of the channel's spam fell to %(observed)s in %(span)s; %(expected)s is usual.")
        % values
    )


def _campaign(change: Change) -> str:
    title = visible(defang(change.title))
    values = {
        "subject": label(change.channel),
        "title": title if len(title) <= TITLE else title[: TITLE - 1].rstrip() + "…",
        "observed": rough(change.observed),
        "began": moment(change.began_at, "MMMdHm"),
    }
    if not title:
        return (
            ngettext(
                "%(subject)s: a new campaign has brought %(observed)s message since %(began)s UTC.",
                "%(subject)s: a new campaign has brought %(observed)s messages since %(began)s UTC.",
                change.observed,
            )
            % values
        )
    return (
        ngettext(
            "%(subject)s: a new campaign, “%(title)s”, has brought %(observed)s message since %(began)s UTC.",
            "%(subject)s: a new campaign, “%(title)s”, has brought %(observed)s messages since %(began)s UTC.",
            change.observed,
        )
        % values
    )


def route(change: Change) -> str:
    """Origin, countries passed and destination, in order."""
    stops = [change.country, *filter(None, change.transit.split("-")), change.recipient_country]
    return words.route(["" if code == "??" else code for code in stops])


def _route(change: Change) -> str:
    values = {
        "subject": label(change.channel),
        "route": route(change),
        "observed": rough(change.observed),
        "began": moment(change.began_at, "MMMdHm"),
    }
    return (
        ngettext(
            "%(subject)s: a route unseen for 30 days, %(route)s, has carried %(observed)s spam message since %(began)s UTC.",
            "%(subject)s: a route unseen for 30 days, %(route)s, has carried %(observed)s spam messages since %(began)s UTC.",
            change.observed,
        )
        % values
    )


def _silence(change: Change) -> str:
    values = {
        "subject": about(change),
        "expected": rough(change.expected),
        "began": moment(change.began_at, "MMMdHm"),
    }
    return (
        ngettext(
            "%(subject)s: nothing has arrived since %(began)s UTC, where %(expected)s message was expected.",
            "%(subject)s: nothing has arrived since %(began)s UTC, where %(expected)s messages were expected.",
            change.expected,
        )
        % values
    )
