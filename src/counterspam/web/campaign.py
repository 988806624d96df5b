"""The page of one campaign: how it developed, over which channels and countries, and what varies in it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import re2
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from counterspam.measure import periods, questions
from counterspam.measure.disclosure import LEAST
from counterspam.measure.periods import DAY, HOUR, Period
from counterspam.measure.scope import Query, Row, definition
from counterspam.privacy import mask
from counterspam.web import access, live, render
from counterspam.web.asked import UNITS
from counterspam.web.format import country, defang, label, mask_sender, tongue, visible
from counterspam.web.language import current, gettext
from counterspam.web.problems import Problem
from counterspam.web.scopes import Scope
from counterspam.web.views.parts import timeline

MOST_READ = 20_000  # records in which variants are looked for
NEWEST = 25
_ID = re2.compile(r"[0-9a-f]{16}")


async def campaign(request: Request, id: str) -> Response:
    """The page; a campaign that became part of another shows as that."""
    if not _ID.fullmatch(id) or int(id, 16) == 0:
        raise Problem(404, "a campaign is named by 16 hexadecimal digits")
    caller = await access.of(request).identify(request)
    signed_in = caller.may(Scope.EVIDENCE)
    state = live.of(request.app)
    shown = await run_in_threadpool(
        state.kept.answer, ("campaign", id, current()), 2, lambda: _gather(state.node.events.query, int(id, 16))
    )
    guard(shown["contributors"], signed_in=signed_in)
    facets = {name: _facet(name, rows, signed_in) for name, rows in shown["spread"].items()}
    names = ("text", "sender", "link", "number", "origin", "destination", "language")
    facets = {name: facets.get(name, []) for name in names}
    return render.page(request, "campaign.html", {**shown, "facets": facets, "signed_in": signed_in})


def series(query: Query, id: int, *, exact: bool) -> tuple[dict[str, Any], Sequence[str]]:
    """A campaign by day, channel and content type for the API, and the columns of its rows. Raises Problem 404.

    Unless `exact`, cells of fewer than 5 contributors are not shown but added together.
    """
    root, _, days = _days(query, id)
    guard(_contributors(days), signed_in=exact)
    large = [row for row in days if exact or len(row["contributors"]) >= LEAST]
    small = [row for row in days if not exact and len(row["contributors"]) < LEAST]
    columns = ("at", "channel", "content_type", "messages", "reports")
    found = {
        "campaign": f"{root:016x}",
        "definition": definition("campaign_days"),
        "units": {name: UNITS[name] for name in columns if name in UNITS},
        "rows": [{name: row[name] for name in columns} for row in large],
        "small_cells": {name: sum(row[name] for row in small) for name in columns[3:]} if small else {},
        "next": "",
    }
    return found, columns


def guard(contributors: int, *, signed_in: bool) -> None:
    """Refuse a campaign of few people to who may not read evidence. Raises Problem 404."""
    if contributors < LEAST and not signed_in:
        raise Problem(404, f"fewer than {LEAST} reporters stand behind this campaign, so it is shown to analysts only")


def _days(query: Query, id: int) -> tuple[int, list[int], list[Row]]:
    """The campaign that it is part of by now, all parts of that, and its days. Raises Problem 404."""
    root, parts = questions.campaign_parts(query, id)
    days = questions.campaign_days(query, parts)
    if not days:
        raise Problem(404, "no evidence of this campaign is stored here")
    return root, parts, days


def _contributors(days: Sequence[Row]) -> int:
    """Different contributors, of whom 5 of each row are known."""
    return len({one for row in days for one in row["contributors"]})


def _gather(query: Query, id: int) -> dict[str, Any]:
    root, parts, days = _days(query, id)
    start, end = days[0]["at"], days[-1]["at"] + DAY
    channels = sorted({row["channel"] for row in days})
    hours = questions.campaign_hours(query, parts, start, end) if end - start <= 3 * DAY else []
    period = _period(hours or days)
    since = _since(days, MOST_READ)
    spread = questions.campaign_spread(query, parts, since, end, channels)
    evidence = questions.campaign_evidence(query, parts, _since(days, NEWEST), end, NEWEST, channels)
    kinds: Counter[str] = Counter()
    for row in days:
        kinds[row["content_type"]] += row["messages"]
    texts = spread.get("text") or [{"example": ""}]
    made_up = any(row["synthetic"] for row in days)
    return {
        "id": root,
        "parts": parts,
        "kind": kinds.most_common(1)[0][0],
        "title": texts[0]["example"] or gettext("(no text)"),
        "messages": kinds.total(),
        "reports": sum(row["reports"] for row in days),
        "first_seen": min(row["first_seen"] for row in days),
        "last_seen": max(row["last_seen"] for row in days),
        "contributors": _contributors(days),
        "volume": timeline(
            "volume", gettext("Messages over time, by channel"), "", "channel", hours or days, "messages", period
        ),
        "spread": spread,
        "since": since * 1000 if since > start else 0,
        "evidence": evidence,
        "synthetic": gettext("Evidence of this campaign was made up by a generator.") if made_up else "",
    }


def _since(days: Sequence[Row], enough: int) -> int:
    """The day since which the newest `enough` records came, so that a large campaign does not have all of them read."""
    found = 0
    for row in reversed(days):
        found += row["reports"]
        if found >= enough:
            break
    return int(row["at"])


def _period(rows: Sequence[Row]) -> Period:
    """The whole life of the campaign, in steps that a chart can show."""
    start, last = rows[0]["at"], rows[-1]["at"]
    by_hour = any(row["at"] % DAY for row in rows)
    whole = periods.period(periods.ALL, last, start)
    if by_hour and whole.step <= 3 * HOUR:
        return whole
    step = max(whole.step, DAY)
    return Period(whole.name, whole.label, start - start % step, last - last % step + step, step)


def _facet(name: str, rows: Sequence[Row], signed_in: bool) -> list[dict[str, Any]]:
    return [{**row, "shown": _shown(name, row, signed_in)} for row in rows]


def _shown(name: str, row: Mapping[str, Any], signed_in: bool) -> str:
    """A value as it may be seen: senders and numbers masked for the public, links harmless for all."""
    value: str = row["value"]
    if name == "text":
        return visible(defang(row["example"])) or gettext("(no text)")
    if name in ("origin", "destination"):
        return country(value)
    if name == "language":
        return tongue(value)
    if name == "sender":
        return (visible(defang(value)) or label("")) if signed_in else mask_sender(value, row["kind"])
    if name == "number" and not signed_in:
        return mask(value)
    return visible(defang(value)) or label("")
