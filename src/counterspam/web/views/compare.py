"""Two periods, two channels or two countries against each other."""

import math
from collections.abc import Sequence
from dataclasses import replace

from counterspam.intervals import Interval, rate_ratio
from counterspam.measure.disclosure import LEAST
from counterspam.measure.periods import DAY, HOUR
from counterspam.measure.scope import Row
from counterspam.web import words
from counterspam.web.format import NOTHING, duration, number, step_label
from counterspam.web.language import gettext, mark
from counterspam.web.views import lines, rates
from counterspam.web.views.breakdown import breakdown, questions
from counterspam.web.views.counted import or_why
from counterspam.web.views.page import Asker, Page, Panel
from counterspam.web.views.sides import Side, options, two_periods, two_values

KINDS = {
    "period": mark("Two periods"),
    "channel": mark("Two channels"),
    "origin": mark("Two countries of origin"),
    "destination": mark("Two countries of destination"),
}
BREAKDOWNS = (
    "content_type", "channel", "origin", "destination", "border", "sender_kind", "source", "technique", "payload", "language",
)  # fmt: skip


def build(ask: Asker) -> Sequence[Panel]:
    """The form, the two sides in words, over time, and broken down."""
    by = dict(ask.view.choices).get("by", "")
    by = by if by in KINDS else "period"
    sides = two_periods(ask) if by == "period" else two_values(ask, by)
    breakdowns = [name for name in BREAKDOWNS if name != by and (not sides or sides[0].ask.counts(name))]
    of = dict(ask.view.choices).get("of", "")
    of = of if of in breakdowns or not breakdowns else breakdowns[0]
    form = _form(ask, by, sides, of, breakdowns)
    if not sides:
        return [
            form,
            Panel("compare-none", gettext("Nothing to compare"), gettext("Fewer than two were seen in this period.")),
        ]
    panels = [form, _lead(*sides), _course("compare-course", gettext("Over time"), by, sides)]
    if of:
        panels.append(breakdown("compare-of", words.dimension(of), of, by, sides))
    return panels


def _form(ask: Asker, by: str, sides: Sequence[Side] | None, of: str, breakdowns: Sequence[str]) -> Panel:
    values = [side.value for side in sides] if sides else ["", ""]
    offered = options(ask, by)
    if by != "period":
        offered += [pair for side in sides or () if (pair := (side.value, side.name)) not in offered]
    shown = {
        "path": PAGE.path,
        "by": by,
        "kinds": [(name, gettext(text)) for name, text in KINDS.items()],
        "sides": [("a", gettext("First"), values[0]), ("b", gettext("Second"), values[1])],
        "options": offered,
        "of": of,
        "breakdowns": [(name, words.dimension(name)) for name in breakdowns],
    }
    return Panel("compare-form", gettext("What is compared"), template="_compare.html", shown=shown)


def _lead(a: Side, b: Side) -> Panel:
    """The ratio of both per day, with its interval."""
    totals = [side().totals for side in (a, b)]
    figures = [(side.name, _amount(side, total, _unit(a, b))) for side, total in zip((a, b), totals, strict=True)]
    caveats = [
        gettext(
            "Messages judged spam, in the time for which there is evidence. The interval (95 %) is that of chance alone, with"
            " the messages per report as design effect; reports that belong together make it too narrow."
        ),
        gettext("Counts move with how many people and sensors report: a difference in reporting looks the same."),
    ]
    if a.period != b.period and a.period.start < b.period.end and b.period.start < a.period.end:
        caveats.insert(
            0, gettext("The two periods overlap: what lies in both counts on both sides, which the interval ignores.")
        )
    for side, total in zip((a, b), totals, strict=True):
        if 0 < total.get("reports", 0) < LEAST:
            caveats.insert(0, gettext("Fewer than 5 reporters stand behind %(name)s.") % {"name": side.name})
    return Panel(
        "figures", "", _said(a, b, *totals), basis=" ".join(caveats), template="_lead.html", shown={"figures": figures}
    )


def _unit(a: Side, b: Side) -> float:
    """For how many days the amounts are given: 0 as they are, where both times are equally long; else a day or an hour."""
    if a.period == b.period:
        return 0.0
    return 1.0 if min(a.days, b.days) >= 1 else HOUR / DAY


def _amount(side: Side, total: Row, unit: float) -> str:
    if not total or not side.days:
        return NOTHING
    if not unit:
        return number(total["spam_messages"])
    amount = {"n": rates.short(total["spam_messages"] / side.days * unit)}
    return (gettext("%(n)s a day") if unit == 1 else gettext("%(n)s an hour")) % amount


def _said(a: Side, b: Side, now: Row, then: Row) -> str:
    for side, total in ((a, now), (b, then)):
        if not total or not side.days:
            return gettext(
                "Of %(name)s there is nothing, or too little to be shown, so there is nothing to compare."
            ) % {"name": side.name}
    ratio = _ratio(a, b, now, then)
    if ratio is None or not math.isfinite(ratio.estimate):
        return gettext("Nothing was judged spam on the second side, so there is no ratio.")
    given = {
        "a": a.name,
        "b": b.name,
        "times": _times(ratio.estimate),
        "low": _times(ratio.low),
        "high": _times(ratio.high) if math.isfinite(ratio.high) else "∞",
    }
    if _unit(a, b):
        said = (
            gettext("%(a)s: per day %(times)s times as much spam as %(b)s (95 %% interval %(low)s to %(high)s).")
            % given
        )
    else:
        said = gettext("%(a)s: %(times)s times as much spam as %(b)s (95 %% interval %(low)s to %(high)s).") % given
    return f"{said} {gettext('That is no difference beyond chance.')}" if ratio.low <= 1 <= ratio.high else said


def _times(ratio: float) -> str:
    return number(ratio, 2 if ratio < 10 else 1 if ratio < 100 else 0)


def _ratio(a: Side, b: Side, now: Row, then: Row) -> Interval | None:
    effect = max(rates.effect(total["spam_messages"], total["spam_reports"]) for total in (now, then))
    return rate_ratio(now["spam_messages"], a.days, then["spam_messages"], b.days, design_effect=effect)


def _course(id: str, title: str, by: str, sides: tuple[Side, Side]) -> Panel:
    """Both over the steps since their start."""
    step = max(side.period.step for side in sides)
    made = or_why(_lines)
    return made(sides[0].ask, id, title, by=by, sides=sides, step=step)


def _lines(ask: Asker, id: str, title: str, *, by: str, sides: tuple[Side, Side], step: int) -> Panel:
    series, labels = {}, {}
    longest = max((replace(side.period, step=step).steps for side in sides), key=len)
    for key, side in zip(("a", "b"), sides, strict=True):
        period = replace(side.period, step=step)
        values = lines.along(side(stepped=True, step=step).rows, "spam_messages", period, side.ask.span["first"])
        series[key] = [*values, *[None] * (len(longest) - len(values))]
        labels[key] = side.name
    if by == "period":
        columns, starting = (
            [duration(i * step) if i else number(0) for i in range(len(longest))],
            gettext("After the start"),
        )
    else:
        columns, starting = [step_label(at, step) for at in longest], ""
    said = gettext("Messages judged spam in each step of time; both lines start at the start of their period.")
    drawn = lines.drawn(id, f"{title}. {said}", series, columns, labels, starting)
    basis = gettext("The last step may still be running; where there is no evidence yet, or no more, a line has a gap.")
    return Panel(id, title, said, **drawn, basis=basis, **questions(by=by, sides=sides, over_time=True))


PAGE = Page(
    "/compare",
    mark("Comparison"),
    mark("How two periods, two channels or two countries differ in spam: how much, over time, and in what."),
    mark("Analysts, policy officers, the press."),
    mark("Counts of what reached this node, per day. A difference may be one of reporting, not of spam."),
    build,
)
