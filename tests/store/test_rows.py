import uuid

import orjson
import pyarrow as pa
import pytest
from findings import AT, finding

from counterspam.store import migrate, rows


def test_columns_are_those_of_the_schema_in_its_order() -> None:
    series = migrate.series("events", "clickhouse")
    named = [line.split()[0] for line in series[0].statements[0].splitlines() if line.startswith("    ")]
    adding = "ALTER TABLE events ADD COLUMN IF NOT EXISTS "
    added = [one.removeprefix(adding) for migration in series for one in migration.statements if one.startswith(adding)]
    assert [*named, *(one.split()[0] for one in added)] == rows.SCHEMA.names


def test_a_finding_becomes_a_row() -> None:
    row = rows.table([finding(3, subject="Hi", recipient_country="BR")], "alpha").to_pylist()[0]
    assert row["id"] == str(uuid.UUID(int=3))
    assert row["received_at"].timestamp() * 1000 == AT + 180_000
    assert (row["node"], row["channel"], row["sender_kind"], row["content_type"]) == ("alpha", "sms", "phone", "parcel")
    assert (row["count"], row["spam"], row["probability"], row["asn"]) == (4, 0, 0.75, 64500)
    assert (row["campaign"], row["seen_before"], row["blob"]) == (0, 0, "")
    assert (row["country"], row["transit"], row["recipient_country"], row["domains"]) == (
        "FR",
        ["DE"],
        "BR",
        ["parcel.example"],
    )
    detail = orjson.loads(row["detail"])
    assert detail["checks"] == [["links", "1 link", 0.5, "one link"], ["lists", "on none", 0.0, ""]]
    assert "spans" not in detail  # they are found again when somebody looks
    assert detail["hops"][0]["by"] == "mx.example.net"
    assert detail["attachments"][0]["name"] == "a.pdf"
    assert detail["auth"] == {"spf": "pass", "arc": "fail"}
    assert "claimed" not in detail
    assert "ai" not in detail


def test_the_score_for_machine_written_text_is_kept_with_its_errors() -> None:
    scored = finding(3)
    scored.verdict.ai_score, scored.verdict.ai_wrong = 0.98, 0.02764
    detail = orjson.loads(rows.table([scored], "a")["detail"][0].as_py())
    assert detail["ai"] == {"score": 0.98, "wrong": 0.0276}


def test_without_text_only_the_checks_that_spoke_are_kept() -> None:
    detail = orjson.loads(rows.table([finding(1, text="")], "a")["detail"][0].as_py())
    assert [check[0] for check in detail["checks"]] == ["links"]


def test_no_findings_are_no_rows() -> None:
    assert rows.table([], "a").schema == rows.SCHEMA


def test_pieces_with_different_words_join() -> None:
    joined = pa.concat_tables([rows.table([finding(n)], "a") for n in range(3)])
    assert joined.unify_dictionaries()["channel"].to_pylist() == ["email", "sms", "email"]


def test_hostile_strings_and_numbers_are_stored() -> None:
    bad = finding(
        1, "x\udc80y\x00", sender="\ud800", count=2**40, headers={"x-\udc80": "\udfff"}, relays=("\udc80",) * 50
    )
    row = rows.table([bad], "a").to_pylist()[0]
    assert (row["sender"], row["excerpt"], row["count"]) == ("?", "x?y\x00", 2**32 - 1)
    detail = orjson.loads(row["detail"])
    assert detail["headers"] == {"x-?": "?"}
    assert len(detail["relays"]) == rows.MAX_LIST


@pytest.mark.parametrize("filler", ["word ", "日本語の文 ", "x" * 70 + " ", "\n \t"])
@pytest.mark.parametrize("person", ["jane.roe.of.the.long.name@example.com", "+1 555 010 0199"])
def test_no_cut_shows_what_the_mask_hides(filler: str, person: str) -> None:
    for before in range(0, 400, 7):
        text = (filler * 200)[:before] + " " + person + " " + filler * 100
        shown = rows.table([finding(1, text)], "a")["excerpt"][0].as_py()
        assert len(shown) <= rows.EXCERPT
        assert person not in shown
        assert "jane.roe" not in shown
        assert "0199" not in shown
