"""The questions of the pages of statistics, put to the real store: for every period, and every filter that the pages offer."""

import re
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import measured_rows as made
import pytest
from measured_rows import NOW

from counterspam.config import Config
from counterspam.measure import periods, questions
from counterspam.store.events import Events
from counterspam.store.records import Records
from counterspam.web.kept import Kept
from counterspam.web.language import spoken
from counterspam.web.live import block
from counterspam.web.view import View
from counterspam.web.views import (
    authentication,
    counted,
    find,
    origins,
    overview,
    page,
    routes,
    senders,
    targets,
    types,
)
from counterspam.web.views.page import Asker, Panel

PAGES = (origins, routes, targets, senders, authentication)
PERIODS = (*periods.PERIODS, "2026-11-22T02..2026-11-22T04")
# What the pages link to, by page, and what somebody may put together by hand.
OFFERED: dict[str, tuple[dict[str, str], ...]] = {
    "/origins": (
        {"origin": "DE"},
        {"origin": "unknown"},
        {"asn": "64496"},
        {"asn": "0"},
        {"operator": "Example Mobile"},
        {"border": "abroad"},
        {"border": "unknown"},
        {"origin": "DE", "content_type": "bank"},
    ),
    "/routes": (
        {"origin": "DE"},
        {"destination": "CI"},
        {"origin": "DE", "destination": "CI"},
        {"origin": "unknown", "destination": "unknown"},
        {"origin": "DE", "destination": "CI", "content_type": "unknown"},
    ),
    "/targets": (
        {"destination": "CI"},
        {"destination_operator": "Target One"},
        {"content_type": "bank", "destination": "CI"},
    ),
    "/senders": (
        {"sender": "shop.example"},
        {"sender_kind": "email"},
        {"technique": "unknown"},
        {"payload": "url", "language": "fr"},
        {"disposition": "blocked"},
    ),
    "/authentication": ({"dmarc": "pass"}, {"spf": "fail", "dkim": "pass"}, {"stir": "A"}),
    "/": ({"operator": "Foo"}, {"content_type": "bank"}, {"sender": "shop.example"}),
    "/types": ({"operator": "Foo"}, {"content_type": "unknown"}),
}
APART = {"operator": "Foo", "spf": "pass"}


def mail(at: int, **given: Any) -> made.Row:
    """One more message by e-mail, of another reporter each."""
    usual = {
        "channel": "email",
        "source": "user-report",
        "reporter": f"r{at}",
        "content_type": "bank",
        "country": "DE",
        "recipient_country": "CI",
        "recipient_operator": "Target One",
        "asn": 64496,
        "network": "Example Net",
        "operator": "Example Mobile",
        "sender_kind": "email",
        "sender": "a@shop.example",
        "sender_domain": "shop.example",
        "technique": "spoofed-id",
        "payload": "url",
        "disposition": "blocked",
        "language": "fr",
        "transit": ["NL"],
    }
    return made.row(at, **{**usual, **given})


MAIL = [
    *(mail(NOW - 60 * i, spf="pass", dkim="none", dmarc="pass", spam=int(i % 2)) for i in range(1, 41)),
    *(mail(NOW - 60 * i - 5, spf="fail", dkim="none", dmarc="fail") for i in range(1, 31)),
    *(
        mail(NOW - 60 * i - 9, channel="voice", stir="A", sender_kind="phone", sender="", sender_domain="")
        for i in range(1, 21)
    ),
]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """What an asker needs of a node, at the time of the rows."""
    config = Config(data=tmp_path_factory.mktemp("views"))
    store = Events.open(config)
    store.migrate()
    store.insert(made.table([*made.rows(700, seed=7), *MAIL]), "rows")
    records = Records.open(config)
    records.migrate()
    clock = SimpleNamespace(time=lambda: float(NOW), monotonic=time.monotonic)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "time", clock)
        patch.setattr(routes, "time", clock)
        yield SimpleNamespace(config=config, events=store, records=records)
    store.close()
    records.close()


def asker(node: Any, period: str = "24h", channel: str = "", **filters: str) -> Asker:
    view = View(period, channel, filters=tuple(sorted(filters.items())))
    return Asker(node, Kept(), view, questions.span(node.events.query), lambda ids: {})


def built(ask: Asker, path: str) -> dict[str, Panel]:
    """The panels of a page, each of which makes its HTML."""
    with spoken("en"):
        panels = find(path)[0].build(ask) if ask.counts() else [counted.nothing(ask)]
        assert all(block(panel, ask.view) for panel in panels)
        assert ask.notice(path).id == "notice"
    found = {panel.id: panel for panel in panels}
    assert len(found) == len(panels), "two panels have one id"
    return found


def refused(panels: dict[str, Panel]) -> set[str]:
    return {name for name, panel in panels.items() if "not counted by" in panel.said or "coarser steps" in panel.said}


@pytest.mark.parametrize(("period", "channel"), [*((period, "") for period in PERIODS), ("24h", "sms")])
@pytest.mark.parametrize("path", list(OFFERED))
def test_every_question_is_answered_or_said_to_have_no_answer(node: Any, path: str, channel: str, period: str) -> None:
    for filters in ({}, *OFFERED[path], APART):
        assert built(asker(node, period, channel, **filters), path)


@pytest.mark.parametrize("path", list(OFFERED))
def test_without_filters_every_panel_has_its_figures(node: Any, path: str) -> None:
    assert not refused(built(asker(node, "30d"), path))


def test_a_short_period_says_what_is_counted_by_longer_steps(node: Any) -> None:
    assert refused(built(asker(node, "1h"), "/origins")) == {"countries-course", "border-course"}
    assert not refused(built(asker(node, "24h"), "/origins"))


def test_filters_that_are_not_counted_together_are_named(node: Any) -> None:
    panels = built(asker(node, **APART), "/origins")
    assert "Operator of origin and SPF together" in panels["apart"].said
    narrowed = built(asker(node, operator="Example Mobile"), "/origins")
    assert "Across borders and Operator of origin together" in narrowed["border"].said
    assert {"border", "border-course"} == refused(narrowed)


def counts(panel: Panel) -> list[int]:
    """Messages judged spam of each row of a ranking."""
    assert panel.table is not None
    return [int(re.sub(r"<[^>]+>|,", "", str(row[1].shown))) for row in panel.table.rows]


@pytest.mark.parametrize("filters", [{}, {"origin": "DE", "destination": "CI"}])
def test_the_rows_of_a_ranking_add_up_to_all_spam(node: Any, filters: dict[str, str]) -> None:
    ask = asker(node, "30d", **filters)
    panels = (
        built(ask, "/routes")
        if filters
        else {**built(ask, "/origins"), **built(ask, "/senders"), **built(ask, "/routes")}
    )
    names = (
        ("types", "channels", "transit")
        if filters
        else ("countries", "networks", "operators", "names", "kinds", "transit")
    )
    for name in names:
        total = ask("channel").totals["spam_messages"]
        assert abs(sum(counts(panels[name])) - total) <= 5 * len(counts(panels[name])), name


def test_the_share_of_known_transit_is_of_all_spam(node: Any) -> None:
    since = (periods.period("30d", NOW).start) * 1000
    rows = [one for one in [*made.rows(700, seed=7), *MAIL] if one["spam"] and one["received_at"] >= since]
    known = sum(one["count"] for one in rows if one["transit"]) / sum(one["count"] for one in rows)
    said = built(asker(node, "30d"), "/routes")["transit"].said
    found = re.search(r"(\d+)\s%", said)
    assert found is not None
    assert abs(int(found[1]) / 100 - known) < 0.05


def test_one_route_has_its_first_and_last_day(node: Any) -> None:
    said = built(asker(node, "24h", origin="DE", destination="CI"), "/routes")["route"].said
    assert "last on 22 Nov 2026" in said


def test_unknown_is_found_where_the_evidence_writes_the_word(node: Any) -> None:
    found = asker(node, "30d", content_type="unknown")("channel").totals["spam_messages"]
    rows = [one for one in made.rows(700, seed=7) if one["spam"] and one["content_type"] == "unknown"]
    assert found >= 0.5 * sum(one["count"] for one in rows) > 0


def test_how_much_spam_passed_is_said(node: Any) -> None:
    said = built(asker(node), "/authentication")["dmarc"].said
    assert "Of the spam whose result is known, 40 % passed, of all mail 57 %" in said  # 20 of 50, 40 of 70


def test_pages_are_listed_once() -> None:
    listed = [found.PAGE.path for found in (*PAGES, overview, types)]
    assert sorted(listed) == sorted(OFFERED)
