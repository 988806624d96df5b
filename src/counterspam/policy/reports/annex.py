"""The annex of a report: every number in it as CSV files in one zip, with a file that says where each comes from."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from counterspam.policy.reports.document import Chart, Report, Table, charts, sources, tables


def write(report: Report) -> bytes:
    """The zip; file times are those of the report, so the same report gives the same bytes."""
    notes = sources(report)
    found = {"about.csv": _csv(("name", "value"), [("title", report.title), ("tlp", report.tlp), *report.facts])}
    listed = []
    blocks: list[Table | Chart] = [*tables(report), *charts(report)]
    for block in blocks:
        name = f"{block.id}.csv"
        found[name] = _table(block) if isinstance(block, Table) else _chart(block)
        n, one = notes[block.source.key] if block.source else (0, None)
        said = [getattr(one, part, "") for part in ("source", "basis", "method", "uncertainty", "address")]
        listed.append((name, block.caption, n, *said))
    heads = ("file", "caption", "note", "source", "basis", "method", "uncertainty", "definition")
    found["sources.csv"] = _csv(heads, listed)
    return zipped(found, report.created_at)


def zipped(contents: dict[str, bytes], at: int) -> bytes:
    """Files as a zip in the order of their names, all with one time (ms), owner and system."""
    when = datetime.fromtimestamp(max(at // 1000, 315_619_200), UTC)  # a zip knows no time before 1980
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(contents):
            one = zipfile.ZipInfo(name, when.timetuple()[:6])
            one.compress_type = zipfile.ZIP_DEFLATED
            one.create_system = 3
            one.external_attr = 0o644 << 16
            archive.writestr(one, contents[name])
    return file.getvalue()


def _table(table: Table) -> bytes:
    return _csv([column.name for column in table.columns], table.rows)


def _chart(chart: Chart) -> bytes:
    keys = list(chart.series)
    rows = [(column, *(chart.series[key][i] for key in keys)) for i, column in enumerate(chart.columns)]
    return _csv(("step" if chart.form == "bars" else "name", *keys), rows)


def _csv(heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return file.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    if isinstance(value, str) and value[:1] in ("=", "@", "\t", "\r", "+", "-") and not value[1:].isdigit():
        return "'" + value
    return "" if value is None else value
