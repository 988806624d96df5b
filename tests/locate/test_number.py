"""What an E.164 number says about itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterspam.locate.number import INVALID, NumberInfo, look_up


@pytest.mark.parametrize(
    ("number", "info"),
    [
        ("+12025550123", NumberInfo("US", "", "fixed-or-mobile", "member-state")),
        ("+18005550123", NumberInfo("US", "", "toll-free", "member-state")),
        ("+33899000000", NumberInfo("FR", "", "premium", "member-state")),
        ("+8816000000000", NumberInfo("", "Iridium", "satellite", "non-state")),
        ("+870773000000", NumberInfo("", "Inmarsat", "satellite", "non-state")),
        ("+882130000000", NumberInfo("", "", "international-network", "non-state")),
        ("+979100000000", NumberInfo("", "", "premium", "non-state")),
        ("+15550100000", NumberInfo("", "", "unassigned", "unassigned")),
        ("+999000000000", NumberInfo("", "", "unassigned", "unassigned")),
        ("+2211234", NumberInfo("SN", "", "invalid", "")),
        ("7726", NumberInfo("", "", "short-code", "")),
        ("", INVALID),
        ("+", INVALID),
        ("+1202555012345678", INVALID),
        ("+٤٩١٧١٠٠٠٠", INVALID),
    ],
)
def test_numbers(number: str, info: NumberInfo) -> None:
    assert look_up(number) == info


def test_the_operator_is_the_holder_of_the_range() -> None:
    found = look_up("+221770000000")
    assert (found.country, found.kind) == ("SN", "mobile")
    assert found.operator


@given(st.text("+0123456789", max_size=18) | st.text(max_size=10))
def test_any_text_has_an_answer(text: str) -> None:
    found = look_up(text)
    assert found.kind
    assert found.country == "" or (len(found.country) == 2 and found.country.isupper())
