"""Waves, invitations with codes, versions of answers, sign-offs and releases, on both stores."""

import pytest

from counterspam.errors import StoreError
from counterspam.store import invitations, responses, waves
from counterspam.store.invitations import Invitation, Reminder
from counterspam.store.records import Records
from counterspam.store.responses import Act, NotOpen
from counterspam.store.waves import Wave

WAVE = Wave(
    id="2026-1", title="T", definition="2026", definition_hash="h", period="2026", opens_at=1, closes_at=9, reminder="r"
)  # fmt: skip
ONE = Invitation(id="a" * 16, wave=WAVE.id, member="M", country="FR", role="isp", size="s1", account="acc")


def test_waves(records: Records) -> None:
    with records.begin() as conn:
        assert waves.add(conn, WAVE)
        assert not waves.add(conn, WAVE)
        assert waves.get(conn, "2026-1") == WAVE
        assert waves.get(conn, "none") is None
        waves.move_deadline(conn, WAVE.id, 20)
        assert waves.every(conn)[0].closes_at == 20


def test_releases_are_decided_once(records: Records) -> None:
    with records.begin() as conn:
        waves.add(conn, WAVE)
        first = waves.prepare(conn, WAVE.id, {"tables": [1]}, by="a", at=5)
        second = waves.prepare(conn, WAVE.id, {"tables": [2]}, by="a", at=6)
        assert (first.number, second.number, len(first.hash)) == (1, 2, 64)
        assert waves.public(conn, WAVE.id) is None
        assert waves.decide(conn, WAVE.id, 1, "approved", by="b", at=7)
        assert not waves.decide(conn, WAVE.id, 1, "refused", by="c", at=8)
        assert waves.decide(conn, WAVE.id, 2, "refused", by="b", at=8, reason="why")
        public = waves.public(conn, WAVE.id)
        assert public
        assert (public.number, public.content, public.decided_by) == (1, {"tables": [1]}, "b")
        assert [(one.number, one.decision, one.content) for one in waves.releases(conn, WAVE.id)] == [
            (2, "refused", {}),
            (1, "approved", {}),
        ]


def test_codes_open_until_they_are_revoked(records: Records) -> None:
    with records.begin() as conn:
        waves.add(conn, WAVE)
        assert invitations.add(conn, ONE)
        assert not invitations.add(conn, Invitation(**{**ONE_FIELDS, "id": "b" * 16})), "one for each member of a wave"
        code = invitations.make_code(conn, ONE.id, by="x", at=1)
        part = invitations.make_code(conn, ONE.id, by="x", at=2, section="B6", label="desk")
        typed = invitations.hashed(code.lower().replace("-", " "))
        found = invitations.code(conn, typed)
        assert found
        assert (found.invitation, found.section, found.revoked_at) == (ONE.id, "", 0)
        assert code not in str(found)
        invitations.used(conn, typed, 5)
        invitations.used(conn, typed, 6)
        assert [one.used_at for one in invitations.codes(conn, ONE.id)] == [5, 0]
        assert invitations.revoke_code(conn, invitations.hashed(part), 7)
        assert not invitations.revoke_code(conn, invitations.hashed(part), 8)
        assert invitations.code(conn, "0" * 64) is None
        assert [one.id for one in invitations.of_account(conn, "acc")] == [ONE.id]
        assert not invitations.of_account(conn, "")
        assert invitations.revoke(conn, ONE.id, 9)
        assert {one.revoked_at for one in invitations.codes(conn, ONE.id)} == {7, 9}
        assert not invitations.of_account(conn, "acc")
        assert invitations.account_id(conn, "key-id") == "key-id"


ONE_FIELDS = {name: getattr(ONE, name) for name in ("wave", "member", "country", "role", "size")}


def test_every_version_stays(records: Records) -> None:
    with records.begin() as conn:
        waves.add(conn, WAVE)
        invitations.add(conn, ONE)
        assert responses.last(conn, ONE.id).version == 0
        first = responses.save(conn, ONE.id, lambda old: {**old, "a": "1"}, by="x", at=1, way="web", section="B0")
        same = responses.save(conn, ONE.id, lambda old: old, by="x", at=2, way="web")
        second = responses.save(conn, ONE.id, lambda old: {**old, "b": "é\x00"}, by="y", at=3, way="file")
        assert (first.version, same.version, second.version) == (1, 1, 2)
        assert responses.last(conn, ONE.id).content == {"a": "1", "b": "é\ufffd"}
        old = responses.version(conn, ONE.id, 1)
        assert old
        assert old.content == {"a": "1"}
        assert [(one.version, one.way) for one in responses.history(conn, ONE.id)] == [(2, "file"), (1, "web")]
        with pytest.raises(StoreError):
            responses.save(
                conn, ONE.id, lambda old: dict.fromkeys(map(str, range(200)), "x" * 5000), by="", at=0, way="web"
            )


def test_signed_answers_are_closed_until_opened_again(records: Records) -> None:
    with records.begin() as conn:
        waves.add(conn, WAVE)
        invitations.add(conn, ONE)
        responses.save(conn, ONE.id, lambda old: {"a": "1"}, by="x", at=1, way="web")
        assert responses.states(conn, WAVE.id) == {ONE.id: ("started", 1)}
        responses.act(conn, Act(invitation=ONE.id, act="sign", version=1, at=2, by="x", name="Head"))
        assert responses.states(conn, WAVE.id)[ONE.id] == ("signed", 1)
        with pytest.raises(NotOpen):
            responses.save(conn, ONE.id, lambda old: {"a": "2"}, by="x", at=3, way="web")
        assert [one.content for one in responses.signed(conn, WAVE.id)] == [{"a": "1"}]
        responses.act(conn, Act(invitation=ONE.id, act="reopen", version=1, at=4, by="o", reason="slip"))
        assert not responses.signed(conn, WAVE.id)
        responses.save(conn, ONE.id, lambda old: {"a": "2"}, by="x", at=5, way="web")
        responses.act(conn, Act(invitation=ONE.id, act="sign", version=2, at=6, by="x"))
        assert [one.content for one in responses.signed(conn, WAVE.id)] == [{"a": "2"}]
        assert [(one.number, one.act) for one in responses.acts(conn, ONE.id)] == [
            (1, "sign"),
            (2, "reopen"),
            (3, "sign"),
        ]
        invitations.revoke(conn, ONE.id, 9)
        assert not responses.signed(conn, WAVE.id), "the answers of a revoked invitation count no more"


def test_reminders(records: Records) -> None:
    with records.begin() as conn:
        waves.add(conn, WAVE)
        invitations.add(conn, ONE)
        invitations.remind(conn, Reminder(invitation=ONE.id, at=1, by="x", way="text"))
        invitations.remind(conn, Reminder(invitation=ONE.id, at=2, by="x", way="mail", error="e"))
        assert [(one.at, one.way, one.error) for one in invitations.reminders(conn, WAVE.id)] == [
            (2, "mail", "e"),
            (1, "text", ""),
        ]
