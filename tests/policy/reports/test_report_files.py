"""The four forms of a report: the same bytes each time, and nothing that was typed is read as markup."""

import csv
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from contextlib import suppress
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
from docx.oxml.ns import qn
from hypothesis import HealthCheck, settings
from hypothesis import given as examples
from hypothesis import strategies as st
from lxml import etree
from sample_reports import AT, INJECTION, document, given

from counterspam.policy.reports import annex, html, kinds, pdf
from counterspam.policy.reports import docx as word
from counterspam.policy.reports.document import charts, sources, tables
from counterspam.policy.reports.fields import clean
from counterspam.policy.typesetting import CannotSet, installed
from counterspam.web.language import spoken
from counterspam.web.reports import making
from counterspam.web.reports.drawing import drawings

ARABIC = "Noto Sans Arabic" in installed() or "Noto Naskh Arabic" in installed()
CHINESE = "Noto Sans CJK SC" in installed() or "Noto Serif CJK SC" in installed()
FONTS = {
    "ar": pytest.mark.skipif(not ARABIC, reason="no Noto font for Arabic (package fonts-noto-core)"),
    "zh": pytest.mark.skipif(not CHINESE, reason="no Noto font for Chinese (package fonts-noto-cjk)"),
}
LANGUAGES = [pytest.param("en"), *(pytest.param(lang, marks=mark) for lang, mark in FONTS.items())]

REBUILD = """
import hashlib, sys
sys.path[:0] = sys.argv[3:]
from sample_reports import given
from counterspam.web.reports import making
for name, content in sorted(making.files(given(sys.argv[1]), tuple(sys.argv[2].split(","))).items()):
    print(name, hashlib.sha256(content).hexdigest())
"""


def text_of(data: bytes) -> str:
    """The text of a PDF."""
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages)


def one_file(kind: str, form: str, lang: str = "en", **changes: Any) -> bytes:
    """One file of a report."""
    report = document(kind, lang, **changes)
    with spoken(lang):
        svgs = drawings(report)
    if form == "docx":
        return word.write(report, svgs, partial(pdf.picture, lang=lang))
    return pdf.write(report, svgs) if form == "pdf" else html.write(report, svgs)


@pytest.mark.parametrize(
    ("kind", "languages"),
    [
        ("council", ("en",)),
        pytest.param("tsag", ("ar",), marks=FONTS["ar"]),
        pytest.param("tracker", ("zh",), marks=FONTS["zh"]),
    ],
)
def test_another_process_makes_the_same_bytes(kind: str, languages: tuple[str, ...]) -> None:
    made = making.files(given(kind), languages)
    here = {name: hashlib.sha256(content).hexdigest() for name, content in made.items()}
    paths = [str(Path(__file__).parent), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    environment = {**os.environ, "TZ": "Asia/Tokyo", "PYTHONHASHSEED": "7", "LANG": "C"}
    ended = subprocess.run(
        [sys.executable, "-c", REBUILD, kind, ",".join(languages), *paths],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    there = dict(line.split() for line in ended.stdout.splitlines())
    assert there == here
    assert set(here) == {f"{lang}.{form}" for lang in languages for form in making.TYPES}


# What was typed is text


def test_nothing_typed_is_markup_for_typst() -> None:
    fields = {"summary": "\n".join(INJECTION)}
    said = text_of(one_file("council", "pdf", fields=fields)).replace("\n", " ")
    assert "root:" not in said
    for text in INJECTION:
        assert " ".join(text.split()) in " ".join(said.split()), text


def test_typst_can_open_no_file() -> None:
    for source in (b'#read("/etc/passwd")', b'#read("../../../etc/passwd")', b'#import "@preview/x:0.1.0": y'):
        with pytest.raises(CannotSet):
            pdf._compiled(source, {}, "pdf", 0)


def test_nothing_typed_is_markup_in_html() -> None:
    data = one_file("council", "html", fields={"summary": "\n".join(INJECTION)}).decode()
    assert "<script" not in data
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in data
    assert " onerror" not in data


def test_a_word_document_takes_what_xml_forbids() -> None:
    report = document("council", fields={"summary": "a\x00b\x0bc\ufffed\ud800e <w:p/> &amp;"})
    pixel = pdf.picture('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>', "en")
    made = docx.Document(io.BytesIO(word.write(report, {c.id: "" for c in charts(report)}, lambda _: pixel)))
    assert "abcde <w:p/> &amp;" in [paragraph.text for paragraph in made.paragraphs]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@examples(st.text(max_size=80))
def test_any_typed_text_ends_in_a_file_or_in_a_refusal(text: str) -> None:
    report = document("tracker", fields={"comment": clean(text)})
    HTMLParser().feed(html.write(report, {}).decode())
    short = report.__class__(**{**{f: getattr(report, f) for f in report.__slots__}, "sections": report.sections[:1]})
    with suppress(CannotSet):  # such as for a sign that no font has
        assert pdf.write(short, {}).startswith(b"%PDF")


# PDF


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pdf_has_contents_captions_label_and_page_numbers(lang: str) -> None:
    data = one_file("council", "pdf", lang)
    reader = pypdf.PdfReader(io.BytesIO(data))
    report = document("council", lang)
    assert reader.metadata is not None
    assert reader.metadata.title == f"{report.title}. {report.subtitle}"
    assert len(reader.pages) >= 5
    assert all("TLP:CLEAR" in page.extract_text() for page in reader.pages)
    assert reader.trailer["/Root"]["/Lang"] == lang
    assert "/StructTreeRoot" in reader.trailer["/Root"]
    outline = [str(item.title) for item in reader.outline if not isinstance(item, list)]
    assert len(outline) == len(report.sections)
    links = [note.get_object() for page in reader.pages for note in page.get("/Annots", [])]
    addresses = {str(link["/A"]["/URI"]) for link in links if "/A" in link and "/URI" in link["/A"]}
    assert {one.address for _, one in sources(report).values()} <= addresses


def test_an_english_pdf_says_what_the_report_says() -> None:
    said = " ".join(text_of(one_file("council", "pdf")).split())
    for words in ("Contribution to the report to Council", "Table 1. Volume by channel", "Figure 1.", "Page 2 of"):
        assert words in said
    assert "Spam by SMS doubled." in said
    assert "Demonstration" not in said
    assert "counts evidence that was made up" in text_of(one_file("council", "pdf", synthetic=True))


@FONTS["ar"]
def test_an_arabic_pdf_is_set_in_an_arabic_font() -> None:
    reader = pypdf.PdfReader(io.BytesIO(one_file("tsag", "pdf", "ar", synthetic=True)))
    assert any("Arabic" in name or "Naskh" in name for name in _fonts(reader))
    assert any("\u0600" <= char <= "\u06ff" for char in text_of(one_file("tsag", "pdf", "ar")))


@FONTS["zh"]
def test_a_chinese_pdf_is_set_in_a_chinese_font() -> None:
    data = one_file("tsag", "pdf", "zh")
    assert any("CJK" in name for name in _fonts(pypdf.PdfReader(io.BytesIO(data))))
    assert "提交 TSAG 的打击垃圾信息进展报告" in text_of(data).replace("\n", "")


def _fonts(reader: pypdf.PdfReader) -> set[str]:
    return {
        str(font.get_object()["/BaseFont"])
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }


def test_a_sign_that_no_font_has_is_an_error_that_names_it() -> None:
    with pytest.raises(CannotSet, match="could not be displayed"):
        one_file("tracker", "pdf", fields={"comment": "\U00010a60 \U0001e900"})


@pytest.mark.parametrize(("lang", "package"), [("ar", "fonts-noto-core"), ("zh", "fonts-noto-cjk"), ("ru", "core")])
def test_a_missing_font_is_an_error_that_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, lang: str, package: str
) -> None:
    monkeypatch.setattr(pdf, "installed", lambda: frozenset({"DejaVu Sans"}))
    with pytest.raises(CannotSet, match=f"no font for the language {lang} is installed.*{package}"):
        pdf.families(lang)


def test_a_report_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "MOST_BYTES", 1000)
    with pytest.raises(CannotSet, match="too large"):
        one_file("tracker", "pdf")


# DOCX


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_word_document_has_styles_header_rows_pictures_and_direction(lang: str) -> None:
    data = one_file("council", "docx", lang)
    made = docx.Document(io.BytesIO(data))
    report = document("council", lang)
    headings = [one.text for one in made.paragraphs if ((one.style and one.style.name) or "").startswith("Heading")]
    assert headings == [*(section.title for section in report.sections), report.words["notes"]]
    assert len(made.tables) == 1 + len(list(tables(report)))
    for table in made.tables[1:]:
        assert table.rows[0]._tr.findall(f".//{qn('w:tblHeader')}")
        assert bool(table._tbl.findall(f".//{qn('w:bidiVisual')}")) is (lang == "ar")
    assert len(made.inline_shapes) == len(list(charts(report)))
    assert all(shape._inline.docPr.get("descr") for shape in made.inline_shapes)
    body = [one for one in made.paragraphs if one.text in headings]
    assert all(bool(one._p.findall(f".//{qn('w:bidi')}")) is (lang == "ar") for one in body)
    assert made.core_properties.title == f"{report.title}. {report.subtitle}"
    assert made.core_properties.created.timestamp() * 1000 == pytest.approx(AT, abs=1000)


def test_the_parts_of_a_word_document_are_in_order_and_of_one_time() -> None:
    with zipfile.ZipFile(io.BytesIO(one_file("tracker", "docx"))) as archive:
        names = archive.namelist()
        assert names == sorted(names)
        assert len({one.date_time for one in archive.infolist()}) == 1
        for name in names:
            if name.endswith((".xml", ".rels")):
                etree.fromstring(archive.read(name))


# HTML


class Marks(HTMLParser):
    """Tags that are open, ids, and what a page asks the network for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.asked: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given_ = dict(attrs)
        self.ids += [str(given_["id"])] if "id" in given_ else []
        self.asked += [name for name in ("src", "srcset", "onload", "style") if name in given_]
        if tag not in ("meta", "link", "br"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""
        self.handle_starttag(tag, attrs)
        if tag not in ("meta", "link", "br"):
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        """An element ends: the one that began last."""
        assert self.open.pop() == tag


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_the_page_is_well_formed_and_needs_nothing_else(kind: str) -> None:
    report = document(kind, "ar")
    with spoken("ar"):
        text = html.write(report, drawings(report)).decode()
    found = Marks(text)
    assert found.open == []
    assert len(found.ids) == len(set(found.ids))
    assert found.asked == []
    assert "<link" not in text
    assert 'lang="ar" dir="rtl"' in text
    assert text.count("<svg") >= len(list(charts(report)))
    for _, one in sources(report).values():
        assert f'href="{one.address}"' in text


# The annex


def test_the_annex_holds_every_number_with_its_source() -> None:
    report = document("council")
    with zipfile.ZipFile(io.BytesIO(annex.write(report))) as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    shown = {block.id for block in (*tables(report), *charts(report))}
    assert set(files) == {f"{id}.csv" for id in shown} | {"about.csv", "sources.csv"}
    volume = list(csv.DictReader(io.StringIO(files["by_channel.csv"])))
    table = next(table for table in tables(report) if table.id == "by_channel")
    assert [float(row["spam_messages"]) for row in volume] == [row[3] for row in table.rows]
    listed = list(csv.DictReader(io.StringIO(files["sources.csv"])))
    assert {row["file"] for row in listed} == {f"{id}.csv" for id in shown}
    assert all(row["definition"].startswith("http://node.example/") for row in listed)


def test_no_cell_of_the_annex_is_a_formula() -> None:
    assert [annex._cell(value) for value in ("=1+1", "@x", "+cmd", "-5", -5, "+49123", None, "a")] == [
        "'=1+1",
        "'@x",
        "'+cmd",
        "-5",
        -5,
        "+49123",
        "",
        "a",
    ]
