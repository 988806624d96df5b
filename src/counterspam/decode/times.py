"""Times as outside systems write them -> milliseconds since 1970 UTC. A time without a zone is taken as UTC."""

import calendar
import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache

import re2

MAX_LENGTH = 64
# RFC 3339 section 5.6, with the days that each month can have.
RFC3339 = (
    r"^[12][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-9]))T(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]{1,9})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$"
)
_RFC3339 = re2.compile(RFC3339)
_NUMBER = re2.compile(r"^[0-9]{9,17}(?:\.[0-9]{1,9})?$")
_MAIL = re.compile(
    r"\s*(?:[A-Za-z]{3}, )?(\d\d?) ([A-Z][a-z]{2}) ((?:19|20)\d\d) (\d\d):(\d\d):(\d\d) ([+-]\d\d)(\d\d)(?!\S)",
    re.ASCII,
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = date(1970, 1, 1).toordinal()


def of_mail(text: str) -> int | None:
    """Milliseconds of a date as nearly all mail writes it; None for what only `email.utils` reads, at ten times the price."""
    if (found := _MAIL.match(text)) is None or found[2] not in _MONTHS:
        return None
    day, month, year, hour, minute, second, zone, rest = found.groups()
    minutes = int(zone[1:]) * 60 + int(rest)
    seconds = int(hour) * 3600 + int(minute) * 60 + int(second) - (-minutes if zone[0] == "-" else minutes) * 60
    return ((_month(year, month) + int(day)) * 86400 + seconds) * 1000


@lru_cache(1024)
def _month(year: str, month: str) -> int:
    """Days from 1970 to the last day of the month before."""
    return date(int(year), _MONTHS.index(month) + 1, 1).toordinal() - _EPOCH - 1


def rfc3339(text: str) -> int | None:
    """Milliseconds of an RFC 3339 time; None when it is none. Leap seconds count as the next second."""
    if len(text) > MAX_LENGTH or not _RFC3339.match(text):
        return None
    year, month, day, hour, minute, second = (int(text[i:j]) for i, j in _PLACES)
    rest = text[19:]
    zone = 0
    if rest.endswith("Z"):
        rest = rest[:-1]
    else:
        zone = (int(rest[-5:-3]) * 60 + int(rest[-2:])) * (-60 if rest[-6] == "-" else 60)
        rest = rest[:-6]
    fraction = int(rest[1:4].ljust(3, "0")) if rest else 0
    # timegm and not datetime: it takes 29 February of any year and second 60
    return (calendar.timegm((year, month, day, hour, minute, second)) - zone) * 1000 + fraction


_PLACES = ((0, 4), (5, 7), (8, 10), (11, 13), (14, 16), (17, 19))


def epoch(value: float) -> int | None:
    """Milliseconds of a count of seconds, milliseconds or microseconds since 1970, told apart by size."""
    for limit, factor in ((1e11, 1000.0), (1e14, 1.0), (1e17, 0.001)):
        if 1e8 <= value < limit:
            return int(value * factor)
    return None


def milliseconds(value: object, form: str = "") -> int | None:
    """Milliseconds of a time in ISO 8601, RFC 5322, as an epoch count or, with `form`, in that strptime form."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return epoch(value)
    if not isinstance(value, str) or not 0 < len(text := value.strip()) <= MAX_LENGTH:
        return None
    if not form and _NUMBER.match(text):
        return epoch(float(text))
    return _read(text, form)


def _read(text: str, form: str) -> int | None:
    try:
        if form:
            when = datetime.strptime(text, form)
        elif text[0].isdecimal():
            when = datetime.fromisoformat(text)
        else:
            when = parsedate_to_datetime(text)
        if when.tzinfo is None:
            when = when.replace(tzinfo=UTC)
        return int(when.timestamp() * 1000)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
