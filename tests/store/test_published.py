"""Publication of real counts, on SQLite and PostgreSQL: what is frozen stays, what comes later is a further revision."""

import os
import pickle
import random
import subprocess
import sys
import threading
import uuid
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

import orjson
import pyarrow as pa
import pytest
from sqlalchemy import text

from counterspam import publish
from counterspam.config import Config
from counterspam.errors import StoreError
from counterspam.measure import frozen, statistics
from counterspam.measure.ask import Unanswerable
from counterspam.store import published
from counterspam.store.events import Events
from counterspam.store.records import Records
from counterspam.store.rows import BLANK, SCHEMA

SECRET = b"s" * 32
OCTOBER = frozen.span("2026-10")
NOW = int(datetime(2026, 11, 3, tzinfo=UTC).timestamp()) * 1000
REVISION = published.Revision(
    period="2026-10",
    revision=1,
    starts_at=OCTOBER.start * 1000,
    ends_at=OCTOBER.end * 1000,
    published_at=NOW,
    published_by="0123456789abcdef",
    software="1",
    definitions="d",
    reason="",
    snapshot=published.snapshot(b"{}"),
    last_updated=NOW,
)


def row(number: int, **given: Any) -> dict[str, Any]:
    """One report of October, of its own reporter."""
    at = (OCTOBER.start + number * 997 % (31 * 86_400)) * 1000
    known: dict[str, Any] = (
        {field.name: "" for field in SCHEMA}
        | BLANK
        | {
            "id": str(uuid.UUID(int=at << 80 | 0x7 << 76 | 0x8 << 60 | number)),
            "received_at": at,
            "observed_at": at,
            "channel": "sms",
            "source": "user-report",
            "reporter": f"{number:016x}",
            "spam": 1,
            "probability": 0.9,
            "content_type": "bank",
            "country": "DE",
            "recipient_country": "CI",
            "sender_kind": "phone",
            "disposition": "delivered",
            "count": 1,
            "seen_before": 0,
            "asn": 0,
            "transit": [],
            "domains": [],
            "numbers": [],
            "campaign": 0,
            "record": 0,
            "synthetic": 0,
        }
    )
    return {**known, **given}


def store(events: Events, rows: list[dict[str, Any]]) -> None:
    """Insert rows, each time anew."""
    events.insert(pa.Table.from_pylist(rows, SCHEMA), uuid.uuid4().hex)


@pytest.fixture
def october(events: Events) -> Events:
    """66 reports of October, three each from two places too small to be shown, and what must not count."""
    rng = random.Random(7)
    rows = [row(n, content_type=rng.choice(["bank", "parcel"]), count=rng.choice([1, 1, 9])) for n in range(60)]
    rows += [row(100 + n, country="AQ" if n < 3 else "FJ") for n in range(6)]
    rows += [row(200 + n, synthetic=1) for n in range(20)]
    rows += [row(300 + n, received_at=OCTOBER.end * 1000 + n) for n in range(20)]
    store(events, rows)
    return events


def go(events: Events, records: Records, **given: Any) -> published.Revision:
    """Publish October."""
    known: dict[str, Any] = {"by": "k", "secret": SECRET, "now": NOW}
    return publish.publish(events.query, records, "2026-10", **known | given)


def figures(records: Records, revision: int) -> dict[str, Any]:
    """The tables of a revision by name."""
    with records.read() as conn:
        found = published.content(conn, "2026-10", revision)
    assert found
    return {table["name"]: table for table in orjson.loads(found)["tables"]}


# The path


def test_what_is_frozen_is_what_the_live_statistics_say(october: Events, records: Records) -> None:
    made = go(october, records)
    tables = figures(records, 1)
    assert tuple(tables) == tuple(table.name for table in frozen.TABLES)
    for table in frozen.TABLES:
        live = statistics.answer(october.query, table.ask(OCTOBER), SECRET)
        kept = tables[table.name]
        assert sorted(kept["rows"], key=repr) == sorted(live.rows, key=repr), table.name
        assert (kept["small"], kept["totals"], kept["more"]) == (live.small, live.totals, live.more)
        assert kept["rounded"] is (table.name not in ("volume", "volume_by_day"))
    assert tables["volume"]["totals"]["reports"] == 66
    assert sum(each["reports"] for each in tables["volume_by_day"]["rows"]) == 66
    assert [each["origin"] for each in tables["origins"]["rows"]] == ["DE"]
    assert tables["origins"]["small"]["cells"] == 2
    assert all(not row["reports"] % 5 for row in tables["types"]["rows"])
    with records.read() as conn:
        assert list(published.history(conn)) == [made]
    assert (made.revision, made.published_at, made.published_by, made.tables) == (1, NOW, "k", ())
    assert made.last_updated == (OCTOBER.end // 60) * 60_000


def test_late_evidence_makes_a_second_revision_and_leaves_the_first(october: Events, records: Records) -> None:
    go(october, records)
    first = figures(records, 1)
    store(october, [row(500 + n, country="NG", content_type="loan") for n in range(7)])
    assert figures(records, 1) == first
    with pytest.raises(publish.NotPublished, match="say why it needs revision 2"):
        go(october, records, reason=" \n")
    second = go(october, records, reason="A feed was down.", now=NOW + 5)
    assert figures(records, 1) == first
    assert (second.revision, second.reason) == (2, "A feed was down.")
    assert {"volume", "volume_by_day", "types", "origins", "routes", "targets"} <= set(second.tables)
    found = {one.table: one for one in publish.compared(records, "2026-10", 2) or ()}
    assert tuple(found) == second.tables
    origins = {(line.part, line.key.get("origin")): line for line in found["origins"].lines}
    assert set(origins) == {("cell", "NG"), ("total", None)}  # neither other cells nor the small ones
    assert origins["cell", "NG"].before is None
    volume = {line.part: line for line in found["volume"].lines}
    assert volume["cell"].before is not None
    assert volume["cell"].after is not None
    assert (volume["cell"].before["reports"], volume["cell"].after["reports"]) == (66, 73)
    sums = [sum(getattr(one, name) for one in found.values()) for name in ("added", "removed", "changed")]
    assert sums == [second.added, second.removed, second.changed]
    assert second.added >= 4
    with records.read() as conn:
        assert [one.revision for one in published.history(conn)] == [2, 1]


def test_what_cannot_be_published(october: Events, records: Records) -> None:
    with pytest.raises(publish.NotPublished, match="has not ended yet"):
        go(october, records, now=OCTOBER.end * 1000 - 1)
    with pytest.raises(Unanswerable, match="no evidence of 2026-09"):
        publish.publish(october.query, records, "2026-09", by="k", secret=SECRET, now=NOW)
    with pytest.raises(Unanswerable, match="is no period"):
        publish.publish(october.query, records, "2026-13", by="k", secret=SECRET, now=NOW)
    with records.read() as conn:
        assert published.history(conn) == []
    go(october, records)
    with pytest.raises(publish.NotPublished, match="nothing has changed since revision 1 of 2026-10"):
        go(october, records, reason="again")
    with records.read() as conn:
        assert len(published.history(conn)) == 1


def test_evidence_that_arrives_during_the_counting_is_counted_everywhere_or_nowhere(october: Events) -> None:
    late = [row(700 + n) for n in range(9)]
    waiting = [late]

    def query(sql: str, parameters: Any) -> list[dict[str, Any]]:
        if "shown_origin" in sql and waiting:
            store(october, waiting.pop())
        return october.query(sql, parameters)

    tables = frozen.freeze(query, OCTOBER, SECRET).content["tables"]
    assert {table["totals"]["reports"] for table in tables} == {75}

    def restless(sql: str, parameters: Any) -> list[dict[str, Any]]:
        if "shown_origin" in sql:
            store(october, [row(random.getrandbits(40))])
        return october.query(sql, parameters)

    with pytest.raises(frozen.Unsteady):
        frozen.freeze(restless, OCTOBER, SECRET)


def test_publishing_at_the_same_time_gives_one_revision(october: Events, records: Records) -> None:
    gate = threading.Barrier(3)
    done: list[Any] = []

    def query(sql: str, parameters: Any) -> list[dict[str, Any]]:
        if "dkim" in sql:  # each has looked for revisions and found none
            gate.wait(30)
        return october.query(sql, parameters)

    def one() -> None:
        try:
            done.append(publish.publish(query, records, "2026-10", by="k", secret=SECRET, now=NOW))
        except publish.NotPublished as error:
            done.append(str(error))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [each for each in done if isinstance(each, str)]
    assert len(refused) == 2
    assert all("published by somebody else just now" in each or "say why" in each for each in refused)
    with records.read() as conn:
        assert [each.revision for each in published.history(conn)] == [1]


def test_other_definitions_have_another_hash(october: Events, monkeypatch: pytest.MonkeyPatch) -> None:
    known = frozen.freeze(october.query, OCTOBER, SECRET).definitions
    assert frozen.freeze(october.query, frozen.span("2026"), SECRET).definitions == known
    monkeypatch.setattr(statistics, "LEAST", 6)
    assert frozen.freeze(october.query, OCTOBER, SECRET).definitions != known


# The rows


def test_a_revision_is_added_once_and_read_as_it_was(records: Records) -> None:
    hostile = replace(REVISION, reason="a\x00b\udc80")
    with records.begin() as conn:
        assert published.add(conn, hostile, b"{}")
        assert not published.add(conn, replace(REVISION, snapshot="other"), b"[]")
        assert published.content(conn, "2026-10", 1) == b"{}"
        assert published.content(conn, "2026-10", 2) is None
        assert published.history(conn, "2026-10")[0] == replace(REVISION, reason="a\ufffdb?")
        assert published.history(conn, "2026-11\x00") == []


def test_the_latest_period_stands_first(records: Records) -> None:
    with records.begin() as conn:
        for name, number in (("2026", 1), ("2026-10", 1), ("2026-W44", 1), ("2026-10", 2), ("2025-H2", 1)):
            at = frozen.span(name)
            times = {"starts_at": at.start * 1000, "ends_at": at.end * 1000}
            published.add(
                conn, published.Revision(**{**asdict(REVISION), **times, "period": name, "revision": number}), b""
            )
        found = [(one.period, one.revision) for one in published.history(conn)]
    assert found == [("2026-W44", 1), ("2026-10", 2), ("2026-10", 1), ("2026", 1), ("2025-H2", 1)]


def test_figures_that_were_tampered_with_are_noticed(records: Records) -> None:
    with records.begin() as conn:
        published.add(conn, REVISION, b"{}")
        published.add(conn, replace(REVISION, revision=2, snapshot=published.snapshot(b"[1]")), b"[2]")
        conn.execute(text("UPDATE published SET content = :c WHERE revision = 1"), {"c": b"nonsense"})
    with records.read() as conn:
        with pytest.raises(StoreError, match="cannot be read"):
            published.content(conn, "2026-10", 1)
        with pytest.raises(StoreError, match="is not what was published"):
            published.content(conn, "2026-10", 2)


def test_a_failed_transaction_leaves_nothing(records: Records) -> None:
    with pytest.raises(ZeroDivisionError), records.begin() as conn:  # noqa: PT012
        published.add(conn, REVISION, b"{}")
        raise ZeroDivisionError
    with records.read() as conn:
        assert published.history(conn) == []


DYING = """
import os, pickle, signal, sys
from counterspam.store import published
from counterspam.store.records import Records
config, revision, late = pickle.loads(sys.stdin.buffer.read())
records = Records.open(config)
with records.begin() as conn:
    assert published.add(conn, revision, b"{}")
    if not late:
        os.kill(os.getpid(), signal.SIGKILL)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("late", [False, True])
def test_a_crash_leaves_all_or_nothing(records: Records, records_config: Config, late: bool) -> None:
    given = pickle.dumps((records_config, REVISION, late))
    ended = subprocess.run([sys.executable, "-c", DYING], input=given, env=os.environ, check=False)
    assert ended.returncode == -9
    with records.begin() as conn:
        assert len(published.history(conn)) == late
        assert published.add(conn, REVISION, b"{}") is not late
