"""What a page of statistics is made of: panels, each one question with its answer in words, chart and table."""

import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from markupsafe import Markup

from counterspam import privacy
from counterspam.measure import periods, questions, statistics
from counterspam.measure.ask import Ask, Unanswerable, table
from counterspam.measure.figure import Figure, disclosed
from counterspam.measure.periods import DAY, HOUR, Period
from counterspam.measure.scope import Query, Scope
from counterspam.measure.statistics import Answer
from counterspam.rollups import next_month, starts
from counterspam.web import figures
from counterspam.web.format import moment
from counterspam.web.kept import Kept
from counterspam.web.language import gettext
from counterspam.web.titles import Titles
from counterspam.web.view import View

T = TypeVar("T")
KEPT = 2.0  # seconds
KEPT_DAYS = 20.0  # seconds, for periods of whole days


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: what it shows, its classes, and whether it heads its row."""

    shown: str | Markup
    classes: str = "n"
    heads: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under column heads (text, classes)."""

    caption: str
    head: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[Cell]]
    empty: str = ""  # what stands in place of rows when there are none


@dataclass(frozen=True, slots=True)
class Panel:
    """One question on a page. `said` answers it in a sentence; the table stands behind the chart, or alone. Without a title
    it stands at the top of the page.

    `question` are the parameters under which the API gives the same figures at `source`, {} where it does not; `against` those
    of the other side where two are compared; `kind` is the chart that can be embedded elsewhere (bars, lines, map, ranking).
    """

    id: str
    title: str
    said: str = ""
    chart: Markup | str = ""
    legend: Markup | str = ""
    table: Table | None = None
    basis: str = ""
    question: Mapping[str, str] = field(default_factory=dict)
    against: Mapping[str, str] = field(default_factory=dict)
    source: str = "/api/v1/query"
    kind: str = ""
    template: str = "_panel.html"
    shown: Mapping[str, Any] = field(default_factory=dict)  # what another template needs

    @property
    def embeddable(self) -> bool:
        """Whether /embed draws it: charts there have one dimension."""
        return self.kind in ("bars", "lines", "map", "ranking") and "," not in self.question.get("dimensions", "")


@dataclass(frozen=True, slots=True)
class Page:
    """A page of statistics: address, what stands at its top, and what makes its panels. The texts are marked messages.

    Its name in the navigation stands in `words.PAGES`. Where `subjects` are given, the address goes on with one of them
    (/country/FR), the view has it as `subject`, and `title` takes its name as `%(name)s`.
    """

    path: str
    title: str
    question: str
    audience: str
    quality: str
    build: "Callable[[Asker], Sequence[Panel]]"
    halves: tuple[str, ...] = ()  # panels that stand side by side where there is room
    quick: "Callable[[Asker], Panel] | None" = None  # the panel that shows what arrived, sent before all others
    subjects: Callable[[], Mapping[str, str]] | None = None  # what the address may go on with, and its name
    under: str = ""  # the page of the navigation that it belongs to, where that is another


class Asker:
    """Puts the questions of a page: within its period and filters, as the public may see the answers, each worked out once."""

    def __init__(self, node: Any, kept: Kept, view: View, span: Mapping[str, int], titles: Titles) -> None:
        self.node, self.view, self.span, self.titles = node, view, span, titles
        self.query: Query = node.events.query
        self.period: Period = periods.period(view.period, int(time.time()), span["first"])
        self.scope = Scope(self.period, view.channel, view.synthetic)
        self._kept = kept
        self._secret = privacy.rounding_key(node.config.data)

    def __call__(
        self,
        *dimensions: str,
        filters: Mapping[str, tuple[str, ...]] | None = None,
        stepped: bool = False,
        period: Period | None = None,
        **given: Any,
    ) -> Answer:
        """The answer for these dimensions within the filters of the view and `filters`; `stepped`: over the steps of time.

        Raises Unanswerable where the evidence is not counted by all of them together.
        """
        asked = period or self.period
        ask = Ask(
            asked.start,
            asked.end,
            dimensions=dimensions,
            filters=self.view.chosen() | dict(filters or {}),
            step=asked.step if stepped else 0,
            synthetic=self.view.synthetic,
            **given,
        )
        ask = fitted(ask)
        key = (ask.start, ask.end, dimensions, tuple(sorted(ask.filters.items())), ask.step, ask.synthetic, str(given))
        keep = KEPT_DAYS if asked.in_days else KEPT
        return self.keep(key, keep, lambda: statistics.answer(self.query, ask, self._secret))

    def keep(self, key: Hashable, seconds: float, compute: Callable[[], T]) -> T:
        """What was worked out under a key, or the value of `compute`; for questions that are asked otherwise."""
        return self._kept.answer(("statistics", key), seconds, compute)

    def narrowed(self, **filters: str) -> "Asker":
        """What puts the same questions within further filters; "" takes one away."""
        channel = filters.pop("channel", self.view.channel)
        kept = tuple(sorted((name, value) for name, value in (dict(self.view.filters) | filters).items() if value))
        view = replace(self.view, channel=channel, filters=kept)
        return Asker(self.node, self._kept, view, self.span, self.titles)

    def whole(self, *dimensions: str) -> str:
        """From when it is counted, where these dimensions are counted by coarser steps than the period has; "" else."""
        ask = fitted(Ask(self.period.start, self.period.end, dimensions=dimensions, filters=self.view.chosen()))
        if ask.start == self.period.start:
            return ""
        return gettext("Counted from %(time)s UTC, by whole hours or days.") % {
            "time": moment(ask.start * 1000, "MMMdHm")
        }

    def notice(self, path: str) -> Panel:
        """How much of what the page shows was made up by a generator; says nothing on a node without such evidence."""
        shown = {"path": path, "made_up": 0, "reports": 0}
        since = int(time.time()) - 30 * DAY
        counted = self.view.synthetic and self.counts()
        if counted and self.keep("synthetic", 10, lambda: questions.synthetic_reports(self.query, since)):
            real = replace(self.view, synthetic=False)
            all_, without = (
                Asker(self.node, self._kept, view, self.span, self.titles)().totals.get("reports", 0)
                for view in (self.view, real)
            )
            shown |= {"made_up": max(0, all_ - without), "reports": all_}
        return Panel("notice", "", template="_notice.html", shown=shown)

    def counts(self, *names: str) -> bool:
        """Whether the evidence is counted by all these dimensions and the filters of the view together."""
        try:
            fitted(Ask(0, DAY, dimensions=names, filters=self.view.chosen()))
        except Unanswerable:
            return False
        return True

    def figure(self, name: str) -> Figure:
        """A key figure of the period and channel, as the public may see it. It does not follow other filters."""
        key, make = ("figure", name, self.view.figures), figures.every(self.node.config)[name]
        return disclosed(self.keep(key, KEPT_DAYS, lambda: make(self.query, self.scope)), self._secret)

    def series(self, name: str) -> dict[str, Any]:
        """Where the API gives a named question for the period and channel: what a panel needs to lead there."""
        given = {
            "period": self.view.period,
            "channel": self.view.channel,
            "synthetic": "" if self.view.synthetic else "0",
        }
        return {
            "source": f"/api/v1/statistics/{name}",
            "question": {key: value for key, value in given.items() if value},
        }

    def without(self, *names: str) -> "Asker":
        """The same asker without some filters of the view, for what is not counted by them."""
        return self.narrowed(**dict.fromkeys(names, ""))

    def question(
        self, *dimensions: str, over_time: bool = False, filters: Mapping[str, str] | None = None
    ) -> dict[str, str]:
        """The parameters under which the API gives the figures of a panel."""
        interval = {True: "minute", False: "hour"}[self.period.step < HOUR] if self.period.step < DAY else "day"
        known = dict(self.view.filters) | ({"channel": self.view.channel} if self.view.channel else {})
        given = {"dimensions": ",".join(dimensions), "period": self.view.period, **known, **(filters or {})}
        given |= {"interval": interval} if over_time else {}
        given |= {} if self.view.synthetic else {"synthetic": "0"}
        return {name: value for name, value in given.items() if value}


def fitted(ask: Ask) -> Ask:
    """The question over whole hours, or whole days, where the rollup that can answer it counts by these.

    What lies in the running hour or day is counted anyway, as there is nothing after now.
    """
    refused: Unanswerable | None = None
    for size in (1, HOUR, DAY):
        start, end = ask.start - ask.start % size, -(-ask.end // size) * size
        if ask.step % size and ask.step:
            break
        wider = replace(ask, start=start, end=end)
        try:
            table(wider)
        except Unanswerable as error:
            refused = error
            continue
        return _by_days(wider)
    assert refused is not None
    raise refused


def _by_days(ask: Ask) -> Ask:
    """The same question in the coarser rollups where the period starts with a day or month and ends with the present one."""
    now = int(time.time())
    if ask.start % DAY or ask.end <= now or ask.step % DAY:
        return ask
    end = next_month(ask.end - 1) if starts(ask.start, "month") and not ask.step else -(-ask.end // DAY) * DAY
    return replace(ask, end=end)
