"""Whether a file is a harmless XLSX file, before anything unpacks it: sizes, macros, entities, encryption.

Source: ECMA-376 part 2 (an XLSX file is a ZIP of XML parts).
"""

import io
import zipfile
import zlib

MOST_FILE = 1_000_000  # bytes
MOST_PARTS = 200
MOST_UNPACKED = 12_000_000  # bytes of all parts together
MOST_RATIO = 200  # of a part that unpacks to more than a megabyte


class NotAForm(Exception):
    """The file cannot be taken; `code` is one of web/questionnaire/labels.py."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def inspected(data: bytes) -> bytes:
    """The file itself. Raises NotAForm."""
    if len(data) > MOST_FILE:
        raise NotAForm("file-large")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parcel:
            parts = parcel.infolist()
            names = {part.filename for part in parts}
            if not {"[Content_Types].xml", "xl/workbook.xml"} <= names or len(names) != len(parts):
                raise NotAForm("file-kind")
            if any("vbaproject" in name.lower() for name in names):
                raise NotAForm("file-macros")
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise NotAForm("file-large")
            for part in parts:
                _part(parcel, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError, NotImplementedError) as error:
        raise NotAForm("file-kind") from error
    return data


def _part(parcel: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read a part as far as it says to reach: no more than that, no entities, no encoding that could hide them."""
    if part.file_size > 1_000_000 and part.file_size > MOST_RATIO * max(part.compress_size, 1):
        raise NotAForm("file-large")
    with parcel.open(part) as file:
        content = file.read(part.file_size + 1)
    if len(content) > part.file_size:
        raise NotAForm("file-large")
    if part.filename.endswith((".xml", ".rels", ".vml")):
        if b"\x00" in content:
            raise NotAForm("file-kind")
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise NotAForm("file-kind")  # no spreadsheet program declares entities
