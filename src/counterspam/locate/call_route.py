"""Calls, and the numbered relays that calls and messages share: number -> origin, recorded relays -> hops.

The country of a call is that of the number shown, which a caller can forge; the relays are what networks recorded. Where
both are there and disagree the hop says so (X-series Supplement 28: a national number that arrives from abroad).
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from counterspam.locate.network import Network, canonical
from counterspam.locate.number import look_up
from counterspam.model import Evidence, Hop, Origin
from counterspam.taxonomy import SenderKind, Source
from counterspam.tools import Tools

MAX_RELAYS = 20
Lookup = Callable[[str], Network]
# Records of the network itself; what a user's report names is believed for the nearest relay only.
_RECORDS = frozenset((Source.CALL_RECORD, Source.SIGNALLING, Source.FILTER))
_NUMBERED = frozenset((SenderKind.PHONE, SenderKind.SHORT_CODE))


def locate(evidence: Evidence, tools: Tools) -> Origin:
    """Origin of a call: by its number, else by the farthest believed relay, else by the address that a report names."""
    destination = evidence.recipient_country or evidence.jurisdiction
    if not evidence.relays and not evidence.source_ip:
        return _numbered(evidence, destination)
    lookup = tools.networks.synthetic if evidence.synthetic else tools.networks.lookup
    return by_address(along(_numbered(evidence, destination), evidence, lookup), evidence.source_ip, lookup)


def _numbered(evidence: Evidence, destination: str) -> Origin:
    if evidence.sender_kind not in _NUMBERED:
        return Origin(destination=destination)
    info = look_up(evidence.sender)
    basis = "number" if info.country or info.operator else ""
    return Origin(country=info.country, operator=info.operator, destination=destination, basis=basis)


def along(origin: Origin, evidence: Evidence, lookup: Lookup) -> Origin:
    """`origin` with the relays of the evidence as hops, newest first."""
    hops = tuple(_hop(relay, lookup) for relay in evidence.relays[:MAX_RELAYS])
    if not hops:
        return origin
    believed = len(hops) if evidence.source in _RECORDS else 1
    hops = tuple(replace(hop, trusted=index < believed) for index, hop in enumerate(hops))
    injection = believed - 1
    handed = hops[injection]
    if origin.country and origin.country == origin.destination and handed.country not in ("", origin.destination):
        note = f"a number of {origin.country} arriving from {handed.country}"
        hops = (*hops[:injection], replace(handed, note=note), *hops[injection + 1 :])
    if not origin.country and handed.country:
        operator = origin.operator or handed.network
        origin = replace(
            origin, country=handed.country, operator=operator, asn=handed.asn, ip=handed.ip, basis="record"
        )
    return replace(origin, hops=hops, injection=injection, transit=_transit(origin, hops[:believed]))


def by_address(origin: Origin, ip: str, lookup: Lookup) -> Origin:
    """`origin` with the network of the address that a report names; its country too where the number told none."""
    if not (plain := canonical(ip)):
        return origin
    network = lookup(plain)
    origin = replace(origin, ip=plain, asn=network.asn, network=network.name)
    if not origin.hops:
        hop = Hop(ip=plain, country=network.country, asn=network.asn, network=network.name, trusted=True)
        origin = replace(origin, hops=(hop,), injection=0)
    if origin.basis in ("", "record") and network.country:
        origin = replace(origin, country=network.country, basis="ip")
    return origin


def _hop(relay: str, lookup: Lookup) -> Hop:
    """A relay as recorded: an address, an E.164 number (a global title, an SMSC), or a name."""
    relay = relay.strip()[:200]
    if plain := canonical(relay):
        network = lookup(plain)
        return Hop(by=relay, ip=plain, country=network.country, asn=network.asn, network=network.name)
    digits = relay.replace(" ", "").replace("-", "")
    if digits[:1] == "+":
        info = look_up(digits)
        return Hop(by=relay, country=info.country, network=info.operator)
    return Hop(by=relay)


def _transit(origin: Origin, hops: Sequence[Hop]) -> tuple[str, ...]:
    """Countries passed, in order of travel."""
    ends = ("", origin.country, origin.destination)
    return tuple(dict.fromkeys(hop.country for hop in reversed(hops) if hop.country not in ends))
