"""The node's own lists of what is never, or always, counted as spam (X1240-3). The allow-list beats everything."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from counterspam.errors import ConfigError
from counterspam.model import Check, Evidence, Facts
from counterspam.reasons import answer
from counterspam.tools import Tools

_NOT_LISTED = answer("lists", "not-listed")
_ALLOWED = answer("lists", "allowed")
_BLOCKED = answer("lists", "blocked")
MOST = 1_000_000

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Entries:
    """One list: exact names (domains count with all below them), number prefixes ("+88213*" in the file), networks."""

    names: frozenset[str] = frozenset()
    prefixes: tuple[str, ...] = ()
    networks: tuple[Network, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.names or self.prefixes or self.networks)


@dataclass(frozen=True, slots=True)
class Lists:
    """Both lists of a node."""

    allow: Entries = Entries()
    block: Entries = Entries()


def load(allow: Path | None, block: Path | None) -> Lists:
    """Read the lists: one domain, mail address, number (E.164), sender id, address or network per line, `#` comments.

    Raises ConfigError naming file and line.
    """
    return Lists(allow=_read(allow), block=_read(block))


def _read(path: Path | None) -> Entries:
    if path is None:
        return Entries()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"list {path}: {error}") from error
    names: set[str] = set()
    prefixes: set[str] = set()
    networks: set[Network] = set()
    for number, line in enumerate(text.splitlines(), 1):
        entry = line.partition("#")[0].strip().lower()
        if not entry:
            continue
        if len(entry) > 320 or number > MOST:
            raise ConfigError(f"list {path}, line {number}: too long")
        if entry.endswith("*"):
            if not entry.startswith("+") or not entry[1:-1].isdigit():
                raise ConfigError(
                    f"list {path}, line {number}: a star may only end a number such as +88213*, not {entry!r}"
                )
            prefixes.add(entry[:-1])
        elif network := _network(entry):
            networks.add(network)
        elif "/" in entry:
            raise ConfigError(f"list {path}, line {number}: {entry!r} is neither a network nor a name")
        else:
            names.add(entry.lstrip("@").rstrip("."))
    return Entries(frozenset(names), tuple(sorted(prefixes)), tuple(sorted(networks, key=str)))


def _network(entry: str) -> Network | None:
    try:
        return ipaddress.ip_network(entry, strict=False)
    except ValueError:
        return None


def check(evidence: Evidence, facts: Facts, tools: Tools) -> Check:
    """Whether sender or address are allowed; else whether they, a link or a number in the text are blocked."""
    lists = tools.lists
    if not lists.allow and not lists.block:
        return _NOT_LISTED
    sender = evidence.sender.lower()
    if lists.allow and _among(lists.allow, sender, facts.sender_domain, evidence.source_ip):
        return _ALLOWED
    if lists.block and (
        _among(lists.block, sender, facts.sender_domain, evidence.source_ip)
        or any(_known(lists.block, host) for host in facts.hosts)
        or any(_number(lists.block, number) for number in facts.numbers)
    ):
        return _BLOCKED
    return _NOT_LISTED


def _among(entries: Entries, sender: str, domain: str, ip: str) -> bool:
    if sender and (sender in entries.names or _number(entries, sender)):
        return True
    return (bool(domain) and _known(entries, domain)) or (bool(ip) and _inside(entries, ip))


def _number(entries: Entries, number: str) -> bool:
    return number in entries.names or (bool(entries.prefixes) and number.startswith(entries.prefixes))


def _known(entries: Entries, host: str) -> bool:
    if entries.networks and _inside(entries, host):
        return True
    while host:
        if host in entries.names:
            return True
        host = host.partition(".")[2]
    return False


def _inside(entries: Entries, ip: str) -> bool:
    if not entries.networks:
        return False
    try:
        address = ipaddress.ip_address(ip)
    except ValueError:
        return False
    return any(address in network for network in entries.networks)
