"""Calls -> callers that stand out, and totals of all the others.

Constants are ours, to be tuned with real traffic; the ideas are call rate, fan-out and short rings (X1246-2).
"""

import bisect
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from counterspam.decode import call_numbers
from counterspam.decode.record import evidence
from counterspam.model import Authentication, Calls, Evidence, Raw
from counterspam.taxonomy import Channel, SenderKind, Source

MANY_CALLS, MANY_CALLEES = 20, 15  # in one hour: more than a person makes
SHORT_CALLS, SHORT_SHARE = 8, 0.8  # in one hour: rings to be called back (wangiri)
HOUR = 3_600_000
WORDS = ("trunk", "operator", "attestation")
ATTESTED = {"a": "A", "b": "B", "c": "C", "fail": "fail", "failed": "fail"}

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Calling:
    """Calls in columns. Numbers are E.164 digits, times milliseconds, durations seconds; the last three are texts."""

    row: Ints
    caller: Ints
    callee: Ints
    start: Ints
    duration: Floats
    answered: Flags
    short: Flags
    trunk: Any
    operator: Any
    attestation: Any


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows sorted by a key: `order` puts equal keys together, `starts` is where each key begins in it."""

    order: Ints
    starts: Ints

    def sums(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Sum of `values` per group."""
        return np.add.reduceat(values[self.order], self.starts)

    def sizes(self) -> Ints:
        """Rows per group."""
        return np.diff(np.append(self.starts, len(self.order)))

    def first(self) -> Ints:
        """The earliest row of each group."""
        return self.order[self.starts]

    def numbers(self) -> Ints:
        """The group that each row is in."""
        group = np.empty(len(self.order), dtype=np.int64)
        group[self.order] = np.repeat(np.arange(len(self.starts)), self.sizes())
        return group


def join(blocks: list[Calling]) -> Calling:
    """All the blocks as one."""
    parts = [[getattr(block, field.name) for block in blocks] for field in fields(Calling)]
    texts = [pa.chunked_array(part, pa.string()).combine_chunks() for part in parts[-len(WORDS) :]]
    return Calling(*(np.concatenate(part) for part in parts[: -len(WORDS)]), *texts)


def evidence_of(raw: Raw, calls: Calling, place: Ints, format: str) -> Iterator[Evidence]:
    """Evidence for `calls`, every call in exactly one. `place` is where in the table each row stands."""
    if not len(calls.row):
        return
    book = _Book(raw, calls, place, format)
    by_caller = grouped(codes(calls.caller), calls.start // HOUR)
    sizes, short = by_caller.sizes(), by_caller.sums(calls.short.astype(np.int64))
    callees = distinct(by_caller, book.callees)
    loud = (sizes >= MANY_CALLS) & (callees >= MANY_CALLEES)
    ringing = (sizes >= SHORT_CALLS) & (short >= SHORT_SHARE * sizes)
    out = (loud | ringing) & (calls.caller[by_caller.first()] > 0)
    backs = callbacks(calls, by_caller, ringing & out)
    yield from book.callers(by_caller, np.flatnonzero(out), callees, backs)
    rest = np.flatnonzero(~out[by_caller.numbers()])
    if len(rest):
        yield from book.totals(rest)


def grouped(*keys: Ints) -> Groups:
    """Rows grouped by all the `keys` together (not negative)."""
    key = np.zeros(len(keys[0]), dtype=np.int64)
    for part in keys:
        part = part - part.min()
        if int(key.max() + 1) * int(part.max() + 1) >= 2**62:
            key = codes(key)
        if int(key.max() + 1) * int(part.max() + 1) >= 2**62:
            part = codes(part)
        key = key * (part.max() + 1) + part
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    return Groups(order, np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])))


def codes(values: Ints) -> Ints:
    """Small numbers that are equal where `values` are."""
    return np.unique(values, return_inverse=True)[1].astype(np.int64)


def distinct(groups: Groups, values: Ints) -> Ints:
    """How many different `values` (small numbers, see `codes`) each group holds."""
    width = int(values.max()) + 1
    pairs = np.sort(groups.numbers() * width + values)
    new = np.append(True, pairs[1:] != pairs[:-1])
    return np.bincount(pairs[new] // width, minlength=len(groups.starts)).astype(np.int64)


def callbacks(calls: Calling, groups: Groups, ringing: Flags) -> Ints:
    """Calls back to each group's caller, after its first call, counted for the hour of ringing that they followed."""
    counts = np.zeros(len(groups.starts), dtype=np.int64)
    which = np.flatnonzero(ringing)
    if not len(which):
        return counts
    first = groups.first()[which]
    numbers, starts = calls.caller[first], np.minimum.reduceat(calls.start[groups.order], groups.starts)[which]
    order = np.lexsort((starts, numbers))
    which, numbers, starts = which[order], numbers[order], starts[order]
    back = np.flatnonzero(np.isin(calls.callee, numbers))
    # The last hour of ringing by this number that began before the call back.
    seen = list(zip(numbers.tolist(), starts.tolist(), strict=True))
    for row in back:
        at = bisect.bisect_right(seen, (int(calls.callee[row]), int(calls.start[row]))) - 1
        if at >= 0 and seen[at][0] == calls.callee[row]:
            counts[which[at]] += 1
    return counts


class _Book:
    """What both kinds of evidence need to know about the table."""

    def __init__(self, raw: Raw, calls: Calling, place: Ints, format: str) -> None:
        self.raw, self.calls, self.format = raw, calls, format
        self.place = place[calls.row]
        self.identity = [hashlib.sha256(raw.data).hexdigest(), str(raw.first)]
        self.origin, self.target = call_numbers.prefixes(calls.caller), call_numbers.prefixes(calls.callee)
        self.callees = codes(calls.callee)
        self.words: dict[str, tuple[Ints, list[str]]] = {}
        for name in WORDS:
            coded = getattr(calls, name).dictionary_encode()
            self.words[name] = np.asarray(coded.indices).astype(np.int64), coded.dictionary.to_pylist()

    def word(self, name: str, row: int) -> str:
        """A text cell of a row, trimmed."""
        index, words = self.words[name]
        return str(words[index[row]]).strip()[:200]

    def callers(self, groups: Groups, which: Ints, callees: Ints, backs: Ints) -> Iterator[Evidence]:
        """One piece of evidence for each of the groups `which`: a caller in an hour."""
        patterns = _patterns(self.calls, groups)
        first, begun = groups.first(), np.minimum.reduceat(self.calls.start[groups.order], groups.starts)
        ends = np.append(groups.starts, len(groups.order))
        for group in which:
            rows = groups.order[ends[group] : ends[group + 1]]
            targets, counts = np.unique(self.target[rows], return_counts=True)
            number = int(self.calls.caller[first[group]])
            short = number < call_numbers.SHORT
            sender = str(number) if short else f"+{number}"
            yield self._evidence(
                int(first[group]),
                int(begun[group]),
                Calls(**patterns(group), callees=int(callees[group]), callbacks=int(backs[group])),
                int(targets[counts.argmax()]),
                sender_raw=sender,
                sender=sender,
                sender_kind=SenderKind.SHORT_CODE if short else SenderKind.PHONE,
            )

    def totals(self, rows: Ints) -> Iterator[Evidence]:
        """Evidence without numbers for `rows`: one per hour, origin prefix, trunk, operator, attestation, destination."""
        part = Calling(*(_take(getattr(self.calls, field.name), rows) for field in fields(Calling)))
        words = [self.words[name][0][rows] for name in WORDS]
        groups = grouped(part.start // HOUR, self.origin[rows], self.target[rows], *words)
        patterns, callees = _patterns(part, groups), distinct(groups, self.callees[rows])
        for group, first in enumerate(groups.first()):
            row = int(rows[first])
            prefix = int(self.origin[row])
            yield self._evidence(
                row,
                int(part.start[first]) // HOUR * HOUR,
                Calls(**patterns(group), callees=int(callees[group])),
                int(self.target[row]),
                sender_raw=f"+{prefix}" if prefix > 0 else "",
            )

    def _evidence(self, row: int, at: int, pattern: Calls, target: int, **fields: Any) -> Evidence:
        trunk = self.word("trunk", row)
        stir = ATTESTED.get(self.word("attestation", row).lower().rpartition("-")[2], "")
        origin = call_numbers.country(int(self.origin[row]), self.raw.jurisdiction)
        return evidence(
            self.raw,
            int(self.place[row]),
            self.format,
            identity=self.identity,
            channel=Channel.VOICE,
            source=Source.CALL_RECORD,
            observed_at=at,
            shared_key=True,
            count=pattern.calls,
            records=pattern.calls,
            calls=pattern,
            recipient_country=call_numbers.country(target, self.raw.jurisdiction),
            recipient_operator=self.word("operator", row)[:100],
            relays=(trunk,) if trunk else (),
            auth=Authentication(stir=stir),
            headers={"origin-country": origin} if origin else {},
            **fields,
        )


def _take(column: Any, rows: Ints) -> Any:
    return column[rows] if isinstance(column, np.ndarray) else column.take(pa.array(rows))


def _patterns(calls: Calling, groups: Groups) -> Any:
    """A function: group -> the figures of `Calls` that are sums. Mean duration is over the answered calls."""
    sizes, answered = groups.sizes(), groups.sums(calls.answered.astype(np.int64))
    talked = groups.sums(np.where(calls.answered, calls.duration, 0.0))
    short = groups.sums(calls.short.astype(np.int64))

    def pattern(group: int) -> dict[str, Any]:
        size, met = int(sizes[group]), int(answered[group])
        return {
            "calls": size,
            "answered": round(met / size, 4),
            "mean_duration": round(float(talked[group]) / met, 3) if met else 0.0,
            "short_ring": round(int(short[group]) / size, 4),
        }

    return pattern
