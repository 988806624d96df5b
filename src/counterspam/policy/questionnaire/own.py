"""A questionnaire that an administration wrote itself: from its text to a definition, and back to a text to change.

One text holds the version and its translations. What comes out of `checked` is as good as a shipped version: it was made
into files in every language that it has, read back, and checked.
"""

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from counterspam.errors import ConfigError
from counterspam.policy.questionnaire import checks, filled, form_file, parcel, wellmade, wellmade_rules
from counterspam.policy.questionnaire.definition import (
    LANGUAGES,
    TEXTS,
    Definition,
    Field,
    made,
    shipped,
    translations,
    versions,
)
from counterspam.policy.questionnaire.source import NotWellMade, Source, read, written

HEAD = """\
# A questionnaire. To make your own of it: give it another name in `version`, change what you like, and upload it.
# `derived_from` says what the differences are shown to. What the parts mean: docs/questionnaire.md.
"""


def checked(data: bytes) -> Definition:
    """The definition that a text is. Raises NotWellMade with every fault that it has."""
    source = read(data)
    wellmade.look(source)
    _stop(source)
    try:
        found = _definition(source.value, data)
    except ConfigError:  # the same key twice, by ids that only differ in what a key is made of
        source.say(("sections",), "again", "sections")
        raise NotWellMade(source.faults) from None
    wellmade_rules.look(source, found)
    _stop(source)
    _try(source, found)
    _stop(source)
    return found


@lru_cache(maxsize=32)
def known(text: str) -> Definition:
    """The definition of a text that was checked when it was taken."""
    data = text.encode()
    return _definition(read(data).value, data)


def text_of(raw: Mapping[str, Any]) -> str:
    """A version as a text to change: `derived_from` is the version itself."""
    first = {"version": raw["version"], "derived_from": raw["version"]}
    return HEAD + written({**first, **{name: one for name, one in raw.items() if name not in first}})


@lru_cache(maxsize=8)
def shipped_text(version: str) -> str:
    """A shipped version as a text to change, with its translations."""
    return text_of(shipped(version))


@lru_cache(maxsize=8)
def own_text(text: str) -> str:
    """A version of this node as a text to change."""
    return text_of(read(text.encode()).value)


def _stop(source: Source) -> None:
    if source.faults:
        raise NotWellMade(sorted(source.faults, key=lambda one: one.line))


def _definition(raw: Mapping[str, Any], data: bytes) -> Definition:
    """With the translations of the software's own words, where the text has none."""
    newest, own = translations(versions()[-1]), raw.get("translations", {})
    engine = set(TEXTS.values())
    texts = {
        lang: {english: said for english, said in newest.get(lang, {}).items() if english in engine}
        | dict(own.get(lang, {}))
        for lang in LANGUAGES
        if lang != "en"
    }
    return made(raw, {**texts, "en": {}}, hashlib.sha256(data).hexdigest())


def _try(source: Source, definition: Definition) -> None:
    """Make the file in each language that the text has, fill it, read it back, and let the checks run over it."""
    given = {key: _some(field) for key, field in definition.fields.items()}
    given = {key: text for key, text in given.items() if text}
    for lang in ("en", *(lang for lang in LANGUAGES if lang in source.value.get("translations", {}))):
        data = form_file.write(definition, given, wave="trial", member="trial", lang=lang)
        try:
            back = filled.read(definition, data, "trial")
        except parcel.NotAForm as error:
            source.say(("sections",), "file", error.code)
            return
        lost = [key for key, text in given.items() if back.given.get(key) != text]
        if lost or back.refused:
            source.say(("sections",), "file", lost[0] if lost else back.refused[0].place)
            return
    checks.check(definition, {}, {})
    checks.check(definition, given, {key: text * 2 for key, text in given.items()})


def _some(field: Field) -> str:
    """An answer to try a field with, "" where none is at hand."""
    if field.about:
        return ""
    if field.options:
        return list(field.options)[-1]
    return {"country": "FR", "long": "x", "text": "" if field.pattern else "x"}.get(field.kind, "")
