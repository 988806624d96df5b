"""Evidence and tools for the tests of this folder."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from counterspam.locate.network import Network
from counterspam.model import Evidence
from counterspam.taxonomy import Channel, Source

# Documentation ranges with invented owners, as no real address may stand in a test.
OWNERS = {
    "192.0.2.": Network("DE", 64500, "Example Net"),
    "198.51.100.": Network("NG", 64501, "Example Host"),
    "203.0.113.": Network("FR", 64502, "Exemple"),
    "2001:db8:": Network("US", 64503, "Example Mail"),
}


class Owners:
    """Stands in for Networks."""

    def lookup(self, ip: str) -> Network:
        return next((owner for start, owner in OWNERS.items() if ip.startswith(start)), Network("", 0, ""))

    def synthetic(self, ip: str) -> Network:
        return Network("JP", 64504, "Invented") if ip.startswith("198.18.") else self.lookup(ip)


def make_evidence(**fields: Any) -> Evidence:
    defaults = {
        "id": "1",
        "key": "1",
        "received_at": 1_709_630_000_000,
        "observed_at": 0,
        "channel": Channel.EMAIL,
        "source": Source.USER_REPORT,
        "format": "rfc5322",
        "intake": "t",
        "jurisdiction": "SN",
    }
    return Evidence(**{**defaults, **fields})


@pytest.fixture
def evidence() -> Callable[..., Evidence]:
    return make_evidence


@pytest.fixture
def tools() -> Callable[..., Any]:
    def build(*trusted: str) -> Any:
        return SimpleNamespace(networks=Owners(), config=SimpleNamespace(trusted_hosts=trusted))

    return build
