"""The catalogues: complete, in step with the sources, true to their placeholders; and templates without loose words."""

import importlib.util
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import nodes

from counterspam.web import language, render
from counterspam.web.language import LANGUAGES, gettext, ngettext

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "src" / "counterspam" / "web" / "templates").rglob("*.html"))
FOREIGN = [lang for lang in LANGUAGES if lang != "en"]
# What may be the same in every language, and in some.
SAME = {
    "SMS", "MMS", "RCS", "SPF", "USSD", "DKIM", "DMARC", "STIR", "Hash (SHA-256)", "%(n)s KB", "%(n)s MB", "%(n)s GB",
    "%(n)s ms",
    "%(n)s s", "%(n)s min", "%(n)s h", "%(n)s d",
}  # fmt: skip
# Names that no language translates.
NAMES = ("counterspam", "CSV", "JSON", "Parquet", "PDF", "ZIP", "SCORM", "XLSX", "YAML", "iCalendar")
SAME_IN: dict[str, set[str]] = {lang: set() for lang in FOREIGN} | {
    "fr": {
        "%(kind)s, %(n)s message", "Commercial", "Destination", "Destinations", "Format", "Influence", "Message", "Messages",
        "Nature", "Pause", "Questionnaire", "Questionnaires", "Second", "Source", "Sources", "Spam", "Technique", "Test",
        "Licences", "Total", "Populations", "Transit", "Type", "Types", "Verdict", "Version", "Volume", "Web", "question",
        "%(n)s instrument.",
        "Architecture", "Contribution", "Contribution %(n)s", "Contributions", "Europe", "Instrument", "Instruments",
        "National",
        "Service", "Techniques", "messages",
        "Pages", "Versions",
        "Module", "Modules", "Questions",
        "Date", "Documents", "Finances",
        "Note %(n)s", "Question", "Quartiles", "Section", "Sections",
    },
    "es": {"%(n)s bytes", "Hash", "Bilateral", "Neutral", "No", "Regional", "Software", "Spam", "Total", "Web", "no"},
}  # fmt: skip


def tool() -> Any:
    """docs/translate.py as a module."""
    spec = importlib.util.spec_from_file_location("translate", ROOT / "docs" / "translate.py")
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


TOOL = tool()


def entries(lang: str) -> list[Message]:
    """The messages of a catalogue as it is."""
    with (TOOL.LOCALE / f"{lang}.po").open("rb") as file:
        return [entry for entry in read_po(file, locale=lang) if entry.id]


def forms(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def translated(lang: str) -> list[tuple[list[str], list[str]]]:
    """Source and translation of what is translated, each in all its forms."""
    return [(forms(e.id), forms(e.string)) for e in entries(lang) if any(forms(e.string))]


def test_catalogues_hold_what_the_sources_say_and_nothing_else() -> None:
    for lang in FOREIGN:
        path = TOOL.LOCALE / f"{lang}.po"
        assert path.read_text(encoding="utf-8") == TOOL.written(lang), f"{path.name} is out of step: make messages"


@pytest.mark.parametrize("lang", FOREIGN)
def test_nothing_is_without_translation(lang: str) -> None:
    lacking = [entry.id for entry in entries(lang) if not all(forms(entry.string) or [""])]
    assert not lacking, f"{lang}: {len(lacking)} without translation, such as {lacking[:3]}"


PLACE = re.compile(r"%\((\w+)\)s|\{\}|%(?!\()")
TAG = re.compile(r"</?\w[^>]*>")


@pytest.mark.parametrize("lang", FOREIGN)
def test_translations_have_the_placeholders_and_tags_of_their_source(lang: str) -> None:
    for source, found in translated(lang):
        wanted = Counter(map(str, PLACE.finditer(source[-1]) and PLACE.findall(source[-1])))
        for index, text in enumerate(found):
            has = Counter(map(str, PLACE.findall(text)))
            if len(found) > 1 and index < len(found) - 1:  # "one report" may do without its number
                has["n"] = wanted["n"]
            assert has == wanted, f"{lang}: {text!r} for {source[-1]!r}"
            assert sorted(TAG.findall(text)) == sorted(TAG.findall(source[-1])), f"{lang}: {text!r}"
            assert text == text.strip(), f"{lang}: {text!r}"


@pytest.mark.parametrize("lang", FOREIGN)
def test_numbers_have_every_form_that_the_language_knows(lang: str) -> None:
    count = Catalog(locale=lang).num_plurals
    for entry in entries(lang):
        if not isinstance(entry.id, str):
            assert len(forms(entry.string)) == count, entry.id
    plural = language.catalogue(lang).plural
    assert {plural(n) for n in range(1001)} == set(range(count))


@pytest.mark.parametrize("lang", FOREIGN)
def test_no_translation_is_only_the_source_again(lang: str) -> None:
    again = [source[0] for source, found in translated(lang) if found[0] == source[0]]
    words = [text for text in again if re.search(r"[^\W\d_]", _unnamed(PLACE.sub("", text)))]
    assert [text for text in words if text not in SAME | SAME_IN[lang]] == []


def test_a_number_chooses_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {("", "%(n)s day"): ("a", "b", "c"), ("", "x"): ("икс",)}
    russian = language.catalogue("ru").plural
    monkeypatch.setattr(language, "catalogue", lambda lang: language.Catalogue(known, russian))
    assert [ngettext("%(n)s day", "%(n)s days", n) for n in (1, 2, 5, 11, 21, 1200)] == ["a", "b", "c", "c", "a", "c"]
    assert (gettext("x"), gettext("y")) == ("икс", "y")
    assert [ngettext("p", "q", n) for n in (1, 2)] == ["p", "q"]


# Templates


def _unnamed(text: str) -> str:
    for name in NAMES:
        text = text.replace(name, "")
    return text


class Loose(HTMLParser):
    """Words that stand in a template by themselves: text outside <code>, and attributes that are read out."""

    READ = frozenset({"aria-label", "title", "alt", "placeholder", "data-label", "content"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._code = 0
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at what is read out."""
        self._code += tag in ("code", "pre")
        for name, value in attrs:
            technical = tag == "meta"
            if name in self.READ and not technical:
                self.handle_data(value or "")

    def handle_endtag(self, tag: str) -> None:
        """The end of code."""
        self._code -= tag in ("code", "pre")

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._code and re.search(r"[^\W\d_]", _unnamed(data)):
            self.found.append(data.strip())


def loose(source: str) -> list[str]:
    """Every string of a template that no catalogue can translate."""
    tree = render.ENVIRONMENT.parse(source)
    found = Loose("".join(data.data for data in tree.find_all(nodes.TemplateData))).found
    calls = {"_", "gettext", "ngettext", "pgettext", "npgettext"}
    known = {
        id(const)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in calls
        for const in call.find_all(nodes.Const)
    }
    for const in tree.find_all(nodes.Const):
        text = _unnamed(const.value) if isinstance(const.value, str) else ""
        if id(const) not in known and re.search(r"^[A-Z][a-z]{3}|[a-z] [a-z]", text):
            found.append(text)
    return found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_templates_hold_no_loose_words(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert loose(source) == []
    assert re.findall(r'(?:href|action)="(?:/(?!api/|static/)|\?)', source) == [], "an address without href()"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ("<p>{{ _('Hello') }}</p>", []),
        ("{% trans n=1 %}<b>Hello</b> {{ n }}{% endtrans %}", []),
        ("<p title='Hello'>{{ 1 }}</p>", ["Hello"]),
        ("<p title=\"{{ _('Hello') }}\"></p>", []),
        ("{{ 'Hello' if x else _('no') }}", ["Hello"]),
        ("<code>Hello</code> counterspam", []),
    ],
)
def test_loose_words_are_noticed(source: str, found: list[str]) -> None:
    assert loose(source) == found
