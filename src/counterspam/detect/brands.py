"""Brands that spam pretends to be: where they are named, which domains are theirs, which domains only look like it (X1235)."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import re2

from counterspam.detect import hosts, tables
from counterspam.detect.fold import fold

BORDER = r"[ -/:-@\[-`{-~]"  # what may stand beside a word: ASCII that is neither letter nor digit


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand, the names it goes by and the domains it uses; `sector` bank, parcel, telecom, tax, ... as in the file.

    `labels` stand for it in host names: its names without blanks, and what the file adds.
    """

    name: str
    sector: str
    aliases: tuple[str, ...]
    domains: tuple[str, ...]
    labels: tuple[str, ...]


def _brand(entry: dict[str, Any]) -> Brand:
    aliases = tuple(fold(alias)[0] for alias in entry["aliases"])
    joined = ("".join(c for c in alias if c.isalnum()) for alias in aliases)
    labels = (*joined, *entry.get("labels", ()))
    return Brand(
        entry["name"],
        entry["sector"],
        aliases,
        tuple(entry["domains"]),
        tuple(dict.fromkeys(label for label in labels if label.isascii() and len(label) >= 3)),
    )


BRANDS = tuple(map(_brand, tables.table("brands.json")["brands"]))
BY_NAME = {brand.name: brand for brand in BRANDS}
OWNED = {domain: brand for brand in reversed(BRANDS) for domain in brand.domains}
_LABELS = {label: brand for brand in reversed(BRANDS) for label in brand.labels}


def phrases(listed: list[str], inside: str = "\u0e00") -> "re2.Set":
    """One automaton that finds all of `listed` in a single pass; a star at the end of a phrase allows any ending.

    Phrases that begin with a character from `inside` on are found anywhere: there no blanks stand between words.
    """
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    found = re2.Set.SearchSet(options)
    for phrase in listed:
        open_end = phrase.endswith("*")
        text = re2.escape(phrase.rstrip("*"))
        anywhere = phrase[0] >= inside
        found.Add(text if anywhere else BORDER + text + ("" if open_end else BORDER))
    found.Compile()
    return found


_IN_TEXT = [(alias, brand) for brand in BRANDS for alias in brand.aliases]
_FINDER = phrases([alias for alias, _ in _IN_TEXT])


def named(words: str) -> tuple[str, ...]:
    """Names of the brands in folded text, in the order of the table."""
    return tuple(dict.fromkeys(_IN_TEXT[i][1].name for i in sorted(_FINDER.Match(f" {words} ") or ())))


def owner(host: str) -> Brand | None:
    """The brand that uses this host itself."""
    while host:
        if host in OWNED:
            return OWNED[host]
        host = host.partition(".")[2]
    return None


def owns(brand: Brand, host: str) -> bool:
    """Whether the host is one of the brand's own; several brands may share a domain, so `owner` alone cannot tell."""
    return any(host == domain or host.endswith(f".{domain}") for domain in brand.domains)


def carries(brand: Brand, host: str) -> bool:
    """Whether the host is the brand's own or has its name in it, as a country's own domain or a mail service does."""
    plain = host.replace("-", "")
    return owns(brand, host) or any(label in plain for label in brand.labels)


_LEET = str.maketrans("0134578", "oleastb")


def _skeleton(label: str) -> str:
    """A label as a hurried reader sees it."""
    seen = fold(hosts.unicode_label(label))[0]
    if not seen.isascii():
        seen = "".join(c for c in seen if c.isascii())
    return seen.translate(_LEET).replace("rn", "m").replace("vv", "w")


def _deletions(label: str) -> set[str]:
    return {label[:i] + label[i + 1 :] for i in range(len(label))}


_LONG_LABELS = tuple(label for label in _LABELS if len(label) >= 5)
_LURES = tuple(tables.words("lures.txt"))

# One edit away: two words that become the same after at most one deletion each (insertion, deletion, change, swap).
_NEAR: dict[str, str] = {near: label for label in _LABELS if len(label) >= 6 for near in (*_deletions(label), label)}
# Owned domains by what comes after their first label, so that a near miss of one is found before somebody else's domain.
_TAILS = frozenset(domain.partition(".")[2] for domain in OWNED)


@lru_cache(maxsize=65536)
def lookalike(host: str) -> tuple[str, str]:
    """The brand that a host imitates and how; two empty strings if none.

    "spelling" and "name": the registered label is the brand's but for a letter or the ending; "words": it holds the
    brand's name among others; "inner" and "subdomain": its domain, or its name, stands before somebody else's domain;
    "hosted": before that of a service where anyone can put up a page. Structured after the similar-domain comparison of
    X.1235; the country domains of a brand's own name are let pass, because no table has them all.
    """
    domain = hosts.registrable(host)
    if not domain or owner(host) or domain in hosts.POPULAR:
        return "", ""
    label, _, tail = domain.partition(".")
    prefix = host[: -len(domain)].rstrip(".")
    hosted = hosts.among(host, hosts.HOSTERS)
    if not (hosted and domain in hosts.HOSTERS) and (found := _in_label(label, tail)):
        return found
    name, how = _in_prefix(prefix)
    return (name, "hosted" if how and hosted else how)


def _in_label(label: str, tail: str) -> tuple[str, str] | None:
    """A brand's name in the registered label itself."""
    seen = _skeleton(label)
    plain = seen.replace("-", "")
    if plain in _LABELS:
        if seen != label and label.replace("-", "") not in _LABELS:
            return _LABELS[plain].name, "spelling"
        own = len(tail.rpartition(".")[2]) == 2 or tail == "com"
        return None if own else (_LABELS[plain].name, "name")
    if found := _worded(seen):
        return found, "words"
    near = _near(plain)
    return (near, "spelling") if near else None


def _worded(seen: str) -> str:
    """The brand whose name stands among the other words of a label; a short name needs a border or a lure beside it."""
    plain = seen.replace("-", "")
    for part in seen.split("-"):
        if part in _LABELS and "-" in seen:
            return _LABELS[part].name
    for known in _LONG_LABELS:
        if known in plain and (len(known) >= 8 or any(lure in plain.replace(known, " ") for lure in _LURES)):
            return _LABELS[known].name
    return ""


def _near(plain: str) -> str:
    """The brand that a label is one letter away from."""
    if len(plain) >= 6:
        for near in (plain, *_deletions(plain)):
            if near in _NEAR and _one_edit(plain, _NEAR[near]):
                return _LABELS[_NEAR[near]].name
    return ""


def _one_edit(a: str, b: str) -> bool:
    """Whether one inserted, lost, changed or swapped letter makes the difference."""
    start = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    if len(a) != len(b):
        long, short = (a, b) if len(a) > len(b) else (b, a)
        return long[start + 1 :] == short[start:]
    rest_a, rest_b = a[start:], b[start:]
    return rest_a[1:] == rest_b[1:] or (rest_a[:2] == rest_b[1::-1] and rest_a[2:] == rest_b[2:])


def _in_prefix(prefix: str) -> tuple[str, str]:
    """A brand's domain or name among the labels before somebody else's domain."""
    labels = prefix.split(".")[-6:] if prefix and prefix != "www" else []
    for start in range(len(labels)):
        for end in range(start + 2, min(start + 4, len(labels)) + 1):
            if brand := OWNED.get(".".join(labels[start:end])):
                return brand.name, "inner"
            if ".".join(labels[start + 1 : end]) in _TAILS and (
                near := _near(_skeleton(labels[start]).replace("-", ""))
            ):
                return near, "inner"
    for label in labels:
        plain = label.replace("-", "").removeprefix("www")
        if plain in _LABELS:
            return _LABELS[plain].name, "subdomain"
        if ("-" in label or len(label) >= 8) and (found := _worded(_skeleton(label))):
            return found, "subdomain"
    return "", ""


_PATH = re2.compile(rb"(?:^|[/=@])(?:www\.)?((?:[a-z0-9-]+\.)+[a-z]{2,})(?:/|$)")


def in_path(url: str) -> str:
    """The brand whose own domain stands in the path of a link that leads elsewhere; "" if none."""
    path = url.partition("://")[2].partition("/")[2].partition("?")[0].lower()[:500]
    for match in _PATH.findall(b"/" + path.encode("utf-8", "replace")):
        found = match.decode("ascii")
        if (brand := owner(found)) and not found.endswith((".html", ".php")):
            return brand.name
    return ""
