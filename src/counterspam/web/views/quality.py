"""How good the data are: what each source delivers, where its series break, how late, how much is unknown, what was revised."""

import time
from collections.abc import Sequence

from markupsafe import Markup

from counterspam.measure import quality
from counterspam.measure.quality import Break
from counterspam.measure.scope import Row
from counterspam.store import published
from counterspam.web import charts
from counterspam.web.format import CHANNELS, NOTHING, duration, label, moment, number, percent
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.views.page import Asker, Cell, Page, Panel, Table
from counterspam.web.words import dimension

KEPT = 20.0  # seconds


def build(ask: Asker) -> Sequence[Panel]:
    """Coverage, breaks, unknown shares, revisions."""
    return [coverage(ask), breaks(ask), unknown(ask), revisions(ask)]


def coverage(ask: Asker) -> Panel:
    """What each kind of source delivers by channel, and how late."""
    rows = ask.keep(
        ("coverage", ask.view.figures), KEPT, lambda: quality.coverage(ask.query, ask.scope, int(time.time()))
    )
    head = [
        (gettext("Channel and source kind"), ""),
        (gettext("Reports"), "n"),
        (gettext("Messages"), "n far"),
        (gettext("Hours with, without"), "n"),
        (gettext("Last (UTC)"), "n far"),
        (gettext("An hour late or more"), "n"),
        (gettext("A day late or more"), "n far"),
    ]
    title = gettext("What each kind of source delivers")
    return Panel(
        "coverage",
        title,
        _delivering(rows),
        table=Table(title, head, [_covered(row) for row in rows], gettext("Nothing in this period.")),
        basis=gettext(
            "Hours are those of the period since the first evidence. Late is what was observed that long before it reached this"
            " node; it is counted at the time at which it arrived, so past figures do not change."
        ),
    )


def _delivering(rows: Sequence[Row]) -> str:
    if not rows:
        return gettext("Nothing has arrived in this period.")
    reports = sum(row["reports"] for row in rows)
    late = sum(row["reports"] * row["hour_late"] for row in rows) / max(reports, 1)
    values = {"n": number(len(rows)), "late": percent(late)}
    return (
        gettext("Sources by channel: %(n)s. Of all reports, %(late)s came an hour or more after what they tell of.")
        % values
    )


def _covered(row: Row) -> list[Cell]:
    return [
        Cell(f"{label(row['channel'])} · {label(row['source'])}", "", heads=True),
        Cell(number(row["reports"])),
        Cell(number(row["messages"]), "n far"),
        Cell(f"{number(row['hours_with'])}, {number(row['hours_without'])}"),
        Cell(moment(row["last"] * 1000, "MMMdHm"), "n far"),
        Cell(percent(row["hour_late"])),
        Cell(percent(row["day_late"]), "n far"),
    ]


def breaks(ask: Asker) -> Panel:
    """Sources that came, went or paused: figures before and after are not to be compared."""
    found: Sequence[Break] = ask.keep(
        ("breaks", ask.view.figures), KEPT, lambda: quality.breaks(ask.query, ask.scope, int(time.time()))
    )
    kinds = {"started": gettext("Started"), "stopped": gettext("Stopped"), "paused": gettext("Paused")}
    head = [
        (gettext("Series"), ""),
        (gettext("Break"), ""),
        (gettext("At (UTC)"), ""),
        (gettext("Until (UTC)"), "far"),
        (gettext("Usual pause"), "n far"),
    ]
    rows = [
        [
            Cell(f"{label(one.channel)} · {label(one.source)}", "", heads=True),
            Cell(kinds[one.kind], ""),
            Cell(moment(one.at * 1000, "MMMdHm"), "nowrap"),
            Cell(moment((one.until or 0) * 1000, "MMMdHm"), "far nowrap"),
            Cell(duration(one.usual) if one.usual else "", "n far"),
        ]
        for one in found
    ]
    title = gettext("Breaks in series")
    return Panel(
        "breaks",
        title,
        gettext("Figures before and after a break are not to be compared.") if rows else "",
        table=Table(title, head, rows, gettext("No source came, went or paused in this period.")),
        basis=gettext("A source has stopped when it is silent three times as long as is usual for it."),
    )


def unknown(ask: Asker) -> Panel:
    """How much of the spam nothing is known of, by what is not known."""
    figure = ask.figure("quality_unknown")
    shares = {(row["basis"], row["channel"]): row["value"] or 0.0 for row in figure.rows}
    channels = [name for name in CHANNELS if any(channel == name for _, channel in shares)]
    head = [(gettext("Not known, share of the spam"), ""), *((label(channel), "n") for channel in channels)]
    rows = [
        [Cell(dimension(basis), "", heads=True), *(_share(shares.get((basis, channel))) for channel in channels)]
        for basis in dict.fromkeys(basis for basis, _ in shares)
    ]
    title = gettext("How much is unknown")
    return Panel(
        "unknown",
        title,
        table=Table(title, head, rows, gettext("Nothing was judged spam.")),
        kind="matrix",
        basis=gettext("Unknown is a value in every table here and is never left out of a total."),
        **ask.series("quality_unknown"),
    )


def _share(value: float | None) -> Cell:
    return Cell(NOTHING) if value is None else Cell(percent(value), f"n {charts.heat(value, 1)}")


def revisions(ask: Asker) -> Panel:
    """Published periods and how often each was revised."""

    def look() -> Sequence[published.Revision]:
        with ask.node.records.read() as conn:
            return published.history(conn)[:20]

    found: Sequence[published.Revision] = ask.keep("revisions", KEPT, look)
    head = [
        (gettext("Period"), ""),
        (gettext("Revision"), "n"),
        (gettext("Published (UTC)"), ""),
        (gettext("Figures changed"), "n"),
        (gettext("Reason"), "far"),
    ]
    rows = [
        [
            Cell(_revision(one), "", heads=True),
            Cell(number(one.revision)),
            Cell(moment(one.published_at, "yMMMdHm"), "nowrap"),
            Cell(number(one.changed + one.added + one.removed)),
            Cell(one.reason, "far text"),
        ]
        for one in found
    ]
    title = gettext("Published periods and revisions")
    return Panel(
        "revisions",
        title,
        table=Table(title, head, rows, gettext("No period has been published yet.")),
        basis=gettext(
            "A published period is frozen. What changes later is published as a new revision beside the old one."
        ),
    )


def _revision(one: published.Revision) -> Markup:
    return Markup('<a href="{}">{}</a>').format(href(f"/published/{one.period}/{one.revision}"), one.period)


PAGE = Page(
    "/quality",
    mark("How good the data are"),
    mark(
        "What each source delivers, where series break, how late evidence comes, how much is unknown, and what was revised."
    ),
    mark("Everyone who quotes a figure from here; whoever runs this node."),
    mark("Counted from the same evidence as the figures themselves."),
    build,
)
