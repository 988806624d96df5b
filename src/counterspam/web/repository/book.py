"""The repository as it stands: what is shipped, with the node's own published versions in the place of what they replace."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from counterspam.policy.repository import places, search, unions
from counterspam.policy.repository.fields import TITLE, Content, Kind, complete
from counterspam.policy.repository.plan import Said
from counterspam.policy.repository.shipped import shipped
from counterspam.store import entries, plans
from counterspam.store.entries import Version
from counterspam.web.format import locale
from counterspam.web.language import LANGUAGES


@dataclass(frozen=True)
class Held:
    """An entry as it stands: its content, and the version that was published here, None for the shipped one."""

    kind: Kind
    content: Content
    published: Version | None = None

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.content["id"])

    @property
    def title(self) -> str:
        """What it is called."""
        return str(self.content[TITLE[self.kind]])

    @property
    def version(self) -> int:
        """0 for the shipped one."""
        return self.published.version if self.published else 0

    @cached_property
    def text(self) -> str:
        """All that it says, folded, and the name of its country in every language of the pages."""
        code = self.content.get("jurisdiction", "")
        names = [str(locale(lang).territories.get(code, "")) for lang in LANGUAGES] if code else []
        return search.text([dict(self.content), names])


@dataclass(frozen=True)
class Book:
    """All entries by kind and id."""

    kinds: Mapping[Kind, Mapping[str, Held]]
    stamp: tuple[int, int] = field(default=(0, 0))

    def get(self, kind: Kind, id: str) -> Held | None:
        """An entry, None where there is none."""
        return self.kinds[kind].get(id)

    def contents(self, kind: Kind) -> dict[str, Content]:
        """The contents of a kind by id."""
        return {id: one.content for id, one in self.kinds[kind].items()}

    @cached_property
    def places(self) -> Mapping[str, list[Content]]:
        """The laws by jurisdiction: its own only."""
        return places.by_place(self.contents(Kind.LAW).values())

    def above(self, day: date) -> Mapping[str, Sequence[unions.Above]]:
        """By country the instruments of its unions that apply there on a day."""
        return unions.applying(self.places, day)


def today() -> date:
    """This day in UTC."""
    return datetime.now(UTC).date()


def load(node: Any) -> Book:
    """The book of a node; made anew only after something was published. Asks the store, so call it in a thread."""
    with node.records.read() as conn:
        stamp = entries.stamp(conn)
        known: Book | None = getattr(node, "_repository", None)
        if known is not None and known.stamp == stamp:
            return known
        own = entries.current(conn)
    made = Book({kind: dict(_held(kind, own)) for kind in Kind}, stamp)
    node._repository = made  # two threads make the same one
    return made


def _held(kind: Kind, own: Sequence[Version]) -> Iterator[tuple[str, Held]]:
    mine = {one.id: one for one in own if one.kind == kind}
    for id, content in shipped(kind).items():
        one = mine.pop(id, None)
        yield id, Held(kind, complete(kind, one.content) if one else content, one)
    for id, one in mine.items():
        yield id, Held(kind, complete(kind, one.content), one)


def version_zero(kind: Kind, id: str) -> Content | None:
    """The shipped version of an entry, None where it was not shipped."""
    return shipped(kind).get(id)


def said(row: plans.Row) -> Said:
    """A stored row as the plan counts it."""
    return Said(
        item=row.item, status=row.status, responsible=row.responsible, due=row.due, note=row.note, at=row.said_at
    )
