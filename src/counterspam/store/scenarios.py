"""Saved scenarios of the cost model, in versions: what was asked, the result as it was then, and what was decided about it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, text

from counterspam.store.records import clean, hold

SAVING = 7_021_010  # PostgreSQL advisory lock: versions follow each other
DRAFT, PUBLISHED, REFUSED, REPLACED = STATES = ("draft", "published", "refused", "replaced")
MOST_RESULT = 200_000  # characters
_LIMITS = {"asked": 20_000, "result": MOST_RESULT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One version. `asked` and `result` are JSON; times in ms. `version` is 0 before it is kept, `decided_at` 0 before that."""

    id: str
    version: int = 0
    title: str
    country: str = ""
    asked: str
    result: str
    model: str
    author: str
    author_name: str = ""
    created_at: int
    state: str = DRAFT
    decided_by: str = ""
    decided_name: str = ""
    decided_at: int = 0


_NAMES = [field.name for field in fields(Scenario)]
_COLUMNS = ", ".join(_NAMES)
_ADD = text(f"INSERT INTO cost_scenarios ({_COLUMNS}) VALUES (:{', :'.join(_NAMES)})")  # noqa: S608 (constants)
_NEXT = text("SELECT COALESCE(MAX(version), 0) + 1 FROM cost_scenarios WHERE id = :id")
_VERSIONS = text(f"SELECT {_COLUMNS} FROM cost_scenarios WHERE id = :id ORDER BY version DESC LIMIT 200")  # noqa: S608
# The newest version of each scenario; for the public the newest that is published.
_LATEST = text(
    f"SELECT {_COLUMNS} FROM cost_scenarios s"  # noqa: S608 (constants)
    " WHERE (:public = 0 OR state = 'published') AND NOT EXISTS (SELECT 1 FROM cost_scenarios n WHERE n.id = s.id"
    " AND n.version > s.version AND (:public = 0 OR n.state = 'published'))"
    " ORDER BY created_at DESC, id LIMIT :limit OFFSET :offset"
)
_OF_COUNTRY = text(
    f"SELECT {_COLUMNS} FROM cost_scenarios WHERE country = :country AND state = 'published'"  # noqa: S608
    " ORDER BY decided_at DESC, id LIMIT 1"
)
_DECIDE = text(
    "UPDATE cost_scenarios SET state = :state, decided_by = :by, decided_name = :name, decided_at = :at"
    " WHERE id = :id AND version = :version AND state = 'draft'"
)
_REPLACE = text(
    "UPDATE cost_scenarios SET state = 'replaced' WHERE id = :id AND version <> :version AND state = 'published'"
)


def add(conn: Connection, scenario: Scenario) -> Scenario:
    """Keep a version; it comes back with its number. A result that is longer than MOST_RESULT is a ValueError."""
    if len(scenario.result) > MOST_RESULT:
        raise ValueError("the result is too long")
    hold(conn, SAVING)
    version = int(conn.execute(_NEXT, {"id": scenario.id}).scalar_one())
    words: dict[str, Any] = {
        name: clean(value, _LIMITS.get(name, 200)) for name, value in asdict(scenario).items() if isinstance(value, str)
    }
    kept = replace(scenario, version=version, **words)
    conn.execute(_ADD, asdict(kept))
    return kept


def versions(conn: Connection, id: str) -> Sequence[Scenario]:
    """Every version of a scenario, the newest first; none where there is no such scenario."""
    return [Scenario(**row) for row in conn.execute(_VERSIONS, {"id": clean(id, 16)}).mappings()]


def latest(conn: Connection, *, public: bool, limit: int = 50, offset: int = 0) -> Sequence[Scenario]:
    """The newest version of each scenario, or with `public` the one that is published, the newest first."""
    given = {"public": int(public), "limit": limit, "offset": offset}
    return [Scenario(**row) for row in conn.execute(_LATEST, given).mappings()]


def of_country(conn: Connection, country: str) -> Scenario | None:
    """The scenario of a country that was published last, None without one."""
    row: Any = conn.execute(_OF_COUNTRY, {"country": clean(country, 2)}).mappings().one_or_none()
    return Scenario(**row) if row else None


def decide(conn: Connection, id: str, version: int, state: str, by: str, name: str, at: int) -> bool:
    """Publish or refuse a draft; False where it is none any more. What was published of it before is replaced."""
    if state not in (PUBLISHED, REFUSED):
        raise ValueError("a draft is published or refused")
    given = {"id": clean(id, 16), "version": version, "state": state}
    done = conn.execute(_DECIDE, given | {"by": clean(by, 200), "name": clean(name, 200), "at": at}).rowcount
    if done and state == PUBLISHED:
        conn.execute(_REPLACE, {"id": given["id"], "version": version})
    return bool(done)
