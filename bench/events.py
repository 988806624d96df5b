"""Rows as the path writes them, many at a time: a pool of blocks with realistic numbers of distinct values, moved in time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from counterspam.store import rows

CAMPAIGNS = 200_000
_COUNTRIES = ["US", "CN", "RU", "BR", "IN", "FR", "NG", "VN", "DE", ""]
_HEX = np.frombuffer(b"0123456789abcdef", np.uint8)


@dataclass(frozen=True, slots=True)
class Pool:
    """Blocks of rows whose times and ids are still to be given."""

    blocks: list[pa.Table]

    def arrived(self, number: int, start: int, length: int) -> pa.Table:
        """Block `number` of a stream, received evenly from `start` for `length` milliseconds, in order."""
        block = self.blocks[number % len(self.blocks)]
        dice = np.random.default_rng(number)
        at = np.sort(start + dice.integers(0, length, len(block)))
        late = dice.exponential(60_000, len(block)).astype(np.int64)
        given = {"id": _ids(at, dice), "received_at": pa.array(at), "observed_at": pa.array(at - late)}
        for name, values in given.items():
            place = block.schema.get_field_index(name)
            block = block.set_column(place, rows.SCHEMA.field(name), values.cast(rows.SCHEMA.field(name).type))
        return block


def pool(count: int, size: int, seed: int = 1) -> Pool:
    """`count` blocks of `size` rows."""
    return Pool([_block(size, np.random.default_rng(seed * 1000 + number), number) for number in range(count)])


def _block(count: int, dice: np.random.Generator, number: int) -> pa.Table:
    values = {**_sent(dice, count), **_judged(dice, count, number)}
    columns = [_column(values[f.name], f.type) if f.name in values else _blank(f.type, count) for f in rows.SCHEMA]
    return pa.Table.from_arrays(columns, schema=rows.SCHEMA)


def _sent(dice: np.random.Generator, count: int) -> dict[str, Any]:
    """Who sent what to whom, and who says so."""
    channel = dice.choice(["email", "sms", "voice", "im", "social"], count, p=[0.5, 0.3, 0.1, 0.05, 0.05])
    by_number = np.isin(channel, ["sms", "voice"])
    by_mail = channel == "email"
    asn = np.where(by_number, 0, dice.zipf(1.5, count).clip(1, 3000)).astype(np.uint32)
    operator = np.where(by_number, dice.zipf(1.5, count).clip(1, 500), 0)
    reported = dice.random(count) < 0.4
    observers = dice.choice(["trap", "filter", "call-record"], count, p=[0.5, 0.3, 0.2])
    number = np.char.add("+4477009", dice.integers(0, 99_999, count).astype(str))
    domain = np.char.add(np.char.add("d", dice.zipf(1.4, count).clip(1, 50_000).astype(str)), ".example")
    checked = ["pass", "fail", "none", "softfail"]
    return {
        "channel": channel,
        "source": np.where(reported, "user-report", observers),
        "format": np.where(by_mail, "rfc5322", np.where(by_number, "complaint", "evidence_json")),
        "intake": np.where(reported, "http", "smtp"),
        "node": np.full(count, "node"),
        "reporter": np.where(reported, dice.integers(0, 200_000, count).astype(str), ""),
        "country": np.array(_COUNTRIES)[(asn + operator) * 7 % len(_COUNTRIES)],  # an operator is in one country
        "asn": asn,
        "network": np.where(asn > 0, np.char.add("Network ", asn.astype(str)), ""),
        "operator": np.where(by_number, np.char.add("Operator ", operator.astype(str)), ""),
        "transit": _transit(dice, count),
        "recipient_country": dice.choice(["FR", "SN", "GB", ""], count, p=[0.4, 0.3, 0.2, 0.1]),
        "recipient_operator": np.char.add("Operator ", dice.integers(0, 12, count).astype(str)),
        "sender": np.where(by_number, number, np.char.add("x@", domain)),
        "sender_kind": np.where(by_number, "phone", "email"),
        "sender_domain": np.where(by_number, "", domain),
        "language": dice.choice(["en", "fr", "ar", "es", "zh", ""], count),
        "spf": np.where(by_mail, dice.choice(checked, count), ""),
        "dkim": np.where(by_mail, dice.choice(checked[:3], count), ""),
        "dmarc": np.where(by_mail, dice.choice(checked[:3], count), ""),
        "stir": np.where(channel == "voice", dice.choice(["A", "B", "C", ""], count), ""),
    }


def _judged(dice: np.random.Generator, count: int, number: int) -> dict[str, Any]:
    """What was found out about it."""
    campaign = dice.zipf(1.3, count).clip(1, CAMPAIGNS).astype(np.uint64)
    kinds = ["parcel", "bank", "loan", "job-offer", "account-phishing", "pharmacy", "unknown"]
    spam = (dice.random(count) < 0.6).astype(np.uint8)
    return {
        "content_type": np.where(spam, dice.choice(kinds, count, p=[0.3, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1]), "ham"),
        "nature": np.where(spam, dice.choice(["fraudulent", "commercial"], count), "unknown"),
        "payload": dice.choice(["url", "none", "call-back-number"], count),
        "technique": dice.choice(["unknown", "bulk-service", "spoofed-id"], count),
        "disposition": dice.choice(["unknown", "blocked", "delivered"], count),
        "count": np.ones(count, np.uint32),
        "campaign": campaign,
        "seen_before": _seen_before(campaign, number),
        "spam": spam,
        "probability": dice.random(count).astype(np.float32),
        "excerpt": np.char.add("your parcel is on hold ", dice.integers(0, 9999, count).astype(str)),
        "body_hash": dice.integers(0, 10**9, count).astype(str),
    }


def _ids(at: Any, dice: np.random.Generator) -> pa.Array:
    """UUIDv7 by time of receipt, as the path makes them."""
    count = len(at)
    text = np.full((count, 36), ord("-"), np.uint8)
    shifts = np.arange(44, -4, -4, dtype=np.uint64)
    digits = np.concatenate([(at.astype(np.uint64)[:, None] >> shifts) & 15, dice.integers(0, 16, (count, 20))], axis=1)
    digits[:, 12], digits[:, 16] = 7, 8 + digits[:, 16] % 4
    places = [i for i in range(36) if i not in (8, 13, 18, 23)]
    text[:, places] = _HEX[digits.astype(np.intp)]
    offsets = pa.array(np.arange(0, 36 * count + 1, 36, dtype=np.int32))
    return pa.StringArray.from_buffers(count, offsets.buffers()[1], pa.py_buffer(text.tobytes()))


def _transit(dice: Any, count: int) -> pa.Array:
    """One message in ten names one or two countries that it passed."""
    passed = dice.choice([0, 1, 2], count, p=[0.9, 0.06, 0.04])
    offsets = np.concatenate([[0], np.cumsum(passed)]).astype(np.int32)
    names = dice.choice(["NL", "FR", "DE", "GB", "SG", ""], offsets[-1])
    return pa.ListArray.from_arrays(offsets, _column(names, rows.SCHEMA.field("transit").type.value_type))


def _seen_before(campaign: Any, number: int) -> Any:
    """Messages of the same campaign before each: those of earlier blocks, as if they were like this one."""
    order = np.argsort(campaign, kind="stable")
    _, starts, sizes = np.unique(campaign[order], return_index=True, return_counts=True)
    found = np.empty(len(campaign), np.uint32)
    found[order] = np.arange(len(campaign)) - np.repeat(starts, sizes) + number * np.repeat(sizes, sizes)
    return found


def _column(value: object, kind: pa.DataType) -> pa.Array:
    if isinstance(value, pa.Array):
        return value
    if pa.types.is_dictionary(kind):
        return pa.array(np.asarray(value).astype(object), pa.string()).dictionary_encode().cast(kind)
    return pa.array(np.asarray(value).astype(object) if pa.types.is_string(kind) else value, kind)


def _blank(kind: pa.DataType, count: int) -> pa.Array:
    if pa.types.is_list(kind):
        return pa.array([[]] * count, kind)
    if pa.types.is_dictionary(kind):
        return pa.array([""] * count, pa.string()).dictionary_encode().cast(kind)
    if pa.types.is_timestamp(kind):
        return pa.array([0] * count, pa.int64()).cast(kind)
    return pa.array(["" if pa.types.is_string(kind) else 0] * count, kind)
