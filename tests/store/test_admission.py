"""Accounts, sessions and the audit log, on SQLite and PostgreSQL alike."""

import threading

import pytest
from sqlalchemy import text

from counterspam.errors import StoreError
from counterspam.store import accounts, audit, sessions
from counterspam.store.accounts import NameTaken
from counterspam.store.records import Records

KEY = audit.key(b"k" * 32)


def test_an_account_is_found_by_its_name_in_any_case(records: Records) -> None:
    with records.begin() as conn:
        made = accounts.create(conn, " Ana.Lyst@Example ", "An analyst", ["analyst", "learner"], "$argon2id$x")
    with records.read() as conn:
        assert accounts.by_name(conn, "ANA.lyst@example") == made
        assert accounts.by_id(conn, made.id) == made
        assert accounts.by_name(conn, "ana") is None
        assert [account.name for account in accounts.list(conn)] == ["ana.lyst@example"]
    assert (made.roles, made.display, made.disabled_at) == (("analyst", "learner"), "An analyst", None)


def test_a_name_is_given_once_and_the_rest_of_the_transaction_lives(records: Records) -> None:
    with records.begin() as conn:
        accounts.create(conn, "one", "", [], "")
        with pytest.raises(NameTaken, match="one"):
            accounts.create(conn, "ONE", "", [], "")
        accounts.create(conn, "two", "", [], "")
    with records.read() as conn:
        assert [account.name for account in accounts.list(conn)] == ["one", "two"]


def test_an_account_is_changed_and_an_unknown_one_is_an_error(records: Records) -> None:
    with records.begin() as conn:
        made = accounts.create(conn, "one", "", [], "", issuer="https://id.example", subject="7")
        accounts.change(conn, made.id, roles=["moderator"], disabled_at=5, display="Other")
        found = accounts.by_subject(conn, "https://id.example", "7")
        assert found is not None
        assert (found.roles, found.disabled_at, found.display) == (("moderator",), 5, "Other")
        assert accounts.by_subject(conn, "https://other.example", "7") is None
    with pytest.raises(StoreError, match="no account"), records.begin() as conn:
        accounts.change(conn, "a0", display="x")


def test_a_session_lives_until_it_ends_or_is_ended(records: Records) -> None:
    with records.begin() as conn:
        first, second = (sessions.open(conn, "a1", "account", 1000, 10) for _ in range(2))
        other = sessions.open(conn, "a2", "account", 1000, 20)
    with records.read() as conn:
        found = sessions.find(conn, first, 10_999)
        assert found is not None
        assert (found.account, found.kind, found.expires_at) == ("a1", "account", 11_000)
        assert sessions.find(conn, first, 11_000) is None
        assert sessions.find(conn, "", 1000) is None
        stored = conn.scalars(text("SELECT hash FROM sessions")).all()
    assert first not in stored
    with records.begin() as conn:
        assert sessions.end_all(conn, "a1", but=second) == 1
        sessions.end(conn, other)
    with records.read() as conn:
        alive = [secret for secret in (first, second, other) if sessions.find(conn, secret, 2000)]
    assert alive == [second]


def test_ended_sessions_are_cleared_away(records: Records) -> None:
    with records.begin() as conn:
        sessions.open(conn, "a1", "account", 1000, 1)
        sessions.open(conn, "a1", "account", 5000, 1)
        assert conn.scalar(text("SELECT count(*) FROM sessions")) == 1


def _filled(records: Records, rows: int = 5) -> None:
    with records.begin() as conn:
        for number in range(rows):
            audit.add(conn, KEY, "a1", "An editor", "law.propose", f"FR-{number}", {"number": number})


def test_the_audit_log_is_a_chain(records: Records) -> None:
    _filled(records)
    with records.read() as conn:
        checked = audit.check(conn, KEY)
        rows = audit.latest(conn, action="law.", limit=2)
        assert audit.latest(conn, subject="FR-3")[0].detail == '{"number":3}'
        assert audit.latest(conn, action="%aw.") == []
    assert (checked.rows, checked.broken, checked.head) == (5, 0, rows[0].mac)
    assert [row.number for row in rows] == [5, 4]


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("UPDATE audit SET detail = '{}' WHERE number = 2", 2),
        ("UPDATE audit SET who = 'a2' WHERE number = 1", 1),
        ("UPDATE audit SET at = at + 1 WHERE number = 5", 5),
        ("DELETE FROM audit WHERE number = 3", 3),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("UPDATE audit SET number = 0 WHERE number = 1", 1),
        ("INSERT INTO audit SELECT 6, at, who, name, action, subject, detail, mac FROM audit WHERE number = 5", 6),
    ],
)
def test_a_change_of_the_audit_log_shows(records: Records, change: str, broken: int) -> None:
    _filled(records)
    with records.begin() as conn:
        conn.execute(text(change))
    with records.read() as conn:
        assert audit.check(conn, KEY).broken == broken


def test_a_chain_made_with_another_key_does_not_fit_and_a_cut_end_shows_in_the_head(records: Records) -> None:
    _filled(records)
    with records.read() as conn:
        head = audit.check(conn, KEY).head
        assert audit.check(conn, audit.key(b"x" * 32)).broken == 1
    with records.begin() as conn:
        conn.execute(text("DELETE FROM audit WHERE number = 5"))
    with records.read() as conn:
        checked = audit.check(conn, KEY)
    assert checked.broken == 0
    assert checked.head != head


def test_what_fails_is_not_in_the_log_and_writers_at_once_leave_no_gap(records: Records) -> None:
    def fail() -> None:
        with records.begin() as conn:
            audit.add(conn, KEY, "a1", "", "law.propose", "x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    def write() -> None:
        for _ in range(10):
            _filled(records, 1)

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with records.read() as conn:
        assert audit.check(conn, KEY) == audit.Checked(40, audit.latest(conn, limit=1)[0].mac, 0)


def test_an_empty_log_fits_and_a_long_detail_is_cut(records: Records) -> None:
    with records.read() as conn:
        assert audit.check(conn, KEY) == audit.Checked(0, "", 0)
    with records.begin() as conn:
        row = audit.add(conn, KEY, "a1", "n\x00me", "x.y", "s", {"long": "x" * 10_000})
    assert row.detail == '{"cut":10011}'
    with records.read() as conn:
        assert audit.check(conn, KEY).broken == 0
