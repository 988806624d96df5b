"""Reading files back: what is wrong is refused with a reason, and spreadsheets meet no formula."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.errors import DecodeError, Reason
from counterspam.policy.repository import formats
from counterspam.policy.repository.fields import Kind, complete

BODY = complete(Kind.BODY, {"id": "X-1", "name": '=HYPERLINK("x")', "purpose": "'tis\n- so", "members": "-1"})


def test_no_cell_begins_like_a_formula() -> None:
    text = formats.to_csv(Kind.BODY, [BODY]).decode()
    head, row = csv.reader(io.StringIO(text, newline=""))
    cells = dict(zip(head, row, strict=True))
    assert cells["name"] == '\'=HYPERLINK("x")'
    assert cells["purpose"] == "''tis\n- so"
    assert cells["members"] == "'-1"
    assert formats.from_csv(Kind.BODY, text.encode()) == [BODY]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\xff", Reason.BAD_ENCODING),
        (b"x" * (formats.MOST_BYTES + 1), Reason.TOO_LARGE),
        (b"id,else\n", Reason.BAD_SYNTAX),
        (b"id,id\n", Reason.BAD_SYNTAX),
        (b"id,name\nA\n", Reason.BAD_SYNTAX),
        (b'id,name\n"A,B\n', Reason.BAD_SYNTAX),
        (b"id,year\nA,soon\n", Reason.BAD_VALUE),
        (b"id,year\nA,inf\n", Reason.BAD_VALUE),
        (b"id,sources\nA,{}\n", Reason.BAD_VALUE),
        (b"id,sources\nA,[\n", Reason.BAD_VALUE),
    ],
)
def test_csv_that_is_wrong_is_refused(data: bytes, reason: Reason) -> None:
    with pytest.raises(DecodeError) as error:
        formats.from_csv(Kind.BODY, data)
    assert error.value.reason == reason


def test_the_line_and_the_column_are_named() -> None:
    with pytest.raises(DecodeError, match=r"line 3, column labelling\.required: true, false or nothing"):
        formats.from_csv(Kind.LAW, b"id,labelling.required\nA,true\nB,maybe\n")


def test_a_file_saved_by_a_spreadsheet_is_read() -> None:
    assert formats.from_csv(Kind.BODY, "\ufeffid,name\r\nA,Ü\r\n".encode())[0]["name"] == "Ü"


@pytest.mark.parametrize(
    "data", [b"[", b"{}", b"[1]", b"\x00", b"&a [*a]", b"!!python/object:os.system {}", b"[" * 5000]
)
def test_yaml_and_json_that_are_wrong_are_refused(data: bytes) -> None:
    for read in (formats.from_yaml, formats.from_json):
        with pytest.raises(DecodeError):
            read(Kind.BODY, data)


def test_yaml_that_would_grow_is_refused_before_it_does() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(DecodeError) as error:
        formats.from_yaml(Kind.BODY, "\n".join(lines).encode())
    assert error.value.reason == Reason.TOO_DEEP


@given(
    form=st.sampled_from(sorted(formats.READERS)),
    kind=st.sampled_from(Kind),
    data=st.binary(max_size=200) | st.text(max_size=200),
)
def test_anything_is_read_or_refused(form: str, kind: Kind, data: Any) -> None:
    given_ = data if isinstance(data, bytes) else data.encode("utf-8", "replace")
    try:
        found = formats.READERS[form](kind, given_)
    except DecodeError:
        return
    assert all(isinstance(entry, dict) for entry in found)
