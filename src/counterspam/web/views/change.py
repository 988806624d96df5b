"""How a period stands against the one before it."""

from dataclasses import replace

from counterspam.measure.ask import Ask
from counterspam.measure.periods import ALL, Period, before
from counterspam.web.views.page import Asker, fitted


def compared(ask: Asker, metric: str) -> tuple[int, int] | None:
    """A count in the complete steps of the period, and in as many of the one before.

    None where the evidence does not reach back so far, or is not counted by such steps. What fewer than 5 reporters stand
    behind counts as 0.
    """
    past = before(ask.period)
    length = (len(ask.period.steps) - 1) * ask.period.step
    if ask.view.period == ALL or not length or not ask.span["first"] or ask.span["first"] > past.start:
        return None
    parts = [replace(one, end=one.start + length) for one in (ask.period, past)]
    if not all(_exact(ask, one) for one in parts):
        return None
    now, then = (ask(period=one).totals.get(metric, 0) for one in parts)
    return now, then


def _exact(ask: Asker, period: Period) -> bool:
    """Whether the filtered evidence is counted from exactly the start to exactly the end."""
    whole = fitted(Ask(period.start, period.end, filters=ask.view.chosen()))
    return (whole.start, whole.end) == (period.start, period.end)
