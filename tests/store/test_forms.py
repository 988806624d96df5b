"""Questionnaires of a node in the records: states, four eyes, what stays as it is, and the history, on both stores."""

from dataclasses import replace

import pytest

from counterspam.store import forms
from counterspam.store.forms import Form, NotPossible, Who
from counterspam.store.records import Records

ONE, OTHER, THIRD = Who("a", "A", 1), Who("b", "B", 2), Who("c", "C", 3)
FORM = Form(version="x-1", title="T", content="t: é\n", hash="h1", written_by="")


def code(work: object, *args: object, **more: object) -> str:
    """Why it is not possible."""
    with pytest.raises(NotPossible) as found:
        work(*args, **more)  # type: ignore[operator]
    return found.value.code


def test_from_draft_to_publication(records: Records) -> None:
    with records.begin() as conn:
        kept = forms.write(conn, FORM, ONE)
        assert (kept.state, kept.written_by, kept.written_at) == ("draft", "a", 1)
        assert code(forms.publish, conn, "x-1", "h1", OTHER, "") == "not-proposed"
        assert forms.propose(conn, "x-1", "h1", ONE).state == "proposed"
        assert code(forms.publish, conn, "x-1", "h1", ONE, "") == "same-person"
        assert code(forms.publish, conn, "x-1", "h0", OTHER, "") == "changed"
        assert code(forms.publish, conn, "x-2", "h1", OTHER, "") == "missing"
        assert forms.publish(conn, "x-1", "h1", OTHER, "Fine.").decided_at == 2
        assert code(forms.write, conn, FORM, ONE) == "decided"
        assert code(forms.refuse, conn, "x-1", "h1", OTHER, "") == "decided"
    with records.read() as conn:
        found = forms.get(conn, "x-1")
        assert found
        assert (found.state, found.content, found.hash) == ("published", "t: é\n", "h1")
        assert [one.content for one in forms.listed(conn)] == [""]
        assert [(one.act, one.by, one.hash, one.remark) for one in forms.acts(conn, "x-1")] == [
            ("publish", "b", "h1", "Fine."),
            ("propose", "a", "h1", ""),
            ("write", "a", "h1", ""),
        ]


def test_whoever_wrote_any_of_it_cannot_publish(records: Records) -> None:
    with records.begin() as conn:
        forms.write(conn, FORM, ONE)
        forms.propose(conn, "x-1", "h1", ONE)
        assert forms.write(conn, replace(FORM, hash="h2"), OTHER).state == "draft", (
            "a proposal that is changed is a draft"
        )
        forms.propose(conn, "x-1", "h2", OTHER)
        assert code(forms.publish, conn, "x-1", "h2", ONE, "") == "same-person"
        assert forms.refuse(conn, "x-1", "h2", ONE, "No.").state == "refused"
        forms.write(conn, replace(FORM, hash="h3"), OTHER)
        forms.propose(conn, "x-1", "h3", OTHER)
        assert forms.publish(conn, "x-1", "h3", OTHER, "", alone=True).state == "published"


def test_a_node_keeps_only_so_many(records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "MOST", 1)
    with records.begin() as conn:
        forms.write(conn, FORM, ONE)
        forms.write(conn, FORM, THIRD)
        assert code(forms.write, conn, replace(FORM, version="x-2"), ONE) == "full"
