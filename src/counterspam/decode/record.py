"""What every decoder shares: building Evidence from a Raw with its identity, and the limits that bound all of them."""

import hashlib
from collections.abc import Sequence
from typing import Any

from counterspam.model import Evidence, Raw
from counterspam.taxonomy import Channel, Source

MB = 1024 * 1024
MAX_INFLATED = 100 * MB
MAX_DEPTH = 40
MAX_PARTS = 1000
MAX_RECORDS = 1_000_000
MAX_TEXT = 200_000
MAX_URLS = 200
MAX_CUT = 64 * 1024
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}  # its upper two bits are 10


def digest(*parts: bytes | str) -> str:
    """Identity over `parts`, 32 hex digits; the parts are length-prefixed, so their borders count."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.hexdigest()


def evidence_id(raw: Raw, index: int) -> str:
    """A UUIDv7 (RFC 9562 section 5.7) that depends on nothing but the raw item and the record's place in it."""
    tail = hashlib.blake2b(f"{raw.id}/{raw.first + index}".encode(), digest_size=10).hexdigest()
    time = f"{raw.received_at & (2**48 - 1):012x}"
    return f"{time[:8]}-{time[8:]}-7{tail[1:4]}-{_VARIANT[tail[4]]}{tail[5:8]}-{tail[8:]}"


def evidence(
    raw: Raw,
    index: int,
    format: str,
    *,
    identity: Sequence[bytes | str],
    channel: Channel,
    source: Source,
    observed_at: int = 0,
    **fields: Any,
) -> Evidence:
    """Evidence from record `index` of `raw`. What the collector was told beats what the decoder assumes.

    `identity` are the parts that make this the same evidence when it comes again; the reporter is added to them.
    `observed_at` 0, before 1980 or more than a day ahead falls back to the time of receipt.
    """
    reporter = fields.pop("reporter", "") or raw.reporter
    if not 315_532_800_000 <= observed_at <= raw.received_at + 86_400_000:
        observed_at = raw.received_at
    fields.setdefault("jurisdiction", raw.jurisdiction)
    fields["jurisdiction"] = fields["jurisdiction"] or raw.jurisdiction
    return Evidence(
        id=evidence_id(raw, index),
        key=digest(format, reporter, *identity),
        received_at=raw.received_at,
        observed_at=observed_at,
        channel=Channel(raw.channel) if raw.channel else channel,
        source=Source(raw.source) if raw.source else source,
        format=format,
        intake=raw.intake,
        reporter=reporter,
        synthetic=raw.synthetic or fields.pop("synthetic", False),
        **fields,
    )
