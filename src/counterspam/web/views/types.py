"""What the spam is about."""

from collections.abc import Sequence

from counterspam.web.language import gettext, mark
from counterspam.web.views import parts
from counterspam.web.views.page import Asker, Page, Panel


def build(ask: Asker) -> Sequence[Panel]:
    """Content types, in whose interest, and both over time and by channel."""
    panels = [
        parts.ranking(ask, "types", gettext("Content types"), "content_type", path="/types", limit=35),
        parts.course(ask, "types-course", gettext("Content types over time"), "content_type"),
    ]
    if ask.counts("nature"):
        panels.append(parts.ranking(ask, "nature", gettext("In whose interest it was sent"), "nature"))
    if ask.counts("channel", "content_type"):
        panels.append(
            parts.matrix(
                ask, "types-channels", gettext("Content types by channel"), "content_type", "channel", path="/types"
            )
        )
    return panels


PAGE = Page(
    "/types",
    mark("What the spam is about"),
    mark("Which kinds of spam arrive, how their shares develop, and on which channels each runs."),
    mark("Analysts, policy officers, the press."),
    mark("The type is judged automatically from the text, in several languages; “unknown” means that nothing told."),
    build,
)
