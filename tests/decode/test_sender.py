"""Senders as given -> senders to count by."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from counterspam.decode import sender
from counterspam.taxonomy import SenderKind as K


@pytest.mark.parametrize(
    ("given", "country", "handles", "value", "kind"),
    [
        ("+44 7700 900123", "", False, "+447700900123", K.PHONE),
        ("0044 7700-900.123", "", False, "+447700900123", K.PHONE),
        ("(07700) 900123", "GB", False, "+447700900123", K.PHONE),
        ("tel:+447700900123", "", False, "+447700900123", K.PHONE),
        ("sip:+447700900123@gw.example;user=phone", "", False, "+447700900123", K.PHONE),
        ("447700900123", "", False, "+447700900123", K.PHONE),
        ("2025550123", "US", False, "+12025550123", K.PHONE),
        ("5550100123", "US", False, "+15550100123", K.PHONE),
        ("\u200e+44\u202c7700900123", "", False, "+447700900123", K.PHONE),
        (
            "\uff0b\uff14\uff14\uff17\uff17\uff10\uff10\uff19\uff10\uff10\uff11\uff12\uff13",
            "",
            False,
            "+447700900123",
            K.PHONE,
        ),
        ("+1", "", False, "1", K.UNKNOWN),
        ("60070", "GB", False, "60070", K.SHORT_CODE),
        ("60070", "", False, "60070", K.SHORT_CODE),
        ("7726", "GB", False, "", K.UNKNOWN),
        ("9999999999", "", False, "9999999999", K.UNKNOWN),
        ("ParcelCo", "", False, "PARCELCO", K.ALPHANUMERIC),
        ("  My   Bank ", "", False, "MY BANK", K.ALPHANUMERIC),
        ("prize.example", "", False, "prize.example", K.ALPHANUMERIC),
        ("Ann <Win@Example.COM>", "", False, "win@example.com", K.EMAIL),
        ("mailto:a@b\u00fccher.example", "", False, "a@xn--bcher-kva.example", K.EMAIL),
        ("https://Shop.Example:8080/A?b=C", "", False, "https://shop.example:8080/A?b=C", K.URL),
        ("192.0.2.7", "", False, "192.0.2.7", K.IP),
        ("[2001:DB8::1]", "", False, "2001:db8::1", K.IP),
        ("@Win_Big", "", False, "@win_big", K.HANDLE),
        ("Julius Sample", "", True, "julius sample", K.HANDLE),
        ("447700900123", "", True, "447700900123", K.HANDLE),
        ("+447700900123", "", True, "+447700900123", K.PHONE),
        ("I do not know who that was, sorry", "GB", False, "", K.UNKNOWN),
        ("", "", False, "", K.UNKNOWN),
        ("http://[half", "", False, "http://[half", K.URL),
    ],
)
def test_normalise(given: str, country: str, handles: bool, value: str, kind: K) -> None:
    assert sender.normalise(given, country, handles) == (value, kind)


def test_the_reporters_own_number_is_seen() -> None:
    found = sender.normalise("07700 900123", "GB")
    assert sender.of_reporter(found, "+447700900123", "GB")
    assert not sender.of_reporter(found, "+447700900124", "GB")
    assert not sender.of_reporter(sender.NOBODY, "", "GB")


@given(st.text(max_size=400), st.sampled_from(["", "GB", "US", "IT", "ZZ"]), st.booleans())
@example("http://]", "", False)
@example("+" + "9" * 40, "", False)
@example("٣٣٣٣٣٣٣٣٣٣", "", False)
def test_anything_is_normalised_and_stays_so(text: str, country: str, handles: bool) -> None:
    value, kind = sender.normalise(text, country, handles)
    assert isinstance(value, str)
    assert kind is not K.PHONE or (value[0] == "+" and value[1:].isascii() and value[1:].isdecimal())
    if kind in (K.PHONE, K.IP):
        assert sender.normalise(value, country, handles) == (value, kind)
