"""A node's own layer above the shipped model: it speaks where it knows the wording, and leaves the rest to what is below."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from counterspam.detect import learned, model_files, views
from counterspam.detect.learned import Model
from counterspam.detect.learner import Learner
from counterspam.errors import ConfigError
from counterspam.model import Evidence

Make = Callable[..., Evidence]
ORDINARY = "see you at the station at eight, have you eaten yet?"
STRANGE = "vontu keppra olindo brazzil tumqa serrol wimbat palido zorble quandrix"


def taught(make: Make, base: Model) -> Model:
    model = Model.above(base)
    teacher = Learner(model)
    for i in range(40):
        teacher.learn(views.read([make(text=f"{STRANGE} {chr(97 + i % 26)}")]), True)
        teacher.learn(views.read([make(text=f"krumma flostig banderu {chr(97 + i % 26)} yelpo sintra")]), False)
    return model


def test_nothing_learned_leaves_all_to_what_is_below(make: Make) -> None:
    base = learned.load(None)
    model = Model.above(base)
    assert model.score(make(text=ORDINARY)) == base.score(make(text=ORDINARY))
    assert model.spans(make(text=ORDINARY)) == base.spans(make(text=ORDINARY))
    assert model.version == base.version


def test_it_speaks_where_it_knows_the_wording_and_only_there(make: Make) -> None:
    base = learned.load(None)
    before = base.weights.copy()
    model = taught(make, base)
    assert model.score(make(text=STRANGE)) > base.score(make(text=STRANGE)) + 2
    assert model.score(make(text=ORDINARY)) == pytest.approx(base.score(make(text=ORDINARY)), abs=0.3)
    assert np.array_equal(base.weights, before)
    assert model.version == f"{base.version}+80"


def test_what_is_below_yields_where_both_know_the_wording(make: Make) -> None:
    below = Model.empty()
    teacher = Learner(below)
    for i in range(60):
        teacher.learn(views.read([make(text=f"{STRANGE} {chr(97 + i % 26)}")]), False)
    message = make(text=STRANGE)
    assert below.score(message) < 0 < taught(make, below).score(message)
    told = taught(make, below).spans(message)
    assert sum(span.weight for span in told) > 0


def test_a_layer_is_kept_with_what_is_below(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = taught(make, learned.load(None))
    model.save(tmp_path / "one")
    again = learned.load(tmp_path / "one")
    assert again.base is not None
    assert again.base.weights is model_files.shipped().weights
    assert again.score(make(text=STRANGE)) == pytest.approx(model.score(make(text=STRANGE)), rel=1e-2)
    assert again.version != learned.load(None).version
    for text in (STRANGE, ORDINARY):
        known = again.features(make(text=text))
        assert again.knows(known).mean() >= again.base.knows(known).mean() > 0.2
    # After an update, with another shipped model, the version still has its own.
    other = tmp_path / "other"
    taught(make, Model.empty()).save(other)
    monkeypatch.setattr(model_files, "shipped", lambda: model_files.load(other / "base"))
    assert learned.load(tmp_path / "one").score(make(text=ORDINARY)) == again.score(make(text=ORDINARY))


def test_what_is_below_must_be_what_it_was_made_from(make: Make, tmp_path: Path) -> None:
    below = taught(make, Model.empty())
    below.base = None
    taught(make, below).save(tmp_path / "one")
    learned.load(tmp_path / "one")
    Model.empty().save(tmp_path / "two")
    shutil.copytree(tmp_path / "two", tmp_path / "one" / "base", dirs_exist_ok=True)
    with pytest.raises(ConfigError, match="not the model that it was made from"):
        learned.load(tmp_path / "one")
    shutil.rmtree(tmp_path / "one" / "base")
    with pytest.raises(ConfigError, match="cannot be read"):
        learned.load(tmp_path / "one")
