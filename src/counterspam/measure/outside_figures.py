"""The key figures of REQUIREMENTS D9 that do not come from events: K4 from surveys, K16 from the model's own test.

K10, K11 and K17 need records that the platform does not keep yet; they say so.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from counterspam.intervals import poisson, wilson
from counterspam.measure.figure import Figure, Unit
from counterspam.measure.indicators import Indicator
from counterspam.measure.prevalence import PER_PERSON
from counterspam.measure.scope import Row

SURVEYED = "received-per-person"  # the name of the figures of K4 in the table of indicators
SURVEY = {
    "question": "K4: How much spam does a person receive per month, by survey?",
    "numerator": "spam that those asked say they received.",
    "denominator": "those asked, times the months asked about.",
    "population": "whom the survey speaks for, as its publisher states it.",
    "basis": "survey: published figures from the table of indicators, none of our own.",
    "period": "the survey's own; the scope's period does not select.",
    "deduplication": "as the survey did it.",
    "caveats": "people do not notice or remember all; definitions differ, so rows do not compare across publishers. "
    "Bounds are the published ones, else chance over the sample: at least so wide.",
}
DETECTORS = {
    "question": "K16: How right is the detector, on its named test sets?",
    "numerator": "messages called spam that are spam.",
    "denominator": "precision: all messages called spam; recall: all spam of the set.",
    "population": "the messages of the named set, not the traffic of today.",
    "basis": "test sets: `five folds` was learned from in part, `never seen` was not.",
    "period": "when the set was collected; see the model's card.",
    "deduplication": "near-duplicates stay within one fold.",
    "caveats": "of the learned text model alone, at threshold 0.5; the other checks have no figure of their own. "
    "Precision follows how much of a set is spam and does not carry over to traffic with another share; recall does.",
}
LACKING = (
    (
        "K10",
        "time to action",
        Unit.SHARE,
        "K10: How long until something is done about a campaign, and how often is it?",
        "records of actions: when a sender was blocked, disconnected or warned, and by whom",
    ),
    (
        "K11",
        "repeat offenders",
        Unit.SHARE,
        "K11: How many senders come back after action was taken?",
        'records of actions: without them there is no "after"',
    ),
    (
        "K17",
        "AI-written spam",
        Unit.SHARE,
        "K17: Which share of the spam was written by a machine?",
        "a score that can be counted: the one for machine-written text stands in the details of each verdict, not in a column, "
        "and it speaks only of English text of 25 words and more and misses much of what generators unknown to it wrote, so "
        "no share of all spam follows from it (docs/machine.md)",
    ),
)
NO_SURVEY = "a survey of spam per person (table of indicators)"
NO_CHECKS = "figures of the checks other than the learned model"
NO_RECORD = "the record of a model with its figures"
MISSING = (NO_SURVEY, NO_CHECKS, NO_RECORD, *(one[-1] for one in LACKING))


def k4_received_per_person(table: Sequence[Indicator], channel: str = "", country: str = "") -> Figure:
    """Spam per person and month as surveys published it, newest first; "" is every channel or country.

    Rows carry `country`, `period`, `sample`, `source`, `date`, `publisher` and `surveyed` (the population).
    """
    found = [one for one in table if one.name == SURVEYED and one.unit == PER_PERSON]
    chosen = [one for one in found if channel in ("", one.channel) and country in ("", one.country)]
    rows = [_surveyed(one) for one in sorted(chosen, key=lambda one: one.period, reverse=True)]
    missing = "" if rows else NO_SURVEY
    return Figure("K4", "spam per person", Unit.PER_PERSON, SURVEY, rows, missing=missing)


def k16_detectors(record: Mapping[str, Any] | None) -> Figure:
    """Precision and recall of the learned model per test set, from its `record` (data/model/model.json); None: unknown.

    Rows carry `set` and `measure` (precision, recall). A set without ham has no precision.
    """
    rows = []
    for part, basis in (("figures", "five folds"), ("held_out", "never seen")):
        for name, counts in (record or {}).get(part, {}).items():
            rows += _detected(name, basis, counts)
    missing = NO_CHECKS if rows else NO_RECORD
    dimensions = ("basis", "set", "measure")
    return Figure("K16", "precision and recall", Unit.SHARE, DETECTORS, rows, dimensions, missing=missing)


def every() -> tuple[Figure, ...]:
    """All figures of this file without rows, for their definitions."""
    return (k4_received_per_person(()), k16_detectors(None), *unmeasured())


def unmeasured() -> tuple[Figure, ...]:
    """The figures for which there is no evidence yet, each saying what is missing."""
    return tuple(
        Figure(id, name, unit, {"question": question}, missing=missing) for id, name, unit, question, missing in LACKING
    )


def _surveyed(one: Indicator) -> Row:
    low, high = one.low, one.high
    if low is None and high is None and one.value is not None and one.sample:
        chance = poisson(one.value * one.sample, one.sample)
        low, high = chance.low, chance.high
    return {
        "channel": one.channel,
        "basis": "survey",
        "country": one.country,
        "numerator": None,
        "denominator": one.sample,
        "value": one.value,
        "low": low,
        "high": high,
        "period": one.period,
        "sample": one.sample,
        "source": one.source,
        "date": one.date,
        "publisher": one.publisher,
        "surveyed": one.population,
    }


def _detected(name: str, basis: str, counts: Mapping[str, Any]) -> list[Row]:
    """The record holds percentages; of sets this small they give the whole numbers back."""
    spam, ham = counts["spam"], counts["ham"]
    caught = spam - round(spam * (counts["spam_missed"] or 0) / 100)
    wrong = round(ham * (counts["ham_lost"] or 0) / 100)
    wanted = [("precision", caught + wrong if ham else 0), ("recall", spam)]
    rows = []
    for measure, total in wanted:
        found = wilson(caught, total) if total else None
        bounds = {"low": found.low, "high": found.high} if found else {"low": None, "high": None}
        row = {
            "channel": "",
            "basis": basis,
            "set": name,
            "measure": measure,
            "numerator": caught,
            "denominator": total,
        }
        rows.append({**row, "value": found.estimate if found else None, **bounds})
    return rows
