"""`counterspam export`: evidence, campaigns or rejected records as CSV, NDJSON or Parquet."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import orjson

from counterspam.config import Config
from counterspam.console.client import Client, connect
from counterspam.console.output import progress, remark, write_csv
from counterspam.errors import ConfigError

PAGE = 1000
UNITS = {"m": 60, "h": 3600, "d": 86400, "w": 604800}


class What(StrEnum):
    """What can be exported."""

    EVENTS = "events"
    CAMPAIGNS = "campaigns"
    REJECTED = "rejected"


class FileFormat(StrEnum):
    """In which form."""

    CSV = "csv"
    NDJSON = "ndjson"
    PARQUET = "parquet"


def parse_since(given: str) -> int:
    """Milliseconds since 1970 UTC of `24h`, `7d`, `2026-11-01` or `2026-11-01T12:00`; "" is the beginning."""
    if not given:
        return 0
    if given[:-1].isdecimal() and given[-1] in UNITS:
        return int((time.time() - int(given[:-1]) * UNITS[given[-1]]) * 1000)
    try:
        at = datetime.fromisoformat(given)
    except ValueError:
        raise ConfigError(f"--since {given!r}: write 24h, 7d or a date such as 2026-11-01") from None
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def pages(client: Client, what: What, since: int) -> Iterator[list[dict[str, Any]]]:
    """All rows since `since`, page after page, newest first."""
    path = {What.EVENTS: "/evidence", What.CAMPAIGNS: "/campaigns", What.REJECTED: "/rejected"}[what]
    given: dict[str, Any] = {"state": "all"} if what == What.REJECTED else {"since": since}
    cursor: str | None = None
    while True:
        page = client.get(path, limit=PAGE, cursor=cursor, **given)
        rows = page["rows"]
        if what == What.REJECTED:
            rows = [row for row in rows if row["received_at"] >= since]
        if rows:
            yield rows
        cursor = page["next"]
        if not cursor or (what == What.REJECTED and not rows):
            return


def export(config: Config, what: What, since: str, form: FileFormat, out: Path | None) -> int:
    """Write all rows to `out` (stdout when None); returns how many."""
    start = parse_since(since)
    if form == FileFormat.PARQUET and out is None:
        raise ConfigError("--format parquet needs a file: --out FILE")
    count = 0
    with connect(config) as client, progress() as bars, _writer(form, out) as write:
        bar = bars.add_task(f"exporting {what}", total=None)
        for rows in pages(client, what, start):
            write(rows)
            count += len(rows)
            bars.update(bar, completed=count)
    remark(f"{count} {what} exported")
    return count


@contextmanager
def _writer(form: FileFormat, out: Path | None) -> Iterator[Any]:
    """A function that writes rows. A file appears under its name when it is complete."""
    if out is None:
        yield _text(form, sys.stdout)
        sys.stdout.flush()
        return
    part = out.with_name(out.name + ".part")
    try:
        if form == FileFormat.PARQUET:
            with _parquet(part) as write:
                yield write
        else:
            with part.open("w", encoding="utf-8", newline="") as file:
                yield _text(form, file)
        if part.exists():
            os.replace(part, out)
    finally:
        part.unlink(missing_ok=True)


def _text(form: FileFormat, file: Any) -> Any:
    columns: list[str] = []

    def write_rows(rows: list[dict[str, Any]]) -> None:
        first = not columns
        columns.extend(rows[0] if first else ())
        write_csv(file, columns, rows, header=first)

    def write_lines(rows: list[dict[str, Any]]) -> None:
        file.writelines(orjson.dumps(row).decode() + "\n" for row in rows)

    return write_rows if form == FileFormat.CSV else write_lines


@contextmanager
def _parquet(path: Path) -> Iterator[Any]:
    import pyarrow as pa
    from pyarrow import parquet

    writers: list[Any] = []

    def write(rows: list[dict[str, Any]]) -> None:
        if not writers:
            writers.append(parquet.ParquetWriter(path, _schema(rows[0])))
        writers[0].write_table(pa.Table.from_pylist(rows, schema=writers[0].schema))

    yield write
    for writer in writers:
        writer.close()


def _schema(row: dict[str, Any]) -> Any:
    """The columns of a row: lists hold texts, and whole numbers are 64 bits wide."""
    import pyarrow as pa

    kinds = {bool: pa.bool_(), int: pa.int64(), float: pa.float64(), list: pa.list_(pa.string())}
    return pa.schema([(name, kinds.get(type(value), pa.string())) for name, value in row.items()])
