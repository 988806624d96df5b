"""Authentication results that a mail carries: Authentication-Results (RFC 8601), Received-SPF (RFC 7208 section 9.1),
ARC-Authentication-Results (RFC 8617 section 4.1.1). They are reported as written; whether to believe them is not for a decoder.
"""

import re
from collections.abc import Mapping, Sequence

from counterspam.model import Authentication

_COMMENT = re.compile(r"\([^()]*\)")
_QUOTED = re.compile(r'"[^"]*"')
_RESULT = re.compile(r"^\s*(spf|dkim|dmarc|arc)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.I)
_INSTANCE = re.compile(r"^\s*i\s*=\s*(\d{1,3})\s*;")
_WORD = re.compile(r"^\s*([A-Za-z]+)")
_VALUES = {
    **{name: name for name in ("pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "policy")},
    "hardfail": "fail",
    "unknown": "permerror",  # name of permerror in RFC 4408
    "error": "temperror",  # name of temperror in RFC 4408
    "timeout": "temperror",
}
_MAX_VALUE = 8192


def result(word: str) -> str:
    """One result word in lower case, old names translated; "" when it is none."""
    return _VALUES.get(word.strip().lower(), "")


def method_results(value: str) -> tuple[str, dict[str, str]]:
    """(name of the server that checked, method -> result) of one Authentication-Results value."""
    value = value[:_MAX_VALUE]
    for _ in range(3):  # comments nest; deeper ones are nobody's
        if "(" not in value:
            break
        value = _COMMENT.sub(" ", value)
    server = ""
    found: dict[str, str] = {}
    for place, part in enumerate(_QUOTED.sub('""', value).split(";")):
        match = _RESULT.match(part)
        if match is None:
            server = part.strip().lower() if place == 0 else server
        elif word := result(match[2]):
            method = match[1].lower()
            # Of several DKIM signatures one that passes is enough (RFC 6376 section 4).
            if found.get(method, "") == "" or (method == "dkim" and word == "pass"):
                found[method] = word
    return server, found


def authentication(headers: Mapping[str, Sequence[str]]) -> Authentication:
    """From the topmost Authentication-Results and those of the same server below it; else the newest ARC set."""
    found: dict[str, str] = {}
    top = ""
    for place, value in enumerate(headers.get("authentication-results", ())[:20]):
        server, methods = method_results(value)
        if place == 0:
            top = server
        if server == top:
            found = {**methods, **found}
    if not found and (sets := headers.get("arc-authentication-results", ())[:50]):
        newest = max(sets, key=lambda value: int(match[1]) if (match := _INSTANCE.match(value)) else 0)
        found = method_results(_INSTANCE.sub("", newest))[1]
    if "spf" not in found and (spf := headers.get("received-spf", ())) and (match := _WORD.match(spf[0])):
        found["spf"] = result(match[1])
    return Authentication(**found) if found else Authentication()
