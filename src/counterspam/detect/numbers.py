"""Telephone numbers in it: premium, satellite and unassigned ranges, own-country callers from abroad, numbers to call back
(X1246, S12-8; number kinds from ITU-T E.164 and the national plans in `phonenumbers`)."""

from counterspam.detect import ranges
from counterspam.model import Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.taxonomy import Channel, SenderKind
from counterspam.tools import Tools

_NONE = answer("numbers", "none")
_PLAIN = answer("numbers", "plain")
_CALLBACK = answer("numbers", "call-back", 0.2)
_SIGNED = (Channel.VOICE, Channel.EMAIL)  # where a number is the caller itself, or part of an ordinary signature
_FROM = {  # weights of what the caller's own number is, and of what a number to call back is
    "premium": 1.5,
    "satellite": 1.2,
    "international-network": 1.2,
    "international-shared": 0.6,
    "unassigned": 1.0,
    "abroad": 1.5,
    "looks-domestic": 1.0,
}
_TO = {"premium": 1.6, "satellite": 1.6, "international-network": 1.6, "looks-domestic": 1.0}


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """The worst of the caller and of the numbers in the text."""
    phone = evidence.sender_kind is SenderKind.PHONE and evidence.sender.startswith("+")
    if not phone and not facts.numbers:
        return _NONE
    region = evidence.recipient_country or evidence.jurisdiction or tools.config.jurisdiction
    found = [(_FROM[kind], kind, kind) for kind in _caller(evidence, region)] if phone else []
    for number in facts.numbers:
        if number != evidence.sender:
            kind = "looks-domestic" if ranges.looks_domestic(number, region) else ranges.kind(number)
            found += [(_TO[kind], kind, f"to-{kind}")] if kind in _TO else []
    if not found:
        return _CALLBACK if facts.numbers and evidence.channel not in _SIGNED else _PLAIN
    weight, kind, why = max(found)
    return answer("numbers", kind, weight, why)


def _caller(evidence: Evidence, region: str) -> list[str]:
    kind = ranges.kind(evidence.sender)
    found = [kind] if kind in _FROM else []
    if region and ranges.looks_domestic(evidence.sender, region):
        found.append("looks-domestic")
    if region and _foreign(evidence, region) and ranges.country(evidence.sender) == region:
        found.append("abroad")
    return found


def _foreign(evidence: Evidence, region: str) -> bool:
    """Whether the record names another country of origin, or a hop is the number (an SMSC's global title) of one."""
    origin = evidence.headers.get("origin-country", "")
    if not origin and not evidence.relays:
        return False
    countries = {ranges.country(relay) for relay in evidence.relays[:20] if relay.startswith("+")}
    return bool(({origin} | countries) - {region, ""})
