"""What analysts decided about evidence: spam or not. Rows are added, never changed; the last one of a piece of evidence counts.

The text of a message is not kept here: who learns from a decision reads the raw evidence again.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, text

from counterspam.store.records import clean, hold

DECIDING = 7_021_003  # PostgreSQL advisory lock: numbers follow the order in which decisions become visible
MOST = 100_000  # decisions that one question gives


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision. `number` counts from 1 in the order of decision; 0 before it is kept. Times in ms.

    `content_type` is "" where the analyst named none; `reported` is what the reporter had said: 1 spam, 0 not spam, -1 nothing.
    `was_spam`, `was_type` and `probability` are the verdict that stood, `odds` what the learned check alone had said (log-odds,
    0 nothing) by the model version `model`.
    """

    number: int = 0
    evidence: str
    decided_at: int
    decided_by: str
    spam: bool
    content_type: str = ""
    received_at: int = 0
    jurisdiction: str = ""
    channel: str = ""
    source: str = ""
    reporter: str = ""
    reported: int = -1
    campaign: int = 0
    was_spam: bool = False
    was_type: str = ""
    probability: float = 0.5
    odds: float = 0.0
    model: str = ""
    synthetic: bool = False


_NAMES = [field.name for field in fields(Decision)]
_COLUMNS = ", ".join(_NAMES)
_ADD = text(f"INSERT INTO decisions ({_COLUMNS}) VALUES (:{', :'.join(_NAMES)})")  # noqa: S608 (constants)
_NEXT = text("SELECT COALESCE(MAX(number), 0) + 1 FROM decisions")
_HISTORY = text(f"SELECT {_COLUMNS} FROM decisions WHERE evidence = :evidence ORDER BY number DESC LIMIT 100")  # noqa: S608 (constants)
# The last decision of each piece of evidence, where it is new enough.
_STANDING = text(
    f"SELECT {_COLUMNS} FROM decisions d WHERE number > :after AND number <= :until"  # noqa: S608 (constants)
    " AND NOT EXISTS (SELECT 1 FROM decisions n WHERE n.evidence = d.evidence AND n.number > d.number AND n.number <= :until)"
    " ORDER BY number DESC LIMIT :limit"
)
_LAST = text("SELECT COALESCE(MAX(number), 0) FROM decisions")


def add(conn: Connection, decision: Decision) -> Decision:
    """Keep a decision; it comes back with its number."""
    hold(conn, DECIDING)
    row = {name: clean(value, 200) if isinstance(value, str) else value for name, value in asdict(decision).items()}
    row |= {name: int(row[name]) for name in ("spam", "was_spam", "synthetic")}
    row["number"] = int(conn.execute(_NEXT).scalar_one())
    conn.execute(_ADD, row)
    return _decision(row)


def history(conn: Connection, evidence: str) -> Sequence[Decision]:
    """The decisions about one piece of evidence, the standing one first."""
    return [_decision(row) for row in conn.execute(_HISTORY, {"evidence": clean(evidence, 36)}).mappings()]


def standing(conn: Connection, *, after: int = 0, until: int = 2**53, limit: int = MOST) -> Sequence[Decision]:
    """Decisions with a number above `after` and up to `until` that no later one up to there replaced, in order of decision.

    At most `limit` of them, the latest.
    """
    wanted = {"after": after, "until": until, "limit": min(limit, MOST)}
    return [_decision(row) for row in conn.execute(_STANDING, wanted).mappings()][::-1]


def last(conn: Connection) -> int:
    """The number of the last decision, 0 without any."""
    return int(conn.execute(_LAST).scalar_one())


def _decision(row: Any) -> Decision:
    values = dict(row)
    return Decision(**{**values, **{name: bool(values[name]) for name in ("spam", "was_spam", "synthetic")}})
