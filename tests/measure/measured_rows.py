"""Rows for the event store, made up from a seed, and nothing but plain Python to count them again."""

import random
import uuid
from collections import Counter
from typing import Any

import pyarrow as pa

from counterspam.store.rows import BLANK, SCHEMA

Row = dict[str, Any]
NOW = 1_795_327_200  # 22 November 2026, 06:00 UTC, seconds
DAY, HOUR = 86_400, 3_600

DEFAULTS: Row = (
    {field.name: "" for field in SCHEMA}
    | BLANK
    | {
        "node": "node",
        "count": 1,
        "seen_before": 0,
        "spam": 1,
        "probability": 0.9,
        "asn": 0,
        "transit": [],
        "domains": [],
        "numbers": [],
        "campaign": 0,
        "record": 0,
        "synthetic": 0,
        "nature": "fraudulent",
        "sender_kind": "phone",
    }
)


def row(received_at: int, after: int = 0, **given: Any) -> Row:
    """One event, received at that second and so many milliseconds."""
    at = received_at * 1000 + after
    identity = uuid.UUID(int=at << 80 | 0x7 << 76 | random.getrandbits(64) | 0x8 << 60)
    times = {"received_at": at, "observed_at": at - 60_000}
    return {**DEFAULTS, "id": str(identity), **times, **given}


def rows(count: int, seed: int) -> list[Row]:
    """Events of the last 40 days, thicker towards now; some channels, countries and campaigns are rare."""
    rng = random.Random(seed)
    found = []
    for _ in range(count):
        spam = rng.random() < 0.8
        campaign = rng.choice([0, 11, 12, 12, 13, 14, rng.randrange(100, 10_000)])
        found.append(
            row(
                NOW - 1 - int(rng.random() ** 3 * 40 * DAY),
                rng.randrange(1000),
                channel=rng.choice(["email", "email", "sms", "voice", "rcs"]),
                source=rng.choice(["user-report", "trap", "filter"]),
                reporter=rng.choice(["", "a1", "b2", "c3"]),
                spam=int(spam),
                content_type=rng.choice(["parcel", "bank", "unknown", "other"]) if spam else "ham",
                country=rng.choice(["", "DE", "NG", "CI", "AQ"] if rng.random() < 0.2 else ["DE", "NG"]),
                asn=rng.choice([0, 64496, 64497]),
                network="Example Net",
                operator=rng.choice(["", "Example Mobile"]),
                transit=rng.choice([[], [], ["NL"], ["NL", "FR"]]),
                recipient_country=rng.choice(["CI", "SN", ""]),
                count=rng.choice([1, 1, 1, 40]),
                campaign=campaign,
                sender=rng.choice(["+15550100", "+15550101"]),
                body_hash=rng.choice(["aa", "bb"]),
                excerpt="Your parcel is held",
                domains=["parcel.example"],
                numbers=["+15550199"],
                synthetic=int(rng.random() < 0.3),
            )
        )
    before: Counter[int] = Counter()
    for one in found:
        one["seen_before"] = before[one["campaign"]]
        before[one["campaign"]] += one["count"]
    return found


def table(found: list[Row]) -> pa.Table:
    """The rows as the event store takes them."""
    columns = []
    for field in SCHEMA:
        values = [one[field.name] for one in found]
        if pa.types.is_dictionary(field.type):
            columns.append(pa.array(values, pa.string()).dictionary_encode())
        else:
            columns.append(pa.array(values, field.type))
    return pa.Table.from_arrays(columns, schema=SCHEMA)
