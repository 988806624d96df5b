"""E-mail addresses as senders write them (RFC 5322 section 3.4) to one normal form: lower case, domain in punycode."""

import re
from functools import lru_cache

import idna

from counterspam.decode.charset import decode_words
from counterspam.taxonomy import SenderKind

MAX_ADDRESS = 320

_QUOTED = re.compile(r'"(?:[^"\\]++|\\.)*+"?')
_COMMENT = re.compile(r"\([^()]*\)")
_ANGLE = re.compile(r"<([^<>]*)>")
_BARE = re.compile(r"(?<![^\s<>,;:\"()])[^\s<>,;:\"()@]++@[^\s<>,;:\"()]+")
_EDGE = " \t\"'<>[]().,;:"


@lru_cache(maxsize=8192)
def normal_domain(domain: str) -> str:
    """`domain` in lower case and punycode, without a dot at its end; what IDNA 2008 refuses stays as lower case."""
    domain = domain.strip(_EDGE).lower()
    if domain.isascii():
        return domain[:255]
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError, IndexError):
        return domain[:255]


@lru_cache(maxsize=8192)
def normal_address(address: str) -> str:
    """`local@domain` normalised; "" when it is not an address."""
    local, at, domain = address.strip(_EDGE).rpartition("@")
    if not at or not local or not domain or any(c.isspace() for c in domain):
        return ""
    return f"{local.strip().lower()}@{normal_domain(domain)}"[:MAX_ADDRESS]


def addresses(value: str) -> list[str]:
    """The addresses of a header value that is not yet word-decoded, normalised, in order.

    Quoted names and comments are set aside first: `"help@bank.example" <x@evil.example>` is from evil.example.
    """
    return list(_addresses(value))


@lru_cache(maxsize=64)  # values are long; the same one is asked for again while one mail is read
def _addresses(value: str) -> tuple[str, ...]:
    plain = _COMMENT.sub(" ", _QUOTED.sub(_keep_local, value)) if '"' in value or "(" in value else value
    given = _ANGLE.findall(plain) if "<" in plain else []
    if not any("@" in one for one in given):
        given = _BARE.findall(plain)
    if not given and "=?" in value:  # whole mailboxes inside an encoded word: not allowed, and done
        return _addresses(decode_words(value).replace("=?", ""))
    return tuple(found for one in given if (found := normal_address(one.rsplit(":", 1)[-1])))


def _keep_local(found: "re.Match[str]") -> str:
    """A quoted string is a name, unless an at sign follows: then it is a quoted local part."""
    end = found.end()
    return found[0][1:-1] if found.string[end : end + 1] == "@" else " "


def sender(value: str) -> tuple[str, str, SenderKind]:
    """(as given and readable, normalised, kind) of a From value. Several mailboxes: the first."""
    found = addresses(value)
    raw = decode_words(value).strip()[:1000]
    return (raw, found[0], SenderKind.EMAIL) if found else (raw, "", SenderKind.UNKNOWN)
