"""What is done with definitions, for pages and the API: drafts and publishing, each with its line in the audit log."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request

from counterspam.defining import of_version
from counterspam.policy.definitions.definition import (
    SHIPPED,
    Definition,
    Refused,
    check,
    in_order,
    of_mapping,
    shipped,
)
from counterspam.store import definitions as store
from counterspam.store.definitions import Version
from counterspam.web import access
from counterspam.web.access import LOCAL, Caller
from counterspam.web.scopes import Scope

FIELDS = tuple(field.name for field in fields(Definition) if field.name not in ("version", "origin"))
MOST_REMARK = 1000


@dataclass(frozen=True, slots=True)
class Known:
    """A version with its state; `version` tells who wrote and decided it, None for one that comes with the software."""

    definition: Definition
    state: str
    version: Version | None = None


def today() -> str:
    """This day, UTC, ISO 8601."""
    return datetime.now(UTC).date().isoformat()


def every(conn: Any, caller: Caller) -> list[Known]:
    """All versions that the caller may see, the latest of each definition first; drafts are for those who write and approve."""
    own = store.listed(conn)
    all_states = caller.may(Scope.EDIT) or caller.may(Scope.APPROVE)
    ids = {one.id for one in own if one.state in store.IN_FORCE}
    known = {one: Known(one, _state(one)) for one in shipped() if one.id not in ids}
    known |= {
        of_version(one): Known(of_version(one), one.state, one)
        for one in own
        if all_states or one.state in store.IN_FORCE
    }
    return [known[one] for one in sorted(in_order(known), key=lambda one: (one.jurisdiction, one.id, -one.version))]


def _state(one: Definition) -> str:
    later = any(other.id == one.id and other.version > one.version for other in shipped())
    return store.SUPERSEDED if later else store.PUBLISHED


def history(conn: Any, caller: Caller, id: str) -> list[Known]:
    """The versions of one definition that the caller may see, the latest first."""
    return [one for one in every(conn, caller) if one.definition.id == id]


def in_force(some: Sequence[Known]) -> list[Known]:
    """Those that judge evidence, each on its days."""
    return [one for one in some if one.state in store.IN_FORCE]


def labels(some: Sequence[Known]) -> list[str]:
    """Their names as evidence keeps them, in order of version."""
    return sorted((one.definition.label for one in in_force(some)), key=lambda label: int(label.rpartition("@")[2]))


def write(request: Request, caller: Caller, given: Mapping[str, Any], version: int = 0) -> Version:
    """Keep a draft. Raises Refused and Wrong for what is said, NotPossible for the state."""
    one = check(of_mapping(given))
    if one.id in {other.id for other in shipped()}:
        raise Refused({"id": "shipped"})
    values = {name: getattr(one, name) for name in FIELDS}
    draft = Version(**values, version=version, written_by=caller.id, written_name=caller.name)
    with request.app.state.node.records.begin() as conn:
        made = store.write(conn, draft, _now())
        access.note(request, conn, caller, "definition.write", of_version(made).label)
    return made


def propose(request: Request, caller: Caller, id: str, version: int) -> Version:
    """Ask for a draft to be published. Raises NotPossible."""
    with request.app.state.node.records.begin() as conn:
        made = store.propose(conn, id, version, _now())
        access.note(request, conn, caller, "definition.propose", of_version(made).label)
    return made


def publish(request: Request, caller: Caller, id: str, version: int, remark: str) -> Version:
    """Put a proposed version in force. Raises NotPossible."""
    alone = caller.id == LOCAL.id  # open access on this machine has one caller for everybody
    by = (caller.id, caller.name, remark[:MOST_REMARK])
    with request.app.state.node.records.begin() as conn:
        made = store.publish(conn, id, version, *by, now=_now(), today=today(), alone=alone)
        access.note(request, conn, caller, "definition.publish", of_version(made).label, valid_from=made.valid_from)
    return made


def refuse(request: Request, caller: Caller, id: str, version: int, remark: str) -> Version:
    """Refuse what was proposed, or give a draft up. Raises NotPossible."""
    by = (caller.id, caller.name, remark[:MOST_REMARK])
    with request.app.state.node.records.begin() as conn:
        made = store.refuse(conn, id, version, *by, now=_now())
        access.note(request, conn, caller, "definition.refuse", of_version(made).label)
    return made


def shown(one: Known, *, whole: bool) -> dict[str, Any]:
    """A version as the API gives it; who wrote and decided it with `whole` only."""
    found = asdict(one.definition) | {"state": one.state, "sources": list(one.definition.sources)}
    version = one.version
    found["decided_at"] = version.decided_at if version else 0
    if whole and version is not None:
        names = ("written_by", "written_name", "written_at", "decided_by", "decided_name", "remark")
        found |= {name: getattr(version, name) for name in names}
    return found


def is_shipped(one: Known) -> bool:
    """Whether it comes with the software."""
    return one.definition.origin == SHIPPED


def _now() -> int:
    return time.time_ns() // 1_000_000
