"""Which questions each kind of report asks: data that the caller puts to the statistics and keeps in the snapshot.

Every answer of kind `table` is that of `measure.statistics.answer`, every one of kind `figure` a key figure of the indicators,
so the figures of a report are those of the pages.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

BASE = ("volume", "volume_before", "over_time", "types", "origins", "border", "dispositions")
FIGURES = (
    "k1_spam_share",
    "k2_blocked_per_delivered",
    "k5_report_rate",
    "k6_by_border",
    "k8_in_scope",
    "k9_filter_effectiveness",
    "k12_outbound",
    "k13_origin_concentration",
    "k14_route_novelty",
    "k15_lead_time",
)
INTERVALS = {"year": "month", "half-year": "week", "month": "day", "week": "day"}
MOST = {"origins": 200, "routes": 25}


@dataclass(frozen=True, slots=True)
class Put:
    """One question to the statistics. `interval` "" is none; `before` asks it of the same length of time before."""

    name: str
    dimensions: tuple[str, ...] = ()
    interval: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    limit: int = 100
    before: bool = False


_DIMENSIONS = {
    "volume": ("channel", "source"),
    "volume_before": ("channel", "source"),
    "over_time": ("channel",),
    "types": ("content_type",),
    "types_by_channel": ("channel", "content_type"),
    "origins": ("origin",),
    "routes": ("origin", "destination"),
    "border": ("channel", "border"),
    "dispositions": ("channel", "disposition"),
    "sender_kinds": ("channel", "sender_kind"),
    "inbound": ("channel",),
    "outbound": ("channel",),
}
_WANTED: dict[str, Sequence[str]] = {
    "tsag": ("volume", "volume_before", "over_time", "types"),
    "council": (*BASE, "routes"),
    "member-state": (*BASE, "sender_kinds", "types_by_channel"),
    "operator": ("volume", "volume_before", "over_time", "inbound", "outbound"),
    "barometer": ("volume", "volume_before", "over_time", "types", "origins", "border", "dispositions"),
    "tracker": (),
}
_FIGURES: dict[str, Sequence[str]] = {
    "council": FIGURES,
    "member-state": FIGURES,
    "barometer": FIGURES,
    "operator": ("k1_spam_share", "k2_blocked_per_delivered", "k9_filter_effectiveness", "k12_outbound"),
}


def wanted(kind: str, span: str, *, country: str = "", operator: str = "") -> list[Put]:
    """The questions of a report over a period of the kind `span`, narrowed to recipients in `country` where it is given."""
    found = []
    for name in _WANTED[kind]:
        filters: dict[str, tuple[str, ...]] = {"destination": (country,)} if country else {}
        if name == "inbound":
            filters = {"destination_operator": (operator,)}
        if name == "outbound":
            filters = {"operator": (operator,)}
        interval = INTERVALS[span] if name == "over_time" else ""
        dimensions = _DIMENSIONS[name]
        if country and name in ("volume", "volume_before"):
            dimensions = ("channel",)  # what is counted by destination; the source kinds stand in the whole
        found.append(Put(name, dimensions, interval, filters, MOST.get(name, 100), name.endswith("_before")))
    return found


def figures(kind: str) -> Sequence[str]:
    """The key figures of a report."""
    return _FIGURES.get(kind, ())


def asks_campaigns(kind: str) -> bool:
    """Whether a report names the largest campaigns."""
    return kind == "operator"
