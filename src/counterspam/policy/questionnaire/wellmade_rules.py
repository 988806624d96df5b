"""Whether the rules and feeds of a questionnaire speak of fields that it has, and whether its keys can be told apart."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from counterspam.policy.questionnaire.checks import CHECKS
from counterspam.policy.questionnaire.definition import NUMBERS, Definition, Question, slug
from counterspam.policy.questionnaire.form_file import option_names
from counterspam.policy.questionnaire.source import Path, Source
from counterspam.policy.questionnaire.wellmade import (
    LONGEST,
    MOST,
    keys,
    known,
    name,
    number,
    one_of,
    several,
    text,
)

MOST_INPUTS = 900  # boxes of a section: a form of a page has at most 1000
MOST_FIELDS = 5000
MOST_PATTERNS = 50  # of a rule
_ALWAYS = {"id", "check", "level", "text"}
# Check -> its keys: one field that is a number, several, one of any kind, several of any kind, a number, a text.
_ONE, _MANY, _ANY, _MANY_ANY, _NUMBER, _TEXT = "one", "many", "any", "many-any", "number", "text"
_KEYS: Mapping[str, Mapping[str, str]] = {
    "at-most": {"left": _MANY},
    "sum": {"of": _ONE, "is": _NUMBER, "within": _NUMBER},
    "sum-at-most": {"of": _ONE, "most": _NUMBER},
    "agrees": {"part": _ONE, "whole": _ONE, "share": _ONE, "within": _NUMBER},
    "needs": {"given": _MANY_ANY, "needed": _MANY_ANY},
    "equals": {"of": _ANY, "is": _TEXT},
    "dollar": {"currency": _ANY, "rate": _ONE},
    "wave-factor": {"of": _MANY, "factor": _NUMBER},
}
_BY_ROW = {"at-most": ("left", "right"), "agrees": ("share", "part", "whole")}  # * is the same row in all of them
_NO_STAR = {"equals": ("of",), "dollar": ("currency", "rate"), "needs": ("needed",)}


def look(source: Source, definition: Definition) -> None:
    """Add to `source.faults` what is wrong with rules, amounts, feeds, and with keys, names and sizes."""
    raw = source.value
    for part, each in (("rules", _rule), ("feeds", _feed)):
        if part in raw and known(source, (part,), raw[part], list) and len(raw[part]) <= MOST[part]:
            seen: set[str] = set()
            for at, one in enumerate(raw[part]):
                if known(source, (part, at), one, dict):
                    each(source, (part, at), one, definition, seen)
        elif part in raw and isinstance(raw[part], list):
            source.say((part,), "count", str(MOST[part]))
    if "amounts" in raw and known(source, ("amounts",), raw["amounts"], dict):
        keys(source, ("amounts",), raw["amounts"], {"currency", "per_dollar"}, {"currency", "per_dollar"})
        for name_, kinds in (("currency", ("text", "choice")), ("per_dollar", NUMBERS)):
            if name_ in raw["amounts"]:
                _field(source, ("amounts", name_), raw["amounts"][name_], definition, kinds, star=False)
    _apart(source, definition)


def _rule(source: Source, path: Path, raw: Mapping[str, Any], definition: Definition, seen: set[str]) -> None:
    name(source, (*path, "id"), raw.get("id"), seen)
    one_of(source, (*path, "level"), raw.get("level"), ("hard", "soft"))
    text(source, (*path, "text"), raw.get("text"), LONGEST["text"])
    if not one_of(source, (*path, "check"), raw.get("check"), CHECKS):
        return
    check = raw["check"]
    wanted = dict(_KEYS[check])
    if check == "at-most":
        wanted |= {"right": _ONE} if "right" in raw else {"most": _NUMBER}
    keys(source, path, raw, set(wanted), _ALWAYS | set(wanted))
    before = len(source.faults)
    for key, what in wanted.items():
        if key in raw:
            star = key not in _NO_STAR.get(check, ())
            _LOOKS[what](source, (*path, key), raw[key], definition, star)
    if check == "wave-factor" and len(source.faults) == before and raw.get("factor", 2) <= 1:
        source.say((*path, "factor"), "factor")
    if check in _BY_ROW and len(source.faults) == before:
        _rows_agree(source, path, raw, definition, _BY_ROW[check])


def _rows_agree(
    source: Source, path: Path, raw: Mapping[str, Any], definition: Definition, order: tuple[str, ...]
) -> None:
    """Where * stands for a row, every field that is named with this row is there."""
    patterns = [one for key in order if key in raw for one in ([raw[key]] if isinstance(raw[key], str) else raw[key])]
    first = patterns[0]
    at = first.split("/").index("*") if "*" in first else -1
    for row in [one.key.split("/")[at] for one in definition.matching(first)] if at >= 0 else [""]:
        for pattern in patterns:
            key = pattern.replace("*", row)
            if pattern.count("*") > 1 or key not in definition.fields:
                source.say(path, "no-field", key or pattern)
                return


def _feed(source: Source, path: Path, raw: Mapping[str, Any], definition: Definition, seen: set[str]) -> None:
    keys(source, path, raw, {"parameter", "from", "unit"}, {"parameter", "from", "unit", "scale"})
    name(source, (*path, "parameter"), raw.get("parameter"), seen)
    text(source, (*path, "unit"), raw.get("unit"), LONGEST["unit"])
    _field(source, (*path, "from"), raw.get("from"), definition, NUMBERS)
    if "scale" in raw:
        number(source, (*path, "scale"), raw["scale"])


def _field(
    source: Source, path: Path, value: Any, definition: Definition, kinds: tuple[str, ...] = (), *, star: bool = True
) -> None:
    """A key or pattern of fields that are there, and of these kinds."""
    found = definition.matching(value) if isinstance(value, str) and (star or "*" not in value) else []
    if not found:
        source.say(path, "no-field", str(value))
    elif any(one.about or (kinds and one.kind not in kinds) for one in found):
        source.say(path, "field-kind", str(value))


def _fields(
    source: Source, path: Path, value: Any, definition: Definition, kinds: tuple[str, ...], *, star: bool
) -> None:
    if several(source, path, value, list, MOST_PATTERNS):
        for at, one in enumerate(value):
            _field(source, (*path, at), one, definition, kinds, star=star)


_LOOKS: Mapping[str, Callable[[Source, Path, Any, Definition, bool], object]] = {
    _ONE: lambda s, path, value, known_, star: _field(s, path, value, known_, NUMBERS, star=star),
    _MANY: lambda s, path, value, known_, star: _fields(s, path, value, known_, NUMBERS, star=star),
    _ANY: lambda s, path, value, known_, star: _field(s, path, value, known_, star=star),
    _MANY_ANY: lambda s, path, value, known_, star: _fields(s, path, value, known_, (), star=star),
    _NUMBER: lambda s, path, value, known_, star: number(s, path, value),
    _TEXT: lambda s, path, value, known_, star: text(s, path, value, LONGEST["text"]),
}


def _apart(source: Source, definition: Definition) -> None:
    """Sizes that a page and a sheet can take, ids that no two parts of a page share, names of options that tell them apart."""
    if len(definition.fields) > MOST_FIELDS:
        source.say(("sections",), "count", str(MOST_FIELDS))
        return
    ids: set[str] = set()
    for at, section in enumerate(definition.sections):
        inputs = 0
        for number_, question in enumerate(section.questions):
            path: Path = ("sections", at, "questions", number_)
            every = (*question.fields, *question.about)
            inputs += sum(len(one.options) if one.kind == "multi" else 1 for one in every)
            mine = set(_ids(question))
            if ids & mine:
                source.say((*path, "id"), "again", question.id)
            ids |= mine
        if inputs > MOST_INPUTS:
            source.say(("sections", at), "inputs", str(MOST_INPUTS))
    for id, options in source.value["lists"].items():
        _told_apart(source, ("lists", id), definition, options)


def _ids(question: Question) -> Iterator[str]:
    """The ids of the parts of a question in HTML."""
    yield f"{slug(question.id)}-h"
    for one in (*question.fields, *question.about):
        yield slug(one.key)
        yield f"{slug(one.key)}-w"


def _told_apart(source: Source, path: Path, definition: Definition, options: Mapping[str, str]) -> None:
    """A name that is chosen in a file means one option, in whatever language it was made."""
    field = next((one for one in definition.fields.values() if one.kind == "choice" and one.options == options), None)
    if field is None:
        return
    names = option_names(definition, field)
    for option, said in options.items():
        for lang in definition.texts:
            chosen = definition.say(said, lang)[0].casefold()
            if names[chosen] != option:
                source.say((*path, option), "same-name", chosen)
                return
