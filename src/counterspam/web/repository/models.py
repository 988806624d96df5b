"""What the API of the repository answers."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field


class Review(BaseModel):
    """When an entry was reviewed and is due again."""

    reviewed: bool = Field(description="Whether it was ever reviewed; if not, `since` is the day of the record.")
    since: date
    due: date
    state: str = Field(description="fresh, soon or stale.")


class Entry(BaseModel):
    """An entry as it stands."""

    id: str
    version: int = Field(description="0: as shipped.")
    published_at: int = Field(description="0: as shipped.")
    signed_off_by: str
    review: Review
    content: dict[str, Any] = Field(description="Every field of its kind; null is unknown, never no.")
    pillars: list[str] = Field([], description="Of best practices.")
    layers: list[str] = Field([], description="Of best practices.")


class OfUnion(BaseModel):
    """An instrument of a union of states that applies in a country and is not the country's own."""

    id: str
    union: str = Field(description="Code of the union.")
    act: str = Field(
        description="directive: binds through national law; regulation: applies directly; empty: not known."
    )


class Entries(BaseModel):
    """Entries, a page at a time."""

    total: int
    rows: list[Entry]
    next: str
    of_unions: list[OfUnion] = Field(
        [], description="Of laws, where `country` is given: what else applies there today, by the rules of its unions."
    )


class Change(BaseModel):
    """A field that a version changed."""

    path: str
    before: Any
    after: Any


class Step(BaseModel):
    """One version of an entry."""

    version: int
    published_at: int
    author: str = Field(description="As the contributor called itself.")
    signed_off_by: str
    reason: str
    content: dict[str, Any]
    changes: list[Change]


class History(BaseModel):
    """The versions of an entry, the latest first."""

    rows: list[Step]


class Compared(BaseModel):
    """Laws side by side: `rows` are provisions, each with the sides, their instruments and the strictest known value.

    An instrument with `union` is one of that union and not the country's own; `by_union` says that only such a one that binds
    through national law has a value.
    """

    of: list[str]
    rows: list[dict[str, Any]]


class Gaps(BaseModel):
    """A gap report: `rows` are provisions with the answer of the country, counts of the others and laws that have it.

    The answer `union` is one by the rules of its union only, through national law; a law with `union` is one of that union.
    """

    country: str
    rows: list[dict[str, Any]]


class Covered(BaseModel):
    """By type of conduct, whether it is a breach on both sides: yes, no, unknown, or `union` by rules of a union only.

    A breach with `union` is one of an instrument of that union.
    """

    a: str
    b: str
    rows: list[dict[str, Any]]


class KindFigures(BaseModel):
    """Figures of one kind of entries; ages in days, null where there is nothing to take a median of."""

    entries: int
    covered: int = Field(description="Jurisdictions with an instrument.")
    in_force: int = Field(description="Jurisdictions with an instrument in force.")
    reviewed: int
    age_reviewed: float | None
    age_recorded: float | None
    stale: int
    soon: int


class Figures(BaseModel):
    """Figures of the repository (K22)."""

    laws: KindFigures
    practices: KindFigures
    bodies: KindFigures


class Plan(BaseModel):
    """The action plan and its progress; shares of the items that apply."""

    counts: dict[str, int]
    late: int
    share_done: float | None
    share_begun: float | None
    rows: list[dict[str, Any]]
