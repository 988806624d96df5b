"""Learning from decisions and reports: what a lesson does, what a reporter may weigh, and what the guard lets through."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.detect import guard, learned, lessons, reliability
from counterspam.detect.learned import Model
from counterspam.detect.lessons import DECISION, REPORT, Lesson
from counterspam.detect.reliability import Judged, Standing
from counterspam.model import Evidence
from counterspam.taxonomy import Channel, Source

DAY = 86_400_000


def lesson(text: str, spam: bool, number: int = 0, **more: object) -> Lesson:
    evidence = Evidence(
        id="",
        key="",
        received_at=int(str(more.pop("at", 0))),
        observed_at=0,
        channel=Channel.SMS,
        source=Source.USER_REPORT,
        format="",
        intake="",
        text=text,
        reporter=str(more.pop("reporter", "")),
    )
    given = {"weight": 1.0, "basis": DECISION, "key": str(number), "group": str(number), **more}
    return Lesson(evidence=evidence, spam=spam, **given)  # type: ignore[arg-type]


SPAM = [lesson(f"brazzil vontu keppra number {n} olindo", True, n) for n in range(12)]
HAM = [lesson(f"tumqa serrol wimbat entry {n} palido", False, 100 + n) for n in range(12)]


def test_the_same_lessons_give_the_same_weights_and_the_parent_stays() -> None:
    parent = Model.above(learned.load(None))
    before = parent.weights.copy()
    first, second = lessons.teach(parent, SPAM + HAM), lessons.teach(parent, SPAM + HAM)
    assert np.array_equal(first.weights, second.weights)
    assert np.array_equal(first.bias, second.bias)
    assert np.array_equal(parent.weights, before)
    assert first.probability(SPAM[3].evidence) > 0.8 > 0.2 > first.probability(HAM[3].evidence)
    assert lessons.digest(SPAM) != lessons.digest(SPAM[::-1])


def test_a_lighter_lesson_moves_less() -> None:
    parent = Model.above(learned.load(None))
    moves = []
    for weight in (0.05, 0.5, 1.0):
        taught = lessons.teach(parent, [replace(SPAM[0], weight=weight), HAM[0]])
        moves.append(taught.score(SPAM[0].evidence) - parent.score(SPAM[0].evidence))
    assert moves[0] < moves[1] < moves[2]
    assert not lessons.balanced([replace(SPAM[0], weight=0.0)])


def test_confirming_spam_all_day_is_balanced() -> None:
    weights = {one.spam: one.weight for one in lessons.balanced(SPAM * 10 + HAM[:1])}
    assert weights[False] == lessons.MOST_BALANCE
    assert weights[True] == pytest.approx(121 / 240)


def test_too_many_of_one_label_are_left_out_the_oldest_first() -> None:
    assert lessons.evened(SPAM * 10) == (SPAM * 10)[-int(lessons.ALONE) :]
    told = [*SPAM, *HAM, *SPAM * 9]
    assert lessons.evened(told) == [*HAM, *(SPAM * 10)[-int(lessons.ALONE + lessons.MOST_BALANCE * len(HAM)) :]]
    assert lessons.evened(SPAM + HAM) == SPAM + HAM
    light = [replace(one, weight=0.05) for one in SPAM * 10]
    assert lessons.evened(light) == light


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), max_size=60), st.integers(2, 9))
def test_a_group_is_never_on_both_sides(groups: list[tuple[int, bool]], parts: int) -> None:
    told = [lesson("x", spam, n, group=f"g{group}") for n, (group, spam) in enumerate(groups)]
    learn, held = lessons.split(told, parts)
    assert not {one.group for one in learn} & {one.group for one in held}
    assert len(learn) + len(held) == len(told)


# Reporters


def test_a_reporter_is_worth_what_analysts_agreed_with() -> None:
    known = reliability.standings(
        [Judged("good", str(n), True) for n in range(20)]
        + [Judged("bad", str(n), n < 2) for n in range(10)]
        + [Judged("same", "one campaign", True)] * 50
        + [Judged("", "x", True)]
    )
    assert set(known) == {"good", "bad", "same"}
    assert known["same"] == Standing(1, 0)  # fifty reports of one campaign count once
    newcomer = Standing().weight
    assert newcomer == pytest.approx(0.05)
    assert known["bad"].weight == 0
    assert newcomer < known["same"].weight < known["good"].weight < reliability.REPORT


REPORTS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), st.integers(0, 3)), max_size=300)


@given(
    REPORTS, st.dictionaries(st.integers(0, 30), st.tuples(st.integers(0, 40), st.integers(0, 40))), st.floats(0, 20)
)
def test_no_reporter_campaign_or_crowd_can_move_the_model(
    reports: list[tuple[int, int, int]], known: dict[int, tuple[int, int]], most: float
) -> None:
    standings = {f"r{name}": Standing(*counts) for name, counts in known.items()}
    told = [
        lesson("x", True, n, basis=REPORT, weight=0.0, reporter=f"r{who}", group=f"c{campaign}", at=day * DAY + n)
        for n, (who, campaign, day) in enumerate(reports)
    ]
    sums: dict[object, float] = {}
    for one in (found := reliability.weighed(told, standings, most)):
        who, day = one.evidence.reporter, one.evidence.received_at // DAY
        standing = standings.get(who, Standing())
        newcomer = standing.agreed + standing.disagreed < reliability.KNOWN
        for key in ("all", ("c", one.group), ("r", who, day), *([("new", day)] if newcomer else [])):
            sums[key] = sums.get(key, 0.0) + one.weight
        assert 0 < one.weight <= reliability.REPORT
    assert sums.pop("all", 0.0) <= most + 1e-9
    for key, total in sums.items():
        limits = {"c": reliability.CAMPAIGN, "r": reliability.REPORTER_DAY, "new": reliability.NEWCOMERS_DAY}
        assert total <= limits[str(key[0])] + 1e-9  # type: ignore[index]
    assert found == reliability.weighed(told, standings, most)


def test_a_report_without_a_reporter_counts_nothing() -> None:
    assert reliability.weighed([lesson("x", True, basis=REPORT)], {}, 10.0) == []


# The guard


def test_the_canary_is_balanced_and_speaks_many_languages() -> None:
    messages = guard.canary()
    assert len(messages) >= 40
    assert abs(sum(spam for _, spam in messages) - len(messages) / 2) <= 2
    scripts = {"Cyrillic": "о", "Arabic": "ا", "Han": "的你我请家", "Devanagari": "ी", "Kana": "すま"}
    for signs in scripts.values():
        assert {spam for evidence, spam in messages if any(sign in evidence.text for sign in signs)} == {True, False}
    assert guard.score(learned.load(None), messages).share < 0.3


def test_what_unlearns_the_canary_does_not_pass() -> None:
    parent = Model.above(learned.load(None))
    upside_down = [
        lesson(evidence.text, not spam, n) for n, (evidence, spam) in enumerate(guard.canary()) for _ in range(3)
    ]
    candidate = lessons.teach(parent, upside_down)
    outcome = guard.tested(parent, candidate, [], seen=True)
    assert not outcome.passed
    assert outcome.why.startswith("canary: ")
    assert outcome.scores["canary"]["after"]["wrong"] > outcome.scores["canary"]["before"]["wrong"]


def test_good_lessons_pass_and_few_say_so() -> None:
    parent = Model.above(learned.load(None))
    told = [replace(one, group=f"{one.key}") for one in SPAM + HAM]
    outcome = guard.tested(parent, lessons.teach(parent, told), told, seen=True)
    assert outcome.passed
    assert "tests nothing" in outcome.why
    many = [replace(one, group=f"{one.key}-{n}") for n in range(4) for one in told]
    outcome = guard.tested(parent, lessons.teach(parent, many), many, seen=True)
    assert outcome.passed
    assert outcome.scores["held out"]["after"]["loss"] < outcome.scores["held out"]["before"]["loss"]
