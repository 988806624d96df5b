"""E.164 number -> country, operator of the range, and what kind of number it is. No look-up over the network.

Ranges and operator names are those of libphonenumber (package phonenumbers). A ported number has left the operator that
its range names, so `operator` is the holder of the range, not the subscriber's provider.
"""

from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

MAX_DIGITS = 15  # ITU-T E.164 section 6
_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed-or-mobile",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.TOLL_FREE: "toll-free",
    PhoneNumberType.SHARED_COST: "shared-cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.UAN: "universal-access",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
# Codes that belong to no country (ITU-T list of assigned country codes, annex to the Operational Bulletin).
_GLOBAL = {
    "+800": ("toll-free", ""),
    "+808": ("shared-cost", ""),
    "+870": ("satellite", "Inmarsat"),
    "+878": ("personal", ""),
    "+881": ("satellite", ""),
    "+882": ("international-network", ""),
    "+883": ("international-network", ""),
    "+888": ("international-network", ""),
    "+979": ("premium", ""),
}
_SATELLITE = {"+8816": "Iridium", "+8817": "Iridium", "+8818": "Globalstar", "+8819": "Globalstar"}


class NumberInfo(NamedTuple):
    """What a number says about itself.

    `kind`: mobile, fixed, fixed-or-mobile, premium, toll-free, shared-cost, voip, pager, personal, universal-access,
    voicemail, satellite, international-network, short-code, unassigned (right length, range not in use) or invalid.
    `assignment` is its case under ITU-T E.156: member-state, non-state (international codes), unassigned, or "".
    """

    country: str
    operator: str
    kind: str
    assignment: str


INVALID = NumberInfo("", "", "invalid", "")


@lru_cache(16384)
def look_up(number: str) -> NumberInfo:
    """Facts about an E.164 number with its plus sign; 3 to 6 digits without one are a short code."""
    if number.isascii() and number.isdigit() and 3 <= len(number) <= 6:
        return NumberInfo("", "", "short-code", "")
    if (
        number[:1] != "+"
        or not number[1:].isascii()
        or not number[1:].isdigit()
        or not 7 <= len(number) - 1 <= MAX_DIGITS
    ):
        return INVALID
    if found := _GLOBAL.get(number[:4]):
        return NumberInfo("", found[1] or _SATELLITE.get(number[:5], ""), found[0], "non-state")
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:  # the country code is not in use
        return NumberInfo("", "", "unassigned", "unassigned")
    kind = _KINDS.get(phonenumbers.number_type(parsed), "")
    if kind:
        return NumberInfo(phonenumbers.region_code_for_number(parsed) or "", _operator(parsed), kind, "member-state")
    if not phonenumbers.is_possible_number(parsed):
        return NumberInfo(_only_country(parsed), "", "invalid", "")
    return NumberInfo(_only_country(parsed), "", "unassigned", "unassigned")


def _only_country(parsed: PhoneNumber) -> str:
    """The country of a code that one country has to itself."""
    regions = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    return regions[0] if len(regions) == 1 else ""


def _operator(parsed: PhoneNumber) -> str:
    from phonenumbers import carrier  # 30 MB of names: only where a number has to be looked up

    return carrier.name_for_number(parsed, "en") or ""
