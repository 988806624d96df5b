"""What is derived once from the evidence, before the checks: links, numbers, brands, folded words, language."""

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache

import re2

from counterspam.detect import brands, crypto, hosts, language, tables
from counterspam.detect.disguise import undo
from counterspam.detect.fold import clean, fold
from counterspam.detect.ranges import e164
from counterspam.model import Evidence, Facts
from counterspam.taxonomy import SenderKind

MAX_TEXT = 20_000
MAX_URLS = 100
MAX_NUMBERS = 20
MAX_BRANDS = 10
LEAST_DIGITS = 7  # of a telephone number


def _either(pattern: str) -> Callable[[str], list[str]]:
    """All matches in a text. RE2 works on bytes: in ASCII text, which most is, it need not count characters."""
    any_text, ascii_text = re2.compile(pattern), re2.compile(pattern.encode())

    def find(text: str) -> list[str]:
        if text.isascii():
            return [found.decode() for found in ascii_text.findall(text.encode())]
        return list(any_text.findall(text))

    return find


# A link, a mail address or a bare host. Chinese and Japanese text touches links without a blank.
_LINK = _either(
    r"(?i)(?:h[tx]{2}ps?://|www\.)[^\s<>\"'\p{Han}\p{Hiragana}\p{Katakana}，。！】）]+"
    r"|(?:[a-z0-9][a-z0-9._%+-]*@)?[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.[a-z]{2,24}(?:/[^\s<>\"'\p{Han}，。]*)?"
)
_HREF = re2.compile(r"(?i)\bhref\s*=\s*[\"']?(https?://[^\"'\s<>]+)")
_NUMBER = _either(r"\+?\(?\d[\d\s()./-]{5,18}\d")
# "now.in" is a missing blank, not a host: without "www." or a path, only these endings make one.
_BARE = tables.words("bare_endings.txt")


def derive(evidence: Evidence) -> Facts:
    """The facts of one piece of evidence."""
    domain = _domain(evidence.sender)
    if not (evidence.text or evidence.subject or evidence.urls or evidence.html or evidence.numbers):
        return _without_content(domain, evidence.language, sender_brands(evidence))
    text = clean(evidence.text[:MAX_TEXT])
    words, repaired = fold(text)
    words, disguised = undo(words)
    title, more = fold(clean(evidence.subject[:1000])) if evidence.subject else ("", 0)
    title, too = undo(title)
    found = _LINK(text) if "." in text else []
    if found and "[.]" in text:
        found = _LINK(text.replace("[.]", "."))
    urls, places = _links(evidence, found)
    return Facts(
        urls=urls,
        hosts=places,
        domains=tuple(dict.fromkeys(d for d in map(hosts.registrable, places) if d)),
        numbers=_numbers(evidence, f"{title} {words}"),
        emails=tuple(dict.fromkeys(f.lower() for f in found if "@" in f and "://" not in f and "/" not in f))[
            :MAX_URLS
        ],
        crypto=crypto.addresses(text),
        brands=_brands(words, title, evidence, places),
        words=words,
        body_hash=hashlib.sha256(words.encode()).hexdigest() if words else "",
        language=evidence.language or language.detect(words or title),
        obfuscation=repaired + more,
        disguised=disguised + too,
        sender_domain=domain,
    )


@lru_cache(maxsize=65536)
def _without_content(domain: str, language: str, named: tuple[str, ...]) -> Facts:
    return Facts(brands=named, language=language, sender_domain=domain)


@lru_cache(maxsize=65536)
def _domain(sender: str) -> str:
    """The domain of a mail or web sender, punycode, lower-case."""
    place = sender.rpartition("@")[2] if "@" in sender else sender if "." in sender and "://" not in sender else ""
    if "://" in sender:
        return hosts.normalise(sender)[1]
    place = place.strip().strip("<>[]").rstrip(".").lower()
    if not place or " " in place or place.startswith("+") or hosts.is_address(place):
        return ""
    try:
        return place if place.isascii() else place.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _links(evidence: Evidence, found: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Links of the text, of the decoder and, when that found none, of the markup; with their hosts."""
    seen: dict[str, str] = {}
    for given in _given(evidence, found):
        url, host = hosts.normalise(given[:2000])
        if url:
            seen.setdefault(url, host)
            if len(seen) == MAX_URLS:
                break
    return tuple(seen), tuple(dict.fromkeys(seen.values()))


def _given(evidence: Evidence, found: list[str]) -> Iterable[str]:
    yield from (f for f in found if ("://" in f or "@" not in f) and _is_link(f))
    yield from (u for u in evidence.urls[: 2 * MAX_URLS])
    if evidence.html and not evidence.urls:
        yield from _HREF.findall(clean(evidence.html[:MAX_TEXT]))


def _is_link(text: str) -> bool:
    start = text[:5].lower()
    if start.startswith(("http", "hxxp", "www.")):
        return True
    host, slash, _ = text.lower().partition("/")
    ending = hosts.suffix(host)
    return bool(ending) and host != ending and (bool(slash) or "." in ending or ending in _BARE)


def _numbers(evidence: Evidence, words: str) -> tuple[str, ...]:
    region = evidence.recipient_country or evidence.jurisdiction
    given = [e164(n, region) or n for n in evidence.numbers[:MAX_NUMBERS]]
    enough = sum(map(words.count, "0123456789")) >= LEAST_DIGITS  # most texts hold no number, and counting is quicker
    found = (e164(candidate, region) for candidate in (_NUMBER(words)[: 4 * MAX_NUMBERS] if enough else ()))
    return tuple(dict.fromkeys(number for number in (*given, *found) if number))[:MAX_NUMBERS]


def sender_brands(evidence: Evidence) -> tuple[str, ...]:
    """Brands in the sender's own name: an alphanumeric id or the words before a mail address."""
    if evidence.sender_kind is SenderKind.PHONE or not evidence.sender_raw:
        return ()
    return _sender_brands(clean(evidence.sender_raw[:200]))


@lru_cache(maxsize=65536)
def _sender_brands(raw: str) -> tuple[str, ...]:
    return brands.named(fold(raw.partition("<")[0] if "<" in raw else raw.partition("@")[0])[0])


def _brands(words: str, title: str, evidence: Evidence, places: tuple[str, ...]) -> tuple[str, ...]:
    text = brands.named(f"{title} {words}" if title else words)
    linked = [name for host in places[:20] if (name := brands.lookalike(host)[0])]
    return tuple(dict.fromkeys((*sender_brands(evidence), *linked, *text)))[:MAX_BRANDS]
