"""Charts for other sites: an SVG for `<img>`, and a page with chart, table and source for `<iframe>`.

Both take the parameters of /api/v1/query, and `chart` (bars, lines, map, ranking), `lang` and `dark`. They show public figures
to everybody.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.responses import Response

from counterspam.measure.ask import METRICS
from counterspam.measure.periods import DAY, HOUR, WEEK, Period, period
from counterspam.measure.scope import Row
from counterspam.web import access, asked, charts, language, live, public
from counterspam.web.answers import Asking, Span
from counterspam.web.api import in_thread
from counterspam.web.asked import Question
from counterspam.web.format import country, moment, number, percent, step_label
from counterspam.web.language import gettext, mark
from counterspam.web.problems import Problem
from counterspam.web.query_api import respond
from counterspam.web.render import fragment
from counterspam.web.words import dimension, named, when

KINDS = ("bars", "lines", "map", "ranking")
SERIES, PLACES, ROWS = 8, 250, 15  # most of them in a chart
MOST_STEPS = 400
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
TITLES = {
    "messages": mark("Messages and calls"),
    "reports": mark("Reports"),
    "spam_messages": mark("Messages and calls judged spam"),
    "spam_reports": mark("Reports judged spam"),
    "spam_share": mark("Share of messages and calls judged spam"),
}
router = APIRouter(include_in_schema=False, dependencies=[Depends(access.public)])


@router.head("/embed/chart.svg")
@router.get("/embed/chart.svg")
async def svg(request: Request) -> Response:
    """A chart as a document."""
    return await _served(request, "svg", "image/svg+xml", lambda drawn: str(drawn["document"]))


@router.head("/embed/chart")
@router.get("/embed/chart")
async def page(request: Request) -> Response:
    """A chart as a page of its own: with a table for those who do not see it, and where it comes from."""
    return await _served(request, "page", "text/html; charset=utf-8", lambda drawn: fragment("embed.html", drawn))


async def _served(request: Request, form: str, media_type: str, write: Callable[[dict[str, Any]], str]) -> Response:
    params = request.query_params
    question = asked.question(params, ("chart", "dark"))
    kind = asked.one_of("chart", params.get("chart", "") or "bars", KINDS)
    dark = asked.one_of("dark", params.get("dark", ""), ("", "0", "1")) == "1"
    first = (await in_thread(request, live.of(request.app).span))["first"]
    step = period(question.period, int(time.time()), first).step
    question = fitting(kind, question, step, given="metrics" in params)
    node, lang = request.app.state.node, language.current()
    headers = {"Content-Type": media_type, "Content-Security-Policy": POLICY, "Content-Language": lang}

    def pack(at: Span, _: bool) -> public.Body:
        found = Asking(node).answer(question, at, exact=False)
        return public.body(write(draw(kind, question, found, at.period, node.config.site(), dark)).encode(), headers)

    return await respond(request, (form, kind, dark, lang), question, pack, own=False)


def fitting(kind: str, question: Question, step: int, *, given: bool) -> Question:
    """The question that a chart answers: one metric, one dimension, over time where the chart is. Raises Problem 422.

    `step` are the seconds of a step of the period; `given` says that the metrics were chosen.
    """
    metric = question.metrics[0] if given else "spam_messages"
    if metric not in METRICS:
        raise Problem(422, f"charts show one of {', '.join(METRICS)}")
    if kind == "map" and question.dimensions not in (("origin",), ("destination",)):
        raise Problem(422, "a map needs the dimension origin or destination, and no other")
    if len(question.dimensions) > 1 or (kind == "ranking" and not question.dimensions):
        raise Problem(422, "a chart has one dimension")
    if kind in ("map", "ranking"):
        limit = min(question.limit or ROWS, 100) if kind == "ranking" else PLACES
        return replace(question, metrics=(metric,), order=metric, interval="", limit=limit)
    usual = "minute" if step < HOUR else "hour" if step < DAY else "day"
    limit = min(question.limit or SERIES, SERIES) if question.dimensions else 0
    return replace(question, metrics=(metric,), order=metric, interval=question.interval or usual, limit=limit)


def draw(kind: str, question: Question, found: Row, period: Period, site: str, dark: bool) -> dict[str, Any]:
    """What the page of a chart shows: title, chart, table, source."""
    metric = question.metrics[0]
    title = gettext(TITLES[metric])
    for name in question.dimensions:
        # Translators: %(figure)s is such as "Messages and calls judged spam", %(dimension)s such as "Origin".
        title = gettext("%(figure)s, by: %(dimension)s") % {"figure": title, "dimension": dimension(name)}
    title = f"{title}. {when(period)}"
    source = gettext("Source: %(site)s, %(time)s UTC. Reports are not prevalence.") % {
        "site": site.partition("://")[2],
        "time": moment(found["last_updated"] * 1000),
    }
    say = percent if metric == "spam_share" else number
    make = _over_time if kind in ("bars", "lines") else _at_once
    svg, head, rows = make(kind, question, found, title, source, say, dark)
    return {
        "title": title,
        "svg": Markup(svg.partition("?>\n")[2]),  # noqa: S704 - escaped by `charts`
        "document": svg,
        "head": head,
        "rows": rows,
        "site": site,
        "source": source,
        "dark": dark,
    }


Drawn = tuple[str, list[str], list[list[str]]]
Say = Callable[..., str]


def _at_once(kind: str, question: Question, found: Row, title: str, source: str, say: Say, dark: bool) -> Drawn:
    metric, name = question.metrics[0], question.dimensions[0]
    rows = [(row[name], row[metric] or 0) for row in found["rows"]]
    lines = [[named(name, value), say(count)] for value, count in rows]
    head = [dimension(name), gettext(TITLES[metric])]
    if kind == "map":
        values = {str(value): float(count) for value, count in rows if value and count}
        drawn = charts.standalone_world(title, source, values, say=say, blank=gettext("No figure"), dark=dark)
        return drawn, head, [[country(str(value)), say(count)] for value, count in rows if value]
    return (
        charts.standalone_rows(title, source, [(named(name, v), float(n)) for v, n in rows], say=say, dark=dark),
        head,
        lines,
    )


def _over_time(kind: str, question: Question, found: Row, title: str, source: str, say: Say, dark: bool) -> Drawn:
    metric, names = question.metrics[0], question.dimensions
    at = starts(found["period"]["start"], found["period"]["end"], question.interval)
    cells: dict[str, dict[int, float]] = defaultdict(dict)
    totals: Counter[str] = Counter()
    labels = {}
    for row in found["rows"]:
        key = str(row[names[0]]) or "unknown" if names else metric
        labels[key] = named(names[0], row[names[0]]) if names else gettext(TITLES[metric])
        cells[key][row["at"]] = row[metric]
        totals[key] += row[metric] or 0
    order = [key for key, _ in totals.most_common()]
    series = {key: [cells[key].get(step) for step in at] for key in order}
    length = {"minute": 60, "hour": HOUR}.get(question.interval, DAY)
    columns = [step_label(step, length) for step in at]
    if kind == "lines":
        top = 1.0 if metric == "spam_share" else None
        svg = charts.standalone_lines(title, source, series, columns, labels, top=top, say=say, dark=dark)
    else:
        filled = {key: [value or 0 for value in values] for key, values in series.items()}
        svg = charts.standalone_bars(title, source, filled, columns, labels, dark=dark)
    rows = [[column, *(_figure(series[key][i], say) for key in order)] for i, column in enumerate(columns)]
    return svg, [gettext("Starting (UTC)"), *(labels[key] for key in order)], rows


def _figure(value: float | None, say: Say) -> str:
    return "–" if value is None else say(value)


def starts(start: int, end: int, interval: str) -> Sequence[int]:
    """The starts of all steps of an interval that lie in a time, the one in which it begins included. Raises Problem 422."""
    lengths = {"minute": 60, "hour": HOUR, "day": DAY, "week": WEEK}
    if interval in lengths:
        step = lengths[interval]
        shift = 4 * DAY if interval == "week" else 0  # 1 January 1970 was a Thursday
        found: Sequence[int] = range(start - (start - shift) % step, end, step)
    else:
        first, last = datetime.fromtimestamp(start, UTC), datetime.fromtimestamp(max(end - 1, start), UTC)
        months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        kept = [m for m in months if interval == "month" or m % 12 == 0 or m == months[0]]
        found = [
            int(datetime(m // 12, 1 if interval == "year" else m % 12 + 1, 1, tzinfo=UTC).timestamp()) for m in kept
        ]
    if len(found) > MOST_STEPS:
        raise Problem(422, f"a chart has at most {MOST_STEPS} steps; ask for a coarser interval")
    return found
