"""National definitions at work: which are in force, and what they say of evidence that is about to be stored.

They judge at the very end of the path, where campaigns are known: how often something was seen and the final verdict are facts
that they ask for. A definition that breaks answers "unknown"; if judging itself fails, evidence is stored unjudged.
"""

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from counterspam.lately import WINDOWS, Lately
from counterspam.measure.scope import Query
from counterspam.policy.definitions.definition import Definition, in_order, shipped
from counterspam.policy.definitions.facts import FACTS, NUMBER
from counterspam.policy.definitions.judge import Judge
from counterspam.store import definitions
from counterspam.store.definitions import Version
from counterspam.store.records import Records

Ints = NDArray[np.int64]
DAY = 86_400_000  # ms
MOST_DAYS = 2_900_000  # since 1970, before the last year that a date can have
_FIELDS = tuple(field.name for field in fields(Definition) if field.name != "origin")
log = logging.getLogger(__name__)


def of_version(one: Version) -> Definition:
    """A version of this node as a definition."""
    return Definition(**{name: getattr(one, name) for name in _FIELDS})


class Definitions:
    """The definitions in force: those shipped with the software and those that this node has published."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._lock = threading.Lock()
        self._stamp = -1
        self._judge = Judge(())
        self._lately = Lately()

    def judge(self) -> Judge:
        """All of them, compiled; read again after one was published, on whichever node. Raises StoreError."""
        with self._records.read() as conn:
            stamp = definitions.stamp(conn)
            if stamp == self._stamp:
                return self._judge
            own = [of_version(one) for one in definitions.in_force(conn)]
        with self._lock:
            self._judge, self._stamp = Judge(merged(own)), stamp
            return self._judge

    def stamped(self, table: pa.Table, query: Query, now: int, grown: Iterable[int] = ()) -> pa.Table:
        """Rows that are about to be stored, with how often their campaigns were seen and what definitions say; `now` in ms.

        `grown` are campaigns that others became part of just now. Nothing that goes wrong here keeps evidence from the store.
        """
        try:
            judge = self.judge()
            if set(WINDOWS) & set(judge.names):
                table = self._lately.with_windows(table, query, now, grown)
            return with_answers(table, judge)
        except Exception:  # evidence comes first
            log.exception("evidence is stored without being judged under national definitions")
            return table


def merged(own: Sequence[Definition]) -> list[Definition]:
    """The node's own definitions and the shipped ones; an id of the node's own hides a shipped one of the same name."""
    ids = {one.id for one in own}
    return in_order([*own, *(one for one in shipped() if one.id not in ids)])


def with_answers(table: pa.Table, judge: Judge) -> pa.Table:
    """Rows with the definitions that they meet, and those that judged them. Rows that are alike are judged once."""
    if not len(table):
        return table
    days = np.clip(pc.cast(table["observed_at"], pa.int64()).to_numpy() // DAY, 0, MOST_DAYS)
    eras = judge.eras(days)
    first, which = _alike([eras, *(_codes(judge, name, table[name]) for name in judge.columns)], len(table))
    rows = table.select(["id", *judge.columns]).take(pa.array(first)).to_pylist()
    like = zip(eras[first].tolist(), *(_values(judge, name, rows) for name in judge.columns), strict=True)
    found = [judge.of_row(row, day, key) for row, day, key in zip(rows, days[first].tolist(), like, strict=True)]
    different = list({id(one): one for one in found}.values())
    places = {id(one): place for place, one in enumerate(different)}
    which = np.array([places[id(one)] for one in found], np.int64)[which]
    met = pa.array([list(one.met) for one in different], pa.list_(pa.string())).take(pa.array(which))
    lines = pa.array([one.line for one in different], pa.string()).dictionary_encode().take(pa.array(which))
    return _replaced(_replaced(table, "definitions", met), "judged_under", lines)


def _is_number(name: str) -> bool:
    return name in FACTS and FACTS[name].kind == NUMBER


def _codes(judge: Judge, name: str, column: pa.ChunkedArray) -> NDArray[Any]:
    """Small numbers that are the same where no definition can tell one value from another."""
    if _is_number(name):
        return judge.classes(name, column.to_numpy())
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    codes: NDArray[Any] = column.combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    return codes


def _values(judge: Judge, name: str, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The values of a column, numbers as their classes: what answers are remembered under."""
    values = [row[name] for row in rows]
    return judge.classes(name, np.array(values)).tolist() if _is_number(name) else values


def _alike(codes: Sequence[NDArray[Any]], size: int) -> tuple[Ints, Ints]:
    """The first row of each different combination, and which combination each row has."""
    which = np.zeros(size, np.int64)
    for column in codes:
        values, places = np.unique(column, return_inverse=True)
        if len(values) > 1:
            _, which = np.unique(which * len(values) + places, return_inverse=True)
    _, first, which = np.unique(which, return_index=True, return_inverse=True)
    return first, which


def _replaced(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    index = table.column_names.index(name)
    return table.set_column(index, name, values.cast(table.schema.field(index).type))
