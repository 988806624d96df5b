"""Whether the sender pretends to be someone: look-alike domains, brand names on foreign addresses, replies led elsewhere."""

from functools import lru_cache

from counterspam.detect import brands, hosts
from counterspam.detect.facts import sender_brands
from counterspam.model import Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.taxonomy import Channel, SenderKind
from counterspam.tools import Tools

_UNKNOWN = answer("sender", "unknown")
_PLAIN = answer("sender", "plain")
_FREEMAIL = answer("sender", "free-mail")
_SHORT_CODE = answer("sender", "short-code")
_REPLY = answer("sender", "reply-elsewhere", 0.5)


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """The sender's identity, first reason that holds."""
    if not evidence.sender and not evidence.sender_raw:
        return _UNKNOWN
    if evidence.sender_kind is SenderKind.SHORT_CODE:
        return _SHORT_CODE
    if facts.sender_domain:
        return _mail(evidence, facts)
    if evidence.sender_kind is SenderKind.ALPHANUMERIC:
        return _alphanumeric(evidence, facts)
    return _PLAIN


def _mail(evidence: Evidence, facts: Facts) -> Check:
    brand, how = brands.lookalike(facts.sender_domain)
    if brand and how not in ("subdomain", "hosted"):
        return _lookalike(brand)
    free = hosts.among(facts.sender_domain, hosts.FREEMAIL)
    for name in sender_brands(evidence):
        if not _speaks_for(name, facts.sender_domain):
            return _pretends(name, "pretends-free" if free else "pretends")
    reply = evidence.headers.get("reply-to", "").rpartition("@")[2].strip("<> ").lower() if evidence.headers else ""
    if reply and reply in hosts.FREEMAIL and reply != facts.sender_domain:
        return _REPLY
    if reply and (named := sender_brands(evidence)) and not _speaks_for(named[0], reply):
        return answer("sender", "reply-elsewhere", 0.5, ("reply-other", {"brand": named[0]}))
    return _FREEMAIL if free else _PLAIN


@lru_cache(maxsize=8192)
def _speaks_for(name: str, domain: str) -> bool:
    """Whether the domain is the brand's, or carries its name (a country's own domain, a mail service of the brand)."""
    return brands.carries(brands.BY_NAME[name], domain)


def _alphanumeric(evidence: Evidence, facts: Facts) -> Check:
    """A sender id in words names a brand while the links lead to someone else."""
    named = sender_brands(evidence)
    if not named:
        return _PLAIN
    foreign = [host for host in facts.hosts if not any(_speaks_for(name, host) for name in named)]
    if evidence.channel is not Channel.EMAIL and foreign:
        return _pretends(named[0], "pretends-link")
    return answer("sender", "brand", 0.0, ("brand", {"brand": named[0]}))


@lru_cache(maxsize=4096)
def _lookalike(brand: str) -> Check:
    return answer("sender", "look-alike", 2.0, ("look-alike", {"brand": brand}))


@lru_cache(maxsize=4096)
def _pretends(brand: str, how: str) -> Check:
    return answer("sender", "pretends", 1.5 if how == "pretends-free" else 1.0, (how, {"brand": brand}))
