"""What leaves the node: SCORM packages, the offline package, certificates, the calendar."""

import io
import json
import os
import re
import stat
import zipfile
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pypdf
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from scormhost.config import HostSettings
from scormhost.manifest import parse_imsmanifest
from scormhost.packages import extract_scorm_zip
from scormhost.storage import PackageStore
from test_training_files import FOLDER

from counterspam.errors import DecodeError
from counterspam.policy.training import calendar, certificate, library, package, scorm, statistics
from counterspam.policy.training.calendar import Event
from counterspam.policy.training.certificate import Certificate
from counterspam.policy.training.course import Given
from counterspam.policy.training.library import Library
from counterspam.web import language
from counterspam.web.language import LANGUAGES
from counterspam.web.training import labels, shelf

CP, ADL = f"{{{scorm.NAMESPACE}}}", f"{{{scorm.ADL}}}"
CSS = b"body { color: inherit }"


@pytest.fixture(scope="module")
def books() -> Library:
    return library.load([FOLDER], LANGUAGES)


def given_in(lang: str) -> Given:
    with language.spoken(lang):
        return Given(
            words=labels.of_pages("made for a test"),
            audiences=labels.audiences(),
            figure=lambda name, caption: Markup("<figure>{} {}</figure>").format(name, caption),
            link=lambda address: "https://node.example" + address if address.startswith("/") else address,
            css=CSS,
            direction=labels.written(lang),
        )


def files_in(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


class Outline(HTMLParser):
    """Ids, links and addresses of a page, and whether its elements are closed."""

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element."""
        for name, value in attrs:
            self.ids += [str(value)] if name == "id" else []
            self.addresses += [str(value)] if name in ("href", "src") else []
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Its end."""
        assert self.open.pop() == tag


def test_the_manifest_is_one_of_scorm_1_2(books: Library) -> None:
    found = files_in(scorm.package(books, "try-it", "en", "", given_in("en")))
    root = ElementTree.fromstring(found[scorm.MANIFEST])
    assert root.tag == f"{CP}manifest"
    assert [child.tag.removeprefix(CP) for child in root] == ["metadata", "organizations", "resources"]
    assert [child.text for child in root[0]] == ["ADL SCORM", "1.2"]
    organizations, resources = root[1], root[2]
    assert organizations.get("default") == organizations[0].get("identifier")
    title, item = organizations[0]
    assert title.text == "A module to try everything"
    assert [child.tag for child in item] == [f"{CP}title", f"{ADL}masteryscore"]
    assert item[1].text == "80"
    (resource,) = resources
    assert item.get("identifierref") == resource.get("identifier")
    assert (resource.get("type"), resource.get(f"{ADL}scormtype")) == ("webcontent", "sco")
    listed = [one.get("href") for one in resource]
    assert resource.get("href") == listed[0]
    assert {*listed, scorm.MANIFEST} == set(found), "what is listed is there, and nothing else"
    ids = [one.get("identifier") for one in root.iter() if one.get("identifier")]
    assert len(ids) == len(set(ids)) == 4
    assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", str(one)) for one in ids), "XML ids"


def test_a_host_takes_the_package_and_finds_what_to_launch(books: Library, tmp_path: Path) -> None:
    store = PackageStore(HostSettings(data_dir=tmp_path))
    data = scorm.package(books, "try-it", "en", "", given_in("en"))
    kept = extract_scorm_zip(store, data, "try-it.zip")
    found = parse_imsmanifest(store.package_root(kept) / scorm.MANIFEST)
    assert (found.schema_version, found.title, len(found.launches)) == ("1.2", "A module to try everything", 1)
    assert (store.package_root(kept) / found.launches[0].href).is_file()


def test_a_host_takes_every_shipped_module_in_each_of_its_languages(tmp_path: Path) -> None:
    shipped = library.load([shelf.shipped()], LANGUAGES)
    store = PackageStore(HostSettings(data_dir=tmp_path))
    for slug, lang in shipped.modules:
        data = scorm.package(shipped, slug, lang, "", given_in(lang))
        kept = extract_scorm_zip(store, data, f"{slug}-{lang}.zip")
        found = parse_imsmanifest(store.package_root(kept) / scorm.MANIFEST)
        assert (found.schema_version, found.title) == ("1.2", shipped.modules[slug, lang].title)
        Outline((store.package_root(kept) / found.launches[0].href).read_text(encoding="utf-8"))
    assert len(store.list_packages()) == len(shipped.modules) >= 16


def test_a_title_with_signs_stays_one_title(books: Library) -> None:
    module = books.modules["try-it", "en"].model_copy(update={"title": 'R&D <"x"> ü'})
    root = ElementTree.fromstring(scorm.manifest(module, (scorm.PAGE,), 0.8))
    assert {one.text for one in root.iter(f"{CP}title")} == {'R&D <"x"> ü'}


@pytest.mark.parametrize("audience", ["", "user"])
def test_the_page_of_a_package_is_whole_and_needs_nothing_else(books: Library, audience: str) -> None:
    found = files_in(scorm.package(books, "try-it", "en", audience, given_in("en")))
    text = found[scorm.PAGE].decode()
    outline = Outline(text)
    assert len(outline.ids) == len(set(outline.ids))
    for address in outline.addresses:
        inside = address.removeprefix("#") in outline.ids if address.startswith("#") else address in found
        assert inside or address.startswith("https://"), address
    assert ("Never rank" in text) is not audience
    assert '<a href="https://node.example/volume">' in text
    asked = json.loads(re.search(r'id="questions">(.*?)</script>', text, re.DOTALL)[1])  # type: ignore[index]
    assert len(asked) == (5 if audience else 10)
    assert {one["source"] for one in asked} <= {1, 2}
    assert "<script>alert" not in text


def test_data_in_a_page_cannot_end_its_script(books: Library) -> None:
    item = books.quizzes["try-it", "en"][0].model_copy(update={"question": "</script><script>alert(1)</script>"})
    hostile = Library({**books.modules}, {("try-it", "en"): (item,)}, {})
    text = files_in(scorm.package(hostile, "try-it", "en", "", given_in("en")))[scorm.PAGE].decode()
    assert "alert(1)</script>" not in text
    Outline(text)


def test_the_same_package_is_the_same_bytes(books: Library) -> None:
    one, other = (scorm.package(books, "try-it", "fr", "user", given_in("fr")) for _ in range(2))
    assert one == other
    assert b'<html lang="fr" dir="ltr">' in files_in(one)[scorm.PAGE]


def test_the_offline_package_holds_every_module_and_leads_to_each(books: Library) -> None:
    given = {lang: given_in(lang) for lang in ("ar", "en")}
    found = files_in(package.package(books, "ar", given, date(2026, 10, 1)))
    assert list(found) == ["index.html", "01-try-it.html", "site.css", "course.js"]
    for name in ("index.html", "01-try-it.html"):
        outline = Outline(found[name].decode())
        assert {one for one in outline.addresses if not one.startswith(("#", "https://"))} <= set(found)
    assert b'<html lang="ar" dir="rtl">' in found["index.html"]
    assert b'lang="en"><a href="01-try-it.html">' in found["index.html"]


# Certificates

ONE = Certificate(
    name="A learner",
    subject="try-it",
    title="A module to try everything",
    lang="en",
    audience="user",
    score=90,
    day="2026-10-10",
    serial="0123456789abcdef",
)
WORDS = dict.fromkeys(("title", "holds", "passed", "score", "day", "check", "unsupervised"), "words")


@pytest.fixture(scope="module")
def key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = certificate.signing_key(tmp_path / "data")
    path = tmp_path / "data" / certificate.KEY_FILE
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert certificate.signing_key(tmp_path / "data").private_bytes_raw() == first.private_bytes_raw()


def test_a_code_says_what_was_signed_and_for_this_key_only(key: Ed25519PrivateKey) -> None:
    code, public = certificate.sign(ONE, key), key.public_key()
    found = certificate.verify(code, public)
    assert found.name == "A learner"
    assert (found.score, found.day, found.key) == (90, "2026-10-10", certificate.key_id(public))
    assert certificate.verify(f"https://node.example/training/verify#{code[:40]} \n{code[40:]}", public) == found
    with pytest.raises(DecodeError, match="another node"):
        certificate.verify(code, Ed25519PrivateKey.generate().public_key())


def test_a_changed_code_is_refused(key: Ed25519PrivateKey) -> None:
    code = certificate.sign(ONE, key)
    for i in (*range(0, len(code), 3), len(code) - 1):
        changed = code[:i] + ("B" if code[i] == "A" else chr(ord(code[i]) ^ 1)) + code[i + 1 :]
        with pytest.raises(DecodeError):
            certificate.verify(changed, key.public_key())


@given(st.text(max_size=300))
def test_any_text_is_no_code(text: str) -> None:
    public = Ed25519PrivateKey.from_private_bytes(b"k" * 32).public_key()
    for given_ in (text, f"CSC1.{text}", f"CSC1.{text}.{text}"):
        with pytest.raises(DecodeError):
            certificate.verify(given_, public)


def test_the_recipe_of_the_documentation_checks_a_code(
    key: Ed25519PrivateKey, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (Path(__file__).parents[3] / "docs" / "training.md").read_text(encoding="utf-8")
    recipe = re.search(r"```python\n(.*?)```", text, re.DOTALL)
    assert recipe
    code = certificate.sign(ONE, key)
    exec(recipe[1], {"pem": certificate.public_pem(key.public_key()), "code": code})
    assert "A learner" in capsys.readouterr().out


def test_a_public_key_is_read_in_both_forms(key: Ed25519PrivateKey) -> None:
    public = key.public_key()
    for text in (certificate.public_pem(public), public.public_bytes_raw().hex()):
        assert certificate.read_public(text) == public
    for text in ("", "zz", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"):
        with pytest.raises(DecodeError):
            certificate.read_public(text)


@pytest.mark.parametrize("name", ["A learner", "Обучаемый", "متعلمة", "学员", "x" * 80])
def test_the_sheet_is_one_page_with_the_name_and_the_code(key: Ed25519PrivateKey, name: str) -> None:
    one = Certificate(**{**{field: getattr(ONE, field) for field in ONE.__dataclass_fields__}, "name": name})
    code = certificate.sign(one, key)
    try:
        made = certificate.pdf(one, code, WORDS, "https://node.example/training/verify", "en")
    except certificate.NoFont as error:
        pytest.skip(str(error))
    read = pypdf.PdfReader(io.BytesIO(made))
    assert len(read.pages) == 1
    text = "".join(read.pages[0].extract_text().replace("\u200b", "").split())
    assert code in text
    if name.isascii():
        assert "".join(name.split()) in text
    assert made == certificate.pdf(one, code, WORDS, "https://node.example/training/verify", "en")


def test_a_script_without_a_font_is_an_error_and_no_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificate, "installed", frozenset)
    assert certificate.fonts("Zoë, Ωμέγα и Ж. 100 % – ’") == ["Libertinus Serif"]
    for text, script in (("متعلمة", "Arabic"), ("学", "Cjk"), ("\U0001f600", "Symbols")):
        with pytest.raises(certificate.NoFont) as error:
            certificate.fonts(text)
        assert error.value.script == script


@given(st.text(max_size=200))
def test_a_name_is_one_line_of_visible_signs(name: str) -> None:
    tidy = certificate.tidy(name)
    assert len(tidy) <= certificate.MOST_NAME
    assert tidy.isprintable()
    assert tidy == tidy.strip()
    assert certificate.tidy(tidy) == tidy


# Calendar

EVENT = Event(
    uid="a@node",
    title="One; two, three\\four",
    starts_at=1_793_000_000_000,
    ends_at=1_793_003_600_000,
    updated_at=1_792_000_000_000,
    sequence=3,
    place="Dakar, Senegal",
    url="https://node.example/?a=1&b=2",
    summary="A first line\nand another",
    cancelled=True,
)


def test_a_calendar_comes_back_as_it_was() -> None:
    plain = Event(uid="b@node", title="ورشة عمل", starts_at=0, ends_at=1000, updated_at=1000)
    written = calendar.write([EVENT, plain], "Workshops")
    assert calendar.read(written) == [EVENT, plain]
    assert written.startswith(b"BEGIN:VCALENDAR\r\n")
    assert all(len(line) <= 75 for line in written.split(b"\r\n")), "lines are folded (RFC 5545, section 3.1)"


TIMES = st.integers(0, 4_000_000_000).map(lambda second: second * 1000)


@given(st.text(min_size=1, max_size=90), st.text(max_size=200), TIMES, TIMES)
def test_any_title_makes_a_calendar_that_can_be_read(title: str, summary: str, start: int, end: int) -> None:
    one = Event(uid="u@node", title=title, starts_at=start, ends_at=end, updated_at=start, summary=summary)
    (found,) = calendar.read(calendar.write([one], "x"))
    assert (found.starts_at, found.ends_at) == (start, end)
    assert "\r" not in found.title
    assert found.title.isprintable()


@given(st.binary(max_size=300))
def test_any_bytes_are_a_calendar_or_not(data: bytes) -> None:
    for given_ in (data, b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n" + data + b"\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"):
        try:
            found: list[Any] = calendar.read(given_)
        except DecodeError:
            continue
        assert all(isinstance(one, Event) for one in found)


# Statistics


@pytest.mark.parametrize(
    ("counts", "rows", "pooled", "total"),
    [
        ({}, (), 0, 0),
        ({"a": 4}, (), 0, None),
        ({"a": 5}, (("a", 5),), 0, 5),
        ({"a": 9, "b": 7, "c": 5}, (("a", 9), ("b", 7), ("c", 5)), 0, 21),
        ({"a": 9, "b": 7, "c": 3, "d": 2}, (("a", 9), ("b", 7)), 5, 21),
        ({"a": 9, "b": 7, "c": 3}, (("a", 9),), 10, 19),
        ({"a": 9, "b": 1}, (), 10, 10),
    ],
)
def test_small_numbers_are_pooled_until_the_pool_is_no_small_number(
    counts: dict[str, int], rows: tuple[tuple[str, int], ...], pooled: int, total: int | None
) -> None:
    found = statistics.table(counts.items())
    assert (found.rows, found.pooled, found.total) == (rows, pooled, total)


@given(st.dictionaries(st.text(max_size=3), st.integers(0, 40), max_size=8))
def test_nothing_small_can_be_worked_out(counts: dict[str, int]) -> None:
    found = statistics.table(counts.items())
    assert all(n >= statistics.LEAST for _, n in found.rows)
    assert found.pooled == 0 or found.pooled >= statistics.LEAST
    if found.total:
        assert sum(n for _, n in found.rows) + found.pooled == found.total == sum(counts.values())
