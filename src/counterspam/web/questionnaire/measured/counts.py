"""What the node counted in the period of a wave, as everybody may see it: suppressed and rounded as any public answer."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from starlette.requests import Request

from counterspam import privacy
from counterspam.errors import CounterspamError
from counterspam.measure import frozen, statistics
from counterspam.measure.ask import Ask
from counterspam.measure.periods import DAY
from counterspam.measure.populations import MONTH_DAYS
from counterspam.measure.statistics import Answer
from counterspam.node import now
from counterspam.store.waves import Wave
from counterspam.web import live
from counterspam.web.questionnaire.measured.same import Values
from counterspam.web.view import View

KEPT = 60.0  # seconds
MOST = 100  # rows of an answer


@dataclass(frozen=True, slots=True)
class Counts:
    """Answers about one period. `months` were measured of it, 0 where less than a day was."""

    answer: Callable[[Ask], Answer]
    start: int
    end: int
    synthetic: bool
    months: float
    only: Values = field(default_factory=dict)

    def __call__(self, by: tuple[str, ...], only: Values, limit: int = MOST) -> Answer:
        """The greatest rows, and totals; without rows where it is not counted together or the store does not answer."""
        try:
            filters = {**only, **self.only}
            return self.answer(
                Ask(self.start, self.end, dimensions=by, filters=filters, synthetic=self.synthetic, limit=limit)
            )
        except CounterspamError:
            return Answer([], {})

    def towards(self, country: str) -> "Counts":
        """The same of what was sent to a country."""
        return replace(self, only={"destination": (country,)})


def of(request: Request, wave: Wave) -> Counts:
    """What was counted in the period of the wave. Evidence made up by a generator counts only for a demonstration."""
    node = request.app.state.node
    secret = privacy.rounding_key(node.config.data)
    asker = live.of(request.app).asker(View())
    span = frozen.span(wave.period)

    def answer(ask: Ask) -> Answer:
        return asker.keep(("questionnaire", repr(ask)), KEPT, lambda: statistics.answer(node.events.query, ask, secret))

    try:
        first = int(live.of(request.app).span()["first"])
    except CounterspamError:
        first = 0
    return Counts(answer, span.start, span.end, wave.synthetic, months(span.start, span.end, first, now() // 1000))


def months(start: int, end: int, first: int, at: int) -> float:
    """How long was measured within a period: from the first evidence to now, in months; 0 for less than a day. Seconds."""
    length = min(end, at) - max(start, first)
    return length / DAY / MONTH_DAYS if first and length >= DAY else 0.0
