"""Tables of complaints about calls."""

from pathlib import Path

import pytest
from golden_records import accepted, compare, plain, raw, run, samples
from hypothesis import given
from hypothesis import strategies as st

from counterspam.decode import call_record, complaint, message_table
from counterspam.model import Rejected
from counterspam.taxonomy import Channel

HEADER = (
    b"Company_Phone_Number,Created_Date,Violation_Date,Consumer_City,Consumer_State,Consumer_Area_Code,Subject,"
    b"Recorded_Message_Or_Robocall\n"
)


@pytest.mark.parametrize("path", samples("complaint"), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    item = raw(path.read_bytes(), name=path.name)
    assert complaint.looks_like(item)
    assert not call_record.looks_like(item)
    compare(path, run(complaint, item))


def test_of_the_consumer_only_the_state_is_kept() -> None:
    line = b"5550100123,2026-01-01 00:00:00,2026-01-01 00:00:00,Smallville,Ohio,987,Other,N\n"
    (found,) = accepted(run(complaint, raw(HEADER + line)))
    shown = str(plain(found))
    assert found.headers["region"] == "Ohio"
    assert "Smallville" not in shown
    assert "987" not in shown


def test_another_table_by_mapping() -> None:
    mapping = {"who": "number", "what": "subject", "when": "violation:%d.%m.%Y"}
    item = raw(b"who|what|when\n07700 900123|PPI|31.12.2025\n", mapping=mapping, jurisdiction="GB")
    assert complaint.looks_like(item)
    (found,) = accepted(run(complaint, item))
    assert (found.sender, found.claimed, found.recipient_country) == ("+447700900123", "PPI", "GB")
    assert (found.channel, found.reported_spam, found.observed_at) == (Channel.VOICE, True, 1_767_139_200_000)


def test_the_same_file_again_is_the_same_and_like_rows_are_two() -> None:
    data = HEADER + b"5550100123,2026-01-01 00:00:00,,,,,Other,N\n" * 2
    first, again = run(complaint, raw(data)), run(complaint, raw(data, id="f" * 32))
    assert [e.key for e in accepted(first)] == [e.key for e in accepted(again)]
    assert len({e.key for e in accepted(first)}) == 2


def test_a_table_of_messages_is_none_of_complaints() -> None:
    item = raw(b"sender,message,date\n1,2,3\n")
    assert not complaint.looks_like(item)
    assert message_table.looks_like(item)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes(data: bytes, headed: bool) -> None:
    item = raw(HEADER + data if headed else data)
    assert complaint.looks_like(item) in (True, False)
    run(complaint, item)


@given(st.lists(st.text("0123456789abc,\"' \n", min_size=1, max_size=40).filter(str.strip), max_size=6))
def test_every_row_of_unquoted_text_is_accounted_for(rows: list[str]) -> None:
    lines = [row.replace('"', "").replace("\n", " ").strip() for row in rows]
    lines = [line for line in lines if line]
    found = run(complaint, raw(HEADER + "\n".join(lines).encode()))
    assert len(found) == len(lines)
    assert all(isinstance(r, Rejected) or r.records == 1 for r in found)
