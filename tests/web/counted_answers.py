"""Statistics counted in plain Python from a list of records, and the pages that show them. Time stands still at NOW."""

import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_node import FakeNode

from counterspam.measure.ask import Ask, checked, table
from counterspam.measure.disclosure import COUNTS, LEAST
from counterspam.measure.statistics import Answer
from counterspam.web.kept import Kept
from counterspam.web.language import spoken
from counterspam.web.live import block
from counterspam.web.view import View
from counterspam.web.views import find
from counterspam.web.views import page as pages
from counterspam.web.views.page import Asker

Row = dict[str, Any]
NOW = 1_795_350_600  # 2026-11-22 12:30 UTC
HOUR, DAY = 3600, 86400
BLANK = {"channel": "sms", "source": "user-report", "content_type": "bank", "origin": "", "destination": ""}


def records(count: int, at: int = NOW - 2 * HOUR, messages: int = 1, spam: bool = True, **values: Any) -> list[Row]:
    """So many reports of different people, each of so many messages."""
    return [{**BLANK, **values, "at": at, "messages": messages, "spam": spam}] * count


class Counted:
    """Answers questions from `records`; what is asked beyond channel and source needs 5 reports (of different people)."""

    def __init__(self) -> None:
        self.records: list[Row] = []
        self.asked: list[Ask] = []

    def answer(self, query: Any, ask: Ask, secret: bytes | None) -> Answer:
        """The answer, counts as they are: without the rounding, so that a test can say what stands there."""
        rollup, step = table(checked(ask))
        self.asked.append(ask)
        assert secret, "a page shows what the public may see"
        whole, _ = self._count(replace(ask, dimensions=(), step=0))
        rows, small = self._count(ask)
        key = (lambda row: row["at"]) if ask.step else (lambda row: -row[ask.order])
        rows.sort(key=key)
        shown = rows if ask.step else rows[: ask.limit]
        return Answer(shown, whole[0] if whole else {}, small, len(shown) < len(rows), False, rollup.table(step))

    def _count(self, ask: Ask) -> tuple[list[Row], Row]:
        cells: dict[tuple[Any, ...], Counter[str]] = {}
        for record in self.records:
            fits = all(_value(record, name) in values for name, values in ask.filters.items())
            fits &= ask.synthetic or not record.get("synthetic")
            if fits and ask.start <= record["at"] < ask.end:
                at = (ask.start + (record["at"] - ask.start) // ask.step * ask.step,) if ask.step else ()
                cell = cells.setdefault((*at, *(_value(record, name) for name in ask.dimensions)), Counter())
                cell.update({"messages": record["messages"], "reports": 1})
                cell.update({"spam_messages": record["messages"], "spam_reports": 1} if record["spam"] else {})
        names = (*(("at",) if ask.step else ()), *ask.dimensions)
        rows = [
            {**dict(zip(names, key, strict=True)), **{name: cell[name] for name in COUNTS}}
            for key, cell in cells.items()
        ]
        enough = [row for row in rows if not ask.protected or row["reports"] >= LEAST]
        small = [row for row in rows if row not in enough]
        together = {name: sum(row[name] for row in small) for name in COUNTS}
        return enough, {"cells": len(small), **together} if together["reports"] >= LEAST else {}


def _value(record: Row, name: str) -> Any:
    if name == "border":
        ends = record["origin"], record["destination"]
        return "" if "" in ends else "domestic" if ends[0] == ends[1] else "abroad"
    return record.get(name, 0 if name == "asn" else "")


class Site:
    """Pages over counted records, on a node whose evidence starts at `first`."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, **settings: Any) -> None:
        patch.setattr(time, "time", lambda: float(NOW))
        self.counted = Counted()
        patch.setattr(pages.statistics, "answer", self.counted.answer)
        self.node = FakeNode(folder, **settings)
        self.first = NOW - 60 * DAY

    def panels(self, path: str, view: View | None = None, lang: str = "en") -> dict[str, str]:
        """The panels of a page as HTML."""
        page, subject = find(path)
        view = replace(view or View(), subject=subject, lang=lang)
        span = {"reports": len(self.counted.records), "first": self.first, "last": NOW}
        with spoken(lang):
            ask = Asker(self.node, Kept(), view, span, lambda ids: {})
            return {panel.id: block(panel, view) for panel in page.build(ask)}

    def serve(self) -> None:
        """Have the node itself tell since when there is evidence."""
        span = [{"reports": len(self.counted.records), "first": self.first, "last": NOW}]
        self.node.events.answers["AS reports,\n       (SELECT"] = span
        self.node.events.answers["made up by a generator"] = [{"reports": 0}]
