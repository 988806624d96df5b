"""What is wrong or doubtful in a set of answers: hard problems refuse the sign-off, soft ones ask for a comment.

The same function checks what came by the web form, by a file and by the API.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from counterspam.policy.questionnaire.answers import Given, number, value
from counterspam.policy.questionnaire.definition import Definition, Question
from counterspam.policy.questionnaire.values import Wrong, read, written

HARD, SOFT = "hard", "soft"


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `code` says what kind, `given` what the sentence mentions; `text` is that of a rule of the definition.

    `confirmed`: a soft one whose question has a comment.
    """

    key: str
    level: str
    code: str
    given: tuple[str, ...] = ()
    text: str = ""
    confirmed: bool = False


def check(definition: Definition, given: Given, before: Given | None = None, section: str = "") -> list[Problem]:
    """Every problem in the order of the fields. `before` are the answers of the wave before, `section` the only one wanted."""
    found = [*_values(definition, given), *_lists(definition, given), *_quality(definition, given)]
    for rule in definition.rules:
        found += [
            Problem(key, rule["level"], rule["id"], (), rule["text"])
            for key in CHECKS[rule["check"]](definition, given, rule, before or {})
        ]
    order = {key: place for place, key in enumerate(definition.fields)}
    unique = {(one.key, one.code): one for one in found}
    kept = [_confirmed(definition, given, one) for one in unique.values() if _within(definition, one, section)]
    return sorted(kept, key=lambda one: order[one.key])


def standing(problems: Sequence[Problem]) -> list[Problem]:
    """Those that refuse a sign-off: the hard ones, and soft ones that are not confirmed."""
    return [one for one in problems if not one.confirmed]


def _within(definition: Definition, one: Problem, section: str) -> bool:
    return not section or definition.question(definition.fields[one.key].question).section == section


def _confirmed(definition: Definition, given: Given, one: Problem) -> Problem:
    if one.level != SOFT or not given.get(f"{definition.fields[one.key].question}#comment"):
        return one
    return Problem(one.key, one.level, one.code, one.given, one.text, True)


def _values(definition: Definition, given: Given) -> Iterator[Problem]:
    for key, field in definition.fields.items():
        try:
            found = read(field, given.get(key, ""))
        except Wrong as wrong:
            yield Problem(key, HARD, wrong.code, wrong.given)
            continue
        if found is None and field.required:
            yield Problem(key, HARD, "required")
        if field.usual and isinstance(found, float) and not field.usual[0] <= found <= field.usual[1]:
            yield Problem(key, SOFT, "unusual", tuple(written(float(end)) for end in field.usual))


def _quality(definition: Definition, given: Given) -> Iterator[Problem]:
    """Numbers say how they are known."""
    for question in definition.questions():
        key = f"{question.id}#quality"
        if question.numeric and not given.get(key) and any(_numbers(definition, question, given)):
            yield Problem(key, HARD, "quality")


def _numbers(definition: Definition, question: Question, given: Given) -> Iterator[bool]:
    return (isinstance(value(definition, given, one.key), float) for one in question.fields if one.unit != "year")


def _lists(definition: Definition, given: Given) -> Iterator[Problem]:
    """A ranked list names nothing twice and leaves no place open; what has a share has a name; the greatest stands first."""
    for question in definition.questions():
        if not question.ranked:
            continue
        named: dict[str, str] = {}
        last, gap = 101.0, False
        for place in question.rows:
            item, share = f"{question.id}/{place}/item", f"{question.id}/{place}/share"
            if not given.get(item):
                gap = True
                if given.get(share):
                    yield Problem(item, HARD, "no-name")
                continue
            if gap:
                yield Problem(item, HARD, "gap")
            if given[item] in named:
                yield Problem(item, HARD, "twice")
            named[given[item]] = place
            found = number(definition, given, share)
            if found is not None:
                if found > last:
                    yield Problem(share, SOFT, "order")
                last = found


# The rules of a definition: each gives the keys beside which its text is shown.


def _rows(definition: Definition, pattern: str) -> Iterator[str]:
    """What * stands for in a pattern of a table; one "" where it has none."""
    if "*" not in pattern:
        yield ""
        return
    at = pattern.split("/").index("*")
    yield from (one.key.split("/")[at] for one in definition.matching(pattern))


def _at_most(definition: Definition, given: Given, rule: Mapping[str, Any], _: Given) -> Iterator[str]:
    right = rule.get("right", "")
    for row in _rows(definition, rule["left"][0]):
        keys = [pattern.replace("*", row) for pattern in rule["left"]]
        parts = [number(definition, given, key) for key in keys]
        most = number(definition, given, right.replace("*", row)) if right else float(rule["most"])
        if most is not None and sum(part or 0 for part in parts) > most:
            yield next(key for key, part in zip(keys, parts, strict=True) if part)


def _filled(definition: Definition, given: Given, pattern: str) -> list[tuple[str, float]]:
    found = [(one.key, number(definition, given, one.key)) for one in definition.matching(pattern)]
    return [(key, one) for key, one in found if one is not None]


def _sum(definition: Definition, given: Given, rule: Mapping[str, Any], _: Given) -> Iterator[str]:
    found = _filled(definition, given, rule["of"])
    if found and abs(sum(one for _, one in found) - rule["is"]) > rule["within"]:
        yield found[0][0]


def _sum_at_most(definition: Definition, given: Given, rule: Mapping[str, Any], _: Given) -> Iterator[str]:
    found = _filled(definition, given, rule["of"])
    if sum(one for _, one in found) > rule["most"]:
        yield found[0][0]


def _agrees(definition: Definition, given: Given, rule: Mapping[str, Any], _: Given) -> Iterator[str]:
    for row in _rows(definition, rule["share"]):
        keys = [rule[name].replace("*", row) for name in ("part", "whole", "share")]
        part, whole, share = (number(definition, given, key) for key in keys)
        if part is not None and whole and share is not None and abs(100 * part / whole - share) > rule["within"]:
            yield keys[2]


def _needs(definition: Definition, given: Given, rule: Mapping[str, Any], _: Given) -> Iterator[str]:
    if any(given.get(one.key) for pattern in rule["given"] for one in definition.matching(pattern)):
        yield from (key for key in rule["needed"] if not given.get(key))


def _equals(definition: Definition, given: Given, rule: Mapping[str, Any], _: Given) -> Iterator[str]:
    if given.get(rule["of"]) and given[rule["of"]] != rule["is"]:
        yield rule["of"]


def _dollar(definition: Definition, given: Given, rule: Mapping[str, Any], _: Given) -> Iterator[str]:
    rate = number(definition, given, rule["rate"])
    if given.get(rule["currency"]) == "USD" and rate not in (None, 1):
        yield rule["rate"]


def _wave_factor(definition: Definition, given: Given, rule: Mapping[str, Any], before: Given) -> Iterator[str]:
    for pattern in rule["of"]:
        for one in definition.matching(pattern):
            now, then = number(definition, given, one.key), number(definition, before, one.key)
            if now and then and not 1 / rule["factor"] <= now / then <= rule["factor"]:
                yield one.key


CHECKS: dict[str, Callable[[Definition, Given, Mapping[str, Any], Given], Iterator[str]]] = {
    "at-most": _at_most,
    "sum": _sum,
    "sum-at-most": _sum_at_most,
    "agrees": _agrees,
    "needs": _needs,
    "equals": _equals,
    "dollar": _dollar,
    "wave-factor": _wave_factor,
}
