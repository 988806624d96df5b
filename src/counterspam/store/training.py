"""Training: progress of accounts, counts of tries, workshops, numbers of those who came, and issued certificates.

No name of a learner is kept here. Progress is tied to the id of an account, counts to nobody, certificates to the hash of a
code that the learner holds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Connection, text

from counterspam.store.records import clean

MOST_MODULES = 500  # of one account
MOST_ROWS = 10_000
MOST_GROUPS = 200  # rows of attendance of one workshop


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an account is with a module as an audience: best score in per cent, when first passed (ms, 0 not yet), tries."""

    module: str
    audience: str
    score: int
    passed_at: int = 0
    tries: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """One workshop or webinar. Times in ms; `score` is the mean of `answers` opinions, 1 to 5; `version` counts changes."""

    id: str
    kind: str
    title: str
    lang: str
    audience: str
    region: str
    starts_at: int
    ends_at: int
    place: str = ""
    url: str = ""
    summary: str = ""
    cancelled: bool = False
    updated_at: int = 0
    version: int = 0
    answers: int = 0
    score: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """So many `people` of one audience, region and gender at a workshop; "" is not asked."""

    audience: str
    region: str
    gender: str
    people: int


# Progress

_PROGRESS = text(
    "SELECT module, audience, score, passed_at, tries FROM training_progress WHERE account = :account"
    " ORDER BY module, audience LIMIT :limit"
)
_TRIED = text(
    "INSERT INTO training_progress (account, module, audience, score, passed_at, tries)"
    " VALUES (:account, :module, :audience, :score, :passed_at, :tries) ON CONFLICT (account, module, audience) DO UPDATE SET"
    " score = CASE WHEN excluded.score > training_progress.score THEN excluded.score ELSE training_progress.score END,"
    " passed_at = CASE WHEN training_progress.passed_at = 0 THEN excluded.passed_at ELSE training_progress.passed_at END,"
    " tries = training_progress.tries + excluded.tries"
)
_FORGET = text("DELETE FROM training_progress WHERE account = :account")


def progress(conn: Connection, account: str) -> Sequence[Progress]:
    """How far an account is, by module and audience."""
    rows = conn.execute(_PROGRESS, {"account": clean(account, 100), "limit": MOST_MODULES})
    return [Progress(**row._mapping) for row in rows]


def tried(conn: Connection, account: str, one: Progress) -> None:
    """Add a try: the best score, the first pass and the sum of tries stay."""
    conn.execute(_TRIED, {**_words(asdict(one)), "account": clean(account, 100)})


def forget(conn: Connection, account: str) -> int:
    """Delete the progress of an account; how many rows it had."""
    return conn.execute(_FORGET, {"account": clean(account, 100)}).rowcount


# Counts

_COUNT = text(
    "INSERT INTO training_counts (month, module, audience, region, tries, completed)"
    " VALUES (:month, :module, :audience, :region, 1, :completed) ON CONFLICT (month, module, audience, region)"
    " DO UPDATE SET tries = training_counts.tries + 1, completed = training_counts.completed + excluded.completed"
)
_COUNTS = text(
    "SELECT month, module, audience, region, tries, completed FROM training_counts WHERE month >= :since"
    " ORDER BY month, module, audience, region LIMIT :limit"
)


def count(conn: Connection, month: str, module: str, audience: str, region: str, *, completed: bool) -> None:
    """Count a try, and with `completed` a first pass."""
    row = _words({"month": month, "module": module, "audience": audience, "region": region})
    conn.execute(_COUNT, {**row, "completed": int(completed)})


def counts(conn: Connection, since: str = "") -> Sequence[dict[str, Any]]:
    """Tries and completions by month, module, audience and region, from the month `since` on."""
    return [dict(row._mapping) for row in conn.execute(_COUNTS, {"since": clean(since, 7), "limit": MOST_ROWS})]


# Workshops

_NAMES = [field.name for field in fields(Workshop)]
_COLUMNS = ", ".join(_NAMES)
_SAVE = text(
    f"INSERT INTO training_workshops ({_COLUMNS}) VALUES (:{', :'.join(_NAMES)}) ON CONFLICT (id) DO UPDATE SET "  # noqa: S608 (constants)
    + ", ".join(f"{name} = excluded.{name}" for name in _NAMES if name not in ("id", "version"))
    + ", version = excluded.version WHERE training_workshops.version = excluded.version - 1"
)
_ONE = text(f"SELECT {_COLUMNS} FROM training_workshops WHERE id = :id")  # noqa: S608 (constants)
_LIST = (
    f"SELECT {_COLUMNS} FROM training_workshops WHERE (:region = '' OR region = :region)"  # noqa: S608 (constants)
    " AND (:audience = '' OR audience = :audience)"
)
_AHEAD = text(
    _LIST
    + " AND ends_at >= :now AND (starts_at > :at OR (starts_at = :at AND id > :id)) ORDER BY starts_at, id LIMIT :limit"
)
_PAST = text(
    _LIST + " AND ends_at < :now AND (starts_at < :at OR (starts_at = :at AND id < :id))"
    " ORDER BY starts_at DESC, id DESC LIMIT :limit"
)


def save(conn: Connection, one: Workshop) -> bool:
    """Keep a workshop, new (version 0) or changed (one more than what stands); False when somebody changed it meanwhile."""
    row = _words({**asdict(one), "cancelled": int(one.cancelled)})
    return bool(conn.execute(_SAVE, row).rowcount)


def workshop(conn: Connection, id: str) -> Workshop | None:
    """One workshop."""
    row = conn.execute(_ONE, {"id": clean(id, 40)}).one_or_none()
    return _workshop(row) if row else None


def ahead(
    conn: Connection,
    now: int,
    *,
    region: str = "",
    audience: str = "",
    after: tuple[int, str] = (0, ""),
    limit: int = 100,
) -> Sequence[Workshop]:
    """Workshops that have not ended by `now` (ms), the next first; `after` (start, id) is the last one of the page before."""
    given = _words({"region": region, "audience": audience, "now": now, "at": after[0], "id": after[1]})
    return [_workshop(row) for row in conn.execute(_AHEAD, {**given, "limit": limit})]


def past(
    conn: Connection,
    now: int,
    *,
    region: str = "",
    audience: str = "",
    before: tuple[int, str] = (2**53, ""),
    limit: int = 100,
) -> Sequence[Workshop]:
    """Workshops that have ended by `now` (ms), the last first; `before` (start, id) is the last one of the page before."""
    given = _words({"region": region, "audience": audience, "now": now, "at": before[0], "id": before[1]})
    return [_workshop(row) for row in conn.execute(_PAST, {**given, "limit": limit})]


# Attendance

_CLEAR = text("DELETE FROM training_attendance WHERE workshop = :workshop")
_CAME = text(
    "INSERT INTO training_attendance (workshop, audience, region, gender, people)"
    " VALUES (:workshop, :audience, :region, :gender, :people)"
)
_GROUPS = text(
    "SELECT audience, region, gender, people FROM training_attendance WHERE workshop = :workshop"
    " ORDER BY audience, region, gender"
)
_ALL_GROUPS = text(
    "SELECT a.audience, a.region, a.gender, SUM(a.people) AS people FROM training_attendance a"
    " JOIN training_workshops w ON w.id = a.workshop WHERE w.starts_at >= :since AND w.starts_at < :until AND w.cancelled = 0"
    " GROUP BY a.audience, a.region, a.gender ORDER BY a.audience, a.region, a.gender"
)
_HELD = text(
    "SELECT kind, COUNT(*) AS held, SUM(answers) AS answers, SUM(answers * score) AS points FROM training_workshops"
    " WHERE starts_at >= :since AND ends_at < :until AND cancelled = 0 GROUP BY kind ORDER BY kind"
)


def record(conn: Connection, workshop: str, groups: Iterable[Group]) -> None:
    """Put these numbers in the place of those that were recorded for a workshop. Raises StoreError for a group twice."""
    conn.execute(_CLEAR, {"workshop": clean(workshop, 40)})
    for group in [*groups][:MOST_GROUPS]:
        conn.execute(_CAME, {**_words(asdict(group)), "workshop": clean(workshop, 40)})


def came(conn: Connection, workshop: str) -> Sequence[Group]:
    """Who came to a workshop, in numbers."""
    return [Group(**row._mapping) for row in conn.execute(_GROUPS, {"workshop": clean(workshop, 40)})]


def attendance(conn: Connection, since: int, until: int) -> Sequence[Group]:
    """Who came to all workshops that began from `since` to before `until` (ms), in numbers."""
    found = conn.execute(_ALL_GROUPS, {"since": since, "until": until})
    return [Group(**{**row._mapping, "people": int(row.people)}) for row in found]


def held(conn: Connection, since: int, until: int) -> Sequence[dict[str, Any]]:
    """How many of each kind were held in that time, the number of opinions and their mean (0 without any)."""
    rows = conn.execute(_HELD, {"since": since, "until": until})
    return [
        {
            "kind": row.kind,
            "held": int(row.held),
            "answers": int(row.answers or 0),
            "score": float(row.points or 0) / int(row.answers) if row.answers else 0.0,
        }
        for row in rows
    ]


# Certificates

_ISSUE = text(
    "INSERT INTO training_certificates (hash, subject, issued_at, key) VALUES (:hash, :subject, :issued_at, :key)"
    " ON CONFLICT DO NOTHING"
)
_ISSUED = text("SELECT issued_at FROM training_certificates WHERE hash = :hash")
_CERTIFIED = text("SELECT subject, COUNT(*) AS issued FROM training_certificates GROUP BY subject ORDER BY subject")


def issue(conn: Connection, hash: str, subject: str, issued_at: int, key: str) -> None:
    """Keep that a certificate was issued; once, however often."""
    conn.execute(_ISSUE, _words({"hash": hash, "subject": subject, "issued_at": issued_at, "key": key}))


def issued(conn: Connection, hash: str) -> int:
    """When the certificate with this hash was issued here (ms); 0 when it was not."""
    return int(conn.execute(_ISSUED, {"hash": clean(hash, 64)}).scalar() or 0)


def certified(conn: Connection) -> Sequence[tuple[str, int]]:
    """How many certificates were issued, by subject."""
    return [(row.subject, int(row.issued)) for row in conn.execute(_CERTIFIED)]


def _words(row: dict[str, Any]) -> dict[str, Any]:
    return {name: clean(value, 4000) if isinstance(value, str) else value for name, value in row.items()}


def _workshop(row: Any) -> Workshop:
    values = dict(row._mapping)
    return Workshop(**{**values, "cancelled": bool(values["cancelled"])})
