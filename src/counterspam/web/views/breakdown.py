"""What two sides of a comparison are made of: shares of the values of a dimension, and how they differ."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from counterspam.intervals import share_difference
from counterspam.measure.disclosure import BASE
from counterspam.measure.scope import Row
from counterspam.measure.statistics import Answer
from counterspam.web import charts, words
from counterspam.web.format import NOTHING, number, share, signed
from counterspam.web.language import gettext
from counterspam.web.views import rates
from counterspam.web.views.counted import or_why
from counterspam.web.views.page import Asker, Cell, Panel, Table
from counterspam.web.views.sides import Side

MOST_ROWS = 12


def breakdown(id: str, title: str, of: str, by: str, sides: tuple[Side, Side]) -> Panel:
    """The values of the dimension `of` on both sides, which differ in `by`."""
    return or_why(_paired)(sides[0].ask, id, title, of, by=by, sides=sides)


@dataclass(frozen=True, slots=True)
class _Half:
    """What one side says: its rows by the value that they count, and their total."""

    name: str
    answer: Answer
    rows: Mapping[str, Row]
    whole: Row

    def share(self, value: str) -> float | None:
        """The share of a value; 0 only where nothing is hidden that it could be among."""
        if value not in self.rows:
            hidden = self.answer.small or self.answer.more or not self.whole["spam_messages"] or self.rest(self.rows)
            return None if hidden else 0.0
        return _part(self.rows[value]["spam_messages"], self.whole)

    def rest(self, values: Collection[str]) -> int:
        """What is in the total but not in these values, beyond what the rounding of each may make."""
        shown = [self.rows[value]["spam_messages"] for value in values if value in self.rows]
        rest = int(self.whole["spam_messages"]) - sum(shown)
        return rest if rest > (BASE * (len(shown) + 1) if self.answer.rounded else 0) else 0


def _half(side: Side, of: str) -> _Half:
    answer = side(of)
    rows = {str(row[of]): row for row in answer.rows if row["spam_messages"]}
    return _Half(side.name, answer, rows, answer.totals or {"spam_messages": 0, "spam_reports": 0})


def _paired(ask: Asker, id: str, title: str, of: str, *, by: str, sides: tuple[Side, Side]) -> Panel:
    """The shares of the values of a dimension, side by side, and the difference with its interval."""
    left, right = (_half(side, of) for side in sides)
    shares = {value: (left.share(value), right.share(value)) for value in dict.fromkeys([*left.rows, *right.rows])}
    order = sorted(shares, key=lambda value: -max(part or 0 for part in shares[value]))[:MOST_ROWS]
    rows = [(words.named(of, value), *shares[value]) for value in order]
    rest = [half.rest(order) for half in (left, right)]
    others = gettext("All others, or not shown")
    ends = [(others, _part(rest[0], left.whole), _part(rest[1], right.whole))] if any(rest) else []
    caption = gettext("Shares of the messages judged spam on each side")
    return Panel(
        id,
        title,
        _apart(rows),
        chart=Markup('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>').format(
            caption, charts.paired(caption, (left.name, right.name), [*rows, *ends], say=lambda part: share(part, 1))
        ),
        table=_table(title, of, order, (left, right), (others, rest)),
        basis=gettext(
            "The greatest values of either side. “–” is what fewer than 5 reporters stand behind, or what may be among it."
            " The interval of a difference is that of chance alone."
        ),
        **questions(of, by=by, sides=sides),
    )


def _table(title: str, of: str, order: Sequence[str], halves: Sequence[_Half], others: tuple[str, list[int]]) -> Table:
    """The counts behind the shares, the difference of each value, and all others."""
    head = [(title, ""), *((half.name, "n") for half in halves), (gettext("Difference in points (95 % interval)"), "n")]
    table = [
        [
            Cell(words.named(of, value), "", heads=True),
            *(Cell(number(half.rows[value]["spam_messages"]) if value in half.rows else NOTHING) for half in halves),
            Cell(_difference([half.rows.get(value) for half in halves], [half.whole for half in halves])),
        ]
        for value in order
    ]
    name, rest = others
    if any(rest):
        table.append([Cell(name, "quiet", heads=True), *(Cell(number(count)) for count in rest), Cell(NOTHING)])
    return Table(title, head, table, gettext("Nothing was judged spam."))


def _apart(rows: Sequence[tuple[str, float | None, float | None]]) -> str:
    """Which value differs most; "" where none is known on both sides."""
    known = [(abs(a - b), name, a, b) for name, a, b in rows if a is not None and b is not None]
    if not known:
        return ""
    _, name, a, b = max(known)
    return gettext("Of what is known on both sides, the shares differ most in %(name)s: %(a)s against %(b)s.") % {
        "name": name,
        "a": share(a, 1),
        "b": share(b, 1),
    }


def _part(count: int, whole: Row) -> float | None:
    return min(count / whole["spam_messages"], 1.0) if whole["spam_messages"] else None


def _difference(rows: Sequence[Row | None], wholes: Sequence[Row]) -> str:
    if not all(rows) or not all(whole["spam_messages"] for whole in wholes):
        return NOTHING
    hits = [row["spam_messages"] for row in rows if row]
    totals = [max(whole["spam_messages"], hit) for whole, hit in zip(wholes, hits, strict=True)]
    effect = max(rates.effect(whole["spam_messages"], whole["spam_reports"]) for whole in wholes)
    found = share_difference(hits[0], totals[0], hits[1], totals[1], design_effect=effect)
    if found is None:
        return NOTHING
    return f"{signed(100 * found.estimate, 1)} ({signed(100 * found.low, 1)} – {signed(100 * found.high, 1)})"


def questions(*of: str, by: str, sides: tuple[Side, Side], over_time: bool = False) -> dict[str, Any]:
    """Where the API gives the figures: both sides in one question, or each in its own where they are two periods."""
    if by == "period":
        first, second = (side.question(*of, over_time=over_time) for side in sides)
        return {"question": first, "against": second if first else {}}
    both = {by: f"{sides[0].value},{sides[1].value}"}
    return {"question": sides[0].ask.question(by, *of, over_time=over_time, filters=both)}
