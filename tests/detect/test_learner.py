"""Learning from a stream: the same decisions in the same order give the same model; memory is bounded."""

from collections.abc import Callable

import numpy as np
import pytest

from counterspam.detect import learner, views
from counterspam.detect.learned import Model
from counterspam.model import Evidence

Make = Callable[..., Evidence]


def taught(make: Make, count: int, again: int = learner.AGAIN) -> Model:
    model = Model.empty()
    teacher = learner.Learner(model, again)
    for i in range(count):
        teacher.learn(
            views.read([make(text=f"{'win a prize now' if i % 2 else 'see you at home'} {chr(97 + i % 26)}")]),
            i % 2 == 1,
        )
    return model


def test_the_same_decisions_give_the_same_weights(make: Make) -> None:
    assert np.array_equal(taught(make, 40).weights, taught(make, 40).weights)


def test_going_over_old_decisions_makes_it_surer(make: Make) -> None:
    once, again = taught(make, 12, again=0), taught(make, 12)
    message = make(text="win a prize now")
    assert again.score(message) > once.score(message) > 0


def test_memory_is_bounded(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learner, "REMEMBERED", 5)
    teacher = learner.Learner(Model.empty())
    for i in range(30):
        teacher.learn(views.read([make(text=f"message {i} of many")]), bool(i % 2))
    assert len(teacher._memory) == 5
    assert teacher.model.learned == 30


def test_a_message_without_features_teaches_nothing(make: Make) -> None:
    teacher = learner.Learner(Model.empty())
    teacher.learn(views.read([make()]), True)
    assert teacher.model.learned == 0
