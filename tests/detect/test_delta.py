"""Deltas: what is told and what not, the way there and back, hostile files, and averaging under poison."""

import contextlib
import json
from typing import Any

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from counterspam.detect import delta, learned, merge, support, views
from counterspam.detect.delta import CLIP, MAGIC, MOST_BUCKETS, MOST_DELTAS, NORM, Delta, make, read, write
from counterspam.detect.learned import Model
from counterspam.detect.learner import Learner
from counterspam.errors import ConfigError
from counterspam.model import Evidence
from counterspam.taxonomy import Channel, Source

SIZE = 4096


def evidence(text: str) -> Evidence:
    return Evidence(
        id="",
        key="",
        received_at=0,
        observed_at=0,
        channel=Channel.SMS,
        source=Source.USER_REPORT,
        format="",
        intake="",
        text=text,
    )


def some(values: dict[int, float], messages: int = 100, base: str = "0123456789ab") -> Delta:
    places = sorted(values)
    return Delta(
        base,
        SIZE,
        messages,
        3,
        7,
        np.array(places, np.uint32),
        np.array([values[place] for place in places], np.float32),
    )


halves = st.floats(-CLIP, CLIP, width=16).filter(bool)


@given(st.lists(st.dictionaries(st.integers(0, SIZE - 1), halves, min_size=1, max_size=60), min_size=1, max_size=4))
def test_a_delta_is_read_as_it_was_written(several: list[dict[int, float]]) -> None:
    made = [some(values) for values in several]
    found = read(b"".join(write(one) for one in made))
    assert [one.sha256 for one in found] == [one.sha256 for one in made]
    for one, other in zip(found, made, strict=True):
        assert np.array_equal(one.buckets, other.buckets)
        assert np.array_equal(one.values, other.values)
        assert (one.base, one.size, one.messages, one.least, one.made_at) == ("0123456789ab", SIZE, 100, 3, 7)


@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_do_more_than_a_clear_error(junk: bytes, cut: int) -> None:
    good = write(some({1: 0.5, 9: -0.25}))
    for data in (junk, MAGIC + junk, good[:cut] + junk, good[: len(good) // 2], good + junk):
        with contextlib.suppress(ConfigError):
            read(data)


def test_every_changed_byte_is_noticed() -> None:
    good = write(some(dict.fromkeys(range(50), 0.5)))
    for place in range(len(MAGIC), len(good)):
        bad = bytearray(good)
        bad[place] ^= 0x41
        with pytest.raises(ConfigError):
            read(bytes(bad))


def forged(raw: bytes, **header: Any) -> bytes:
    """A file whose hash is right, whatever it holds."""
    count = len(raw) // 6
    given = {
        "base": "b",
        "format": 1,
        "size": SIZE,
        "messages": 9,
        "least": 3,
        "made_at": 0,
        "buckets": count,
        **header,
    }
    try:
        one = Delta(
            given["base"], given["size"], given["messages"], given["least"], given["made_at"],
            np.frombuffer(raw, "<u4", count), np.frombuffer(raw, "<f2", count, 4 * count).astype(np.float32),
        )  # fmt: skip
        given["sha256"] = one.sha256
    except (ValueError, TypeError):
        given["sha256"] = "0" * 64
    head = json.dumps(given).encode()
    packed = zstandard.ZstdCompressor().compress(raw)
    return MAGIC + len(head).to_bytes(4) + head + len(packed).to_bytes(4) + packed


def content(buckets: list[int], values: list[float]) -> bytes:
    return np.array(buckets, "<u4").tobytes() + np.array(values, "<f2").tobytes()


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (forged(content([1, 2], [0.5, float("nan")])), "no numbers"),
        (forged(content([1, 2], [0.5, float("inf")])), "no numbers"),
        (forged(content([1, 2], [0.5, 3.0])), "beyond the bounds"),
        (forged(content(list(range(2000)), [1.0] * 2000)), "beyond the bounds"),
        (forged(content([2, 1], [0.5, 0.5])), "ascend"),
        (forged(content([1, 1], [0.5, 0.5])), "ascend"),
        (forged(content([1, SIZE], [0.5, 0.5])), "outside"),
        (forged(content([1], [0.5]), buckets=2), "another size"),
        (forged(content([1], [0.5]), buckets=MOST_BUCKETS + 1), "cannot be"),
        (forged(content([1], [0.5]), buckets=-1), "damaged"),
        (forged(content([1], [0.5]), size="many"), "damaged"),
        (forged(content([1], [0.5]), messages=True), "damaged"),
        (forged(content([1], [0.5]), least=1), "cannot be"),
        (forged(content([1], [0.5]), format=2), "format 2"),
        (forged(content([1], [0.5]), messages=2), "cannot be"),
        (forged(b"\0" * 300_000_000, buckets=50_000_000), "cannot be"),  # a bomb of 27 KB
        (forged(b"\0" * 300_000_000, buckets=10), "another size"),
        (MAGIC + b"\xff\xff\xff\xff" + b"x" * 100, "at most"),
        (MAGIC + (4).to_bytes(4) + b"[]{}" + (0).to_bytes(4), "damaged"),
        (MAGIC + (4000).to_bytes(4) + b"[" * 4000 + (0).to_bytes(4), "damaged"),
        (b"PK\x03\x04", "CSDELTA1"),
        (b"", "empty"),
        (write(some({1: 0.5})) * (MOST_DELTAS + 1), "more than"),
    ],
)
def test_hostile_files_give_a_clear_error(file: bytes, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        read(file)


def test_only_what_several_messages_share_is_told() -> None:
    before = Model.empty()
    secret = "qqzzxv wwkkyy 4141"
    texts = [f"zorble quandrix {word}" for word in ("alpha", "beta", "gamma", "delta")] + [secret] * 5
    after = before.copy()
    for text in texts:
        Learner(after, again=0).learn(views.read([evidence(text)]), True)
    met = support.more(support.empty(len(before.weights)), before, map(evidence, texts))
    assert met.messages == 5  # copies of one text are one message
    told = make(after.weights, met, "b")
    alone = set(before.features(evidence(secret)).tolist())
    shared = set.intersection(*(set(before.features(evidence(text)).tolist()) for text in texts[:4]))
    assert shared <= set(told.buckets.tolist())
    assert not (alone - shared) & set(told.buckets.tolist())
    with pytest.raises(ConfigError, match="nothing to tell"):
        make(after.weights, met, "b", least=6)
    with pytest.raises(ConfigError, match="single people"):
        make(after.weights, met, "b", least=2)


@given(st.lists(st.floats(-50, 50, width=32), min_size=1, max_size=3000))
@settings(max_examples=50)
def test_what_is_told_keeps_its_bounds(values: list[float]) -> None:
    told = delta.bounded(np.array(values, np.float32))
    assert float(np.abs(told).max()) <= CLIP
    assert float(np.linalg.norm(told)) <= NORM * 1.001


def test_the_heaviest_are_told_when_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delta, "MOST_BUCKETS", 2)
    after = np.array([0.1, -0.9, 0.5, 0.2], np.float32)
    met = support.Support(np.full(4, 5, np.uint16), np.arange(5, dtype=np.uint64))
    assert make(after, met, "b").buckets.tolist() == [1, 2]


# Averaging


def weights(
    *deltas: Delta, trust: tuple[float, ...] = (), own: dict[int, float] | None = None, messages: int = 0
) -> Any:
    mine = np.zeros(SIZE, np.float32)
    for place, value in (own or {}).items():
        mine[place] = value
    return merge.joined(mine, messages, deltas, trust or (1.0,) * len(deltas))


def test_one_delta_is_followed_as_far_as_it_is_trusted() -> None:
    assert weights(some({5: 0.5}))[5] == pytest.approx(0.5)
    assert weights(some({5: 0.5}), trust=(0.5,))[5] == pytest.approx(0.25)
    assert np.count_nonzero(weights(some({5: 0.5}))) == 1


def test_two_are_weighed_by_trust_and_messages() -> None:
    found = weights(some({5: 0.8}, messages=300), some({5: 0.0 + 0.4}, messages=100))
    assert found[5] == pytest.approx(0.7, abs=1e-3)


def test_what_was_learned_here_counts_by_its_messages() -> None:
    found = weights(some({5: 0.8}, messages=100), own={5: 0.4, 6: 0.3}, messages=300)
    assert found[5] == pytest.approx(0.5, abs=1e-3)
    assert found[6] == pytest.approx(0.3)


def test_a_poisoned_delta_among_honest_ones_does_little() -> None:
    honest = [some({5: value, 6: -0.2}) for value in (0.30, 0.32, 0.34, 0.36)]
    poison = some({5: -1.0, 6: 1.0, 7: 1.0}, messages=10_000_000)
    found = weights(*honest, poison)
    assert 0.30 <= found[5] <= 0.34
    assert found[6] == pytest.approx(-0.2, abs=1e-3)
    assert found[7] == 0  # only one tells it


@given(
    st.lists(st.dictionaries(st.integers(0, 20), halves, min_size=1), min_size=3, max_size=7),
    st.dictionaries(st.integers(0, 20), halves, min_size=1),
)
@settings(max_examples=60)
def test_one_liar_stays_within_what_the_others_say(honest: list[dict[int, float]], lie: dict[int, float]) -> None:
    found = weights(*(some(values) for values in honest), some(lie))
    for place in range(21):
        said = [values[place] for values in honest if place in values]
        if len(said) >= 3:
            assert min(said) - 1e-3 <= found[place] <= max(said) + 1e-3


def test_support_is_kept_beside_the_model(tmp_path: Any) -> None:
    model = learned.load(None)
    met = support.more(
        support.empty(len(model.weights)), model, [evidence("zorble quandrix"), evidence("ZORBLE quandrix!")]
    )
    support.save(met, tmp_path)
    again = support.load(tmp_path, len(model.weights))
    assert again.messages == 1
    assert np.array_equal(again.counts, met.counts)
    assert support.more(again, model, [evidence("zorble quandrix")]).messages == 1
    with pytest.raises(ConfigError, match="another size"):
        support.load(tmp_path, 5)
    (tmp_path / "support.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(ConfigError, match="cannot be read"):
        support.load(tmp_path, 5)
