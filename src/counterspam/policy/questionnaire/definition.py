"""A version of the questionnaire as it stands in data/questionnaire/VERSION.yaml: sections, questions, fields, rules.

Every question is a set of fields, each with a key of its own; answers are texts by key, whatever way they came. A question
that asks for numbers has fields for their quality and period too, and every question for disclosure and comment.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import re2
import yaml

from counterspam.errors import ConfigError

LANGUAGES = ("ar", "zh", "en", "fr", "ru", "es")
NUMBERS = ("integer", "number", "percent", "currency")
KINDS = (*NUMBERS, "text", "long", "choice", "multi", "url", "date", "country")
# Who sees an answer: everybody by name; nobody but in figures of five and more; this node's own sums; the office alone.
LEVELS = {
    "public": "Public, with our name",
    "aggregate": "In aggregates only",
    "internal": "Not published",
    "office": "For the office alone",
}
QUALITIES = {"measured": "Measured", "estimated": "Estimated", "unknown": "Unknown"}
ABOUT = ("quality", "period", "disclosure", "comment")
# What the engine itself says in a form; translated as the texts of a definition are.
TEXTS = {
    "quality": "How the numbers are known",
    "period": "Period, if another than that of the wave",
    "disclosure": "Who may see this answer",
    "comment": "Comment",
    "instructions": "Instructions",
    "fill": "Fill in the column with answers. Nothing else needs to be changed; what you add elsewhere is not read.",
    "numbers": "Write numbers without separators of thousands, and no formulas. Where one chooses, the cell has a list.",
    "several": "Where several answers fit, write x beside each of them.",
    "unknown-cell": "Leave a cell empty where the answer is not known: empty is never taken for zero or for no.",
    "return": "Send the file back as it is, or upload it on the page of the questionnaire.",
    "question": "Question",
    "unit": "Unit",
    "answer": "Answer",
    "wave": "Wave",
    "respondent": "Respondent",
    "version": "Version of the questionnaire",
    **LEVELS,
    **QUALITIES,
}
_NAME = re2.compile(r"[A-Za-z0-9._-]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One thing that can be filled in. `labels` say of what row and column it is; `options` are its values and their names.

    `usual` is the range outside of which a value has to be confirmed; `about` is "" or which of ABOUT it is.
    """

    key: str
    question: str
    kind: str
    labels: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    required: bool = False
    least: float | None = None
    most: float | None = None
    usual: tuple[float, float] | None = None
    pattern: str = ""
    form: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `rows` and `columns` name the parts of a table or ranked list; else both are empty."""

    id: str
    section: str
    text: str
    help: str
    disclosure: str
    rows: Mapping[str, str]
    columns: tuple[tuple[str, str, str], ...]  # id, text, unit
    ranked: bool
    fields: tuple[Field, ...]
    about: tuple[Field, ...]

    @property
    def numeric(self) -> bool:
        """Whether it asks for numbers of which one must say how they are known; years and rates of exchange are not."""
        return any(one.about == "quality" for one in self.about)

    def at(self, row: str, column: str) -> Field:
        """The field of a table."""
        key = f"{self.id}/{row}/{column}"
        return next(one for one in self.fields if one.key == key)


@dataclass(frozen=True, slots=True)
class Section:
    """Questions that belong together, and may be delegated together."""

    id: str
    title: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A version. `hash` is of its text, without translations."""

    version: str
    hash: str
    title: str
    purpose: str
    sections: tuple[Section, ...]
    rules: tuple[Mapping[str, Any], ...]
    amounts: Mapping[str, str]
    feeds: tuple[Mapping[str, Any], ...]
    fields: Mapping[str, Field]
    known: Mapping[str, Question]
    texts: Mapping[str, Mapping[str, str]]  # language -> English text -> translation
    derived_from: str = ""  # the version that it was made from, of those that a node wrote

    def questions(self) -> Iterator[Question]:
        """Every question in order."""
        for section in self.sections:
            yield from section.questions

    def question(self, id: str) -> Question:
        """A question by its id; KeyError when there is none."""
        return self.known[id]

    def section(self, id: str) -> Section:
        """A section by its id; KeyError when there is none."""
        return {one.id: one for one in self.sections}[id]

    def matching(self, pattern: str) -> list[Field]:
        """The fields whose key has this form; * stands for one row or column."""
        if "*" not in pattern:
            return [self.fields[pattern]] if pattern in self.fields else []
        parts = pattern.split("/")
        return [one for key, one in self.fields.items() if key.startswith(parts[0]) and _fits(key.split("/"), parts)]

    def say(self, text: str, lang: str) -> tuple[str, str]:
        """A text in a language, and the language that it is in: English where there is no translation."""
        found = self.texts.get(lang, {}).get(text) if lang != "en" else text
        return (found, lang) if found else (text, "en")


def versions() -> list[str]:
    """The versions that are shipped, the oldest first."""
    names = (path.name for path in _folder().iterdir())
    return sorted(name.removesuffix(".yaml") for name in names if name.endswith(".yaml") and name.count(".") == 1)


@cache
def load(version: str) -> Definition:
    """A version. Raises ConfigError when there is none or it is not well made."""
    if version not in versions():
        raise ConfigError(f"there is no questionnaire {version[:40]!r}; there are {', '.join(versions())}")
    text = (_folder() / f"{version}.yaml").read_text(encoding="utf-8")
    return parsed(text, translations(version))


def shipped(version: str) -> dict[str, Any]:
    """A shipped version as its file has it, with its translations by language under `translations`."""
    raw: dict[str, Any] = yaml.safe_load((_folder() / f"{version}.yaml").read_text(encoding="utf-8"))
    return {**raw, "translations": {lang: dict(texts) for lang, texts in translations(version).items() if texts}}


@cache
def translations(version: str) -> Mapping[str, Mapping[str, str]]:
    """Translations of a shipped version: language -> English text -> translation."""
    paths = {lang: _folder() / f"{version}.{lang}.yaml" for lang in LANGUAGES}
    return {
        lang: yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {} for lang, path in paths.items()
    }


def parsed(text: str, texts: Mapping[str, Mapping[str, str]]) -> Definition:
    """A definition from its text. Raises ConfigError when it is not well made."""
    try:
        raw = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"the questionnaire is not well made: {error!r}") from error
    return made(raw, texts, hashlib.sha256(text.encode()).hexdigest())


def made(raw: Mapping[str, Any], texts: Mapping[str, Mapping[str, str]], hash: str) -> Definition:
    """A definition from what its text says; `hash` is of the text. Raises ConfigError when it is not well made."""
    try:
        sections = tuple(
            Section(
                each["id"], each["title"], tuple(_question(one, each["id"], raw["lists"]) for one in each["questions"])
            )
            for each in raw["sections"]
        )
        every = [one for section in sections for q in section.questions for one in (*q.fields, *q.about)]
        found = Definition(
            version=raw["version"],
            hash=hash,
            title=raw["title"],
            purpose=raw["purpose"],
            sections=sections,
            rules=tuple(raw.get("rules", ())),
            amounts=raw.get("amounts", {}),
            feeds=tuple(raw.get("feeds", ())),
            fields={one.key: one for one in every},
            known={q.id: q for section in sections for q in section.questions},
            texts=texts,
            derived_from=raw.get("derived_from", ""),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"the questionnaire is not well made: {error!r}") from error
    if len(found.fields) != len(every):
        raise ConfigError("the questionnaire has the same key twice")
    return found


def slug(key: str) -> str:
    """A key as an id in HTML."""
    return "q-" + "".join(c if c.isalnum() else "-" for c in key.lower())


def _question(raw: Mapping[str, Any], section: str, lists: Mapping[str, Mapping[str, str]]) -> Question:
    id, ranked = raw["id"], "places" in raw
    rows = (
        {str(n): str(n) for n in range(1, raw["places"] + 1)} if ranked else lists[raw["rows"]] if "rows" in raw else {}
    )
    columns = raw.get("columns", ())
    if columns:
        fields = [
            _field(column, id, lists, f"{id}/{row}/{column['id']}", (said, column["text"]))
            for row, said in rows.items()
            for column in columns
        ]
    else:
        fields = [_field(raw, id, lists, id, ())]
    numeric = any(one.kind in NUMBERS and one.unit != "year" for one in fields) and raw.get("quality", True)
    return Question(
        id=id,
        section=section,
        text=raw["text"],
        help=raw.get("help", ""),
        disclosure=raw.get("disclosure", "aggregate"),
        rows=rows,
        columns=tuple((column["id"], column["text"], _unit(column)) for column in columns),
        ranked=ranked,
        fields=tuple(fields),
        about=tuple(_about(id, name) for name in ABOUT if numeric or name in ("disclosure", "comment")),
    )


def _field(
    raw: Mapping[str, Any], question: str, lists: Mapping[str, Mapping[str, str]], key: str, labels: Sequence[str]
) -> Field:
    kind = raw["kind"]
    if kind not in KINDS or not _NAME.fullmatch(question):
        raise KeyError(kind)
    percent = kind == "percent"
    return Field(
        key=key,
        question=question,
        kind=kind,
        labels=tuple(labels),
        options=lists[raw["options"]] if "options" in raw else {},
        unit=_unit(raw),
        required=bool(raw.get("required")),
        least=0 if percent or kind == "currency" else raw.get("least"),
        most=100 if percent else raw.get("most"),
        usual=tuple(raw["usual"]) if "usual" in raw else None,
        pattern=raw.get("pattern", ""),
        form=raw.get("form", ""),
    )


def _unit(raw: Mapping[str, Any]) -> str:
    return str(raw.get("unit", "%" if raw["kind"] == "percent" else ""))


def _about(question: str, name: str) -> Field:
    options = {"quality": QUALITIES, "disclosure": LEVELS}.get(name, {})
    kind = "choice" if options else "long" if name == "comment" else "text"
    pattern = "[0-9]{4}(-(0[1-9]|1[0-2]|H[12]))?" if name == "period" else ""
    form = "2026, 2026-H1, 2026-07" if name == "period" else ""
    return Field(
        key=f"{question}#{name}",
        question=question,
        kind=kind,
        labels=(TEXTS[name],),
        options=options,
        about=name,
        pattern=pattern,
        form=form,
    )


def _fits(key: Sequence[str], pattern: Sequence[str]) -> bool:
    return len(key) == len(pattern) and all(want in ("*", have) for have, want in zip(key, pattern, strict=True))


def _folder() -> Any:
    return files("counterspam") / "data" / "questionnaire"
