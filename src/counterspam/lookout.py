"""One look at the figures: what is not as usual becomes a change that is kept, goes on, or is over."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from counterspam.measure import questions
from counterspam.measure.changes import Detector
from counterspam.measure.families import Spoilt
from counterspam.measure.observation import NEW, ROUTE, SHIFT, SURGE, Observation, Subject
from counterspam.measure.scope import Query
from counterspam.node import new_id
from counterspam.store import changes
from counterspam.store.changes import Change
from counterspam.store.records import Records

HOUR, DAY = 3600, 86_400
REMEMBERED = 36 * DAY  # how far back known changes matter: the history that is learnt from
SPOILS = 3 * DAY  # of a lasting change are left out of what is normal; then it is the new normal
QUIET = 900  # seconds as usual after which a change is over
BACK = 2 * HOUR  # within which what was over and comes back is the same change
TWIN = {SURGE: SHIFT, SHIFT: SURGE}  # a part that rises may be seen as either: it is told once
SECOND_LOOK = 1200  # seconds within which a doubtful change must be seen again


class Lookout:
    """Looks and keeps what it finds. `look` is called every few minutes, by one thread."""

    def __init__(self, query: Query, records: Records) -> None:
        self._query, self._records = query, records
        self._detector = Detector(query)
        self._doubtful: dict[Subject, int] = {}
        self._first = 0

    @property
    def learning(self) -> bool:
        """Whether there is too little history to say anything."""
        return self._detector.learning

    def look(self, now: int) -> list[Change]:
        """One look at `now` (seconds); the changes that it opened."""
        self._first = self._first or int(questions.span(self._query)["first"])
        with self._records.read() as conn:
            known = changes.list(conn, since=(now - REMEMBERED) * 1000, limit=10_000)
        found = self._detector.look(
            now, self._first, spoilt(known, now), [one.campaign for one in known if one.campaign]
        )
        opened, updated, self._doubtful = joined(known, found, self._doubtful, now)
        with self._records.begin() as conn:
            added = [change for change in opened if changes.add(conn, change)]
            changes.update(conn, updated)
        return added


def spoilt(known: Sequence[Change], now: int) -> list[Spoilt]:
    """The times at which known changes moved their channel."""
    found = []
    for one in known:
        if one.kind != ROUTE:
            start = one.began_at // 1000
            end = one.ended_at // 1000 or now
            found.append(Spoilt(one.channel, start, min(end, start + SPOILS)))
    return found


def joined(
    known: Sequence[Change], found: Sequence[Observation], doubtful: Mapping[Subject, int], now: int
) -> tuple[list[Change], list[Change], dict[Subject, int]]:
    """What one look means: changes to open, changes that go on or are over, and subjects that need a second look.

    `known` are the changes of the last weeks, `doubtful` the subjects of earlier looks with their time.
    """
    by_subject = {subject(one): one for one in reversed(known)}
    by_campaign = {one.campaign: one for one in known if one.campaign}
    opened, updated = [], []
    again = {one: at for one, at in doubtful.items() if now - at <= SECOND_LOOK}
    seen: set[str] = set()
    for one in found:
        old = by_subject.get(one.subject)
        old = next((by_campaign[part] for part in one.parts if part in by_campaign), old)
        twin = by_subject.get(replace(one.subject, kind=TWIN.get(one.subject.kind, "")))
        lasting = next((same for same in (old, twin) if same and _lasts(same, one, now)), None)
        if lasting:
            if lasting.id not in seen:
                updated.append(went_on(lasting, one, now))
            seen.add(lasting.id)
        elif one.alarm and not (old and one.subject.kind in NEW):
            if one.sure or one.subject in again:
                opened.append(fresh(one, now))
            else:
                again[one.subject] = now
    for old in known:
        if old.state == "open" and old.id not in seen and now * 1000 - old.seen_at >= QUIET * 1000:
            updated.append(replace(old, state="over", ended_at=old.seen_at))
    return opened, updated, again


def _lasts(old: Change, one: Observation, now: int) -> bool:
    """Whether what is seen is the known change, going on or coming back."""
    back = one.alarm and one.subject.kind not in NEW and now * 1000 - old.ended_at < BACK * 1000
    return old.state == "open" or back


def subject(change: Change) -> Subject:
    """What a change is about."""
    return Subject(**{name: getattr(change, name) for name in Subject.__dataclass_fields__})


def fresh(one: Observation, now: int) -> Change:
    """The record of a change that was just found."""
    what = {name: getattr(one.subject, name) for name in Subject.__dataclass_fields__}
    at = now * 1000
    return Change(id=new_id(), found_at=at, seen_at=at, began_at=one.began_at * 1000, **what, **_figures(one))


def went_on(old: Change, one: Observation, now: int) -> Change:
    """The record of a change that lasts, after another look; its figures are those of when it was furthest from normal.

    A surge keeps the figures of a surge where it is seen as a shift of a share too.
    """
    further = abs(one.score) > abs(old.score) if one.score else one.observed >= old.observed
    figures = _figures(one) if one.alarm and further and one.subject.kind == old.kind else {}
    return replace(old, seen_at=now * 1000, state="open", ended_at=0, **figures)


def _figures(one: Observation) -> dict[str, Any]:
    names = ("observed", "expected", "low", "high", "score", "reports", "synthetic")
    return {name: getattr(one, name) for name in names} | {"span": one.window * 1000}
