"""Traits of a mail that are no wording: which fields it has, how it was signed, whose the links are, how it is built.

Each is a word such as `dkim-domain=other`; the learned model weighs them as it weighs n-grams.
"""

import re
from zlib import crc32

from counterspam.detect.hosts import registrable
from counterspam.model import Evidence

MOST_LINKS = 50
MOST_DOMAINS = 10

_HOST = re.compile(r"https?://(?:[^/@\s]{0,200}@)?([^/:?#\s]{1,255})", re.I)
_NAMES = re.compile(r"^([!-9;-~]{1,40}):", re.M)
_WORD = re.compile(r"[a-z]{4,20}")
_TRICKS = {
    "mixed": re.compile("[a-zA-Z][Ͱ-ϿЀ-ԯ]|[Ͱ-ϿЀ-ԯ][a-zA-Z]"),
    "invisible": re.compile("[\u00ad\u034f\u200b-\u200f\u2060-\u206f\ufeff]"),
    "styled": re.compile("[\U0001d400-\U0001d7ff\U0001f110-\U0001f189Ａ-Ｚａ-ｚᴀ-ᴢɑɡ]"),
    "pictures": re.compile("[\U0001f300-\U0001faff☀-➿]"),
}


def buckets(evidence: Evidence) -> list[int]:
    """Hashes (32 bits) of the traits of a mail."""
    return [crc32(trait.encode("utf-8", "surrogatepass")) for trait in traits(evidence)]


def traits(evidence: Evidence) -> list[str]:
    """The traits of a mail, some twice."""
    own = _organisation(evidence.sender.rpartition("@")[2])
    return [*_fields(evidence), *_sender(evidence, own), *_links(evidence, own), *_signs(evidence)]


def _organisation(domain: str) -> str:
    return registrable(domain.lower().strip("<> .\t")[:255])


def _size(count: int) -> int:
    return count.bit_length()


def _fields(evidence: Evidence) -> list[str]:
    headers, auth = evidence.headers, evidence.auth
    found = [f"field={name}" for name in set(_NAMES.findall(evidence.head))]
    found += [f"{name}={headers.get(name, '')[:60]}" for name in ("parts", "defects", "repeated", "to-count")]
    found += [f"spf={auth.spf}", f"dkim={auth.dkim}", f"dmarc={auth.dmarc}", f"arc={auth.arc}"]
    found.append(f"hops={headers.get('received-count', '')}")
    found += [f"file={attachment.type}" for attachment in evidence.attachments[:10]]
    return found


def _same(own: str, others: list[str]) -> str:
    given = [other for other in others if other]
    return "none" if not given else "same" if own in given else "other"


def _sender(evidence: Evidence, own: str) -> list[str]:
    headers = evidence.headers
    name, _, _ = evidence.sender_raw.lower().partition("<")
    named = set(_WORD.findall(name))
    core = own.partition(".")[0]
    local = evidence.sender.partition("@")[0]
    found = [f"sender={own}", f"ending={own.rpartition('.')[2]}"]
    for field in ("reply-to", "return-path", "message-id"):
        address = headers.get(field, "").partition(">")[0].rpartition("@")[2]
        found.append(f"{field}={_same(own, [_organisation(address)])}")
    found.append(f"signer={_same(own, [_organisation(d) for d in headers.get('dkim-domain', '').split()[:10]])}")
    found.append(f"name={'none' if not named else 'own' if any(w in core or core in w for w in named) else 'other'}")
    found.append(f"digits={min(5, sum(map(str.isdigit, local)))}")
    found.append(f"local={_size(len(local))} labels={evidence.sender.count('.')} length={_size(len(own))}")
    return found


def _links(evidence: Evidence, own: str) -> list[str]:
    hosts = {host[1].lower() for url in evidence.urls[:MOST_LINKS] if (host := _HOST.match(url))}
    domains = sorted({_organisation(host) for host in hosts})
    found = [f"link={domain}" for domain in domains[:MOST_DOMAINS]]
    found += [f"link-ending={domain.rpartition('.')[2]}" for domain in domains[:MOST_DOMAINS]]
    found.append(f"links-to={_same(own, domains)} domains={min(8, len(domains))}")
    found.append(f"links={_size(len(evidence.urls))}")
    found.append(f"text={_size(len(evidence.text))} html={_size(len(evidence.html))}")
    return found


def _signs(evidence: Evidence) -> list[str]:
    """Foreign signs and capitals in what the recipient sees first."""
    found = []
    for place, text in (("subject", evidence.subject), ("from", evidence.sender_raw), ("text", evidence.text[:2000])):
        if text.isascii():
            found.append(f"{place}-plain")
            continue
        foreign = len(text) - len(text.encode("ascii", "ignore"))
        found.append(f"{place}-foreign={10 * foreign // len(text)}")
        found += [f"{place}-{trick}={_size(len(seen))}" for trick, p in _TRICKS.items() if (seen := p.findall(text))]
    capitals = sum(map(str.isupper, evidence.subject))
    found.append(
        f"capitals={5 * capitals // max(1, len(evidence.subject))} bangs={min(4, evidence.subject.count('!'))}"
    )
    found.append(f"answer={evidence.subject[:4].lower().startswith(('re:', 'fw:', 'fwd:'))}")
    return found
