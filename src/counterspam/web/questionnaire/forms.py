"""A section of the questionnaire as a form, or as a printed page: every field with its value, its problems, its names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from counterspam.policy.questionnaire.answers import Given, is_answered, level
from counterspam.policy.questionnaire.checks import Problem, standing
from counterspam.policy.questionnaire.definition import LEVELS, Definition, Field, Question, Section, slug
from counterspam.web.format import country
from counterspam.web.questionnaire.labels import message, plain, shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A field to be filled in: name and id in HTML, what it is called, what stands in it, what is wrong with it."""

    key: str
    id: str
    kind: str
    label: Markup
    name: str  # what a reader of the screen says: question, row, column
    value: str
    said: str  # the value in words, for print
    unit: Markup
    form: str
    required: bool
    options: Sequence[tuple[str, str, bool]]
    wrong: Sequence[str]
    doubtful: Sequence[str]

    @property
    def state(self) -> Markup:
        """The attributes that tell a reader of the screen what is wrong, and where it is said."""
        wrong = Markup(' aria-invalid="true"') if self.wrong else ""
        said = Markup(' aria-describedby="{}-w"').format(self.id) if self.problems else ""
        return Markup("").join([wrong, said])

    @property
    def problems(self) -> Sequence[str]:
        """Everything that is said beside it."""
        return [*self.wrong, *self.doubtful]


def asked(definition: Definition, section: Section, given: Given, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """The questions of a section as the templates take them."""
    by_key: dict[str, list[Problem]] = {}
    for one in problems:
        by_key.setdefault(one.key, []).append(one)
    return [_question(definition, one, given, by_key) for one in section.questions]


def _question(
    definition: Definition, question: Question, given: Given, problems: Mapping[str, Sequence[Problem]]
) -> dict[str, Any]:
    def box(field: Field) -> Box:
        return _box(definition, question, field, given, problems.get(field.key, ()))

    rows = [
        {
            "label": shown(definition, said),
            "boxes": [box(question.at(row, column)) for column, _, _ in question.columns],
        }
        for row, said in question.rows.items()
    ]
    about = {one.about: box(one) for one in question.about}
    return {
        "id": question.id,
        "slug": slug(question.id),
        "text": shown(definition, question.text),
        "plain": plain(definition, question.text),
        "help": shown(definition, question.help),
        "ranked": question.ranked,
        "columns": [(shown(definition, said), shown(definition, unit)) for _, said, unit in question.columns],
        "rows": rows,
        "box": None if question.rows else box(question.fields[0]),
        "about": about,
        "level": plain(definition, LEVELS[level(question, given)]),
        "fixed": question.disclosure == "office",
        "open": any(about[name].value or about[name].problems for name in ("period", "comment") if name in about),
    }


def _box(definition: Definition, question: Question, field: Field, given: Given, problems: Sequence[Problem]) -> Box:
    value = given.get(field.key, "")
    chosen = value.split() if field.kind == "multi" else [value]
    options = [(name, plain(definition, said), name in chosen) for name, said in field.options.items()]
    if value and options and not any(one[2] for one in options):
        options.append((value, value, True))  # nothing is lost: what was given stays, with its problem
    labels = [plain(definition, one) for one in field.labels]
    words = [said for _, said, picked in options if picked]
    live = [one for one in problems if not one.confirmed]
    return Box(
        key=field.key,
        id=slug(field.key),
        kind=field.kind,
        label=shown(definition, field.labels[0]) if field.about else Markup(""),
        name=", ".join([plain(definition, question.text), *labels]),
        value=value,
        said="; ".join(words) if words else country(value) if field.kind == "country" else value,
        unit=shown(definition, field.unit),
        form=field.form,
        required=field.required,
        options=options,
        wrong=[message(one, definition) for one in live if one.level == "hard"],
        doubtful=[message(one, definition) for one in live if one.level == "soft"],
    )


def progress(definition: Definition, given: Given, problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Of each section: how many questions are answered, and how many problems stand."""
    live = standing(problems)
    return [
        {
            "id": section.id,
            "title": shown(definition, section.title),
            "answered": sum(is_answered(one, given) for one in section.questions),
            "questions": len(section.questions),
            "problems": sum(
                definition.question(definition.fields[one.key].question).section == section.id for one in live
            ),
        }
        for section in definition.sections
    ]
