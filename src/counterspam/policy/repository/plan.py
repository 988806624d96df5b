"""The national action plan: a checklist of layers and pillars as data, what a country says of each item, and its progress.

The items are ours, structured after X.1231 (layers) and the Resolution 52 text (pillars); each names best practices
that help.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from counterspam.policy.repository.shipped import raw

STATES = ("not-started", "planned", "in-progress", "done", "not-applicable")
MOST_NOTE = 2000  # characters
MOST_NAME = 200


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to do: its layer and pillar, what is to be done, when it counts as done, and the practices behind it."""

    id: str
    layer: str
    pillar: str
    title: str
    done_when: str
    practices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What was said of an item at a time (ms): status, who is responsible, until when ("" not said), and a note."""

    item: str
    status: str
    responsible: str = ""
    due: str = ""
    note: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How many items stand where. `share` is done of all that apply, None where none applies."""

    counts: Mapping[str, int]
    late: int

    @property
    def applicable(self) -> int:
        """Items that apply."""
        return sum(self.counts.values()) - self.counts["not-applicable"]

    @property
    def share(self) -> float | None:
        """Done of all that apply."""
        return self.counts["done"] / self.applicable if self.applicable else None

    @property
    def begun(self) -> float | None:
        """Done or in progress, of all that apply."""
        both = self.counts["done"] + self.counts["in-progress"]
        return both / self.applicable if self.applicable else None


@cache
def items() -> Mapping[str, Item]:
    """The checklist, by id, layer by layer."""
    return {one["id"]: Item(**{**one, "practices": tuple(one["practices"])}) for one in raw("plan.yaml")}


def faults(said: Said) -> dict[str, str]:
    """What is wrong with what is said, by field: "not-allowed", "too-long", "bad-form"; {} nothing."""
    found = {}
    if said.item not in items():
        found["item"] = "not-allowed"
    if said.status not in STATES:
        found["status"] = "not-allowed"
    if len(said.responsible) > MOST_NAME:
        found["responsible"] = "too-long"
    if len(said.note) > MOST_NOTE:
        found["note"] = "too-long"
    if said.due and not _is_date(said.due):
        found["due"] = "bad-form"
    return found


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text and 2000 <= date.fromisoformat(text).year <= 2100
    except ValueError:
        return False


def progress(standing: Mapping[str, Said], today: date) -> Progress:
    """Where the plan stands, by what was said last of each item; what nobody spoke of is not started."""
    counts = dict.fromkeys(STATES, 0)
    late = 0
    for name in items():
        said = standing.get(name)
        counts[said.status if said else "not-started"] += 1
        open_ = said and said.status not in ("done", "not-applicable")
        late += bool(open_ and said and said.due and date.fromisoformat(said.due) < today)
    return Progress(counts, late)


def course(history: Iterable[Said], days: Sequence[date], end_of: Mapping[date, int]) -> list[Progress]:
    """The progress at the end of each of `days`; `end_of` gives the ms at which each ends, `history` is in order of time."""
    standing: dict[str, Said] = {}
    rest = list(history)
    found, place = [], 0
    for day in days:
        while place < len(rest) and rest[place].at < end_of[day]:
            standing[rest[place].item] = rest[place]
            place += 1
        found.append(progress(standing, day))
    return found
