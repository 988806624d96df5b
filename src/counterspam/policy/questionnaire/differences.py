"""What changed from one version of the questionnaire to another: questions added, taken out, changed, and the rest by parts."""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from counterspam.policy.questionnaire.definition import Definition, Question

Lines = Sequence[tuple[str, str]]  # "out" or "in", and a line
MOST_LINES = 60  # of one change


@dataclass(frozen=True, slots=True)
class Differences:
    """Ids of questions; `changed` has their lines, `parts` those of what is no question; `translations` counts by language."""

    added: Sequence[Question]
    removed: Sequence[Question]
    changed: Sequence[tuple[Question, Lines]]
    parts: Sequence[tuple[str, Lines]]
    translations: Mapping[str, int]

    @property
    def nothing(self) -> bool:
        """Whether both say the same."""
        return not (self.added or self.removed or self.changed or self.parts or self.translations)


def differences(old: Definition, new: Definition) -> Differences:
    """What `new` has otherwise than `old`."""
    changed = [
        (one, lines)
        for one in new.questions()
        if one.id in old.known and (lines := _lines(list(_said(old.known[one.id])), list(_said(one))))
    ]
    parts = {
        name: _lines(_part(old, name), _part(new, name)) for name in ("title", "sections", "rules", "amounts", "feeds")
    }
    return Differences(
        added=[one for one in new.questions() if one.id not in old.known],
        removed=[one for one in old.questions() if one.id not in new.known],
        changed=changed,
        parts=[(name, lines) for name, lines in parts.items() if lines],
        translations={lang: n for lang in sorted({*old.texts, *new.texts}) if (n := _translated(old, new, lang))},
    )


def _translated(old: Definition, new: Definition, lang: str) -> int:
    """How many texts that both have are translated otherwise."""
    before, after = old.texts.get(lang, {}), new.texts.get(lang, {})
    return sum(before[one] != after[one] for one in before.keys() & after.keys())


def _lines(old: Sequence[str], new: Sequence[str]) -> Lines:
    found = list(difflib.unified_diff(old, new, lineterm="", n=0))[2:]
    signs = {"-": "out", "+": "in"}
    return [(signs[line[0]], line[1:]) for line in found if line[0] in signs][:MOST_LINES]


def _said(question: Question) -> Iterator[str]:
    """A question in lines, in the words of its file."""
    yield f"section: {question.section}"
    yield f"text: {question.text}"
    if question.help:
        yield f"help: {question.help}"
    yield f"disclosure: {question.disclosure}"
    yield f"quality: {question.numeric}"
    yield from (f"row {name}: {said}" for name, said in question.rows.items())
    yield from (f"column {name}: {said}" for name, said, _ in question.columns)
    seen = set()
    for field in question.fields:
        column = field.key.rpartition("/")[2] if question.columns else ""
        if column not in seen:
            seen.add(column)
            yield from (f"{column} {line}".strip() for line in _field(field))


def _field(field: Any) -> Iterator[str]:
    yield f"kind: {field.kind}"
    for name in ("unit", "required", "least", "most", "usual", "pattern", "form"):
        if (value := getattr(field, name)) not in ("", None) and value is not False:
            yield f"{name}: {value}"
    yield from (f"option {name}: {said}" for name, said in field.options.items())


def _part(definition: Definition, name: str) -> list[str]:
    if name == "title":
        return [f"title: {definition.title}", f"purpose: {definition.purpose}"]
    if name == "sections":
        return [f"{one.id}: {one.title}" for one in definition.sections]
    if name == "amounts":
        return [f"{key}: {value}" for key, value in definition.amounts.items()]
    known = definition.rules if name == "rules" else definition.feeds
    return [", ".join(f"{key}: {value}" for key, value in one.items()) for one in known]
