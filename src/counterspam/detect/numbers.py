"""Telephone numbers in it: premium, satellite and unassigned ranges, own-country callers from abroad, numbers to call back
(X1246, S12-8; number kinds from ITU-T E.164 and the national plans in `phonenumbers`)."""

from counterspam.detect import ranges
from counterspam.model import Check, Evidence, Facts
from counterspam.taxonomy import Channel, SenderKind
from counterspam.tools import Tools

_NONE = Check("numbers", "none", 0.0, "no telephone numbers in it")
_PLAIN = Check("numbers", "plain", 0.0, "nothing odd about its telephone number")
_CALLBACK = Check("numbers", "call-back", 0.2, "it gives a telephone number to call")
_SIGNED = (Channel.VOICE, Channel.EMAIL)  # where a number is the caller itself, or part of an ordinary signature
_FROM = {
    "premium": (1.5, "the sender is a premium-rate number"),
    "satellite": (1.2, "the sender is in a satellite range"),
    "international-network": (1.2, "the sender is in a range of international networks"),
    "international-shared": (0.6, "the sender is in a shared international range"),
    "unassigned": (1.0, "the sender's number cannot exist"),
    "abroad": (1.5, "a number of this country that came in from abroad"),
    "looks-domestic": (1.0, "a foreign number that is easily taken for a domestic one"),
}
_TO = {
    "premium": (1.6, "it wants a premium-rate number to be called"),
    "satellite": (1.6, "it wants a satellite number to be called"),
    "international-network": (1.6, "it wants a number of an international network to be called"),
    "looks-domestic": (1.0, "it wants a foreign number to be called that looks domestic"),
}


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """The worst of the caller and of the numbers in the text."""
    phone = evidence.sender_kind is SenderKind.PHONE and evidence.sender.startswith("+")
    if not phone and not facts.numbers:
        return _NONE
    region = evidence.recipient_country or evidence.jurisdiction or tools.config.jurisdiction
    found = [_FROM[k] + (k,) for k in _caller(evidence, region)] if phone else []
    for number in facts.numbers:
        if number != evidence.sender:
            kind = "looks-domestic" if ranges.looks_domestic(number, region) else ranges.kind(number)
            found += [_TO[kind] + (kind,)] if kind in _TO else []
    if not found:
        return _CALLBACK if facts.numbers and evidence.channel not in _SIGNED else _PLAIN
    weight, detail, answer = max(found)
    return Check("numbers", answer, weight, detail)


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
