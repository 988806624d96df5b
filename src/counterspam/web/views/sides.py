"""The two sides of a comparison: what the address names, or the default."""

import time
from dataclasses import dataclass, replace

from counterspam.measure import periods
from counterspam.measure.ask import Ask
from counterspam.measure.periods import DAY, Period
from counterspam.measure.statistics import Answer
from counterspam.web import words
from counterspam.web.format import CHANNELS, countries, moment
from counterspam.web.language import gettext
from counterspam.web.views.countries import collated
from counterspam.web.views.page import Asker, fitted

BEFORE = "before"
MOST_OPTIONS = 300


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: its value in the address, its name, what puts its questions, and when."""

    value: str
    name: str
    ask: Asker
    period: Period

    def __call__(self, *dimensions: str, stepped: bool = False, step: int = 0) -> Answer:
        """The answer for this side; `step` seconds instead of those of its period."""
        period = replace(self.period, step=step or self.period.step)
        return self.ask(*dimensions, stepped=stepped, period=period, limit=MOST_OPTIONS)

    def question(self, *dimensions: str, over_time: bool = False) -> dict[str, str]:
        """The parameters under which the API gives the figures of this side; {} where no address names its period."""
        period = self.value if periods.known(self.value) else periods.spelled(self.period)
        return {**self.ask.question(*dimensions, over_time=over_time), "period": period} if period else {}

    @property
    def days(self) -> float:
        """For how many days there is evidence in what was counted."""
        whole = fitted(Ask(self.period.start, self.period.end, filters=self.ask.view.chosen()))
        return max(0.0, min(whole.end, time.time()) - max(whole.start, self.ask.span["first"])) / DAY


def two_periods(ask: Asker) -> tuple[Side, Side]:
    """The periods of the address; by default that of the view and the time before it."""
    asked, now, first = dict(ask.view.choices), int(time.time()), ask.span["first"]
    a = asked.get("a", "")
    a = a if periods.known(a) else ask.view.period
    b = asked.get("b", "")
    b = b if periods.known(b) else BEFORE
    one = periods.period(a, now, first)
    other = periods.before(one) if b == BEFORE else periods.period(b, now, first)
    return Side(a, dates(one), ask, one), Side(b, dates(other), ask, other)


def two_values(ask: Asker, by: str) -> tuple[Side, Side] | None:
    """The channels or countries of the address, by default the two with the most spam; None where fewer were seen."""
    asked = dict(ask.view.choices)
    known = CHANNELS if by == "channel" else countries()
    given = [asked.get(name, "") if asked.get(name) in known else "" for name in ("a", "b")]
    given[1] = "" if given[1] == given[0] else given[1]
    seen = (value for value, _ in options(ask, by, largest=True) if value not in given)
    a, b = (value or next(seen, "") for value in given)
    if not a or not b:
        return None
    one, other = (Side(value, words.named(by, value), ask.narrowed(**{by: value}), ask.period) for value in (a, b))
    return one, other


def options(ask: Asker, by: str, largest: bool = False) -> list[tuple[str, str]]:
    """What may be chosen for a side: value and text, by name or the greatest first."""
    if by == "period":
        named = [(name, gettext(text)) for name, text in words.CHOICES.items()]
        return [*named, (BEFORE, gettext("The time just before the first"))]
    rows = ask.narrowed(**{by: ""})(by, limit=MOST_OPTIONS).rows
    found = [(row[by], words.named(by, row[by])) for row in rows if row[by]]
    return found if largest else sorted(found, key=lambda pair: collated(pair[1]))


def dates(period: Period) -> str:
    """A period by its first and last moment."""
    start, last = period.start * 1000, period.end * 1000 - 1
    form = "yMMMd" if period.in_days or (period.end - period.start == DAY and not period.start % DAY) else "yMMMdHm"
    begun, ended = moment(start, form), moment(last if form == "yMMMd" else last + 1, form)
    return begun if begun == ended else f"{begun} – {ended}"
