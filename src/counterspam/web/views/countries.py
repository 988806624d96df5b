"""Every country that spam was sent from or meant for, by name: no ranking."""

import unicodedata
from collections.abc import Mapping, Sequence

from markupsafe import Markup

from counterspam.measure.scope import Row
from counterspam.measure.statistics import Answer
from counterspam.web.format import NOTHING, country, number, region, share
from counterspam.web.language import gettext, mark, ngettext
from counterspam.web.links import href
from counterspam.web.views import parts, rates
from counterspam.web.views.counted import or_why
from counterspam.web.views.page import Asker, Cell, Page, Panel, Table

MOST = 300  # countries


def build(ask: Asker) -> Sequence[Panel]:
    """The countries in a table, and a map of the spam meant for each."""
    table = or_why(_table)(ask, "countries", gettext("Countries by name"), "origin", "destination")
    title = gettext("Spam meant for each country")
    said = gettext("Counts of what reached this node. They follow where people and sensors report to it.")
    drawn = parts.world(ask, "countries-map", title, "destination", said=said, leads=lambda code: address(ask, code))
    return [table, drawn]


def address(ask: Asker, code: str) -> str:
    """The profile of a country, in the view."""
    return href(f"/country/{code}", **ask.view.elsewhere.params(origin="", destination=""))


def linked(ask: Asker, code: str) -> Markup:
    """The name of a country, leading to its profile."""
    return Markup('<a href="{}"><bdi>{}</bdi></a>').format(address(ask, code), country(code))


def _table(ask: Asker, id: str, title: str, *dimensions: str) -> Panel:
    found = {name: ask(name, limit=MOST) for name in dimensions}
    counts = {name: {row[name]: row for row in answer.rows} for name, answer in found.items()}
    codes = sorted(
        {code for rows in counts.values() for code in rows if code}, key=lambda code: collated(country(code))
    )
    wholes = {name: answer.totals.get("spam_messages", 0) for name, answer in found.items()}
    rows = [_line(ask, code, {name: counts[name].get(code, {}) for name in dimensions}, wholes) for code in codes]
    rows.append(_other(gettext("Unknown"), {name: counts[name].get("", {}) for name in dimensions}, wholes))
    if any(answer.small for answer in found.values()):
        rows.append(_other(gettext("Fewer than 5 reporters"), {name: found[name].small for name in dimensions}, wholes))
    head = [
        (gettext("Country"), ""),
        (gettext("Region"), "far"),
        (gettext("Sent from there"), "n"),
        (gettext("Share"), "n far"),
        (gettext("Meant for it"), "n"),
        (gettext("Share"), "n far"),
        (gettext("Per 100,000 and month"), "n"),
        (gettext("Measured against"), "far"),
    ]
    basis = gettext(
        "Messages judged spam, of all kinds of source together. The share is that of all messages judged spam here; the"
        " rate is of those meant for the country."
        " A country has few because little was sent, or because nobody reports from there: these figures do not tell which."
    )
    known = [rates.population(ask, code, ask.view.channel) for code in codes if counts["destination"].get(code)]
    return Panel(
        id,
        title,
        _said(found, codes),
        table=Table(title, head, rows),
        basis=" ".join(filter(None, [basis, rates.caution(ask), rates.sources(known), ask.whole(*dimensions)])),
        question=ask.question(*dimensions),
    )


def _said(found: Mapping[str, Answer], codes: Sequence[str]) -> str:
    if not codes:
        return gettext("No country is known of what was judged spam.")
    origin, destination = (sum(bool(row[name]) for row in found[name].rows) for name in ("origin", "destination"))
    said = ngettext(
        "%(n)s country was seen: spam was sent from %(origin)s and meant for %(destination)s.",
        "%(n)s countries were seen: spam was sent from %(origin)s of them and meant for %(destination)s.",
        len(codes),
    )
    order = gettext("They stand by name: report counts do not say which country is worse.")
    return f"{said % {'n': number(len(codes)), 'origin': number(origin), 'destination': number(destination)}} {order}"


def _line(ask: Asker, code: str, rows: Mapping[str, Row], wholes: Mapping[str, int]) -> list[Cell]:
    towards = rows["destination"]
    population = rates.population(ask, code, ask.view.channel)
    rate = rates.monthly(ask, towards["spam_messages"], towards["spam_reports"], population) if towards else None
    text = rates.text(rate, population) if towards else NOTHING
    bounds = rates.between(rate.interval.low, rate.interval.high) if rate else ""
    return [
        Cell(linked(ask, code), "", heads=True),
        Cell(region(code), "quiet far"),
        *_counts(rows, wholes),
        Cell(Markup('{} <br><span class="quiet">{}</span>').format(text, bounds) if bounds else text),
        Cell(rates.against(population) if towards else "", "quiet far"),
    ]


def _other(text: str, rows: Mapping[str, Row], wholes: Mapping[str, int]) -> list[Cell]:
    return [
        Cell(text, "quiet", heads=True),
        Cell("", "far"),
        *_counts(rows, wholes),
        Cell(NOTHING),
        Cell("", "far"),
    ]


def _counts(rows: Mapping[str, Row], wholes: Mapping[str, int]) -> list[Cell]:
    cells = []
    for name, row in rows.items():
        messages = row.get("spam_messages", 0)
        cells += [Cell(number(messages) if messages else NOTHING)]
        cells += [Cell(share(messages, wholes[name]) if messages else "", "n far")]
    return cells


def collated(name: str) -> str:
    """What sorts names without regard to accents and case."""
    plain = unicodedata.normalize("NFKD", name)
    return "".join(char for char in plain if not unicodedata.combining(char)).casefold()


PAGE = Page(
    "/countries",
    mark("Countries"),
    mark("Which countries spam was sent from and meant for, and what is known of each."),
    mark("Analysts, policy officers, the press."),
    mark(
        "The origin is where the message was handed in, as far as the evidence tells; senders can hide it. No ranking."
    ),
    build,
)
