"""Reports on both stores: versions that change only in draft, snapshots and files that prove themselves, the log."""

from dataclasses import replace

import pytest
from sqlalchemy import text

from counterspam.errors import StoreError
from counterspam.store import reports
from counterspam.store.records import Records
from counterspam.store.reports import Act, Version

DRAFT = Version(
    id="0123456789abcdef",
    version=1,
    kind="council",
    period="2026-H1",
    audience="members",
    tlp="TLP:CLEAR",
    author="fr",
    languages=("en", "fr"),
    fields={"summary": "Résumé\n«x»"},
    created_at=5,
    changed_at=5,
)
SNAPSHOT = b'{"a":1}'
ID = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"


def test_a_version_is_kept_as_it_is_and_once(records: Records) -> None:
    with records.begin() as conn:
        assert reports.add(conn, DRAFT)
        assert not reports.add(conn, replace(DRAFT, kind="tsag"))
        assert reports.get(conn, DRAFT.id, 1) == DRAFT
        assert reports.get(conn, DRAFT.id, 2) is None
        assert reports.get(conn, "x\x00", 1) is None


def test_a_version_changes_for_who_has_seen_it_and_not_after_release(records: Records) -> None:
    written = replace(DRAFT, fields={"summary": "b"}, changed_at=6, exact=True, synthetic=True)
    with records.begin() as conn:
        reports.add(conn, DRAFT)
        assert reports.change(conn, written, seen=5)
        assert not reports.change(conn, replace(written, changed_at=9), seen=5)
        assert reports.get(conn, DRAFT.id, 1) == written
        released = replace(written, state="released", changed_at=7)
        assert reports.change(conn, released, seen=6)
        assert not reports.change(conn, replace(released, state="draft", changed_at=8), seen=7)
        assert reports.get(conn, DRAFT.id, 1) == released


def test_versions_are_listed_newest_change_first_and_page_by_page(records: Records) -> None:
    with records.begin() as conn:
        for n in range(5):
            state = "released" if n % 2 else "draft"
            reports.add(conn, replace(DRAFT, id=f"{n:016x}", changed_at=10 + n // 2, state=state))
        reports.add(conn, replace(DRAFT, id=f"{0:016x}", version=2, changed_at=20))
        assert [one.version for one in reports.versions(conn, f"{0:016x}")] == [2, 1]
        found = reports.every(conn)
        assert [(one.changed_at, int(one.id, 16)) for one in found] == [
            (20, 0),
            (12, 4),
            (11, 3),
            (11, 2),
            (10, 1),
            (10, 0),
        ]
        first = reports.every(conn, limit=3)
        rest = reports.every(conn, before=(first[-1].changed_at, first[-1].id))
        assert [*first, *rest] == list(found)
        assert {one.state for one in reports.every(conn, state="released")} == {"released"}


def test_a_snapshot_is_named_by_its_hash_and_kept_once(records: Records) -> None:
    with records.begin() as conn:
        with pytest.raises(StoreError, match="SHA-256"):
            reports.freeze(conn, "0" * 64, SNAPSHOT, at=1, software="0")
        for at in (1, 2):
            reports.freeze(conn, ID, SNAPSHOT, at=at, software="0")
        assert reports.snapshot(conn, ID) == SNAPSHOT
        assert reports.snapshot(conn, "0" * 64) is None
        assert conn.scalar(text("SELECT taken_at FROM report_snapshots")) == 1


def test_what_was_tampered_with_is_noticed(records: Records) -> None:
    with records.begin() as conn:
        reports.freeze(conn, ID, SNAPSHOT, at=1, software="0")
        reports.keep_files(conn, DRAFT, {"en.pdf": b"%PDF"})
        conn.execute(text("UPDATE report_snapshots SET content = :c"), {"c": b"nonsense"})
        conn.execute(text("UPDATE report_files SET sha256 = :c"), {"c": ID})
    with records.read() as conn:
        with pytest.raises(StoreError, match="cannot be read"):
            reports.snapshot(conn, ID)
        with pytest.raises(StoreError, match="is not what was kept"):
            reports.file(conn, DRAFT.id, 1, "en.pdf")


def test_files_take_the_place_of_those_before(records: Records) -> None:
    with records.begin() as conn:
        reports.keep_files(conn, DRAFT, {"en.pdf": b"old", "fr.pdf": b"old"})
        reports.keep_files(conn, replace(DRAFT, version=2), {"en.pdf": b"other version"})
        found = reports.keep_files(conn, DRAFT, {"en.pdf": b"new", "en.html": b"<p>"})
        assert [(file.name, file.size) for file in found] == [("en.html", 3), ("en.pdf", 3)]
        assert reports.file(conn, DRAFT.id, 1, "en.pdf") == b"new"
        assert reports.file(conn, DRAFT.id, 2, "en.pdf") == b"other version"
        assert reports.file(conn, DRAFT.id, 1, "fr.pdf") is None


def test_the_log_is_numbered_and_keeps_the_hash_of_each_file(records: Records) -> None:
    with records.begin() as conn:
        for n, act in enumerate(("created", "frozen", "released")):
            row = Act(0, n, "k", "An editor\x00", act, "why", {"en.pdf": "ab"} if n else {})
            assert reports.log(conn, DRAFT, row).number == n + 1
        reports.log(conn, replace(DRAFT, version=2), Act(0, 9, "k", "", "created", "", {}))
        found = reports.acts(conn, DRAFT.id, 1)
    assert [(act.number, act.act, dict(act.files)) for act in found] == [
        (1, "created", {}),
        (2, "frozen", {"en.pdf": "ab"}),
        (3, "released", {"en.pdf": "ab"}),
    ]
    assert found[0].name == "An editor\ufffd"
