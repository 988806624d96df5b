"""Changes that were found (surges, new campaigns and routes, shifted shares, silent sources), and to whom each was told.

A change that goes on is one record, updated at every look until it is over. Telling is at least once for each target: it is
noted after it has succeeded.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text

from counterspam.store.records import clean

KEEP_TELLING = 30 * 86_400_000  # ms after which a change that could not be told is not tried any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. Times and `span` in ms; `ended_at` 0 while it is open.

    The dimensions say what it concerns, "" and 0 meaning all; `transit` are countries in order, joined by "-". `observed`,
    `expected` and the 95 % range of what was expected are messages in `span`, or shares from 0 to 1 for a `share-shift`: those
    of the moment at which it was furthest from normal. `title` is the masked title of the campaign, "" without one.
    """

    id: str
    kind: str
    channel: str = ""
    content_type: str = ""
    country: str = ""
    recipient_country: str = ""
    transit: str = ""
    campaign: int = 0
    source: str = ""
    found_at: int
    began_at: int
    seen_at: int
    ended_at: int = 0
    span: int
    observed: float
    expected: float = 0.0
    low: float = 0.0
    high: float = 0.0
    score: float = 0.0
    reports: int = 0
    synthetic: bool = False
    state: str = "open"
    title: str = ""

    @property
    def ratio(self) -> float:
        """Observed to expected; 0 where nothing could be expected."""
        return self.observed / self.expected if self.expected else 0.0


@dataclass(frozen=True, slots=True)
class Telling:
    """A change that a target has yet to be told, and which state of it."""

    change: Change
    state: str
    tries: int


_COLUMNS = (
    "id, kind, channel, content_type, country, recipient_country, transit, campaign, source, found_at, began_at, seen_at,"
    " ended_at, span, observed, expected, low, high, score, reports, synthetic, state"
)
_OF = ", ".join(f"c.{name.strip()}" for name in _COLUMNS.split(","))
_SELECT = (
    f"SELECT {_OF}, COALESCE(root.title, '') AS title FROM changes c LEFT JOIN campaigns part ON part.id = c.campaign"  # noqa: S608 (constants)
    " LEFT JOIN campaigns root ON root.id = COALESCE(part.merged_into, part.id)"
)
_ADD = text(
    f"INSERT INTO changes ({_COLUMNS}) VALUES (:{_COLUMNS.replace(', ', ', :')}) ON CONFLICT DO NOTHING"  # noqa: S608 (constants)
)
_UPDATE = text(
    "UPDATE changes SET began_at = :began_at, seen_at = :seen_at, ended_at = :ended_at, span = :span, observed = :observed,"
    " expected = :expected, low = :low, high = :high, score = :score, reports = :reports, synthetic = :synthetic,"
    " state = :state WHERE id = :id"
)
_FILTER = (
    " WHERE (:kind = '' OR c.kind = :kind) AND (:state = '' OR c.state = :state)"
    " AND (:channel = '' OR c.channel = :channel) AND (:country = '' OR c.country = :country OR c.recipient_country = :country)"
    " AND (:synthetic = 1 OR c.synthetic = 0) AND c.found_at >= :since AND c.found_at < :before"
)
_LIST = text(_SELECT + _FILTER + " ORDER BY c.found_at DESC, c.id DESC LIMIT :limit OFFSET :offset")
_COUNT = text("SELECT COUNT(*) FROM changes c" + _FILTER)  # noqa: S608 (constants)
_UNTOLD = text(
    _SELECT.replace(" AS title", " AS title, COALESCE(d.tries, 0)")
    + " LEFT JOIN change_deliveries d ON d.change = c.id AND d.state = :state AND d.target = :target"
    " WHERE c.found_at >= :since AND (:state = 'open' OR c.state = :state) AND COALESCE(d.done_at, 0) = 0"
    " AND COALESCE(d.next_at, 0) <= :now ORDER BY c.found_at, c.id LIMIT :limit"
)
_CLAIM = text(
    "INSERT INTO change_deliveries (change, state, target, tries, next_at, done_at, error)"
    " VALUES (:change, :state, :target, 1, :next_at, 0, '') ON CONFLICT (change, state, target)"
    " DO UPDATE SET tries = change_deliveries.tries + 1, next_at = excluded.next_at"
    " WHERE change_deliveries.done_at = 0 AND change_deliveries.next_at <= :now"
)
_NOTE = text(
    "UPDATE change_deliveries SET done_at = :done_at, next_at = :next_at, error = :error"
    " WHERE change = :change AND state = :state AND target = :target"
)


def _row(change: Change) -> dict[str, Any]:
    row = asdict(change) | {"synthetic": int(change.synthetic)}
    del row["title"]
    return {name: clean(value, 500) if isinstance(value, str) else value for name, value in row.items()}


def _change(row: Any) -> Change:
    values = dict(row._mapping)
    values.pop("tries", None)
    return Change(
        **{name: values[name] for name in Change.__dataclass_fields__} | {"synthetic": bool(values["synthetic"])}
    )


def add(conn: Connection, change: Change) -> bool:
    """Keep a new change; False when the same subject is open already (another node found it)."""
    return bool(conn.execute(_ADD, _row(change)).rowcount)


def update(conn: Connection, changes: Sequence[Change]) -> None:
    """Write how these changes stand now."""
    if changes:
        conn.execute(_UPDATE, [_row(change) for change in changes])


def list(
    conn: Connection,
    *,
    kind: str = "",
    state: str = "",
    channel: str = "",
    country: str = "",
    synthetic: bool = True,
    since: int = 0,
    before: int = 2**63 - 1,
    limit: int = 100,
    offset: int = 0,
) -> Sequence[Change]:
    """Changes found from `since` to before `before` (ms), the newest first; "" for any. `country` is either end."""
    wanted = _wanted(kind, state, channel, country, synthetic, since, before)
    return [_change(row) for row in conn.execute(_LIST, wanted | {"limit": limit, "offset": offset})]


def count(
    conn: Connection,
    *,
    kind: str = "",
    state: str = "",
    channel: str = "",
    country: str = "",
    synthetic: bool = True,
    since: int = 0,
    before: int = 2**63 - 1,
) -> int:
    """How many changes `list` would give on all its pages."""
    return int(conn.execute(_COUNT, _wanted(kind, state, channel, country, synthetic, since, before)).scalar_one())


def _wanted(
    kind: str, state: str, channel: str, country: str, synthetic: bool, since: int, before: int
) -> dict[str, Any]:
    words = {"kind": kind, "state": state, "channel": channel, "country": country}
    return {name: clean(word, 50) for name, word in words.items()} | {
        "synthetic": int(synthetic),
        "since": since,
        "before": before,
    }


def get(conn: Connection, id: str) -> Change | None:
    """One change."""
    row = conn.execute(text(_SELECT + " WHERE c.id = :id"), {"id": clean(id, 36)}).one_or_none()
    return _change(row) if row else None


def untold(conn: Connection, target: str, state: str, since: int, now: int, limit: int = 100) -> Sequence[Telling]:
    """Changes found since then that are due to be told to a target, the oldest first. Times in ms."""
    since = max(since, now - KEEP_TELLING)
    wanted = {"target": target, "state": state, "since": since, "now": now, "limit": limit}
    return [Telling(_change(row), state, int(row[-1])) for row in conn.execute(_UNTOLD, wanted)]


def claim(conn: Connection, target: str, telling: Telling, now: int, until: int) -> bool:
    """Take it on to tell this target; nobody else does before `until` (ms). False when another node was faster."""
    wanted = {"change": telling.change.id, "state": telling.state, "target": target, "now": now, "next_at": until}
    return bool(conn.execute(_CLAIM, wanted).rowcount)


def told(conn: Connection, target: str, telling: Telling, now: int) -> None:
    """Note that the target was told."""
    _note(conn, target, telling, done_at=now, next_at=0, error="")


def failed(conn: Connection, target: str, telling: Telling, next_at: int, error: str) -> None:
    """Note that it failed, and when to try again (ms)."""
    _note(conn, target, telling, done_at=0, next_at=next_at, error=clean(error, 200))


def _note(conn: Connection, target: str, telling: Telling, **what: Any) -> None:
    conn.execute(_NOTE, {"change": telling.change.id, "state": telling.state, "target": target, **what})


def last_told(conn: Connection, target: str) -> int:
    """When this target was last told something (ms), 0 never."""
    query = text("SELECT COALESCE(MAX(done_at), 0) FROM change_deliveries WHERE target = :target")
    return int(conn.execute(query, {"target": target}).scalar_one())
