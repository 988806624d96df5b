"""The profile of a country: what was sent from it, what was meant for it, and what else the node holds on it."""

from collections.abc import Sequence

import orjson
from markupsafe import Markup

from counterspam.policy.repository.fields import Content
from counterspam.store import scenarios
from counterspam.web import words
from counterspam.web.costs import saved
from counterspam.web.format import CHANNELS, NOTHING, countries, country, label, number, region, step_label, visible
from counterspam.web.language import gettext, mark
from counterspam.web.links import href
from counterspam.web.questionnaire import profile
from counterspam.web.repository import book
from counterspam.web.repository.labels import act, named, of_union
from counterspam.web.views import lines, parts, rates
from counterspam.web.views.change import compared
from counterspam.web.views.counted import or_why
from counterspam.web.views.page import Asker, Cell, Page, Panel, Table

BASIS = mark("Messages judged spam, automatically, of what reached this node.")


def build(ask: Asker) -> Sequence[Panel]:
    """Both directions in words and over time, then each in detail, rates, and the places for what is to come."""
    code = ask.view.subject
    sent, received = ask.narrowed(origin=code), ask.narrowed(destination=code)
    return [
        _lead(ask, sent, received),
        _course(sent, "country-course", gettext("Over time"), "origin", "destination", received=received),
        *_sends(sent),
        *_receives(received),
        laws(ask, code),
        profile.panel(ask),
        _costs(ask),
    ]


def _lead(ask: Asker, sent: Asker, received: Asker) -> Panel:
    """How much was sent and received, and how that stands against the period before."""
    code = ask.view.subject
    counts = {name: asker().totals.get("spam_messages", 0) for name, asker in (("sent", sent), ("received", received))}
    inside = ask.narrowed(origin=code, destination=code)().totals.get("spam_messages", 0)
    given = {
        "when": words.when(ask.period),
        "country": country(code),
        "sent": number(counts["sent"]),
        "received": number(counts["received"]),
    }
    if not any(counts.values()):
        said = gettext(
            "%(when)s, nothing judged spam was sent from or meant for this country, or fewer than 5 reporters stand behind it."
        )
    else:
        # Translators: the beginning is one of "In the last hour", "In the last 7 days" and so on.
        said = gettext("%(when)s, messages judged spam: %(sent)s sent from %(country)s, %(received)s meant for it.")
    people = rates.population(ask, code, "")
    figures = [
        (gettext("Sent from there"), number(counts["sent"])),
        (gettext("Meant for it"), number(counts["received"])),
        (gettext("Both: within the country"), number(inside)),
        (gettext("Region"), region(code) or NOTHING),
    ]
    changes = [
        text % {"change": change}
        for asker, text in (
            (sent, gettext("Sent from there: %(change)s")),
            (received, gettext("Meant for it: %(change)s")),
        )
        if (pair := compared(asker, "spam_messages")) and (change := words.change(*pair))
    ]
    basis = [gettext(BASIS), *changes, rates.against(people) + ".", rates.sources([people])]
    if not changes:
        basis.insert(1, gettext("There is too little evidence of the time before to compare with."))
    shown = {"figures": figures}
    return Panel("figures", "", said % given, basis=" ".join(filter(None, basis)), template="_lead.html", shown=shown)


def laws(ask: Asker, code: str) -> Panel:
    """The laws of the country with what they ask for; those of its union stand after them and are marked."""
    known = book.load(ask.node)
    own, above = known.places.get(code, []), known.above(book.today()).get(code, ())
    found = [*((law, "", "") for law in own), *((one.law, of_union(one.union), act(one.act)) for one in above)]
    if not found:
        return Panel("country-laws", gettext("Laws"), gettext("This node holds no law of this country yet."))
    rows = [
        [
            Cell(_law(law, whose, binds), "text", heads=True),
            Cell(named(law["status"], "status"), ""),
            Cell(named(law["consent_model"], "consent_model") if law["consent_model"] else label(""), ""),
            Cell(named(law["confidence"]), "far"),
        ]
        for law, whose, binds in found
    ]
    heads = [(gettext("Title"), ""), (gettext("Status"), ""), (gettext("Consent"), ""), (gettext("Confidence"), "far")]
    said = gettext("Facts restated from public pages, not legal advice; each entry names its sources.")
    union = gettext("As a member of the European Union the country also applies the rules of the Union.")
    basis = union if above else ""
    return Panel("country-laws", gettext("Laws"), said, table=Table(gettext("Laws"), heads, rows), basis=basis)


def _law(law: Content, union: str, binds: str) -> Markup:
    """A law by its title; one of a union is marked as such, with how it binds."""
    title = Markup('<a href="{}" dir="auto">{}</a>').format(href(f"/laws/{law['id']}"), law["title"])
    mark_ = Markup(' <span class="tag">{}</span> <span class="quiet">{}</span>').format(union, binds) if union else ""
    return title + mark_


@or_why
def _course(sent: Asker, id: str, title: str, *dimensions: str, received: Asker) -> Panel:
    period = sent.period
    series = {
        name: lines.along(asker(stepped=True).rows, "spam_messages", period, sent.span["first"])
        for name, asker in zip(dimensions, (sent, received), strict=True)
    }
    labels = {dimensions[0]: gettext("Sent from there"), dimensions[1]: gettext("Meant for it")}
    columns = [step_label(at, period.step) for at in period.steps]
    said = gettext("Messages judged spam, sent from there and meant for it; what stayed within the country is in both.")
    hidden = gettext("Steps of time in which fewer than 5 reporters stand behind a value do not show it.")
    return Panel(
        id,
        title,
        said,
        **lines.drawn(id, f"{title}. {said}", series, columns, labels),
        basis=f"{hidden} {gettext('The last step is still running.')}",
        question=sent.question(over_time=True),
        kind="lines",
    )


def _sends(ask: Asker) -> list[Panel]:
    """What was sent from there."""
    return [
        parts.ranking(ask, "sent-channels", gettext("Sent from there: channels"), "channel", path="/volume"),
        parts.ranking(ask, "sent-types", gettext("Sent from there: what it is about"), "content_type", path="/types"),
        parts.ranking(ask, "sent-to", gettext("Sent from there: to whom"), "destination", path="/routes"),
        parts.ranking(ask, "sent-networks", gettext("Sent from there: networks"), "asn", "network", path="/origins"),
        parts.ranking(ask, "sent-operators", gettext("Sent from there: operators"), "operator", path="/origins"),
    ]


def _receives(ask: Asker) -> list[Panel]:
    """What was meant for it."""
    return [
        parts.ranking(ask, "got-from", gettext("Meant for it: from where"), "origin", path="/routes"),
        parts.ranking(ask, "got-channels", gettext("Meant for it: channels"), "channel", path="/volume"),
        parts.ranking(ask, "got-types", gettext("Meant for it: what it is about"), "content_type", path="/types"),
        _rates(ask, "country-rates", gettext("Rates"), "channel", "destination"),
        parts.ranking(ask, "got-border", gettext("Meant for it: from within or abroad"), "border", path="/routes"),
        parts.ranking(
            ask,
            "got-operators",
            gettext("Meant for it: operators of the recipients"),
            "destination_operator",
            path="/targets",
        ),
    ]


@or_why
def _rates(ask: Asker, id: str, title: str, channel: str, destination: str) -> Panel:
    """Spam meant for the country per 100,000 and month, by channel, each against what fits the channel."""
    code = ask.view.subject
    found = ask(channel).rows
    rows = sorted(found, key=lambda row: CHANNELS.index(row[channel]))
    against = {row[channel]: rates.population(ask, code, row[channel]) for row in rows}
    table = []
    for row in rows:
        rate = rates.monthly(ask, row["spam_messages"], row["spam_reports"], against[row[channel]])
        table.append(
            [
                Cell(label(row[channel]), "", heads=True),
                Cell(number(row["spam_messages"])),
                Cell(rates.text(rate, against[row[channel]]), "n strong"),
                Cell(rates.between(rate.interval.low, rate.interval.high) if rate else NOTHING, "n far"),
                Cell(rates.against(against[row[channel]]), "quiet"),
            ]
        )
    head = [
        (gettext("Channel"), ""),
        (gettext("Spam messages"), "n"),
        (gettext("Per 100,000 and month"), "n"),
        (gettext("95 % interval"), "n far"),
        (gettext("Measured against"), ""),
    ]
    return Panel(
        id,
        title,
        gettext(
            "Spam meant for the country against how many could have received it; channels have different populations."
        ),
        table=Table(title, head, table, gettext("Nothing was judged spam.")),
        basis=f"{rates.caution(ask)} {rates.sources(against.values())}".rstrip(),
        question=ask.question(channel),
    )


def _costs(ask: Asker) -> Panel:
    """What spam costs the country, by the scenario that was published last."""
    title = gettext("Costs")
    with ask.node.records.read() as conn:
        one = scenarios.of_country(conn, ask.view.subject)
    if one is None:
        return Panel("country-costs", title, gettext("This node holds no figure of what spam costs this country yet."))
    address = href(f"/costs/scenarios/{one.id}")
    said = Markup('{} <a href="{}"><bdi>{}</bdi></a>').format(
        saved.total(orjson.loads(one.result)), address, visible(one.title)
    )
    basis = gettext("A published scenario of the cost model: the median, and what nine in ten draws lie between.")
    return Panel("country-costs", title, said, basis=basis)


PAGE = Page(
    "/country",
    mark("Spam from and to %(name)s"),
    mark("What is sent from this country and what its people receive, over which networks, how it develops."),
    mark("Analysts and policy officers of this country and of others."),
    mark(
        "What reached this node, judged automatically. The origin is where it was handed in; counts are no prevalence."
    ),
    build,
    halves=(
        "sent-channels",
        "sent-types",
        "sent-networks",
        "sent-operators",
        "got-channels",
        "got-types",
        "got-border",
        "got-operators",
    ),
    subjects=countries,
    under="/countries",
)
