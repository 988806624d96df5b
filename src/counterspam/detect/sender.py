"""Whether the sender pretends to be someone: look-alike domains, brand names on foreign addresses, replies led elsewhere."""

from functools import lru_cache

from counterspam.detect import brands, hosts
from counterspam.detect.facts import sender_brands
from counterspam.model import Check, Evidence, Facts
from counterspam.taxonomy import Channel, SenderKind
from counterspam.tools import Tools

_UNKNOWN = Check("sender", "unknown", 0.0, "no sender is known")
_PLAIN = Check("sender", "plain", 0.0, "nothing odd about the sender")
_FREEMAIL = Check("sender", "free-mail", 0.0, "the sender uses a free mailbox")
_SHORT_CODE = Check("sender", "short-code", 0.0, "it comes from a short code")
_REPLY = Check("sender", "reply-elsewhere", 0.5, "replies go to a free mailbox that is not the sender's")


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
    if brand and how != "subdomain":
        return _lookalike(brand)
    for name in sender_brands(evidence):
        if not _speaks_for(name, facts.sender_domain):
            return _pretends(name, hosts.among(facts.sender_domain, hosts.FREEMAIL))
    free = hosts.among(facts.sender_domain, hosts.FREEMAIL)
    reply = evidence.headers.get("reply-to", "").rpartition("@")[2].strip("<> ").lower() if evidence.headers else ""
    if reply and reply in hosts.FREEMAIL and reply != facts.sender_domain:
        return _REPLY
    return _FREEMAIL if free else _PLAIN


@lru_cache(maxsize=8192)
def _speaks_for(name: str, domain: str) -> bool:
    """Whether the domain is the brand's, or carries its name (a country's own domain, a mail service of the brand)."""
    brand = brands.BY_NAME[name]
    label = domain.replace("-", "")
    return brands.owner(domain) is brand or any(alias.replace(" ", "") in label for alias in brand.aliases)


def _alphanumeric(evidence: Evidence, facts: Facts) -> Check:
    """A sender id in words names a brand while the links lead to someone else."""
    named = sender_brands(evidence)
    if not named:
        return _PLAIN
    foreign = [host for host in facts.hosts if not any(_speaks_for(name, host) for name in named)]
    if evidence.channel is not Channel.EMAIL and foreign:
        return _pretends(named[0], False)
    return Check("sender", "brand", 0.0, f"the sender id names {named[0]}")


@lru_cache(maxsize=4096)
def _lookalike(brand: str) -> Check:
    return Check("sender", "look-alike", 2.0, f"the sender's domain only looks like {brand}")


@lru_cache(maxsize=4096)
def _pretends(brand: str, free: bool) -> Check:
    where = "a free mailbox" if free else "another domain"
    return Check("sender", "pretends", 1.5 if free else 1.0, f"the sender calls itself {brand} but uses {where}")
