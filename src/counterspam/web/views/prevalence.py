"""How much spam there is in one country, channel and month: four bases side by side, or what is missing for them."""

import re
import time
from dataclasses import replace

from markupsafe import Markup

from counterspam.measure import indicators, periods, populations, prevalence
from counterspam.measure.populations import Kind
from counterspam.measure.prevalence import Basis, Network, Row
from counterspam.web import reference
from counterspam.web.format import NOTHING, country, label, moment, rough
from counterspam.web.language import gettext, mark
from counterspam.web.views.page import Asker, Cell, Panel, Table

_MONTH = re.compile(r"\d{4}-\d\d")
WATCHED = {"voice": "call-record"}  # the kind of source that counts for the network, else filters
BASES = {
    Basis.COMPLAINTS: (mark("Complaints"), mark("A floor: most people report nothing.")),
    Basis.SURVEY: (mark("Survey"), mark("What people remember, times the people it speaks for.")),
    Basis.NETWORK: (mark("Network"), mark("What filters or call records found, over what they cover.")),
    Basis.DEVICES: (mark("Devices"), mark("What a panel of devices noted, times the subscriptions.")),
}
COVERAGE = mark("share of subscribers that the measuring networks serve")
# What `measure.prevalence` may name as missing, marked for the catalogues.
MISSING = (
    mark("number of reports"),
    mark("share of received spam that is reported"),
    mark("survey of spam per person"),
    mark("population that the survey speaks for"),
    mark("sample size or published bounds of the survey"),
    mark("filter or call-record evidence"),
    mark("share of spam that the networks find"),
    mark("bounds of the two shares"),
    mark("panel of devices"),
    mark("subscriptions it speaks for"),
    COVERAGE,
)


def panel(ask: Asker) -> Panel:
    """The four bases for the country and channel of the view, else what must be chosen."""
    title = gettext("How much there is, on four bases")
    filters = dict(ask.view.filters)
    place = filters.pop("destination", ask.node.config.jurisdiction)
    place = place if place != "unknown" else ""
    if filters or not ask.view.channel or not place:
        said = gettext(
            "Prevalence is worked out for all spam of one channel in one country: choose both, and no other filter."
        )
        return Panel("prevalence", title, said)
    month = _month(ask)
    rows = _rows(ask, place, month)
    said = gettext("%(channel)s, %(country)s, %(month)s: %(n)s of 4 bases say how much there is.") % {
        "channel": label(ask.view.channel),
        "country": country(place),
        "month": moment(month.start * 1000, "yMMM"),
        "n": sum(row.known for row in rows),
    }
    head = [
        (gettext("Basis"), ""),
        (gettext("Messages or calls"), "n"),
        (gettext("At least"), "n"),
        (gettext("At most"), "n"),
    ]
    head += [(gettext("Missing"), "")]
    sources = "; ".join(row.source for row in rows if row.source and row.source != "own reports")
    basis = gettext("Each basis is wrong in its own way, so they are never merged, and no mean is made of them.")
    return Panel(
        "prevalence",
        title,
        said,
        table=Table(title, head, [_line(row) for row in rows]),
        basis=f"{basis} {gettext('Sources: %(sources)s.') % {'sources': sources}}" if sources else basis,
    )


def _month(ask: Asker) -> periods.Period:
    """The month of the view, else the one in which its period ends."""
    name = ask.view.period
    if not _MONTH.fullmatch(name):
        name = time.strftime("%Y-%m", time.gmtime(min(ask.period.end - 1, time.time())))
    return periods.period(name, int(time.time()), ask.span["first"])


def _rows(ask: Asker, place: str, month: periods.Period) -> tuple[Row, ...]:
    channel, name = ask.view.channel, time.strftime("%Y-%m", time.gmtime(month.start))
    table, people = reference.published(ask.node.config), reference.populations(ask.node.config)
    reporting, survey, coverage, found = (
        indicators.find(table, one, place, channel, name)
        for one in ("reporting-rate", "received-per-person", "coverage", "blocked-share")
    )
    by_source = {row["source"]: row for row in ask.narrowed(destination=place)("source", period=month).rows}
    reports = by_source.get("user-report", {}).get("reports")
    watched = by_source.get(WATCHED.get(channel, "filter"), {}).get("spam_messages")
    seen = gettext("own filters and call records")
    network = Network(watched, coverage, found, seen) if watched and coverage else None
    rows: tuple[Row, ...] = prevalence.bases(
        reports,
        reporting,
        survey,
        network,
        None,
        populations.of(people, place, Kind.PEOPLE),
        populations.of(people, place, Kind.MOBILE),
    )
    if watched and not coverage:
        rows = tuple(replace(row, missing=(COVERAGE,)) if row.basis == Basis.NETWORK else row for row in rows)
    return rows


def _line(row: Row) -> list[Cell]:
    name, meaning = (gettext(text) for text in BASES[row.basis])
    figures = [NOTHING if figure is None else rough(figure) for figure in (row.estimate, row.low, row.high)]
    if not row.known:
        figures[0] = gettext("Unknown")
    lacking = "; ".join(gettext(text) for text in row.missing)
    return [_named(name, meaning), *(Cell(figure) for figure in figures), Cell(lacking, "quiet")]


def _named(name: str, meaning: str) -> Cell:
    return Cell(Markup('{} <br><span class="quiet">{}</span>').format(name, meaning), "", heads=True)
