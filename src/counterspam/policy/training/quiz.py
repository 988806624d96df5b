"""The bank of questions of a module: drawing some of them, scoring the answers, and drawing others for another try."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, field_validator

from counterspam.errors import DecodeError, Reason
from counterspam.policy.training.module import Audiences, Module
from counterspam.policy.training.reading import Record, checked, content, twice

FEWEST, MOST = 5, 10  # questions of one try
MOST_ITEMS = 200  # of a bank
PASS_MARK = 0.8  # share of questions that must be right


class Item(Record):
    """One question. `answer` are the places of all right options, from 0; more than one makes it a multiple choice."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,59}$")]
    audiences: Audiences
    question: Annotated[str, Field(min_length=5, max_length=600)]
    options: Annotated[tuple[str, ...], Field(min_length=2, max_length=5)]
    answer: Annotated[tuple[int, ...], Field(min_length=1, max_length=5)]
    explanation: Annotated[str, Field(min_length=5, max_length=1200)]
    source: Annotated[str, Field(min_length=1, max_length=40)]

    @field_validator("answer", mode="before")
    @classmethod
    def _as_list(cls, value: object) -> object:
        return (value,) if isinstance(value, int) and not isinstance(value, bool) else value

    @field_validator("options", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        """YAML reads a bare true, 30 or 2.5 as something else than text."""
        return [_said(one) for one in value] if isinstance(value, list) else value


def _said(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int | float) else value


@dataclass(frozen=True, slots=True)
class Asked:
    """A drawn question: the item, and its options in the order in which they are shown (their places in the item)."""

    item: Item
    order: tuple[int, ...]

    @property
    def multiple(self) -> bool:
        """Whether more than one option is right."""
        return len(self.item.answer) > 1


@dataclass(frozen=True, slots=True)
class Marked:
    """A question with what was chosen (places in the item) and whether exactly the right options were."""

    asked: Asked
    chosen: tuple[int, ...]
    right: bool


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a try; `share` from 0 to 1."""

    marked: tuple[Marked, ...]
    right: int
    share: float
    passed: bool


def parse(text: str, module: Module, name: str) -> tuple[Item, ...]:
    """A bank of questions of this module. Raises DecodeError for anything that is not right in it."""
    items = checked(tuple[Item, ...], content(text, name), name)
    if not items or len(items) > MOST_ITEMS:
        raise DecodeError(
            Reason.TOO_MANY if items else Reason.EMPTY, f"{name}: {len(items)} questions, 1 to {MOST_ITEMS} go"
        )
    if double := twice(item.id for item in items):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: two questions are called {double[0]}")
    for item in items:
        if wrong := _wrong(item, module):
            raise DecodeError(Reason.BAD_VALUE, f"{name}: {item.id}: {wrong}")
    for audience in module.audiences:
        if (count := len(bank(items, audience))) < FEWEST:
            raise DecodeError(
                Reason.BAD_VALUE, f"{name}: {count} questions for the audience {audience}, {FEWEST} are needed"
            )
    return items


def _wrong(item: Item, module: Module) -> str:
    if item.source not in module.numbers:
        return f"source {item.source} is not among those of the module"
    if not all(0 <= place < len(item.options) for place in item.answer) or len(set(item.answer)) < len(item.answer):
        return "answer names the right options by their places, from 0, each once"
    if len(item.answer) == len(item.options):
        return "every option is right"
    if twice(item.options):
        return "an option stands there twice"
    return ""


def bank(items: Sequence[Item], audience: str) -> list[Item]:
    """The questions for an audience, "" for all."""
    return [item for item in items if not audience or audience in item.audiences]


def draw(items: Sequence[Item], audience: str, seed: str, attempt: int = 0) -> list[Asked]:
    """Questions for one try: half of the bank, at least 5 and at most 10.

    The same seed gives the same questions; a further `attempt` (from 0) gives others, as long as the bank has any.
    """
    known = bank(items, audience)
    count = min(len(known), MOST, max(FEWEST, len(known) // 2))
    random.Random(seed).shuffle(known)
    start = attempt * count
    drawn = [known[(start + i) % len(known)] for i in range(count)]
    return [Asked(item, _order(item, f"{seed}/{attempt}")) for item in drawn]


def _order(item: Item, seed: str) -> tuple[int, ...]:
    places = list(range(len(item.options)))
    random.Random(f"{seed}/{item.id}").shuffle(places)
    return tuple(places)


def score(asked: Sequence[Asked], chosen: Mapping[str, Sequence[int]], pass_mark: float = PASS_MARK) -> Result:
    """What came of a try; `chosen` are places in the item by its id. A question without an answer is not right."""
    marked = []
    for one in asked:
        given = tuple(sorted(set(chosen.get(one.item.id, ()))))
        marked.append(Marked(one, given, given == tuple(sorted(one.item.answer))))
    right = sum(one.right for one in marked)
    share = right / len(marked) if marked else 0.0
    return Result(tuple(marked), right, share, bool(marked) and right >= pass_mark * len(marked) - 1e-9)
