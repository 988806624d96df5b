"""The figures of a definition beside the node's own verdict: by channel, type, origin and over time, for the period chosen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from counterspam.measure import periods, questions, statistics
from counterspam.measure.ask import Ask, Unanswerable
from counterspam.measure.definition_questions import definition_answers
from counterspam.measure.periods import DAY, Period
from counterspam.measure.scope import Query, Row, Scope
from counterspam.web import charts, words
from counterspam.web.definitions import labels
from counterspam.web.format import CHANNELS, NOTHING, number, share, step_label
from counterspam.web.language import gettext
from counterspam.web.views import lines
from counterspam.web.views.page import Cell, Panel, Table, fitted
from counterspam.web.words import dimension, named

MOST_ROWS = 12
ANSWERS = ("yes", "no", "unknown", "unjudged")
SPLITS = ("channel", "content_type", "origin")


@dataclass(frozen=True, slots=True)
class Asked:
    """What figures are asked for: the versions of a definition, the period, one channel or "", and the key of rounding."""

    query: Query
    versions: tuple[str, ...]
    period: Period
    channel: str
    secret: bytes | None
    first: int  # second of the first evidence, 0 none

    def both(self, *dimensions: str, step: int = 0) -> tuple[list[Row], list[Row]]:
        """Rows as the definition counts spam, and as the node itself does."""
        filters = {"channel": (self.channel,)} if self.channel else {}
        ask = Ask(self.period.start, self.period.end, dimensions=dimensions, filters=filters, step=step, limit=300)
        own = fitted(ask)
        return (
            statistics.answer(self.query, replace(own, defined_by=self.versions), self.secret).rows,
            statistics.answer(self.query, own, self.secret).rows,
        )


def panels(asked: Asked) -> list[Panel]:
    """The panels of the page; one that cannot be answered for the period is left out."""
    makers: list[Callable[[Asked], Panel]] = [_answers, _course]
    makers += [lambda asked, name=name: _split(asked, name) for name in SPLITS]  # type: ignore[misc]
    found = []
    for make in makers:
        try:
            found.append(make(asked))
        except Unanswerable:
            continue
    return found


def _answers(asked: Asked) -> Panel:
    scope = Scope(asked.period, asked.channel)
    cells = {
        (row["answer"], row["verdict"]): row
        for row in definition_answers(asked.query, scope, asked.versions, asked.secret)
    }
    rows = []
    for answer in ANSWERS:
        some = [cells.get((answer, verdict)) for verdict in (True, False)]
        if any(some):
            shown = [_count(row) for row in some]
            reports = [Cell(_count(row, "reports"), "n far") for row in some]
            rows.append(
                [
                    Cell(labels.answer(answer), heads=True, classes=""),
                    Cell(shown[0]),
                    reports[0],
                    Cell(shown[1]),
                    reports[1],
                ]
            )
    head = [
        (gettext("Answer"), ""),
        (gettext("Messages judged spam"), "n"),
        (gettext("Reports"), "n far"),
        (gettext("Messages judged not spam"), "n"),
        (gettext("Reports"), "n far"),
    ]
    title = gettext("Its answers beside the verdict")
    return Panel(
        "answers",
        title,
        _said(cells),
        table=Table(title, head, rows, gettext("Nothing in this period.")),
        basis=gettext(
            "Unknown is what evidence does not tell, such as consent; it is never counted as met or not met."
            " Not judged: stored before the definition was here, or observed on a day without a version in force."
        ),
    )


def _count(row: Row | None, name: str = "messages") -> str:
    """A count; a sign where too few stand behind it."""
    if row is None:
        return number(0)
    return "<5" if row[name] is None else number(row[name])


def _said(cells: Mapping[tuple[str, bool], Row]) -> str:
    sums = {
        answer: sum(cells[answer, verdict]["messages"] or 0 for verdict in (True, False) if (answer, verdict) in cells)
        for answer in ANSWERS
    }
    judged = sums["yes"] + sums["no"] + sums["unknown"]
    if not judged:
        return gettext("Nothing was judged under this definition in the period.")
    given = {name: share(sums[name], judged) for name in ("yes", "no", "unknown")}
    return (
        gettext("Of the messages judged under it, %(yes)s meet it and %(no)s do not; of %(unknown)s it is unknown.")
        % given
    )


def _course(asked: Asked) -> Panel:
    ours, own = asked.both(step=asked.period.step)
    title = gettext("Spam over time, as defined and as judged")
    series = {
        "s1": lines.along(ours, "spam_messages", asked.period, asked.first),
        "s2": lines.along(own, "spam_messages", asked.period, asked.first),
    }
    names = {"s1": gettext("Messages that meet the definition"), "s2": gettext("Messages judged spam")}
    columns = [step_label(at, asked.period.step) for at in asked.period.steps]
    return Panel("course", title, **lines.drawn("course", title, series, columns, names), kind="lines")


def _split(asked: Asked, name: str) -> Panel:
    ours, own = ({row[name]: row["spam_messages"] for row in rows} for rows in asked.both(name))
    values = sorted({*ours, *own}, key=lambda value: (-ours.get(value, 0), -own.get(value, 0), str(value)))
    if name == "channel":
        values = [channel for channel in CHANNELS if channel in values]
    values = [value for value in values if ours.get(value) or own.get(value)][:MOST_ROWS]
    most = max([*ours.values(), *own.values(), 1])
    title = gettext("%(dimension)s: as defined and as judged") % {"dimension": dimension(name)}
    head = [
        (dimension(name), ""),
        (gettext("Messages that meet the definition"), "n"),
        ("", "barcell"),
        (gettext("Messages judged spam"), "n"),
        ("", "barcell"),
    ]
    rows = [_line(named(name, value), ours.get(value), own.get(value), most) for value in values]
    basis = gettext(
        "Cells with fewer than 5 reporters behind what meets the definition are not shown, and counts are rounded to 5."
    )
    return Panel(
        name,
        title,
        table=Table(title, head, rows, gettext("Nothing in this period.")),
        basis=basis if asked.secret else "",
    )


def _line(text: str, ours: int | None, own: int | None, most: int) -> Sequence[Cell]:
    return [
        Cell(text, "", heads=True),
        Cell(NOTHING if ours is None else number(ours)),
        Cell(charts.bar(ours or 0, most), "barcell"),
        Cell(NOTHING if own is None else number(own)),
        Cell(charts.bar(own or 0, most, "rest2"), "barcell"),
    ]


def synthetic(asked: Asked) -> str:
    """How much of the evidence is made up, in a sentence; "" nothing."""
    rows = questions.spam_share(asked.query, Scope(asked.period, asked.channel))
    return words.synthetic(sum(row["synthetic_reports"] for row in rows), sum(row["reports"] for row in rows))


def period(name: str, now: int, first: int) -> Period:
    """A period by its name; at most 400 days of it, as single events are read."""
    found = periods.period(name if periods.known(name) else "30d", now, first)
    return found if found.end - found.start <= 400 * DAY else periods.period(periods.YEAR, now, first)


def key(asked: Asked, lang: str) -> tuple[Any, ...]:
    """What tells these figures from others."""
    return ("definition", asked.versions, asked.period, asked.channel, asked.secret is None, lang)
