"""What stands in place of figures that the evidence is not counted by, as the page is narrowed now."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Concatenate, ParamSpec

from counterspam.measure.ask import DIMENSIONS, Unanswerable
from counterspam.web.format import listed
from counterspam.web.language import gettext
from counterspam.web.views.page import Asker, Panel
from counterspam.web.words import dimension

P = ParamSpec("P")


def or_why(make: Callable[Concatenate[Asker, str, str, P], Panel]) -> Callable[Concatenate[Asker, str, str, P], Panel]:
    """The same panel, or in its place why it cannot be shown. Dimensions are given by their place."""

    @wraps(make)
    def made(ask: Asker, id: str, title: str, /, *given: P.args, **more: P.kwargs) -> Panel:
        dimensions = [str(name) for name in given if name in DIMENSIONS]
        return told(ask, id, title, dimensions, lambda: make(ask, id, title, *given, **more))

    return made


def told(ask: Asker, id: str, title: str, dimensions: Sequence[str], make: Callable[[], Panel]) -> Panel:
    """The panel that `make` gives, or in its place why these dimensions cannot be shown."""
    try:
        return make()
    except Unanswerable:
        return Panel(id, title, why(ask, *dimensions))


def why(ask: Asker, *dimensions: str) -> str:
    """Why dimensions cannot be shown within the filters of the page, and what would help."""
    if ask.counts(*dimensions):
        return gettext("This is counted by coarser steps of time than this period is shown in. Choose a longer period.")
    chosen = dict.fromkeys((*dimensions, *dict(ask.view.filters)))
    names = [dimension(name) for name in chosen if name != "channel"]  # everything is counted by channel
    # Translators: %(names)s is a list such as "Origin, Operator of origin and SPF".
    return gettext("The evidence is not counted by %(names)s together. Take away a filter to see this.") % {
        "names": listed(names)
    }


def nothing(ask: Asker) -> Panel:
    """The only panel of a page whose filters the evidence is not counted by together."""
    return Panel("apart", gettext("Not counted together"), why(ask))
