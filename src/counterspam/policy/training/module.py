"""A module as it is written: front matter with goals and sources, then lessons in a small Markdown (docs/training.md)."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from counterspam.errors import DecodeError, Reason
from counterspam.policy.training import markup
from counterspam.policy.training.markup import Lesson
from counterspam.policy.training.reading import AUDIENCES, SLUG, Audience, Record, checked, front_matter, twice


def _each_once(values: tuple[str, ...]) -> tuple[str, ...]:
    if double := twice(values):
        raise ValueError(f"{double[0]} stands there twice")
    return values


class Source(Record):
    """Where a statement comes from. `url` is None for what has no address."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    text: Annotated[str, Field(min_length=3, max_length=600)]
    url: Annotated[str, Field(pattern=r"^https?://[^\s<>\"]{3,500}$")] | None = None


Audiences = Annotated[tuple[Audience, ...], Field(min_length=1, max_length=3), AfterValidator(_each_once)]


class Front(Record):
    """The front matter."""

    id: Annotated[str, Field(pattern=SLUG, max_length=60)]
    number: Annotated[int, Field(ge=1, le=999)]
    title: Annotated[str, Field(min_length=3, max_length=160)]
    audiences: Audiences
    minutes: Annotated[int, Field(ge=1, le=600)]
    goals: Annotated[tuple[str, ...], Field(min_length=1, max_length=12)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1, max_length=80)]
    reviewed: date
    review_due: date


class Module(Front):
    """One module in one language. `minutes` is how long it takes; `review_due` when its statements are to be checked again."""

    lang: str
    lessons: tuple[Lesson, ...]

    @property
    def numbers(self) -> dict[str, int]:
        """The id of each source, and the number that stands for it in the text."""
        return {source.id: i for i, source in enumerate(self.sources, 1)}

    def parts(self, audience: str = "") -> list[Lesson]:
        """The lessons for an audience, "" for all: without the blocks, and the lessons, that are for others."""
        found = []
        for lesson in self.lessons:
            blocks = tuple(
                block for block in lesson.blocks if not (audience and block.audiences) or audience in block.audiences
            )
            if blocks:
                found.append(Lesson(lesson.title, blocks))
        return found


def parse(text: str, lang: str, name: str) -> Module:
    """A module file. `name` stands in errors. Raises DecodeError for anything that is not right in it."""
    data, body = front_matter(text, name)
    front = checked(Front, data, name)
    if double := twice(source.id for source in front.sources):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: two sources are called {double[0]}")
    if front.review_due < front.reviewed:
        raise DecodeError(Reason.BAD_VALUE, f"{name}: review_due is before reviewed")
    lessons = markup.lessons(body, name)
    for wrong in markup.faults(lessons, {source.id for source in front.sources}, front.audiences):
        raise DecodeError(Reason.BAD_VALUE, f"{name}: {wrong}")
    return Module(**front.__dict__, lang=lang, lessons=tuple(lessons))


def in_order(audiences: tuple[str, ...]) -> list[str]:
    """Audiences in the order in which pages list them."""
    return [audience for audience in AUDIENCES if audience in audiences]
