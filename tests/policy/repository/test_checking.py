"""Validation: a clear fault per field, everything bounded, nothing that crashes it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.policy.repository import formats
from counterspam.policy.repository.checking import MOST_FAULTS, Code, faults
from counterspam.policy.repository.fields import FIELDS, MOST_ITEMS, Content, Field, Kind, Type, complete
from counterspam.policy.repository.shipped import shipped

LAW = shipped(Kind.LAW)["US-CANSPAM"]


def said(**changes: Any) -> list[str]:
    return [str(one) for one in faults(Kind.LAW, complete(Kind.LAW, {**LAW, **changes}))]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"title": None}, ["title: missing"]),
        ({"title": " "}, ["title: missing"]),
        ({"title": 5}, ["title: wrong-type"]),
        ({"title": "x" * 301}, ["title: too-long (limit 300)"]),
        ({"title": "a\nb"}, ["title: bad-characters"]),
        ({"title": "a\u202eb"}, ["title: bad-characters"]),
        ({"title": "\ud800"}, ["title: bad-characters"]),
        ({"definition_note": "two\nlines"}, []),
        ({"status": "maybe"}, ["status: not-allowed"]),
        ({"consent_model": False}, ["consent_model: not-allowed"]),
        ({"jurisdiction": "us"}, ["jurisdiction: bad-form"]),
        ({"id": "a b"}, ["id: bad-form"]),
        ({"id": "../etc"}, ["id: bad-form"]),
        ({"year_enacted": "2003"}, ["year_enacted: wrong-type"]),
        ({"year_enacted": True}, ["year_enacted: wrong-type"]),
        ({"year_enacted": 3000}, ["year_enacted: not-in-range (limit 2100)"]),
        ({"criminal_sanctions": "no"}, ["criminal_sanctions: wrong-type"]),
        ({"criminal_sanctions": 1}, ["criminal_sanctions: wrong-type"]),
        ({"channels": "email"}, ["channels: wrong-type"]),
        ({"channels": ["email", "pigeon"]}, ["channels.1: not-allowed"]),
        ({"channels": ["email", "email"]}, ["channels: twice"]),
        ({"channels": [None]}, ["channels.0: missing"]),
        ({"sources": ["javascript:alert(1)"]}, ["sources.0: bad-form"]),
        ({"sources": ["https://user:secret@law.example/"]}, ["sources.0: bad-form"]),
        ({"sources": ["https://"]}, ["sources.0: bad-form"]),
        ({"sources": ["https://[x"]}, ["sources.0: bad-form"]),
        ({"official_url": 'https://law.example/"onx'}, ["official_url: bad-form"]),
        ({"sources": [f"https://law.example/{n}" for n in range(41)]}, ["sources: too-many (limit 40)"]),
        ({"sources": None}, ["sources: missing"]),
        ({"date_recorded": "2026-13-01"}, ["date_recorded: bad-form"]),
        ({"date_recorded": "20261101"}, ["date_recorded: bad-form"]),
        ({"authority": [{"name": None}]}, ["authority.0.name: missing"]),
        ({"authority": [7]}, ["authority.0: wrong-type"]),
        ({"authority": [{"name": "A", "url": None, "x": 1}]}, ["authority.0.x: unknown-field"]),
        ({"unsubscribe": {"required": "yes"}}, ["unsubscribe.required: wrong-type"]),
        ({"unsubscribe": {"time_limit_days": 1.5}}, ["unsubscribe.time_limit_days: wrong-type"]),
        ({"unsubscribe": []}, ["unsubscribe: wrong-type"]),
        ({"max_penalty": {"amount": float("nan")}}, ["max_penalty.amount: not-in-range (limit 1000000000000000)"]),
        ({"max_penalty": {"currency": "Dollar"}}, ["max_penalty.currency: too-long (limit 3)"]),
        ({"from_general_knowledge": ["unsubscribe.required", "authority.url"]}, []),
        ({"from_general_knowledge": ["nonsense"]}, ["from_general_knowledge: not-allowed"]),
        ({"language": "français"}, ["language: bad-form"]),
        ({"sharing_gateway": False, "consent_by_channel": [{"channel": "sms", "model": "opt-in"}]}, []),
        ({"made_up": 1}, ["made_up: unknown-field"]),
    ],
)
def test_each_fault_names_its_field(changes: dict[str, Any], expected: list[str]) -> None:
    assert said(**changes) == expected


def test_a_practice_says_for_whom_and_for_which_channel_it_is() -> None:
    practice = {**shipped(Kind.PRACTICE)["RFC-7208"], "tags": [], "audience": [], "channels": []}
    assert [str(one) for one in faults(Kind.PRACTICE, practice)] == [
        "channels: missing",
        "audience: missing",
        "tags: missing",
    ]


def test_faults_are_bounded() -> None:
    assert len(said(**{f"f{number}": 1 for number in range(1000)})) == MOST_FAULTS


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(kind=st.sampled_from(Kind), content=st.dictionaries(st.text(max_size=8), VALUES, max_size=6), data=st.data())
def test_anything_is_judged_without_failing(kind: Kind, content: dict[str, Any], data: st.DataObject) -> None:
    names = data.draw(st.lists(st.sampled_from([one.name for one in FIELDS[kind]]), max_size=6))
    entry = complete(kind, {**content, **{name: data.draw(VALUES) for name in names}})
    assert all(one.code in Code for one in faults(kind, entry))


# Entries that are valid, of all that the fields allow.

TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp", "Cn", "Cs")), min_size=1, max_size=30
)
LINE = TEXT.filter(lambda text: bool(text.strip())) | st.sampled_from(
    ["=1+1", "'quoted", "-5", "@x", "+1", 'a,"b"', "null", "NO", "1e5"]
)
URL = st.sampled_from(["https://law.example/a?b=%20", "http://[2001:db8::1]/", "https://例え.example/ü"])


def _value(one: Field) -> st.SearchStrategy[Any]:
    codes = {"id": "ZZ-Test.1", "jurisdiction": "ZZ", "currency": "XXX", "language": "pt-BR"}
    kinds: dict[Type, st.SearchStrategy[Any]] = {
        Type.LINE: LINE,
        Type.TEXT: st.tuples(LINE, LINE).map("\n".join) | LINE,
        Type.CODE: st.just(codes.get(one.name, "")),
        Type.URL: URL,
        Type.DATE: st.dates().map(str),
        Type.YEAR: st.integers(1800, 2100),
        Type.NUMBER: st.integers(0, min(one.limit, 10**15))
        | (st.floats(0, 1e12).map(lambda x: round(x, 2)) if one.name == "amount" else st.nothing()),
        Type.FLAG: st.booleans(),
        Type.CHOICE: st.sampled_from(one.values or ("",)),
        Type.CHOICES: st.lists(st.sampled_from(one.values or ("",)), unique=True, max_size=4),
        Type.LINES: st.lists(LINE, unique=True, max_size=3),
        Type.URLS: st.lists(URL, unique=True, max_size=3),
    }
    if one.name == "from_general_knowledge":
        return st.lists(st.sampled_from(["authority", "unsubscribe.required"]), unique=True)
    if one.type == Type.CHOICES and one.required:
        return st.lists(st.sampled_from(one.values), unique=True, min_size=1, max_size=4)
    if one.type in (Type.RECORD, Type.RECORDS):
        record = st.fixed_dictionaries({inner.name: _optional(inner) for inner in one.fields})
        return record if one.type == Type.RECORD else st.lists(record, max_size=3)
    return kinds[one.type]


def _optional(one: Field) -> st.SearchStrategy[Any]:
    return _value(one) if one.required else st.none() | _value(one)


def entries(kind: Kind) -> st.SearchStrategy[Content]:
    found = st.fixed_dictionaries({one.name: _optional(one) for one in FIELDS[kind]})
    return found.map(lambda content: complete(kind, content))


@given(data=st.data(), kind=st.sampled_from(Kind))
def test_every_valid_entry_survives_every_format(data: st.DataObject, kind: Kind) -> None:
    entry = data.draw(entries(kind))
    assert faults(kind, entry) == []
    for form, (_, write) in formats.FORMS.items():
        assert formats.READERS[form](kind, write(kind, [entry])) == [entry], form


def test_lists_are_bounded_by_the_type() -> None:
    assert Field("x", Type.LINES).limit == MOST_ITEMS
