"""Keeps the catalogues of the web pages in step with what the pages say: `make messages`.

    python docs/translate.py            take the messages out of the sources into every catalogue, keeping translations
    python docs/translate.py --check    say what is out of step, and change nothing
    python docs/translate.py --missing  list the messages that a catalogue has no translation for

Messages stand in Python (`gettext`, `ngettext`, `pgettext`, `mark`, the details of a `Problem`), in templates, and at the top
of the SQL of each figure that pages define; the reasons of checks stand in `reasons.py`, what reports say in
`policy/reports`. What the script says on a page stands in the template.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from counterspam import reasons
from counterspam.measure import key_figures, outside_figures
from counterspam.measure.scope import definition
from counterspam.web.language import LANGUAGES
from counterspam.web.pages import FIGURES

WEB = Path(__file__).resolve().parent.parent / "src" / "counterspam" / "web"
LOCALE = WEB / "locale"
POLICY = WEB.parent / "policy"
# Whole sentences only; the second number of a tuple is the message, "c" its context.
KEYWORDS = {"_": None, "gettext": None, "mark": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
DETAILS = {"Problem": (2,), "later": (2,)}
# What these say is read by programs and stays English.
API = {"api.py", "check.py", "model_api.py", "operate.py", "receive.py", "upload.py"}
# Which form a number takes. Six for Arabic, in the order of the CLDR: zero, one, two, few, many, other.
PLURALS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "zh": "nplurals=1; plural=0;",
    "fr": "nplurals=2; plural=(n > 1);",
    "ru": "nplurals=3; plural=(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2);",
    "es": "nplurals=2; plural=(n != 1);",
}
HEADER = """# Translations of the web pages of counterspam. `make messages` brings messages in; only msgstr is written by hand.
msgid ""
msgstr ""
"Language: {lang}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""
Message = tuple[str, str | tuple[str, ...], list[str], str | None]  # file, message, comments, context


def found() -> Iterator[Message]:
    """Every message of the sources, file by file."""
    for path in sorted(WEB.rglob("*.py")):
        keywords = KEYWORDS if path.name in API else {**KEYWORDS, **DETAILS}
        yield from _extracted("python", path, keywords, {})
    for path in sorted((POLICY / "reports").rglob("*.py")):  # what reports say in every language
        yield from _extracted("python", path, {"say": None, "mark": None}, {})
    for path in sorted((WEB / "templates").rglob("*.html")):
        options = {"trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true", "silent": "false"}
        yield from _extracted(babel_extract, path, KEYWORDS, options)
    for name in FIGURES:
        for part, said in definition(name).items():
            yield f"{name}.sql", said, [f"The {part} of a figure."], None
    for figure in outside_figures.every():
        for part, said in figure.definition.items():
            yield "outside_figures.py", said, [f"The {part} of a figure."], None
    for key, said in reasons.REASONS.items():
        yield (
            "reasons.py",
            said,
            [f"Why a check answered so ({key.partition('.')[0]}); a clause, after “because”."],
            None,
        )
    for said in (*(words for _, words in reasons.OPENINGS), *reasons.LISTED.values()):
        yield "reasons.py", said, ["How a summary of a verdict opens."], None
    for missing in (*key_figures.MISSING, *outside_figures.MISSING):
        yield "key_figures.py", missing, ["Evidence that is missing, at the end of a sentence."], None


def _extracted(method: object, path: Path, keywords: object, options: dict[str, str]) -> Iterator[Message]:
    with path.open("rb") as file:
        for _, message, comments, context in extract(method, file, keywords, ["Translators:"], options):  # type: ignore[arg-type]
            yield path.relative_to(WEB.parent).as_posix().removeprefix("web/"), message, comments, context


def catalogue(lang: str, old: Catalog) -> Catalog:
    """All messages of the sources, with what `old` translates."""
    new = Catalog(locale=lang)
    new.mime_headers = [("Plural-Forms", PLURALS[lang])]
    for file, message, comments, context in found():
        if message and not new.get(message, context):
            known = old.get(message, context)
            string = known.string if known and isinstance(known.id, tuple) == isinstance(message, tuple) else ""
            new.add(message, string, context=context)
        entry = new.get(message, context)
        if entry:
            said = [comment.removeprefix("Translators: ") for comment in comments]
            entry.auto_comments += [comment for comment in said if comment not in entry.auto_comments]
            entry.locations = sorted({*entry.locations, (file, 1)})
    return new


def written(lang: str) -> str:
    """The catalogue of a language as it should be: no dates and no line numbers, so that only messages make a difference."""
    path = LOCALE / f"{lang}.po"
    old = read_po(io.BytesIO(path.read_bytes()), locale=lang) if path.is_file() else Catalog(locale=lang)
    out = io.BytesIO()
    write_po(out, catalogue(lang, old), width=0, omit_header=True, sort_output=True, include_lineno=False)
    return HEADER.format(lang=lang, plural=PLURALS[lang]) + out.getvalue().decode().strip() + "\n"


def missing(lang: str) -> list[str]:
    """The messages that the catalogue of a language has no translation for, or not in every form."""
    known = read_po(io.BytesIO(written(lang).encode()), locale=lang)
    return [
        str(entry.id)
        for entry in known
        if entry.id and not (entry.string if isinstance(entry.string, str) else all(entry.string))
    ]


def main(arguments: list[str]) -> int:
    """Write or check; 1 when something is out of step or missing."""
    fault = 0
    LOCALE.mkdir(exist_ok=True)
    for lang in PLURALS:
        path, text = LOCALE / f"{lang}.po", written(lang)
        if "--missing" in arguments:
            lacking = missing(lang)
            print(f"{lang}: {len(lacking)} without translation", *lacking, sep="\n  ")
            fault |= bool(lacking)
        elif "--check" in arguments:
            same = path.is_file() and path.read_text(encoding="utf-8") == text
            print(f"{path.name}: {'in step' if same else 'out of step: make messages'}")
            fault |= not same
        else:
            path.write_text(text, encoding="utf-8")
    return fault


assert set(PLURALS) == set(LANGUAGES) - {"en"}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
