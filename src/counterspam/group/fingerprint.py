"""The keys that evidence of one campaign shares. Campaigns are the connected components over keys (`store`).

Keys are selective rather than many: a key that unrelated messages share would join their campaigns for good. They do not
depend on what came before, so every node and every restart gives the same ones.
"""

import hashlib
from collections.abc import Sequence

import re2

from counterspam.group import links, minhash
from counterspam.model import Evidence, Facts
from counterspam.taxonomy import Channel, SenderKind, Source

MAX_KEYS = 12
MAX_NUMBERS = 2
# A message that names more numbers is a directory or a newsletter, and none of them is its own.
MANY_NUMBERS = 4
# Summaries of ordinary traffic: what they share is a mail service, not a campaign.
_SUMMARIES = frozenset({"dmarc", "tls_rpt"})
_ADDRESS = re2.compile(r"[^\s<>\"(),;:]+@[^\s<>\"(),;:]+")
# Mailboxes that belong to a function and not to a person or campaign; the functions of RFC 2142 and their like.
_ROLES = frozenset(
    ("abuse", "admin", "administrator", "billing", "bounce", "bounces", "contact", "customerservice", "feedback", "help",
     "hello", "hostmaster", "hr", "info", "jobs", "list", "mailer-daemon", "marketing", "news", "newsletter", "noc",
     "no-reply", "noreply", "office", "owner", "postmaster", "press", "reply", "root", "sales", "security", "service",
     "spam", "support", "team", "unsubscribe", "webmaster")
)  # fmt: skip


def keys(some: Sequence[Evidence], facts: Sequence[Facts]) -> list[tuple[int, ...]]:
    """Of each at most 12 positive 63-bit integers, ascending; none for summaries and for what says too little."""
    if all(evidence.format in _SUMMARIES for evidence in some):
        return [()] * len(some)
    texts = minhash.keys([known.words for known in facts])
    return list(map(_keys, some, facts, texts))


def _keys(evidence: Evidence, facts: Facts, text: list[bytes]) -> tuple[int, ...]:
    if evidence.format in _SUMMARIES:
        return ()
    named = _numbers(evidence, facts) + _addresses(evidence, facts)
    if facts.urls and not _listed(evidence):
        named += [b"link" + key for key in links.keys(facts.urls, facts.domains)]
    return tuple(sorted({_key(b"text" + key) for key in text} | {_key(key) for key in named[: MAX_KEYS - len(text)]}))


def _key(value: bytes) -> int:
    """63 bits, never 0 (0 is "no campaign")."""
    return (int.from_bytes(hashlib.blake2b(value, digest_size=8).digest(), "big") >> 1) or 1


def _numbers(evidence: Evidence, facts: Facts) -> list[bytes]:
    """The sender's number and the numbers to call back, in one namespace; then crypto addresses."""
    found = _sender(evidence) if _accused(evidence) else []
    if len(facts.numbers) <= MANY_NUMBERS:
        found += [f"number{number}".encode() for number in sorted(facts.numbers)[:MAX_NUMBERS]]
    found += [f"crypto{address}".encode() for address in sorted(facts.crypto)[:1]]
    return list(dict.fromkeys(found))


def _accused(evidence: Evidence) -> bool:
    """Whether its sender may be part of a campaign. Of callers in call records only those who ring many people once: briefly,
    to be called back (wangiri), or in great number."""
    calls = evidence.calls
    if calls is None:
        return evidence.source is not Source.CALL_RECORD
    briefly = calls.short_ring >= 0.5 and calls.answered <= 0.35
    return 2 * calls.callees >= calls.calls if briefly else calls.calls >= 50 and calls.callees >= 0.8 * calls.calls


def _sender(evidence: Evidence) -> list[bytes]:
    """The sender where it cannot be chosen freely: not a mail sender's address, not an alphanumeric id."""
    name = evidence.sender
    match evidence.sender_kind:
        case SenderKind.PHONE:
            return [f"number{name}".encode()]
        case SenderKind.SHORT_CODE:
            # The same short code belongs to somebody else in the next country.
            return [f"code{evidence.recipient_country or evidence.jurisdiction}/{name}".encode()]
        case SenderKind.HANDLE:
            return [f"handle{evidence.channel}/{name}".encode()] if name else []
        case SenderKind.EMAIL if evidence.channel is not Channel.EMAIL and _personal(name):
            return [f"address{name.lower()}".encode()]
    return []


def _addresses(evidence: Evidence, facts: Facts) -> list[bytes]:
    """The address to answer to. In mail only Reply-To: addresses in the text are as often the recipient's own."""
    if evidence.channel is Channel.EMAIL:
        if _listed(evidence):
            return []
        given = [a.lower() for a in _ADDRESS.findall(evidence.headers.get("reply-to", "")[:1000])]
        given = [a for a in given if a != evidence.sender.lower()]
    else:
        given = list(facts.emails) if len(facts.emails) <= 2 else []
    return [f"address{address}".encode("utf-8", "surrogatepass") for address in sorted(filter(_personal, given))[:1]]


def _personal(address: str) -> bool:
    """Whether a mail address is somebody's own: no function, no brand's domain."""
    name, _, domain = address.lower().partition("@")
    return bool(domain) and name not in _ROLES and domain not in links.owned()


def _listed(evidence: Evidence) -> bool:
    """Whether it came over a mailing list, whose footer and reply address are everybody's."""
    return "list-id" in evidence.headers or evidence.headers.get("precedence", "") in ("list", "bulk")
