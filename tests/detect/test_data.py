"""The data files are whole: every kind of spam has phrases, in the languages that were promised."""

import pytest

from counterspam.detect import hosts, language, ranges, tables, text
from counterspam.taxonomy import ContentType

LANGUAGES = ("en", "fr", "es", "pt", "de", "it", "tr", "id", "ru", "ar", "zh", "hi")
WIDE = [
    "advance-fee",
    "parcel",
    "fine-toll",
    "tax",
    "bank",
    "account-phishing",
    "job-offer",
    "investment",
    "crypto-investment",
    "romance",
    "hi-mum",
    "adult",
    "pharmacy",
    "gambling",
    "loan",
    "extortion",
    "tech-support",
    "wangiri",
]


def _languages() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    kind = ""
    for line in tables.lines("content_words.txt"):
        if line.startswith("["):
            kind = line.strip("[]")
        else:
            found.setdefault(kind, set()).add(line.partition(":")[0])
    return found


def test_every_kind_has_phrases() -> None:
    expected = {kind.value for kind in ContentType} - {"ham", "other", "unknown"}
    assert set(_languages()) == expected
    assert all(phrase and "*" not in phrase.rstrip("*") for phrase, _, _ in text.PHRASES)


@pytest.mark.parametrize("kind", WIDE)
def test_the_wide_kinds_have_phrases_in_twelve_languages(kind: str) -> None:
    missing = set(LANGUAGES) - _languages()[kind]
    assert not missing


def test_every_phrase_is_found_where_it_stands() -> None:
    for phrase, kind, points in text.PHRASES:
        scores, _ = text.score(f" {phrase.rstrip('*')} ")
        assert scores.get(kind, 0) >= points, phrase


def test_lists_of_hosts_hold_hosts() -> None:
    for listed in (hosts.SHORTENERS, hosts.HOSTERS, hosts.POPULAR, hosts.FREEMAIL):
        assert all("." in host and host == host.lower() and "/" not in host for host in listed)
    assert not hosts.RISKY_TLDS & {"com", "net", "org"}


def test_stop_words_cover_the_languages() -> None:
    known = {code for found in language._WORDS.values() for code, _ in found}
    assert len(known) >= 25
    assert set(LANGUAGES) - {"zh"} <= known


def test_number_ranges_name_their_source() -> None:
    assert all(entry["source"] and entry["prefixes"] for entry in ranges._DATA["ranges"])
    assert ranges._DATA["looks_domestic"]["source"]
