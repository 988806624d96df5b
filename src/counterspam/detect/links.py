"""Where the links lead: look-alike and disguised hosts, shorteners, bare addresses, pages that anyone can put up (X1235)."""

import re2

from counterspam.detect import brands, hosts
from counterspam.detect.facts import MAX_TEXT
from counterspam.detect.fold import clean
from counterspam.model import Because, Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.taxonomy import Channel
from counterspam.tools import Tools

# On bytes, and without counted repeats: both are many times faster in RE2.
_ANCHOR = re2.compile(
    rb"(?i)<a\s[^>]*href\s*=\s*[\"']?https?://([^\"'\s>/?#]+)[^>]*>\s*(?:<[^>]*>\s*)*"
    rb"(?:https?://)?((?:[a-z0-9-]+\.)+[a-z]+)(?:[/\s<?]|$)"
)
_CLEAR = ("spelling", "name", "inner")  # beyond these a partner or supplier may carry the brand in its host
_WHY = {"words": "brand-in-host", "subdomain": "brand-in-host", "inner": "brand-in-host", "hosted": "on-free-host"}
Oddity = tuple[float, Because | str]  # weight, and the reason
_NONE = answer("links", "none")
_MESSAGING = frozenset((Channel.SMS, Channel.MMS, Channel.RCS, Channel.IM))


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """The worst link names the answer; the weights of different oddities add up (at most 3)."""
    if not facts.urls:
        return _NONE
    direct = evidence.channel in _MESSAGING
    found = _by_host(facts, direct)
    found |= _by_form(facts)
    if evidence.html and (shown := _mismatch(clean(evidence.html[:MAX_TEXT]))):
        found["mismatch"] = (0.8, ("mismatch", {"host": shown[:60]}))
    if direct:
        if "look-alike" not in found and (named := _unrelated(facts)):
            found["not-the-brand"] = (0.8, ("not-the-brand", {"brand": named}))
        found["link"] = (0.3, "link")
    if not found:
        return answer("links", "plain", 0.0, ("plain", {"n": len(facts.urls)}))
    ordered = sorted(found.items(), key=lambda oddity: -oddity[1][0])
    weight = min(3.0, sum(weight for weight, _ in found.values()))
    return answer("links", ordered[0][0], round(weight, 2), *(why for _, (_, why) in ordered[:2]))


def _by_host(facts: Facts, direct: bool) -> dict[str, Oddity]:
    found: dict[str, Oddity] = {}
    for host in facts.hosts[:30]:
        brand, how = brands.lookalike(host)
        if brand and (direct or how in _CLEAR):
            why = _WHY.get(how, "look-alike")
            found.setdefault("look-alike", (2.0 if how in _CLEAR else 1.4, (why, {"host": host[:60], "brand": brand})))
        elif hosts.is_address(host):
            found.setdefault("address", (1.2, "address"))
        elif hosts.among(host, hosts.SHORTENERS):
            found.setdefault("shortener", (0.5, ("shortener", {"host": host[:60]})))
        elif direct and hosts.among(host, hosts.HOSTERS):  # wanted mail keeps its pictures there
            found.setdefault("free-host", (0.5, "free-host"))
        elif host.rpartition(".")[2] in hosts.RISKY_TLDS:
            found.setdefault("risky-ending", (0.6, ("risky-ending", {"ending": "." + host.rpartition(".")[2]})))
        elif "xn--" in host:
            found.setdefault("punycode", (0.3, "punycode"))
    return found


def _by_form(facts: Facts) -> dict[str, Oddity]:
    """Names before the host (userinfo, RFC 3986 section 3.2.1), and a brand's address where only the path is free to choose."""
    found: dict[str, Oddity] = {}
    for url in facts.urls[:30]:
        place = url.partition("://")[2].partition("/")[0]
        if "@" in place:
            before, _, host = place.rpartition("@")
            shown = brands.owner(before.rpartition("@")[2].partition(":")[0].lower())
            named = ("credentials-brand", {"brand": shown.name, "host": host[:60]}) if shown else "credentials"
            found["credentials"] = (1.8 if shown else 1.2, named)
        elif (brand := brands.in_path(url)) and not brands.owner(place.partition(":")[0]):
            found.setdefault("in-path", (0.6, ("in-path", {"host": place[:60], "brand": brand})))
    return found


def _mismatch(html: str) -> str:
    """The host that a link shows, when it leads to another owner's; "" if none does."""
    for found in _ANCHOR.findall(html.encode("utf-8", "replace"))[:30]:
        target, shown = (part.decode("utf-8", "replace") for part in found)
        target = target.rpartition("@")[2].partition(":")[0].lower()
        if not hosts.suffix(shown.lower()):
            continue
        real, claimed = hosts.registrable(target), hosts.registrable(shown.lower())
        if real != claimed and claimed in brands.OWNED and brands.owner(target) is not brands.OWNED[claimed]:
            return str(shown)
    return ""


def _unrelated(facts: Facts) -> str:
    """A brand that the message names although none of its links belongs to it."""
    for name in facts.brands[:3]:
        brand = brands.BY_NAME[name]
        if brand.sector in ("telecom", "platform"):  # named in passing, or the sender's own operator
            continue
        if not any(brands.carries(brand, host) for host in facts.hosts):
            return name
    return ""
