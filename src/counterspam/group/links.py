"""Which part of a link belongs to one campaign: the registered domain, or one page where many people share the domain."""

import json
from functools import cache, lru_cache
from importlib.resources import files

# Pages of mailing-list programs and document types: they stand in mail of every kind.
_COMMON = ("/listinfo", "/mailman", "/unsubscribe", "/optout", "/opt-out", "/dtd/")
_MAX = 2


@cache
def open_hosts() -> frozenset[str]:
    """Hosts where anyone publishes, so a link says nothing without its path: free hosting and shorteners."""
    return _listed("hosters.txt", "shorteners.txt")


@cache
def common_hosts() -> frozenset[str]:
    """Hosts that messages of every kind link to: well-known sites, mailbox providers, mail services."""
    return _listed("popular_domains.txt", "freemail.txt", "shared_hosts.txt")


def _listed(*names: str) -> frozenset[str]:
    folder = files("counterspam") / "data"
    lines = (line.strip() for name in names for line in (folder / name).read_text(encoding="utf-8").splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))


@cache
def owned() -> frozenset[str]:
    """Domains of brands: what pretends to be them also links to them."""
    table = json.loads((files("counterspam") / "data" / "brands.json").read_text(encoding="utf-8"))
    return frozenset(domain for brand in table["brands"] for domain in brand["domains"])


def keys(urls: tuple[str, ...], domains: tuple[str, ...]) -> list[bytes]:
    """At most two keys of the links of one message; the same two whatever the order of the links."""
    found = {key for url in urls[:50] if (key := _key(url, domains))}
    return sorted(found, key=lambda key: (key[::-1], key))[:_MAX]


@lru_cache(maxsize=8192)
def _key(url: str, domains: tuple[str, ...]) -> bytes:
    """The key of one link, empty when it says nothing about who sent it."""
    # Normalised links have a path: scheme://place/path?query, without a fragment.
    place, _, tail = url.partition("://")[2].partition("/")
    host = place.rpartition("@")[2]
    if host.startswith("["):
        host, closed, _ = host[1:].partition("]")
        host = host if closed else ""
    else:
        host = host.partition(":")[0]
    path, _, query = tail.partition("?")
    host = host.removeprefix("www.")
    anyones = _among(host, open_hosts())
    if not host or (not anyones and _among(host, owned())) or any(word in url.lower() for word in _COMMON):
        return b""
    path = f"/{path}".rstrip("/")
    if anyones or _among(host, common_hosts()):
        # The name of a free site (name.hoster.example) is as selective as a path.
        if not path and (not anyones or host in open_hosts()):
            return b""
        page = f"{host}{path}?{query}" if path else host
        return b"page" + page.encode("utf-8", "surrogatepass")
    domain = next((d for d in domains if host == d or host.endswith("." + d)), host)
    return b"domain" + domain.encode("utf-8", "surrogatepass")


def _among(host: str, names: frozenset[str]) -> bool:
    """Whether the host or one of its parents is in `names`."""
    while host:
        if host in names:
            return True
        host = host.partition(".")[2]
    return False
