"""Telephone numbers by the million: strings -> E.164 digits as integers, and the country that each belongs to.

Tables come from the numbering metadata of `phonenumbers` (ITU-T E.164); they are made once per process.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers import PhoneMetadata

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

BAD = -1  # neither a number nor a withheld one
WITHHELD = 0
NONE = 0
HOME = -2
SHORT = 1_000_000  # below: a service or emergency number of the own country
_POWERS = 10 ** np.arange(1, 18, dtype=np.int64)
_HIDDEN = ["", "anonymous", "unknown", "restricted", "private", "unavailable", "withheld", "null", "none", "-", "n/a"]


@dataclass(frozen=True, slots=True)
class Plan:
    """By the first four digits of an E.164 number: `prefix` says which calling code (with the area code where several
    countries share one), `country` is its country; both -1 and "" where no country has it."""

    prefix: Ints
    country: dict[int, str]


@lru_cache(maxsize=1)
def plan() -> Plan:
    """The numbering plan of the world as a table of 10,000 entries."""
    prefix = np.full(10_000, -1, dtype=np.int64)
    country: dict[int, str] = {}
    for start in range(1_000, 10_000):
        digits = str(start)
        code = next((c for n in (1, 2, 3) if (c := int(digits[:n])) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE), 0)
        if not code:
            continue
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE[code]
        key, region = code, regions[0]
        if code in (1, 7) and (other := _sharing(digits, code, regions)) != region:
            key, region = start if code == 1 else int(digits[:2]), other
        prefix[start] = key
        country[key] = "" if region == "001" else region
    return Plan(prefix, country)


def _sharing(digits: str, code: int, regions: tuple[str, ...]) -> str:
    """Which of the countries that share a calling code has the numbers that begin so."""
    area = digits[len(str(code)) :]
    for tail in ("2345678", "7654321", "5012345", "9870123"):
        number = phonenumbers.PhoneNumber(country_code=code, national_number=int((area + tail + "0" * 10)[:10]))
        if (found := phonenumbers.region_code_for_number(number)) in regions:
            return str(found)
    return regions[0]


def leading(numbers: Ints) -> Ints:
    """The first four digits of each number."""
    divided: Ints = numbers // 10 ** np.maximum(_written(numbers) - 4, 0)
    return divided


def _written(numbers: Ints) -> Ints:
    """How many digits each number has."""
    return np.searchsorted(_POWERS, numbers, side="right") + 1


def prefixes(numbers: Ints) -> Ints:
    """Plan prefix of each number; NONE for a withheld one, HOME for the short numbers of one's own country."""
    found = plan().prefix[np.clip(leading(np.maximum(numbers, 1_000)), 0, 9_999)]
    found = np.where(numbers < SHORT, HOME, found)
    return np.where(numbers == WITHHELD, NONE, found)


def country(prefix: int, home: str) -> str:
    """Country of a plan prefix, "" unknown or none (satellite and international services)."""
    return home if prefix == HOME else plan().country.get(prefix, "")


def integers(column: Any, country: str) -> Ints:
    """E.164 digits of numbers as given: +, 00, national (by the rules of `country`), short; BAD or WITHHELD otherwise."""
    text = pc.ascii_lower(pc.ascii_trim_whitespace(pc.fill_null(column, "")))
    hidden = _flags(pc.is_in(text, pa.array(_HIDDEN)))
    text = _strip(text)
    plus, zeros = _flags(pc.starts_with(text, "+")), _flags(pc.starts_with(text, "00"))
    international = plus | zeros
    digits = pc.utf8_ltrim(text, characters="+") if international.any() else text
    fit = _flags(pc.match_substring_regex(digits, "^[0-9]{3,17}$"))
    values = np.asarray(pc.cast(pc.if_else(pa.array(fit), digits, "0"), pa.int64()))
    length = np.asarray(pc.binary_length(digits)).astype(np.int64)
    # A leading 00 is gone with the cast, as is the zero of a national number, which `length` still counts.
    fit &= ~international | (_written(values) == np.where(zeros, length - 2, length))  # no calling code begins with 0
    values = np.where(international, values, _national(values, length, country))
    short = ~international & (length <= 6)
    good = fit & (short | ((values >= SHORT) & (values < 10**15)))
    known = short | (plan().prefix[np.clip(leading(np.maximum(values, 1_000)), 0, 9_999)] >= 0)
    return np.where(hidden, WITHHELD, np.where(good & known & (values > 0), values, BAD))


def _strip(text: Any) -> Any:
    """Without tel:/sip: wrapping and the signs that people write between digits, where there are any."""
    if _flags(pc.match_substring_regex(text, r"[^0-9+]")).any():
        text = pc.replace_substring_regex(text, r"^(?:tel|sips?):|[@;].*$", "")
        text = pc.replace_substring_regex(text, r"[ ().\-/]", "")
    return text


def _national(values: Ints, length: Ints, country: str) -> Ints:
    """Numbers without + or 00, read by the rules of `country`; without one they are taken as international."""
    metadata = PhoneMetadata.metadata_for_region(country) if country else None
    if metadata is None or metadata.country_code is None or metadata.general_desc is None:
        return values
    code = metadata.country_code
    lengths = [n for n in metadata.general_desc.possible_length if n > 6]
    trunk = metadata.national_prefix or ""
    significant = length
    if trunk == "0":  # the cast has taken it off
        written = _written(values)
        significant = np.where(written < length, written, length)
    elif trunk.isdigit():
        first = values // 10 ** np.maximum(length - len(trunk), 0)
        has = (first == int(trunk)) & np.isin(length - len(trunk), lengths) & ~np.isin(length, lengths)
        values = np.where(has, values % 10 ** np.maximum(length - len(trunk), 0), values)
        significant = np.where(has, length - len(trunk), length)
    own = np.isin(significant, lengths)
    shift = 10 ** np.clip(significant, 0, 14)
    return np.where(own & (length > 6), code * shift + values, values)


def _flags(column: Any) -> Flags:
    return np.asarray(pc.fill_null(column, False)).astype(bool)
