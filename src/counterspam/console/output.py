"""What commands print: tables for people, JSON or CSV for programs. Progress and remarks go to stderr."""

import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import orjson
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from counterspam.web.tabular import no_formula

WIDE = 200  # columns where the output is no terminal


class Form(StrEnum):
    """How results are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


Rows = Sequence[Mapping[str, Any]]


def console(*, stderr: bool = False) -> Console:
    """A console on the present stdout or stderr."""
    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDE, highlight=False, soft_wrap=False)


def remark(text: str) -> None:
    """One line for people."""
    console(stderr=True).print(escape(text))


def show(rows: Rows, form: Form, title: str = "") -> None:
    """Rows that share their columns."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if form == Form.JSON:
        print_json(list(rows))
    elif form == Form.CSV:
        write_csv(sys.stdout, columns, rows)
    else:
        table = Table(title=escape(title) or None, title_justify="left", header_style="bold", box=None, pad_edge=False)
        for name in columns:
            numbers = all(isinstance(row.get(name), int | float | None) for row in rows)
            table.add_column(escape(name.replace("_", " ")), justify="right" if numbers else "left", overflow="fold")
        for row in rows:
            table.add_row(*(escape(cell(row.get(name))) for name in columns))
        console().print(table if rows else escape(f"{title}: nothing" if title else "nothing"))


def show_record(record: Mapping[str, Any], form: Form, title: str = "") -> None:
    """One thing with named values."""
    if form == Form.JSON:
        print_json(record)
    else:
        show([{"name": name, "value": cell(value)} for name, value in record.items()], form, title)


def print_json(content: Any) -> None:
    """Indented JSON on stdout."""
    sys.stdout.write(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode() + "\n")


def cell(value: Any) -> str:
    """A value as people read it; control characters made visible, for the text comes from spammers."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, list | tuple | dict):
        value = orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode() if value else ""
    return "".join(c if c.isprintable() else "\ufffd" for c in str(value))


def plain(value: Any) -> Any:
    """A value for CSV."""
    if isinstance(value, list | tuple | dict):
        return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode() if value else ""
    return no_formula(value)


def write_csv(file: Any, columns: Sequence[str], rows: Rows, *, header: bool = True) -> None:
    """Rows as CSV (RFC 4180)."""
    writer = csv.writer(file, lineterminator="\n")
    if header:
        writer.writerow(columns)
    writer.writerows([plain(row.get(name)) for name in columns] for row in rows)


@contextmanager
def progress() -> Iterator[Progress]:
    """Progress bars on stderr; nothing where stderr is no terminal."""
    screen = console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=screen, disable=not screen.is_terminal, transient=True) as bars:
        yield bars


def moment(at: int | None) -> str:
    """A time in ms as people read it, in UTC; "" for none."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M") if at else ""
