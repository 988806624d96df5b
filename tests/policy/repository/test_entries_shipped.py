"""The shipped entries load, are valid, and come back from every format as they were."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from counterspam.policy.repository import classify, formats, plan
from counterspam.policy.repository.checking import faults
from counterspam.policy.repository.fields import FIELDS, Kind, complete, leaves, value
from counterspam.policy.repository.shipped import raw, shipped

COUNTS = {Kind.LAW: 143, Kind.PRACTICE: 162, Kind.BODY: 46}
FACTS = {Kind.LAW: "legal_frameworks", Kind.PRACTICE: "best_practices", Kind.BODY: "cooperation"}
EVERY = [pytest.param(kind, id, id=f"{kind}/{id}") for kind in Kind for id in shipped(kind)]


@pytest.mark.parametrize("kind", Kind)
def test_all_entries_are_there_once_with_every_field(kind: Kind) -> None:
    assert len(raw(f"{kind}.yaml")) == len(shipped(kind)) == COUNTS[kind]
    for entry in shipped(kind).values():
        assert list(entry) == [one.name for one in FIELDS[kind]]


@pytest.mark.parametrize("kind", Kind)
def test_the_content_is_that_of_the_starting_facts(kind: Kind, shared: Path) -> None:
    facts = yaml.safe_load((shared / "facts" / f"{FACTS[kind]}.yaml").read_text(encoding="utf-8"))
    assert raw(f"{kind}.yaml") == facts


@pytest.mark.parametrize(("kind", "id"), EVERY)
def test_each_entry_is_valid_and_loses_nothing(kind: Kind, id: str) -> None:
    entry = shipped(kind)[id]
    assert faults(kind, entry) == []
    for form, (_, write) in formats.FORMS.items():
        assert formats.READERS[form](kind, write(kind, [entry])) == [entry], form


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("form", formats.FORMS)
def test_a_whole_file_loses_nothing(kind: Kind, form: str) -> None:
    entries = list(shipped(kind).values())
    written = formats.FORMS[form][1](kind, entries)
    assert formats.READERS[form](kind, written) == entries
    assert formats.FORMS[form][1](kind, formats.READERS[form](kind, written)) == written


def test_unknown_stays_unknown() -> None:
    law = shipped(Kind.LAW)["BN-NONE"]
    assert law["consent_model"] is None
    assert value(law, "unsubscribe.required") is None
    assert law["sharing_gateway"] is None
    assert formats.from_csv(Kind.LAW, formats.to_csv(Kind.LAW, [law]))[0]["consent_model"] is None
    # An empty list says that there is none, and is not null.
    assert shipped(Kind.LAW)["RU-ADV"]["consent_exceptions"] == []


def test_what_the_facts_lack_is_there_and_unknown_for_now() -> None:
    for kind in Kind:
        for one in FIELDS[kind]:
            if one.added:
                assert {repr(entry[one.name]) for entry in shipped(kind).values()} == {"None"}, one.name


def test_no_tag_is_without_pillar_and_layer_and_no_practice_without_both() -> None:
    tags = next(one for one in FIELDS[Kind.PRACTICE] if one.name == "tags").values
    assert set(tags) == set(classify.TABLE)
    for pillars, layers in classify.TABLE.values():
        assert pillars
        assert layers
        assert set(pillars) <= set(classify.PILLARS)
        assert set(layers) <= set(classify.LAYERS)
    for practice in shipped(Kind.PRACTICE).values():
        assert classify.pillars(practice), practice["id"]
        assert classify.layers(practice), practice["id"]
        assert practice["audience"], practice["id"]
        assert practice["channels"], practice["id"]


def test_the_coverage_of_practices_is_what_it_was(golden: Any) -> None:
    found = classify.coverage(shipped(Kind.PRACTICE).values())
    golden("coverage", {f"{layer}/{pillar}": count for (layer, pillar), count in found.items()})


def test_the_plan_has_every_layer_by_every_pillar_and_names_practices_that_there_are() -> None:
    items = plan.items().values()
    assert {(one.layer, one.pillar) for one in items} == {
        (layer, pillar) for layer in classify.LAYERS for pillar in classify.PILLARS
    }
    for one in items:
        assert set(one.practices) <= set(shipped(Kind.PRACTICE)), one.id
        assert one.practices
        assert one.title
        assert one.done_when.endswith(".")


def test_complete_keeps_what_it_does_not_know_for_validation_to_refuse() -> None:
    found = complete(Kind.BODY, {"id": "X-1", "else": 1})
    assert found["else"] == 1
    assert "else: unknown-field" in [str(one) for one in faults(Kind.BODY, found)]
    assert {path for path, _ in leaves(FIELDS[Kind.LAW])} >= {"unsubscribe.required", "authority", "max_penalty.amount"}
