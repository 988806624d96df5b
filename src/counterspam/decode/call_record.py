"""Call detail records: CSV with one call per row, aggregated before anything leaves this file (X1246-2, S12-5, D8).

A caller whose hour stands out becomes one piece of evidence with its number. All other calls are added up by hour, origin
prefix, trunk and destination country, without any subscriber's number: ordinary callers are never stored (X1237-1).
For the same reason a rejected row keeps only the cell that is wrong.
"""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from counterspam.decode import call_groups, call_numbers, columns, times
from counterspam.decode.call_groups import Calling
from counterspam.decode.record import MAX_RECORDS
from counterspam.errors import DecodeError, Reason
from counterspam.model import Evidence, Raw, Rejected

FORMAT = "call_record"
BLOCK = 4 * 1024 * 1024
SHORT_SECONDS = 4.0  # an answered call shorter than this, or a ring given up before
FIELDS: dict[str, tuple[str, ...]] = {
    "caller": ("caller", "calling", "calling_number", "calling_party", "a_number", "anumber", "src", "from", "caller_id",
               "caller_number", "cli", "originating_number"),
    "callee": ("callee", "called", "called_number", "called_party", "b_number", "bnumber", "dst", "to", "destination",
               "callee_number", "terminating_number"),
    "start": ("start", "start_time", "starttime", "call_start", "calldate", "time", "timestamp", "date", "datetime",
              "setup_time", "start_stamp"),
    "duration": ("billsec", "duration", "duration_s", "duration_seconds", "call_duration", "talk_time", "seconds"),
    "answered": ("answered", "disposition", "status", "call_status", "result", "hangup_cause"),
    "ring": ("ring", "ring_time", "ring_seconds", "ringsec", "alerting_seconds"),
    "trunk": ("trunk", "route", "carrier_in", "ingress", "ingress_trunk", "trunk_in", "carrier", "upstream"),
    "operator": ("operator", "terminating_operator", "carrier_out", "network"),
    "attestation": ("attestation", "stir", "stir_shaken", "verstat", "attest"),
}  # fmt: skip
NEEDED = ("caller", "callee", "start")
ANSWERED = frozenset(
    {"1", "true", "yes", "y", "answered", "answer", "connected", "completed", "normal_clearing", "200", "16"}
)
_ISO = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?Z?$"
_FULL = re.compile(rb"\S")
_SECONDS = r"^[0-9]{1,7}(?:\.[0-9]{1,6})?$"


def looks_like(raw: Raw) -> bool:
    """Whether mapping or header name a caller, a callee and a time, and one thing more that calls have."""
    if wanted := columns.targets(raw):
        return {"caller", "callee"} <= wanted
    names = columns.names(raw.data)[1]
    if len(names) < len(NEEDED):
        return False
    found = columns.recognise(names, FIELDS)
    return all(field in found for field in NEEDED) and not found.keys().isdisjoint({"duration", "answered", "trunk"})


def decode(raw: Raw) -> Iterator[Evidence | Rejected]:
    """Aggregated evidence and every row that cannot be used; their counts add up to the rows of the table.

    Raises DecodeError when there are too many rows, or no columns for caller, callee and time.
    """
    mark, names = columns.names(raw.data)
    found, forms = columns.assigned(raw, names, FIELDS)
    if missing := [field for field in NEEDED if field not in found]:
        raise DecodeError(Reason.MISSING_FIELD, f"no column for {', '.join(missing)} among {', '.join(names)}"[:500])
    names = [name if name not in names[:at] else f"{name} #{at}" for at, name in enumerate(names)]
    data = _unquoted(columns.utf8(raw.data), mark)
    if data.count(b"\n") > MAX_RECORDS + 1:
        raise DecodeError(Reason.TOO_MANY, f"more than {MAX_RECORDS} calls: cut the table into pieces")
    torn: list[Rejected] = []
    bad: list[tuple[int, str, str]] = []
    blocks: list[Calling] = []
    rows = 0
    for batch in _batches(data, mark, names, torn):
        blocks.append(_block(batch, found, forms, raw.jurisdiction, rows, bad))
        rows += batch.num_rows
    place = _places(rows, [row.index for row in torn])
    yield from torn
    bad.sort()
    for row, field, cell in bad:
        detail = f"{field}: {cell!r} is not {_MEANT[field]}"
        yield Rejected(Reason.BAD_VALUE, detail, int(place[row]), FORMAT, cell.encode())
    if blocks:
        yield from call_groups.evidence_of(raw, call_groups.join(blocks), place, FORMAT)


_MEANT = {
    "caller": "a telephone number of any country",
    "callee": "a telephone number of any country",
    "start": "a time",
    "duration": "a number of seconds",
    "ring": "a number of seconds",
}


def _unquoted(data: bytes, mark: str) -> bytes:
    """`data` in which quotes are only signs on lines where they do not enclose whole cells: they would swallow the lines
    after them."""
    if b'"' not in data:
        return data
    signs = np.frombuffer(data, dtype=np.uint8)
    ends = np.append(np.flatnonzero(signs == ord("\n")), len(signs))
    quotes = np.flatnonzero(signs == ord('"'))
    line = np.searchsorted(ends, quotes)
    counts = np.bincount(line, minlength=len(ends))
    opening = (np.arange(len(quotes)) - (np.cumsum(counts) - counts)[line]) % 2 == 0
    around = np.concatenate(([ord("\n")], signs, [ord("\n")]))
    fits = np.isin(np.where(opening, around[quotes], around[quotes + 2]), [ord(mark), ord("\n"), ord("\r")])
    wild = (counts % 2 == 1) | (np.bincount(line, weights=~fits, minlength=len(ends)) > 0)
    if not wild.any():
        return data
    changed = signs.copy()
    changed[quotes[wild[line]]] = ord("'")
    return changed.tobytes()


def _batches(data: bytes, mark: str, names: list[str], torn: list[Rejected]) -> Iterator[Any]:
    """The table in blocks of text columns; rows with too few or too many cells go to `torn`."""

    def invalid(row: Any) -> str:
        detail = f"{row.actual_columns} cells where the header has {row.expected_columns}"
        torn.append(Rejected(Reason.BAD_SYNTAX, detail, row.number - 1, FORMAT))
        return "skip"

    start = len(data) - len(data.lstrip(b"\r\n \t"))
    end = data.find(b"\n", start)
    body = pa.py_buffer(data).slice(end + 1) if end >= 0 else b""
    if not _FULL.search(body):
        return
    try:
        yield from csv.open_csv(
            pa.BufferReader(body),
            read_options=csv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names),
            parse_options=csv.ParseOptions(delimiter=mark, invalid_row_handler=invalid),
            convert_options=csv.ConvertOptions(
                check_utf8=False, strings_can_be_null=False, column_types=dict.fromkeys(names, pa.string())
            ),
        )
    except pa.ArrowInvalid as error:
        raise DecodeError(Reason.BAD_SYNTAX, str(error)[:300]) from error


def _block(
    batch: Any, found: dict[str, str], forms: dict[str, str], country: str, first: int, bad: list[tuple[int, str, str]]
) -> Calling:
    """The usable rows of one block as numbers; the others go to `bad` as (row, field, cell).

    Without a column of answers, a call with a duration was answered; without one of ring times, duration stands for it.
    """
    text = {field: batch.column(batch.schema.names.index(column)) for field, column in found.items()}
    blank = pa.array([""] * batch.num_rows, pa.string())
    duration = _seconds(text["duration"]) if "duration" in text else np.zeros(batch.num_rows)
    answered = _answered(text["answered"]) if "answered" in text else duration > 0
    ring = _seconds(text["ring"]) if "ring" in text else duration
    caller = call_numbers.integers(text["caller"], country)
    callee = call_numbers.integers(text["callee"], country)
    start = _times(text["start"], forms.get("start", ""))
    faults = {
        "caller": caller == call_numbers.BAD,
        "callee": callee <= 0,
        "start": start < 0,
        "duration": np.isnan(duration),
        "ring": np.isnan(ring) & ("ring" in text),
    }
    good = np.ones(batch.num_rows, dtype=bool)
    for field, wrong in faults.items():
        bad.extend((first + int(row), field, str(text[field][int(row)])[:100]) for row in np.flatnonzero(wrong & good))
        good &= ~wrong
    short = np.where(answered, duration, ring) < SHORT_SECONDS
    words = [pc.filter(text.get(field, blank), pa.array(good)) for field in call_groups.WORDS]
    row = first + np.flatnonzero(good)
    return Calling(row, caller[good], callee[good], start[good], duration[good], answered[good], short[good], *words)


def _places(rows: int, torn: list[int]) -> npt.NDArray[np.int64]:
    """Place in the table of every row that could be cut into columns; `torn` are the places of those that could not."""
    place = np.ones(rows + len(torn), dtype=bool)
    place[torn] = False
    return np.flatnonzero(place)


def _seconds(column: Any) -> npt.NDArray[np.float64]:
    """Seconds; 0 for an empty cell, NaN for what is no number. hh:mm:ss is read too."""
    text = pc.ascii_trim_whitespace(column)
    plain = pc.match_substring_regex(text, _SECONDS)
    values = np.array(pc.cast(pc.if_else(plain, text, "0"), pa.float64()))
    for row in np.flatnonzero(~np.asarray(plain)):
        values[row] = _clock(text[int(row)].as_py())
    return values


def _clock(text: str) -> float:
    parts = text.split(":")
    if not text:
        return 0.0
    if not 2 <= len(parts) <= 3 or not all(part.isdecimal() and len(part) <= 4 for part in parts):
        return float("nan")
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60 + int(part)
    return seconds


def _answered(column: Any) -> npt.NDArray[np.bool_]:
    """Whether each call was answered, by what its column says."""
    coded = column.dictionary_encode()
    known = np.array([columns.plain(word) in ANSWERED for word in coded.dictionary.to_pylist()], dtype=bool)
    return np.asarray(known[np.asarray(coded.indices)]) if len(known) else np.zeros(0, dtype=bool)


def _times(column: Any, form: str) -> npt.NDArray[np.int64]:
    """Milliseconds; -1 for what is no time."""
    text = pc.ascii_trim_whitespace(column)
    if form:
        return np.array([_time(word, form) for word in text.to_pylist()], dtype=np.int64)
    usual = pc.match_substring_regex(text, _ISO)
    whole = pc.if_else(usual, text, "1970-01-01T00:00:00")
    try:
        stamps = pc.cast(pc.utf8_rtrim(whole, characters="Z"), pa.timestamp("ms"))
        values = np.array(pc.cast(stamps, pa.int64()))
        others = np.flatnonzero(~np.asarray(usual))
    except pa.ArrowInvalid:  # a 30th of February: the slow way for this block
        values = np.zeros(len(text), dtype=np.int64)
        others = np.arange(len(text))
    for row in others:
        values[row] = _time(text[int(row)].as_py(), "")
    return values


def _time(text: str, form: str) -> int:
    found = times.milliseconds(text, form)
    return -1 if found is None or found < 0 else found
