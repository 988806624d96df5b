"""Origin and route of calls and messages."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterspam.locate import call_route, message_route
from counterspam.model import Facts
from counterspam.taxonomy import Channel, SenderKind, Source

SN, US, FR = "+221770000000", "+12025550123", "+33600000000"


def call(evidence: Callable[..., Any], sender: str, *relays: str, **fields: Any) -> Any:
    fields = {"channel": Channel.VOICE, "source": Source.CALL_RECORD, "sender_kind": SenderKind.PHONE, **fields}
    return evidence(sender=sender, relays=relays, **fields)


def test_a_call_comes_from_its_number(evidence: Callable[..., Any], tools: Callable[..., Any]) -> None:
    origin = call_route.locate(call(evidence, US), tools())
    assert (origin.country, origin.basis, origin.destination, origin.hops) == ("US", "number", "SN", ())


def test_relays_are_hops(evidence: Callable[..., Any], tools: Callable[..., Any]) -> None:
    origin = call_route.locate(call(evidence, US, "Example Trunk", FR, "192.0.2.4"), tools())
    assert [(hop.by, hop.country, hop.trusted) for hop in origin.hops] == [
        ("Example Trunk", "", True),
        (FR, "FR", True),
        ("192.0.2.4", "DE", True),
    ]
    assert (origin.country, origin.injection, origin.transit) == ("US", 2, ("DE", "FR"))


def test_own_number_from_abroad_is_noted(evidence: Callable[..., Any], tools: Callable[..., Any]) -> None:
    origin = call_route.locate(call(evidence, SN, "Example Trunk", FR), tools())
    assert [hop.note for hop in origin.hops] == ["", "a number of SN arriving from FR"]
    at_home = call_route.locate(call(evidence, SN, "+221330000000"), tools())
    assert [hop.note for hop in at_home.hops] == [""]


def test_a_user_report_is_believed_for_the_nearest_relay_only(
    evidence: Callable[..., Any], tools: Callable[..., Any]
) -> None:
    origin = call_route.locate(
        call(evidence, "", FR, US, source=Source.USER_REPORT, sender_kind=SenderKind.UNKNOWN), tools()
    )
    assert [hop.trusted for hop in origin.hops] == [True, False]
    assert (origin.country, origin.basis, origin.injection) == ("FR", "record", 0)


@pytest.mark.parametrize(
    ("fields", "country", "basis"),
    [
        ({"sender": US, "sender_kind": SenderKind.PHONE}, "US", "number"),
        ({"sender": "ExampleBank", "sender_kind": SenderKind.ALPHANUMERIC}, "", ""),
        ({"sender": "ExampleBank", "sender_kind": SenderKind.ALPHANUMERIC, "relays": (FR,)}, "FR", "record"),
        ({"sender": "ExampleBank", "sender_kind": SenderKind.ALPHANUMERIC, "source_ip": "192.0.2.9"}, "DE", "ip"),
        ({"sender": "198.51.100.3", "sender_kind": SenderKind.IP}, "NG", "ip"),
        ({"sender": "http://[2001:db8::5]:8080/a", "sender_kind": SenderKind.URL}, "US", "ip"),
        ({"sender": "https://shop.example/", "sender_kind": SenderKind.URL}, "", ""),
        ({"sender": "http://[broken", "sender_kind": SenderKind.URL}, "", ""),
        ({"sender": "@seller", "sender_kind": SenderKind.HANDLE}, "", ""),
        ({"sender": "7726", "sender_kind": SenderKind.SHORT_CODE}, "", ""),
    ],
)
def test_messages(
    fields: dict[str, Any], country: str, basis: str, evidence: Callable[..., Any], tools: Callable[..., Any]
) -> None:
    origin = message_route.locate(evidence(channel=Channel.SMS, **fields), Facts(), tools())
    assert (origin.country, origin.basis, origin.destination) == (country, basis, "SN")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sender=st.text(max_size=30),
    kind=st.sampled_from(SenderKind),
    relays=st.lists(st.text(max_size=20) | st.sampled_from([SN, US, "192.0.2.1"]), max_size=30),
    ip=st.text(max_size=20),
)
def test_any_message_gives_an_origin(
    sender: str, kind: SenderKind, relays: list[str], ip: str, evidence: Callable[..., Any], tools: Callable[..., Any]
) -> None:
    item = evidence(channel=Channel.IM, sender=sender, sender_kind=kind, relays=tuple(relays), source_ip=ip)
    origin = message_route.locate(item, Facts(), tools())
    assert len(origin.hops) <= 20
    assert -1 <= origin.injection < max(1, len(origin.hops))
