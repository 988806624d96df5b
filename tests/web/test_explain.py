"""Verdicts in six languages: every answer and reason of every check has its words, old records still show."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest

from counterspam import pipeline, reasons
from counterspam.model import Check
from counterspam.reasons import REASONS, answer
from counterspam.taxonomy import ContentType
from counterspam.web import explain
from counterspam.web.format import percent, share
from counterspam.web.language import LANGUAGES, gettext, spoken

ROOT = Path(__file__).resolve().parents[2]
DETECT = ROOT / "src" / "counterspam" / "detect"
VALUES = {
    "brand": "DHL", "host": "b.example", "ending": ".top", "results": ["SPF fail"], "n": 5, "calls": 1200, "callees": 900,
    "short": 0.95, "seconds": 12, "kind": "parcel", "phrases": ["your parcel", "fee"],
}  # fmt: skip


def answers(check: str) -> set[str]:
    """The answers of a check, from the table that documents them, for `learned` and `text` from what they can say."""
    if check == "text":
        return {"none", "nothing"} | {kind.value for kind in ContentType} - {"ham", "other", "unknown"}
    if check == "learned":
        return {"spam 0.97", "ham 0.02", "no text", "unknown"}
    text = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"| `{check}`"))
    return set(re.findall(r"`([\w-]+)`", row.split("|")[3]))


def written(check: str) -> set[str]:
    """The answers that stand in the source of a check, as second argument of `Check` or `answer`."""
    tree = ast.parse((DETECT / f"{check}.py").read_text(encoding="utf-8"))
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    return {
        str(call.args[1].value)
        for call in calls
        if call.func.id in ("Check", "answer") and len(call.args) > 1 and isinstance(call.args[1], ast.Constant)  # type: ignore[attr-defined]
    }


NAMES = tuple(module.__name__.rpartition(".")[2] for module in pipeline.CHECKS)


def sample(key: str) -> Check:
    """A check with the reason `key` and every value that it names."""
    name, _, reason = key.partition(".")
    places = re.findall(r"%\((\w+)\)s", REASONS[key])
    return answer(name, "plain", 0.0, (reason, {place: VALUES[place] for place in places}))


@pytest.mark.parametrize("check", NAMES)
def test_the_answers_in_the_source_are_those_of_the_documentation(check: str) -> None:
    assert written(check) <= answers(check)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("check", NAMES)
def test_every_answer_of_every_check_has_words(check: str, lang: str) -> None:
    for said in answers(check):
        with spoken(lang):
            shown = explain.said(Check(check, said))
            assert shown
            assert shown != said
            assert explain.name(check) != check
            if lang != "en":
                with spoken("en"):
                    english = explain.said(Check(check, said))
                assert shown != english or said in ("questionnaire", "software"), (check, said)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_reason_is_a_sentence_with_its_values_set_apart(lang: str) -> None:
    for key, english in REASONS.items():
        with spoken(lang):
            text = str(explain.why(sample(key)))
        assert "%(" not in text, key
        assert 'lang="en"' not in text, key
        for place in re.findall(r"%\((\w+)\)s", english):
            assert "<bdi>" in text, (key, place)
        if lang != "en":
            with spoken(lang):
                assert gettext(english) != english, key


@pytest.mark.parametrize("check", NAMES)
def test_every_answer_has_a_general_sentence_or_its_own_reason(check: str) -> None:
    """So that the page can say it even where a record holds no reasons."""
    keys = {key.partition(".")[2] for key in REASONS if key.startswith(f"{check}.")}
    for said in answers(check) - {kind.value for kind in ContentType}:
        assert said.partition(" 0.")[0] in keys, (check, said)


def test_every_reason_that_a_check_gives_has_a_wording() -> None:
    for check in NAMES:
        for said in written(check):
            if check not in ("text", "learned", "obfuscation") and f"{check}.{said}" in REASONS:
                assert "%(" in REASONS[f"{check}.{said}"] or answer(check, said).detail


def test_what_is_stored_is_read_back_and_is_smaller_than_its_sentence() -> None:
    given = answer("links", "shortener", 0.8, ("shortener", {"host": "bit.ly"}), "link")
    row = reasons.stored(given, 500)
    assert row == ["links", "shortener", 0.8, [["shortener", {"host": "bit.ly"}], "link"]]
    assert reasons.read(row) == given
    assert reasons.stored(answer("source", "trap", 3.5), 500) == ["source", "trap", 3.5, ["trap"]]
    old = reasons.read(["source", "trap", 3.5, "it came to a spam trap, which asks for no mail"])
    assert (old.detail, old.reasons) == ("it came to a spam trap, which asks for no mail", ())
    newer = reasons.read(["links", "odd", 1.0, ["not-known-here", "link"]])
    assert newer.detail == "a message with a link"


def test_old_records_are_translated_where_their_line_is_one_of_ours_and_shown_in_english_where_not() -> None:
    with spoken("fr"):
        assert explain.why(Check("source", "user-report", 1.0, "a person reported it")) == "une personne l’a signalé"
        assert explain.why(Check("obfuscation", "letters", 1.0, "7 letters are disguised or invisible")).startswith(
            "des "
        )
        odd = explain.why(Check("links", "look-alike", 2.0, "it links to http://<b>x.example"))
        assert odd == '<bdi lang="en">it links to hxxp://&lt;b&gt;x[.]example</bdi>'
    assert explain.why(Check("links", "look-alike", 2.0, "it links to x.example")) == "it links to x[.]example"


def test_hostile_values_are_harmless() -> None:
    given = answer("links", "mismatch", 0.8, ("mismatch", {"host": "<script>\u202e.example"}))
    for lang in LANGUAGES:
        with spoken(lang):
            text = str(explain.why(given))
        assert "<script>" not in text
        assert "\u202e" not in text


def row(**fields: Any) -> dict[str, Any]:
    return {"probability": 0.97, "seen_before": 0, **fields}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_summary_lists_reasons_in_the_language_spoken(lang: str) -> None:
    checks = [
        ["learned", "spam 0.99", 4.0, "its wording is like that of known spam"],
        ["authentication", "passed", -0.5, [["passed", {"results": ["SPF pass"]}]]],
        ["calling", "none", 0.0, ["none"]],
    ]
    with spoken(lang):
        found = explain.explained(row(), {"checks": checks})
        assert found["opening"] == gettext("Very likely spam (%(share)s)") % {"share": explain.percent(0.97)}
        assert found["speaks_for"] == [gettext("its wording is like that of known spam")]
        assert len(found["against"]) == 1
        assert len(found["checks"]) == 3
        seen = explain.explained(row(seen_before=41), {"checks": checks})
        assert len(seen["checks"]) == 4
        assert "41" in seen["checks"][3]["why"]


def test_a_list_of_the_node_decides_alone_and_nothing_stored_is_nothing_said() -> None:
    checks = [["learned", "spam 0.99", 4.0, "x"], ["lists", "allowed", 0.0, ["allowed"]]]
    found = explain.explained(row(probability=0.001), {"checks": checks})
    assert (found["opening"], found["speaks_for"]) == ("Not spam", [])
    assert found["against"] == ["the sender is on this node&#39;s allow-list"]
    assert explain.explained(row(), {"checks": []})["opening"] == ""


def test_the_strongest_stretches_come_first_with_their_words() -> None:
    texts = {"subject": ("Subject", "You won"), "text": ("Text", "claim your prize now")}
    spans = [("text", 6, 16, 0.5), ("subject", 0, 7, -1.5), ("text", 0, 0, 9.0), ("other", 0, 3, 1.0)]
    assert explain.strongest(texts, spans) == [
        {"place": "Subject", "text": "You won", "weight": -1.5},
        {"place": "Text", "text": "your prize", "weight": 0.5},
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_style_is_told_with_its_errors_or_abstains(lang: str) -> None:
    with spoken(lang):
        like = explain.style({"score": 0.98, "wrong": 0.0276})
        unlike, silent = explain.style({"score": 0.05, "wrong": 0.0276}), explain.style(None)
        assert share(0.98, 1) in like
        assert percent(0.0276, 1) in like
        assert share(0.05, 1) in unlike
    assert len({like, unlike, silent}) == 3
    if lang == "en":
        assert "is like that of machine-written text" in like
        assert "is not like that" in unlike
        assert "abstains" in silent
