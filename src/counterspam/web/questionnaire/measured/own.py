"""One respondent's answers beside what the node measured: all of it, and what was sent to the respondent's own country."""

from collections.abc import Sequence
from dataclasses import dataclass

from counterspam.measure.scope import Row
from counterspam.policy.questionnaire.answers import Given, number
from counterspam.policy.questionnaire.definition import Definition, Question
from counterspam.policy.questionnaire.results import code
from counterspam.web.questionnaire.measured.compared import Line, compared, item
from counterspam.web.questionnaire.measured.counts import Counts
from counterspam.web.questionnaire.measured.same import BASIS


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """An answer: its number, None of a name without a share. `here` has what others stated and what was measured in all, `near`
    what was measured of what was sent to the own country."""

    answer: float | None
    here: Line
    near: Line | None


def beside(
    definition: Definition, given: Given, published: Sequence[Row], counts: Counts, country: str, period: str
) -> list[tuple[Question, list[Own]]]:
    """Each question of which something own is measured. Answers for another period than that of the wave are left out."""
    stated = [row for row in published if row["by"] == "all" and not row["hidden"]]
    near = counts.towards(country)
    found = []
    for question in definition.questions():
        if question.id not in BASIS or given.get(f"{question.id}#period", period) != period:
            continue
        if mine := _mine(definition, question, given):
            also = [option for _, option in mine if option]
            here = compared(question, [row for row in stated if row["question"] == question.id], counts, also)
            there = {(one.cell, one.option): one for one in compared(question, [], near, also).lines}
            lines = [
                Own(answer=mine[key], here=one, near=there.get(key))
                for one in here.lines
                if (key := (one.cell, one.option)) in mine
            ]
            if kept := [one for one in lines if _measured(one.here) or _measured(one.near)]:
                found.append((question, kept))
    return found


def _measured(line: Line | None) -> bool:
    return line is not None and line.measured is not None


def _mine(definition: Definition, question: Question, given: Given) -> dict[tuple[str, str], float | None]:
    """Own answers by cell and option."""
    first = item(question)
    if first is None:
        numbers = {(one.key, ""): number(definition, given, one.key) for one in question.fields}
        return {key: value for key, value in numbers.items() if value is not None}
    found: dict[tuple[str, str], float | None] = {}
    for place in question.rows:
        key = f"{question.id}/{place}"
        option = code(definition, given, f"{key}/item")
        if isinstance(option, str):
            share = number(definition, given, f"{key}/share") if f"{key}/share" in definition.fields else None
            found[f"{question.id}/*/item", option] = share
    return found
