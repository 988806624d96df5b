"""The answer to a question of `asked`, with everything that one must know to read it.

It does not hold the time of asking, so that the same figures are the same bytes.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from counterspam import privacy
from counterspam.config import Config
from counterspam.intervals import wilson
from counterspam.measure import periods, populations, statistics
from counterspam.measure.ask import INTERVALS, METRICS, Ask, Unanswerable
from counterspam.measure.definition_questions import definition_answers
from counterspam.measure.disclosure import BASE, LEAST
from counterspam.measure.periods import Period
from counterspam.measure.populations import Kind
from counterspam.measure.scope import Query, Row, Scope
from counterspam.policy.definitions.judge import Judge
from counterspam.rollups import SECONDS
from counterspam.taxonomy import Channel
from counterspam.web import reference
from counterspam.web.asked import DERIVED, MOST_ROWS, UNITS, UNKNOWN, USUAL_LIMIT, Question
from counterspam.web.problems import Problem
from counterspam.web.tabular import iso
from counterspam.web.views.page import fitted

SETTLED = 600  # seconds after which what was received in a time is stored
POPULATION = (
    "all that this node was given in the period and passes the filters, not all that was sent: reports are not prevalence."
    " spam_share is of the messages of the same row."
)
DEFINED = (
    "spam is what met the definition when it was stored, each record under the version of its day; it is counted from"
    " single events, which are deleted after events_kept_days; unknown and unjudged are not counted as spam"
)
# Dimensions whose tables hold only evidence that has them.
ONLY_KNOWN = frozenset({"transit", "sender"})


@dataclass(frozen=True, slots=True)
class Span:
    """A period as it was asked, and the time that was counted for it: whole hours or days where there are no finer ones."""

    period: Period
    ask: Ask
    first: int  # minute of the first evidence of all, 0 none
    last: int  # minute of the latest evidence in it, 0 none
    ended: bool  # nothing more will be received in it


class Asking:
    """Answers for one node."""

    def __init__(self, node: Any) -> None:
        self.query: Query = node.events.query
        self.config: Config = node.config
        self.judge: Callable[[], Judge] = lambda: node.definitions.judge()

    def span(self, question: Question, known: Mapping[str, int], now: int, *, stepped: bool = False) -> Span:
        """The time that a question is about; `known` is what evidence there is. Raises Problem 422 where none can be."""
        period = periods.period(question.period, now, known["first"])
        ask = Ask(
            period.start,
            period.end,
            dimensions=question.dimensions,
            filters=dict(question.filters),
            interval=question.interval,
            step=period.step if stepped else 0,
            synthetic=question.synthetic,
            order=question.order,
            offset=question.offset,
            defined_by=self.versions(question),
        )
        try:
            ask = fitted(ask)
        except Unanswerable as error:
            raise Problem(422, str(error)) from error
        last = min(known["last"], period.end)
        return Span(period, replace(ask, limit=_limit(question, ask)), known["first"], last, ask.end + SETTLED < now)

    def versions(self, question: Question) -> tuple[str, ...]:
        """The versions of the definition that the question names, () for none. Raises Problem 404."""
        if not question.defined_by:
            return ()
        id, _, number = question.defined_by.partition("@")
        known = [one for one, _ in self.judge().compiled if one.id == id and number in ("", str(one.version))]
        if not known:
            raise Problem(404, f"there is no definition {question.defined_by} in force; /api/v1/definitions lists them")
        return tuple(one.label for one in known)

    def answer(self, question: Question, span: Span, *, exact: bool) -> dict[str, Any]:
        """The answer. Raises Problem 422."""
        secret = None if exact else privacy.rounding_key(self.config.data)
        try:
            found = statistics.answer(self.query, replace(span.ask, metrics=tuple(METRICS)), secret)
        except Unanswerable as error:
            raise Problem(422, str(error)) from error
        per = _Rate(question, self.config) if "reports_per_100k" in question.metrics else None
        start, end = span.ask.start, max(min(span.ask.end, span.period.end), span.ask.start)
        blank = {} if found.rounded else dict.fromkeys(METRICS, 0) | {"spam_share": None}
        said = {
            "question": _echo(question, span.ask),
            "period": {"name": span.period.name, "start": start, "end": end, "from": iso(start), "to": iso(end)},
            "units": {name: _unit(name, question) for name in columns(question) if name in UNITS},
            "basis": self._basis(question, span.ask),
            "population": POPULATION,
            "last_updated": span.last,
            "disclosure": _disclosure(found, exact=exact),
            "confidence": self._confidence(question),
            "completeness": self._completeness(question, span, secret),
            "totals": _shown(blank | found.totals, question, per, whole=True),
            "rows": [_shown(row, question, per) for row in found.rows],
            "next": question.cursor(question.offset + span.ask.limit) if found.more and not _timed(span.ask) else "",
        }
        said |= {"defined_by": self._defined(question, span, secret)} if question.defined_by else {}
        return said | ({"populations": per.used()} if per else {})

    def _defined(self, question: Question, span: Span, secret: bytes | None) -> dict[str, Any]:
        """By which definition spam was counted, and what it says of all evidence of the period (and channel)."""
        channel = question.chosen("channel")
        scope = Scope(
            replace(span.period, start=span.ask.start, end=span.ask.end),
            channel[0] if len(channel) == 1 else "",
            question.synthetic,
        )
        return {
            "definition": question.defined_by,
            "versions": list(span.ask.defined_by),
            "answers": definition_answers(self.query, scope, span.ask.defined_by, secret),
            "events_kept_days": self.config.keep_events_days,
            "caveats": DEFINED,
        }

    def _basis(self, question: Question, ask: Ask) -> list[dict[str, Any]]:
        """Where the evidence comes from: messages and reports of the period (and channel) by kind of source; exact."""
        kept = {name: values for name, values in question.filters if name in ("channel", "source")}
        whole = Ask(ask.start, ask.end, ("messages", "reports"), ("source",), kept, synthetic=ask.synthetic)
        return statistics.answer(self.query, whole, None).rows

    def _confidence(self, question: Question) -> dict[str, Any]:
        said = {
            "verdict": "automatic classification; evidence counts as spam from the threshold on",
            "threshold": self.config.spam_threshold,
            "model": _model(self.config.model),
        }
        if {"spam_share_low", "spam_share_high"} & set(question.metrics):
            said["interval"] = "Wilson, 95 %, n = reports: what chance does, not who reports nor what a check misses"
        return said

    def _completeness(self, question: Question, span: Span, secret: bytes | None) -> dict[str, Any]:
        """How much of the period is unknown by each dimension, and whether its last step is still running."""
        shares = {}
        for name in sorted({*question.dimensions, *dict(question.filters)} - ONLY_KNOWN):
            blank = ("0",) if name == "asn" else ("", UNKNOWN)
            kept = {"channel": question.chosen("channel")} if question.chosen("channel") and name != "channel" else {}
            ask = Ask(span.ask.start, span.ask.end, dimensions=(name,), filters=kept, synthetic=span.ask.synthetic)
            found = statistics.answer(self.query, replace(ask, limit=1000), secret)
            unknown = sum(row["reports"] for row in found.rows if str(row[name]) in blank)
            whole = found.totals.get("reports") or 0
            shares[name] = min(round(unknown / whole, 3), 1.0) if whole else None
        only = sorted({*question.dimensions, *dict(question.filters)} & ONLY_KNOWN)
        return {
            "unknown": shares,
            "only_where_known": only,
            "running": not span.ended,
            "evidence_from": iso(span.first) if span.first else None,
        }


def _unit(name: str, question: Question) -> str:
    by = f"that meet {question.defined_by}"
    return UNITS[name].replace("judged spam", by) if question.defined_by else UNITS[name]


def columns(question: Question) -> list[str]:
    """The columns of the rows, in order."""
    return [*(["at"] if question.interval else []), *question.dimensions, *question.metrics]


def _timed(ask: Ask) -> bool:
    return bool(ask.interval or ask.step)


def _limit(question: Question, ask: Ask) -> int:
    """Rows, or combinations over time so many that the answer stays small. Raises Problem 422 for more."""
    if not _timed(ask) or not ask.dimensions:
        return question.limit or USUAL_LIMIT
    length = ask.step or max(SECONDS[INTERVALS[ask.interval][0]], 1)
    most = max(MOST_ROWS * length // (ask.end - ask.start), 1)
    if question.limit > most:
        raise Problem(422, f"over this time the limit is at most {most}; or ask for a coarser interval")
    return question.limit or min(most, USUAL_LIMIT)


def _echo(question: Question, ask: Ask) -> dict[str, Any]:
    return {
        "metrics": question.metrics,
        "dimensions": question.dimensions,
        "filters": {name: list(values) for name, values in question.filters},
        "period": question.period,
        "interval": question.interval,
        **({"defined_by": question.defined_by} if question.defined_by else {}),
        "synthetic": question.synthetic,
        "order": question.order,
        "limit": ask.limit,
    }


def _disclosure(found: statistics.Answer, *, exact: bool) -> dict[str, Any]:
    if found.rounded:
        return {"rule": "rounded", "rounded_to": BASE, "least_contributors": LEAST, "small_cells": found.small}
    return {"rule": "none" if exact else "open", "rounded_to": 1, "least_contributors": 1, "small_cells": {}}


def _shown(row: Row, question: Question, per: "_Rate | None", *, whole: bool = False) -> dict[str, Any]:
    """What was asked for of a row, with what is worked out from its counts; null for what is not told."""
    found: dict[str, Any] = {"at": row["at"], "time": iso(row["at"])} if "at" in row else {}
    found |= {} if whole else {name: row[name] for name in question.dimensions}
    for name in question.metrics:
        if name in DERIVED and row.get("reports") is not None:
            found[name] = per.of(row) if per and name == "reports_per_100k" else _bound(row, name)
        else:
            found[name] = row.get(name)
    return found


def _bound(row: Row, name: str) -> float | None:
    reports, share = row["reports"], row["spam_share"]
    found = wilson(share * reports, reports) if share is not None else None
    return round(found.low if name == "spam_share_low" else found.high, 6) if found else None


class _Rate:
    """Reports per 100,000, and the populations that this took."""

    def __init__(self, question: Question, config: Config) -> None:
        to = question.chosen("destination")
        self.country = to[0] if len(to) == 1 else "" if to else config.jurisdiction
        if not self.country and "destination" not in question.dimensions:
            raise Problem(
                422, "reports_per_100k needs destination among the dimensions, or as a filter with one country"
            )
        channel = question.chosen("channel")
        self.channel = channel[0] if len(channel) == 1 else ""
        self.table = reference.populations(config)
        self.found: dict[tuple[str, str], populations.Population] = {}

    def of(self, row: Row) -> float | None:
        """The rate of a row; None where the population is not known."""
        country, channel = row.get("destination", self.country), row.get("channel", self.channel)
        if channel:
            best = populations.denominator(self.table, country, Channel(channel))
            known = best.population if best else None
        else:
            known = populations.of(self.table, country, Kind.PEOPLE)
        if known is None:
            return None
        self.found[known.country, known.kind] = known
        return round(populations.rate(row["reports"], known).interval.estimate, 4)

    def used(self) -> list[dict[str, Any]]:
        """The populations, each with its year and source."""
        return [
            {"country": one.country, "kind": one.kind, "value": one.value, "year": one.year, "source": one.source}
            for _, one in sorted(self.found.items())
        ]


@cache
def _model(folder: Path | None) -> str:
    """The version of the model that judges."""
    place = folder or Path(str(files("counterspam"))) / "data" / "model"
    record: Mapping[str, Any] = json.loads((place / "model.json").read_text(encoding="utf-8"))
    return str(record["version"])
