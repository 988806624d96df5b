"""Workshops and webinars as a calendar (iCalendar, RFC 5545), and read back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import icalendar

from counterspam import __version__
from counterspam.errors import DecodeError, Reason

MOST_BYTES, MOST_EVENTS = 2_000_000, 5000
PRODUCT = f"-//counterspam//training {__version__}//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One workshop or webinar. Times in ms UTC; `updated_at` is its DTSTAMP; `sequence` counts its changes, from 0."""

    uid: str
    title: str
    starts_at: int
    ends_at: int
    updated_at: int
    sequence: int = 0
    place: str = ""
    url: str = ""
    summary: str = ""
    cancelled: bool = False


def write(events: Sequence[Event], name: str) -> bytes:
    """The calendar called `name` with these events."""
    found = icalendar.Calendar()
    found.add("prodid", PRODUCT)
    found.add("version", "2.0")
    found.add("method", "PUBLISH")
    found.add("x-wr-calname", name)
    for event in events[:MOST_EVENTS]:
        found.add_component(_component(event))
    return bytes(found.to_ical())


def _component(event: Event) -> Any:
    made = icalendar.Event()
    made.add("uid", event.uid)
    made.add("dtstamp", _time(event.updated_at))
    made.add("last-modified", _time(event.updated_at))
    made.add("dtstart", _time(event.starts_at))
    made.add("dtend", _time(event.ends_at))
    made.add("summary", _line(event.title))
    made.add("sequence", event.sequence)
    made.add("status", "CANCELLED" if event.cancelled else "CONFIRMED")
    for name, value in (("location", event.place), ("description", event.summary)):
        if value:
            made.add(name, _line(value) if name == "location" else _lines(value))
    if event.url:
        made.add("url", event.url)
    return made


def read(data: bytes) -> list[Event]:
    """The events of a calendar, in order. Raises DecodeError when it is none, or an event in it lacks what ours have."""
    if len(data) > MOST_BYTES:
        raise DecodeError(Reason.TOO_LARGE, f"a calendar of more than {MOST_BYTES} bytes")
    try:
        calendar = icalendar.Calendar.from_ical(data)
        return [_event(one) for one in calendar.walk("VEVENT")[:MOST_EVENTS]]
    except (ValueError, LookupError, TypeError, AttributeError, OverflowError) as error:
        raise DecodeError(Reason.BAD_SYNTAX, f"not a calendar: {' '.join(str(error).split())[:200]}") from error


def _event(one: Any) -> Event:
    return Event(
        uid=str(one["UID"]),
        title=str(one.get("SUMMARY", "")),
        starts_at=_ms(one.decoded("DTSTART")),
        ends_at=_ms(one.decoded("DTEND")),
        updated_at=_ms(one.decoded("DTSTAMP")),
        sequence=int(one.get("SEQUENCE", 0)),
        place=str(one.get("LOCATION", "")),
        url=str(one.get("URL", "")),
        summary=str(one.get("DESCRIPTION", "")),
        cancelled=str(one.get("STATUS", "")) == "CANCELLED",
    )


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms // 1000, UTC)


def _ms(value: date) -> int:
    at = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()) * 1000


def _line(text: str) -> str:
    return " ".join(_lines(text).split())


def _lines(text: str) -> str:
    """Text without the control characters that RFC 5545 section 3.1 leaves out."""
    return "".join(
        char for char in text.replace("\r\n", "\n").replace("\r", "\n") if char in "\n\t" or char.isprintable()
    )
