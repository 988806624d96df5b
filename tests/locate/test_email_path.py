"""The injection hop and what is false below it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterspam.locate.email_path import MAX_HOPS, locate, organisation
from counterspam.taxonomy import SenderKind

GOLDEN = json.loads((Path(__file__).parent.parent / "golden/locate/email_path.json").read_text(encoding="utf-8"))
OURS = "from bad.example.net (bad.example.net [198.51.100.7]) by mx.example.com with ESMTP id 1"


@pytest.mark.parametrize("sample", GOLDEN, ids=lambda sample: sample["case"])
def test_chains(sample: dict[str, Any], evidence: Callable[..., Any], tools: Callable[..., Any]) -> None:
    origin = locate(evidence(received=tuple(sample["received"])), tools(*sample["trusted"]))
    assert (origin.ip, origin.country, origin.injection) == (sample["ip"], sample["country"], sample["injection"])
    assert sum(hop.trusted for hop in origin.hops) == sample["believed"]
    assert [at for at, hop in enumerate(origin.hops) if hop.forged] == sample["forged"]
    assert list(origin.transit) == sample["transit"]
    assert origin.destination == "SN"
    assert origin.basis == ("ip" if sample["country"] else "")


def test_what_a_report_names_outranks_the_chain(evidence: Callable[..., Any], tools: Callable[..., Any]) -> None:
    older = "from pc (pc.example.net [192.0.2.9]) by bad.example.net with ESMTP id 0"
    seen = locate(evidence(received=(OURS, older), source_ip="192.0.2.9"), tools())
    assert (seen.ip, seen.country, seen.injection, seen.transit) == ("192.0.2.9", "DE", 1, ("NG",))
    assert all(hop.trusted for hop in seen.hops)
    unseen = locate(evidence(received=(OURS,), source_ip="203.0.113.4"), tools())
    assert (unseen.ip, unseen.country, unseen.injection, len(unseen.hops)) == ("203.0.113.4", "FR", 0, 2)
    assert [hop.trusted for hop in unseen.hops] == [True, False]


def test_an_address_alone(evidence: Callable[..., Any], tools: Callable[..., Any]) -> None:
    origin = locate(evidence(source_ip="192.0.2.1", recipient_country="KE"), tools())
    assert (origin.country, origin.asn, origin.network, origin.destination) == ("DE", 64500, "Example Net", "KE")
    by_sender = locate(evidence(sender="192.0.2.1", sender_kind=SenderKind.IP), tools())
    assert by_sender.ip == "192.0.2.1"


@pytest.mark.parametrize("named", ["", "nonsense", "999.1.1.1"])
def test_unknown_is_a_value(named: str, evidence: Callable[..., Any], tools: Callable[..., Any]) -> None:
    origin = locate(evidence(source_ip=named), tools())
    assert (origin.country, origin.basis, origin.injection, origin.destination) == ("", "", -1, "SN")


def test_synthetic_evidence_uses_the_invented_networks(evidence: Callable[..., Any], tools: Callable[..., Any]) -> None:
    line = OURS.replace("198.51.100.7", "198.18.3.7")
    assert locate(evidence(received=(line,), synthetic=True), tools()).country == "JP"
    assert locate(evidence(received=(line,)), tools()).country == ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.text(max_size=80) | st.sampled_from([s for g in GOLDEN for s in g["received"]]), max_size=8))
def test_any_chain_gives_an_origin(lines: list[str], evidence: Callable[..., Any], tools: Callable[..., Any]) -> None:
    origin = locate(evidence(received=tuple(lines)), tools())
    assert len(origin.hops) == len(lines)
    assert -1 <= origin.injection < max(1, len(lines))
    if origin.injection >= 0 and lines:
        assert origin.hops[origin.injection].trusted
        assert origin.ip == origin.hops[origin.injection].ip


def test_the_chain_is_bounded(evidence: Callable[..., Any], tools: Callable[..., Any]) -> None:
    assert len(locate(evidence(received=(OURS,) * 5000), tools()).hops) == MAX_HOPS


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("a.b.example.co.uk", "example.co.uk"),
        ("EUR.PROD.OUTLOOK.COM.", "outlook.com"),
        ("localhost", ""),
        ("1.2.3.4", ""),
    ],
)
def test_organisation(host: str, domain: str) -> None:
    assert organisation(host) == domain
