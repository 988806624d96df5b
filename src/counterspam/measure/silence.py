"""Sources that used to deliver and have stopped: what looks like less spam may be a feed that is down."""

from collections.abc import Iterator

import numpy as np

from counterspam.measure.observation import LEAST_REPORTS, SILENCE, Observation, Subject
from counterspam.measure.periods import DAY, HOUR
from counterspam.measure.series import Grid, Key

ACTIVE = 50  # hours with reports that a source must have had
KNOWN = 7 * DAY  # that it must have been delivering for
LONGER = 1.5  # times its second longest pause in the past
MORE = HOUR // 2  # and this much more
GONE = 14 * DAY  # of silence after which it counts as switched off


def silences(history: Grid, recent: Grid, now: int) -> Iterator[Observation]:
    """Sources (by channel) that have been silent for far longer than in the last weeks."""
    newest = {
        key: recent.start + HOUR * int(np.flatnonzero(row)[-1])
        for key, row in zip(recent.keys, recent.reports, strict=True)
        if row.any()
    }
    for row, key in enumerate(history.keys):
        active = np.flatnonzero(history.reports[row])
        if len(active) < ACTIVE or (active[-1] - active[0]) * HOUR < KNOWN:
            continue
        last = max(history.start + HOUR * int(active[-1]), newest.get(key, 0)) + HOUR
        pauses = np.sort(np.diff(active) - 1)
        usual = HOUR * int(pauses[-2])
        silent = now - last
        if not (LONGER * usual + MORE <= silent <= GONE):
            continue
        hourly = float(history.messages[row].sum() / (history.messages.shape[1] - active[0]))
        reports = float(history.reports[row].sum() / (history.messages.shape[1] - active[0]))
        if reports * silent / HOUR >= LEAST_REPORTS:
            yield _silent(key, last, silent, hourly * silent / HOUR)


def _silent(key: Key, last: int, silent: int, expected: float) -> Observation:
    subject = Subject(kind=SILENCE, channel=key[0], source=key[1])
    return Observation(subject=subject, began_at=last, window=silent, observed=0.0, expected=expected)
