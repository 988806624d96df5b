"""What of a table the public may see, so that no figure tells of fewer than 5 people.

A cell with fewer than 5 contributors is not shown. Such cells are one sum, which is not shown either unless at least 5
contributors stand behind it, so that asking for such a cell gives what asking for an empty one gives. Where a filter names
several values, the small ones among them are left out of every sum, so that the answer with such a value is the answer without.

The counts of all others are rounded to a multiple of 5, up or down by a chance of the remainder in 5. The chance depends on
the counts, on what the cell is called and on a secret of the node, not on the question: the same evidence gives the same
figures however it is asked for, and the expected value is right. What is shown is less than 5 off. Two figures may still be
subtracted, and many be averaged: docs/statistics.md says what that tells.

Totals by time, channel and source kind describe nobody; they are exact (`ask.OPEN`).
Source: fixed random rounding to base 5, as offices of statistics use it for counts; REQUIREMENTS D9 (fewer than 5 reporters).
"""

import hashlib
from collections.abc import Sequence

from counterspam.measure.ask import Ask
from counterspam.measure.scope import Row

LEAST = 5  # different contributors behind a figure that is shown
BASE = 5
COUNTS = ("messages", "reports", "spam_messages", "spam_reports")


def rounded(row: Row, ask: Ask, secret: bytes) -> Row:
    """The row with counts as the public may see them, the same however the cell is described.

    Reports are rounded at random. What they stand for beyond one message each, which only machines and organisations report,
    is rounded to the nearest multiple.
    """
    named = {name: values[0] for name, values in ask.filters.items() if len(values) == 1}  # others would be other draws
    cell = repr(sorted({**named, **{name: row[name] for name in ask.dimensions if name in row}}.items())).encode()
    shown = dict(row)
    for messages, reports in (("messages", "reports"), ("spam_messages", "spam_reports")):
        shown[reports] = _fixed(row[reports], cell, secret)
        shown[messages] = shown[reports] + BASE * round((row[messages] - row[reports]) / BASE)
    shown["spam_reports"] = min(shown["spam_reports"], shown["reports"])
    shown["spam_messages"] = min(shown["spam_messages"], shown["messages"])
    return shown


def together(rows: Sequence[Row], ask: Ask, secret: bytes) -> Row:
    """The counts of all cells that are too small, from those `rows` behind which there are enough; {} when there are none."""
    enough = [row for row in rows if row["enough"]]
    if not enough:
        return {}
    sums = {name: sum(row[name] for row in enough) for name in COUNTS}
    shown = rounded(sums, ask, secret)
    return {"cells": sum(row["cells"] for row in enough), **{name: shown[name] for name in COUNTS}}


def _fixed(count: int, cell: bytes, secret: bytes) -> int:
    """A multiple of BASE next to `count`: the upper one with a chance of the remainder in BASE."""
    low, rest = count - count % BASE, count % BASE
    chance = hashlib.blake2b(b"%d " % count + cell, key=secret, digest_size=8).digest()
    return low + BASE if int.from_bytes(chance) % BASE < rest else low
