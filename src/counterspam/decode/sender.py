"""A sender as given -> a sender to count by: E.164, short code, alphanumeric id, e-mail, handle, URL or IP (C-R3)."""

import ipaddress
import unicodedata
from functools import lru_cache
from urllib.parse import urlsplit

import phonenumbers
import re2

from counterspam.decode.address import normal_address, normal_domain
from counterspam.taxonomy import SenderKind

MAX_SENDER = 350
MAX_WORDS = 5  # more words than this are prose, not a name
ALPHANUMERIC = 35  # networks allow 11 characters; messaging platforms longer names
LONGEST_SHORT_CODE = 8
# Numbers that people forward spam to; they answer "who sent it?" with the number they are writing to.
REPORT_CODES = frozenset({"7726", "33700", "87726", "330330", "9000", "1909", "118"})

_INVISIBLE = re2.compile(r"[\p{Cf}\p{Cc}]")
_ADDRESS = re2.compile(r"^[^@\s<>\"(),;:]+@[^@\s<>\"(),;:/]+$")
_BRACKETS = re2.compile(r"<([^<>\s]+)>\s*$")
_URL = re2.compile(r"(?i)^https?://\S+$")
_PREFIX = re2.compile(r"(?i)^(?:tel|sms|smsto|mms|mailto|callto|whatsapp):")
_SIP = re2.compile(r"(?i)^sips?:(\+?[0-9]{3,15})(?:[;@].*)?$")
_DIALLED = re2.compile(r"^\(?\+?[0-9][0-9 ().\-/\x{2010}-\x{2013}]*$")
_DOMAIN = re2.compile(r"^(?:[\p{L}\p{N}_-]+\.)+[\p{L}\p{N}-]{2,}\.?$")

Named = tuple[str, SenderKind]
NOBODY: Named = ("", SenderKind.UNKNOWN)


@lru_cache(maxsize=65_536)
def normalise(given: str, country: str = "", handles: bool = False) -> Named:
    """The sender to count by and what it is; ("", UNKNOWN) for nothing, prose or the reporting code itself.

    `country` (ISO 3166) reads national numbers. `handles`: on this channel a plain name is an account, not a sender id.
    """
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", given[:MAX_SENDER])).strip().strip("\"'").strip()
    if found := _BRACKETS.search(text):
        text = found.group(1)
    text = _PREFIX.sub("", text)
    if found := _SIP.match(text):
        text = found.group(1)
    if not text or text in REPORT_CODES:
        return NOBODY
    return _address(text) or _phone(text, country, handles) or _name(text, handles)


def of_reporter(sender: Named, reporter: str, country: str = "") -> bool:
    """Whether the "sender" is only the reporter's own number or address (C-R3)."""
    return bool(sender[0]) and bool(reporter) and normalise(reporter, country)[0] == sender[0]


def _address(text: str) -> Named | None:
    if _URL.match(text):
        return _url(text), SenderKind.URL
    if _ADDRESS.match(text) and (mailbox := normal_address(text)):
        return mailbox, SenderKind.EMAIL
    try:
        return str(ipaddress.ip_address(text.strip("[]"))), SenderKind.IP
    except ValueError:
        pass
    return None


def _url(text: str) -> str:
    scheme, _, rest = text.partition("://")
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return text
    cut = len(rest)
    for mark in "/?#":
        if (at := rest.find(mark)) >= 0:
            cut = min(cut, at)
    authority = rest[:cut]
    port = authority.rpartition(":")[2] if authority.rpartition(":")[2].isdigit() and "]" not in authority else ""
    return f"{scheme.lower()}://{normal_domain(host)}{':' + port if port else ''}{rest[cut:]}"


def _phone(text: str, country: str, handles: bool) -> Named | None:
    if not _DIALLED.match(text):
        return None
    digits = "".join(c for c in text if c.isdecimal())
    if not 3 <= len(digits) <= 17:
        return digits, SenderKind.UNKNOWN
    if text.startswith(("+", "(+")) or digits.startswith("00"):
        return _parsed("+" + digits.removeprefix("00"), "", False) or (digits, SenderKind.UNKNOWN)
    if handles:
        return text.lower(), SenderKind.HANDLE
    if country and (found := _parsed(digits, country, len(digits) <= LONGEST_SHORT_CODE)):
        return found
    if len(digits) <= LONGEST_SHORT_CODE:
        return digits, SenderKind.SHORT_CODE
    # A number without a plus sign and without a country: only a long one can be the international form.
    if len(digits) >= 11 and (found := _parsed("+" + digits, "", False)):
        return found
    return digits, SenderKind.UNKNOWN


def _parsed(digits: str, country: str, must_be_valid: bool) -> Named | None:
    """E.164 of a number that the numbering plan allows. A short one has to be in use, or it is a short code."""
    try:
        number = phonenumbers.parse(digits, country or None)
    except phonenumbers.NumberParseException:
        return None
    fits = phonenumbers.is_valid_number if must_be_valid else phonenumbers.is_possible_number
    if not fits(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), SenderKind.PHONE


def _name(text: str, handles: bool) -> Named:
    if text.startswith("@") and " " not in text:
        return text.lower(), SenderKind.HANDLE
    words = text.split()
    if handles:
        return " ".join(words).casefold()[:MAX_SENDER], SenderKind.HANDLE
    if len(words) > MAX_WORDS or len(text) > ALPHANUMERIC:
        return NOBODY
    if "." in text and _DOMAIN.match(text) and not text.replace(".", "").isdecimal():
        return normal_domain(text), SenderKind.ALPHANUMERIC
    return " ".join(words).upper(), SenderKind.ALPHANUMERIC
