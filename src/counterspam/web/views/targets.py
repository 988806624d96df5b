"""Whom the spam is meant for: countries and operators of the recipients."""

from collections.abc import Sequence

from counterspam.web.language import gettext, mark
from counterspam.web.views import parts
from counterspam.web.views.origins import placed
from counterspam.web.views.page import Asker, Page, Panel


def build(ask: Asker) -> Sequence[Panel]:
    """Countries on a map, in a table and over time, operators, and what the spam is about by country."""
    one = dict(ask.view.filters).get("destination")
    countries = [
        parts.world(ask, "map", gettext("Countries of the recipients"), "destination", path="/targets"),
        parts.ranking(
            ask,
            "countries",
            gettext("Countries of the recipients, ranked"),
            "destination",
            heading=lambda row: placed(ask, "/targets", "destination", row),
            heads=gettext("Destination"),
            limit=25,
        ),
    ]
    return [
        *([] if one else countries),
        parts.course(ask, "course", gettext("Destinations over time"), "destination"),
        parts.ranking(
            ask,
            "operators",
            gettext("Operators of the recipients"),
            "destination_operator",
            path="/targets",
            limit=15,
        ),
        parts.matrix(
            ask,
            "types",
            gettext("What the spam is about, by destination"),
            "content_type",
            "destination",
            path="/targets",
            size=(12, 6),
        ),
    ]


PAGE = Page(
    "/targets",
    mark("Whom the spam is meant for"),
    mark("In which countries and networks the recipients are, and what the spam that reaches each is about."),
    mark("Regulators, operators, banks and others whose customers are targets, the press."),
    mark(
        "The recipient’s country is that of the number or mailbox it was sent to, or of who reported it. It shows first of all"
        " where people report to this node."
    ),
    build,
)
