"""What a telephone number is: its international form, its country and its kind (ITU-T E.164).

The national plans are those of `phonenumbers`; its patterns are joined here once per country code, because its own
look-up goes through every region and kind for each number.
"""

import re
from functools import lru_cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, NumberParseException, PhoneMetadata

from counterspam.detect import tables

_DATA = tables.table("number_ranges.json")
_KINDS = tuple((prefix, str(entry["kind"])) for entry in _DATA["ranges"] for prefix in entry["prefixes"])
_SPECIAL = tuple(prefix for prefix, _ in _KINDS)
_LOOKS_DOMESTIC = tuple(_DATA["looks_domestic"]["prefixes"])
_FOOLED = frozenset(_DATA["looks_domestic"]["countries"])
_SORTS = (
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
_NEVER = re.compile(r"(?!)")


@lru_cache(maxsize=512)
def _plan(code: int) -> tuple["re.Pattern[str]", "re.Pattern[str]", "re.Pattern[str]"]:
    """Patterns of a country code for national numbers: premium rate, free of charge, any that can be assigned."""
    if code in phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS:
        plans = [PhoneMetadata.metadata_for_nongeo_region(code)]
    else:
        plans = [PhoneMetadata.metadata_for_region(region) for region in COUNTRY_CODE_TO_REGION_CODE[code]]
    known = [plan for plan in plans if plan]
    return _joined(known, ("premium_rate",)), _joined(known, ("toll_free",)), _joined(known, _SORTS)


def _joined(plans: list["PhoneMetadata"], sorts: tuple[str, ...]) -> "re.Pattern[str]":
    found = [getattr(plan, sort) for plan in plans for sort in sorts]
    patterns = [desc.national_number_pattern for desc in found if desc and desc.national_number_pattern]
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns)) if patterns else _NEVER


def split(number: str) -> tuple[int, str]:
    """Country code and national number of an E.164 number; (0, "") when no country has its code."""
    for length in (1, 2, 3):
        code = number[1 : 1 + length]
        if code.isascii() and code.isdigit() and int(code) in COUNTRY_CODE_TO_REGION_CODE:
            return int(code), number[1 + length :]
    return 0, ""


@lru_cache(maxsize=65536)
def e164(candidate: str, region: str) -> str:
    """The number in E.164, or "" when it is none that can be assigned. Without a region only +... and 00... are read."""
    digits = "".join(c for c in candidate if c.isdecimal())
    if not 7 <= len(digits) <= 17:
        return ""
    plus = candidate.lstrip(" (").startswith("+")
    if not plus and digits.startswith("00"):
        digits, plus = digits[2:], True
    if not plus and not region:
        return ""
    try:
        parsed = phonenumbers.parse(("+" if plus else "") + digits, region or None)
    except NumberParseException:
        return ""
    number = f"+{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"
    return "" if kind(number) == "unassigned" else number


@lru_cache(maxsize=65536)
def kind(number: str) -> str:
    """ "premium", "satellite", "international-network", "international-shared", "unassigned", "toll-free" or "ordinary"."""
    if number.startswith(_SPECIAL):
        return next(name for prefix, name in _KINDS if number.startswith(prefix))
    code, national = split(number)
    if not code:
        return "unassigned"
    premium, free, any_sort = _plan(code)
    if premium.fullmatch(national):
        return "premium"
    if free.fullmatch(national):
        return "toll-free"
    return "ordinary" if any_sort.fullmatch(national) else "unassigned"


@lru_cache(maxsize=65536)
def country(number: str) -> str:
    """The country of a number, ISO 3166 alpha-2, "" unknown or international."""
    code, national = split(number)
    regions = COUNTRY_CODE_TO_REGION_CODE.get(code, ())
    if len(regions) > 1:
        try:
            found = phonenumbers.region_code_for_number(phonenumbers.parse(number, None))
        except NumberParseException:
            return ""
        return str(found) if found else ""
    return regions[0] if regions and regions[0] != "001" and national else ""


def looks_domestic(number: str, region: str) -> bool:
    """Whether people in `region` take this foreign number for one of their own."""
    return region in _FOOLED and number.startswith(_LOOKS_DOMESTIC)
