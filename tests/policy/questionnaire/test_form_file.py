"""The form as a file: what is written is read again, and what is no form is refused in clear words."""

import io
import zipfile

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from counterspam.policy.questionnaire import filled, form_file, parcel
from counterspam.policy.questionnaire.answers import merged
from counterspam.policy.questionnaire.definition import LANGUAGES, load
from counterspam.policy.questionnaire.parcel import NotAForm

KNOWN = load("2026")
WAVE = "2026-1"
ANSWERS = {
    "B0.1": "CI",
    "B0.3": "regulator",
    "B1.1b": "=1+1\nsecond line",
    "B1.2": "email voice",
    "B2.1/sms/total": "1000000",
    "B2.2/sms/share": "12.5",
    "B2.1#period": "2025-07",
    "B4.1a/1/item": "FR",
    "B4.1b/1/item": "AS64500",
    "B5.1/lists/use": "used",
    "B5.1/lists/effect": "4",
    "B2.1#disclosure": "public",
    "B2.1#comment": "نص, текст, 文本",
    "B2.1/mms/total": "about ten",  # wrong, and kept
}
BLANK = form_file.write(KNOWN, {}, wave=WAVE, member="Somebody")


def code(data: bytes, wave: str = WAVE) -> str:
    """Why a file is refused."""
    with pytest.raises(NotAForm) as caught:
        filled.read(KNOWN, data, wave)
    return caught.value.code


def changed(data: bytes, *cells: tuple[str, str, object]) -> bytes:
    """The file with cells changed: sheet, address, value."""
    book = load_workbook(io.BytesIO(data))
    for sheet, place, value in cells:
        book[sheet][place].value = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def place(key: str) -> tuple[str, str]:
    """Sheet and address of the answer of a line."""
    for sheet in load_workbook(io.BytesIO(BLANK)).worksheets:
        assert isinstance(sheet, Worksheet)
        for row in sheet.iter_rows(max_col=1):
            if row[0].value == key:
                return sheet.title, f"E{row[0].row}"
    raise KeyError(key)


def parts(data: bytes, **changes: bytes) -> bytes:
    """The file with parts added or replaced."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in changes:
                new.writestr(part, old.read(part))
        for name, content in changes.items():
            new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_answers_come_back_in_every_language(lang: str) -> None:
    kept = merged(KNOWN, {}, ANSWERS)
    found = filled.read(KNOWN, form_file.write(KNOWN, kept, wave=WAVE, member="Somebody", lang=lang), WAVE)
    assert merged(KNOWN, {}, found.given) == kept
    assert (found.member, found.refused) == ("Somebody", [])
    assert found.places["B2.1/mms/total"].startswith("B2!E")


def test_there_is_a_line_for_every_field_and_a_list_for_every_choice() -> None:
    book = load_workbook(io.BytesIO(BLANK))
    keys = {
        str(row[0].value).partition("=")[0]
        for sheet in book.worksheets
        for row in sheet.iter_rows(min_row=3, max_col=1)
    }
    assert set(KNOWN.fields) <= keys
    sheet = book["B0"]
    ranges = " ".join(str(one.sqref) for one in sheet.data_validations.dataValidation)
    assert place("B0.3")[1] in ranges
    assert book["Lists"].sheet_state == "hidden"
    assert book["Form"]["C6"].value == "Somebody"


def test_what_people_type_is_understood() -> None:
    data = changed(
        BLANK,
        (*place("B0.1"), "Côte d’Ivoire"),
        (*place("B0.3"), "REGULATOR"),
        (*place("B1.2=sms"), "X"),
        (*place("B1.2=voice"), True),
        (*place("B1.2=rcs"), "no"),
        (*place("B2.1/sms/total"), 1234.0),
        (*place("B2.2/sms/share"), 0.125),
    )
    book = load_workbook(io.BytesIO(data))
    book["B2"][place("B2.2/sms/share")[1]].number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    given = filled.read(KNOWN, out.getvalue(), WAVE).given
    assert (given["B0.1"], given["B0.3"], given["B1.2"]) == ("CI", "regulator", "sms voice")
    assert (given["B2.1/sms/total"], given["B2.2/sms/share"]) == ("1234", "12.5")


def test_what_cannot_be_taken_is_named_by_its_cell() -> None:
    sheet, cell = place("B2.1/sms/total")
    long = place("B1.1b")
    data = changed(BLANK, (sheet, cell, "=2+2"), (*long, "x" * 5000), (sheet, "A4", "B9.9"), (sheet, "E4", "lost?"))
    found = filled.read(KNOWN, data, WAVE)
    assert {(one.place, one.code) for one in found.refused} == {
        (f"{sheet}!{cell}", "cell-formula"),
        (f"B1!{long[1]}", "cell-long"),
        (f"{sheet}!E4", "cell-unknown"),
    }
    assert found.given["B1.2"] == ""
    odd = filled.read(KNOWN, changed(BLANK, (*place("B1.2=sms"), "perhaps so")), WAVE)
    assert odd.given["B1.2"] == "sms=perhaps_so", "kept, and refused by the checks"
    beside = form_file.write(KNOWN, {"B4.3a": "0"}, wave=WAVE, member="m")
    assert filled.read(KNOWN, beside, WAVE).given["B4.3a"] == "0", "no option, yet not lost"


def test_files_that_are_none_are_refused() -> None:
    assert code(b"") == "file-kind"
    assert code(b"PK\x03\x04 nonsense") == "file-kind"
    assert code(BLANK[:-400]) == "file-kind"
    assert code(BLANK, "2027-1") == "file-wave"
    assert code(changed(BLANK, ("Form", "C4", "0" * 64))) == "file-version"
    assert code(changed(BLANK, ("Form", "C2", "other"))) == "file-form"
    assert code(changed(BLANK, ("B2", "A2", "moved"))) == "file-form"
    assert code(parts(BLANK, **{"xl/vbaProject.bin": b"x"})) == "file-macros"
    entity = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    assert code(parts(BLANK, **{"docProps/core.xml": entity})) == "file-kind"
    assert code(parts(BLANK, **{"docProps/core.xml": entity.decode().encode("utf-16")})) == "file-kind"


def test_bombs_are_refused_before_anything_unpacks_them() -> None:
    assert code(parts(BLANK, **{"xl/media/a.xml": b"0" * (parcel.MOST_UNPACKED + 1)})) == "file-large"
    assert code(parts(BLANK, **{"xl/media/a.xml": b"0" * 3_000_000})) == "file-large"
    assert code(b"\x00" * (parcel.MOST_FILE + 1)) == "file-large"
    assert code(parts(BLANK, **{f"xl/media/{n}.txt": b"" for n in range(parcel.MOST_PARTS)})) == "file-large"


@settings(max_examples=60)
@hypothesis_given(st.data())
def test_damaged_files_are_refused_or_read_but_never_break(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(BLANK) - 1))
    noise = data.draw(st.binary(min_size=1, max_size=20))
    damaged = BLANK[:at] + noise + BLANK[at + len(noise) :]
    try:
        found = filled.read(KNOWN, damaged, WAVE)
    except NotAForm:
        return
    assert found.wave == WAVE


def _texts(key: str) -> st.SearchStrategy[tuple[str, str]]:
    """Anything, or options mixed with what is none."""
    words = st.lists(st.sampled_from(["0", "-", "x", "sms=", "=", *KNOWN.fields[key].options]), max_size=5).map(
        " ".join
    )
    return st.tuples(st.just(key), st.one_of(st.text(max_size=60), words, st.just("a\ufffe b\uffff")))


@settings(max_examples=30)
@hypothesis_given(st.lists(st.sampled_from(sorted(KNOWN.fields)).flatmap(_texts), max_size=40).map(dict))
def test_any_answers_survive_the_file(answers: dict[str, str]) -> None:
    kept = merged(KNOWN, {}, answers)
    assert merged(KNOWN, {}, kept) == kept
    found = filled.read(KNOWN, form_file.write(KNOWN, kept, wave=WAVE, member="m"), WAVE)
    back = merged(KNOWN, {}, found.given)
    assert back == {
        key: back[key] if KNOWN.fields[key].kind in ("choice", "country") else text for key, text in kept.items()
    }
