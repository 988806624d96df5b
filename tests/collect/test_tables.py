"""Cutting tables between records."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.collect.tables import MAX_RECORD, cut, kind

CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


def pieces(data: bytes, form: str, size: int) -> list[tuple[int, bytes]]:
    return list(cut(io.BytesIO(data), form, size))


@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=30), size=st.integers(1, 200))
def test_pieces_of_a_csv_hold_the_same_records(rows: list[list[str]], size: int) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["text", 'label "quoted\n"'], *rows])
    records: list[list[str]] = []
    for first, piece in pieces(text.getvalue().encode(), "csv", size):
        header, *found = csv.reader(io.StringIO(piece.decode(), newline=""))
        assert header == ["text", 'label "quoted\n"']
        assert first == len(records)
        records += found
    assert records == rows


@given(
    lines=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r"), max_size=20)),
    size=st.integers(1, 50),
)
def test_pieces_of_lines_add_up(lines: list[str], size: int) -> None:
    data = "\n".join(lines).encode()
    found = pieces(data, "lines", size)
    assert b"".join(piece for _, piece in found) == data
    before = b""
    for first, piece in found:
        assert first == sum(bool(line.strip()) for line in before.split(b"\n"))
        before += piece


@given(st.binary(max_size=400), st.integers(1, 50))
def test_any_bytes_are_cut_without_loss(data: bytes, size: int) -> None:
    header = next(io.BytesIO(data), b"")
    assert b"".join(piece for _, piece in pieces(data, "lines", size)) == data
    if header.count(b'"') % 2 == 0:
        bodies = [piece[len(header) :] for _, piece in pieces(data, "csv", size)]
        assert header + b"".join(bodies) == data


def test_the_header_and_the_mark_before_it_are_repeated() -> None:
    data = b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n"
    assert pieces(data, "csv", 4) == [(0, b"\xef\xbb\xbfa,b\r\n1,2\r\n"), (1, b"\xef\xbb\xbfa,b\r\n3,4\r\n")]


def test_a_quote_that_is_never_closed_does_not_swallow_the_table() -> None:
    data = b'a,b\n1,"' + b"x,y\n" * MAX_RECORD
    found = pieces(data, "csv", MAX_RECORD)
    assert len(found) >= 3
    assert max(len(piece) for _, piece in found) < 3 * MAX_RECORD


@pytest.mark.parametrize(
    ("name", "head", "form"),
    [
        ("a.csv", b"a;b\n1;2\n", "csv"),
        ("a.TSV", b"a\tb\n1\t2\n", "csv"),
        ("a.ndjson", b'{"a": 1}\n', "lines"),
        ("download", b'{"a": 1}\n\n{"a": 2}\n', "lines"),
        ("download", b"when,from\n1,2\n3,4\n", "csv"),
        ("download", b'when,from\n1,"a,b"\n3,4\n', "csv"),
        ("report.eml", b"From: a@example.com\nTo: b@example.com\nSubject: x, y\n\n", ""),
        ("report.xml", b"<?xml?>\n<a>\n<b/>\n", ""),
        ("list.json", b'[\n {"a": 1},\n {"a": 2},\n', ""),
        ("utf16.csv", "a,b\n1,2\n".encode("utf-16"), ""),
        ("empty.csv", b"", ""),
    ],
)
def test_what_counts_as_a_table(name: str, head: bytes, form: str) -> None:
    assert kind(name, head) == form
