"""Looking for changes: one look every few minutes over surges, shifts of shares, new campaigns and routes, silent sources.

The normal of every series is learnt once an hour, how far series stray and what campaigns grow to once a day; a look compares
the last hour and the last six with it. The allowed number of false alarms a day is shared out between the kinds and families.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from counterspam.measure import departures, families, novelty, silence
from counterspam.measure.baseline import WEEK, WEEKS
from counterspam.measure.change_questions import change_contributors
from counterspam.measure.families import Family, Spoilt
from counterspam.measure.observation import LEAST_CONTRIBUTORS, SHIFT, SURGE, Observation, Subject
from counterspam.measure.periods import DAY, HOUR
from counterspam.measure.scope import Query
from counterspam.measure.series import (
    DESTINATIONS,
    ORIGINS,
    SOURCES,
    TYPES,
    Facet,
    Grid,
    Key,
    Looks,
    channels,
    grid,
)

HISTORY = WEEKS * WEEK * HOUR  # seconds that the normal is learnt from
RECENT = 6 * HOUR
CHANNELS = Facet("channel", "volume_hours", "channel")

FALSE_ALARMS = 0.5  # a day, for the whole node
SURGES = 0.4  # part of them for surges,
SHIFTS = 0.2  # for shares,
CAMPAIGNS = 0.2  # and for new campaigns; routes and silence have fixed rules and the rest


OWN = 1.15  # times as much as its channel must a part have risen to be told besides


class Detector:
    """Looks at the figures of one node; keeps what it learnt, which another process would learn again from the store."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._hour = self._day = 0
        self._peak = 0.0
        self._families: list[Family] = []
        self._sources: Grid | None = None
        self._looks: dict[str, Looks] = {}
        self._old: set[int] = set()
        self.learning = True  # too little history to say anything

    def look(
        self, now: int, first: int, spoilt: Sequence[Spoilt] = (), campaigns: Sequence[int] = ()
    ) -> list[Observation]:
        """Everything that is not as usual at `now` (seconds), `first` being when the evidence starts (0: there is none).

        `spoilt` are the times of known changes, which the normal leaves out, as it does the known `campaigns`.
        """
        hour = now - now % HOUR
        self.learning = not first or hour - first < DAY
        if self.learning:
            return []
        if self._hour != hour:
            self._learn(hour, first, spoilt)
        if self._day != hour - hour % DAY:
            self._day, self._old = hour - hour % DAY, set()
            self._peak = novelty.usual_peak(self._query, now, first, FALSE_ALARMS * CAMPAIGNS, campaigns)
        found = list(novelty.routes(self._query, now, first))
        new = {(one.subject.channel, one.subject.country) for one in found}
        moved = [one for one in self._departures(now) if one.expected >= 1 or _place(one) not in new]
        found += [one for one in moved if not _as_its_channel(one, moved)]
        if hour - first >= novelty.LEARNING:
            found += novelty.campaigns(self._query, now, self._peak, self._old)
        if self._sources:
            recent = grid(self._query, SOURCES, hour - RECENT, now + 1)
            found += silence.silences(self._sources, recent, now)
        return found

    def _learn(self, hour: int, first: int, spoilt: Sequence[Spoilt]) -> None:
        """The normal of every family, from complete hours."""
        start = max(hour - HISTORY, first - first % HOUR + HOUR)
        self._hour = hour
        types, origins, destinations = (
            grid(self._query, facet, start, hour) for facet in (TYPES, ORIGINS, DESTINATIONS)
        )
        self._sources = grid(self._query, SOURCES, start, hour)
        surges, shifts = FALSE_ALARMS * SURGES / 4, FALSE_ALARMS * SHIFTS / 2
        wanted = [
            (CHANNELS, channels(types), 0.0),
            (TYPES, types, shifts),
            (ORIGINS, origins, shifts),
            (DESTINATIONS, destinations, 0.0),
        ]
        known = {one.facet.name: one for one in self._families} if self._day == hour - hour % DAY else {}
        self._families = [
            families.refreshed(known[facet.name], counts, spoilt)
            if facet.name in known
            else families.family(facet, counts, spoilt, surges=surges, shifts=share)
            for facet, counts, share in wanted
            if counts.keys
        ]

    def _departures(self, now: int) -> Iterator[Observation]:
        """Surges and shifts of all families, each subject once; a shift that is also a surge is told as the surge."""
        hour = now - now % HOUR
        recent: dict[str, Grid] = {}
        for facet in (TYPES, ORIGINS, DESTINATIONS):
            recent[facet.name] = grid(self._query, facet, hour - RECENT, now + 1)
        recent[CHANNELS.name] = channels(recent[TYPES.name])
        for family in self._families:
            name = family.facet.name
            looks = self._looks.setdefault(name, Looks())
            found = self._of_family(family, recent[name], looks, now)
            looks.note(now, recent[name])
            yield from found

    def _of_family(self, family: Family, recent: Grid, looks: Looks, now: int) -> list[Observation]:
        best: dict[Subject, tuple[float, Key, Observation]] = {}
        for window in departures.windows(family, recent, looks, now):
            for bounds, look in ((family.volume, departures.surges), (family.share, departures.shifts)):
                if bounds is None:
                    continue
                for key, one in look(family, window, now, self._peak):
                    far = abs(one.score) / bounds.limit[window.hours] + one.alarm
                    if far > best.get(one.subject, (0.0,))[0]:
                        best[one.subject] = (far, key, one)
        found = []
        for _, key, one in best.values():
            if one.alarm and not self._public(family.facet, key, now - one.window, now):
                continue
            if one.subject.kind == SURGE:
                one = replace(one, began_at=departures.began(family, key, recent, looks, one, now))
            twin = best.get(replace(one.subject, kind=SURGE))
            if one.subject.kind == SHIFT and twin and twin[2].alarm:
                continue
            found.append(replace(one, synthetic=key in recent.synthetic))
        return found

    def _public(self, facet: Facet, key: Key, start: int, now: int) -> bool:
        """Whether enough contributors stand behind a part of a channel that it may be told."""
        contributors = change_contributors(
            self._query,
            rollup=facet.rollup,
            facet=facet.column,
            channel=key[0],
            value=key[1],
            start=start - start % HOUR,
            end=now + 1,
        )
        return contributors >= LEAST_CONTRIBUTORS


def _place(one: Observation) -> tuple[str, str]:
    return one.subject.channel, one.subject.country


def _as_its_channel(one: Observation, all: Sequence[Observation]) -> bool:
    """Whether a part only rose as its whole channel did, which is told already."""
    if one.subject.kind != SURGE:
        return False
    whole = next((other for other in all if other.subject == Subject(kind=SURGE, channel=one.subject.channel)), one)
    return whole is not one and whole.alarm and one.observed * whole.expected < OWN * whole.observed * one.expected
