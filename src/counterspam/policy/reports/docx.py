"""A report as a Word document: real styles, tables with header rows, charts as pictures, right to left for Arabic.

The file is a zip that python-docx writes with the time of writing; it is packed again with fixed times, in fixed order.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from counterspam.policy.reports.annex import zipped
from counterspam.policy.reports.document import Block, Chart, Paragraph, Report, Source, Table, captions, sources

Picture = Callable[[str], bytes]
FONTS = {"ar": "Noto Sans Arabic", "zh": "Noto Sans CJK SC"}
QUIET = RGBColor(0x59, 0x63, 0x6E)
_FORBIDDEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(report: Report, svgs: Mapping[str, str], picture: Picture) -> bytes:
    """The file; `picture` makes a PNG of a drawing."""
    return _Writer(report, svgs, picture).written()


def text_of(value: str) -> str:
    """Text without characters that XML 1.0 forbids."""
    return _FORBIDDEN.sub("", value)


class _Writer:
    """One document while it is written."""

    def __init__(self, report: Report, svgs: Mapping[str, str], picture: Picture) -> None:
        self.report, self.svgs, self.picture = report, svgs, picture
        self.rtl = report.direction == "rtl"
        self.doc: Any = docx.Document()
        self.notes = sources(report)
        self._styles()
        self._properties()

    def written(self) -> bytes:
        """All of it."""
        self._frame()
        self._title()
        for section in self.report.sections:
            self._heading(section.title, section.level, section.lang)
            for block in section.blocks:
                self._block(block)
        self._heading(self.report.words["notes"], 1)
        for n, one in self.notes.values():
            self._note(n, one)
        file = io.BytesIO()
        self.doc.save(file)
        with zipfile.ZipFile(file) as archive:
            contents = {name: archive.read(name) for name in archive.namelist()}
        return zipped(contents, self.report.created_at)

    def _styles(self) -> None:
        font = FONTS.get(self.report.lang, "Noto Sans")
        section = self.doc.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin = section.bottom_margin = Cm(2.4)
        for name, size in (("Normal", 10), ("Title", 24), ("Heading 1", 15), ("Heading 2", 11.5), ("Caption", 9)):
            style = self.doc.styles[name]
            style.font.name, style.font.size = font, Pt(size)
            fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
            for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
                fonts.set(qn(script), font)
            for theme in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
                fonts.attrib.pop(qn(theme), None)
            if name != "Normal":
                style.font.color.rgb = RGBColor(0x1B, 0x1F, 0x24)
                style.font.bold = True
            self._language(style.element.get_or_add_rPr(), self.report.lang)

    def _properties(self) -> None:
        at = datetime.fromtimestamp(self.report.created_at / 1000, UTC).replace(tzinfo=None, microsecond=0)
        core = self.doc.core_properties
        core.title = text_of(f"{self.report.title}. {self.report.subtitle}")[:255]
        core.author = core.last_modified_by = "counterspam"
        core.created = core.modified = at
        core.last_printed = at
        core.revision, core.language, core.keywords = 1, self.report.lang, self.report.tlp
        core.comments = ""

    def _frame(self) -> None:
        """The label in the header, the number of the page in the footer."""
        section = self.doc.sections[0]
        head = section.header.paragraphs[0]
        self._run(head, f"{self.report.tlp}  ·  {self.report.title}", size=8, quiet=True)
        self._sided(head)
        foot = section.footer.paragraphs[0]
        before, _, rest = self.report.words["page"].partition("%(n)s")
        between, _, after = rest.partition("%(all)s")
        for text, code in ((before, "PAGE"), (between, "NUMPAGES"), (after, "")):
            self._run(foot, text, size=8, quiet=True)
            if code:
                self._counted(foot, code)
        self._sided(foot)

    def _title(self) -> None:
        self._paragraph(f"{self.report.tlp} – {self.report.tlp_meaning}", bold=True)
        self._sided(self.doc.add_paragraph(text_of(self.report.title), style="Title"))
        self._paragraph(self.report.subtitle, size=13, quiet=True)
        if self.report.made_up:
            self._paragraph(self.report.made_up, bold=True)
        self._rows([[name, value] for name, value in self.report.facts], [False, False], head=None)

    def _heading(self, title: str, level: int, lang: str = "") -> None:
        self._sided(self.doc.add_heading(text_of(title), level), lang)

    def _block(self, block: Block) -> None:
        if isinstance(block, Paragraph):
            style = "List Bullet" if block.item else None
            self._paragraph(block.text, quiet=block.quiet, lang=block.lang, style=style)
            return
        if isinstance(block, Table):
            self._caption(block)
            rows = [list(row) for row in block.shown] or [[block.empty, *[""] * (len(block.columns) - 1)]]
            numeric = [column.numeric for column in block.columns]
            self._rows(rows, numeric, head=[column.title for column in block.columns], lang=block.lang)
            self.doc.add_paragraph()
            return
        data = self.picture(self.svgs[block.id])
        shape = self.doc.add_paragraph().add_run().add_picture(io.BytesIO(data), width=Cm(16.6))
        shape._inline.docPr.set("descr", text_of(block.alt)[:1000])
        self._caption(block)

    def _caption(self, block: Table | Chart) -> None:
        paragraph = self.doc.add_paragraph(style="Caption")
        self._run(paragraph, captions(self.report, block))
        if block.source:
            n = self.notes[block.source.key][0]
            self._run(paragraph, f" [{n}]")
        paragraph.paragraph_format.keep_with_next = isinstance(block, Table)
        self._sided(paragraph)

    def _rows(self, rows: list[list[str]], numeric: list[bool], *, head: list[str] | None, lang: str = "") -> None:
        table = self.doc.add_table(rows=0, cols=len(numeric), style="Table Grid" if head is None else "Light List")
        if self.rtl:
            table._tbl.tblPr.append(OxmlElement("w:bidiVisual"))
        for at, cells in enumerate([*([head] if head else []), *rows]):
            line = table.add_row()
            if head and at == 0:
                repeated = OxmlElement("w:tblHeader")
                line._tr.get_or_add_trPr().append(repeated)
            for cell, text, is_number in zip(line.cells, cells, numeric, strict=True):
                paragraph = cell.paragraphs[0]
                self._run(paragraph, text, size=8, lang="" if is_number else lang)
                self._sided(paragraph, "" if is_number else lang)
                if is_number:  # units under units; in a paragraph from right to left, Word's "left" is the right side
                    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if self.rtl else WD_ALIGN_PARAGRAPH.RIGHT

    def _paragraph(
        self, text: str, *, size: float = 10, quiet: bool = False, bold: bool = False, lang: str = "", style: Any = None
    ) -> Any:
        paragraph = self.doc.add_paragraph(style=style)
        self._run(paragraph, text, size=size, quiet=quiet, bold=bold, lang=lang)
        self._sided(paragraph, lang)
        return paragraph

    def _note(self, n: int, one: Source) -> None:
        words = self.report.words
        parts = [f"[{n}] {one.title}"]
        for name in ("source", "basis", "method", "uncertainty"):
            parts.append(f"{words[name]} {getattr(one, name)}")
        paragraph = self._paragraph(" ".join(parts) + " ", size=8, quiet=True)
        self._link(paragraph, one.address, words["definition"])

    def _run(
        self, paragraph: Any, text: str, *, size: float = 0, quiet: bool = False, bold: bool = False, lang: str = ""
    ) -> None:
        run = paragraph.add_run(text_of(text))
        if size:
            run.font.size = Pt(size)
        if quiet:
            run.font.color.rgb = QUIET
        run.bold = bold or None
        spoken = lang or self.report.lang
        if spoken != self.report.lang:
            self._language(run._r.get_or_add_rPr(), spoken)
        if spoken == "ar":
            run._r.get_or_add_rPr().append(OxmlElement("w:rtl"))

    def _language(self, properties: Any, lang: str) -> None:
        element = OxmlElement("w:lang")
        element.set(qn({"ar": "w:bidi", "zh": "w:eastAsia"}.get(lang, "w:val")), "zh-CN" if lang == "zh" else lang)
        properties.append(element)

    def _sided(self, paragraph: Any, lang: str = "") -> None:
        """From right to left where the language is written so."""
        if (lang or self.report.lang) == "ar":
            paragraph._p.get_or_add_pPr().insert_element_before(
                OxmlElement("w:bidi"), "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:rPr"
            )

    def _counted(self, paragraph: Any, code: str) -> None:
        """A field that Word fills in: the number of the page, or of pages."""
        for kind in ("begin", "", "end"):
            run = paragraph.add_run()
            run.font.size = Pt(8)
            element = OxmlElement("w:fldChar" if kind else "w:instrText")
            if kind:
                element.set(qn("w:fldCharType"), kind)
            else:
                element.text = code
            run._r.append(element)

    def _link(self, paragraph: Any, address: str, text: str) -> None:
        relation = paragraph.part.relate_to(text_of(address), RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), relation)
        run = OxmlElement("w:r")
        properties = OxmlElement("w:rPr")
        colour = OxmlElement("w:color")
        colour.set(qn("w:val"), "0B5CAD")
        size = OxmlElement("w:sz")
        size.set(qn("w:val"), "16")
        properties.extend([colour, size])
        content = OxmlElement("w:t")
        content.text = text_of(text)
        run.extend([properties, content])
        link.append(run)
        paragraph._p.append(link)
