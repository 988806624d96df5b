"""The same suite on SQLite and PostgreSQL."""

import contextlib
import random
import threading
from collections import Counter
from pathlib import Path

import pytest
from findings import assign
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from counterspam.config import Config
from counterspam.errors import ConfigError, StoreBusy, StoreError
from counterspam.store import api_keys, campaigns, intake, migrate, progress, rejected, seen
from counterspam.store.records import Records, clean
from counterspam.store.spool import Position


def key(number: int) -> str:
    return f"{number:032x}"


def test_migrating_twice_changes_nothing(records: Records) -> None:
    assert records.migrate() == []


def test_a_newer_schema_is_refused(records: Records) -> None:
    with records.begin() as conn:
        conn.execute(text("INSERT INTO migrations VALUES (9999, 'from the future', 0)"))
    with pytest.raises(StoreError, match="newer version"):
        records.migrate()


def test_a_failed_migration_leaves_nothing(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    bad = migrate.Migration(9000, "bad", ("CREATE TABLE half (a BIGINT)", "CREATE TABLE half (a BIGINT)"))
    known = migrate.series("records", records.dialect)
    monkeypatch.setattr(migrate, "series", lambda *_: [*known, bad])
    for _ in range(2):
        with pytest.raises(StoreError, match="exists"):
            records.migrate()


def test_errors_roll_back_and_are_ours(records: Records) -> None:
    with pytest.raises(StoreError), records.begin() as conn:  # noqa: PT012
        progress.plan(conn, "a", 1, Position(1, 1))
        conn.execute(text("SELECT nonsense"))
    with records.read() as conn:
        assert progress.load(conn, "a").batch == 1
        assert not progress.load(conn, "a").planned


def test_reading_does_not_wait_for_a_writer(records: Records) -> None:
    with records.begin() as writer:
        progress.plan(writer, "a", 1, Position(1, 1))
        with records.read() as reader:
            assert intake.totals(reader)["read"] == 0


def test_reading_cannot_write(records: Records) -> None:
    with contextlib.suppress(StoreError), records.read() as conn:  # PostgreSQL refuses, SQLite forgets it
        progress.plan(conn, "x", 5, Position(1, 1))
    with records.read() as conn:
        assert not progress.load(conn, "x").planned


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "postgresql+nothere://x/y"])
def test_wrong_urls_name_the_setting(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match="records"):
        Records.open(Config(data=tmp_path, records=url))


def test_a_held_sqlite_is_busy(tmp_path: Path) -> None:
    store = Records.open(Config(data=tmp_path))
    store.migrate()
    other = Records.open(Config(data=tmp_path))
    with store.begin(), pytest.raises(StoreBusy), other.read() as conn:  # noqa: PT012
        conn.exec_driver_sql("PRAGMA busy_timeout = 10")
        progress.plan(conn, "a", 1, Position(0, 1))
    store.close()
    other.close()


# seen


def test_the_first_to_claim_has_it(records: Records) -> None:
    with records.begin() as conn:
        keys = [key(1), key(2), key(1), key(3)]
        owners = [key(101), key(102), key(103), key(104)]
        assert seen.claim(conn, keys, owners) == [True, True, False, True]
    with records.begin() as conn:
        assert seen.claim(conn, keys, owners) == [True, True, False, True]  # repeated after a crash
        assert seen.claim(conn, [key(2), key(9)], [key(500), key(501)]) == [False, True]
        assert seen.claim(conn, [], []) == []


def test_an_item_shares_its_key_with_all_its_records(records: Records) -> None:
    uuid = "0190c7a1-0000-7000-8000-000000000001"
    with records.begin() as conn:
        assert seen.claim(conn, [key(1)] * 3, [uuid] * 3) == [True] * 3
        assert seen.claim(conn, [key(1)] * 2, [key(5)] * 2) == [False] * 2
        assert seen.claim(conn, [key(1)], [uuid.replace("-", "")]) == [True]


def test_thousands_of_claims(records: Records) -> None:
    numbers = list(range(0, 30_000, 9))
    with records.begin() as conn:
        assert all(seen.claim(conn, [key(n) for n in numbers], [key(n) for n in numbers]))
    with records.begin() as conn:
        more = list(range(0, 30_000, 2))
        answers = seen.claim(conn, [key(n) for n in more], [key(n + 1) for n in more])
    assert [n for n, yes in zip(more, answers, strict=True) if not yes] == list(range(0, 30_000, 18))


def test_a_key_of_another_length_is_refused(records: Records) -> None:
    with records.begin() as conn, pytest.raises(ValueError, match="32 hex digits"):
        seen.claim(conn, [key(1), "ab"], [key(2), key(3)])


def test_claims_roll_back(records: Records) -> None:
    with pytest.raises(RuntimeError), records.begin() as conn:  # noqa: PT012
        seen.claim(conn, [key(1)], [key(2)])
        raise RuntimeError
    with records.begin() as conn:
        assert seen.claim(conn, [key(1)], [key(3)]) == [True]


def test_two_nodes_never_both_get_a_key(records: Records) -> None:
    granted: Counter[str] = Counter()
    lock = threading.Lock()

    def node(name: int) -> None:
        order = random.Random(name)
        for _ in range(10):
            numbers = [order.randrange(300) for _ in range(120)]
            with records.begin() as conn:
                answers = seen.claim(conn, [key(n) for n in numbers], [key(name * 10**6 + n) for n in numbers])
            with lock:
                granted.update({(key(n), name): 1 for n, yes in zip(numbers, answers, strict=True) if yes})

    run(node, 1, 2, 3)
    assert max(Counter(k for k, _ in granted).values()) == 1


def run(target: object, *names: int) -> None:
    failed: list[BaseException] = []

    def guarded(name: int) -> None:
        try:
            target(name)  # type: ignore[operator]
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=guarded, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed, failed


# campaigns


def info(number: int, count: int = 1, title: str = "") -> dict[str, object]:
    fields = {"subject": "", "excerpt": title or f"title {number}", "channel": "sms"}
    return fields | {"id": f"exemplar-{number:06d}", "observed_at": 1000 + number, "count": count}


def table(records: Records) -> dict[int, tuple[object, ...]]:
    with records.read() as conn:
        rows = conn.execute(
            text("SELECT id, title, exemplar, first_seen, last_seen, messages, reports, merged_into FROM campaigns")
        )
        return {row[0]: tuple(row[1:]) for row in rows}


def test_sharing_a_key_is_one_campaign(records: Records) -> None:
    with records.begin() as conn:
        done = assign(conn, [(5, 9), (7,), (9, 12), ()], [info(1, 3), info(2), info(3, 4), info(4)])
    assert done == campaigns.Assigned([5, 7, 5, 0], [0, 0, 3, 0], [])
    with records.begin() as conn:
        done = assign(conn, [(12, 20)], [info(5)])
    assert done == campaigns.Assigned([5], [7], [])
    assert table(records)[5] == ("title 1", "exemplar-000001", 1001, 1005, 8, 3, None)


def test_campaigns_that_turn_out_to_be_one_are_merged(records: Records) -> None:
    with records.begin() as conn:
        assign(conn, [(50,), (70,)], [info(2, 2), info(1, 3)])
        first = assign(conn, [(50, 70)], [info(3)])
        second = assign(conn, [(70, 10)], [info(4)])
    assert first == campaigns.Assigned([50], [5], [(70, 50)])
    assert second == campaigns.Assigned([10], [6], [(50, 10), (70, 10)])  # always one step to the end
    rows = table(records)
    assert rows[10] == ("title 1", "exemplar-000001", 1001, 1004, 7, 4, None)
    assert [rows[id][-3:] for id in (50, 70)] == [(0, 0, 10)] * 2
    with records.read() as conn:
        assert campaigns.resolve(conn, [50, 70, 10, 999]) == {10: 10, 50: 10, 70: 10}


def test_hostile_titles_are_stored(records: Records) -> None:
    with records.begin() as conn:
        assign(conn, [(1,)], [info(1, title="a\x00b" + "x" * 500)])
    assert table(records)[1][0] == clean("a\x00b" + "x" * 500, 200)


BIG = 2**63 - 1
groups = st.lists(st.lists(st.integers(0, 25).map(lambda n: BIG - n), max_size=4), max_size=30)


def components(keys: list[list[int]]) -> list[int]:
    """What `assign` should come to, done the slow way."""
    label = {k: k for group in keys for k in group}
    changed = True
    while changed:
        changed = False
        for group in keys:
            least = min((label[k] for k in group), default=0)
            for k in group:
                changed |= label[k] != least
                label[k] = least
    return [label[group[0]] if group else 0 for group in keys]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(keys=groups, cuts=st.lists(st.integers(1, 10), max_size=10), shuffle=st.randoms(use_true_random=False))
def test_components_do_not_depend_on_order_or_batches(
    records: Records, keys: list[list[int]], cuts: list[int], shuffle: random.Random
) -> None:
    with records.begin() as conn:
        conn.execute(text("DELETE FROM campaigns"))
        conn.execute(text("DELETE FROM campaign_keys"))
    order = list(range(len(keys)))
    shuffle.shuffle(order)
    given_id: dict[int, int] = {}
    alias: dict[int, int] = {}
    sizes = iter([*cuts, *[7] * len(keys)])
    while order:
        size = next(sizes)
        batch, order = order[:size], order[size:]
        with records.begin() as conn:
            done = assign(conn, [keys[i] for i in batch], [info(i, i + 1) for i in batch])
        given_id.update(zip(batch, done.campaigns, strict=True))
        alias.update(done.merged)
    expected = components(keys)
    assert [alias.get(given_id[i], given_id[i]) for i in range(len(keys))] == expected
    messages: Counter[int] = Counter()
    for i, id in enumerate(expected):
        messages[id] += i + 1
    messages.pop(0, None)
    rows = table(records)
    assert {id: row[4] for id, row in rows.items() if row[-1] is None} == messages
    for id in messages:
        oldest = expected.index(id)
        assert rows[id][:3] == (f"title {oldest}", f"exemplar-{oldest:06d}", 1000 + oldest)


def test_nodes_at_the_same_time_come_to_what_one_would(records: Records) -> None:
    source = random.Random(4)
    keys = [[source.randrange(1, 400) for _ in range(2)] for _ in range(360)]
    alias: dict[int, set[int]] = {}
    given_id: dict[int, int] = {}
    lock = threading.Lock()

    def node(name: int) -> None:
        mine = list(range(name, len(keys), 3))
        for start in range(0, len(mine), 12):
            part = mine[start : start + 12]
            with records.begin() as conn:
                done = assign(conn, [keys[i] for i in part], [info(i) for i in part])
            with lock:
                given_id.update(zip(part, done.campaigns, strict=True))
                for old, new in done.merged:
                    alias.setdefault(old, set()).add(new)

    run(node, 0, 1, 2)
    # As in the event store: the alias with the least id is the latest, whatever the order they were written in.
    assert [min(alias.get(given_id[i], {given_id[i]})) for i in range(len(keys))] == components(keys)
    assert sum(row[4] for row in table(records).values()) == len(keys)  # type: ignore[misc]


# progress


def test_progress_from_plan_to_done(records: Records) -> None:
    with records.begin() as conn:
        assert progress.load(conn, "n") == progress.Mark(Position(0, 0), 1, False, 0, Position(0, 0))
        progress.plan(conn, "n", 1, Position(1, 500))
        progress.advance(conn, "n", 1, 1, None)
        assert progress.load(conn, "n") == progress.Mark(Position(0, 0), 1, True, 1, Position(1, 500))
        progress.plan(conn, "n", 1, Position(1, 500))  # again after a crash: the parts that are stored stay stored
        assert progress.load(conn, "n").part == 1
        progress.advance(conn, "n", 1, 2, Position(1, 500))
        assert progress.load(conn, "n") == progress.Mark(Position(1, 500), 2, False, 0, Position(1, 500))
        assert progress.load(conn, "other").batch == 1


# rejected


def row(id: str, **fields: object) -> rejected.Row:
    known = {
        "id": id,
        "received_at": 5,
        "intake": "http",
        "name": "a\x00.eml",
        "format": "arf",
        "reason": "bad-value",
        "detail": "d\udc80",
        "blob": "",
        "record": 2,
        "excerpt": "x",
    }
    return rejected.Row(**{**known, **fields})  # type: ignore[arg-type]


def test_rejected_records_are_kept_listed_and_settled(records: Records) -> None:
    with records.begin() as conn:
        rejected.add(conn, [row("a"), row("b", received_at=9, reason="empty"), row("c", intake="smtp")])
        rejected.add(conn, [row("a", detail="again")])
        rejected.add(conn, [])
        assert [r.id for r in rejected.list(conn)] == ["b", "a", "c"]
        assert [r.id for r in rejected.list(conn, reason="bad-value", intake="http")] == ["a"]
        assert [r.id for r in rejected.list(conn, limit=1, offset=1)] == ["a"]
        rejected.set_state(conn, "a", "retried")
        assert [r.id for r in rejected.list(conn)] == ["b", "c"]
        assert [r.id for r in rejected.list(conn, state="")] == ["b", "a", "c"]
        found = rejected.get(conn, "a")
        assert found is not None
        assert (found.name, found.detail, found.state) == ("a\ufffd.eml", "d?", "retried")
        assert rejected.get(conn, "nothere\x00") is None
        assert rejected.counts(conn) == {("open", "bad-value"): 1, ("open", "empty"): 1, ("retried", "bad-value"): 1}
        with pytest.raises(StoreError, match="no rejected record"):
            rejected.set_state(conn, "zzz", "dismissed")
        with pytest.raises(StoreError, match="never"):
            rejected.set_state(conn, "a", "lost")


# intake


def test_intake_adds_up(records: Records) -> None:
    with records.begin() as conn:
        intake.add(conn, {("http", "arf"): {"read": 3, "accepted": 2, "rejected": 1, "rows": 2, "messages": 9}}, 50, 60)
        intake.add(
            conn, {("http", "arf"): {"read": 1, "duplicate": 1}, ("smtp", ""): {"read": 1, "rejected": 1}}, 40, 70
        )
        intake.add(conn, {}, 1, 1)
        rows = intake.list(conn)
        assert rows[0] | {"items": 0} == {
            "intake": "http",
            "format": "arf",
            "first_at": 40,
            "last_at": 70,
            "items": 0,
            "read": 4,
            "accepted": 2,
            "duplicate": 1,
            "rejected": 1,
            "rows": 2,
            "messages": 9,
        }
        assert [r["intake"] for r in rows] == ["http", "smtp"]
        totals = intake.totals(conn)
        assert totals["read"] == totals["accepted"] + totals["duplicate"] + totals["rejected"] == 5


# API keys


def test_keys_are_shown_once_and_can_be_revoked(records: Records) -> None:
    with records.begin() as conn:
        id, secret = api_keys.create(conn, "desk", ["submit", "read"], "bank")
        other, _ = api_keys.create(conn, "other", [], "")
        assert secret.startswith(f"cs_{id}_")
        assert len(secret) == 3 + 16 + 1 + 52
        found = api_keys.verify(conn, secret)
        assert found is not None
        assert (found.id, found.label, found.scopes, found.reporter) == (id, "desk", ("submit", "read"), "bank")
        assert secret not in repr(conn.execute(text("SELECT * FROM api_keys")).all())
        api_keys.used(conn, id, 77)
        assert {k.id: k.last_used for k in api_keys.list(conn)} == {id: 77, other: None}
        api_keys.revoke(conn, id)
        assert api_keys.verify(conn, secret) is None
        with pytest.raises(StoreError, match="no API key"):
            api_keys.revoke(conn, "nothere")


@pytest.mark.parametrize(
    "wrong", ["", "cs_", "x", "cs_0123456789abcdef_aaaa", "cs_\x00123456789abcdef_a", "cs_" + "a" * 9999, "\udc80"]
)
def test_wrong_secrets_are_nobody(records: Records, wrong: str) -> None:
    with records.begin() as conn:
        id, secret = api_keys.create(conn, "desk", ["submit"], "")
        assert api_keys.verify(conn, wrong) is None
        assert api_keys.verify(conn, secret[:-1]) is None
        assert api_keys.verify(conn, secret.upper()) is None
        assert api_keys.verify(conn, f"cs_{id}_{'a' * 52}") is None
