"""Rows of an answer as CSV, JSON or Parquet. Times are ISO 8601 in CSV, timestamps in Parquet."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson

from counterspam.measure.scope import Row

STEP = "at"  # seconds; becomes `time`
TIMES = ("first_seen", "last_seen")  # milliseconds
FRACTIONS = ("spam_share", "reports_per_100k", "value", "low", "high")  # and what begins so; other counts are whole


class Form(StrEnum):
    """The forms of an answer, by file ending."""

    JSON = "json"
    CSV = "csv"
    PARQUET = "parquet"


TYPES = {
    Form.JSON: "application/json",
    Form.CSV: "text/csv; charset=utf-8",
    Form.PARQUET: "application/vnd.apache.parquet",
}


def form(name: str, accept: str) -> Form:
    """The form asked for by name, else the first known one in an Accept header, else JSON. Raises ValueError."""
    if name:
        return Form(name)
    for wish in accept.lower().split(",")[:20]:
        for known, media_type in TYPES.items():
            if wish.partition(";")[0].strip() == media_type.partition(";")[0]:
                return known
    return Form.JSON


def packed(answer: Mapping[str, Any], columns: Sequence[str], units: Mapping[str, str], wanted: Form) -> bytes:
    """An answer in the form that is wanted: JSON is all of it, the tables are its rows under `columns`."""
    if wanted == Form.JSON:
        return orjson.dumps(answer)
    rows = [_dated(row) for row in answer["rows"]]
    names = ["time" if name == STEP else name for name in columns]
    return as_csv(names, rows) if wanted == Form.CSV else as_parquet(names, rows, units)


def headers(wanted: Form, name: str) -> dict[str, str]:
    """Media type, and for files the name under which they are saved."""
    said = {"Content-Type": TYPES[wanted]}
    return said if wanted == Form.JSON else {**said, "Content-Disposition": f'attachment; filename="{name}.{wanted}"'}


def iso(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601 in UTC; with milliseconds where there are any."""
    at = datetime.fromtimestamp(seconds, UTC)
    return at.isoformat(timespec="milliseconds" if at.microsecond else "seconds").replace("+00:00", "Z")


def as_csv(columns: Sequence[str], rows: Sequence[Row]) -> bytes:
    """Rows as CSV (RFC 4180) in UTF-8 with a head; lists are joined by spaces."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return file.getvalue().encode("utf-8", "replace")


def no_formula(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula with an apostrophe before it; all else as it is."""
    if isinstance(value, str) and value[:1] in ("=", "@", "\t", "\r", "+", "-") and not value[1:].isdigit():
        return "'" + value
    return value


def as_parquet(columns: Sequence[str], rows: Sequence[Row], units: Mapping[str, str]) -> bytes:
    """Rows as a Parquet file; the unit of a column is in the metadata of its field."""
    import pyarrow as pa
    from pyarrow import parquet

    fields = []
    for name in columns:
        values = [row.get(name) for row in rows]
        kind = pa.timestamp("ms", "UTC") if name in ("time", *TIMES) else _kind(pa, name, values, name in units)
        fields.append(pa.field(name, kind, metadata={"unit": units[name]} if name in units else None))
    arrays = [pa.array([_stored(row.get(field.name), field, pa) for row in rows], field.type) for field in fields]
    sink = pa.BufferOutputStream()
    parquet.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), sink)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _kind(pa: Any, name: str, values: Sequence[Any], counted: bool) -> Any:
    """What has a unit is a number, also where there are no rows; the rest are names, numbers of networks, or lists."""
    if counted:
        return pa.float64() if name.startswith(FRACTIONS) else pa.int64()
    if any(isinstance(value, list) for value in values):
        return pa.list_(pa.string())
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int) for value in known):
        return pa.int64()
    return pa.float64() if known and all(isinstance(value, int | float) for value in known) else pa.string()


def _stored(value: Any, field: Any, pa: Any) -> Any:
    if pa.types.is_timestamp(field.type) and value is not None:
        return datetime.fromisoformat(value)
    return value


def _dated(row: Row) -> Row:
    """The row with times as ISO 8601."""
    found = {name: value for name, value in row.items() if name != STEP}
    if STEP in row:
        found = {"time": iso(row[STEP]), **found}
    return found | {name: iso(row[name] / 1000) for name in TIMES if name in row}


def _cell(value: Any) -> Any:
    return no_formula(" ".join(map(str, value)) if isinstance(value, list | tuple) else value)
