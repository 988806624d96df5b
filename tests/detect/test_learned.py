"""The learned check: what the model reads, that it learns, and that a damaged one is refused."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.detect import learned, stretches, views
from counterspam.detect.learner import Learner
from counterspam.errors import ConfigError
from counterspam.model import Evidence, Facts
from counterspam.taxonomy import Channel, Source
from counterspam.tools import Tools

Make = Callable[..., Evidence]
SHIPPED = Path(learned.__file__).parent.parent / "data" / "model"
SPAM = "WINNER!! You have been selected for a free prize of 900 pounds. To claim call 09061701461 now, txt STOP to end"
HAM = "ok, i will be home a bit later than usual, have you eaten yet? see you at the station"
PLAIN = Evidence(
    id="", key="", received_at=0, observed_at=0, channel=Channel.SMS, source=Source.TRAP, format="test", intake="test"
)


@cache
def shipped() -> learned.Model:
    return learned.load(None)


@pytest.fixture
def model() -> learned.Model:
    return shipped()


def learn(model: learned.Model, evidence: Evidence, spam: bool) -> None:
    Learner(model, again=0).learn(views.read([evidence]), spam)


def answer(model: learned.Model, evidence: Evidence) -> Any:
    tools = Tools(config=None, key=b"", networks=None, model=model, lists=None)  # type: ignore[arg-type]
    return learned.check(evidence, Facts(), tools)


def test_the_shipped_model_tells_plain_cases_apart(make: Make, model: learned.Model) -> None:
    spam, ham = answer(model, make(text=SPAM)), answer(model, make(text=HAM))
    assert spam.answer.startswith("spam 0.9")
    assert spam.weight > 2
    assert ham.answer.startswith("ham 0.0")
    assert ham.weight < -2
    assert spam.detail != ham.detail


def test_the_shipped_record_says_what_it_was_made_of() -> None:
    record = json.loads((SHIPPED / "model.json").read_text(encoding="utf-8"))
    assert {s["name"] for s in record["sets"]} == set(record["figures"])
    assert all(len(s["sha256"]) == 64 and s["licence"] for s in record["sets"])
    assert record["figures"]["SpamAssassin"]["roca"] < 0.228
    assert record["held_out"].keys().isdisjoint(record["figures"])


def test_the_shipped_model_is_small() -> None:
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) < 4_000_000


def test_no_text_is_no_answer(make: Make, model: learned.Model) -> None:
    check = answer(model, make())
    assert (check.name, check.answer, check.weight) == ("learned", "no text", 0.0)


@pytest.mark.parametrize("text", ["k", "hi", "ok?", "อ", "您好，您的包裹已经到达", "አማርኛ ቋንቋ ነው"])
def test_what_it_knows_too_little_of_weighs_little(make: Make, model: learned.Model, text: str) -> None:
    assert abs(answer(model, make(text=text)).weight) < 1.0


def test_years_and_numbers_are_not_read(make: Make, model: learned.Model) -> None:
    assert model.score(make(text="call 2002-08-22 at 555")) == model.score(make(text="call 2024-11-03 at 917"))


def test_the_lower_case_of_every_character_is_as_long_as_the_character() -> None:
    characters = "".join(map(chr, range(sys.maxunicode + 1))).replace("İ", "i")
    assert len(characters.lower()) == len(characters)


@given(st.text(max_size=300), st.text(max_size=80))
def test_any_text_has_an_answer_and_spans_inside_it(text: str, subject: str) -> None:
    model = shipped()
    evidence = replace(PLAIN, text=text, subject=subject)
    check = answer(model, evidence)
    assert abs(check.weight) <= learned.CLIP
    assert check.answer
    for span in model.spans(evidence):
        assert span.field in ("text", "subject")
        assert 0 <= span.start < span.end <= len(getattr(evidence, span.field))
        assert span.weight


def test_spans_show_the_words_that_weighed(make: Make) -> None:
    model = learned.Model.empty()
    for i in range(60):
        learn(model, make(text=f"meeting notes of the {chr(97 + i % 26)} team, zweifel und freude"), False)
        learn(model, make(text=f"notes of the {chr(97 + i % 26)} team, lottery jackpot"), True)
    evidence = make(subject="İstanbul 您好 team", text="über 😀 notes of the team, lottery jackpot and more")
    spans = model.spans(evidence)
    heaviest = evidence.text[spans[0].start : spans[0].end]
    assert spans[0].field == "text"
    assert "lottery" in heaviest
    assert "jackpot" in heaviest
    assert spans[0].weight > 0
    assert len(spans) <= stretches.MAX_SPANS
    assert [abs(s.weight) for s in spans] == sorted((abs(s.weight) for s in spans), reverse=True)


def test_it_learns_one_message_at_a_time(make: Make) -> None:
    model = learned.Model.empty()
    version = model.version
    assert model.probability(make(text=SPAM)) == 0.5
    for _ in range(10):
        learn(model, make(text=SPAM), True)
        learn(model, make(text=HAM), False)
    assert model.score(make(text=SPAM)) > 1 > -1 > model.score(make(text=HAM))
    assert model.probability(make(text=SPAM)) > 0.6
    assert model.version == f"{version}+20"
    learn(model, make(), True)
    assert model.learned == 20


def test_what_is_saved_is_what_is_loaded(make: Make, tmp_path: Path) -> None:
    model = learned.Model.empty()
    for _ in range(5):
        learn(model, make(text=SPAM), True)
        learn(model, make(text=HAM), False)
    model.save(tmp_path / "new")
    again = learned.load(tmp_path / "new")
    assert again.score(make(text=SPAM)) == pytest.approx(model.score(make(text=SPAM)), rel=1e-2)
    again.save(tmp_path / "copy")
    for name in ("model.npz", "model.json"):
        assert (tmp_path / "copy" / name).read_bytes() == (tmp_path / "new" / name).read_bytes()


def damage_record(folder: Path, **changes: Any) -> None:
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


DAMAGE: dict[str, Callable[[Path], Any]] = {
    "no folder": shutil.rmtree,
    "no weights": lambda folder: (folder / "model.npz").unlink(),
    "no record": lambda folder: (folder / "model.json").unlink(),
    "record is not JSON": lambda folder: (folder / "model.json").write_text("{"),
    "record is a list": lambda folder: (folder / "model.json").write_text("[]"),
    "record lacks its numbers": lambda folder: (folder / "model.json").write_text('{"format": 1}'),
    "another format": lambda folder: damage_record(folder, format=99),
    "another bias": lambda folder: damage_record(folder, bias=[7.5, 0, 0]),
    "bias of too few views": lambda folder: damage_record(folder, bias=[0, 0]),
    "bias is text": lambda folder: damage_record(folder, bias="much"),
    "weights cut short": lambda folder: (folder / "model.npz").write_bytes((folder / "model.npz").read_bytes()[:5000]),
    "weights empty": lambda folder: (folder / "model.npz").write_bytes(b""),
    "weights of another model": lambda folder: np.savez(
        folder / "model.npz", weights=np.ones(1 << views.BITS, np.float16)
    ),
    "weights of another size": lambda folder: np.savez(folder / "model.npz", weights=np.ones(7, np.float16)),
    "weights are objects": lambda folder: np.savez(folder / "model.npz", weights=np.array([{}], dtype=object)),
    "weights under another name": lambda folder: np.savez(folder / "model.npz", other=np.ones(7)),
}


@pytest.mark.parametrize("what", DAMAGE)
def test_a_damaged_model_is_refused_by_name(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(SHIPPED, folder)
    DAMAGE[what](folder)
    with pytest.raises(ConfigError, match=r"model in .*model"):
        learned.load(folder)
