"""What the node says about itself, as Prometheus text. The registry is built for each request, so nothing is global."""

from collections.abc import Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, InfoMetricFamily, Metric

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def text(status: Mapping[str, Any]) -> bytes:
    """Metrics of `node.status()` in the Prometheus text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Status(status))
    return generate_latest(registry)


class _Status:
    """A collector in the sense of prometheus_client."""

    def __init__(self, status: Mapping[str, Any]) -> None:
        self.status = status

    def collect(self) -> Iterator[Metric]:
        """All metrics, one family after the other."""
        status = self.status
        yield InfoMetricFamily(
            "counterspam_node", "Name and version", {"node": str(status["node"]), "version": str(status["version"])}
        )
        yield GaugeMetricFamily(
            "counterspam_working", "1 while the node works, 0 when it stands still", 0 if status["failed"] else 1
        )
        yield GaugeMetricFamily("counterspam_start_time_seconds", "When the node started", status["started_at"] / 1000)
        yield GaugeMetricFamily(
            "counterspam_backlog_items", "Raw items accepted but not yet stored", status["backlog_items"]
        )
        yield GaugeMetricFamily("counterspam_backlog_bytes", "Size of these items", status["backlog_bytes"])
        yield CounterMetricFamily("counterspam_spool_damaged", "Damaged places found in the spool", status["damaged"])
        yield CounterMetricFamily(
            "counterspam_worker_restarts", "Worker processes that were replaced", status["worker_restarts"]
        )
        yield from _records(status["totals"])
        yield _labelled("counterspam_step_seconds", "Seconds spent in each step of the path", "step", status["seconds"])
        yield from _stores(status["stores"])
        yield from _drift(status.get("drift", {}))


def _records(totals: Mapping[str, int]) -> Iterator[Metric]:
    results = {name: totals.get(name, 0) for name in ("accepted", "duplicate", "rejected")}
    reasons = {name.partition(":")[2]: count for name, count in totals.items() if name.startswith("rejected:")}
    yield _labelled("counterspam_records", "Records read since the start, by what became of them", "result", results)
    yield _labelled("counterspam_rejected", "Records rejected since the start, by reason", "reason", reasons)
    yield CounterMetricFamily(
        "counterspam_messages", "Messages that accepted records stand for", totals.get("messages", 0)
    )


def _stores(sizes: Mapping[str, Mapping[str, int]]) -> Iterator[Metric]:
    """Rows and bytes of each table, as the event store gives them."""
    for unit in ("rows", "bytes"):
        family = GaugeMetricFamily(
            f"counterspam_store_{unit}", f"{unit.capitalize()} in the event store", labels=["table"]
        )
        for table, size in sizes.items():
            family.add_metric([table], size[unit])
        yield family


def _drift(models: Mapping[str, Mapping[str, Any]]) -> Iterator[Metric]:
    """What the watch over each model last saw; what it could not say is left out."""
    figures = {
        "errors": "Share of recent decisions of analysts that went against the verdict",
        "calibration": "Mean distance of probability and share of spam among recent decisions",
        "silent": "Share of recent decisions about which the learned check said nothing",
        "stability": "Population stability index of the scores of this week against the week before",
    }
    for name, about in figures.items():
        family = GaugeMetricFamily(f"counterspam_model_{name}", about, labels=["jurisdiction"])
        for place, seen in models.items():
            if seen[name] is not None:
                family.add_metric([place], seen[name])
        yield family
    alarms = GaugeMetricFamily(
        "counterspam_model_alarms", "Figures of drift beyond their limit", labels=["jurisdiction"]
    )
    for place, seen in models.items():
        alarms.add_metric([place], len(seen["alarms"]))
    yield alarms


def _labelled(name: str, about: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(name, about, labels=[label])
    for value, number in sorted(values.items()):
        family.add_metric([value], number)
    return family
