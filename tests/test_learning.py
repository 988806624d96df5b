"""A whole node that learns: decisions become versions, workers pick them up, bad ones are not used, and one can go back."""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from counterspam import config, decide, exchange
from counterspam.detect import delta, learned, versions
from counterspam.errors import ConfigError
from counterspam.learning import NothingToLearn
from counterspam.model import Finding
from counterspam.node import Node
from counterspam.store import decisions

# An invented language that the shipped model has never met.
SYLLABLES = ("zuq", "vrelt", "okkamu", "thrypx", "ghemba", "wyloq", "drusk", "yphol", "qezzi", "mbworu")
HAM = ("lumoq", "brefta", "sivu", "kolndra", "hettiq", "paxoru", "wenulm", "tirraq", "fodge", "gulvay")


def text(words: tuple[str, ...], number: int) -> str:
    """A message of its own in these words."""
    return " ".join(random.Random(number).choices(words, k=9))


def line(words: tuple[str, ...], number: int, **more: object) -> bytes:
    given = {"counterspam": "1", "channel": "sms", "text": text(words, number), "source": "filter", **more}
    return json.dumps(given).encode()


PLACES = (
    "AT",
    "BE",
    "CH",
    "DK",
    "ES",
    "FI",
    "GR",
    "HU",
    "IT",
    "NO",
    "PT",
    "SE",
)  # one for each test, as opening a node takes seconds


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    settings = {"learn_jurisdictions": PLACES, "learn_from_reporters": True}
    folder = tmp_path_factory.mktemp("learning")
    opened = Node.open(config.load(data=folder, workers=1, batch_seconds=0.05, **settings))
    opened.start()
    yield opened
    opened.close()


def store(node: Node, *items: bytes) -> None:
    node.submit([node.new_raw(item, intake="learning") for item in items]).result(10)
    deadline = time.monotonic() + 60
    while node.pending("learning"):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def rows(node: Node, jurisdiction: str) -> list[dict[str, object]]:
    sql = "SELECT toString(id) AS id, excerpt FROM events WHERE jurisdiction = {j:String} ORDER BY received_at, id"
    return node.events.query(sql, {"j": jurisdiction})


def is_spam(row: dict[str, object]) -> bool:
    return any(str(row["excerpt"]).startswith(word) for word in SYLLABLES)


def decide_all(node: Node, some: list[dict[str, object]], wrong: bool = False) -> None:
    for number, row in enumerate(some):
        made = decide.decide(
            node.learning.sources, str(row["id"]), is_spam(row) is not wrong, "", by="a", now=1_793_000_000_000 + number
        )
        assert made is not None


def odds(node: Node, item: bytes) -> tuple[float, str]:
    """What the learned check of a worker says of a message, and the model version."""
    found = node.check(node.new_raw(item, intake="check"))[0]
    assert isinstance(found, Finding)
    return next(check.weight for check in found.verdict.checks if check.name == "learned"), found.verdict.model


def messages(count: int, **more: object) -> list[bytes]:
    return [line(words, number, **more) for number in range(count) for words in (SYLLABLES, HAM)]


def test_a_node_learns_from_decisions_and_its_workers_follow(node: Node) -> None:
    store(node, *messages(30))
    before, shipped = odds(node, line(SYLLABLES, 99))
    assert shipped == learned.load(None).version
    decide_all(node, rows(node, ""))
    version = node.learning.learn(by="a", now=1_793_000_100_000)
    assert version.record["test"]["passed"], version.record["test"]
    assert version.record["lessons"] == 60
    assert version.record["learned"]["label"] == {"ham": 30, "spam": 30}
    assert version.record["learned"]["source"] == {"filter": 60}
    after, used = odds(node, line(SYLLABLES, 99))
    assert (used, after > before + 1) == (version.model, True)
    assert odds(node, line(HAM, 99))[0] < 0
    assert "held out" in versions.card(version)
    with pytest.raises(NothingToLearn):
        node.learning.learn(by="a", now=1_793_000_200_000)
    # Back, and it stays back: what is learned anew is kept, but not used.
    assert node.learning.revert("all", by="a", now=1_793_000_300_000) == versions.SHIPPED
    assert odds(node, line(SYLLABLES, 99)) == (before, shipped)
    again = node.learning.learn(by="a", now=1_793_000_400_000)
    assert again == version  # bit for bit
    assert odds(node, line(SYLLABLES, 99)) == (before, shipped)
    node.learning.activate("all", version.name, by="a", now=1_793_000_500_000)
    assert odds(node, line(SYLLABLES, 99)) == (after, used)
    with pytest.raises(ConfigError, match="no version"):
        node.learning.activate("all", "../../secret", by="a", now=0)
    node.learning.activate("all", versions.SHIPPED, by="a", now=1_793_000_600_000)  # for the tests that follow


def test_the_same_decisions_give_the_same_weights(node: Node) -> None:
    store(node, *messages(8, jurisdiction="AT"))
    decide_all(node, rows(node, "AT"))
    first = node.learning.learn("AT", by="a", now=1_793_000_100_000)
    weights = learned.load(first.folder)
    node.learning.activate("AT", versions.SHIPPED, by="a", now=1_793_000_100_000)
    (first.folder / "version.json").rename(first.folder / "hidden")
    second = node.learning.learn("AT", by="b", now=1_793_999_100_000)
    assert (second.model, second.record["digest"]) == (first.model, first.record["digest"])
    assert np.array_equal(weights.weights, learned.load(second.folder).weights)
    assert np.array_equal(weights.bias, learned.load(second.folder).bias)


def test_a_jurisdiction_has_a_model_of_its_own(node: Node) -> None:
    store(node, *messages(12, jurisdiction="BE"), *messages(3, jurisdiction="DE"))
    decide_all(node, rows(node, "BE"))
    with pytest.raises(NothingToLearn):
        node.learning.learn("HU", by="a", now=1_793_000_100_000)
    version = node.learning.learn("BE", by="a", now=1_793_000_100_000)
    assert odds(node, line(SYLLABLES, 99, jurisdiction="BE"))[1] == version.model
    shipped = learned.load(None).version
    assert odds(node, line(SYLLABLES, 99, jurisdiction="DE"))[1] == shipped
    assert odds(node, line(SYLLABLES, 99))[1] == shipped
    many = line(SYLLABLES, 98, jurisdiction="BE") + b"\n" + line(SYLLABLES, 98, jurisdiction="DE")
    found = node.check(node.new_raw(many, intake="check"))
    assert [one.verdict.model for one in found if isinstance(one, Finding)] == [version.model, shipped]


def test_a_version_that_is_worse_is_kept_and_not_used(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    from counterspam.detect import guard

    store(node, *messages(10, jurisdiction="CH"))
    decide_all(node, rows(node, "CH"))
    monkeypatch.setattr(guard, "WORSE_LOSS", -10.0)
    version = node.learning.learn("CH", by="a", now=1_793_000_100_000)
    assert not version.record["test"]["passed"]
    assert "loss" in version.record["test"]["why"]
    assert "CH" not in versions.state(node.learning.root).chosen
    assert odds(node, line(SYLLABLES, 99, jurisdiction="CH"))[1] == learned.load(None).version
    assert "Not passed" in versions.card(version)


def test_a_changed_decision_counts_as_it_stands(node: Node) -> None:
    store(node, *messages(6, jurisdiction="DK"))
    decide_all(node, rows(node, "DK"), wrong=True)
    decide_all(node, rows(node, "DK"))
    version = node.learning.learn("DK", by="a", now=1_793_000_100_000)
    assert version.record["lessons"] == 12
    assert odds(node, line(SYLLABLES, 3, jurisdiction="DK"))[0] > odds(node, line(HAM, 3, jurisdiction="DK"))[0]
    with node.records.read() as conn:
        assert len(decisions.history(conn, str(rows(node, "DK")[0]["id"]))) == 2


def test_reports_count_as_far_as_their_reporters_agree_with_analysts(node: Node) -> None:
    good = {"source": "user-report", "reporter": "good", "reported_spam": True, "jurisdiction": "ES"}
    bad = {"source": "user-report", "reporter": "bad", "reported_spam": True, "jurisdiction": "ES"}
    store(node, *(line(SYLLABLES, n, **good) for n in range(12)), *(line(HAM, n, **bad) for n in range(12)))
    found = rows(node, "ES")
    decided = [row for row in found if is_spam(row)][:6] + [row for row in found if not is_spam(row)][:6]
    decide_all(node, decided)
    with node.records.read() as conn:
        assert {one.reported for one in decisions.standing(conn) if one.jurisdiction == "ES"} == {1}
    now = int(time.time() * 1000) + 1000
    version = node.learning.learn("ES", by="a", now=now)
    learned_from = version.record["learned"]
    assert learned_from["basis"]["decision"] == 12
    assert 1 <= learned_from["basis"]["report"] <= 6  # those of the reliable reporter only
    assert learned_from["label"]["ham"] == 6


def test_what_cannot_be_read_again_is_counted(node: Node) -> None:
    store(node, *messages(3, jurisdiction="FI"))
    decide_all(node, rows(node, "FI"))
    node.blobs.expire(2**41)
    with pytest.raises(NothingToLearn, match="6 could not be read again"):
        node.learning.learn("FI", by="a", now=1_793_000_100_000)


def test_a_damaged_version_is_not_used_and_stops_nothing(node: Node) -> None:
    store(node, *messages(6, jurisdiction="GR"))
    decide_all(node, rows(node, "GR"))
    version = node.learning.learn("GR", by="a", now=1_793_000_100_000)
    assert odds(node, line(HAM, 1, jurisdiction="GR"))[1] == version.model
    (version.folder / "model.npz").write_bytes(b"PK")
    active = node.learning.root / "active.json"
    active.write_text(active.read_text() + " ")
    assert odds(node, line(HAM, 1, jurisdiction="GR"))[1] == learned.load(None).version
    active.write_text("{")
    assert odds(node, line(HAM, 1, jurisdiction="GR"))[1] == learned.load(None).version
    active.unlink()


def test_drift_is_watched(node: Node) -> None:
    store(node, *messages(20, jurisdiction="HU"))
    decide_all(node, rows(node, "HU"), wrong=False)
    seen = node.learning.watch("HU", int(time.time() * 1000) + 1000)
    assert seen.recent == 40
    assert sum(seen.records) == 40
    assert seen.stability is None
    assert seen.errors == pytest.approx(0.5, abs=0.15)
    assert "errors" in seen.alarms


def test_nodes_exchange_what_they_learned(node: Node) -> None:
    store(node, *messages(20, jurisdiction="IT"))
    decide_all(node, rows(node, "IT"))
    with pytest.raises(ConfigError, match="shipped"):
        exchange.export(node.learning, "IT", least=3, now=1)
    made = node.learning.learn("IT", by="a", now=1_793_000_100_000)
    file = exchange.export(node.learning, "IT", least=3, now=1_793_000_200_000)
    assert all(word.encode() not in file for word in SYLLABLES)
    told = delta.read(file)
    shipped = odds(node, line(SYLLABLES, 77, jurisdiction="PT"))
    taken = exchange.take_in(node.learning, "PT", told, [1.0], by="a", now=1_793_000_300_000)
    assert taken.record["test"]["why"].startswith("only 0 decisions here to test it with")
    assert odds(node, line(SYLLABLES, 77, jurisdiction="PT")) == shipped
    node.learning.activate("PT", taken.name, by="a", now=1_793_000_300_000)
    after = odds(node, line(SYLLABLES, 77, jurisdiction="PT"))
    assert after[1] == taken.model
    assert after[0] > shipped[0] + 0.5
    assert made.model != taken.model
    with pytest.raises(ConfigError, match="already"):
        exchange.take_in(node.learning, "PT", told, [1.0], by="a", now=1_793_000_300_000)
    with pytest.raises(ConfigError, match="trust"):
        exchange.take_in(node.learning, "PT", told, [1.5], by="a", now=1_793_000_300_000)
    with pytest.raises(ConfigError, match="nothing to tell"):  # what others learned is not passed on
        exchange.export(node.learning, "PT", least=3, now=1)
    with pytest.raises(ConfigError, match="belongs to"):
        exchange.take_in(node.learning, "PT", [replace(told[0], base="0" * 12)], [1.0], by="a", now=1)
    assert "delta: 40" in versions.card(taken)


def test_what_others_learned_is_used_where_decisions_test_it(node: Node) -> None:
    for place in ("SE", "NO"):
        store(node, *messages(20, jurisdiction=place))
        decide_all(node, rows(node, place))
    node.learning.learn("SE", by="a", now=1_793_000_100_000)
    told = delta.read(exchange.export(node.learning, "SE", least=3, now=1_793_000_200_000))
    lie = [replace(told[0], values=-told[0].values)]
    wrong = exchange.take_in(node.learning, "NO", lie, [1.0], by="a", now=1_793_000_300_000)
    assert wrong.record["test"]["why"].startswith("held out: ")
    good = exchange.take_in(node.learning, "NO", told, [1.0], by="a", now=1_793_000_400_000)
    assert good.record["test"]["passed"]
    assert odds(node, line(SYLLABLES, 77, jurisdiction="NO"))[1] == good.model
