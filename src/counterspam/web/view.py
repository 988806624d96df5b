"""What a visitor chose to see, as it stands in the address of a page: period, channel, filters, language."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request

from counterspam.measure import periods
from counterspam.measure.ask import DIMENSIONS
from counterspam.taxonomy import Channel
from counterspam.web import language

# Filters that the address of a page may carry besides the channel: any dimension of the statistics.
FILTERS = tuple(name for name in DIMENSIONS if name != "channel")
LONGEST = 100  # characters of a value
# Dimensions of which evidence may say itself that the value is unknown; there the word is stored, too.
WRITTEN = frozenset({"content_type", "nature", "sender_kind", "technique", "disposition"})
# What the page of comparisons takes besides: what is compared, its two sides, and by what they are broken down.
CHOICES = ("by", "a", "b", "of")


@dataclass(frozen=True, slots=True)
class View:
    """What a visitor chose to see, and in which language; `keep_lang` when the address names it, so that links carry it on.

    `filters` are (dimension, value), sorted; the value "unknown" stands for what the evidence does not tell. `choices` are
    those of CHOICES that the address names; `subject` is what its path says that it is about, such as the country of a profile.
    """

    period: str = periods.DEFAULT
    channel: str = ""
    synthetic: bool = True
    filters: tuple[tuple[str, str], ...] = ()
    choices: tuple[tuple[str, str], ...] = ()
    subject: str = ""
    lang: str = language.DEFAULT
    keep_lang: bool = False
    light: bool = False  # the reader asks for as few bytes as possible (`Save-Data: on`)

    @property
    def figures(self) -> "View":
        """The view without its language: what is the same for readers of all languages."""
        return replace(self, lang=language.DEFAULT, keep_lang=False, light=False)

    @property
    def elsewhere(self) -> "View":
        """The view as it is carried on to another page."""
        return replace(self, choices=(), subject="")

    def params(self, **changes: str) -> dict[str, Any]:
        """The parameters of an address that shows this view, with changes; "" takes a filter away."""
        given = {"period": self.period, "channel": self.channel, "synthetic": "" if self.synthetic else "0"}
        return {**given, **dict(self.filters), **dict(self.choices), **changes}

    def chosen(self) -> dict[str, tuple[str, ...]]:
        """Channel and filters as a question to the statistics takes them."""
        given = dict(self.filters) | ({"channel": self.channel} if self.channel else {})
        unknown = {name: ("", "unknown") if name in WRITTEN else ("",) for name in given}
        return {name: unknown[name] if value == "unknown" else (value,) for name, value in given.items()}


def view(request: Request, subject: str = "") -> View:
    """What the query asks to see, of the `subject` of the path; what makes no sense is taken as the default."""
    asked = request.query_params
    period, channel = _period(request), asked.get("channel", "")
    filters, choices = (
        tuple(sorted((name, asked[name]) for name in names if 0 < len(asked.get(name, "")) <= LONGEST))
        for names in (FILTERS, CHOICES)
    )
    return View(
        period,
        channel if channel in set(Channel) else "",
        asked.get("synthetic") != "0",
        tuple((name, value) for name, value in filters if name != "asn" or (value.isdecimal() and len(value) < 10)),
        choices,
        subject,
        language.of(request),
        language.is_chosen(request),
        saves_data(request),
    )


def _period(request: Request) -> str:
    """The period that the address names, or that reaches `from` a day `to` another, as the form of dates sends them."""
    asked = request.query_params
    name, first, last = asked.get("period", ""), asked.get("from", ""), asked.get("to", "")
    if first or last:
        name = _range(first, last, asked.get("from_hour", ""), asked.get("to_hour", ""))
    if not periods.known(name):
        return periods.DEFAULT
    return first if name == f"{first}..{first}" else name


def _range(first: str, last: str, start: str, end: str) -> str:
    """Two days as a period: both whole, or from the hour `start` to before the hour `end` ("": all day) where one is named."""
    if not start and not end:
        return f"{first}..{last}"
    try:
        begins = datetime.fromisoformat(f"{first}T{start or '00'}")
        ends = datetime.fromisoformat(f"{last}T{end}") if end else datetime.fromisoformat(last) + timedelta(1)
    except ValueError:
        return ""
    return f"{begins:%Y-%m-%dT%H}..{ends - timedelta(hours=1):%Y-%m-%dT%H}"


def saves_data(request: Request) -> bool:
    """Whether the reader's browser asks for as few bytes as possible (Save Data API, header `Save-Data: on`)."""
    return request.headers.get("save-data", "").strip().lower() == "on"


def has(request: Request, etag: str) -> bool:
    """Whether the reader has the answer with this validator already (RFC 9110 section 13.1.2)."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag.removeprefix("W/") in known or "*" in known
