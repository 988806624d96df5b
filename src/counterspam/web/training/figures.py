"""Figures in lessons: the node's own charts of the last 30 days, as the public sees them, in the language of the lesson."""

import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from markupsafe import Markup, escape

from counterspam.errors import CounterspamError
from counterspam.web import language, live
from counterspam.web.format import moment
from counterspam.web.language import gettext
from counterspam.web.render import fragment
from counterspam.web.view import View
from counterspam.web.views import overview, parts
from counterspam.web.views.page import Asker, Panel

PERIOD = "30d"
KEPT = 60.0  # seconds
_LINK = re.compile(r"</?a\b[^>]*>")
_WITH_WORDS = re.compile(r"<a\b[^>]*>[^<]*</a>")
# Where the figure stands on a page of its own.
PAGES = {
    "volume-over-time": "/volume",
    "by-channel": "/volume",
    "origins": "/origins",
    "types": "/types",
    "routes": "/routes",
    "key-figures": "/",
}


def _makes() -> dict[str, Callable[[Asker, str], Panel]]:
    """What makes each figure; the second argument is its id in the page."""
    course, title = gettext("Messages and calls over time, by channel"), gettext("Messages judged spam, by channel")
    return {
        "volume-over-time": lambda ask, name: parts.course(ask, name, course, "channel", metric="messages"),
        "by-channel": lambda ask, name: parts.ranking(ask, name, title, "channel"),
        "origins": lambda ask, name: parts.ranking(ask, name, gettext("Where it was handed in"), "origin"),
        "types": lambda ask, name: parts.ranking(ask, name, gettext("What the spam is about"), "content_type", limit=9),
        "routes": lambda ask, name: parts.matrix(ask, name, gettext("From where to where"), "origin", "destination"),
        "key-figures": lambda ask, name: overview.figures(ask),
    }


def drawer(app: Any, lang: str, *, links: bool = True) -> Callable[[str, str], Markup]:
    """What draws the figures of one page in a language: name and caption -> HTML; `links` False leaves links out.

    The n-th figure of the page has ids that begin with `figure-n`.
    """
    count = 0

    def draw(name: str, caption: str) -> Markup:
        nonlocal count
        count += 1
        with language.spoken(lang):
            return _drawn(app, name, caption, f"figure-{count}", links=links)

    return draw


def _drawn(app: Any, name: str, caption: str, id: str, *, links: bool) -> Markup:
    state = live.of(app)
    view = View(period=PERIOD, lang=language.current())

    def make() -> str:
        ask = state.asker(view)
        panel = replace(_makes()[name](ask, id), question={})
        notice = _WITH_WORDS.sub("", live.block(ask.notice(PAGES[name]), view))
        return notice + _body(panel, view)

    try:
        body = state.kept.answer(("training", name, id, view.lang), KEPT, make)
    except CounterspamError:  # a store that does not answer takes no lesson with it
        body = str(escape(gettext("The figures of this node cannot be shown at the moment.")))
    html = body if links else _LINK.sub("", body)
    given = {"caption": caption, "body": Markup(html), "page": PAGES[name] if links else "", "as_of": _as_of()}  # noqa: S704
    return Markup(fragment("training/_figure.html", given))  # noqa: S704 - made by our own templates, which escape


def _body(panel: Panel, view: View) -> str:
    if panel.template == "_panel.html":
        return fragment("training/_drawn.html", {"panel": panel, "view": view})
    return live.block(panel, view)


def _as_of() -> str:
    return moment(int(time.time()) * 1000, "yMMMd")
