"""A questionnaire that a user wrote: whatever the text is, it is taken whole or refused with places; what it may not do."""

import random
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from counterspam.policy.questionnaire import own, translation, uses
from counterspam.policy.questionnaire.definition import LANGUAGES, Definition, load
from counterspam.policy.questionnaire.differences import differences
from counterspam.policy.questionnaire.source import MOST_BYTES, NotWellMade, read
from counterspam.web.questionnaire.faults import FAULTS as CODES

GOLDEN = Path(__file__).parents[2] / "golden" / "questionnaire"
SMALL: dict[str, Any] = {
    "version": "tiny-1",
    "title": "Small",
    "purpose": "To ask little.",
    "lists": {"colour": {"red": "Red", "blue": "Blue"}, "row": {"one": "First", "two": "Second"}},
    "sections": [
        {
            "id": "S1",
            "title": "Only",
            "questions": [
                {"id": "Q1", "text": "Which colour", "kind": "choice", "options": "colour"},
                {"id": "Q2", "text": "How many", "kind": "integer", "unit": "pieces", "least": 0, "usual": [0, 9]},
                {
                    "id": "Q3",
                    "text": "Table",
                    "rows": "row",
                    "columns": [
                        {"id": "a", "text": "All", "kind": "integer"},
                        {"id": "s", "text": "Some", "kind": "integer"},
                    ],
                },
                {
                    "id": "Q4",
                    "text": "List",
                    "places": 2,
                    "columns": [{"id": "item", "text": "Colour", "kind": "choice", "options": "colour"}],
                },
                {"id": "Q5", "text": "Code", "kind": "text", "pattern": "[A-Z]{3}", "form": "ABC"},
            ],
        }
    ],
    "rules": [
        {"id": "less", "check": "at-most", "level": "hard", "left": ["Q3/*/s"], "right": "Q3/*/a", "text": "Too many."}
    ],
    "translations": {"fr": {"Small": "Petit"}},
}


def text(raw: Any) -> bytes:
    """As a file."""
    return yaml.safe_dump(raw, sort_keys=False, allow_unicode=True).encode()


def faults(data: bytes) -> list[tuple[int, str, str]]:
    """Line, place and code of what is wrong."""
    try:
        own.checked(data)
    except NotWellMade as error:
        return [(one.line, one.place, one.code) for one in error.faults or pytest.fail("refused without a fault")]
    return []


def at(raw: Any, *path: Any) -> Any:
    """A part of it."""
    for one in path:
        raw = raw[one]
    return raw


def with_(*path: Any, value: Any) -> bytes:
    """The small one with one value otherwise."""
    raw = yaml.safe_load(text(SMALL))
    at(raw, *path[:-1])[path[-1]] = value
    return text(raw)


def question(n: int, *more: Any) -> tuple[Any, ...]:
    """The path of a question."""
    return ("sections", 0, "questions", n, *more)


def test_the_shipped_version_comes_back_as_it_is() -> None:
    data = own.shipped_text("2026").replace("version: '2026'", "version: copy-1", 1).encode()
    made, shipped = own.checked(data), load("2026")
    assert (made.sections, made.rules, made.feeds, made.amounts) == (
        shipped.sections,
        shipped.rules,
        shipped.feeds,
        shipped.amounts,
    )
    assert (made.version, made.derived_from) == ("copy-1", "2026")
    assert differences(shipped, made).nothing
    assert not uses.lacking(made)
    assert {lang: translation.missing(made, lang) for lang in LANGUAGES} == {lang: [] for lang in LANGUAGES}
    assert own.known(data.decode()) == made


def test_the_smallest_one_works_and_says_what_it_gives_nothing_to() -> None:
    made = own.checked(text(SMALL))
    assert uses.lacking(made) == ["prefilled", "groups", "costs", "profile"]
    assert translation.missing(made, "fr")[:2] == ["To ask little.", "Only"]
    assert made.say("Comment", "fr") == ("Commentaire", "fr"), "the software's own words stay translated"


WRONG = {
    "kind": (with_(*question(0, "kind"), value="novel"), "sections[1].questions[1].kind", "choice"),
    "list": (with_(*question(0, "options"), value="none"), "sections[1].questions[1].options", "no-list"),
    "same-id": (with_(*question(1, "id"), value="q1"), "sections[1].questions[2].id", "again"),
    "same-slug": (with_(*question(4, "id"), value="Q3-one-a"), "sections[1].questions[5].id", "again"),
    "sheet": (with_("sections", 0, "id", value="Lists"), "sections[1].id", "taken"),
    "form-field": (with_(*question(0, "id"), value="csrf"), "sections[1].questions[1].id", "taken"),
    "slash": (with_(*question(0, "id"), value="a/b"), "sections[1].questions[1].id", "name"),
    "bad-pattern": (with_(*question(4, "pattern"), value="(a"), "sections[1].questions[5].pattern", "pattern"),
    "backtracking": (with_(*question(4, "pattern"), value=r"(a)\1"), "sections[1].questions[5].pattern", "pattern"),
    "huge-pattern": (
        with_(*question(4, "pattern"), value="((a{99}){99}){99}"),
        "sections[1].questions[5].pattern",
        "pattern",
    ),
    "no-rows": (with_(*question(2, "rows"), value="none"), "sections[1].questions[3].rows", "no-list"),
    "places": (with_(*question(3, "places"), value=51), "sections[1].questions[4].places", "places"),
    "ranked": (with_(*question(3, "columns", 0, "id"), value="x"), "sections[1].questions[4].columns", "ranked"),
    "unknown": (with_("surprise", value=1), "surprise", "unknown-key"),
    "range": (with_(*question(1, "usual"), value=[9, 0]), "sections[1].questions[2].usual", "range"),
    "nan": (with_(*question(1, "least"), value=float("nan")), "sections[1].questions[2].least", "want-number"),
    "rule-field": (with_("rules", 0, "right", value="Q9/*/a"), "rules[1].right", "no-field"),
    "rule-kind": (with_("rules", 0, "left", value=["Q4/*/item"]), "rules[1].left[1]", "field-kind"),
    "rule-rows": (with_("rules", 0, "left", value=["Q3/*/*"]), "rules[1]", "no-field"),
    "check": (with_("rules", 0, "check", value="run"), "rules[1].check", "choice"),
    "language": (with_("translations", value={"de": {}}), "translations.de", "choice"),
    "same-name": (with_("translations", "fr", value={"Red": "X", "Blue": "X"}), "lists.colour.red", "same-name"),
    "version": (with_("version", value="../2026"), "version", "version"),
    "no-digit": (with_("version", value="new"), "version", "version"),
    "number-as-version": (with_("version", value=2027), "version", "version"),
    "two-lines": (with_("title", value="a\nb"), "title", "space"),
    "long": (with_("title", value="a" * 201), "title", "long"),
    "no-section": (with_("sections", value=[]), "sections", "empty"),
    "text-for-map": (text("just a text"), "", "want-map"),
    "amounts": (with_("amounts", value={"currency": "Q5", "per_dollar": "Q1"}), "amounts.per_dollar", "field-kind"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_named_with_its_place(name: str) -> None:
    data, place, code = WRONG[name]
    found = faults(data)
    assert (place, code) in [(where, what) for _, where, what in found]
    line = next(line for line, where, what in found if (where, what) == (place, code))
    assert 1 <= line <= data.count(b"\n") + 1


def test_a_section_has_no_more_boxes_than_a_page_takes() -> None:
    raw = yaml.safe_load(text(SMALL))
    raw["lists"]["row"] = {f"r{n}": f"Row {n}" for n in range(300)}
    raw["sections"][0]["questions"][2]["columns"] += [{"id": "t", "text": "Third", "kind": "integer"}]
    assert [code for _, _, code in faults(text(raw))] == ["inputs"]


REFUSED = {
    "alias": (b"a: &x [1]\nb: *x\n", 1, "alias"),
    "merge": (b"a: 1\n<<: {b: 1}\n", 2, "alias"),
    "tag": (b"a: 1\nb: !!python/object/apply:os.system [ls]\n", 2, "alias"),
    "deep": (b"a: " + b"[" * 40 + b"]" * 40, 1, "deep"),
    "many": (b"a: [" + b"1," * 70_000 + b"]", 1, "many"),
    "large": (b"#" * (MOST_BYTES + 1), 0, "large"),
    "encoding": (b"a: 1\nb: \xff", 2, "encoding"),
    "control": (b"a: 1\nb: \x01", 2, "character"),
    "escape": (b'a: 1\nb: "\\e"', 2, "character"),
    "escaped-key": (b'a: 1\n"\\uFFFE": 2', 2, "character"),
    "direction": ("a: 1\nb: \u202e".encode(), 2, "character"),
    "broken": (b"a: 1\nb: [", 3, "yaml"),
    "two": (b"a: 1\n---\nb: 2\n", 2, "yaml"),
    "billion": (b"a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n", 1, "alias"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_text_that_is_dangerous_is_refused_before_it_is_read(name: str) -> None:
    data, line, code = REFUSED[name]
    found = faults(data)
    (at_,) = [one for one, _, what in found if what == code]
    assert abs(at_ - line) <= 1


def test_the_same_key_twice_and_numbers_that_are_none() -> None:
    source = read(b"a: 1\na: 2\nb: " + b"9" * 5000 + b"\nc: .inf\n1: x\n")
    assert [(one.line, one.code) for one in source.faults] == [(2, "twice"), (5, "key")]
    assert isinstance(source.value["b"], str)
    assert isinstance(source.value["c"], str)


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_taken_or_refused(data: bytes) -> None:
    assert faults(data)


_LEAF = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["Q1", "Q3/*/s", "*", "#"])
)
_ANY = st.recursive(
    _LEAF, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
)


def _paths(raw: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = raw.items() if isinstance(raw, dict) else enumerate(raw) if isinstance(raw, list) else ()
    return [path, *(one for key, value in inside for one in _paths(value, (*path, key)))]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_paths(SMALL)[1:]), _ANY)
def test_any_value_in_any_place_is_taken_whole_or_refused(path: tuple[Any, ...], value: Any) -> None:
    try:
        data = with_(*path, value=value)
    except UnicodeEncodeError:
        return
    if faults(data):
        return
    made = own.checked(data)
    assert isinstance(made, Definition)
    assert own.known(data.decode()) == made


@pytest.mark.parametrize("seed", range(30))
def test_lines_taken_out_and_mixed_up(seed: int) -> None:
    dice = random.Random(seed)
    lines = text(SMALL).split(b"\n")
    for _ in range(dice.randrange(1, 4)):
        lines.pop(dice.randrange(len(lines)))
    if seed % 3 == 0:
        dice.shuffle(lines)
    for _, _, code in faults(b"\n".join(lines)):
        assert code in CODES


def test_differences_as_they_were_agreed() -> None:
    raw = yaml.safe_load(text(SMALL))
    questions = raw["sections"][0]["questions"]
    questions[0]["text"] = "What colour"
    questions[1]["least"] = 1
    questions.pop()
    questions.append({"id": "Q6", "text": "When", "kind": "date"})
    raw["lists"]["colour"]["green"] = "Green"
    raw["translations"]["fr"]["Small"] = "Tout petit"
    del raw["rules"]
    found = differences(own.checked(text(SMALL)), own.checked(text(raw)))
    lines = [f"added {one.id}" for one in found.added] + [f"removed {one.id}" for one in found.removed]
    for name, some in [*((one.id, some) for one, some in found.changed), *found.parts]:
        lines += [f"{name} {kind} {line}" for kind, line in some]
    lines += [f"translations {lang} {n}" for lang, n in found.translations.items()]
    assert "\n".join(lines) + "\n" == (GOLDEN / "differences.txt").read_text(encoding="utf-8")
