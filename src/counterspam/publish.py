"""Publishing: the figures of an ended calendar period are counted once, and kept as they are for ever.

What comes in later shows in a further revision, which says why it was made and what differs.
"""

from collections.abc import Sequence
from typing import Any

import orjson

from counterspam import __version__
from counterspam.errors import CounterspamError
from counterspam.measure.frozen import freeze, kind, span
from counterspam.measure.revisions import Difference, differences
from counterspam.measure.scope import Query
from counterspam.store import published
from counterspam.store.published import Revision
from counterspam.store.records import Records


class NotPublished(CounterspamError):
    """A period that is not published, or not again; the text says why."""


def canonical(content: Any) -> bytes:
    """Content as JSON in UTF-8 with sorted names and no blanks: equal content gives equal bytes."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def publish(
    query: Query, records: Records, name: str, *, by: str, secret: bytes, now: int, reason: str = ""
) -> Revision:
    """Publish a period, or its next revision; `by` is the id of a key, `now` in ms, `secret` that of live answers.

    Raises NotPublished, Unanswerable, Unsteady, StoreError.
    """
    wanted = span(name)
    if wanted.end * 1000 > now:
        raise NotPublished(f"{name} has not ended yet")
    with records.read() as conn:
        last = next(iter(published.history(conn, name)), None)
        before = published.content(conn, name, last.revision) if last else None
    if last and not reason.strip():
        raise NotPublished(f"{name} is published; say why it needs revision {last.revision + 1}")
    frozen = freeze(query, wanted, secret)
    content = canonical(frozen.content)
    found = differences(orjson.loads(before), orjson.loads(content)) if before else []
    if last and not found:
        raise NotPublished(f"nothing has changed since revision {last.revision} of {name}")
    revision = Revision(
        period=name,
        revision=last.revision + 1 if last else 1,
        starts_at=wanted.start * 1000,
        ends_at=wanted.end * 1000,
        published_at=now,
        published_by=by,
        software=__version__,
        definitions=frozen.definitions,
        reason=reason.strip(),
        snapshot=published.snapshot(content),
        last_updated=frozen.last_updated * 1000,
        tables=tuple(one.table for one in found),
        added=sum(one.added for one in found),
        removed=sum(one.removed for one in found),
        changed=sum(one.changed for one in found),
    )
    with records.begin() as conn:
        if not published.add(conn, revision, content):  # its number was free when the counting began
            raise NotPublished(f"revision {revision.revision} of {name} was published by somebody else just now")
    return revision


def compared(records: Records, name: str, revision: int) -> list[Difference] | None:
    """What differs between a revision and the one before; [] for the first, None when there is no such revision."""
    with records.read() as conn:
        after = published.content(conn, name, revision)
        before = published.content(conn, name, revision - 1)
    if after is None:
        return None
    return differences(orjson.loads(before), orjson.loads(after)) if before else []


def breaks(history: Sequence[Revision]) -> set[tuple[str, int]]:
    """Revisions (period, number) at which a series breaks: they are made by other definitions than what they follow.

    A revision follows the one before of its period; the first, the latest revision of the period of its kind before.
    `history` is that of all periods (`published.history`).
    """
    found = set()
    earlier: dict[str, str] = {}  # kind -> definitions of the period before, in its latest revision
    for one in sorted(history, key=lambda one: (one.starts_at, one.revision)):
        follows = earlier.get(one.period if one.revision > 1 else kind(one.period), one.definitions)
        if follows != one.definitions:
            found.add((one.period, one.revision))
        earlier[one.period] = earlier[kind(one.period)] = one.definitions
    return found
