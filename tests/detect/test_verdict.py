"""How answers become a verdict."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.detect import duplicate, facts, kinds, verdict
from counterspam.model import Check, Evidence
from counterspam.taxonomy import Channel, ContentType, Nature
from counterspam.tools import Tools

PLAIN = Check("source", "user-report", 1.0, "a person reported it")


def test_the_sentence_names_the_strongest_reasons_and_what_speaks_against(
    make: Callable[..., Evidence], tools: Tools
) -> None:
    evidence = make(text="x")
    answers = (
        PLAIN,
        Check("links", "look-alike", 2.0, "it links to a look-alike of DHL"),
        Check("learned", "spam", 4.0, "its wording is that of spam"),
        Check("authentication", "passed", -0.5, "its authentication passes (SPF pass)"),
        Check("calling", "none", 0.0, "no calling pattern"),
    )
    assert verdict.judge(evidence, facts.derive(evidence), answers, tools).spans == ()  # nobody asked for them
    found = verdict.judge(evidence, facts.derive(evidence), answers, replace(tools, spans=True))
    assert found.summary == (
        "Very likely spam (over 99 %): its wording is that of spam, it links to a look-alike of DHL, "
        "a person reported it; against: its authentication passes (SPF pass)."
    )
    assert found.spans


def test_stretches_of_text_are_shown_only_near_spam(make: Callable[..., Evidence], tools: Tools) -> None:
    evidence = make(text="see you at eight")
    found = verdict.judge(
        evidence,
        facts.derive(evidence),
        (Check("learned", "ham", -4.0, "it reads like ham"),),
        replace(tools, spans=True),
    )
    assert not found.spam
    assert not found.spans
    assert found.content_type is ContentType.HAM
    assert found.summary == "Very likely not spam (under 1 %): it reads like ham."


def test_the_allow_list_beats_everything(make: Callable[..., Evidence], tools: Tools) -> None:
    evidence = make(text="x")
    answers = (
        Check("learned", "spam", 20.0, "spam"),
        Check("lists", "allowed", 0.0, "the sender is on this node's allow-list"),
    )
    found = verdict.judge(evidence, facts.derive(evidence), answers, tools)
    assert (found.spam, found.probability, found.summary) == (
        False,
        0.001,
        "Not spam: the sender is on this node's allow-list.",
    )
    answers = (Check("learned", "ham", -20.0, "ham"), Check("lists", "blocked", 0.0, "listed"))
    assert verdict.judge(evidence, facts.derive(evidence), answers, tools).spam


def test_the_threshold_is_the_nodes(make: Callable[..., Evidence], with_lists: Callable[..., Tools]) -> None:
    evidence = make(text="x")
    for threshold, spam in ((0.3, True), (0.9, False)):
        found = verdict.judge(evidence, facts.derive(evidence), (PLAIN,), with_lists(spam_threshold=threshold))
        assert found.spam is spam


@given(st.lists(st.floats(-50, 50), max_size=12))
def test_probability_is_clipped_and_grows_with_the_weights(weights: list[float]) -> None:
    checks = [Check("x", "y", weight) for weight in weights]
    low, high = verdict._probability(checks, ""), verdict._probability([*checks, Check("x", "y", 1.0)], "")
    assert 0.001 <= low <= high <= 0.999


def test_a_complaint_names_the_kind_of_spam(make: Callable[..., Evidence], tools: Tools) -> None:
    for claim, kind in (
        ("Reducing your debt (credit cards, mortgage, student loans)", ContentType.DEBT_RELIEF),
        ("Warranties & protection plans", ContentType.ROBOCALL),
        ("content/malware", ContentType.MALWARE),
        ("spam", ContentType.UNKNOWN),
    ):
        evidence = make(channel=Channel.VOICE, claimed=claim, reported_spam=True)
        answers = (Check("source", "reported", 2.3, "reported"),)
        assert verdict.judge(evidence, facts.derive(evidence), answers, tools).content_type is kind, claim


@pytest.mark.parametrize("channel", [Channel.WEB, Channel.SMS])
def test_what_the_words_say_is_finer_than_phishing(
    make: Callable[..., Evidence], tools: Tools, channel: Channel
) -> None:
    evidence = make(channel=channel, claimed="content/phishing", reported_spam=True)
    for said, kind in (("parcel", ContentType.PARCEL), ("nothing", ContentType.PHISHING)):
        answers = (Check("source", "reported", 2.3, "reported"), Check("text", said, 0.5, "words"))
        assert verdict.judge(evidence, facts.derive(evidence), answers, tools).content_type is kind


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=50))
def test_bulk_is_nothing_for_a_first_message_grows_and_is_bounded(seen: list[int]) -> None:
    import numpy as np

    weights = duplicate.bulk(np.array(sorted(seen), dtype=np.uint32))
    assert weights.dtype == np.float64
    assert (np.diff(weights) >= 0).all()
    assert ((weights >= 0) & (weights <= duplicate.MOST)).all()
    assert duplicate.bulk(np.array([0]))[0] == 0
    assert duplicate.bulk(np.array([9]))[0] == pytest.approx(0.4)


OPINIONS = (
    "Vote for the Horizon list on Sunday, this government has failed us",
    "صوتوا لقائمة الأمل يوم الأحد",
    "В воскресенье голосуйте за Соколова",
    "Esta reforma es injusta, el domingo vota por el Frente Azul",
)


@pytest.mark.parametrize("text", OPINIONS)
def test_an_opinion_is_never_influence_for_what_it_says(make: Callable[..., Evidence], tools: Tools, text: str) -> None:
    evidence = make(channel=Channel.SOCIAL, text=text, reported_spam=True)
    known = facts.derive(evidence)
    political = (Check("source", "reported", 2.3, "reported"), Check("text", "political", 0.0, "words"))
    copies, hidden = Check("duplicate", "bulk", 1.0, "copies"), Check("numbers", "unassigned", 1.0, "cannot exist")
    for signs, nature in (
        ((), Nature.NON_COMMERCIAL),
        ((copies,), Nature.NON_COMMERCIAL),
        ((hidden,), Nature.NON_COMMERCIAL),
        ((copies, hidden), Nature.INFLUENCE),
    ):
        found = verdict.judge(evidence, known, political + signs, tools)
        assert (found.content_type, found.nature) == (ContentType.POLITICAL, nature), signs


def test_a_learned_head_adds_its_points_to_the_kinds(make: Callable[..., Evidence]) -> None:
    evidence = make(text="your parcel waits at the depot")
    known = facts.derive(evidence)
    assert kinds.named(evidence, known, {}) is ContentType.PARCEL
    known.kind_odds = {ContentType.JOB: 20.0}
    assert kinds.named(evidence, known, {}) is ContentType.JOB


def test_words_of_other_languages_count_less(make: Callable[..., Evidence]) -> None:
    """The French "ma" is no Indonesian mother."""
    evidence = make(text="C'est ma soeur qui vient chez nous pour la semaine avec les enfants")
    assert ContentType.FAMILY not in kinds.points(evidence, facts.derive(evidence), {})


@given(st.text(max_size=400))
def test_any_text_has_points_for_known_kinds_only(text: str) -> None:
    from tests.detect.conftest import build

    evidence = build(text=text, subject=text[:50])
    found = kinds.points(evidence, facts.derive(evidence), {})
    assert all(isinstance(kind, ContentType) and count >= 0 for kind, count in found.items())
