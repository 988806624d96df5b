"""What two sides of a comparison are made of: shares of the values of a dimension, and how they differ."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from counterspam.measure.disclosure import BASE
from counterspam.measure.intervals import share_difference
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


def _paired(ask: Asker, id: str, title: str, of: str, *, by: str, sides: tuple[Side, Side]) -> Panel:
    """The shares of the values of a dimension, side by side, and the difference with its interval."""
    found = [side(of) for side in sides]
    counts = [{str(row[of]): row for row in answer.rows if row["spam_messages"]} for answer in found]
    wholes = [answer.totals or {"spam_messages": 0, "spam_reports": 0} for answer in found]
    shares = {
        value: (_share(counts[0], found[0], value), _share(counts[1], found[1], value))
        for value in dict.fromkeys(value for rows in counts for value in rows)
    }
    order = sorted(shares, key=lambda value: -max(part or 0 for part in shares[value]))[:MOST_ROWS]
    names = (sides[0].name, sides[1].name)
    caption = gettext("Shares of the messages judged spam on each side")
    rows = [(words.named(of, value), *shares[value]) for value in order]
    rest = [
        _rest(answer, {value: rows_[value] for value in order if value in rows_})
        for answer, rows_ in zip(found, counts, strict=True)
    ]
    head = [(title, ""), *((name, "n") for name in names), (gettext("Difference in points (95 % interval)"), "n")]
    table = [
        [
            Cell(words.named(of, value), "", heads=True),
            *(Cell(number(rows_[value]["spam_messages"]) if value in rows_ else NOTHING) for rows_ in counts),
            Cell(_difference([rows_.get(value) for rows_ in counts], wholes)),
        ]
        for value in order
    ]
    others = gettext("All others, or not shown")
    if any(rest):
        table.append([Cell(others, "quiet", heads=True), *(Cell(number(count)) for count in rest), Cell(NOTHING)])
    ends = [(others, _part(rest[0], wholes[0]), _part(rest[1], wholes[1]))] if any(rest) else []
    return Panel(
        id,
        title,
        _apart(rows),
        chart=Markup('<div class="scroll" tabindex="0" role="region" aria-label="{}">{}</div>').format(
            caption, charts.paired(caption, names, [*rows, *ends], say=lambda part: share(part, 1))
        ),
        table=Table(title, head, table, gettext("Nothing was judged spam.")),
        basis=gettext(
            "The greatest values of either side. “–” is what fewer than 5 reporters stand behind, or what may be among it."
            " The interval of a difference is that of chance alone."
        ),
        question=_question(ask, by, of, sides),
    )


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


def _share(rows: Mapping[str, Row], answer: Answer, value: str) -> float | None:
    """The share of a value; 0 only where nothing is hidden that it could be among."""
    whole = answer.totals.get("spam_messages", 0)
    if value not in rows:
        return None if answer.small or answer.more or not whole or _rest(answer, rows) else 0.0
    return _part(rows[value]["spam_messages"], answer.totals)


def _part(count: int, whole: Row) -> float | None:
    return min(count / whole["spam_messages"], 1.0) if whole["spam_messages"] else None


def _rest(answer: Answer, rows: Mapping[str, Row]) -> int:
    """What is in the total but not in these rows, beyond what the rounding of each may make."""
    rest = int(answer.totals.get("spam_messages", 0)) - sum(row["spam_messages"] for row in rows.values())
    return rest if rest > (BASE * (len(rows) + 1) if answer.rounded else 0) else 0


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


def _question(ask: Asker, by: str, of: str, sides: tuple[Side, Side]) -> Mapping[str, str]:
    """The figures of both sides in one question, which two periods do not make."""
    if by == "period":
        return {}
    return ask.question(by, of, filters={by: f"{sides[0].value},{sides[1].value}"})
