"""Modules, quizzes, exercises and paths as files: what they say, how they are shown, and that nothing hostile gets through."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.errors import DecodeError
from counterspam.policy.training import course, exercise, library, markup, module, paths, quiz, reading
from counterspam.policy.training.module import Module
from counterspam.web.language import LANGUAGES
from counterspam.web.training import shelf

FOLDER = Path(__file__).parent / "modules"
PLACE = FOLDER / "01-try-it"
ENGLISH = (PLACE / "en.md").read_text(encoding="utf-8")
QUIZ = (PLACE / "quiz.en.yaml").read_text(encoding="utf-8")
EXERCISE = (PLACE / "exercise.en.yaml").read_text(encoding="utf-8")


@pytest.fixture
def one() -> Module:
    return module.parse(ENGLISH, "en", "en.md")


def html(found: Module, audience: str = "") -> str:
    drawn = lambda name, caption: markup.Markup("<figure>{} {}</figure>").format(name, caption)  # noqa: E731
    lessons = course.written(found, audience, drawn, str)
    return "\n".join(f"<h2>{lesson.title}</h2>" + "".join(text for _, text in lesson.blocks) for lesson in lessons)


def test_shipped_modules_are_all_right() -> None:
    found = library.load([shelf.shipped()] if shelf.shipped().is_dir() else [], LANGUAGES)
    assert found.faults == ()
    for slug in found.slugs:
        assert (slug, "en") in found.quizzes, f"{slug} has no quiz"


def test_a_module_says_what_it_is_and_has_lessons(one: Module) -> None:
    assert (one.id, one.number, one.minutes, one.audiences) == ("try-it", 1, 12, ("policy", "user"))
    assert [lesson.title for lesson in one.lessons] == ["", "Counting", "Reporting"]
    assert one.numbers == {"res52": 1, "gk": 2}
    assert str(one.review_due) == "2027-10-01"


def test_lessons_are_safe_html_with_numbered_sources(one: Module) -> None:
    found = html(one)
    assert '<strong>counted</strong> in <code>reports</code>.<sup><a href="#source-1">[1]</a></sup>' in found
    assert '<blockquote class="notice">' in found
    assert '<th scope="col" class=n>Share</th>' in found
    assert 'role="region" aria-label="Counting"><table>\n<caption class="hidden">Counting</caption>' in found
    assert "<figure>by-channel What was reported here</figure>" in found
    assert "&lt;script&gt;alert(1)&lt;/script&gt; is text" in found
    assert "style=" not in found


def test_an_audience_sees_its_own_blocks_and_those_for_all(one: Module) -> None:
    policy, user = html(one, "policy"), html(one, "user")
    assert "Never rank" in policy
    assert "short code" not in policy
    assert "Never rank" not in user
    assert "short code" in user
    assert "For everybody" in policy and "For everybody" in user  # noqa: PT018
    marked = [
        names for lesson in course.written(one, "", lambda *_: markup.Markup(""), str) for names, _ in lesson.blocks
    ]
    assert ("policy",) in marked
    assert ("user",) in marked


def test_links_lead_where_the_caller_says(one: Module) -> None:
    text = one.lessons[1].blocks[0].text
    inside = markup.html(text, one.numbers, "", lambda address: "" if address.startswith("/") else address)
    assert "<span>the volume</span>" in inside
    assert '<a href="https://www.example.org/x">the text</a>' in inside


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("---\nid", "id", "does not begin"),
        ("reviewed: 2026-10-01", "reviewed: 2028-10-01", "review_due is before"),
        ("reviewed: 2026-10-01", "reviewed: 2026-99-01", "en.md"),
        ("minutes: 12", "minutes: soon", "minutes"),
        ("minutes: 12", "minutes: 12\nreview-due: 1", "review-due"),
        ("[policy, user]", "[policy, policy]", "twice"),
        ("[policy, user]", "[policy]", "the audience user"),
        ("[^res52]", "[^res53]", "res53"),
        ("by-channel", "by-magic", "figure"),
        (":::\n\n## Reporting", "## Reporting", "within another"),
        ("::: user", "::: citizen", "citizen"),
        ("## Counting", "# Counting", "headings"),
        ("https://www.example.org/res52", "javascript:alert(1)", "url"),
        ("id: gk", "id: res52", "two sources"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(before: str, after: str, said: str) -> None:
    assert before in ENGLISH
    with pytest.raises(DecodeError, match=r"en\.md") as error:
        module.parse(ENGLISH.replace(before, after, 1), "en", "en.md")
    assert said in error.value.detail


@given(st.text(alphabet=st.sampled_from("ab \n#*_`[]()^:|-{}<>!&;\\\"'=/.1"), max_size=300))
def test_any_markdown_is_safe(text: str) -> None:
    found = str(markup.html(text, {"a": 1}, 'x"<', str))
    tags = set(re.findall(r"</?([a-z0-9]+)", re.sub(r'"[^"]*"', '""', found)))
    inside = {"ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "div", "span", "caption"}
    assert tags <= inside | {"p", "h1", "h2", "h3", "h4", "h5", "h6", "em", "strong", "code", "a", "sup", "br"}
    assert not re.search(r'(?i)href="\s*(javascript|data|vbscript)|<[a-z]+[^>]*\son', found)


@given(st.text(max_size=200))
def test_files_are_read_or_refused(text: str) -> None:
    found = module.parse(ENGLISH, "en", "en.md")
    for parse in (
        lambda: module.parse(text, "en", "x"),
        lambda: module.parse(f"---\n{text}\n---\n## A\n", "en", "x"),
        lambda: module.parse(ENGLISH + text, "en", "x"),
        lambda: quiz.parse(text, found, "x"),
        lambda: exercise.parse(text, "x"),
        lambda: paths.parse(text, [found], "x"),
    ):
        with suppress(DecodeError):  # nothing else is raised
            parse()


@pytest.mark.parametrize(
    "text", ["!!int ''", "!!float ''", "!!timestamp x", "[" * 5000, "{[]: 1}", "!!python/name:os.system", "a: &a [*a]"]
)
def test_strange_yaml_is_refused_in_one_way(text: str) -> None:
    with pytest.raises(DecodeError):
        reading.checked(tuple[quiz.Item, ...], reading.content(text, "x"), "x")


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(DecodeError, match="more than"):
        reading.content("a" * (reading.MOST_BYTES + 1), "x")


# Quizzes


def test_a_bank_is_read_with_what_yaml_makes_of_its_options(one: Module) -> None:
    items = quiz.parse(QUIZ, one, "q")
    assert len(items) == 10
    assert items[2].answer == (1, 3)
    assert items[3].options == ("yes", "no")
    assert items[4].options == ("4", "5", "6")
    assert len(quiz.bank(items, "user")) == 5


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("answer: 0,", "answer: 3,", "by their places"),
        ("answer: 0,", "answer: [0, 1, 2],", "every option"),
        ("source: res52", "source: nowhere", "nowhere"),
        ("[Right, Wrong, Other]", "[Right, Right, Other]", "twice"),
        ("id: q2", "id: q1", "two questions"),
        (
            'audiences: [policy, user], question: "Which is the first',
            'audiences: [policy], question: "Which is the first',
            "4 questions",
        ),
        ("answer: 0,", "answer: true,", "answer"),
    ],
)
def test_a_wrong_bank_is_refused(one: Module, before: str, after: str, said: str) -> None:
    assert before in QUIZ
    with pytest.raises(DecodeError) as error:
        quiz.parse(QUIZ.replace(before, after, 1), one, "q")
    assert said in error.value.detail


def test_a_try_takes_half_of_the_bank_and_the_next_try_the_other_half(one: Module) -> None:
    items = quiz.parse(QUIZ, one, "q")
    first, second = (quiz.draw(items, "policy", "seed", attempt) for attempt in (0, 1))
    assert len(first) == len(second) == 5
    assert not {one.item.id for one in first} & {one.item.id for one in second}
    assert first == quiz.draw(items, "policy", "seed", 0)
    assert any(quiz.draw(items, "policy", f"{i}")[0] != first[0] for i in range(9))
    assert {one.item.id for one in quiz.draw(items, "user", "seed")} == {f"q{i}" for i in range(1, 6)}
    assert all(sorted(one.order) == list(range(len(one.item.options))) for one in first)


@given(st.integers(0, 30), st.text(max_size=5), st.integers(0, 2000))
def test_the_size_of_a_try_is_within_its_bounds(count: int, seed: str, attempt: int) -> None:
    found = module.parse(ENGLISH, "en", "en.md")
    item = quiz.parse(QUIZ, found, "q")[0]
    items = [item.model_copy(update={"id": f"i{i}"}) for i in range(count)]
    drawn = quiz.draw(items, "", seed, attempt)
    assert min(count, quiz.FEWEST) <= len(drawn) <= min(count, quiz.MOST)
    assert len({one.item.id for one in drawn}) == len(drawn)


def test_eighty_per_cent_passes_and_less_does_not(one: Module) -> None:
    items = quiz.parse(QUIZ, one, "q")
    drawn = quiz.draw(items, "user", "seed")
    answers = {item.id: list(item.answer) for item in items}
    assert quiz.score(drawn, answers).share == 1
    four = quiz.score(drawn, {**answers, "q1": [1]})
    assert (four.right, four.passed) == (4, True)
    assert not quiz.score(drawn, {**answers, "q1": [1], "q3": [1]}).passed
    assert not quiz.score(drawn, {}).passed
    assert not quiz.score([], {}).passed


def test_of_several_right_options_all_and_only_these_must_be_chosen(one: Module) -> None:
    item = quiz.parse(QUIZ, one, "q")[2]
    asked = [quiz.Asked(item, (0, 1, 2, 3))]
    assert quiz.score(asked, {"q3": [3, 1, 1]}).passed
    for wrong in ([1], [1, 2, 3], [0, 1, 2, 3], [99]):
        assert not quiz.score(asked, {"q3": wrong}).passed


# Exercises


@pytest.mark.parametrize(
    ("step", "said", "right"),
    [
        ("sum", "10", True), ("sum", " 10.0 ", True), ("sum", "11", False), ("sum", "ten", False), ("sum", "", None),
        ("share", "90,9 %", True), ("share", "90.95", True), ("share", "91.1", False),
        ("rows", "2, 1", True), ("rows", "1\n2", True), ("rows", "١، 2", True), ("rows", "1", False), ("rows", "1,2,3", False),
        ("host", "SHOP[.]example", True), ("host", "“shop.example”", True), ("host", "shop", False),
        ("to", "1", True), ("to", "0", False), ("to", "١", True),
    ],
)  # fmt: skip
def test_answers_are_checked_as_people_write_them(step: str, said: str, right: bool | None) -> None:
    found = exercise.check(exercise.parse(EXERCISE, "e"), {step: said})
    assert {one.step.id: one.right for one in found}[step] is right


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("1,234.5", 1234.5),
        ("1 234,5", 1234.5),
        ("1.234,56", 1234.56),
        ("-3", -3),
        ("−3", -3),
        ("12 %", 12),
        ("1,234", 1234),
        ("1e9", None),
        ("inf", None),
        ("1.2.3", None),
        ("", None),
    ],
)
def test_numbers_are_read_in_several_ways_of_writing(said: str, value: float | None) -> None:
    assert exercise.number(said) == value


@given(st.text(max_size=80))
def test_any_answer_is_right_or_not(said: str) -> None:
    found = exercise.parse(EXERCISE, "e")
    for one in exercise.check(found, {step.id: said for step in found.steps}):
        assert one.right in ((True, False) if one.given else (None,))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("answer: 10,", "answer: ten,"),
        ("kind: set", "kind: magic"),
        ("answer: 1, expl", "answer: 2, expl"),
        ("id: share", "id: sum"),
        ("no: 2,", ""),
    ],
)
def test_a_wrong_exercise_is_refused(before: str, after: str) -> None:
    assert before in EXERCISE
    with pytest.raises(DecodeError):
        exercise.parse(EXERCISE.replace(before, after, 1), "e")


# Library and paths


def test_a_library_falls_back_to_english_for_what_is_not_translated() -> None:
    found = library.load([FOLDER], LANGUAGES)
    assert found.faults == ()
    assert found.languages("try-it") == ["en", "fr"]
    for lang, audience, expected in (
        ("fr", "user", "fr"),
        ("fr", "policy", "en"),
        ("fr", "", "fr"),
        ("ar", "user", "en"),
    ):
        shown = found.module("try-it", lang, audience)
        assert shown is not None
        assert shown.lang == expected
    assert found.quiz("try-it", "fr")[1] == "en"
    assert found.module("nothing", "en") is None
    assert [one.id for one in found.every("fr", "operator")] == []


def test_a_broken_file_is_left_out_and_told(tmp_path: Path) -> None:
    folder = tmp_path / "01-try-it"
    folder.mkdir()
    (folder / "en.md").write_text(ENGLISH, encoding="utf-8")
    (folder / "fr.md").write_bytes(b"\xff\xfe")
    (folder / "ar.md").write_text(ENGLISH.replace("id: gk", "id: other").replace("[^gk]", ""), encoding="utf-8")
    (folder / "quiz.en.yaml").write_text("[", encoding="utf-8")
    other = tmp_path / "02-try-it"
    other.mkdir()
    (other / "en.md").write_text(ENGLISH, encoding="utf-8")
    found = library.load([tmp_path], LANGUAGES)
    assert list(found.modules) == [("try-it", "en")]
    assert found.quizzes == {}
    assert sorted(fault.partition(":")[0] for fault in found.faults) == [
        "01-try-it/ar.md", "01-try-it/fr.md", "01-try-it/quiz.en.yaml", "02-try-it/en.md",
    ]  # fmt: skip


def test_an_own_folder_comes_before_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "01-try-it").mkdir()
    (tmp_path / "01-try-it" / "en.md").write_text(ENGLISH.replace("minutes: 12", "minutes: 99"), encoding="utf-8")
    found = library.load([FOLDER, tmp_path], LANGUAGES)
    assert found.modules["try-it", "en"].minutes == 99
    assert ("try-it", "en") in found.quizzes


def numbered(one: Module, *numbers: int) -> list[Module]:
    return [one.model_copy(update={"number": number, "id": f"m{number}"}) for number in numbers]


def test_channel_modules_follow_what_was_reported_in_the_region(one: Module) -> None:
    every = numbered(one, 1, 8, 9, 10, 11, 12)
    order = [found.number for found in paths.ordered(every, {"voice": 50, "sms": 20, "rcs": 40, "email": 1})]
    assert order == [1, 9, 10, 8, 11, 12]
    assert paths.ordered(every, {}) == every


def test_a_named_path_is_for_an_audience_and_regions(one: Module) -> None:
    officer, everyone = library.load([FOLDER], LANGUAGES).paths
    assert [officer.is_for(region) for region in ("", "002", "150")] == [True, True, False]
    assert everyone.is_for("009")
    text = (FOLDER / "paths.yaml").read_text(encoding="utf-8")
    for before, after in (
        ("try-it]", "other]"),
        ("audience: policy", "audience: operator"),
        ("id: everyone", "id: user"),
        ("[Africa]", "[Atlantis]"),
        ("[try-it]", "[try-it, try-it]"),
    ):
        with pytest.raises(DecodeError):
            paths.parse(text.replace(before, after, 1), [one], "paths.yaml")


def test_a_path_is_complete_when_each_module_was_passed_for_its_audience() -> None:
    assert paths.complete(["a", "b"], "user", {("a", "user"), ("b", "")})
    assert not paths.complete(["a", "b"], "user", {("a", "user"), ("b", "policy")})
    assert not paths.complete([], "user", {("a", "user")})
