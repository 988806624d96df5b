"""A filled-in form file read back: answers by key with the address of their cells, and what could not be taken.

Nothing is lost: a wrong value is an answer like any other, and the checks name it with its cell.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from babel import Locale
from openpyxl import load_workbook

from counterspam.policy.questionnaire.definition import LANGUAGES, Definition, Field
from counterspam.policy.questionnaire.form_file import COVER, FIRST, FORMAT, KEY, SEVERAL, option_names
from counterspam.policy.questionnaire.parcel import NotAForm, inspected
from counterspam.policy.questionnaire.values import MOST_LONG, canonical, countries, written

MOST_ROWS = 3000  # of a sheet
MOST_REFUSED = 200
YES, NO = ("x", "yes", "1", "true", "✓", "✔"), ("", "no", "0", "false", "-")


@dataclass(frozen=True, slots=True)
class Refused:
    """A cell that was not taken: `code` says why, `text` what stands there."""

    place: str
    code: str
    text: str


@dataclass(slots=True)
class Filled:
    """What a file holds. `wave` and `member` are what it says of itself; `places` are the cells by key."""

    version: str
    wave: str
    member: str
    given: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    refused: list[Refused] = field(default_factory=list)


def read(definition: Definition, data: bytes, wave: str) -> Filled:
    """The answers in a file. Raises NotAForm when it is none of this questionnaire and wave."""
    try:
        book = load_workbook(io.BytesIO(inspected(data)), read_only=True, keep_links=False)
        try:
            return _read(definition, book, wave)
        finally:
            book.close()
    except NotAForm:
        raise
    except Exception as error:  # the library raises whatever its parsers meet; all of it means the same to the sender
        raise NotAForm("file-kind") from error


def _read(definition: Definition, book: Any, wave: str) -> Filled:
    if COVER not in book.sheetnames:
        raise NotAForm("file-form")
    facts = {str(row[0]): str(row[2] or "") for row in _values(book[COVER], 3, 20) if row[0]}
    if facts.get("format") != FORMAT:
        raise NotAForm("file-form")
    if facts.get("version") != definition.version or facts.get("hash") != definition.hash:
        raise NotAForm("file-version")
    if facts.get("wave") != wave:
        raise NotAForm("file-wave")
    found = Filled(facts["version"], wave, facts.get("respondent", ""))
    for section in definition.sections:
        if section.id in book.sheetnames:
            _sheet(definition, found, book[section.id])
    return found


def _values(sheet: Any, columns: int, rows: int) -> Iterator[list[Any]]:
    for row in sheet.iter_rows(max_row=rows, max_col=columns, values_only=True):
        yield [*row, *[None] * (columns - len(row))]


def _sheet(definition: Definition, found: Filled, sheet: Any) -> None:
    several: dict[str, list[str]] = {}
    for number, row in enumerate(sheet.iter_rows(max_row=MOST_ROWS, max_col=5), 1):
        cells = {cell.column: cell for cell in row if getattr(cell, "column", None)}
        key = str(cells[1].value or "") if 1 in cells else ""
        answer, place = cells.get(5), f"{sheet.title}!E{number}"
        if number == FIRST - 1 and key != KEY:
            raise NotAForm("file-form")
        if number < FIRST or answer is None or (not key and answer.value is None):
            continue
        name, _, option = key.partition(SEVERAL)
        known = definition.fields.get(name)
        if known is None or definition.question(known.question).section != sheet.title:
            if answer.value not in (None, ""):
                _refuse(found, place, "cell-unknown", str(answer.value))
            continue
        if answer.data_type == "f":
            _refuse(found, place, "cell-formula", str(getattr(answer.value, "text", answer.value)))
            continue
        text = _text(known, answer)
        if len(text) > MOST_LONG:
            _refuse(found, place, "cell-long", text[:100])
        elif known.kind == "multi":
            several.setdefault(name, []).append(_ticked(option, text))
            found.places.setdefault(name, place)
        else:
            found.given[name] = canonical(known, _named(definition, known, text))
            found.places[name] = place
    for name, parts in several.items():
        found.given[name] = canonical(definition.fields[name], " ".join(filter(None, parts)))


def _refuse(found: Filled, place: str, code: str, text: str) -> None:
    if len(found.refused) < MOST_REFUSED:
        found.refused.append(Refused(place, code, text[:100]))


def _ticked(option: str, text: str) -> str:
    """The option where it is ticked; what else stands there is kept, and no option.

    The line without an option has what was given beside the options, whatever it says.
    """
    if not option:
        return text
    if text.casefold() in NO:
        return ""
    return option if text.casefold() in YES else f"{option}={'_'.join(text.split())}"


def _text(known: Field, cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        percent = known.kind == "percent" and "%" in str(cell.number_format)
        return written(float(value) * (100 if percent else 1)) if abs(value) < 1e18 else str(value)
    if isinstance(value, datetime | date):
        return value.strftime("%Y-%m" if known.about == "period" else "%Y-%m-%d")
    return str(value)


def _named(definition: Definition, known: Field, text: str) -> str:
    """The value of a name chosen from a list."""
    text = text.strip()
    if known.kind == "choice":
        return option_names(definition, known).get(text.casefold(), text)
    return country_code(text) if known.kind == "country" else text


def country_code(text: str) -> str:
    """The code of a country given by code, by "CODE – name", or by its name in one of the languages; else the text."""
    text = text.strip()
    code, dash, _ = text.partition(" – ")
    if dash and code.upper() in countries():
        return code.upper()
    return text.upper() if text.upper() in countries() else _codes().get(text.casefold(), text)


@cache
def _codes() -> dict[str, str]:
    return {
        str(Locale.parse(lang).territories[code]).casefold(): code
        for lang in LANGUAGES
        for code in countries()
        if code in Locale.parse(lang).territories
    }
