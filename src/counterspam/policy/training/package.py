"""All modules of a language as one archive that opens from a folder, without a network and without a node."""

from datetime import date

from counterspam.policy.training import course
from counterspam.policy.training.archive import packed
from counterspam.policy.training.course import Given
from counterspam.policy.training.library import Library
from counterspam.policy.training.module import Module

INDEX = "index.html"


def package(library: Library, lang: str, given: dict[str, Given], day: date) -> bytes:
    """The archive; modules without a translation are in English. `given` is by language; `day` dates the files in it."""
    found: dict[str, bytes] = {INDEX: b""}
    listed: list[tuple[Module, str]] = []
    for module in library.every(lang):
        name = f"{module.number:02d}-{module.id}.html"
        items, quiz_lang = library.quiz(module.id, module.lang)
        found[name] = course.page(module, items, "", given[module.lang], index=INDEX, quiz_lang=quiz_lang)
        listed.append((module, name))
    own = given[lang]
    found[INDEX] = course.index(listed, lang, own)
    found |= {course.STYLE: own.css, course.SCRIPT: course.script()}
    return packed(found, day)
