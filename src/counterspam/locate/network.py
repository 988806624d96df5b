"""IP address -> country and network (autonomous system), from tables on disk; nothing is asked of the network.

The bundled tables are those of the geoip2fast package (MaxMind GeoLite2: country and network name, IPv4 and IPv6
down to /64). Its lists are joined into one sorted table of about 9 MB, found by bisection. They carry names and no
numbers of autonomous systems: `asn` is 0 then. An MMDB file in the GeoLite2 or GeoIP2 layout replaces either.
"""

import bisect
import json
import socket
from collections.abc import Callable, Sequence
from functools import lru_cache
from importlib import resources
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, NamedTuple

import maxminddb

from counterspam.errors import ConfigError
from counterspam.locate import network_table

ATTRIBUTION = "This product includes GeoLite2 data created by MaxMind, available from https://www.maxmind.com."

CACHED = 8192


class Network(NamedTuple):
    """Whose address it is. `country` ISO alpha-2 or "", `asn` 0 and `name` "" unknown; name "private" is not routed."""

    country: str
    asn: int
    name: str


UNKNOWN = Network("", 0, "")
PRIVATE = Network("", 0, "private")

# Not globally routed: IANA special-purpose registries (RFC 6890, RFC 8190), multicast and the reserved class E.
_RESERVED = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "::/64",
    "100::/64",
    "2001:db8::/32",
    "3fff::/20",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
)
# The part of them that hosts of one organisation use among themselves.
_INTERNAL = (
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "::/64",
    "fc00::/7",
    "fe80::/10",
)
_MAPPED = bytes(10) + b"\xff\xff"
_NAT64 = bytes.fromhex("0064ff9b") + bytes(8)

Ranges = tuple[list[int], list[int]]


def _ranges(networks: Sequence[str], version: int) -> Ranges:
    """First and last values, sorted; IPv6 by its upper 64 bits."""
    shift = 64 if version == 6 else 0
    nets = sorted(net for net in map(ip_network, networks) if net.version == version)
    first = [int(net.network_address) >> shift for net in nets]
    return first, [int(net.broadcast_address) >> shift for net in nets]


def _within(ranges: Ranges, value: int) -> bool:
    index = bisect.bisect_right(ranges[0], value) - 1
    return index >= 0 and value <= ranges[1][index]


_RESERVED4, _RESERVED6 = _ranges(_RESERVED, 4), _ranges(_RESERVED, 6)
_OCTETS = frozenset(first >> 24 for first in _RESERVED4[0]) | frozenset(range(224, 256))
_INTERNAL4, _INTERNAL6 = _ranges(_INTERNAL, 4), _ranges(_INTERNAL, 6)


def _packed(ip: str) -> tuple[int, bool]:
    """(value, is IPv6); an IPv4 address inside an IPv6 one counts as IPv4 (RFC 4291 section 2.5.5, RFC 6052)."""
    if ":" not in ip:
        return int.from_bytes(socket.inet_pton(socket.AF_INET, ip), "big"), False
    data = socket.inet_pton(socket.AF_INET6, ip)
    if data[:12] in (_MAPPED, _NAT64):
        return int.from_bytes(data[12:], "big"), False
    return int.from_bytes(data[:8], "big"), True


@lru_cache(CACHED)
def internal(ip: str) -> bool:
    """Whether hosts of one organisation use `ip` among themselves (RFC 1918, 4193, 6598, loopback, link-local)."""
    try:
        value, wide = _packed(ip)
    except (OSError, ValueError):
        return False
    return _within(_INTERNAL6 if wide else _INTERNAL4, value)


@lru_cache(CACHED)
def usable(ip: str) -> bool:
    """Whether a host can have `ip`: an address, and none of 0.0.0.0/8, multicast or the reserved class E."""
    try:
        value, wide = _packed(ip)
    except (OSError, ValueError):
        return False
    return value >> 56 != 0xFF if wide else 0 < value >> 24 < 224


def canonical(ip: str) -> str:
    """`ip` in its usual spelling, without a zone; "" when it is not an address."""
    if not ip:
        return ""
    try:  # nearly all are plain IPv4, which the system reads much faster
        return socket.inet_ntop(socket.AF_INET, socket.inet_pton(socket.AF_INET, ip))
    except (OSError, ValueError):
        pass
    try:
        address = ip_address(ip.partition("%")[0].strip("[]"))
    except ValueError:
        return ""
    return str(getattr(address, "ipv4_mapped", None) or address)


class Networks:
    """The open tables. `lookup(ip)` gives a Network and remembers the last ones; it never raises."""

    def __init__(self, parts: dict[str, network_table.Array] | None, country: Any = None, asn: Any = None) -> None:
        self._country, self._asn = country, asn
        self._open = parts is not None
        if parts is not None:
            view = {name: memoryview(array.data) for name, array in parts.items()}
            self._index4, self._names, self._ends = view["index4"], view["names"], view["ends"]
            self._table4 = view["start4"], view["country4"], view["name4"]
            self._table6 = view["start6"], view["country6"], view["name6"]
            codes = bytes(view["countries"]).decode("ascii")
            self._codes = [codes[at : at + 2].strip() for at in range(0, len(codes), 2)]
        self.lookup: Callable[[str], Network] = lru_cache(CACHED)(self._lookup)
        self._network: Callable[[int, int], Network] = lru_cache(CACHED)(self._named)

    @classmethod
    def open(cls, country: Path | None = None, asn: Path | None = None, cache: Path | None = None) -> "Networks":
        """Open the bundled tables, or an MMDB instead of either.

        With `cache` the joined table is written to that folder once and mapped from there, so that processes share its
        memory. Raises ConfigError when a file cannot be read.
        """
        countries, networks = _mmdb(country, "mmdb_country"), _mmdb(asn, "mmdb_asn")
        parts = network_table.load(cache) if countries is None or networks is None else None
        return cls(parts, countries, networks)

    def synthetic(self, ip: str) -> Network:
        """As `lookup`, for synthetic evidence: the invented networks of the demonstration, elsewhere the tables."""
        return _demonstration().get(ip.rpartition(".")[0]) or self.lookup(ip)

    def _lookup(self, ip: str) -> Network:
        try:
            value, wide = _packed(ip)
        except (OSError, ValueError):
            return UNKNOWN
        if (value >> 24 in _OCTETS or wide) and _within(_RESERVED6 if wide else _RESERVED4, value):
            return PRIVATE
        country, number, name = self._bundled(value, wide) if self._open else UNKNOWN
        if self._country is not None:
            country = _mmdb_country(_record(self._country, ip))
        if self._asn is not None:
            number, name = _mmdb_network(_record(self._asn, ip))
        return Network(country, number, name)

    def _bundled(self, value: int, wide: bool) -> Network:
        if wide:
            start, country, name = self._table6
            index = bisect.bisect_right(start, value) - 1
        else:
            start, country, name = self._table4
            block = value >> 16
            index = bisect.bisect_right(start, value, self._index4[block], self._index4[block + 1]) - 1
        return self._network(country[index], name[index])

    def _named(self, country: int, name: int) -> Network:
        return Network(self._codes[country], 0, str(self._names[self._ends[name] : self._ends[name + 1]], "utf-8"))


def _mmdb(path: Path | None, setting: str) -> Any:
    if path is None:
        return None
    try:
        return maxminddb.open_database(str(path))
    except (OSError, ValueError, maxminddb.InvalidDatabaseError) as error:
        raise ConfigError(f"{setting}: cannot read {path}: {error}") from error


def _record(table: Any, ip: str) -> Any:
    try:
        return table.get(ip)
    except (ValueError, maxminddb.InvalidDatabaseError):  # an IPv6 address in a table for IPv4; a damaged record
        return None


def _mmdb_country(record: Any) -> str:
    record = record if isinstance(record, dict) else {}
    found = record.get("country") or record.get("registered_country") or {}
    return str(found.get("iso_code") or "") if isinstance(found, dict) else str(found)


def _mmdb_network(record: Any) -> tuple[int, str]:
    record = record if isinstance(record, dict) else {}
    return int(record.get("autonomous_system_number") or 0), str(record.get("autonomous_system_organization") or "")


@lru_cache(1)
def _demonstration() -> dict[str, Network]:
    text = resources.files("counterspam").joinpath("data/demo_networks.json").read_text(encoding="utf-8")
    return {f"198.18.{third}": Network(*row) for third, row in json.loads(text).items() if third.isdigit()}
