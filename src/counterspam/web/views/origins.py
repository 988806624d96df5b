"""Where the spam comes from: from abroad or not, from which countries, networks and operators, and how concentrated."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from counterspam.measure.scope import Row
from counterspam.measure.statistics import Answer
from counterspam.web.charts import bar
from counterspam.web.format import CHANNELS, NOTHING, country, label, number, region, share
from counterspam.web.language import gettext, mark
from counterspam.web.views import parts
from counterspam.web.views.counted import told
from counterspam.web.views.page import Asker, Cell, Page, Panel, Table
from counterspam.web.views.written import defined, sentences, two_lines

TOP = 10  # countries, of the indicator K13
ENDS = mark(
    "Abroad means that the origin is another country than the recipient’s. The origin is where the sender’s number or the"
    " first trusted network is; a forged sender hides it. Where an end is unknown, either may be so."
)
CONCENTRATED = mark(
    "The Herfindahl index is the sum of the squared shares of all countries: 1 is a single country, 0.1 what ten equal ones"
    " make. Countries with fewer than 5 reporters are left out. It says where the spam that we see seems to come from, which"
    " follows who reports."
)


def build(ask: Asker) -> Sequence[Panel]:
    """Border, countries on a map, in a table and over time, networks, operators; for one country where its spam goes."""
    title = gettext("From abroad, or from within the country")
    first = told(ask, "border", title, ["border", "channel"], lambda: borders(ask, title))
    one = dict(ask.view.filters).get("origin")
    return [first, *(_of_one(ask, one) if one else _of_all(ask)), *_networks(ask)]


def _of_all(ask: Asker) -> list[Panel]:
    title = gettext("How concentrated the origins are")
    return [
        parts.world(ask, "map", gettext("Where it was handed in"), "origin", path="/origins"),
        parts.ranking(
            ask,
            "countries",
            gettext("Countries of origin"),
            "origin",
            heading=lambda row: placed(ask, "/origins", "origin", row),
            limit=25,
        ),
        parts.course(ask, "countries-course", gettext("Countries of origin over time"), "origin"),
        parts.course(ask, "border-course", gettext("Across borders over time"), "border"),
        told(ask, "concentration", title, ["origin"], lambda: concentration(ask, title)),
    ]


def _of_one(ask: Asker, code: str) -> list[Panel]:
    name = {"country": country("" if code == "unknown" else code)}
    # Translators: %(country)s is the name of a country in the nominative, here and below.
    course = gettext("%(country)s: spam over time, by channel") % name
    return [
        parts.course(ask, "countries-course", course, "channel", metric="spam_messages"),
        parts.ranking(
            ask, "types", gettext("%(country)s: what its spam is about") % name, "content_type", path="/origins"
        ),
        parts.ranking(
            ask, "destinations", gettext("%(country)s: where its spam goes") % name, "destination", path="/routes"
        ),
    ]


def _networks(ask: Asker) -> list[Panel]:
    return [
        parts.ranking(
            ask,
            "networks",
            gettext("Networks through which it entered"),
            "asn",
            "network",
            path="/origins",
            heads=gettext("Network"),
            limit=15,
        ),
        parts.ranking(
            ask,
            "operators",
            gettext("Operators whose numbers it showed"),
            "operator",
            path="/origins",
            heads=gettext("Operator of origin"),
            limit=15,
        ),
    ]


def placed(ask: Asker, path: str, dimension: str, row: Row) -> str:
    """A country with its region below, leading to what is known of it."""
    code = row[dimension]
    return two_lines(parts.link(ask, path, country(code), **{dimension: code}), region(code))


def borders(ask: Asker, title: str) -> Panel:
    """How much came from abroad, of all channels and of each."""
    whole = crossings(ask("border"))
    totals = {row["channel"]: row["spam_messages"] for row in ask("channel").rows}
    by_channel: dict[str, list[Row]] = defaultdict(list)
    for row in ask("border", "channel").rows:
        by_channel[row["channel"]].append(row)
    lines = [
        _crossed(ask, name, _counted(by_channel[name], totals.get(name, 0))) for name in CHANNELS if by_channel[name]
    ]
    if not ask.view.channel:
        lines = [_crossed(ask, "", whole), *lines]
    head = [
        (gettext("Channel"), ""),
        (gettext("From abroad, where both ends are known"), "n"),
        (label("abroad"), "n"),
        (label("domestic"), "n"),
        (gettext("An end unknown"), "n"),
        ("", "barcell far"),
    ]
    return Panel(
        "border",
        title,
        said(whole, ask.view.channel),
        table=Table(title, head, lines, gettext("Nothing was judged spam.")),
        basis=sentences(
            gettext("Messages judged spam."),
            gettext(ENDS),
            gettext("Counts behind which fewer than 5 reporters stand are not shown; the share then lies between two."),
            defined("k6_by_border", gettext("How the share from abroad is counted")),
        ),
        question=ask.question("border", "channel"),
    )


def crossings(found: Answer) -> Counter[str]:
    """Messages judged spam by border; "" is one with an unknown end, "hidden" what too few reported to be shown."""
    return _counted(found.rows, found.totals.get("spam_messages", 0))


def _counted(rows: Sequence[Row], total: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[row["border"]] += row["spam_messages"]
    counts["hidden"] = max(0, total - sum(counts.values()))
    return counts


def from_abroad(counts: Mapping[str, int]) -> str:
    """The share from abroad of what has two known ends: from the least to the most that it can be, where some is not shown."""
    known = counts["abroad"] + counts["domestic"]
    if not known:
        return NOTHING
    least, most = (share(counts["abroad"] + hidden, known + counts["hidden"]) for hidden in (0, counts["hidden"]))
    return least if least == most else f"{least} – {most}"


def said(counts: Mapping[str, int], channel: str = "") -> str:
    """Which share came from abroad, and of how much that is not known."""
    whole, known = sum(counts.values()), counts["abroad"] + counts["domestic"]
    given = {
        "channel": label(channel),
        "abroad": from_abroad(counts),
        "unknown": share(counts[""], whole),
    }
    if not whole:
        return gettext("Nothing was judged spam.")
    if not known:
        return gettext("Of no message that can be shown are both ends known.")
    if channel:
        # Translators: %(channel)s is "SMS", "E-mail" and so on.
        return (
            gettext(
                "%(channel)s: of the spam whose two ends are known, %(abroad)s came from abroad;"
                " of %(unknown)s of all spam an end is unknown."
            )
            % given
        )
    return (
        gettext(
            "Of the spam whose two ends are known, %(abroad)s came from abroad;"
            " of %(unknown)s of all spam an end is unknown."
        )
        % given
    )


def _crossed(ask: Asker, channel: str, counts: Mapping[str, int]) -> list[Cell]:
    known = counts["abroad"] + counts["domestic"]
    name = parts.link(ask, "/origins", label(channel), channel=channel) if channel else gettext("All channels")
    return [
        Cell(name, "" if channel else "strong", heads=True),
        Cell(from_abroad(counts), "n strong"),
        *(Cell(_narrowing(ask, channel, border, counts)) for border in ("abroad", "domestic", "")),
        Cell(bar(counts["abroad"], known), "barcell far"),
    ]


def _narrowing(ask: Asker, channel: str, border: str, counts: Mapping[str, int]) -> str:
    if not counts[border]:
        return NOTHING if counts["hidden"] else number(0)
    narrower = {"channel": channel} if channel else {}
    return parts.link(ask, "/origins", number(counts[border]), border=border, **narrower)


def concentration(ask: Asker, title: str) -> Panel:
    """How much the ten greatest countries make up, and the Herfindahl index, from the countries that are shown."""
    found = ask("origin", limit=250)
    counts = sorted((row["spam_messages"] for row in found.rows if row["origin"]), reverse=True)
    known, whole = sum(counts), found.totals.get("spam_messages", 0)
    if not known:
        return Panel("concentration", title, gettext("Nothing that could be shown is known of it."))
    index = number(sum((count / known) ** 2 for count in counts), 2)
    top = share(sum(counts[:TOP]), known)
    unknown = share(sum(row["spam_messages"] for row in found.rows if not row["origin"]), whole)
    lines = [
        (gettext("Share of the ten greatest countries"), top),
        (gettext("Herfindahl index, from 0 to 1"), index),
        (gettext("Countries that are shown"), number(sum(count > 0 for count in counts))),
        (gettext("Origin unknown, left apart"), unknown),
    ]
    return Panel(
        "concentration",
        title,
        gettext(
            "The ten countries with most make up %(share)s of the spam whose origin is known; the origin of %(unknown)s of all"
            " spam is unknown."
        )
        % {"share": top, "unknown": unknown},
        table=Table(
            title,
            [(gettext("Measure"), ""), (gettext("Value"), "n")],
            [[Cell(name, "", heads=True), Cell(value)] for name, value in lines],
        ),
        basis=sentences(
            gettext(CONCENTRATED),
            defined("k13_origin_concentration", gettext("How concentration is counted")),
        ),
        question=ask.question("origin"),
    )


PAGE = Page(
    "/origins",
    mark("Where the spam comes from"),
    mark("From which countries, networks and operators spam arrives, and how much of it from abroad."),
    mark("Analysts, operators’ abuse desks, policy officers, the press."),
    mark(
        "The place where a message was handed in, not where its sender sits. Numbers and headers can be forged; what is not"
        " known is shown as unknown."
    ),
    build,
    halves=("networks", "operators"),
)
