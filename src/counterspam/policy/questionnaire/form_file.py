"""The questionnaire as an XLSX file to be filled in away from the network: one sheet a section, one line a field.

Column A names the field, column E takes the answer; `filled.read` reads it back. A field with several answers has a line for
each of its options.
"""

import io
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from babel import Locale
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from counterspam.policy.questionnaire.answers import Given
from counterspam.policy.questionnaire.definition import NUMBERS, TEXTS, Definition, Field, Question
from counterspam.policy.questionnaire.values import Wrong, countries, read

KEY, ANSWER = "key", "E"
FIRST = 3  # row of the first field of a sheet
COVER, LISTS = "Form", "Lists"
FORMAT = "counterspam-questionnaire-1"
SEVERAL = "="  # between the key of a field and one of its options
_WIDTHS = {"A": 24, "B": 48, "C": 34, "D": 26, "E": 38}
_GREY, _OPEN = Font(color="FF767676", size=8), PatternFill("solid", fgColor="FFFFF8E1")
_HEAD = PatternFill("solid", fgColor="FFE8EEF4")
_WRAP = Alignment(wrap_text=True, vertical="top")


class _Book:
    """A workbook in the making: its lists stand on a sheet of their own, since a list in a cell has at most 255 characters."""

    def __init__(self, definition: Definition, lang: str) -> None:
        self.definition, self.lang = definition, lang
        self.book = Workbook()
        self.lists = self.book.create_sheet(LISTS)
        self.lists.sheet_state = "hidden"
        self.known: dict[tuple[str, ...], str] = {}

    def say(self, text: str) -> str:
        return self.definition.say(text, self.lang)[0]

    def source(self, values: tuple[str, ...]) -> str:
        """The address of a list of values."""
        if values not in self.known:
            column = len(self.known) + 1
            for row, text in enumerate(values, 1):
                put(self.lists, row, column, text)
            letter = self.lists.cell(1, column).column_letter
            self.known[values] = f"{LISTS}!${letter}$1:${letter}${len(values)}"
        return self.known[values]


def write(definition: Definition, given: Given, *, wave: str, member: str, lang: str = "en", made: int = 0) -> bytes:
    """The file with the answers that there are. `made` in ms stands in the file as the time at which it was made."""
    book = _Book(definition, lang)
    cover = book.book.active
    assert isinstance(cover, Worksheet)
    cover.title = COVER
    _cover(book, cover, wave, member)
    for section in definition.sections:
        sheet = book.book.create_sheet(section.id, len(book.book.sheetnames) - 1)
        _sheet(book, sheet, section.title, section.questions, given)
    at = datetime.fromtimestamp(made / 1000, UTC).replace(tzinfo=None)
    book.book.properties.creator = "counterspam"
    book.book.properties.created = book.book.properties.modified = at
    out = io.BytesIO()
    book.book.save(out)
    return out.getvalue()


def put(sheet: Worksheet, row: int, column: int, value: str | float) -> None:
    """Write a value; a text that begins like a formula stays a text."""
    cell = sheet.cell(row, column)
    cell.value = value
    if isinstance(value, str):
        cell.data_type = "s"
    cell.alignment = _WRAP


def country_names(lang: str) -> dict[str, str]:
    """Code and name of each country or area as the list in a cell has it."""
    known = Locale.parse(lang).territories
    return {code: f"{code} – {known.get(code, code)}" for code in countries()}


def _cover(book: _Book, sheet: Worksheet, wave: str, member: str) -> None:
    facts = {
        "format": FORMAT,
        "version": book.definition.version,
        "hash": book.definition.hash,
        "wave": wave,
        "respondent": member,
        "language": book.lang,
    }
    put(sheet, 1, 1, KEY)
    put(sheet, 1, 2, book.say(book.definition.title))
    sheet.cell(1, 2).font = Font(bold=True, size=14)
    for row, (name, said) in enumerate(facts.items(), 2):
        put(sheet, row, 1, name)
        sheet.cell(row, 1).font = _GREY
        put(sheet, row, 2, book.say(TEXTS[name]) if name in TEXTS else name)
        put(sheet, row, 3, said)
    words = [
        book.definition.purpose,
        *(TEXTS[name] for name in ("fill", "numbers", "several", "unknown-cell", "return")),
    ]
    put(sheet, 9, 2, book.say(TEXTS["instructions"]))
    sheet.cell(9, 2).font = Font(bold=True)
    for row, text in enumerate(words, 10):
        put(sheet, row, 2, book.say(text))
    for letter, width in {"A": 12, "B": 90, "C": 40}.items():
        sheet.column_dimensions[letter].width = width
    _protect(book, sheet)


def _sheet(book: _Book, sheet: Worksheet, title: str, questions: Iterable[Question], given: Given) -> None:
    put(sheet, 1, 2, f"{sheet.title}. {book.say(title)}")
    sheet.cell(1, 2).font = Font(bold=True, size=14)
    heads = (KEY, TEXTS["question"], "", TEXTS["unit"], TEXTS["answer"])
    for column, head in enumerate(heads, 1):
        put(sheet, FIRST - 1, column, book.say(head) if column > 1 and head else head)
        sheet.cell(FIRST - 1, column).font = Font(bold=True)
    row = FIRST
    menus: dict[str, DataValidation] = {}
    for question in questions:
        put(sheet, row, 2, f"{question.id}  {book.say(question.text)}")
        put(sheet, row, 3, book.say(question.help))
        for column in range(1, 6):
            sheet.cell(row, column).fill = _HEAD
        sheet.cell(row, 2).font = Font(bold=True)
        row += 1
        for field in (*question.fields, *question.about):
            usual = question.disclosure if field.about == "disclosure" else ""
            for key, labels, expected, value, menu in _lines(book, field, given.get(field.key, "") or usual):
                _line(sheet, row, (key, *labels, expected), value, field)
                if menu:
                    _offer(menus, sheet, book.source(menu), row)
                row += 1
    for letter, width in _WIDTHS.items():
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"A{FIRST}"
    _protect(book, sheet)


Shown = tuple[str, tuple[str, str], str, str | float, tuple[str, ...]]


def _lines(book: _Book, field: Field, text: str) -> Iterator[Shown]:
    """Key, what is asked, what is expected, the answer, and the list to choose from."""
    labels = tuple(book.say(one) for one in field.labels)
    first, second = (*labels, "", "")[:2]
    if field.kind == "multi":
        chosen = text.split()
        for name, said in field.options.items():
            yield f"{field.key}{SEVERAL}{name}", (first, book.say(said)), "x", "x" if name in chosen else "", ("x",)
        if other := " ".join(name for name in chosen if name not in field.options):
            yield f"{field.key}{SEVERAL}", (first, ""), "", other, ()
        return
    menu: tuple[str, ...] = ()
    value: str | float = text
    if field.kind == "choice":
        menu = tuple(book.say(said) for said in field.options.values())
        value = book.say(field.options[text]) if text in field.options else text
    elif field.kind == "country":
        names = country_names(book.lang)
        menu, value = tuple(names.values()), names.get(text, text)
    elif field.kind in NUMBERS:
        value = _number(field, text)
    yield field.key, (first, second), book.say(field.unit) or field.form, value, menu


def _number(field: Field, text: str) -> str | float:
    try:
        found = read(field, text)
    except Wrong:
        return text
    return (
        int(found) if isinstance(found, float) and found == int(found) else found if isinstance(found, float) else text
    )


def _line(sheet: Worksheet, row: int, words: tuple[str, ...], value: str | float, field: Field) -> None:
    for column, text in enumerate(words, 1):
        put(sheet, row, column, text)
    sheet.cell(row, 1).font = _GREY
    if value != "":
        put(sheet, row, 5, value)
    answer = sheet.cell(row, 5)
    answer.fill, answer.protection, answer.alignment = _OPEN, Protection(locked=False), _WRAP
    answer.number_format = "General" if field.kind in NUMBERS else "@"


def _offer(menus: dict[str, DataValidation], sheet: Worksheet, source: str, row: int) -> None:
    if source not in menus:
        menus[source] = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=False)
        sheet.add_data_validation(menus[source])
    menus[source].add(f"{ANSWER}{row}")


def _protect(book: _Book, sheet: Worksheet) -> None:
    """Against slips only: without a password. Columns may still be widened."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = sheet.protection.formatRows = False
    sheet.sheet_view.rightToLeft = book.lang == "ar"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def option_names(definition: Definition, field: Field) -> Mapping[str, str]:
    """What may stand for an option of a field, in any of the languages, in small letters -> its value."""
    found = {}
    for name, said in field.options.items():
        for lang in definition.texts:
            found[definition.say(said, lang)[0].casefold()] = name
        found[said.casefold()] = found[name.casefold()] = name
    return found
