"""The languages that reports speak: the catalogues and the ways of writing of the pages."""

from typing import Any

from counterspam.policy.reports.voice import Voice
from counterspam.web.format import country, moment, number, percent, tongue
from counterspam.web.labels import LABELS
from counterspam.web.language import current, direction, gettext
from counterspam.web.publications import called
from counterspam.web.words import dimension, named


def voice() -> Voice:
    """The language spoken now; keep speaking it while the report is made."""
    return Voice(
        lang=current(),
        direction=direction(),
        say=gettext,
        number=lambda value, digits: number(value, digits),
        percent=lambda part, digits: percent(part, digits),
        day=lambda at: moment(at, "yMMMd"),
        period=called,
        country=country,
        dimension=dimension,
        value=value,
        language=tongue,
    )


def value(name: str, given: Any) -> str:
    """A value of a dimension, or of the basis of a key figure, in words."""
    return (
        named(name, given)
        if name in ("origin", "destination") or given in LABELS or given in ("", None)
        else str(given)
    )
