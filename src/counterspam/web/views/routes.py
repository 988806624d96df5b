"""Over which routes the spam comes: from where to where, over which countries, which are new; and one route in detail."""

import time
from collections.abc import Sequence
from functools import partial

from counterspam.measure.periods import DAY, period
from counterspam.measure.scope import Row
from counterspam.measure.statistics import Answer
from counterspam.web.format import label, moment, number, share
from counterspam.web.language import gettext, mark, ngettext
from counterspam.web.views import parts
from counterspam.web.views.counted import told
from counterspam.web.views.origins import crossings, placed, said
from counterspam.web.views.page import Asker, Cell, Page, Panel, Table
from counterspam.web.views.written import defined, more, sentences
from counterspam.web.words import route

ENDS = ("origin", "destination")
LONGEST = 3650 * DAY  # that a route is traced back
TRANSIT = mark(
    "Countries passed are known where trusted hops of a mail, or the relays that a record names, tell them; most evidence"
    " names none. Share of all messages judged spam in this selection."
)
SEEN = mark(
    "First and last are days on which at least 5 reporters stand behind the route; the period does not bound them."
)


def build(ask: Asker) -> Sequence[Panel]:
    """All routes; or one in detail, where origin and destination are chosen."""
    chosen = dict(ask.view.filters)
    if all(chosen.get(end) for end in ENDS):
        return detail(ask)
    panels = [
        parts.matrix(
            ask,
            "matrix",
            gettext("From where to where"),
            *ENDS,
            said=said(crossings(ask("border")), ask.view.channel) if ask.counts("border") else "",
            path="/routes",
            size=(12, 8),
        )
    ]
    for end, other, title in (
        ("origin", "destination", gettext("Where it goes from there")),
        ("destination", "origin", gettext("Where it comes from")),
    ):
        if chosen.get(end):
            panels.append(parts.ranking(ask, "ends", title, other, heading=partial(placed, ask, "/routes", other)))
    panels.append(passed(ask, gettext("Routes whose countries passed are known")))
    title = gettext("New routes")
    panels += [] if ask.view.filters else [told(ask, "new", title, ENDS, lambda: new(ask, title))]
    return panels


def passed(ask: Asker, title: str) -> Panel:
    """Routes with the countries that they pass."""
    return parts.ranking(
        ask,
        "transit",
        title,
        "origin",
        "transit",
        "destination",
        said=lambda found: _known(ask, found),
        heading=lambda row: _leading(ask, row),
        limit=15,
        heads=gettext("Route"),
        others=gettext("All others, and spam whose way is not known"),
        basis=gettext(TRANSIT),
    )


def _leading(ask: Asker, row: Row) -> str:
    """A route, leading to its detail."""
    text = route([row["origin"], *row["transit"], row["destination"]])
    return parts.link(ask, "/routes", text, origin=row["origin"], destination=row["destination"])


def _known(ask: Asker, found: Answer) -> str:
    """Of how much spam the countries passed are known."""
    whole = found.totals.get("spam_messages", 0)
    every = ask("origin", "transit", "destination", limit=1000)
    known = sum(row.get("spam_messages", 0) for row in (*every.rows, every.small))
    if not known:
        return gettext("Of no message judged spam are the countries passed known.")
    return gettext("Of %(share)s of the spam the countries passed are known.") % {
        "share": share(min(known, whole), whole)
    }


def new(ask: Asker, title: str) -> Panel:
    """How much spam came on routes unseen before, by channel (indicator K14)."""
    figure = ask.figure("k14_route_novelty")
    fresh = sum(row["numerator"] for row in figure.rows)
    lines = [
        [
            Cell(parts.link(ask, "/routes", label(row["channel"]), channel=row["channel"]), "", heads=True),
            Cell(number(row["new_routes"])),
            Cell(number(row["routes"]), "n far"),
            Cell(number(row["numerator"])),
            Cell(share(row["numerator"], row["denominator"]), "n strong"),
        ]
        for row in figure.rows
    ]
    head = [
        (gettext("Channel"), ""),
        (gettext("New routes"), "n"),
        (gettext("All routes"), "n far"),
        (gettext("Spam messages on new ones"), "n"),
        (gettext("Share"), "n"),
    ]
    short = gettext("The evidence reaches back less than 30 days before the period, so that more seems new than is.")
    return Panel(
        "new",
        title,
        gettext("Of the spam with a known origin, %(share)s came on routes unseen in the 30 days before the period.")
        % {"share": share(fresh, sum(row["denominator"] for row in figure.rows))}
        if figure.rows
        else gettext("There is no evidence of before the period that it could be compared with."),
        table=Table(title, head, lines) if lines else None,
        basis=sentences(
            gettext(
                "A route is a channel, a country of origin and one of the recipient."
                " A new kind of reporter brings new routes, too."
            ),
            short if figure.rows and figure.missing else "",
            defined("k14_route_novelty", gettext("How new routes are counted")),
            more(ask, "/changes", gettext("Which routes are new")),
        ),
        **ask.series("k14_route_novelty"),
    )


def detail(ask: Asker) -> list[Panel]:
    """One route: how much, since when, over which countries, what, by which channels, operators and networks."""
    codes = ["" if value == "unknown" else value for value in (dict(ask.view.filters)[end] for end in ENDS)]
    title = route(codes)
    from_there, to_there = ask.without("destination"), ask.without("origin")
    origin, destination = ({"country": route([code])} for code in codes)
    return [
        told(ask, "route", title, ENDS, lambda: summary(ask, title)),
        parts.course(ask, "course", gettext("The route over time, by channel"), "channel"),
        parts.ranking(ask, "types", gettext("What the spam on it is about"), "content_type", path="/routes"),
        parts.ranking(ask, "channels", gettext("Channels"), "channel", path="/routes"),
        passed(ask, gettext("Countries passed on the way")),
        # Translators: %(country)s is the name of a country in the nominative, here and below.
        parts.ranking(
            from_there,
            "operators",
            gettext("%(country)s: operators of origin, wherever it goes") % origin,
            "operator",
            path="/origins",
            heads=gettext("Operator of origin"),
        ),
        parts.ranking(
            from_there,
            "networks",
            gettext("%(country)s: networks of origin, wherever it goes") % origin,
            "asn",
            "network",
            path="/origins",
            heads=gettext("Network"),
        ),
        parts.ranking(
            to_there,
            "recipients",
            gettext("%(country)s: operators of the recipients, wherever it comes from") % destination,
            "destination_operator",
            path="/targets",
            heads=gettext("Operator of the recipient"),
        ),
    ]


def summary(ask: Asker, title: str) -> Panel:
    """How much took this route, which share of all that is, and when it was seen first and last."""
    totals = ask("origin", "destination").totals
    messages, reports = totals.get("spam_messages", 0), totals.get("spam_reports", 0)
    whole = ask.without(*ENDS)().totals.get("spam_messages", 0)
    if not messages:
        text = gettext("There is no spam on this route, or fewer than 5 reporters stand behind it.")
        return Panel("route", title, text, basis=_all_routes(ask))
    now = int(time.time())
    ever = period("all", now, max(ask.span["first"], now - LONGEST))
    days = [
        row["at"]
        for row in ask("origin", "destination", interval="day", period=ever, limit=1).rows
        if row["spam_messages"]
    ]
    text = ngettext(
        "%(n)s message judged spam took this route, %(share)s of all in this selection.",
        "%(n)s messages judged spam took this route, %(share)s of all in this selection.",
        messages,
    ) % {"n": number(messages), "share": share(messages, whole)}
    counted = ngettext("It came in %(n)s report.", "They came in %(n)s reports.", reports) % {"n": number(reports)}
    seen = ""
    if days:
        first, last = (moment(at * 1000, "yMMMd") for at in (min(days), max(days)))
        seen = gettext("First seen on %(first)s, last on %(last)s.") % {"first": first, "last": last}
    return Panel(
        "route",
        title,
        " ".join(filter(None, (text, counted, seen))),
        basis=sentences(gettext(SEEN) if seen else "", _all_routes(ask)),
        question=ask.question(*ENDS),
    )


def _all_routes(ask: Asker) -> str:
    return more(ask.without(*ENDS), "/routes", gettext("All routes"))


PAGE = Page(
    "/routes",
    mark("Which routes the spam takes"),
    mark("From which country to which spam runs, over which others, and which routes are new."),
    mark("Analysts, operators’ abuse desks, regulators who look for a partner abroad."),
    mark(
        "Origin and destination are known of much of the evidence, the countries between of little. A forged sender moves the"
        " origin."
    ),
    build,
    halves=("operators", "networks"),
)
