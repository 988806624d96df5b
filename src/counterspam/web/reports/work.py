"""What is done to a report, step by step: begin, write, freeze, build, submit, review, sign off, release, return, next version.

Each step is one transaction with a row in the log of the report and one in the audit log. Who reviews, signs off or releases
must be somebody else than who wrote or built that version. Where access is open on this machine ("local") there is nobody
else, and one may do both.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import Request

from counterspam import __version__
from counterspam.measure.frozen import span
from counterspam.measure.listing import LAST_ID, evidence_list
from counterspam.node import now
from counterspam.policy.reports import checks
from counterspam.policy.reports.checks import Check
from counterspam.policy.reports.fields import kept
from counterspam.policy.reports.kinds import KINDS
from counterspam.policy.reports.snapshot import identity
from counterspam.store import reports
from counterspam.store.reports import Act, File, Version
from counterspam.web import access
from counterspam.web.access import LOCAL, Caller
from counterspam.web.language import mark
from counterspam.web.problems import Problem
from counterspam.web.reports import freezing, making
from counterspam.web.reports.freezing import Wanted
from counterspam.web.scopes import Scope

NOT_THERE = mark("there is no such report")
CHANGED = mark("somebody else has changed this report in the meantime; load the page again")
WROTE = mark("whoever wrote a version cannot review, sign off or release it")
NOT_NOW = mark("the report is not in a state in which this can be done")
NOT_READY = mark("the report does not pass every check, so it cannot go out")
NO_FILES = mark("build the files first")
WRITING = ("created", "written", "frozen", "built")
MOST_EXCERPTS = 400
# What may be done in which state, and the state that follows.
STEPS = {
    "submitted": (("draft",), "submitted"),
    "reviewed": (("submitted",), "reviewed"),
    "signed-off": (("reviewed",), "signed-off"),
    "released": (("signed-off",), "released"),
    "returned": (("submitted", "reviewed", "signed-off"), "draft"),
}


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version with its files and what was done to it."""

    version: Version
    files: Sequence[File]
    acts: Sequence[Act]


def may_see(caller: Caller, one: Version) -> bool:
    """Everybody sees what is released under TLP:CLEAR; exact figures only who may read evidence or signs off."""
    if one.state == "released" and one.tlp == "TLP:CLEAR" and not one.exact:
        return True
    if one.exact:
        return caller.may(Scope.APPROVE) or (caller.may(Scope.EDIT) and caller.may(Scope.EVIDENCE))
    return caller.may(Scope.EDIT) or caller.may(Scope.APPROVE)


def load(request: Request, caller: Caller, id: str, version: int = 0) -> Loaded:
    """A version, by default the newest that the caller may see. Raises Problem 404."""
    with request.app.state.node.records.read() as conn:
        found = [one for one in reports.versions(conn, id) if version in (0, one.version) and may_see(caller, one)]
        if not found:
            raise Problem(404, NOT_THERE)
        one = found[0]
        return Loaded(one, reports.files(conn, one.id, one.version), reports.acts(conn, one.id, one.version))


def begin(request: Request, caller: Caller, given: Version) -> Version:
    """A new report, version 1. `given` was checked; its id and times are set here."""
    at = now()
    one = replace(given, id=secrets.token_hex(8), version=1, created_at=at, changed_at=at, state="draft")
    with request.app.state.node.records.begin() as conn:
        reports.add(conn, one)
        _note(request, conn, caller, one, "created", at)
    return one


def write(request: Request, caller: Caller, one: Version, fields: Mapping[str, str], **changes: Any) -> Version:
    """Keep what was typed; files made before do not fit any more. Raises Problem 409."""
    _in_draft(one)
    typed = kept(KINDS[one.kind].fields, fields)
    return _changed(request, caller, one, replace(one, fields=typed, built_at=0, **changes), "written")


def build(request: Request, caller: Caller, one: Version, *, anew: bool) -> Version:
    """Freeze the data (`anew`, or where none are frozen yet) and make all files. Raises Problem 403, 409; CannotSet."""
    _in_draft(one)
    if one.exact and not caller.may(Scope.EVIDENCE):
        raise Problem(403, mark("exact figures need the right to read evidence"))
    node, at = request.app.state.node, max(now(), one.changed_at + 1)
    anew = anew or not one.snapshot
    if anew:
        snapshot_id, content = freezing.freeze(node, _wanted(one), request.app.state.report_sections)
    else:
        snapshot_id, content = one.snapshot, snapshot(request, one)
    made = replace(one, snapshot=snapshot_id, software=__version__, built_at=at, changed_at=at)
    contents = making.files(making.given(made, content, at=at), one.languages)
    with node.records.begin() as conn:
        reports.freeze(conn, snapshot_id, content, at=at, software=__version__)
        if not reports.change(conn, made, seen=one.changed_at):
            raise Problem(409, CHANGED)
        files = reports.keep_files(conn, made, contents)
        _note(request, conn, caller, made, "frozen" if anew else "built", at, files=files)
    return made


def step(request: Request, caller: Caller, one: Version, act: str, note: str = "") -> Version:
    """Submit, review, sign off, release or return a version. Raises Problem 403, 409."""
    states, after = STEPS[act]
    if one.state not in states:
        raise Problem(409, NOT_NOW)
    if not one.built_at:
        raise Problem(409, NO_FILES)
    loaded = load(request, caller, one.id, one.version)
    if act in ("reviewed", "signed-off", "released") and not may_approve(caller, loaded.acts):
        raise Problem(403, WROTE)
    if act in ("signed-off", "released"):
        failed = [check.name for check in run_checks(request, loaded) if not check.passed]
        if failed:
            raise Problem(409, NOT_READY, checks=failed)
    return _changed(request, caller, one, replace(one, state=after), act, note=note, files=loaded.files)


def next_version(request: Request, caller: Caller, one: Version) -> Version:
    """A draft of the next version that begins with what was typed into a released one. Raises Problem 409."""
    if one.state != "released":
        raise Problem(409, NOT_NOW)
    at = now()
    draft = replace(
        one, version=one.version + 1, state="draft", created_at=at, changed_at=at, built_at=0, snapshot="", software=""
    )
    with request.app.state.node.records.begin() as conn:
        if not reports.add(conn, draft):
            raise Problem(409, CHANGED)
        _note(request, conn, caller, draft, "created", at)
    return draft


def may_approve(caller: Caller, acts: Sequence[Act]) -> bool:
    """Whether the caller is somebody else than those who wrote or built; there is nobody else where access is open."""
    writers = {one.who for one in acts if one.act in WRITING}
    return caller.id == LOCAL.id or bool(caller.id and caller.id not in writers)


def snapshot(request: Request, one: Version) -> bytes:
    """The frozen data of a version. Raises Problem 404."""
    with request.app.state.node.records.read() as conn:
        found = reports.snapshot(conn, one.snapshot) if one.snapshot else None
    if found is None:
        raise Problem(404, NOT_THERE)
    return found


def run_checks(request: Request, loaded: Loaded) -> list[Check]:
    """Every check of a version that is built; also whether its files are those that were signed off."""
    one = loaded.version
    content = snapshot(request, one)
    given = making.given(one, content, at=one.built_at)
    document = making.document(given, one.author)
    ended = span(one.period).end * 1000 <= now()
    found = checks.run(given, document, ended=ended, excerpts=_excerpts(request.app.state.node, one))
    signed = [act.files for act in loaded.acts if act.act in ("frozen", "built", "signed-off")]
    files = {file.name: file.sha256 for file in loaded.files}
    title = mark("The files are those that were built and signed off.")
    fits = bool(files) and bool(signed) and signed[-1] == files and identity(content) == one.snapshot
    return [*found, Check("files", title, fits)]


def rebuilt(request: Request, loaded: Loaded) -> list[dict[str, Any]]:
    """Every file made once more from the snapshot: its hash then and now. Raises Problem 404, CannotSet."""
    one = loaded.version
    given = making.given(one, snapshot(request, one), at=one.built_at)
    made = making.files(given, one.languages)
    kept_hashes = {file.name: file.sha256 for file in loaded.files}
    found = []
    for name, content in made.items():
        hash_ = identity(content)
        found.append(
            {"name": name, "kept": kept_hashes.get(name, ""), "now": hash_, "same": kept_hashes.get(name) == hash_}
        )
    return found


def _excerpts(node: Any, one: Version) -> list[str]:
    """Texts of evidence of the period, the newest, that a report must not repeat."""
    asked = span(one.period)
    rows = evidence_list(
        node.events.query,
        before=(asked.end * 1000, LAST_ID),
        since=asked.start * 1000,
        channel="",
        sender="",
        parts=[],
        limit=MOST_EXCERPTS,
    )
    return [str(row[name]) for row in rows for name in ("excerpt", "subject") if row.get(name)]


def _wanted(one: Version) -> Wanted:
    return Wanted(one.kind, one.period, one.audience, one.country, one.operator, one.topic, one.exact, one.synthetic)


def _in_draft(one: Version) -> None:
    if one.state != "draft":
        raise Problem(409, NOT_NOW)


def _changed(
    request: Request,
    caller: Caller,
    before: Version,
    after: Version,
    act: str,
    *,
    note: str = "",
    files: Sequence[File] = (),
) -> Version:
    at = max(now(), before.changed_at + 1)
    made = replace(after, changed_at=at)
    with request.app.state.node.records.begin() as conn:
        if not reports.change(conn, made, seen=before.changed_at):
            raise Problem(409, CHANGED)
        _note(request, conn, caller, made, act, at, note=note, files=files)
    return made


def _note(
    request: Request,
    conn: Any,
    caller: Caller,
    one: Version,
    act: str,
    at: int,
    *,
    note: str = "",
    files: Sequence[File] = (),
) -> None:
    hashes = {file.name: file.sha256 for file in files}
    reports.log(conn, one, Act(0, at, caller.id, caller.name, act, note, hashes))
    subject = f"{one.id}/{one.version}"
    access.note(request, conn, caller, f"report.{act}", subject, kind=one.kind, snapshot=one.snapshot, files=len(files))
