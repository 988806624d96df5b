"""Points and symbols of verdicts."""

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.config import Config
from counterspam.model import Check, Verdict
from counterspam.respond import score
from counterspam.taxonomy import ContentType, Nature, Payload, Technique

NOTHING = {"content_type": ContentType.HAM, "nature": Nature.UNKNOWN, "payload": Payload.NONE}


def made(probability: float, spam: bool, *checks: Check) -> Verdict:
    return Verdict(probability=probability, spam=spam, technique=Technique.UNKNOWN, checks=checks, **NOTHING)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("probability", "threshold", "points"),
    [(0.5, 0.5, 5.0), (0.999, 0.5, 11.9), (0.001, 0.5, -1.91), (0.9, 0.9, 5.0), (0.5, 0.9, 2.8), (0.98, 0.5, 8.89)],
)
def test_the_threshold_is_at_five_and_points_are_log_odds(probability: float, threshold: float, points: float) -> None:
    found = score.score(made(probability, probability >= threshold), Config(spam_threshold=threshold))
    assert found == points


@given(
    probability=st.floats(0, 1),
    threshold=st.floats(0.001, 0.999),
    listed=st.sampled_from(["", "allowed", "blocked"]),
    weights=st.lists(st.floats(-8, 8).map(lambda weight: round(weight, 3)), max_size=5),
)
def test_points_never_contradict_the_verdict_and_symbols_add_up(
    probability: float, threshold: float, listed: str, weights: list[float]
) -> None:
    spam = listed == "blocked" if listed else probability >= threshold
    checks = [Check(f"c{n}", "a", weight, "why") for n, weight in enumerate(weights)]
    verdict, config = made(probability, spam, *checks), Config(spam_threshold=threshold)
    points = score.score(verdict, config)
    assert (points >= score.REQUIRED) is spam
    symbols = score.symbols(verdict, config)
    assert math.isclose(sum(part for part, _ in symbols.values()), points, abs_tol=0.011)
    assert score.BASE in symbols


@given(name=st.text(max_size=80), answer=st.text(max_size=80))
def test_a_symbol_is_a_plain_word(name: str, answer: str) -> None:
    symbol = score.symbol(Check(name, answer))
    assert len(symbol) <= score.MAX_SYMBOL
    assert symbol.replace("_", "").isalnum()
    assert symbol.isascii()


def test_figures_of_an_answer_are_not_part_of_its_name() -> None:
    assert score.symbol(Check("learned", "spam 0.97")) == "CS_LEARNED_SPAM"
    assert score.symbol(Check("links", "look-alike")) == "CS_LINKS_LOOK_ALIKE"


@pytest.mark.parametrize(
    ("asked", "probability", "wanted"),
    [
        ("tag", 0.99, "tag"),
        ("reject", 0.99, "reject"),
        ("reject", 0.9, "tag"),
        ("quarantine", 0.95, "quarantine"),
        ("reject", 0.2, "pass"),
    ],
)
def test_what_is_asked_of_the_mail_server(
    asked: str, probability: float, wanted: str, verdict: Callable[..., Verdict]
) -> None:
    settings: dict[str, Any] = {"gateway_action": asked}
    assert score.action(verdict(probability), Config(**settings)) == wanted
