"""A question to the statistics as it stands in an address: checked, with an answer that helps where something is wrong."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from starlette.datastructures import QueryParams

from counterspam.measure import periods
from counterspam.measure.ask import DIMENSIONS, INTERVALS, METRICS
from counterspam.taxonomy import (
    Channel,
    ContentType,
    Disposition,
    Nature,
    Payload,
    SenderKind,
    Source,
    Technique,
)
from counterspam.web.problems import Problem
from counterspam.web.tabular import Form

# Metrics that are worked out from counts.
DERIVED = {
    "spam_share_low": "lower end of the 95 % interval of spam_share",
    "spam_share_high": "upper end of the 95 % interval of spam_share",
    "reports_per_100k": "reports per 100,000 of the population of the destination",
}
UNITS = {"at": "seconds since 1970 UTC, start of the step", **METRICS, **DERIVED}
USUAL = ("messages", "reports", "spam_messages", "spam_reports")
OTHERS = (
    "metrics",
    "dimensions",
    "period",
    "defined_by",
    "interval",
    "synthetic",
    "order",
    "limit",
    "cursor",
    "format",
    "lang",
)
KNOWN = (*OTHERS, *DIMENSIONS)
VALUES: dict[str, frozenset[str]] = {
    "channel": frozenset(Channel),
    "source": frozenset(Source),
    "content_type": frozenset(ContentType),
    "nature": frozenset(Nature),
    "border": frozenset({"domestic", "abroad"}),
    "sender_kind": frozenset(SenderKind),
    "technique": frozenset(Technique),
    "payload": frozenset(Payload),
    "disposition": frozenset(Disposition),
}
PLACES = frozenset({"origin", "destination", "transit"})
# Names that people and companies gave: a comma that a space follows belongs to the name.
NAMES = frozenset({"network", "operator", "destination_operator", "sender"})
UNKNOWN = "unknown"
LONGEST = 200  # characters of a value
USUAL_LIMIT, MOST_LIMIT = 100, 1000
MOST_ROWS = 20_000  # of one answer over time
_WORD = re.compile(r"[A-Za-z0-9 _.-]{1,40}", re.ASCII)
_DEFINITION = re.compile(r"[a-z][a-z0-9-]{0,39}(@[1-9][0-9]{0,3})?", re.ASCII)
_TRUTH = {"": True, "1": True, "true": True, "0": False, "false": False}


@dataclass(frozen=True, slots=True)
class Question:
    """A checked question, the same for all addresses that mean the same; `limit` 0 stands for what is usual."""

    period: str = periods.DEFAULT
    metrics: tuple[str, ...] = USUAL
    dimensions: tuple[str, ...] = ()
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    interval: str = ""
    synthetic: bool = True
    order: str = "spam_messages"
    limit: int = 0
    offset: int = 0
    defined_by: str = ""

    def chosen(self, name: str) -> tuple[str, ...]:
        """The values that a filter lets through, () without one."""
        return dict(self.filters).get(name, ())

    def mark(self) -> str:
        """What tells this question from others, whatever page of its answer is asked for."""
        said = repr(
            (self.period, self.metrics, self.dimensions, self.filters, self.interval, self.synthetic, self.order)
            + ((self.defined_by,) if self.defined_by else ())
        )
        return hashlib.blake2b(said.encode(), digest_size=6).hexdigest()

    def cursor(self, offset: int) -> str:
        """The opaque value for the rows from `offset` on."""
        return base64.urlsafe_b64encode(f"{offset}.{self.mark()}".encode()).decode()


def question(params: QueryParams, more: Sequence[str] = ()) -> Question:
    """What an address asks; `more` are parameters that it may have besides. Raises Problem 422."""
    refuse_strange(params, (*KNOWN, *more))
    filters = {name: values for name in DIMENSIONS if name in params and (values := _filter(name, params[name]))}
    asked = Question(
        period=_period(params.get("period", "")),
        metrics=_named("metrics", params.get("metrics", ""), (*METRICS, *DERIVED)) or USUAL,
        dimensions=_named("dimensions", params.get("dimensions", ""), tuple(DIMENSIONS)),
        filters=tuple(sorted(filters.items())),
        interval=one_of("interval", params.get("interval", ""), ("", *INTERVALS)),
        synthetic=_TRUTH[one_of("synthetic", params.get("synthetic", "").lower(), tuple(_TRUTH))],
        order=one_of("order", params.get("order", "") or "spam_messages", tuple(METRICS)),
        limit=_limit(params.get("limit", "")),
        defined_by=_definition(params.get("defined_by", "")),
    )
    return _from(asked, params.get("cursor", ""))


def refuse_strange(params: QueryParams, known: Sequence[str]) -> None:
    """Refuse a parameter that does not exist, or stands twice. Raises Problem 422."""
    for name in params:
        if name not in known:
            raise Problem(422, f"there is no parameter {name[:40]!r}{_near(name, known)}")
        if len(params.getlist(name)) > 1:
            raise Problem(422, f"{name} is given twice; separate values by commas")


def one_of(what: str, given: str, known: Sequence[str]) -> str:
    """The value, when it is one of those known. Raises Problem 422."""
    if given not in known:
        said = ", ".join(filter(None, known))
        raise Problem(422, f"{what} {given[:40]!r} is not possible{_near(given, known)}; there are {said}")
    return given


def form(given: str) -> str:
    """A form by its name, "" for none. Raises Problem 422."""
    return one_of("format", given, ("", *Form))


def _near(given: str, known: Sequence[str]) -> str:
    near = get_close_matches(given[:40], [name for name in known if name], 1, 0.5)
    return f", did you mean {near[0]}?" if near else ""


def _named(what: str, given: str, known: tuple[str, ...]) -> tuple[str, ...]:
    names = [name.strip() for name in given.split(",") if name.strip()][: len(KNOWN)]
    return tuple(dict.fromkeys(one_of(what, name, known) for name in names))


def _period(given: str) -> str:
    if given and not periods.known(given):
        raise Problem(422, f"period {given[:40]!r} is not possible; there are {periods.POSSIBLE}")
    return given or periods.DEFAULT


def _definition(given: str) -> str:
    if given and not _DEFINITION.fullmatch(given):
        raise Problem(422, f"defined_by {given[:40]!r} is not the name of a definition; /api/v1/definitions lists them")
    return given


def _limit(given: str) -> int:
    if not given:
        return 0
    if not (given.isascii() and given.isdecimal() and 1 <= int(given[:9]) <= MOST_LIMIT):
        raise Problem(422, f"limit is a number from 1 to {MOST_LIMIT}")
    return int(given)


def _filter(name: str, given: str) -> tuple[str, ...]:
    """The values of a filter in a fixed order, as they are stored; an empty text is what is unknown."""
    found = re.split(r",(?! )", given) if name in NAMES else given.split(",")
    values = {value for one in found for value in _stored(name, one.strip())}
    return tuple(sorted(values))


def _stored(name: str, value: str) -> tuple[str, ...]:
    if len(value) > LONGEST:
        raise Problem(422, f"{name}: a value has at most {LONGEST} characters")
    if value in ("", UNKNOWN):
        if name == "transit":
            raise Problem(422, "transit is counted only where it is known")
        return ("0",) if name == "asn" else ("", UNKNOWN) if UNKNOWN in VALUES.get(name, ()) else ("",)
    if name in VALUES:
        return (one_of(name, value, sorted(VALUES[name])),)
    if name in PLACES and not re.fullmatch("[A-Za-z]{2}", value):
        raise Problem(
            422, f"{name} {value[:40]!r} is not possible; give countries by two letters (ISO 3166), or unknown"
        )
    if name == "asn" and not (value.isascii() and value.isdecimal() and int(value[:11]) < 2**32):
        raise Problem(422, f"asn {value[:40]!r} is not the number of an autonomous system, such as 64496")
    if name not in NAMES and not _WORD.fullmatch(value):
        raise Problem(422, f"{name} {value[:40]!r} is not possible; values are short words")
    return (value.upper() if name in PLACES else str(int(value)) if name == "asn" else value,)


def _from(asked: Question, cursor: str) -> Question:
    if not cursor:
        return asked
    try:
        offset, _, mark = base64.urlsafe_b64decode(cursor[:200].encode()).decode().partition(".")
        if not (offset.isascii() and offset.isdecimal() and len(offset) < 7):
            raise ValueError(offset)
    except (ValueError, binascii.Error) as error:
        raise Problem(422, "cursor is not one that an answer gave") from error
    if mark != asked.mark():
        raise Problem(422, "cursor belongs to another question; ask the same one for its next rows")
    if asked.interval:
        raise Problem(422, "an answer over time has no further rows; give a limit")
    return replace(asked, offset=int(offset))
