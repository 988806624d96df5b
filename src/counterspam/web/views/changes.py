"""What has changed: surges, new campaigns and routes, shifted shares, silent sources, each in a sentence."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from counterspam.store import changes
from counterspam.store.changes import Change
from counterspam.web.format import moment
from counterspam.web.language import current, direction, gettext, mark
from counterspam.web.links import href
from counterspam.web.sentences import said
from counterspam.web.views.page import Asker, Cell, Page, Panel, Table

MOST = 50


def build(ask: Asker) -> Sequence[Panel]:
    """Those that go on, then those that are over."""
    return [
        listed(ask, "open", gettext("Going on now")),
        listed(ask, "over", gettext("Over")),
        Panel("follow", gettext("Follow"), template="_follow.html", shown={"feeds": feeds(ask.view.params())}),
    ]


def listed(ask: Asker, state: str, title: str, most: int = MOST) -> Panel:
    """Changes in a state that were found within the period, the newest first; those that go on whenever they were found."""
    since = 0 if state == "open" else ask.period.start * 1000

    def look() -> Sequence[Change]:
        with ask.node.records.read() as conn:
            return changes.list(
                conn,
                state=state,
                channel=ask.view.channel,
                synthetic=ask.view.synthetic,
                since=since,
                before=2**63 - 1 if state == "open" else ask.period.end * 1000,
                limit=MOST,
            )

    found = ask.keep(("changes", state, ask.view.figures), 5.0, look)[:most]
    head = [
        (gettext("What has changed"), ""),
        (gettext("Kind"), "far"),
        (gettext("Found (UTC)"), ""),
        (gettext("Began about"), "far"),
    ]
    none = gettext("Nothing unusual is going on.") if state == "open" else gettext("None in this period.")
    return Panel(
        f"changes-{state}",
        title,
        none if not found else "",
        table=Table(title, head, [_row(change) for change in found], none) if found else None,
        basis=gettext(
            "Found automatically by comparing what arrives with the same hours of the weeks before."
            " A count of reports also moves with attention, so a change is a reason to look, not a finding."
        ),
    )


def _row(change: Change) -> list[Cell]:
    text: str | Markup = Markup('<bdi dir="{}">{}</bdi>').format(direction(), said(change))
    if where := address(change):
        text = Markup('<a href="{}">{}</a>').format(where, text)
    return [
        Cell(text, "text", heads=True),
        Cell(kind(change.kind), "far"),
        Cell(moment(change.found_at, "MMMdHm"), "nowrap"),
        Cell(moment(change.began_at, "MMMdHm"), "far nowrap"),
    ]


def kind(name: str) -> str:
    """A kind of change in words."""
    return {
        "surge": gettext("Surge"),
        "new-campaign": gettext("New campaign"),
        "new-route": gettext("New route"),
        "share-shift": gettext("Shift of a share"),
        "silence": gettext("Silent source"),
    }[name]


def address(change: Change) -> str:
    """The page that shows what a change is about, narrowed to it."""
    if change.campaign:
        return href(f"/campaigns/{change.campaign:016x}")
    path, blank = "/volume", ""
    if change.kind == "new-route":
        path, blank = "/routes", "unknown"
    elif change.content_type:
        path = "/types"
    elif change.country or change.recipient_country:
        path = "/origins" if change.country else "/targets"
    narrowed = {
        "channel": change.channel,
        "source": change.source,
        "content_type": change.content_type,
        "origin": change.country or blank,
        "destination": change.recipient_country or blank,
    }
    return href(path, **narrowed)


def feeds(view_params: dict[str, Any]) -> list[tuple[str, str, str]]:
    """(address, media type, name) of the feeds."""
    params = {name: value for name, value in view_params.items() if name in ("channel", "synthetic")}
    return [
        (href("/changes.atom", lang=current(), **params), "application/atom+xml", "Atom"),
        (href("/changes.json", lang=current(), **params), "application/feed+json", "JSON Feed"),
    ]


PAGE = Page(
    "/changes",
    mark("What has changed"),
    mark("Which surges, new campaigns, new routes and shifts were found, when, and whether they go on."),
    mark("Analysts on duty, operators’ abuse desks, the press."),
    mark(
        "Found within minutes by a statistical rule with a bounded rate of false alarms;"
        " the method and its figures are documented."
    ),
    build,
)
