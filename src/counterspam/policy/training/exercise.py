"""Exercises on made-up evidence: a task, a table of evidence, and steps whose answers can be checked."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from counterspam.errors import DecodeError, Reason
from counterspam.policy.training.reading import SLUG, Record, checked, content, twice

MOST_ROWS, MOST_COLUMNS, MOST_STEPS = 200, 12, 20
MOST_ANSWER = 2000  # characters that a learner may write
Cell = str | int | float | bool | None


class Generated(Record):
    """Evidence of the demonstration feed: the first `count` messages and calls that it makes from `seed`."""

    generator: Literal["demo"]
    seed: Annotated[int, Field(ge=0, le=2**31)]
    count: Annotated[int, Field(ge=1, le=MOST_ROWS)] = 30


Rows = Annotated[
    tuple[dict[str, Cell], ...], Field(min_length=1, max_length=MOST_ROWS)
]  # evidence that stands in the file


class Step(Record):
    """One question of an exercise.

    `kind` says how an answer is checked: `choice` by the place of an option, `number` within `tolerance` (same unit), `text`
    against spellings of which one must be met, `set` against values that must all be named, in any order.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,39}$")]
    question: Annotated[str, Field(min_length=5, max_length=2000)]
    kind: Literal["choice", "number", "text", "set"]
    options: Annotated[tuple[str, ...], Field(max_length=8)] = ()
    answer: tuple[str | float, ...]
    tolerance: Annotated[float, Field(ge=0, le=1e12)] = 0.0
    explanation: Annotated[str, Field(min_length=5, max_length=3000)]

    @field_validator("answer", mode="before")
    @classmethod
    def _as_list(cls, value: object) -> object:
        return value if isinstance(value, list | tuple) else (value,)

    @field_validator("options", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        return [str(one) for one in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _fits(self) -> "Step":
        if not self.answer or len(self.answer) > 50:
            raise ValueError("answer has 1 to 50 values")
        if self.kind in ("choice", "number") and (len(self.answer) != 1 or not isinstance(self.answer[0], float | int)):
            raise ValueError(f"the answer of a step of the kind {self.kind} is one number")
        if self.kind == "choice" and not (len(self.options) > 1 and self.answer[0] in range(len(self.options))):
            raise ValueError("a choice has two options or more, and its answer is the place of one of them, from 0")
        if self.kind != "choice" and self.options:
            raise ValueError("only a choice has options")
        return self


class Exercise(Record):
    """A task, the evidence that it is about, and its steps."""

    id: Annotated[str, Field(pattern=SLUG, max_length=60)]
    title: Annotated[str, Field(min_length=3, max_length=160)]
    task: Annotated[str, Field(min_length=5)]
    data: Rows | Generated
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MOST_STEPS)]


@dataclass(frozen=True, slots=True)
class Checked:
    """A step with what was answered, and whether that is right; None where nothing was answered."""

    step: Step
    given: str
    right: bool | None


def parse(text: str, name: str) -> Exercise:
    """An exercise file. Raises DecodeError for anything that is not right in it."""
    found = checked(Exercise, content(text, name), name)
    if double := twice(step.id for step in found.steps):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: two steps are called {double[0]}")
    rows = () if isinstance(found.data, Generated) else found.data
    if len(columns(rows)) > MOST_COLUMNS:
        raise DecodeError(Reason.TOO_MANY, f"{name}: more than {MOST_COLUMNS} columns")
    if any(row.keys() != rows[0].keys() for row in rows):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: data: every row has the same columns as the first")
    return found


def columns(rows: Sequence[Mapping[str, Cell]]) -> list[str]:
    """The columns of rows of evidence, in the order in which they first stand."""
    return list(dict.fromkeys(name for row in rows for name in row))


def check(exercise: Exercise, given: Mapping[str, str]) -> list[Checked]:
    """What is right; `given` are answers as they were typed by the id of the step, of a choice the place of the option."""
    found = []
    for step in exercise.steps:
        said = given.get(step.id, "")[:MOST_ANSWER].strip()
        found.append(Checked(step, said, _right(step, said) if said else None))
    return found


def _right(step: Step, said: str) -> bool:
    if step.kind in ("choice", "number"):
        value = number(said)
        margin = step.tolerance if step.kind == "number" else 0.0
        return value is not None and abs(value - float(step.answer[0])) <= margin + 1e-9
    wanted = {plain(_written(one)) for one in step.answer}
    if step.kind == "text":
        return plain(said) in wanted
    return {plain(one) for one in re.split(r"[,;،؛、\n]", said) if one.strip()} == wanted


def _written(value: str | float) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def number(said: str) -> float | None:
    """A number as people write it: 1,234.5 and 1 234,5 and 12 %; None where it is none."""
    text = re.sub(r"[\s\u00a0\u202f'’]|%$", "", unicodedata.normalize("NFKC", said[:60]))
    text = text.replace("٫", ".").replace("٬", "").replace("−", "-")
    if re.fullmatch(r"[+-]?\d+,\d{1,2}", text) or re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+,\d+", text):
        text = text.replace(".", "").replace(",", ".")
    text = text.replace(",", "")
    return float(text) if re.fullmatch(r"[+-]?\d{1,15}(\.\d{0,12})?", text) else None


def plain(said: str) -> str:
    """Text as it is compared: without case, spaces, defanging and the marks around numbers and names, digits as 0 to 9."""
    said = "".join(str(unicodedata.decimal(char, char)) for char in said)
    text = unicodedata.normalize("NFKC", said).casefold().replace("[.]", ".").replace("hxxp", "http")
    return re.sub(r"[\s'\"`.“”()-]+$|^[\s'\"`“”(]+|[\s]", "", text)
