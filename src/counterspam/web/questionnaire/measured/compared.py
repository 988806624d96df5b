"""Stated and measured of each question that has both: pure rows, without words of a page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from counterspam.measure.scope import Row
from counterspam.measure.statistics import Answer
from counterspam.policy.questionnaire.definition import Definition, Field, Question
from counterspam.web.questionnaire.measured.counts import Counts
from counterspam.web.questionnaire.measured.same import (
    BASIS,
    CELLS,
    LISTS,
    MONTHLY,
    REST,
    SPAM,
    Counted,
    Ranked,
    Values,
)

GREATEST = 10  # values of a ranked list on each side
UNKNOWN = ("", "0", "unknown")  # what the evidence does not tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing, stated and measured. `cell` is the key of the published figure, `option` the name in a list.

    `stated` is a median with quartiles `low` and `high`, or of options `named` by how many of `answers`. `measured` is a share
    (0 to 1) of `whole`, or a count for each month where that is None; `count` is what was counted. None: not known.
    """

    cell: str
    option: str = ""
    stated: float | None = None
    low: float | None = None
    high: float | None = None
    named: int | None = None
    answers: int | None = None
    measured: float | None = None
    count: int | None = None
    whole: int | None = None

    @property
    def told(self) -> bool:
        """Whether respondents said anything that is published."""
        return self.stated is not None or self.named is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The lines of a question. `unmeasured` are cells or options of it that nothing here means; `others` are values that were
    measured and are no answer to it, with their shares."""

    question: Question
    lines: Sequence[Line]
    unmeasured: Sequence[str] = ()
    others: Mapping[str, float] = field(default_factory=dict)


def every(definition: Definition, published: Sequence[Row], counts: Counts, section: str = "") -> list[Compared]:
    """Each question with something stated and something measured, of one section or all. `published` are rows of a release."""
    stated = [row for row in published if row["by"] == "all" and not row["hidden"]]
    found = []
    for question in definition.questions():
        if question.id in BASIS and section in ("", question.section):
            one = compared(question, [row for row in stated if row["question"] == question.id], counts)
            if any(line.told for line in one.lines) and any(line.measured is not None for line in one.lines):
                found.append(one)
    return found


def asks(definition: Definition) -> bool:
    """Whether any of its questions asks for what is measured too."""
    known = [question for question in definition.questions() if question.id in BASIS]
    return any(item(one) if one.id in LISTS else any(map(_counted, one.fields)) for one in known)


def _counted(one: Field) -> Counted | None:
    """How a cell is counted; None where it is not, or asks for another kind of number."""
    counted = CELLS.get(one.key)
    return counted if counted and one.kind in (("percent",) if counted.of else MONTHLY) else None


def compared(question: Question, stated: Sequence[Row], counts: Counts, also: Sequence[str] = ()) -> Compared:
    """One question; without lines where it does not ask what is counted here. `also` are options to look for in a list."""
    if question.id in LISTS:
        return _list(question, LISTS[question.id], stated, counts, also)
    said = {row["cell"]: row for row in stated if row["kind"] == "numbers"}
    lines, unmeasured = [], []
    known = {one.key.rpartition("/")[2] for one in question.fields if one.key in CELLS}
    for one in question.fields:
        if counted := _counted(one):
            lines.append(Line(cell=one.key, **_said(said.get(one.key)), **figures(counted, counts)))
        elif one.key.rpartition("/")[2] in known:
            unmeasured.append(one.key)
    kept = [line for line in lines if line.told or line.measured is not None]
    others = _others(question, counts) if kept else {}
    return Compared(question=question, lines=kept, unmeasured=unmeasured, others=others)


def figures(counted: Counted, counts: Counts) -> dict[str, Any]:
    """`measured`, `count` and `whole` of a line."""
    found = counts(counted.by, counted.only)
    rows = [row for row in found.rows if _has(row, counted.wanted)]
    if not rows:
        return {}
    count = sum(row[counted.count] for row in rows)
    if not counted.of:
        return {"measured": count / counts.months, "count": count} if counts.months else {}
    whole = (
        found.totals.get(counted.of, 0)
        if counted.whole is None
        else sum(row[counted.of] for row in found.rows if _has(row, counted.whole))
    )
    return {"measured": min(1.0, count / whole), "count": count, "whole": whole} if whole else {}


def _has(row: Row, wanted: Values) -> bool:
    return all(row[name] in values for name, values in wanted.items())


def _said(row: Row | None) -> dict[str, Any]:
    if row is None or row["median"] is None:
        return {}
    return {"stated": row["median"], "low": row["low"], "high": row["high"], "answers": row["n"]}


def item(question: Question) -> Field | None:
    """The field of the first name in a ranked list that is measured too; None where the question asks for something else."""
    ranked = LISTS.get(question.id)
    found = next((one for one in question.fields if one.key.endswith("/item")), None)
    return found if ranked and found and question.ranked and found.kind == ranked.kind else None


def _list(question: Question, ranked: Ranked, stated: Sequence[Row], counts: Counts, also: Sequence[str]) -> Compared:
    first = item(question)
    if first is None:
        return Compared(question=question, lines=())
    named = {row["option"]: row for row in stated if row["kind"] == "counts"}
    asked = list(dict.fromkeys([*list(named)[:GREATEST], *also]))
    means = {option: value(ranked, option) for option in (*first.options, *asked)}
    greatest = counts((ranked.by,), ranked.only, GREATEST + 1)
    spam = _spam(ranked, greatest)
    if wanted := tuple(dict.fromkeys(means[option] for option in asked if means[option])):
        spam |= _spam(ranked, counts((ranked.by,), {**ranked.only, ranked.by: wanted}))
    names = {one: option for option, one in means.items() if one}
    answers = [one for one in sorted(spam, key=lambda one: -spam[one]) if _is_answer(ranked, one, names)]
    whole = greatest.totals.get(SPAM, 0)
    lines = []
    for option in dict.fromkeys([*asked, *(names.get(one, written(ranked, one)) for one in answers[:GREATEST])]):
        row, count = named.get(option), spam.get(value(ranked, option))
        told = {"named": row["count"], "answers": row["n"]} if row else {}
        part = {"measured": min(1.0, count / whole), "count": count, "whole": whole} if count and whole else {}
        lines.append(Line(cell=f"{question.id}/*/item", option=option, **told, **part))
    others = {one: count / whole for one, count in spam.items() if whole and not _is_answer(ranked, one, names)}
    unmeasured = [option for option in first.options if not means[option]]
    return Compared(question=question, lines=lines, unmeasured=unmeasured, others=others)


def value(ranked: Ranked, option: str) -> str:
    """The value of the dimension that an option means; "" where there is none."""
    if ranked.values is not None:
        return str(ranked.values.get(option, ""))
    return option.upper().removeprefix("AS") if ranked.by == "asn" else option


def written(ranked: Ranked, one: str) -> str:
    """A value of the dimension as an option of the list."""
    return f"AS{one}" if ranked.by == "asn" else one


def _spam(ranked: Ranked, found: Answer) -> dict[str, int]:
    return {str(row[ranked.by]): row[SPAM] for row in found.rows if row[SPAM]}


def _is_answer(ranked: Ranked, one: str, names: Mapping[str, str]) -> bool:
    return one in names or (ranked.values is None and one not in UNKNOWN)


def _others(question: Question, counts: Counts) -> dict[str, float]:
    by = REST.get(question.id)
    if by is None:
        return {}
    taken = {one for counted in CELLS.values() for one in counted.wanted.get(by, ())}
    found = counts((by,), {})
    whole = found.totals.get(SPAM, 0)
    return {row[by]: row[SPAM] / whole for row in found.rows if whole and row[SPAM] and row[by] not in taken}
