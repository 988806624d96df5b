"""The cross-walk is complete and consistent both ways."""

import json
from pathlib import Path

import pytest

from counterspam.detect.mapping import claimed, inward, outward, taxonomy_map
from counterspam.taxonomy import ContentType, Nature, Technique

FACETS = {"content_type": ContentType, "nature": Nature, "technique": Technique}
SCHEMES = {
    "content_type": {"rsit", "gsma-fraud", "xarf", "circl"},
    "nature": {"rsit", "xarf"},
    "technique": {"rsit", "gsma-fraud", "phishing"},
}


@pytest.mark.parametrize("facet", FACETS)
def test_every_value_of_ours_has_a_word_in_every_scheme(facet: str) -> None:
    table = taxonomy_map()[facet]
    assert set(table) == {value.value for value in FACETS[facet]}
    for value, words in table.items():
        assert set(words) == SCHEMES[facet], value
        if facet != "technique" and value != "ham":
            assert all(words.values()), value


@pytest.mark.parametrize("facet", FACETS)
def test_round_trip(facet: str) -> None:
    for value in FACETS[facet]:
        for scheme in SCHEMES[facet]:
            if word := outward(facet, value, scheme):
                assert outward(facet, inward(facet, scheme, word), scheme) == word
    for scheme, words in taxonomy_map()["back"][facet].items():
        for word, value in words.items():
            assert FACETS[facet](value)
            assert inward(facet, scheme, word) == value
    assert inward(facet, "rsit", "no:such") == "unknown"


def test_xarf_words_are_those_of_its_schemas(shared: Path) -> None:
    folder = shared / "corpora" / "formats" / "xarf" / "v4_schemas" / "v4" / "types"
    known = {}
    for name, field in (("fraud", "fraud_type"), ("phishing", "lure_type")):
        schema = json.loads((folder / f"content-{name}.json").read_text(encoding="utf-8"))
        known[f"content/{name}"] = set(schema["allOf"][1]["properties"][field]["enum"])
    for word in taxonomy_map()["back"]["content_type"]["xarf"]:
        kind, _, detail = word.partition("#")
        assert (folder / f"{kind.replace('/', '-')}.json").is_file(), word
        assert not detail or detail in known[kind], word


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Dropped call or no message", ContentType.UNKNOWN),
        ("Medical & prescriptions", ContentType.PHARMACY),
        ("Lotteries, prizes & sweepstakes", ContentType.CONTEST),
        ("advance_fee", ContentType.ADVANCE_FEE),
        ("wangiri", ContentType.WANGIRI),
        ("undefined", ContentType.UNKNOWN),
        ("", ContentType.UNKNOWN),
    ],
)
def test_claims(words: str, kind: ContentType) -> None:
    assert claimed(words) is kind
