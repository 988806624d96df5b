"""The score for machine-written text: what it reads, when it says nothing, that a damaged one is refused, how it is trained."""

import json
import math
import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.detect import machine, machine_training
from counterspam.detect.fold import fold
from counterspam.errors import ConfigError
from counterspam.model import Evidence
from counterspam.taxonomy import Channel

EVEN = """Dear Valued Customer, I hope this message finds you well. We are reaching out to inform you that, as part of our
ongoing commitment to providing a seamless and secure experience, your account requires a brief verification. Please do not
hesitate to contact our dedicated support team should you have any questions. We sincerely appreciate your prompt attention to
this matter and thank you for your continued trust. Warm regards, The Support Team"""
ROUGH = """ok so i went down the shop like you said and they only had the big ones left, got two anyway, hope thats alright
with your mum. bus was late again, driver said something about the bridge. tell dave he still owes me for the curry and he can
bring it on friday or else i'm eating his chips lol"""


@cache
def shipped() -> machine.Machine:
    found = machine.load(None)
    assert found
    return found


def score(text: str, lang: str = "en", channel: Channel = Channel.EMAIL) -> float | None:
    return shipped().score(fold(text)[0], lang, channel)


def test_it_tells_plain_cases_apart() -> None:
    assert (score(EVEN) or 0) > 0.9
    assert (score(ROUGH) or 0.5) < 0.2


@pytest.mark.parametrize("lang", ["", "ar", "de", "es", "fr", "hi", "id", "ja", "ru", "tr", "zh"])
def test_it_abstains_in_every_language_without_evidence(lang: str) -> None:
    assert score(EVEN, lang) is None


def test_it_abstains_of_speech_and_of_short_texts() -> None:
    assert score(EVEN, channel=Channel.VOICE) is None
    assert score(" ".join(EVEN.split()[: machine.LEAST - 1])) is None


def test_it_abstains_between_its_thresholds() -> None:
    words = machine.words(fold(EVEN)[0])
    at = shipped().margin(words)
    between = replace(shipped(), low=at - 1, high=at + 1)
    assert between.score(" ".join(words), "en", Channel.EMAIL) is None
    assert replace(between, high=at).score(" ".join(words), "en", Channel.EMAIL) == shipped().probability(at)


def test_case_punctuation_and_links_change_nothing() -> None:
    plain = EVEN.lower().translate(str.maketrans("", "", ".,"))
    assert score(plain) == score(EVEN) == score(f"https://a.example/b {EVEN.replace('.', '!')}")


@given(st.text(max_size=3000))
def test_any_text_has_a_probability_or_none(text: str) -> None:
    found = shipped().score(text, "en", Channel.SMS)
    assert found is None or (0 < found < 1 and math.isfinite(found))
    assert len(machine.words(text)) <= machine.MOST


@given(st.lists(st.text("abc'é", min_size=1, max_size=6), max_size=40))
def test_buckets_are_distinct_ascending_and_in_range(words: list[str]) -> None:
    found = machine.buckets(words).tolist()
    assert found == sorted(set(found))
    assert all(0 <= bucket < 1 << machine.BITS for bucket in found)


def test_a_pair_is_not_the_pair_turned_round() -> None:
    assert set(machine.buckets(["kind", "regards"])) != set(machine.buckets(["regards", "kind"]))


def test_the_shipped_record_states_its_errors() -> None:
    made = shipped()
    assert made.languages == {"en"}
    large = [one for name, one in made.record["sets"].items() if name != machine_training.OWN and one["texts"] >= 100]
    assert len(large) >= 3
    assert all(one["machine"] <= machine_training.WRONG for one in large)
    assert max(one["machine"] for one in large) < made.wrong < 0.05
    folder = Path(machine.__file__).parent.parent / "data" / "model"
    assert sum((folder / f"machine.{kind}").stat().st_size for kind in ("npz", "json")) < 1_000_000


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    shipped().save(tmp_path)
    again = machine.load(tmp_path)
    assert again
    assert again.version == shipped().version
    assert again.margin(["kindly", "note"]) == shipped().margin(["kindly", "note"])


def test_an_own_model_without_one_has_no_score(tmp_path: Path) -> None:
    assert machine.load(tmp_path) is None


@pytest.mark.parametrize("wrong", ["numbers", "format", "cut", "lacking"])
def test_a_damaged_one_is_refused(tmp_path: Path, wrong: str) -> None:
    shipped().save(tmp_path)
    told = json.loads((tmp_path / "machine.json").read_text(encoding="utf-8"))
    if wrong == "numbers":
        told["high"] -= 1
    elif wrong == "format":
        told["format"] = 0
    elif wrong == "cut":
        (tmp_path / "machine.npz").write_bytes((tmp_path / "machine.npz").read_bytes()[:1000])
    else:
        (tmp_path / "machine.npz").unlink()
    (tmp_path / "machine.json").write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"machine\."):
        machine.load(tmp_path)


def invented(name: str, count: int, vocabulary: str, seed: int) -> list[machine_training.Text]:
    dice = np.random.default_rng(seed)
    some = vocabulary.split()
    return [
        machine_training.Text(list(dice.choice(some, 40)), name, f"{name} {i}", "en", Channel.EMAIL)
        for i in range(count)
    ]


def test_training_learns_what_differs_and_not_the_length() -> None:
    ours = invented(machine_training.OWN, 40, "kindly ensure seamless dear valued we the and to of", 1)
    human = invented("letters", 60, "ok yeah dunno late bus we the and to of", 2)
    human = [replace(text, words=text.words * 3) for text in human]
    weights, bias = machine_training.fit([*human, *ours], np.ones(100, np.bool_))
    made = machine.Machine(weights, bias, 1.0, 0.0, 0.0, 0.0, frozenset(("en",)), 0.0)
    assert min(made.margin(text.words) for text in ours) > max(made.margin(text.words) for text in human)


def test_training_without_texts_of_our_own_is_refused() -> None:
    with pytest.raises(ConfigError):
        machine_training.fit(invented("letters", 3, "a b c", 1), np.ones(3, np.bool_))


def test_the_whole_training_on_invented_sets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = invented(machine_training.OWN, 60, "kindly ensure seamless dear valued we the and to of", 1)
    monkeypatch.setattr(machine_training, "own_texts", lambda _: iter(ours))
    parts = {part.name: i for i, part in enumerate(machine_training.HUMAN)}

    def read(part: machine_training.Set, *_: object) -> list[machine_training.Text]:
        return invented(part.name, 120, "ok yeah dunno late bus we the and to of", parts[part.name] + 5)

    monkeypatch.setattr(machine_training, "human_texts", read)
    made = machine_training.train(tmp_path, tmp_path / "out", lambda _: iter(()))
    again = machine.load(tmp_path / "out")
    assert again
    assert again.version == made.version
    assert made.record["sets"].keys() == {machine_training.OWN, *parts}
    assert made.low <= made.high
    assert made.probability(made.high) >= 0.9 - 1e-9
    assert made.probability(made.low) <= 0.5
    assert all(made.score(" ".join(text.words), "en", Channel.EMAIL) for text in ours[:5])
    assert min(made.record["area"].values()) > 0.95
    shutil.rmtree(tmp_path / "out")


def test_the_verdict_carries_the_score_and_how_often_it_errs(make: Callable[..., Evidence]) -> None:
    from counterspam import pipeline
    from counterspam.config import Config

    tools = pipeline.tools_with(Config(), b"k" * 32, None)  # type: ignore[arg-type]
    (_, said), (_, silent) = pipeline.explain([make(text=EVEN), make(text="call me later")], tools)
    assert said.ai_score == score(EVEN)
    assert said.ai_wrong == shipped().wrong
    assert silent.ai_score is None
    assert silent.ai_wrong is None
