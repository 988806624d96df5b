"""The node's own figures as inputs of the cost model, with provenance "measured here".

What filters say they did with messages judged spam in the last 30 whole days gives block rates; over the subscribers whom those
filters serve, which the reader must say, it gives what reaches a subscriber. Reports of users count for neither.
"""

import time
from collections import Counter
from typing import Any

from counterspam import privacy
from counterspam.intervals import poisson, wilson
from counterspam.measure import statistics
from counterspam.measure.ask import Ask
from counterspam.measure.periods import DAY

DAYS = 30
CHANNELS = {"email": "mail", "sms": "sms", "voice": "voice"}
STOPPED, PASSED = ("blocked", "dropped", "tagged"), ("delivered",)
NOTE = (
    "Messages judged spam in the last 30 whole days whose disposition is known, rounded; chance alone makes the band."
)
MOST_BLOCK = 0.9999  # of a block rate


def given(node: Any, covered: int) -> dict[str, dict[str, Any]]:
    """Block rates and deliveries per subscriber and day, for the channels that have any; {} where nothing is counted."""
    end = int(time.time()) // DAY * DAY
    counts: Counter[tuple[str, bool]] = Counter()
    for row in _rows(
        node, Ask(end - DAYS * DAY, end, dimensions=("channel", "disposition"), synthetic=False, limit=500)
    ):
        channel = CHANNELS.get(row["channel"])
        if channel and row["disposition"] in (*STOPPED, *PASSED):
            counts[channel, row["disposition"] in STOPPED] += row["spam_messages"]
    found: dict[str, dict[str, Any]] = {}
    for channel in CHANNELS.values():
        stopped, passed = counts[channel, True], counts[channel, False]
        rate = wilson(stopped, stopped + passed)
        if rate and stopped and passed:
            low, share, high = (min(each, MOST_BLOCK) for each in (rate.low, rate.estimate, rate.high))
            found[f"{channel}_block"] = _said((low, share, high))
        if passed:
            each = poisson(passed, covered * DAYS)
            found[f"{channel}_delivered_day"] = _said((each.low, each.estimate, each.high))
    return found | _short_rings(node, end, covered)


def _short_rings(node: Any, end: int, covered: int) -> dict[str, dict[str, Any]]:
    """Calls that want to be called back, per subscriber and year (K18)."""
    filters = {"technique": ("short-ring",)}
    ask = Ask(end - DAYS * DAY, end, dimensions=("channel",), filters=filters, synthetic=False)
    count = sum(row["spam_messages"] for row in _rows(node, ask) if row["channel"] == "voice")
    if not count:
        return {}
    each = poisson(count, covered * DAYS / 365)
    return {"short_rings_year": _said((each.low, each.estimate, each.high))}


def _rows(node: Any, ask: Ask) -> list[dict[str, Any]]:
    return statistics.answer(node.events.query, ask, privacy.rounding_key(node.config.data)).rows


def _said(values: tuple[float, float, float]) -> dict[str, Any]:
    year = time.strftime("%Y", time.gmtime())
    return {"value": list(values), "provenance": "measured here", "year": year, "source": "this node", "note": NOTE}
