"""The definition: well made, whole in six languages, and refused where it is not well made."""

import pytest

from counterspam.errors import ConfigError
from counterspam.policy.questionnaire.checks import CHECKS
from counterspam.policy.questionnaire.definition import LANGUAGES, LEVELS, TEXTS, load, parsed, versions
from counterspam.policy.questionnaire.form_file import option_names

KNOWN = load("2026")


def test_the_first_definition_has_every_part_of_the_derived_form() -> None:
    assert [one.id for one in KNOWN.sections] == [f"B{n}" for n in range(9)]
    assert versions() == ["2026"]
    # B0.1-6 to B8.2 of REQUIREMENTS B; a part may have questions a, b, c.
    parts = {0: 6, 1: 2, 2: 3, 3: 2, 4: 3, 5: 2, 6: 3, 7: 3, 8: 2}
    wanted = [f"{section}.{part}" for section, last in parts.items() for part in range(1, last + 1)]
    asked = {one.id[1:].rstrip("abcdefghi") for one in KNOWN.questions()}
    assert set(wanted) <= asked
    channels = KNOWN.question("B2.1").rows
    assert list(channels) == ["email", "sms", "mms", "rcs", "voice", "im", "social", "web", "in-app"]


def test_every_number_has_unit_quality_and_period() -> None:
    for question in KNOWN.questions():
        about = {one.about for one in question.about}
        assert {"disclosure", "comment"} <= about
        numbers = [one for one in question.fields if one.kind in ("integer", "number", "percent", "currency")]
        assert all(one.unit for one in numbers), question.id
        if question.id != "B6.0b" and any(one.unit != "year" for one in numbers):
            assert {"quality", "period"} <= about, question.id
        assert question.disclosure in LEVELS


def texts() -> set[str]:
    """Every text that a respondent reads."""
    found = {KNOWN.title, KNOWN.purpose, *TEXTS.values(), *(rule["text"] for rule in KNOWN.rules)}
    for section in KNOWN.sections:
        found.add(section.title)
        for one in section.questions:
            found |= {one.text, one.help, *(text for _, *both in one.columns for text in both)}
            found |= set() if one.ranked else set(one.rows.values())
            for field in (*one.fields, *one.about):
                found |= {field.unit, *field.options.values()}
    return found - {""}


@pytest.mark.parametrize("lang", [lang for lang in LANGUAGES if lang != "en"])
def test_every_text_is_translated_and_no_translation_is_left_over(lang: str) -> None:
    assert texts() - set(KNOWN.texts[lang]) == set()
    assert set(KNOWN.texts[lang]) - texts() == set()
    for field in KNOWN.fields.values():
        names = [KNOWN.say(said, lang)[0] for said in field.options.values()]
        assert len(set(names)) == len(names), f"two options of {field.key} have one name"


def test_what_stands_for_an_option_stands_for_one_only() -> None:
    for field in KNOWN.fields.values():
        names = option_names(KNOWN, field)
        assert {names[name.casefold()] for name in field.options} == set(field.options)


def test_a_text_without_translation_is_english_and_says_so() -> None:
    assert KNOWN.say("No such text", "ar") == ("No such text", "en")
    assert KNOWN.say(KNOWN.title, "fr")[1] == "fr"


def test_rules_name_fields_that_exist() -> None:
    for rule in KNOWN.rules:
        assert rule["check"] in CHECKS
        assert rule["level"] in ("hard", "soft")
        named = [rule[name] for name in ("right", "part", "whole", "share", "currency", "rate") if name in rule]
        for name in ("left", "of", "given", "needed"):
            found = rule.get(name, [])
            named += [found] if isinstance(found, str) else found
        assert named
        assert all(KNOWN.matching(pattern) for pattern in named), rule["id"]
    for feed in KNOWN.feeds:
        assert KNOWN.matching(feed["from"]), feed
    assert len({rule["id"] for rule in KNOWN.rules}) == len(KNOWN.rules)


GOOD = """
version: "1"
title: T
purpose: P
lists: {a: {x: X}}
sections: [{id: S, title: S, questions: [%s]}]
"""


@pytest.mark.parametrize(
    "question",
    [
        "{id: S.1, text: T, kind: colour}",
        "{id: S.1, text: T}",
        "{id: S.1, text: T, kind: choice, options: b}",
        "{id: 'S 1', text: T, kind: text}",
        "{id: S.1, kind: text}",
        "{id: S.1, text: T, kind: text}, {id: S.1, text: U, kind: text}",
        "{id: S.1, text: T, rows: b, columns: [{id: c, text: C, kind: text}]}",
        "[",
        "3",
    ],
)
def test_what_is_not_well_made_is_refused(question: str) -> None:
    assert parsed(GOOD % "{id: S.1, text: T, kind: choice, options: a}", {}).fields["S.1"].options == {"x": "X"}
    with pytest.raises(ConfigError):
        parsed(GOOD % question, {})


def test_an_unknown_version_is_refused() -> None:
    for version in ("2025", "../2026", "2026.fr"):
        with pytest.raises(ConfigError):
            load(version)
