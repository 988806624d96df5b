"""Tables of messages."""

import json
from pathlib import Path

import pytest
import zstandard
from golden_records import accepted, compare, raw, rejected, run, samples
from hypothesis import given
from hypothesis import strategies as st

from counterspam.decode import message_table
from counterspam.errors import Reason
from counterspam.taxonomy import Channel, SenderKind


@pytest.mark.parametrize("path", samples("message_table"), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    item = raw(path.read_bytes(), name=path.name, jurisdiction="GB")
    assert message_table.looks_like(item)
    compare(path, run(message_table, item))


def test_a_mapping_with_a_form_of_date() -> None:
    data = b"Quand;Quoi;De\n31/12/2025 23:00;Gagnez;+33600000000\n"
    mapping = {"Quand": "observed_at:%d/%m/%Y %H:%M", "Quoi": "text", "De": "sender", "": ""}
    item = raw(data, mapping=mapping, channel="im")
    assert message_table.looks_like(item)
    (found,) = accepted(run(message_table, item))
    assert (found.text, found.observed_at, found.channel) == ("Gagnez", 1_767_222_000_000, Channel.IM)


@pytest.mark.parametrize(
    ("mapping", "reason", "word"),
    [({"a": "txt"}, Reason.BAD_VALUE, "'txt'"), ({"nope": "text"}, Reason.MISSING_FIELD, "'nope'")],
)
def test_a_mapping_that_does_not_fit_says_so(mapping: dict[str, str], reason: Reason, word: str) -> None:
    item = raw(b"a,b\n1,2\n", mapping=mapping)
    (found,) = rejected(run(message_table, item))
    assert found.reason is reason
    assert word in found.detail


def test_a_mapping_for_json_lines() -> None:
    data = b'{"q": "one", "w": "+15550100123"}\n{"w": "+15550100124"}\n{"z": 1}\n'
    found = run(message_table, raw(data, mapping={"q": "text", "w": "sender"}))
    assert [(e.text, e.sender) for e in accepted(found)] == [("one", "+15550100123"), ("", "+15550100124")]
    assert [r.reason for r in rejected(found)] == [Reason.MISSING_FIELD]


def test_a_quote_that_never_closes_costs_one_record_a_stretch() -> None:
    rows = [f'"open {i},{"x" * 500}' if i == 3 else f"{i},text {i}" for i in range(30_000)]
    found = run(message_table, raw(("id,text\n" + "\n".join(rows)).encode()))
    (bad,) = rejected(found)
    assert "quote" in bad.detail
    assert accepted(found)[-1].text == "text 29999"


def test_identity_is_the_rows_own_id_or_its_place() -> None:
    first = accepted(run(message_table, raw(b"id,text\n1,a\n2,a\n")))
    again = accepted(run(message_table, raw(b"id,text\n2,a\n1,a\n", name="other.csv")))
    assert {e.key for e in first} == {e.key for e in again}
    nameless = accepted(run(message_table, raw(b"text\na\na\n")))
    piece = accepted(run(message_table, raw(b"text\na\n", first=1)))
    assert nameless[0].key != nameless[1].key == piece[0].key


def test_encodings() -> None:
    text = "text\nprix 100 € gagné\n"
    for data in (text.encode("utf-16"), text.encode("utf-8-sig"), text.encode("cp1252"), text.encode()):
        (found,) = accepted(run(message_table, raw(data)))
        assert found.text == "prix 100 € gagné"


@pytest.mark.parametrize(
    "data",
    [b"From: a@example.com\nSubject: text\n\ntext\n", b"hello world\n", b"a,b\n1,2\n", b"\x00\x01text,\n", b"{}"],
)
def test_what_is_no_table_is_not_taken(data: bytes) -> None:
    assert not message_table.looks_like(raw(data))


SETS = {
    "email_llm": (5_723, 2_225, Channel.EMAIL),
    "reviews_deceptive": (1_360, 680, Channel.SOCIAL),
    "sms_adversarial": (44, 44, Channel.SMS),
    "sms_chinese": (803, 498, Channel.SMS),
    "sms_indonesian": (686, 344, Channel.SMS),
    "sms_mishra_soni": (5_984, 1_127, Channel.SMS),
    "sms_spanish_mx_mixed": (2_017, 984, Channel.SMS),
    "sms_super_latest": (16_656, 14_274, Channel.SMS),
    "sms_turkish": (4_751, 2_536, Channel.SMS),
    "sms_uci": (5_574, 747, Channel.SMS),
    "social_telegram": (398, 115, Channel.SMS),
    "social_youtube": (1_586, 831, Channel.SOCIAL),
    "voice_dialogues_llm": (1_600, 800, Channel.SMS),
    "voice_robocall_transcripts": (849, 849, Channel.SMS),
}


@pytest.mark.parametrize("name", SETS)
def test_shared_sets(shared: Path, name: str) -> None:
    """Every row of every set is taken, with its label, without a mapping."""
    (path,) = (shared / "corpora" / name).glob("*.jsonl.zst")
    with zstandard.open(path, "rb") as file:
        data = file.read()
    item = raw(data, name=path.name)
    assert message_table.looks_like(item)
    found = run(message_table, item)
    rows, spam, channel = SETS[name]
    assert not rejected(found)
    assert (len(found), sum(e.reported_spam is True for e in accepted(found))) == (rows, spam)
    assert {e.channel for e in accepted(found)} == {channel}
    assert all(e.reported_spam is not None and e.text and e.language for e in accepted(found))
    assert not any("date" in e.headers for e in accepted(found))
    if name == "social_youtube":
        assert {e.sender_kind for e in accepted(found)} <= {SenderKind.HANDLE, SenderKind.EMAIL}


CELLS = st.text(max_size=12) | st.sampled_from(["spam", "2026-01-01", "+15550100123", '"', ",", "\n", "1"])


@given(st.lists(st.lists(CELLS, max_size=7), max_size=6))
def test_json_rows_are_all_accounted_for(rows: list[list[str]]) -> None:
    names = ["text", "sender", "date", "label", "count", "channel", "url"]
    lines = [json.dumps(dict(zip(names, row, strict=False))) for row in rows]
    found = run(message_table, raw("\n".join(['{"text": "first"}', *lines]).encode()))
    assert len(found) == 1 + len(rows)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"text,sender\n", b"text;date\n", b"\xff\xfet\0e\0x\0t\0\n\0", b"ham\tx\n"]),
)
def test_any_bytes(data: bytes, head: bytes) -> None:
    item = raw(head + data)
    assert message_table.looks_like(item) in (True, False)
    run(message_table, item)
    run(message_table, raw(data, mapping={"a": "text"}))
