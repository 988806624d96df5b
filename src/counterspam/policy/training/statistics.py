"""Course statistics that expose nobody (F-R8, indicator K21): small numbers are added together before they are shown."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LEAST = 5  # completions or people of a shown row


@dataclass(frozen=True, slots=True)
class Table:
    """Counts by the value of one dimension, the largest first; `pooled` are those of `cells` values too small to be shown.

    `total` is all of it; None where even that is fewer than 5.
    """

    rows: tuple[tuple[str, int], ...]
    pooled: int
    cells: int
    total: int | None


def table(counts: Iterable[tuple[str, int]], least: int = LEAST) -> Table:
    """What may be shown of counts by value.

    Values below `least` are pooled; a pool that is itself below `least` takes in the smallest shown value as well, so that
    nothing can be worked out from the total.
    """
    summed: Counter[str] = Counter()
    for value, count in counts:
        summed[value] += count
    total = sum(summed.values())
    if total < least:
        return Table((), 0, 0, 0 if not total else None)
    ordered = sorted(((value, n) for value, n in summed.items() if n), key=lambda row: (-row[1], row[0]))
    shown = [row for row in ordered if row[1] >= least]
    small = [row for row in ordered if row[1] < least]
    while small and sum(n for _, n in small) < least and shown:
        small.append(shown.pop())
    return Table(tuple(shown), sum(n for _, n in small), len(small), total)


def by(rows: Sequence[Mapping[str, Any]], dimension: str, value: str, least: int = LEAST) -> Table:
    """The table of `value` (a column of whole numbers) by one dimension of rows."""
    return table(((str(row[dimension]), int(row[value])) for row in rows), least)
