"""How values are written on pages: numbers, shares, times, names, masks. For people; the API has the plain values."""

import json
import unicodedata
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files

import re2

from counterspam import privacy

UNKNOWN = "Unknown"
LABELS = {
    "": UNKNOWN,
    "unknown": UNKNOWN,
    "email": "E-mail",
    "sms": "SMS",
    "mms": "MMS",
    "rcs": "RCS",
    "voice": "Voice calls",
    "im": "Messaging apps",
    "social": "Social media",
    "web": "Web",
    "in-app": "In-app",
    "user-report": "User reports",
    "trap": "Spam traps",
    "honeypot": "Honeypots",
    "filter": "Filters",
    "call-record": "Call records",
    "signalling": "Signalling records",
    "peer": "Other nodes",
    "questionnaire": "Questionnaires",
    "ham": "Not spam",
    "bank": "Bank impersonation",
    "crypto-investment": "Crypto investment",
    "fine-toll": "Fines and tolls",
    "hi-mum": "“Hi mum”, a relative in need",
    "job-offer": "Job offers",
    "parcel": "Parcel delivery",
    "tax": "Tax refund or debt",
    "wangiri": "Missed-call fraud (wangiri)",
    "spoofed-id": "Forged sender",
    "url": "Link",
    "call-back-number": "Number to call back",
}
# Channels in the order in which they are stacked and listed everywhere.
CHANNELS = ("email", "sms", "voice", "im", "social", "web", "mms", "rcs", "in-app", "other")

_LINK = re2.compile(r"(?i)\b(h)tt(ps?://)")
_HOST = re2.compile(r"(?i)\b(?:(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]+|\d{1,3}(?:\.\d{1,3}){3})\b")


def number(value: float) -> str:
    """1234567 -> 1,234,567."""
    return f"{value:,.0f}"


def rough(value: float) -> str:
    """A number for a sentence: exact below 10,000, then "12,300", "1.2 million"."""
    if value < 10_000:
        return number(value)
    if value < 1_000_000:
        return number(round(value, -2))
    for size, name in ((1e9, "billion"), (1e6, "million")):
        if value >= size:
            return f"{value / size:.1f} {name}"
    raise AssertionError


def share(part: float, whole: float) -> str:
    """Part of a whole in per cent; "–" where there is no whole."""
    if not whole:
        return "–"
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "under 1 %"
    if 99 < percent < 100:
        return "over 99 %"
    return f"{percent:.0f} %"


def size(count: float) -> str:
    """Bytes for people."""
    for unit in ("bytes", "KB", "MB", "GB"):
        if count < 1024 or unit == "GB":
            return f"{count:,.0f} {unit}" if unit == "bytes" or count >= 100 else f"{count:,.1f} {unit}"
        count /= 1024
    raise AssertionError


def moment(milliseconds: int, form: str = "%-d %b %Y, %H:%M:%S") -> str:
    """A time in UTC; "–" for 0."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime(form) if milliseconds else "–"


def iso(milliseconds: int) -> str:
    """A time for machines, RFC 3339."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def step_label(seconds: int, step: int) -> str:
    """What stands under the step of a chart that starts at `seconds`."""
    form = (
        "%-d %b %Y" if step > 86400 else "%-d %b" if step == 86400 else "%H:%M" if step < 3 * 3600 else "%-d %b %H:%M"
    )
    return moment(seconds * 1000 or 1, form)


def label(value: str) -> str:
    """A taxonomy value in words."""
    return LABELS.get(value) or value.replace("-", " ").capitalize()


@cache
def _countries() -> dict[str, list[str]]:
    text = (files("counterspam") / "data" / "countries.json").read_text(encoding="utf-8")
    known: dict[str, list[str]] = json.loads(text)
    return known


def country(code: str) -> str:
    """The English name of a country or area (CLDR 48); the code itself when it has none."""
    return _countries().get(code, [code or UNKNOWN])[0]


def region(code: str) -> str:
    """The region of a country or area (UN M49), "" unknown."""
    return _countries().get(code, ["", ""])[1]


def mask_sender(sender: str, kind: str) -> str:
    """A sender fit for a public page. Short codes and alphanumeric names belong to services and stay."""
    if not sender:
        return UNKNOWN
    if kind == "handle":
        return sender[:2] + "***" if sender.startswith("@") else sender[:1] + "***"
    return visible(defang(privacy.mask(sender)))[:60]


def defang(text: str) -> str:
    """Text whose links and host names cannot be followed by a click or a paste."""
    text = _LINK.sub(r"\1xx\2", text)
    return str(_HOST.sub(lambda found: found.group().replace(".", "[.]"), text))


def visible(text: str) -> str:
    """Text without control, direction and zero-width characters: each is written as its code point."""
    return "".join(_shown(char) for char in text)


def _shown(char: str) -> str:
    if char in "\n\t" or (char.isprintable() and unicodedata.category(char) != "Cf") or char == " ":
        return char
    return "" if char == "\r" else f"⟨U+{ord(char):04X}⟩"


def duration(seconds: float) -> str:
    """A time span for people."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{seconds:,.0f} s"
