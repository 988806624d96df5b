"""Call detail records: what is added up, what stands out, and that no call is lost and no ordinary number kept."""

import random
from pathlib import Path

import numpy as np
import phonenumbers
import pyarrow as pa
import pytest
from golden_records import accepted, compare, plain, raw, rejected, run, samples
from hypothesis import example, given, settings
from hypothesis import strategies as st

from counterspam.decode import call_numbers, call_record, message_table
from counterspam.errors import Reason
from counterspam.model import Evidence, Rejected
from counterspam.taxonomy import Channel, SenderKind, Source

HEADER = "caller,callee,start_time,billsec,disposition,trunk"


def table(rows: list[str], **given: object) -> list[Evidence | Rejected]:
    item = raw(("\n".join([HEADER, *rows]) + "\n").encode(), **{"jurisdiction": "GB", **given})
    assert call_record.looks_like(item)
    return run(call_record, item)


def calls(found: list[Evidence | Rejected]) -> int:
    assert all(e.count == e.records == (e.calls.calls if e.calls else 0) for e in accepted(found))
    return sum(e.count for e in accepted(found)) + len(rejected(found))


@pytest.mark.parametrize("path", samples("call_record"), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    data = path.read_bytes()
    item = raw(data, name=path.name, jurisdiction="GB")
    assert call_record.looks_like(item)
    found = run(call_record, item)
    compare(path, found)
    assert calls(found) == data.count(b"\n") - 1


def test_a_wangiri_caller_stands_out_with_the_calls_back() -> None:
    rows = [f"+88213500100,+4477009002{i:02},2026-01-01T10:00:{i:02}Z,1,NO ANSWER,T1" for i in range(10)]
    rows += ["07700900200,+88213500100,2026-01-01 10:30:00,60,ANSWERED,T2"]
    rows += ["07700900201,0088213500100,2026-01-01T12:30:00Z,60,ANSWERED,T2"]
    rows += ["07700900202,+88213500100,2026-01-01T09:00:00Z,60,ANSWERED,T2"]  # before it rang
    found = accepted(table(rows))
    (out,) = (e for e in found if e.sender)
    assert (out.sender, out.sender_kind, out.relays) == ("+88213500100", SenderKind.PHONE, ("T1",))
    assert out.calls is not None
    assert (out.calls.calls, out.calls.callees, out.calls.short_ring, out.calls.callbacks) == (10, 10, 1.0, 2)
    assert (out.channel, out.source, out.recipient_country) == (Channel.VOICE, Source.CALL_RECORD, "GB")


def test_many_callees_in_an_hour_stand_out_and_over_two_hours_do_not() -> None:
    def caller(number: str, minutes: int) -> list[str]:
        return [f"{number},+4477009002{i:02},{1_767_261_600 + i * minutes * 60},30,1,T1" for i in range(20)]

    found = accepted(table(caller("+442079460001", 2) + caller("+442079460002", 6)))
    assert [e.sender for e in found if e.sender] == ["+442079460001"]


def test_ordinary_callers_are_only_counted() -> None:
    rows = [f"+4477009001{i:02},+336000000{i:02},2026-01-01T10:{i:02}:00Z,30,ANSWERED,T1" for i in range(60)]
    found = table(rows)
    (total,) = accepted(found)
    assert (total.sender, total.sender_raw, total.sender_kind) == ("", "+44", SenderKind.UNKNOWN)
    assert (total.count, total.recipient_country, total.headers) == (60, "FR", {"origin-country": "GB"})
    assert "7700900" not in str(plain(total))
    assert "33600" not in str(plain(total))


def test_all_records_share_one_key_and_a_piece_has_another() -> None:
    rows = [
        "+447700900100,+33600000000,2026-01-01T10:00:00Z,30,ANSWERED,T1",
        "+33600000000,+447700900100,1767261600,3,0,T2",
    ]
    keys = {e.key for e in accepted(table(rows))}
    assert len(keys) == 1
    assert all(e.shared_key for e in accepted(table(rows)))
    assert keys == {e.key for e in accepted(table(rows, id="f" * 32))}
    assert keys != {e.key for e in accepted(table(rows, first=10))}
    assert len({e.id for e in accepted(table(rows))}) == 2


@pytest.mark.parametrize(
    ("row", "reason", "word"),
    [
        ("abc,+33600000000,2026-01-01T10:00:00Z,1,1,T", Reason.BAD_VALUE, "caller"),
        ("+999123456789,+33600000000,2026-01-01T10:00:00Z,1,1,T", Reason.BAD_VALUE, "caller"),
        ("+447700900100,,2026-01-01T10:00:00Z,1,1,T", Reason.BAD_VALUE, "callee"),
        ("+447700900100,+33600000000,2026-02-30T10:00:00Z,1,1,T", Reason.BAD_VALUE, "start"),
        ("+447700900100,+33600000000,,1,1,T", Reason.BAD_VALUE, "start"),
        ("+447700900100,+33600000000,2026-01-01T10:00:00Z,-5,1,T", Reason.BAD_VALUE, "duration"),
        ("+447700900100,+33600000000,2026-01-01T10:00:00Z,1,1", Reason.BAD_SYNTAX, "5 cells"),
        ('+447700900100,+33600000000,"2026-01-01T10:00:00Z,1,1,T', Reason.BAD_VALUE, "start"),
    ],
)
def test_a_bad_row_costs_only_itself(row: str, reason: Reason, word: str) -> None:
    good = "+447700900100,+33600000000,2026-01-01T10:00:00Z,30,ANSWERED,T1"
    found = table([good, row, good])
    (bad,) = rejected(found)
    assert (bad.reason, bad.index) == (reason, 1)
    assert word in bad.detail
    assert sum(e.count for e in accepted(found)) == 2
    assert b"7700900100" not in bad.data


@pytest.mark.parametrize(
    ("given", "country", "expected"),
    [
        ("+447700900123", "", 447700900123),
        ("00447700900123", "FR", 447700900123),
        ("07700900123", "GB", 447700900123),
        ("7700900123", "GB", 447700900123),
        ("447700900123", "GB", 447700900123),
        ("447700900123", "", 447700900123),
        ("12025550123", "US", 12025550123),
        ("2025550123", "US", 12025550123),
        ("0612345678", "FR", 33612345678),
        ("(020) 7946-0000", "GB", 442079460000),
        ("sip:+447700900123@gw.example", "", 447700900123),
        ("112", "GB", 112),
        ("Anonymous", "GB", call_numbers.WITHHELD),
        ("", "GB", call_numbers.WITHHELD),
        ("+0123456789", "GB", call_numbers.BAD),
        ("+4477", "GB", call_numbers.BAD),
        ("x" * 300, "GB", call_numbers.BAD),
        ("1" * 40, "GB", call_numbers.BAD),
    ],
)
def test_numbers(given: str, country: str, expected: int) -> None:
    assert call_numbers.integers(pa.array([given]), country).tolist() == [expected]


def test_countries_agree_with_the_numbering_metadata() -> None:
    """Every country's example number is placed in that country, or in the main one of those that share its code."""
    for region in phonenumbers.SUPPORTED_REGIONS:
        example = phonenumbers.example_number(region)
        number = np.array([int(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)[1:])])
        found = call_numbers.country(int(call_numbers.prefixes(number)[0]), "")
        shares = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[example.country_code]
        assert found == (region if len(shares) == 1 or example.country_code in (1, 7) else shares[0])


def test_a_table_without_the_columns_is_refused_by_name() -> None:
    item = raw(b"caller,callee\n1,2\n", mapping={"caller": "caller", "callee": "callee"})
    assert call_record.looks_like(item)
    (found,) = rejected(run(call_record, item))
    assert "start" in found.detail
    assert not call_record.looks_like(raw(b"from,to,date,message\n1,2,3,4\n"))
    assert message_table.looks_like(raw(b"from,to,date,message\n1,2,3,4\n"))


def test_a_mapping() -> None:
    mapping = {"A": "caller", "B": "callee", "T": "start:%d/%m/%Y %H:%M:%S", "S": "duration"}
    item = raw(b"A;B;T;S;Z\n+447700900100;+33600000000;01/01/2026 10:00:00;00:01:00;\n", mapping=mapping)
    (found,) = accepted(run(call_record, item))
    assert found.calls is not None
    assert (found.observed_at, found.calls.mean_duration, found.calls.answered) == (1_767_261_600_000, 60.0, 1.0)


def test_many_blocks_give_the_same_sums(monkeypatch: pytest.MonkeyPatch) -> None:
    dice = random.Random(7)
    rows = []
    for _ in range(3_000):
        caller, callee = f"+44770090{dice.randrange(9_999):04}", f"+3360000{dice.randrange(9_999):04}"
        rows.append(
            f"{caller},{callee},{1_767_261_600 + dice.randrange(9_000)},{dice.randrange(90)},{dice.randrange(2)},T1"
        )
        if dice.random() < 0.05:
            rows.append(dice.choice(["torn", "bad,+33600000000,1767261600,1,1,T", ",,,,,", "a,b,c,d,e,f,g"]))
    whole = table(rows)
    assert calls(whole) == len(rows)
    monkeypatch.setattr(call_record, "BLOCK", 4_096)
    assert table(rows) == whole


CELL = st.sampled_from(
    [
        "+447700900100",
        "+88213500100",
        "112",
        "anonymous",
        "",
        "x",
        '"',
        "2026-01-01T10:00:00Z",
        "1767261600",
        "soon",
        "2026-02-30T10:00:00Z",
        "3",
        "1e9",
        "00:10",
        "ANSWERED",
        "é",
    ]
) | st.text(max_size=6)


@settings(max_examples=120)
@example([["+447700900100", "112", "1767261600", '0"', '"'], ["x"] * 5])
@example([['"', '"', 'a"b', '"c"d', '""'], ["x"] * 6])
@given(st.lists(st.lists(CELL, min_size=5, max_size=7), max_size=30))
def test_every_row_is_accounted_for(rows: list[list[str]]) -> None:
    lines = [
        ",".join(c.translate(dict.fromkeys(map(ord, ",\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), " ")) for c in row)
        for row in rows
    ]
    assert calls(table(lines)) == len(lines)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes(data: bytes, headed: bool) -> None:
    item = raw(HEADER.encode() + b"\n" + data if headed else data)
    assert call_record.looks_like(item) in (True, False)
    run(call_record, item)
