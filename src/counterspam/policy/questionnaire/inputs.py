"""Answers as inputs of the cost model and of statistics, each with unit, year and provenance "questionnaire"."""

from collections.abc import Mapping
from dataclasses import dataclass

from counterspam.policy.questionnaire.answers import Given, dollars, level, number
from counterspam.policy.questionnaire.definition import Definition

PROVENANCE = "questionnaire"


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One parameter as a respondent stated it. `quality` is measured, estimated or unknown; `source` says who and where."""

    value: float
    unit: str
    year: str
    quality: str
    source: str
    level: str
    provenance: str = PROVENANCE


def inputs(
    definition: Definition,
    given: Given,
    *,
    member: str,
    wave: str,
    period: str,
    levels: frozenset[str] = frozenset({"public"}),
) -> Mapping[str, Input]:
    """What the answers say of the parameters of the definition's `feeds`, by name; a row of a table follows it after a dot.

    Only answers of these disclosure levels: pass `internal` and `aggregate` too for what stays within this node. Amounts are
    in US dollars at the stated rate; without a rate they are left out.
    """
    found = {}
    for feed in definition.feeds:
        for field in definition.matching(feed["from"]):
            question = definition.question(field.question)
            seen, value = level(question, given), number(definition, given, field.key)
            if value is not None and field.kind == "currency":
                value = dollars(definition, given, value)
            if value is None or seen not in levels or seen == "office":
                continue
            row = field.key.split("/")[1] if "*" in feed["from"] else ""
            found[f"{feed['parameter']}.{row}" if row else feed["parameter"]] = Input(
                value=value * feed.get("scale", 1),
                unit=feed["unit"],
                year=given.get(f"{question.id}#period", period),
                quality=given.get(f"{question.id}#quality", "unknown"),
                source=f"{member}, questionnaire {definition.version}, wave {wave}, question {field.key}",
                level=seen,
            )
    return found
