"""Rows as CSV, JSON and Parquet: nothing is lost, nothing is run by a spreadsheet."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from counterspam.web import tabular
from counterspam.web.tabular import Form

UNITS = {"messages": "messages or calls", "spam_share": "0 to 1"}
COLUMNS = ["at", "network", "transit", "messages", "spam_share"]
ROWS: list[dict[str, Any]] = [
    {"at": 1_795_327_200, "network": 'Net, "A"', "transit": ["NL", "FR"], "messages": 5, "spam_share": 0.5},
    {"at": 1_795_330_800, "network": "=cmd()", "transit": [], "messages": None, "spam_share": None},
]


def table(rows: list[dict[str, Any]], form: Form) -> bytes:
    return tabular.packed({"rows": rows}, COLUMNS, UNITS, form)


def test_csv() -> None:
    data = table(ROWS, Form.CSV)
    assert data == (
        b"time,network,transit,messages,spam_share\r\n"
        b'2026-11-22T06:00:00Z,"Net, ""A""",NL FR,5,0.5\r\n'
        b"2026-11-22T07:00:00Z,'=cmd(),,,\r\n"
    )


def test_json_is_the_whole_answer() -> None:
    assert orjson.loads(table(ROWS, Form.JSON)) == {"rows": ROWS}


def test_parquet_has_types_and_units() -> None:
    found = parquet.read_table(io.BytesIO(table(ROWS, Form.PARQUET)))
    assert found.column_names == ["time", *COLUMNS[1:]]
    assert found.schema.field("messages").metadata == {b"unit": b"messages or calls"}
    assert found.schema.field("messages").type == pa.int64()
    assert found.column("time")[0].as_py() == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert found.column("transit").to_pylist() == [["NL", "FR"], []]


def test_parquet_has_the_same_columns_without_rows() -> None:
    empty = parquet.read_table(io.BytesIO(table([], Form.PARQUET)))
    full = parquet.read_table(io.BytesIO(table(ROWS, Form.PARQUET)))
    for name in ("time", "messages", "spam_share"):
        assert empty.schema.field(name).type == full.schema.field(name).type


@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_any_text_comes_through_csv_and_starts_no_formula(text: str) -> None:
    data = tabular.as_csv(["network"], [{"network": text}])
    ((name,), *lines) = list(csv.reader(io.StringIO(data.decode(), newline="")))
    (value,) = lines[0] if lines and lines[0] else [""]
    assert name == "network"
    assert value in (text, "'" + text)
    assert value == text or text[0] in "=@+-\t\r"
    assert value[:1] not in ("=", "@", "\t", "\r")


@pytest.mark.parametrize(
    ("name", "accept", "form"),
    [
        ("", "", Form.JSON),
        ("csv", "application/json", Form.CSV),
        ("", "text/html, text/csv;q=0.5", Form.CSV),
        ("", "application/vnd.apache.parquet", Form.PARQUET),
        ("", "*/*", Form.JSON),
    ],
)
def test_the_form_is_named_or_negotiated(name: str, accept: str, form: Form) -> None:
    assert tabular.form(name, accept) == form


def test_times_with_milliseconds() -> None:
    assert tabular.iso(1_795_327_200.25) == "2026-11-22T06:00:00.250Z"
