"""Whether a text that a user wrote is a questionnaire that form, file, print, checks and figures can work with.

Every part is looked at before anything is made of it, so that whoever wrote it reads all that is wrong at once, each with its
line. Patterns are those of RE2, which takes linear time whatever they say.
"""

from collections.abc import Mapping
from typing import Any

import re2

from counterspam.policy.questionnaire.definition import KINDS, LANGUAGES, LEVELS, NUMBERS
from counterspam.policy.questionnaire.source import Path, Source

LONGEST = {"title": 200, "purpose": 1000, "text": 300, "help": 600, "unit": 80, "form": 60, "pattern": 200}
MOST_OPTION, MOST_TRANSLATION = 200, 2000  # characters
MOST = {"sections": 30, "questions": 300, "lists": 150, "options": 300, "columns": 12, "rules": 200, "feeds": 100}
MOST_TRANSLATIONS = 5000  # of a language
MOST_PLACES = 50
NAME = re2.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
SHEET = re2.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}")  # a section is a sheet of the file and a part of an address
VERSION = re2.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
MOST_VERSION = 40
TAKEN = {"form", "lists", "history", "overview", "new", "csrf", "go"}  # sheets, and fields of our own forms
_TOP = {"version", "derived_from", "title", "purpose", "lists", "sections", "rules", "amounts", "feeds", "translations"}
_FIELD = {"kind", "options", "unit", "required", "least", "most", "usual", "pattern", "form"}
_QUESTION = {"id", "text", "help", "disclosure", "quality"}
_WANTED = {dict: "want-map", list: "want-list", str: "want-text", bool: "want-truth"}


def look(source: Source) -> None:
    """Add to `source.faults` what is wrong with the parts of a questionnaire, except rules and keys (see `rules.look`)."""
    raw = source.value
    if not known(source, (), raw, dict):
        return
    keys(source, (), raw, {"version", "title", "purpose", "lists", "sections"}, _TOP)
    if not is_version(raw.get("version")):
        source.say(("version",), "version")
    if "derived_from" in raw and not is_version(raw["derived_from"]):
        source.say(("derived_from",), "version")
    for name in ("title", "purpose"):
        if name in raw:
            text(source, (name,), raw[name], LONGEST[name])
    _lists(source, raw.get("lists", {}))
    _translations(source, raw.get("translations", {}))
    _sections(source, raw.get("sections", []), raw.get("lists", {}))


def is_version(name: Any) -> bool:
    """Whether it is the name of a version: small letters, digits and hyphens, and at least one digit."""
    return (
        isinstance(name, str)
        and len(name) <= MOST_VERSION
        and bool(VERSION.fullmatch(name))
        and any(one.isdigit() for one in name)
    )


def known(source: Source, path: Path, value: Any, kind: type) -> bool:
    """Whether a value is of a kind; a fault where it is not."""
    if isinstance(value, kind):
        return True
    source.say(path, _WANTED[kind])
    return False


def keys(source: Source, path: Path, raw: Mapping[str, Any], needed: set[str], allowed: set[str]) -> None:
    """Faults for keys that are missing and for those that mean nothing."""
    for name in sorted(needed - raw.keys()):
        source.say(path, "missing", name)
    for name in raw:
        if name not in allowed:
            source.say((*path, name), "unknown-key", name)


def text(source: Source, path: Path, value: Any, most: int) -> bool:
    """Whether it is a text of one line, not empty, and not longer than this."""
    if not known(source, path, value, str):
        return False
    if len(value) > most:
        source.say(path, "long", str(most))
    elif not value or value != " ".join(value.split()):
        source.say(path, "space")
    else:
        return True
    return False


def number(source: Source, path: Path, value: Any) -> bool:
    """Whether it is a number that answers are compared with."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e18:
        return True
    source.say(path, "want-number")
    return False


def several(source: Source, path: Path, value: Any, kind: type, most: int) -> bool:
    """Whether it is a list or map with something in it, and not with too much."""
    if not known(source, path, value, kind):
        return False
    if not value:
        source.say(path, "empty")
    elif len(value) > most:
        source.say(path, "count", str(most))
        return False
    return bool(value)


def one_of(source: Source, path: Path, value: Any, allowed: Any) -> bool:
    """Whether it is one of these."""
    if isinstance(value, str) and value in allowed:
        return True
    source.say(path, "choice", ", ".join(allowed))
    return False


def name(source: Source, path: Path, value: Any, seen: set[str], form: Any = NAME) -> bool:
    """Whether it is a name that nothing else here has, capitals or not."""
    if not isinstance(value, str) or not form.fullmatch(value):
        source.say(path, "name")
    elif value.lower() in seen:
        source.say(path, "again", value)
    elif value.lower() in TAKEN:
        source.say(path, "taken", value)
    else:
        seen.add(value.lower())
        return True
    return False


def _lists(source: Source, raw: Any) -> None:
    if not known(source, ("lists",), raw, dict):
        return
    if len(raw) > MOST["lists"]:
        source.say(("lists",), "count", str(MOST["lists"]))
        return
    for id, options in raw.items():
        at: Path = ("lists", id)
        if not NAME.fullmatch(id):
            source.say(at, "name")
        if not several(source, at, options, dict, MOST["options"]):
            continue
        for option, said in options.items():
            if not NAME.fullmatch(option):
                source.say((*at, option), "name")
            text(source, (*at, option), said, MOST_OPTION)


def _translations(source: Source, raw: Any) -> None:
    if not known(source, ("translations",), raw, dict):
        return
    for lang, texts in raw.items():
        at: Path = ("translations", lang)
        if lang not in LANGUAGES or lang == "en":
            source.say(at, "choice", ", ".join(one for one in LANGUAGES if one != "en"))
        elif known(source, at, texts, dict):
            if len(texts) > MOST_TRANSLATIONS:
                source.say(at, "count", str(MOST_TRANSLATIONS))
            for english, said in texts.items():
                text(source, (*at, english), said, MOST_TRANSLATION)


def _sections(source: Source, raw: Any, lists: Any) -> None:
    if not several(source, ("sections",), raw, list, MOST["sections"]):
        return
    lists = lists if isinstance(lists, dict) else {}
    sections: set[str] = set()
    questions: set[str] = set()
    for at, section in enumerate(raw):
        path: Path = ("sections", at)
        if not known(source, path, section, dict):
            continue
        keys(source, path, section, {"id", "title", "questions"}, {"id", "title", "questions"})
        name(source, (*path, "id"), section.get("id"), sections, SHEET)
        text(source, (*path, "title"), section.get("title"), LONGEST["title"])
        inside: Path = (*path, "questions")
        if several(source, inside, section.get("questions"), list, MOST["questions"]):
            for number_, question in enumerate(section["questions"]):
                if known(source, (*inside, number_), question, dict):
                    name(source, (*inside, number_, "id"), question.get("id"), questions)
                    _question(source, (*inside, number_), question, lists)


def _question(source: Source, path: Path, raw: Mapping[str, Any], lists: Mapping[str, Any]) -> None:
    table = [one for one in ("rows", "places", "columns") if one in raw]
    allowed = _QUESTION | ({"rows", "places", "columns"} if table else _FIELD)
    keys(source, path, raw, {"id", "text"} | ({"columns"} if table else {"kind"}), allowed)
    text(source, (*path, "text"), raw.get("text"), LONGEST["text"])
    if "help" in raw:
        text(source, (*path, "help"), raw["help"], LONGEST["help"])
    if "disclosure" in raw:
        one_of(source, (*path, "disclosure"), raw["disclosure"], LEVELS)
    if "quality" in raw:
        known(source, (*path, "quality"), raw["quality"], bool)
    if table:
        _table(source, path, raw, lists)
    else:
        _field(source, path, raw, lists)


def _table(source: Source, path: Path, raw: Mapping[str, Any], lists: Mapping[str, Any]) -> None:
    ranked = "places" in raw
    if ranked == ("rows" in raw):
        source.say(path, "rows-or-places")
    if "rows" in raw:
        _listed(source, (*path, "rows"), raw["rows"], lists)
    places = raw.get("places", 1)
    if isinstance(places, bool) or not isinstance(places, int) or not 1 <= places <= MOST_PLACES:
        source.say((*path, "places"), "places", str(MOST_PLACES))
    at: Path = (*path, "columns")
    if not several(source, at, raw.get("columns", []), list, MOST["columns"]):
        return
    seen: set[str] = set()
    for number_, column in enumerate(raw["columns"]):
        if known(source, (*at, number_), column, dict):
            keys(source, (*at, number_), column, {"id", "text", "kind"}, _FIELD | {"id", "text"})
            name(source, (*at, number_, "id"), column.get("id"), seen)
            text(source, (*at, number_, "text"), column.get("text"), LONGEST["text"])
            _field(source, (*at, number_), column, lists)
    kinds = {str(one.get("id")): one.get("kind") for one in raw["columns"] if isinstance(one, dict)}
    if ranked and (
        kinds.get("item") not in ("text", "choice", "country") or kinds.get("share", "percent") not in NUMBERS
    ):
        source.say(at, "ranked")


def _listed(source: Source, path: Path, value: Any, lists: Mapping[str, Any]) -> None:
    if not isinstance(value, str) or value not in lists:
        source.say(path, "no-list", str(value))


def _field(source: Source, path: Path, raw: Mapping[str, Any], lists: Mapping[str, Any]) -> None:
    kind = raw.get("kind")
    if "kind" in raw and not one_of(source, (*path, "kind"), kind, KINDS):
        return
    chooses, counts = kind in ("choice", "multi"), kind in NUMBERS
    if chooses or "options" in raw:
        _listed(source, (*path, "options"), raw.get("options"), lists)
    for name_ in ("options",) * (not chooses) + ("least", "most", "usual") * (not counts):
        if name_ in raw:
            source.say((*path, name_), "unknown-key", name_)
    if "required" in raw:
        known(source, (*path, "required"), raw["required"], bool)
    for name_ in ("unit", "form"):
        if name_ in raw:
            text(source, (*path, name_), raw[name_], LONGEST[name_])
    if "pattern" in raw:
        _pattern(source, path, raw, kind)
    if counts:
        _range(source, path, raw)


def _range(source: Source, path: Path, raw: Mapping[str, Any]) -> None:
    ends = [raw[one] for one in ("least", "most") if one in raw and number(source, (*path, one), raw[one])]
    usual = raw.get("usual", [0, 0])
    if not isinstance(usual, list) or len(usual) != 2:
        source.say((*path, "usual"), "usual")
        return
    fine = len([one for one in usual if number(source, (*path, "usual"), one)]) == 2
    if (fine and usual[0] > usual[1]) or (len(ends) == 2 and ends[0] > ends[1]):
        source.say((*path, "usual" if fine and usual[0] > usual[1] else "most"), "range")


def _pattern(source: Source, path: Path, raw: Mapping[str, Any], kind: Any) -> None:
    if kind not in ("text", "long", "url", "date"):
        source.say((*path, "pattern"), "unknown-key", "pattern")
    elif "form" not in raw:
        source.say(path, "missing", "form")
    elif text(source, (*path, "pattern"), raw["pattern"], LONGEST["pattern"]) and not _compiles(raw["pattern"]):
        source.say((*path, "pattern"), "pattern")


def _compiles(pattern: str) -> bool:
    options = re2.Options()
    options.log_errors, options.max_mem = False, 1 << 20
    try:
        re2.compile(pattern, options)
    except re2.error:
        return False
    return True
