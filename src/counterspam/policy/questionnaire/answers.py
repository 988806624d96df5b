"""One respondent's answers: put together from what is given, read as values, and who may see each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from counterspam.policy.questionnaire.definition import NUMBERS, Definition, Question
from counterspam.policy.questionnaire.values import Value, Wrong, canonical, read

Given = Mapping[str, str]  # texts by key


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A signed set of answers and whom it is from. `role`, `size` and `country` are those of the invitation."""

    member: str
    country: str
    region: str
    role: str
    size: str
    given: Given


def merged(definition: Definition, old: Given, new: Given, section: str = "") -> dict[str, str]:
    """The answers after some were given: those of `new` replace, an empty one takes away, all others stay.

    Keys that the definition does not have, or that lie outside `section` where one is named, are left out.
    """
    kept = {key: text for key, text in old.items() if key in definition.fields}
    for key, text in new.items():
        known = definition.fields.get(key)
        if known is None:
            continue
        question = definition.question(known.question)
        if not section or question.section == section:
            kept[key] = canonical(known, text)
            if known.about == "disclosure" and kept[key] == question.disclosure:
                kept[key] = ""  # the same as to say nothing
    return {key: kept[key] for key in definition.fields if kept.get(key)}


def value(definition: Definition, given: Given, key: str) -> Value | None:
    """The value of a field, None where it is empty or wrong, or the definition has no such field."""
    field = definition.fields.get(key)
    try:
        return read(field, given.get(key, "")) if field else None
    except Wrong:
        return None


def number(definition: Definition, given: Given, key: str) -> float | None:
    """The number in a field, None where there is none."""
    found = value(definition, given, key)
    return found if isinstance(found, float) else None


def level(question: Question, given: Given) -> str:
    """Who may see the answer to a question: what the respondent chose, else what the definition has.

    Contact and consent are the office's alone whatever is chosen; an unreadable choice is the strictest.
    """
    if question.disclosure == "office":
        return "office"
    chosen = given.get(f"{question.id}#disclosure", "")
    if not chosen:
        return question.disclosure
    return chosen if chosen in ("public", "aggregate", "internal") else "office"


def is_answered(question: Question, given: Given) -> bool:
    """Whether any field of the question is filled in."""
    return any(given.get(one.key) for one in question.fields)


def dollars(definition: Definition, given: Given, amount: float) -> float | None:
    """An amount in US dollars at the rate that the respondent stated; None without a rate."""
    rate = number(definition, given, definition.amounts.get("per_dollar", ""))
    return amount / rate if rate else None


def by_name(definition: Definition, everyone: Iterable[Answered]) -> list[dict[str, str]]:
    """The public answers with the names of their respondents, one row a field."""
    rows = []
    for one in everyone:
        for question in definition.questions():
            if level(question, one.given) != "public":
                continue
            for field in question.fields:
                if one.given.get(field.key):
                    rows.append(
                        {
                            "member": one.member,
                            "country": one.country,
                            "question": question.id,
                            "cell": field.key,
                            "value": one.given[field.key],
                            "unit": unit(definition, one.given, field.key),
                            "quality": one.given.get(f"{question.id}#quality", "") if field.kind in NUMBERS else "",
                            "period": one.given.get(f"{question.id}#period", ""),
                        }
                    )
    return rows


def unit(definition: Definition, given: Given, key: str) -> str:
    """The unit of a field; of an amount with the respondent's currency."""
    field = definition.fields[key]
    if field.kind != "currency":
        return field.unit
    return f"{given.get(definition.amounts.get('currency', ''), '')} {field.unit}".strip()
