"""Which texts of a questionnaire are translated, and which are not."""

from collections.abc import Iterator

from counterspam.policy.questionnaire.definition import Definition


def texts(definition: Definition) -> list[str]:
    """Every text of the version that a respondent reads, each once, in order; the software's own words are not among them."""
    return list(dict.fromkeys(one for one in _all(definition) if one and not one.isdecimal()))


def missing(definition: Definition, lang: str) -> list[str]:
    """The texts that are shown in English, as this language has no translation of them."""
    found = definition.texts.get(lang, {})
    return [] if lang == "en" else [one for one in texts(definition) if not found.get(one)]


def _all(definition: Definition) -> Iterator[str]:
    yield from (definition.title, definition.purpose)
    for section in definition.sections:
        yield section.title
        for question in section.questions:
            yield from (question.text, question.help, *question.rows.values())
            yield from (one for _, *said in question.columns for one in said)
            for field in question.fields:
                yield from (*field.options.values(), field.unit)
    yield from (rule["text"] for rule in definition.rules)
