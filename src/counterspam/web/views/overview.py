"""The live page: how much arrives, what it is about, where it comes from, and what arrived last."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from counterspam.measure import questions
from counterspam.web import words
from counterspam.web.language import gettext, mark
from counterspam.web.titles import titled
from counterspam.web.views import changes, parts
from counterspam.web.views.change import compared
from counterspam.web.views.counted import told
from counterspam.web.views.page import Asker, Page, Panel
from counterspam.web.views.written import more, sentences

NEWEST = 8  # records
CHANGES = 3
UNFILTERED = mark("This list follows the channel and the period only. Take away the other filters to see it.")
# What each kind of observer sees, and so what its share means.
OBSERVERS = {
    "user-report": mark("what people took for spam and reported"),
    "trap": mark("what reached addresses that nobody uses"),
    "honeypot": mark("what systems set up as bait received"),
    "filter": mark("what a network's own filter looked at"),
    "call-record": mark("calls of one network, unwanted or not"),
    "signalling": mark("signalling between networks"),
    "peer": mark("what another node passed on"),
    "questionnaire": mark("what administrations answered"),
}


def build(ask: Asker) -> Sequence[Panel]:
    """All panels, the newest evidence among them."""
    observers = gettext("How much of it is spam depends on who is looking")
    return [
        figures(ask),
        parts.course(
            ask, "volume", gettext("Messages over time, by channel"), "channel", metric="messages", said=said(ask)
        ),
        changed(ask),
        newest(ask),
        parts.ranking(ask, "types", gettext("What the spam is about"), "content_type", path="/types", limit=9),
        campaigns(ask),
        parts.ranking(
            ask,
            "origins",
            gettext("Where it was handed in"),
            "origin",
            path="/origins",
            basis=sentences(
                gettext(parts.COUNTED),
                more(ask, "/origins", gettext("Origins on the map, and how much comes from abroad")),
            ),
        ),
        parts.matrix(ask, "routes", gettext("From where to where"), "origin", "destination", path="/routes"),
        told(ask, "share", observers, ["source"], lambda: shares(ask, observers)),
    ]


def changed(ask: Asker) -> Panel:
    """What is unusual now, with the way to all changes."""
    panel = changes.listed(ask, "open", gettext("What has changed"), CHANGES)
    return replace(panel, id="changes", basis=sentences(panel.basis, more(ask, "/changes", gettext("All changes"))))


def figures(ask: Asker) -> Panel:
    """The key figures, from one answer, so that they and the sentence agree while evidence arrives."""
    rows = ask("channel").rows
    totals = {name: sum(row[name] for row in rows) for name in ("messages", "reports", "spam_messages")}
    keep = 30.0 if ask.period.in_days else 3.0  # merging many estimates takes a while, and changes them little
    reporters = None  # of whom it is only known by which channel they reported
    if not ask.view.filters:
        reporters = ask.keep(("reporters", ask.view.figures), keep, lambda: questions.reporters(ask.query, ask.scope))
    change = words.change(*counts) if (counts := compared(ask, "messages")) else ""
    shown = {"totals": totals, "reporters": reporters, "said": said(ask), "change": change, "start": ask.period.start}
    return Panel("figures", "", template="_figures.html", shown=shown)


def said(ask: Asker) -> str:
    """How much arrived, and which channel leads."""
    rows = ask("channel").rows
    totals = {row["channel"]: row["messages"] for row in rows}
    return words.volume(totals, sum(totals.values()), sum(row["reports"] for row in rows), ask.period)


def newest(ask: Asker) -> Panel:
    """What arrived last, masked."""
    title = gettext("What arrived last")
    if ask.view.filters:
        return Panel("newest", title, gettext(UNFILTERED))
    rows = ask.keep(("newest", ask.view.figures), 0.5, lambda: questions.newest_evidence(ask.query, ask.scope, NEWEST))
    return Panel("newest", title, template="_newest.html", shown={"newest": rows})


def campaigns(ask: Asker) -> Panel:
    """The largest campaigns."""
    title, spam = gettext("Largest campaigns"), ask("channel").totals.get("spam_messages", 0)
    if ask.view.filters:
        return Panel("campaigns", title, gettext(UNFILTERED))
    rows: list[dict[str, Any]] = ask.keep(
        ("campaigns", ask.view.figures, 10), 5.0, lambda: questions.top_campaigns(ask.query, ask.scope)
    )
    shown = {"rows": titled(rows, ask.titles), "spam": spam}
    return Panel(
        "campaigns",
        title,
        words.campaigns(rows, spam),
        template="_campaigns.html",
        shown=shown,
    )


def shares(ask: Asker, title: str) -> Panel:
    """How much each kind of observer takes for spam; never merged into one share."""
    rows = ask("source").rows
    shown = {"rows": rows, "observers": {name: gettext(text) for name, text in OBSERVERS.items()}}
    return Panel(
        "share",
        title,
        words.basis(rows),
        template="_share.html",
        shown=shown,
        question=ask.question("source"),
    )


PAGE = Page(
    "/",
    "",  # says where: see the template
    mark("How much spam was reported and observed, on which channels, what it is about, where it comes from."),
    mark("The public, the press, policy officers; analysts start here too."),
    mark("What people, traps and networks sent to this node, judged automatically. Counts, not prevalence."),
    build,
    halves=("types", "campaigns"),
    quick=newest,
)
