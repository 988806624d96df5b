"""What the sender's identity was worth: SPF, DKIM and DMARC of mail, attestation of calls, and how much spam passed."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import partial

from counterspam.intervals import Interval, wilson
from counterspam.measure.scope import Row
from counterspam.measure.statistics import Answer
from counterspam.web import charts
from counterspam.web.format import NOTHING, number, percent, share, step_label
from counterspam.web.language import gettext, mark
from counterspam.web.views import parts
from counterspam.web.views.counted import told
from counterspam.web.views.page import Asker, Cell, Page, Panel, Table
from counterspam.web.views.written import sentences
from counterspam.web.words import dimension as called
from counterspam.web.words import named

MAIL, CALLS = "email", "voice"
# What a result says, and what it does not (RFC 7208, 6376, 7489; RFC 8588).
MEANING = {
    "spf": mark(
        "Passed means that the domain in the envelope lets this address send. It does not mean that the message is wanted, nor"
        " that the sender that people see is that domain. Mail that is forwarded fails."
    ),
    "dkim": mark(
        "Passed means that a domain signed the message and nothing signed was changed. Any domain may sign, that of a spammer,"
        " too."
    ),
    "dmarc": mark(
        "Passed means that the domain that people see stands behind the message. It does not mean that the message is wanted:"
        " whoever registers a domain can make its mail pass. Failed is a forged sender, or a mailing list on the way."
    ),
    "stir": mark(
        "A means that the operator vouches for the caller and for the right to the number, B for the caller only, C for"
        " nothing but where the call entered. Failed means that the signature was not right. None of them says what a call is"
        " about."
    ),
}
SAMPLE = mark(
    "Shares are of messages whose result is known. The interval is that of chance at 95 %, where a report of many messages"
    " counts as one; it does not hold who reports."
)
ROUNDING = 8  # messages that the rounding of a row can be off by
COUNTS = ("messages", "spam_messages", "spam_reports")
GOOD = {"spf": ("pass",), "dkim": ("pass",), "dmarc": ("pass",), "stir": ("A",)}


def build(ask: Asker) -> Sequence[Panel]:
    """The results for mail, those for calls, and DMARC over time."""
    panels = []
    if ask.view.channel in ("", MAIL):
        names = ("dmarc", "spf", "dkim")
        panels += [told(ask, name, _title(name), [name], partial(results, ask, name, MAIL)) for name in names]
        title = gettext("How much passed DMARC, over time")
        panels.insert(1, told(ask, "dmarc-course", title, ["dmarc"], lambda: course(ask, title)))
    if ask.view.channel in ("", CALLS):
        panels.append(told(ask, "stir", _title("stir"), ["stir"], partial(results, ask, "stir", CALLS)))
    if not panels:
        said = gettext("Senders are authenticated by mail and calls only. Choose one of these channels, or all.")
        panels.append(Panel("none", gettext("Nothing to authenticate"), said))
    return panels


def _title(name: str) -> str:
    if name == "stir":
        return gettext("STIR attestation of calls")
    # Translators: %(name)s is SPF, DKIM or DMARC.
    return gettext("%(name)s results of e-mail") % {"name": called(name)}


def results(ask: Asker, name: str, channel: str) -> Panel:
    """Each result with its share of all messages and of spam, and the interval of the latter."""
    found = ask(name, filters={"channel": (channel,)}, order="messages")
    known, rest = known_of(name, found)
    head = [
        (gettext("Result"), ""),
        (gettext("Messages"), "n far"),
        (gettext("Share of all"), "n"),
        (gettext("Spam messages"), "n far"),
        (gettext("Share of the spam"), "n"),
        (gettext("Interval"), "n far"),
        ("", "barcell"),
    ]
    lines = [_line(ask, name, channel, row, known) for row in found.rows if row[name]]
    if rest["messages"] > 0:
        lines.append(_plain(gettext("Results with fewer than 5 reporters"), "quiet", rest, known))
    lines += [_plain(named(name, ""), "unknown", row) for row in found.rows if not row[name]]
    return Panel(
        name,
        _title(name),
        _said(name, found, known),
        table=Table(_title(name), head, lines, gettext("No evidence in this period.")),
        basis=sentences(gettext(MEANING[name]), gettext(SAMPLE), ask.whole(name, "channel")),
        question=ask.question(name, filters={"channel": channel}),
    )


def known_of(name: str, found: Answer) -> tuple[Counter[str], Counter[str]]:
    """The counts of all that has a result, and of that part of it which is too small to be shown."""
    shown, rest = Counter[str](), Counter[str]()
    for key in COUNTS:
        shown[key] = sum(row[key] for row in found.rows if row[name])
        rest[key] = max(0, found.totals.get(key, 0) - sum(row[key] for row in found.rows))
    if rest["messages"] <= ROUNDING * (len(found.rows) + 1):
        rest = Counter()
    return shown + rest, rest


def _said(name: str, found: Answer, known: Mapping[str, int]) -> str:
    """How much of the spam passed, beside how much of everything did."""
    if not known["spam_messages"] or not any(row[name] for row in found.rows):
        return gettext("Of no spam that can be shown is the result known.")
    passed = Counter[str]()
    for row in found.rows:
        for key in COUNTS:
            passed[key] += row[key] if row[name] in GOOD[name] else 0
    unknown = sum(row["spam_messages"] for row in found.rows if not row[name])
    given = {
        "spam": share(passed["spam_messages"], known["spam_messages"]),
        "all": share(passed["messages"], known["messages"]),
        "unknown": share(unknown, known["spam_messages"] + unknown),
    }
    if name == "stir":
        return (
            gettext(
                "Of the spam calls whose attestation is known, %(spam)s had A, of all calls %(all)s;"
                " of %(unknown)s of the spam calls it is unknown."
            )
            % given
        )
    return (
        gettext(
            "Of the spam whose result is known, %(spam)s passed, of all mail %(all)s;"
            " of %(unknown)s of the spam the result is unknown."
        )
        % given
    )


def _line(ask: Asker, name: str, channel: str, row: Row, known: Mapping[str, int]) -> list[Cell]:
    found = _interval(row["spam_messages"], known["spam_messages"], known["spam_reports"])
    value = parts.link(ask, "/authentication", named(name, row[name]), channel=channel, **{name: row[name]})
    return [
        *_plain(value, "", row, known)[:5],
        Cell(between(found), "n far"),
        Cell(charts.share_interval(found.low, found.estimate, found.high) if found else "", "barcell"),
    ]


def _plain(text: str, classes: str, row: Mapping[str, int], known: Mapping[str, int] | None = None) -> list[Cell]:
    """A row without an interval, and without shares where it is no part of what is known."""
    shares = [share(row[key], known[key]) if known else "" for key in ("messages", "spam_messages")]
    return [
        Cell(text, classes, heads=True),
        Cell(number(row["messages"]), "n far"),
        Cell(shares[0]),
        Cell(number(row["spam_messages"]), "n far"),
        Cell(shares[1], "n strong"),
        Cell("", "n far"),
        Cell("", "barcell"),
    ]


def _interval(hits: int, total: int, reports: int) -> Interval | None:
    """Chance alone; records that stand for many messages thin the sample out."""
    return wilson(min(hits, total), total, design_effect=max(1.0, total / reports) if reports else 1.0)


def between(found: Interval | None) -> str:
    """An interval of shares in words."""
    return f"{percent(found.low)} – {percent(found.high)}" if found else ""


def course(ask: Asker, title: str) -> Panel:
    """Which share of spam and of all mail passed DMARC in each step, of what has a result."""
    passed, known = _steps(ask)
    steps = ask.period.steps
    series = {
        key: [passed[at][key] / known[at][key] if at in passed and known[at][key] else None for at in steps]
        for key in ("spam_messages", "messages")
    }
    bands = {"spam_messages": [_band(passed[at], known[at]) if at in passed else None for at in steps]}
    labels = {"spam_messages": gettext("Spam"), "messages": gettext("All mail")}
    columns = [step_label(at, ask.period.step) for at in steps]
    shown = [[Cell(NOTHING if value is None else percent(value)) for value in values] for values in series.values()]
    lines = [
        [Cell(column, "", heads=True), *cells] for column, cells in zip(columns, zip(*shown, strict=True), strict=True)
    ]
    head = [(gettext("Starting (UTC)"), ""), *((labels[key], "n") for key in series)]
    return Panel(
        "dmarc-course",
        title,
        chart=charts.lines("dmarc-course", title, series, columns, labels, bands=bands, top=1.0, say=percent),
        legend=charts.line_legend(list(series), labels),
        table=Table(title, head, lines),
        basis=sentences(
            gettext("Share that passed of what has a result. The band is the interval of chance at 95 % of the spam."),
            gettext("Steps of time in which fewer than 5 reporters stand behind what passed do not show it."),
        ),
        question=ask.question("dmarc", over_time=True, filters={"channel": MAIL}),
    )


def _steps(ask: Asker) -> tuple[dict[int, Counter[str]], dict[int, Counter[str]]]:
    """What passed DMARC in each step where that may be shown, and what has a result: all but what is known to have none."""
    mail = {"channel": (MAIL,)}
    known: dict[int, Counter[str]] = defaultdict(Counter)
    passed: dict[int, Counter[str]] = defaultdict(Counter)
    for row in ask(stepped=True, filters=mail).rows:
        known[row["at"]].update({key: row[key] for key in COUNTS})
    for row in ask("dmarc", stepped=True, filters=mail).rows:
        counts = {key: row[key] for key in COUNTS}
        if not row["dmarc"]:
            known[row["at"]].subtract(counts)
        elif row["dmarc"] in GOOD["dmarc"]:
            passed[row["at"]].update(counts)
    for at, counts_ in passed.items():  # rounding must not make a part greater than the whole
        known[at] |= counts_
    return passed, known


def _band(passed: Mapping[str, int], known: Mapping[str, int]) -> tuple[float, float] | None:
    found = _interval(passed["spam_messages"], known["spam_messages"], known["spam_reports"])
    return (found.low, found.high) if found else None


PAGE = Page(
    "/authentication",
    mark("What the sender’s identity is worth"),
    mark("How much spam passes the checks of e-mail senders (SPF, DKIM, DMARC), and how calls are attested (STIR)."),
    mark("Operators of mail and telephone networks, regulators, analysts."),
    mark(
        "Results are those that the receiving server or operator wrote down; people’s reports often lack them, and reports of"
        " DMARC come from receivers that send any."
    ),
    build,
)
