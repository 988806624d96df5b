"""Times as outside systems write them."""

from datetime import UTC, datetime
from email.utils import mktime_tz, parsedate_tz

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.decode import times

NEW_YEAR = 1_767_225_600_000


@pytest.mark.parametrize(
    ("value", "form", "expected"),
    [
        ("2026-01-01T00:00:00Z", "", NEW_YEAR),
        ("2026-01-01 00:00:00", "", NEW_YEAR),
        ("2026-01-01", "", NEW_YEAR),
        ("2026-01-01T02:00:00.25+02:00", "", NEW_YEAR + 250),
        ("Thu, 01 Jan 2026 01:00:00 +0100", "", NEW_YEAR),
        (1_767_225_600, "", NEW_YEAR),
        ("1767225600", "", NEW_YEAR),
        ("1767225600000", "", NEW_YEAR),
        (1_767_225_600_000_000, "", NEW_YEAR),
        ("01/01/2026 00:00", "%d/%m/%Y %H:%M", NEW_YEAR),
        ("1767225600", "%Y", None),
        ("last week", "", None),
        ("2026-02-30", "", None),
        ("", "", None),
        (True, "", None),
        (None, "", None),
        ("9" * 400, "", None),
    ],
)
def test_milliseconds(value: object, form: str, expected: int | None) -> None:
    assert times.milliseconds(value, form) == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-01",
        "2026-01-01 00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00Z\n",
        "2026-04-31T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "",
    ],
)
def test_rfc3339_refuses(text: str) -> None:
    assert times.rfc3339(text) is None


@given(st.datetimes(datetime(1980, 1, 1), datetime(2100, 1, 1)), st.integers(-23, 23))
def test_rfc3339_agrees_with_the_standard_library(when: datetime, zone: int) -> None:
    text = f"{when.isoformat(timespec='milliseconds')}{zone:+03d}:30"
    assert times.rfc3339(text) == round(datetime.fromisoformat(text).timestamp() * 1000)
    assert times.rfc3339(f"{when.isoformat(timespec='seconds')}Z") == int(when.replace(tzinfo=UTC).timestamp()) * 1000


@given(st.text(max_size=80) | st.floats() | st.integers(), st.text(max_size=20))
def test_nothing_raises(value: object, form: str) -> None:
    assert times.milliseconds(value, form) is None or isinstance(times.milliseconds(value, form), int)


@given(
    st.sampled_from(["", " ", "Mon, ", " Thu, ", "mon ", "Thu,"]),
    st.integers(0, 40),
    st.sampled_from(["Jan", "Feb", "Dec", "dec", "Foo"]),
    st.sampled_from([99, 1900, 1969, 1970, 2000, 2026, 2099, 20266]),
    st.tuples(st.integers(0, 30), st.integers(0, 70), st.integers(0, 70)),
    st.integers(-9999, 9999),
    st.sampled_from(["", " ", " (EDT)", "x", " 5"]),
)
def test_dates_of_mail_are_read_as_the_standard_library_reads_them(
    start: str, day: int, month: str, year: int, clock: tuple[int, int, int], zone: int, end: str
) -> None:
    text = f"{start}{day} {month} {year} {clock[0]:02}:{clock[1]:02}:{clock[2]:02} {zone:+05}{end}"
    if (found := times.of_mail(text)) is not None:
        parts = parsedate_tz(text)
        assert parts is not None
        assert found == mktime_tz(parts) * 1000


@pytest.mark.parametrize("text", ["Thu, 01 Jan 2026 01:00:00 +0100", "1 Jan 2026 00:00:00 -0000 (UTC)"])
def test_usual_dates_of_mail_are_read(text: str) -> None:
    assert times.of_mail(text) == NEW_YEAR
