"""Invented findings for the tests of the store."""

import uuid
from collections.abc import Mapping, Sequence

import pyarrow as pa
from sqlalchemy import Connection

from counterspam.model import Attachment, Authentication, Check, Evidence, Facts, Finding, Hop, Origin, Span, Verdict
from counterspam.store import campaigns, rows
from counterspam.taxonomy import Channel, ContentType, Nature, Payload, SenderKind, Source, Technique

AT = 1_790_000_000_000
HOP = Hop(by="mx.example.net", trusted=True)


def finding(number: int, text: str = "Your parcel waits, pay at http://parcel.example", **fields: object) -> Finding:
    """The finding with this number; `fields` replace those of its evidence."""
    known = {
        "id": str(uuid.UUID(int=number)),
        "key": f"{number:032x}",
        "received_at": AT + number * 60_000,
        "observed_at": AT,
        "channel": Channel.SMS if number % 2 else Channel.EMAIL,
        "source": Source.USER_REPORT,
        "format": "complaint",
        "intake": "http",
        "reporter": f"{number % 3:016x}",
        "sender": "+15550100",
        "sender_kind": SenderKind.PHONE,
        "text": text,
        "count": number % 5 + 1,
        "auth": Authentication(spf="pass", arc="fail"),
        "attachments": (Attachment("a.pdf", "application/pdf", 10, "00" * 32),),
    }
    return Finding(
        evidence=Evidence(**{**known, **fields}),  # type: ignore[arg-type]
        facts=Facts(urls=("http://parcel.example/",), domains=("parcel.example",), body_hash="ab", language="en"),
        verdict=Verdict(
            probability=0.75,
            spam=number % 2 == 0,
            content_type=ContentType.PARCEL,
            nature=Nature.FRAUDULENT,
            payload=Payload.URL,
            technique=Technique.UNKNOWN,
            checks=(Check("links", "1 link", 0.5, "one link"), Check("lists", "on none")),
            spans=(Span("text", 0, 4, 0.31234567),),
            summary="Looks like a parcel fraud",
        ),
        origin=Origin(country="FR", asn=64500, network="Example", transit=("DE",), hops=(HOP,)),
        keys=(number, number + 1),
    )


def assign(
    conn: Connection, keys: Sequence[Sequence[int]], arrived: Sequence[Mapping[str, object]]
) -> campaigns.Assigned:
    """`campaigns.assign` for rows of the event store with these fields."""
    return campaigns.assign(conn, keys, pa.Table.from_pylist(arrived, rows.SCHEMA))
