"""Answers to the questions of the pages of statistics, by hand, and what a page makes of them."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from counterspam.config import Config
from counterspam.measure.ask import Ask, checked, table
from counterspam.measure.statistics import Answer
from counterspam.web.kept import Kept
from counterspam.web.language import spoken
from counterspam.web.live import block
from counterspam.web.view import View
from counterspam.web.views import counted, find
from counterspam.web.views import page as pages
from counterspam.web.views.page import Asker

Row = dict[str, Any]
HOUR = 3600
NOTHING: Row = {"reports": 0, "first": 0, "last": 0}  # how much evidence there is


def row(spam: int, messages: int = 0, reports: int = 0, **values: Any) -> Row:
    """One row of an answer; each message in a report of its own unless told otherwise."""
    counts = {"messages": messages or spam, "reports": reports or messages or spam}
    return {**values, **counts, "spam_messages": spam, "spam_reports": min(spam, reports or spam)}


class Made:
    """The statistics: rows by the dimensions of the question; `asked` are all questions."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, ...], list[Row]] = {}
        self.totals: Row = row(1000)
        self.small: Row = {}
        self.asked: list[Ask] = []

    def answer(self, query: Any, ask: Ask, secret: bytes | None) -> Answer:
        """The rows of these dimensions; over time they all lie in the last hour."""
        rollup, step = table(checked(ask))
        self.asked.append(ask)
        assert secret, "a page shows what the public may see"
        found = [dict(one) for one in self.rows.get(ask.dimensions, [])]
        if ask.step or ask.interval:
            found = [{"at": ask.end - HOUR, **one} for one in found]
        return Answer(found[: ask.limit], self.totals, self.small, len(found) > ask.limit, True, rollup.table(step))


class Site:
    """Pages of statistics over made answers."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.made = Made()
        patch.setattr(pages.statistics, "answer", self.made.answer)
        events = SimpleNamespace(query=lambda sql, parameters=None: [NOTHING])
        self.node = SimpleNamespace(config=Config(data=folder), events=events)

    def asker(self, period: str = "24h", channel: str = "", lang: str = "en", **filters: str) -> Asker:
        """What puts the questions, within a view."""
        view = View(period, channel, False, filters=tuple(sorted(filters.items())), lang=lang)
        return Asker(self.node, Kept(), view, {"reports": 1, "first": 1, "last": 2}, lambda ids: {})

    def show(
        self, path: str, period: str = "24h", channel: str = "", lang: str = "en", **filters: str
    ) -> dict[str, str]:
        """The panels of a page as HTML."""
        ask = self.asker(period, channel, lang, **filters)
        with spoken(lang):
            panels = find(path)[0].build(ask) if ask.counts() else [counted.nothing(ask)]
            return {panel.id: block(panel, ask.view) for panel in panels}
