"""Mail: the chain of Received lines -> the hop that handed the message in, and which older lines are false (X1241-7).

Each line is written by the host named after `by` and tells what it saw. Anyone can add lines below their own, so:

1. The topmost line was written on the receiving side and is believed.
2. The next older line is believed too, as long as the believed one saw its peer inside the same house: an address or
   name of `trusted_hosts`; an internal address or no address at all (local hand-over); or a public address whose name
   found in the DNS is of the writer's organisation, or that lies in the writer's own block when the line has no such
   name. The older line must fit: its writer is of that organisation, or is the peer that was named, or has a local
   name only. What a host says about itself (HELO) alone is no reason.
3. The injection hop is the oldest believed line with a peer outside; that peer's address is the origin. Transit are
   the countries of younger believed hops.
4. Older lines are claims. They are marked forged where they cannot be true: a time more than an hour after the line
   above or a day after receipt, an address no host can have, a private address between two organisations. A writer
   that the line above does not name is only noted: many providers send and receive under different names.

An address that a report names (`source_ip`: ARF, XARF, DMARC) is what the reporting host saw and outranks the chain.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from tldextract import TLDExtract

from counterspam.locate.network import Network, Networks, canonical, internal, usable
from counterspam.locate.received import Received, parse
from counterspam.model import Evidence, Hop, Origin
from counterspam.taxonomy import SenderKind
from counterspam.tools import Tools

MAX_HOPS = 50
HOUR = 3_600_000
DAY = 24 * HOUR
Lookup = Callable[[str], Network]

# Domains under which the hosts of one mail house name themselves in one chain.
_HOUSES = {
    "office365.com": "outlook.com",
    "exchangelabs.com": "outlook.com",
    "hotmail.com": "outlook.com",
    "googlemail.com": "google.com",
    "gmail.com": "google.com",
    "yahoodns.net": "yahoo.com",
}
_suffixes = TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass(frozen=True, slots=True)
class _Own:
    """`trusted_hosts`, split: exact names, ".name" for all the hosts below a name, networks."""

    names: frozenset[str]
    suffixes: tuple[str, ...]
    networks: tuple[IPv4Network | IPv6Network, ...]

    def named(self, host: str) -> bool:
        host = host.lower().rstrip(".")
        return bool(host) and (host in self.names or host.endswith(self.suffixes))

    def holds(self, ip: str) -> bool:
        if not self.networks or not (plain := canonical(ip)):
            return False
        address = ip_address(plain)
        return any(address in network for network in self.networks)


@lru_cache(16)
def _own(hosts: tuple[str, ...]) -> _Own:
    names, suffixes, networks = set(), [], []
    for host in hosts:
        try:
            networks.append(ip_network(host, strict=False))
        except ValueError:
            if host.startswith("."):
                suffixes.append(host.lower())
            else:
                names.add(host.lower())
    return _Own(frozenset(names), tuple(suffixes), tuple(networks))


@lru_cache(8192)
def organisation(host: str) -> str:
    """Registrable domain of `host`, lower case; "" for a name without one."""
    # No public suffix of the registries has more than four labels; the rest of the name would only fill the cache.
    if "." not in host:
        return ""
    domain = _registrable(".".join(host[-255:].rstrip(".").lower().rsplit(".", 5)[-5:]))
    return _HOUSES.get(domain, domain)


@lru_cache(8192)
def _registrable(host: str) -> str:
    return _suffixes(host).top_domain_under_public_suffix


def locate(evidence: Evidence, tools: Tools) -> Origin:
    """Origin of a mail, with its hops newest first."""
    destination = evidence.recipient_country or evidence.jurisdiction
    lookup = tools.networks.synthetic if evidence.synthetic else tools.networks.lookup
    named = evidence.source_ip
    if not evidence.received:
        if not named and evidence.sender_kind is SenderKind.IP:
            named = evidence.sender
        return _direct(tools.networks, named, destination, evidence.synthetic)
    lines = [parse(value) for value in evidence.received[:MAX_HOPS]]
    own = _own(tools.config.trusted_hosts)
    if named:
        return _reported(lines, named, evidence, tools.networks, destination)
    believed = _believed(lines, own)
    injection = _injection(lines, believed, own)
    return _origin(_hops(lines, believed, evidence.received_at, lookup), injection, destination)


@lru_cache(8192)
def _direct(networks: Networks, ip: str, destination: str, synthetic: bool) -> Origin:
    """Origin from an address alone."""
    if not (plain := canonical(ip)):
        return Origin(destination=destination)
    network = networks.synthetic(plain) if synthetic else networks.lookup(plain)
    country, asn, name = network
    hop = Hop(ip=plain, country=country, asn=asn, network=name, trusted=True)
    basis = "ip" if country else ""
    return Origin(
        country=country, asn=asn, network=name, ip=plain, destination=destination, basis=basis, hops=(hop,), injection=0
    )


def _reported(lines: list[Received], named: str, evidence: Evidence, networks: Networks, destination: str) -> Origin:
    """Origin from an address that the report names: the line that saw it is the injection hop, if there is one."""
    lookup = networks.synthetic if evidence.synthetic else networks.lookup
    direct = _direct(networks, named, destination, evidence.synthetic)
    if not direct.hops:
        return replace(direct, hops=_hops(lines, 0, evidence.received_at, lookup))
    seen = next((at for at, line in enumerate(lines) if canonical(line.ip) == direct.ip), -1)
    hops = _hops(lines, seen + 1, evidence.received_at, lookup)
    if seen < 0:
        hops, seen = (replace(direct.hops[0], note="named by the report"), *hops), 0
    return _origin(hops, seen, destination)


def _believed(lines: list[Received], own: _Own) -> int:
    """How many lines, from the newest on, were written by hosts that we believe (rules 1 and 2)."""
    count = 1
    while count < len(lines) and _inside(lines[count - 1], lines[count], own):
        count += 1
    return count


def _inside(line: Received, older: Received, own: _Own) -> bool:
    """Whether the peer that `line` saw belongs to the same house as its writer, and wrote `older`."""
    if own.holds(line.ip) or (own.named(line.rdns) and (own.named(older.by) or not older.by)):
        return True
    writer, source = organisation(line.by), organisation(older.by)
    agreed = not (writer and source) or source in (writer, *map(organisation, (line.rdns, line.name)))
    if not line.ip:
        return agreed and ("." not in line.name or organisation(line.name) == writer)
    if internal(line.ip):
        return agreed
    if not writer or source not in ("", writer):
        return False
    if line.rdns:
        return organisation(line.rdns) == writer
    return organisation(line.name) == writer and _near(line.ip, line.by_ip)


def _near(ip: str, other: str) -> bool:
    """Whether two addresses lie in one block as large as one operator is given: IPv4 /16, IPv6 /24."""
    if ":" in ip:
        return ip[:7] == other[:7]
    return ip.split(".")[:2] == other.split(".")[:2]


def _injection(lines: list[Received], believed: int, own: _Own) -> int:
    """Index of the oldest believed line that saw a host outside; -1 when none did (rule 3)."""
    for index in range(believed - 1, -1, -1):
        ip = lines[index].ip
        if ip and usable(ip) and not internal(ip) and not own.holds(ip):
            return index
    return -1


def _hops(lines: list[Received], believed: int, received_at: int, lookup: Lookup) -> tuple[Hop, ...]:
    hops, clock, newer = [], 0, None
    for index, line in enumerate(lines):
        forged, note = False, ""
        if index >= believed:
            forged, note = _doubt(line, newer, clock, received_at)
        network = lookup(line.ip)
        hops.append(
            Hop(
                by=line.by,
                sender=line.rdns or line.name,
                ip=line.ip,
                at=line.at,
                country=network.country,
                asn=network.asn,
                network=network.name,
                trusted=index < believed,
                forged=forged,
                note=note,
            )
        )
        clock, newer = (line.at if line.at and not forged else clock), line
    return tuple(hops)


def _doubt(line: Received, newer: Received | None, clock: int, received_at: int) -> tuple[bool, str]:
    """(forged, what is odd) about a line that we have no reason to believe (rule 4)."""
    if line.at > received_at + DAY:
        return True, "dated in the future"
    if clock and line.at > clock + HOUR:
        return True, f"dated {(line.at - clock) / HOUR:.0f} h after the hop that follows it"
    if line.ip and not usable(line.ip):
        return True, "no host can have this address"
    if newer is None or not (writer := organisation(line.by)):
        return False, ""
    if writer in map(organisation, (newer.rdns, newer.name, newer.helo)):
        return False, ""
    if newer.ip and internal(newer.ip) and organisation(newer.by) not in ("", writer):
        return True, "a private address between two organisations"
    return False, "the hop that follows does not name this host"


def _origin(hops: tuple[Hop, ...], injection: int, destination: str) -> Origin:
    if injection < 0:
        return Origin(destination=destination, hops=hops)
    source = hops[injection]
    passed = (hop.country for hop in hops[injection - 1 :: -1]) if injection else ()
    transit = tuple(dict.fromkeys(country for country in passed if country not in ("", source.country, destination)))
    return Origin(
        country=source.country,
        asn=source.asn,
        network=source.network,
        ip=source.ip,
        transit=transit,
        destination=destination,
        basis="ip" if source.country else "",
        hops=hops,
        injection=injection,
    )
