"""How often campaigns were seen lately: a fact that national definitions ask for, worked out as evidence is stored.

Windows begin at a whole hour or day, so what the store says of a campaign stays right for an hour: it is asked once in that
time, and everything counted since then is added. What is told is "at least so many".
"""

import logging
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from counterspam.errors import StoreError
from counterspam.measure import questions
from counterspam.measure.definition_questions import seen_together
from counterspam.measure.scope import Query

WINDOWS = ("seen_24h", "seen_30d", "seen_365d")
MOST_ASKED = 5_000  # campaigns of one part
MOST_KEPT = 200_000  # campaigns
HOUR = 3_600_000  # ms
_U32 = 2**32 - 1
_NONE = (0, 0, 0)
log = logging.getLogger(__name__)


class Lately:
    """What is known of campaigns in this hour: the messages that each had when it was asked for, and those of each window."""

    def __init__(self) -> None:
        self._hour = -1
        self._kept: dict[int, tuple[int, tuple[int, int, int]]] = {}

    def with_windows(self, table: pa.Table, query: Query, now: int, grown: Iterable[int] = ()) -> pa.Table:
        """Rows with the messages of their campaign in the last day, month and year, themselves included; 0 is not known.

        `now` in ms; `grown` are campaigns that others became part of just now, so that they are asked for anew.
        """
        ids = table["campaign"].to_numpy().astype(np.uint64)
        count = table["count"].to_numpy().astype(np.int64)
        before = table["seen_before"].to_numpy().astype(np.int64)
        found, which = np.unique(ids, return_inverse=True)
        first = np.full(len(found), np.iinfo(np.int64).max)
        np.minimum.at(first, which, before)  # messages stored before this part
        self._forget(now, grown)
        totals = {id: stored for id, stored in zip(found.tolist(), first.tolist(), strict=True) if id}
        known = self._known(totals, query, now)
        kept = [known.get(id) for id in found.tolist()]
        base = np.array([0 if one is None else one[0] for one in kept], np.int64)[which]
        told = np.array([one is not None for one in kept])[which]
        for place, name in enumerate(WINDOWS):
            stored = np.array([0 if one is None else one[1][place] for one in kept], np.int64)[which]
            seen = np.where(told, stored + np.maximum(before - base, 0) + count, 0)
            seen = np.where(ids == 0, count, seen)
            table = _replaced(table, name, np.minimum(seen, _U32))
        return table

    def _forget(self, now: int, grown: Iterable[int]) -> None:
        if now // HOUR != self._hour or len(self._kept) > MOST_KEPT:
            self._hour = now // HOUR
            self._kept.clear()
        for id in grown:
            self._kept.pop(id, None)

    def _known(
        self, totals: Mapping[int, int], query: Query, now: int
    ) -> Mapping[int, tuple[int, tuple[int, int, int]]]:
        """What is kept of these campaigns, after asking for those that were there before and are not kept."""
        fresh = {id: (0, _NONE) for id, stored in totals.items() if not stored}
        self._kept |= {id: one for id, one in fresh.items() if id not in self._kept}
        asked = [id for id in totals if id not in self._kept][:MOST_ASKED]
        if asked:
            try:
                seen = _asked(asked, query, now)
            except StoreError as error:  # then it is not known, which no definition takes for none
                log.warning("how often campaigns were seen lately cannot be told: %s", error)
                return self._kept
            self._kept |= {id: (totals[id], seen.get(id, _NONE)) for id in asked}
        return self._kept


def _asked(ids: Sequence[int], query: Query, now: int) -> dict[int, tuple[int, int, int]]:
    return seen_together(query, ids, questions.campaigns_joined(query, ids), now // 1000)


def _replaced(table: pa.Table, name: str, values: NDArray[np.int64]) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, pa.array(values.astype(np.uint32)))
