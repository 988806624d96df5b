"""How much arrives: over time, by channel and kind of source, the share judged spam, and rates where a population is known."""

from collections import Counter
from collections.abc import Sequence

from markupsafe import Markup

from counterspam.measure.figure import Figure, Unit, valued
from counterspam.measure.scope import Row, definition
from counterspam.web import charts, words
from counterspam.web.format import CHANNELS, NOTHING, country, label, moment, number, share, step_label
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.views import lines, overview, parts, prevalence, rates
from counterspam.web.views.change import compared
from counterspam.web.views.counted import or_why
from counterspam.web.views.page import Asker, Cell, Page, Panel, Table

MOST_RATES = 40  # rows


def build(ask: Asker) -> Sequence[Panel]:
    """The amount in words, over time by channel and by source, spam among it, its share, rates, prevalence."""
    panels = [
        lead(ask),
        _channels(ask),
        _sources(ask, "volume-sources", gettext("Messages and calls over time, by kind of source"), "source"),
        parts.course(ask, "volume-spam", gettext("Messages judged spam, by channel"), "channel"),
        spam_shares(ask, "volume-shares", gettext("How much of it is spam, by kind of source"), "source", "channel"),
    ]
    if not set(dict(ask.view.filters)) - {"destination"}:
        panels.append(report_rates(ask))
    return [*panels, prevalence.panel(ask)]


def lead(ask: Asker) -> Panel:
    """How much arrived, which channel leads, and how that stands against the period before."""
    totals = ask().totals
    said = overview.said(ask)
    if ask.view.filters and not totals:
        said = gettext("Nothing in this period matches these filters, or fewer than 5 reporters stand behind it.")
    change = words.change(*pair) if (pair := compared(ask, "messages")) else ""
    figures = [
        (gettext("Messages and calls"), number(totals.get("messages", 0))),
        (gettext("Reports they came in"), number(totals.get("reports", 0))),
        (gettext("Messages judged spam"), number(totals.get("spam_messages", 0))),
        (gettext("Share judged spam"), share(totals.get("spam_messages", 0), totals.get("messages", 0))),
    ]
    basis = gettext(
        "Counted by time of receipt here, %(start)s to now, UTC, all kinds of source together. A report count is not how much"
        " spam there is: it moves with how many people report."
    ) % {"start": moment(ask.period.start * 1000, "yMMMdHm")}
    if not change:
        basis += " " + gettext("There is no evidence of all of the time before to compare with.")
    return Panel(
        "figures", "", f"{said} {change}".rstrip(), basis=basis, template="_lead.html", shown={"figures": figures}
    )


def _channels(ask: Asker) -> Panel:
    rows = ask("channel").rows
    first = max(rows, key=lambda row: row["messages"], default=None)
    said = gettext("Nothing in this period.")
    if first and first["messages"]:
        whole = sum(row["messages"] for row in rows)
        said = gettext("%(name)s: %(share)s of all messages and calls.") % {
            "name": label(first["channel"]),
            "share": share(first["messages"], whole),
        }
    title = gettext("Messages and calls over time, by channel")
    return parts.course(ask, "volume-channels", title, "channel", metric="messages", said=said)


@or_why
def _sources(ask: Asker, id: str, title: str, dimension: str) -> Panel:
    """One line per kind of source: they see different things, so nothing here is stacked to a sum."""
    found = ask(dimension, stepped=True, order="messages")
    totals: Counter[str] = Counter()
    for row in found.rows:
        totals[row[dimension]] += row["messages"]
    series = {
        source: lines.along(
            [row for row in found.rows if row[dimension] == source], "messages", ask.period, ask.span["first"]
        )
        for source, _ in totals.most_common()
    }
    columns = [step_label(at, ask.period.step) for at in ask.period.steps]
    said = gettext("Each kind of source sees something else, so their lines stand side by side and are not added up.")
    return Panel(
        id,
        title,
        said,
        **lines.drawn(id, f"{title}. {said}", series, columns, {name: label(name) for name in series}),
        basis=gettext("The last step is still running."),
        question=ask.question(dimension, over_time=True),
        kind="lines",
    )


@or_why
def spam_shares(ask: Asker, id: str, title: str, *dimensions: str) -> Panel:
    """K1 for the view: the share judged spam of each kind of source and channel, with its interval."""
    rows = [
        {
            "channel": row["channel"],
            "basis": row["source"],
            "numerator": row["spam_messages"],
            "denominator": row["messages"],
            "numerator_reports": row["spam_reports"],
            "denominator_reports": row["reports"],
        }
        for row in ask(*dimensions, limit=200, order="messages").rows
    ]
    figure = valued(Figure("K1", "spam share", Unit.SHARE, definition("k1_spam_share"), rows))
    order = list(dict.fromkeys(row["basis"] for row in rows))  # the kind of source with the most messages first
    shown = sorted(figure.rows, key=lambda row: (order.index(row["basis"]), CHANNELS.index(row["channel"])))
    head = [
        (gettext("Source kind"), ""),
        (gettext("Channel"), ""),
        (gettext("Messages"), "n far"),
        (gettext("Judged spam"), "n far"),
        (gettext("Share"), "n"),
        (gettext("95 % interval"), "n"),
        ("", "barcell far"),
    ]
    return Panel(
        id,
        title,
        gettext("Only filters and call records see ordinary traffic; people report what they take for spam."),
        table=Table(title, head, [_share_line(row) for row in shown], gettext("No evidence in this period.")),
        basis=gettext(
            "Indicator K1: messages judged spam of all messages of that kind of source and channel, never merged. The interval"
            " (Wilson) is that of chance, with the messages per report as design effect; filters and call records count all of"
            " their traffic and have none."
        ),
        question=ask.question(*dimensions),
    )


def _share_line(row: Row) -> list[Cell]:
    low, high = row["low"], row["high"]
    bounds = NOTHING if low is None else f"{share(low, 1)} – {share(high, 1)}"
    value = row["value"] or 0.0
    return [
        Cell(label(row["basis"]), "", heads=True),
        Cell(Markup('<i class="dot c-{}"></i>{}').format(row["channel"], label(row["channel"])), ""),
        Cell(number(row["denominator"]), "n far"),
        Cell(number(row["numerator"]), "n far"),
        Cell(share(row["numerator"], row["denominator"]), "n strong"),
        Cell(bounds),
        Cell(
            charts.share_interval(low if low is not None else value, value, high if high is not None else value),
            "barcell far",
        ),
    ]


def report_rates(ask: Asker) -> Panel:
    """K5: reports by people per 100,000 and month, by country of the recipient."""
    figure = ask.figure("k5_report_rate")
    wanted = dict(ask.view.filters).get("destination")
    rows = [row for row in figure.rows if wanted in (None, row["country"])]
    rows = sorted(rows, key=lambda row: -row["numerator"])[:MOST_RATES]
    rows.sort(key=lambda row: (country(row["country"]), CHANNELS.index(row["channel"])))
    if rates.days(ask) < rates.LEAST:
        rows = []
    title = gettext("Reports per 100,000, by country of the recipient")
    head = [
        (gettext("Country"), ""),
        (gettext("Channel"), ""),
        (gettext("Reports"), "n far"),
        (gettext("Per 100,000 and month"), "n"),
        (gettext("95 % interval"), "n far"),
        (gettext("Measured against"), ""),
    ]
    unknown = gettext("Where no population is known there is no rate.")
    known = [row["population"].population for row in rows if row["population"]]
    return Panel(
        "volume-rates",
        title,
        gettext("What people reported, against how many could have: by name, as this is no ranking."),
        table=Table(title, head, [_rate_line(ask, row) for row in rows], gettext("No rate can be made.")),
        basis=" ".join(filter(None, [gettext("Indicator K5."), rates.caution(ask), unknown, rates.sources(known)])),
        **ask.series("k5_report_rate"),
    )


def _rate_line(ask: Asker, row: Row) -> list[Cell]:
    found = row["population"].population if row["population"] else None
    address = href(f"/country/{row['country']}", **ask.view.elsewhere.params(destination=""))
    value = gettext("Unknown") if row["value"] is None else rates.short(row["value"])
    return [
        Cell(Markup('<a href="{}"><bdi>{}</bdi></a>').format(address, country(row["country"])), "", heads=True),
        Cell(Markup('<i class="dot c-{}"></i>{}').format(row["channel"], label(row["channel"])), ""),
        Cell(number(row["numerator"]), "n far"),
        Cell(value, "n strong"),
        Cell(NOTHING if row["low"] is None else rates.between(row["low"], row["high"]), "n far"),
        Cell(rates.against(found), "quiet"),
    ]


PAGE = Page(
    "/volume",
    mark("How much arrives"),
    mark("How many messages and calls were reported and observed, how that develops, and how much of it is spam."),
    mark("Analysts, policy officers, the press."),
    mark("Each kind of source sees something else. Counts move with how many people report; they are not prevalence."),
    build,
)
