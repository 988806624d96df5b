"""Near-duplicate keys: what small edits keep together and what they must keep apart."""

import itertools
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.group import minhash

PARCEL = (
    "your parcel is waiting at the depot, please pay the small customs fee today or it will be returned to the sender"
)
JOB = "we are hiring people who want to work from home, write to our manager and tell her when you are free to begin"
SYLLABLES = (("ba", "ko", "ti", "mur", "sel"), ("n", "rr", "lla", "sto", "pe"), ("da", "e", "ix", "on"))
WORDS = ["".join(parts) for parts in itertools.product(*SYLLABLES)]
CHINESE = "您的包裹因地址不详无法派送请尽快点击链接更新地址信息谢谢 "


def keys(text: str) -> list[bytes]:
    return minhash.keys([text])[0]


def shared(one: str, other: str) -> bool:
    return bool(set(keys(one)) & set(keys(other)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PARCEL + " at http://post.example/a1", PARCEL + " at http://parcel.example/zz"),
        ("fee 2.99: " + PARCEL, "fee 17,50: " + PARCEL),
        (PARCEL, PARCEL.replace(",", "") + "!!!"),
        (PARCEL, PARCEL.replace("small ", "")),
        (PARCEL, "hello, " + PARCEL),
        (CHINESE + "http://a.example/1", CHINESE + "http://b.example/2"),
        ("ваша посылка ожидает на складе, оплатите сбор 100 руб", "ваша посылка ожидает на складе, оплатите сбор 250 руб"),
    ],
)  # fmt: skip
def test_small_edits_share_a_key(one: str, other: str) -> None:
    assert shared(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PARCEL, JOB),
        ("ok see you at 5", "ok see you at 6"),
        ("123456 is your code", "654321 is your code"),
        ("http://a.example/1 http://b.example/2", "http://c.example/3 http://d.example/4"),
        ("", ""),
    ],
)
def test_unrelated_or_empty_texts_share_none(one: str, other: str) -> None:
    assert not shared(one, other)


def test_slots_are_masked_and_punctuation_is_not_read() -> None:
    masked, letters, ideographs = minhash.template("pay 2.99 at post.example/x, mail me@example.com - now!")
    assert masked.split() == ["pay", "\x01", "at", "\x01", "mail", "\x01", "now"]
    assert (letters, ideographs) == (len("payatmailnow"), 0)


def test_a_full_stop_at_the_end_of_a_word_makes_no_link() -> None:
    assert minhash.template("call me. now")[0] == "call me now"


def test_chinese_is_counted_by_character() -> None:
    masked, letters, ideographs = minhash.template("您好abc点击http://a.example/1吧")
    assert (letters, ideographs) == (3, 5)
    assert masked == "您好abc点击\x01吧"


def rate(similarity: float, trials: int = 400) -> float:
    """How often two sets of 200 hashes with this Jaccard similarity share a band."""
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(trials):
        both = round(200 * similarity)
        pool = rng.integers(0, 2**32, both + 2 * (200 - both), dtype=np.uint64)
        hashes = np.concatenate([pool[:200], pool[:both], pool[200:]])
        one, other = minhash.minima(np.repeat(np.arange(2, dtype=np.uint64), 200), hashes, 2)
        bands = (one == other).reshape(minhash.BANDS, minhash.ROWS).all(axis=1)
        hits += bool(bands.any())
    return hits / trials


def test_the_curve_is_that_of_the_docstring() -> None:
    for overlap in (0.55, 0.67, 0.9, 0.95):
        jaccard = overlap / (2 - overlap)
        expected = 1 - (1 - jaccard**minhash.ROWS) ** minhash.BANDS
        assert rate(overlap) == pytest.approx(expected, abs=0.08)


def test_planted_mutations_of_one_text_are_found() -> None:
    """One campaign: word changes, slots, insertions, each to one message in its own way."""
    rng = random.Random(3)
    found = 0
    for _ in range(300):
        words = rng.choices(WORDS, k=30)
        changed = list(words)
        changed[rng.randrange(30)] = rng.choice(WORDS)
        changed.insert(rng.randrange(30), str(rng.randrange(10_000)))
        found += shared(" ".join(words), " ".join(changed))
    assert found >= 0.85 * 300


def test_sentences_in_another_order_are_found() -> None:
    rng = random.Random(4)
    found = 0
    for _ in range(200):
        sentences = [" ".join(rng.choices(WORDS, k=12)) for _ in range(4)]
        found += shared(". ".join(sentences), ". ".join(rng.sample(sentences, k=4)))
    assert found >= 0.9 * 200


def test_texts_of_one_small_vocabulary_are_kept_apart() -> None:
    """What two unrelated texts of one language have in common: some words, not their order."""
    rng = random.Random(5)
    texts = [set(keys(" ".join(rng.sample(WORDS, k=25)))) for _ in range(300)]
    joined = sum(bool(one & other) for one, other in itertools.combinations(texts, 2))
    assert joined <= 0.002 * len(texts) * (len(texts) - 1) / 2


@given(st.text(max_size=600))
def test_any_text_gives_at_most_eight_keys_and_always_the_same(text: str) -> None:
    found = keys(text)
    assert len(found) <= 1 + minhash.BANDS
    assert found == keys(text)


def test_a_huge_text_is_read_in_part() -> None:
    assert keys("abcdefgh " * 1_000_000) == keys("abcdefgh " * 2_000)


def test_a_word_without_end_is_a_slot() -> None:
    assert minhash.template("a" * 1000 + "1")[0] == "\x01"


@given(st.lists(st.text(max_size=200), max_size=20))
def test_together_they_get_the_keys_that_each_gets_alone(texts: list[str]) -> None:
    assert minhash.keys(texts) == [keys(text) for text in texts]
