"""What of a wave is published, as rows for CSV, JSON and XLSX."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from counterspam.policy.questionnaire.definition import Definition
from counterspam.policy.questionnaire.form_file import put
from counterspam.store.waves import Release
from counterspam.web.questionnaire.shown import cell_name
from counterspam.web.tabular import as_csv, no_formula

FIGURES = (
    "wave", "question", "cell", "name", "kind", "option", "by", "group", "n", "count", "low", "median", "high", "total", "unit",
    "hidden", "elsewhen",
)  # fmt: skip
ANSWERS = ("wave", "member", "country", "question", "cell", "name", "value", "unit", "quality", "period")
# Counted when it is asked for, not approved: evidence of the period may still arrive.
MEASURED = (
    "wave", "period", "question", "cell", "option", "name", "stated", "low", "high", "count", "n", "stated_unit", "measured",
    "measured_count", "measured_of", "measured_unit", "basis",
)  # fmt: skip
TABLES = {"figures": FIGURES, "answers": ANSWERS, "measured": MEASURED}
Rows = Sequence[Mapping[str, Any]]


def rows(definition: Definition, release: Release, table: str, measured: Rows = ()) -> list[dict[str, Any]]:
    """The rows of one of TABLES: figures of groups, answers that are public by name, or what is `measured` beside."""
    if table == "measured":
        return [dict(row) for row in measured]
    found: Sequence[Mapping[str, Any]] = release.content["tables" if table == "figures" else "answers"]
    return [{"wave": release.wave, "name": cell_name(definition, row["cell"]), **row} for row in found]


def document(definition: Definition, release: Release, measured: Rows) -> dict[str, Any]:
    """Everything that is published of a wave."""
    content = {name: value for name, value in release.content.items() if name not in ("tables", "answers")}
    return {
        **content,
        "release": release.number,
        "approved_at": release.decided_at,
        "hash": release.hash,
        "figures": rows(definition, release, "figures"),
        "answers": rows(definition, release, "answers"),
        "measured": rows(definition, release, "measured", measured),
    }


def csv(definition: Definition, release: Release, table: str, measured: Rows = ()) -> bytes:
    """One table for spreadsheets and programs."""
    return as_csv(TABLES[table], rows(definition, release, table, measured))


def xlsx(definition: Definition, release: Release, measured: Rows) -> bytes:
    """Every table as a sheet of one file."""
    book = Workbook(write_only=False)
    book.remove(book.worksheets[0])
    for table, columns in TABLES.items():
        sheet = book.create_sheet(table)
        for column, name in enumerate(columns, 1):
            put(sheet, 1, column, name)
        for line, row in enumerate(rows(definition, release, table, measured), 2):
            for column, name in enumerate(columns, 1):
                if (value := row.get(name)) not in (None, ""):
                    put(sheet, line, column, no_formula(value))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
