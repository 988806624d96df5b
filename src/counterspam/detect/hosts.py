"""Links and hosts in one spelling, and who they belong to."""

import ipaddress
import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import tldextract

from counterspam.detect import tables

SHORTENERS = tables.words("shorteners.txt")
HOSTERS = tables.words("hosters.txt")
POPULAR = tables.words("popular_domains.txt")
FREEMAIL = tables.words("freemail.txt")
RISKY_TLDS = tables.words("risky_tlds.txt")

_extract = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
_TRACKING = frozenset(("fbclid", "gclid", "dclid", "msclkid", "mc_eid", "mc_cid", "yclid", "igshid"))
# Most links are in their usual form already; taking those apart and joining them again would change nothing.
_PLAIN = re.compile(r"(https?://)([a-z0-9][a-z0-9.-]*\.[a-z]+)(/[!-\"$-;=@-~]*)?(\?[!-\"$-~]+)?")
_TAIL = ".,;:!?)]}>'\"*_»”’、。，"


@lru_cache(maxsize=65536)
def _parts(host: str) -> tuple[str, str]:
    """(registrable domain, public suffix) of a host."""
    if not host or is_address(host):
        return "", ""
    found = _extract.extract_str(host)
    if found.suffix:
        return (f"{found.domain}.{found.suffix}" if found.domain else host), found.suffix
    return ".".join(host.split(".")[-2:]), ""


def registrable(host: str) -> str:
    """The domain that somebody registered; "" for an address. A suffix that is not public counts as one label."""
    return _parts(host)[0]


def suffix(host: str) -> str:
    """The public suffix of a host, "" when it has none that is known."""
    return _parts(host)[1]


def is_address(host: str) -> bool:
    """Whether the host is an IP address, decimal and hexadecimal notations included."""
    last = host.rsplit(".", 1)[-1]
    if not (last.isdigit() or last.startswith("0x") or ":" in host):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return ":" not in host
    return True


def among(host: str, names: frozenset[str]) -> bool:
    """Whether the host or one of its parents is in `names`."""
    while host:
        if host in names:
            return True
        host = host.partition(".")[2]
    return False


def _tracked(query: str) -> bool:
    return "utm_" in query or "clid" in query or "mc_" in query or "igshid" in query


@lru_cache(maxsize=8192)
def normalise(url: str) -> tuple[str, str]:
    """An absolute link and its host in one spelling; two empty strings for what is not a web link.

    Host lower-case and punycode, default port, fragment and tracking parameters dropped; a name and password stay.
    """
    url = url.strip().rstrip(_TAIL)
    if url[:4].lower() == "hxxp":
        url = "http" + url[4:]
    if (plain := _PLAIN.fullmatch(url)) and not _tracked(url) and ".." not in plain[2]:
        return f"{plain[1]}{plain[2]}{plain[3] or '/'}{plain[4] or ''}", plain[2]
    if "://" not in url:
        scheme, colon, rest = url.partition(":")
        if colon and not rest[:1].isdigit():  # mailto:, tel:, javascript: and their like; a port is a number
            return "", ""
        url = "http://" + url
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname or "", parts.port
        if scheme not in ("http", "https") or not host:
            return "", ""
        host = host.rstrip(".")
        if not host.isascii():
            host = host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError of the idna codec is one as well
        return "", ""
    if not host or ("." not in host and ":" not in host) or ".." in host:
        return "", ""
    at = parts.netloc.rpartition("@")[0]
    place = f"[{host}]" if ":" in host else host
    if port and port != {"http": 80, "https": 443}[scheme]:
        place = f"{place}:{port}"
    query = parts.query
    if _tracked(query):
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=None)
        query = urlencode([(k, v) for k, v in pairs if not k.startswith("utm_") and k not in _TRACKING])
    return urlunsplit((scheme, f"{at}@{place}" if at else place, parts.path or "/", query, "")), host


def unicode_label(label: str) -> str:
    """A host label as it is shown to people."""
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
