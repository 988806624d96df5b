"""Brands that spam pretends to be: where they are named, which domains are theirs, which domains only look like it (X1235)."""

from dataclasses import dataclass
from functools import lru_cache

import re2

from counterspam.detect import hosts, tables
from counterspam.detect.fold import fold

BORDER = r"[ -/:-@\[-`{-~]"  # what may stand beside a word: ASCII that is neither letter nor digit


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand, the names it goes by and the domains it uses; `sector` bank, parcel, telecom, tax, ... as in the file."""

    name: str
    sector: str
    aliases: tuple[str, ...]
    domains: tuple[str, ...]


BRANDS = tuple(
    Brand(b["name"], b["sector"], tuple(fold(a)[0] for a in b["aliases"]), tuple(b["domains"]))
    for b in tables.table("brands.json")["brands"]
)
BY_NAME = {brand.name: brand for brand in BRANDS}
OWNED = {domain: brand for brand in reversed(BRANDS) for domain in brand.domains}
_LABELS = {
    label: brand
    for brand in reversed(BRANDS)
    for alias in brand.aliases
    if (label := "".join(c for c in alias if c.isalnum())).isascii() and len(label) >= 3
}


def phrases(listed: list[str]) -> "re2.Set":
    """One automaton that finds all of `listed` in a single pass; a star at the end of a phrase allows any ending."""
    options = re2.Options()
    options.max_mem = 64 << 20
    options.log_errors = False
    found = re2.Set.SearchSet(options)
    for phrase in listed:
        open_end = phrase.endswith("*")
        text = re2.escape(phrase.rstrip("*"))
        anywhere = phrase[0] >= "\u0e00"  # scripts that put no blanks between words
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


@lru_cache(maxsize=65536)
def lookalike(host: str) -> tuple[str, str]:
    """The brand that a host imitates and how: "spelling", "name", "words" or "subdomain"; two empty strings if none.

    Structured after the similar-domain comparison of X.1235; the country domains of a brand's own name are let pass,
    because no table has them all.
    """
    domain = hosts.registrable(host)
    if not domain or owner(host) or domain in hosts.POPULAR:
        return "", ""
    label, _, tail = domain.partition(".")
    prefix = host[: -len(domain)].rstrip(".")
    hosted = hosts.among(host, hosts.HOSTERS)
    if not (hosted and domain in hosts.HOSTERS) and (found := _in_label(label, tail)):
        return found
    return _in_prefix(prefix)


def _in_label(label: str, tail: str) -> tuple[str, str] | None:
    """A brand's name in the registered label itself."""
    seen = _skeleton(label)
    plain = seen.replace("-", "")
    if plain in _LABELS:
        if seen != label and label.replace("-", "") not in _LABELS:
            return _LABELS[plain].name, "spelling"
        own = len(tail.rpartition(".")[2]) == 2 or tail == "com"
        return None if own else (_LABELS[plain].name, "name")
    for part in seen.split("-"):
        if part in _LABELS and "-" in seen:
            return _LABELS[part].name, "words"
    for known in _LONG_LABELS:
        if known in plain and (len(known) >= 8 or any(lure in plain for lure in _LURES)):
            return _LABELS[known].name, "words"
    if len(plain) >= 6:
        for near in (plain, *_deletions(plain)):
            if near in _NEAR and _one_edit(plain, _NEAR[near]):
                return _LABELS[_NEAR[near]].name, "spelling"
    return None


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
                return brand.name, "subdomain"
    for label in labels:
        for part in (label, *label.split("-")):
            if part in _LABELS:
                return _LABELS[part].name, "subdomain"
    return "", ""
